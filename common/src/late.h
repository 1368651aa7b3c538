/* late.h - a shared library at its first use. Our program has functions of the library's own names
 * that hand on to it, so that nothing at the calls changes; who links them in the library's place
 * does not hold it, and what it brings, before it is needed. */
#pragma once
#include <stddef.h>

typedef struct upp_late_row {
    const char *name; /* "curl_easy_init" */
    size_t at;        /* in the table of pointers */
} upp_late_row;

typedef struct upp_late {
    const char *title, *file; /* "libcurl", "libcurl.so.4" */
    const upp_late_row *rows;
    size_t n_rows;
    void *table;
} upp_late;

/* Loads it for good and fills the table; once, under the caller's pthread_once. It was there at the
 * start (below): when it cannot be loaded now the process ends, and its next start says why. */
void upp_late_load(const upp_late *late);
/* For a port's `lacks`: NULL when the library can be loaded and has all rows; else a sentence,
 * static until the next call. Tried in a process of its own, for some 20 ms, since not every
 * library goes again once it was there (OpenSSL): only where this process has no other thread. */
const char *upp_late_lacks(const upp_late *late);
