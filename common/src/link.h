/* link.h - one DEALER to one owner: connected, watched, and its name looked up away from the loop
 * (libzmq would do it in its I/O thread and freeze every socket, operations.md §6.2). */
#pragma once
#include "keys.h"
#include "loop.h"
#include <czmq.h>

typedef struct upp_lookup upp_lookup; /* a name that is being looked up */

typedef struct upp_link {
    upp_loop *loop;
    upp_keys *keys;
    const char *peer; /* lent */
    char *endpoint;   /* as configured */
    char *address;    /* with a number in the place of the name; what is connected to */
    zsock_t *sock;
    void *monitor;
    upp_worker *names; /* lent; its jobs hold a lookup each, never the link */
    upp_lookup *lookup;
    char server[UPP_Z85];
    bool complained, up, failed;
    upp_ms since; /* steady: when the socket was made */
} upp_link;

/* Takes over `endpoint`. Connects now, or when its name has been found. False: no public key of
 * `peer`, or the socket cannot be made; `say` has heard why; upp_link_again tries again. */
bool upp_link_open(upp_link *link, upp_loop *loop, upp_keys *keys, upp_worker *names,
                   const char *peer, char *endpoint);
void upp_link_close(upp_link *link);
/* The zmq handle; NULL: not there yet. */
void *upp_link_socket(const upp_link *link);
/* Has it been connected (again) since the last look? Then the owner knows nothing of us. */
bool upp_link_connected(upp_link *link);
/* Sends a control message when there is a connection. */
bool upp_link_say(upp_link *link, const ProtobufCMessage *msg);
/* Nothing has been heard for long, or a handshake has failed: looks the name up again, and the key;
 * a new address, a new key or a failure makes a new socket. */
void upp_link_again(upp_link *link);
