/* raw.h - a peer that says on the wire whatever the test wants, with a key of its own. */
#pragma once
#include "keys.h"
#include "place.h"
#include "uppsikt/bus.pb-c.h"
#include "wire.h"
#include <czmq.h>

typedef struct raw {
    upp_keys *keys;
    zsock_t *sock;
    void *socket, *monitor;
} raw;

/* Connects as `peer`, with the keys of `keys`, to `service`'s socket of the place. */
void raw_open(raw *r, const place *p, const char *keys, const char *peer, const char *service);
void raw_close(raw *r);
/* Waits for a monitor event (ZMQ_EVENT_...) of `events`; gives it. */
int raw_event(raw *r, int events);
void raw_say(raw *r, const ProtobufCMessage *msg);
void raw_send(raw *r, const upp_frames *frames);
/* The next message, which must come. */
void raw_take(raw *r, upp_wire *ret_wire);
/* The next message of that type; others are dropped. The caller frees it. */
ProtobufCMessage *raw_expect(raw *r, const ProtobufCMessageDescriptor *type);
/* A query (or command) with a fresh id; gives what its answer's head says: "" or why refused. */
void raw_request(raw *r, const ProtobufCMessage *msg, char ret_refused[100]);
void raw_subscribe(raw *r, const char *source, uint32_t events, uint64_t bytes);
