/* context.h - what stands around the words: who is spoken of and to, quoted, denied, asked. */
#pragma once
#include "detect.h"

/* Everything that was found in one comment; the parts of one judgement. */
struct classify_reading {
    struct classify_fold fold;
    struct classify_tokens tokens;
    struct lexicon_hits words;
    struct detect_hits data;
    /* By token: what it is in the pattern of its sentence (context_item). */
    uint16_t item[CLASSIFY_TEXT_MAX];
    /* By token: stands inside quotation marks. */
    bool quoted[CLASSIFY_TEXT_MAX];
    uint32_t cues; /* enum context_cue, bits */
    bool english;
};

// clang-format off
#define CONTEXT_CUES(X)                                                                            \
    X(shouting) X(disguised) X(quotes) X(hit_quoted) X(question_mark) X(ends_asking) X(mark_alone) \
    X(interrogative_first) X(interrogative_clause) X(verb_first) X(wonder) X(request) X(order_first)    \
    X(friend_first) X(rhetorical) X(exclaims) X(many_marks) X(long_row) X(very_short) X(numbers)   \
    X(foreign) X(pictures) X(thanks_for_answer)
// clang-format on

enum context_cue {
#define CONTEXT_ENUM(name) CONTEXT_##name,
    CONTEXT_CUES(CONTEXT_ENUM)
#undef CONTEXT_ENUM
        CONTEXT_CUE_COUNT
};
_Static_assert(CONTEXT_CUE_COUNT <= 32, "cues are 32 bits");

#define CONTEXT_BIT(name) (1u << CONTEXT_##name)

/* Items of the pattern: classes first, then kinds of data, then function words, then the rest. */
#define ITEM_CLASS    1u   /* + enum lexicon_class */
#define ITEM_DATA     80u  /* + enum detect_kind */
#define ITEM_NUMBER   120u /* + how many digits, at most 12 */
#define ITEM_PICTURE  140u /* + symbol - FOLD_JOY */
#define ITEM_MARK     160u /* + the ASCII mark */
#define ITEM_FUNCTION 300u /* + place in the list of function words */
#define ITEM_OTHER    0u

/* Reads the whole comment: folds, splits, looks up, detects, then looks around. `own` may be NULL.
 * `hint` is "sv", "en" or NULL. */
void context_read(const classify_lexicon *lexicon, const struct classify_own *own, const char *text,
                  size_t len, const char *hint, struct classify_reading *ret);

/* The labels (CLASSIFY_BIT) that need no weighing: personal data by a right check digit or the
 * like, profanity by a strong word that nobody is quoted with. */
unsigned context_sure(const struct classify_reading *r);

/* The question cues; part of context_read. */
uint32_t question_cues(const struct classify_reading *r);

const char *context_cue_name(enum context_cue cue); /* static */
