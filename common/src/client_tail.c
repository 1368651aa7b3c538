/* client_tail.c - a service's log as it grows, each link of its chain checked. */
#include "capped.h"
#include "client_state.h"
#include "digest.h"
#include "node_state.h" /* upp_chain_hash */
#include <string.h>

enum { CREDIT_EVENTS = 1024, CREDIT_BYTES = 1024 * 1024 };
/* Heartbeats come each second: after so long without anything we ask again. */
static const upp_ms silent_span = 3 * UPP_SECOND;

typedef struct tail {
    upp_client *client;
    const char *service;
    zsock_t *sock; /* a new one each time that nothing is heard */
    void *socket;
    upp_point *after;
    bool want_content;
    uint32_t used_events;
    uint64_t used_bytes;
} tail;

/* Asks over a new connection: the old one may be to a process that has died, or refused. */
static int subscribe(tail *t)
{
    zsock_destroy(&t->sock);
    t->sock = upp_client_connect(t->client, t->service);
    if (!t->sock)
        return UPP_E_INPUT;
    t->socket = zsock_resolve(t->sock);
    Uppsikt__Subscribe out = UPPSIKT__SUBSCRIBE__INIT;
    out.source = upp_lend(t->service);
    if (t->after->seq > 0) {
        out.epoch = (ProtobufCBinaryData){ sizeof t->after->epoch, t->after->epoch };
        out.hash = (ProtobufCBinaryData){ sizeof t->after->hash, t->after->hash };
    }
    out.after = t->after->seq;
    out.want_content = t->want_content;
    out.credit_events = CREDIT_EVENTS;
    out.credit_bytes = CREDIT_BYTES;
    t->used_events = 0;
    t->used_bytes = 0;
    UPP_AUTO(upp_packed_free) upp_bytes packed = upp_wire_pack(&out.base);
    return upp_client_put(
        t->client, t->socket,
        &(upp_frames){ .type = upp_text(out.base.descriptor->name), .envelope = packed },
        upp_steady_now() + silent_span);
}

static void top_up(tail *t)
{
    if (t->used_events < CREDIT_EVENTS / 2 && t->used_bytes < CREDIT_BYTES / 2)
        return;
    Uppsikt__Credit out = UPPSIKT__CREDIT__INIT;
    out.source = upp_lend(t->service);
    out.events = t->used_events;
    out.bytes = t->used_bytes;
    if (upp_wire_say(t->socket, NULL, &out.base) != UPP_SENT)
        return; /* not connected: a new subscription gives new credit */
    t->used_events = 0;
    t->used_bytes = 0;
}

/* 0: next in the log, and what it says it is; 1: seen before; negative: not. */
static int check_link(tail *t, const upp_frames *event, const Uppsikt__Chain *chain,
                      upp_point *ret_point)
{
    uint8_t hash[32];
    if (!chain || chain->epoch.len != 16 || chain->prev.len != 32 || chain->eh.len != 32 ||
        chain->hash.len != 32)
        return upp_client_fail(t->client, UPP_E_INPUT, "an event whose chain cannot be read");
    const bool stub = upp_wire_is(event, "uppsikt.Stub");
    if (!stub)
        upp_sha256(&event->envelope, 1, hash);
    if (!stub && memcmp(hash, chain->eh.data, 32) != 0)
        return upp_client_fail(t->client, UPP_E_INPUT, "event %lld is not what its chain says",
                               (long long)chain->seq);
    upp_chain_hash(chain->epoch.data, chain->seq, chain->prev.data, chain->eh.data, hash);
    if (memcmp(hash, chain->hash.data, 32) != 0)
        return upp_client_fail(t->client, UPP_E_INPUT, "the chain is broken at %lld",
                               (long long)chain->seq);
    if (chain->seq <= t->after->seq)
        return 1;
    if (chain->seq != t->after->seq + 1 ||
        (t->after->seq > 0 && memcmp(chain->prev.data, t->after->hash, 32) != 0))
        return upp_client_fail(t->client, UPP_E_INPUT, "event %lld does not follow %lld",
                               (long long)chain->seq, (long long)t->after->seq);
    memcpy(ret_point->epoch, chain->epoch.data, 16);
    ret_point->seq = chain->seq;
    memcpy(ret_point->hash, chain->hash.data, 32);
    return 0;
}

/* 0: go on; 2: `each` has had enough; 1: forked; 3: nothing new. */
static int take(tail *t, const upp_frames *frames, upp_each *each, void *ctx)
{
    if (upp_wire_is(frames, "uppsikt.Heartbeat"))
        return 3;
    if (upp_wire_is(frames, "uppsikt.SubscribeRefused")) {
        UPP_AUTO(upp_unpack_freep)
        ProtobufCMessage *msg =
            upp_unpack(&uppsikt__subscribe_refused__descriptor, frames->envelope);
        const Uppsikt__SubscribeRefused *no = (const Uppsikt__SubscribeRefused *)msg;
        if (no && no->reason == UPPSIKT__SUBSCRIBE_REFUSED__REASON__REASON_FORKED)
            return upp_client_fail(t->client, 1, "the log has forked from %lld",
                                   (long long)t->after->seq);
        return upp_client_fail(t->client, UPP_E_INPUT, "%s refuses the subscription, reason %d",
                               t->service, no ? (int)no->reason : 0);
    }
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__chain__descriptor, frames->chain);
    upp_point point = { 0 };
    const int seen = check_link(t, frames, (const Uppsikt__Chain *)msg, &point);
    UPP_TRY(seen);
    t->used_events++;
    t->used_bytes += upp_wire_bytes(frames);
    if (seen)
        return 3;
    *t->after = point;
    return each(ctx, frames) ? 0 : 2;
}

static int follow(tail *t, upp_ms wait_span, upp_each *each, void *ctx)
{
    upp_ms came = upp_steady_now();
    upp_ms heard = 0;
    for (;;) {
        const upp_ms now = upp_steady_now();
        if (wait_span >= 0 && now - came > wait_span)
            return 0;
        if (now - heard > silent_span) {
            const int asked = subscribe(t);
            if (asked < 0 && asked != UPP_E_BUSY)
                return asked;
            heard = upp_steady_now();
        }
        upp_ms until = heard + silent_span + 1;
        if (wait_span >= 0 && came + wait_span + 1 < until)
            until = came + wait_span + 1;
        UPP_AUTO(upp_wire_drop) upp_wire wire = { 0 };
        const int got = upp_client_get(t->client, t->socket, &wire, until);
        if (got == UPP_E_BUSY)
            continue;
        UPP_TRY(got);
        heard = upp_steady_now();
        const int rc = take(t, &wire.frames, each, ctx);
        if (rc < 0 || rc == 1)
            return rc;
        if (rc == 2)
            return 0;
        if (rc == 0)
            came = heard;
        top_up(t);
    }
}

static void tail_done(tail *t)
{
    zsock_destroy(&t->sock);
}

int upp_client_tail(upp_client *client, const char *service, upp_point *after, bool want_content,
                    upp_ms wait_span, upp_each *each, void *ctx)
{
    UPP_AUTO(tail_done) tail t = { 0 };
    t.client = client;
    t.service = service;
    t.after = after;
    t.want_content = want_content;
    return follow(&t, wait_span, each, ctx);
}
