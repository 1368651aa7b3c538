/* config_fuzz.c - T10: a configuration of any bytes is read or refused, each complaint one line. */
#include "config.h"
#include "fuzz.h"

typedef struct settings {
    upp_ms span;
    int64_t count;
    bool flag;
    const char *text;
    upp_bytes file;
} settings;

static const upp_option options[] = {
    { "span", UPP_OPT_SPAN, offsetof(settings, span), "5min", "a span" },
    { "count", UPP_OPT_COUNT, offsetof(settings, count), "3", "a number" },
    { "flag", UPP_OPT_FLAG, offsetof(settings, flag), "yes", "a flag" },
    { "text", UPP_OPT_TEXT, offsetof(settings, text), "", "a text" },
    { "file", UPP_OPT_FILE, offsetof(settings, file), "", "a file" },
};
static const upp_service service = { .name = "fuzzed",
                                     .schema = "",
                                     .config_size = sizeof(settings),
                                     .options = options,
                                     .n_options = UPP_LEN(options) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    upp_config *config = upp_config_read(&service, fuzz_file(data, size), fuzz_say);
    if (config) {
        const settings *s = upp_config_service(config);
        upp_check(s->span >= 0 && upp_config_runtime(config)->data != NULL);
    }
    upp_config_free(config);
    return 0;
}
