/* clock.h - which clock runs for how long: moderation, questions, and what else is waited for
 * (sla.md section 3; R13, R14, R16, R20). */
#pragma once
#include "policy.h"

enum clock_kind {
    CLOCK_MODERATION,     /* M: elapsed time, never paused */
    CLOCK_ACUTE,          /* M at level akut: elapsed time */
    CLOCK_TRIAGE,         /* a person must look: office time */
    CLOCK_FIRST_RESPONSE, /* Q: office time, never paused */
    CLOCK_ANSWER,         /* Q after an interim reply: office time, paused in awaiting_citizen */
    CLOCK_DIARY,          /* the diary number must be back: office time */
    CLOCK_OFFICE,         /* an errand: the office time that is given */
    CLOCK_DATE            /* an errand until a day that was set: elapsed time, given */
};

/* The end of a pause that is still open. */
#define CLOCK_OPEN INT64_MAX

typedef struct clock_input {
    enum clock_kind kind;
    upp_ms start;                   /* received_at; for CLOCK_ANSWER the interim reply */
    upp_ms target_span;             /* 0: the policy's. Duty or elapsed time, as the kind counts */
    const calendar_stretch *pauses; /* lent; heeded by CLOCK_ANSWER alone */
    size_t n_pauses;
} clock_input;

typedef struct clock_times {
    enum clock_kind kind;
    upp_ms start;
    upp_ms target_span;
    bool paused;         /* a pause is open: there is no due, and nothing below is set */
    upp_ms due;          /* met until then, equality included (T5) */
    upp_ms attended_due; /* M: what staff could do; other kinds: due */
    upp_ms office_span;  /* office(start, due); in it lies what was paused, if anything was */
    bool has_first_duty; /* false: no duty within ten years */
    upp_ms first_duty;
    bool has_last_duty; /* false: office_span is 0 */
    upp_ms last_duty;   /* L, "last chance in duty" */
} clock_times;

/* Computes one clock. CALENDAR_NONE: its office time does not exist within ten years; never for the
 * kinds that count elapsed time. */
int clock_compute(const policy *pol, const calendar *cal, const clock_input *in,
                  clock_times *ret_times) UPP_MUST_USE;

/* The policy's target of a kind. */
upp_ms clock_target(const policy *pol, enum clock_kind kind);

/* The earliest t with `span` of duty since start outside the pauses: what clock_compute uses for
 * due, for steps at other shares of the target. CALENDAR_NONE also while a pause is open. */
int clock_counted(const calendar *cal, const clock_input *in, upp_ms span, upp_ms *ret_at)
    UPP_MUST_USE;

/* T5. */
bool clock_met(upp_ms event_at, upp_ms due);

/* received_at of section 3.1: the platform's time, never later than when we first saw it.
 * `published_at` NULL: the platform gave none. */
upp_ms clock_received(const upp_ms *published_at, upp_ms first_seen_at);

/* An ingest gap (section 3.2). */
bool clock_late_discovered(const policy *pol, upp_ms received_at, upp_ms first_seen_at);

/* History from before the account was connected starts no clock (section 3.2). */
bool clock_backfill(upp_ms received_at, upp_ms connected_at);

/* Why a clock was missed (section 8). */
enum clock_cause { CLOCK_NO_DUTY, CLOCK_INGEST_GAP, CLOCK_PLATFORM_UNAVAILABLE, CLOCK_STAFF };

typedef struct clock_facts {
    upp_ms first_seen_at;
    bool platform_unavailable; /* our account was blocked or locked while the clock ran (E28) */
    const calendar *jour;      /* on call for akut; NULL: nobody */
} clock_facts;

/* The cause of a miss: the first in the order of the enum that holds. */
enum clock_cause clock_cause_of(const policy *pol, const clock_times *times,
                                const clock_facts *facts);

/* E23: the latest end of a snooze. Gives 0, or CALENDAR_NONE when none may be set: too little duty
 * is left at `now`, or the kind allows no snooze (M). */
int clock_snooze_latest(const policy *pol, const calendar *cal, const clock_times *times,
                        upp_ms now, upp_ms *ret_at) UPP_MUST_USE;

/* E24: until when an officer may accept a hand-over made at `now`: the policy's office time, never
 * beyond its part of the time left (office time; elapsed time for M). `now` itself when nothing is
 * left, and while a clock is paused the office time alone. */
int clock_accept_due(const policy *pol, const calendar *cal, const clock_times *times, upp_ms now,
                     upp_ms *ret_at) UPP_MUST_USE;

/* T9: the revision after a recomputation: one more when due changed (or came, or went). */
uint32_t clock_due_rev(uint32_t rev, const clock_times *before, const clock_times *after);

/* T10: whether the wall clock jumped: `expected` is the last reading plus what passed by a steady
 * clock, `seen` what the wall clock reads. */
bool clock_jumped(const policy *pol, upp_ms expected, upp_ms seen);
