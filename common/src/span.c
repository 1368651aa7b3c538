/* span.c - how long something takes, as people write it. */
#include "span.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Largest first: printing takes the first that is exact. */
static const struct {
    const char *unit;
    upp_ms ms;
} units[] = {
    { "d", UPP_DAY }, { "h", UPP_HOUR }, { "min", UPP_MINUTE }, { "s", UPP_SECOND }, { "ms", 1 },
};

const char *upp_span_parse(const char *text, upp_ms *ret_span)
{
    if (text[0] < '0' || text[0] > '9')
        return "is not a time span; write a whole number and ms, s, min, h or d: 30s, 24h";
    errno = 0;
    char *end = NULL;
    const int64_t n = strtoll(text, &end, 10);
    if (*end == '\0')
        return "has no unit; write ms, s, min, h or d after the number: 30s, 24h";
    for (size_t i = 0; i < UPP_LEN(units); i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (errno == ERANGE || n > INT64_MAX / units[i].ms)
            return "is too long a time span; write a smaller number";
        *ret_span = n * units[i].ms;
        return NULL;
    }
    return "has a unit that is not known; write ms, s, min, h or d after one whole number: 30s, "
           "24h";
}

void upp_span_text(upp_ms span, char ret_text[UPP_SPAN_TEXT])
{
    size_t i = 0;
    if (span == 0)
        i = UPP_LEN(units) - 1;
    while (span % units[i].ms != 0)
        i++; /* ends at 1 ms */
    snprintf(ret_text, UPP_SPAN_TEXT, "%" PRId64 "%s", span / units[i].ms, units[i].unit);
}
