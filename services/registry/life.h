/* life.h - an account's life as a table, and the facts that each step needs (R04, R07). Pure. */
#pragma once
#include "upp/base.h"
#include "uppsikt/registry.pb-c.h"

/* The numbers are the contract's (AccountChanged.State); LIFE_NONE: not registered yet. */
enum life_state {
    LIFE_NONE,
    LIFE_PROPOSED,
    LIFE_CONSULTED,
    LIFE_DECIDED,
    LIFE_OPEN,
    LIFE_CLOSING,
    LIFE_ARCHIVED,
    LIFE_CLOSED,
    LIFE_STATES
};
enum life_step {
    LIFE_PROPOSE,
    LIFE_CONSULT,
    LIFE_DECIDE,
    LIFE_START,
    LIFE_TAKE_OVER, /* it exists already: open at once, what is missing becomes findings */
    LIFE_CLOSE,
    LIFE_ARCHIVE,
    LIFE_END,
    LIFE_STEPS
};

/* The next state, or -1 where the step means nothing in that state. */
int life_next(enum life_state state, enum life_step step);
/* The step that leads to `state` (a wire value); -1: none does. */
int life_step_to(int state);
/* Open or closing: people write to it, so two must have access, it is shown, it is looked after. */
bool life_active(enum life_state state);

/* The facts that an account is to have (R03, R04, R07); each is a finding when a taken over account
 * lacks it. */
enum life_fact {
    LIFE_PURPOSE,
    LIFE_GOALS,
    LIFE_PLAN,
    LIFE_CONSULTATION, /* who and when */
    LIFE_DECISION,     /* who, when and the reference */
    LIFE_FACTS
};
const char *life_fact_name(enum life_fact fact); /* the word in FindingRaised.fact */
bool life_has(const Uppsikt__AccountChangedContent *facts, enum life_fact fact);
/* The catalogue's key of what the step lacks; NULL: nothing. */
const char *life_missing(enum life_step step, const Uppsikt__AccountChangedContent *facts);
