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
    uint32_t second; /* hash of the second word when it is whole and must follow at once; 0: else */
    uint32_t next;   /* the next entry with the same first word, + 1; 0: none */
};

#define FILTER_BITS 65536u

/* First words by hash. */
struct lexicon_index {
    const uint32_t *slot;  /* entry + 1; 0: free */
    const uint32_t *hash;  /* of the first word of the slot's entry */
    const uint8_t *filter; /* FILTER_BITS bits */
    size_t n_slots;        /* a power of two */
    uint8_t longest;
};

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
