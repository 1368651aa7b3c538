/* signoff.c - the end of an answer, word by word from its last. */
#include "signoff.h"
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* Folded and composed, so that "Åsa" in any form is one word; from malloc. */
static uint8_t *fold(const char *text, size_t *ret_len)
{
    const size_t n = strlen(text);
    uint8_t *folded = NULL;
    if (!u8_check((const uint8_t *)text, n))
        folded = u8_casefold((const uint8_t *)text, n, NULL, UNINORM_NFC, NULL, ret_len);
    if (!folded) { /* no UTF-8, or no memory: it signs nothing */
        folded = calloc(1, 1);
        upp_check(folded);
        *ret_len = 0;
    }
    return folded;
}

static bool is_word(ucs4_t c)
{
    return uc_is_property_alphabetic(c) || uc_is_property_decimal_digit(c);
}

/* The end of the last word in text[0..n). */
static size_t trim(const uint8_t *text, size_t n)
{
    while (n > 0) {
        ucs4_t c = 0;
        const uint8_t *before = u8_prev(&c, text + n, text);
        if (!before || is_word(c))
            return before ? n : 0;
        n = (size_t)(before - text);
    }
    return 0;
}

/* Takes `words` from the end of text[0..*n), as whole words. */
static bool take(const uint8_t *text, size_t *n, const char *words)
{
    size_t len = 0;
    uint8_t *want = fold(words, &len);
    const size_t end = trim(text, *n), wanted = trim(want, len);
    bool fits = wanted > 0 && wanted <= end && memcmp(text + end - wanted, want, wanted) == 0;
    free(want);
    if (fits && end > wanted) { /* "Johanna" does not end with "Anna" */
        ucs4_t c = 0;
        fits = u8_prev(&c, text + end - wanted, text) && !is_word(c);
    }
    if (fits)
        *n = end - wanted;
    return fits;
}

bool signoff_ends(const char *text, const char *first_name, const char *last_name,
                  const char *title)
{
    size_t n = 0;
    uint8_t *folded = fold(text, &n);
    bool ends = take(folded, &n, title);
    if (ends && last_name[0])
        (void)take(folded, &n, last_name);
    ends = ends && take(folded, &n, first_name);
    free(folded);
    return ends;
}

size_t signoff_length(const char *text)
{
    return u8_mbsnlen((const uint8_t *)text, strlen(text));
}
