/* presence.h - who is there, and who stands in for whom: the walk that resolve.c and its forecast
 * share (V2, V3, V5). Not for others. */
#pragma once
#include "resolve.h"

enum presence_mode {
    PRESENCE_IN_DUTY, /* V2 for a step that waits for duty: d(p) lies on the same date as td */
    PRESENCE_AT_ONCE, /* akut in duty: within own duty at the instant itself */
    PRESENCE_ON_CALL, /* akut outside duty: within jour at the instant itself */
    PRESENCE_THAT_DAY /* V8: some duty of that day without absence */
};

/* Where a person stands in the search for one substitute. */
enum presence_mark {
    PRESENCE_NEW,
    PRESENCE_ASKED, /* above us on this branch: met again, it is a loop */
    PRESENCE_VAIN   /* tried on another branch, led to nobody */
};

typedef struct resolve_walk {
    const resolve_question *q;
    enum presence_mode mode;
    upp_ms step_at; /* what d(p) is counted from */
    bool digest;    /* d(p) is a digest */
    upp_ms at;      /* td */
    bool to_jour;
    civil_day day;                 /* PRESENCE_THAT_DAY */
    enum presence_mark *marks;     /* one for each person */
    resolve_recipient *recipients; /* room for every person once */
    size_t n_recipients;
    resolve_reason *reasons;
    size_t n_reasons, max_reasons;
} resolve_walk;

/* Allocates; leaves the other members as they are. UPP_E_BUSY: memory is out. */
int presence_begin(const resolve_question *q, resolve_walk *w) UPP_MUST_USE;
void presence_end(resolve_walk *w);

/* Adds the person, or the first of their substitutes who is there. Gives 1 if somebody is reached
 * (also if they were reached before), else 0. */
size_t presence_reach(resolve_walk *w, enum policy_rung rung, size_t person);

void presence_reason(resolve_walk *w, resolve_reason reason);

/* Hands over what was found. */
int presence_answer(resolve_walk *w, resolve_answer *ret_answer) UPP_MUST_USE;
