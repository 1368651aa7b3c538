/* calendar.c - duty: the open windows of a calendar, and counting in them. */
#include "calendar.h"

/* -- what is open on a date -- */

static const calendar_override *override_on(const calendar *cal, civil_day day)
{
    size_t low = 0;
    size_t high = cal->n_overrides;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (cal->overrides[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low < cal->n_overrides && cal->overrides[low].day == day ? &cal->overrides[low] : NULL;
}

static calendar_day cut(calendar_day open, int16_t end)
{
    while (open.n && open.span[open.n - 1].from >= end)
        open.n--;
    if (open.n && open.span[open.n - 1].to > end)
        open.span[open.n - 1].to = end;
    return open;
}

static calendar_day shorten(calendar_day open, const calendar_holidays *holidays, holiday_set is)
{
    for (unsigned which = HOLIDAY_MIDSUMMER_EVE; which < HOLIDAY_COUNT; which++)
        if (is & HOLIDAY_BIT(which) && holidays->half_day_ends[which])
            open = cut(open, holidays->half_day_ends[which]);
    return open;
}

calendar_day calendar_on(const calendar *cal, civil_day day)
{
    const calendar_override *own = override_on(cal, day);
    if (own)
        return own->open;
    const int weekday = civil_weekday(day);
    const calendar_day open = cal->week[weekday];
    if (open.n == 0)
        return open;
    const holiday_set is = holiday_on(day);
    const bool by_law =
        cal->holidays.sweden && (weekday == CIVIL_SUNDAY || (is & HOLIDAY_BY_LAW) != 0);
    if (by_law || is & cal->holidays.free_eves)
        return (calendar_day){ 0 };
    return shorten(open, &cal->holidays, is);
}

/* -- is it fit to be saved -- */

static bool in_order(const calendar_day *open)
{
    int previous = -1;
    if (open->n > CALENDAR_SPANS_MAX)
        return false;
    for (size_t i = 0; i < open->n; i++) {
        const calendar_span s = open->span[i];
        if (s.from < 0 || s.from <= previous || s.to <= s.from || s.to > 1440)
            return false;
        previous = s.to;
    }
    return true;
}

const char *calendar_flaw(const calendar *cal)
{
    bool any = false;
    for (int weekday = 0; weekday < 7; weekday++) {
        if (!in_order(&cal->week[weekday]))
            return "the hours of a day must lie in order and apart, within 00:00-24:00";
        if (cal->holidays.sweden && weekday == CIVIL_SUNDAY && cal->week[weekday].n)
            return "Sundays are holidays by law: hours on them need an override or holidays: none";
        any = any || cal->week[weekday].n;
    }
    for (size_t i = 0; i < cal->n_overrides; i++) {
        if (!in_order(&cal->overrides[i].open))
            return "the hours of an override must lie in order and apart, within 00:00-24:00";
        if (i && cal->overrides[i].day <= cal->overrides[i - 1].day)
            return "the overrides must lie in order, each date once";
        any = any || cal->overrides[i].open.n;
    }
    if (cal->holidays.free_eves & HOLIDAY_BY_LAW)
        return "a holiday by law is no free eve";
    for (unsigned which = 0; which < HOLIDAY_COUNT; which++) {
        const int16_t end = cal->holidays.half_day_ends[which];
        if (end < 0 || end > 1440 || (end && which < HOLIDAY_MIDSUMMER_EVE))
            return "a half day is an eve with a time of day at which it ends";
    }
    return any ? NULL : "the calendar is never open";
}

/* -- counting -- */

/* A window's edges in UTC (T3). It may be empty when it lies in the gap. */
static calendar_stretch window(const calendar *cal, civil_day day, calendar_span span)
{
    const civil_ms midnight = day * UPP_DAY;
    calendar_stretch w = { 0 };
    zone_instant(cal->zone, midnight + span.from * UPP_MINUTE, ZONE_FIRST, &w.from);
    zone_instant(cal->zone, midnight + span.to * UPP_MINUTE, ZONE_LAST, &w.to);
    return w;
}

/* Windows come in order of both edges, but where the clock goes back two of them may overlap: each
 * is counted from where the one before it ended, so no instant counts twice. The day before `start`
 * is looked at too: its last window may reach into this one, in a zone that turns at midnight. */
int calendar_due(const calendar *cal, upp_ms start, upp_ms span, upp_ms *ret_at)
{
    upp_check(span >= 0);
    if (span == 0) {
        *ret_at = start;
        return 0;
    }
    const civil_day today = zone_day(cal->zone, start);
    upp_ms reached = start;
    upp_ms left = span;
    for (civil_day day = today - 1; day <= today + CALENDAR_LIMIT_DAYS; day++) {
        const calendar_day open = calendar_on(cal, day);
        for (size_t i = 0; i < open.n; i++) {
            const calendar_stretch w = window(cal, day, open.span[i]);
            const upp_ms from = w.from > reached ? w.from : reached;
            if (w.to <= from)
                continue;
            if (w.to - from >= left) {
                *ret_at = from + left;
                return 0;
            }
            left -= w.to - from;
            reached = w.to;
        }
    }
    return CALENDAR_NONE;
}

upp_ms calendar_office(const calendar *cal, upp_ms from, upp_ms to)
{
    upp_ms sum = 0;
    if (to <= from)
        return 0;
    const civil_day last = zone_day(cal->zone, to) + 1;
    upp_ms reached = from;
    for (civil_day day = zone_day(cal->zone, from) - 1; day <= last; day++) {
        const calendar_day open = calendar_on(cal, day);
        for (size_t i = 0; i < open.n; i++) {
            const calendar_stretch w = window(cal, day, open.span[i]);
            const upp_ms begin = w.from > reached ? w.from : reached;
            const upp_ms end = w.to < to ? w.to : to;
            if (end <= begin)
                continue;
            sum += end - begin;
            reached = end;
        }
    }
    return sum;
}

/* Where the clock goes on after every pause that holds `at`. */
static upp_ms after_pauses(const calendar_stretch *pauses, size_t n_pauses, upp_ms at)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < n_pauses; i++)
            if (pauses[i].from <= at && at < pauses[i].to) {
                at = pauses[i].to;
                moved = true;
            }
    }
    return at;
}

