/* token.c - splits a folded comment into tokens and sentences. */
#include "token.h"
#include "disguise.h"
#include <string.h>

struct splitter {
    const struct classify_fold *fold;
    struct classify_tokens *out;
    token_known *known;
    const void *ctx;
    uint16_t sentence;
    bool begun; /* the sentence has a word in it */
};

static bool is_space(uint8_t c)
{
    return (fold_kinds[c] & FOLD_SPACE) != 0;
}

/* The token whose letters have been written where the next are wanted. */
static void add_written(struct splitter *s, size_t from, size_t to, enum token_kind kind,
                        size_t len, unsigned flags, uint32_t hash)
{
    struct classify_tokens *out = s->out;
    if (out->n == UPP_LEN(out->at) || out->n_letters + len > TOKEN_LETTERS_MAX)
        return;
    const uint8_t *text = out->letters + out->n_letters;
    out->at[out->n++] = (struct classify_token){
        .from = (uint16_t)from,
        .to = (uint16_t)to,
        .text = (uint16_t)out->n_letters,
        .len = (uint8_t)len,
        .kind = (uint8_t)kind,
        .flags = (uint8_t)flags,
        .sentence = s->sentence,
        .small = kind == TOKEN_WORD ? small_word_find(text, len, hash) : 0,
        .hash = hash,
    };
    out->n_letters += len;
    s->begun |= kind != TOKEN_MARK;
}

/* The flag of a word whose last letter in the alphabet is this. */
static inline unsigned own_letters(uint8_t last)
{
    return last >= FOLD_AE ? TOKEN_SWEDISH : 0; /* no other letter comes so late */
}

static void add(struct splitter *s, size_t from, size_t to, enum token_kind kind,
                const uint8_t *text, size_t len, unsigned flags)
{
    uint8_t *letters = s->out->letters + s->out->n_letters;
    uint32_t hash = TOKEN_HASH_START;
    uint8_t last = 0;
    for (size_t i = 0; i < len; i++) {
        letters[i] = text[i];
        last = last > text[i] ? last : text[i];
        hash = token_hash_step(hash, text[i]);
    }
    add_written(s, from, to, kind, len, flags | own_letters(last), hash);
}

static unsigned capitals(const struct classify_fold *fold, size_t from, size_t to)
{
    const unsigned first = (fold->mark[from] & FOLD_UPPER) ? TOKEN_CAPITAL : 0;
    size_t upper = 0;
    for (size_t i = from; i < to; i++)
        upper += (fold->mark[i] & FOLD_UPPER) != 0;
    return first | (to - from > 1 && upper == to - from ? TOKEN_SHOUT : 0);
}

/* Copies letters with runs of more than two cut to `keep`. Gives back the length. */
static size_t shorten(const uint8_t *from, size_t len, size_t keep, uint8_t *ret, bool *ret_cut)
{
    size_t n = 0;
    *ret_cut = false;
    for (size_t i = 0; i < len && n < TOKEN_TEXT_MAX;) {
        size_t run = 1;
        while (i + run < len && from[i + run] == from[i])
            run++;
        const bool cut = run > 2 && !fold_is_digit(from[i]);
        *ret_cut |= cut;
        const size_t copies = cut ? keep : run;
        for (size_t k = 0; k < copies && n < TOKEN_TEXT_MAX; k++)
            ret[n++] = from[i];
        i += run;
    }
    return n;
}

/* A word as it is found, in one pass. */
struct look {
    size_t end;
    unsigned kinds; /* enum fold_kind of any letter */
    uint32_t hash;  /* of the first TOKEN_TEXT_MAX letters */
    uint8_t last;   /* in the alphabet, of these */
    bool repeats;   /* three of a letter in a row */
};

/* Looks at the word that begins at `from`, and writes its letters, TOKEN_TEXT_MAX at most, to where
 * the next token's are wanted. */
