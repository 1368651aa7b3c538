/* toy.h - a producer and a consumer with counters, content, alarms and asks; and a world for
 * them. */
#pragma once
#include "sim_play.h"

extern const upp_service toy_maker, toy_taker;

/* A whole run under this seed's swarm of faults: made, counted, rung, tolled, forgotten, settled
 * and checked. Adds to `tally`. False: something is broken, and `why` says what. */
bool toy_play(sim_play *run, sim_tally *tally);
