/* feed.h - what crosses the files of this service. */
#pragma once
#include "upp/service.h"
#include "uppsikt/feed.pb-c.h"

enum { FEED_PAGE = 200, FEED_BATCH_BYTES = 40 * 1024, FEED_NAME = 64 };

typedef struct feed_config {
    const char *listen;
    int64_t port;            /* 0: nobody pulls */
    const char *webhook_key; /* 64 hexadecimal digits; NULL: no webhooks */
    bool private_addresses;
} feed_config;

/* -- heard.c: what may go out, and how it looks there -- */
upp_handle feed_heard, feed_person, feed_person_left;

/* -- subscriber.c -- */
upp_handle subscriber_add, subscriber_remove, subscriber_replay, subscriber_query, subscriber_read;
UPP_MUST_USE int subscriber_forget(upp_txn *txn, const char *subject);

/* -- push.c: batches to webhooks -- */
UPP_MUST_USE int push_soon(upp_txn *txn);
UPP_MUST_USE int push_alarm(upp_txn *txn);
upp_handle push_answered;

/* -- fact_json.c: pure -- */
/* The CloudEvent that outsiders get, as JSON on one line: no field that names a person, no
 * commitment (to nothing that they could have), no free text. From malloc; NULL: no memory. */
char *fact_json(const char *source, int64_t seq, const char *subject, int64_t position, upp_ms at,
                const ProtobufCMessage *fact);
