/* command.c - commands are done once however often they come; queries read and leave no trace. */
#include "node_state.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct request {
    const char *peer;
    const upp_frames *frames;
    char type[128];
    uint8_t id[16];
    char by[64];
    char traceparent[64];
    char session[UPP_ID];
    const upp_route *route;
} request;

static const upp_route own_routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__drive_again__descriptor, upp_drive_again, NULL },
    { UPP_COMMAND, NULL, &uppsikt__accept_cut__descriptor, upp_accept_cut, NULL },
    { UPP_QUERY, NULL, &uppsikt__applied_past__descriptor, upp_applied_query, NULL },
    { UPP_QUERY, NULL, &uppsikt__parked_things__descriptor, upp_park_query, NULL },
    { UPP_QUERY, NULL, &uppsikt__service_status__descriptor, upp_status_query, NULL },
};

static const upp_route *find_route(const upp_node *node, int verb, const char *type)
{
    for (size_t i = 0; i < UPP_LEN(own_routes); i++)
        if ((int)own_routes[i].verb == verb && strcmp(own_routes[i].type->name, type) == 0)
            return &own_routes[i];
    return upp_node_route(node, verb, NULL, type);
}

/* It will stand in a log for ever: an id of ours (upp_id) and nothing else. */
static bool is_session(const char *text)
{
    const size_t len = strlen(text);
    return len < UPP_ID && strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

static int read_request(const upp_frames *frames, request *ret_request)
{
    request *r = ret_request;
    if (!frames->type.at || frames->type.len >= sizeof r->type)
        return UPP_E_INPUT;
    memcpy(r->type, frames->type.at, frames->type.len);
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(&uppsikt__request_head__descriptor, frames->envelope);
    const Uppsikt__RequestHead *head = (const Uppsikt__RequestHead *)msg;
    if (!head || head->id.len != sizeof r->id || strlen(head->by) >= sizeof r->by ||
        !is_session(head->session))
        return UPP_E_INPUT;
    memcpy(r->id, head->id.data, sizeof r->id);
    snprintf(r->by, sizeof r->by, "%s", head->by);
    snprintf(r->traceparent, sizeof r->traceparent, "%s", head->traceparent);
    snprintf(r->session, sizeof r->session, "%s", head->session);
    r->frames = frames;
    return 0;
}

static upp_answered *new_answer(upp_node *node, const uint8_t id[16])
{
    if (node->n_answered == node->answered_size) {
        node->answered_size = node->answered_size ? node->answered_size * 2 : 16;
        node->answered = realloc(node->answered, node->answered_size * sizeof *node->answered);
        upp_check(node->answered);
    }
    upp_answered *a = &node->answered[node->n_answered++];
    memset(a, 0, sizeof *a);
    memcpy(a->id, id, sizeof a->id);
    return a;
}

/* 1: this command has been done; its outcome goes out again. */
static int known(upp_txn *txn, const request *r)
{
    static const char sql[] = "SELECT type, outcome, refused FROM upp_command WHERE id = ?1";
    upp_statement *s = upp_db_prepare(&txn->node->db, sql);
    if (!s)
        return upp_fail(txn, UPP_E_STORE, "%s", sqlite3_errmsg(txn->node->db.db));
    sqlite3_bind_blob(s->stmt, 1, r->id, sizeof r->id, SQLITE_STATIC);
    UPP_ROWS row = { txn, s, 0 };
    if (!upp_next(&row))
        return row.rc;
    upp_answered *a = new_answer(txn->node, r->id);
    const upp_bytes body = upp_col_bytes(&row, 1);
    snprintf(a->type, sizeof a->type, "%s", upp_col_text(&row, 0));
    snprintf(a->refused, sizeof a->refused, "%s", upp_col_text(&row, 2));
    a->body = malloc(body.len + 1);
    upp_check(a->body);
    if (body.len)
        memcpy(a->body, body.at, body.len);
    a->len = body.len;
    return 1;
}

static int remember(upp_txn *txn, const request *r, const upp_answered *a)
{
    if (txn->node->n_answered == 1) /* once a batch is enough to keep pace */
        UPP_TRY(upp_exec(txn,
                         "DELETE FROM upp_command WHERE rowid IN (SELECT rowid FROM upp_command"
                         " WHERE at_ms < ?1 LIMIT 1024)",
                         BIND(V(upp_now(txn) - 30 * UPP_DAY))));
    const int rc =
        upp_exec_blobs(txn,
                       "INSERT INTO upp_command(at_ms, type, refused, id, outcome)"
                       " VALUES(?1, ?2, ?3, ?4, ?5)",
                       BIND(V(upp_now(txn)), V(a->type), V(a->refused)),
                       (upp_blob[]){ { 4, { r->id, 16 } }, { 5, { a->body, a->len } } }, 2);
    return rc < 0 ? rc : 0;
}

static int run_command(upp_txn *txn, void *ctx)
{
    request *r = ctx;
    char id[33];
    upp_hex(r->id, 16, id);
    snprintf(txn->cause, sizeof txn->cause, "command/%s", id);
    snprintf(txn->traceparent, sizeof txn->traceparent, "%s", r->traceparent);
    snprintf(txn->session, sizeof txn->session, "%s", r->session);
    if (!r->route)
        return upp_refuse(txn, "unknown-command");
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(r->route->type, r->frames->content);
    if (!msg)
        return upp_refuse(txn, "malformed-command");
    const upp_input in = { .source = r->peer, .subject = id, .by = r->by[0] ? r->by : NULL };
    txn->outcome = new_answer(txn->node, r->id);
    txn->input = &in;
    const int rc = r->route->handle(txn, upp_node_self(txn->node), &in, msg);
    txn->input = NULL;
    UPP_TRY(rc);
    UPP_TRY(remember(txn, r, txn->outcome));
    return 0;
}

/* The outcome of the failed handler goes, with the note that it was refused in its place. */
static upp_answered *refusal(upp_txn *txn, const request *r, const char *words)
{
    upp_node *node = txn->node;
    if (txn->outcome) {
        free(txn->outcome->body);
        node->n_answered--;
        txn->outcome = NULL;
    }
    upp_answered *a = new_answer(node, r->id);
    snprintf(a->refused, sizeof a->refused, "%s", words);
    return a;
}

static int refuse_command(upp_txn *txn, void *ctx)
{
    request *r = ctx;
    txn->node->n_refused++;
    return remember(txn, r, refusal(txn, r, txn->refused[0] ? txn->refused : "could-not-be-done"));
}

int upp_node_command(upp_node *node, const char *peer, const upp_frames *frames)
{
    request r = { .peer = peer };
    upp_txn txn = { .node = node };
    if (read_request(frames, &r) < 0)
        return upp_node_fail(node, UPP_E_INPUT, "%s: frames that are no command", peer);
    const int before = known(&txn, &r);
    if (before)
        return before;
    r.route = find_route(node, UPP_COMMAND, r.type);
    const int rc = upp_node_step(
        node, &txn, &(upp_step){ .handle = run_command, .park = refuse_command, .ctx = &r });
    if (rc == UPP_E_BUSY)
        refusal(&txn, &r, "busy"); /* said, not kept: the same id may come again */
    if (rc == 0 && txn.accepted) {
        txn.accepted->point = txn.accepted_at;
        txn.accepted->forked = false;
        txn.accepted->dirty = true;
    }
    return rc;
}

/* -- queries -- */
typedef struct answering {
    upp_each *each;
    void *ctx;
    const request *r;
} answering;

static bool pass_row(void *ctx, const upp_frames *row)
{
    answering *a = ctx;
    uint8_t packed[64];
    Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ 16, (uint8_t *)upp_lend((const char *)a->r->id) };
    upp_frames frames = *row;
    frames.chain = (upp_bytes){ packed, protobuf_c_message_pack(&head.base, packed) };
    return a->each(a->ctx, &frames);
}

