/* subscriber.c - asks, delivers, tops up; when in doubt it asks again from its cursor. */
#include "subscriber.h"
#include "capped.h"
#include "link.h"
#include "node_state.h" /* upp_chain_hash */
#include "upp/log.h"
#include <stdlib.h>
#include <string.h>

enum { SHARE = 64, TYPES_MAX = 256 };
/* Heartbeats come each second: after so long without one we ask again. */
static const upp_ms silent_span = 3 * UPP_SECOND, refused_span = 5 * UPP_SECOND, rest_span = 50;
/* A name is looked up again when nothing has been heard for so long. */
static const upp_ms lost_span = 10 * UPP_SECOND;

typedef struct source {
    upp_subscriber *sub;
    const char *name; /* the node's */
    upp_link link;
    upp_point cursor; /* as far as delivered; committed when the batch is */
    upp_point head;
    upp_ms heard_ms;     /* real */
    upp_ms heard, asked; /* steady; 0: never */
    bool ask, forked, counting, resting;
    const char *refused;
    uint32_t used_events; /* of the credit, since it was last given */
    uint64_t used_bytes;
    unsigned behind; /* heartbeats in a row that told of more, and nothing came */
    upp_wire held;   /* could not be handled now; goes first */
} source;

struct upp_subscriber {
    upp_subscriber_parts with;
    upp_peers *peers;
    upp_worker *names;
    source *sources;
    size_t n;
};

static bool read_cursor(source *s)
{
    const int rc = upp_node_cursor(s->sub->with.loop->node, s->name, &s->cursor);
    s->forked = rc == 1;
    return rc >= 0;
}

static void open_source(source *s)
{
    char *endpoint = upp_peers_where(s->sub->peers, s->name, upp_log_say);
    if (endpoint)
        (void)upp_link_open(&s->link, s->sub->with.loop, s->sub->with.keys, s->sub->names, s->name,
                            endpoint); /* said why; beat tries again */
    s->ask = true;
}

upp_subscriber *upp_subscriber_new(const upp_subscriber_parts *parts, upp_peers *peers)
{
    upp_subscriber *sub = calloc(1, sizeof *sub);
    upp_check(sub != NULL);
    sub->with = *parts;
    sub->peers = peers;
    sub->names = upp_worker_new();
    upp_loop_fd(parts->loop, upp_worker_fd(sub->names), UPP_READABLE, upp_worker_collect,
                sub->names);
    while (upp_node_source(parts->loop->node, sub->n))
        sub->n++;
    sub->sources = calloc(sub->n + 1, sizeof *sub->sources);
    upp_check(sub->sources != NULL);
    for (size_t i = 0; i < sub->n; i++) {
        source *s = &sub->sources[i];
        s->sub = sub;
        s->name = upp_node_source(parts->loop->node, i);
        open_source(s);
        upp_check(read_cursor(s)); /* the store has just been opened */
    }
    return sub;
}

static void wake(void *self);

void upp_subscriber_free(upp_subscriber *sub)
{
    if (!sub)
        return;
    for (size_t i = 0; i < sub->n; i++) {
        upp_loop_in(sub->with.loop, -1, wake, &sub->sources[i]);
        upp_wire_drop(&sub->sources[i].held);
        upp_link_close(&sub->sources[i].link);
    }
    upp_loop_fd(sub->with.loop, upp_worker_fd(sub->names), 0, NULL, NULL);
    if (!upp_worker_free(sub->names, UPP_SECOND))
        upp_log(UPP_INFO, NULL, "a name is still being looked up; it is left behind");
    upp_peers_free(sub->peers);
    free(sub->sources);
    free(sub);
}

/* -- asking -- */
/* What our routes hear of that source, and what every runtime hears. */
static size_t types_of(const source *s, char **types, bool *ret_content)
{
    const upp_service *service = upp_node_service(s->sub->with.loop->node);
    size_t n = 0;
    *ret_content = false;
    for (size_t i = 0; i < service->n_routes && n < TYPES_MAX - 1; i++) {
        const upp_route *r = &service->routes[i];
        if (r->verb != UPP_EVENT || !upp_part_of(r->source, s->name))
            continue;
        types[n++] = upp_lend(r->type->name);
        *ret_content = *ret_content || r->content;
    }
    if (strcmp(s->name, "evidence") == 0)
        types[n++] = upp_lend(uppsikt__disposal_approved__descriptor.name);
    return n;
}

