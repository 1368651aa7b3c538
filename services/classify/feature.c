/* feature.c - turns a reading into hashed features; the hash is part of the model's format. */
#include "feature.h"
#include <math.h>
#include <string.h>

#define NO_TOKEN  UINT16_MAX
#define STEM      6 /* letters */
#define WINDOW    6 /* tokens between two classes that belong together */
#define PATTERN_N 4
#define EDGE      9999u /* between sentences */

struct maker {
    const struct classify_reading *r;
    struct feature_list *out;
    uint32_t last_sentence;
};

static inline uint32_t mix(uint32_t hash, uint32_t value)
{
    hash ^= value + 0x9E3779B9u + (hash << 6) + (hash >> 2);
    hash *= 0x85EBCA6Bu;
    return hash ^ (hash >> 13);
}

/* Where the next features go. They are written first; put_end() then says whether there was room,
 * after FEATURES_SPARE of them at most. */
struct put {
    struct feature *next;
    struct feature made; /* all but the hash */
};

static inline void add(struct put *p, uint32_t hash)
{
    *p->next = p->made;
    p->next++->hash = hash;
}

static inline struct put put_begin(const struct maker *m, enum feature_view view, size_t token)
{
    /* A stray mark after the last sentence belongs to it. */
    const uint32_t sentence = token == NO_TOKEN ? 0 : m->r->tokens.at[token].sentence;
    return (struct put){
        .next = m->out->at + m->out->n,
        .made = { .view = (uint8_t)view,
                  .sentence = (uint8_t)(sentence < m->last_sentence ? sentence : m->last_sentence),
                  .token = (uint16_t)token },
    };
}

/* False: the list is full, and what was written beyond falls away. */
static inline bool put_end(const struct maker *m, const struct put *p)
{
    const size_t n = (size_t)(p->next - m->out->at);
    m->out->n = n < FEATURES_MAX ? n : FEATURES_MAX;
    return n < FEATURES_MAX;
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

static inline void add_chars(const struct maker *m, size_t i)
{
    const struct classify_token *t = &m->r->tokens.at[i];
    uint8_t framed[TOKEN_TEXT_MAX + 2];
    framed[0] = '^';
    memcpy(framed + 1, token_text(&m->r->tokens, t), TOKEN_TEXT_MAX);
    framed[t->len + 1] = '$';
    const size_t len = t->len + 2u;
    struct put p = put_begin(m, FEATURE_CHARS, i);
    for (size_t at = 0; at + 3 <= len; at++) {
        uint32_t hash = mix(F_CHARS, 0);
        hash = token_hash_step(hash, framed[at]);
        hash = token_hash_step(hash, framed[at + 1]);
        for (size_t n = 2; n < 5 && at + n < len; n++) {
            hash = token_hash_step(hash, framed[at + n]);
            add(&p, hash ^ (hash >> 15));
        }
    }
    (void)put_end(m, &p);
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
static void add_words(const struct maker *m)
{
    const struct classify_reading *r = m->r;
    /* The words before in this sentence, the nearest first. */
    struct word before[2] = { { .code = 0 } };
    size_t n_before = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind == TOKEN_MARK)
            continue;
        if (n_before > 0 && before[0].sentence != t->sentence)
            n_before = 0;
        const bool masked = is_masked(r, i);
        const struct word w = word_of(r, i, masked);
        struct put p = put_begin(m, FEATURE_WORD, i);
        add(&p, mix(F_WORD, w.code));
        if (w.is_long)
            add(&p, mix(F_STEM, w.stem));
        add(&p, mix(mix(F_PAIR, n_before == 0 ? 1 : before[0].code), w.code));
        if (n_before > 0 && (w.is_long || before[0].is_long))
            add(&p, mix(mix(F_STEM_PAIR, before[0].stem), w.stem));
        if (n_before > 1)
            add(&p, mix(mix(F_SKIP, before[1].stem), w.stem));
        if (!put_end(m, &p))
            return;
        if (t->kind == TOKEN_WORD && !masked)
            add_chars(m, i);
        before[1] = before[0];
        before[0] = w;
        n_before += n_before < 2;
    }
}

/* The sentence as what its words are, two to four in a row, with its beginning and end. */
static void add_patterns(const struct maker *m)
{
    const struct classify_reading *r = m->r;
    uint32_t row[PATTERN_N] = { 0 };
    size_t n = 0;
    for (size_t i = 0; r->tokens.n > 0 && i <= r->tokens.n; i++) {
        const bool start =
            i == 0 || i == r->tokens.n || r->tokens.at[i].sentence != r->tokens.at[i - 1].sentence;
        struct put p = put_begin(m, FEATURE_PATTERN, i < r->tokens.n ? i : i - 1);
        for (unsigned step = start ? 0u : 1u; step < 2; step++) {
            if (step == 1 && i == r->tokens.n)
                break;
            /* Step 0 is the edge between sentences. */
            const uint32_t item = step == 0 ? EDGE : r->item[i];
            if (step == 1 && item == ITEM_MARK + ',')
                continue;
            row[3] = row[2];
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
                    add(&p, hash);
            }
        }
        if (!put_end(m, &p))
            return;
        if (start && i > 0 && i < r->tokens.n)
            n = 2; /* the edge and the first word */
    }
}

