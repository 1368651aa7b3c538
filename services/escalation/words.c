/* words.c - looking a text up in an embedded catalogue: one `key=text` a line. */
#include "words.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_escalation_words_sv[];
extern const char upp_escalation_words_en[];

const char *words_get(const char *language, const char *key, char *ret_text, size_t size)
{
    const bool english = language && strcmp(language, "en") == 0;
    const size_t n = strlen(key);
    for (const char *at = english ? upp_escalation_words_en : upp_escalation_words_sv; *at;) {
        const char *end = strchr(at, '\n');
        const size_t len = end ? (size_t)(end - at) : strlen(at);
        if (len > n && at[n] == '=' && strncmp(at, key, n) == 0) {
            snprintf(ret_text, size, "%.*s", (int)(len - n - 1), at + n + 1);
            return ret_text;
        }
        at += len + (end ? 1 : 0);
    }
    snprintf(ret_text, size, "%s", key);
    return ret_text;
}

/* The i-th word of a list with spaces between. */
static void word_of(const char *language, const char *key, int i, char *ret_word, size_t size)
{
    char list[160];
    const char *at = words_get(language, key, list, sizeof list);
    for (; i > 0 && strchr(at, ' '); i--)
        at = strchr(at, ' ') + 1;
    snprintf(ret_word, size, "%.*s", (int)strcspn(at, " "), at);
}

void words_when(const char *language, int64_t local_ms, char ret_text[WORDS_TIME])
{
    char weekday[16], month[16];
    const civil_day day = civil_day_at(local_ms);
    const civil_date date = civil_date_of(day);
    const int64_t minute = (local_ms - (int64_t)day * UPP_DAY) / UPP_MINUTE;
    word_of(language, "weekdays", civil_weekday(day), weekday, sizeof weekday);
    word_of(language, "months", date.month - 1, month, sizeof month);
    snprintf(ret_text, WORDS_TIME, "%s %d %s %02d.%02d", weekday, (int)date.day, month,
             (int)(minute / 60), (int)(minute % 60));
}

void words_left(const char *language, upp_ms left_span, char ret_text[WORDS_TIME])
{
    char key[24], text[96];
    const char *what = left_span < 0 ? "late" : "left";
    const upp_ms span = left_span < 0 ? -left_span : left_span;
    const char *unit = span >= 2 * UPP_DAY ? "days"
                       : span >= UPP_DAY   ? "day"
                       : span >= UPP_HOUR  ? "hours"
                                           : "minutes";
    const upp_ms n = span >= UPP_DAY    ? span / UPP_DAY
                     : span >= UPP_HOUR ? span / UPP_HOUR
                                        : span / UPP_MINUTE;
    snprintf(key, sizeof key, "%s.%s", what, unit);
    words_get(language, key, text, sizeof text);
    const char *hole = strstr(text, "{n}");
    if (!hole)
        snprintf(ret_text, WORDS_TIME, "%.*s", WORDS_TIME - 1, text);
    else
        snprintf(ret_text, WORDS_TIME, "%.*s%lld%.20s", (int)(hole - text) % 20, text, (long long)n,
                 hole + 3);
}
