/* rss_date.c - RFC 822 dates, read from left to right. */
#include "rss_date.h"
#include "civil.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

static void skip_blanks(const char **at)
{
    while (isspace((unsigned char)**at))
        (*at)++;
}

/* A number of at least `least` digits and at most `most`; -1: there is none. */
static int32_t number(const char **at, int least, int most)
{
    int32_t value = 0;
    int n = 0;
    for (; n < most && isdigit((unsigned char)**at); n++, (*at)++)
        value = value * 10 + (**at - '0');
    return n < least || isdigit((unsigned char)**at) ? -1 : value;
}

static bool skip(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* 1..12; 0: it is none. */
static int32_t month(const char **at)
{
    static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (strncasecmp(*at, names[i], 3) == 0) {
            *at += 3;
            return (int32_t)i + 1;
        }
    return 0;
}

/* RFC 2822 §4.3: two digits are of this century up to 49. */
static int32_t year(const char **at)
{
    const char *from = *at;
    const int32_t value = number(at, 2, 4);
    if (value < 0 || *at - from == 4)
        return value;
    return *at - from == 2 && value < 50 ? value + 2000 : value + 1900;
}

static bool read_day(const char **at, civil_day *ret_day)
{
    civil_date date = { 0 };
    const char *comma = strchr(*at, ',');
    if (comma)
        *at = comma + 1;
    skip_blanks(at);
    if ((date.day = number(at, 1, 2)) < 0)
        return false;
    skip_blanks(at);
    date.month = month(at);
    skip_blanks(at);
    if (date.month == 0 || (date.year = year(at)) < 0 || !civil_valid(date))
        return false;
    *ret_day = civil_day_of(date);
    skip_blanks(at);
    return true;
}

static bool read_time(const char **at, upp_ms *ret_ms)
{
    const int32_t hours = number(at, 2, 2);
    if (hours < 0 || hours > 23 || !skip(at, ':'))
        return false;
    const int32_t minutes = number(at, 2, 2);
    const int32_t seconds = skip(at, ':') ? number(at, 2, 2) : 0;
    if (minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60)
        return false;
    *ret_ms = hours * UPP_HOUR + minutes * UPP_MINUTE + seconds * UPP_SECOND;
    skip_blanks(at);
    return true;
}

static bool read_zone(const char *at, upp_ms *ret_ms)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = { { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
                  { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };
    *ret_ms = 0;
    if (*at == '+' || *at == '-') {
        const int sign = *at++ == '+' ? 1 : -1;
        const int32_t both = number(&at, 4, 4);
        if (both < 0 || both % 100 > 59 || both / 100 > 23)
            return false;
        *ret_ms = sign * (both / 100 * UPP_HOUR + both % 100 * UPP_MINUTE);
        return true;
    }
    for (size_t i = 0; i < UPP_LEN(zones); i++)
        if (strncmp(at, zones[i].name, 3) == 0)
            *ret_ms = zones[i].hours * UPP_HOUR;
    return isalpha((unsigned char)*at) != 0;
}

int rss_date_read(const char *text, upp_ms *ret_ms)
{
    civil_day day = 0;
    upp_ms of_day = 0, east = 0;
    if (!read_day(&text, &day) || !read_time(&text, &of_day) || !read_zone(text, &east))
        return UPP_E_INPUT;
    *ret_ms = day * UPP_DAY + of_day - east;
    return 0;
}
