/* zap.h - who may connect: our own ZAP handler (ZeroMQ RFC 27), one a process.
 *
 * A thread of its own: libzmq's I/O threads wait for its answer while they shake hands, and it
 * waits for nobody (the keys' lock is held for a copy only): no circle to lock up in. */
#pragma once
#include "keys.h"

typedef struct upp_zap upp_zap;

/* Runs, bound to inproc://zeromq.zap.01, when this returns: only then may a socket be bound (F4).
 * Lets in every peer with a key in `keys`, as it stands at that time, in the domain UPP_ZAP_DOMAIN
 * and by CURVE alone; the session's User-Id is the key itself, so that a key which is taken away
 * or replaced means nobody from then on (F7). `keys` outlives it. NULL: somebody else is bound
 * there; `say` has heard it. */
upp_zap *upp_zap_start(upp_keys *keys, void (*say)(const char *line));
/* After every socket has been destroyed. NULL is fine. */
void upp_zap_stop(upp_zap *zap);
/* How many were refused since the start. From any thread. */
uint64_t upp_zap_denied(const upp_zap *zap);
