/* cdp.h - the Chrome DevTools Protocol over two descriptors: JSON messages, each ended by a zero
 * byte (--remote-debugging-pipe). One thread; nothing here waits longer than its deadline. */
#pragma once
#include "upp/base.h"
#include <jansson.h>
#include <stdatomic.h>

enum { CDP_MESSAGE_MAX = 192 * 1024 * 1024 };

/* How a call or a wait ended. */
enum cdp_end {
    CDP_DONE,
    CDP_REFUSED, /* the browser answered with an error: cdp_why */
    CDP_LATE,    /* the deadline has passed */
    CDP_STOPPED, /* somebody set `stop` */
    CDP_GONE,    /* the browser has closed its end, or says what is no protocol */
};

typedef struct cdp cdp;

/* An event; `session` is "" for the browser's own. Both texts and `params` are lent. Handlers may
 * send and ask, never call or wait. */
typedef void cdp_heard(void *ctx, const char *method, const char *session, const json_t *params);
/* The answer to cdp_ask; `result` NULL: refused. Lent. */
typedef void cdp_answered(void *ctx, const json_t *result);

/* Takes both descriptors, which are made non-blocking, and closes them in cdp_free. `stop` is lent;
 * it is looked at five times a second. */
cdp *cdp_new(int in, int out, const atomic_bool *stop);
void cdp_free(cdp *c); /* NULL is fine */
/* Who hears events from now on; NULL: nobody. */
void cdp_listen(cdp *c, cdp_heard *heard, void *ctx);

/* Sends; `params` (NULL: none) is taken over. Nobody wants the answer. */
void cdp_send(cdp *c, const char *session, const char *method, json_t *params);
/* ... and `answered` gets it, or NULL when it is refused or cdp_forget comes before. */
void cdp_ask(cdp *c, const char *session, const char *method, json_t *params,
             cdp_answered *answered, void *ctx);
/* ... and waits for it until `until` (steady time); *ret_result (may be NULL) is the caller's. */
enum cdp_end cdp_call(cdp *c, const char *session, const char *method, json_t *params, upp_ms until,
                      json_t **ret_result);
/* Handles what comes until `met` (NULL: never) says so. */
enum cdp_end cdp_wait(cdp *c, upp_ms until, bool (*met)(void *ctx), void *ctx);
/* From now on each wait ends at once, as CDP_LATE: what is asked cannot be answered any more. */
void cdp_hurry(cdp *c, bool hurry);
/* Whoever still awaits an answer gets none (NULL) now. */
void cdp_forget(cdp *c);
/* The words of the last refusal; "" when there was none. Of the browser, not of a page. */
const char *cdp_why(const cdp *c);

/* -- the framing, apart for its test -- */
typedef struct cdp_buffer {
    char *at;
    size_t len, room, seen; /* seen: so far there is no zero byte */
} cdp_buffer;
/* Appends; false: longer than CDP_MESSAGE_MAX would come. */
bool cdp_buffer_put(cdp_buffer *b, const char *bytes, size_t n);
/* Takes the first whole message as parsed JSON. 1: none is whole yet. UPP_E_INPUT: it is no JSON
 * object. */
int cdp_buffer_take(cdp_buffer *b, json_t **ret_message);
void cdp_buffer_done(cdp_buffer *b);
