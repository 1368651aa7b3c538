/* client.c - requests to services: one connection each, answers told apart by their ids. */
#include "address.h"
#include "capped.h"
#include "client_state.h"
#include "socket.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const upp_ms send_span = 5 * UPP_SECOND;

int upp_client_fail(upp_client *client, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(client->why, sizeof client->why, fmt, args);
    va_end(args);
    return code;
}

upp_client *upp_client_new(const upp_place *place, void (*say)(const char *line))
{
    upp_client *c = calloc(1, sizeof *c);
    upp_check(c != NULL && sodium_init() >= 0);
    c->say = say;
    upp_socket_init();
    c->keys = upp_keys_open(place->keys, place->peer, say);
    c->peers = c->keys ? upp_peers_read(place->run, NULL, say) : NULL;
    if (c->peers)
        return c;
    upp_client_free(c);
    return NULL;
}

void upp_client_free(upp_client *client)
{
    if (!client)
        return;
    for (size_t i = 0; i < client->n_links; i++)
        zsock_destroy(&client->links[i].sock);
    upp_peers_free(client->peers);
    upp_keys_free(client->keys);
    free(client);
}

const char *upp_client_why(const upp_client *client)
{
    return client->why;
}

zsock_t *upp_client_connect(upp_client *client, const char *service)
{
    char server[UPP_Z85];
    if (!upp_peer_fits(service) || !upp_keys_of(client->keys, service, server)) {
        (void)upp_client_fail(client, 0, "%s: no public key of that service", service);
        return NULL;
    }
    char address[UPP_ADDRESS];
    char *endpoint = upp_peers_where(client->peers, service, client->say);
    const bool local = endpoint && strncmp(endpoint, "ipc://", 6) == 0;
    if (endpoint && !local && !upp_address_number(endpoint, address)) {
        (void)upp_client_fail(client, 0, "%s: the name of its host is not found: %s", service,
                              endpoint);
        free(endpoint);
        return NULL;
    }
    zsock_t *sock = endpoint ? upp_socket_dealer(client->keys, server, client->say) : NULL;
    if (sock && !upp_socket_connect(sock, local ? endpoint : address, client->say))
        zsock_destroy(&sock);
    if (!sock)
        (void)upp_client_fail(client, 0, "%s: no socket could be made", service);
    free(endpoint);
    return sock;
}

static void *socket_to(upp_client *client, const char *service, bool for_sends)
{
    for (size_t i = 0; i < client->n_links; i++)
        if (client->links[i].for_sends == for_sends &&
            strcmp(client->links[i].service, service) == 0)
            return zsock_resolve(client->links[i].sock);
    if (client->n_links == UPP_CLIENT_LINKS) {
        (void)upp_client_fail(client, 0, "too many services");
        return NULL;
    }
    zsock_t *sock = upp_client_connect(client, service);
    if (!sock)
        return NULL;
    upp_client_link *link = &client->links[client->n_links++];
    *link = (upp_client_link){ .for_sends = for_sends, .sock = sock };
    memcpy(link->service, service, strlen(service) + 1);
    return zsock_resolve(sock);
}

bool upp_client_wait(void *socket, short events, upp_ms until)
{
    for (;;) {
        const upp_ms left = until - upp_steady_now();
        zmq_pollitem_t item = { .socket = socket, .events = events };
        if (zmq_poll(&item, 1, left > 0 ? (long)left : 0) > 0)
            return true;
        if (left <= 0)
            return false;
    }
}

int upp_client_put(upp_client *client, void *socket, const upp_frames *frames, upp_ms until)
{
    for (;;) {
        if (upp_wire_send(socket, NULL, frames) == UPP_SENT)
            return 0;
        if (!upp_client_wait(socket, ZMQ_POLLOUT, until))
            return upp_client_fail(client, UPP_E_BUSY, "not connected");
    }
}

int upp_client_get(upp_client *client, void *socket, upp_wire *ret_wire, upp_ms until)
{
    for (;;) {
        switch (upp_wire_take(socket, false, ret_wire)) {
        case UPP_GOT:
            return 0;
        case UPP_GOT_GARBLED:
            continue;
        case UPP_GOT_NOTHING:
            break;
        }
        if (!upp_client_wait(socket, ZMQ_POLLIN, until))
            return upp_client_fail(client, UPP_E_BUSY, "no answer in time");
    }
}

void upp_client_session(upp_client *client, const char *session)
{
    client->session = session;
}

