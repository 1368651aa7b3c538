/* store.h - one SQLite database, one writer: opening it safely, and statements by their literal.
 * Private to the node. */
#pragma once
#include "upp/service.h"
#include <sqlite3.h>

enum { UPP_STATEMENTS = 512 };

typedef struct upp_statement {
    const char *sql; /* the literal's address is the key */
    sqlite3_stmt *stmt;
    bool busy, cached;
} upp_statement;

typedef struct upp_db {
    sqlite3 *db;
    upp_statement *statements[UPP_STATEMENTS]; /* open addressing by address */
    size_t n_statements;
} upp_db;

/* Opens or creates `path`, sets what reliability.md §3 and F1-F2 demand and reads it back, runs the
 * runtime's and the service's schema and the upgrades not yet run. `say` hears every complaint. */
int upp_db_open(upp_db *db, const upp_service *service, const char *path, const char *vfs,
                void (*say)(const char *line));
void upp_db_close(upp_db *db);
/* Writes the whole store anew, without the room of what was emptied (VACUUM). SQLite's code; the
 * store is as it was unless it is SQLITE_OK. Outside a transaction. */
int upp_db_pack(sqlite3 *db);
/* Where the copy of upp_db_pack lies: a file that is unlinked as soon as it is made. `folder` is
 * copied. For the whole process, before it has threads: SQLite asks the environment. Not said:
 * /var/tmp, which may be memory. */
void upp_store_beside(const char *folder);
/* Forgets pages and, when none is in use, statements: a service at rest holds neither. */
void upp_db_rest(upp_db *db);

/* A statement ready to bind, from the cache or fresh when it is nested in itself; NULL on failure.
 * Given back with upp_db_release. */
upp_statement *upp_db_prepare(upp_db *db, const char *sql);
void upp_db_release(upp_db *db, upp_statement *statement);
/* Runs a statement that gives no rows. 0, or negative. */
int upp_db_run(upp_db *db, const char *sql);
/* What an SQLite result means for the runtime: 0, UPP_E_INPUT (a constraint), or UPP_E_STORE. */
int upp_db_fate(int rc);
