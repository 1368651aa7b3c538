/* egress.h - the only way of the browser out: a SOCKS5 server on loopback (RFC 1928) that looks a
 * name up itself, wants every one of its addresses to be public, and connects to that very address
 * (reliability.md B3). What goes past the browser's own hooks (WebSockets, hints, workers) goes
 * through here, too. */
#pragma once
#include "upp/base.h"

typedef struct egress egress;

/* What did not come about since the last egress_reset. */
typedef struct egress_tally {
    int refused;     /* by our rules */
    int unknown;     /* no such name */
    int late;        /* nobody answered in time */
    int unreachable; /* refused by the other side, or no way there */
    int64_t bytes;   /* that came in */
} egress_tally;

/* Listens, with threads of its own. NULL: the system said no; said in the log. */
egress *egress_new(bool private_addresses);
/* Every connection ends. NULL is fine. */
void egress_free(egress *e);
uint16_t egress_port(const egress *e);
/* For a new job: counts from 0, and lets `bytes` in and no more. */
void egress_reset(egress *e, int64_t bytes);
egress_tally egress_count(const egress *e);
