/* feature.h - a reading as hashed features in four views. */
#pragma once
#include "context.h"

enum feature_view {
    FEATURE_WORD,    /* words, stems, pairs of words */
    FEATURE_CHARS,   /* three or four letters within a word */
    FEATURE_PATTERN, /* the sentence as classes and grammar, two or three in a row */
    FEATURE_PAIRS,   /* classes that stand together */
    FEATURE_RULE,    /* what the lexicons, scanners and cues saw */
    FEATURE_VIEWS
};

#define FEATURE_SENTENCES_MAX 64 /* later ones count as the last */
#define FEATURES_MAX          65536
#define FEATURES_SPARE        256 /* written before it is asked whether there is room */

struct feature {
    uint32_t hash;
    union {
        struct {
            union {
                struct {
                    uint8_t view;
                    uint8_t sentence;
                };
                uint16_t group; /* both at once */
            };
            uint16_t token; /* where it begins; UINT16_MAX: nowhere, a fact of the whole comment */
        };
        uint32_t where; /* all but the hash at once */
    };
};
_Static_assert(sizeof(struct feature) == 8, "a list of them is long");

static inline uint32_t feature_where(enum feature_view view, uint32_t sentence, uint32_t token)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (sentence << 8 | token << 16) | (uint32_t)view;
#else
    return (sentence << 16 | token) | (uint32_t)view << 24;
#endif
}

struct feature_list {
    size_t n;
    size_t n_sentences;
    uint32_t cues; /* enum context_cue, bits */
    struct feature at[FEATURES_MAX + FEATURES_SPARE];
};

/* Features beyond FEATURES_MAX are left out; a comment of 8,192 bytes stays below. */
void feature_extract(const struct classify_reading *reading, struct feature_list *ret_list);

/* How much one feature counts, by its view and how many features of that view there are. */
float feature_value(enum feature_view view, size_t n);
