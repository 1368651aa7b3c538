/* request_review.h - what a person has changed in the proposed masks, from one page to the next: it
 * travels in the pages' own form, and is kept nowhere (R28, R24). Pure. */
#pragma once
#include "request_mask.h"

enum {
    REQUEST_CHANGES = 400,
    REQUEST_ITEM = 80,
    REQUEST_GROUNDS = 14, /* osl.1 and on */
    REQUEST_MARKED = REQUEST_PLACES - REQUEST_MASKS
};

typedef enum request_verb {
    REQUEST_TAKEN = 't',  /* what was proposed is not covered */
    REQUEST_ADDED = 'a',  /* a person marked it */
    REQUEST_GROUND = 'g', /* of what was proposed: why by law */
    REQUEST_AUTHOR = 'n', /* the name of whoever wrote is covered, and the link to it */
} request_verb;

typedef struct request_change {
    request_verb verb;
    uint32_t version, start, end, ground;
    char item[REQUEST_ITEM];
} request_change;

typedef struct request_review {
    request_change at[REQUEST_CHANGES];
    size_t n;
    uint32_t ground; /* of each place that has none of its own; 0: none */
    const char *by;  /* the person; lent */
} request_review;

/* What stands for a name that is covered. */
#define REQUEST_NAMELESS "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88"

/* One version's text, lent. */
typedef struct request_text {
    const char *item, *text;
    uint32_t version;
} request_text;

/* From what request_review_write() wrote, into one that is zeroed. False: it is none of ours, or
 * more than there is room for. */
bool request_review_read(const char *text, request_review *ret_review);
/* One line of plain characters, for a hidden field. 0 or UPP_E_BUSY. */
UPP_MUST_USE int request_review_write(const request_review *r, buf *out);
/* The places of one text, with what was changed: `masks` are the *n that were proposed, and have
 * room for REQUEST_PLACES. UPP_E_INPUT: a place that is marked is none of this text, so that what
 * she meant to cover is not known. */
UPP_MUST_USE int request_review_apply(const request_review *r, const request_text *text,
                                      request_mask *masks, size_t *n);
/* Why by law a place is covered: its own ground, or that of all; 0: nobody has said. */
uint32_t request_ground(const request_review *r, const request_mask *m);

/* Is the author of this text covered? *ret_ground as above, where it is. */
bool request_author(const request_review *r, const request_text *text, uint32_t *ret_ground);
/* The ground that was said of it alone; 0: none. */
uint32_t request_author_own(const request_review *r, const request_text *text);

/* -- to change it -- */
/* Covers a place no more (what she marked herself is forgotten), or covers it again. False: there
 * is no room for another change. */
UPP_MUST_USE bool request_review_take(request_review *r, const request_text *text,
                                      const request_mask *m, bool taken);
UPP_MUST_USE bool request_review_ground(request_review *r, const request_text *text,
                                        const request_mask *m, uint32_t ground);
/* False: there is no room. */
UPP_MUST_USE bool request_review_author(request_review *r, const request_text *text, bool covered,
                                        uint32_t ground);
typedef enum request_marked {
    REQUEST_MARK_DONE,
    REQUEST_MARK_NOT_THERE, /* these words, or so many of them, are not in the text */
    REQUEST_MARK_COVERED,   /* all of it is covered already */
    REQUEST_MARK_FULL,      /* no room */
} request_marked;
/* Covers these words wherever they stand, as parts of longer words too, since what is covered too
 * much is seen; or only the `nth` of the places (from 1). Letters count the same whatever their
 * case (a to z, the Latin ones with marks), one blank as any number. `masks`: the text's, as
 * applied. */
request_marked request_review_mark(request_review *r, const request_text *text,
                                   const request_mask *masks, size_t n, const char *words,
                                   uint32_t nth, uint32_t ground);
