/* upp/node.h - one service with its store, stepped by hand. The bus loop and the simulator are both
 * drivers of it; a third (a distributed log) must be possible without touching a service. */
#pragma once
#include "upp/port.h"
#include "upp/service.h"

typedef struct upp_node upp_node;

typedef struct upp_store {
    const char *path;          /* the database file */
    const char *vfs;           /* NULL: the operating system's; the simulator gives its own */
    const uint8_t *lookup_key; /* 32 bytes for upp_keyed; lent for the node's life */
} upp_store;

/* Opens (or creates: F2, under EXTRA, directory synced) the store, migrates it, checks
 * `synchronous=FULL`. `config` is the service's filled config struct, lent for the node's life.
 * All complaints go to `say`, one a line. NULL on failure. */
upp_node *upp_node_new(const upp_service *service, const upp_store *store, const void *config,
                       void (*say)(const char *line));
void upp_node_free(upp_node *node); /* NULL is fine; an open batch is rolled back */
/* Puts a checked new configuration in place, between two batches. Negative: the old one stays,
 * `say` has heard why. */
int upp_node_reload(upp_node *node, const void *config, void (*say)(const char *line));

typedef struct upp_frames {
    upp_bytes type, envelope, chain, content;
} upp_frames;

/* One batch is one transaction: begin, at most UPP_BATCH inputs, commit. Each input runs in a
 * SAVEPOINT of its own, and what its handler returns decides what stays of it:
 *   >= 0          all of it, and the cursor; the savepoint is released.
 *   UPP_E_INPUT   only its end: an event is parked (its row, and the cursor moves), a command is
 *                 refused (the words become its outcome), an alarm or an answer is parked.
 *   UPP_E_BUSY    nothing, not even the cursor: this source rests until the next batch.
 *   UPP_E_BUG, UPP_E_STORE   the whole batch is rolled back and the process ends.
 * Going back to a savepoint puts back the chain's head in memory too; the batch's other inputs are
 * not touched. Nothing is published, answered or started before COMMIT. No timer: the batch is
 * whatever had arrived. `seed` feeds every salt, id and jitter of the batch: the driver draws it,
 * the simulator journals it.
 * 1: no handler ran: seen before; a stub or no route (the cursor moves); nothing due; a known
 * command id (its outcome is said again).
 * 2: it was set aside: parked and said so (EventParked); a command: refused.
 * Negative from one of these: UPP_E_BUSY as above; UPP_E_INPUT: the frames are no such thing, and
 * nothing has moved; the others end the process. */
enum { UPP_BATCH = 256 };
int upp_node_begin(upp_node *node, upp_ms now, const uint8_t seed[32]);
int upp_node_start(upp_node *node); /* once after opening: the service's on_start */
/* The first input of a store that came out of a backup, before upp_node_start: a new epoch begins
 * (EpochBegan names the point where the old one was cut), and what was disposed of since is
 * forgotten again, in the ledger's order. A crash leaves all of it or nothing. */
typedef struct upp_disposed {
    const char *disposal, *subject;
} upp_disposed;
int upp_node_restored(upp_node *node, const upp_disposed *ledger, size_t n);
/* Says ClockJumped: the machine's clock moved by itself (sla.md T10). */
int upp_node_clock_jumped(upp_node *node, upp_ms by);
/* 3: the source's past changed: ForkDetected has been said, the cursor stays, and so does the
 * source until people decide (the runtime's command AcceptCut). UPP_E_BUSY also for a gap:
 * subscribe again from the cursor. */
int upp_node_deliver(upp_node *node, const char *source, const upp_frames *event);
int upp_node_alarm(upp_node *node); /* the oldest that is due */
/* `peer` is who the bus says it is. The outcome is handed to `outcome` of upp_node_commit. */
int upp_node_command(upp_node *node, const char *peer, const upp_frames *request);
/* The end of an attempt at an ask; `answer` NULL as in upp_done. 1: no such ask is open. */
int upp_node_answer(upp_node *node, int64_t ask, enum upp_fate fate, const ProtobufCMessage *answer,
                    upp_ms after_span);
