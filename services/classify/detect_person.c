/* detect_person.c - names, addresses with somebody near, and what is sensitive about a person. */
#include "detect.h"
#include <string.h>

#define SENSITIVE                                                                                  \
    (LEXICON_BIT(health) | LEXICON_BIT(crime) | LEXICON_BIT(economy) | LEXICON_BIT(social_case))
#define PERSON (LEXICON_BIT(given_name) | LEXICON_BIT(surname) | LEXICON_BIT(kinship))

static bool is_capital(const struct detect_view *v, size_t i)
{
    return i < v->tokens->n && v->tokens->at[i].kind == TOKEN_WORD &&
           (v->tokens->at[i].flags & TOKEN_CAPITAL) && v->tokens->at[i].len > 1;
}

static bool has(const struct detect_view *v, size_t i, uint64_t classes)
{
    return i < v->tokens->n && (v->words->classes[i] & classes) != 0;
}

/* The next token when only a hyphen stands between ("Ann-Christin"); else the one after. */
static size_t after_hyphen(const struct detect_view *v, size_t i)
{
    const struct classify_tokens *t = v->tokens;
    if (i + 2 < t->n && t->at[i + 1].kind == TOKEN_MARK && token_is(t, &t->at[i + 1], "-") &&
        t->at[i + 1].from == t->at[i].to && t->at[i + 2].from == t->at[i + 1].to)
        return i + 3;
    return i + 1;
}

static bool touches(const struct classify_tokens *t, size_t a, size_t b)
{
    return b < t->n && t->at[b].from == t->at[a].to + 1 && t->at[a].sentence == t->at[b].sentence;
}

/* A name with the words around it; gives back the token after it. */
static size_t read_name(const struct detect_view *v, size_t i, bool sentence_start,
                        struct detect_hits *hits)
{
    const struct classify_tokens *t = v->tokens;
    const bool given = has(v, i, LEXICON_BIT(given_name));
    size_t next = given ? after_hyphen(v, i) : i + 1;
    if (given && next < t->n && has(v, next, LEXICON_BIT(given_name)) && is_capital(v, next) &&
        touches(t, next - 1, next) && is_capital(v, next + 1))
        next++;
    const bool last =
        is_capital(v, next) && touches(t, next - 1, next) && !(t->at[next].flags & TOKEN_SHOUT);
    if (last && (given || (has(v, next, LEXICON_BIT(surname)) && !has(v, i, ~PERSON)))) {
        detect_add(hits, DETECT_full_name, t->at[i].from, t->at[next].to);
        return next + 1;
    }
    if (last && !sentence_start && !has(v, i, ~UINT64_C(0)) && !has(v, next, ~UINT64_C(0))) {
        detect_add(hits, DETECT_name_guess, t->at[i].from, t->at[next].to);
        return next + 1;
    }
    if (given || (has(v, i, LEXICON_BIT(surname)) && !sentence_start))
        detect_add(hits, DETECT_name, t->at[i].from, t->at[i].to);
    return i + 1;
}

/* A street, then a house number of one to three digits, a letter perhaps. */
static bool is_house(const struct detect_view *v, size_t i)
{
    if (i >= v->tokens->n)
        return false;
    const struct classify_token *t = &v->tokens->at[i];
    const uint8_t *text = v->fold->ch + t->from;
    const size_t len = (size_t)(t->to - t->from);
    if (t->kind == TOKEN_NUMBER)
        return len <= 3;
    return t->kind == TOKEN_WORD && len <= 4 && len >= 2 && fold_is_digit(text[0]) &&
           fold_is_letter(text[len - 1]) && (len == 2 || fold_is_digit(text[len - 2]));
}

struct sentence_people {
    uint64_t classes;
    size_t names; /* full names and known given names */
    bool lives;
    size_t from, to; /* of what is sensitive */
    size_t street_from, street_to;
};

/* A house at the street of token `i`: "Nygatan 17", "14 Elm Street", "23 Nygatan". */
static bool read_street(const struct detect_view *v, size_t i, struct sentence_people *s)
{
    const struct classify_tokens *t = v->tokens;
    size_t first = i;
    size_t last = i;
    if (is_house(v, i + 1))
        last = i + 1;
    else if (i >= 1 && is_capital(v, i) && is_house(v, i - 1))
        first = i - 1;
    else if (i >= 2 && is_capital(v, i) && is_capital(v, i - 1) && is_house(v, i - 2))
        first = i - 2;
    else
        return false;
    s->street_from = t->at[first].from;
    s->street_to = t->at[last].to;
    return true;
}

static void end_sentence(const struct sentence_people *s, struct detect_hits *hits)
{
    if (s->street_to > 0) {
        const bool person = s->names > 0 || s->lives || (s->classes & LEXICON_BIT(kinship)) != 0;
        detect_add(hits, person ? DETECT_street_person : DETECT_street, s->street_from,
                   s->street_to);
    }
    if (s->classes & SENSITIVE) {
        if (s->names > 0)
            detect_add(hits, DETECT_name_sensitive, s->from, s->to);
        else if (s->classes & LEXICON_BIT(kinship))
            detect_add(hits, DETECT_kin_sensitive, s->from, s->to);
    }
}

void detect_people(const struct detect_view *v, struct detect_hits *hits)
{
    const struct classify_tokens *t = v->tokens;
    struct sentence_people s = { 0 };
    uint16_t sentence = 0;
    size_t name_until = 0;
    for (size_t i = 0; i < t->n; i++) {
        const bool start = i == 0 || t->at[i].sentence != t->at[i - 1].sentence;
        if (t->at[i].sentence != sentence) {
            end_sentence(&s, hits);
            s = (struct sentence_people){ 0 };
            sentence = t->at[i].sentence;
        }
        const uint64_t classes = v->words->classes[i];
        s.classes |= classes;
        if ((classes & SENSITIVE) && s.to == 0) {
            s.from = t->at[i].from;
            s.to = t->at[i].to;
        }
        s.lives |= token_has(&t->at[i], SMALL_HOME);
        if ((classes & LEXICON_BIT(address)) && read_street(v, i, &s) && i > 0 && name_until == i &&
            !is_capital(v, i))
            s.names -= s.names > 0; /* "Ivar Claessons gata 5": the street's name, nobody's */
        if (i >= name_until && is_capital(v, i)) {
            const size_t before = hits->n;
            name_until = read_name(v, i, start, hits);
            s.names += hits->n > before;
        }
    }
    end_sentence(&s, hits);
}
