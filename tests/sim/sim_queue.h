/* sim_queue.h - what is to happen, by virtual time; what was put in first comes first at one
 * time. */
#pragma once
#include "upp/base.h"

typedef void sim_call(void *ctx, void *what);

typedef struct sim_due {
    upp_ms at;
    uint64_t order;
    sim_call *call;
    void *ctx, *what; /* lent */
} sim_due;

typedef struct sim_queue {
    sim_due *heap;
    size_t n;
    uint64_t orders;
} sim_queue;

void sim_queue_put(sim_queue *q, upp_ms at, sim_call *call, void *ctx, void *what);
/* Time of the first, INT64_MAX when there is none. */
upp_ms sim_queue_next(const sim_queue *q);
/* Takes the first out; false when there is none. */
bool sim_queue_take(sim_queue *q, sim_due *ret_due);
void sim_queue_done(sim_queue *q);