static inline struct look look_at(const struct splitter *s, size_t from, size_t to)
{
    const uint8_t *text = s->fold->ch + from;
    uint8_t *letters = s->out->letters + s->out->n_letters;
    struct look look = { .hash = TOKEN_HASH_START };
    uint8_t before = 0;
    bool twice = false;
    size_t i = 0;
    for (; from + i < to && fold_is_word(text[i]); i++) {
        const uint8_t c = text[i];
        const bool same = c == before;
        look.kinds |= fold_kinds[c];
        look.repeats |= same & twice;
        twice = same;
        before = c;
        if (i < TOKEN_TEXT_MAX) {
            letters[i] = c;
            look.last = look.last > c ? look.last : c;
            look.hash = token_hash_step(look.hash, c);
        }
    }
    look.end = from + i;
    return look;
}

/* Whether it has letters of our own script and look-alikes of them. */
static bool is_mixed(const struct classify_fold *fold, size_t from, size_t to)
{
    unsigned any = 0;
    unsigned all = FOLD_DISGUISE;
    for (size_t i = from; fold->n_disguised > 0 && i < to; i++) {
        any |= fold->mark[i];
        all &= fold->mark[i];
    }
    return (any & FOLD_DISGUISE) && !(all & FOLD_DISGUISE);
}

/* Adds the word that begins at `from`, in a chunk that ends at `to`. Gives back the word's end. */
static size_t add_word(struct splitter *s, size_t from, size_t to)
{
    uint8_t word[TOKEN_TEXT_MAX];
    uint8_t meant[TOKEN_TEXT_MAX];
    const struct look look = look_at(s, from, to);
    const size_t len = look.end - from;
    if (look.kinds == FOLD_DIGIT) {
        /* Numbers count by how many digits they have, never by which: a digit could be
         * somebody's. */
        const size_t n = len > 12 ? 12 : len;
        memset(word, '0', n);
        add(s, from, look.end, TOKEN_NUMBER, word, n, 0);
        return look.end;
    }
    const bool upper = (s->fold->mark[from] & FOLD_UPPER) != 0;
    unsigned flags = upper ? capitals(s->fold, from, look.end) : 0;
    const uint8_t *text = s->fold->ch + from;
    size_t n = len < TOKEN_TEXT_MAX ? len : TOKEN_TEXT_MAX;
    if (look.repeats) {
        bool cut = false;
        n = shorten(text, len, 2, word, &cut);
        if (cut && s->known(s->ctx, word, n, false, meant) == 0)
            n = shorten(text, len, 1, word, &cut);
        text = word;
    }
    if (is_mixed(s->fold, from, look.end) && s->known(s->ctx, text, n, false, meant) > 0)
        flags |= TOKEN_DISGUISED;
    if (look.repeats)
        add(s, from, look.end, TOKEN_WORD, text, n, flags);
    else
        add_written(s, from, look.end, TOKEN_WORD, n, flags | own_letters(look.last), look.hash);
    return look.end;
}

/* Abbreviations whose full stop does not end a sentence when a small letter or digit follows. */
static bool is_abbreviation(const struct splitter *s)
{
    if (s->out->n == 0)
        return false;
    const struct classify_token *last = &s->out->at[s->out->n - 1];
    return last->kind == TOKEN_WORD && (last->len == 1 || token_has(last, SMALL_ABBREVIATION));
}

static void end_sentence(struct splitter *s)
{
    if (s->begun && s->sentence < UINT16_MAX - 1) {
        s->sentence++;
        s->begun = false;
    }
}

static void add_mark(struct splitter *s, size_t *at)
{
    const struct classify_fold *f = s->fold;
    const uint8_t c = f->ch[*at];
    size_t end = *at + 1;
    while (end < f->len && f->ch[end] == c)
        end++;
    bool ends = c == '!' || c == '?';
    if (c == '.' && (end == f->len || is_space(f->ch[end]))) {
        size_t next = end;
        while (next < f->len && f->ch[next] == ' ')
            next++;
        const bool small = next < f->len && (f->mark[next] & FOLD_UPPER) == 0;
        ends = !(small && is_abbreviation(s));
    }
    if (fold_kinds[c] & FOLD_SIGN)
        add(s, *at, end, TOKEN_MARK, &c, 1, 0);
    /* "va?!" is one end. */
    if (ends && !(end < f->len && (f->ch[end] == '!' || f->ch[end] == '?')))
        end_sentence(s);
    *at = end;
}

