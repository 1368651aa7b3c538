/* lexicon_match.c - finds the lexicon's entries in a comment's tokens. */
#include "lexicon.h"
#include "lexicon_table.h"
#include <string.h>

/* The leader of the entries whose first word this is, + 1; 0: there are none. For hashes that the
 * filter lets through. */
static uint32_t find(const classify_lexicon *lx, enum word_shape shape, uint32_t hash,
                     const uint8_t *text, size_t len)
{
    const struct lexicon_index *index = &lx->index[shape];
    for (size_t s = first_slot(index, hash);; s = next_slot(index, s)) {
        const struct lexicon_slot *slot = &index->slot[s];
        if (slot->leader == 0 || (slot->hash == hash && slot->len == len &&
                                  letters_same(lx->letters + slot->text, text, len)))
            return slot->leader;
    }
}

static bool fits(const classify_lexicon *lx, const struct lexicon_word *w, const uint8_t *text,
                 size_t len)
{
    const uint8_t *letters = lexicon_letters(lx, w);
    switch ((enum word_shape)w->shape) {
    case WORD_WHOLE:
        return len == w->len && letters_same(letters, text, len);
    case WORD_PREFIX:
        return len >= w->len && letters_same(letters, text, w->len);
    case WORD_SUFFIX:
        return len >= w->len && letters_same(letters, text + len - w->len, w->len);
    case WORD_ANY:
        return true;
    case WORD_GAP:
    case WORD_SHAPES:
        break;
    }
    return false;
}

static bool is_excepted(const classify_lexicon *lx, const struct lexicon_entry *e,
                        const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < e->n_excepts; i++) {
        if (fits(lx, &lx->words[e->first_except + i], text, len))
            return true;
    }
    return false;
}

/* Where the rest of the entry's words end, from token `at`; `n` when they are not there. A gap is
 * tried from none to three words, so the cost is bounded by the entry. */
static size_t rest_fits(const classify_lexicon *lx, const struct lexicon_entry *e, size_t word,
                        const struct classify_tokens *t, size_t at)
{
    const uint16_t sentence = t->at[at - 1].sentence;
    size_t last = at - 1;
    for (; word < e->n_words; word++) {
        const struct lexicon_word *w = &lx->words[e->first_word + word];
        size_t gap = 0;
        if (w->shape == WORD_GAP) {
            gap = 3;
            if (++word == e->n_words)
                return last;
            w = &lx->words[e->first_word + word];
        }
        bool found = false;
        for (size_t skip = 0; skip <= gap && !found; skip++, at++) {
            if (at >= t->n || t->at[at].sentence != sentence)
                return t->n;
            found = t->at[at].kind != TOKEN_MARK &&
                    fits(lx, w, token_text(t, &t->at[at]), t->at[at].len);
        }
        if (!found)
            return t->n;
        last = at - 1;
    }
    return last;
}

static void note(const struct lexicon_entry *e, size_t first, size_t last, struct lexicon_hits *ret)
{
    if (ret->n == LEXICON_HITS_MAX)
        return;
    ret->at[ret->n++] = (struct lexicon_hit){ .first = (uint16_t)first,
                                              .last = (uint16_t)last,
                                              .class = e->class,
                                              .weight = e->weight,
                                              .friend = e->friend };
}

static void try_entry(const classify_lexicon *lx, const struct lexicon_entry *e,
                      const struct classify_tokens *t, size_t at, struct lexicon_hits *ret)
{
    if (is_excepted(lx, e, token_text(t, &t->at[at]), t->at[at].len))
        return;
    const size_t last = e->n_words == 1 ? at : rest_fits(lx, e, 1, t, at + 1);
    if (last < t->n)
        note(e, at, last, ret);
}

/* The last entry of this first word and second, + 1; 0: none. */
static uint32_t find_pair(const classify_lexicon *lx, uint32_t leader, uint32_t second)
{
    for (size_t s = pair_slot(&lx->pairs, leader, second);; s = (s + 1) & (lx->pairs.n_slots - 1)) {
        const uint32_t entry = lx->pairs.slot[s];
        if (entry == 0 ||
            (lx->entries[entry - 1].leader == leader && lx->entries[entry - 1].second == second))
            return entry;
    }
}

