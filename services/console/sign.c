/* sign.c - who answers, at the end of what she answers. */
#include "sign.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

static void free_text(char **text)
{
    free(*text);
}

/* Folded for comparison (UAX #29's default case folding, NFC). */
static char *fold(const char *text)
{
    size_t len = 0;
    uint8_t *folded =
        u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &len);
    if (!folded)
        return strdup("");
    char *out = malloc(len + 1);
    upp_check(out);
    memcpy(out, folded, len);
    out[len] = '\0';
    free(folded);
    return out;
}

static size_t trim(const char *text, size_t len)
{
    for (;;) {
        if (len > 0 && strchr(" \t\r\n.,;:!/|-*_", text[len - 1]))
            len--;
        else if (len >= 3 && (memcmp(text + len - 3, "\xe2\x80\x93", 3) == 0 || /* – */
                              memcmp(text + len - 3, "\xe2\x80\x94", 3) == 0))  /* — */
            len -= 3;
        else
            return len;
    }
}

/* The length without `word` at the end, which begins a word; the same length: it is not there. */
static size_t without(const char *text, size_t len, const char *word)
{
    const size_t n = strlen(word);
    if (n == 0 || len < n || memcmp(text + len - n, word, n) != 0)
        return len;
    const bool begins = len == n || strchr(" \t\r\n.,;:!/|-*_", text[len - n - 1]) ||
                        ((unsigned char)text[len - n - 1] & 0x80 && trim(text, len - n) < len - n);
    return begins ? len - n : len;
}

bool sign_ends(const char *text, const char *first_name, const char *last_name, const char *title)
{
    UPP_AUTO(free_text) char *all = fold(text);
    UPP_AUTO(free_text) char *first = fold(first_name);
    UPP_AUTO(free_text) char *last = fold(last_name);
    UPP_AUTO(free_text) char *what = fold(title);
    upp_check(all && first && last && what);
    size_t len = trim(all, strlen(all));
    const size_t before_title = without(all, len, what);
    if (before_title == len)
        return false;
    len = trim(all, before_title);
    len = trim(all, without(all, len, last));
    return without(all, len, first) < len;
}

char *sign_append(const char *text, const char *first_name, const char *title)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    const size_t size = len + strlen(first_name) + strlen(title) + 8;
    char *out = malloc(size);
    upp_check(out);
    snprintf(out, size, "%.*s%s%s, %s", (int)len, text, len ? "\n\n" : "", first_name, title);
    return out;
}
