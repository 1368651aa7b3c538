/* message_fill.c - a message of the contract filled from texts, by its descriptor. */
#include "message_fill.h"
#include "message_json.h"
#include "span.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ProtobufCMessage *message_new(const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *msg = malloc(type->sizeof_message);
    upp_check(msg != NULL);
    type->message_init(msg);
    return msg;
}

void message_free(ProtobufCMessage *msg)
{
    if (msg)
        protobuf_c_message_free_unpacked(msg, NULL);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* The field `name` (of `len` bytes), or name_ms, or name_span. */
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                const char *name, size_t len)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const char *own = type->fields[i].name;
        if (strncmp(own, name, len) == 0 &&
            (own[len] == '\0' || strcmp(own + len, "_ms") == 0 || strcmp(own + len, "_span") == 0))
            return &type->fields[i];
    }
    return NULL;
}

const ProtobufCFieldDescriptor *message_field(const ProtobufCMessageDescriptor *type,
                                              const char *inner, const char *path)
{
    const char *dot = strchr(path, '.');
    const ProtobufCFieldDescriptor *field =
        field_of(type, path, dot ? (size_t)(dot - path) : strlen(path));
    if (field && dot)
        return field->type == PROTOBUF_C_TYPE_MESSAGE
                   ? message_field(field->descriptor, NULL, dot + 1)
                   : NULL;
    if (field && field->type != PROTOBUF_C_TYPE_MESSAGE)
        return field;
    const ProtobufCFieldDescriptor *outer = inner ? field_of(type, inner, strlen(inner)) : NULL;
    return outer ? message_field(outer->descriptor, NULL, path) : NULL;
}

static char *copy(const char *text, size_t n)
{
    char *own = strndup(text, n);
    upp_check(own != NULL);
    return own;
}

static int wrong(char why[MESSAGE_WHY], const char *what)
{
    snprintf(why, MESSAGE_WHY, "%s", what);
    return UPP_E_INPUT;
}

static int read_enum(const ProtobufCEnumDescriptor *type, const char *text, int *ret_value,
                     char why[MESSAGE_WHY])
{
    size_t used = (size_t)snprintf(why, MESSAGE_WHY, "is none of:");
    for (unsigned i = 0; i < type->n_values; i++) {
        char word[64];
        message_enum_word(type, type->values[i].name, word, sizeof word);
        if (strcmp(word, text) == 0 || strcmp(type->values[i].name, text) == 0) {
            *ret_value = type->values[i].value;
            return 0;
        }
        if (type->values[i].value != 0 && used < MESSAGE_WHY)
            used += (size_t)snprintf(why + used, MESSAGE_WHY - used, " %s", word);
    }
    return UPP_E_INPUT;
}

static int read_number(const char *text, int64_t low, int64_t high, int64_t *ret_number,
                       char why[MESSAGE_WHY])
{
    char *end = NULL;
    errno = 0;
    const int64_t number = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return wrong(why, "is no whole number");
    if (number < low || number > high)
        return wrong(why, "is out of range");
    *ret_number = number;
    return 0;
}

static int read_int64(const ProtobufCFieldDescriptor *field, const char *text,
                      const when_clock *clock, int64_t *ret_number, char why[MESSAGE_WHY])
{
    const char *bad = NULL;
    if (ends_with(field->name, "_ms"))
        bad = when_parse(clock, text, ret_number);
    else if (ends_with(field->name, "_span"))
        bad = upp_span_parse(text, ret_number);
    else
        return read_number(text, INT64_MIN, INT64_MAX, ret_number, why);
    return bad ? wrong(why, bad) : 0;
}

static int read_flag(const char *text, protobuf_c_boolean *ret_flag, char why[MESSAGE_WHY])
{
    const bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
        return wrong(why, "is neither yes nor no");
    *ret_flag = yes;
    return 0;
}

static int set_text(char **field, const char *text, size_t n)
{
    if (*field != protobuf_c_empty_string)
        free(*field);
    *field = copy(text, n);
    return 0;
}

/* Every kind of field that a command of the contract has. */
static int set_one(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, const char *text,
                   const when_clock *clock, char why[MESSAGE_WHY])
{
    void *at = (uint8_t *)msg + field->offset;
    int64_t number = 0;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return set_text(at, text, strlen(text));
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        return read_enum(field->descriptor, text, at, why);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return read_flag(text, at, why);
    if (field->type == PROTOBUF_C_TYPE_INT64)
        return read_int64(field, text, clock, at, why);
    if (field->type == PROTOBUF_C_TYPE_INT32) {
        UPP_TRY(read_number(text, INT32_MIN, INT32_MAX, &number, why));
        *(int32_t *)at = (int32_t)number;
        return 0;
    }
    if (field->type == PROTOBUF_C_TYPE_UINT32) {
        UPP_TRY(read_number(text, 0, UINT32_MAX, &number, why));
        *(uint32_t *)at = (uint32_t)number;
        return 0;
    }
    return wrong(why, "cannot be given as text");
}

static int add_texts(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, const char *text,
                     char why[MESSAGE_WHY])
{
    if (field->type != PROTOBUF_C_TYPE_STRING)
        return wrong(why, "cannot be given as text");
    size_t *n = (size_t *)(void *)((uint8_t *)msg + field->quantifier_offset);
    char ***list = (char ***)(void *)((uint8_t *)msg + field->offset);
    while (*text) {
        const size_t len = strcspn(text, ",");
        const size_t lead = strspn(text, " ");
        if (len > lead) {
            char **grown = realloc(*list, (*n + 1) * sizeof *grown);
            upp_check(grown != NULL);
            grown[*n] = copy(text + lead, len - lead);
            *list = grown;
            (*n)++;
        }
        text += len + (text[len] == ',');
    }
    return 0;
}

static ProtobufCMessage *submessage(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
    ProtobufCMessage **at = (ProtobufCMessage **)(void *)((uint8_t *)msg + field->offset);
    if (!*at)
        *at = message_new(field->descriptor);
    return *at;
}

int message_fill(ProtobufCMessage *msg, const char *inner, const char *path, const char *text,
                 const when_clock *clock, char ret_why[MESSAGE_WHY])
{
    if (!message_field(msg->descriptor, inner, path))
        return 1;
    const char *dot = strchr(path, '.');
    const ProtobufCFieldDescriptor *field =
        field_of(msg->descriptor, path, dot ? (size_t)(dot - path) : strlen(path));
    if (field && dot)
        return message_fill(submessage(msg, field), NULL, dot + 1, text, clock, ret_why);
    if (!field || field->type == PROTOBUF_C_TYPE_MESSAGE) {
        upp_check(inner != NULL);
        field = field_of(msg->descriptor, inner, strlen(inner));
        upp_check(field != NULL);
        return message_fill(submessage(msg, field), NULL, path, text, clock, ret_why);
    }
    return field->label == PROTOBUF_C_LABEL_REPEATED ? add_texts(msg, field, text, ret_why)
                                                     : set_one(msg, field, text, clock, ret_why);
}
