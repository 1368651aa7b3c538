/* sim_voice.c - how the world speaks as a service that is not in the simulation: a real node with a
 * log and content of its own, whose one command says what it is told to. */
#include "sim.pb-c.h"
#include "sim_state.h"

typedef struct sim_said {
    const sim *s;
} sim_said;

static const char schema[] = "CREATE TABLE voice (said INTEGER NOT NULL) STRICT;";

static const ProtobufCMessageDescriptor *type_of(const sim *s, const char *name)
{
    for (size_t i = 0; i < s->n_types; i++)
        if (strcmp(s->types[i]->name, name) == 0)
            return s->types[i];
    return NULL;
}

static ProtobufCMessage *unpack(const sim *s, const char *type, ProtobufCBinaryData bytes)
{
    const ProtobufCMessageDescriptor *descriptor = type_of(s, type);
    upp_check(descriptor);
    return protobuf_c_message_unpack(descriptor, NULL, bytes.len, bytes.data);
}

/* Facts with content have a field `commitment`; the world fills it as a service would. */
static void commit_to(ProtobufCMessage *fact, upp_content *content)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(fact->descriptor, "commitment");
    upp_check(field && field->type == PROTOBUF_C_TYPE_BYTES);
    ProtobufCBinaryData *at = (ProtobufCBinaryData *)(void *)((uint8_t *)fact + field->offset);
    upp_check(at->len == 0);
    *at = upp_commitment(content);
}

static void uncommit(ProtobufCMessage *fact)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(fact->descriptor, "commitment");
    *(ProtobufCBinaryData *)(void *)((uint8_t *)fact + field->offset) = (ProtobufCBinaryData){ 0 };
}

static int on_say(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const sim *s = ((const sim_said *)self)->s;
    const Uppsikt__Sim__Say *say = msg;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *fact = unpack(s, say->type, say->fact);
    upp_check(fact);
    if (!say->content_type[0])
        return upp_emit(txn, say->subject, fact, NULL);

    UPP_AUTO(upp_msg_freep)
    ProtobufCMessage *body = unpack(s, say->content_type, say->content);
    upp_check(body);
    upp_content content = { 0 };
    UPP_TRY(upp_keep(txn, UPP_ABOUT(say->subject), body, &content));
    commit_to(fact, &content);
    const int rc = upp_emit(txn, say->subject, fact, &content);
    uncommit(fact);
    return rc;
}

typedef struct sim_voice_of {
    upp_service service; /* first: freed by its address */
    upp_route route;
    sim_said said;
    char name[64];
} sim_voice_of;

void sim_voice_free(const upp_service *service)
{
    union {
        const upp_service *in;
        void *out;
    } u = { service };
    free(u.out);
}

sim_host *sim_voice(sim *s, const char *source)
{
    sim_host *h = sim_host_of(s, source);
    if (h) {
        upp_check(h->world);
        return h;
    }
    sim_voice_of *v = sim_alloc(sizeof *v);
    snprintf(v->name, sizeof v->name, "%s", source);
    v->said.s = s;
    v->route = (upp_route){ UPP_COMMAND, NULL, &uppsikt__sim__say__descriptor, on_say, NULL };
    v->service =
        (upp_service){ .name = v->name, .schema = schema, .routes = &v->route, .n_routes = 1 };
    h = sim_host_new(s, &v->service, true);
    h->config = &v->said;
    h->rank = s->n_world++;
    sim_host_up(h);
    return h;
}

static void know(sim *s, const ProtobufCMessageDescriptor *type)
{
    if (type_of(s, type->name))
        return;
    SIM_MORE(s->types, s->n_types);
    s->types[s->n_types++] = type;
}

static sim_buf pack(const ProtobufCMessage *m)
{
    sim_buf b = { 0 };
    sim_buf_resize(&b, protobuf_c_message_get_packed_size(m) + 1);
    b.len = protobuf_c_message_pack(m, b.at);
    return b;
}

void sim_say(sim *s, const char *source, const char *subject, const ProtobufCMessage *m,
             const ProtobufCMessage *content)
{
    sim_host *voice = sim_voice(s, source);
    Uppsikt__Sim__Say say = UPPSIKT__SIM__SAY__INIT;
    sim_buf fact = pack(m), body = { 0 };
    know(s, m->descriptor);
    say.subject = upp_lend(subject);
    say.type = upp_lend(m->descriptor->name);
    say.fact = (ProtobufCBinaryData){ fact.len, fact.at };
    if (content) {
        know(s, content->descriptor);
        body = pack(content);
        say.content_type = upp_lend(content->descriptor->name);
        say.content = (ProtobufCBinaryData){ body.len, body.at };
    }
    (void)sim_send(s, voice, NULL, &say.base);
    sim_buf_done(&fact);
    sim_buf_done(&body);
}
