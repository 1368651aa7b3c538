/* upp/bus.h - the driver that runs a node on ZeroMQ, and the client that talks to one.
 *
 * The bus is the owner's ROUTER: subscriptions with standing credit, commands, queries and objects
 * (proto/uppsikt/bus.proto says every frame). Live and replay are one path. */
#pragma once
#include "upp/node.h"

/* A service's whole main(): options, store, keys, sockets, ports, loop; returns the exit code
 * (0 stopped, 70 broken, 78 bad configuration). `ports` ends with NULL; NULL: none. Also the
 * sub-commands --help, --version, check-config, healthcheck. */
int upp_main(int argc, char **argv, const upp_service *service, const upp_port *const *ports);

/* -- the client: the operators' command, the console, tests -- */
typedef struct upp_client upp_client;

/* Where everything of one deployment lies. All paths lent. */
typedef struct upp_place {
    const char *run;  /* sockets: <run>/<service>; short (an ipc path may have 107 bytes) */
    const char *keys; /* <keys>/<peer>.key (0600, secret) and <keys>/<peer>.pub */
    const char *peer; /* who we are */
} upp_place;

/* NULL when our key cannot be read; `say` hears why. */
upp_client *upp_client_new(const upp_place *place, void (*say)(const char *line));
void upp_client_free(upp_client *client); /* NULL is fine */

/* What came back. 1 from the calls below: refused, upp_client_why has the words (for a person).
 * UPP_E_BUSY: no answer within the time given; it may or may not have happened: the same id again
 * is safe. UPP_E_INPUT: the answer could not be read. */
int upp_client_command(upp_client *client, const char *service, const uint8_t id[16],
                       const char *by, const ProtobufCMessage *command,
                       const ProtobufCMessageDescriptor *outcome, upp_ms wait_span,
                       ProtobufCMessage **ret_outcome);
/* The session of the person for whom the commands after this one are (RequestHead); NULL: of none,
 * as at first. Lent until the next call. */
void upp_client_session(upp_client *client, const char *session);
/* Sends without waiting; outcomes are collected by upp_client_collect, in any order. */
int upp_client_send(upp_client *client, const char *service, const uint8_t id[16], const char *by,
                    const ProtobufCMessage *command);
typedef void upp_collected(void *ctx, const uint8_t id[16], const upp_frames *outcome,
                           const char *refused);
/* Waits until `n` outcomes have come or the time is out; returns how many came. */
int upp_client_collect(upp_client *client, const char *service, size_t n, upp_ms wait_span,
                       upp_collected *collected, void *ctx);
int upp_client_query(upp_client *client, const char *service, const char *by,
                     const ProtobufCMessage *query, upp_ms wait_span, upp_each *each, void *ctx);
/* Events of `service` after `after`, verified along the chain; until `each` says false, or, with
 * `wait_span` >= 0, until nothing came for that long. 1: the log has forked from `after`. */
int upp_client_tail(upp_client *client, const char *service, upp_point *after, bool want_content,
                    upp_ms wait_span, upp_each *each, void *ctx);
/* One part of an object, at most 64 KiB; returns its length, 0 at the end. */
int upp_client_object(upp_client *client, const char *service, const char *object, int64_t offset,
                      uint8_t *ret_bytes, size_t n, upp_ms wait_span);
const char *upp_client_why(const upp_client *client);
