/* wacz.h - the replayable file of a capture: WACZ 1.1.1 (specs.webrecorder.net; capture.md 9.3),
 * a zip of the WARC, its index, its pages and a data package that names them. */
#pragma once
#include "stream.h"

/* A page that a player opens. Texts are lent. */
typedef struct wacz_page {
    const char *id;
    const char *url;
    const char *title;
    const char *date; /* UTC, as in the WARC */
    const char *text; /* innerText, for search; NULL: none */
    int status;       /* of HTTP */
    int load_state;   /* 0 nothing .. 4 all, as Browsertrix counts */
} wacz_page;

/* A further file; its path lies outside archive/, indexes/ and pages/. */
typedef struct wacz_extra {
    const char *path;
    source content;
} wacz_extra;

typedef struct wacz {
    const char *title;
    const char *software;
    const char *created;
    const wacz_page *pages; /* the first is the main page; at least one */
    size_t page_count;
    source archive;  /* data.warc.gz */
    upp_bytes index; /* of cdxj_write(), with `filename` WACZ_ARCHIVE */
    const wacz_extra *extras;
    size_t extra_count;
    /* Pages with long texts may be deflated; a changed byte that carries no data is then not
     * seen in them. Everything else is stored. */
    bool deflate_pages;
} wacz;

#define WACZ_ARCHIVE "data.warc.gz"

/* Writes the file. 0; UPP_E_INPUT: no page, text that is no UTF-8, an extra path where it may
 * not be; UPP_E_BUSY; what a source or the sink gave: the file is then to be thrown away. */
UPP_MUST_USE int wacz_write(const wacz *w, const sink *out);
