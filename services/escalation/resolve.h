/* resolve.h - who receives a step: the rungs, presence, substitutes, loops (sla.md section 6,
 * V1-V8; R05, R15, R16). Everything is handed in as plain arrays; a person is an index into
 * `persons`. */
#pragma once
#include "ladder.h"

#define RESOLVE_NOBODY SIZE_MAX

typedef struct resolve_absence {
    upp_ms from, to;           /* [from, to) */
    const size_t *substitutes; /* ranked */
    size_t n_substitutes;
} resolve_absence;

typedef struct resolve_person {
    bool active;
    bool reachable;        /* has a verified channel */
    bool function_address; /* a mailbox: always on duty, never away */
    const calendar *own;   /* NULL: the account's */
    const resolve_absence *absences;
    size_t n_absences;
    const size_t *substitutes; /* standing ones, ranked: for when an absence names none */
    size_t n_substitutes;
    size_t manager; /* RESOLVE_NOBODY: none */
} resolve_person;

typedef struct resolve_rung {
    const size_t *persons; /* administrators by rank */
    size_t n;
} resolve_rung;

typedef struct resolve_question {
    const policy *pol;
    const calendar *duty; /* the account's */
    const calendar *jour; /* NULL: nobody is on call */
    const resolve_person *persons;
    size_t n_persons;
    resolve_rung rung[POLICY_RUNGS];
    resolve_rung on_call;            /* the persons of jour */
    resolve_rung function_addresses; /* told together with jour (akut outside duty) */
} resolve_question;

enum resolve_why {
    RESOLVE_AWAY, /* absent at d(p); `until` says when the absence ends */
    RESOLVE_INACTIVE,
    RESOLVE_UNREACHED, /* no verified channel */
    RESOLVE_OFF_DUTY,  /* own duty does not reach that local date (akut: that instant) */
    RESOLVE_LOOP,      /* substitutes or managers name each other (AbsenceLoopFound) */
    RESOLVE_TOO_DEEP,  /* more links than policy allows */
    RESOLVE_UNFILLED,  /* the rung names nobody: a finding in the registry (V4, E26) */
    RESOLVE_EMPTY      /* the rung names people and reaches none: a finding too; it passes on */
};

/* Why somebody, or a whole rung, was passed by. */
typedef struct resolve_reason {
    enum policy_rung rung;
    enum resolve_why why;
    size_t person; /* RESOLVE_NOBODY for a whole rung */
    upp_ms until;  /* RESOLVE_AWAY only */
} resolve_reason;

typedef struct resolve_recipient {
    size_t person;
    size_t stands_in_for;  /* RESOLVE_NOBODY: on their own behalf */
    enum policy_rung rung; /* the rung whose turn they take */
    upp_ms deliver_at;     /* d(p) */
} resolve_recipient;

typedef struct resolve_answer {
    upp_ms at;    /* td: when the account is there; each recipient has a deliver_at of their own */
    bool to_jour; /* akut outside duty */
    resolve_recipient *recipients; /* each person once, in order of rung and rank */
    size_t n_recipients;
    resolve_reason *reasons;
    size_t n_reasons;
} resolve_answer;

/* Who receives this step when it fires (V6: never asked earlier). An empty rung passes to the next
 * at once, the last to operations. n_recipients 0 means that not even operations could be reached:
 * the reasons say why, and the caller must not stay silent. CALENDAR_NONE: no duty within ten
 * years. UPP_E_BUSY: memory is out. The caller ends *ret_answer with resolve_done. */
int resolve_step(const resolve_question *q, const ladder_step *step, resolve_answer *ret_answer)
    UPP_MUST_USE;
void resolve_done(resolve_answer *answer);

/* V2: an absence of whole local dates, both included. */
calendar_stretch resolve_dates_away(const zone *tz, civil_day first, civil_day last);

/* V7: whether an absence that was entered afterwards re-fires the current rung: it covers `now`,
 * the person had the notice already, and it has not re-fired before. */
bool resolve_refires(const resolve_absence *entered, upp_ms notified_at, upp_ms now,
                     unsigned n_refired);

/* V5: whether a chain of managers may be saved: no cycle, not longer than policy allows. */
bool resolve_chain_valid(const policy *pol, const resolve_person *persons, size_t n_persons,
                         size_t person);

/* V8, R05. */
enum resolve_forecast {
    RESOLVE_NO_WORK,  /* not a working day of the account */
    RESOLVE_STAFFED,  /* two or more present, substitutes counted */
    RESOLVE_FEW,      /* one: a line in the manager's Monday mail */
    RESOLVE_UNSTAFFED /* nobody and no substitute: a matter to the manager */
};

/* One day ahead: who of the administrators, or who stands in for them, has any duty that day on
 * which they are not away. UPP_E_BUSY: memory is out. */
int resolve_forecast(const resolve_question *q, civil_day day, enum resolve_forecast *ret_forecast)
    UPP_MUST_USE;

/* How many administrators have access; fewer than policy's access_least is a breach of R05. */
size_t resolve_access(const resolve_question *q);
