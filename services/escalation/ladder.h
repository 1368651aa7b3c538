/* ladder.h - which steps a matter's ladder has, and when (sla.md section 7; R16, R17, R20). */
#pragma once
#include "clock.h"
#include "delivery.h"

enum {
    LADDER_STEPS_MAX = POLICY_STEPS,
    LADDER_FIRST_REPEAT = POLICY_STEPS, /* the number of r1; r2 is one more, and so on */
    LADDER_NAME_SIZE = 16
};

/* Bits of ladder_step.to: the rungs that hear of a step. */
#define LADDER_TO(rung) (1u << (rung))

typedef struct ladder_step {
    unsigned number;    /* 0..4; from LADDER_FIRST_REPEAT the repetitions */
    upp_ms at;          /* the step's time, exact; a breach is never shifted */
    upp_ms notice_from; /* its notice is delivered from here on (M step 3: attended_due) */
    bool breach;        /* the step that is, or follows, due */
    unsigned to;        /* LADDER_TO bits */
    bool acute;         /* delivered by delivery_acute, not delivery_at */
    bool digest;        /* delivered with a digest: step 0 of a question */
} ladder_step;

/* The steps of a clock, in order of number: 0..4; for triage, diary and office 0 and 1, for a date
 * 0 to 2. A clock whose pause is open has none. `in` and `times` are what clock_compute took and
 * gave. CALENDAR_NONE: a step's office time does not exist within ten years. */
int ladder_plan(const policy *pol, const calendar *cal, const clock_input *in,
                const clock_times *times, ladder_step ret_steps[LADDER_STEPS_MAX], size_t *ret_n)
    UPP_MUST_USE;

/* Repetition r`n` (n from 1), where `last` is the last step of the plan: to the last rung. */
int ladder_repeat(const policy *pol, const calendar *cal, const ladder_step *last, unsigned n,
                  ladder_step *ret_step) UPP_MUST_USE;

/* "0".."4", "r1", ... */
void ladder_name(unsigned number, char ret_name[LADDER_NAME_SIZE]);

/* When the step's notice is delivered to someone with this calendar (their own, or the account's).
 * `jour` NULL: nobody is on call. */
int ladder_delivery(const policy *pol, const calendar *cal, const calendar *jour,
                    const ladder_step *step, delivery *ret_delivery) UPP_MUST_USE;

enum ladder_fate {
    LADDER_WAITS,
    LADDER_SEND, /* now */
    LADDER_SENT,
    LADDER_SUPERSEDED
};

/* One step on its way to one recipient, or to all that it reaches at the same instant. */
typedef struct ladder_turn {
    unsigned number;
    upp_ms deliver_at;
    enum ladder_fate fate;
} ladder_turn;

/* Decides the waiting turns of one matter whose delivery has come (E32): the highest is to be sent,
 * the lower are superseded, and so is whatever is lower than one that was sent before. Later turns
 * go on waiting. At most one turn is LADDER_SEND afterwards; the caller makes it LADDER_SENT. Also
 * for late discovery: call it with first_seen_at. */
void ladder_collapse(ladder_turn *turns, size_t n, upp_ms now);

/* Until when an ack at `now` holds reminders. CALENDAR_NONE: it holds nothing, because too little
 * duty is left or the matter is late; it is recorded all the same. */
int ladder_ack_hold(const policy *pol, const calendar *cal, const clock_times *times, upp_ms now,
                    upp_ms *ret_until) UPP_MUST_USE;

/* Who still hears of a step that is delivered at `at`: the rungs of the acknowledged step are
 * silent until `held_until`, higher ones never. */
unsigned ladder_heard_by(const ladder_step *step, unsigned acked_to, upp_ms held_until, upp_ms at);
