/* context.c - reads a comment once: tokens, words, data, and what stands around them. */
#include "context.h"
#include <string.h>

static const char *const cue_names[] = {
#define CONTEXT_NAME(name) #name,
    CONTEXT_CUES(CONTEXT_NAME)
#undef CONTEXT_NAME
};

const char *context_cue_name(enum context_cue cue)
{
    upp_check((unsigned)cue < CONTEXT_CUE_COUNT);
    return cue_names[cue];
}

#define NAMES (LEXICON_BIT(given_name) | LEXICON_BIT(surname))

/* Many names are words too ("Bo", "Sten", "Björn"): written small they are words. */
static void drop_small_names(struct classify_reading *r)
{
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if ((r->words.classes[i] & NAMES) && !(t->flags & TOKEN_CAPITAL) && t->len < 5)
            r->words.classes[i] &= ~NAMES;
        if ((r->words.classes[i] & LEXICON_BIT(surname)) && !(t->flags & TOKEN_CAPITAL))
            r->words.classes[i] &= ~LEXICON_BIT(surname);
    }
}

/* Between a pair of quotation marks, at most 60 tokens apart. */
static void mark_quotes(struct classify_reading *r)
{
    memset(r->quoted, 0, r->tokens.n * sizeof r->quoted[0]);
    size_t open = 0;
    bool is_open = false;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind != TOKEN_MARK)
            continue;
        const uint8_t c = r->fold.ch[t->from];
        const bool inside_word = t->from > 0 && t->to < r->fold.len &&
                                 fold_is_word(r->fold.ch[t->from - 1]) &&
                                 fold_is_word(r->fold.ch[t->to]);
        if ((c != '"' && c != '\'') || inside_word)
            continue;
        if (is_open && i - open <= 60 && i > open + 1 && r->fold.ch[r->tokens.at[open].from] == c) {
            for (size_t k = open + 1; k < i; k++)
                r->quoted[k] = true;
            is_open = false;
        } else {
            open = i;
            is_open = true;
        }
    }
}

static uint16_t plain_item(const struct classify_reading *r, size_t i)
{
    const struct classify_token *t = &r->tokens.at[i];
    const uint8_t *text = token_text(&r->tokens, t);
    switch ((enum token_kind)t->kind) {
    case TOKEN_NUMBER:
        return (uint16_t)(ITEM_NUMBER + (t->len > 12 ? 12 : t->len));
    case TOKEN_PICTURE:
        return (uint16_t)(ITEM_PICTURE + text[0] - FOLD_JOY);
    case TOKEN_MARK:
        return (uint16_t)(ITEM_MARK + (text[0] & 0x7F));
    case TOKEN_WORD:
        break;
    }
    const uint64_t classes = r->words.classes[i] & ~(LEXICON_BIT(english) | LEXICON_BIT(verb));
    if (classes != 0)
        return (uint16_t)(ITEM_CLASS + (unsigned)__builtin_ctzll(classes));
    const int place = small_words[t->small].place;
    return place >= 0 ? (uint16_t)(ITEM_FUNCTION + (unsigned)place) : ITEM_OTHER;
}

static void set_items(struct classify_reading *r)
{
    for (size_t i = 0; i < r->tokens.n; i++)
        r->item[i] = plain_item(r, i);
    for (size_t h = 0; h < r->data.n; h++) {
        const struct detect_hit *hit = &r->data.at[h];
        if (hit->kind == DETECT_name_sensitive || hit->kind == DETECT_kin_sensitive ||
            hit->kind == DETECT_mention || hit->kind == DETECT_hashtag)
            continue;
        size_t i = detect_token_after(&r->tokens, hit->from);
        for (; i < r->tokens.n && r->tokens.at[i].from < hit->to; i++)
            r->item[i] = (uint16_t)(ITEM_DATA + hit->kind);
    }
}

static uint32_t shape_cues(const struct classify_reading *r)
{
    const struct classify_fold *f = &r->fold;
    uint32_t cues = 0;
    size_t marks = 0;
    size_t numbers = 0;
    size_t words = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        words += t->kind == TOKEN_WORD;
        numbers += t->kind == TOKEN_NUMBER;
        if (t->kind == TOKEN_MARK && f->ch[t->from] == '!')
            marks += (size_t)(t->to - t->from);
        if (t->flags & TOKEN_DISGUISED)
            cues |= CONTEXT_BIT(disguised);
        if (r->quoted[i])
            cues |= CONTEXT_BIT(quotes);
    }
    if (f->n_letters >= 12 && f->n_upper * 2 > f->n_letters)
        cues |= CONTEXT_BIT(shouting);
    if (marks > 0)
        cues |= CONTEXT_BIT(exclaims);
    if (marks > 2)
        cues |= CONTEXT_BIT(many_marks);
    if (words > 30)
        cues |= CONTEXT_BIT(long_row);
    if (words <= 3)
        cues |= CONTEXT_BIT(very_short);
    if (numbers > 0)
        cues |= CONTEXT_BIT(numbers);
    if (f->n_foreign > f->n_letters)
        cues |= CONTEXT_BIT(foreign);
    if (f->n_pictures > 0)
        cues |= CONTEXT_BIT(pictures);
    return cues;
}

