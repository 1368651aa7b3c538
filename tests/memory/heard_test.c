/* heard_test.c - every event that a service listens to, made up from its descriptor, about things
 * that nobody has heard of: none ends the process, and nothing of one that is set aside stays
 * (R42; P2). For tests/memory/run it is the rest of the table: what no story says. */
#include "../node_bench.h"
#include "uppsikt/evidence.pb-c.h"

extern const upp_service upp_registry_service, upp_ingest_service, upp_classify_service,
    upp_evidence_service, upp_archive_service, upp_console_service, upp_feed_service;

enum { DEEP = 4 };

static ProtobufCMessage *made_up(const ProtobufCMessageDescriptor *type, int deep);

/* The first value that is not 0, which stands for "not said". */
static int32_t some_value(const ProtobufCEnumDescriptor *type)
{
    for (unsigned i = 0; i < type->n_values; i++)
        if (type->values[i].value > 0)
            return type->values[i].value;
    return 0;
}

static void set_text(void *at, const ProtobufCFieldDescriptor *f)
{
    char *text = strdup(f->name);
    upp_check(text);
    memcpy(at, &text, sizeof text);
}

static void set_message(void *at, const ProtobufCFieldDescriptor *f, int deep)
{
    ProtobufCMessage *inner = made_up(f->descriptor, deep - 1);
    memcpy(at, &inner, sizeof inner);
}

/* Lists and bytes stay empty: the commitment is the bench's to fill. */
static void set_field(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int deep)
{
    void *at = (uint8_t *)m + f->offset;
    if (f->label == PROTOBUF_C_LABEL_REPEATED || (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return;
    const int32_t value = f->type == PROTOBUF_C_TYPE_ENUM ? some_value(f->descriptor) : 1;
    const int64_t wide = 1790000000000;
    if (f->type == PROTOBUF_C_TYPE_STRING)
        set_text(at, f);
    else if (f->type == PROTOBUF_C_TYPE_MESSAGE && deep > 0)
        set_message(at, f, deep);
    else if (f->type == PROTOBUF_C_TYPE_INT64 || f->type == PROTOBUF_C_TYPE_UINT64)
        memcpy(at, &wide, sizeof wide);
    else if (f->type == PROTOBUF_C_TYPE_ENUM || f->type == PROTOBUF_C_TYPE_INT32 ||
             f->type == PROTOBUF_C_TYPE_UINT32 || f->type == PROTOBUF_C_TYPE_BOOL)
        memcpy(at, &value, sizeof value);
}

static ProtobufCMessage *made_up(const ProtobufCMessageDescriptor *type, int deep)
{
    ProtobufCMessage *m = malloc(type->sizeof_message);
    upp_check(m);
    protobuf_c_message_init(type, m);
    for (unsigned i = 0; i < type->n_fields; i++)
        set_field(m, &type->fields[i], deep);
    return m;
}

/* With the commitment to its content, where it has one. */
static int hear(bench *b, const upp_route *r)
{
    uint8_t bytes[32];
    ProtobufCMessage *fact = made_up(r->type, DEEP), *content = NULL;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(r->type, "commitment");
    ProtobufCBinaryData *at = NULL;
    if (field && r->content) {
        content = made_up(r->content, DEEP);
        bench_commit_to(content, bytes);
        at = (ProtobufCBinaryData *)(void *)((uint8_t *)fact + field->offset);
        *at = (ProtobufCBinaryData){ sizeof bytes, bytes };
    }
    const int rc = bench_hear(b, r->source, "someone", fact, content);
    if (at)
        *at = (ProtobufCBinaryData){ 0 };
    protobuf_c_message_free_unpacked(fact, NULL);
    if (content)
        protobuf_c_message_free_unpacked(content, NULL);
    return rc;
}

static void r42_no_event_ends_a_service(void **state)
{
    static const upp_service *const services[] = {
        &upp_registry_service, &upp_ingest_service,  &upp_classify_service, &upp_evidence_service,
        &upp_archive_service,  &upp_console_service, &upp_feed_service,
    };
    unsigned heard = 0, aside = 0;
    (void)state;
    for (size_t s = 0; s < UPP_LEN(services); s++) {
        bench *b = bench_open(services[s]);
        for (size_t i = 0; i < services[s]->n_routes; i++) {
            const upp_route *r = &services[s]->routes[i];
            if (r->verb != UPP_EVENT)
                continue;
            const int64_t parked = bench_number(b, "SELECT count(*) FROM upp_parked");
            const int rc = hear(b, r);
            if (rc < 0 || rc == 3)
                fail_msg("%s: %s: %d %s", services[s]->name, r->type->name, rc,
                         upp_node_why(b->node));
            assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_parked"),
                             parked + (rc == 2));
            heard++;
            aside += rc == 2;
        }
        bench_close(b);
    }
    printf("events that were made up  %u checked, %u were set aside\n", heard, aside);
    assert_true(heard > 140);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r42_no_event_ends_a_service) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
