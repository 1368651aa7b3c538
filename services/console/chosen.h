/* chosen.h - many matters and one decision on all of them: which can be decided so, which not and
 * why, how many of what. Pure. */
#pragma once
#include "form.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/escalation.pb-c.h"

enum { CHOSEN_MAX = 200, CHOSEN_ID = 80, CHOSEN_LABELS = 11 };

/* A matter that was ticked, at the version that was on the screen. */
typedef struct chosen_pick {
    char matter[CHOSEN_ID];
    uint32_t version;
} chosen_pick;

enum chosen_end { CHOSEN_UNTOLD, CHOSEN_DONE, CHOSEN_SECOND, CHOSEN_REFUSED, CHOSEN_NO_ANSWER };

typedef struct chosen_one {
    const Uppsikt__ChosenRow *row;
    const Uppsikt__DeskRowContent *content;
    uint32_t version; /* that was on the screen */
    const char *flaw; /* why it is not decided like this, a key; NULL: it can be */
    enum chosen_end end;
    const char *words; /* what became of it: a key, or an owner's words */
} chosen_one;

typedef struct chosen {
    chosen_one ones[CHOSEN_MAX];
    size_t n;
    size_t unknown; /* ticked, and not there for her */
} chosen;

/* What was ticked ("m" of the form: "<matter>~<version>"), each matter once. Their number; more
 * than CHOSEN_MAX: the first of them alone are read. -1: the form is none of ours. */
int chosen_read(const form *f, chosen_pick ret_picks[CHOSEN_MAX]);
/* Pairs what is known with what was ticked. `contents` are ChosenRowContent. */
void chosen_pair(const chosen_pick *picks, size_t n_picks, ProtobufCMessage *const *rows,
                 ProtobufCMessage *const *contents, size_t n, chosen *ret_chosen);
/* Says of each why it is not decided like this. `d` NULL: what is to happen is not known yet.
 * `sent`: what was decided by this very form may be told again: only that is looked at which a
 * decision cannot have changed. */
void chosen_judge(chosen *c, const Uppsikt__Decide *d, bool sent);
size_t chosen_count(const chosen *c, bool flawed);
size_t chosen_ended(const chosen *c, enum chosen_end end);
/* How many of those that can be decided the machine finds each category in, and (0) none. */
void chosen_labels(const chosen *c, size_t ret_counts[CHOSEN_LABELS]);
/* How many there are of the account of `ones[i]` among those that can be decided; 0: it was counted
 * with an earlier one. */
size_t chosen_account(const chosen *c, size_t i);
/* A row of the plan that a removal may cite, by its number from 0 over all authorities; NULL: no
 * more. */
const Uppsikt__PlanRow *chosen_plan(const chosen *c, size_t nth);
