/* detect_spelled.c - numbers written out: "noll sju noll ett ...", "noll sjuttio, sjutton
 * fyrtio ...". */
#include "detect.h"
#include "number.h"
#include <string.h>

#define SPELLED_MAX 12

/* The digit that a word stands for, Swedish or English; -1: none. */
static int spelled_digit(const struct detect_view *v, size_t token)
{
    const struct classify_token *t = &v->tokens->at[token];
    if (t->kind == TOKEN_NUMBER && t->len == 1)
        return token_text(v->tokens, t)[0] - '0';
    return token_has(t, SMALL_DIGIT) ? small_words[t->small].number : -1;
}

/* The tens that a word stands for, and in *ret_unit the unit that is part of it ("sjutton",
 * "fyrtiosex"); *ret_unit -1: none ("fyrtio"). -1: it is no such word. */
static int spelled_tens(const struct detect_view *v, size_t token, int *ret_unit)
{
    const struct classify_token *t = &v->tokens->at[token];
    const int number = small_words[t->small].number;
    *ret_unit = token_has(t, SMALL_TEENS) ? number % 10 : -1;
    return token_has(t, SMALL_TENS | SMALL_TEENS) ? number / 10 : -1;
}

/* Digits that were said, in two readings: "sjuttio ett" is 71, or 70 and 1. */
struct spoken {
    uint8_t digit[2][SPELLED_MAX];
    size_t n[2];
    size_t first, last; /* tokens */
    bool words;         /* at least one of them is written out: figures are detect_numbers' */
    bool open;          /* the last word was tens without a unit */
};

static void speak(struct spoken *s, unsigned reading, int digit)
{
    if (s->n[reading] < SPELLED_MAX)
        s->digit[reading][s->n[reading]] = (uint8_t)digit;
    s->n[reading]++;
}

/* Takes a token in. False: it is no number. */
static bool hear(const struct detect_view *v, size_t token, struct spoken *s)
{
    int unit = -1;
    const int digit = spelled_digit(v, token);
    /* A telephone number begins with a nought: tens alone are the words of any sentence. */
    const int tens = digit < 0 && s->n[0] > 0 ? spelled_tens(v, token, &unit) : -1;
    if (digit < 0 && tens < 0)
        return false;
    if (s->n[0] == 0)
        s->first = token;
    s->last = token;
    s->words |= v->tokens->at[token].kind == TOKEN_WORD;
    for (unsigned reading = 0; reading < 2; reading++) {
        if (digit < 0)
            speak(s, reading, tens);
        if (digit >= 0 && reading == 0 && s->open && digit > 0)
            s->digit[0][s->n[0] - 1] = (uint8_t)digit; /* in the place of the nought */
        else
            speak(s, reading, digit >= 0 ? digit : unit >= 0 ? unit : 0);
    }
    s->open = tens > 1 && unit < 0 && s->n[0] <= SPELLED_MAX;
    return true;
}

static bool try_digits(const struct detect_view *v, const struct spoken *s, unsigned reading,
                       struct detect_hits *hits)
{
    const uint8_t *digit = s->digit[reading];
    const size_t n = s->n[reading];
    if (n != 10 && n != 12)
        return false;
    const size_t from = v->tokens->at[s->first].from;
    const size_t to = v->tokens->at[s->last].to;
    const enum number_kind kind = number_personal(digit, n);
    if (n == 10 && digit[0] == 0 && digit[1] == 7)
        detect_add(hits, DETECT_mobile, from, to);
    else if (kind == NUMBER_PERSONAL || kind == NUMBER_COORDINATION)
        detect_add(hits,
                   kind == NUMBER_PERSONAL ? DETECT_personal_number : DETECT_coordination_number,
                   from, to);
    else
        return false;
    return true;
}

void detect_spelled(const struct detect_view *v, struct detect_hits *hits)
{
    struct spoken s = { .n = { 0 } };
    for (size_t i = 0; i <= v->tokens->n; i++) {
        if (i < v->tokens->n && s.n[0] > 0 && v->tokens->at[i].kind == TOKEN_MARK)
            continue; /* "noll, sju, noll" */
        if ((i < v->tokens->n && hear(v, i, &s)) || s.n[0] == 0)
            continue;
        if (s.words && !try_digits(v, &s, 0, hits))
            (void)try_digits(v, &s, 1, hits);
        s = (struct spoken){ .n = { 0 } };
    }
}
