/* subscriber.h - our side of other services' logs: one link per source, a cursor, standing credit,
 * and a watch over whether anything is heard. */
#pragma once
#include "batch.h"
#include "keys.h"
#include "peers.h"

/* What a source may have on the way to us; topped up when half of it has been committed. */
enum { UPP_CREDIT_EVENTS = 1024, UPP_CREDIT_BYTES = 1024 * 1024 };

typedef struct upp_subscriber upp_subscriber;

typedef struct upp_subscriber_parts { /* all lent */
    upp_loop *loop;
    upp_keys *keys;
    upp_batch *batch;
} upp_subscriber_parts;

/* Connects to every source of the loop's node (none may be reachable yet: each is tried again for
 * ever). Takes over `peers`. */
upp_subscriber *upp_subscriber_new(const upp_subscriber_parts *parts, upp_peers *peers);
void upp_subscriber_free(upp_subscriber *sub); /* NULL is fine */

/* Delivers what has arrived while the batch has room, a share of each source in turn. Fatal or 0.
 */
int upp_subscriber_take(upp_subscriber *sub);
void upp_subscriber_committed(upp_subscriber *sub); /* after COMMIT: gives new credit */
/* Each second: subscribes where nothing is heard, or where heartbeats tell of more than comes.
 */
void upp_subscriber_beat(upp_subscriber *sub);
/* Keys (and peers, taken over, unless NULL) are new: links that differ are made anew. */
void upp_subscriber_reload(upp_subscriber *sub, upp_peers *peers);

/* Takes nothing for a moment (50 ms), so that a full socket does not keep the loop awake. */
void upp_subscriber_pause(upp_subscriber *sub);

/* How each source stands, for /readyz and ServiceState. */
typedef struct upp_source_state {
    const char *source;
    upp_point cursor;    /* what we have committed */
    upp_point head;      /* as the last heartbeat said; seq 0 and heard_ms 0: never heard */
    upp_ms heard_ms;     /* real time of the last heartbeat */
    bool forked;         /* its past changed: stands still until people decide */
    bool absent;         /* no public key of it: it is no part of this deployment */
    const char *refused; /* why there is no subscription: "no-right", "wrong-source" ...; or NULL */
} upp_source_state;
size_t upp_subscriber_count(const upp_subscriber *sub);
upp_source_state upp_subscriber_state(const upp_subscriber *sub, size_t i);
