/* batch.h - the inputs of one turn of the loop in one transaction, and who waits for the outcome of
 * which command. */
#pragma once
#include "loop.h"
#include "wire.h"

/* Where a command's outcome goes. */
typedef void upp_batch_out(void *ctx, const upp_identity *to, const upp_frames *outcome);

/* A command of the process itself (upp_loop_command), until its outcome. */
typedef struct upp_local {
    struct upp_local *next;
    uint8_t id[16];
    upp_bytes head, message; /* packed; owned */
    const char *type;
    /* Set where a command is made: the table of all types, 150 KB that every process would hold, is
     * in the programs alone that make one. Gives fresh memory; NULL: of no known type. */
    ProtobufCMessage *(*unpack)(const upp_frames *outcome);
    void (*answered)(void *self, const ProtobufCMessage *outcome, const char *words);
    void *self;
} upp_local;

typedef struct upp_waiting { /* a command of this batch */
    uint8_t id[16];
    upp_identity from;
    upp_local *local; /* NULL: from outside */
    bool answered;
} upp_waiting;

typedef struct upp_batch {
    upp_loop *loop;
    upp_batch_out *out; /* hears outcomes for outside, after COMMIT */
    void *out_ctx;
    bool open;
    size_t inputs;
    upp_waiting *waiting; /* of this batch; at most UPP_BATCH */
    size_t n_waiting, waiting_size;
    upp_local *locals, **last_local; /* wait for the next batch */
    size_t n_locals;
} upp_batch;

void upp_batch_open(upp_batch *batch, upp_loop *loop, upp_batch_out *out, void *out_ctx);
void upp_batch_close(upp_batch *batch); /* refuses the local commands that still wait */

bool upp_batch_room(const upp_batch *batch); /* may another input go in? */
/* Each gives what the node said, after logging it: >= 0 as in node.h, UPP_E_INPUT (no such thing,
 * or a refusal), UPP_E_BUSY (nothing happened); UPP_E_BUG and UPP_E_STORE: the process ends. */
int upp_batch_start(upp_batch *batch); /* the service's on_start */
int upp_batch_event(upp_batch *batch, const char *source, const upp_frames *event);
/* Negative: there will be no outcome; the caller says so. */
int upp_batch_command(upp_batch *batch, const char *peer, const uint8_t id[16],
                      const upp_identity *from, const upp_frames *request);
int upp_batch_answer(upp_batch *batch, int64_t ask, enum upp_fate fate,
                     const ProtobufCMessage *answer, upp_ms after_span);
/* At most `limit` of the process's own commands, of the alarms that are due. */
int upp_batch_locals(upp_batch *batch, size_t limit);
int upp_batch_alarms(upp_batch *batch, size_t limit);
int upp_batch_clock_jumped(upp_batch *batch, upp_ms by);  /* upp_node_clock_jumped */
int upp_batch_unlinked(upp_batch *batch, const char *id); /* upp_node_unlinked */
/* Commits when anything went in, and hands out the outcomes. 1: there was nothing. */
int upp_batch_commit(upp_batch *batch);

/* Is this the end of the process? */
static inline bool upp_fatal(int rc)
{
    return rc == UPP_E_BUG || rc == UPP_E_STORE;
}
