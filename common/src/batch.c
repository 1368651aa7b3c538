/* batch.c - begun with the first input, committed at the end of the turn. */
#include "batch.h"
#include "capped.h"
#include "type_named.h"
#include "upp/log.h"
#include "uppsikt/bus.pb-c.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What the node says of an input that was parked. */
enum { UPP_SET_ASIDE = 2 };
enum { LOCALS_MAX = 4096 };

void upp_batch_open(upp_batch *batch, upp_loop *loop, upp_batch_out *out, void *out_ctx)
{
    *batch = (upp_batch){ .loop = loop, .out = out, .out_ctx = out_ctx };
    batch->last_local = &batch->locals;
    loop->batch = batch;
}

static void local_done(upp_local *local, const ProtobufCMessage *outcome, const char *words)
{
    local->answered(local->self, outcome, words);
    upp_packed_free(&local->head);
    upp_packed_free(&local->message);
    free(local);
}

static upp_local *local_take(upp_batch *batch)
{
    upp_local *local = batch->locals;
    if (!local)
        return NULL;
    batch->locals = local->next;
    if (!batch->locals)
        batch->last_local = &batch->locals;
    batch->n_locals--;
    return local;
}

static void local_put(upp_batch *batch, upp_local *local)
{
    local->next = NULL;
    *batch->last_local = local;
    batch->last_local = &local->next;
    batch->n_locals++;
}

void upp_batch_close(upp_batch *batch)
{
    if (batch->open)
        upp_node_abort(batch->loop->node);
    batch->open = false;
    for (size_t i = 0; i < batch->n_waiting; i++)
        if (batch->waiting[i].local && !batch->waiting[i].answered)
            local_done(batch->waiting[i].local, NULL, "stopping");
    free(batch->waiting);
    batch->waiting = NULL;
    batch->n_waiting = batch->waiting_size = 0;
    for (upp_local *local = local_take(batch); local; local = local_take(batch))
        local_done(local, NULL, "stopping");
}

bool upp_batch_room(const upp_batch *batch)
{
    return batch->inputs < UPP_BATCH;
}

/* What the node said about an input, logged once. */
static int heed(upp_batch *batch, const char *what, int rc)
{
    if (rc == UPP_E_INPUT || rc == UPP_SET_ASIDE)
        upp_log(UPP_WARN, NULL, "%s set aside: %s", what, upp_node_why(batch->loop->node));
    else if (rc == UPP_E_BUSY)
        upp_log(UPP_INFO, NULL, "%s later: %s", what, upp_node_why(batch->loop->node));
    else if (upp_fatal(rc))
        upp_log(UPP_ERROR, NULL, "%s: %s", what, upp_node_why(batch->loop->node));
    return rc;
}

static int begin(upp_batch *batch)
{
    upp_check(upp_batch_room(batch));
    batch->inputs++;
    if (batch->open)
        return 0;
    uint8_t seed[32];
    randombytes_buf(seed, sizeof seed);
    UPP_TRY(
        heed(batch, "begin", upp_node_begin(batch->loop->node, upp_loop_now(batch->loop), seed)));
    batch->open = true;
    return 0;
}

int upp_batch_start(upp_batch *batch)
{
    UPP_TRY(begin(batch));
    return heed(batch, "start", upp_node_start(batch->loop->node));
}

int upp_batch_event(upp_batch *batch, const char *source, const upp_frames *event)
{
    UPP_TRY(begin(batch));
    return heed(batch, source, upp_node_deliver(batch->loop->node, source, event));
}

/* Most batches hold no command or one: the table is as large as the most that there were. */
static void waiting_add(upp_batch *batch, const upp_waiting *who)
{
    if (batch->n_waiting == batch->waiting_size) {
        batch->waiting_size = batch->waiting_size ? 2 * batch->waiting_size : 4;
        batch->waiting = realloc(batch->waiting, batch->waiting_size * sizeof *batch->waiting);
        upp_check(batch->waiting != NULL);
    }
    batch->waiting[batch->n_waiting++] = *who;
}

static int command(upp_batch *batch, const char *peer, const upp_waiting *who,
                   const upp_frames *request)
{
    UPP_TRY(begin(batch));
    const int rc = upp_node_command(batch->loop->node, peer, request);
    if (rc < 0 && rc != UPP_E_BUSY)
        return heed(batch, "command", rc);
    waiting_add(batch, who); /* a refusal is an outcome too, and so is "busy" */
    return 0;
}

int upp_batch_command(upp_batch *batch, const char *peer, const uint8_t id[16],
                      const upp_identity *from, const upp_frames *request)
{
    upp_waiting who = { .from = *from };
    memcpy(who.id, id, sizeof who.id);
    return command(batch, peer, &who, request);
}

