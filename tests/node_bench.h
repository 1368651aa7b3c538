/* node_bench.h - one service on a temporary file, stepped by hand: the bench of service tests.
 *
 *     static int set_up(void **state) { return bench_set_up(state, &upp_registry_service); }
 *     bench_did(b, "p1", &command.base);                 a command that must be done
 *     bench_refused(b, "p1", &command.base, "not-allowed");
 * bench_saw(b, "AccountChanged FindingRaised"); what the log has said since it was last asked
 *     bench_hear(b, "ingest", "acc1", &event.base, NULL); an event of another service
 * bench_wait(b, 3 * UPP_DAY); time goes by; alarms ring when they are due
 *     bench_ask(b, &bench_asked[0]) ... bench_answer      work outside
 *
 * Included by one test file each (cmocka's asserts stand in it); `b->now` is suite time, and is
 * only moved by bench_wait and by the test itself. Every function ends the test when the node
 * itself fails. */
#pragma once
#include "../common/src/digest.h"
#include "cloudevents.pb-c.h"
#include "upp/node.h"
#include "uppsikt/bus.pb-c.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

enum { BENCH_SOURCES = 8, BENCH_ROWS = 512, BENCH_ASKS = 64 };

/* Another service's log, as far as the bench has said it. */
typedef struct bench_source {
    char name[32];
    uint8_t epoch[16], hash[32];
    int64_t seq;
} bench_source;

/* One row of a query, one event of the log: its bytes are the bench's. */
typedef struct bench_row {
    char type[96];
    uint8_t *at, *content;
    size_t len, content_len;
} bench_row;

typedef struct bench_asked {
    int64_t id;
    uint32_t attempt;
    char port[32], key[256];
    ProtobufCMessage *request;
} bench_asked;

typedef struct bench {
    const upp_service *service;
    const char *peer; /* who gives a command; NULL: the console */
    void *config;     /* presets, for the test to change before bench_restart */
    char folder[64], path[96];
    upp_node *node;
    upp_ms now;
    uint64_t commands, batches;
    int64_t heard_to; /* bench_saw's place in the log */
    bench_source sources[BENCH_SOURCES];
    size_t n_sources;
    char refused[96]; /* the last command or query; "" when it was not */
    bench_row outcome;
    bench_row rows[BENCH_ROWS]; /* the last query */
    size_t n_rows;
    bench_asked asks[BENCH_ASKS]; /* started and not yet answered */
    size_t n_asks;
} bench;

static const uint8_t bench_lookup_key[32] = { 7 };

/* -- opening -- */
static inline void bench_say(const char *line)
{
    fail_msg("%s", line);
}

/* As the driver reads a preset; a file stays empty (the test gives its bytes). */
static inline void bench_preset(uint8_t *field, const upp_option *o)
{
    static const struct {
        const char *unit;
        upp_ms span;
    } units[] = {
        { "ms", 1 }, { "s", UPP_SECOND }, { "min", UPP_MINUTE }, { "h", UPP_HOUR }, { "d", UPP_DAY }
    };
    const char *text = o->preset && o->preset[0] ? o->preset : NULL;
    char *unit = NULL;
    int64_t number = text ? strtoll(text, &unit, 10) : 0;
    const bool flag = text && strcmp(text, "yes") == 0;
    for (size_t i = 0; o->kind == UPP_OPT_SPAN && text && i < UPP_LEN(units); i++)
        if (strcmp(units[i].unit, unit) == 0) {
            number *= units[i].span;
            break;
        }
    if (o->kind == UPP_OPT_SPAN || o->kind == UPP_OPT_COUNT)
        memcpy(field, &number, sizeof number);
    else if (o->kind == UPP_OPT_FLAG)
        memcpy(field, &flag, sizeof flag);
    else if (o->kind == UPP_OPT_TEXT)
        memcpy(field, &text, sizeof text);
}

