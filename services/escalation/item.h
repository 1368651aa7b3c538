/* item.h - what was written to us, as far as a clock needs it: its row, and what the machine and
 * people said about it. */
#pragma once
#include "upp/service.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"

#define ITEM_BIT(label)     ((int64_t)1 << (label))
#define ITEM_QUESTION_BIT   ITEM_BIT(UPPSIKT__LABEL__LABEL_QUESTION)
#define ITEM_VIOLATION_BITS (~ITEM_QUESTION_BIT)

typedef struct item_row {
    char item[48], account[48];
    Uppsikt__ItemKind kind; /* unspecified: ingest's word has not come yet */
    upp_ms received_ms, seen_ms, gone_ms;
    upp_ms
        hidden_ms; /* in the platform's own interface; negative: and seen again, then; 0: never */
    uint32_t version; /* the newest; 0: none has come */
    uint32_t decided; /* the newest that a person decided on, or that says the same */
    upp_ms undecided_ms, undecided_seen_ms; /* when the first text after it came */
    bool backfill, removed;
    Uppsikt__GoneBy gone;
    int mark;
    int64_t labels;
    char thread[48];
    char root[48];    /* the conversation's first item: itself, when it goes on from none */
    char repeats[48]; /* the cluster's first (E19); "": it repeats none */
    char echoes[48];  /* the first that says the same (E20); "": it echoes none */
    char twin[48], target[48];
} item_row;
/* A post or an answer of our own. */
bool item_is_ours(const item_row *i);
/* 1: nothing was ever heard of it. */
UPP_MUST_USE int item_read(upp_txn *txn, const char *item, item_row *ret_row);

/* What was said about the versions that nobody has decided on yet, at its worst (E9). */
typedef struct item_judgement {
    bool all_judged; /* the newest version is among them */
    int64_t likely, review;
    Uppsikt__Duty duty;
    bool danger, records;
} item_judgement;
UPP_MUST_USE int item_judge(upp_txn *txn, const item_row *i, item_judgement *ret_judgement);

/* The first of those that say the same: itself, when it echoes none. */
const char *item_group(const item_row *i);
Uppsikt__WithdrawnHow item_withdrawn_how(Uppsikt__GoneBy who);
