/* ledger.c - tombstones of all stores in one list. */
#include "ledger.h"
#include "backup_files.h"
#include "verify.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_db(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void finish(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

bool ledger_of_store(json_t *ledger, const char *path, bool as_is)
{
    UPP_AUTO(close_db) sqlite3 *db = verify_open(path, as_is);
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    int rc = db ? sqlite3_prepare_v2(db, "SELECT disposal, subject, at_ms FROM upp_tombstone", -1,
                                     &row, NULL)
                : SQLITE_CANTOPEN;
    if (rc == SQLITE_OK)
        while ((rc = sqlite3_step(row)) == SQLITE_ROW)
            json_array_append_new(ledger, json_pack("{s:s, s:s, s:I}", "disposal",
                                                    sqlite3_column_text(row, 0), "subject",
                                                    sqlite3_column_text(row, 1), "at_ms",
                                                    (json_int_t)sqlite3_column_int64(row, 2)));
    if (rc == SQLITE_DONE)
        return true;
    home_sayf("%s: what was disposed of cannot be read: %s", path,
              db ? sqlite3_errmsg(db) : "it does not open");
    return false;
}

bool ledger_of_file(json_t *ledger, const char *path)
{
    char line[4096];
    UPP_AUTO(close_file) FILE *file = fopen(path, "re");
    if (!file)
        return backup_failed(path) == CALL_DONE;
    for (unsigned n = 1; fgets(line, sizeof line, file); n++) {
        json_t *row = json_loads(line, 0, NULL);
        const bool good = json_is_string(json_object_get(row, "disposal")) &&
                          json_is_string(json_object_get(row, "subject")) &&
                          json_is_integer(json_object_get(row, "at_ms"));
        if (!good) {
            home_sayf("%s:%u: a line {\"disposal\", \"subject\", \"at_ms\"} is wanted", path, n);
            json_decref(row);
            return false;
        }
        json_array_append_new(ledger, row);
    }
    return !ferror(file);
}

static const char *text(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static int compare(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const json_int_t at_x = json_integer_value(json_object_get(x, "at_ms"));
    const json_int_t at_y = json_integer_value(json_object_get(y, "at_ms"));
    const int by_disposal = strcmp(text(x, "disposal"), text(y, "disposal"));
    if (at_x != at_y)
        return at_x < at_y ? -1 : 1;
    return by_disposal ? by_disposal : strcmp(text(x, "subject"), text(y, "subject"));
}

/* The services forget at different moments: the first of them counts. */
static size_t sort(const json_t *ledger, json_t **rows, json_t *seen)
{
    const size_t n = json_array_size(ledger);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        rows[i] = json_array_get(ledger, i);
    qsort(rows, n, sizeof *rows, compare);
    for (size_t i = 0; i < n; i++) {
        if (json_object_get(seen, text(rows[i], "subject")))
            continue;
        json_object_set_new(seen, text(rows[i], "subject"), json_true());
        rows[kept++] = rows[i];
    }
    return kept;
}

int ledger_write(const json_t *ledger, const char *path, size_t *ret_n)
{
    json_t **rows = calloc(json_array_size(ledger) + 1, sizeof(json_t *));
    json_t *seen = json_object();
    upp_check(rows && seen);
    const size_t n = sort(ledger, rows, seen);
    FILE *file = fopen(path, "we");
    bool good = file != NULL;
    for (size_t i = 0; i < n && good; i++)
        good = json_dumpf(rows[i], file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
    good = good && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (!good)
        (void)backup_failed(path);
    if (file)
        fclose(file);
    json_decref(seen);
    free(rows);
    *ret_n = n;
    return good ? CALL_DONE : CALL_CONFIG;
}
