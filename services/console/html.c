/* html.c - escaping, in one place. */
#include "html.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void html_done(html *h)
{
    free(h->at);
    h->at = NULL;
    h->len = h->size = 0;
}

static void put(html *h, const char *at, size_t n)
{
    if (h->len + n + 1 > h->size) {
        h->size = (h->len + n + 1) * 2 < 4096 ? 4096 : (h->len + n + 1) * 2;
        h->at = realloc(h->at, h->size);
        upp_check(h->at);
    }
    memcpy(h->at + h->len, at, n);
    h->len += n;
    h->at[h->len] = '\0';
}

/* The bytes of the sequence at `at` (RFC 3629: shortest form, no surrogates, to U+10FFFF); 0: it is
 * none. */
static size_t sequence(const unsigned char *at, uint32_t *ret_code)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {
        { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 }
    };
    for (size_t n = 0; n < UPP_LEN(forms); n++) {
        if ((at[0] & forms[n].mask) != forms[n].lead)
            continue;
        uint32_t code = at[0] & (unsigned char)~forms[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (at[i] & 0x3f);
        }
        *ret_code = code;
        const bool good =
            code >= forms[n].least && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
        return good ? n + 1 : 0;
    }
    return 0;
}

/* Controls, and marks that make a text read otherwise than it is written (Trojan Source). */
static bool forbidden(uint32_t code)
{
    if (code < 0x20)
        return code != '\n' && code != '\t' && code != '\r';
    return (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029 ||
           (code & 0xfffe) == 0xfffe;
}

static void escape(html *h, const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        uint32_t code = 0;
        const size_t n = sequence((const unsigned char *)text, &code);
        if (n == 0 || forbidden(code))
            put(h, "\xef\xbf\xbd", 3);
        else if (code == '&')
            put(h, "&amp;", 5);
        else if (code == '<')
            put(h, "&lt;", 4);
        else if (code == '>')
            put(h, "&gt;", 4);
        else if (code == '"')
            put(h, "&quot;", 6);
        else if (code == '\'')
            put(h, "&#39;", 5);
        else
            put(h, text, n);
        text += n ? n : 1;
    }
}

/* One conversion; gives what follows it. */
static const char *convert(html *h, const char *at, va_list *args)
{
    char number[32];
    if (strncmp(at, "lld", 3) == 0) {
        snprintf(number, sizeof number, "%lld", va_arg(*args, long long));
        put(h, number, strlen(number));
        return at + 3;
    }
    if (*at == 's') {
        const char *text = va_arg(*args, const char *);
        if (text)
            escape(h, text, strlen(text));
    } else if (*at == 'd') {
        snprintf(number, sizeof number, "%d", va_arg(*args, int));
        put(h, number, strlen(number));
    } else if (*at == 'u') {
        snprintf(number, sizeof number, "%u", va_arg(*args, unsigned));
        put(h, number, strlen(number));
    } else {
        upp_check(*at == '%');
        put(h, "%", 1);
    }
    return at + 1;
}

void html_add_(html *h, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    while (*fmt) {
        const size_t n = strcspn(fmt, "%");
        put(h, fmt, n);
        fmt += n;
        if (*fmt == '%')
            fmt = convert(h, fmt + 1, &args);
    }
    va_end(args);
}

const char *html_phrase(const html *h, const char *key)
{
    return phrase(h->phrases, key);
}

void html_say(html *h, const char *key)
{
    html_fill(h, key, NULL, NULL);
}

void html_fill(html *h, const char *key, const char *a, const char *b)
{
    for (const char *at = html_phrase(h, key); *at;) {
        const char *hole = strstr(at, "{1}"), *second = strstr(at, "{2}");
        if (!hole || (second && second < hole))
            hole = second;
        escape(h, at, hole ? (size_t)(hole - at) : strlen(at));
        if (!hole)
            return;
        const char *filling = hole[1] == '1' ? a : b;
        if (filling)
            escape(h, filling, strlen(filling));
        at = hole + 3;
    }
}

void html_lines(html *h, const char *text)
{
    while (*text) {
        const size_t n = strcspn(text, "\n");
        const size_t shown = n > 0 && text[n - 1] == '\r' ? n - 1 : n;
        escape(h, text, shown);
        text += n;
        if (*text == '\n') {
            put(h, "<br>", 4);
            text++;
        }
    }
}

const char *html_url(const char *url)
{
    if (!url)
        return "";
    return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 ? url : "";
}
