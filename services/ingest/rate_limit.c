/* rate_limit.c - a reset that is told as a time of day becomes a wait, without a clock of ours. */
#include "rate_limit.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 15 * 60, DAY_S = 24 * 60 * 60, DATE_SIZE = 29 };

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form that RFC 9110 §5.6.7 lets a server write; 0: it is
 * none. */
static upp_ms date_of(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4], iso[CIVIL_TEXT_SIZE];
    upp_ms at = 0;
    if (!text || strlen(text) != DATE_SIZE)
        return 0;
    snprintf(month, sizeof month, "%.3s", text + 8);
    const char *found = strstr(months, month);
    if (!found || (found - months) % 3 != 0)
        return 0;
    snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8sZ", text + 12, (int)(found - months) / 3 + 1,
             text + 5, text + 17);
    return civil_parse(iso, &at) == 0 ? at : 0;
}

upp_ms rate_limit_wait(const platform_answer *a, const char *reset)
{
    const char *after = answer_header(a, "retry-after");
    const char *until = answer_header(a, reset);
    const upp_ms now = date_of(answer_header(a, "date"));
    int64_t s = after ? strtoll(after, NULL, 10) : 0;
    if (s <= 0 && until && now > 0)
        s = strtoll(until, NULL, 10) - now / UPP_SECOND;
    else if (s <= 0)
        s = WINDOW;
    return (s < 1 ? 1 : s < DAY_S ? s : DAY_S) * UPP_SECOND;
}
