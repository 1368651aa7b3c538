/* heard.h - what a peer's consumer does with what it hears: the same as ours in hop.c, one row each
 * in SQLite under FULL, one transaction a drained batch. Every failure ends the program and says
 * why. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    HEARD_EVENT = 607, /* bytes of an event, performance.md §1 */
    HEARD_ID = 26,     /* its first bytes: the item's id */
    HEARD_BATCH = 256  /* as UPP_BATCH */
};

typedef struct heard heard;

/* DIR/heard.db, made new. Never NULL. */
heard *heard_open(const char *dir);
void heard_begin(heard *h);
/* One event of HEARD_EVENT bytes, inside a batch. A doubled id ends the program. */
void heard_row(heard *h, const char *event, size_t len);
/* COMMIT, with where the consumer stands (borrowed). */
void heard_commit(heard *h, const char *place);
int64_t heard_batches(const heard *h);
void heard_close(heard *h);

/* Fills one event of HEARD_EVENT bytes. */
void heard_event(int64_t number, char ret_event[HEARD_EVENT]);
_Noreturn void heard_fail(const char *what, const char *why);

typedef struct peer_run {
    const char *dir; /* borrowed from argv */
    int port;        /* on 127.0.0.1 */
    int64_t events;
} peer_run;

/* Runs `produce` in a process of its own and `consume` here; one JSON object on standard output:
 * events a second, CPU of both clients, batches. The server's own CPU is the caller's to read. */
int peer_main(int argc, char **argv, void (*produce)(const peer_run *r),
              void (*consume)(const peer_run *r, heard *h));
