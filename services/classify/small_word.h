/* small_word.h - the words that grammar and scanners know by themselves, looked up once a token.
 *
 * Their lists stand in small_word_list.h and function_word.c; the table is made of them when the
 * programs are built (small_word_write.c). */
#pragma once
#include "upp/base.h"

enum small_word_role {
    SMALL_ABBREVIATION = 1, /* its full stop need not end a sentence */
    SMALL_HOME = 2,         /* somebody lives somewhere */
    SMALL_AT = 4,           /* "at", which may be said for @ */
    SMALL_ELEPHANT = 8,     /* "snabela": only ever said for @ */
    SMALL_SNABEL = 16,      /* its first half, when it is written apart */
    SMALL_A = 32,           /* its second */
    SMALL_DOT = 64,         /* a full stop, said */
    SMALL_TOP_DOMAIN = 128,
    SMALL_MAIL_HOUSE = 256,
    SMALL_DIGIT = 512,  /* a number below ten */
    SMALL_TENS = 1024,  /* ten, twenty ... */
    SMALL_TEENS = 2048, /* a number above ten with a unit in it */
    SMALL_OPENER = 4096 /* may stand before the question itself: "Hej, och hur ..." */
};

struct small_word {
    uint32_t hash; /* token_hash of its letters */
    uint16_t text; /* in small_word_letters */
    uint16_t roles;
    int16_t place;  /* in the list of function words; -1: it is none */
    uint8_t number; /* what it stands for, SMALL_DIGIT to SMALL_TEENS */
    uint8_t len;
};

#define SMALL_WORD_SLOTS 2048u

extern const struct small_word small_words[]; /* the first is no word: no roles, no place */
extern const uint16_t small_word_slots[SMALL_WORD_SLOTS];
extern const uint8_t small_word_letters[];

static inline size_t small_word_slot(uint32_t hash)
{
    return (hash ^ hash >> 15) % SMALL_WORD_SLOTS;
}

/* Its number in small_words; 0: it is none of them. `hash` is the text's token_hash. */
uint16_t small_word_find(const uint8_t *text, size_t len, uint32_t hash);
