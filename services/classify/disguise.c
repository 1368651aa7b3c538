/* disguise.c - takes off leet, masks and spacing, where a known word then appears. */
#include "disguise.h"
#include <string.h>

static bool is_spacer(uint8_t c)
{
    return c == ' ' || c == '.' || c == '_' || c == '*' || c == '-';
}

static bool is_lone_letter(const struct classify_fold *fold, size_t at)
{
    return fold_is_letter(fold->ch[at]) && (at == 0 || !fold_is_word(fold->ch[at - 1])) &&
           !fold_is_word(fold->ch[at + 1]);
}

size_t disguise_spread(const struct classify_fold *fold, size_t at, uint8_t ret[TOKEN_TEXT_MAX],
                       size_t *ret_n)
{
    size_t n = 0;
    size_t end = at;
    size_t here = at;
    while (here < fold->len && n < TOKEN_TEXT_MAX && is_lone_letter(fold, here)) {
        ret[n++] = fold->ch[here];
        end = here + 1;
        if (end >= fold->len || !is_spacer(fold->ch[end]))
            break;
        here = end + 1;
    }
    /* Spaces alone part real one-letter words too ("va e d å"), so they need a longer run. */
    const bool spaces = n > 1 && fold->ch[at + 1] == ' ';
    if (n < (spaces ? 4u : 3u))
        return at;
    *ret_n = n;
    return end;
}

/* What a digit or sign stands for among letters; 0: nothing. `one` is what '1' is this time. */
static uint8_t leet(uint8_t c, uint8_t one)
{
    switch (c) {
    case '0':
        return 'o';
    case '1':
    case '!':
        return one;
    case '3':
        return 'e';
    case '4':
    case '@':
        return 'a';
    case '5':
    case '$':
        return 's';
    case '7':
        return 't';
    default:
        return 0;
    }
}

static bool is_wild(uint8_t c)
{
    return c == '*' || c == '-' || c == '_' || c == '#' || c == '|' || c == '%' || c == '+' ||
           c == '.' || c == '\'' || c == '?';
}

/* The chunk with leet read as letters; signs between letters fall away. 0: it is not leet. */
static size_t read_leet(const uint8_t *chunk, size_t len, uint8_t one, uint8_t *ret)
{
    size_t n = 0;
    size_t letters = 0;
    size_t digits_in_row = 0;
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = chunk[i];
        digits_in_row = fold_is_digit(c) ? digits_in_row + 1 : 0;
        if (digits_in_row == 3)
            return 0;
        if (fold_is_letter(c)) {
            ret[n++] = c;
            letters++;
        } else if (leet(c, one) != 0) {
            ret[n++] = leet(c, one);
        } else if (!is_wild(c)) {
            return 0;
        }
    }
    return letters * 2 >= n && letters > 0 ? n : 0;
}

/* The chunk with each run of signs as one '*'. 0: it has none, or does not begin with a letter. */
static size_t read_mask(const uint8_t *chunk, size_t len, uint8_t *ret)
{
    size_t n = 0;
    bool any = false;
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = chunk[i];
        if (fold_is_letter(c)) {
            ret[n++] = c;
        } else if (is_wild(c) || leet(c, 'i') != 0) {
            any = true;
            if (n > 0 && ret[n - 1] != '*')
                ret[n++] = '*';
        } else {
            return 0;
        }
    }
    return any && n >= 3 && ret[n - 1] != '*' && fold_is_letter(chunk[0]) ? n : 0;
}

size_t disguise_chunk(const struct classify_fold *fold, size_t from, size_t to, token_known *known,
                      const void *ctx, uint8_t ret[TOKEN_TEXT_MAX])
{
    while (to > from && !fold_is_word(fold->ch[to - 1]) && fold->ch[to - 1] != '$')
        to--;
    while (from < to && !fold_is_word(fold->ch[from]) && leet(fold->ch[from], 'i') == 0)
        from++;
    const size_t len = to - from;
    if (len < 3 || len > TOKEN_TEXT_MAX)
        return 0;
    const uint8_t *chunk = fold->ch + from;
    uint8_t word[TOKEN_TEXT_MAX];
    static const uint8_t ones[] = { 'i', 'l' };
    for (size_t i = 0; i < UPP_LEN(ones); i++) {
        const size_t n = read_leet(chunk, len, ones[i], word);
        if (n >= 3 && known(ctx, word, n, false, ret) > 0) {
            memcpy(ret, word, n);
            return n;
        }
    }
    const size_t n = read_mask(chunk, len, word);
    return n > 0 ? known(ctx, word, n, true, ret) : 0;
}
