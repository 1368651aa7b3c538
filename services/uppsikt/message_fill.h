/* message_fill.h - a message of the contract filled from texts, field by field, by its descriptor:
 * options of a verb, rows of a YAML file. Pure. */
#pragma once
#include "when.h"
#include <protobuf-c/protobuf-c.h>

/* A fresh message with its presets; freed with message_free (upp_msg_freep does, too). */
ProtobufCMessage *message_new(const ProtobufCMessageDescriptor *type);
void message_free(ProtobufCMessage *msg); /* NULL is fine */

enum { MESSAGE_WHY = 200 };
/* Sets the field `path` ("purpose", "facts.purpose"; `_ms` and `_span` may be left out) from
 * `text`: text, whole number, yes or no, an enum's word ("open"), an instant as in when.h for
 * `_ms`, a span for `_span`. A repeated field gets `text` added, split at commas. Fields of the
 * submessage `inner` (may be NULL) may be named without it. 0; 1: there is no such field;
 * UPP_E_INPUT: it takes no such value; `why` says so. */
int message_fill(ProtobufCMessage *msg, const char *inner, const char *path, const char *text,
                 const when_clock *clock, char ret_why[MESSAGE_WHY]);
/* The field that message_fill would set, in `type` itself or in its `inner`; NULL: none. */
const ProtobufCFieldDescriptor *message_field(const ProtobufCMessageDescriptor *type,
                                              const char *inner, const char *path);
