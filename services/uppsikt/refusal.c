/* refusal.c - what a refusal's key means, from the services' own catalogues and ours. */
#include "ask.h"
#include <stdlib.h>
#include <string.h>

extern const char uppsikt_words_sv[], uppsikt_words_en[];
extern const char uppsikt_registry_sv[], uppsikt_registry_en[];
extern const char uppsikt_escalation_sv[], uppsikt_escalation_en[];
extern const char uppsikt_ingest_sv[], uppsikt_ingest_en[];
extern const char uppsikt_archive_sv[], uppsikt_archive_en[];
extern const char uppsikt_feed_sv[], uppsikt_feed_en[];
extern const char uppsikt_evidence_sv[], uppsikt_evidence_en[];
extern const char uppsikt_console_sv[], uppsikt_console_en[];
extern const char uppsikt_classify_sv[], uppsikt_classify_en[];

/* Lines "key=words" or "key: words"; false: the key is not there. */
static bool look_up(const char *catalogue, const char *key, char *ret_text, size_t size)
{
    const size_t n = strlen(key);
    for (const char *line = catalogue; *line;) {
        const size_t len = strcspn(line, "\n");
        if (len > n && strncmp(line, key, n) == 0 && (line[n] == '=' || line[n] == ':')) {
            const char *words = line + n + 1 + (line[n + 1] == ' ');
            snprintf(ret_text, size, "%.*s", (int)(line + len - words), words);
            return true;
        }
        line += len + (line[len] == '\n');
    }
    return false;
}

/* Swedish, unless the operator's own language is English. */
const char *ask_language(void)
{
    static const char *const variables[] = { "UPPSIKT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < UPP_LEN(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && value[0])
            return strncmp(value, "en", 2) == 0 ? "en" : "sv";
    }
    return "sv";
}

const char *ask_refusal(const char *service, const char *key, char *ret_text, size_t size)
{
    const struct {
        const char *service; /* NULL: any; ours come first where they say what to type */
        const char *sv, *en;
    } catalogues[] = {
        { NULL, uppsikt_words_sv, uppsikt_words_en },
        { "registry", uppsikt_registry_sv, uppsikt_registry_en },
        { "escalation", uppsikt_escalation_sv, uppsikt_escalation_en },
        { "ingest", uppsikt_ingest_sv, uppsikt_ingest_en },
        { "archive", uppsikt_archive_sv, uppsikt_archive_en },
        { "feed", uppsikt_feed_sv, uppsikt_feed_en },
        { "evidence", uppsikt_evidence_sv, uppsikt_evidence_en },
        { "console", uppsikt_console_sv, uppsikt_console_en },
        { "classify", uppsikt_classify_sv, uppsikt_classify_en },
    };
    const bool en = strcmp(ask_language(), "en") == 0;
    for (size_t i = 0; i < UPP_LEN(catalogues); i++)
        if ((!catalogues[i].service || upp_part_of(catalogues[i].service, service)) &&
            look_up(en ? catalogues[i].en : catalogues[i].sv, key, ret_text, size))
            return ret_text;
    snprintf(ret_text, size, "%s", key);
    return ret_text;
}
