/* life.c - an account's life as a table, and the facts that each step needs (R04, R07). */
#include "life.h"

enum { NOT = -1 };

// clang-format off
static const signed char next[LIFE_STATES][LIFE_STEPS] = {
    /*                    PROPOSE        CONSULT         DECIDE        START      TAKE_OVER  CLOSE         ARCHIVE        END         */
    [LIFE_NONE]      = { LIFE_PROPOSED, NOT,            NOT,          NOT,       LIFE_OPEN, NOT,          NOT,           NOT         },
    [LIFE_PROPOSED]  = { NOT,           LIFE_CONSULTED, NOT,          NOT,       NOT,       NOT,          NOT,           LIFE_CLOSED },
    [LIFE_CONSULTED] = { NOT,           NOT,            LIFE_DECIDED, NOT,       NOT,       NOT,          NOT,           LIFE_CLOSED },
    [LIFE_DECIDED]   = { NOT,           NOT,            NOT,          LIFE_OPEN, NOT,       NOT,          NOT,           LIFE_CLOSED },
    [LIFE_OPEN]      = { NOT,           NOT,            NOT,          NOT,       NOT,       LIFE_CLOSING, NOT,           NOT         },
    [LIFE_CLOSING]   = { NOT,           NOT,            NOT,          NOT,       NOT,       NOT,          LIFE_ARCHIVED, NOT         },
    [LIFE_ARCHIVED]  = { NOT,           NOT,            NOT,          NOT,       NOT,       NOT,          NOT,           LIFE_CLOSED },
    [LIFE_CLOSED]    = { NOT,           NOT,            NOT,          NOT,       NOT,       NOT,          NOT,           NOT         },
};
// clang-format on

int life_next(enum life_state state, enum life_step step)
{
    upp_check(state < LIFE_STATES);
    upp_check(step < LIFE_STEPS);
    return next[state][step];
}

int life_step_to(int state)
{
    static const signed char step[LIFE_STATES] = {
        [LIFE_NONE] = NOT,
        [LIFE_PROPOSED] = LIFE_PROPOSE,
        [LIFE_CONSULTED] = LIFE_CONSULT,
        [LIFE_DECIDED] = LIFE_DECIDE,
        [LIFE_OPEN] = LIFE_START,
        [LIFE_CLOSING] = LIFE_CLOSE,
        [LIFE_ARCHIVED] = LIFE_ARCHIVE,
        [LIFE_CLOSED] = LIFE_END,
    };
    return state >= 0 && state < LIFE_STATES ? step[state] : NOT;
}

bool life_active(enum life_state state)
{
    return state == LIFE_OPEN || state == LIFE_CLOSING;
}

const char *life_fact_name(enum life_fact fact)
{
    static const char *const names[LIFE_FACTS] = {
        [LIFE_PURPOSE] = "purpose",           [LIFE_GOALS] = "goals",       [LIFE_PLAN] = "plan",
        [LIFE_CONSULTATION] = "consultation", [LIFE_DECISION] = "decision",
    };
    upp_check(fact < LIFE_FACTS);
    return names[fact];
}

bool life_has(const Uppsikt__AccountChangedContent *f, enum life_fact fact)
{
    switch (fact) {
    case LIFE_PURPOSE:
        return f->purpose[0] != '\0';
    case LIFE_GOALS:
        return f->goals[0] != '\0';
    case LIFE_PLAN:
        return f->plan[0] != '\0';
    case LIFE_CONSULTATION:
        return f->consulted_by[0] && f->consulted_ms > 0;
    case LIFE_DECISION:
        return f->decided_by[0] && f->decision[0] && f->decided_ms > 0;
    case LIFE_FACTS:
        break;
    }
    return true;
}

const char *life_missing(enum life_step step, const Uppsikt__AccountChangedContent *facts)
{
    static const struct {
        enum life_step from; /* this step and all after it need the fact */
        enum life_fact fact;
        const char *words;
    } needs[] = {
        { LIFE_PROPOSE, LIFE_PURPOSE, "purpose-missing" },
        { LIFE_PROPOSE, LIFE_GOALS, "goals-missing" },
        { LIFE_PROPOSE, LIFE_PLAN, "plan-missing" },
        { LIFE_CONSULT, LIFE_CONSULTATION, "consultation-missing" },
        { LIFE_DECIDE, LIFE_DECISION, "decision-missing" },
    };
    if (step > LIFE_TAKE_OVER) /* what is open may be closed, whatever it lacks */
        return NULL;
    if (!facts->name[0])
        return "name-missing";
    if (step == LIFE_TAKE_OVER) /* the rest becomes findings */
        return NULL;
    for (size_t i = 0; i < UPP_LEN(needs); i++)
        if (step >= needs[i].from && !life_has(facts, needs[i].fact))
            return needs[i].words;
    return NULL;
}
