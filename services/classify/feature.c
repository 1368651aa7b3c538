/* feature.c - turns a reading into hashed features; the hash is part of the model's format. */
#include "feature.h"
#include <math.h>
#include <string.h>

#define NO_TOKEN  UINT16_MAX
#define STEM      6 /* letters */
#define WINDOW    6 /* tokens between two classes that belong together */
#define PATTERN_N 3
#define EDGE      9999u /* between sentences */

struct maker {
    const struct classify_reading *r;
    const struct feature *end; /* of the list */
    uint32_t last_sentence;
};

static inline uint32_t mix(uint32_t hash, uint32_t value)
{
    hash ^= value + 0x9E3779B9u + (hash << 6) + (hash >> 2);
    hash *= 0x85EBCA6Bu;
    return hash ^ (hash >> 13);
}

/* All of a feature but its hash. */
static inline uint32_t where(const struct maker *m, enum feature_view view, size_t token)
{
    /* A stray mark after the last sentence belongs to it. */
    uint32_t sentence = token == NO_TOKEN ? 0 : m->r->tokens.at[token].sentence;
    sentence = sentence < m->last_sentence ? sentence : m->last_sentence;
    return feature_where(view, sentence, (uint32_t)token);
}

static inline struct feature *add(struct feature *next, uint32_t hash, uint32_t where)
{
    next->hash = hash;
    next->where = where;
    return next + 1;
}

/* Features are written first; then this is asked, after FEATURES_SPARE of them at most. What was
 * written beyond falls away. */
static inline bool is_full(const struct maker *m, const struct feature *next)
{
    return next >= m->end;
}

enum kind_of_feature { /* keeps unlike features apart; part of the model's format */
                       F_WORD = 1,
                       F_STEM,
                       F_PAIR,
                       F_STEM_PAIR,
                       F_CHARS,
                       F_PATTERN,
                       F_CLASS,
                       F_CLASS_STRONG,
                       F_CLASS_MANY,
                       F_SENTENCE_PAIR,
                       F_WINDOW,
                       F_DATA,
                       F_CUE,
                       F_SYMBOL,
                       F_NEGATED = F_SYMBOL + 2, /* the number between was another kind's */
                       F_CUE_CLASS,
                       F_ENGLISH,
                       F_LENGTH,
                       F_EDGE
};

/* Data and names are what they are, never their letters: nobody's name gets into the model. */
static bool is_masked(const struct classify_reading *r, size_t i)
{
    const unsigned item = r->item[i];
    return (item >= ITEM_DATA && item < ITEM_NUMBER && item != ITEM_DATA + DETECT_link) ||
           item == ITEM_CLASS + LEXICON_given_name;
}

/* Three and four letters from each of the framed word. */
static inline struct feature *add_chars(const struct maker *m, size_t i, struct feature *next)
{
    const struct classify_token *t = &m->r->tokens.at[i];
    const uint32_t here = where(m, FEATURE_CHARS, i);
    uint8_t framed[TOKEN_TEXT_MAX + 2];
    framed[0] = '^';
    memcpy(framed + 1, token_text(&m->r->tokens, t), TOKEN_TEXT_MAX);
    framed[t->len + 1] = '$';
    const uint8_t *end = framed + t->len + 2;
    for (const uint8_t *at = framed; at + 3 <= end; at++) {
        uint32_t hash = mix(F_CHARS, 0);
        hash = token_hash_step(hash, at[0]);
        hash = token_hash_step(hash, at[1]);
        hash = token_hash_step(hash, at[2]);
        next = add(next, hash ^ (hash >> 15), here);
        if (at + 3 == end)
            break;
        hash = token_hash_step(hash, at[3]);
        next = add(next, hash ^ (hash >> 15), here);
    }
    return next;
}

/* What the features of words need of one. */
struct word {
    uint32_t code, stem;
    uint16_t sentence;
    bool is_long; /* longer than its stem */
};

static inline struct word word_of(const struct classify_reading *r, size_t i, bool masked)
{
    const struct classify_token *t = &r->tokens.at[i];
    struct word w = { .code = t->hash, .sentence = t->sentence, .is_long = t->len > STEM };
    if (masked)
        w.code = mix(77, r->item[i]);
    w.stem = w.is_long && !masked ? token_hash(token_text(&r->tokens, t), STEM) : w.code;
    return w;
}

