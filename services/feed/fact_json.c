/* fact_json.c - a fact as outsiders get it: a CloudEvent in JSON (CloudEvents 1.0, JSON format). */
#include "civil.h"
#include "feed.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Fields that name one of our people, commit to withheld content, or hold words of somebody. */
static const char *const withheld[] = {
    "by",     "second", "person",     "persons", "manager",    "head",    "owner",
    "from",   "to",     "commitment", "note",    "yaml",       "officer", "claimed_by",
    "author", "asked",  "recipient",  "words",   "substitute", "leaver",
};

static bool is_withheld(const char *name)
{
    for (size_t i = 0; i < UPP_LEN(withheld); i++)
        if (strcmp(withheld[i], name) == 0)
            return true;
    return false;
}

static json_t *object_of(const ProtobufCMessage *msg);

static json_t *enum_of(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(type, value);
    return v ? json_string(v->name) : json_integer(value);
}

/* The kinds of field that facts have; of others (bytes are hashes and signatures) nothing is
 * said. */
static json_t *value_of(const ProtobufCFieldDescriptor *field, const void *at)
{
    const ProtobufCType type = field->type;
    if (type == PROTOBUF_C_TYPE_STRING)
        return json_string(*(char *const *)at);
    if (type == PROTOBUF_C_TYPE_BOOL)
        return json_boolean(*(const protobuf_c_boolean *)at);
    if (type == PROTOBUF_C_TYPE_ENUM)
        return enum_of(field->descriptor, *(const int *)at);
    if (type == PROTOBUF_C_TYPE_UINT32)
        return json_integer(*(const uint32_t *)at);
    if (type == PROTOBUF_C_TYPE_INT32)
        return json_integer(*(const int32_t *)at);
    if (type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_UINT64)
        return json_integer(*(const int64_t *)at);
    if (type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessage *msg = *(ProtobufCMessage *const *)at;
        return msg ? object_of(msg) : NULL;
    }
    return NULL;
}

static size_t size_of(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(void *);
    if (type == PROTOBUF_C_TYPE_BOOL)
        return sizeof(protobuf_c_boolean);
    if (type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_UINT64)
        return 8;
    return 4;
}

static json_t *list_of(const ProtobufCFieldDescriptor *field, const uint8_t *first, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n && field->type != PROTOBUF_C_TYPE_BYTES; i++)
        if (json_array_append_new(list, value_of(field, first + i * size_of(field->type))) < 0)
            break;
    return list;
}

static json_t *object_of(const ProtobufCMessage *msg)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &msg->descriptor->fields[i];
        const uint8_t *at = (const uint8_t *)msg + field->offset;
        if (is_withheld(field->name))
            continue;
        json_t *value = NULL;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t n = 0;
            const uint8_t *first = NULL;
            memcpy(&n, (const uint8_t *)msg + field->quantifier_offset, sizeof n);
            memcpy(&first, at, sizeof first);
            value = list_of(field, first, n);
        } else {
            value = value_of(field, at);
        }
        if (value)
            (void)json_object_set_new(object, field->name, value); /* the whole is looked at */
    }
    return object;
}

char *fact_json(const char *source, int64_t seq, const char *subject, int64_t position, upp_ms at,
                const ProtobufCMessage *fact)
{
    char from[64], id[32], sequence[32], place[32], time[CIVIL_TEXT_SIZE];
    snprintf(from, sizeof from, "/uppsikt/%s", source);
    snprintf(id, sizeof id, "%lld", (long long)position);
    snprintf(sequence, sizeof sequence, "%lld", (long long)seq);
    snprintf(place, sizeof place, "%lld", (long long)position);
    civil_format(at, 0, time);
    json_t *event =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "specversion", "1.0", "id",
                  id, "source", from, "type", fact->descriptor->name, "subject", subject,
                  "recordedtime", time, "datacontenttype", "application/json", "sequence", sequence,
                  "position", place, "data", object_of(fact));
    char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;
    json_decref(event);
    return text;
}
