/* sim_journal.c - what went in, and what a fresh node makes of it. */
#include "sim_journal.h"
#include "sim_state.h"
#include <sqlite3.h>
#include <stdio.h>

void sim_journal_add(sim_journal *j, const sim_input *input)
{
    SIM_MORE(j->inputs, j->n);
    sim_input *at = &j->inputs[j->n++];
    *at = *input;
    at->who = input->who ? sim_text(input->who) : NULL;
    if (input->parcel)
        sim_parcel_keep(input->parcel);
}

void sim_journal_move(sim_journal *to, sim_journal *from)
{
    for (size_t i = 0; i < from->n; i++) {
        SIM_MORE(to->inputs, to->n);
        to->inputs[to->n++] = from->inputs[i];
    }
    from->n = 0;
}

void sim_journal_cut(sim_journal *j, size_t n)
{
    for (size_t i = n; i < j->n; i++) {
        free(j->inputs[i].who);
        sim_parcel_drop(j->inputs[i].parcel);
    }
    j->n = n;
}

void sim_journal_done(sim_journal *j)
{
    sim_journal_cut(j, 0);
    free(j->inputs);
    *j = (sim_journal){ 0 };
}

ProtobufCMessage *sim_answer_of(const upp_service *service, const char *port, upp_bytes bytes)
{
    if (!bytes.at)
        return NULL;
    for (size_t i = 0; i < service->n_outside; i++)
        if (strcmp(service->outside[i].port, port) == 0)
            return protobuf_c_message_unpack(service->outside[i].answer, NULL, bytes.len - 1,
                                             bytes.at + 1);
    return NULL;
}

static void add_line(void *ctx, const char *text)
{
    sim_buf *b = ctx;
    sim_buf_add(b, text, strlen(text));
    sim_buf_add(b, "\n", 1);
}

int sim_dump(upp_node *node, sim_buf *ret_text)
{
    ret_text->len = 0;
    return upp_node_dump(node, add_line, ret_text);
}

static void quiet(const char *line)
{
    fprintf(stderr, "  the shadow: %s\n", line);
}

static upp_node *open_node(sim_shadow *shadow, const sim_origin *origin)
{
    const upp_store store = { "node.db", sim_disk_vfs(shadow->disk), origin->lookup_key };
    return upp_node_new(origin->service, &store, origin->config, quiet);
}

/* The first epoch is drawn when a store is created, outside every batch: the one thing that the
 * journal cannot give, so it is copied. */
static bool take_epoch(sim_shadow *shadow, const sim_origin *origin)
{
    static const char *const all[] = { "UPDATE upp_meta SET value = ?1 WHERE name = 'epoch'",
                                       "UPDATE upp_epoch SET epoch = ?1 WHERE n = 1" };
    bool done = true;
    for (size_t i = 0; i < UPP_LEN(all); i++) {
        sqlite3_stmt *stmt = NULL;
        if (sqlite3_prepare_v2(upp_node_db(shadow->node), all[i], -1, &stmt, NULL) != SQLITE_OK)
            return false;
        sqlite3_bind_blob(stmt, 1, origin->epoch, 16, SQLITE_STATIC);
        done = sqlite3_step(stmt) == SQLITE_DONE && done;
        sqlite3_finalize(stmt);
    }
    upp_node_free(shadow->node);
    shadow->node = open_node(shadow, origin);
    return done && shadow->node;
}

static bool restart(sim_shadow *shadow, const sim_origin *origin)
{
    const bool fresh = !shadow->disk;
    if (fresh)
        shadow->disk = sim_disk_new(origin->seed, &shadow->now);
    upp_node_free(shadow->node);
    shadow->node = open_node(shadow, origin);
    return shadow->node && (!fresh || take_epoch(shadow, origin));
}

static int play(sim_shadow *shadow, const sim_origin *origin, const sim_input *in)
{
    upp_node *node = shadow->node;
    const upp_frames frames = in->parcel ? sim_parcel_frames(in->parcel) : (upp_frames){ 0 };
    switch (in->kind) {
    case SIM_IN_OPEN:
        return 0;
    case SIM_IN_BEGIN:
        shadow->now = in->now;
        return upp_node_begin(node, in->now, in->seed);
    case SIM_IN_START:
        return upp_node_start(node);
    case SIM_IN_DELIVER:
        return upp_node_deliver(node, in->who, &frames);
    case SIM_IN_ALARM:
        return upp_node_alarm(node);
    case SIM_IN_COMMAND:
        return upp_node_command(node, in->who, &frames);
    case SIM_IN_ANSWER: {
        UPP_AUTO(upp_msg_freep)
        ProtobufCMessage *answer = sim_answer_of(origin->service, in->who, frames.content);
        return upp_node_answer(node, in->ask, in->fate, answer, in->now);
    }
    case SIM_IN_RESTORED: {
        upp_disposed *rows = NULL;
        size_t n = 0;
        sim_ledger_rows(frames.content, &rows, &n);
        const int rc = upp_node_restored(node, rows, n);
        free(rows);
        return rc;
    }
    case SIM_IN_UNLINKED:
        return upp_node_unlinked(node, in->who);
    case SIM_IN_COMMIT:
        return upp_node_commit(node, NULL, NULL);
    }
    return UPP_E_BUG;
}

const char *sim_shadow_play(sim_shadow *shadow, const sim_origin *origin, const sim_journal *j)
{
    for (; shadow->played < j->n; shadow->played++) {
        const sim_input *in = &j->inputs[shadow->played];
        /* The fresh node lives on where the other died: what that one held in memory was in its
         * store, too. But an alarm that was busy rests in memory alone. */
        if (!shadow->node || (in->kind == SIM_IN_OPEN && shadow->rests)) {
            shadow->rests = false;
            if (!restart(shadow, origin))
                return "the fresh node does not open";
        }
        shadow->rests = shadow->rests || (in->kind == SIM_IN_ALARM && in->rc == UPP_E_BUSY);
        const int rc = play(shadow, origin, in);
        if (rc != in->rc)
            return rc < 0 ? upp_node_why(shadow->node) : "another answer than the first time";
    }
    return NULL;
}

void sim_shadow_done(sim_shadow *shadow)
{
    upp_node_free(shadow->node);
    sim_disk_free(shadow->disk);
    *shadow = (sim_shadow){ 0 };
}
