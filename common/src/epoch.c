/* epoch.c - a log whose end was cut by a restore goes on in a new epoch, in sight of everybody.
 *
 * Places go on, too: the first event of the new epoch follows the last that was kept, and its hash
 * is chained to it. Who had not come to the cut hears nothing of it but EpochBegan; who had applied
 * more stands at a point that is on no log any more, and waits for people (reliability.md §5). */
#include "node_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EFFECTS_A_PAGE = 256 };

int upp_epochs_read(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    node->n_epochs = 0;
    UPP_ROWS row = upp_query(&txn, "SELECT first, epoch FROM upp_epoch ORDER BY n", NO_BIND);
    while (upp_next(&row)) {
        const upp_bytes epoch = upp_col_bytes(&row, 1);
        if (epoch.len != 16)
            return upp_fail(&txn, UPP_E_STORE, "a damaged epoch in the store");
        node->epochs = realloc(node->epochs, (node->n_epochs + 1) * sizeof *node->epochs);
        upp_check(node->epochs);
        upp_epoch *e = &node->epochs[node->n_epochs++];
        e->first = upp_col_int(&row, 0);
        memcpy(e->epoch, epoch.at, 16);
        memcpy(node->head.epoch, epoch.at, 16);
    }
    UPP_TRY(row.rc);
    return node->n_epochs > 0 ? 0 : upp_fail(&txn, UPP_E_STORE, "no epoch in the store");
}

const uint8_t *upp_epoch_of(const upp_node *node, int64_t seq)
{
    size_t i = node->n_epochs - 1;
    while (i > 0 && node->epochs[i].first > seq)
        i--;
    return node->epochs[i].epoch;
}

int upp_epochs_state(upp_txn *txn, upp_epoch_rows *rows, Uppsikt__ServiceState *state)
{
    upp_node *node = txn->node;
    const size_t skip = node->n_epochs > UPP_EPOCHS_SHOWN ? node->n_epochs - UPP_EPOCHS_SHOWN : 1;
    for (size_t i = skip; i < node->n_epochs; i++) {
        const size_t n = state->n_epochs++;
        Uppsikt__EpochState *e = &rows->rows[n];
        uppsikt__epoch_state__init(e);
        e->epoch = (ProtobufCBinaryData){ 16, node->epochs[i].epoch };
        e->first = node->epochs[i].first;
        e->old_epoch = (ProtobufCBinaryData){ 16, node->epochs[i - 1].epoch };
        e->old_seq = e->first - 1;
        UPP_TRY(upp_chain_at(txn, e->old_seq, rows->hashes[n]));
        e->old_hash = (ProtobufCBinaryData){ 32, rows->hashes[n] };
        rows->list[n] = e;
    }
    state->epochs = rows->list;
    return 0;
}

/* -- the owner's side: a store that came out of a backup -- */
typedef struct restored {
    const upp_disposed *ledger;
    size_t n;
} restored;

static int begin_epoch(upp_txn *txn)
{
    upp_node *node = txn->node;
    const upp_point old = node->head;
    upp_point cut = old;
    Uppsikt__EpochBegan said = UPPSIKT__EPOCH_BEGAN__INIT;
    said.old_epoch = (ProtobufCBinaryData){ 16, cut.epoch };
    said.old_seq = old.seq;
    said.old_hash = (ProtobufCBinaryData){ 32, cut.hash };
    upp_random(txn, node->head.epoch, sizeof node->head.epoch);
    UPP_TRY(upp_exec_blobs(txn, "INSERT INTO upp_epoch(first, epoch) VALUES(?1, ?2)",
                           BIND(V(old.seq + 1)), (upp_blob[]){ { 2, { node->head.epoch, 16 } } },
                           1));
    return upp_emit(txn, node->service->name, &said.base, NULL);
}

/* What was disposed of after the backup had been taken, in the order in which it was. One
 * ContentForgotten a disposal: evidence counts them as it did the first time. */
static int forget_ledger(upp_txn *txn, const restored *r)
{
    for (size_t i = 0; i < r->n;) {
        char *subjects[64];
        Uppsikt__DisposalApproved again = UPPSIKT__DISPOSAL_APPROVED__INIT;
        const char *disposal = r->ledger[i].disposal;
        for (; i < r->n && strcmp(r->ledger[i].disposal, disposal) == 0 &&
               again.n_subjects < UPP_LEN(subjects);
             i++) {
            const int known = upp_forgotten(txn, r->ledger[i].subject);
            UPP_TRY(known);
            if (!known)
                subjects[again.n_subjects++] = upp_lend(r->ledger[i].subject);
        }
        again.disposal = upp_lend(disposal);
        again.subjects = subjects;
        if (again.n_subjects > 0)
            UPP_TRY(upp_forget(txn, &again));
    }
    return 0;
}

