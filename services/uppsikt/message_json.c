/* message_json.c - any message of the contract as JSON, read off its descriptor. */
#include "message_json.h"
#include "capped.h"
#include "cloudevents.pb-c.h"
#include "type_named.h"
#include "uppsikt/bus.pb-c.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static json_t *hex(const uint8_t *at, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * len + 1);
    upp_check(text != NULL);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[at[i] >> 4];
        text[2 * i + 1] = digits[at[i] & 15];
    }
    json_t *json = json_stringn(text, 2 * len);
    free(text);
    return json;
}

/* Text from outside may be no UTF-8: then it is shown as its bytes. */
static json_t *text_json(const char *text)
{
    const char *shown = text ? text : "";
    json_t *json = json_string(shown);
    return json ? json : hex((const uint8_t *)shown, strlen(shown));
}

static json_t *enum_json(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    return found ? json_string(found->name) : json_integer(value);
}

/* One value of the field, which lies at `at`. */
static json_t *value_json(const ProtobufCFieldDescriptor *field, const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)at);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)at);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return json_integer(*(const int64_t *)at);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_real((double)*(const float *)at);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_real(*(const double *)at);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)at);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_json(field->descriptor, *(const int *)at);
    case PROTOBUF_C_TYPE_STRING:
        return text_json(*(char *const *)at);
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = at;
        return hex(bytes->data, bytes->len);
    }
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *msg = *(ProtobufCMessage *const *)at;
        return msg ? message_json(msg) : json_null();
    }
    }
    return json_null();
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    }
    return 0;
}

json_t *message_json(const ProtobufCMessage *msg)
{
    json_t *object = json_object();
    upp_check(object != NULL);
    for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &msg->descriptor->fields[i];
        const uint8_t *at = (const uint8_t *)msg + field->offset;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            json_object_set_new(object, field->name, value_json(field, at));
            continue;
        }
        const size_t n =
            *(const size_t *)(const void *)((const uint8_t *)msg + field->quantifier_offset);
        const uint8_t *first = *(uint8_t *const *)(const void *)at;
        json_t *list = json_array();
        for (size_t k = 0; k < n; k++)
            json_array_append_new(list, value_json(field, first + k * size_of(field->type)));
        json_object_set_new(object, field->name, list);
    }
    return object;
}

void message_enum_word(const ProtobufCEnumDescriptor *type, const char *name, char *ret_text,
                       size_t size)
{
    char prefix[80];
    size_t n = 0;
    for (const char *c = type->short_name; *c && n + 3 < sizeof prefix; c++) {
        if (isupper((unsigned char)*c) && c != type->short_name)
            prefix[n++] = '_';
        prefix[n++] = (char)toupper((unsigned char)*c);
    }
    prefix[n++] = '_';
    const char *rest = strncmp(name, prefix, n) == 0 ? name + n : name;
    size_t k = 0;
    for (; rest[k] && k + 1 < size; k++)
        ret_text[k] = (char)tolower((unsigned char)rest[k]);
    ret_text[k] = '\0';
}

/* -- events and rows -- */
typedef Io__Cloudevents__V1__CloudEvent cloud_event;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue attribute_value;

/* A protobuf-c enum has a hidden value more, so a switch over it is never complete. */
#define IS(value, kind)                                                                            \
    ((value)->attr_case ==                                                                         \
     IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_##kind)

static json_t *attribute_json(const attribute_value *value)
{
    if (IS(value, STRING))
        return text_json(value->ce_string);
    if (IS(value, URI))
        return text_json(value->ce_uri);
    if (IS(value, URI_REF))
        return text_json(value->ce_uri_ref);
    if (IS(value, INTEGER))
        return json_integer(value->ce_integer);
    if (IS(value, BOOLEAN))
        return json_boolean(value->ce_boolean);
    if (IS(value, BYTES))
        return hex(value->ce_bytes.data, value->ce_bytes.len);
    if (IS(value, TIMESTAMP))
        return json_integer(value->ce_timestamp->seconds * 1000 +
                            value->ce_timestamp->nanos / 1000000);
    return json_null();
}

/* Data of a type that this build does not know stays as its bytes. */
static json_t *packed_json(const char *type, size_t type_len, upp_bytes packed)
{
    const ProtobufCMessageDescriptor *known =
        upp_type_named((upp_bytes){ (const uint8_t *)type, type_len });
    UPP_AUTO(upp_unpack_freep) ProtobufCMessage *msg = known ? upp_unpack(known, packed) : NULL;
    return msg ? message_json(msg) : hex(packed.at, packed.len);
}

static bool add_envelope(json_t *object, upp_bytes envelope)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&io__cloudevents__v1__cloud_event__descriptor, envelope);
    const cloud_event *event = (const cloud_event *)msg;
    if (!event)
        return false;
    json_object_set_new(object, "id", text_json(event->id));
    json_object_set_new(object, "type", text_json(event->type));
    for (size_t i = 0; i < event->n_attributes; i++) {
        const char *key = event->attributes[i]->key;
        const attribute_value *value = event->attributes[i]->value;
        if (value && strcmp(key, "sequence") != 0)
            json_object_set_new(object, strcmp(key, "time") == 0 ? "time_ms" : key,
                                attribute_json(value));
    }
    if (event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA && event->proto_data)
        json_object_set_new(object, "data",
                            packed_json(event->type, strlen(event->type),
                                        (upp_bytes){ event->proto_data->value.data,
                                                     event->proto_data->value.len }));
    return true;
}

static void add_content(json_t *object, upp_bytes type, upp_bytes frame)
{
    char name[160];
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__content_frame__descriptor, frame);
    const Uppsikt__ContentFrame *content = (const Uppsikt__ContentFrame *)msg;
    const int n = snprintf(name, sizeof name, "%.*sContent", (int)type.len, (const char *)type.at);
    if (content && n > 0 && (size_t)n < sizeof name)
        json_object_set_new(
            object, "content",
            packed_json(name, (size_t)n, (upp_bytes){ content->body.data, content->body.len }));
}

json_t *message_event_json(const char *source, const upp_frames *frames, bool content)
{
    static const char stub[] = "uppsikt.Stub";
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__chain__descriptor, frames->chain);
    const Uppsikt__Chain *chain = (const Uppsikt__Chain *)msg;
    if (!chain)
        return NULL;
    json_t *object = json_object();
    json_object_set_new(object, "source", json_string(source));
    json_object_set_new(object, "sequence", json_integer(chain->seq));
    json_object_set_new(object, "epoch", hex(chain->epoch.data, chain->epoch.len));
    if (frames->type.len == sizeof stub - 1 &&
        memcmp(frames->type.at, stub, sizeof stub - 1) == 0) {
        json_object_set_new(object, "stub", json_true());
        return object;
    }
    if (!add_envelope(object, frames->envelope)) {
        json_decref(object);
        return NULL;
    }
    if (content && frames->content.len > 0)
        add_content(object, frames->type, frames->content);
    return object;
}

json_t *message_row_json(const upp_frames *row)
{
    const char *type = (const char *)row->type.at;
    char name[160];
    json_t *object = packed_json(type, row->type.len, row->envelope);
    const int n = snprintf(name, sizeof name, "%.*sContent", (int)row->type.len, type);
    if (row->content.len > 0 && json_is_object(object) && n > 0 && (size_t)n < sizeof name)
        json_object_set_new(object, "content", packed_json(name, (size_t)n, row->content));
    return object;
}
