/* store.c - opening a database so that what it says is kept is kept (reliability.md F1, F2, F3). */
#include "store.h"
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_runtime_sql[];

int upp_db_fate(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return UPP_E_INPUT;
    default:
        return UPP_E_STORE;
    }
}

static void complain(const upp_db *db, const char *path, const char *what,
                     void (*say)(const char *line))
{
    char line[PATH_MAX + 256];
    snprintf(line, sizeof line, "%s: %s: %s", path, what,
             db->db ? sqlite3_errmsg(db->db) : "out of memory");
    say(line);
}

static int text_of(upp_db *db, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return UPP_E_STORE;
    ret_text[0] = '\0';
    if (sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(ret_text, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    return sqlite3_finalize(stmt) == SQLITE_OK ? 0 : UPP_E_STORE;
}

/* An unlink that no directory sync follows may be undone by a power loss (F2): a start that died
 * while it created the database leaves such a one behind, and the journal that comes back would
 * empty a log that has grown since. So every start syncs the folder before it accepts anything.
 * Deleting a file with this flag is the one word for it that a VFS has; the simulator's disk hears
 * it as the real one does. */
static int sync_folder(const char *path, const char *vfs_name)
{
    enum { SYNC = 1 };
    char name[PATH_MAX];
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    snprintf(name, sizeof name, "%s-folder", path);
    sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
    upp_check(f);
    int rc = vfs->xOpen(
        vfs, name, f, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL, NULL);
    if (f->pMethods)
        f->pMethods->xClose(f);
    free(f);
    if (rc == SQLITE_OK)
        rc = vfs->xDelete(vfs, name, SYNC);
    return rc == SQLITE_OK ? 0 : UPP_E_STORE;
}

/* After a failed fsync the kernel may keep what it never wrote, and call it clean: a restart would
 * then read a log that is not on the disk, and copy from it. Written again, it is dirty again. */
static int rewrite_log(const char *path, const char *vfs_name)
{
    char name[PATH_MAX];
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    snprintf(name, sizeof name, "%s-wal", path);
    int have = 0;
    if (vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &have) != SQLITE_OK)
        return UPP_E_STORE;
    if (!have)
        return 0;
    sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
    upp_check(f);
    int rc = vfs->xOpen(vfs, name, f, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, NULL);
    sqlite3_int64 size = 0;
    char page[4096];
    if (rc == SQLITE_OK)
        rc = f->pMethods->xFileSize(f, &size);
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += (int)sizeof page) {
        const int n = size - at < (int)sizeof page ? (int)(size - at) : (int)sizeof page;
        rc = f->pMethods->xRead(f, page, n, at);
        if (rc == SQLITE_OK)
            rc = f->pMethods->xWrite(f, page, n, at);
    }
    if (rc == SQLITE_OK)
        rc = f->pMethods->xSync(f, SQLITE_SYNC_FULL);
    if (f->pMethods)
        f->pMethods->xClose(f);
    free(f);
    return rc == SQLITE_OK ? 0 : UPP_E_STORE;
}

static int exec(upp_db *db, const char *sql)
{
    return sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : UPP_E_STORE;
}

enum { BUSY_SPAN = 3000 }; /* ms; well below a watchdog's patience */

