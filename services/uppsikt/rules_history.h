/* rules_history.h - the comments of the past, read once more for the classifier. */
#pragma once
#include "ask.h"

typedef struct history {
    verb_call *call;
    upp_ms from, to; /* received in [from, to) */
    int64_t until;   /* the log's head when it began */
    /* One version of a comment. Nothing is kept of it afterwards; false ends the reading. */
    bool (*each)(void *ctx, const char *item, int64_t version, const char *lang, const char *text);
    void *ctx;
} history;

/* Reads FROM..TO (when_parse each). CALL_USAGE: said. */
int history_span(verb_call *call, const char *words, history *ret);
/* Hands every comment of the span, edits too, to `each`. What is forgotten is not there. It reads
 * as the service classify does, or as --peer. CALL_DONE, CALL_WRONG, CALL_CONFIG: said. */
int history_read(history *h);
/* Every fact of `service`'s log from its beginning: {"type", "data", ...}. As above. */
int history_facts(verb_call *call, const char *service,
                  void (*each)(void *ctx, const json_t *event), void *ctx);
/* Into how many the work of `service` is divided, 1: it is whole. As above. */
int history_parts(verb_call *call, const char *service, unsigned *ret_parts);