/* Asks from the cursor, with fresh credit. What the old subscription still has on its way comes
 * first and is not counted (the owner answers with a heartbeat before the first event). */
static void subscribe(source *s)
{
    char *types[TYPES_MAX];
    bool content = false;
    if (s->forked)
        return;
    Uppsikt__Subscribe out = UPPSIKT__SUBSCRIBE__INIT;
    out.source = upp_lend(s->name);
    if (s->cursor.seq > 0) {
        out.epoch = (ProtobufCBinaryData){ sizeof s->cursor.epoch, s->cursor.epoch };
        out.hash = (ProtobufCBinaryData){ sizeof s->cursor.hash, s->cursor.hash };
    }
    out.after = s->cursor.seq;
    out.n_types = types_of(s, types, &content);
    out.types = types;
    out.want_content = content;
    out.credit_events = UPP_CREDIT_EVENTS;
    out.credit_bytes = UPP_CREDIT_BYTES;
    if (!upp_link_say(&s->link, &out.base))
        return; /* not connected: asked when it is */
    s->ask = s->counting = false;
    s->asked = upp_steady_now();
    s->used_events = 0;
    s->used_bytes = 0;
    s->behind = 0;
}

/* -- hearing -- */
static void on_heartbeat(source *s, const upp_frames *frames)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__heartbeat__descriptor, frames->envelope);
    const Uppsikt__Heartbeat *beat = (const Uppsikt__Heartbeat *)msg;
    if (!beat || strcmp(beat->source, s->name) != 0 || beat->epoch.len != 16 ||
        beat->hash.len != 32) {
        upp_log(UPP_WARN, s->name, "a heartbeat that cannot be read");
        return;
    }
    memcpy(s->head.epoch, beat->epoch.data, 16);
    memcpy(s->head.hash, beat->hash.data, 32);
    s->head.seq = beat->seq;
    s->heard_ms = upp_real_now();
    s->heard = upp_steady_now();
    s->refused = NULL;
    s->counting = true;
    s->behind = beat->seq > s->cursor.seq && !s->held.full ? s->behind + 1 : 0;
}

static const char *reason_word(Uppsikt__SubscribeRefused__Reason reason)
{
    static const struct {
        Uppsikt__SubscribeRefused__Reason reason;
        const char *word;
    } rows[] = { { UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_NO_RIGHT, "no-right" },
                 { UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_FORKED, "forked" },
                 { UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_WRONG_SOURCE, "wrong-source" },
                 { UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_MALFORMED, "malformed" },
                 { UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_TOO_MANY, "too-many" } };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (rows[i].reason == reason)
            return rows[i].word;
    return "refused";
}

static void stop_forked(source *s)
{
    s->forked = true;
    s->refused = "forked";
    upp_log(UPP_ERROR, s->name,
            "its log has forked from our cursor at %lld: the subscription stands "
            "still until people decide",
            (long long)s->cursor.seq);
}

/* The owner says that our cursor is not on its log: that is an event of ours (ForkDetected), which
 * the node says when it meets another hash in the cursor's place. The owner did not tell its hash,
 * so a stub with none stands for it. */
static int say_forked(source *s)
{
    uint8_t zeros[32] = { 0 };
    uint8_t hash[32];
    upp_point at = s->cursor;
    Uppsikt__Chain chain = UPPSIKT__CHAIN__INIT;
    upp_chain_hash(at.epoch, at.seq, zeros, zeros, hash);
    chain.epoch = (ProtobufCBinaryData){ sizeof at.epoch, at.epoch };
    chain.seq = at.seq;
    chain.prev = chain.eh = (ProtobufCBinaryData){ sizeof zeros, zeros };
    chain.hash = (ProtobufCBinaryData){ sizeof hash, hash };
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(&chain.base);
    const int rc =
        upp_batch_event(s->sub->with.batch, s->name,
                        &(upp_frames){ .type = upp_text("uppsikt.Stub"), .chain = packed });
    return upp_fatal(rc) ? rc : 0;
}

