/* memory_trial.h - one input of a node, tried on copies of its store while memory fails
 * (reliability.md §10; P1, P2, R42).
 *
 * Each try is a process of its own, which ends as the input's failure ends it; then the store is
 * opened as after any death. It must hold what it held before, or all that the input leads to, and
 * the same input must go through afterwards. */
#pragma once
#include "upp/node.h"

typedef struct memory_input {
    enum {
        MEMORY_START,
        MEMORY_EVENT,
        MEMORY_ALARM,
        MEMORY_COMMAND,
        MEMORY_ANSWER,
        MEMORY_QUERY
    } kind;
    const char *who; /* event: source; command, query: peer */
    const upp_frames *frames;
    int64_t ask;
    enum upp_fate fate;
    const ProtobufCMessage *answer;
    upp_ms after_span;
} memory_input;

/* Where it is put in: a node between two inputs, and how its batch was begun. */
typedef struct memory_place {
    upp_node *node;
    const upp_service *service;
    const void *config;
    const uint8_t *lookup_key;
    upp_ms now;
    uint8_t seed[32];
} memory_place;

typedef struct memory_tally {
    int rc;                                   /* what the node says to it when nothing fails */
    uint64_t allocations;                     /* that it asks for then */
    uint64_t tried, ended, busy, done, again; /* tries; processes that ended; sources that rest;
                                                 inputs that went through all the same, and
                                                 afterwards */
    char wrong[200];                          /* the first thing that was wrong; "" */
} memory_tally;

/* `tries` places among its allocations, spread over all of them and drawn within (0: each of them),
 * in turn for one that fails and for all from there on. For a process that is a fork of the node's,
 * and ends afterwards. With `accepted`, only when the input is done, not refused or set aside. */
memory_tally memory_try(const memory_place *place, const memory_input *input, uint64_t tries,
                        bool accepted);
