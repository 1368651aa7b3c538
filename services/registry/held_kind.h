/* held_kind.h - how much content a service holds under a subject, by kinds: what a report of all
 * that is held of one person is made from (GDPR art. 15; R24, R29). */
#pragma once
#include "upp/txn.h"
#include "uppsikt/held.pb-c.h"

typedef struct held_kind {
    const char *kind, *what; /* as in HeldRow */
    /* A literal: gives (how many, the oldest's time or NULL) of the subject ?1. */
    const char *sql;
    bool elsewhere; /* not content of the subject itself: it quotes it, and goes by itself */
} held_kind;

/* Answers Held: a row for each kind of which there is any, then "other": content of the subjects
 * that no kind counts. Refuses more than 200 subjects. */
UPP_MUST_USE int held_reply(upp_txn *txn, const Uppsikt__Held *q, const held_kind *kinds, size_t n);
