/* deliver.c - an event comes in: each once, in the order of its source, or set aside in sight. */
#include "cloudevents.pb-c.h"
#include "node_state.h"
#include <stdio.h>
#include <string.h>

void upp_opened_done(upp_opened *opened)
{
    upp_unpack_free(opened->owner);
    opened->owner = NULL;
}

static bool is_text(upp_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

int upp_envelope_open(upp_bytes envelope, const char *type, upp_opened *ret_opened)
{
    upp_opened opened = { 0 };
    opened.owner = upp_unpack(&io__cloudevents__v1__cloud_event__descriptor, envelope);
    const Io__Cloudevents__V1__CloudEvent *event =
        (const Io__Cloudevents__V1__CloudEvent *)opened.owner;
    if (!event || strcmp(event->type, type) != 0 ||
        event->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA) {
        upp_opened_done(&opened);
        return UPP_E_INPUT;
    }
    for (size_t i = 0; i < event->n_attributes; i++) {
        const Io__Cloudevents__V1__CloudEvent__AttributesEntry *a = event->attributes[i];
        if (!a->value ||
            a->value->attr_case !=
                IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING)
            continue;
        if (strcmp(a->key, "subject") == 0)
            snprintf(opened.subject, sizeof opened.subject, "%s", a->value->ce_string);
        else if (strcmp(a->key, "partitionkey") == 0)
            snprintf(opened.account, sizeof opened.account, "%s", a->value->ce_string);
        else if (strcmp(a->key, "traceparent") == 0)
            snprintf(opened.traceparent, sizeof opened.traceparent, "%s", a->value->ce_string);
        else if (strcmp(a->key, "cause") == 0)
            snprintf(opened.cause, sizeof opened.cause, "%s", a->value->ce_string);
    }
    opened.fact = (upp_bytes){ event->proto_data->value.data, event->proto_data->value.len };
    *ret_opened = opened;
    return 0;
}

/* One delivered event on its way through its savepoint. */
typedef struct delivery {
    const char *source;
    const upp_frames *frames;
    char type[128];
    bool stub;
    upp_point point; /* where it stands */
    uint8_t prev[32], eh[32];
    const upp_route *route;
    upp_opened opened;
} delivery;

static int read_chain(upp_bytes packed, delivery *ret_delivery)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__chain__descriptor, packed);
    const Uppsikt__Chain *chain = (const Uppsikt__Chain *)msg;
    if (!chain || chain->epoch.len != 16 || chain->prev.len != 32 || chain->eh.len != 32 ||
        chain->hash.len != 32 || chain->seq < 1)
        return UPP_E_INPUT;
    memcpy(ret_delivery->point.epoch, chain->epoch.data, 16);
    ret_delivery->point.seq = chain->seq;
    memcpy(ret_delivery->point.hash, chain->hash.data, 32);
    memcpy(ret_delivery->prev, chain->prev.data, 32);
    memcpy(ret_delivery->eh, chain->eh.data, 32);
    return 0;
}

/* Is it what it says it is? Only then may it move anything. */
static int read_event(const upp_frames *frames, delivery *ret_delivery)
{
    delivery *d = ret_delivery;
    uint8_t hash[32];
    if (!frames->type.at || frames->type.len >= sizeof d->type)
        return UPP_E_INPUT;
    memcpy(d->type, frames->type.at, frames->type.len);
    UPP_TRY(read_chain(frames->chain, d));
    d->stub = is_text(frames->type, "uppsikt.Stub");
    if (!d->stub) {
        upp_sha256(&frames->envelope, 1, hash);
        if (memcmp(hash, d->eh, 32) != 0)
            return UPP_E_INPUT;
    }
    upp_chain_hash(d->point.epoch, d->point.seq, d->prev, d->eh, hash);
    return memcmp(hash, d->point.hash, 32) == 0 ? 0 : UPP_E_INPUT;
}

/* -- cursors -- */
upp_cursor *upp_cursor_of(upp_node *node, const char *source)
{
    for (size_t i = 0; node->sources[i]; i++)
        if (strcmp(node->sources[i], source) == 0)
            return &node->cursors[i];
    return NULL;
}

int upp_cursors_read(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    for (size_t i = 0; node->sources[i]; i++)
        node->cursors[i] = (upp_cursor){ .source = node->sources[i] };
    UPP_ROWS row =
        upp_query(&txn, "SELECT source, seq, epoch, hash, forked FROM upp_cursor", NO_BIND);
    while (upp_next(&row)) {
        upp_cursor *c = upp_cursor_of(node, upp_col_text(&row, 0));
        const upp_bytes epoch = upp_col_bytes(&row, 2), hash = upp_col_bytes(&row, 3);
        if (epoch.len != 16 || hash.len != 32)
            return upp_node_fail(node, UPP_E_STORE, "damaged cursor of %s", upp_col_text(&row, 0));
        if (!c)
            continue; /* a source that this program does not hear any more */
        c->point.seq = upp_col_int(&row, 1);
        memcpy(c->point.epoch, epoch.at, 16);
        memcpy(c->point.hash, hash.at, 32);
        c->forked = upp_col_int(&row, 4) != 0;
    }
    return row.rc;
}

