/* upp/txn.h - all that a handler may touch.
 *
 * One upp_txn is one input's part of a database transaction. What is written, said, scheduled and
 * asked through it happens together or not at all. Time stands still inside it. There is no way
 * from here to a socket, a file or the wall clock; randomness is the batch's, and journalled. */
#pragma once
#include "upp/base.h"
#include <protobuf-c/protobuf-c.h>

typedef struct upp_txn upp_txn;

/* Suite time of the batch, the same for all its inputs. Never a base for a due time that an event
 * carries itself: a service that was down must not give anybody more time (P4). */
upp_ms upp_now(const upp_txn *txn);

/* -- ids and keys -- */
enum { UPP_ID = 27, UPP_HEX = 65 };
/* A fresh id of our own: 26 characters of Crockford base 32 and a zero byte, 48 bits of suite time
 * first, so that inserts stay cheap (performance.md §3). Says nothing about anybody. */
void upp_id(upp_txn *txn, char ret_id[UPP_ID]);
/* Fresh bytes from the batch's seed, which the driver drew and journalled. */
void upp_random(upp_txn *txn, void *ret_bytes, size_t n);
/* HMAC-SHA256 in hex over `parts` (NULL-terminated), under the deployment's look-up key, which lies
 * outside every database: how a platform id may stand in a column (ARCHITECTURE §5). */
void upp_keyed(const upp_txn *txn, const char *const *parts, char ret_hex[UPP_HEX]);

/* -- content: all that is personal, and may have to be forgotten -- */
typedef struct upp_content {
    int64_t ref;            /* its row in upp_content; a column of ours may hold it, named *_ref */
    uint8_t commitment[32]; /* SHA-256(salt || body): all of it that a fact may carry */
} upp_content;

/* The subjects that a content row is about; forgetting any of them forgets the row. The first is
 * the one that an ask's answer comes back under. */
#define UPP_ABOUT(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Keeps `body` under `subjects` (NULL-terminated, at least one) in the runtime's one table of
 * content, with a fresh salt. 1: one of the subjects has been forgotten, its tombstone holds:
 * nothing is kept, `ref` is 0; the commitment may still be said. */
UPP_MUST_USE int upp_keep(upp_txn *txn, const char *const *subjects, const ProtobufCMessage *body,
                          upp_content *ret_content);
/* 1: forgotten or never there, *ret_body untouched. The caller frees *ret_body (upp_msg_freep). */
UPP_MUST_USE int upp_recall(upp_txn *txn, int64_t ref, const ProtobufCMessageDescriptor *type,
                            ProtobufCMessage **ret_body);
/* Forgets one row that newer content has replaced (an address that changed); no tombstone. A `ref`
 * of 0 is fine. */
UPP_MUST_USE int upp_drop(upp_txn *txn, int64_t ref);
/* 1: the subject has a tombstone. */
UPP_MUST_USE int upp_forgotten(upp_txn *txn, const char *subject);
void upp_msg_freep(ProtobufCMessage **msg);

/* The `bytes commitment` field of a fact; borrowed from `content`. */
static inline ProtobufCBinaryData upp_commitment(upp_content *content)
{
    return (ProtobufCBinaryData){ sizeof content->commitment, content->commitment };
}

/* -- objects: content above 64 KiB, a file in the service's object store -- */
/* Takes over the file `objects/<id>` that a port has written and synced; it is deleted when one of
 * `subjects` is forgotten, and when no transaction took it over before the next start.
 * 1: a subject is forgotten: the file goes. */
UPP_MUST_USE int upp_object_keep(upp_txn *txn, const char *const *subjects, const char *id,
                                 int64_t bytes, const uint8_t sha256[32]);

/* -- speaking -- */
/* Appends the fact `msg` to this service's log. Its CloudEvents type is the message's own protobuf
 * name. `msg` holds nothing personal; what is personal was kept first and goes beside it in a frame
 * of its own (`content`; NULL when none): then the message has a field `commitment` equal to the
 * content's, which is checked. `msg` stays the caller's. */
