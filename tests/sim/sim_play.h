/* sim_play.h - one seed of a whole run, as whoever looks for a fault has chosen it. */
#pragma once
#include "sim.h"

typedef struct sim_play {
    uint64_t seed;
    bool power;          /* every crash is a power loss */
    unsigned skip, with; /* bit f: without fault f; with it at its worst */
    unsigned most;       /* comments or toys, at most; 0: as many as are drawn */
    FILE *trace;         /* every step as a line; NULL: silent */
    uint64_t hash;       /* out */
    char why[400];       /* out: what was broken first; "" when all is well */
} sim_play;

/* The seed's swarm of faults, less those that are to be skipped; before anything happens. */
void sim_play_begin(sim *s, const sim_play *play);

/* True: something was broken. */
typedef bool sim_fails(void *ctx, sim_play *play);
/* Drops faults one by one, then things, for as long as `play` still fails; what is left is in
 * `play`. The run that it is to begin with has failed. */
void sim_play_shrink(sim_play *play, sim_fails *fails, void *ctx);
/* The options that lead to the same run: " --seed 7 --without late --most 3". */
void sim_play_print(const sim_play *play, FILE *out);
