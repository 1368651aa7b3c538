/* lexicon_table.h - how a lexicon lies in memory; for lexicon*.c alone. */
#pragma once
#include "lexicon.h"

enum word_shape {
    WORD_WHOLE,
    WORD_PREFIX,
    WORD_SUFFIX,
    WORD_ANY, /* "*": one word, whatever it is */
    WORD_GAP, /* "**": none to three words */
    WORD_SHAPES
};

struct lexicon_word {
    uint32_t text; /* in letters */
    uint8_t len;
    uint8_t shape;
};

struct lexicon_entry {
    uint32_t first_word; /* in words */
    uint32_t first_except;
    uint8_t n_words, n_excepts;
    uint8_t class, weight;
    bool friend, disguised;
    bool paired;     /* of a leader: there are entries with its first word and a `second` */
    uint32_t second; /* hash of the second word when it is whole and must follow at once; 0: else */
    uint32_t leader; /* the entry that stands for this first word in the index */
    uint32_t alone;  /* of a leader: the last entry with its first word and no `second`, + 1 */
    uint32_t next;   /* the entry before with the same first word and `second`, + 1; 0: none */
};

/* By the hash of a word's beginning, or ending: two bits, FILTER_HERE and FILTER_ON. Most words
 * have none of either after three letters. */
#define FILTER_CELLS 65536u
#define FILTER_BYTES (FILTER_CELLS / 4)
#define FILTER_HERE  1u /* there may be a first word that is this */
#define FILTER_ON    2u /* there may be one that goes on from here */

static inline unsigned filter_bits(const uint8_t *filter, uint32_t hash)
{
    return (unsigned)filter[hash % FILTER_CELLS / 4] >> (hash % 4 * 2);
}

/* All that tells whether a word is meant, in one line of the cache. */
struct lexicon_slot {
    uint32_t leader; /* + 1; 0: free */
    uint32_t hash;   /* of its first word, as are the rest */
    uint32_t text;   /* in letters */
    uint32_t len;
};

/* First words by hash. */
struct lexicon_index {
    const struct lexicon_slot *slot;
    const uint8_t *filter; /* FILTER_BYTES */
    size_t n_slots;        /* a power of two */
};

static inline size_t first_slot(const struct lexicon_index *index, uint32_t hash)
{
    return (hash * 2654435769u) & (index->n_slots - 1);
}

static inline size_t next_slot(const struct lexicon_index *index, size_t slot)
{
    return (slot + 1) & (index->n_slots - 1);
}

/* The entries with a `second`, by leader and second: common words begin hundreds of them. */
struct lexicon_pairs {
    const uint32_t *slot; /* the last entry of such a pair, + 1; 0: free */
    size_t n_slots;       /* a power of two */
};

static inline size_t pair_slot(const struct lexicon_pairs *pairs, uint32_t leader, uint32_t second)
{
    const uint32_t hash = (leader * 2654435769u ^ second) * 2654435769u;
    return (hash ^ hash >> 16) & (pairs->n_slots - 1);
}

enum { LEXICON_INDEXES = 3 }; /* whole, prefix, suffix */

/* What is looked up; it lies in `built` or, for the lists that the program has, in the program. */
struct classify_lexicon {
    const struct lexicon_entry *entries;
    size_t n_entries;
    const struct lexicon_word *words;
    size_t n_words;
    const uint8_t *letters;
    size_t n_letters;
    struct lexicon_index index[LEXICON_INDEXES];
    struct lexicon_pairs pairs;
    /* The words that masks may stand for, entries by first letter: [mask_from[c], mask_from[c +
     * 1]). */
    const uint32_t *mask_entry;
    uint32_t mask_from[257];
    uint64_t version;
    bool sealed;
    struct lexicon_built *built; /* NULL: made by lexicon_write.c */
};

static inline const uint8_t *lexicon_letters(const classify_lexicon *lexicon,
                                             const struct lexicon_word *word)
{
    return lexicon->letters + word->text;
}