/* Whether the chunk mixes letters with signs or digits in a way that can hide a word. */
static bool is_suspect(const struct classify_fold *f, size_t from, size_t to)
{
    if (to - from > TOKEN_TEXT_MAX)
        return false;
    bool letter = false;
    bool odd = false;
    for (size_t i = from; i < to; i++) {
        const uint8_t c = f->ch[i];
        if (fold_is_letter(c)) {
            if (odd)
                return true;
            letter = true;
        } else if (!is_space(c) && (letter || c == '$' || c == '@')) {
            odd = true;
        }
    }
    return false;
}

/* `mixed`: it has signs or digits before letters. */
static void split_chunk(struct splitter *s, size_t from, size_t to, bool mixed)
{
    const struct classify_fold *f = s->fold;
    uint8_t word[TOKEN_TEXT_MAX];
    if (mixed && is_suspect(f, from, to)) {
        const size_t n = disguise_chunk(f, from, to, s->known, s->ctx, word);
        if (n > 0) {
            add(s, from, to, TOKEN_WORD, word, n, capitals(f, from, to) | TOKEN_DISGUISED);
            const uint8_t last = f->ch[to - 1];
            if (last == '.' || last == '!' || last == '?') {
                add(s, to - 1, to, TOKEN_MARK, &last, 1, 0);
                end_sentence(s);
            }
            return;
        }
    }
    for (size_t at = from; at < to;) {
        const uint8_t c = f->ch[at];
        if (fold_is_word(c)) {
            at = add_word(s, at, to);
        } else if (fold_is_picture(c)) {
            add(s, at, at + 1, TOKEN_PICTURE, &c, 1, 0);
            at++;
        } else {
            add_mark(s, &at);
        }
    }
}

/* "dum i h u v u d e t": the little word before is not part of the word that was spread. */
static size_t skip_little_word(const struct splitter *s, size_t at, const uint8_t *word, size_t n)
{
    const bool little = word[0] == 'i' || word[0] == FOLD_AA;
    return little && n > 4 && s->out->n > 0 && s->fold->ch[at + 1] == ' ' ? 1 : 0;
}

void classify_tokenise(const struct classify_fold *fold, token_known *known, const void *ctx,
                       struct classify_tokens *ret_tokens)
{
    struct splitter s = { .fold = fold, .out = ret_tokens, .known = known, .ctx = ctx };
    ret_tokens->n = 0;
    ret_tokens->n_letters = 0;
    for (size_t at = 0; at < fold->len;) {
        if (is_space(fold->ch[at])) {
            if (fold->ch[at] == '\n')
                end_sentence(&s);
            at++;
            continue;
        }
        uint8_t word[TOKEN_TEXT_MAX];
        size_t n = 0;
        const bool lone = !fold_is_word(fold->ch[at + 1]);
        const size_t end = lone ? disguise_spread(fold, at, word, &n) : at;
        if (end > at) {
            const size_t skip = skip_little_word(&s, at, word, n);
            if (skip > 0)
                add(&s, at, at + 1, TOKEN_WORD, word, 1, 0);
            add(&s, at + 2 * skip, end, TOKEN_WORD, word + skip, n - skip, TOKEN_DISGUISED);
            at = end;
            continue;
        }
        size_t to = at;
        while (fold_is_letter(fold->ch[to])) /* the text is ended by a zero */
            to++;
        unsigned rest = 0;
        for (; to < fold->len && !is_space(fold->ch[to]); to++)
            rest |= fold_kinds[fold->ch[to]];
        split_chunk(&s, at, to, (rest & FOLD_LETTER) != 0);
        at = to;
    }
    ret_tokens->n_sentences = s.begun || s.sentence == 0 ? s.sentence + 1u : s.sentence;
}
