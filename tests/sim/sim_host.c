/* sim_host.c - one machine: a disk, and a process on it that starts, dies and starts again. */
#include "part.h"
#include "sim_state.h"
#include <sqlite3.h>

void sim_say_line(const char *line)
{
    fprintf(stderr, "  %s\n", line);
}

static void say_nothing(const char *line)
{
    (void)line; /* a disk that has blown lets no store open */
}

sim_host *sim_host_new(sim *s, const upp_service *service, bool world)
{
    sim_host *h = sim_alloc(sizeof *h);
    const size_t i = s->n_hosts;
    *h = (sim_host){ .sim = s,
                     .service = service,
                     .world = world,
                     .wake = INT64_MAX,
                     .shadowed = (s->seed + i) % s->shadow_every == 0 };
    h->rand = sim_rand_new(s->seed, 0x1057 + i);
    h->disk = sim_disk_new(sim_draw(&s->rand), &s->now);
    if (service->config_size && !world)
        h->config = h->presets = sim_preset(service);
    SIM_MORE(s->hosts, s->n_hosts);
    s->hosts[s->n_hosts++] = h;
    return h;
}

static void drop_letters(sim_host *h)
{
    for (size_t i = 0; i < h->n_letters; i++)
        sim_letter_done(&h->letters[i]);
    h->n_letters = 0;
}

void sim_host_free(sim_host *h)
{
    upp_node_free(h->node);
    drop_letters(h);
    free(h->letters);
    for (size_t i = 0; i < h->n_links; i++)
        sim_link_free(h->links[i]);
    free(h->links);
    sim_journal_done(&h->journal);
    sim_journal_done(&h->batch);
    sim_journal_done(&h->doubt);
    sim_shadow_done(&h->shadow);
    sim_disk_free(h->disk);
    free(h->presets);
    sim_saved_free(h->saved);
    free(h->seen);
    if (h->world)
        sim_voice_free(h->service);
    free(h);
}

static upp_node *open_node(sim_host *h)
{
    sim *s = h->sim;
    /* SQLite draws from one stream for the whole process: begun anew, so that a run is its
     * seed's. */
    uint64_t state =
        s->seed ^ sim_fnv(SIM_FNV, h->service->name, strlen(h->service->name)) ^ h->life << 8;
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(sim_splitmix(&state) >> 33) | 1,
                               (sqlite3 *)NULL);
    const upp_store store = { "node.db", sim_disk_vfs(h->disk), s->lookup_key };
    sim_disk_full(h->disk, -1);
    if (sim_chance(&h->rand, s->faults[SIM_FUSE]))
        sim_disk_fuse(h->disk, (int64_t)sim_below(&h->rand, 200));
    h->life++;
    h->started = h->disk_fault = false;
    return upp_node_new(h->service, &store, h->config,
                        s->faults[SIM_FUSE] ? say_nothing : sim_say_line);
}

typedef struct sim_sweep {
    sim_host *host;
    char **stray;
    size_t n;
} sim_sweep;

static void note_stray(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    sim_sweep *w = ctx;
    int64_t bytes;
    uint8_t sha256[32];
    (void)at, (void)n;
    if (strncmp(name, "objects/", 8) != 0 ||
        upp_node_object(w->host->node, name + 8, &bytes, sha256) != 1)
        return;
    SIM_MORE(w->stray, w->n);
    w->stray[w->n++] = sim_text(name);
}

void sim_host_sweep(sim_host *h)
{
    sim_sweep w = { .host = h };
    sim_disk_each(h->disk, note_stray, &w);
    for (size_t i = 0; i < w.n; i++) {
        sim_disk_unlink(h->disk, w.stray[i]);
        free(w.stray[i]);
    }
    free(w.stray);
}

void sim_host_up(sim_host *h)
{
    sim *s = h->sim;
    if (h->node || s->closing || s->now < h->down_until)
        return;
    h->node = open_node(h);
    if (!h->node && !sim_disk_blown(h->disk))
        sim_bug(s, "%s does not open, and its disk is well", h->service->name);
    if (!h->node || sim_doubt_end(h) < 0) {
        sim_host_down(h, sim_chance(&h->rand, s->faults[SIM_POWER]), UPP_SECOND);
        return;
    }
    if (h->shadowed)
        sim_journal_add(&h->journal, &(sim_input){ .kind = SIM_IN_OPEN });
    sim_note(s, h->service->name, "up, life %llu", (unsigned long long)h->life);
    sim_host_sweep(h);
    sim_watch_log(h); /* what was committed and never published */
    sim_net_up(h);
    sim_host_wake(h, s->now);
}

static void up_again(void *ctx, void *what)
{
    (void)what;
    sim_host_up(ctx);
}

void sim_host_down(sim_host *h, bool power, upp_ms span)
{
    sim *s = h->sim;
    if (h->node) {
        s->tally.crashes++;
        s->tally.powers += power;
    }
    sim_disk_blow(h->disk);
    upp_node_free(h->node);
    h->node = NULL;
    h->wake = INT64_MAX;
    drop_letters(h);
    sim_net_down(h);
    if (power)
        sim_disk_power(h->disk);
    else
        sim_disk_kill(h->disk);
    h->down_until = s->now + span;
    sim_note(s, h->service->name, "%s, back in %lld ms", power ? "power lost" : "dead",
             (long long)span);
    sim_queue_put(&s->queue, h->down_until, up_again, h, NULL);
}

static void wake(void *ctx, void *what)
{
    (void)what;
    sim_host *h = ctx;
    if (!h->node || h->sim->closing || h->wake != h->sim->now)
        return; /* somebody woke it earlier */
    h->wake = INT64_MAX;
    sim_batch(h);
}

void sim_host_wake(sim_host *h, upp_ms at)
{
    sim *s = h->sim;
    if (at < s->now)
        at = s->now;
    if (!h->node || at >= h->wake)
        return;
    h->wake = at;
    sim_queue_put(&s->queue, at, wake, h, NULL);
}

static bool is_type(upp_bytes type, const char *name)
{
    return type.len == strlen(name) && memcmp(type.at, name, type.len) == 0;
}

/* Events that move its cursor and nothing else. */
static bool means_nothing(const sim_host *h, const sim_letter *letter)
{
    if (letter->kind != SIM_EVENT)
        return false;
    const upp_bytes type = sim_parcel_frames(letter->parcel).type;
    for (size_t i = 0; i < h->service->n_routes; i++) {
        const upp_route *r = &h->service->routes[i];
        if (r->verb == UPP_EVENT && is_type(type, r->type->name) &&
            upp_part_of(r->source, letter->link->from->service->name))
            return false;
    }
    return !is_type(type, "uppsikt.DisposalApproved") && !is_type(type, "uppsikt.Stub");
}

void sim_host_letter(sim_host *h, const sim_letter *letter)
{
    SIM_MORE(h->letters, h->n_letters);
    h->letters[h->n_letters++] = *letter;
    /* What arrives within a moment goes into one batch; what means nothing waits for more. */
    const upp_ms moment = !h->sim->settling && means_nothing(h, letter) ? 6 * UPP_HOUR : 4;
    sim_host_wake(h, h->sim->now + (upp_ms)sim_below(&h->rand, (uint64_t)moment));
}
