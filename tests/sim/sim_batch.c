/* sim_batch.c - one transaction of one node: what had arrived goes in, and what stays is journalled
 * when COMMIT has said so. */
#include "sim_memory.h"
#include "sim_state.h"

enum { MAX_ASKS = 64 };

void sim_letter_done(sim_letter *letter)
{
    sim_parcel_drop(letter->parcel);
}

/* What a node said to one input. Negative here: the process ends. */
static int heed(sim_host *h, sim_input *in, int rc)
{
    in->rc = rc;
    sim_journal_add(&h->batch, in);
    sim_mix(h->sim, &rc, sizeof rc);
    sim_mix(h->sim, &in->kind, sizeof in->kind);
    h->sim->tally.inputs++;
    if (rc < 0 || rc == 2) { /* a driver writes it to its log */
        const char *why = upp_node_why(h->node);
        sim_check_told(h, "a complaint", (upp_bytes){ (const uint8_t *)why, strlen(why) });
    }
    if (rc == UPP_E_BUG)
        sim_bug(h->sim, "%s: %s", h->service->name, upp_node_why(h->node));
    if (rc == UPP_E_STORE && !sim_disk_blown(h->disk) && !h->disk_fault)
        sim_bug(h->sim, "%s: %s, and the disk is well", h->service->name, upp_node_why(h->node));
    return rc == UPP_E_BUG || rc == UPP_E_STORE ? rc : 0;
}

static int start(sim_host *h)
{
    if (h->started)
        return 0;
    sim_input in = { .kind = SIM_IN_START };
    return heed(h, &in, upp_node_start(h->node));
}

/* All that is due, until the batch is full (I17: none of them early). */
static int alarms(sim_host *h, size_t *room)
{
    for (; *room > 0; (*room)--) {
        const upp_ms due = upp_node_next(h->node);
        if (due > h->sim->now)
            return 0;
        sim_input in = { .kind = SIM_IN_ALARM };
        const int rc = upp_node_alarm(h->node);
        if (rc == 1)
            return 0; /* what is due is no alarm but an ask: nothing went in */
        UPP_TRY(heed(h, &in, rc));
        if (rc == UPP_E_BUSY)
            return 0;
        h->sim->tally.checked[SIM_I17]++;
        if (due > h->sim->now)
            sim_broken(h->sim, SIM_I17, "%s: an alarm %lld ms before its time", h->service->name,
                       (long long)(due - h->sim->now));
    }
    return 0;
}

static int deliver(sim_host *h, sim_letter *letter, bool *ret_again)
{
    const upp_frames frames = sim_parcel_frames(letter->parcel);
    const char *source = letter->link->from->service->name;
    sim_input in = { .kind = SIM_IN_DELIVER, .who = upp_lend(source), .parcel = letter->parcel };
    const int rc = upp_node_deliver(h->node, source, &frames);
    UPP_TRY(heed(h, &in, rc));
    if (rc == UPP_E_INPUT || (rc == 3 && !letter->link->stale))
        sim_bug(h->sim, "%s refuses an event of %s: %s", h->service->name, source,
                rc == 3 ? "a fork" : upp_node_why(h->node));
    *ret_again = rc == UPP_E_BUSY;
    h->busy = h->busy || *ret_again;
    return 0;
}

static int answer(sim_host *h, sim_letter *letter)
{
    const upp_frames frames = sim_parcel_frames(letter->parcel);
    UPP_AUTO(upp_msg_freep)
    ProtobufCMessage *m = sim_answer_of(h->service, letter->port, frames.content);
    sim_input in = { .kind = SIM_IN_ANSWER,
                     .who = upp_lend(letter->port),
                     .parcel = letter->parcel,
                     .ask = letter->ask,
                     .fate = letter->fate,
                     .now = letter->after_span };
    const int rc = upp_node_answer(h->node, letter->ask, letter->fate, m, letter->after_span);
    return heed(h, &in, rc);
}

static int command(sim_host *h, sim_letter *letter)
{
    const upp_frames frames = sim_parcel_frames(letter->parcel);
    sim_input in = { .kind = SIM_IN_COMMAND, .who = upp_lend("console"), .parcel = letter->parcel };
    return heed(h, &in, upp_node_command(h->node, in.who, &frames));
}

