/* feature.c - turns a reading into hashed features; the hash is part of the model's format. */
#include "feature.h"
#include <math.h>
#include <string.h>

#define NO_TOKEN  UINT16_MAX
#define STEM      6 /* letters */
#define WINDOW    6 /* tokens between two classes that belong together */
#define PATTERN_N 4

struct maker {
    const struct classify_reading *r;
    struct feature_list *out;
};

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash ^= value + 0x9E3779B9u + (hash << 6) + (hash >> 2);
    hash *= 0x85EBCA6Bu;
    return hash ^ (hash >> 13);
}

static void add(struct maker *m, enum feature_view view, uint32_t hash, size_t token)
{
    if (m->out->n == FEATURES_MAX)
        return;
    /* A stray mark after the last sentence belongs to it. */
    const size_t sentence = token == NO_TOKEN ? 0 : m->r->tokens.at[token].sentence;
    const size_t last = m->out->n_sentences - 1;
    m->out->at[m->out->n++] = (struct feature){
        .hash = hash,
        .view = (uint8_t)view,
        .sentence = (uint8_t)(sentence < last ? sentence : last),
        .token = (uint16_t)token,
    };
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
                       F_SKIP,
                       F_NEGATED,
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

static uint32_t word_code(const struct classify_reading *r, size_t i, size_t letters)
{
    if (is_masked(r, i))
        return mix(77, r->item[i]);
    const struct classify_token *t = &r->tokens.at[i];
    return letters < t->len ? token_hash(token_text(&r->tokens, t), letters) : t->hash;
}

static void add_chars(struct maker *m, size_t i)
{
    const struct classify_token *t = &m->r->tokens.at[i];
    uint8_t framed[TOKEN_TEXT_MAX + 2];
    framed[0] = '^';
    memcpy(framed + 1, token_text(&m->r->tokens, t), t->len);
    framed[t->len + 1] = '$';
    const size_t len = t->len + 2u;
    for (size_t at = 0; at + 3 <= len; at++) {
        uint32_t hash = mix(F_CHARS, 0);
        for (size_t n = 0; n < 5 && at + n < len; n++) {
            hash = token_hash_step(hash, framed[at + n]);
            if (n >= 2)
                add(m, FEATURE_CHARS, hash ^ (hash >> 15), i);
        }
    }
}

/* Words and pairs of words; marks are left out but end a pair. */
static void add_words(struct maker *m)
{
    const struct classify_reading *r = m->r;
    size_t before = NO_TOKEN; /* the word before in this sentence */
    size_t before2 = NO_TOKEN;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind == TOKEN_MARK)
            continue;
        if (before != NO_TOKEN && r->tokens.at[before].sentence != t->sentence)
            before = before2 = NO_TOKEN;
        const uint32_t word = word_code(r, i, TOKEN_TEXT_MAX);
        add(m, FEATURE_WORD, mix(F_WORD, word), i);
        const uint32_t stem = word_code(r, i, STEM);
        if (t->len > STEM)
            add(m, FEATURE_WORD, mix(F_STEM, stem), i);
        const uint32_t left = before == NO_TOKEN ? 1 : word_code(r, before, TOKEN_TEXT_MAX);
        add(m, FEATURE_WORD, mix(mix(F_PAIR, left), word), i);
        if (before != NO_TOKEN && (t->len > STEM || r->tokens.at[before].len > STEM))
            add(m, FEATURE_WORD, mix(mix(F_STEM_PAIR, word_code(r, before, STEM)), stem), i);
        if (before2 != NO_TOKEN)
            add(m, FEATURE_WORD, mix(mix(F_SKIP, word_code(r, before2, STEM)), stem), i);
        if (t->kind == TOKEN_WORD && !is_masked(r, i))
            add_chars(m, i);
        before2 = before;
        before = i;
    }
}

/* The sentence as what its words are, two to four in a row, with its beginning and end. */
static void add_patterns(struct maker *m)
{
    const struct classify_reading *r = m->r;
    uint32_t row[PATTERN_N] = { 0 };
    size_t n = 0;
    for (size_t i = 0; i <= r->tokens.n; i++) {
        const bool start =
            i == 0 || i == r->tokens.n || r->tokens.at[i].sentence != r->tokens.at[i - 1].sentence;
        for (unsigned step = start ? 0u : 1u; step < 2; step++) {
            if (step == 1 && i == r->tokens.n)
                break;
            /* Step 0 is the edge between sentences. */
            const uint32_t item = step == 0 ? 9999 : r->item[i];
            if (step == 1 && item == ITEM_MARK + ',')
                continue;
            memmove(row + 1, row, (PATTERN_N - 1) * sizeof row[0]);
            row[0] = item;
            n++;
            uint32_t hash = mix(F_PATTERN, row[0]);
            bool telling = row[0] != ITEM_OTHER && row[0] != 9999;
            for (size_t k = 1; k < PATTERN_N && k < n; k++) {
                hash = mix(hash, row[k]);
                telling |= row[k] != ITEM_OTHER && row[k] != 9999;
                if (telling)
                    add(m, FEATURE_PATTERN, hash, i < r->tokens.n ? i : i - 1);
            }
        }
        if (start && i > 0 && i < r->tokens.n)
            n = 2; /* the edge and the first word */
    }
}

