/* mail_header.c - RFC 5322 header lines, RFC 2047 words. */
#include "mail_header.h"
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistr.h>

enum {
    ADDRESS = 254,   /* RFC 5321 §4.5.3.1.3, without the brackets */
    LOCAL = 64,      /* §4.5.3.1.1 */
    WORD_BYTES = 39, /* as base64 in =?UTF-8?B?...?= 64 characters: with a name before it still one
                      * line of 76 (RFC 2047 §2) */
    KEY = 200,
};

static const char atext[] = "!#$%&'*+-/=?^_`{|}~"; /* RFC 5322 §3.2.3, beside letters and digits */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_atext(char c)
{
    return is_alnum(c) || (c != '\0' && strchr(atext, c));
}

/* atoms with single dots between them, made of what `ok` lets in. */
static bool dotted(const char *text, size_t n, bool (*ok)(char c))
{
    if (n == 0 || text[0] == '.' || text[n - 1] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.' ? text[i - 1] == '.' : !ok(text[i]))
            return false;
    }
    return true;
}

static bool is_domain(char c)
{
    return is_alnum(c) || c == '-';
}

bool mail_address_ok(const char *address)
{
    const char *at = strchr(address, '@');
    if (!at || strlen(address) > ADDRESS || at - address > LOCAL)
        return false;
    return dotted(address, (size_t)(at - address), is_atext) &&
           dotted(at + 1, strlen(at + 1), is_domain);
}

static bool fit(const char *text, const char *allowed)
{
    const size_t n = strlen(text);
    if (u8_check((const uint8_t *)text, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool control = c < 0x20 || c == 0x7f;
        const bool c1 = c == 0xc2 && (unsigned char)text[i + 1] < 0xa0; /* U+0080 to U+009F */
        const bool ends = c == 0xe2 && (unsigned char)text[i + 1] == 0x80 &&
                          ((unsigned char)text[i + 2] & 0xfe) == 0xa8; /* U+2028, U+2029 */
        if ((control && !strchr(allowed, (char)c)) || c1 || ends)
            return false;
    }
    return true;
}

bool mail_words_ok(const char *words)
{
    return fit(words, "");
}

bool mail_body_ok(const char *text)
{
    return fit(text, "\r\n\t");
}

typedef struct line {
    char *at;
    size_t used;
    bool full;
} line;

static void put(line *l, const char *text)
{
    const size_t n = strlen(text);
    l->full = l->full || n >= MAIL_LINE - l->used;
    if (l->full)
        return;
    memcpy(l->at + l->used, text, n + 1);
    l->used += n;
}

static void put_char(line *l, char c)
{
    const char text[2] = { c, '\0' };
    put(l, text);
}

/* RFC 2047 encoded words, each whole characters only (§5), one a line. */
static void put_encoded(line *l, const char *words)
{
    for (bool first = true; *words; first = false) {
        size_t n = strlen(words);
        if (n > WORD_BYTES) {
            n = WORD_BYTES;
            while (((unsigned char)words[n] & 0xc0) == 0x80)
                n--;
        }
        char b64[64 + 1];
        sodium_bin2base64(b64, sizeof b64, (const unsigned char *)words, n,
                          sodium_base64_VARIANT_ORIGINAL);
        put(l, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put(l, b64);
        put(l, "?=");
        words += n;
    }
}

/* ASCII that cannot be taken for an encoded word, and short enough for one line. */
static bool stands_as_it_is(const char *name, const char *words)
{
    if (strlen(name) + 2 + strlen(words) > 76 || strstr(words, "=?"))
        return false;
    for (const char *at = words; *at; at++)
        if ((unsigned char)*at >= 0x80)
            return false;
    return words[0] != ' ' && words[0] != '\0' && words[strlen(words) - 1] != ' ';
}

bool mail_words_header(const char *name, const char *words, char ret_line[MAIL_LINE])
{
    line l = { .at = ret_line };
    if (!mail_words_ok(words))
        return false;
    put(&l, name);
    put(&l, ": ");
    if (stands_as_it_is(name, words))
        put(&l, words);
    else
        put_encoded(&l, words);
    return !l.full;
}

bool mail_address_header(const char *name, const char *words, const char *address,
                         char ret_line[MAIL_LINE])
{
    line l = { .at = ret_line };
    const bool named = words && words[0];
    if (!mail_address_ok(address) || (named && !mail_words_ok(words)))
        return false;
    put(&l, name);
    put(&l, ": ");
    if (named && stands_as_it_is(name, words)) {
        put(&l, "\""); /* RFC 5322 §3.2.4 */
        for (const char *at = words; *at; at++) {
            if (*at == '"' || *at == '\\')
                put_char(&l, '\\');
            put_char(&l, *at);
        }
        put(&l, "\"");
    } else if (named) {
        put_encoded(&l, words);
    }
    put(&l, named ? "\r\n <" : "<");
    put(&l, address);
    put(&l, ">");
    return !l.full;
}

bool mail_id_header(const char *key, const char *from, char ret_line[MAIL_LINE])
{
    line l = { .at = ret_line };
    if (key[0] == '\0' || strlen(key) > KEY || !mail_address_ok(from))
        return false;
    put(&l, "Message-ID: <");
    for (const char *at = key; *at; at++) {
        char hex[4];
        snprintf(hex, sizeof hex, "=%02X", (unsigned)(unsigned char)*at);
        if (is_atext(*at) && *at != '=')
            put_char(&l, *at);
        else
            put(&l, hex);
    }
    put(&l, strchr(from, '@'));
    put(&l, ">");
    return !l.full;
}

void mail_date_header(upp_ms real, char ret_line[MAIL_LINE])
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    const time_t seconds = (time_t)(real / 1000);
    struct tm tm;
    const struct tm *split = gmtime_r(&seconds, &tm);
    upp_check(split);
    snprintf(ret_line, MAIL_LINE, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

char *mail_body_lines(const char *text)
{
    char *lines = malloc(2 * strlen(text) + 3);
    upp_check(lines);
    size_t n = 0;
    for (; *text; text++) {
        if (*text != '\r' && *text != '\n') {
            lines[n++] = *text;
            continue;
        }
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        lines[n++] = '\r';
        lines[n++] = '\n';
    }
    if (n == 0 || lines[n - 1] != '\n') {
        lines[n++] = '\r';
        lines[n++] = '\n';
    }
    lines[n] = '\0';
    return lines;
}
