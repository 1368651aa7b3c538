/* page.h - the public register as a page, as JSON and as CSV (R09, R30). Pure. */
#pragma once
#include "uppsikt/registry.pb-c.h"
#include "zone.h"

typedef struct page {
    const char *publisher; /* NULL: not said */
    const char *attended;  /* the hours; NULL: each working day, without a number */
    const zone *zone;      /* NULL: dates are in UTC */
    int64_t at_seq;
    upp_ms at_ms;
    const Uppsikt__RegisterRow **rows; /* put in order by page_sort */
    size_t n_rows;
} page;

/* By authority, unit, platform and name. */
void page_sort(page *p);
/* Each gives a text from malloc, UTF-8, with its length; the caller frees it. */
/* One document without script, images or anything from elsewhere (WCAG 2.2 AA). Everything that
 * people wrote is escaped, and only http(s) links become links. */
char *page_html(const page *p, size_t *ret_len);
char *page_json(const page *p, size_t *ret_len);
/* RFC 4180. A field that a spreadsheet would take for a formula (it begins with = + - @, a tab or a
 * carriage return, there or after what could be a separator) gets an apostrophe before it. */
char *page_csv(const page *p, size_t *ret_len);

enum { PAGE_PHRASE = 400 };
/* The Swedish catalogue's text of `key` (registry.sv.txt); the key itself when there is none. */
const char *page_phrase(const char *key, char ret_text[PAGE_PHRASE]);
