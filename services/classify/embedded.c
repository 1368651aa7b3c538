/* embedded.c - the lexicons, the model and the reasons that were built in. */
#include "classifier.h"
#include "model.h"
#include "own.h"
#include <string.h>

#define EMBEDDED_TEXT(name) extern const char classify_lexicon_##name[];
LEXICON_CLASSES(EMBEDDED_TEXT)
#undef EMBEDDED_TEXT
extern const char classify_model_bin[];
extern const char classify_reasons_sv[];
extern const char classify_reasons_en[];
extern const char classify_own_txt[];

static const struct classifier_file files[] = {
#define EMBEDDED_FILE(name) { #name, classify_lexicon_##name },
    LEXICON_CLASSES(EMBEDDED_FILE)
#undef EMBEDDED_FILE
};

const struct classifier_file *classifier_embedded_files(size_t *ret_n)
{
    *ret_n = UPP_LEN(files);
    return files;
}

const uint8_t *classifier_embedded_model(size_t *ret_len)
{
    const uint8_t *bytes = (const uint8_t *)classify_model_bin;
    *ret_len = model_length(bytes, MODEL_HEADER_BYTES);
    return bytes;
}

/* A line of the catalogue is "key = words". */
const char *classifier_reason(const char *key, const char *language, size_t *ret_len)
{
    const char *at = strcmp(language, "en") == 0 ? classify_reasons_en : classify_reasons_sv;
    const size_t n = strlen(key);
    while (*at) {
        const char *end = strchr(at, '\n');
        const char *stop = end ? end : at + strlen(at);
        if ((size_t)(stop - at) > n + 3 && memcmp(at, key, n) == 0 &&
            memcmp(at + n, " = ", 3) == 0) {
            *ret_len = (size_t)(stop - at) - n - 3;
            return at + n + 3;
        }
        at = end ? end + 1 : stop;
    }
    *ret_len = n;
    return key;
}

classifier *classifier_new_embedded(void (*say)(void *ctx, const char *line), void *ctx)
{
    size_t len = 0;
    const uint8_t *model = classifier_embedded_model(&len);
    return classifier_new_lent(model, len, lexicon_built_in(), say, ctx);
}

const char *own_embedded(void)
{
    return classify_own_txt;
}
