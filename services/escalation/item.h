/* item.h - what was written to us, as far as a clock needs it: its row, and what the machine and
 * people said about it. */
#pragma once
#include "round.h"
#include "upp/service.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"

#define ITEM_BIT(label)     ((int64_t)1 << (label))
#define ITEM_QUESTION_BIT   ITEM_BIT(UPPSIKT__LABEL__LABEL_QUESTION)
#define ITEM_VIOLATION_BITS (~ITEM_QUESTION_BIT)

typedef struct item_row {
    char item[48], account[48];
    Uppsikt__ItemKind kind; /* unspecified: ingest's word has not come yet */
    upp_ms received_ms, seen_ms, gone_ms;
    uint32_t version; /* the newest; 0: none has come */
    uint32_t decided; /* the newest that a person decided on, or that says the same */
    upp_ms undecided_ms, undecided_seen_ms; /* when the first text after it came */
    bool backfill, removed;
    Uppsikt__GoneBy gone;
    int mark;
    int64_t labels;
} item_row;
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

/* The rounds of its questions; `closed` as round_list takes it. */
UPP_MUST_USE int item_rounds(upp_txn *txn, const item_row *i, const upp_ms closed[ROUND_MAX],
                             round_span ret_rounds[ROUND_MAX], size_t *ret_n);