/* Words and pairs of words; marks are left out but end a pair. */
static struct feature *add_words(const struct maker *m, struct feature *next)
{
    const struct classify_reading *r = m->r;
    /* The word before in this sentence. */
    struct word before = { .code = 0 };
    bool first = true;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind == TOKEN_MARK)
            continue;
        first = first || before.sentence != t->sentence;
        const bool masked = is_masked(r, i);
        const struct word w = word_of(r, i, masked);
        const uint32_t here = where(m, FEATURE_WORD, i);
        next = add(next, mix(F_WORD, w.code), here);
        if (w.is_long)
            next = add(next, mix(F_STEM, w.stem), here);
        next = add(next, mix(mix(F_PAIR, first ? 1 : before.code), w.code), here);
        if (!first && (w.is_long || before.is_long))
            next = add(next, mix(mix(F_STEM_PAIR, before.stem), w.stem), here);
        if (is_full(m, next))
            return next;
        if (t->kind == TOKEN_WORD && !masked)
            next = add_chars(m, i, next);
        before = w;
        first = false;
    }
    return next;
}

/* The sentence as what its words are, two or three in a row, with its beginning and end. */
static struct feature *add_patterns(const struct maker *m, struct feature *next)
{
    const struct classify_reading *r = m->r;
    uint32_t row[PATTERN_N] = { 0 };
    size_t n = 0;
    for (size_t i = 0; r->tokens.n > 0 && i <= r->tokens.n; i++) {
        const bool start =
            i == 0 || i == r->tokens.n || r->tokens.at[i].sentence != r->tokens.at[i - 1].sentence;
        const uint32_t here = where(m, FEATURE_PATTERN, i < r->tokens.n ? i : i - 1);
        for (unsigned step = start ? 0u : 1u; step < 2; step++) {
            if (step == 1 && i == r->tokens.n)
                break;
            /* Step 0 is the edge between sentences. */
            const uint32_t item = step == 0 ? EDGE : r->item[i];
            if (step == 1 && item == ITEM_MARK + ',')
                continue;
            row[2] = row[1];
            row[1] = row[0];
            row[0] = item;
            n++;
            uint32_t hash = mix(F_PATTERN, row[0]);
            bool telling = row[0] != ITEM_OTHER && row[0] != EDGE;
            for (size_t k = 1; k < PATTERN_N && k < n; k++) {
                hash = mix(hash, row[k]);
                telling |= row[k] != ITEM_OTHER && row[k] != EDGE;
                if (telling)
                    next = add(next, hash, here);
            }
        }
        if (is_full(m, next))
            return next;
        if (start && i > 0 && i < r->tokens.n)
            n = 2; /* the edge and the first word */
    }
    return next;
}

#define DULL (LEXICON_BIT(english) | LEXICON_BIT(verb))

/* The tokens with a class that tells something, in order; gives back how many. */
static size_t find_telling(const struct classify_reading *r, uint16_t ret[CLASSIFY_TEXT_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        ret[n] = (uint16_t)i;
        n += (r->words.classes[i] & ~DULL) != 0;
    }
    return n;
}

/* Classes that come within a few tokens of each other, in order, and in one sentence at all. */
static struct feature *add_class_pairs(const struct maker *m, struct feature *next)
{
    const struct classify_reading *r = m->r;
    uint16_t telling[CLASSIFY_TEXT_MAX]; /* tokens */
    const size_t n = find_telling(r, telling);
    uint64_t sentence = 0;
    for (size_t at = 0; at < n; at++) {
        const size_t i = telling[at];
        const uint64_t a = r->words.classes[i] & ~DULL;
        const uint16_t here = r->tokens.at[i].sentence;
        const uint32_t place = where(m, FEATURE_PAIRS, i);
        for (size_t next_at = at + 1; next_at < n; next_at++) {
            const size_t k = telling[next_at];
            if (k > i + WINDOW || r->tokens.at[k].sentence != here)
                break;
            const uint64_t b = r->words.classes[k] & ~DULL;
            for (uint64_t x = a; x; x &= x - 1) {
                const uint32_t left = mix(F_WINDOW, (uint32_t)__builtin_ctzll(x));
                for (uint64_t y = b; y; y &= y - 1)
                    next = add(next, mix(left, (uint32_t)__builtin_ctzll(y)), place);
                if (is_full(m, next))
                    return next;
            }
        }
        const uint64_t fresh = a & ~sentence;
        for (uint64_t x = fresh; x; x &= x - 1) {
            const uint32_t cx = (uint32_t)__builtin_ctzll(x);
            for (uint64_t y = sentence | ((x - 1) & fresh); y; y &= y - 1) {
                const uint32_t cy = (uint32_t)__builtin_ctzll(y);
                next = add(next, mix(mix(F_SENTENCE_PAIR, cx < cy ? cx : cy), cx < cy ? cy : cx),
                           place);
            }
            if (is_full(m, next))
                return next;
        }
        sentence |= a;
        if (i + 1 < r->tokens.n && r->tokens.at[i + 1].sentence != here)
            sentence = 0;
    }
    return next;
}

