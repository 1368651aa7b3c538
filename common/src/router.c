/* router.c - who is it, may they, then do it. */
#include "router.h"
#include "capped.h"
#include "objects.h"
#include "upp/log.h"
#include "uppsikt/runtime.pb-c.h"
#include <stdlib.h>
#include <string.h>

enum { QUEUE_MAX = 256, PEERS_MAX = 64, LOGS_A_SECOND = 10 };
/* Requests of one peer: so many a second, and so many at once. */
enum { RATE = 5000, BURST = 10000 };
static const upp_ms give_span = 20;

typedef struct bucket {
    char peer[UPP_PEER];
    int64_t tokens;
    upp_ms at; /* steady */
} bucket;

typedef struct queued { /* a query or an ObjectGet, until after COMMIT */
    upp_wire wire;
    char peer[UPP_PEER];
    uint8_t id[16];
    bool content;
} queued;

struct upp_router {
    upp_router_parts with;
    upp_rights *rights;
    upp_subscriptions *subs;
    queued *queue[QUEUE_MAX]; /* a ring */
    size_t first, n_queued;
    bucket buckets[PEERS_MAX];
    size_t n_buckets;
    unsigned logs_left;
    uint64_t dropped, unlogged;
};

upp_router *upp_router_new(const upp_router_parts *parts, upp_rights *rights)
{
    upp_router *r = calloc(1, sizeof *r);
    upp_check(r != NULL);
    r->with = *parts;
    r->rights = rights;
    r->subs = upp_subscriptions_new(parts->loop->node, parts->keys, parts->socket);
    r->logs_left = LOGS_A_SECOND;
    return r;
}

static void queued_free(queued *q)
{
    upp_wire_drop(&q->wire);
    free(q);
}

void upp_router_free(upp_router *router)
{
    if (!router)
        return;
    for (size_t i = 0; i < router->n_queued; i++)
        queued_free(router->queue[(router->first + i) % QUEUE_MAX]);
    upp_subscriptions_free(router->subs);
    upp_rights_free(router->rights);
    free(router);
}

/* The security log: a stranger who knocks all night fills no disk. */
static void drop(upp_router *r, const char *peer, const char *why)
{
    r->dropped++;
    if (r->logs_left == 0) {
        r->unlogged++;
        return;
    }
    r->logs_left--;
    upp_log(UPP_WARN, peer, "message dropped: %s", why);
}

static bool within_rate(upp_router *r, const char *peer)
{
    const upp_ms now = upp_steady_now();
    size_t i = 0;
    while (i < r->n_buckets && strcmp(r->buckets[i].peer, peer) != 0)
        i++;
    if (i == r->n_buckets) {
        i = r->n_buckets < PEERS_MAX ? r->n_buckets++ : (size_t)(now % PEERS_MAX);
        r->buckets[i] = (bucket){ .tokens = BURST, .at = now };
        memcpy(r->buckets[i].peer, peer, strlen(peer) + 1);
    }
    bucket *b = &r->buckets[i];
    const int64_t gained = (now - b->at) * RATE / UPP_SECOND;
    if (gained > 0) {
        b->tokens = b->tokens + gained < BURST ? b->tokens + gained : BURST;
        b->at = now;
    }
    if (b->tokens == 0)
        return false;
    b->tokens--;
    return true;
}

/* -- answers -- */
typedef struct reply {
    upp_router *r;
    const upp_identity *to;
    bool content;
    bool broken; /* the peer is gone, or does not read */
} reply;

static void send_answer(reply *to, const upp_frames *row)
{
    upp_frames out = *row;
    if (!to->content)
        out.content = (upp_bytes){ 0 };
    if (upp_wire_bytes(&out) > UPP_WIRE_BYTES) {
        upp_log(UPP_ERROR, NULL, "a row longer than a message may be");
        to->broken = true;
        return;
    }
    to->broken = upp_wire_send(to->r->with.socket, to->to, &out) != UPP_SENT;
}

static void refuse(upp_router *r, const upp_identity *to, const uint8_t id[16], const char *why)
{
    uint8_t copy[16];
    memcpy(copy, id, sizeof copy);
    reply out = { .r = r, .to = to };
    Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof copy, copy };
    head.last = true;
    head.refused = upp_lend(why);
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(&head.base);
    send_answer(&out, &(upp_frames){ .chain = packed });
}

static void complete_state(reply *to, const upp_frames *row)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__service_state__descriptor, row->envelope);
    upp_check(msg != NULL); /* the node has just packed it */
    const Uppsikt__ServiceState *state = (const Uppsikt__ServiceState *)msg;
    Uppsikt__ServiceState full = *state; /* what is added is lent, and not freed with msg */
    to->r->with.state(to->r->with.state_ctx, &full);
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(&full.base);
    upp_frames out = *row;
    out.envelope = packed;
    send_answer(to, &out);
}