static int run_restored(upp_txn *txn, void *ctx)
{
    const restored *r = ctx;
    snprintf(txn->cause, sizeof txn->cause, "restore");
    UPP_TRY(begin_epoch(txn));
    return forget_ledger(txn, r);
}

int upp_node_restored(upp_node *node, const upp_disposed *ledger, size_t n)
{
    upp_txn txn = { .node = node };
    restored r = { ledger, n };
    UPP_TRY(upp_node_step(node, &txn, &(upp_step){ .handle = run_restored, .ctx = &r }));
    const upp_point head = node->head;
    UPP_TRY(upp_epochs_read(node)); /* a roll-back of the batch reads them again, too */
    node->head = head;
    return 0;
}

/* -- the subscriber's side: a person accepts the cut -- */
int upp_accept_cut(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__AcceptCut *cut = msg;
    upp_cursor *c = upp_cursor_of(txn->node, cut->source);
    if (!c)
        return upp_refuse(txn, "no-such-source");
    if (!c->forked)
        return upp_refuse(txn, "not-forked");
    if (cut->seq < 0 || cut->seq > c->point.seq || cut->epoch.len != 16 || cut->hash.len != 32)
        return upp_refuse(txn, "no-such-cut");
    upp_point was = c->point;
    txn->accepted = c;
    txn->accepted_at.seq = cut->seq;
    memcpy(txn->accepted_at.epoch, cut->epoch.data, 16);
    memcpy(txn->accepted_at.hash, cut->hash.data, 32);

    Uppsikt__CutAccepted said = UPPSIKT__CUT_ACCEPTED__INIT;
    said.source = upp_lend(c->source);
    said.old_epoch = (ProtobufCBinaryData){ 16, was.epoch };
    said.old_seq = was.seq;
    said.epoch = cut->epoch;
    said.seq = cut->seq;
    said.by = upp_lend(in->by ? in->by : "");
    UPP_TRY(upp_emit(txn, c->source, &said.base, NULL));
    Uppsikt__CutTaken done = UPPSIKT__CUT_TAKEN__INIT;
    done.source = upp_lend(c->source);
    done.applied = was.seq - cut->seq;
    return upp_reply(txn, &done.base);
}

/* "<source>/<n>": n; 0: something else is the cause. */
static int64_t caused_by(const char *cause, const char *source)
{
    const size_t n = strlen(source);
    if (strncmp(cause, source, n) != 0 || cause[n] != '/')
        return 0;
    return strtoll(cause + n + 1, NULL, 10);
}

int upp_applied_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AppliedPast *q = msg;
    char needle[96];
    if (!upp_cursor_of(txn->node, q->source))
        return upp_refuse(txn, "no-such-source");
    snprintf(needle, sizeof needle, "%s/", q->source);
    uint32_t left = q->limit > 0 && q->limit < EFFECTS_A_PAGE ? q->limit : EFFECTS_A_PAGE;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT seq, type, envelope FROM upp_log"
                  " WHERE seq > ?1 AND instr(envelope, CAST(?2 AS BLOB)) > 0 ORDER BY seq",
                  BIND(V(q->after), V(needle)));
    while (left > 0 && upp_next(&row)) {
        upp_opened opened = { 0 };
        if (upp_envelope_open(upp_col_bytes(&row, 2), upp_col_text(&row, 1), &opened) < 0)
            continue;
        Uppsikt__AppliedEffect out = UPPSIKT__APPLIED_EFFECT__INIT;
        out.source_seq = caused_by(opened.cause, q->source);
        out.seq = upp_col_int(&row, 0);
        out.type = upp_lend(upp_col_text(&row, 1));
        out.subject = opened.subject;
        int rc = 0;
        if (out.source_seq > q->seq) {
            rc = upp_reply(txn, &out.base);
            left--;
        }
        upp_opened_done(&opened);
        UPP_TRY(rc);
    }
    return row.rc;
}

/* -- the clock -- */
static int say_jump(upp_txn *txn, void *ctx)
{
    Uppsikt__ClockJumped out = UPPSIKT__CLOCK_JUMPED__INIT;
    out.by_ms = *(const upp_ms *)ctx;
    snprintf(txn->cause, sizeof txn->cause, "clock");
    return upp_emit(txn, txn->node->service->name, &out.base, NULL);
}

int upp_node_clock_jumped(upp_node *node, upp_ms by)
{
    upp_txn txn = { .node = node };
    return upp_node_step(node, &txn, &(upp_step){ .handle = say_jump, .ctx = &by });
}
