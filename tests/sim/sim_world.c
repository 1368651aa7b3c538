/* sim_world.c - everybody who is not a service: mail servers, platforms, people with commands.
 *
 * Keeps the transcript of what was done, under which key and with which bytes. The effect comes
 * before the answer, and the answer may be lost: that is how outside work really is (P5). */
#include "sim_state.h"
#include "uppsikt/bus.pb-c.h"
#include <inttypes.h>

void sim_port(sim *s, const char *port, sim_outside *outside, void *ctx)
{
    SIM_MORE(s->ports, s->n_ports);
    s->ports[s->n_ports++] = (sim_ported){ sim_text(port), outside, ctx };
}

bool sim_object(sim *s, const char *service, const char *id, const void *bytes, size_t n)
{
    char name[160];
    const sim_host *h = sim_host_of(s, service);
    upp_check(h);
    snprintf(name, sizeof name, "objects/%s", id);
    return sim_disk_put(h->disk, name, bytes, n);
}

typedef struct sim_objects_look {
    const char *prefix;
    void (*each)(void *ctx, const char *id, const uint8_t *at, size_t n);
    void *ctx;
} sim_objects_look;

static void look_at(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    const sim_objects_look *look = ctx;
    if (strncmp(name, "objects/", 8) == 0 &&
        strncmp(name + 8, look->prefix, strlen(look->prefix)) == 0)
        look->each(look->ctx, name + 8, at, n);
}

void sim_objects(const sim *s, const char *service, const char *prefix,
                 void (*each)(void *ctx, const char *id, const uint8_t *at, size_t n), void *ctx)
{
    const sim_host *h = sim_host_of(s, service);
    upp_check(h);
    sim_disk_each(h->disk, look_at, &(sim_objects_look){ prefix, each, ctx });
}

typedef struct sim_names {
    char **list;
    size_t n;
} sim_names;

static void note_name(void *ctx, const char *id, const uint8_t *at, size_t n)
{
    sim_names *names = ctx;
    (void)at, (void)n;
    SIM_MORE(names->list, names->n);
    names->list[names->n++] = sim_text(id);
}

size_t sim_objects_away(sim *s, const char *service, const char *prefix)
{
    sim_names names = { 0 };
    sim_objects(s, service, prefix, note_name, &names);
    for (size_t i = 0; i < names.n; i++) {
        char name[160];
        snprintf(name, sizeof name, "objects/%s", names.list[i]);
        sim_disk_unlink(sim_host_of(s, service)->disk, name);
        free(names.list[i]);
    }
    free(names.list);
    return names.n;
}

/* -- asks -- */
static sim_effect *effect_of(sim *s, const char *service, const char *port, const char *key)
{
    for (size_t i = s->n_effects; i-- > 0;)
        if (strcmp(s->effects[i].key, key) == 0 && strcmp(s->effects[i].port, port) == 0 &&
            strcmp(s->effects[i].service, service) == 0)
            return &s->effects[i];
    return NULL;
}

/* One key means one request, at every attempt (I24). */
static sim_effect *note_attempt(sim_host *h, const char *port, const upp_asked *ask)
{
    sim *s = h->sim;
    sim_buf packed = { 0 };
    sim_buf_resize(&packed, protobuf_c_message_get_packed_size(ask->request) + 1);
    protobuf_c_message_pack(ask->request, packed.at);
    const uint64_t request = sim_fnv(SIM_FNV, packed.at, packed.len);
    sim_buf_done(&packed);

    sim_effect *e = effect_of(s, h->service->name, port, ask->key);
    if (!e) {
        SIM_MORE(s->effects, s->n_effects);
        e = &s->effects[s->n_effects++];
        const upp_service *service = h->service;
        *e =
            (sim_effect){ .service = service->name, .key = sim_text(ask->key), .request = request };
        for (size_t i = 0; i < service->n_outside; i++)
            if (strcmp(service->outside[i].port, port) == 0)
                e->port = service->outside[i].port;
    }
    s->tally.checked[SIM_I24]++;
    if (e->request != request)
        sim_broken(s, SIM_I24, "%s asks %s for something else under the key %s", h->service->name,
                   port, ask->key);
    e->attempts++;
    return e;
}

