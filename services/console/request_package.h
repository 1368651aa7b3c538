/* request_package.h - what is handed out on a request for public records, as files by name: all of
 * it whole for the secrecy review, the same with a proposal of what to cover, where and why, how it
 * was asked for, a manifest (R28). Who asks is never asked (TF 2:18). Pure. */
#pragma once
#include "phrase.h"
#include "request_review.h"

/* One version of what was written; lent. */
typedef struct request_row {
    const char *item, *account, *author, *permalink, *text;
    const char *received; /* `received_ms`, as people read it */
    uint32_t version;
    upp_ms received_ms;
    bool gone; /* from the platform */
} request_row;

/* How it was asked for: logg.json. Lent; NULL: that was left open. */
typedef struct request_asked {
    const char *folder, *made_by; /* these are there */
    const char *account, *item, *search;
    upp_ms from, before; /* 0: open */
} request_asked;

enum { REQUEST_FILES = 7 };
typedef struct request_file {
    const char *name; /* "maskad/handlingar.html"; static */
    buf bytes;
} request_file;

typedef struct request_package {
    request_file files[REQUEST_FILES]; /* in the order that they are written, the manifest last */
    size_t n_rows, n_masks, n_secret;  /* versions; places covered; texts to be read by a person */
    size_t n_taken, n_added, n_bare; /* by a person: taken away, marked; covered without a ground */
    const phrases *words;            /* lent */
    const request_review *review;    /* lent; NULL: nobody has looked at what is proposed */
    classifier *judge;
    classifier_room *room;
} request_package;

/* Begins an empty one, in the language of `words`, which must outlive it. The caller ends it with
 * request_done(), whatever this and the others give. 0 or UPP_E_BUSY (no memory). */
UPP_MUST_USE int request_begin(request_package *ret_package, const phrases *words);
/* Puts one version in, after those before it. UPP_E_BUSY: no memory, or a text that is no UTF-8
 * (jansson does not tell them apart); UPP_E_INPUT: what was marked in it is none of its places. The
 * package is then to be thrown away. */
UPP_MUST_USE int request_add(request_package *p, const request_row *row);
/* The rest of the files: `files` is whole then. UPP_E_BUSY as above. */
UPP_MUST_USE int request_end(request_package *p, const request_asked *asked);
/* The files of a package that was ended, as one zip in `out`, under the folder of that name.
 * UPP_E_INPUT: the name does not stay inside, or it is all too long for a zip; UPP_E_BUSY. */
UPP_MUST_USE int request_zip(const request_package *p, const char *folder, buf *out);
void request_done(request_package *p);