/* Every hit that could offend stands inside quotation marks, and there is one. */
static bool only_quoted(const struct classify_reading *r)
{
    bool any = false;
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        if (hit->class != LEXICON_profanity && hit->class != LEXICON_attack &&
            hit->class != LEXICON_hate && hit->class != LEXICON_incitement &&
            hit->class != LEXICON_sex)
            continue;
        if (!r->quoted[hit->first])
            return false;
        any = true;
    }
    return any;
}

/* More English function words than Swedish ones, or the hint where that does not tell. */
static bool is_english(const struct classify_reading *r, const char *hint)
{
    size_t english = 0;
    size_t swedish = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        const bool word = t->kind == TOKEN_WORD;
        const bool theirs = (r->words.classes[i] & LEXICON_BIT(english)) != 0;
        const bool ours = r->item[i] >= ITEM_FUNCTION || (t->flags & TOKEN_SWEDISH) != 0;
        english += word & theirs;
        swedish += word & !theirs & ours;
    }
    if (english == swedish)
        return hint && strcmp(hint, "en") == 0;
    return english > swedish;
}

/* "Fan Linh", "utflykt till Helvetesdalen": written as a name is, in the middle of a sentence that
 * is not written in capitals. */
static bool is_like_a_name(const struct classify_reading *r, size_t i)
{
    const struct classify_token *t = r->tokens.at;
    const unsigned flags = t[i].flags & (TOKEN_CAPITAL | TOKEN_SHOUT);
    const bool first = i == 0 || t[i - 1].sentence != t[i].sentence || t[i - 1].kind != TOKEN_WORD;
    const bool pair = i + 1 < r->tokens.n && t[i + 1].sentence == t[i].sentence &&
                      t[i + 1].kind == TOKEN_WORD && (t[i + 1].flags & TOKEN_CAPITAL) &&
                      !(t[i + 1].flags & TOKEN_SHOUT);
    return flags == TOKEN_CAPITAL && (!first || pair);
}

/* Whether anybody is said to have said or written anything in the sentence of token `i`. */
static bool is_reported(const struct classify_reading *r, size_t i)
{
    const uint16_t sentence = r->tokens.at[i].sentence;
    while (i > 0 && r->tokens.at[i - 1].sentence == sentence)
        i--;
    for (; i < r->tokens.n && r->tokens.at[i].sentence == sentence; i++) {
        if (r->words.classes[i] & (LEXICON_BIT(quote) | LEXICON_BIT(counter)))
            return true;
    }
    return false;
}

/* A strong word that stands for the writer: not inside quotation marks, nor like a name, and nobody
 * is said to have said or written anything in that sentence. A sentence is read once, however many
 * such words it has. */
static bool has_own_word(const struct classify_reading *r)
{
    size_t read = SIZE_MAX;
    for (size_t h = 0; h < r->words.n; h++) {
        const struct lexicon_hit *hit = &r->words.at[h];
        const size_t sentence = r->tokens.at[hit->first].sentence;
        if (hit->class != LEXICON_profanity || hit->weight < 3 || r->quoted[hit->first] ||
            sentence == read || is_like_a_name(r, hit->first))
            continue;
        if (!is_reported(r, hit->first))
            return true;
        read = sentence;
    }
    return false;
}

unsigned context_sure(const struct classify_reading *r)
{
    unsigned labels = has_own_word(r) ? CLASSIFY_BIT(CLASSIFY_PROFANITY) : 0;
    for (uint32_t seen = r->data.seen; seen; seen &= seen - 1) {
        if (detect_is_sure((enum detect_kind)__builtin_ctz(seen)))
            labels |= CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA);
    }
    return labels;
}

void context_read(const classify_lexicon *lexicon, const struct classify_own *own, const char *text,
                  size_t len, const char *hint, struct classify_reading *ret)
{
    classify_fold_text(text, len, &ret->fold);
    classify_tokenise(&ret->fold, lexicon_known, lexicon, &ret->tokens);
    lexicon_match(lexicon, &ret->tokens, &ret->words);
    drop_small_names(ret);
    const struct detect_view view = {
        .fold = &ret->fold, .tokens = &ret->tokens, .words = &ret->words, .own = own
    };
    detect_all(&view, &ret->data);
    mark_quotes(ret);
    set_items(ret);
    ret->english = is_english(ret, hint);
    ret->cues = shape_cues(ret);
    if (only_quoted(ret))
        ret->cues |= CONTEXT_BIT(hit_quoted);
    ret->cues |= question_cues(ret);
}
