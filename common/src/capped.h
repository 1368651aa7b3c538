/* capped.h - unpacking what came from the wire: protobuf-c turns 1 MiB of empty submessages into
 * 88 MB of structs (reliability.md F9), so a message may take so much memory and no more. */
#pragma once
#include "upp/base.h"
#include <protobuf-c/protobuf-c.h>

/* All that one unpacked message may take. */
enum { UPP_UNPACK_BYTES = 8 * 1024 * 1024 };

/* A fresh message, from malloc; NULL: not such a message, or it would take more than
 * UPP_UNPACK_BYTES. An empty or missing `packed` is the message with all its presets, as protobuf
 * says. The caller frees it with upp_unpack_free (or protobuf_c_message_free_unpacked and a NULL
 * allocator: the same). */
UPP_MUST_USE ProtobufCMessage *upp_unpack(const ProtobufCMessageDescriptor *type, upp_bytes packed);
void upp_unpack_free(ProtobufCMessage *msg); /* NULL is fine */
/* For UPP_AUTO: frees *msg and makes it NULL. */
void upp_unpack_freep(ProtobufCMessage **msg);
