/* kin.h - which comments belong together, told by ids of our own, so that whoever keeps clocks and
 * decides needs neither a text nor an author (sla.md §3.4, E19-E21, §7). */
#pragma once
#include "take_in.h"

typedef struct kin {
    char continues[UPP_ID]; /* the same author's first in this conversation; "": none */
    char repeats[UPP_ID];   /* the first with these words by this author within a day, here */
    char echoes[UPP_ID];    /* the first with these words under the same post of ours */
    char twin[UPP_ID];      /* these words by this author within a day on another account */
} kin;

/* Looks for its kin among what came before, and keeps it for what comes after. */
UPP_MUST_USE int kin_find(upp_txn *txn, const take_in *from, const reading *it, const char *id,
                          const char *parent, const char *thread, upp_ms received, kin *ret_kin);
/* A keyed hash of the words, without white space and in small letters; "" when there are none. */
void kin_words(const upp_txn *txn, const char *text, char ret_words[UPP_HEX]);
/* A keyed hash of who wrote it, as her platform calls her. */
void kin_author(const upp_txn *txn, const char *platform, const char *id, char ret_author[UPP_HEX]);
UPP_MUST_USE int kin_forget(upp_txn *txn, const char *item);
