/* site_fixture.h - a small web site on loopback, for the tests of the browser. */
#pragma once
#include "upp/base.h"

typedef struct site site;

/* Pages by their path; what is not there is 404. Runs in a thread until site_free. */
typedef struct site_page {
    const char *path;
    const char *head; /* status line and fields without the empty line; NULL: 200, text/html */
    const char *body; /* NULL: no answer at all, the connection stays open */
    size_t body_len;  /* 0: its strlen */
    size_t claims;    /* what content-length says when it lies; 0: the truth */
} site_page;

site *site_new(const site_page *pages, size_t n); /* `pages` is lent */
void site_free(site *s);
/* "http://127.0.0.1:port<path>"; lent until the next call. */
const char *site_url(site *s, const char *path);
/* How many connections there have been since the last call. */
int site_connections(site *s);
