/* question.c - the signs that somebody asks us something, with and without a question mark (R14).
 *
 * Recall comes first: a missed question breaks the rules, a false one costs a click. */
#include "context.h"
#include <string.h>

static bool has(const struct classify_reading *r, size_t i, uint64_t classes)
{
    return (r->words.classes[i] & classes) != 0;
}

static bool is_word(const struct classify_reading *r, size_t i, const char *word)
{
    return i < r->tokens.n && token_is(&r->tokens, &r->tokens.at[i], word);
}

/* Small words that may stand before the question itself: "Hej, och hur ...", "Tack! Men när
 * ...". */
static bool is_opener(const struct classify_reading *r, size_t i)
{
    const struct classify_token *t = &r->tokens.at[i];
    return token_has(t, SMALL_OPENER) || t->kind == TOKEN_MARK || t->kind == TOKEN_PICTURE;
}

static bool is_question_mark(const struct classify_reading *r, size_t i)
{
    return r->tokens.at[i].kind == TOKEN_MARK && r->fold.ch[r->tokens.at[i].from] == '?';
}

/* One sentence, tokens [from, to). */
static uint32_t sentence_cues(const struct classify_reading *r, size_t from, size_t to)
{
    uint32_t cues = 0;
    size_t first = from;
    while (first < to && first < from + 4 && is_opener(r, first))
        first++;
    if (first == to)
        first = from;
    bool mark = false;
    for (size_t i = from; i < to; i++)
        mark |= is_question_mark(r, i) && !r->quoted[i];
    if (mark)
        cues |= CONTEXT_BIT(question_mark);
    if (has(r, first, LEXICON_BIT(ask)))
        cues |= CONTEXT_BIT(interrogative_first);
    else if (has(r, first, LEXICON_BIT(verb)) && to - first > 1)
        cues |= CONTEXT_BIT(verb_first);
    if (has(r, first, LEXICON_BIT(imperative)))
        cues |= CONTEXT_BIT(order_first);
    for (size_t i = first + 1; i < to; i++) {
        const bool clause = r->tokens.at[i - 1].kind == TOKEN_MARK || is_word(r, i - 1, "och") ||
                            is_word(r, i - 1, "men") || is_word(r, i - 1, "om");
        if (clause && (has(r, i, LEXICON_BIT(ask)) || (mark && has(r, i, LEXICON_BIT(verb)))))
            cues |= CONTEXT_BIT(interrogative_clause);
    }
    if (mark && (cues & (CONTEXT_BIT(interrogative_first) | CONTEXT_BIT(verb_first) |
                         CONTEXT_BIT(interrogative_clause))) == 0)
        cues |= CONTEXT_BIT(mark_alone);
    /* "Jenny ska vi åka?": a name, then the question to it. */
    if (mark && r->item[from] == ITEM_DATA + DETECT_name && to - from > 2)
        cues |= CONTEXT_BIT(friend_first);
    return cues;
}

uint32_t question_cues(const struct classify_reading *r)
{
    uint32_t cues = 0;
    size_t from = 0;
    for (size_t i = 0; i <= r->tokens.n; i++) {
        if (i < r->tokens.n && r->tokens.at[i].sentence == r->tokens.at[from].sentence)
            continue;
        if (i > from)
            cues |= sentence_cues(r, from, i);
        from = i;
    }
    for (size_t i = 0; i < r->tokens.n; i++) {
        if (has(r, i, LEXICON_BIT(wonder)))
            cues |= CONTEXT_BIT(wonder);
        if (has(r, i, LEXICON_BIT(request)))
            cues |= CONTEXT_BIT(request);
        if (has(r, i, LEXICON_BIT(rhetorical)))
            cues |= CONTEXT_BIT(rhetorical);
    }
    if (r->tokens.n > 0 && is_question_mark(r, r->tokens.n - 1))
        cues |= CONTEXT_BIT(ends_asking);
    return cues;
}
