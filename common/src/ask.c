/* ask.c - work outside: intent, attempts, outcome, one identity (P5). */
#include "node_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN, ENDED, DEAD };

const upp_outside *upp_node_outside(const upp_node *node, const char *port)
{
    for (size_t i = 0; i < node->service->n_outside; i++)
        if (strcmp(node->service->outside[i].port, port) == 0)
            return &node->service->outside[i];
    return NULL;
}

/* Ended asks are kept 30 days for their keys; a few old ones go each time a new one comes. */
static int purge(upp_txn *txn)
{
    return upp_exec(txn,
                    "DELETE FROM upp_ask WHERE id IN (SELECT id FROM upp_ask WHERE state = 1"
                    " AND asked_ms < ?1 LIMIT 4)",
                    BIND(V(upp_now(txn) - 30 * UPP_DAY)));
}

int upp_ask(upp_txn *txn, const char *port, const char *const *subjects, const char *key,
            const ProtobufCMessage *request)
{
    const upp_outside *outside = upp_node_outside(txn->node, port);
    if (!outside || outside->request != request->descriptor)
        return upp_fail(txn, UPP_E_BUG, "no outside work %s that takes a %s", port,
                        request->descriptor->name);
    int64_t have = 0;
    UPP_TRY(upp_ask_int(txn, "SELECT 1 FROM upp_ask WHERE port = ?1 AND key = ?2",
                        BIND(V(port), V(key)), 0, &have));
    if (have)
        return 1;
    UPP_TRY(purge(txn));
    upp_content kept;
    const int gone = upp_keep(txn, subjects, request, &kept);
    if (gone)
        return gone;
    const int rc = upp_exec(
        txn,
        "INSERT INTO upp_ask(port, key, subject, asked_ms, attempts, next_ms, state, request_ref)"
        " VALUES(?1, ?2, ?3, ?4, 0, ?4, 0, ?5)",
        BIND(V(port), V(key), V(subjects[0]), V(upp_now(txn)), V(kept.ref)));
    return rc < 0 ? rc : 0;
}

void upp_ask_forget_under_way(upp_node *node, int64_t ask)
{
    for (size_t i = 0; i < node->n_under_way; i++)
        if (node->under_way[i] == ask)
            node->under_way[i--] = node->under_way[--node->n_under_way];
}

int upp_asks_inherit(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    return upp_ask_int(&txn, "SELECT coalesce(max(id), 0) FROM upp_ask WHERE state = 0", NO_BIND, 0,
                       &node->inherited);
}

static bool is_under_way(const upp_node *node, int64_t ask)
{
    for (size_t i = 0; i < node->n_under_way; i++)
        if (node->under_way[i] == ask)
            return true;
    return false;
}

static void note_under_way(upp_node *node, int64_t ask)
{
    if (node->n_under_way == node->under_way_size) {
        node->under_way_size = node->under_way_size ? node->under_way_size * 2 : 16;
        node->under_way = realloc(node->under_way, node->under_way_size * sizeof *node->under_way);
        upp_check(node->under_way);
    }
    node->under_way[node->n_under_way++] = ask;
}

/* Starts one ask; 1: its request is gone, or no port is told about it. */
static int start_one(upp_node *node, upp_txn *txn, const upp_rows *row, upp_start *start, void *ctx)
{
    const char *port = upp_col_text(row, 1);
    const upp_outside *outside = upp_node_outside(node, port);
    if (!outside)
        return 1;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *request = NULL;
    const int missing = upp_recall(txn, upp_col_int(row, 4), outside->request, &request);
    if (missing)
        return missing;
    const bool inherited = upp_col_int(row, 0) <= node->inherited;
    const upp_asked asked = { .id = upp_col_int(row, 0),
                              .key = upp_col_text(row, 2),
                              .attempt = (uint32_t)upp_col_int(row, 3) + (inherited ? 2 : 1),
                              .request = request };
    note_under_way(node, asked.id);
    start(ctx, port, &asked);
    return 0;
}

