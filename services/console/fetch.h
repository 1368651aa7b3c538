/* fetch.h - one question over HTTPS and its answer, from a worker. Private to port_*.c. */
#pragma once
#include "upp/base.h"
#include <stdatomic.h>

typedef struct fetch_ask {
    const char *url;
    const char *form;        /* posted; NULL: it is got */
    const char *login;       /* "user:password" for Basic; NULL: none */
    const atomic_bool *stop; /* true: it ends at once */
} fetch_ask;

/* The body of whatever answer, ended by a zero; the caller frees. NULL: there was none within some
 * seconds, it is too large or no text, and *ret_why says so for the operators (static). Redirects
 * are answers like others: what is sent goes nowhere else. */
char *fetch(const fetch_ask *ask, size_t bytes_max, long *ret_status, const char **ret_why);
