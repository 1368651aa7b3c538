/* wire.h - messages of four frames over one ZeroMQ socket; nothing here blocks. */
#pragma once
#include "upp/base.h"
#include "upp/node.h"
#include <zmq.h>

/* The longest frame, and the longest message in all (ARCHITECTURE §5). */
enum { UPP_WIRE_BYTES = 256 * 1024 };

/* The four frames of a message. */
enum { UPP_FRAME_TYPE, UPP_FRAME_BODY, UPP_FRAME_HEAD, UPP_FRAME_CONTENT, UPP_FRAMES };

/* What ROUTER calls a connection. */
typedef struct upp_identity {
    uint8_t at[255];
    uint8_t len;
} upp_identity;

/* A received message; its frames are lent until upp_wire_drop. */
typedef struct upp_wire {
    zmq_msg_t part[UPP_FRAMES];
    upp_frames frames;
    upp_identity from; /* of a ROUTER's message */
    /* The CURVE key that the ZAP handler let in, in Z85, from the metadata of the second frame (in
     * libzmq 4.3.4 a polled ROUTER loses those of the first, reliability.md F6). Empty: none. */
    char key[41];
    bool full;
} upp_wire;

enum upp_got { UPP_GOT, UPP_GOT_NOTHING, UPP_GOT_GARBLED };
/* Takes the next message off `socket` (a zmq handle); `routed`: it is a ROUTER. GARBLED: there was
 * one with another number of frames, or longer than UPP_WIRE_BYTES: it is gone, only `from` and
 * `key` are set. Of *ret_wire only a GOT message must be dropped. */
enum upp_got upp_wire_take(void *socket, bool routed, upp_wire *ret_wire);
void upp_wire_drop(upp_wire *wire); /* twice is fine, and so is a zeroed one */

/* Moves a GOT message; `from` is then empty. (A zmq_msg_t may not be copied as bytes.) */
void upp_wire_move(upp_wire *from, upp_wire *ret_to);

/* The frames' type as text is `type`. */
bool upp_wire_is(const upp_frames *frames, const char *type);
size_t upp_wire_bytes(const upp_frames *frames);
static inline upp_bytes upp_text(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return (upp_bytes){ (const uint8_t *)s, n };
}

enum upp_sent {
    UPP_SENT,
    UPP_SENT_FULL, /* the queue is full, or nobody is connected yet: try again later */
    UPP_SENT_GONE, /* that peer is not there any more */
};
/* Sends all four frames or none. `to` NULL: not a ROUTER. The frames stay the caller's. */
enum upp_sent upp_wire_send(void *socket, const upp_identity *to, const upp_frames *frames);
/* A control message: [its name] [msg] [] []. */
enum upp_sent upp_wire_say(void *socket, const upp_identity *to, const ProtobufCMessage *msg);

/* Packs `msg` into fresh bytes (malloc; an empty message has one byte to spare, so never NULL). */
upp_bytes upp_wire_pack(const ProtobufCMessage *msg);
void upp_packed_free(upp_bytes *packed); /* frees what upp_wire_pack made; for UPP_AUTO */
