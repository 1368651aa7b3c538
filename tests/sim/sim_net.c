/* sim_net.c - what one service hears of another: a standing subscription that is slow, doubled, cut
 * and begun again, but in order for each source (F8: live and replay are one path). */
#include "sim_state.h"

typedef struct sim_arrival {
    sim_link *link;
    uint64_t session;
    sim_parcel *parcel;
    int64_t seq;
    bool again; /* a copy of what has been delivered */
    uint64_t generation;
} sim_arrival;

static sim_link *link_new(sim *s, sim_host *from, sim_host *to)
{
    sim_link *link = sim_alloc(sizeof *link);
    *link = (sim_link){ .from = from, .to = to };
    link->credit = 1 + (unsigned)sim_below(&s->rand, 64);
    SIM_MORE(to->links, to->n_links);
    to->links[to->n_links++] = link;
    return link;
}

void sim_link_free(sim_link *link)
{
    sim_buf_done(&link->handled);
    free(link);
}

static bool hears(const sim_host *h, const char *source)
{
    for (size_t i = 0; h->node && upp_node_source(h->node, i); i++)
        if (strcmp(upp_node_source(h->node, i), source) == 0)
            return true;
    return false;
}

static bool linked(const sim_host *to, const sim_host *from)
{
    for (size_t i = 0; i < to->n_links; i++)
        if (to->links[i]->from == from)
            return true;
    return false;
}

/* -- subscribing -- */
static void subscribe(sim_link *link)
{
    sim *s = link->to->sim;
    upp_point cursor = { 0 };
    link->session++;
    link->in_flight = 0;
    link->wired = false;
    if (!link->from->node || !link->to->node)
        return;
    if (upp_node_cursor(link->to->node, link->from->service->name, &cursor) < 0)
        return; /* its disk has blown; its next batch meets that too */
    const int forked = upp_node_holds(link->from->node, &cursor);
    if (forked > 0 && link->stale) {
        if (upp_node_cursor(link->to->node, link->from->service->name, &cursor) == 0)
            sim_say_forked(link, &cursor); /* and it waits for people */
        return;
    }
    if (forked > 0)
        sim_broken(s, SIM_I3, "%s stands at %lld of %s, which is not on its log",
                   link->to->service->name, (long long)cursor.seq, link->from->service->name);
    if (forked)
        return;
    link->pushed = cursor.seq;
    link->wired = true;
}

static void wire(void *ctx, void *what)
{
    (void)what;
    sim_link *link = ctx;
    if (link->wired || link->to->sim->closing)
        return;
    subscribe(link);
    if (link->wired)
        sim_net_push(link->from);
    else if (link->stale && link->from->node && link->to->node)
        sim_queue_put(&link->to->sim->queue, link->to->sim->now + 10 * UPP_SECOND, wire, link,
                      NULL);
}

static void wire_soon(sim_link *link)
{
    sim *s = link->to->sim;
    link->wired = false;
    link->session++;
    link->in_flight = 0;
    sim_queue_put(&s->queue, s->now + 1 + (upp_ms)sim_below(&s->rand, 200), wire, link, NULL);
}

void sim_net_join(sim *s, sim_host *h)
{
    for (size_t i = 0; i < s->n_hosts; i++) {
        sim_host *other = s->hosts[i];
        if (other == h)
            continue;
        if (hears(h, other->service->name) && !linked(h, other))
            wire_soon(link_new(s, other, h));
        if (hears(other, h->service->name) && !linked(other, h))
            wire_soon(link_new(s, h, other));
    }
}

/* Every link that begins or ends here. */
static void each_link(sim_host *h, void (*each)(sim_link *link))
{
    const sim *s = h->sim;
    for (size_t i = 0; i < s->n_hosts; i++)
        for (size_t k = 0; k < s->hosts[i]->n_links; k++)
            if (s->hosts[i]->links[k]->from == h || s->hosts[i]->links[k]->to == h)
                each(s->hosts[i]->links[k]);
}

void sim_net_up(sim_host *h)
{
    sim_net_join(h->sim, h);
    each_link(h, wire_soon);
}

static void cut(sim_link *link)
{
    link->wired = false;
    link->session++;
    link->in_flight = 0;
}

void sim_net_down(sim_host *h)
{
    each_link(h, cut);
}

