/* node.c - one service with its store: batches, savepoints, what stays and what goes. */
#include "node_state.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A source, or each part of it. */
static void add_source(upp_node *node, const char *whole)
{
    const unsigned parts = upp_parts_of(node->service->many, whole);
    for (unsigned part = 1; part <= parts; part++) {
        char name[UPP_PART_NAME];
        size_t i = 0;
        upp_part_name(whole, part, name);
        while (node->sources[i] && strcmp(node->sources[i], name) != 0)
            i++;
        upp_check(i < UPP_SOURCES);
        memcpy(node->source_names[i], name, sizeof name);
        node->sources[i] = node->source_names[i];
    }
}

static void list_sources(upp_node *node)
{
    const upp_service *service = node->service;
    const char *own = service->whole ? service->whole : service->name;
    for (size_t r = 0; r <= service->n_routes; r++) {
        /* Every service hears evidence: a disposal is everybody's (ARCHITECTURE §5). */
        const bool last = r == service->n_routes;
        if (!last && service->routes[r].verb != UPP_EVENT)
            continue;
        const char *source = last ? "evidence" : service->routes[r].source;
        if (strcmp(source, own) != 0)
            add_source(node, source);
    }
}

static int make_self(const upp_service *service, const void *config, void (*say)(const char *),
                     void **ret_self)
{
    *ret_self = NULL;
    if (!service->open)
        return 0;
    *ret_self = service->open(config, say);
    return *ret_self ? 0 : UPP_E_INPUT;
}

upp_node *upp_node_new(const upp_service *service, const upp_store *store, const void *config,
                       void (*say)(const char *line))
{
    upp_node *node = calloc(1, sizeof *node);
    upp_check(node);
    node->service = service;
    node->config = config;
    memcpy(node->lookup_key, store->lookup_key, sizeof node->lookup_key);
    list_sources(node);
    if (make_self(service, config, say, &node->self) < 0 ||
        upp_db_open(&node->db, service, store->path, store->vfs, say) < 0) {
        upp_node_free(node);
        return NULL;
    }
    if (!upp_part_agrees(node->db.db, service, store->path, say)) {
        upp_node_free(node);
        return NULL;
    }
    if (upp_chain_open(node) < 0 || upp_cursors_read(node) < 0 || upp_asks_inherit(node) < 0) {
        say(node->why);
        upp_node_free(node);
        return NULL;
    }
    return node;
}

static void clear_answered(upp_node *node)
{
    for (size_t i = 0; i < node->n_answered; i++)
        free(node->answered[i].body);
    node->n_answered = 0;
}

void upp_node_free(upp_node *node)
{
    if (!node)
        return;
    if (node->db.db)
        upp_db_close(&node->db);
    if (node->service->close)
        node->service->close(node->self);
    clear_answered(node);
    free(node->answered);
    free(node->epochs);
    free(node->under_way);
    free(node);
}

int upp_node_reload(upp_node *node, const void *config, void (*say)(const char *line))
{
    void *fresh = NULL;
    upp_check(!node->in_batch);
    UPP_TRY(make_self(node->service, config, say, &fresh));
    if (node->service->close)
        node->service->close(node->self);
    node->self = fresh;
    node->config = config;
    return 0;
}

const upp_service *upp_node_service(const upp_node *node)
{
    return node->service;
}

const void *upp_node_self(const upp_node *node)
{
    return node->self ? node->self : node->config;
}

const char *upp_node_why(const upp_node *node)
{
    return node->why;
}

const char *upp_node_source(const upp_node *node, size_t i)
{
    return i < UPP_SOURCES ? node->sources[i] : NULL;
}

void upp_node_rest(upp_node *node)
{
    upp_db_rest(&node->db);
}

void *upp_node_db(upp_node *node)
{
    return node->db.db;
}

int upp_node_fail(upp_node *node, enum upp_fail code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(node->why, sizeof node->why, fmt, args);
    va_end(args);
    return code;
}

void upp_node_count(upp_count *counts, const char *type)
{
    for (size_t i = 0; i < UPP_TYPES; i++) {
        if (!counts[i].type)
            counts[i].type = type;
        if (counts[i].type == type || strcmp(counts[i].type, type) == 0) {
            counts[i].n++;
            return;
        }
    }
}