/* In the order of arrival. What the node cannot take now stays, and all of its source behind it. */
static int letters(sim_host *h, size_t *room)
{
    size_t kept = 0, i = 0;
    int rc = 0;
    for (; i < h->n_letters && rc == 0 && *room > 0; i++, (*room)--) {
        sim_letter *letter = &h->letters[i];
        bool again = false;
        for (size_t k = 0; k < kept && letter->kind == SIM_EVENT; k++)
            again = again || h->letters[k].link == letter->link;
        if (!again && letter->kind == SIM_EVENT)
            rc = deliver(h, letter, &again);
        else if (letter->kind == SIM_ANSWER)
            rc = answer(h, letter);
        else if (letter->kind == SIM_COMMAND)
            rc = command(h, letter);
        if (again)
            h->letters[kept++] = *letter;
        else
            sim_letter_done(letter);
    }
    while (i < h->n_letters)
        h->letters[kept++] = h->letters[i++];
    h->n_letters = kept;
    return rc;
}

static bool next_gone(void *ctx, const char *id)
{
    char **ret_id = ctx;
    *ret_id = sim_text(id);
    return false;
}

/* Files of objects that were forgotten: unlinked first, then said. */
static int unlink_gone(sim_host *h)
{
    for (;;) {
        char *id = NULL, name[96];
        UPP_TRY(upp_node_gone(h->node, next_gone, &id));
        if (!id)
            return 0;
        snprintf(name, sizeof name, "objects/%s", id);
        sim_disk_unlink(h->disk, name);
        sim_input in = { .kind = SIM_IN_UNLINKED, .who = id };
        const int rc = heed(h, &in, upp_node_unlinked(h->node, id));
        free(id);
        UPP_TRY(rc);
    }
}

static int inputs(sim_host *h)
{
    sim *s = h->sim;
    size_t room = sim_chance(&h->rand, s->faults[SIM_SMALL]) ? 2 : UPP_BATCH;
    UPP_TRY(start(h));
    room--;
    UPP_TRY(alarms(h, &room));
    UPP_TRY(letters(h, &room));
    UPP_TRY(alarms(h, &room)); /* what came in may be late already */
    h->alarms_done = room > 0;
    return 0;
}

static void outcome(void *ctx, const uint8_t id[16], const upp_frames *frames)
{
    sim_world_answered(ctx, id, frames);
}

/* What strikes in this batch. */
typedef struct strike {
    int64_t fuse, room;    /* -1: not */
    uint64_t sync, memory; /* 0: not */
    bool keeps;
} strike;

static strike draw_strike(sim_host *h)
{
    sim *s = h->sim;
    strike k = { .fuse = -1, .room = -1 };
    if (sim_chance(&h->rand, s->faults[SIM_FUSE]))
        k.fuse = (int64_t)sim_below(&h->rand, 60);
    k.keeps = sim_chance(&h->rand, s->faults[SIM_SYNC_KEEPS]);
    if (k.keeps || sim_chance(&h->rand, s->faults[SIM_SYNC_FAILS]))
        k.sync = 1 + sim_below(&h->rand, 3);
    if (sim_chance(&h->rand, s->faults[SIM_MEMORY]))
        k.memory = 1 + sim_below(&h->rand, 400);
    if (sim_chance(&h->rand, s->faults[SIM_DISK_FULL]))
        k.room = (int64_t)sim_below(&h->rand, 400000);
    return k;
}

static void let_strike(sim_host *h, const strike *k)
{
    if (k->fuse >= 0)
        sim_disk_fuse(h->disk, k->fuse);
    if (k->sync)
        sim_disk_sync_fails(h->disk, k->sync, k->keeps);
    if (k->memory)
        sim_memory_fails(k->memory);
    if (k->room >= 0)
        sim_disk_full(h->disk, k->room);
    h->disk_fault = h->disk_fault || k->sync || k->memory || k->room >= 0;
}

/* Where it stands now matters if its COMMIT may fail. */
static int faults(sim_host *h)
{
    const strike k = draw_strike(h);
    h->doubtful = k.fuse >= 0 || k.sync || k.memory || k.room >= 0 || h->disk_fault ||
                  sim_disk_fused(h->disk);
    if (h->doubtful)
        UPP_TRY(sim_doubt_begin(h));
    let_strike(h, &k);
    return 0;
}

