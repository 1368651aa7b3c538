/* window.c - the windows of the year that policy names, as campaigns with their instants (R26). */
#include "window.h"
#include <stdio.h>

static civil_date date_of(const zone *tz, upp_ms at)
{
    return civil_date_of(tz ? zone_day(tz, at) : civil_day_at(at));
}

/* The first instant of a day, or of the day after it. The 29th of February is the 28th in other
 * years. */
static upp_ms edge(const zone *tz, int32_t year, int64_t month_day, bool after)
{
    civil_date date = { year, (int32_t)(month_day / 100), (int32_t)(month_day % 100) };
    if (!civil_valid(date))
        date.day = 28;
    const civil_ms reading = ((civil_ms)civil_day_of(date) + (after ? 1 : 0)) * UPP_DAY;
    upp_ms at = reading;
    if (tz)
        (void)zone_instant(tz, reading, ZONE_FIRST, &at); /* a gap gives the first instant after */
    return at;
}

window window_at(const policy *pol, const zone *tz, upp_ms at)
{
    const int32_t year = date_of(tz, at).year;
    upp_check(pol->archive.n_windows > 0);
    for (int32_t y = year; y <= year + 1; y++)
        for (int64_t i = 0; i < pol->archive.n_windows; i++) {
            const int64_t days = pol->archive.window[i];
            window w = { .from = edge(tz, y, days / 10000, false),
                         .to = edge(tz, y, days % 10000, true) };
            if (w.to <= at)
                continue;
            snprintf(w.campaign, sizeof w.campaign, "%d-%d", (int)y, (int)i + 1);
            return w;
        }
    upp_broken("a year without a window", __FILE__, __LINE__);
}

void window_part(const zone *tz, int64_t n, upp_ms at, char ret_campaign[WINDOW_ID])
{
    const civil_date date = date_of(tz, at);
    const int64_t part = (date.month - 1) * n / 12 + 1;
    snprintf(ret_campaign, WINDOW_ID, "%d-%d", (int)date.year, (int)part);
}