int upp_node_asks(upp_node *node, upp_ms now, size_t limit, upp_start *start, void *ctx)
{
    upp_check(!node->in_batch); /* outside work that may never have been asked for (P5) */
    upp_txn txn = { .node = node, .read_only = true };
    size_t n = 0;
    UPP_ROWS row = upp_query(&txn,
                             "SELECT id, port, key, attempts, request_ref FROM upp_ask"
                             " WHERE state = 0 AND next_ms <= ?1 ORDER BY next_ms, id",
                             BIND(V(now)));
    while (n < limit && upp_next(&row)) {
        if (is_under_way(node, upp_col_int(&row, 0)))
            continue;
        const int64_t ask = upp_col_int(&row, 0);
        const int missing = start_one(node, &txn, &row, start, ctx);
        UPP_TRY(missing);
        if (missing) /* a port that this program has no more: it rests until the next start */
            note_under_way(node, ask);
        n += missing == 0;
    }
    return row.rc < 0 ? row.rc : (int)n;
}

/* -- the end of an attempt -- */
typedef struct ending {
    int64_t ask;
    enum upp_fate fate;
    const ProtobufCMessage *answer;
    upp_ms after_span;
    char port[64], subject[160];
    upp_ms asked_ms;
    uint32_t attempts; /* this one included */
    int64_t request_ref;
} ending;