/* COMMIT. Then `outcome` (may be NULL) hears the outcome of each command of the batch, in order:
 * frames [type] [outcome] [AnswerHead] []. */
typedef void upp_outcome(void *ctx, const uint8_t id[16], const upp_frames *outcome);
int upp_node_commit(upp_node *node, upp_outcome *outcome, void *ctx);
void upp_node_abort(upp_node *node); /* as if killed before COMMIT */

/* Read-only, outside any batch, at most about 1 s; nothing is logged. Rows go to `each` as frames
 * [type] [row] [AnswerHead] [content?]; the last has an empty type and row, and the AnswerHead says
 * `last` and, when it was refused, why. Negative: broken, upp_node_why says why. */
typedef bool upp_each(void *ctx, const upp_frames *frames); /* false: stop */
int upp_node_query(upp_node *node, upp_ms now, const char *peer, const upp_frames *request,
                   upp_each *each, void *ctx);

/* -- what a driver does after COMMIT -- */
typedef struct upp_point {
    uint8_t epoch[16];
    int64_t seq; /* 0: before the first */
    uint8_t hash[32];
} upp_point;
upp_point upp_node_head(const upp_node *node);
/* Where this service stands in `source`'s log: what it sends when it subscribes. */
int upp_node_cursor(upp_node *node, const char *source, upp_point *ret_point);
/* Which sources it hears; NULL after the last. */
const char *upp_node_source(const upp_node *node, size_t i);
/* The log after `after`, each event with its content frame while there is one. */
int upp_node_log(upp_node *node, int64_t after, upp_each *each, void *ctx);
/* Does `point` lie on this log? 1: no: another epoch, past the head, or another hash (a fork). */
int upp_node_holds(upp_node *node, const upp_point *point);

/* The asks that are due and not yet started by this process; `start` is called for each, at most
 * `limit`. Asks that were under way when the process died are due again. */
typedef void upp_start(void *ctx, const char *port, const upp_asked *ask);
int upp_node_asks(upp_node *node, upp_ms now, size_t limit, upp_start *start, void *ctx);
upp_ms upp_node_next(upp_node *node); /* the next alarm or retry; INT64_MAX when none */

/* Objects: is it ours, how long, about whom; 1: no such object, or forgotten. */
int upp_node_object(upp_node *node, const char *id, int64_t *ret_bytes, uint8_t ret_sha256[32]);
/* The ids of files that may go now; then say so. The driver does the unlinking. */
int upp_node_gone(upp_node *node, bool (*each)(void *ctx, const char *id), void *ctx);
int upp_node_unlinked(upp_node *node, const char *id);

/* A canonical dump of every table, in key order: two stores that went through the same inputs give
 * the same bytes (I7). */
int upp_node_dump(upp_node *node, void (*line)(void *ctx, const char *text), void *ctx);
/* Recomputes the whole chain and every content row's commitment. 1: `why` says what is wrong. */
int upp_node_verify(upp_node *node);
/* Gauges and the runtime's own numbers, as Prometheus text; `write` gets whole lines, each with its
 * newline. */
int upp_node_metrics(upp_node *node, upp_ms now, void (*write)(void *ctx, const char *line),
                     void *ctx);
/* The writer connection (sqlite3 *), for the driver's checkpoint and backup between batches. */
void *upp_node_db(upp_node *node);
/* Gives back what the next input makes again: the store's pages, which the kernel has too, and
 * prepared statements. Between batches only; an open cursor keeps every statement. */
void upp_node_rest(upp_node *node);

const upp_service *upp_node_service(const upp_node *node);
const void *upp_node_self(const upp_node *node);
const char *upp_node_why(const upp_node *node); /* the last failure's words; ids only */