int upp_cursors_write(upp_node *node)
{
    upp_txn txn = { .node = node };
    for (size_t i = 0; node->sources[i]; i++) {
        upp_cursor *c = &node->cursors[i];
        if (!c->dirty)
            continue;
        UPP_TRY(upp_exec_blobs(
            &txn,
            "INSERT INTO upp_cursor(source, seq, forked, epoch, hash) VALUES(?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT(source) DO UPDATE SET seq = excluded.seq, forked = excluded.forked,"
            " epoch = excluded.epoch, hash = excluded.hash",
            BIND(V(c->source), V(c->point.seq), V(c->forked ? 1 : 0)),
            (upp_blob[]){ { 4, { c->point.epoch, 16 } }, { 5, { c->point.hash, 32 } } }, 2));
        c->dirty = false;
    }
    return 0;
}

int upp_node_cursor(upp_node *node, const char *source, upp_point *ret_point)
{
    const upp_cursor *c = upp_cursor_of(node, source);
    *ret_point = c ? c->point : (upp_point){ 0 };
    return c && c->forked ? 1 : 0;
}

int upp_event_handle(upp_txn *txn, const upp_route *route, upp_input *in, upp_bytes fact,
                     upp_bytes salt, upp_bytes body)
{
    UPP_AUTO(upp_unpack_freep) ProtobufCMessage *msg = upp_unpack(route->type, fact);
    if (!msg)
        return upp_fail(txn, UPP_E_INPUT, "%s/%lld is not a %s", in->source, (long long)in->seq,
                        route->type->name);
    UPP_AUTO(upp_unpack_freep) ProtobufCMessage *content = NULL;
    if (route->content && salt.at) {
        uint8_t commitment[32];
        const upp_bytes said = upp_commitment_of(msg);
        upp_commit_to(salt, body, commitment);
        if (said.len != 32 || memcmp(said.at, commitment, 32) != 0)
            return upp_fail(txn, UPP_E_INPUT, "%s/%lld: content is not what the fact says",
                            in->source, (long long)in->seq);
        const int gone = upp_forgotten(txn, in->subject);
        UPP_TRY(gone);
        content = gone ? NULL : upp_unpack(route->content, body);
        if (!gone && !content)
            return upp_fail(txn, UPP_E_INPUT, "%s/%lld: content is not a %s", in->source,
                            (long long)in->seq, route->content->name);
    }
    in->content = content;
    txn->input = in;
    const int rc = route->handle(txn, upp_node_self(txn->node), in, msg);
    txn->input = NULL;
    in->content = NULL;
    return rc;
}

static void frame_freep(Uppsikt__ContentFrame **frame)
{
    if (*frame)
        upp_unpack_free(&(*frame)->base);
    *frame = NULL;
}

/* Salt and body of a content frame, inside *ret_frame, which the caller frees. */
static int read_content(upp_bytes packed, Uppsikt__ContentFrame **ret_frame, upp_bytes *ret_salt,
                        upp_bytes *ret_body)
{
    if (!packed.at || packed.len == 0)
        return 0;
    ProtobufCMessage *msg = upp_unpack(&uppsikt__content_frame__descriptor, packed);
    if (!msg)
        return UPP_E_INPUT;
    Uppsikt__ContentFrame *frame = (Uppsikt__ContentFrame *)msg;
    *ret_salt = (upp_bytes){ frame->salt.data, frame->salt.len };
    *ret_body = (upp_bytes){ frame->body.data, frame->body.len };
    *ret_frame = frame;
    return 0;
}

/* Every runtime forgets what evidence says was approved, whether or not the service listens. */
static int hear_disposal(upp_txn *txn, const delivery *d)
{
    if (strcmp(d->source, "evidence") != 0 || strcmp(d->type, "uppsikt.DisposalApproved") != 0)
        return 0;
    ProtobufCMessage *msg = upp_unpack(&uppsikt__disposal_approved__descriptor, d->opened.fact);
    if (!msg)
        return upp_fail(txn, UPP_E_INPUT, "a disposal that cannot be read: %lld",
                        (long long)d->point.seq);
    if (txn->n_approved == UPP_LEN(txn->approved))
        return upp_fail(txn, UPP_E_BUG, "too many disposals in one input");
    txn->approved[txn->n_approved++] = msg;
    return 0;
}

