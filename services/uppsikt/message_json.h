/* message_json.h - any message of the contract as JSON, read off its descriptor. Pure. */
#pragma once
#include "upp/base.h"
#include "upp/node.h"
#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/* Every field by its name in the .proto, presets too; enums by their value's name, bytes in
 * hexadecimal, messages that are not there as null. The caller's to release. */
json_t *message_json(const ProtobufCMessage *msg);
/* The name without the type's own prefix, in small letters: STATE_OPEN of State is "open". */
void message_enum_word(const ProtobufCEnumDescriptor *type, const char *name, char *ret_text,
                       size_t size);

/* One event with all that its envelope says: {"source", "sequence", "epoch", "id", "type",
 * "subject", "time", "cause", "data"} and, with `content` and when it is there, "content". A
 * stub (withheld from us) has "stub": true and no type. NULL: cannot be read. The caller's to
 * release. */
json_t *message_event_json(const char *source, const upp_frames *frames, bool content);
/* A row of a query: the row's fields, with its content, when there is some, under "content". */
json_t *message_row_json(const upp_frames *row);
