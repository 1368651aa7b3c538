/* asks.h - the program's ports, and the work outside that they have in hand. */
#pragma once
#include "batch.h"

typedef struct upp_asks upp_asks;

/* Opens each of `ports` (NULL-terminated; NULL: none) with the service's configuration. NULL: one
 * cannot start (it has said why), or the service asks for a port that is not there; `say` has heard
 * it. upp_done goes there from now on. */
upp_asks *upp_asks_open(upp_loop *loop, const upp_port *const *ports, const void *config,
                        void (*say)(const char *line));
void upp_asks_close(upp_asks *asks); /* closes the ports; NULL is fine */
/* Closes and opens the ports with another configuration and starts again what they had in hand.
 * Negative: a port cannot start with it, nor with `old`. 1: it cannot; it runs with `old`. */
int upp_asks_reload(upp_asks *asks, const void *config, const void *old);

/* At most `limit` of the answers that have come go into the batch. Fatal or 0. */
int upp_asks_collect(upp_asks *asks, upp_batch *batch, size_t limit);
/* Starts what is due, after COMMIT. Negative: the store said no. */
int upp_asks_start(upp_asks *asks);
size_t upp_asks_in_hand(const upp_asks *asks); /* started, and not collected yet */
/* The ports' own counters (upp_port), one after the other. */
void upp_asks_counters(const upp_asks *asks, void (*each)(void *ctx, const upp_port_counter *row),
                       void *ctx);
/* Does an answer wait to be collected? */
bool upp_asks_answered(const upp_asks *asks);