static int run_delivery(upp_txn *txn, void *ctx)
{
    delivery *d = ctx;
    snprintf(txn->cause, sizeof txn->cause, "%s/%lld", d->source, (long long)d->point.seq);
    snprintf(txn->traceparent, sizeof txn->traceparent, "%s", d->opened.traceparent);
    if (d->stub)
        return 1;
    UPP_TRY(hear_disposal(txn, d));
    if (!d->route)
        return 1;
    upp_bytes salt = { 0 }, body = { 0 };
    UPP_AUTO(frame_freep) Uppsikt__ContentFrame *frame = NULL;
    if (read_content(d->frames->content, &frame, &salt, &body) < 0)
        return upp_fail(txn, UPP_E_INPUT, "%s/%lld: its content frame cannot be read", d->source,
                        (long long)d->point.seq);
    upp_input in = { .source = d->source, .seq = d->point.seq, .subject = d->opened.subject };
    const int rc = upp_event_handle(txn, d->route, &in, d->opened.fact, salt, body);
    return rc < 0 ? rc : 0;
}

static int park_delivery(upp_txn *txn, void *ctx)
{
    delivery *d = ctx;
    return upp_park_write(txn, &(upp_park){ .kind = "event",
                                            .source = d->source,
                                            .seq = d->point.seq,
                                            .type = d->type,
                                            .subject = d->opened.subject,
                                            .fact = d->frames->envelope,
                                            .body = d->frames->content });
}

typedef struct fork {
    const delivery *d;
    upp_point expected;
} fork;

static int say_fork(upp_txn *txn, void *ctx)
{
    fork *f = ctx;
    Uppsikt__ForkDetected out = UPPSIKT__FORK_DETECTED__INIT;
    out.source = upp_lend(f->d->source);
    out.epoch = (ProtobufCBinaryData){ 16, f->expected.epoch };
    out.seq = f->expected.seq;
    out.expected = (ProtobufCBinaryData){ 32, f->expected.hash };
    out.found = (ProtobufCBinaryData){ 32, (uint8_t *)upp_lend((const char *)f->d->prev) };
    UPP_TRY(
        upp_exec(txn, "UPDATE upp_cursor SET forked = 1 WHERE source = ?1", BIND(V(f->d->source))));
    return upp_emit(txn, f->d->source, &out.base, NULL);
}

/* Where the event stands against the cursor: 0 next, 1 seen before, 3 another past, or negative. */
static int place(upp_node *node, const delivery *d, upp_point *ret_cursor)
{
    const int forked = upp_node_cursor(node, d->source, ret_cursor);
    const upp_point *c = ret_cursor;
    if (forked)
        return 3;
    if (c->seq == 0) {
        static const uint8_t zeros[32];
        if (d->point.seq != 1)
            return upp_node_fail(node, UPP_E_BUSY, "%s: %lld came first", d->source,
                                 (long long)d->point.seq);
        return memcmp(d->prev, zeros, 32) == 0 ? 0 : UPP_E_INPUT;
    }
    if (d->point.seq == c->seq) /* the hash covers the epoch */
        return memcmp(c->hash, d->point.hash, 32) == 0 ? 1 : 3;
    if (d->point.seq < c->seq)
        return 1;
    if (d->point.seq > c->seq + 1)
        return upp_node_fail(node, UPP_E_BUSY, "%s: a gap after %lld", d->source,
                             (long long)c->seq);
    return memcmp(c->hash, d->prev, 32) == 0 ? 0 : 3;
}

/* Says once that a source's past has changed; its cursor stays. */
static int stop_source(upp_node *node, upp_cursor *cursor, fork *f)
{
    upp_txn txn = { .node = node };
    if (!cursor->forked) {
        UPP_TRY(upp_node_step(node, &txn, &(upp_step){ .handle = say_fork, .ctx = f }));
        cursor->forked = cursor->dirty = true;
    }
    return 3;
}

/* Another part of this service handles what is said about that account. */
static bool is_anothers(const upp_service *service, const upp_opened *opened)
{
    return service->of > 1 && opened->account[0] &&
           upp_part_for(opened->account, service->of) != service->part;
}

int upp_node_deliver(upp_node *node, const char *source, const upp_frames *event)
{
    delivery d = { .source = source, .frames = event };
    fork f = { .d = &d };
    upp_txn txn = { .node = node };
    upp_cursor *cursor = upp_cursor_of(node, source);
    upp_check(cursor);
    if (read_event(event, &d) < 0)
        return upp_node_fail(node, UPP_E_INPUT, "%s: frames that are no event", source);
    const int where = place(node, &d, &f.expected);
    if (where != 0)
        return where == 3 ? stop_source(node, cursor, &f) : where;
    if (!d.stub && upp_envelope_open(event->envelope, d.type, &d.opened) < 0)
        d.stub = true; /* an envelope of a kind that we do not know passes with its cursor */
    d.route = d.stub || is_anothers(node->service, &d.opened)
                  ? NULL
                  : upp_node_route(node, UPP_EVENT, source, d.type);
    if (!d.stub)
        upp_node_count(node->received, d.route ? d.route->type->name : "other");
    const int rc = upp_node_step(
        node, &txn, &(upp_step){ .handle = run_delivery, .park = park_delivery, .ctx = &d });
    upp_opened_done(&d.opened);
    if (rc >= 0) {
        cursor->point = d.point;
        cursor->dirty = true;
    }
    return rc;
}