/* All entries of a first word, the last one first. */
static void try_entries(const classify_lexicon *lx, uint32_t leader,
                        const struct classify_tokens *t, size_t at, struct lexicon_hits *ret)
{
    if (leader == 0)
        return;
    const struct lexicon_entry *first = &lx->entries[leader - 1];
    uint32_t alone = first->alone;
    uint32_t pair =
        first->paired && at + 1 < t->n ? find_pair(lx, leader - 1, t->at[at + 1].hash) : 0;
    while (alone != 0 || pair != 0) {
        const bool single = alone > pair;
        const struct lexicon_entry *e = &lx->entries[(single ? alone : pair) - 1];
        try_entry(lx, e, t, at, ret);
        alone = single ? e->next : alone;
        pair = single ? pair : e->next;
    }
}

/* Calls for every beginning and ending of the word that the lexicon has. */
static void match_token(const classify_lexicon *lx, const struct classify_tokens *t, size_t at,
                        struct lexicon_hits *ret)
{
    const struct classify_token *token = &t->at[at];
    const uint8_t *text = token_text(t, token);
    if (filter_bits(lx->index[WORD_WHOLE].filter, token->hash) & FILTER_HERE)
        try_entries(lx, find(lx, WORD_WHOLE, token->hash, text, token->len), t, at, ret);
    uint32_t hash = TOKEN_HASH_START;
    unsigned bits = FILTER_ON;
    for (size_t n = 1; n <= token->len && (bits & FILTER_ON); n++) {
        hash = token_hash_step(hash, text[n - 1]);
        bits = filter_bits(lx->index[WORD_PREFIX].filter, hash);
        if (bits & FILTER_HERE)
            try_entries(lx, find(lx, WORD_PREFIX, hash, text, n), t, at, ret);
    }
    hash = TOKEN_HASH_START;
    bits = FILTER_ON;
    for (size_t n = 1; n <= token->len && (bits & FILTER_ON); n++) {
        const uint8_t *end = text + token->len - n;
        hash = token_hash_step(hash, *end);
        bits = filter_bits(lx->index[WORD_SUFFIX].filter, hash);
        if (bits & FILTER_HERE)
            try_entries(lx, find(lx, WORD_SUFFIX, hash, end, n), t, at, ret);
    }
}

/* Takes away the false friends, and the hits that have a token in common with one of their
 * class. */
static void drop_friends(const struct classify_tokens *t, struct lexicon_hits *ret)
{
    bool any = false; /* most comments have none */
    for (size_t h = 0; h < ret->n; h++)
        any |= ret->at[h].friend;
    if (any)
        memset(ret->friends, 0, t->n * sizeof ret->friends[0]);
    for (size_t h = 0; any && h < ret->n; h++) {
        for (size_t i = ret->at[h].first; ret->at[h].friend && i <= ret->at[h].last; i++)
            ret->friends[i] |= UINT64_C(1) << ret->at[h].class;
    }
    size_t kept = 0;
    for (size_t h = 0; h < ret->n; h++) {
        const struct lexicon_hit hit = ret->at[h];
        const uint64_t bit = UINT64_C(1) << hit.class;
        bool gone = hit.friend;
        for (size_t i = hit.first; any && i <= hit.last; i++)
            gone |= (ret->friends[i] & bit) != 0;
        if (gone)
            continue;
        ret->at[kept++] = hit;
        for (size_t i = hit.first; i <= hit.last && i < t->n; i++)
            ret->classes[i] |= bit;
    }
    ret->n = kept;
}

void lexicon_match(const classify_lexicon *lexicon, const struct classify_tokens *tokens,
                   struct lexicon_hits *ret_hits)
{
    upp_check(lexicon->sealed);
    ret_hits->n = 0;
    memset(ret_hits->classes, 0, tokens->n * sizeof ret_hits->classes[0]);
    for (size_t i = 0; i < tokens->n; i++) {
        if (tokens->at[i].kind != TOKEN_MARK)
            match_token(lexicon, tokens, i, ret_hits);
    }
    drop_friends(tokens, ret_hits);
}