int calendar_due_paused(const calendar *cal, upp_ms start, upp_ms span,
                        const calendar_stretch *pauses, size_t n_pauses, upp_ms *ret_at)
{
    upp_check(span >= 0);
    upp_ms left = span;
    upp_ms at = start;
    while (left > 0) {
        at = after_pauses(pauses, n_pauses, at);
        upp_ms next = INT64_MAX;
        for (size_t i = 0; i < n_pauses; i++)
            if (pauses[i].from > at && pauses[i].from < next && pauses[i].to > pauses[i].from)
                next = pauses[i].from;
        upp_ms due = 0;
        const int rc = calendar_due(cal, at, left, &due);
        if (rc != 0)
            return rc;
        if (due <= next) {
            at = due;
            break;
        }
        left -= calendar_office(cal, at, next);
        at = next;
    }
    *ret_at = at;
    return 0;
}

/* The mirror of calendar_due: each window is counted back to where the one after it began. */
int calendar_before(const calendar *cal, upp_ms end, upp_ms span, upp_ms *ret_at)
{
    upp_check(span >= 0);
    if (span == 0) {
        *ret_at = end;
        return 0;
    }
    const civil_day today = zone_day(cal->zone, end);
    upp_ms reached = end;
    upp_ms left = span;
    for (civil_day day = today + 1; day >= today - CALENDAR_LIMIT_DAYS; day--) {
        const calendar_day open = calendar_on(cal, day);
        for (size_t i = open.n; i-- > 0;) {
            const calendar_stretch w = window(cal, day, open.span[i]);
            const upp_ms to = w.to < reached ? w.to : reached;
            if (to <= w.from)
                continue;
            if (to - w.from >= left) {
                *ret_at = to - left;
                return 0;
            }
            left -= to - w.from;
            reached = w.from;
        }
    }
    return CALENDAR_NONE;
}

int calendar_first_duty(const calendar *cal, upp_ms from, upp_ms *ret_at)
{
    /* The first millisecond of duty ends one after the first instant of duty. */
    upp_ms after = 0;
    const int rc = calendar_due(cal, from, 1, &after);
    if (rc == 0)
        *ret_at = after - 1;
    return rc;
}

int calendar_last_duty(const calendar *cal, upp_ms from, upp_ms to, upp_ms *ret_at)
{
    upp_ms last = 0;
    if (to <= from)
        return CALENDAR_NONE;
    const int rc = calendar_before(cal, to, 1, &last);
    if (rc != 0 || last < from)
        return CALENDAR_NONE;
    *ret_at = last + 1;
    return 0;
}

bool calendar_open(const calendar *cal, upp_ms at)
{
    return calendar_office(cal, at, at + 1) > 0;
}