static inline void bench_begin(bench *b)
{
    uint8_t seed[32] = { 1 };
    upp_be64(++b->batches, seed + 1);
    assert_int_equal(upp_node_begin(b->node, b->now, seed), 0);
}

static inline void bench_commit(bench *b)
{
    assert_int_equal(upp_node_commit(b->node, NULL, NULL), 0);
}

/* Opens the store anew, as after a crash: what was started and not answered starts again. */
static inline void bench_restart(bench *b)
{
    const upp_store store = { .path = b->path, .lookup_key = bench_lookup_key };
    upp_node_free(b->node);
    for (size_t i = 0; i < b->n_asks; i++)
        protobuf_c_message_free_unpacked(b->asks[i].request, NULL);
    b->n_asks = 0;
    b->node = upp_node_new(b->service, &store, b->config, bench_say);
    assert_non_null(b->node);
    bench_begin(b);
    assert_true(upp_node_start(b->node) >= 0);
    bench_commit(b);
}

static inline bench *bench_open(const upp_service *service)
{
    bench *b = calloc(1, sizeof *b);
    upp_check(b);
    b->service = service;
    b->now = 1790000000000; /* 2026-09-21, a Monday */
    b->config = calloc(1, service->config_size + 1);
    upp_check(b->config);
    for (size_t i = 0; i < service->n_options; i++)
        bench_preset((uint8_t *)b->config + service->options[i].offset, &service->options[i]);
    snprintf(b->folder, sizeof b->folder, "%s/upp-bench-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); /* a sync costs nothing there */
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/node.db", b->folder);
    bench_restart(b);
    return b;
}

static inline void bench_row_done(bench_row *row)
{
    free(row->at);
    free(row->content);
    *row = (bench_row){ 0 };
}

/* Checks the whole chain and every commitment before it closes. */
static inline void bench_close(bench *b)
{
    static const char *const tails[] = { "", "-wal", "-shm" };
    assert_int_equal(upp_node_verify(b->node), 0);
    upp_node_free(b->node);
    for (size_t i = 0; i < UPP_LEN(tails); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", b->path, tails[i]);
        (void)unlink(path); /* those that are there */
    }
    assert_int_equal(rmdir(b->folder), 0);
    for (size_t i = 0; i < b->n_asks; i++)
        protobuf_c_message_free_unpacked(b->asks[i].request, NULL);
    for (size_t i = 0; i < b->n_rows; i++)
        bench_row_done(&b->rows[i]);
    bench_row_done(&b->outcome);
    free(b->config);
    free(b);
}

static inline int bench_set_up(void **state, const upp_service *service)
{
    *state = bench_open(service);
    return 0;
}

static inline int bench_tear_down(void **state)
{
    bench_close(*state);
    return 0;
}

/* -- requests -- */
static inline void bench_take(bench_row *row, const upp_frames *frames)
{
    bench_row_done(row);
    snprintf(row->type, sizeof row->type, "%.*s", (int)frames->type.len, frames->type.at);
    row->len = frames->envelope.len;
    row->content_len = frames->content.len;
    row->at = malloc(row->len + 1);
    row->content = malloc(row->content_len + 1);
    upp_check(row->at && row->content);
    if (row->len)
        memcpy(row->at, frames->envelope.at, row->len);
    if (row->content_len)
        memcpy(row->content, frames->content.at, row->content_len);
}

static inline bool bench_end_of_answer(bench *b, const upp_frames *frames)
{
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, frames->chain.len, frames->chain.at);
    assert_non_null(head);
    snprintf(b->refused, sizeof b->refused, "%s", head->refused);
    uppsikt__answer_head__free_unpacked(head, NULL);
    return true;
}

static inline void bench_outcome(void *ctx, const uint8_t id[16], const upp_frames *frames)
{
    bench *b = ctx;
    (void)id;
    bench_take(&b->outcome, frames);
    bench_end_of_answer(b, frames);
}

