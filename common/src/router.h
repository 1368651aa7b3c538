/* router.h - the owner's one socket: subscriptions, commands, queries, objects. Every message is
 * judged by the key of its second frame (F6) and rights.yaml before anything is done with it. */
#pragma once
#include "backup.h"
#include "batch.h"
#include "subscriptions.h"

typedef struct upp_router upp_router;

/* Completes the runtime's ServiceState, which the node fills, with what only the driver knows; what
 * it sets is lent until the next call. */
typedef void upp_router_state(void *ctx, void *state /* Uppsikt__ServiceState */);

typedef struct upp_router_parts { /* all lent */
    upp_loop *loop;
    upp_keys *keys;
    upp_batch *batch;
    void *socket;
    upp_router_state *state;
    void *state_ctx;
    upp_backup *backup;
} upp_router_parts;

/* Takes over `rights`. */
upp_router *upp_router_new(const upp_router_parts *parts, upp_rights *rights);
void upp_router_free(upp_router *router); /* NULL is fine */

/* Takes at most `limit` messages; commands go into the batch, queries wait until after COMMIT.
 * `accept` false: commands are refused (the disk is low, the process stops). Fatal or 0. */
int upp_router_take(upp_router *router, bool accept, size_t limit);
/* After COMMIT: pushes, and answers queries and objects for at most 20 ms. 1: there is more.
 * Fatal or 0. */
int upp_router_give(upp_router *router);
void upp_router_beat(upp_router *router); /* each second */
/* New rights (taken over; NULL: the old ones stay), new keys: what is revoked ends at once. */
void upp_router_reload(upp_router *router, upp_rights *rights);

const upp_subscriptions *upp_router_subscriptions(const upp_router *router);
/* Messages that were dropped: no known key, garbled, or without the right. */
uint64_t upp_router_dropped(const upp_router *router);
