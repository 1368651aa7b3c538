/* node_state.h - what a node and a transaction are made of; private to the node's own files. */
#pragma once
#include "capped.h"
#include "digest.h"
#include "part.h"
#include "part_store.h"
#include "store.h"
#include "upp/node.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/runtime.pb-c.h"

enum { UPP_WHY = 400, UPP_SOURCES = 32, UPP_TYPES = 128 };
enum { UPP_CONTENT_BYTES = 64 * 1024, UPP_EVENT_BYTES = 250 * 1024 };

/* How often each type came or went since the process started, for /metrics. */
typedef struct upp_count {
    const char *type;
    int64_t n;
} upp_count;

/* Where we stand in a source's log. Kept in memory between inputs and written once a batch, in the
 * same transaction: an input that is rolled back has not moved it. */
typedef struct upp_cursor {
    const char *source; /* of node->sources */
    upp_point point;
    bool forked, dirty;
} upp_cursor;

typedef struct upp_epoch {
    int64_t first; /* event */
    uint8_t epoch[16];
} upp_epoch;

typedef struct upp_answered {
    uint8_t id[16];
    char type[96];
    uint8_t *body; /* owned */
    size_t len;
    char refused[96];
} upp_answered;

struct upp_node {
    const upp_service *service;
    const void *config;
    void *self; /* owned when the service has `open` */
    upp_db db;
    uint8_t lookup_key[32];
    const char *sources[UPP_SOURCES + 1];
    char source_names[UPP_SOURCES][UPP_PART_NAME]; /* what `sources` points to */
    upp_cursor cursors[UPP_SOURCES];               /* as sources */

    upp_point head;
    upp_epoch *epochs; /* from the first on */
    size_t n_epochs;
    bool in_batch;
    bool forgot;  /* something was wiped and the log is not cut yet */
    bool starved; /* a column could not be read for want of memory */
    size_t inputs;
    upp_ms now, started;
    upp_stream stream;
    upp_answered *answered; /* of this batch */
    size_t n_answered, answered_size;

    int64_t *under_way; /* asks that a port has in hand */
    size_t n_under_way, under_way_size;
    int64_t inherited; /* asks up to this one may have been started by a process that died */
    upp_ms alarm_rest; /* an alarm said UPP_E_BUSY: not before this */

    upp_count published[UPP_TYPES], received[UPP_TYPES];
    int64_t n_parked, n_refused, n_batches;
    char why[UPP_WHY];
};

struct upp_txn {
    upp_node *node;
    const upp_input *input;
    bool read_only;
    char cause[96];
    char traceparent[64];
    char session[UPP_ID]; /* of the person whose command it is */
    char refused[96];
    /* a command's outcome, or where a query's rows go */
    upp_answered *outcome;
    upp_each *each;
    void *each_ctx;
    bool stopped;
    /* where a forked source goes on, when this input stays */
    upp_cursor *accepted;
    upp_point accepted_at;
    /* disposals that this input approved; carried out after its handler */
    ProtobufCMessage *approved[4];
    size_t n_approved;
};

/* -- node.c -- */
/* Runs `handle` inside a SAVEPOINT; what it returns decides (node.h). On UPP_E_INPUT `park` (may be
 * NULL) writes what stays, in a transaction of its own after the roll-back. */
typedef struct upp_step {
    int (*handle)(upp_txn *txn, void *ctx);
    int (*park)(upp_txn *txn, void *ctx);
    void *ctx;
} upp_step;
int upp_node_step(upp_node *node, upp_txn *txn, const upp_step *step);
int upp_node_ready(upp_txn *txn); /* lets the service look at its store before an input */
bool upp_node_starved(const upp_node *node); /* since errno was last cleared, or the batch began */
int upp_node_fail(upp_node *node, enum upp_fail code, const char *fmt, ...) UPP_PRINTF(3, 4);
void upp_node_count(upp_count *counts, const char *type);
const upp_route *upp_node_route(const upp_node *node, int verb, const char *source,
                                const char *type);

/* -- txn.c -- */
/* Runs a service's or the runtime's statement; see upp_exec_. */
typedef struct upp_blob {
    int at; /* the parameter's number, from 1 */
    upp_bytes bytes;
} upp_blob;
int upp_exec_blobs(upp_txn *txn, const char *sql, upp_bind bind, const upp_blob *blobs,
                   size_t n_blobs);
