/* toy.h - a producer and a consumer with counters, content, alarms and asks; and a world for
 * them. */
#pragma once
#include "sim.h"

extern const upp_service toy_maker, toy_taker;

/* A whole run under this seed's swarm of faults: made, counted, rung, tolled, forgotten, settled
 * and checked. Adds to `tally`. False: something is broken, and `why` says what. */
typedef struct toy_run {
    uint64_t seed;
    bool power;          /* every crash is a power loss */
    unsigned skip, with; /* bit f: without fault f; with it at its worst */
    FILE *trace;
    uint64_t hash; /* out */
    char why[400]; /* out */
} toy_run;
bool toy_play(toy_run *run, sim_tally *tally);