/* Classes that come within a few tokens of each other, in order, and in one sentence at all. */
static void add_class_pairs(const struct maker *m)
{
    const struct classify_reading *r = m->r;
    const uint64_t dull = LEXICON_BIT(english) | LEXICON_BIT(verb);
    uint64_t sentence = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const uint64_t a = r->words.classes[i] & ~dull;
        if (a == 0)
            continue;
        const uint16_t here = r->tokens.at[i].sentence;
        struct put p = put_begin(m, FEATURE_PAIRS, i);
        for (size_t k = i + 1; k < r->tokens.n && k <= i + WINDOW; k++) {
            const uint64_t b = r->words.classes[k] & ~dull;
            if (r->tokens.at[k].sentence != here)
                break;
            for (uint64_t x = b ? a : 0; x; x &= x - 1) {
                const uint32_t left = mix(F_WINDOW, (uint32_t)__builtin_ctzll(x));
                for (uint64_t y = b; y; y &= y - 1)
                    add(&p, mix(left, (uint32_t)__builtin_ctzll(y)));
                if (!put_end(m, &p))
                    return;
            }
        }
        const uint64_t fresh = a & ~sentence;
        for (uint64_t x = fresh; x; x &= x - 1) {
            const uint32_t cx = (uint32_t)__builtin_ctzll(x);
            for (uint64_t y = sentence | ((x - 1) & fresh); y; y &= y - 1) {
                const uint32_t cy = (uint32_t)__builtin_ctzll(y);
                add(&p, mix(mix(F_SENTENCE_PAIR, cx < cy ? cx : cy), cx < cy ? cy : cx));
            }
            if (!put_end(m, &p))
                return;
        }
        sentence |= a;
        if (i + 1 < r->tokens.n && r->tokens.at[i + 1].sentence != here)
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

/* Classes whose words mean another thing when they are denied or quoted. */
static bool is_weighty(unsigned class)
{
    return class <= LEXICON_confidential || class == LEXICON_violence || class == LEXICON_damage ||
           class == LEXICON_derogation;
}

static void add_hits(const struct maker *m)
{
    const struct classify_reading *r = m->r;
    uint8_t count[LEXICON_CLASS_COUNT] = { 0 };
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        if (!(r->words.classes[hit->first] & (UINT64_C(1) << hit->class)))
            continue;
        if (count[hit->class] < 3)
            count[hit->class]++;
        struct put p = put_begin(m, FEATURE_RULE, hit->first);
        add(&p, mix(F_CLASS, hit->class));
        if (hit->weight > 1)
            add(&p, mix(mix(F_CLASS_STRONG, hit->class), hit->weight));
        if (count[hit->class] == 2)
            add(&p, mix(F_CLASS_MANY, hit->class));
        if (is_weighty(hit->class)) {
            if (is_negated(r, hit->first))
                add(&p, mix(F_NEGATED, hit->class));
            if (r->quoted[hit->first])
                add(&p, mix(mix(F_NEGATED, hit->class), 1));
        }
        if (!put_end(m, &p))
            return;
    }
}

static void add_facts(const struct maker *m)
{
    const struct classify_reading *r = m->r;
    struct put p = put_begin(m, FEATURE_RULE, NO_TOKEN);
    for (uint32_t seen = r->data.seen; seen; seen &= seen - 1)
        add(&p, mix(F_DATA, (uint32_t)__builtin_ctz(seen)));
    for (uint32_t cues = r->cues; cues; cues &= cues - 1)
        add(&p, mix(F_CUE, (uint32_t)__builtin_ctz(cues)));
    if (r->english)
        add(&p, mix(F_ENGLISH, 1));
    (void)put_end(m, &p);
    uint32_t symbols = 0;
    for (size_t i = 0; r->fold.n_pictures > 0 && i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind != TOKEN_PICTURE)
            continue;
        const uint32_t symbol = (uint32_t)(r->fold.ch[t->from] - FOLD_JOY);
        p = put_begin(m, FEATURE_RULE, i);
        if (!(symbols & (1u << symbol)))
            add(&p, mix(F_SYMBOL, symbol));
        (void)put_end(m, &p);
        symbols |= 1u << symbol;
    }
}

void feature_extract(const struct classify_reading *reading, struct feature_list *ret_list)
{
    ret_list->n = 0;
    ret_list->cues = reading->cues;
    ret_list->n_sentences = reading->tokens.n_sentences < FEATURE_SENTENCES_MAX
                                ? reading->tokens.n_sentences
                                : FEATURE_SENTENCES_MAX;
    const struct maker m = { .r = reading,
                             .out = ret_list,
                             .last_sentence = (uint32_t)ret_list->n_sentences - 1 };
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
        [FEATURE_CHARS] = 1.0f,
        [FEATURE_PATTERN] = 0.7f,
        [FEATURE_PAIRS] = 0.7f,
    };
    if (n == 0)
        return 0;
    return view == FEATURE_RULE ? 0.3f : share[view] / sqrtf((float)n);
}