size_t sim_effects(const sim *s, const char *service, const char *port, const char *key)
{
    for (size_t i = 0; i < s->n_effects; i++)
        if (strcmp(s->effects[i].key, key) == 0 && strcmp(s->effects[i].port, port) == 0 &&
            strcmp(s->effects[i].service, service) == 0)
            return s->effects[i].effects;
    return 0;
}

typedef struct sim_ending {
    sim_host *host;
    uint64_t life;
    sim_letter letter;
} sim_ending;

static void ended(void *ctx, void *what)
{
    sim *s = ctx;
    sim_ending *e = what;
    s->busy--;
    if (!s->closing && e->host->node && e->host->life == e->life)
        sim_host_letter(e->host, &e->letter);
    else
        sim_letter_done(&e->letter);
    free(e);
}

/* Bytes of an answer after one byte of ours: an empty message is not no message. */
static sim_parcel *pack_answer(const ProtobufCMessage *m)
{
    if (!m)
        return sim_parcel_new(&(upp_frames){ 0 });
    sim_buf packed = { 0 };
    sim_buf_resize(&packed, protobuf_c_message_get_packed_size(m) + 1);
    protobuf_c_message_pack(m, packed.at + 1);
    sim_parcel *p = sim_parcel_new(&(upp_frames){ .content = { packed.at, packed.len } });
    sim_buf_done(&packed);
    return p;
}

/* An answer with nothing in it, of the type that the service expects. */
static sim_parcel *empty_answer(void)
{
    return sim_parcel_new(&(upp_frames){ .content = { (const uint8_t *)"", 1 } });
}

/* What is said for this service's port alone wins over what is said for the port of any. */
static const sim_ported *port_of(const sim *s, const char *service, const char *port)
{
    char own[96];
    const char *const names[] = { own, port };
    snprintf(own, sizeof own, "%s/%s", service, port);
    for (size_t k = 0; k < UPP_LEN(names); k++)
        for (size_t i = s->n_ports; i-- > 0;)
            if (strcmp(s->ports[i].port, names[k]) == 0)
                return &s->ports[i];
    return NULL;
}

static sim_letter do_it(sim_host *h, const char *port, const upp_asked *ask, upp_ms *takes_span)
{
    sim *s = h->sim;
    const sim_ported *p = port_of(s, h->service->name, port);
    if (!p)
        return (sim_letter){ .fate = UPP_DONE, .parcel = empty_answer() };
    sim_reply reply = { .fate = UPP_DONE, .takes_span = *takes_span };
    const sim_attempt attempt = { h->service->name, port, s->now, *ask };
    p->outside(p->ctx, s, &attempt, &reply);
    *takes_span = reply.takes_span;
    return (sim_letter){ .fate = reply.fate,
                         .parcel = pack_answer(reply.answer),
                         .after_span = reply.after_span };
}

void sim_world_ask(sim_host *h, const char *port, const upp_asked *ask)
{
    sim *s = h->sim;
    sim_effect *e = note_attempt(h, port, ask);
    upp_ms takes_span = 1 + (upp_ms)sim_below(&s->rand, 50);
    sim_letter letter = { .fate = UPP_LATER };
    const bool given_up = sim_chance(&s->rand, s->faults[SIM_PORT_NEVER]);
    if (given_up)
        letter.fate = UPP_NEVER;
    if (given_up || sim_chance(&s->rand, s->faults[SIM_PORT_LATER])) {
        letter.parcel = pack_answer(NULL);
    } else {
        letter = do_it(h, port, ask, &takes_span);
        e->effects += letter.fate == UPP_DONE;
        if (sim_chance(&s->rand, s->faults[SIM_PORT_LOST])) {
            sim_parcel_drop(letter.parcel);
            letter = (sim_letter){ .fate = UPP_LATER, .parcel = pack_answer(NULL) };
        }
    }
    letter.kind = SIM_ANSWER;
    letter.ask = ask->id;
    letter.port = e->port;
    sim_note(s, h->service->name, "ask %s %s attempt %" PRIu32 ": fate %d", port, ask->key,
             ask->attempt, (int)letter.fate);
    sim_ending *ending = sim_alloc(sizeof *ending);
    *ending = (sim_ending){ h, h->life, letter };
    s->busy++;
    sim_queue_put(&s->queue, s->now + takes_span, ended, s, ending);
}

