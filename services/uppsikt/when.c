/* when.c - instants as operators write and read them. */
#include "when.h"
#include "span.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char no_now[] = "what time it is in the suite is not known; give a date";

/* "22:40"; false: no such time of day. */
static bool read_hour(const char *text, upp_ms *ret_span)
{
    const bool shape = strlen(text) == 5 && text[2] == ':' && strspn(text, "0123456789") == 2 &&
                       strspn(text + 3, "0123456789") == 2;
    if (!shape)
        return false;
    const int hour = (text[0] - '0') * 10 + text[1] - '0';
    const int minute = (text[3] - '0') * 10 + text[4] - '0';
    if (hour > 23 || minute > 59)
        return false;
    *ret_span = hour * UPP_HOUR + minute * UPP_MINUTE;
    return true;
}

static upp_ms on_day(const when_clock *clock, civil_day day, upp_ms hour)
{
    upp_ms at = 0;
    (void)zone_instant(clock->tz, day * UPP_DAY + hour, ZONE_FIRST, &at);
    return at;
}

/* "+5d", "-6h", "-1d 22:40" */
static const char *read_relative(const when_clock *clock, const char *text, upp_ms *ret_at)
{
    char span_text[UPP_SPAN_TEXT];
    upp_ms span = 0;
    upp_ms hour = 0;
    const char *blank = strchr(text, ' ');
    const size_t n = blank ? (size_t)(blank - text) : strlen(text);
    if (n - 1 >= sizeof span_text)
        return "is no such time";
    memcpy(span_text, text + 1, n - 1);
    span_text[n - 1] = '\0';
    const char *wrong = upp_span_parse(span_text, &span);
    if (wrong)
        return "after + or - a span is wanted: 30min, 6h, 5d";
    if (text[0] == '-')
        span = -span;
    const upp_ms now = clock->now(clock->ctx);
    if (now < 0)
        return no_now;
    if (!blank) {
        *ret_at = now + span;
        return NULL;
    }
    if (span % UPP_DAY != 0 || !read_hour(blank + 1, &hour))
        return "whole days and a time are wanted: -1d 22:40";
    *ret_at = on_day(clock, zone_day(clock->tz, now) + (civil_day)(span / UPP_DAY), hour);
    return NULL;
}

/* "sat 22:40"; 1: it is no weekday. */
static int read_weekday(const when_clock *clock, const char *text, upp_ms *ret_at,
                        const char **ret_why)
{
    static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    upp_ms hour = 0;
    int wanted = 0;
    while (wanted < 7 && (strncmp(text, names[wanted], 3) != 0 || text[3] != ' '))
        wanted++;
    if (wanted == 7)
        return 1;
    if (!read_hour(text + 4, &hour)) {
        *ret_why = "after the weekday a time is wanted: sat 22:40";
        return 0;
    }
    const upp_ms now = clock->now(clock->ctx);
    *ret_why = now < 0 ? no_now : NULL;
    if (now < 0)
        return 0;
    civil_day day = zone_day(clock->tz, now);
    day -= (civil_weekday(day) - wanted + 7) % 7;
    upp_ms at = on_day(clock, day, hour);
    if (at > now)
        at = on_day(clock, day - 7, hour);
    *ret_at = at;
    return 0;
}

const char *when_parse(const when_clock *clock, const char *text, upp_ms *ret_at)
{
    const char *why = NULL;
    int64_t at = 0;
    civil_day day = 0;
    if (text[0] == '+' || text[0] == '-')
        return read_relative(clock, text, ret_at);
    if (strcmp(text, "now") == 0) {
        const upp_ms now = clock->now(clock->ctx);
        if (now >= 0)
            *ret_at = now;
        return now < 0 ? no_now : NULL;
    }
    if (read_weekday(clock, text, ret_at, &why) == 0)
        return why;
    if (civil_parse_day(text, &day) == 0) {
        *ret_at = on_day(clock, day, 0);
        return NULL;
    }
    const int read = civil_parse(text, &at);
    if (read < 0)
        return "is no time; write 2026-11-24, 2026-11-24T15:30:00+01:00, -6h or sat 22:40";
    if (read == CIVIL_NO_OFFSET)
        (void)zone_instant(clock->tz, at, ZONE_FIRST, ret_at);
    else
        *ret_at = at;
    return NULL;
}

void when_text(const zone *tz, upp_ms at, char ret_text[WHEN_TEXT])
{
    static const char *const days[] = { "mån", "tis", "ons", "tors", "fre", "lör", "sön" };
    static const char *const months[] = { "jan",  "feb", "mars", "apr", "maj", "juni",
                                          "juli", "aug", "sep",  "okt", "nov", "dec" };
    if (at == 0) {
        snprintf(ret_text, WHEN_TEXT, "-");
        return;
    }
    const civil_ms local = zone_local(tz, at);
    const civil_day day = civil_day_at(local);
    const civil_date date = civil_date_of(day);
    const civil_ms rest = local - (civil_ms)day * UPP_DAY;
    snprintf(ret_text, WHEN_TEXT, "%s %d %s %02" PRId64 ".%02" PRId64, days[civil_weekday(day)],
             (int)date.day, months[date.month - 1], rest / UPP_HOUR, rest / UPP_MINUTE % 60);
}

void when_clock_text(const zone *tz, upp_ms at, char ret_text[WHEN_TEXT])
{
    const civil_ms local = zone_local(tz, at);
    const civil_ms rest = local - (civil_ms)civil_day_at(local) * UPP_DAY;
    snprintf(ret_text, WHEN_TEXT, "%02" PRId64 ".%02" PRId64 ".%02" PRId64, rest / UPP_HOUR,
             rest / UPP_MINUTE % 60, rest / UPP_SECOND % 60);
}