const upp_route *upp_node_route(const upp_node *node, int verb, const char *source,
                                const char *type)
{
    for (size_t i = 0; i < node->service->n_routes; i++) {
        const upp_route *r = &node->service->routes[i];
        if ((int)r->verb == verb && strcmp(r->type->name, type) == 0 &&
            (!r->source || !source || upp_part_of(r->source, source)))
            return r;
    }
    return NULL;
}

int upp_node_begin(upp_node *node, upp_ms now, const uint8_t seed[32])
{
    upp_check(!node->in_batch);
    node->now = now;
    upp_stream_init(&node->stream, seed);
    clear_answered(node);
    node->inputs = 0;
    node->starved = false;
    if (upp_db_run(&node->db, "BEGIN IMMEDIATE") < 0)
        return upp_node_fail(node, UPP_E_STORE, "begin: %s", sqlite3_errmsg(node->db.db));
    node->in_batch = true;
    return 0;
}

void upp_node_abort(upp_node *node)
{
    if (!node->in_batch)
        return;
    node->in_batch = false;
    if (!sqlite3_get_autocommit(node->db.db))
        (void)upp_db_run(&node->db, "ROLLBACK"); /* the process, or this node, is about to end */
    /* a store that cannot be read now fails the next batch, and says so */
    if (upp_chain_open(node) == 0)
        (void)upp_cursors_read(node);
    clear_answered(node);
}

/* What was wiped still lies in the write-ahead log until it is copied over and cut (P8). Somebody
 * who reads the store meanwhile, an operator or a check of it, is waited for (store.c); one who
 * reads on is no reason to end the service: then the next batch tries again. */