upp_bytes upp_col_bytes(const upp_rows *rows, int col);
int64_t upp_last_id(const upp_txn *txn);
/* The first column of the first row; `otherwise` when there is none. Negative: upp_fail. */
int upp_ask_int(upp_txn *txn, const char *sql, upp_bind bind, int64_t otherwise,
                int64_t *ret_value);

/* -- content.c -- */
/* Keeps packed bytes; the size limit is the caller's. 1: a subject is forgotten. */
int upp_keep_bytes(upp_txn *txn, const char *const *subjects, upp_bytes body,
                   upp_content *ret_content);
/* Salt and body of a row; 1: not there. The bytes are borrowed from `rows` (upp_rows_done). */
int upp_content_row(upp_txn *txn, int64_t ref, upp_rows *rows, upp_bytes *ret_salt,
                    upp_bytes *ret_body);
/* Carries out a disposal: tombstones, on_forget, wiping, ContentForgotten. */
int upp_forget(upp_txn *txn, const Uppsikt__DisposalApproved *approved);
void upp_commit_to(upp_bytes salt, upp_bytes body, uint8_t ret_commitment[32]);

/* -- chain.c -- */
int upp_chain_open(upp_node *node); /* reads the head from the store */
int upp_chain_at(upp_txn *txn, int64_t seq, uint8_t ret_hash[32]); /* 1: no such event */
void upp_chain_hash(const uint8_t epoch[16], int64_t seq, const uint8_t prev[32],
                    const uint8_t eh[32], uint8_t ret_hash[32]);
/* The `commitment` field of a fact; .at NULL: it has none, or it is empty. */
upp_bytes upp_commitment_of(const ProtobufCMessage *msg);

/* -- epoch.c -- */
int upp_epochs_read(upp_node *node); /* from the store; the head's epoch is the last one */
/* 16 bytes: the epoch in which event `seq` stands, or will. */
const uint8_t *upp_epoch_of(const upp_node *node, int64_t seq);
int upp_accept_cut(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int upp_applied_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
/* Fills the epochs after the first; `rows` and `list` have room for UPP_EPOCHS_SHOWN. */
enum { UPP_EPOCHS_SHOWN = 16 };
typedef struct upp_epoch_rows {
    Uppsikt__EpochState rows[UPP_EPOCHS_SHOWN], *list[UPP_EPOCHS_SHOWN];
    uint8_t hashes[UPP_EPOCHS_SHOWN][32];
} upp_epoch_rows;
int upp_epochs_state(upp_txn *txn, upp_epoch_rows *rows, Uppsikt__ServiceState *state);

/* -- park.c -- */
typedef struct upp_park {
    const char *kind, *source, *type, *subject;
    int64_t seq;
    upp_bytes fact, body;
} upp_park;
int upp_park_write(upp_txn *txn, const upp_park *park);
int upp_park_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int upp_status_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg);
int upp_drive_again(upp_txn *txn, const void *self, const upp_input *in, const void *msg);

/* -- deliver.c -- */
upp_cursor *upp_cursor_of(upp_node *node, const char *source); /* NULL: it hears no such source */
int upp_cursors_read(upp_node *node);  /* from the store; after opening and after an abort */
int upp_cursors_write(upp_node *node); /* those that have moved; before COMMIT */
/* The fact inside an envelope's data and the event's subject; negative: it is not an envelope of a
 * `type`, or it would take too much memory. Ended by upp_opened_done. */
typedef struct upp_opened {
    ProtobufCMessage *owner; /* what `fact` points into */
    upp_bytes fact;
    char subject[160];
    char account[160]; /* `partitionkey`; empty: the fact names none */
    char traceparent[64];
    char cause[96];
} upp_opened;
void upp_opened_done(upp_opened *opened);
int upp_envelope_open(upp_bytes envelope, const char *type, upp_opened *ret_opened);
/* Unpacks and hands one fact to its route; the body is checked against the fact's commitment. */
int upp_event_handle(upp_txn *txn, const upp_route *route, upp_input *in, upp_bytes fact,
                     upp_bytes salt, upp_bytes body);

/* -- ask.c -- */
const upp_outside *upp_node_outside(const upp_node *node, const char *port);
int upp_ask_end(upp_txn *txn, int64_t ask, int state);
void upp_ask_forget_under_way(upp_node *node, int64_t ask);
/* At opening: which open asks another process may have started; their ports hear it as a higher
 * attempt (UPP_LOOK_FIRST). */
int upp_asks_inherit(upp_node *node);