static int on_refused(source *s, const upp_frames *frames)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__subscribe_refused__descriptor, frames->envelope);
    const Uppsikt__SubscribeRefused *no = (const Uppsikt__SubscribeRefused *)msg;
    if (!no) {
        upp_log(UPP_WARN, s->name, "a refusal that cannot be read");
        return 0;
    }
    s->refused = reason_word(no->reason);
    s->asked = upp_steady_now();
    if (no->reason != UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_FORKED) {
        upp_log(UPP_ERROR, s->name, "subscription refused: %s", s->refused);
        return 0;
    }
    if (s->forked || s->cursor.seq == 0)
        return 0;
    stop_forked(s);
    return say_forked(s);
}

/* The event's place in the log; false: it cannot be read. */
static bool place_of(const upp_frames *frames, upp_point *ret_place)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__chain__descriptor, frames->chain);
    const Uppsikt__Chain *chain = (const Uppsikt__Chain *)msg;
    if (!chain || chain->epoch.len != sizeof ret_place->epoch ||
        chain->hash.len != sizeof ret_place->hash || chain->seq < 1)
        return false;
    memcpy(ret_place->epoch, chain->epoch.data, sizeof ret_place->epoch);
    memcpy(ret_place->hash, chain->hash.data, sizeof ret_place->hash);
    ret_place->seq = chain->seq;
    return true;
}

static void moved(source *s, const upp_frames *event, const upp_point *place)
{
    if (s->counting) {
        s->used_events++;
        s->used_bytes += upp_wire_bytes(event);
    }
    s->behind = 0;
    if (place->seq == s->cursor.seq + 1) /* else it was seen before */
        s->cursor = *place;
}

static void wake(void *self)
{
    source *s = self;
    s->resting = false;
    if (upp_link_socket(&s->link))
        upp_loop_tap(s->sub->with.loop, upp_link_socket(&s->link), ZMQ_POLLIN);
}

static void rest(source *s, upp_wire *wire)
{
    if (wire != &s->held)
        upp_wire_move(wire, &s->held);
    s->resting = true;
    upp_loop_tap(s->sub->with.loop, upp_link_socket(&s->link), 0);
    upp_loop_in(s->sub->with.loop, rest_span, wake, s);
}

static int on_event(source *s, upp_wire *wire)
{
    upp_point place = { 0 };
    const bool read = place_of(&wire->frames, &place);
    if (s->forked)
        return 0;
    if (!read || place.seq > s->cursor.seq + 1) { /* garbled, or lost: the log still has it */
        upp_log(UPP_WARN, s->name, "expected %lld, got %lld: asking again",
                (long long)s->cursor.seq + 1, (long long)place.seq);
        s->ask = true;
        return 0;
    }
    const int rc = upp_batch_event(s->sub->with.batch, s->name, &wire->frames);
    if (upp_fatal(rc))
        return rc;
    if (rc == UPP_E_BUSY)
        rest(s, wire);
    else if (rc == UPP_E_INPUT)
        s->ask = true;
    else if (rc == 3)
        stop_forked(s);
    else
        moved(s, &wire->frames, &place);
    return 0;
}

static int take_one(source *s, upp_wire *wire)
{
    if (upp_wire_is(&wire->frames, "uppsikt.Heartbeat")) {
        on_heartbeat(s, &wire->frames);
        return 0;
    }
    if (upp_wire_is(&wire->frames, "uppsikt.SubscribeRefused"))
        return on_refused(s, &wire->frames);
    return on_event(s, wire);
}

static int take_share(source *s)
{
    const upp_batch *batch = s->sub->with.batch;
    if (upp_link_connected(&s->link)) {
        s->ask = true;
        subscribe(s);
    }
    for (size_t n = 0; n < SHARE && upp_batch_room(batch) && !s->resting; n++) {
        int rc = 0;
        if (s->held.full) {
            rc = take_one(s, &s->held);
            if (!s->resting)
                upp_wire_drop(&s->held);
        } else {
            upp_wire wire;
            if (!upp_link_socket(&s->link))
                return 0;
            const enum upp_got got = upp_wire_take(upp_link_socket(&s->link), false, &wire);
            if (got == UPP_GOT_NOTHING)
                return 0;
            if (got == UPP_GOT_GARBLED) {
                upp_log(UPP_WARN, s->name, "frames that are no message");
                continue;
            }
            rc = take_one(s, &wire);
            upp_wire_drop(&wire);
        }
        UPP_TRY(rc);
    }
    return 0;
}

