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
    static const char *const openers[] = {
        "hej",   "hejsan",   "hall\xE5",   "och",   "men",          "tack", "s\xE5", "ja",
        "d\xE5", "fr\xE5ga", "hi",         "hello", "and",          "but",  "so",    "tjena",
        "okej",  "ok",       "urs\xE4kta", "sorry", "hall\xE5\xE5", "a",    "eller", "or"
    };
    for (size_t k = 0; k < UPP_LEN(openers); k++) {
        if (is_word(r, i, openers[k]))
            return true;
    }
    return r->tokens.at[i].kind == TOKEN_MARK || r->tokens.at[i].kind == TOKEN_PICTURE;
}

static bool is_question_mark(const struct classify_reading *r, size_t i)
{
    return r->tokens.at[i].kind == TOKEN_MARK && r->fold.ch[r->tokens.at[i].from] == '?';
}

/* The first letter decides most of it: this is asked of every word of every comment. */
static bool is_one_of(const struct classify_reading *r, size_t i, const char *const *words,
                      size_t n)
{
    if (i >= r->tokens.n)
        return false;
    const char first = (char)token_text(&r->tokens, &r->tokens.at[i])[0];
    for (size_t k = 0; k < n; k++) {
        if (words[k][0] == first && is_word(r, i, words[k]))
            return true;
    }
    return false;
}

#define IS_ONE_OF(r, i, words) is_one_of(r, i, words, UPP_LEN(words))

static bool ends_in(const struct classify_reading *r, size_t i, const char *end)
{
    const struct classify_token *t = &r->tokens.at[i];
    const size_t len = strlen(end);
    return t->kind == TOKEN_WORD && t->len > len + 1 &&
           memcmp(token_text(&r->tokens, t) + t->len - len, end, len) == 0;
}

/* Pronouns that a question turns round ("Kan ni") and a clause does not ("när ni"). */
static bool is_pronoun(const struct classify_reading *r, size_t i)
{
    static const char *const pronouns[] = { "ni",   "du",    "man",      "det",    "den", "de",
                                            "dom",  "vi",    "jag",      "han",    "hon", "hen",
                                            "alla", "ingen", "n\xE5gon", "n\xE5n", "it",  "you",
                                            "we",   "they",  "he",       "she",    "the", "your" };
    return IS_ONE_OF(r, i, pronouns);
}

/* What may follow a finite verb as its subject: a pronoun, or a noun in its definite form. */
static bool is_subject(const struct classify_reading *r, size_t i)
{
    static const char *const more[] = { "en",   "ett",    "n\xE5got", "n\xE5gra", "n\xE5t",
                                        "er",   "ert",    "era",      "min",      "mitt",
                                        "mina", "v\xE5r", "detta",    "h\xE4r",   "there",
                                        "this", "anyone", "anybody",  "my",       "our" };
    return is_pronoun(r, i) || IS_ONE_OF(r, i, more) || ends_in(r, i, "n") || ends_in(r, i, "na") ||
           ends_in(r, i, "et");
}

/* "Vad kostar", "hur lång tid tar", but not "hur ni tänker" or "vilken dag det blev". */
static uint32_t order_of_words(const struct classify_reading *r, size_t first, size_t to)
{
    for (size_t i = first + 1; i < to && i < first + 5; i++) {
        if (has(r, i, LEXICON_BIT(verb)))
            return i + 1 < to ? CONTEXT_BIT(asks_verb) : 0;
        if (is_pronoun(r, i))
            return CONTEXT_BIT(asks_clause);
    }
    return 0;
}

/* What ought to be done, and who ought to: "det måste lagas", "någon bör", "skotta tack". */
static uint32_t duty_cues(const struct classify_reading *r, size_t first, size_t from, size_t to)
{
    static const char *const modals[] = { "m\xE5ste", "b\xF6r", "borde",  "beh\xF6ver", "kan",
                                          "kunde",    "skulle", "f\xE5r", "should",     "must",
                                          "needs",    "need",   "could",  "can" };
    static const char *const actors[] = { "ni", "kommunen", "n\xE5gon", "n\xE5n", "ngn",
                                          "er", "somebody", "someone",  "you",    "council" };
    static const char *const polite[] = { "tack",        "sn\xE4lla", "g\xE4rna", "please",
                                          "v\xE4nligen", "pls",       "tacksam",  "tacksamma" };
    uint32_t cues = 0;
    for (size_t i = from; i < to; i++) {
        if (IS_ONE_OF(r, i, modals)) {
            if (i > from && IS_ONE_OF(r, i - 1, actors))
                cues |= CONTEXT_BIT(should_act);
            for (size_t k = i + 1; k < to && k < i + 4; k++) {
                if (ends_in(r, k, "as") || is_word(r, k, "tas") || is_word(r, k, "ses") ||
                    is_word(r, k, "be"))
                    cues |= CONTEXT_BIT(should_be_done);
            }
        }
        if (IS_ONE_OF(r, i, polite) && i > first &&
            (has(r, first, LEXICON_BIT(imperative)) || to - from < 6))
            cues |= CONTEXT_BIT(polite_order);
        /* "vet inte vilken", "har inte förstått hur" */
        for (size_t k = i + 1; has(r, i, LEXICON_BIT(negation)) && k < to && k < i + 4; k++) {
            if (has(r, k, LEXICON_BIT(ask)))
                cues |= CONTEXT_BIT(unknown);
        }
    }
    return cues;
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
        cues |= CONTEXT_BIT(interrogative_first) | order_of_words(r, first, to);
    else if (has(r, first, LEXICON_BIT(verb)) && to - first > 1) {
        cues |= CONTEXT_BIT(verb_first);
        if (is_subject(r, first + 1))
            cues |= CONTEXT_BIT(verb_subject);
    }
    if (has(r, first, LEXICON_BIT(imperative)))
        cues |= CONTEXT_BIT(order_first);
    cues |= duty_cues(r, first, from, to);
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
