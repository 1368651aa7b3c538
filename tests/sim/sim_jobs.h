/* sim_jobs.h - many seeds in several processes, told in their order. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one seed came to, as one process tells it to another. */
typedef struct sim_told {
    uint64_t seed, hash;
    bool well,
        died; /* died: the process ended in it, and nothing of what it had counted is known */
    char why[400];
} sim_told;

typedef struct sim_jobs {
    const uint64_t *seeds; /* lent */
    size_t n;
    unsigned processes;
    void *ctx;
    /* In a process of its own: plays told->seed and fills the rest. */
    void (*play)(void *ctx, sim_told *told);
    /* In the same, after its last seed: all that it has counted, `sum_size` bytes. Literals are at
     * the same place in all processes. */
    void (*sum)(void *ctx, void *ret_sum);
    size_t sum_size;
    /* Here, in the order of the seeds. False: the rest is not wanted, and not added up. */
    bool (*tell)(void *ctx, const sim_told *told);
    void (*add)(void *ctx, const void *sum);
} sim_jobs;

/* Plays all of them; how far it has come stands on stderr twice a minute. False: a process could
 * not be made, or did not end well after its last seed; said on stderr. */
bool sim_jobs_run(const sim_jobs *jobs);
