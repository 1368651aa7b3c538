/* sim_watch.c - an observer of every log and every wire, who forgets nothing. */
#include "cloudevents.pb-c.h"
#include "sim_state.h"
#include "uppsikt/bus.pb-c.h"
#include <openssl/sha.h>
#include <stdarg.h>

UPP_PRINTF(3, 0)
static void note_why(sim *s, const char *what, const char *fmt, va_list args)
{
    if (s->why[0])
        return;
    const int n =
        snprintf(s->why, sizeof s->why, "%s at %lld ms: ", what, (long long)(s->now - SIM_START));
    vsnprintf(s->why + n, sizeof s->why - (size_t)n, fmt, args);
    sim_note(s, "BROKEN", "%s", s->why);
}

void sim_broken(sim *s, enum sim_invariant invariant, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    s->tally.broken[invariant]++;
    note_why(s, sim_invariant_name(invariant), fmt, args);
    va_end(args);
}

void sim_bug(sim *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    s->tally.bugs++;
    note_why(s, "bug", fmt, args);
    va_end(args);
}

void sim_sha256(const void *bytes, size_t n, uint8_t ret_hash[32])
{
    SHA256(bytes, n, ret_hash);
}

/* -- the chain, as reliability.md §5 says it, not as the runtime computes it -- */
static void chain_hash(const Uppsikt__Chain *c, uint8_t ret_hash[32])
{
    uint8_t seq[8];
    for (int i = 0; i < 8; i++)
        seq[i] = (uint8_t)((uint64_t)c->seq >> (56 - 8 * i));
    sim_buf all = { 0 };
    sim_buf_add(&all, "upp1", 4);
    sim_buf_add(&all, c->epoch.data, c->epoch.len);
    sim_buf_add(&all, seq, sizeof seq);
    sim_buf_add(&all, c->prev.data, c->prev.len);
    sim_buf_add(&all, c->eh.data, c->eh.len);
    SHA256(all.at, all.len, ret_hash);
    sim_buf_done(&all);
}

static bool is(ProtobufCBinaryData data, const uint8_t *bytes, size_t n)
{
    return data.len == n && memcmp(data.data, bytes, n) == 0;
}

static void check_chain(sim_host *h, int64_t seq, const Uppsikt__Chain *c, upp_bytes envelope)
{
    static const uint8_t zeros[32];
    uint8_t eh[32], hash[32];
    const uint8_t *prev = seq > 1 && (size_t)seq - 2 < h->n_seen ? h->seen[seq - 2].hash : zeros;
    SHA256(envelope.at, envelope.len, eh);
    chain_hash(c, hash);
    h->sim->tally.checked[SIM_I2]++;
    if (!is(c->eh, eh, 32) || !is(c->hash, hash, 32) || !is(c->prev, prev, 32))
        sim_broken(h->sim, SIM_I2, "%s/%lld: the chain does not hold", h->service->name,
                   (long long)seq);
}

/* Is this the event that was always at this place? The first observer writes it down. */
static void check_place(sim_host *h, int64_t seq, const Uppsikt__Chain *c)
{
    sim *s = h->sim;
    if (c->seq != seq) {
        sim_broken(s, SIM_I1, "%s: %lld where %lld should be", h->service->name, (long long)c->seq,
                   (long long)seq);
        return;
    }
    if ((size_t)seq > h->n_seen) {
        upp_check((size_t)seq == h->n_seen + 1);
        upp_check(c->epoch.len == 16 && c->hash.len == 32);
        SIM_MORE(h->seen, h->n_seen);
        sim_seen *new = &h->seen[h->n_seen++];
        memcpy(new->epoch, c->epoch.data, 16);
        memcpy(new->hash, c->hash.data, 32);
        new->on_wire = false;
        return;
    }
    const sim_seen *seen = &h->seen[seq - 1];
    s->tally.checked[SIM_I1]++;
    if (!is(c->epoch, seen->epoch, 16) || !is(c->hash, seen->hash, 32))
        sim_broken(s, SIM_I1, "%s/%lld is another event than before", h->service->name,
                   (long long)seq);
}

/* -- the envelope -- */
typedef struct sim_told {
    const char *subject, *cause;
    upp_ms at;
} sim_told;

