/* exchange.h - one request and its answer, as the browser tells them (Fetch.requestPaused), into
 * two records of a WARC (capture.md §12). */
#pragma once
#include "warc.h"
#include <jansson.h>

enum exchange_body {
    EXCHANGE_WANTED,
    EXCHANGE_NONE,    /* it has no body: a redirect, 204, 304, HEAD */
    EXCHANGE_OMITTED, /* a stream without end, sound, film, or too long */
};
/* What to do about the body of the answer that is paused. */
enum exchange_body exchange_body(const json_t *paused);

/* The first record of a file. `agent` is the browser's own name. 0 or a negative upp_fail. */
UPP_MUST_USE int exchange_info(warc_writer *w, const char *agent);
/* Response and request. `body` is what the page gets, decoded; the lengths and codings of the wire
 * are kept as x-orig-*. 0; 1: it cannot be a record (a URL or header of strange form), nothing was
 * written; else a negative upp_fail. */
UPP_MUST_USE int exchange_write(warc_writer *w, const json_t *paused, upp_bytes body, bool base64);
