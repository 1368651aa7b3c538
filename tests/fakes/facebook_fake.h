/* facebook_fake.h - one Facebook page behind Meta's Graph API, as platforms.md §7 and §16.3 tell
 * of it: (state, request) -> response and the next state. No socket, no clock, no randomness: the
 * simulator's world and upp-fake-facebook both call it. */
#pragma once
#include "upp/base.h"

typedef struct fakebook fakebook;

/* A page with one good token. "EXPIRED" and "LIMITED" are the tokens of §16.3. */
fakebook *fakebook_new(const char *page, const char *name, const char *token);
void fakebook_free(fakebook *f); /* NULL is fine */

typedef struct fakebook_request {
    const char *method, *path; /* "/v25.0/111_1/comments" */
    const char *query;         /* without "?"; NULL: none */
    const char *body, *type;   /* form or JSON; NULL: none */
    const char *bearer;        /* the header's token; NULL: none */
    const char *host;          /* where absolute links lead: "http://127.0.0.1:1" */
    int64_t now_s;
} fakebook_request;
typedef struct fakebook_response {
    int status;
    char *body;      /* JSON, malloc's: the caller frees */
    char usage[200]; /* X-Business-Use-Case-Usage */
    bool cut;        /* the connection is closed without an answer */
    bool hang;       /* it stays open, and nothing comes */
} fakebook_response;
void fakebook_answer(fakebook *f, const fakebook_request *q, fakebook_response *ret);
/* The same for a whole URL; `q` without path, query and host. */
void fakebook_call(fakebook *f, const char *url, const fakebook_request *q, fakebook_response *ret);

/* -- what people do there; ids are lent for the fake's life -- */
typedef struct fakebook_words {
    const char *author, *name; /* NULL author: the page itself */
    const char *text, *photo;  /* photo: a URL; NULL: none */
} fakebook_words;
const char *fakebook_post(fakebook *f, const fakebook_words *w, int64_t now_s);
/* Below a post or another comment. NULL: that is not there. */
const char *fakebook_comment(fakebook *f, const char *below, const fakebook_words *w,
                             int64_t now_s);
bool fakebook_edit(fakebook *f, const char *id, const char *text);
/* By its author, or whoever: nobody can tell. With everything below it. */
bool fakebook_remove(fakebook *f, const char *id);
bool fakebook_hide(fakebook *f, const char *id, bool hidden); /* in the page's own interface */

/* -- how it misbehaves -- */
enum fakebook_fault {
    FAKEBOOK_WELL,
    FAKEBOOK_THROTTLED,  /* 403, code 32, and minutes to wait */
    FAKEBOOK_BROKEN,     /* 500, code 2 */
    FAKEBOOK_GARBLED,    /* 502 with a page of HTML */
    FAKEBOOK_CUT_BEFORE, /* no effect, no answer */
    FAKEBOOK_CUT_AFTER,  /* the effect, and no answer */
    FAKEBOOK_HANG_AFTER, /* the effect, and no answer for ever */
    FAKEBOOK_FAULTS
};
/* The next `times` requests, only those that change something when `writes`. */
void fakebook_fail(fakebook *f, enum fakebook_fault fault, int times, bool writes);
int fakebook_fault_named(const char *name);          /* throttled broken ...; -1 */
void fakebook_token(fakebook *f, const char *token); /* the old one is dead: password changed */
/* What the token may: without names no `from`, without moderation every write is refused (200);
 * `refused` is a field that fails a whole call (100), NULL: none. */
void fakebook_rights(fakebook *f, bool names, bool moderation, const char *refused);
/* The page does not let this one be hidden or removed. */
void fakebook_forbid(fakebook *f, const char *id);
void fakebook_usage(fakebook *f, int percent);

/* -- what it saw -- */
typedef struct fakebook_deed {
    const char *what; /* hide unhide delete reply edit; static */
    const char *id;   /* of what it was done to; for a reply of what it answers */
    const char *text; /* of a reply */
    bool effect;      /* it changed something */
    int64_t at_s;
} fakebook_deed;
size_t fakebook_deeds(const fakebook *f, const fakebook_deed **ret_deeds);
size_t fakebook_requests(const fakebook *f);
/* Is it to be seen: there, and not hidden? */
bool fakebook_visible(const fakebook *f, const char *id);
bool fakebook_there(const fakebook *f, const char *id);
/* How it reads, or read before it was removed; lent. */
const char *fakebook_text(const fakebook *f, const char *id);

/* A webhook's body about that comment (§7.3), non-ASCII escaped as Meta does. From malloc; NULL:
 * no such comment. Verbs: add edited remove hide unhide. */
char *fakebook_change(const fakebook *f, const char *id, const char *verb, int64_t now_s);
