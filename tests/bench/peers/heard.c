/* heard.c - the peers' consumer and their measurement. */
#include "heard.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct heard {
    sqlite3 *db;
    sqlite3_stmt *insert, *stand, *begin, *commit;
    int64_t batches;
};

void heard_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static sqlite3_stmt *prepare(heard *h, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(h->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        heard_fail(sql, sqlite3_errmsg(h->db));
    return stmt;
}

static void run(heard *h, sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        heard_fail(sqlite3_sql(stmt), sqlite3_errmsg(h->db));
    sqlite3_reset(stmt);
}

heard *heard_open(const char *dir)
{
    static const char schema[] =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        "CREATE TABLE heard (item TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;"
        "CREATE TABLE stand (source TEXT PRIMARY KEY, place TEXT NOT NULL) STRICT;";
    char path[300];
    heard *h = calloc(1, sizeof *h);
    if (!h)
        heard_fail("memory", "none");
    snprintf(path, sizeof path, "%s/heard.db", dir);
    if (sqlite3_open(path, &h->db) != SQLITE_OK ||
        sqlite3_exec(h->db, schema, NULL, NULL, NULL) != SQLITE_OK)
        heard_fail(path, sqlite3_errmsg(h->db));
    h->insert = prepare(h, "INSERT INTO heard(item, at_ms) VALUES(?1, ?2)");
    h->stand = prepare(h, "INSERT INTO stand(source, place) VALUES('bench', ?1)"
                          " ON CONFLICT(source) DO UPDATE SET place = excluded.place");
    h->begin = prepare(h, "BEGIN IMMEDIATE");
    h->commit = prepare(h, "COMMIT");
    return h;
}

void heard_begin(heard *h)
{
    run(h, h->begin);
}

void heard_row(heard *h, const char *event, size_t len)
{
    if (len != HEARD_EVENT)
        heard_fail("event", "of another length");
    sqlite3_bind_text(h->insert, 1, event, HEARD_ID, SQLITE_STATIC);
    sqlite3_bind_int64(h->insert, 2, 1795000000000);
    run(h, h->insert);
}

void heard_commit(heard *h, const char *place)
{
    sqlite3_bind_text(h->stand, 1, place, -1, SQLITE_STATIC);
    run(h, h->stand);
    run(h, h->commit);
    h->batches++;
}

int64_t heard_batches(const heard *h)
{
    return h->batches;
}

void heard_close(heard *h)
{
    sqlite3_finalize(h->insert);
    sqlite3_finalize(h->stand);
    sqlite3_finalize(h->begin);
    sqlite3_finalize(h->commit);
    if (sqlite3_close(h->db) != SQLITE_OK)
        heard_fail("close", sqlite3_errmsg(h->db));
    free(h);
}

void heard_event(int64_t number, char ret_event[HEARD_EVENT])
{
    char id[HEARD_ID + 1];
    memset(ret_event, 'x', HEARD_EVENT);
    snprintf(id, sizeof id, "%026lld", (long long)number);
    memcpy(ret_event, id, HEARD_ID);
}

/* -- the measurement -- */
static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
           (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
}

int peer_main(int argc, char **argv, void (*produce)(const peer_run *r),
              void (*consume)(const peer_run *r, heard *h))
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s PORT EVENTS DIR\n", argv[0]);
        return 2;
    }
    const peer_run r = { .port = (int)strtol(argv[1], NULL, 10),
                         .events = strtoll(argv[2], NULL, 10),
                         .dir = argv[3] };
    heard *h = heard_open(r.dir);
    int status = 0;
    const double from = seconds_now();
    const pid_t child = fork();
    if (child < 0)
        heard_fail("fork", "failed");
    if (child == 0) {
        produce(&r);
        _exit(0);
    }
    consume(&r, h);
    const double span = seconds_now() - from, n = (double)r.events;
    if (waitpid(child, &status, 0) != child || status != 0)
        heard_fail("producer", "failed");
    const int64_t batches = heard_batches(h);
    heard_close(h);
    printf("{\"events_per_second\":%.0f,\"cpu_us_per_event\":%.1f,\"commits_per_event\":%.4f}\n",
           n / span, (cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN)) / n * 1e6,
           (double)batches / n);
    return 0;
}