typedef Io__Cloudevents__V1__CloudEvent cloud_event;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue cloud_value;

static const cloud_value *attribute(const cloud_event *e, const char *key)
{
    for (size_t i = 0; i < e->n_attributes; i++)
        if (strcmp(e->attributes[i]->key, key) == 0)
            return e->attributes[i]->value;
    return NULL;
}

static sim_told told_of(const cloud_event *e)
{
    const cloud_value *subject = attribute(e, "subject"), *cause = attribute(e, "cause"),
                      *time = attribute(e, "time");
    sim_told told = { .subject = subject ? subject->ce_string : "",
                      .cause = cause ? cause->ce_string : NULL };
    if (time && time->ce_timestamp)
        told.at = time->ce_timestamp->seconds * 1000 + time->ce_timestamp->nanos / 1000000;
    return told;
}

/* "<source>/<sequence>": that event exists, and we had come to it (I5). Causes that are no events
 * (an alarm's key, a command) name nobody who speaks. */
static void check_cause(sim_host *h, int64_t seq, const char *cause)
{
    sim *s = h->sim;
    char source[64];
    const char *slash = cause ? strchr(cause, '/') : NULL;
    if (!slash || (size_t)(slash - cause) >= sizeof source)
        return;
    snprintf(source, sizeof source, "%.*s", (int)(slash - cause), cause);
    const sim_host *from = sim_host_of(s, source);
    if (!from || from == h)
        return;
    const int64_t at = strtoll(slash + 1, NULL, 10);
    upp_point cursor = { 0 };
    const int rc = upp_node_cursor(h->node, source, &cursor);
    s->tally.checked[SIM_I5]++;
    if (at < 1 || (size_t)at > from->n_seen || (rc == 0 && cursor.seq < at))
        sim_broken(s, SIM_I5, "%s/%lld comes before its cause %s", h->service->name, (long long)seq,
                   cause);
}

/* -- logs -- */
typedef struct sim_reading {
    sim_host *host;
    int64_t seq;
    bool all; /* the whole log again, at the end */
} sim_reading;

static bool read_event(void *ctx, const upp_frames *event)
{
    sim_reading *r = ctx;
    sim_host *h = r->host;
    r->seq++;
    sim_check_told(h, "a fact", event->envelope);
    Uppsikt__Chain *chain = uppsikt__chain__unpack(NULL, event->chain.len, event->chain.at);
    cloud_event *e =
        io__cloudevents__v1__cloud_event__unpack(NULL, event->envelope.len, event->envelope.at);
    if (!chain || !e) {
        sim_broken(h->sim, SIM_I2, "%s/%lld cannot be read", h->service->name, (long long)r->seq);
        uppsikt__chain__free_unpacked(chain, NULL);
        io__cloudevents__v1__cloud_event__free_unpacked(e, NULL);
        return false;
    }
    check_place(h, r->seq, chain);
    check_chain(h, r->seq, chain, event->envelope);
    if (!r->all) {
        const sim_told told = told_of(e);
        check_cause(h, r->seq, told.cause);
        sim_story_add(h, e->type, told.subject, told.at);
        sim_mix(h->sim, chain->hash.data, chain->hash.len);
        sim_note(h->sim, h->service->name, "says %lld %s %s", (long long)r->seq, e->type,
                 told.subject);
    }
    uppsikt__chain__free_unpacked(chain, NULL);
    io__cloudevents__v1__cloud_event__free_unpacked(e, NULL);
    return true;
}

void sim_watch_log(sim_host *h)
{
    sim_reading r = { .host = h, .seq = (int64_t)h->n_seen };
    const int64_t head = upp_node_head(h->node).seq;
    if (head < r.seq)
        sim_broken(h->sim, SIM_I8, "%s: the log ends at %lld, and %lld was committed",
                   h->service->name, (long long)head, (long long)r.seq);
    if (head > r.seq)
        (void)upp_node_log(h->node, r.seq, read_event, &r); /* a blown disk is met again */
}

