/* wire.c - four frames in, four frames out. */
#include "wire.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads the rest of a message that is too long, so that the next take starts at a next one. */
static void skip_rest(void *socket, zmq_msg_t *msg)
{
    while (zmq_msg_more(msg)) {
        zmq_msg_close(msg);
        zmq_msg_init(msg);
        if (zmq_msg_recv(msg, socket, ZMQ_DONTWAIT) < 0)
            break;
    }
    zmq_msg_close(msg);
}

static void note_key(zmq_msg_t *second, upp_wire *wire)
{
    const char *user = zmq_msg_gets(second, "User-Id");
    if (user && strlen(user) == sizeof wire->key - 1)
        memcpy(wire->key, user, sizeof wire->key);
}

static upp_bytes lent(zmq_msg_t *msg)
{
    return (upp_bytes){ zmq_msg_data(msg), zmq_msg_size(msg) };
}

static bool take_identity(void *socket, upp_wire *wire, bool *ret_more)
{
    zmq_msg_t id;
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&id);
        return false;
    }
    const size_t n = zmq_msg_size(&id);
    upp_check(n <= sizeof wire->from.at); /* libzmq's own limit */
    memcpy(wire->from.at, zmq_msg_data(&id), n);
    wire->from.len = (uint8_t)n;
    *ret_more = zmq_msg_more(&id);
    zmq_msg_close(&id);
    return true;
}

enum upp_got upp_wire_take(void *socket, bool routed, upp_wire *ret_wire)
{
    upp_wire *w = ret_wire;
    *w = (upp_wire){ 0 };
    bool more = true;
    if (routed && !take_identity(socket, w, &more))
        return UPP_GOT_NOTHING;
    size_t n = 0;
    size_t bytes = 0;
    bool fits = true;
    while (more) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&msg);
            if (n == 0 && !routed)
                return UPP_GOT_NOTHING;
            fits = false;
            break;
        }
        if (n == 0)
            note_key(&msg, w);
        bytes += zmq_msg_size(&msg);
        if (n == UPP_FRAMES || bytes > UPP_WIRE_BYTES) {
            skip_rest(socket, &msg);
            fits = false;
            break;
        }
        more = zmq_msg_more(&msg);
        zmq_msg_init(&w->part[n]);
        zmq_msg_move(&w->part[n], &msg);
        zmq_msg_close(&msg);
        n++;
    }
    if (fits && n == UPP_FRAMES) {
        w->full = true;
        w->frames = (upp_frames){ lent(&w->part[0]), lent(&w->part[1]), lent(&w->part[2]),
                                  lent(&w->part[3]) };
        return UPP_GOT;
    }
    for (size_t i = 0; i < n; i++)
        zmq_msg_close(&w->part[i]);
    return UPP_GOT_GARBLED;
}

void upp_wire_drop(upp_wire *wire)
{
    if (!wire->full)
        return;
    for (size_t i = 0; i < UPP_FRAMES; i++)
        zmq_msg_close(&wire->part[i]);
    *wire = (upp_wire){ 0 };
}

void upp_wire_move(upp_wire *from, upp_wire *ret_to)
{
    upp_check(from->full);
    *ret_to = (upp_wire){ .from = from->from, .full = true };
    memcpy(ret_to->key, from->key, sizeof ret_to->key);
    for (size_t i = 0; i < UPP_FRAMES; i++) {
        zmq_msg_init(&ret_to->part[i]);
        zmq_msg_move(&ret_to->part[i], &from->part[i]);
    }
    ret_to->frames = (upp_frames){ lent(&ret_to->part[0]), lent(&ret_to->part[1]),
                                   lent(&ret_to->part[2]), lent(&ret_to->part[3]) };
    upp_wire_drop(from);
}

bool upp_wire_is(const upp_frames *frames, const char *type)
{
    const size_t n = strlen(type);
    return frames->type.len == n && memcmp(frames->type.at, type, n) == 0;
}

size_t upp_wire_bytes(const upp_frames *frames)
{
    return frames->type.len + frames->envelope.len + frames->chain.len + frames->content.len;
}

/* libzmq checks the high-water mark at the first frame only: the rest of a message that has begun
 * goes with it, or the peer went and all of it with the peer. */
enum upp_sent upp_wire_send(void *socket, const upp_identity *to, const upp_frames *frames)
{
    upp_check(upp_wire_bytes(frames) <= UPP_WIRE_BYTES);
    if (to && zmq_send(socket, to->at, to->len, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return zmq_errno() == EHOSTUNREACH ? UPP_SENT_GONE : UPP_SENT_FULL;
    const upp_bytes part[UPP_FRAMES] = { frames->type, frames->envelope, frames->chain,
                                         frames->content };
    for (size_t i = 0; i < UPP_FRAMES; i++) {
        const int more = i + 1 < UPP_FRAMES ? ZMQ_SNDMORE : 0;
        if (zmq_send(socket, part[i].at ? part[i].at : (const uint8_t *)"", part[i].len,
                     ZMQ_DONTWAIT | more) < 0)
            return i == 0 && !to ? UPP_SENT_FULL : UPP_SENT_GONE;
    }
    return UPP_SENT;
}

enum upp_sent upp_wire_say(void *socket, const upp_identity *to, const ProtobufCMessage *msg)
{
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(msg);
    return upp_wire_send(
        socket, to, &(upp_frames){ .type = upp_text(msg->descriptor->name), .envelope = packed });
}

upp_bytes upp_wire_pack(const ProtobufCMessage *msg)
{
    const size_t n = protobuf_c_message_get_packed_size(msg);
    uint8_t *at = malloc(n + 1);
    upp_check(at != NULL);
    protobuf_c_message_pack(msg, at);
    return (upp_bytes){ at, n };
}

void upp_packed_free(upp_bytes *packed)
{
    union {
        const uint8_t *in;
        void *out;
    } u = { packed->at };
    free(u.out);
    *packed = (upp_bytes){ 0 };
}