typedef struct bench_request {
    uint8_t id[16], head[192], *body;
    upp_frames frames;
} bench_request;

static inline void bench_request_make(bench_request *r, uint64_t number, const char *by,
                                      const ProtobufCMessage *msg)
{
    Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
    const char *type = msg->descriptor->name;
    *r = (bench_request){ .id = { 0xbe } };
    upp_be64(number, r->id + 8);
    h.id = (ProtobufCBinaryData){ 16, r->id };
    h.by = upp_lend(by ? by : "");
    upp_check(uppsikt__request_head__get_packed_size(&h) <= sizeof r->head);
    r->body = malloc(protobuf_c_message_get_packed_size(msg) + 1);
    upp_check(r->body);
    r->frames.type = (upp_bytes){ (const uint8_t *)type, strlen(type) };
    r->frames.envelope = (upp_bytes){ r->head, uppsikt__request_head__pack(&h, r->head) };
    r->frames.content = (upp_bytes){ r->body, protobuf_c_message_pack(msg, r->body) };
}

/* A command for the person `by` (NULL: the peer itself), in a batch of its own. 0: done, 2: refused
 * (b->refused says why); b->outcome holds what was answered. */
static inline int bench_command(bench *b, const char *by, const ProtobufCMessage *msg)
{
    bench_request r;
    bench_request_make(&r, ++b->commands, by, msg);
    bench_begin(b);
    const int rc = upp_node_command(b->node, b->peer ? b->peer : "console", &r.frames);
    assert_int_equal(upp_node_commit(b->node, bench_outcome, b), 0);
    free(r.body);
    return rc;
}

static inline void bench_did(bench *b, const char *by, const ProtobufCMessage *msg)
{
    const int rc = bench_command(b, by, msg);
    if (rc != 0)
        fail_msg("%s: %d %s: %s", msg->descriptor->name, rc, b->refused, upp_node_why(b->node));
}

static inline void bench_refused(bench *b, const char *by, const ProtobufCMessage *msg,
                                 const char *words)
{
    const int rc = bench_command(b, by, msg);
    if (rc != 2 || strcmp(b->refused, words) != 0)
        fail_msg("%s: %d '%s', not '%s'", msg->descriptor->name, rc, b->refused, words);
}

/* Unpacks bytes that the bench holds; the caller frees it (upp_msg_freep). */
static inline ProtobufCMessage *bench_unpack(const ProtobufCMessageDescriptor *type,
                                             const uint8_t *at, size_t len)
{
    ProtobufCMessage *msg = protobuf_c_message_unpack(type, NULL, len, at);
    assert_non_null(msg);
    return msg;
}

static inline bool bench_take_row(void *ctx, const upp_frames *frames)
{
    bench *b = ctx;
    if (frames->type.len == 0)
        return bench_end_of_answer(b, frames);
    assert_true(b->n_rows < BENCH_ROWS);
    bench_take(&b->rows[b->n_rows++], frames);
    return true;
}

/* A query; its rows lie in b->rows. */
static inline size_t bench_query(bench *b, const char *by, const ProtobufCMessage *msg)
{
    bench_request r;
    bench_request_make(&r, 1, by, msg);
    for (size_t i = 0; i < b->n_rows; i++)
        bench_row_done(&b->rows[i]);
    b->n_rows = 0;
    assert_int_equal(upp_node_query(b->node, b->now, "console", &r.frames, bench_take_row, b), 0);
    free(r.body);
    return b->n_rows;
}

static inline ProtobufCMessage *bench_row_at(const bench *b, size_t i,
                                             const ProtobufCMessageDescriptor *type)
{
    assert_true(i < b->n_rows);
    assert_string_equal(b->rows[i].type, type->name);
    return bench_unpack(type, b->rows[i].at, b->rows[i].len);
}

static inline ProtobufCMessage *bench_row_content(const bench *b, size_t i,
                                                  const ProtobufCMessageDescriptor *type)
{
    assert_true(i < b->n_rows);
    return bench_unpack(type, b->rows[i].content, b->rows[i].content_len);
}

