/* thing.h - what a disposal list may take beside what was written: persons who have left, absences
 * that are over, a day's looks, packages of the archive (R29). */
#pragma once
#include "cover.h"
#include "evidence.h"

#define THING_KINDS                                                                                \
    (1U << COVER_STAFF | 1U << COVER_ABSENCE | 1U << COVER_LOOK | 1U << COVER_PACKAGE)

typedef struct thing {
    char subject[EVIDENCE_ID], account[EVIDENCE_ID];
    char authority[EVIDENCE_ID]; /* whose it is; "": nobody knows, then whoever disposes may */
    enum cover_kind kind;
    upp_ms over;     /* its period runs from here */
    bool held;       /* a hold is about it */
    const char *why; /* a key of the catalogue: it stays whatever row or law says so; NULL: it may
                        go */
} thing;
/* 1: there is none, or it is forgotten. */
UPP_MUST_USE int thing_find(upp_txn *txn, const char *subject, thing *ret_thing);
/* Calls for each of the kinds of the set `covers` that is there, but not for persons who have not
 * left; of one account only, unless it is "". A negative answer ends it and is given back. */
typedef int thing_take(upp_txn *txn, void *ctx, const thing *t);
UPP_MUST_USE int thing_each(upp_txn *txn, unsigned covers, const char *account, thing_take *take,
                            void *ctx);
/* The subject of an account's looks of a day (days since 1970, local). */
void thing_look(const char *account, int64_t day, char ret_subject[EVIDENCE_ID]);
/* There are looks of that day. `authority` is for what is no account's. */
UPP_MUST_USE int thing_looked(upp_txn *txn, const char *subject, const char *account,
                              const char *authority, int64_t day);
