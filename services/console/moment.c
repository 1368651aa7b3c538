/* moment.c - times as people say them. */
#include "moment.h"
#include <stdio.h>
#include <string.h>

/* The i-th word of a list with spaces between. */
static void word_of(const moment_clock *c, const char *key, int i, char *ret_word, size_t size)
{
    const char *at = phrase(c->phrases, key);
    for (; i > 0 && strchr(at, ' '); i--)
        at = strchr(at, ' ') + 1;
    snprintf(ret_word, size, "%.*s", (int)strcspn(at, " "), at);
}

typedef struct reading {
    civil_day day;
    civil_date date;
    int hour, minute;
} reading;

static reading read_clock(const moment_clock *c, upp_ms at)
{
    const civil_ms local = zone_local(c->tz, at);
    reading r = { .day = civil_day_at(local) };
    const int64_t minute = (local - (int64_t)r.day * UPP_DAY) / UPP_MINUTE;
    r.date = civil_date_of(r.day);
    r.hour = (int)(minute / 60);
    r.minute = (int)(minute % 60);
    return r;
}

void moment_day(const moment_clock *c, upp_ms at, char ret_text[MOMENT])
{
    char weekday[16], month[16], year[16] = "";
    const reading r = read_clock(c, at);
    if (r.date.year != read_clock(c, c->now).date.year)
        snprintf(year, sizeof year, " %d", (int)r.date.year);
    word_of(c, "weekdays", civil_weekday(r.day), weekday, sizeof weekday);
    word_of(c, "months", r.date.month - 1, month, sizeof month);
    snprintf(ret_text, MOMENT, "%s %d %s%s", weekday, (int)r.date.day, month, year);
}

bool moment_is_day(const moment_clock *c, upp_ms at)
{
    return zone_local(c->tz, at) % UPP_DAY == 0;
}

void moment_when(const moment_clock *c, upp_ms at, char ret_text[MOMENT])
{
    char day[MOMENT];
    const reading r = read_clock(c, at);
    moment_day(c, at, day);
    snprintf(ret_text, MOMENT, "%.80s %02d.%02d", day, r.hour, r.minute);
}

void moment_near(const moment_clock *c, upp_ms at, char ret_text[MOMENT])
{
    char weekday[16];
    const reading r = read_clock(c, at);
    const civil_day days = r.day - read_clock(c, c->now).day;
    if (days == 0)
        snprintf(ret_text, MOMENT, "%s %02d.%02d", phrase(c->phrases, "day.today"), r.hour,
                 r.minute);
    else if (days == 1 || days == -1)
        snprintf(ret_text, MOMENT, "%s %02d.%02d",
                 phrase(c->phrases, days == 1 ? "day.tomorrow" : "day.yesterday"), r.hour,
                 r.minute);
    else if (days > 1 && days < 7) {
        word_of(c, "weekdays", civil_weekday(r.day), weekday, sizeof weekday);
        snprintf(ret_text, MOMENT, "%s %02d.%02d", weekday, r.hour, r.minute);
    } else {
        moment_when(c, at, ret_text);
    }
}

void moment_left(const moment_clock *c, upp_ms due, char ret_text[MOMENT])
{
    char key[24];
    const upp_ms left = due - c->now;
    const upp_ms span = left < 0 ? -left : left;
    const char *unit = span >= 2 * UPP_DAY ? "days"
                       : span >= UPP_DAY   ? "day"
                       : span >= UPP_HOUR  ? "hours"
                                           : "minutes";
    const upp_ms n = span >= UPP_DAY    ? span / UPP_DAY
                     : span >= UPP_HOUR ? span / UPP_HOUR
                                        : span / UPP_MINUTE;
    snprintf(key, sizeof key, "%s.%s", left < 0 ? "late" : "left", unit);
    const char *text = phrase(c->phrases, key);
    const char *hole = strstr(text, "{n}");
    if (!hole)
        snprintf(ret_text, MOMENT, "%s", text);
    else
        snprintf(ret_text, MOMENT, "%.*s%lld%s", (int)(hole - text), text, (long long)n, hole + 3);
}

void moment_machine(const moment_clock *c, upp_ms at, char ret_text[MOMENT])
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(at - at % UPP_SECOND, zone_offset_s(c->tz, at), text);
    snprintf(ret_text, MOMENT, "%s", text);
}

upp_ms moment_month(const moment_clock *c, upp_ms at, int months)
{
    civil_date date = read_clock(c, at).date;
    const int32_t month = date.year * 12 + date.month - 1 + months;
    date = (civil_date){ month / 12, month % 12 + 1, 1 };
    upp_ms first = at;
    (void)zone_instant(c->tz, (civil_ms)civil_day_of(date) * UPP_DAY, ZONE_FIRST, &first);
    return first;
}
