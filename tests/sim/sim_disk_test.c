/* The simulated disk under SQLite alone: what may be lost, and what must not (R42, P1).
 *
 * Repeats reliability.md's findings F1, F2 and F3 in the small: rows are accepted one transaction
 * at a time, the power goes at a drawn I/O, and each row whose COMMIT said OK must be there. */
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_rand.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { SEEDS = 400, ROWS = 60 };

struct how {
    const char *sync;  /* in life */
    bool extra;        /* created under EXTRA */
    bool power;        /* else only the process dies */
    bool sync_failure; /* fsyncs fail now and then */
};

struct trial {
    const struct how *how;
    sim_disk *disk;
    sim_rand rand;
    sqlite3 *db;
    int accepted;
    bool broken; /* will not open, or integrity_check complains */
    int lost;
};

static int sql(sqlite3 *db, const char *text)
{
    return sqlite3_exec(db, text, NULL, NULL, NULL);
}

static int64_t number(sqlite3 *db, const char *text)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static bool sound(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
              sqlite3_step(stmt) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    sqlite3_finalize(stmt);
    return ok;
}

/* Opens or creates. False when the disk gave up on the way. */
static bool trial_open(struct trial *t)
{
    char life[64];
    snprintf(life, sizeof life, "PRAGMA synchronous=%s", t->how->sync);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2("a.db", &t->db, flags, sim_disk_vfs(t->disk)) == SQLITE_OK &&
        sql(t->db, t->how->extra ? "PRAGMA synchronous=EXTRA" : life) == SQLITE_OK &&
        sql(t->db, "PRAGMA journal_mode=WAL") == SQLITE_OK &&
        sql(t->db, "PRAGMA wal_autocheckpoint=16") == SQLITE_OK &&
        sql(t->db, "CREATE TABLE IF NOT EXISTS a(seq INTEGER PRIMARY KEY, x BLOB) STRICT") ==
            SQLITE_OK &&
        sql(t->db, life) == SQLITE_OK)
        return true;
    sqlite3_close(t->db);
    t->db = NULL;
    return false;
}

static void trial_end(struct trial *t)
{
    sim_disk_blow(t->disk);
    sqlite3_close(t->db);
    t->db = NULL;
    if (t->how->power)
        sim_disk_power(t->disk);
    else
        sim_disk_kill(t->disk);
}

/* After an end: all that was accepted must be there. */
static void trial_look(struct trial *t)
{
    if (!trial_open(t) || !sound(t->db)) {
        t->broken = true;
        return;
    }
    const int there = (int)number(t->db, "SELECT count(*) FROM a");
    if (there < t->accepted)
        t->lost += t->accepted - there;
    t->accepted = there;
}

static void trial_life(struct trial *t)
{
    if (!t->db && !trial_open(t))
        return;
    while (t->accepted < ROWS) {
        if (t->how->sync_failure && sim_chance(&t->rand, 2))
            sim_disk_sync_fails(t->disk, 1, false);
        const char *accept = "BEGIN IMMEDIATE; INSERT INTO a(x) VALUES(randomblob(700)); COMMIT";
        if (sql(t->db, accept) != SQLITE_OK)
            return; /* an I/O error ends the process (F3) */
        t->accepted++;
    }
}

/* 1: rows lost or the database broken. */
static int trial_run(const struct how *how, uint64_t seed)
{
    const upp_ms now = 0;
    struct trial t = { .how = how,
                       .disk = sim_disk_new(seed, &now),
                       .rand = sim_rand_new(seed, 1) };
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)seed, (sqlite3 *)NULL);
    while (t.accepted < ROWS && !t.broken && !t.lost) {
        sim_disk_fuse(t.disk, (int64_t)sim_below(&t.rand, 300));
        trial_life(&t);
        trial_end(&t);
        trial_look(&t);
    }
    sqlite3_close(t.db);
    sim_disk_free(t.disk);
    return t.broken || t.lost;
}

static int bad_seeds(struct how how)
{
    int bad = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        bad += trial_run(&how, seed);
    printf("  synchronous=%s%s, %s%s: %d of %d seeds bad\n", how.sync,
           how.extra ? ", created under EXTRA" : "", how.power ? "power" : "kill",
           how.sync_failure ? ", fsync errors" : "", bad, SEEDS);
    return bad;
}

/* R42, P1: what the store does. */
static void full_and_extra_lose_nothing(void **state)
{
    (void)state;
    assert_int_equal(bad_seeds((struct how){ "FULL", true, true, false }), 0);
}

/* F1 and F2: the check has teeth. */
static void normal_loses_accepted_rows(void **state)
{
    (void)state;
    assert_true(bad_seeds((struct how){ "NORMAL", true, true, false }) > 0);
}

