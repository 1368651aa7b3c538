/* part_store.c - a row of upp_meta, and a copy without what stays with the other. */
#include "part_store.h"
#include "part.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 16 };

static bool wrong(const char *path, const char *what, void (*say)(const char *line))
{
    char line[PATH_MAX + 400];
    snprintf(line, sizeof line, "%s: %s", path, what);
    say(line);
    return false;
}

static void close_db(sqlite3 **db)
{
    sqlite3_close_v2(*db);
}

static void end_statement(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

static void text_of(unsigned part, unsigned of, char ret_text[TEXT])
{
    snprintf(ret_text, TEXT, "%u/%u", part, of);
}

/* False: SQLite says why. */
static bool read_part(sqlite3 *db, unsigned *ret_part, unsigned *ret_of)
{
    UPP_AUTO(end_statement) sqlite3_stmt *statement = NULL;
    *ret_part = *ret_of = 1;
    if (sqlite3_prepare_v2(db, "SELECT CAST(value AS TEXT) FROM upp_meta WHERE name = 'part'", -1,
                           &statement, NULL) != SQLITE_OK)
        return false;
    const int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        return upp_part_read((const char *)sqlite3_column_text(statement, 0), ret_part, ret_of);
    return rc == SQLITE_DONE;
}

bool upp_part_agrees(sqlite3 *db, const upp_service *service, const char *path,
                     void (*say)(const char *line))
{
    unsigned part = 1, of = 1;
    char line[300];
    if (!read_part(db, &part, &of))
        return wrong(path, sqlite3_errmsg(db), say);
    const unsigned said_of = service->of > 0 ? service->of : 1;
    const unsigned said = service->of > 0 ? service->part : 1;
    if (part == said && of == said_of)
        return true;
    snprintf(line, sizeof line,
             "this store is part %u of %u of its service's work, and the configuration says %u of"
             " %u: `partition: %u/%u` is wanted; uppsikt partition tells how it stands",
             part, of, said, said_of, part, of);
    return wrong(path, line, say);
}

bool upp_part_alone(const char *folder, const upp_service *service, void (*say)(const char *line))
{
    const char *whole = service->whole ? service->whole : service->name;
    for (unsigned part = 1; part <= UPP_PARTS; part++) {
        char name[UPP_PART_NAME], path[PATH_MAX], line[300];
        upp_part_name(whole, part, name);
        if ((size_t)snprintf(path, sizeof path, "%s/%s.db", folder, name) >= sizeof path ||
            strcmp(name, service->name) == 0 || access(path, F_OK) != 0)
            continue;
        snprintf(line, sizeof line,
                 "is the store of %s, and the configuration says that this is %s: each has a folder"
                 " of its own; uppsikt partition tells how it stands",
                 name, service->name);
        return wrong(path, line, say);
    }
    return true;
}

/* -- by hand, while nobody has it open -- */
static sqlite3 *open_store(const char *path, int flags, void (*say)(const char *line))
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK && sqlite3_busy_timeout(db, 0) == 0)
        return db;
    (void)wrong(path, db ? sqlite3_errmsg(db) : "out of memory", say);
    sqlite3_close_v2(db);
    return NULL;
}

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool upp_part_stored(const char *path, unsigned *ret_part, unsigned *ret_of,
                     void (*say)(const char *line))
{
    UPP_AUTO(close_db) sqlite3 *db = open_store(path, SQLITE_OPEN_READONLY, say);
    if (!db)
        return false;
    return read_part(db, ret_part, ret_of) || wrong(path, sqlite3_errmsg(db), say);
}

