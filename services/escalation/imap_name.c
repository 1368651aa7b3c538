/* imap_name.c - percent signs away, then modified UTF-7, then quotes. */
#include "imap_name.h"
#include "mail_header.h"
#include <string.h>

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

static bool decode_percent(const char *from, char *ret_text, size_t size)
{
    size_t n = 0;
    for (; *from; from++) {
        char c = *from;
        if (c == ';' || c == '?' || c == '#') /* parts of a URL that are no name */
            return false;
        if (c == '%') {
            const int high = hex_digit(from[1]);
            const int low = high < 0 ? -1 : hex_digit(from[2]);
            if (low < 0 || high + low == 0)
                return false;
            c = (char)(high * 16 + low);
            from += 2;
        }
        if (n + 1 >= size)
            return false;
        ret_text[n++] = c;
    }
    ret_text[n] = '\0';
    return true;
}

/* The next character of UTF-8 that is known to be good. */
static uint32_t next_character(const char **at)
{
    const unsigned char first = (unsigned char)*(*at)++;
    uint32_t c = first < 0x80 ? first : first < 0xe0 ? first & 0x1fu : first & 0x0fu;
    if (first >= 0xf0)
        c = first & 0x07u;
    while (((unsigned char)**at & 0xc0u) == 0x80u)
        c = c << 6 | ((unsigned char)*(*at)++ & 0x3fu);
    return c;
}

typedef struct writer {
    char *to;
    size_t n;
    bool shifted; /* between & and - */
    uint32_t bits;
    unsigned n_bits;
} writer;

/* Three characters at most come of one call; the room for them and the end is the caller's. */
static void put_unit(writer *w, uint32_t unit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    w->bits = w->bits << 16 | unit;
    for (w->n_bits += 16; w->n_bits >= 6; w->n_bits -= 6)
        w->to[w->n++] = digits[w->bits >> (w->n_bits - 6) & 63u];
    w->bits &= (1u << w->n_bits) - 1;
}

static void end_shift(writer *w)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    if (!w->shifted)
        return;
    if (w->n_bits)
        w->to[w->n++] = digits[w->bits << (6 - w->n_bits) & 63u];
    w->to[w->n++] = '-';
    w->shifted = false;
}

static void put(writer *w, uint32_t c)
{
    if (c < 0x80) {
        end_shift(w);
        if (c == '"' || c == '\\')
            w->to[w->n++] = '\\';
        w->to[w->n++] = (char)c;
        if (c == '&')
            w->to[w->n++] = '-';
        return;
    }
    if (!w->shifted) {
        w->to[w->n++] = '&';
        w->shifted = true;
        w->bits = 0;
        w->n_bits = 0;
    }
    if (c >= 0x10000) {
        put_unit(w, 0xd800u + ((c - 0x10000u) >> 10));
        put_unit(w, 0xdc00u + ((c - 0x10000u) & 0x3ffu));
    } else {
        put_unit(w, c);
    }
}

bool imap_name(const char *path, char ret_name[IMAP_NAME])
{
    enum { MOST = 10 }; /* what one character may add, with the end of a shift and of the name */
    char text[IMAP_NAME];
    if (path[0] == '/')
        path++;
    if (!decode_percent(path[0] ? path : "INBOX", text, sizeof text) || !mail_words_ok(text))
        return false;
    writer w = { .to = ret_name };
    w.to[w.n++] = '"';
    for (const char *at = text; *at;) {
        if (w.n + MOST >= IMAP_NAME)
            return false;
        put(&w, next_character(&at));
    }
    end_shift(&w);
    w.to[w.n++] = '"';
    w.to[w.n] = '\0';
    return true;
}