static int put_request(upp_client *client, void *socket, const uint8_t id[16], const char *by,
                       const ProtobufCMessage *msg, upp_ms until)
{
    uint8_t copy[16];
    memcpy(copy, id, sizeof copy);
    Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof copy, copy };
    head.by = upp_lend(by ? by : "");
    head.session = upp_lend(client->session ? client->session : "");
    head.sent_ms = upp_real_now();
    UPP_AUTO(upp_packed_free) upp_bytes packed_head = upp_wire_pack(&head.base);
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(msg);
    const upp_frames frames = { .type = upp_text(msg->descriptor->name),
                                .envelope = packed_head,
                                .content = packed };
    if (upp_wire_bytes(&frames) > UPP_WIRE_BYTES)
        return upp_client_fail(client, UPP_E_INPUT, "longer than a message may be");
    return upp_client_put(client, socket, &frames, until);
}

static Uppsikt__AnswerHead *head_of(const upp_wire *wire)
{
    ProtobufCMessage *msg = upp_unpack(&uppsikt__answer_head__descriptor, wire->frames.chain);
    Uppsikt__AnswerHead *head = (Uppsikt__AnswerHead *)msg;
    if (head && head->id.len != 16) {
        upp_unpack_free(msg);
        return NULL;
    }
    return head;
}

static void head_freep(Uppsikt__AnswerHead **head)
{
    if (*head)
        upp_unpack_free(&(*head)->base);
}

/* One request on its way: sent again, with the same id and over a new connection, when its first
 * answer is late (the service may have been started anew since). */
typedef struct call {
    upp_client *client;
    const char *service;
    void *socket;
    const uint8_t *id;
    const char *by;
    const ProtobufCMessage *msg;
    upp_ms again_span;
    bool answered;
} call;

/* After a handshake that failed libzmq may never connect again: what does not answer is left. */
static int drop_link(upp_client *client, const void *socket, int rc)
{
    for (size_t i = 0; rc == UPP_E_BUSY && i < client->n_links; i++)
        if (zsock_resolve(client->links[i].sock) == socket) {
            zsock_destroy(&client->links[i].sock);
            client->links[i] = client->links[--client->n_links];
            break;
        }
    return rc;
}

/* The next answer to the call; late answers to others are dropped. */
static int get_answer(call *c, upp_wire *ret_wire, Uppsikt__AnswerHead **ret_head, upp_ms until)
{
    for (;;) {
        upp_ms slice = upp_steady_now() + c->again_span;
        slice = c->answered || slice > until ? until : slice;
        const int got = upp_client_get(c->client, c->socket, ret_wire, slice);
        if (got == UPP_E_BUSY && slice < until) {
            c->again_span *= 2;
            (void)drop_link(c->client, c->socket, UPP_E_BUSY);
            c->socket = socket_to(c->client, c->service, false);
            if (!c->socket)
                return UPP_E_INPUT;
            UPP_TRY(put_request(c->client, c->socket, c->id, c->by, c->msg, until));
            continue;
        }
        UPP_TRY(got);
        Uppsikt__AnswerHead *head = head_of(ret_wire);
        if (head && memcmp(head->id.data, c->id, 16) == 0) {
            c->answered = true;
            *ret_head = head;
            return 0;
        }
        head_freep(&head);
        upp_wire_drop(ret_wire);
    }
}

static int begin_call(upp_client *client, const char *service, const uint8_t id[16], const char *by,
                      const ProtobufCMessage *msg, upp_ms until, call *ret_call)
{
    *ret_call = (call){ .client = client,
                        .service = service,
                        .socket = socket_to(client, service, false),
                        .id = id,
                        .by = by,
                        .msg = msg,
                        .again_span = UPP_SECOND };
    if (!ret_call->socket)
        return UPP_E_INPUT;
    return put_request(client, ret_call->socket, id, by, msg, until);
}

int upp_client_command(upp_client *client, const char *service, const uint8_t id[16],
                       const char *by, const ProtobufCMessage *command,
                       const ProtobufCMessageDescriptor *outcome, upp_ms wait_span,
                       ProtobufCMessage **ret_outcome)
{
    const upp_ms until = upp_steady_now() + wait_span;
    call c;
    UPP_TRY(begin_call(client, service, id, by, command, until, &c));
    UPP_AUTO(upp_wire_drop) upp_wire wire = { 0 };
    UPP_AUTO(head_freep) Uppsikt__AnswerHead *head = NULL;
    UPP_TRY(drop_link(client, c.socket, get_answer(&c, &wire, &head, until)));
    if (head->refused[0])
        return upp_client_fail(client, 1, "%s", head->refused);
    ProtobufCMessage *msg =
        upp_wire_is(&wire.frames, outcome->name) ? upp_unpack(outcome, wire.frames.envelope) : NULL;
    if (!msg)
        return upp_client_fail(client, UPP_E_INPUT, "the outcome is no %s", outcome->name);
    *ret_outcome = msg;
    return 0;
}

