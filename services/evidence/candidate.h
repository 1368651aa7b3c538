/* candidate.h - which items a proposal is about. */
#pragma once
#include "evidence.h"

enum { CANDIDATES_MAX = 20000 };
enum listed_state { LISTED, LISTED_HELD, LISTED_OPEN, LISTED_APPROVED, LISTED_GONE };

/* What a disposal stands on: an adopted row or the law. */
typedef struct ground {
    char row[EVIDENCE_ID], law[128], authority[EVIDENCE_ID], decision[320], mandate[320];
    int32_t months;
} ground;
/* Refuses what is neither. */
UPP_MUST_USE int candidate_ground(upp_txn *txn, const Uppsikt__ProposeDisposal *c,
                                  ground *ret_ground);

typedef struct candidate {
    char item[EVIDENCE_ID];
    enum listed_state state; /* LISTED, LISTED_HELD or LISTED_OPEN */
} candidate;
typedef struct candidates {
    candidate *rows; /* in byte order of item */
    size_t n, held, open;
} candidates;
/* The caller ends it with candidates_done. Refuses a named item that is not to be disposed of. */
UPP_MUST_USE int candidate_list(upp_txn *txn, const keeper *k, const ground *g,
                                const Uppsikt__ProposeDisposal *c, candidates *ret_list);
void candidates_done(candidates *list);
/* How it stands with the item now that a second person approves. */
UPP_MUST_USE int candidate_now(upp_txn *txn, const char *item, bool by_law,
                               enum listed_state *ret_state);