/* -- pushing -- */
static upp_ms travel(sim *s)
{
    if (sim_chance(&s->rand, s->faults[SIM_DELAY]))
        return (upp_ms)sim_below(&s->rand, (uint64_t)(5 * UPP_MINUTE));
    return 1 + (upp_ms)sim_below(&s->rand, 5);
}

static void arrive(void *ctx, void *what);

static void send(sim_link *link, sim_parcel *parcel, int64_t seq, upp_ms at, bool again)
{
    sim_arrival *a = sim_alloc(sizeof *a);
    *a =
        (sim_arrival){ link, link->session, sim_parcel_keep(parcel), seq, again, link->generation };
    sim_queue_put(&link->to->sim->queue, at, arrive, link->to->sim, a);
}

static void deliver(sim_link *link, sim_parcel *parcel)
{
    sim_host_letter(
        link->to,
        &(sim_letter){ .kind = SIM_EVENT, .link = link, .parcel = sim_parcel_keep(parcel) });
}

static void arrive(void *ctx, void *what)
{
    sim *s = ctx;
    sim_arrival *a = what;
    sim_link *link = a->link;
    upp_point cursor = { 0 };
    if (s->closing) {
        sim_parcel_drop(a->parcel);
        free(a);
        return;
    }
    if (a->again) {
        /* What once came may come again at any later time, from whichever old session. */
        if (link->to->node && a->generation == link->generation &&
            upp_node_cursor(link->to->node, link->from->service->name, &cursor) == 0 &&
            cursor.seq >= a->seq)
            deliver(link, a->parcel);
    } else if (a->session == link->session) {
        link->in_flight--;
        deliver(link, a->parcel);
        if (sim_chance(&s->rand, s->faults[SIM_DOUBLE]))
            send(link, a->parcel, a->seq, s->now + travel(s), true);
        if (sim_chance(&s->rand, s->faults[SIM_LATE]))
            send(link, a->parcel, a->seq,
                 s->now + (upp_ms)sim_below(&s->rand, (uint64_t)(3 * UPP_DAY)), true);
        if (link->wired)
            sim_net_push(link->from);
    }
    sim_parcel_drop(a->parcel);
    free(a);
}

static bool push_one(void *ctx, const upp_frames *event)
{
    sim_link *link = ctx;
    sim *s = link->to->sim;
    if (link->in_flight >= link->credit)
        return false;
    sim_watch_wire(link->from, link->pushed + 1, event);
    upp_ms at = s->now + travel(s);
    at = at > link->arrived ? at : link->arrived;
    at = at > link->clogged ? at : link->clogged;
    link->arrived = at;
    link->in_flight++;
    link->pushed++;
    sim_parcel *parcel = sim_parcel_new(event);
    send(link, parcel, link->pushed, at, false);
    sim_parcel_drop(parcel);
    return true;
}

static void push(sim_link *link)
{
    if (!link->wired || !link->from->node || link->in_flight >= link->credit ||
        link->pushed >= upp_node_head(link->from->node).seq)
        return;
    (void)upp_node_log(link->from->node, link->pushed, push_one,
                       link); /* a blown disk ends it soon */
}

void sim_net_push(sim_host *from)
{
    const sim *s = from->sim;
    for (size_t i = 0; i < s->n_hosts; i++)
        for (size_t k = 0; k < s->hosts[i]->n_links; k++)
            if (s->hosts[i]->links[k]->from == from)
                push(s->hosts[i]->links[k]);
}

void sim_net_heal(sim *s)
{
    for (size_t i = 0; i < s->n_hosts; i++)
        for (size_t k = 0; k < s->hosts[i]->n_links; k++) {
            sim_link *link = s->hosts[i]->links[k];
            link->clogged = 0;
            if (link->in_flight > 0 && link->arrived > s->now + UPP_SECOND) {
                link->arrived = 0; /* what hangs in a clogged link is cut off and sent again */
                wire_soon(link);
            }
        }
}

bool sim_net_quiet(const sim_host *h)
{
    for (size_t i = 0; i < h->n_links; i++) {
        const sim_link *link = h->links[i];
        upp_point cursor = { 0 };
        if (!link->from->node || !link->wired || link->in_flight > 0 ||
            upp_node_cursor(h->node, link->from->service->name, &cursor) != 0 ||
            cursor.seq != upp_node_head(link->from->node).seq)
            return false;
    }
    return true;
}