static void pass_end(const answering *a, const char *refused)
{
    uint8_t packed[256];
    Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ 16, (uint8_t *)upp_lend((const char *)a->r->id) };
    head.last = true;
    head.refused = upp_lend(refused);
    const upp_frames frames = { .chain = { packed, protobuf_c_message_pack(&head.base, packed) } };
    (void)a->each(a->ctx, &frames);
}

/* About a second of SQLite's virtual machine, counted, not timed: the same everywhere. */
enum { OPS_A_CALL = 10000, CALLS = 2000 };

static int count_down(void *ctx)
{
    return --*(int *)ctx < 0;
}

static int run_query(upp_node *node, upp_txn *txn, const request *r)
{
    if (!r->route)
        return upp_refuse(txn, "unknown-query");
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg = upp_unpack(r->route->type, r->frames->content);
    if (!msg)
        return upp_refuse(txn, "malformed-query");
    const upp_input in = { .source = r->peer, .subject = "", .by = r->by[0] ? r->by : NULL };
    int left = CALLS;
    sqlite3_progress_handler(node->db.db, OPS_A_CALL, count_down, &left);
    txn->input = &in;
    int rc = upp_node_ready(txn);
    if (rc >= 0)
        rc = r->route->handle(txn, upp_node_self(node), &in, msg);
    txn->input = NULL;
    sqlite3_progress_handler(node->db.db, 0, NULL, NULL);
    return left < 0 ? upp_refuse(txn, "query-too-slow") : rc;
}

int upp_node_query(upp_node *node, upp_ms now, const char *peer, const upp_frames *frames,
                   upp_each *each, void *ctx)
{
    request r = { .peer = peer };
    answering a = { each, ctx, &r };
    upp_txn txn = { .node = node, .read_only = true, .each = pass_row, .each_ctx = &a };
    upp_check(!node->in_batch);
    node->now = now;
    if (read_request(frames, &r) < 0)
        return upp_node_fail(node, UPP_E_INPUT, "%s: frames that are no query", peer);
    r.route = find_route(node, UPP_QUERY, r.type);
    errno = 0;
    node->starved = false;
    int rc = run_query(node, &txn, &r);
    if (upp_node_starved(node))
        rc = upp_node_fail(node, UPP_E_STORE, "no memory");
    if (rc == UPP_E_BUG || rc == UPP_E_STORE)
        return rc;
    pass_end(&a, rc >= 0 ? "" : txn.refused[0] ? txn.refused : "could-not-be-done");
    return 0;
}
