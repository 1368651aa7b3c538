/* subscriptions.c - credit comes in, events go out. */
#include "subscriptions.h"
#include "capped.h"
#include "upp/log.h"
#include "uppsikt/bus.pb-c.h"
#include <stdlib.h>
#include <string.h>

enum { ALL_MAX = 256, OF_ONE_PEER_MAX = 16, TYPES_MAX = 256, EVENTS_A_TURN = 256 };

typedef struct subscription {
    upp_identity to;
    char peer[UPP_PEER];
    char key[UPP_Z85];
    int64_t after;
    uint32_t events; /* credit left */
    uint64_t bytes;
    bool want_content;
    ProtobufCMessage *asked; /* the Subscribe, for its types */
} subscription;

struct upp_subscriptions {
    upp_node *node;
    upp_keys *keys;
    void *socket;
    subscription *subs;
    size_t n, room;
};

upp_subscriptions *upp_subscriptions_new(upp_node *node, upp_keys *keys, void *socket)
{
    upp_subscriptions *subs = calloc(1, sizeof *subs);
    upp_check(subs != NULL);
    subs->node = node;
    subs->keys = keys;
    subs->socket = socket;
    return subs;
}

static void drop(upp_subscriptions *subs, size_t i)
{
    upp_unpack_free(subs->subs[i].asked);
    subs->subs[i] = subs->subs[--subs->n];
}

void upp_subscriptions_free(upp_subscriptions *subs)
{
    if (!subs)
        return;
    while (subs->n > 0)
        drop(subs, subs->n - 1);
    free(subs->subs);
    free(subs);
}