/* -- commands -- */
static void send(void *ctx, void *what)
{
    sim *s = ctx;
    sim_sent *c = what;
    if (c->outcome || s->closing)
        return;
    if (c->to->node)
        sim_host_letter(
            c->to, &(sim_letter){ .kind = SIM_COMMAND, .parcel = sim_parcel_keep(c->request) });
    /* Patient, with the same id. */
    sim_queue_put(&s->queue, s->now + (c->to->node ? UPP_SECOND : UPP_MINUTE), send, s, c);
    if (sim_chance(&s->rand, s->faults[SIM_DOUBLE]) && c->to->node)
        sim_host_letter(
            c->to, &(sim_letter){ .kind = SIM_COMMAND, .parcel = sim_parcel_keep(c->request) });
}

size_t sim_send(sim *s, sim_host *to, const char *by, const ProtobufCMessage *m)
{
    sim_sent *c = sim_alloc(sizeof *c);
    c->to = to;
    sim_fill(&s->rand, c->id, sizeof c->id);
    c->request = sim_parcel_command(c->id, by, s->now, m);
    SIM_MORE(s->sent, s->n_sent);
    s->sent[s->n_sent++] = c;
    sim_queue_put(&s->queue, s->now, send, s, c);
    return s->n_sent - 1;
}

size_t sim_command(sim *s, const char *service, const char *by, const ProtobufCMessage *m)
{
    sim_host *to = sim_host_of(s, service);
    upp_check(to);
    return sim_send(s, to, by, m);
}

static bool same_bytes(upp_bytes a, upp_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

void sim_world_answered(sim_host *h, const uint8_t id[16], const upp_frames *outcome)
{
    sim *s = h->sim;
    for (size_t i = 0; i < s->n_sent; i++) {
        sim_sent *c = s->sent[i];
        if (c->to != h || memcmp(c->id, id, sizeof c->id) != 0)
            continue;
        if (!c->outcome) {
            c->outcome = sim_parcel_new(outcome);
            continue;
        }
        const upp_frames first = sim_parcel_frames(c->outcome);
        s->tally.checked[SIM_COMMANDS]++;
        if (!same_bytes(first.type, outcome->type) ||
            !same_bytes(first.envelope, outcome->envelope) ||
            !same_bytes(first.chain, outcome->chain))
            sim_broken(s, SIM_COMMANDS, "%s answers one command in two ways", h->service->name);
    }
}

bool sim_outcome(const sim *s, size_t command, upp_frames *ret_outcome)
{
    upp_check(command < s->n_sent);
    if (!s->sent[command]->outcome)
        return false;
    *ret_outcome = sim_parcel_frames(s->sent[command]->outcome);
    return true;
}

bool sim_world_quiet(const sim *s)
{
    for (size_t i = 0; i < s->n_sent; i++)
        if (!s->sent[i]->outcome)
            return false;
    return s->busy == 0;
}

void sim_world_done(sim *s)
{
    for (size_t i = 0; i < s->n_sent; i++) {
        sim_parcel_drop(s->sent[i]->request);
        sim_parcel_drop(s->sent[i]->outcome);
        free(s->sent[i]);
    }
    free(s->sent);
    for (size_t i = 0; i < s->n_effects; i++)
        free(s->effects[i].key);
    free(s->effects);
    for (size_t i = 0; i < s->n_ports; i++)
        free(s->ports[i].port);
    free(s->ports);
    for (size_t i = 0; i < s->n_marks; i++)
        free(s->marks[i].subject);
    free(s->marks);
    for (size_t i = 0; i < s->n_personal; i++)
        free(s->personal[i]);
    free(s->personal);
    free(s->types);
}