bool sim_watch_whole(sim_host *h)
{
    sim_reading r = { .host = h, .all = true };
    if (upp_node_log(h->node, 0, read_event, &r) < 0)
        return false;
    for (size_t i = 0; i < h->n_seen; i++) {
        if (!h->seen[i].on_wire)
            continue;
        h->sim->tally.checked[SIM_I8]++;
        if ((int64_t)i >= r.seq)
            sim_broken(h->sim, SIM_I8, "%s/%zu was on a wire and is not in the log",
                       h->service->name, i + 1);
    }
    return r.seq == (int64_t)h->n_seen;
}

void sim_watch_wire(sim_host *from, int64_t seq, const upp_frames *event)
{
    Uppsikt__Chain *chain = uppsikt__chain__unpack(NULL, event->chain.len, event->chain.at);
    upp_check(chain);
    if ((size_t)seq > from->n_seen)
        sim_broken(from->sim, SIM_I8, "%s/%lld is on a wire before it was committed",
                   from->service->name, (long long)seq);
    if ((size_t)seq <= from->n_seen) {
        check_place(from, seq, chain);
        from->seen[seq - 1].on_wire = true;
    }
    uppsikt__chain__free_unpacked(chain, NULL);
}

void sim_watch_cursor(sim_link *link)
{
    sim *s = link->to->sim;
    upp_point cursor = { 0 };
    if (upp_node_cursor(link->to->node, link->from->service->name, &cursor) != 0)
        return;
    if (link->stale) { /* people let it go back to the cut; then it goes on in the new epoch */
        if (cursor.seq <= link->cut || memcmp(cursor.epoch, link->epoch, 16) != 0)
            return;
        link->stale = false;
        link->cursor = link->cut;
    }
    s->tally.checked[SIM_I3]++;
    if (cursor.seq < link->cursor || (size_t)cursor.seq > link->from->n_seen)
        sim_broken(s, SIM_I3, "%s goes from %lld to %lld in the log of %s, which has %zu",
                   link->to->service->name, (long long)link->cursor, (long long)cursor.seq,
                   link->from->service->name, link->from->n_seen);
    link->cursor = cursor.seq;
}

/* The first event of a new epoch: what was handled past the cut was another's. */
static void forget_cut(sim_host *h, const sim_input *in)
{
    for (size_t k = 0; k < h->n_links; k++) {
        sim_link *link = h->links[k];
        if (!link->stale || in->rc < 0 || in->rc == 3 ||
            strcmp(link->from->service->name, in->who) != 0)
            continue;
        const upp_frames frames = sim_parcel_frames(in->parcel);
        Uppsikt__Chain *chain = uppsikt__chain__unpack(NULL, frames.chain.len, frames.chain.at);
        upp_check(chain);
        if (chain->seq == link->cut + 1 && memcmp(chain->epoch.data, link->epoch, 16) == 0)
            sim_buf_resize(&link->handled, (size_t)link->cut);
        uppsikt__chain__free_unpacked(chain, NULL);
    }
}

/* A committed batch: which events had their handler run (I6)? */
void sim_watch_handled(sim_host *h, const sim_journal *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const sim_input *in = &batch->inputs[i];
        if (in->kind == SIM_IN_DELIVER)
            forget_cut(h, in);
        if (in->kind != SIM_IN_DELIVER || in->rc == 1 || in->rc == 3 || in->rc == UPP_E_BUSY)
            continue;
        const upp_frames frames = sim_parcel_frames(in->parcel);
        Uppsikt__Chain *chain = uppsikt__chain__unpack(NULL, frames.chain.len, frames.chain.at);
        upp_check(chain && chain->seq > 0);
        for (size_t k = 0; k < h->n_links; k++) {
            sim_link *link = h->links[k];
            if (strcmp(link->from->service->name, in->who) != 0)
                continue;
            if (link->handled.len < (size_t)chain->seq)
                sim_buf_resize(&link->handled, (size_t)chain->seq);
            h->sim->tally.checked[SIM_I6]++;
            if (link->handled.at[chain->seq - 1]++)
                sim_broken(h->sim, SIM_I6, "%s handles %s/%lld twice", h->service->name, in->who,
                           (long long)chain->seq);
        }
        uppsikt__chain__free_unpacked(chain, NULL);
    }
}
