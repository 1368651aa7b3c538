/* cdxj.h - the index of a WARC file: one line a response, sorted by bytes (capture.md 9.2; the form
 * that WACZ 1.1.1 asks for). */
#pragma once
#include "complaint.h"
#include "stream.h"

/* One response. Texts are lent. */
typedef struct cdxj_row {
    const char *url;    /* http or https */
    const char *date;   /* the record's WARC-Date */
    const char *mime;   /* without its parameters */
    const char *sha256; /* hexadecimal, of the body */
    const char *filename;
    int status;
    uint64_t offset; /* of the gzip member */
    uint64_t length;
} cdxj_row;

/* The sort key of `url`: `http://h.o.st:port/path` gives `st,o,h:port)/path`, in lower case,
 * without fragment and user; a numeric host stays as it is. Appends to `out`. 0; UPP_E_INPUT: no
 * http(s) url or a blank or control character in it; UPP_E_BUSY. */
UPP_MUST_USE int cdxj_surt(const char *url, buf *out);

/* Writes the sorted lines. 0; UPP_E_INPUT: a row is not of its form; UPP_E_BUSY; what the sink
 * gave. */
UPP_MUST_USE int cdxj_write(const cdxj_row *rows, size_t n, const sink *out);

/* A line that was read; texts are lent for the call. */
typedef struct cdxj_line {
    const char *url;
    const char *digest;
    const char *filename;
    uint64_t at; /* of the line in the index */
    uint64_t offset;
    uint64_t length;
} cdxj_line;
typedef int (*cdxj_on_line)(void *ctx, const cdxj_line *line);

/* Reads an index; complains of lines that are not of the form, whose key is not that of their
 * url, or that are out of order. What `on_line` gives, when negative, ends the reading. 0 or
 * UPP_E_BUSY. */
UPP_MUST_USE int cdxj_read(upp_bytes text, const char *path, complaints *to, cdxj_on_line on_line,
                           void *ctx);