/* Classes that come within a few tokens of each other, in order, and in one sentence at all. */
static void add_class_pairs(struct maker *m)
{
    const struct classify_reading *r = m->r;
    const uint64_t dull = LEXICON_BIT(english) | LEXICON_BIT(verb);
    uint64_t sentence = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        uint64_t a = r->words.classes[i] & ~dull;
        if (a == 0)
            continue;
        for (size_t k = i + 1; k < r->tokens.n && k <= i + WINDOW; k++) {
            if (r->tokens.at[k].sentence != r->tokens.at[i].sentence)
                break;
            for (uint64_t x = a; x; x &= x - 1) {
                for (uint64_t y = r->words.classes[k] & ~dull; y; y &= y - 1)
                    add(m, FEATURE_PAIRS,
                        mix(mix(F_WINDOW, (uint32_t)__builtin_ctzll(x)),
                            (uint32_t)__builtin_ctzll(y)),
                        i);
            }
        }
        const uint64_t fresh = a & ~sentence;
        for (uint64_t x = fresh; x; x &= x - 1) {
            const uint32_t cx = (uint32_t)__builtin_ctzll(x);
            for (uint64_t y = sentence | ((x - 1) & fresh); y; y &= y - 1) {
                const uint32_t cy = (uint32_t)__builtin_ctzll(y);
                add(m, FEATURE_PAIRS,
                    mix(mix(F_SENTENCE_PAIR, cx < cy ? cx : cy), cx < cy ? cy : cx), i);
            }
        }
        sentence |= a;
        if (i + 1 < r->tokens.n && r->tokens.at[i + 1].sentence != r->tokens.at[i].sentence)
            sentence = 0;
    }
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

static void add_hits(struct maker *m)
{
    const struct classify_reading *r = m->r;
    uint8_t count[LEXICON_CLASS_COUNT] = { 0 };
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        if (!(r->words.classes[hit->first] & (UINT64_C(1) << hit->class)))
            continue;
        if (count[hit->class] < 3)
            count[hit->class]++;
        add(m, FEATURE_RULE, mix(F_CLASS, hit->class), hit->first);
        if (hit->weight > 1)
            add(m, FEATURE_RULE, mix(mix(F_CLASS_STRONG, hit->class), hit->weight), hit->first);
        if (count[hit->class] == 2)
            add(m, FEATURE_RULE, mix(F_CLASS_MANY, hit->class), hit->first);
        if (hit->class <= LEXICON_confidential || hit->class == LEXICON_violence ||
            hit->class == LEXICON_damage || hit->class == LEXICON_derogation) {
            if (is_negated(r, hit->first))
                add(m, FEATURE_RULE, mix(F_NEGATED, hit->class), hit->first);
            if (r->quoted[hit->first])
                add(m, FEATURE_RULE, mix(mix(F_NEGATED, hit->class), 1), hit->first);
        }
    }
}

static void add_facts(struct maker *m)
{
    const struct classify_reading *r = m->r;
    for (unsigned k = 0; k < DETECT_KIND_COUNT; k++) {
        if (r->data.seen & (1u << k))
            add(m, FEATURE_RULE, mix(F_DATA, k), NO_TOKEN);
    }
    for (unsigned k = 0; k < CONTEXT_CUE_COUNT; k++) {
        if (r->cues & (1u << k))
            add(m, FEATURE_RULE, mix(F_CUE, k), NO_TOKEN);
    }
    if (r->english)
        add(m, FEATURE_RULE, mix(F_ENGLISH, 1), NO_TOKEN);
    uint32_t symbols = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind != TOKEN_PICTURE)
            continue;
        const uint32_t symbol = (uint32_t)(r->fold.ch[t->from] - FOLD_JOY);
        if (!(symbols & (1u << symbol)))
            add(m, FEATURE_RULE, mix(F_SYMBOL, symbol), i);
        symbols |= 1u << symbol;
    }
}

void feature_extract(const struct classify_reading *reading, struct feature_list *ret_list)
{
    struct maker m = { .r = reading, .out = ret_list };
    ret_list->n = 0;
    ret_list->cues = reading->cues;
    ret_list->n_sentences = reading->tokens.n_sentences < FEATURE_SENTENCES_MAX
                                ? reading->tokens.n_sentences
                                : FEATURE_SENTENCES_MAX;
    add_facts(&m);
    add_hits(&m);
    add_class_pairs(&m);
    add_patterns(&m);
    add_words(&m);
}

float feature_value(enum feature_view view, size_t n)
{
    static const float share[FEATURE_VIEWS] = {
        [FEATURE_WORD] = 1.8f,
        [FEATURE_CHARS] = 1.4f,
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
