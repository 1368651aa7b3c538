/* report.c - how a node is: its status, its numbers, and a dump that two equal stores share. */
#include "node_state.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef UPP_VERSION
#define UPP_VERSION "0.1.0"
#endif

static int count_of(upp_txn *txn, const char *sql, int64_t *ret_n)
{
    return upp_ask_int(txn, sql, NO_BIND, 0, ret_n);
}

static int read_counts(upp_txn *txn, Uppsikt__ServiceState *ret_state)
{
    Uppsikt__ServiceState *s = ret_state;
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_parked", &s->parked));
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_ask WHERE state = 2", &s->dead_letters));
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_ask WHERE state = 0", &s->open_asks));
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_alarm", &s->open_alarms));
    UPP_TRY(count_of(txn, "SELECT coalesce(min(due), 0) FROM upp_alarm", &s->next_alarm_ms));
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_content WHERE length(salt) > 0", &s->contents));
    UPP_TRY(count_of(txn, "SELECT count(*) FROM upp_tombstone", &s->tombstones));
    return count_of(txn, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                    &s->db_bytes);
}

int upp_status_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    (void)msg;
    upp_node *node = txn->node;
    Uppsikt__SourceState states[UPP_SOURCES];
    Uppsikt__SourceState *list[UPP_SOURCES];
    upp_point points[UPP_SOURCES];
    upp_epoch_rows epochs;
    Uppsikt__ServiceState out = UPPSIKT__SERVICE_STATE__INIT;
    out.service = upp_lend(node->service->name);
    out.version = upp_lend(UPP_VERSION);
    out.epoch = (ProtobufCBinaryData){ 16, node->head.epoch };
    out.head = node->head.seq;
    out.started_ms = node->started;
    out.parts = node->service->of > 1 ? node->service->of : 0;
    out.now_ms = node->now;
    UPP_TRY(read_counts(txn, &out));
    for (size_t i = 0; node->sources[i]; i++) {
        const int forked = upp_node_cursor(node, node->sources[i], &points[i]);
        UPP_TRY(forked);
        uppsikt__source_state__init(&states[i]);
        states[i].source = upp_lend(node->sources[i]);
        states[i].epoch = (ProtobufCBinaryData){ 16, points[i].epoch };
        states[i].cursor = points[i].seq;
        states[i].forked = forked != 0;
        list[i] = &states[i];
        out.n_sources++;
    }
    out.sources = list;
    UPP_TRY(upp_epochs_state(txn, &epochs, &out));
    return upp_reply(txn, &out.base);
}

/* -- metrics: Prometheus text -- */
typedef struct writer {
    void (*write)(void *ctx, const char *line);
    void *ctx;
} writer;

UPP_PRINTF(2, 3) static void write_line(const writer *w, const char *fmt, ...);

static void write_line(const writer *w, const char *fmt, ...)
{
    char line[512];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(line, sizeof line - 1, fmt, args);
    va_end(args);
    const size_t len = n > 0 && (size_t)n < sizeof line - 2 ? (size_t)n : strlen(line);
    memcpy(line + len, "\n", 2);
    w->write(w->ctx, line);
}

static void write_head(const writer *w, const char *name, const char *kind, const char *help)
{
    write_line(w, "# HELP %s %s", name, help);
    write_line(w, "# TYPE %s %s", name, kind);
}

static void write_counts(const writer *w, const char *name, const char *help,
                         const upp_count *counts)
{
    write_head(w, name, "counter", help);
    for (size_t i = 0; i < UPP_TYPES && counts[i].type; i++)
        write_line(w, "%s{type=\"%s\"} %" PRId64, name, counts[i].type, counts[i].n);
}

static void write_number(const writer *w, const char *name, const char *kind, const char *help,
                         int64_t value)
{
    write_head(w, name, kind, help);
    write_line(w, "%s %" PRId64, name, value);
}

static int write_gauge(upp_txn *txn, const writer *w, const upp_gauge *gauge)
{
    write_head(w, gauge->name, "gauge", gauge->help);
    UPP_ROWS row = upp_query_(txn, gauge->sql, NO_BIND);
    while (upp_next(&row)) {
        if (gauge->label)
            write_line(w, "%s{%s=\"%s\"} %" PRId64, gauge->name, gauge->label,
                       upp_col_text(&row, 0), upp_col_int(&row, 1));
        else
            write_line(w, "%s %" PRId64, gauge->name, upp_col_int(&row, 0));
    }
    return row.rc;
}