static int read_ask(upp_txn *txn, ending *ret_ending)
{
    ending *e = ret_ending;
    UPP_ROWS row = upp_query(txn,
                             "SELECT port, subject, asked_ms, attempts, request_ref FROM upp_ask"
                             " WHERE id = ?1 AND state = 0",
                             BIND(V(e->ask)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(e->port, sizeof e->port, "%s", upp_col_text(&row, 0));
    snprintf(e->subject, sizeof e->subject, "%s", upp_col_text(&row, 1));
    e->asked_ms = upp_col_int(&row, 2);
    e->attempts = (uint32_t)upp_col_int(&row, 3) + 1;
    e->request_ref = upp_col_int(&row, 4);
    return 0;
}

/* When the next attempt may start; -1: patience has ended. */
static upp_ms next_attempt(upp_txn *txn, const upp_outside *outside, const ending *e)
{
    upp_ms span = 0;
    if (outside->n_retry_spans > 0) {
        const size_t i =
            e->attempts - 1 < outside->n_retry_spans ? e->attempts - 1 : outside->n_retry_spans - 1;
        span = outside->retry_spans[i];
    }
    if (span < e->after_span)
        span = e->after_span;
    if (upp_now(txn) + span > e->asked_ms + outside->give_up_span)
        return -1;
    uint32_t draw;
    upp_random(txn, &draw, sizeof draw);
    return upp_now(txn) + span + (upp_ms)((uint64_t)span / 10 * draw / UINT32_MAX);
}

int upp_ask_end(upp_txn *txn, int64_t ask, int state)
{
    const int rc =
        upp_exec(txn, "UPDATE upp_ask SET state = ?2, attempts = attempts + 1 WHERE id = ?1",
                 BIND(V(ask), V(state)));
    return rc < 0 ? rc : 0;
}

static int tell_service(upp_txn *txn, const ending *e, bool dead)
{
    const upp_outside *outside = upp_node_outside(txn->node, e->port);
    const upp_route *route = upp_node_route(txn->node, UPP_ANSWER, e->port, outside->answer->name);
    if (!route)
        return 0;
    snprintf(txn->cause, sizeof txn->cause, "ask/%lld", (long long)e->ask);
    const upp_input in = { .source = e->port, .seq = e->ask, .subject = e->subject, .dead = dead };
    txn->input = &in;
    const int rc = route->handle(txn, upp_node_self(txn->node), &in, e->answer);
    txn->input = NULL;
    return rc < 0 ? rc : 0;
}

static int give_up(upp_txn *txn, const ending *e)
{
    Uppsikt__DeadLetterKept out = UPPSIKT__DEAD_LETTER_KEPT__INIT;
    out.port = upp_lend(e->port);
    out.subject = upp_lend(e->subject);
    out.ask = e->ask;
    out.attempts = e->attempts;
    UPP_TRY(upp_ask_end(txn, e->ask, DEAD));
    UPP_TRY(upp_emit(txn, e->subject, &out.base, NULL));
    return tell_service(txn, e, true);
}

static int run_ending(upp_txn *txn, void *ctx)
{
    ending *e = ctx;
    const upp_outside *outside = upp_node_outside(txn->node, e->port);
    if (!outside)
        return upp_fail(txn, UPP_E_BUG, "no outside work %s", e->port);
    if (e->fate == UPP_NEVER)
        return give_up(txn, e);
    if (e->fate == UPP_LATER) {
        const upp_ms next = next_attempt(txn, outside, e);
        if (next < 0)
            return give_up(txn, e);
        const int rc = upp_exec(txn,
                                "UPDATE upp_ask SET attempts = attempts + 1, next_ms = ?2"
                                " WHERE id = ?1",
                                BIND(V(e->ask), V(next)));
        return rc < 0 ? rc : 0;
    }
    UPP_TRY(tell_service(txn, e, false));
    UPP_TRY(upp_ask_end(txn, e->ask, ENDED));
    return upp_drop(txn, e->request_ref);
}

static int park_ending(upp_txn *txn, void *ctx)
{
    const ending *e = ctx;
    size_t len = e->answer ? protobuf_c_message_get_packed_size(e->answer) : 0;
    uint8_t *body = malloc(len + 1);
    upp_check(body);
    if (e->answer)
        protobuf_c_message_pack(e->answer, body);
    int rc = upp_ask_end(txn, e->ask, ENDED);
    if (rc >= 0)
        rc = upp_drop(txn, e->request_ref);
    if (rc >= 0)
        rc = upp_park_write(txn, &(upp_park){ .kind = "answer",
                                              .source = e->port,
                                              .seq = e->ask,
                                              .type = e->answer ? e->answer->descriptor->name : "",
                                              .subject = e->subject,
                                              .body = { body, len } });
    free(body);
    return rc;
}

int upp_node_answer(upp_node *node, int64_t ask, enum upp_fate fate, const ProtobufCMessage *answer,
                    upp_ms after_span)
{
    upp_txn txn = { .node = node };
    ending e = { .ask = ask, .fate = fate, .answer = answer, .after_span = after_span };
    upp_check(answer || fate != UPP_DONE);
    upp_ask_forget_under_way(node, ask);
    const int missing = read_ask(&txn, &e);
    if (missing)
        return missing;
    return upp_node_step(node, &txn,
                         &(upp_step){ .handle = run_ending, .park = park_ending, .ctx = &e });
}

/* -- objects whose row was forgotten -- */
int upp_node_gone(upp_node *node, bool (*each)(void *ctx, const char *id), void *ctx)
{
    upp_txn txn = { .node = node, .read_only = true };
    UPP_ROWS row = upp_query(&txn, "SELECT id FROM upp_object WHERE gone = 1", NO_BIND);
    while (upp_next(&row))
        if (!each(ctx, upp_col_text(&row, 0)))
            break;
    return row.rc;
}

static int run_unlinked(upp_txn *txn, void *ctx)
{
    const char *id = ctx;
    const int rc = upp_exec(txn, "DELETE FROM upp_object WHERE id = ?1 AND gone = 1", BIND(V(id)));
    return rc < 0 ? rc : 0;
}

int upp_node_unlinked(upp_node *node, const char *id)
{
    upp_txn txn = { 0 };
    return upp_node_step(node, &txn, &(upp_step){ .handle = run_unlinked, .ctx = upp_lend(id) });
}

int upp_node_object(upp_node *node, const char *id, int64_t *ret_bytes, uint8_t ret_sha256[32])
{
    upp_txn txn = { .node = node, .read_only = true };
    UPP_ROWS row = upp_query(&txn,
                             "SELECT o.bytes, c.body FROM upp_object o JOIN upp_content c"
                             " ON c.id = o.hash_ref WHERE o.id = ?1 AND o.gone = 0",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    const upp_bytes hash = upp_col_bytes(&row, 1);
    if (hash.len != 32)
        return upp_node_fail(node, UPP_E_STORE, "damaged object row %s", id);
    *ret_bytes = upp_col_int(&row, 0);
    memcpy(ret_sha256, hash.at, 32);
    return 0;
}
