/* lexicon.h - word lists that an administrator can read: one class of words a file.
 *
 * A line of a file (UTF-8, any case):
 *   # a comment                     @disguised    people disguise these words: leet and masks are
 *                                                 taken off before they are looked up
 *   fan =3                          a word and its weight 1-3 (1 when absent)
 *   jävl* | javl* =3 !jävlaryd*     beginnings; other spellings of the same; words that are meant
 *                                   otherwise
 *   *jävel =3                       endings: the last part of a compound
 *   dra åt helvete =3               several words; * is any one word, ** up to three in between
 *   ~ ett fan av                    a false friend: no word of this class is seen inside it
 */
#pragma once
#include "label.h"
#include "token.h"

// clang-format off
/* Every class is lexicon/<name>.txt. The first rows speak for a label of their own: a hit is a
 * finding. The rest say what kind of thing a word is; the model weighs them. */
#define LEXICON_CLASSES(X)                                                                         \
    X(violence_porn) X(copyright) X(profanity) X(attack) X(hate) X(incitement) X(political)        \
    X(advertising) X(personal_data) X(confidential)                                                \
    X(mild) X(given_name) X(surname) X(kinship) X(role) X(group_people) X(group_gender)            \
    X(group_disability) X(beast) X(derogation) X(crime) X(health) X(economy) X(social_case)        \
    X(violence) X(weapon) X(damage) X(body) X(party) X(vote) X(sell) X(money) X(invite) X(work)    \
    X(copying) X(sex) X(gore) X(secret) X(insider) X(authority) X(quote) X(negation) X(you) X(he)  \
    X(we) X(praise) X(counter) X(ask) X(wonder) X(request) X(rhetorical) X(address)      \
    X(number_cue) X(account_cue) X(plate_cue) X(suicide) X(child_harm) X(records) X(exile)         \
    X(service) X(verb) X(english) X(imperative) X(need)
// clang-format on

enum lexicon_class {
#define LEXICON_ENUM(name) LEXICON_##name,
    LEXICON_CLASSES(LEXICON_ENUM)
#undef LEXICON_ENUM
        LEXICON_CLASS_COUNT
};

_Static_assert(LEXICON_CLASS_COUNT <= 64, "a token's classes are bits of 64");

#define LEXICON_BIT(name) (UINT64_C(1) << LEXICON_##name)

typedef struct classify_lexicon classify_lexicon;

/* Static names: "profanity". */
const char *lexicon_class_name(enum lexicon_class class);
/* 0 and the label that a hit of this class speaks for; UPP_E_INPUT: it speaks for none. */
UPP_MUST_USE int lexicon_class_label(enum lexicon_class class, enum classify_label *ret_label);

/* NULL: out of memory. */
classify_lexicon *lexicon_new(void);
void lexicon_free(classify_lexicon *lexicon); /* NULL is fine */
void lexicon_freep(classify_lexicon **lexicon);

/* Adds the lines of one class's file. 0; UPP_E_INPUT: one or more lines are wrong, all of them said
 * through `say` as "profanity.txt:12: weight is 1 to 3" (`ctx` is handed on), the right ones are
 * kept; UPP_E_BUSY: out of memory. */
UPP_MUST_USE int lexicon_add(classify_lexicon *lexicon, enum lexicon_class class, const char *file,
                             const char *text, size_t len, void (*say)(void *ctx, const char *line),
                             void *ctx);

/* Builds the look-up tables once all files are in. UPP_E_BUSY: out of memory. */
UPP_MUST_USE int lexicon_seal(classify_lexicon *lexicon);

/* The lists of lexicon/, sealed when the program was built: static, and no memory of this process's
 * own (lexicon_write.c). In upp_classifier. */
const classify_lexicon *lexicon_built_in(void);

/* FNV-1a 64 over everything added, in order: the lexicons' version. */
uint64_t lexicon_version(const classify_lexicon *lexicon);
size_t lexicon_entries(const classify_lexicon *lexicon);

#define LEXICON_HITS_MAX 2048

struct lexicon_hit {
    uint16_t first, last; /* tokens */
    uint8_t class;
    uint8_t weight;
    bool friend; /* only while matching: a false friend, which takes hits of its class away */
};

struct lexicon_hits {
    size_t n;
    struct lexicon_hit at[LEXICON_HITS_MAX];
    uint64_t classes[CLASSIFY_TEXT_MAX]; /* by token: LEXICON_BIT */
    uint64_t friends[CLASSIFY_TEXT_MAX]; /* by token: classes it is a false friend of */
};

/* Finds every entry in the tokens. Linear: an entry is at most LEXICON_WORDS_MAX words. */
#define LEXICON_WORDS_MAX 8
void lexicon_match(const classify_lexicon *lexicon, const struct classify_tokens *tokens,
                   struct lexicon_hits *ret_hits);

/* A token_known over the @disguised classes; `ctx` is the sealed classify_lexicon. */
size_t lexicon_known(const void *ctx, const uint8_t *word, size_t len, bool mask, uint8_t *ret);