static int set_up(upp_db *db)
{
    sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    /* One plan a statement, whatever is bound: else `state = ?1` beside a partial index is prepared
     * again at each use. A partial index is used where the SQL says its term in so many words. */
    sqlite3_db_config(db->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    /* For those who read it beside us, while the log is cut: nobody else writes (F12). */
    sqlite3_busy_timeout(db->db, BUSY_SPAN);
    sqlite3_limit(db->db, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
    sqlite3_limit(db->db, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM's own */
    return exec(db, "PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;"
                    "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                    "PRAGMA journal_size_limit=67108864;");
}

/* How many tables and indexes the runtime's schema makes; with a name: whether it makes it. */
static size_t runtime_makes(const char *name)
{
    static const char make[] = " IF NOT EXISTS ";
    const size_t len = name ? strlen(name) : 0;
    size_t n = 0;
    for (const char *at = upp_runtime_sql; (at = strstr(at, make)) != NULL;) {
        at += sizeof make - 1;
        n += !name || (strncmp(at, name, len) == 0 && at[len] == ' ');
    }
    return n;
}

/* 1: all that the runtime's schema makes is there; 0: something of a newer program is missing. */
static int has_runtime(upp_db *db)
{
    sqlite3_stmt *stmt = NULL;
    size_t n = 0;
    if (sqlite3_prepare_v2(db->db, "SELECT name FROM sqlite_schema WHERE name GLOB 'upp_*'", -1,
                           &stmt, NULL) != SQLITE_OK)
        return UPP_E_STORE;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        n += name && runtime_makes(name) > 0;
    }
    if (sqlite3_finalize(stmt) != SQLITE_OK)
        return UPP_E_STORE;
    return n == runtime_makes(NULL);
}

/* A store of a part says so from its first day (part_store.h). */
static int note_part(upp_db *db, const upp_service *service)
{
    char sql[128];
    if (service->of < 2)
        return 0;
    snprintf(sql, sizeof sql,
             "INSERT INTO upp_meta(name, value) VALUES('part', CAST('%u/%u' AS BLOB))",
             service->part, service->of);
    return exec(db, sql);
}

/* The schema's version is the number of upgrades that have been run, plus one. Where there is
 * nothing to do nothing is written: most starts. */
static int migrate(upp_db *db, const upp_service *service)
{
    char text[64];
    UPP_TRY(text_of(db, "PRAGMA user_version", text, sizeof text));
    long version = strtol(text, NULL, 10);
    long newest = 1;
    while (service->upgrades && service->upgrades[newest - 1])
        newest++;
    if (version > newest)
        return UPP_E_INPUT;
    const int whole = has_runtime(db);
    UPP_TRY(whole);
    if (whole && version == newest)
        return 0;

    UPP_TRY(exec(db, "BEGIN IMMEDIATE"));
    UPP_TRY(exec(db, upp_runtime_sql));
    UPP_TRY(exec(db, "INSERT INTO upp_meta(name, value) VALUES('epoch', randomblob(16))"
                     " ON CONFLICT DO NOTHING"));
    UPP_TRY(exec(db, "INSERT INTO upp_epoch(n, first, epoch) SELECT 1, 1, value FROM upp_meta"
                     " WHERE name = 'epoch' ON CONFLICT DO NOTHING"));
    if (version == 0) {
        UPP_TRY(exec(db, service->schema));
        version = 1;
        UPP_TRY(note_part(db, service));
    }
    for (; service->upgrades && version < newest; version++)
        UPP_TRY(exec(db, service->upgrades[version - 1]));
    snprintf(text, sizeof text, "PRAGMA user_version=%ld", version);
    UPP_TRY(exec(db, text));
    return exec(db, "COMMIT");
}

int upp_db_pack(sqlite3 *db)
{
    int rc = sqlite3_exec(db, "PRAGMA temp_store=FILE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "VACUUM", NULL, NULL, NULL);
    const int back = sqlite3_exec(db, "PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
    return rc == SQLITE_OK ? back : rc;
}

void upp_store_beside(const char *folder)
{
    upp_check(setenv("SQLITE_TMPDIR", folder, 1) == 0);
}

/* Rows that were emptied keep their room (content.c), 0.3 KB each of what is asked of a platform.
 * So now and then a start writes the whole store anew, a second or so for each 100 MB. The copy is
 * a file without a name in the store's folder (upp_store_beside), not in memory: a container that
 * is given less memory than its store is large would be killed at every start. Where the disk has
 * no room for the copy, for the log of it, or for the number beside it, the store is let be as it
 * is. */
static int make_room(upp_db *db)
{
    enum { EMPTIED_MAX = 100000 };
    char text[32];
    UPP_TRY(text_of(db, "SELECT emptied FROM upp_room", text, sizeof text));
    if (strtol(text, NULL, 10) < EMPTIED_MAX)
        return 0;
    const int rc = upp_db_pack(db->db);
    const int why =
        (rc == SQLITE_OK ? sqlite3_exec(db->db, "UPDATE upp_room SET emptied = 0", NULL, NULL, NULL)
                         : rc) &
        0xff;
    return why == SQLITE_OK || why == SQLITE_FULL || why == SQLITE_NOMEM ? 0 : UPP_E_STORE;
}

static int open_steps(upp_db *db, const upp_service *service, const char *path, const char *vfs,
                      const char **ret_step)
{
    char text[32];
    *ret_step = "writing the log again";
    UPP_TRY(rewrite_log(path, vfs));
    *ret_step = "opening";
    const int rc = sqlite3_open_v2(
        path, &db->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs);
    if (rc != SQLITE_OK)
        return UPP_E_STORE;
    sqlite3_extended_result_codes(db->db, 1);
    UPP_TRY(set_up(db));
    *ret_step = "journal_mode=WAL";
    UPP_TRY(text_of(db, "PRAGMA journal_mode=WAL", text, sizeof text));
    if (strcmp(text, "wal") != 0)
        return UPP_E_STORE;
    *ret_step = "schema";
    const int migrated = migrate(db, service);
    if (migrated == UPP_E_INPUT)
        *ret_step =
            "a newer program made this database; run that one, or restore a backup of before";
    UPP_TRY(migrated);
    *ret_step = "making room";
    UPP_TRY(make_room(db));
    *ret_step = "first checkpoint";
    if (sqlite3_wal_checkpoint_v2(db->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
        SQLITE_OK)
        return UPP_E_STORE;
    *ret_step = "syncing the folder";
    UPP_TRY(sync_folder(path, vfs));
    *ret_step = "synchronous=FULL";
    UPP_TRY(exec(db, "PRAGMA synchronous=FULL"));
    UPP_TRY(text_of(db, "PRAGMA synchronous", text, sizeof text));
    return strcmp(text, "2") == 0 ? 0 : UPP_E_STORE;
}

/* Before SQLite's first use in the process; refused later, and then only slower or larger: nobody
 * here asks how much SQLite has allocated, and counting it takes a lock at every allocation. Its
 * first 20 pages would be one block of 87 KB that no rest gives back (driver.c). */
static void set_up_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

int upp_db_open(upp_db *db, const upp_service *service, const char *path, const char *vfs,
                void (*say)(const char *line))
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *db = (upp_db){ 0 };
    upp_check(pthread_once(&once, set_up_library) == 0);
    const char *step = "";
    const int rc = open_steps(db, service, path, vfs, &step);
    if (rc < 0) {
        complain(db, path, step, say);
        upp_db_close(db);
    }
    return rc;
}

static void forget_statements(upp_db *db)
{
    for (size_t i = 0; i < UPP_STATEMENTS; i++) {
        if (!db->statements[i])
            continue;
        sqlite3_finalize(db->statements[i]->stmt);
        free(db->statements[i]);
        db->statements[i] = NULL;
    }
    db->n_statements = 0;
}

void upp_db_close(upp_db *db)
{
    forget_statements(db);
    sqlite3_close_v2(db->db);
    db->db = NULL;
}

void upp_db_rest(upp_db *db)
{
    bool busy = false;
    for (size_t i = 0; i < UPP_STATEMENTS; i++)
        busy = busy || (db->statements[i] && db->statements[i]->busy);
    if (!busy)
        forget_statements(db);
    (void)sqlite3_db_release_memory(db->db); /* always SQLITE_OK */
}

static size_t slot_of(const upp_db *db, const char *sql)
{
    size_t i = ((uintptr_t)sql * (uintptr_t)0x9E3779B97F4A7C15ULL >> 20) % UPP_STATEMENTS;
    while (db->statements[i] && db->statements[i]->sql != sql)
        i = (i + 1) % UPP_STATEMENTS;
    return i;
}

upp_statement *upp_db_prepare(upp_db *db, const char *sql)
{
    const size_t slot = slot_of(db, sql);
    upp_statement *have = db->statements[slot];
    if (have && !have->busy) {
        have->busy = true;
        return have;
    }
    upp_statement *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->sql = sql;
    fresh->busy = true;
    fresh->cached = !have && db->n_statements < UPP_STATEMENTS / 2;
    if (sqlite3_prepare_v3(db->db, sql, -1, fresh->cached ? SQLITE_PREPARE_PERSISTENT : 0,
                           &fresh->stmt, NULL) != SQLITE_OK ||
        !fresh->stmt) {
        free(fresh);
        return NULL;
    }
    if (fresh->cached) {
        db->statements[slot] = fresh;
        db->n_statements++;
    }
    return fresh;
}

void upp_db_release(upp_db *db, upp_statement *statement)
{
    (void)db;
    if (!statement)
        return;
    if (statement->cached) {
        sqlite3_reset(statement->stmt);
        sqlite3_clear_bindings(statement->stmt);
        statement->busy = false;
        return;
    }
    sqlite3_finalize(statement->stmt);
    free(statement);
}

int upp_db_run(upp_db *db, const char *sql)
{
    upp_statement *s = upp_db_prepare(db, sql);
    if (!s)
        return UPP_E_STORE;
    const int rc = sqlite3_step(s->stmt);
    upp_db_release(db, s);
    return upp_db_fate(rc);
}
