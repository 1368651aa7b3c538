/* withhold.c - what speaks against sending a comment's words to anybody (R24). */
#include "withhold.h"

enum { DIGITS = 5 };

#define BIT(kind) (UINT32_C(1) << DETECT_##kind)
/* What scanners find that is nobody's: our own numbers and domains, the emergency numbers, prices
 * and times of day. */
#define NOBODYS                                                                                    \
    (BIT(own_phone) | BIT(service_phone) | BIT(own_email) | BIT(own_link) | BIT(price) | BIT(clock))

static bool in_band(const struct classifier_verdict *v, enum classify_label label)
{
    return v->band[label] != CLASSIFIER_NONE;
}

/* In small letters too, where the reading lets them go ("bo", "sten"): here a word too many costs
 * nothing. */
static bool has_name(const struct classify_reading *r)
{
    for (size_t i = 0; i < r->words.n; i++) {
        if (r->words.at[i].class == LEXICON_given_name || r->words.at[i].class == LEXICON_surname)
            return true;
    }
    return false;
}

static bool has_capital_inside(const struct classify_reading *r)
{
    for (size_t i = 1; i < r->tokens.n; i++) {
        const struct classify_token *t = &r->tokens.at[i];
        if (t->kind == TOKEN_WORD && t->len > 1 && (t->flags & TOKEN_CAPITAL) &&
            !(t->flags & TOKEN_SHOUT) && t->sentence == r->tokens.at[i - 1].sentence)
            return true;
    }
    return false;
}

static bool has_digits(const struct classify_reading *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->fold.len; i++)
        n += fold_is_digit(r->fold.ch[i]);
    return n >= DIGITS;
}

const char *withhold(const struct classify_reading *r, const struct classifier_verdict *v)
{
    if (in_band(v, CLASSIFY_PERSONAL_DATA) || in_band(v, CLASSIFY_CONFIDENTIAL) ||
        (v->signals & CLASSIFIER_SIGNAL_DANGER))
        return "finding";
    if (r->data.seen & ~NOBODYS)
        return "detector";
    if (has_name(r))
        return "name";
    if (has_capital_inside(r))
        return "capital";
    if (has_digits(r))
        return "digits";
    if (r->fold.n_foreign > 0)
        return "foreign";
    return v->cut ? "long" : NULL;
}