static int cut_log(upp_node *node)
{
    const int rc =
        sqlite3_wal_checkpoint_v2(node->db.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
        return upp_node_fail(node, UPP_E_STORE, "checkpoint: %s", sqlite3_errmsg(node->db.db));
    node->forgot = rc != SQLITE_OK;
    return 0;
}

int upp_node_commit(upp_node *node, upp_outcome *outcome, void *ctx)
{
    upp_check(node->in_batch);
    UPP_TRY(upp_cursors_write(node));
    if (upp_db_run(&node->db, "COMMIT") < 0)
        return upp_node_fail(node, UPP_E_STORE, "commit: %s", sqlite3_errmsg(node->db.db));
    node->in_batch = false;
    node->n_batches++;
    for (size_t i = 0; outcome && i < node->n_answered; i++) {
        upp_answered *a = &node->answered[i];
        uint8_t packed[256];
        Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
        head.id = (ProtobufCBinaryData){ sizeof a->id, a->id };
        head.last = true;
        head.refused = a->refused;
        const upp_frames frames = {
            .type = { (const uint8_t *)a->type, strlen(a->type) },
            .envelope = { a->body, a->len },
            .chain = { packed, protobuf_c_message_pack(&head.base, packed) },
        };
        outcome(ctx, a->id, &frames);
    }
    clear_answered(node);
    return node->forgot ? cut_log(node) : 0;
}

/* -- one input -- */
static int forget_approved(upp_txn *txn)
{
    for (size_t i = 0; i < txn->n_approved; i++)
        UPP_TRY(upp_forget(txn, (const Uppsikt__DisposalApproved *)txn->approved[i]));
    return 0;
}

static void drop_approved(upp_txn *txn)
{
    for (size_t i = 0; i < txn->n_approved; i++)
        upp_msg_freep(&txn->approved[i]);
    txn->n_approved = 0;
}

/* A library that gets no memory says no in its own words: malformed, not UTF-8, nothing there.
 * Nothing may be parked, refused or kept for that; malloc itself says why. */
bool upp_node_starved(const upp_node *node)
{
    return node->starved || errno == ENOMEM;
}

int upp_node_ready(upp_txn *txn)
{
    const upp_node *node = txn->node;
    return node->service->on_input ? node->service->on_input(txn, node->self) : 0;
}

static int guarded(upp_node *node, upp_txn *txn, int (*run)(upp_txn *txn, void *ctx), void *ctx)
{
    const upp_point before = node->head;
    if (upp_db_run(&node->db, "SAVEPOINT input") < 0)
        return upp_node_fail(node, UPP_E_STORE, "savepoint: %s", sqlite3_errmsg(node->db.db));
    errno = 0;
    int rc = upp_node_ready(txn);
    if (rc >= 0)
        rc = run(txn, ctx);
    if (rc >= 0) {
        const int forgot = forget_approved(txn);
        if (forgot < 0)
            rc = forgot;
    }
    drop_approved(txn);
    if (upp_node_starved(node))
        rc = upp_node_fail(node, UPP_E_STORE, "no memory");
    if (rc < 0) {
        node->head = before;
        if (upp_db_run(&node->db, "ROLLBACK TO input") < 0)
            return UPP_E_STORE;
    }
    if (upp_db_run(&node->db, "RELEASE input") < 0)
        return upp_node_fail(node, UPP_E_STORE, "release: %s", sqlite3_errmsg(node->db.db));
    return rc;
}

int upp_node_step(upp_node *node, upp_txn *txn, const upp_step *step)
{
    upp_check(node->in_batch);
    upp_check(node->inputs < UPP_BATCH);
    node->inputs++;
    txn->node = node;
    int rc = guarded(node, txn, step->handle, step->ctx);
    if (rc == UPP_E_INPUT && step->park) {
        char why[UPP_WHY];
        snprintf(why, sizeof why, "%s", node->why);
        rc = guarded(node, txn, step->park, step->ctx);
        snprintf(node->why, sizeof node->why, "%s", why);
        if (rc >= 0)
            rc = 2;
        else if (rc == UPP_E_INPUT)
            rc = UPP_E_BUG; /* what was set aside could not even be set aside */
    }
    if (rc == UPP_E_BUG || rc == UPP_E_STORE)
        upp_node_abort(node);
    return rc;
}

static int run_start(upp_txn *txn, void *ctx)
{
    (void)ctx;
    const upp_service *service = txn->node->service;
    const int rc = service->on_start ? service->on_start(txn, upp_node_self(txn->node)) : 0;
    return rc < 0 ? rc : 0;
}

int upp_node_start(upp_node *node)
{
    upp_txn txn = { 0 };
    node->started = node->now;
    return upp_node_step(node, &txn, &(upp_step){ .handle = run_start });
}

static int run_alarm(upp_txn *txn, void *ctx)
{
    const char *key = ctx;
    const upp_service *service = txn->node->service;
    snprintf(txn->cause, sizeof txn->cause, "alarm/%s", key);
    UPP_TRY(upp_alarm_off(txn, key));
    if (!service->on_alarm)
        return upp_fail(txn, UPP_E_BUG, "an alarm, and nobody to hear it: %s", key);
    const int rc = service->on_alarm(txn, upp_node_self(txn->node), key);
    return rc < 0 ? rc : 0;
}

static int park_alarm(upp_txn *txn, void *ctx)
{
    const char *key = ctx;
    UPP_TRY(upp_alarm_off(txn, key));
    return upp_park_write(
        txn, &(upp_park){ .kind = "alarm", .source = key, .type = "alarm", .subject = key });
}

int upp_node_alarm(upp_node *node)
{
    char key[256];
    upp_txn txn = { .node = node };
    if (node->alarm_rest > node->now)
        return 1;
    {
        UPP_ROWS due = upp_query(&txn,
                                 "SELECT key FROM upp_alarm WHERE due <= ?1 ORDER BY due, key"
                                 " LIMIT 1",
                                 BIND(V(node->now)));
        if (!upp_next(&due))
            return due.rc < 0 ? due.rc : 1;
        snprintf(key, sizeof key, "%s", upp_col_text(&due, 0));
    }
    const int rc = upp_node_step(
        node, &txn, &(upp_step){ .handle = run_alarm, .park = park_alarm, .ctx = key });
    node->alarm_rest = rc == UPP_E_BUSY ? node->now + UPP_SECOND : 0;
    return rc;
}

upp_ms upp_node_next(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    int64_t alarm = INT64_MAX, ask = INT64_MAX;
    if (upp_ask_int(&txn, "SELECT due FROM upp_alarm ORDER BY due LIMIT 1", NO_BIND, INT64_MAX,
                    &alarm) < 0)
        return 0; /* the next batch will meet the same failure and say so */
    if (alarm < node->alarm_rest)
        alarm = node->alarm_rest;
    UPP_ROWS open = upp_query(
        &txn, "SELECT id, next_ms FROM upp_ask WHERE state = 0 ORDER BY next_ms, id", NO_BIND);
    while (upp_next(&open)) {
        bool busy = false;
        for (size_t i = 0; i < node->n_under_way; i++)
            busy = busy || node->under_way[i] == upp_col_int(&open, 0);
        if (!busy) {
            ask = upp_col_int(&open, 1);
            break;
        }
    }
    return alarm < ask ? alarm : ask;
}