static bool give_row(void *ctx, const upp_frames *row)
{
    reply *to = ctx;
    if (to->broken)
        return false;
    if (upp_wire_is(row, "uppsikt.ServiceState"))
        complete_state(to, row);
    else
        send_answer(to, row);
    return !to->broken;
}

/* The node says the rows and their end, with their heads. */
static int give_query(upp_router *r, const queued *q)
{
    upp_node *node = r->with.loop->node;
    reply out = { .r = r, .to = &q->wire.from, .content = q->content };
    const int rc =
        upp_node_query(node, upp_loop_now(r->with.loop), q->peer, &q->wire.frames, give_row, &out);
    if (rc < 0)
        upp_log(upp_fatal(rc) ? UPP_ERROR : UPP_INFO, q->peer, "query: %s", upp_node_why(node));
    if (rc < 0 && !upp_fatal(rc))
        refuse(r, &q->wire.from, q->id, "malformed-query");
    return upp_fatal(rc) ? rc : 0;
}

static int give_object(upp_router *r, const queued *q)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__object_get__descriptor, q->wire.frames.envelope);
    const Uppsikt__ObjectGet *get = (const Uppsikt__ObjectGet *)msg;
    if (!get) {
        drop(r, q->peer, "an ObjectGet that cannot be read");
        return 0;
    }
    Uppsikt__ObjectPart part;
    uint8_t sha256[32];
    uint8_t *room = malloc(UPP_PART_BYTES);
    upp_check(room != NULL);
    int rc = 0;
    if (q->content) {
        rc = upp_objects_part(r->with.loop->node, upp_loop_objects(r->with.loop), get, room, &part,
                              sha256);
    } else {
        uppsikt__object_part__init(&part);
        part.id = get->id;
        part.refused = upp_lend("no-right");
    }
    if (rc >= 0)
        (void)upp_wire_say(r->with.socket, &q->wire.from, &part.base); /* gone: it will ask again */
    free(room);
    return rc;
}

/* -- requests -- */
static enum upp_verb verb_of(const upp_router *r, const upp_frames *frames, bool *ret_known)
{
    static const struct {
        const char *type;
        enum upp_verb verb;
    } own[] = {
        { "uppsikt.DriveAgain", UPP_MAY_COMMAND },  { "uppsikt.AcceptCut", UPP_MAY_COMMAND },
        { "uppsikt.TakeBackup", UPP_MAY_COMMAND },  { "uppsikt.AppliedPast", UPP_MAY_QUERY },
        { "uppsikt.ServiceStatus", UPP_MAY_QUERY }, { "uppsikt.ParkedThings", UPP_MAY_QUERY }
    };
    const upp_service *service = upp_node_service(r->with.loop->node);
    *ret_known = true;
    for (size_t i = 0; i < UPP_LEN(own); i++)
        if (upp_wire_is(frames, own[i].type))
            return own[i].verb;
    for (size_t i = 0; i < service->n_routes; i++) {
        const upp_route *route = &service->routes[i];
        if ((route->verb == UPP_COMMAND || route->verb == UPP_QUERY) &&
            upp_wire_is(frames, route->type->name))
            return route->verb == UPP_COMMAND ? UPP_MAY_COMMAND : UPP_MAY_QUERY;
    }
    *ret_known = false;
    return UPP_MAY_COMMAND;
}

/* Moves the message to the queue: a zmq_msg_t may not be copied, so its struct is moved piece by
 * piece and the frames are lent anew. */
static void enqueue(upp_router *r, upp_wire *wire, const char *peer, const uint8_t id[16],
                    bool content)
{
    queued *q = calloc(1, sizeof *q);
    upp_check(q != NULL && r->n_queued < QUEUE_MAX);
    upp_wire_move(wire, &q->wire);
    memcpy(q->peer, peer, strlen(peer) + 1);
    memcpy(q->id, id, sizeof q->id);
    q->content = content;
    r->queue[(r->first + r->n_queued++) % QUEUE_MAX] = q;
}

