/* html.h - a page that grows. What is written is escaped, unless it stands in our own source: the
 * format is a literal and trusted, what fills it never is. Pure. */
#pragma once
#include "phrase.h"

typedef struct html {
    char *at; /* the page so far, ended by a zero; the caller frees with html_done */
    size_t len, size;
    const phrases *phrases; /* lent */
} html;

void html_done(html *h);
/* Only %s, %d, %u, %lld and %%. Every %s is escaped for text and for attributes in double quotes;
 * NULL is nothing. What no page may hold (control characters, half a UTF-8 sequence, marks that
 * turn the direction of writing) becomes U+FFFD. */
#define html_add(h, ...) html_add_((h), "" __VA_ARGS__)
UPP_PRINTF(2, 3) void html_add_(html *h, const char *fmt, ...);
/* A text of the catalogue, escaped; {1} and {2} are filled with `a` and `b` (NULL: nothing). */
void html_say(html *h, const char *key);
void html_fill(html *h, const char *key, const char *a, const char *b);
/* What a person wrote, with its line breaks as <br>. */
void html_lines(html *h, const char *text);
/* The text for the attribute of a link: only https and http, else "" (javascript: and the like). */
const char *html_url(const char *url);
/* The catalogue's text, for a %s. */
const char *html_phrase(const html *h, const char *key);
