/* capped.c - an allocator that stops at a budget. */
#include "capped.h"
#include <stdlib.h>

typedef struct budget {
    size_t left;
} budget;

/* protobuf-c gives everything back through `free` when one allocation fails, so what is left need
 * not grow again: a message that has failed once is not tried twice. */
static void *budget_alloc(void *data, size_t size)
{
    budget *b = data;
    if (size > b->left)
        return NULL;
    b->left -= size;
    void *room = malloc(size);
    upp_check(room || size == 0); /* a machine without memory is no malformed message */
    return room;
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    free(pointer);
}

ProtobufCMessage *upp_unpack(const ProtobufCMessageDescriptor *type, upp_bytes packed)
{
    budget b = { .left = UPP_UNPACK_BYTES };
    ProtobufCAllocator allocator = { .alloc = budget_alloc,
                                     .free = budget_free,
                                     .allocator_data = &b };
    static const uint8_t nothing[1] = { 0 };
    return protobuf_c_message_unpack(type, &allocator, packed.len, packed.at ? packed.at : nothing);
}

void upp_unpack_free(ProtobufCMessage *msg)
{
    if (msg)
        protobuf_c_message_free_unpacked(msg, NULL);
}

void upp_unpack_freep(ProtobufCMessage **msg)
{
    upp_unpack_free(*msg);
    *msg = NULL;
}
