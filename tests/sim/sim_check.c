/* sim_check.c - after quiescence: what must hold whatever happened (reliability.md §6). */
#include "sim_state.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <inttypes.h>

const char *sim_invariant_name(enum sim_invariant invariant)
{
    static const char *const names[SIM_INVARIANTS] = {
        [SIM_I1] = "I1 one event for one place",
        [SIM_I2] = "I2 the chain",
        [SIM_I3] = "I3 cursors",
        [SIM_I4] = "I4 caught up",
        [SIM_I5] = "I5 cause before effect",
        [SIM_I6] = "I6 exactly once",
        [SIM_I7] = "I7 replay of the journal",
        [SIM_I8] = "I8 published is committed",
        [SIM_I15] = "I15 forgotten is gone",
        [SIM_I17] = "I17 no alarm early",
        [SIM_I18] = "I18 nothing overdue",
        [SIM_I24] = "I24 one key, one request",
        [SIM_I25] = "I25 nothing personal is told",
        [SIM_COMMANDS] = "one outcome a command",
    };
    return invariant < SIM_INVARIANTS ? names[invariant] : NULL;
}

/* -- asks: as every service says of itself -- */
static bool read_state(void *ctx, const upp_frames *row)
{
    int64_t *open = ctx;
    if (row->type.len == 0) /* the end of the answer */
        return true;
    Uppsikt__ServiceState *state =
        uppsikt__service_state__unpack(NULL, row->envelope.len, row->envelope.at);
    upp_check(state);
    *open = state->open_asks;
    uppsikt__service_state__free_unpacked(state, NULL);
    return true;
}

int64_t sim_asks_open(sim_host *h)
{
    const uint8_t id[16] = { 1 };
    const Uppsikt__ServiceStatus status = UPPSIKT__SERVICE_STATUS__INIT;
    int64_t open = -1;
    sim_parcel *p = sim_parcel_command(id, NULL, h->sim->now, &status.base);
    const upp_frames frames = sim_parcel_frames(p);
    const int rc = upp_node_query(h->node, h->sim->now, "console", &frames, read_state, &open);
    if (rc < 0 || open < 0)
        sim_bug(h->sim, "%s does not say how it is: %s", h->service->name, upp_node_why(h->node));
    sim_parcel_drop(p);
    return open;
}

/* -- marks -- */
void sim_mark(sim *s, const char *subject, char ret_mark[SIM_MARK])
{
    SIM_MORE(s->marks, s->n_marks);
    sim_marked *m = &s->marks[s->n_marks++];
    m->subject = sim_text(subject);
    m->forgotten = m->found = false;
    snprintf(m->mark, sizeof m->mark, "MARK~%012" PRIx64, sim_draw(&s->rand) >> 16);
    memcpy(ret_mark, m->mark, SIM_MARK);
}

void sim_mark_about(sim *s, const char *mark, const char *subject)
{
    for (size_t i = 0; i < s->n_marks; i++)
        if (strcmp(s->marks[i].mark, mark) == 0) {
            free(s->marks[i].subject);
            s->marks[i].subject = sim_text(subject);
        }
}

typedef struct sim_grep {
    sim *s;
    const sim_host *host;
} sim_grep;

static void found(const sim_grep *g, const char *name, const uint8_t *at)
{
    sim *s = g->s;
    for (size_t i = 0; i < s->n_marks; i++) {
        sim_marked *m = &s->marks[i];
        if (memcmp(at, m->mark, SIM_MARK - 1) != 0)
            continue;
        m->found = true;
        if (m->forgotten)
            sim_broken(s, SIM_I15, "%s: what was said about %s is still in %s",
                       g->host->service->name, m->subject, name);
    }
}

static void grep(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    const uint8_t *end = at + n;
    while (n > 0 && (at = memchr(at, 'M', (size_t)(end - at))) != NULL) {
        if ((size_t)(end - at) < SIM_MARK - 1)
            return;
        if (memcmp(at, "MARK~", 5) == 0)
            found(ctx, name, at);
        at++;
    }
}

/* All bytes of all disks: what was forgotten is in none; the rest is found, so the search works. */
static void check_marks(sim *s)
{
    for (size_t i = 0; i < s->n_hosts; i++) {
        const sim_grep g = { s, s->hosts[i] };
        sim_disk_each(s->hosts[i]->disk, grep, (void *)&g);
    }
    for (size_t i = 0; i < s->n_marks; i++) {
        s->tally.checked[SIM_I15] += s->marks[i].forgotten;
        if (!s->marks[i].forgotten && !s->marks[i].found)
            sim_broken(s, SIM_I15, "what was said about %s is nowhere, and nobody forgot it",
                       s->marks[i].subject);
    }
}