/* From COMMIT on, a failure leaves open whether it happened: the next life finds out. */
static int commit(sim_host *h)
{
    sim *s = h->sim;
    sim_input in = { .kind = SIM_IN_COMMIT };
    sim_journal_add(&h->batch, &in);
    if (h->doubtful)
        UPP_TRY(sim_doubt_commit(h));
    const int rc = upp_node_commit(h->node, outcome, h);
    s->tally.batches++;
    if (rc < 0) {
        if (!sim_disk_blown(h->disk) && !h->disk_fault)
            sim_bug(s, "%s: %s, and the disk is well", h->service->name, upp_node_why(h->node));
        sim_journal_move(&h->doubt, &h->batch);
        return rc;
    }
    h->started = true;
    sim_host_committed(h, &h->batch);
    return 0;
}

static int transact(sim_host *h)
{
    sim *s = h->sim;
    sim_input in = { .kind = SIM_IN_BEGIN, .now = s->now };
    sim_journal_done(&h->batch);
    UPP_TRY(faults(h));
    sim_fill(&h->rand, in.seed, sizeof in.seed);
    UPP_TRY(heed(h, &in, upp_node_begin(h->node, s->now, in.seed)));
    UPP_TRY(inputs(h));
    UPP_TRY(unlink_gone(h));
    if (sim_chance(&h->rand, s->faults[SIM_CRASH_BEFORE]))
        return UPP_E_STORE;
    UPP_TRY(commit(h));
    if (sim_chance(&h->rand, s->faults[SIM_CRASH_AFTER]))
        return UPP_E_STORE;
    return 0;
}

static void begin_ask(void *ctx, const char *port, const upp_asked *ask)
{
    sim_world_ask(ctx, port, ask);
}

/* What a driver does after COMMIT. */
static int after(sim_host *h)
{
    sim_watch_log(h);
    for (size_t i = 0; i < h->n_links; i++)
        sim_watch_cursor(h->links[i]);
    sim_net_push(h);
    const int asks = upp_node_asks(h->node, h->sim->now, MAX_ASKS, begin_ask, h);
    UPP_TRY(asks);
    if (sim_disk_blown(h->disk))
        return UPP_E_STORE;
    if (h->alarms_done && asks < MAX_ASKS) {
        h->sim->tally.checked[SIM_I18]++;
        if (upp_node_next(h->node) <= h->sim->now && !sim_disk_blown(h->disk))
            sim_broken(h->sim, SIM_I18, "%s: something is due, and nobody acts", h->service->name);
    }
    return 0;
}

/* Nothing has come and no alarm is due: what woke it is an ask, which is begun without a
 * transaction. */
static bool idle(sim_host *h, int *ret_rc)
{
    if (!h->started || h->n_letters > 0)
        return false;
    *ret_rc = upp_node_asks(h->node, h->sim->now, MAX_ASKS, begin_ask, h);
    h->alarms_done = true;
    return *ret_rc < 0 || upp_node_next(h->node) > h->sim->now;
}

void sim_batch(sim_host *h)
{
    sim *s = h->sim;
    int rc = 0;
    h->busy = false;
    if (!idle(h, &rc))
        rc = transact(h);
    sim_memory_fails(0); /* what the observer needs is no machine's */
    if (rc == 0)
        rc = after(h);
    sim_note(s, h->service->name, "batch of %zu: %d, head %lld", h->journal.n, rc,
             (long long)upp_node_head(h->node).seq);
    if (rc < 0) {
        sim_host_down(h, sim_chance(&h->rand, s->faults[SIM_POWER]), sim_outage(h));
        return;
    }
    const upp_ms next = upp_node_next(h->node);
    if (!h->busy) /* what is left found no room: the next batch takes it at once */
        h->rest_span = 1;
    else if (h->rest_span < 10 * UPP_SECOND)
        h->rest_span = h->rest_span > 1 ? 2 * h->rest_span : 100;
    if (h->n_letters > 0)
        sim_host_wake(h, s->now + h->rest_span);
    if (next < INT64_MAX)
        sim_host_wake(h, next > s->now ? next : s->now + 100);
}