UPP_MUST_USE int upp_emit(upp_txn *txn, const char *subject, const ProtobufCMessage *msg,
                          const upp_content *content);

/* The outcome of a command (a fact, kept 30 days under its id), or one row of a query's page. */
UPP_MUST_USE int upp_reply(upp_txn *txn, const ProtobufCMessage *msg);
/* Beside the next query row: its content, which only a peer with the right gets. */
UPP_MUST_USE int upp_reply_content(upp_txn *txn, const ProtobufCMessage *msg,
                                   const ProtobufCMessage *content);

/* -- time to come, and work outside -- */
/* A durable alarm. At `due` the service gets its `on_alarm` with the same key. One alarm per key:
 * the last wins. Keys are facts. */
UPP_MUST_USE int upp_alarm(upp_txn *txn, const char *key, upp_ms due);
UPP_MUST_USE int upp_alarm_off(upp_txn *txn, const char *key); /* fine when there is none */

/* Writes an ask; after COMMIT the runtime starts it on the port, again and again until it has an
 * outcome. The answer comes as an input whose subject is the first of `subjects`. `key` is the
 * idempotency key, the same at each attempt; 1: such an ask is already there. The request is
 * content of `subjects`, wiped when the ask has ended; 1 too when one of them is forgotten. */
UPP_MUST_USE int upp_ask(upp_txn *txn, const char *port, const char *const *subjects,
                         const char *key, const ProtobufCMessage *request);

/* -- remembering: facts and references, never content -- */
typedef struct upp_val {
    enum { UPP_NULL, UPP_INT, UPP_TEXT } kind;
    union {
        int64_t i;
        const char *s;
    };
} upp_val;

static inline upp_val upp_val_int(int64_t i)
{
    return (upp_val){ .kind = UPP_INT, .i = i };
}
static inline upp_val upp_val_text(const char *s) /* NULL binds NULL */
{
    return (upp_val){ .kind = s ? UPP_TEXT : UPP_NULL, .s = s };
}
#define V(x)                                                                                       \
    _Generic((x), char * : upp_val_text, const char * : upp_val_text, default : upp_val_int)(x)

typedef struct upp_bind {
    const upp_val *vals;
    size_t n;
} upp_bind;
#define BIND(...)                                                                                  \
    ((upp_bind){ (const upp_val[]){ __VA_ARGS__ }, UPP_LEN(((const upp_val[]){ __VA_ARGS__ })) })
#define NO_BIND ((upp_bind){ 0 })

/* `sql` must be a string literal: prepared once, kept for the life of the store. Text values are
 * borrowed until the statement ends. Returns the number of rows changed, or a negative upp_fail. */
UPP_MUST_USE int upp_exec_(upp_txn *txn, const char *sql, upp_bind bind);
#define upp_exec(txn, sql, bind)                                                                   \
    upp_exec_((txn), "" sql, (bind)) /* "" makes anything but a literal an error */

/* A cursor over rows; released by its UPP_ROWS declaration on every way out of the block. */
typedef struct upp_rows {
    upp_txn *txn;
    void *stmt;
    int rc;
} upp_rows;
upp_rows upp_query_(upp_txn *txn, const char *sql, upp_bind bind);
#define upp_query(txn, sql, bind) upp_query_((txn), "" sql, (bind))
bool upp_next(upp_rows *rows); /* false at the end and on failure; then see rows->rc */
int64_t upp_col_int(const upp_rows *rows, int col);
const char *upp_col_text(const upp_rows *rows, int col); /* the row's: dies at the next upp_next */
void upp_rows_done(upp_rows *rows);
#define UPP_ROWS UPP_AUTO(upp_rows_done) upp_rows

/* -- failing -- */
/* Notes why, once, at the origin (ids only, never content); returns `code` so that
 * `return upp_fail(...)` reads as one thought. */
UPP_PRINTF(3, 4) int upp_fail(upp_txn *txn, enum upp_fail code, const char *fmt, ...);
/* Refuses a command: `words` is a key of the service's catalogue, fit to show a person. */
int upp_refuse(upp_txn *txn, const char *words);
