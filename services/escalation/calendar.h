/* calendar.h - duty: the open windows of a calendar, and counting in them (rules T2-T4, T6). */
#pragma once
#include "holiday.h"
#include "zone.h"

enum {
    CALENDAR_SPANS_MAX = 8,
    CALENDAR_NAME_SIZE = 32,
    CALENDAR_LIMIT_DAYS = 3653, /* T6: the search ends after 10 years */
    CALENDAR_NONE = 1           /* an answer: there is no such instant within the limit */
};

/* [from, to) in local minutes, 0..1440; 1440 is the next local midnight. */
typedef struct calendar_span {
    int16_t from, to;
} calendar_span;

/* The spans of one date, in order and apart. None: closed. */
typedef struct calendar_day {
    uint8_t n;
    calendar_span span[CALENDAR_SPANS_MAX];
} calendar_day;

/* Beats holidays and the week. */
typedef struct calendar_override {
    civil_day day;
    calendar_day open;
} calendar_override;

typedef struct calendar_holidays {
    bool sweden;           /* the days of T7, Sundays included, are closed; false: no holidays */
    holiday_set free_eves; /* of HOLIDAY_BY_POLICY: closed too, also without `sweden` */
    int16_t half_day_ends[HOLIDAY_COUNT]; /* local minute when a short day ends; 0: not short */
} calendar_holidays;

/* Plain data. The zone and the overrides are lent; whoever made the calendar keeps them alive. */
typedef struct calendar {
    char name[CALENDAR_NAME_SIZE];
    int64_t version;
    const zone *zone;
    calendar_day week[7]; /* 0 is Monday */
    calendar_holidays holidays;
    const calendar_override *overrides; /* by day, each day once */
    size_t n_overrides;
} calendar;

/* A stretch [from, to) of UTC. */
typedef struct calendar_stretch {
    upp_ms from, to;
} calendar_stretch;

/* A calendar that may be saved: spans in order, overrides in order, some window open (T6). Gives
 * NULL, or a sentence on what is wrong (static text). */
const char *calendar_flaw(const calendar *cal);

/* What is open on a date. The date is a working day when n > 0. */
calendar_day calendar_on(const calendar *cal, civil_day day);

/* Whether the instant lies in a window. */
bool calendar_open(const calendar *cal, upp_ms at);

/* The functions of T4. Spans are milliseconds of duty. Those that search give 0, or CALENDAR_NONE
 * (the answer is then untouched). */

/* office(from, to): duty inside [from, to); 0 when to <= from. */
upp_ms calendar_office(const calendar *cal, upp_ms from, upp_ms to);

/* due(start, span): the earliest instant t with office(start, t) = span; `start` for span 0. */
int calendar_due(const calendar *cal, upp_ms start, upp_ms span, upp_ms *ret_at) UPP_MUST_USE;

/* The same when the clock stands still in the pauses (section 3.4), which may come in any order and
 * overlap; where they do, the time counts as paused once. Every pause here has an end. */
int calendar_due_paused(const calendar *cal, upp_ms start, upp_ms span,
                        const calendar_stretch *pauses, size_t n_pauses, upp_ms *ret_at)
    UPP_MUST_USE;

/* The latest instant t with office(t, end) = span: "60 office minutes before due". */
int calendar_before(const calendar *cal, upp_ms end, upp_ms span, upp_ms *ret_at) UPP_MUST_USE;

/* first_duty(from): the earliest instant >= from that lies in a window. */
int calendar_first_duty(const calendar *cal, upp_ms from, upp_ms *ret_at) UPP_MUST_USE;

/* last_duty(from, to): the supremum of the windows' instants inside [from, to). CALENDAR_NONE
 * exactly when office(from, to) = 0. */
int calendar_last_duty(const calendar *cal, upp_ms from, upp_ms to, upp_ms *ret_at) UPP_MUST_USE;
