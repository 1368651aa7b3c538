/* verify.c - `uppsikt verify`: every link of every log's chain, from the first event to the
 * last. */
#include "verify.h"
#include "ask.h"
#include "digest.h"
#include "node_state.h"
#include "status.h"
#include "verbs.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

UPP_PRINTF(2, 3) static void wrong(verify_found *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->wrong, sizeof f->wrong, fmt, args);
    va_end(args);
}

/* -- by asking: upp_client_tail checks each link -- */
static bool count(void *ctx, const upp_frames *event)
{
    verify_found *f = ctx;
    f->contents += event->content.len > 0;
    return ++f->events < f->until;
}

static bool ask(verb_call *call, const char *service, verify_found *f)
{
    UPP_AUTO(json_freep) json_t *state = status_of(call, service, 2 * UPP_SECOND);
    upp_point after = { .seq = 0 };
    if (json_object_get(state, "down"))
        return false;
    f->until = json_integer_value(json_object_get(state, "head"));
    if (f->until == 0)
        return true;
    if (upp_client_tail(call->client, service, &after, true, call->wait_span, count, f) != 0)
        wrong(f, "%s", upp_client_why(call->client));
    else if (f->events < f->until)
        wrong(f, "the log ends at %lld, not at %lld", (long long)f->events, (long long)f->until);
    return true;
}

/* -- by reading the store, read-only; the service may be running -- */
static void close_db(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void finish(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

static upp_bytes column(sqlite3_stmt *stmt, int i)
{
    return (upp_bytes){ sqlite3_column_blob(stmt, i), (size_t)sqlite3_column_bytes(stmt, i) };
}

/* A path as SQLite's URI wants it (sqlite.org/uri.html). */
static void uri_of(const char *path, char *ret_uri, size_t size)
{
    size_t n = (size_t)snprintf(ret_uri, size, "file:");
    for (; *path && n + 16 < size; path++)
        n += (size_t)(strchr("?#%", *path) ? snprintf(ret_uri + n, size - n, "%%%02X", *path)
                                           : snprintf(ret_uri + n, size - n, "%c", *path));
    snprintf(ret_uri + n, size - n, "?immutable=1");
}

sqlite3 *verify_open(const char *path, bool as_is)
{
    char uri[3 * PATH_MAX + 64];
    sqlite3 *db = NULL;
    uri_of(path, uri, sizeof uri);
    if (sqlite3_open_v2(as_is ? uri : path, &db,
                        SQLITE_OPEN_READONLY | (as_is ? SQLITE_OPEN_URI : 0), NULL) == SQLITE_OK)
        return db;
    sqlite3_close(db);
    return NULL;
}

/* seq, envelope, eh, hash, commitment, salt, body, epoch. */
static bool check_row(sqlite3_stmt *row, uint8_t prev[32], verify_found *f)
{
    uint8_t eh[32];
    uint8_t hash[32];
    uint8_t commitment[32];
    const int64_t seq = sqlite3_column_int64(row, 0);
    const upp_bytes envelope = column(row, 1);
    const upp_bytes said_eh = column(row, 2);
    const upp_bytes said = column(row, 3);
    const upp_bytes committed = column(row, 4);
    const upp_bytes content[2] = { column(row, 5), column(row, 6) };
    const upp_bytes epoch = column(row, 7);
    if (seq != f->events + 1) {
        wrong(f, "event %lld is missing", (long long)f->events + 1);
        return false;
    }
    upp_sha256(&envelope, 1, eh);
    if (epoch.len == 16)
        upp_chain_hash(epoch.at, seq, prev, eh, hash);
    if (epoch.len != 16 || said_eh.len != 32 || memcmp(eh, said_eh.at, 32) != 0 || said.len != 32 ||
        memcmp(hash, said.at, 32) != 0) {
        wrong(f, "event %lld is not what its chain says", (long long)seq);
        return false;
    }
    if (content[0].at) {
        upp_sha256(content, 2, commitment);
        if (committed.len != 32 || memcmp(commitment, committed.at, 32) != 0) {
            wrong(f, "the content of event %lld is not what its fact says", (long long)seq);
            return false;
        }
        f->contents++;
    }
    memcpy(prev, hash, 32);
    f->events = seq;
    f->head.seq = seq;
    memcpy(f->head.hash, hash, 32);
    memcpy(f->head.epoch, epoch.at, 16);
    return true;
}

void verify_store(const char *path, bool as_is, verify_found *f)
{
    uint8_t prev[32] = { 0 };
    UPP_AUTO(close_db) sqlite3 *db = verify_open(path, as_is);
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    if (!db || sqlite3_prepare_v2(
                   db,
                   "SELECT l.seq, l.envelope, l.eh, l.hash, l.commitment, c.salt, c.body,"
                   " (SELECT e.epoch FROM upp_epoch e WHERE e.first <= l.seq"
                   "  ORDER BY e.n DESC LIMIT 1)"
                   " FROM upp_log l LEFT JOIN upp_content c ON c.id = l.content_ref ORDER BY l.seq",
                   -1, &row, NULL) != SQLITE_OK) {
        wrong(f, "%s: %s", path, db ? sqlite3_errmsg(db) : "cannot be opened");
        return;
    }
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW)
        if (!check_row(row, prev, f))
            return;
    if (rc != SQLITE_DONE)
        wrong(f, "%s: %s", path, sqlite3_errmsg(db));
}

static void check(verb_call *call, const char *service, bool stores, verify_found *f,
                  const char **ret_how)
{
    char path[PATH_MAX];
    *ret_how = "asked";
    if (!stores && ask(call, service, f))
        return;
    *ret_how = "read";
    const int n = snprintf(path, sizeof path, "%s/%s/%s.db", call->home->data, service, service);
    if (call->home->data[0] && n < PATH_MAX && access(path, R_OK) == 0)
        verify_store(path, false, f);
    else
        wrong(f, "no answer, and no store that could be read");
}

static int verify(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    int rc = CALL_DONE;
    if (!ask_client(call))
        return CALL_CONFIG;
    for (size_t i = 0; i < home_n_services; i++) {
        verify_found f = { 0 };
        const char *how = NULL;
        if (!home_has(call->home, home_services[i]))
            continue;
        check(call, home_services[i], call_flag(call, "stores"), &f, &how);
        json_array_append_new(rows, json_pack("{s:s, s:b, s:s, s:I, s:I, s:s}", "service",
                                              home_services[i], "good", f.wrong[0] == '\0', "how",
                                              how, "events", (json_int_t)f.events, "contents",
                                              (json_int_t)f.contents, "wrong", f.wrong));
        rc = f.wrong[0] ? CALL_WRONG : rc;
    }
    if (call->json)
        print_json(rows);
    else
        print_table(
            call->home, rows,
            "SERVICE=service GOOD=good HOW=how EVENTS=events CONTENTS=contents WRONG=wrong");
    return rc;
}

static const verb_option options[] = {
    FLAG("stores", NULL, "read the stores themselves, even of services that answer"),
};
static const verb_action actions[] = {
    RUN("", "", "", OPTIONS(options), verify),
};

const verb_row verb_verify = {
    .name = "verify",
    .help = "every link of every log's chain; stores of services that are down are read",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Reading a store also compares each content with the commitment of its fact.\n",
};