static bool is_disguisable(const classify_lexicon *lx, uint32_t leader, const uint8_t *word,
                           size_t len)
{
    uint32_t entry = leader ? lx->entries[leader - 1].alone : 0;
    for (; entry != 0; entry = lx->entries[entry - 1].next) {
        const struct lexicon_entry *e = &lx->entries[entry - 1];
        if (e->disguised && !e->friend && e->n_words == 1 && !is_excepted(lx, e, word, len))
            return true;
    }
    return false;
}

static bool knows_word(const classify_lexicon *lx, const uint8_t *word, size_t len)
{
    uint32_t hash = token_hash(word, len);
    if ((filter_bits(lx->index[WORD_WHOLE].filter, hash) & FILTER_HERE) &&
        is_disguisable(lx, find(lx, WORD_WHOLE, hash, word, len), word, len))
        return true;
    hash = TOKEN_HASH_START;
    unsigned bits = FILTER_ON;
    for (size_t n = 1; n <= len && (bits & FILTER_ON); n++) {
        hash = token_hash_step(hash, word[n - 1]);
        bits = filter_bits(lx->index[WORD_PREFIX].filter, hash);
        if ((bits & FILTER_HERE) &&
            is_disguisable(lx, find(lx, WORD_PREFIX, hash, word, n), word, len))
            return true;
    }
    hash = TOKEN_HASH_START;
    bits = FILTER_ON;
    for (size_t n = 1; n <= len && (bits & FILTER_ON); n++) {
        const uint8_t *end = word + len - n;
        hash = token_hash_step(hash, *end);
        bits = filter_bits(lx->index[WORD_SUFFIX].filter, hash);
        if ((bits & FILTER_HERE) &&
            is_disguisable(lx, find(lx, WORD_SUFFIX, hash, end, n), word, len))
            return true;
    }
    return false;
}

/* Whether `mask` ("j*vlar") can be the word; a '*' is none to two letters. For a beginning, what is
 * left of the mask goes on the word. The length of the word meant, 0: it cannot be. */
static size_t unmask(const uint8_t *mask, size_t mask_len, const uint8_t *word, size_t len,
                     bool prefix, uint8_t *ret)
{
    size_t m = 0;
    size_t w = 0;
    size_t literal = 0;
    while (w < len) {
        if (m == mask_len)
            return 0;
        if (mask[m] == '*') {
            size_t skip = 0;
            while (skip <= 2 && w + skip < len && word[w + skip] != mask[m + 1])
                skip++;
            if (skip > 2 || w + skip == len)
                return 0;
            w += skip;
            m++;
        } else if (mask[m] == word[w]) {
            m++;
            w++;
            literal++;
        } else {
            return 0;
        }
    }
    if (literal < 2 || literal * 2 < len || (!prefix && m < mask_len))
        return 0;
    memcpy(ret, word, len);
    size_t n = len;
    for (; m < mask_len && n < TOKEN_TEXT_MAX; m++) {
        if (mask[m] != '*')
            ret[n++] = mask[m];
    }
    return n;
}

static size_t knows_mask(const classify_lexicon *lx, const uint8_t *mask, size_t len, uint8_t *ret)
{
    for (uint32_t i = lx->mask_from[mask[0]]; i < lx->mask_from[mask[0] + 1]; i++) {
        const struct lexicon_entry *e = &lx->entries[lx->mask_entry[i]];
        const struct lexicon_word *w = &lx->words[e->first_word];
        const size_t n =
            unmask(mask, len, lexicon_letters(lx, w), w->len, w->shape == WORD_PREFIX, ret);
        if (n > 0 && !is_excepted(lx, e, ret, n))
            return n;
    }
    return 0;
}

size_t lexicon_known(const void *ctx, const uint8_t *word, size_t len, bool mask, uint8_t *ret)
{
    const classify_lexicon *lx = ctx;
    if (mask)
        return knows_mask(lx, word, len, ret);
    if (!knows_word(lx, word, len))
        return 0;
    memcpy(ret, word, len);
    return len;
}
