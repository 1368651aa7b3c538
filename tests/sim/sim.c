/* sim.c - the clock that jumps to what comes next, and the life of a simulation. */
#include "sim_state.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdarg.h>

enum { MAX_BUGS = 20 }; /* a run that has met so many tells nothing new */

sim *sim_new(uint64_t seed, const upp_service *const *services, size_t n)
{
    sim *s = sim_alloc(sizeof *s);
    *s = (sim){ .seed = seed,
                .hash = SIM_FNV,
                .now = SIM_START,
                .rand = sim_rand_new(seed, 0),
                .shadow_every = 1 };
    sim_fill(&s->rand, s->lookup_key, sizeof s->lookup_key);
    for (size_t i = 0; i < n; i++)
        sim_host_new(s, services[i], false)->rank = i;
    return s;
}

void sim_free(sim *s)
{
    if (!s)
        return;
    s->closing = true;
    sim_due due;
    while (sim_queue_take(&s->queue, &due))
        due.call(due.ctx, due.what);
    sim_queue_done(&s->queue);
    for (size_t i = 0; i < s->n_hosts; i++)
        sim_host_free(s->hosts[i]);
    free(s->hosts);
    sim_world_done(s);
    sim_story_done(s);
    free(s);
}

sim_host *sim_host_of(const sim *s, const char *service)
{
    for (size_t i = 0; i < s->n_hosts; i++)
        if (strcmp(s->hosts[i]->service->name, service) == 0)
            return s->hosts[i];
    return NULL;
}

void sim_config(sim *s, const char *service, const void *config)
{
    sim_host *h = sim_host_of(s, service);
    upp_check(h && h->life == 0);
    h->config = config;
}

void sim_trace(sim *s, FILE *out)
{
    s->trace = out;
}

void sim_shadow_every(sim *s, unsigned n)
{
    upp_check(n > 0);
    s->shadow_every = n;
    for (size_t i = 0; i < s->n_hosts; i++) {
        upp_check(s->hosts[i]->life == 0);
        s->hosts[i]->shadowed = (s->seed + i) % n == 0;
    }
}

void sim_note(sim *s, const char *who, const char *fmt, ...)
{
    if (!s->trace)
        return;
    va_list args;
    va_start(args, fmt);
    fprintf(s->trace, "%12lld %-12s ", (long long)(s->now - SIM_START), who);
    vfprintf(s->trace, fmt, args);
    fputc('\n', s->trace);
    va_end(args);
}

void sim_mix(sim *s, const void *bytes, size_t n)
{
    s->hash = sim_fnv(s->hash, bytes, n);
}

upp_ms sim_now(const sim *s)
{
    return s->now;
}

uint64_t sim_hash(const sim *s)
{
    return s->hash;
}

const char *sim_why(const sim *s)
{
    return s->why;
}

upp_node *sim_node(sim *s, const char *service)
{
    sim_host *h = sim_host_of(s, service);
    return h ? h->node : NULL;
}

static void all_up(sim *s)
{
    for (size_t i = 0; i < s->n_hosts; i++)
        if (s->hosts[i]->life == 0)
            sim_host_up(s->hosts[i]);
}

void sim_run(sim *s, upp_ms span)
{
    const upp_ms end = s->now + span;
    sim_due due;
    all_up(s);
    while (s->tally.bugs < MAX_BUGS && sim_queue_next(&s->queue) <= end &&
           sim_queue_take(&s->queue, &due)) {
        s->now = due.at > s->now ? due.at : s->now;
        sim_mix(s, &s->now, sizeof s->now);
        due.call(due.ctx, due.what);
    }
    s->now = end;
}

typedef struct sim_later {
    void (*call)(sim *s, void *ctx);
    void *ctx;
} sim_later;

static void call_later(void *ctx, void *what)
{
    sim *s = ctx;
    sim_later *later = what;
    if (!s->closing)
        later->call(s, later->ctx);
    free(later);
}

void sim_in(sim *s, upp_ms span, void (*call)(sim *s, void *ctx), void *ctx)
{
    sim_later *later = sim_alloc(sizeof *later);
    *later = (sim_later){ call, ctx };
    sim_queue_put(&s->queue, s->now + span, call_later, s, later);
}

void sim_forgotten(sim *s, const char *subject)
{
    for (size_t i = 0; i < s->n_marks; i++)
        if (strcmp(s->marks[i].subject, subject) == 0)
            s->marks[i].forgotten = true;
}

void sim_forget(sim *s, const char *subject)
{
    char disposal[32];
    char *subjects[] = { upp_lend(subject) };
    snprintf(disposal, sizeof disposal, "disposal-%zu", ++s->n_forgotten);
    sim_forgotten(s, subject);
    Uppsikt__DisposalApproved m = UPPSIKT__DISPOSAL_APPROVED__INIT;
    m.disposal = disposal;
    m.n_subjects = 1;
    m.subjects = subjects;
    m.part = m.parts = 1;
    sim_say(s, "evidence", subject, &m.base, NULL);
}

/* What has still to come of it; NULL: nothing. */
static const char *unrest(sim_host *h, upp_ms now)
{
    return !h->node || !h->started         ? "is down"
           : h->n_letters > 0              ? "has letters that it has not read"
           : !sim_net_quiet(h)             ? "has not heard all that others said"
           : upp_node_next(h->node) <= now ? "has an alarm that is due"
           : h->service->n_outside > 0 && sim_asks_open(h) > 0 ? "waits for work outside"
                                                               : NULL;
}

/* NULL, or what is not at rest; whose it is: *ret_host, NULL when it is the world's. */
static const char *restless(const sim *s, const sim_host **ret_host)
{
    *ret_host = NULL;
    if (!sim_world_quiet(s))
        return "has more to do";
    for (size_t i = 0; i < s->n_hosts; i++) {
        const char *what = unrest(s->hosts[i], s->now);
        *ret_host = s->hosts[i];
        if (what)
            return what;
    }
    return NULL;
}

bool sim_settle(sim *s, upp_ms budget_span)
{
    const upp_ms end = s->now + budget_span;
    const sim_host *who = NULL;
    const char *what = "";
    sim_heal(s);
    s->settling = true;
    for (size_t i = 0; i < s->n_hosts; i++)
        if (s->hosts[i]->n_letters > 0)
            sim_host_wake(s->hosts[i], s->now + 1);
    while (s->now < end && !s->why[0]) {
        sim_run(s, UPP_SECOND);
        what = restless(s, &who);
        if (!what)
            break;
        const upp_ms next = sim_queue_next(&s->queue);
        if (next > s->now + UPP_SECOND && next < end)
            sim_run(s, next - s->now);
    }
    s->settling = false;
    if (what && !s->why[0])
        snprintf(s->why, sizeof s->why, "%s %s", who ? who->service->name : "the world", what);
    return !what;
}