static bool same(const upp_identity *a, const upp_identity *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static subscription *find(upp_subscriptions *subs, const upp_wire *wire)
{
    for (size_t i = 0; i < subs->n; i++)
        if (same(&subs->subs[i].to, &wire->from) && strcmp(subs->subs[i].key, wire->key) == 0)
            return &subs->subs[i];
    return NULL;
}

static void add_credit(subscription *s, uint32_t events, uint64_t bytes)
{
    s->events =
        events < UPP_CREDIT_EVENTS_MAX - s->events ? s->events + events : UPP_CREDIT_EVENTS_MAX;
    s->bytes = bytes < UPP_CREDIT_BYTES_MAX - s->bytes ? s->bytes + bytes : UPP_CREDIT_BYTES_MAX;
}

static void refuse(upp_subscriptions *subs, const upp_wire *wire, const char *peer,
                   Uppsikt__SubscribeRefused__Reason reason)
{
    upp_point head = upp_node_head(subs->node);
    Uppsikt__SubscribeRefused out = UPPSIKT__SUBSCRIBE_REFUSED__INIT;
    out.source = upp_lend(upp_node_service(subs->node)->name);
    out.reason = reason;
    out.epoch = (ProtobufCBinaryData){ sizeof head.epoch, head.epoch };
    out.seq = head.seq;
    upp_log(UPP_WARN, peer, "subscription refused, reason %d", (int)reason);
    (void)upp_wire_say(subs->socket, &wire->from, &out.base); /* gone: then nobody wants to know */
}

/* Where the peer wants to go on, or that it cannot: 0, 1 (refused), or negative. */
static int start_point(upp_subscriptions *subs, const Uppsikt__Subscribe *asked,
                       Uppsikt__SubscribeRefused__Reason *ret_reason)
{
    const bool anew = asked->epoch.len == 0 && asked->after == 0;
    if (anew)
        return 0;
    if (asked->epoch.len != 16 || asked->after < 0 || (asked->after > 0 && asked->hash.len != 32)) {
        *ret_reason = UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_MALFORMED;
        return 1;
    }
    upp_point point = { .seq = asked->after };
    memcpy(point.epoch, asked->epoch.data, 16);
    if (asked->after > 0)
        memcpy(point.hash, asked->hash.data, 32);
    const int held = upp_node_holds(subs->node, &point);
    if (held == 1)
        *ret_reason = UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_FORKED;
    return held;
}

static enum upp_sent beat(upp_subscriptions *subs, const subscription *s, upp_ms now)
{
    upp_point head = upp_node_head(subs->node);
    Uppsikt__Heartbeat out = UPPSIKT__HEARTBEAT__INIT;
    out.source = upp_lend(upp_node_service(subs->node)->name);
    out.epoch = (ProtobufCBinaryData){ sizeof head.epoch, head.epoch };
    out.seq = head.seq;
    out.hash = (ProtobufCBinaryData){ sizeof head.hash, head.hash };
    out.now_ms = now;
    return upp_wire_say(subs->socket, &s->to, &out.base);
}

static bool full_for(const upp_subscriptions *subs, const char *peer)
{
    size_t of_peer = 0;
    for (size_t i = 0; i < subs->n; i++)
        of_peer += strcmp(subs->subs[i].peer, peer) == 0;
    return subs->n == ALL_MAX || of_peer == OF_ONE_PEER_MAX;
}

/* Who has gone is known only when we send: the peer's others are asked before it is refused. */
static subscription *make_room(upp_subscriptions *subs, const char *peer, upp_ms now)
{
    if (full_for(subs, peer))
        for (size_t i = subs->n; i-- > 0;)
            if (strcmp(subs->subs[i].peer, peer) == 0 &&
                beat(subs, &subs->subs[i], now) == UPP_SENT_GONE)
                drop(subs, i);
    if (full_for(subs, peer))
        return NULL;
    if (subs->n == subs->room) {
        subs->room = subs->room ? 2 * subs->room : 8;
        subs->subs = realloc(subs->subs, subs->room * sizeof *subs->subs);
        upp_check(subs->subs != NULL);
    }
    return &subs->subs[subs->n++];
}

/* 1: refused, with the reason. */
static int judge(upp_subscriptions *subs, const upp_rights *rights, const upp_wire *wire,
                 const char *peer, const Uppsikt__Subscribe *asked,
                 Uppsikt__SubscribeRefused__Reason *ret_reason)
{
    if (strcmp(asked->source, upp_node_service(subs->node)->name) != 0) {
        *ret_reason = UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_WRONG_SOURCE;
        return 1;
    }
    if (!upp_rights_any(rights, peer, UPP_MAY_EVENT)) {
        *ret_reason = UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_NO_RIGHT;
        return 1;
    }
    /* A name that the peer chose itself could be that of another one which has just gone: libzmq's
     * own names are a zero byte and a number. */
    if (wire->from.len != 5 || wire->from.at[0] != 0 || asked->n_types > TYPES_MAX) {
        *ret_reason = UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_MALFORMED;
        return 1;
    }
    return start_point(subs, asked, ret_reason);
}

/* 1: taken. */
static int subscribe(upp_subscriptions *subs, const upp_rights *rights, const upp_wire *wire,
                     const char *peer, upp_ms now, ProtobufCMessage **taken)
{
    const Uppsikt__Subscribe *asked = (const Uppsikt__Subscribe *)*taken;
    Uppsikt__SubscribeRefused__Reason reason =
        UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_UNSPECIFIED;
    const int refused = judge(subs, rights, wire, peer, asked, &reason);
    UPP_TRY(refused);
    subscription *s = find(subs, wire);
    if (refused) {
        if (s)
            drop(subs, (size_t)(s - subs->subs));
        refuse(subs, wire, peer, reason);
        return 0;
    }
    if (s) {
        upp_unpack_free(s->asked);
    } else {
        s = make_room(subs, peer, now);
        if (!s) {
            refuse(subs, wire, peer, UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_TOO_MANY);
            return 0;
        }
    }
    *s = (subscription){ .to = wire->from,
                         .after = asked->after,
                         .want_content = asked->want_content,
                         .asked = *taken };
    memcpy(s->peer, peer, strlen(peer) + 1);
    memcpy(s->key, wire->key, sizeof s->key);
    add_credit(s, asked->credit_events, asked->credit_bytes);
    *taken = NULL;
    return 1;
}

int upp_subscriptions_take(upp_subscriptions *subs, const upp_rights *rights, const upp_wire *wire,
                           const char *peer, upp_ms now)
{
    if (upp_wire_is(&wire->frames, "uppsikt.Credit")) {
        UPP_AUTO(upp_unpack_freep)
        ProtobufCMessage *msg = upp_unpack(&uppsikt__credit__descriptor, wire->frames.envelope);
        const Uppsikt__Credit *credit = (const Uppsikt__Credit *)msg;
        subscription *s = find(subs, wire);
        if (!credit || strcmp(credit->source, upp_node_service(subs->node)->name) != 0)
            return UPP_E_INPUT;
        if (s) /* none: it was revoked, or we have started anew; the peer will subscribe again */
            add_credit(s, credit->events, credit->bytes);
        return 0;
    }
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__subscribe__descriptor, wire->frames.envelope);
    if (!msg)
        return UPP_E_INPUT;
    const int rc = subscribe(subs, rights, wire, peer, now, &msg);
    if (rc == 1) /* the heartbeat that says: from here on, with fresh credit */
        (void)beat(subs, find(subs, wire), now);
    return rc < 0 ? rc : 0;
}