int upp_batch_answer(upp_batch *batch, int64_t ask, enum upp_fate fate,
                     const ProtobufCMessage *answer, upp_ms after_span)
{
    UPP_TRY(begin(batch));
    return heed(batch, "answer", upp_node_answer(batch->loop->node, ask, fate, answer, after_span));
}

int upp_batch_unlinked(upp_batch *batch, const char *id)
{
    UPP_TRY(begin(batch));
    return heed(batch, "unlinked", upp_node_unlinked(batch->loop->node, id));
}

int upp_batch_clock_jumped(upp_batch *batch, upp_ms by)
{
    UPP_TRY(begin(batch));
    return heed(batch, "clock", upp_node_clock_jumped(batch->loop->node, by));
}

int upp_batch_locals(upp_batch *batch, size_t limit)
{
    for (size_t n = batch->n_locals < limit ? batch->n_locals : limit;
         n > 0 && upp_batch_room(batch); n--) {
        upp_local *local = local_take(batch);
        upp_check(local != NULL);
        upp_waiting who = { .local = local };
        memcpy(who.id, local->id, sizeof who.id);
        const int rc = command(batch, upp_node_service(batch->loop->node)->name, &who,
                               &(upp_frames){ .type = upp_text(local->type),
                                              .envelope = local->head,
                                              .content = local->message });
        if (rc < 0)
            local_done(local, NULL, "malformed-command");
        if (upp_fatal(rc))
            return rc;
    }
    return 0;
}

int upp_batch_alarms(upp_batch *batch, size_t limit)
{
    upp_node *node = batch->loop->node;
    for (size_t n = 0;
         n < limit && upp_batch_room(batch) && upp_node_next(node) <= upp_loop_now(batch->loop);
         n++) {
        UPP_TRY(begin(batch));
        const int rc = heed(batch, "alarm", upp_node_alarm(node));
        if (upp_fatal(rc))
            return rc;
        if (rc == UPP_E_BUSY || rc == 1) /* 1: what is due is no alarm but a retry */
            return 0;
    }
    return 0;
}

static void tell_local(upp_local *local, const upp_frames *outcome)
{
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *head = upp_unpack(&uppsikt__answer_head__descriptor, outcome->chain);
    const Uppsikt__AnswerHead *h = (const Uppsikt__AnswerHead *)head;
    if (h && h->refused[0]) {
        local_done(local, NULL, h->refused);
        return;
    }
    UPP_AUTO(upp_unpack_freep) ProtobufCMessage *msg = local->unpack(outcome);
    local_done(local, msg, msg ? NULL : "unknown-outcome");
}

static void hear(void *ctx, const uint8_t id[16], const upp_frames *outcome)
{
    upp_batch *batch = ctx;
    for (size_t i = 0; i < batch->n_waiting; i++) {
        upp_waiting *w = &batch->waiting[i];
        if (w->answered || memcmp(w->id, id, sizeof w->id) != 0)
            continue;
        w->answered = true;
        if (w->local)
            tell_local(w->local, outcome);
        else
            batch->out(batch->out_ctx, &w->from, outcome);
        return;
    }
}

int upp_batch_commit(upp_batch *batch)
{
    if (!batch->open)
        return 1;
    batch->open = false;
    batch->inputs = 0;
    UPP_TRY(heed(batch, "commit", upp_node_commit(batch->loop->node, hear, batch)));
    for (size_t i = 0; i < batch->n_waiting; i++)
        upp_check(batch->waiting[i].answered); /* the node says an outcome of every command */
    batch->n_waiting = 0;
    return 0;
}

static ProtobufCMessage *unpack_any(const upp_frames *outcome)
{
    const ProtobufCMessageDescriptor *type = upp_type_named(outcome->type);
    return type ? upp_unpack(type, outcome->envelope) : NULL;
}

void upp_loop_command(upp_loop *loop, const uint8_t id[16], const ProtobufCMessage *message,
                      void (*answered)(void *self, const ProtobufCMessage *outcome,
                                       const char *words),
                      void *self)
{
    upp_batch *batch = loop->batch;
    if (loop->full || batch->n_locals == LOCALS_MAX) {
        answered(self, NULL, loop->full ? "disk-low" : "busy");
        return;
    }
    upp_local *local = calloc(1, sizeof *local);
    upp_check(local != NULL);
    memcpy(local->id, id, sizeof local->id);
    Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof local->id, local->id };
    head.sent_ms = upp_loop_now(loop);
    local->head = upp_wire_pack(&head.base);
    local->message = upp_wire_pack(message);
    local->type = message->descriptor->name;
    local->unpack = unpack_any;
    local->answered = answered;
    local->self = self;
    local_put(batch, local);
}
