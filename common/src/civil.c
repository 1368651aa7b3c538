/* civil.c - dates and wall-clock readings of the Gregorian calendar, without any zone. */
#include "civil.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool civil_valid(civil_date date)
{
    static const int8_t length[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12)
        return false;
    const int last = length[date.month - 1] + (date.month == 2 && leap(date.year));
    return date.day >= 1 && date.day <= last;
}

/* Years begin in March here, so that the leap day is the last of its year and the months' lengths
 * follow one line (153 days in five months). An era is 400 years. */
civil_day civil_day_of(civil_date date)
{
    upp_check(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
    const int32_t year = date.year - (date.month <= 2);
    const int32_t era = (year >= 0 ? year : year - 399) / 400;
    const int32_t of_era = year - era * 400;
    const int32_t of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

civil_date civil_date_of(civil_day day)
{
    const int32_t shifted = day + 719468;
    const int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int32_t of_era = shifted - era * 146097;
    const int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int32_t month = (5 * of_year + 2) / 153;
    civil_date date = { .year = year + era * 400,
                        .month = month < 10 ? month + 3 : month - 9,
                        .day = of_year - (153 * month + 2) / 5 + 1 };
    date.year += date.month <= 2;
    return date;
}

int civil_weekday(civil_day day)
{
    return (int)((((int64_t)day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

civil_day civil_day_at(civil_ms reading)
{
    const int64_t day = reading / UPP_DAY - (reading % UPP_DAY < 0);
    upp_check(day >= INT32_MIN / 2 && day <= INT32_MAX / 2);
    return (civil_day)day;
}

/* Exactly `n` digits; moves on. -1: something else stands there. */
static int32_t digits(const char **at, int n)
{
    int32_t value = 0;
    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)(*at)[i]))
            return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += n;
    return value;
}

static bool skip(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

static bool read_day(const char **at, civil_day *ret_day)
{
    civil_date date = { 0 };
    if ((date.year = digits(at, 4)) < 0 || !skip(at, '-') || (date.month = digits(at, 2)) < 0 ||
        !skip(at, '-') || (date.day = digits(at, 2)) < 0 || !civil_valid(date))
        return false;
    *ret_day = civil_day_of(date);
    return true;
}

int civil_parse_day(const char *text, civil_day *ret_day)
{
    civil_day day = 0;
    if (!read_day(&text, &day) || *text)
        return UPP_E_INPUT;
    *ret_day = day;
    return 0;
}

/* The fraction after the seconds, in milliseconds; 0 if there is none, -1 if it is malformed. */
static int32_t fraction(const char **at)
{
    if (!skip(at, '.'))
        return 0;
    if (!isdigit((unsigned char)**at))
        return -1;
    int32_t ms = 0;
    for (int32_t weight = 100; isdigit((unsigned char)**at); weight /= 10, (*at)++)
        ms += (**at - '0') * weight;
    return ms;
}

/* "Z" or "+hh:mm". Gives 0, CIVIL_NO_OFFSET or UPP_E_INPUT. */
static int read_offset(const char *at, int64_t *ret_ms)
{
    if (!*at)
        return CIVIL_NO_OFFSET;
    if ((*at == 'Z' || *at == 'z') && !at[1])
        return 0;
    const int sign = *at == '+' ? 1 : *at == '-' ? -1 : 0;
    at++;
    int32_t hours = -1;
    int32_t minutes = -1;
    if (sign == 0 || (hours = digits(&at, 2)) < 0 || hours > 23 || !skip(&at, ':') ||
        (minutes = digits(&at, 2)) < 0 || minutes > 59 || *at)
        return UPP_E_INPUT;
    *ret_ms = sign * (hours * UPP_HOUR + minutes * UPP_MINUTE);
    return 0;
}

int civil_parse(const char *text, int64_t *ret_ms)
{
    civil_day day = 0;
    if (!read_day(&text, &day) || (*text != 'T' && *text != 't'))
        return UPP_E_INPUT;
    text++;
    const int32_t hours = digits(&text, 2);
    if (hours < 0 || hours > 23 || !skip(&text, ':'))
        return UPP_E_INPUT;
    const int32_t minutes = digits(&text, 2);
    if (minutes < 0 || minutes > 59 || !skip(&text, ':'))
        return UPP_E_INPUT;
    const int32_t seconds = digits(&text, 2);
    const int32_t ms = seconds < 0 ? -1 : fraction(&text);
    if (seconds > 60 || ms < 0)
        return UPP_E_INPUT;
    int64_t offset_ms = 0;
    const int rc = read_offset(text, &offset_ms);
    if (rc < 0)
        return rc;
    const int64_t at = day * UPP_DAY + hours * UPP_HOUR + minutes * UPP_MINUTE +
                       seconds * UPP_SECOND + (seconds == 60 ? 0 : ms) - offset_ms;
    if (seconds == 60 && (rc == CIVIL_NO_OFFSET || at % UPP_DAY != 0))
        return UPP_E_INPUT; /* leap seconds end a UTC day, at no other time */
    *ret_ms = at;
    return rc;
}

void civil_format(upp_ms at, int32_t offset_s, char ret_text[CIVIL_TEXT_SIZE])
{
    const int32_t offset_min = offset_s % 60 == 0 ? offset_s / 60 : 0;
    const civil_ms reading = at + offset_min * UPP_MINUTE;
    const civil_day day = civil_day_at(reading);
    const civil_date date = civil_date_of(day);
    const int of_day = (int)(reading - day * UPP_DAY);
    const int ms = of_day % 1000;
    char part[8] = "";
    if (ms)
        snprintf(part, sizeof part, ".%03d", ms);
    char offset[8] = "Z";
    const int minutes = offset_min < 0 ? -offset_min : offset_min;
    if (offset_min)
        snprintf(offset, sizeof offset, "%c%02d:%02d", offset_min < 0 ? '-' : '+',
                 minutes / 60 % 100, minutes % 60);
    snprintf(ret_text, CIVIL_TEXT_SIZE, "%04" PRId32 "-%02d-%02dT%02d:%02d:%02d%s%s", date.year,
             (int)date.month, (int)date.day, of_day / 3600000, of_day / 60000 % 60,
             of_day / 1000 % 60, part, offset);
}
