/* detect_spelled.c - numbers written out digit by digit: "noll sju noll ett ...". */
#include "detect.h"
#include "number.h"

#define SPELLED_MAX 12

/* The digit that a word stands for, Swedish or English; -1: none. */
static int spelled_digit(const struct detect_view *v, size_t token)
{
    static const char *const words[][3] = {
        { "noll", "zero", "nolla" },
        { "ett", "one", "en" },
        { "tv\xE5", "two",
          "tv\xE5"
          "a" },
        { "tre", "three", "trea" },
        { "fyra", "four", "fyran" },
        { "fem", "five", "femma" },
        { "sex", "six", "sexa" },
        { "sju", "seven", "sjua" },
        { "\xE5tta", "eight", "\xE5tt" },
        { "nio", "nine", "nia" },
    };
    const struct classify_token *t = &v->tokens->at[token];
    if (t->kind == TOKEN_NUMBER && t->len == 1)
        return token_text(v->tokens, t)[0] - '0';
    for (int digit = 0; t->kind == TOKEN_WORD && digit < 10; digit++) {
        for (size_t k = 0; k < UPP_LEN(words[0]); k++) {
            if (token_is(v->tokens, t, words[digit][k]))
                return digit;
        }
    }
    return -1;
}

static void try_digits(const struct detect_view *v, const uint8_t digit[SPELLED_MAX], size_t n,
                       size_t first, size_t last, struct detect_hits *hits)
{
    const size_t from = v->tokens->at[first].from;
    const size_t to = v->tokens->at[last].to;
    const enum number_kind kind = number_personal(digit, n);
    if (n == 10 && digit[0] == 0 && digit[1] == 7)
        detect_add(hits, DETECT_mobile, from, to);
    else if (kind == NUMBER_PERSONAL || kind == NUMBER_COORDINATION)
        detect_add(hits,
                   kind == NUMBER_PERSONAL ? DETECT_personal_number : DETECT_coordination_number,
                   from, to);
}

void detect_spelled(const struct detect_view *v, struct detect_hits *hits)
{
    uint8_t digit[SPELLED_MAX];
    size_t n = 0;
    size_t first = 0;
    size_t last = 0;
    bool words = false; /* at least one of them is written out: figures are detect_numbers' */
    for (size_t i = 0; i <= v->tokens->n; i++) {
        if (i < v->tokens->n && n > 0 && v->tokens->at[i].kind == TOKEN_MARK)
            continue; /* "noll, sju, noll" */
        const int d = i < v->tokens->n ? spelled_digit(v, i) : -1;
        if (d >= 0 && n < SPELLED_MAX) {
            first = n == 0 ? i : first;
            last = i;
            words |= v->tokens->at[i].kind == TOKEN_WORD;
            digit[n++] = (uint8_t)d;
            continue;
        }
        if (words && (n == 10 || n == 12) && d < 0)
            try_digits(v, digit, n, first, last, hits);
        n = 0;
        words = false;
    }
}