int upp_client_send(upp_client *client, const char *service, const uint8_t id[16], const char *by,
                    const ProtobufCMessage *command)
{
    void *socket = socket_to(client, service, true);
    return socket ? put_request(client, socket, id, by, command, upp_steady_now() + send_span)
                  : UPP_E_INPUT;
}

int upp_client_collect(upp_client *client, const char *service, size_t n, upp_ms wait_span,
                       upp_collected *collected, void *ctx)
{
    const upp_ms until = upp_steady_now() + wait_span;
    void *socket = socket_to(client, service, true);
    if (!socket)
        return UPP_E_INPUT;
    int came = 0;
    while ((size_t)came < n) {
        UPP_AUTO(upp_wire_drop) upp_wire wire = { 0 };
        if (upp_client_get(client, socket, &wire, until) < 0)
            break;
        UPP_AUTO(head_freep) Uppsikt__AnswerHead *head = head_of(&wire);
        if (!head)
            continue;
        came++;
        upp_frames outcome = wire.frames;
        outcome.chain = (upp_bytes){ 0 };
        collected(ctx, head->id.data, &outcome, head->refused[0] ? head->refused : NULL);
    }
    return came;
}

int upp_client_query(upp_client *client, const char *service, const char *by,
                     const ProtobufCMessage *query, upp_ms wait_span, upp_each *each, void *ctx)
{
    const upp_ms until = upp_steady_now() + wait_span;
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    call c;
    UPP_TRY(begin_call(client, service, id, by, query, until, &c));
    for (;;) {
        UPP_AUTO(upp_wire_drop) upp_wire wire = { 0 };
        UPP_AUTO(head_freep) Uppsikt__AnswerHead *head = NULL;
        UPP_TRY(drop_link(client, c.socket, get_answer(&c, &wire, &head, until)));
        upp_check(head != NULL);
        if (head->refused[0])
            return upp_client_fail(client, 1, "%s", head->refused);
        upp_frames row = wire.frames;
        row.chain = (upp_bytes){ 0 };
        if (row.type.len > 0 && !each(ctx, &row))
            return 0;
        if (head->last)
            return 0;
    }
}

static int read_part(upp_client *client, const Uppsikt__ObjectPart *part, uint8_t *ret_bytes,
                     size_t n)
{
    if (part->refused[0])
        return upp_client_fail(client, UPP_E_INPUT, "%s", part->refused);
    if (part->bytes.len > n)
        return upp_client_fail(client, UPP_E_INPUT, "more than was asked for");
    if (part->bytes.len > 0)
        memcpy(ret_bytes, part->bytes.data, part->bytes.len);
    return (int)part->bytes.len;
}

int upp_client_object(upp_client *client, const char *service, const char *object, int64_t offset,
                      uint8_t *ret_bytes, size_t n, upp_ms wait_span)
{
    const upp_ms until = upp_steady_now() + wait_span;
    void *socket = socket_to(client, service, false);
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    if (!socket)
        return UPP_E_INPUT;
    Uppsikt__ObjectGet get = UPPSIKT__OBJECT_GET__INIT;
    get.id = (ProtobufCBinaryData){ sizeof id, id };
    get.object = upp_lend(object);
    get.offset = offset;
    get.length = n < 64 * 1024 ? (uint32_t)n : 64 * 1024;
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(&get.base);
    UPP_TRY(upp_client_put(
        client, socket,
        &(upp_frames){ .type = upp_text(get.base.descriptor->name), .envelope = packed }, until));
    for (;;) {
        UPP_AUTO(upp_wire_drop) upp_wire wire = { 0 };
        UPP_TRY(drop_link(client, socket, upp_client_get(client, socket, &wire, until)));
        if (!upp_wire_is(&wire.frames, "uppsikt.ObjectPart"))
            continue;
        UPP_AUTO(upp_unpack_freep)
        ProtobufCMessage *msg = upp_unpack(&uppsikt__object_part__descriptor, wire.frames.envelope);
        const Uppsikt__ObjectPart *part = (const Uppsikt__ObjectPart *)msg;
        if (part && part->id.len == sizeof id && memcmp(part->id.data, id, sizeof id) == 0)
            return read_part(client, part, ret_bytes, n);
    }
}
