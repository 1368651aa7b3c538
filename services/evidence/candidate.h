/* candidate.h - which items a proposal is about. */
#pragma once
#include "cover.h"
#include "evidence.h"

enum { CANDIDATES_MAX = 20000 };
enum listed_state { LISTED, LISTED_HELD, LISTED_OPEN, LISTED_APPROVED, LISTED_GONE };

/* What a disposal stands on: an adopted row or the law. */
typedef struct ground {
    char row[EVIDENCE_ID], law[128], decision[320], mandate[320], process[320], kind[320];
    char authority[EVIDENCE_ID]; /* whose records they are, all of them; "": nobody knows (law) */
    unsigned covers;             /* a set of cover.h; none by the law, which names each */
    int32_t months;
} ground;
/* Refuses what is neither. A row for all authorities is used for one at a time: the named
 * account's, the first named item's, else that of `by`. */
UPP_MUST_USE int candidate_ground(upp_txn *txn, const Uppsikt__ProposeDisposal *c, const char *by,
                                  ground *ret_ground);
/* The row's own part of it, as it is adopted now; refused when nothing goes by it. */
UPP_MUST_USE int candidate_row(upp_txn *txn, const char *plan_row, ground *ret_ground);

typedef struct candidate {
    char item[EVIDENCE_ID];
    enum listed_state state; /* LISTED, LISTED_HELD or LISTED_OPEN */
    enum cover_kind kind;
} candidate;
typedef struct candidates {
    candidate *rows; /* in byte order of item */
    size_t n, held, open;
    int64_t taken[COVER_KINDS]; /* of the rows that are LISTED */
    int64_t left[COVER_KINDS];  /* due, but of no kind that the row covers */
} candidates;
/* The caller ends it with candidates_done. Refuses a named item that is not to be disposed of. */
UPP_MUST_USE int candidate_list(upp_txn *txn, const keeper *k, const ground *g,
                                const Uppsikt__ProposeDisposal *c, candidates *ret_list);
void candidates_done(candidates *list);
/* How it stands with the item now that a second person approves. */
UPP_MUST_USE int candidate_now(upp_txn *txn, const keeper *k, const char *item, const ground *g,
                               enum listed_state *ret_state);

/* What is known of what has this id, whether or not it is due. 1: nothing, or it is forgotten. */
typedef struct known {
    char authority[EVIDENCE_ID], cited[EVIDENCE_ID]; /* cited: by the decision that removed it */
    enum cover_kind kind;                            /* COVER_KINDS: ingest has not said yet */
    bool held;
    const char *why; /* as a thing's */
} known;
UPP_MUST_USE int candidate_known(upp_txn *txn, const char *subject, known *ret_known);

/* -- disposer.c: who may -- */
/* Refuses a person who is neither of the authority whose records they are nor an archivist of the
 * common archive. */
UPP_MUST_USE int disposer_need(upp_txn *txn, const keeper *k, const char *person, const ground *g);
/* Refuses a second person who may not, with that first one: neither operations, nor two who are
 * no archivists. */
UPP_MUST_USE int disposer_need_second(upp_txn *txn, const keeper *k, const char *first,
                                      const char *second, const ground *g);