int upp_node_metrics(upp_node *node, upp_ms now, void (*write)(void *ctx, const char *line),
                     void *ctx)
{
    upp_txn txn = { .node = node, .read_only = true };
    const writer w = { write, ctx };
    Uppsikt__ServiceState s = UPPSIKT__SERVICE_STATE__INIT;
    upp_check(!node->in_batch);
    node->now = now;
    UPP_TRY(read_counts(&txn, &s));
    write_counts(&w, "uppsikt_events_published_total", "Events appended to the log since start.",
                 node->published);
    write_counts(&w, "uppsikt_events_received_total", "Events delivered since start.",
                 node->received);
    write_number(&w, "uppsikt_events_rejected_total", "counter", "Inputs set aside since start.",
                 node->n_parked);
    write_number(&w, "uppsikt_commands_refused_total", "counter", "Commands refused since start.",
                 node->n_refused);
    write_number(&w, "uppsikt_batches_total", "counter", "Transactions committed since start.",
                 node->n_batches);
    write_number(&w, "uppsikt_log_head", "gauge", "The newest event's place in the log.",
                 node->head.seq);
    write_number(&w, "uppsikt_parked", "gauge", "Inputs that wait for a person.", s.parked);
    write_number(&w, "uppsikt_dead_letters", "gauge", "Outside work that was given up.",
                 s.dead_letters);
    write_number(&w, "uppsikt_asks_open", "gauge", "Outside work under way.", s.open_asks);
    write_number(&w, "uppsikt_alarms_open", "gauge", "Alarms set.", s.open_alarms);
    write_number(&w, "uppsikt_db_size_bytes", "gauge", "Size of the database.", s.db_bytes);
    for (size_t i = 0; i < node->service->n_gauges; i++)
        UPP_TRY(write_gauge(&txn, &w, &node->service->gauges[i]));
    return 0;
}

/* -- the dump -- */
static void print_value(const upp_rows *row, int col, char **at, const char *end)
{
    const upp_statement *s = row->stmt;
    const size_t room = (size_t)(end - *at);
    int n = 0;
    switch (sqlite3_column_type(s->stmt, col)) {
    case SQLITE_INTEGER:
        n = snprintf(*at, room, "|%" PRId64, upp_col_int(row, col));
        break;
    case SQLITE_NULL:
        n = snprintf(*at, room, "|-");
        break;
    case SQLITE_TEXT:
        n = snprintf(*at, room, "|'%s'", upp_col_text(row, col));
        break;
    default: { /* a blob, by its hash: what matters is whether two are equal */
        uint8_t hash[32];
        char hex[UPP_HEX];
        const upp_bytes bytes = upp_col_bytes(row, col);
        upp_sha256(&bytes, 1, hash);
        upp_hex(hash, sizeof hash, hex);
        n = snprintf(*at, room, "|x%s", hex);
    }
    }
    *at += n > 0 && (size_t)n < room ? (size_t)n : room - 1;
}

/* A statement of its own for one table, all its columns in the order of all its columns; NULL when
 * it cannot be prepared. */
static upp_statement *dump_statement(upp_db *db, const char *table)
{
    char sql[512];
    upp_statement *s = calloc(1, sizeof *s);
    upp_check(s);
    s->sql = "dump";
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    if (sqlite3_prepare_v2(db->db, sql, -1, &s->stmt, NULL) == SQLITE_OK) {
        size_t len = strlen(sql);
        const int n = sqlite3_column_count(s->stmt);
        for (int i = 1; i <= n && len < sizeof sql; i++)
            len += (size_t)snprintf(sql + len, sizeof sql - len, "%s %d",
                                    i == 1 ? " ORDER BY" : ",", i);
        sqlite3_finalize(s->stmt);
        if (sqlite3_prepare_v2(db->db, sql, -1, &s->stmt, NULL) == SQLITE_OK)
            return s;
    }
    free(s);
    return NULL;
}

static int dump_table(upp_txn *txn, const char *table, void (*line)(void *ctx, const char *text),
                      void *ctx)
{
    char text[8192];
    upp_statement *s = dump_statement(&txn->node->db, table);
    if (!s)
        return upp_fail(txn, UPP_E_STORE, "dump: %s", sqlite3_errmsg(txn->node->db.db));
    UPP_ROWS row = { txn, s, 0 };
    while (upp_next(&row)) {
        char *at = text;
        at += snprintf(at, sizeof text, "%s", table);
        for (int i = 0; i < sqlite3_column_count(s->stmt); i++)
            print_value(&row, i, &at, text + sizeof text);
        line(ctx, text);
    }
    return row.rc;
}

int upp_node_dump(upp_node *node, void (*line)(void *ctx, const char *text), void *ctx)
{
    upp_txn txn = { .node = node, .read_only = true };
    UPP_ROWS tables = upp_query(&txn,
                                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                " AND name NOT LIKE 'sqlite_%' ORDER BY name",
                                NO_BIND);
    while (upp_next(&tables))
        UPP_TRY(dump_table(&txn, upp_col_text(&tables, 0), line, ctx));
    return tables.rc;
}