static int take_request(upp_router *r, upp_wire *wire, const char *peer, bool accept)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__request_head__descriptor, wire->frames.envelope);
    const Uppsikt__RequestHead *head = (const Uppsikt__RequestHead *)msg;
    if (!head || head->id.len != 16) {
        drop(r, peer, "a request without a head");
        return 0;
    }
    bool known = false;
    bool content = false;
    const enum upp_verb verb = verb_of(r, &wire->frames, &known);
    if (!known || !upp_rights_may(r->rights, peer, verb, wire->frames.type, &content)) {
        drop(r, peer, known ? "a request without the right" : "a request of no known type");
        refuse(r, &wire->from, head->id.data, known ? "no-right" : "unknown-type");
        return 0;
    }
    if (!within_rate(r, peer)) {
        drop(r, peer, "too many requests");
        refuse(r, &wire->from, head->id.data, "too-many");
        return 0;
    }
    if (verb == UPP_MAY_QUERY) {
        enqueue(r, wire, peer, head->id.data, content);
        return 0;
    }
    if (!accept) {
        refuse(r, &wire->from, head->id.data, "not-accepting");
        return 0;
    }
    if (upp_wire_is(&wire->frames, "uppsikt.TakeBackup")) {
        upp_backup_take(r->with.backup, &wire->from, head->id.data);
        return 0;
    }
    const int rc =
        upp_batch_command(r->with.batch, peer, head->id.data, &wire->from, &wire->frames);
    if (rc == UPP_E_INPUT)
        refuse(r, &wire->from, head->id.data, "malformed-command");
    return upp_fatal(rc) ? rc : 0;
}

static int take_one(upp_router *r, upp_wire *wire, bool accept)
{
    char peer[UPP_PEER];
    if (!wire->key[0] || !upp_keys_peer(r->with.keys, wire->key, peer)) {
        drop(r, NULL, "no known key");
        return 0;
    }
    if (upp_wire_is(&wire->frames, "uppsikt.Subscribe") ||
        upp_wire_is(&wire->frames, "uppsikt.Credit")) {
        if (!within_rate(r, peer)) {
            drop(r, peer, "too many requests");
            return 0;
        }
        const int rc =
            upp_subscriptions_take(r->subs, r->rights, wire, peer, upp_loop_now(r->with.loop));
        if (rc == UPP_E_INPUT)
            drop(r, peer, "a subscription that cannot be read");
        return upp_fatal(rc) ? rc : 0;
    }
    if (upp_wire_is(&wire->frames, "uppsikt.ObjectGet")) {
        static const uint8_t none[16];
        const bool may = upp_rights_may(r->rights, peer, UPP_MAY_OBJECT, wire->frames.type, NULL);
        if (!may)
            drop(r, peer, "an object without the right");
        if (!within_rate(r, peer))
            drop(r, peer, "too many requests");
        else
            enqueue(r, wire, peer, none, may);
        return 0;
    }
    return take_request(r, wire, peer, accept);
}

int upp_router_take(upp_router *router, bool accept, size_t limit)
{
    for (size_t n = 0;
         n < limit && router->n_queued < QUEUE_MAX && upp_batch_room(router->with.batch); n++) {
        upp_wire wire;
        const enum upp_got got = upp_wire_take(router->with.socket, true, &wire);
        if (got == UPP_GOT_NOTHING)
            return 0;
        if (got == UPP_GOT_GARBLED) {
            drop(router, NULL, "frames that are no message");
            continue;
        }
        const int rc = take_one(router, &wire, accept);
        upp_wire_drop(&wire);
        UPP_TRY(rc);
    }
    return 0;
}

int upp_router_give(upp_router *router)
{
    const int more = upp_subscriptions_push(router->subs, router->rights);
    UPP_TRY(more);
    const upp_ms until = upp_steady_now() + give_span;
    while (router->n_queued > 0 && upp_steady_now() <= until) {
        queued *q = router->queue[router->first];
        router->first = (router->first + 1) % QUEUE_MAX;
        router->n_queued--;
        const int rc = upp_wire_is(&q->wire.frames, "uppsikt.ObjectGet") ? give_object(router, q)
                                                                         : give_query(router, q);
        queued_free(q);
        UPP_TRY(rc);
    }
    return more || router->n_queued > 0;
}

void upp_router_beat(upp_router *router)
{
    upp_subscriptions_beat(router->subs, upp_loop_now(router->with.loop));
    if (router->unlogged > 0)
        upp_log(UPP_WARN, NULL, "%llu more messages dropped", (unsigned long long)router->unlogged);
    router->unlogged = 0;
    router->logs_left = LOGS_A_SECOND;
}

void upp_router_reload(upp_router *router, upp_rights *rights)
{
    if (rights) {
        upp_rights_free(router->rights);
        router->rights = rights;
    }
    upp_subscriptions_revoke(router->subs, router->rights);
}

const upp_subscriptions *upp_router_subscriptions(const upp_router *router)
{
    return router->subs;
}

uint64_t upp_router_dropped(const upp_router *router)
{
    return router->dropped;
}