/* -- out -- */
typedef struct walk {
    upp_subscriptions *subs;
    const upp_rights *rights;
    subscription *s;
    unsigned left;
    bool gone, blocked;
} walk;

static bool asked_for(const subscription *s, upp_bytes type)
{
    const Uppsikt__Subscribe *asked = (const Uppsikt__Subscribe *)s->asked;
    for (size_t i = 0; i < asked->n_types; i++)
        if (strlen(asked->types[i]) == type.len && memcmp(asked->types[i], type.at, type.len) == 0)
            return true;
    return asked->n_types == 0;
}

/* What of an event this peer gets: all, without its content, or a stub that keeps the chain. */
static upp_frames visible(const walk *w, const upp_frames *event)
{
    bool content = false;
    upp_frames out = *event;
    if (!asked_for(w->s, event->type) ||
        !upp_rights_may(w->rights, w->s->peer, UPP_MAY_EVENT, event->type, &content)) {
        out.type = upp_text("uppsikt.Stub");
        out.envelope = (upp_bytes){ 0 };
        content = false;
    }
    if (!content || !w->s->want_content)
        out.content = (upp_bytes){ 0 };
    return out;
}

static bool push_one(void *ctx, const upp_frames *event)
{
    walk *w = ctx;
    subscription *s = w->s;
    const upp_frames out = visible(w, event);
    const size_t bytes = upp_wire_bytes(&out);
    w->blocked = s->events == 0 || bytes > s->bytes;
    if (w->blocked || w->left == 0)
        return false;
    switch (upp_wire_send(w->subs->socket, &s->to, &out)) {
    case UPP_SENT_GONE:
        w->gone = true;
        return false;
    case UPP_SENT_FULL:
        w->blocked = true;
        return false;
    case UPP_SENT:
        break;
    }
    s->after++;
    s->events--;
    s->bytes -= bytes;
    w->left--;
    return true;
}

int upp_subscriptions_push(upp_subscriptions *subs, const upp_rights *rights)
{
    const int64_t head = upp_node_head(subs->node).seq;
    bool more = false;
    for (size_t i = subs->n; i-- > 0;) {
        subscription *s = &subs->subs[i];
        if (s->after >= head || s->events == 0)
            continue;
        walk w = { .subs = subs, .rights = rights, .s = s, .left = EVENTS_A_TURN };
        UPP_TRY(upp_node_log(subs->node, s->after, push_one, &w));
        if (w.gone)
            drop(subs, i);
        else
            more = more || (s->after < head && !w.blocked && s->events > 0);
    }
    return more;
}

void upp_subscriptions_beat(upp_subscriptions *subs, upp_ms now)
{
    for (size_t i = subs->n; i-- > 0;)
        if (beat(subs, &subs->subs[i], now) == UPP_SENT_GONE)
            drop(subs, i);
}

void upp_subscriptions_revoke(upp_subscriptions *subs, const upp_rights *rights)
{
    for (size_t i = subs->n; i-- > 0;) {
        char peer[UPP_PEER];
        const subscription *s = &subs->subs[i];
        if (upp_keys_peer(subs->keys, s->key, peer) && strcmp(peer, s->peer) == 0 &&
            upp_rights_any(rights, peer, UPP_MAY_EVENT))
            continue;
        upp_log(UPP_WARN, s->peer, "subscription revoked");
        drop(subs, i);
    }
}

size_t upp_subscriptions_count(const upp_subscriptions *subs)
{
    return subs->n;
}

int64_t upp_subscriptions_unsent(const upp_subscriptions *subs)
{
    const int64_t head = upp_node_head(subs->node).seq;
    int64_t most = 0;
    for (size_t i = 0; i < subs->n; i++)
        if (head - subs->subs[i].after > most)
            most = head - subs->subs[i].after;
    return most;
}
