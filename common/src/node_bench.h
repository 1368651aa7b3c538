/* node_bench.h - two toy services and a node of each on real files, for the node's own tests:
 * `ingest` says a comment for each command, `escalation` keeps what it hears. */
#pragma once
#include "upp/node.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const upp_service bench_ingest, bench_escalation;

typedef struct bench {
    char folder[64], from_path[96], to_path[96];
    upp_node *from, *to;
    uint8_t seed;
} bench;

int bench_set_up(void **state);
int bench_tear_down(void **state);
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

upp_node *bench_open(const upp_service *service, const char *path);
/* Begins a batch with a seed of its own. */
void bench_begin(bench *b, upp_node *node, upp_ms now);
/* The number that a query gives, from the node's own connection. */
int64_t bench_number(upp_node *node, const char *sql);

/* What a command's outcome, or a query's last frame, said. */
typedef struct heard {
    size_t n;
    char refused[96];
    char type[96];
} heard;
void bench_hear(void *ctx, const uint8_t id[16], const upp_frames *outcome);

/* One command with this number as its id, in a batch of its own; what upp_node_command gave. */
int bench_command(bench *b, upp_node *node, uint8_t id, const ProtobufCMessage *msg, heard *ret);
/* Lets `from` say a comment about that item, on the account that is named after an '@' in it. */
int bench_say(bench *b, uint8_t id, const char *item, heard *ret);

/* Delivers what `from` has said after the cursor of `to`; stops at `limit`, or at the first
 * BUSY. */
typedef struct pump {
    upp_node *to;
    const char *source;
    int rc[64];
    size_t n, limit;
} pump;
bool bench_pump(void *ctx, const upp_frames *frames);
pump bench_deliver(bench *b, size_t limit);
