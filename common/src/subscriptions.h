/* subscriptions.h - the owner's side of the bus: who hears our log, from where, and with how much
 * credit left. Live and replay are the same walk over the log. */
#pragma once
#include "keys.h"
#include "rights.h"
#include "upp/node.h"
#include "wire.h"

/* What one subscription may have outstanding at most, whatever its peer says; below the socket's
 * high-water mark, so that nothing is dropped there. */
enum { UPP_CREDIT_EVENTS_MAX = 4096, UPP_CREDIT_BYTES_MAX = 4 * 1024 * 1024 };

typedef struct upp_subscriptions upp_subscriptions;

/* `socket` is the ROUTER; `node` and `keys` are lent. */
upp_subscriptions *upp_subscriptions_new(upp_node *node, upp_keys *keys, void *socket);
void upp_subscriptions_free(upp_subscriptions *subs); /* NULL is fine */

/* A Subscribe or a Credit of a peer that is known by this key. What is taken is answered with a
 * heartbeat, at suite time `now`. UPP_E_INPUT: malformed; logged by the
 * caller. Negative else: the store said no. */
int upp_subscriptions_take(upp_subscriptions *subs, const upp_rights *rights, const upp_wire *wire,
                           const char *peer, upp_ms now);
/* Sends what the log has gained, or still has, while credit lasts: some for everybody in turn.
 * 1: there is more that can be sent now. Negative: the store said no. */
int upp_subscriptions_push(upp_subscriptions *subs, const upp_rights *rights);
/* Each second: the head to everybody, at suite time `now`; whoever is gone is forgotten. */
void upp_subscriptions_beat(upp_subscriptions *subs, upp_ms now);
/* Keys or rights have changed: what no longer holds ends now. */
void upp_subscriptions_revoke(upp_subscriptions *subs, const upp_rights *rights);

size_t upp_subscriptions_count(const upp_subscriptions *subs);
/* Committed and not yet pushed to the slowest of them (operations.md §2). */
int64_t upp_subscriptions_unsent(const upp_subscriptions *subs);
