/* detect_account.c - bank accounts, giro numbers, Swish, prices, codes and number plates. */
#include "detect.h"
#include "number.h"
#include <string.h>

#define CUE_REACH 24

/* Up to 34 letters and digits with single spaces between, as IBANs are printed. */
static void try_iban(const struct detect_view *v, size_t at, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    const size_t wanted = number_iban_length(f->ch + at);
    uint8_t text[34];
    size_t n = 0;
    size_t here = at;
    while (n < wanted && n < sizeof text && here < f->len) {
        const uint8_t c = f->ch[here];
        if ((c >= 'a' && c <= 'z') || fold_is_digit(c))
            text[n++] = c;
        else if (c != ' ' || f->ch[here - 1] == ' ')
            return;
        here++;
    }
    if (n == wanted && (here == f->len || !fold_is_word(f->ch[here])) && number_iban(text, n))
        detect_add(hits, DETECT_iban, at, here);
}

/* Digits with hyphens or spaces between them, from `at`: how many, and where they end. */
static size_t digits_from(const struct classify_fold *f, size_t at, uint8_t *ret, size_t room,
                          size_t *ret_end)
{
    size_t n = 0;
    while (at < f->len && n < room) {
        if (fold_is_digit(f->ch[at])) {
            ret[n++] = (uint8_t)(f->ch[at] - '0');
            *ret_end = at + 1;
        } else if ((f->ch[at] != '-' && f->ch[at] != ' ' && f->ch[at] != ',' && f->ch[at] != '.') ||
                   f->ch[at - 1] == f->ch[at]) {
            break;
        }
        at++;
    }
    return n;
}

static bool cued(const struct detect_view *v, size_t from, size_t to, const char *const *cues,
                 size_t n_cues)
{
    const size_t first = from > CUE_REACH ? from - CUE_REACH : 0;
    for (size_t i = detect_token_after(v->tokens, first); i < v->tokens->n; i++) {
        const struct classify_token *t = &v->tokens->at[i];
        if (t->from > to)
            break;
        for (size_t c = 0; c < n_cues; c++) {
            const size_t len = strlen(cues[c]);
            if (t->len >= len && memcmp(token_text(v->tokens, t), cues[c], len) == 0)
                return true;
        }
    }
    return false;
}

/* "5402-9682", "4 26 38-1": printed as giro numbers are, whatever their check digit says. */
static bool is_giro_shape(const struct classify_fold *f, size_t at, size_t end, size_t digits)
{
    const bool plus = digits <= 8 && end - at > 2 && f->ch[end - 2] == '-';
    const bool bank = digits >= 7 && digits <= 8 && end - at == digits + 1 && f->ch[end - 5] == '-';
    return plus || bank;
}

static void try_account(const struct detect_view *v, size_t at, struct detect_hits *hits)
{
    static const char *const bankgiro[] = { "bankgiro", "bg" };
    static const char *const plusgiro[] = { "plusgiro", "postgiro", "pg" };
    static const char *const account[] = { "clearing", "konto", "bankkonto", "clnr", "lönekonto" };
    static const char *const swish[] = { "swish" };
    uint8_t digit[16];
    size_t end = at;
    const size_t n = digits_from(v->fold, at, digit, sizeof digit, &end);
    if (n < 5)
        return;
    if ((n == 7 || n == 8) && number_luhn(digit, n) &&
        cued(v, at, end, bankgiro, UPP_LEN(bankgiro)))
        detect_add(hits, DETECT_bankgiro, at, end);
    else if (n <= 8 && number_luhn(digit, n) && cued(v, at, end, plusgiro, UPP_LEN(plusgiro)))
        detect_add(hits, DETECT_plusgiro, at, end);
    else if ((n >= 7 && cued(v, at, end, account, UPP_LEN(account))) ||
             (is_giro_shape(v->fold, at, end, n) &&
              (cued(v, at, end, bankgiro, UPP_LEN(bankgiro)) ||
               cued(v, at, end, plusgiro, UPP_LEN(plusgiro)))))
        detect_add(hits, DETECT_account, at, end);
    else if (n == 10 && cued(v, at, end, swish, UPP_LEN(swish)))
        detect_add(hits, DETECT_swish, at, end);
}

/* Transportstyrelsen: three letters without I Q V and the Swedish ones, two digits, then a digit or
 * a letter without O. */
static bool is_plate_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z' && c != 'i' && c != 'q' && c != 'v';
}

static void try_plate(const struct detect_view *v, size_t at, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    if (at + 6 > f->len)
        return;
    bool upper = true;
    for (size_t i = 0; i < 3; i++) {
        if (!is_plate_letter(f->ch[at + i]))
            return;
        upper &= (f->mark[at + i] & FOLD_UPPER) != 0;
    }
    size_t here = at + 3;
    here += f->ch[here] == ' ' || f->ch[here] == '-';
    if (here + 3 > f->len || !fold_is_digit(f->ch[here]) || !fold_is_digit(f->ch[here + 1]))
        return;
    const uint8_t last = f->ch[here + 2];
    if (!fold_is_digit(last) && !(is_plate_letter(last) && last != 'o'))
        return;
    const size_t end = here + 3;
    if (end < f->len && fold_is_word(f->ch[end]))
        return;
    if (detect_near(v, LEXICON_BIT(plate_cue), at, end, 60))
        detect_add(hits, DETECT_plate, at, end);
    else if (upper)
        detect_add(hits, DETECT_plate_bare, at, end);
}

void detect_accounts(const struct detect_view *v, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    bool cue = false; /* is there any word of money matters at all: most comments have none */
    for (size_t i = 0; i < v->tokens->n; i++)
        cue |= (v->words->classes[i] & LEXICON_BIT(account_cue)) != 0;
    for (size_t at = 0; at < f->len; at++) {
        if (at > 0 && fold_is_word(f->ch[at - 1]))
            continue;
        if (fold_is_digit(f->ch[at])) {
            if (cue)
                try_account(v, at, hits);
        } else if (at + 5 < f->len && fold_is_letter(f->ch[at]) && fold_is_letter(f->ch[at + 1])) {
            if (fold_is_digit(f->ch[at + 2]) && fold_is_digit(f->ch[at + 3]))
                try_iban(v, at, hits);
            else
                try_plate(v, at, hits);
        }
    }
}