/* -- the log -- */
typedef struct bench_heard {
    char types[4096];
    const ProtobufCMessageDescriptor *want;
    upp_bytes fact; /* of the last `want`, owned by `owner` */
    Io__Cloudevents__V1__CloudEvent *owner;
    bench_row content;
} bench_heard;

static inline bool bench_note(void *ctx, const upp_frames *frames)
{
    bench_heard *h = ctx;
    const size_t used = strlen(h->types);
    char type[96];
    snprintf(type, sizeof type, "%.*s", (int)frames->type.len, frames->type.at);
    snprintf(h->types + used, sizeof h->types - used, "%s%s", used ? " " : "",
             strncmp(type, "uppsikt.", 8) == 0 ? type + 8 : type);
    if (!h->want || strcmp(type, h->want->name) != 0)
        return true;
    if (h->owner)
        io__cloudevents__v1__cloud_event__free_unpacked(h->owner, NULL);
    h->owner =
        io__cloudevents__v1__cloud_event__unpack(NULL, frames->envelope.len, frames->envelope.at);
    assert_non_null(h->owner);
    h->fact = (upp_bytes){ h->owner->proto_data->value.data, h->owner->proto_data->value.len };
    bench_take(&h->content, frames);
    return true;
}

/* The types that the log has said since bench_saw was last called, without "uppsikt.", in order. */
static inline void bench_saw(bench *b, const char *types)
{
    bench_heard h = { 0 };
    assert_true(upp_node_log(b->node, b->heard_to, bench_note, &h) >= 0);
    b->heard_to = upp_node_head(b->node).seq;
    assert_string_equal(h.types, types);
}

/* Forgets what has been said so far. */
static inline void bench_skip(bench *b)
{
    b->heard_to = upp_node_head(b->node).seq;
}

/* The last fact of this type in the log, for the caller to free; with `content` not NULL, the
 * content beside it as well (NULL when there is none any more). */
static inline ProtobufCMessage *bench_said(bench *b, const ProtobufCMessageDescriptor *type,
                                           const ProtobufCMessageDescriptor *content,
                                           ProtobufCMessage **ret_content)
{
    bench_heard h = { .want = type };
    assert_true(upp_node_log(b->node, 0, bench_note, &h) >= 0);
    if (!h.owner)
        fail_msg("no %s has been said", type->name);
    ProtobufCMessage *fact = bench_unpack(type, h.fact.at, h.fact.len);
    if (content) {
        *ret_content = NULL;
        Uppsikt__ContentFrame *frame =
            uppsikt__content_frame__unpack(NULL, h.content.content_len, h.content.content);
        assert_non_null(frame);
        if (h.content.content_len)
            *ret_content = bench_unpack(content, frame->body.data, frame->body.len);
        uppsikt__content_frame__free_unpacked(frame, NULL);
    }
    bench_row_done(&h.content);
    io__cloudevents__v1__cloud_event__free_unpacked(h.owner, NULL);
    return fact;
}

/* -- time -- */
static inline int64_t bench_number(bench *b, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(upp_node_db(b->node), sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(upp_node_db(b->node)));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

/* Time goes by; each alarm rings at its own time, and may set others. */
static inline void bench_wait(bench *b, upp_ms span)
{
    const upp_ms until = b->now + span;
    for (;;) {
        const upp_ms due = bench_number(b, "SELECT coalesce(min(due), -1) FROM upp_alarm");
        if (due < 0 || due > until)
            break;
        b->now = due > b->now ? due : b->now;
        bench_begin(b);
        const int rc = upp_node_alarm(b->node);
        if (rc != 0)
            fail_msg("alarm: %d %s", rc, upp_node_why(b->node));
        bench_commit(b);
    }
    b->now = until;
}

#include "node_bench_outer.h" /* the other services, the ports, the files */
