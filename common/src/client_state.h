/* client_state.h - what a client is made of; private to client*.c. */
#pragma once
#include "keys.h"
#include "peers.h"
#include "suite_clock.h"
#include "upp/bus.h"
#include "uppsikt/bus.pb-c.h"
#include "wire.h"
#include <czmq.h>

enum { UPP_CLIENT_LINKS = 64, UPP_CLIENT_WHY = 400 };

/* One DEALER to a service. What is sent without waiting has one of its own, so that a call never
 * takes its outcomes. */
typedef struct upp_client_link {
    char service[UPP_PEER];
    bool for_sends;
    zsock_t *sock;
} upp_client_link;

struct upp_client {
    upp_peers *peers; /* where they are */
    upp_keys *keys;
    void (*say)(const char *line);
    upp_client_link links[UPP_CLIENT_LINKS];
    size_t n_links;
    const char *session; /* lent; NULL: none */
    char why[UPP_CLIENT_WHY];
};

UPP_PRINTF(3, 4)
int upp_client_fail(upp_client *client, int code, const char *fmt, ...);
/* A fresh connection, the caller's; NULL: see upp_client_why. */
zsock_t *upp_client_connect(upp_client *client, const char *service);
/* Waits until `events` (ZMQ_POLLIN or ZMQ_POLLOUT) or the steady time `until`; false: too late. */
bool upp_client_wait(void *socket, short events, upp_ms until);
/* Sends as soon as there is a connection. 0 or UPP_E_BUSY. */
int upp_client_put(upp_client *client, void *socket, const upp_frames *frames, upp_ms until);
/* The next whole message before `until`. 0 (drop it) or UPP_E_BUSY. */
int upp_client_get(upp_client *client, void *socket, upp_wire *ret_wire, upp_ms until);
