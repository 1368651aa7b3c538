/* sim_weather.c - which faults there are in a run, and those that strike between two inputs. */
#include "sim_state.h"

static const struct {
    const char *name;
    unsigned worst;
} faults[SIM_FAULTS] = {
    [SIM_CRASH_BEFORE] = { "crash-before", 15 },
    [SIM_CRASH_AFTER] = { "crash-after", 15 },
    [SIM_FUSE] = { "fuse", 25 },
    [SIM_POWER] = { "power", 100 },
    [SIM_SYNC_FAILS] = { "sync-fails", 5 },
    [SIM_SYNC_KEEPS] = { "sync-keeps", 5 },
    [SIM_DISK_FULL] = { "disk-full", 5 },
    [SIM_DELAY] = { "delay", 60 },
    [SIM_DOUBLE] = { "double", 30 },
    [SIM_LATE] = { "late", 30 },
    [SIM_CLOG] = { "clog", 80 },
    [SIM_WEEK] = { "week", 3 },
    [SIM_PORT_LATER] = { "port-later", 50 },
    [SIM_PORT_LOST] = { "port-lost", 50 },
    [SIM_PORT_NEVER] = { "port-never", 10 },
    [SIM_SMALL] = { "small", 80 },
    [SIM_MEMORY] = { "memory", 5 },
};

const char *sim_fault_name(enum sim_fault fault)
{
    return fault < SIM_FAULTS ? faults[fault].name : NULL;
}

unsigned sim_fault_worst(enum sim_fault fault)
{
    return fault < SIM_FAULTS ? faults[fault].worst : 0;
}

unsigned sim_fault_of(const sim *s, enum sim_fault fault)
{
    return s->faults[fault];
}

static void weather(void *ctx, void *what);

static void next_weather(sim *s)
{
    const upp_ms span = UPP_MINUTE + (upp_ms)sim_below(&s->rand, (uint64_t)(4 * UPP_HOUR));
    sim_queue_put(&s->queue, s->now + span, weather, s, NULL);
}

void sim_fault(sim *s, enum sim_fault fault, unsigned percent)
{
    upp_check(fault < SIM_FAULTS && percent <= 100);
    s->faults[fault] = percent;
    if ((fault == SIM_CLOG || fault == SIM_WEEK) && percent > 0 && !s->weather) {
        s->weather = true;
        next_weather(s);
    }
}

void sim_chaos(sim *s, unsigned crash_percent)
{
    sim_fault(s, SIM_CRASH_BEFORE, crash_percent);
    sim_fault(s, SIM_CRASH_AFTER, crash_percent);
}

void sim_swarm(sim *s)
{
    sim_rand r = sim_rand_new(s->seed, 0x5a3a);
    s->swarming = true;
    for (unsigned f = 0; f < SIM_FAULTS; f++) {
        const bool on = sim_chance(&r, 50);
        const unsigned percent = 1 + (unsigned)sim_below(&r, faults[f].worst);
        sim_fault(s, (enum sim_fault)f, on ? percent : 0);
    }
}

/* How long a machine stays down. Under sim_chaos alone seconds: the story must not feel it. */
upp_ms sim_outage(sim_host *h)
{
    if (h->sim->swarming && sim_chance(&h->rand, 5))
        return (upp_ms)sim_below(&h->rand, (uint64_t)(6 * UPP_HOUR));
    return 10 + (upp_ms)sim_below(&h->rand, 3000);
}

static void clog_one(sim *s, sim_host *h)
{
    if (h->n_links == 0)
        return;
    sim_link *link = h->links[sim_below(&s->rand, h->n_links)];
    link->clogged = s->now + (upp_ms)sim_below(&s->rand, (uint64_t)(6 * UPP_HOUR));
    sim_note(s, h->service->name, "hears nothing of %s until %lld", link->from->service->name,
             (long long)(link->clogged - SIM_START));
}

static void weather(void *ctx, void *what)
{
    (void)what;
    sim *s = ctx;
    if (s->closing || (s->faults[SIM_CLOG] == 0 && s->faults[SIM_WEEK] == 0)) {
        s->weather = false;
        return;
    }
    sim_host *h = s->hosts[sim_below(&s->rand, s->n_hosts)];
    if (sim_chance(&s->rand, s->faults[SIM_CLOG]))
        clog_one(s, h);
    if (h->node && sim_chance(&s->rand, s->faults[SIM_WEEK]))
        sim_host_down(h, false, 7 * UPP_DAY);
    next_weather(s);
}

void sim_down(sim *s, const char *service, upp_ms span)
{
    sim_host *h = sim_host_of(s, service);
    upp_check(h);
    if (h->node)
        sim_host_down(h, false, span);
}

void sim_heal(sim *s)
{
    memset(s->faults, 0, sizeof s->faults);
    s->swarming = false;
    for (size_t i = 0; i < s->n_hosts; i++) {
        sim_host *h = s->hosts[i];
        sim_disk_full(h->disk, -1);
        sim_disk_sync_fails(h->disk, 0, false);
        if (!sim_disk_blown(h->disk))
            sim_disk_fuse(h->disk, -1);
        h->down_until = 0;
        sim_host_up(h);
    }
    sim_net_heal(s);
}
