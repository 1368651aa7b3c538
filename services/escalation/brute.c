/* brute.c - the tests' second opinion on duty. */
#include "brute.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BEGIN_S ((time_t)1766188800) /* 2025-12-20T00:00:00Z */
#define END_S   ((time_t)1864684800) /* 2029-02-01T00:00:00Z */

typedef struct minute {
    int32_t date; /* 20261127 */
    int16_t of_day;
    int8_t weekday; /* 0 is Monday */
    bool open;
} minute;

struct brute {
    size_t n;
    minute at[];
};

brute *brute_new(void)
{
    const size_t n = (size_t)(END_S - BEGIN_S) / 60;
    brute *b = calloc(1, sizeof *b + n * sizeof b->at[0]);
    upp_check(b != NULL);
    upp_check(setenv("TZ", "Europe/Stockholm", 1) == 0);
    tzset();
    b->n = n;
    for (size_t i = 0; i < n; i++) {
        const time_t when = BEGIN_S + (time_t)i * 60;
        struct tm tm;
        upp_check(localtime_r(&when, &tm) != NULL);
        b->at[i] =
            (minute){ .date = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday,
                      .of_day = (int16_t)(tm.tm_hour * 60 + tm.tm_min),
                      .weekday = (int8_t)((tm.tm_wday + 6) % 7) };
    }
    return b;
}

void brute_free(brute *b)
{
    free(b);
}

/* sla.md T7, as printed there. */
static bool red(int32_t date)
{
    static const int32_t days[] = {
        20260101, 20260106, 20260403, 20260405, 20260406, 20260501, 20260514, 20260524, 20260606,
        20260620, 20261031, 20261225, 20261226, 20270101, 20270106, 20270326, 20270328, 20270329,
        20270501, 20270506, 20270516, 20270606, 20270626, 20271106, 20271225, 20271226, 20280101,
        20280106, 20280414, 20280416, 20280417, 20280501, 20280525, 20280604, 20280606, 20280624,
        20281104, 20281225, 20281226, 20290101, 20290106, 20251225, 20251226,
    };
    for (size_t i = 0; i < UPP_LEN(days); i++)
        if (days[i] == date)
            return true;
    return false;
}

static bool eve(int32_t date)
{
    static const int32_t midsummer[] = { 20260619, 20270625, 20280623 };
    for (size_t i = 0; i < UPP_LEN(midsummer); i++)
        if (midsummer[i] == date)
            return true;
    return date % 10000 == 1224 || date % 10000 == 1231;
}

static const calendar_override *override_of(const calendar *cal, int32_t date)
{
    for (size_t i = 0; i < cal->n_overrides; i++) {
        const civil_date d = civil_date_of(cal->overrides[i].day);
        if (d.year * 10000 + d.month * 100 + d.day == date)
            return &cal->overrides[i];
    }
    return NULL;
}

/* One window of the date whose minutes are [first, end): T3 said in terms of minutes that
 * happen. */
static void open_window(brute *b, size_t first, size_t end, calendar_span span)
{
    size_t from = first;
    while (from < end && b->at[from].of_day < span.from)
        from++;
    size_t to = first;
    bool shown = false; /* the clock did show the closing minute: its last showing counts */
    for (size_t i = first; i < end; i++) {
        if (b->at[i].of_day == span.to) {
            to = i;
            shown = true;
        } else if (!shown && b->at[i].of_day < span.to) {
            to = i + 1;
        }
    }
    for (size_t i = from; i < to; i++)
        b->at[i].open = true;
}

void brute_use(brute *b, const calendar *cal)
{
    const bool free_eves = cal->holidays.free_eves != 0;
    const int16_t walpurgis_ends = cal->holidays.half_day_ends[HOLIDAY_WALPURGIS_EVE];
    for (size_t i = 0; i < b->n; i++)
        b->at[i].open = false;
    for (size_t first = 0; first < b->n;) {
        size_t end = first;
        const int32_t date = b->at[first].date;
        const int8_t weekday = b->at[first].weekday;
        while (end < b->n && b->at[end].date == date)
            end++;
        const calendar_override *own = override_of(cal, date);
        calendar_day hours = own ? own->open : cal->week[weekday];
        const bool holiday = cal->holidays.sweden && (weekday == 6 || red(date));
        if (!own && (holiday || (free_eves && eve(date))))
            hours.n = 0;
        for (size_t i = 0; i < hours.n; i++) {
            calendar_span span = hours.span[i];
            if (!own && walpurgis_ends && date % 10000 == 430 && span.to > walpurgis_ends)
                span.to = walpurgis_ends;
            if (span.from < span.to)
                open_window(b, first, end, span);
        }
        first = end;
    }
}

static upp_ms begins(size_t i)
{
    return (upp_ms)(BEGIN_S + (time_t)i * 60) * 1000;
}

static size_t index_of(const brute *b, upp_ms when)
{
    const upp_ms i = (when / 1000 - BEGIN_S) / 60;
    upp_check(i >= 0 && (size_t)i < b->n);
    return (size_t)i;
}

upp_ms brute_due(const brute *b, upp_ms start, upp_ms span)
{
    upp_ms left = span;
    if (span == 0)
        return start;
    for (size_t i = index_of(b, start); i < b->n; i++) {
        const upp_ms from = begins(i) > start ? begins(i) : start;
        if (!b->at[i].open)
            continue;
        if (begins(i + 1) - from >= left)
            return from + left;
        left -= begins(i + 1) - from;
    }
    return -1;
}

upp_ms brute_office(const brute *b, upp_ms from, upp_ms to)
{
    upp_ms sum = 0;
    for (size_t i = index_of(b, from); i < b->n && begins(i) < to; i++) {
        const upp_ms begin = begins(i) > from ? begins(i) : from;
        const upp_ms end = begins(i + 1) < to ? begins(i + 1) : to;
        if (b->at[i].open && end > begin)
            sum += end - begin;
    }
    return sum;
}

upp_ms brute_first_duty(const brute *b, upp_ms from)
{
    for (size_t i = index_of(b, from); i < b->n; i++)
        if (b->at[i].open)
            return begins(i) > from ? begins(i) : from;
    return -1;
}

upp_ms brute_last_duty(const brute *b, upp_ms from, upp_ms to)
{
    upp_ms last = -1;
    for (size_t i = index_of(b, from); i < b->n && begins(i) < to; i++)
        if (b->at[i].open)
            last = begins(i + 1) < to ? begins(i + 1) : to;
    return last;
}