int upp_subscriber_take(upp_subscriber *sub)
{
    const upp_batch *batch = sub->with.batch;
    size_t before;
    do {
        before = batch->inputs;
        for (size_t i = 0; i < sub->n; i++)
            UPP_TRY(take_share(&sub->sources[i]));
    } while (batch->inputs > before && upp_batch_room(batch));
    return 0;
}

void upp_subscriber_committed(upp_subscriber *sub)
{
    for (size_t i = 0; i < sub->n; i++) {
        source *s = &sub->sources[i];
        if (s->used_events < UPP_CREDIT_EVENTS / 2 && s->used_bytes < UPP_CREDIT_BYTES / 2)
            continue;
        Uppsikt__Credit out = UPPSIKT__CREDIT__INIT;
        out.source = upp_lend(s->name);
        out.events = s->used_events;
        out.bytes = s->used_bytes;
        if (!upp_link_say(&s->link, &out.base))
            continue; /* not connected: a new subscription gives new credit */
        s->used_events = 0;
        s->used_bytes = 0;
    }
}

/* -- each second -- */
/* A person has accepted where the source was cut: we go on from there. */
static void look_at_fork(source *s)
{
    if (!read_cursor(s) || s->forked)
        return;
    upp_log(UPP_INFO, s->name, "goes on from %lld: the cut was accepted", (long long)s->cursor.seq);
    upp_wire_drop(&s->held);
    s->refused = NULL;
    s->ask = true;
}

static void beat_source(source *s)
{
    const upp_ms now = upp_steady_now();
    if (s->forked)
        look_at_fork(s);
    if (s->forked)
        return;
    if (!upp_link_socket(&s->link) || s->link.failed ||
        (now - s->heard > lost_span && now - s->asked > lost_span)) {
        if (!s->link.endpoint)
            open_source(s);
        else
            upp_link_again(&s->link);
    }
    const bool silent = now - s->heard > silent_span && now - s->asked > silent_span;
    const bool refused = s->refused && now - s->asked > refused_span;
    if ((s->ask && now - s->asked >= UPP_SECOND) || (s->refused ? refused : silent) ||
        s->behind >= 3) {
        s->ask = true;
        subscribe(s);
    }
}

void upp_subscriber_beat(upp_subscriber *sub)
{
    for (size_t i = 0; i < sub->n; i++)
        beat_source(&sub->sources[i]);
}

void upp_subscriber_reload(upp_subscriber *sub, upp_peers *peers)
{
    if (peers) {
        upp_peers_free(sub->peers);
        sub->peers = peers;
    }
    for (size_t i = 0; i < sub->n; i++) {
        source *s = &sub->sources[i];
        char *endpoint = upp_peers_where(sub->peers, s->name, upp_log_say);
        if (endpoint && s->link.endpoint && strcmp(endpoint, s->link.endpoint) == 0) {
            free(endpoint);
            upp_link_again(&s->link);
        } else if (endpoint) {
            upp_link_close(&s->link);
            (void)upp_link_open(&s->link, sub->with.loop, sub->with.keys, sub->names, s->name,
                                endpoint);
        }
    }
}

void upp_subscriber_pause(upp_subscriber *sub)
{
    for (size_t i = 0; i < sub->n; i++) {
        source *s = &sub->sources[i];
        s->resting = true;
        upp_loop_in(s->sub->with.loop, rest_span, wake, s);
        if (upp_link_socket(&s->link))
            upp_loop_tap(s->sub->with.loop, upp_link_socket(&s->link), 0);
    }
}

size_t upp_subscriber_count(const upp_subscriber *sub)
{
    return sub->n;
}

upp_source_state upp_subscriber_state(const upp_subscriber *sub, size_t i)
{
    char key[UPP_Z85];
    const source *s = &sub->sources[i];
    return (upp_source_state){ .source = s->name,
                               .cursor = s->cursor,
                               .head = s->head,
                               .heard_ms = s->heard_ms,
                               .forked = s->forked,
                               .absent = !upp_keys_of(sub->with.keys, s->name, key),
                               .refused = s->refused };
}
