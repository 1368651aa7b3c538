/* ingest.h - what crosses the files of this service. */
#pragma once
#include "take_in.h"
#include "upp/service.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"

typedef struct ingest_config {
    const char *token_key; /* secret, 64 hex digits: seals platform tokens */
    upp_ms poll_span;
    upp_ms look_back_span;
} ingest_config;

/* -- connection.c: accounts joined to a connector -- */
int connection_connect(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int connection_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* Sets the alarm of each account's next poll; at start. */
int connection_wake_all(upp_txn *txn);

/* -- poll.c: one call at a time for each connected account -- */
enum { POLL_KEY = 80 };
int poll_alarm(upp_txn *txn, const ingest_config *config, const char *account);
int poll_answer(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- quarantine.c: what could not be read -- */
/* Sets a line aside; `line` 0: it came from no file. */
int quarantine_put(upp_txn *txn, const char *import, int64_t line, const char *why,
                   upp_bytes bytes);
int quarantine_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- import.c -- */
int import_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
