/* zone_rule.c - the footer of a TZif file: POSIX TZ rules, as RFC 8536 3.3.1 extends them. */
#include "zone_rule.h"
#include <ctype.h>
#include <string.h>

/* The text that is left to read; never beyond `end`. */
typedef struct cursor {
    const char *at, *end;
} cursor;

static char peek(const cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static bool take(cursor *c, char wanted)
{
    if (peek(c) != wanted)
        return false;
    c->at++;
    return true;
}

/* Digits of a number in [0, max]. */
static bool number(cursor *c, int32_t max, int32_t *ret_value)
{
    if (!isdigit((unsigned char)peek(c)))
        return false;
    int32_t value = 0;
    while (isdigit((unsigned char)peek(c)) && value <= max)
        value = value * 10 + (*c->at++ - '0');
    if (value > max)
        return false;
    *ret_value = value;
    return true;
}

/* "CET" or "<+0330>". */
static bool name(cursor *c)
{
    const bool quoted = take(c, '<');
    const char *from = c->at;
    while (isalpha((unsigned char)peek(c)) ||
           (quoted && peek(c) && (isdigit((unsigned char)peek(c)) || strchr("+-", peek(c)))))
        c->at++;
    return c->at - from >= 3 && (!quoted || take(c, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool span(cursor *c, int32_t hours_max, int32_t *ret_s)
{
    const int32_t sign = take(c, '-') ? -1 : 1;
    if (sign > 0)
        take(c, '+');
    int32_t hours = 0;
    int32_t minutes = 0;
    int32_t seconds = 0;
    if (!number(c, hours_max, &hours))
        return false;
    if (take(c, ':') && (!number(c, 59, &minutes) || (take(c, ':') && !number(c, 59, &seconds))))
        return false;
    *ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool when(cursor *c, zone_when *ret_when)
{
    zone_when w = { .form = 'n', .time_s = 2 * 3600 };
    if (take(c, 'M')) {
        w.form = 'M';
        if (!number(c, 12, &w.month) || w.month < 1 || !take(c, '.') || !number(c, 5, &w.week) ||
            w.week < 1 || !take(c, '.') || !number(c, 6, &w.day))
            return false;
    } else {
        if (take(c, 'J'))
            w.form = 'J';
        if (!number(c, 365, &w.day) || (w.form == 'J' && w.day < 1))
            return false;
    }
    if (take(c, '/') && !span(c, 167, &w.time_s))
        return false;
    *ret_when = w;
    return true;
}

int zone_rule_parse(upp_bytes footer, zone_rule *ret_rule)
{
    const char *text = (const char *)footer.at;
    if (footer.len < 3 || text[0] != '\n')
        return UPP_E_INPUT;
    const char *end = memchr(text + 1, '\n', footer.len - 1);
    if (!end)
        return UPP_E_INPUT;
    cursor c = { text + 1, end };
    zone_rule rule = { 0 };
    int32_t west_s = 0;
    if (!name(&c) || !span(&c, 24, &west_s))
        return UPP_E_INPUT;
    rule.standard_s = -west_s;
    if (c.at < c.end) {
        rule.changes = true;
        west_s -= 3600;
        if (!name(&c) || (peek(&c) != ',' && !span(&c, 24, &west_s)) || !take(&c, ',') ||
            !when(&c, &rule.begins) || !take(&c, ',') || !when(&c, &rule.ends) || c.at != c.end)
            return UPP_E_INPUT;
        rule.summer_s = -west_s;
    }
    *ret_rule = rule;
    return 0;
}

static civil_day day_in(const zone_when *w, int32_t year)
{
    const civil_day new_year = civil_day_of((civil_date){ year, 1, 1 });
    if (w->form == 'n')
        return new_year + w->day;
    const civil_day march = civil_day_of((civil_date){ year, 3, 1 });
    if (w->form == 'J') /* the 60th day is always 1 March */
        return w->day < 60 ? new_year + w->day - 1 : march + w->day - 60;
    const civil_day first = civil_day_of((civil_date){ year, w->month, 1 });
    const civil_day next = w->month == 12 ? civil_day_of((civil_date){ year + 1, 1, 1 })
                                          : civil_day_of((civil_date){ year, w->month + 1, 1 });
    const int32_t weekday = (w->day + 6) % 7; /* POSIX counts from Sunday */
    civil_day day = first + (weekday - civil_weekday(first) + 7) % 7 + (w->week - 1) * 7;
    while (day >= next) /* the fifth means the last */
        day -= 7;
    return day;
}

static upp_ms instant(const zone_when *w, int32_t year, int32_t offset_before_s)
{
    return day_in(w, year) * UPP_DAY + (w->time_s - offset_before_s) * UPP_SECOND;
}

size_t zone_rule_year(const zone_rule *rule, int32_t year, zone_change ret_changes[2])
{
    if (!rule->changes)
        return 0;
    const zone_change begins = { instant(&rule->begins, year, rule->standard_s), rule->summer_s };
    const zone_change ends = { instant(&rule->ends, year, rule->summer_s), rule->standard_s };
    const bool northern = begins.at < ends.at;
    ret_changes[0] = northern ? begins : ends;
    ret_changes[1] = northern ? ends : begins;
    return 2;
}