static bool write_part(sqlite3 *db, unsigned part, unsigned of)
{
    char text[TEXT];
    UPP_AUTO(end_statement) sqlite3_stmt *statement = NULL;
    text_of(part, of, text);
    return sqlite3_prepare_v2(db,
                              "INSERT INTO upp_meta(name, value) VALUES('part', CAST(?1 AS BLOB))"
                              " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                              -1, &statement, NULL) == SQLITE_OK &&
           sqlite3_bind_text(statement, 1, text, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
           sqlite3_step(statement) == SQLITE_DONE;
}

bool upp_part_become(const char *path, unsigned part, unsigned of, void (*say)(const char *line))
{
    UPP_AUTO(close_db) sqlite3 *db = open_store(path, SQLITE_OPEN_READWRITE, say);
    if (!db)
        return false;
    return (run(db, "PRAGMA synchronous=EXTRA") && write_part(db, part, of) &&
            run(db, "PRAGMA wal_checkpoint(TRUNCATE)")) ||
           wrong(path, sqlite3_errmsg(db), say);
}

/* "SELECT x_ref FROM t UNION ..." over every reference that the service's own tables hold: each
 * column of content ends in _ref (tests/tidy_test.py reads the schemas). The caller frees it. */
static char *references(sqlite3 *db)
{
    UPP_AUTO(end_statement) sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT group_concat('SELECT \"' || c.name || '\" FROM \"' || t.name ||"
                           " '\"', ' UNION ') FROM sqlite_schema t, pragma_table_info(t.name) c"
                           " WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%'"
                           "  AND substr(t.name, 1, 4) <> 'upp_' AND c.name LIKE '%\\_ref' ESCAPE"
                           " '\\'",
                           -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        return NULL;
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    char *copy = strdup(text ? text : "SELECT 0");
    upp_check(copy);
    return copy;
}

/* What the other has said, asked and set aside stays there. */
static bool strip(sqlite3 *db, unsigned part, unsigned of)
{
    char *refs = references(db);
    char *sql = refs ? sqlite3_mprintf("DELETE FROM upp_about WHERE content_id NOT IN (%s);"
                                       "DELETE FROM upp_content WHERE id NOT IN (%s);",
                                       refs, refs)
                     : NULL;
    free(refs);
    const bool good =
        sql &&
        run(db, "BEGIN IMMEDIATE;"
                "DELETE FROM upp_log; DELETE FROM upp_ask; DELETE FROM upp_parked;"
                "DELETE FROM upp_room; DELETE FROM upp_epoch;"
                "UPDATE upp_meta SET value = randomblob(16) WHERE name = 'epoch';"
                "INSERT INTO upp_epoch(n, first, epoch) SELECT 1, 1, value FROM upp_meta"
                " WHERE name = 'epoch';") &&
        run(db, sql) && write_part(db, part, of) && run(db, "COMMIT") && run(db, "VACUUM");
    sqlite3_free(sql);
    return good;
}

static bool has_objects(sqlite3 *db)
{
    UPP_AUTO(end_statement) sqlite3_stmt *statement = NULL;
    return sqlite3_prepare_v2(db, "SELECT 1 FROM upp_object LIMIT 1", -1, &statement, NULL) !=
               SQLITE_OK ||
           sqlite3_step(statement) != SQLITE_DONE;
}

static bool copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    if (!copy)
        return false;
    (void)sqlite3_backup_step(copy, -1); /* finish says what it said */
    return sqlite3_backup_finish(copy) == SQLITE_OK;
}

static bool put_in_place(const char *fresh, const char *to, void (*say)(const char *line))
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", to);
    char *slash = strrchr(folder, '/');
    upp_check(slash);
    *slash = '\0';
    if (rename(fresh, to) != 0)
        return wrong(to, strerror(errno), say);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    const int why = errno;
    if (fd >= 0)
        close(fd);
    return synced || wrong(folder, strerror(why), say);
}

/* What SQLite keeps beside a store: of an earlier try, or of one that is replaced. */
static void away(const char *path)
{
    static const char *const ends[] = { "-journal", "-wal", "-shm" };
    char name[PATH_MAX];
    for (size_t i = 0; i < UPP_LEN(ends); i++)
        if ((size_t)snprintf(name, sizeof name, "%s%s", path, ends[i]) < sizeof name)
            (void)unlink(name); /* what is still there is met again when it is opened */
}

bool upp_part_make(const char *from, const char *to, unsigned part, unsigned of,
                   void (*say)(const char *line))
{
    char fresh[PATH_MAX];
    upp_check(to[0] == '/' && (size_t)snprintf(fresh, sizeof fresh, "%s.new", to) < sizeof fresh);
    away(fresh);
    if (unlink(fresh) != 0 && errno != ENOENT)
        return wrong(fresh, strerror(errno), say);
    {
        UPP_AUTO(close_db) sqlite3 *source = open_store(from, SQLITE_OPEN_READWRITE, say);
        if (!source)
            return false;
        if (has_objects(source))
            return wrong(from, "holds objects, which cannot be divided", say);
        UPP_AUTO(close_db)
        sqlite3 *copy = open_store(fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, say);
        if (!copy)
            return false;
        if (!copy_pages(source, copy) ||
            !run(copy, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
                       "PRAGMA secure_delete=ON;") ||
            !strip(copy, part, of))
            return wrong(fresh, sqlite3_errmsg(copy), say);
    }
    away(to);
    return put_in_place(fresh, to, say);
}
