/* raw.c - one DEALER and its monitor. */
#include "raw.h"
#include "capped.h"
#include "socket.h"
#include <poll.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

void raw_open(raw *r, const place *p, const char *keys, const char *peer, const char *service)
{
    char server[UPP_Z85];
    char name[64];
    upp_keys *known = upp_keys_open(p->keys, "console", say);
    assert_non_null(known);
    assert_true(upp_keys_of(known, service, server));
    upp_keys_free(known);
    r->keys = upp_keys_open(keys, peer, say);
    assert_non_null(r->keys);
    char *endpoint = upp_socket_local(p->run, service, say);
    r->sock = upp_socket_dealer(r->keys, server, say);
    assert_non_null(r->sock);
    r->socket = zsock_resolve(r->sock);
    snprintf(name, sizeof name, "inproc://raw-%p", r->socket);
    assert_int_equal(zmq_socket_monitor(r->socket, name, ZMQ_EVENT_ALL), 0);
    r->monitor = zmq_socket(zsys_init(), ZMQ_PAIR);
    const int none = 0;
    zmq_setsockopt(r->monitor, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal(zmq_connect(r->monitor, name), 0);
    assert_true(upp_socket_connect(r->sock, endpoint, say));
    free(endpoint);
}

void raw_close(raw *r)
{
    zmq_socket_monitor(r->socket, NULL, 0);
    zmq_close(r->monitor);
    zsock_destroy(&r->sock);
    upp_keys_free(r->keys);
}

static void wait_for(void *socket)
{
    zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
    assert_int_equal(zmq_poll(&item, 1, PATIENCE), 1);
}

int raw_event(raw *r, int events)
{
    for (;;) {
        wait_for(r->monitor);
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        assert_true(zmq_msg_recv(&msg, r->monitor, 0) > 0);
        uint16_t event = 0;
        const bool first = zmq_msg_more(&msg);
        if (first)
            memcpy(&event, zmq_msg_data(&msg), sizeof event);
        zmq_msg_close(&msg);
        if (event & events)
            return event & events;
    }
}

void raw_send(raw *r, const upp_frames *frames)
{
    assert_int_equal(upp_wire_send(r->socket, NULL, frames), UPP_SENT);
}

void raw_say(raw *r, const ProtobufCMessage *msg)
{
    assert_int_equal(upp_wire_say(r->socket, NULL, msg), UPP_SENT);
}

void raw_take(raw *r, upp_wire *ret_wire)
{
    while (upp_wire_take(r->socket, false, ret_wire) != UPP_GOT)
        wait_for(r->socket);
}

ProtobufCMessage *raw_expect(raw *r, const ProtobufCMessageDescriptor *type)
{
    for (;;) {
        upp_wire wire;
        raw_take(r, &wire);
        ProtobufCMessage *msg =
            upp_wire_is(&wire.frames, type->name) ? upp_unpack(type, wire.frames.envelope) : NULL;
        upp_wire_drop(&wire);
        if (msg)
            return msg;
    }
}

void raw_request(raw *r, const ProtobufCMessage *msg, char ret_refused[100])
{
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof id, id };
    upp_bytes packed_head = upp_wire_pack(&head.base);
    upp_bytes packed = upp_wire_pack(msg);
    raw_send(r, &(upp_frames){ .type = upp_text(msg->descriptor->name),
                               .envelope = packed_head,
                               .content = packed });
    upp_packed_free(&packed_head);
    upp_packed_free(&packed);
    for (bool last = false; !last;) {
        upp_wire wire;
        raw_take(r, &wire);
        ProtobufCMessage *answer = upp_unpack(&uppsikt__answer_head__descriptor, wire.frames.chain);
        const Uppsikt__AnswerHead *a = (const Uppsikt__AnswerHead *)answer;
        if (a && a->id.len == sizeof id && memcmp(a->id.data, id, sizeof id) == 0) {
            last = a->last;
            snprintf(ret_refused, 100, "%s", a->refused);
        }
        upp_unpack_free(answer);
        upp_wire_drop(&wire);
    }
}

void raw_subscribe(raw *r, const char *source, uint32_t events, uint64_t bytes)
{
    Uppsikt__Subscribe out = UPPSIKT__SUBSCRIBE__INIT;
    out.source = upp_lend(source);
    out.want_content = true;
    out.credit_events = events;
    out.credit_bytes = bytes;
    raw_say(r, &out.base);
}
