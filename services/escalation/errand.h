/* errand.h - what somebody must do that is neither to judge a comment nor to answer a question: an
 * obligation of the register, a decision to look through, a blind account (R05, R08, R13, R16;
 * sla.md §3.3, §5, §6, §9). Each has an owner and a clock. Pure. */
#pragma once
#include "clock.h"

enum errand {
    ERRAND_NONE,     /* a comment or a question */
    ERRAND_OUTSIDE,  /* E15: who removed it, and why? */
    ERRAND_FINDING,  /* the register's */
    ERRAND_REVIEW,   /* P1, P3: a decision that one person made */
    ERRAND_SAMPLE,   /* P5: some of the month's hides on house rules */
    ERRAND_APPROVAL, /* P2: nobody answered the request for a second person */
    ERRAND_RECORDS,  /* a request for public records: to the registrar (L9, L17) */
    ERRAND_DIARY,    /* R16: the diary number must come back */
    ERRAND_CAPTURE,  /* R26: an account's archive needs a person */
    ERRAND_BLIND,    /* R13: a connector sees nothing */
    ERRAND_EVIDENCE, /* R22: the saved copy failed, so nothing leaves */
    ERRAND_STAFF,    /* V8: a working day with nobody present and no substitute */
    ERRAND_FEW,      /* V8: one present: a line in the manager's Monday mail */
    ERRAND_ACCESS,   /* V8, R05: fewer than two with access */
    ERRAND_SIGN,     /* E16: an answer without a name */
    ERRAND_DANGER,   /* danger to life or to a child: a person calls */
    ERRAND_MANAGER,  /* E24: handed over too often: the manager decides to whom */
    ERRAND_WATCH,    /* R13: a day's watch is not proved */
    ERRAND_AWAY,    /* R17: an automatic answer: she seems to be away, and the register knows not */
    ERRAND_SPIKE,   /* R13, R02: far more comments in an hour than the account is used to */
    ERRAND_HOLD,    /* R23: a hold whose day of review has come */
    ERRAND_SHOW,    /* R25: to be shown again by hand, where the platform cannot */
    ERRAND_CHANNEL, /* R04: an account was opened, or is to be closed: communications are told */
    ERRAND_APPEAL,  /* R25: somebody objects to what was decided: another person tries it */
    ERRANDS
};

/* How long it may take. */
enum errand_time {
    ERRAND_NO_CLOCK,
    ERRAND_GIVEN,        /* until a day that whoever raised it has set */
    ERRAND_OUTSIDE_DAYS, /* working days and office time of the policy */
    ERRAND_REVIEW_DAYS,
    ERRAND_APPEAL_DAYS,
    ERRAND_ACCESS_DAYS,
    ERRAND_TRIAGE,
    ERRAND_DIARY_TIME,
    ERRAND_AKUT
};

typedef struct errand_rule {
    const char *name; /* as it is said in events: "removed-outside" */
    char letter;      /* in the matter's id */
    enum errand_time time;
    enum policy_rung first; /* whose it is: administrators or manager; the ladder begins there */
    bool registrars;        /* the registrars stand for the administrators (R16) */
    bool prompt;            /* told at once in duty, not with a digest */
    bool of_item;           /* about a comment: shown among them */
    bool by_hand;           /* a person says that it is done; else a fact ends it */
    bool once;              /* never again about the same */
} errand_rule;
const errand_rule *errand_rule_of(enum errand errand);

/* Its clock, from `start`; `given` is the day that was set. False: it has none. */
bool errand_clock(const policy *pol, enum errand errand, upp_ms start, upp_ms given,
                  clock_input *ret_in);