void sim_marks_gone(sim_host *h)
{
    const sim_grep g = { h->sim, h };
    for (size_t i = 0; i < h->sim->n_marks; i++)
        h->sim->tally.checked[SIM_I15] += h->sim->marks[i].forgotten;
    sim_disk_each(h->disk, grep, (void *)&g);
}

/* -- what everybody may read: facts, numbers, and what an operator is told -- */
void sim_personal(sim *s, const char *word)
{
    SIM_MORE(s->personal, s->n_personal);
    s->personal[s->n_personal++] = sim_text(word);
}

static bool says(upp_bytes text, const char *word)
{
    const size_t n = strlen(word);
    const uint8_t *at = text.at, *end = text.at + text.len;
    while (at && (size_t)(end - at) >= n &&
           (at = memchr(at, word[0], (size_t)(end - at))) != NULL) {
        if ((size_t)(end - at) >= n && memcmp(at, word, n) == 0)
            return true;
        at++;
    }
    return false;
}

void sim_check_told(sim_host *h, const char *what, upp_bytes text)
{
    sim *s = h->sim;
    s->tally.checked[SIM_I25]++;
    if (says(text, "MARK~"))
        sim_broken(s, SIM_I25, "%s: %s says what somebody wrote", h->service->name, what);
    for (size_t i = 0; i < s->n_personal; i++)
        if (says(text, s->personal[i]))
            sim_broken(s, SIM_I25, "%s: %s says \"%s\"", h->service->name, what, s->personal[i]);
}

static void check_metric(void *ctx, const char *line)
{
    sim_check_told(ctx, "a metric", (upp_bytes){ (const uint8_t *)line, strlen(line) });
}

/* -- one machine -- */
static void check_links(sim_host *h)
{
    sim *s = h->sim;
    for (size_t i = 0; i < h->n_links; i++) {
        const sim_link *link = h->links[i];
        upp_point cursor = { 0 };
        const int rc = upp_node_cursor(h->node, link->from->service->name, &cursor);
        const upp_point head = upp_node_head(link->from->node);
        s->tally.checked[SIM_I4]++;
        if (rc != 0 || cursor.seq != head.seq ||
            (cursor.seq > 0 && memcmp(cursor.hash, head.hash, sizeof head.hash) != 0))
            sim_broken(s, SIM_I4, "%s stands at %lld of %s, which has %lld", h->service->name,
                       (long long)cursor.seq, link->from->service->name, (long long)head.seq);
    }
}

static void check_host(sim_host *h)
{
    sim *s = h->sim;
    check_links(h);
    if (!sim_watch_whole(h))
        sim_broken(s, SIM_I1, "%s: its log is not as long as it was", h->service->name);
    s->tally.checked[SIM_I2]++;
    if (upp_node_verify(h->node) != 0)
        sim_broken(s, SIM_I2, "%s: %s", h->service->name, upp_node_why(h->node));
    if (upp_node_metrics(h->node, s->now, check_metric, h) < 0)
        sim_bug(s, "%s has no numbers: %s", h->service->name, upp_node_why(h->node));
    if (!h->shadowed)
        return;
    const char *why = sim_host_replay(h, &h->journal);
    s->tally.checked[SIM_I7]++;
    if (why || sim_host_same(h) != 1)
        sim_broken(s, SIM_I7, "%s: a fresh node fed the journal differs%s%s", h->service->name,
                   why ? ": " : "", why ? why : "");
}

bool sim_check(sim *s, sim_tally *tally)
{
    bool up = true;
    for (size_t i = 0; i < s->n_hosts; i++)
        up = up && s->hosts[i]->node;
    if (!up)
        sim_bug(s, "a service is down after all was healed");
    for (size_t i = 0; i < s->n_hosts && up; i++)
        check_host(s->hosts[i]);
    /* An attempt that wrote an object and was never heard of leaves it until the next start: the
     * contract (upp_object_keep), so the search comes after that. */
    for (size_t i = 0; i < s->n_hosts && up; i++)
        sim_host_sweep(s->hosts[i]);
    if (up)
        check_marks(s);
    for (size_t i = 0; i < s->n_hosts; i++)
        s->tally.ops += sim_disk_ops(s->hosts[i]->disk);
    bool well = s->tally.bugs == 0;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        well = well && s->tally.broken[i] == 0;
        tally->checked[i] += s->tally.checked[i];
        tally->broken[i] += s->tally.broken[i];
    }
    tally->batches += s->tally.batches;
    tally->inputs += s->tally.inputs;
    tally->crashes += s->tally.crashes;
    tally->powers += s->tally.powers;
    tally->ops += s->tally.ops;
    tally->bugs += s->tally.bugs;
    s->tally = (sim_tally){ 0 };
    return well && !s->why[0];
}