static void creation_without_extra_loses_everything(void **state)
{
    (void)state;
    assert_true(bad_seeds((struct how){ "FULL", false, true, false }) > 0);
}

static void a_killed_process_loses_nothing_even_under_normal(void **state)
{
    (void)state;
    assert_int_equal(bad_seeds((struct how){ "NORMAL", false, false, false }), 0);
}

/* F3. */
static void a_process_that_ends_at_a_failed_fsync_loses_nothing(void **state)
{
    (void)state;
    assert_int_equal(bad_seeds((struct how){ "FULL", true, true, true }), 0);
}

/* F3: why: what a failed fsync dropped is never written, though the next fsync says OK. */
static void a_failed_fsync_drops_what_it_should_have_kept(void **state)
{
    (void)state;
    const upp_ms now = 0;
    sim_disk *d = sim_disk_new(1, &now);
    sqlite3_vfs *vfs = sqlite3_vfs_find(sim_disk_vfs(d));
    sqlite3_file *f = sim_alloc((size_t)vfs->szOsFile);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
    assert_int_equal(vfs->xOpen(vfs, "x", f, flags, NULL), SQLITE_OK);
    assert_int_equal(f->pMethods->xWrite(f, "old", 3, 0), SQLITE_OK);
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_OK);
    assert_int_equal(f->pMethods->xWrite(f, "new", 3, 0), SQLITE_OK);
    sim_disk_sync_fails(d, 1, true);
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_IOERR_FSYNC);
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_OK);
    char seen[3];
    assert_int_equal(f->pMethods->xRead(f, seen, 3, 0), SQLITE_OK);
    assert_memory_equal(seen, "new", 3);
    f->pMethods->xClose(f);
    sim_disk_power(d);
    assert_int_equal(vfs->xOpen(vfs, "x", f, flags, NULL), SQLITE_OK);
    assert_int_equal(f->pMethods->xRead(f, seen, 3, 0), SQLITE_OK);
    assert_memory_equal(seen, "old", 3);
    f->pMethods->xClose(f);
    free(f);
    sim_disk_free(d);
}

static void a_full_disk_refuses_growth_and_nothing_else(void **state)
{
    (void)state;
    const upp_ms now = 0;
    const struct how how = { "FULL", true, false, false };
    struct trial t = { .how = &how, .disk = sim_disk_new(1, &now) };
    assert_true(trial_open(&t));
    sim_disk_full(t.disk, 200000);
    int rows = 0, rc = SQLITE_OK;
    while ((rc = sql(t.db, "INSERT INTO a(x) VALUES(randomblob(700))")) == SQLITE_OK)
        rows++;
    assert_int_equal(rc, SQLITE_FULL);
    assert_true(rows > 10);
    trial_end(&t);
    assert_true(trial_open(&t));
    assert_true(sound(t.db));
    assert_int_equal(number(t.db, "SELECT count(*) FROM a"), rows);
    sqlite3_close(t.db);
    sim_disk_free(t.disk);
}

static void two_connections_see_one_wal(void **state)
{
    (void)state;
    const upp_ms now = 0;
    const struct how how = { "FULL", true, false, false };
    struct trial writer = { .how = &how, .disk = sim_disk_new(1, &now) };
    assert_true(trial_open(&writer));
    sqlite3 *reader = NULL;
    assert_int_equal(
        sqlite3_open_v2("a.db", &reader, SQLITE_OPEN_READONLY, sim_disk_vfs(writer.disk)),
        SQLITE_OK);
    assert_int_equal(sql(reader, "BEGIN"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM a"), 0);
    assert_int_equal(sql(writer.db, "INSERT INTO a(x) VALUES(x'00')"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM a"), 0); /* its snapshot */
    assert_int_equal(sql(reader, "COMMIT"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM a"), 1);
    sqlite3_close(reader);
    sqlite3_close(writer.db);
    assert_false(sim_disk_has(writer.disk, "a.db-wal")); /* the last one out checkpoints */
    sim_disk_free(writer.disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_and_extra_lose_nothing),
        cmocka_unit_test(normal_loses_accepted_rows),
        cmocka_unit_test(creation_without_extra_loses_everything),
        cmocka_unit_test(a_killed_process_loses_nothing_even_under_normal),
        cmocka_unit_test(a_process_that_ends_at_a_failed_fsync_loses_nothing),
        cmocka_unit_test(a_failed_fsync_drops_what_it_should_have_kept),
        cmocka_unit_test(a_full_disk_refuses_growth_and_nothing_else),
        cmocka_unit_test(two_connections_see_one_wal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
