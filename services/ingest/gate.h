/* gate.h - may this decision leave now? (R22; platforms.md §3 rule 5, reliability.md P3.)
 * Pure: what is known goes in, what is to be done comes out; who asks keeps and acts. */
#pragma once
#include "upp/base.h"
#include "uppsikt/comment.pb-c.h"

/* How much of the decided version is sealed; a later one holds all of an earlier one. */
enum gate_seal { GATE_SEAL_NONE, GATE_SEAL_RAW, GATE_SEAL_WHOLE };

/* What is asked for, in our own words. */
enum gate_what { GATE_HIDE, GATE_DELETE, GATE_UNHIDE, GATE_REPLY, GATE_WHATS };
/* -1: nothing that goes to a platform (keep, or newer than this program). */
int gate_what_of(Uppsikt__ItemAction action);
Uppsikt__ItemAction gate_action_of(enum gate_what what);
/* Does the newer decision take back what was decided about the item before it, and has not been
 * done (R25)? What it says again, or more of, it does not. */
bool gate_recalls(Uppsikt__ItemAction newer, enum gate_what older);

typedef struct gate_facts {
    enum gate_what what;
    bool forgotten;        /* the item's content was disposed of */
    bool known;            /* ingest has the item */
    bool plan;             /* a retention row or a law is named */
    uint32_t version;      /* that was decided on */
    uint32_t newest;       /* that we have seen */
    bool gone;             /* the item is gone from its platform */
    bool tried;            /* an attempt may have had its effect already */
    bool recalled;         /* a newer decision takes it back */
    enum gate_seal sealed; /* of `version`, no other */
    bool held;             /* the operators' brake is on */
    bool busy;             /* an earlier action on the same item is under way */
    bool able;             /* a connector that can do it watches the account */
    bool locked;           /* the platform lets us in no more: auth_required */
} gate_facts;

enum gate_answer {
    GATE_GO,
    GATE_WAIT_RAW, /* for evidence: raw content of that version */
    GATE_WAIT_WHOLE,
    GATE_WAIT_HELD,
    GATE_WAIT_BUSY,
    GATE_WAIT_ACCOUNT,
    GATE_MANUAL, /* a person does it by hand: the gate is open, the platform cannot */
    GATE_NO_ROW,
    GATE_STALE,
    GATE_UNKNOWN,
    GATE_FORGOTTEN,
    GATE_GONE,
    GATE_LOCKED, /* a reply is refused, not faked (platforms.md §4.3) */
    GATE_RECALLED,
    GATE_ANSWERS
};
/* The first that holds: what makes it senseless, then what is missing, then who does it. */
enum gate_answer gate_judge(const gate_facts *f);

/* The reason of ActionRefused; REASON_UNSPECIFIED for an answer that is no refusal. */
Uppsikt__ActionRefused__Reason gate_reason(enum gate_answer answer);
/* "RAW", "WHOLE" or "": what the answer waits for. */
const char *gate_missing(enum gate_answer answer);