static bool is_negated(const struct classify_reading *r, size_t token)
{
    for (size_t k = token > 3 ? token - 3 : 0; k < token; k++) {
        if ((r->words.classes[k] & LEXICON_BIT(negation)) &&
            r->tokens.at[k].sentence == r->tokens.at[token].sentence)
            return true;
    }
    return false;
}

/* Classes whose words mean another thing when they are denied or quoted. */
static bool is_weighty(unsigned class)
{
    return class <= LEXICON_confidential || class == LEXICON_violence || class == LEXICON_damage ||
           class == LEXICON_derogation;
}

static struct feature *add_hits(const struct maker *m, struct feature *next)
{
    const struct classify_reading *r = m->r;
    uint8_t count[LEXICON_CLASS_COUNT] = { 0 };
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        if (!(r->words.classes[hit->first] & (UINT64_C(1) << hit->class)))
            continue;
        if (count[hit->class] < 3)
            count[hit->class]++;
        const uint32_t here = where(m, FEATURE_RULE, hit->first);
        next = add(next, mix(F_CLASS, hit->class), here);
        if (hit->weight > 1)
            next = add(next, mix(mix(F_CLASS_STRONG, hit->class), hit->weight), here);
        if (count[hit->class] == 2)
            next = add(next, mix(F_CLASS_MANY, hit->class), here);
        if (is_weighty(hit->class)) {
            if (is_negated(r, hit->first))
                next = add(next, mix(F_NEGATED, hit->class), here);
            if (r->quoted[hit->first])
                next = add(next, mix(mix(F_NEGATED, hit->class), 1), here);
        }
        if (is_full(m, next))
            return next;
    }
    return next;
}

static struct feature *add_facts(const struct maker *m, struct feature *next)
{
    const struct classify_reading *r = m->r;
    const uint32_t nowhere = where(m, FEATURE_RULE, NO_TOKEN);
    for (uint32_t seen = r->data.seen; seen; seen &= seen - 1)
        next = add(next, mix(F_DATA, (uint32_t)__builtin_ctz(seen)), nowhere);
    for (uint32_t cues = r->cues; cues; cues &= cues - 1)
        next = add(next, mix(F_CUE, (uint32_t)__builtin_ctz(cues)), nowhere);
    if (r->english)
        next = add(next, mix(F_ENGLISH, 1), nowhere);
    uint32_t symbols = 0;
    for (size_t i = 0; r->fold.n_pictures > 0 && i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind != TOKEN_PICTURE)
            continue;
        const uint32_t symbol = (uint32_t)(r->fold.ch[t->from] - FOLD_JOY);
        if (!(symbols & (1u << symbol)))
            next = add(next, mix(F_SYMBOL, symbol), where(m, FEATURE_RULE, i));
        symbols |= 1u << symbol;
    }
    return next;
}

void feature_extract(const struct classify_reading *reading, struct feature_list *ret_list)
{
    ret_list->cues = reading->cues;
    ret_list->n_sentences = reading->tokens.n_sentences < FEATURE_SENTENCES_MAX
                                ? reading->tokens.n_sentences
                                : FEATURE_SENTENCES_MAX;
    const struct maker m = { .r = reading,
                             .end = ret_list->at + FEATURES_MAX,
                             .last_sentence = (uint32_t)ret_list->n_sentences - 1 };
    struct feature *next = add_facts(&m, ret_list->at);
    next = add_hits(&m, next);
    if (!is_full(&m, next))
        next = add_class_pairs(&m, next);
    if (!is_full(&m, next))
        next = add_patterns(&m, next);
    if (!is_full(&m, next))
        next = add_words(&m, next);
    ret_list->n = is_full(&m, next) ? FEATURES_MAX : (size_t)(next - ret_list->at);
}

float feature_value(enum feature_view view, size_t n)
{
    static const float share[FEATURE_VIEWS] = {
        [FEATURE_WORD] = 1.8f,
        [FEATURE_CHARS] = 1.0f,
        [FEATURE_PATTERN] = 0.7f,
        [FEATURE_PAIRS] = 0.7f,
    };
    /* As many as the longest rows of the training have. Beyond them all weigh together as much as
     * so many did: what is said five hundred times over is not worth more than the nets know. */
    static const size_t most[FEATURE_VIEWS] = {
        [FEATURE_WORD] = 256,  [FEATURE_CHARS] = 1024, [FEATURE_PATTERN] = 192,
        [FEATURE_PAIRS] = 192, [FEATURE_RULE] = 24,
    };
    if (n == 0)
        return 0;
    const size_t k = n < most[view] ? n : most[view];
    const float value = view == FEATURE_RULE ? 0.3f : share[view] / sqrtf((float)k);
    return value * (float)k / (float)n;
}
