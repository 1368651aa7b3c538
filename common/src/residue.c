/* residue.c - bytes that a table has let go and that still lie in its pages (P8).
 *
 * SECURE_DELETE zeroes a cell that is freed. It does not zero what a cell leaves behind when SQLite
 * moves it to another page, as it does when neighbours are deleted and two pages become one: a copy
 * stays in the room between the first page's cell pointers and its cells, and whoever deletes the
 * row later wipes the new place alone (measured: tests/sim, an item disposed of after its
 * neighbours). So the pages that a transaction wrote are looked at in the database file, where
 * nothing but that room is touched; a reader never looks there, so that a write torn by a power
 * loss harms nothing (file format: sqlite.org/fileformat2.html#b_tree_pages). */
#include "store.h"
#include <string.h>

enum { LOG_HEAD = 32, FRAME_HEAD = 24, FILE_HEAD = 100, PAGE_MAX = 65536 };
/* A page of overflowing content begins with a page's number: below this its first byte is 0, which
 * is no kind of b-tree page. 64 GB. */
#define PAGES_MAX (1u << 24)

static uint32_t be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
    return be16(at) << 16 | be16(at + 2);
}

/* The unused room of a b-tree page; false: it is no such page. */
static bool room_of(const uint8_t *page, uint32_t size, uint32_t number, uint32_t *ret_from,
                    uint32_t *ret_to)
{
    const uint32_t head = number == 1 ? FILE_HEAD : 0;
    const uint8_t kind = page[head];
    const bool inner = kind == 2 || kind == 5, leaf = kind == 10 || kind == 13;
    const uint32_t cells = be16(page + head + 3), content = be16(page + head + 5);
    *ret_from = head + (inner ? 12 : 8) + 2 * cells;
    *ret_to = content ? content : PAGE_MAX;
    return (inner || leaf) && *ret_from <= *ret_to && *ret_to <= size;
}

static int wipe_page(sqlite3_file *file, uint32_t size, uint32_t number, bool *wiped)
{
    uint8_t page[PAGE_MAX];
    const sqlite3_int64 at = (sqlite3_int64)(number - 1) * size;
    uint32_t from = 0, to = 0;
    if (file->pMethods->xRead(file, page, (int)size, at) != SQLITE_OK)
        return UPP_E_STORE;
    if (!room_of(page, size, number, &from, &to))
        return 0;
    while (from < to && page[from] == 0)
        from++;
    if (from == to)
        return 0;
    *wiped = true;
    memset(page + from, 0, to - from);
    return file->pMethods->xWrite(file, page + from, (int)(to - from), at + from) == SQLITE_OK
               ? 0
               : UPP_E_STORE;
}

/* The pages that the log names, all of them in the database file by now. */
static int wipe_pages(sqlite3_file *file, sqlite3_file *log)
{
    uint8_t head[LOG_HEAD];
    sqlite3_int64 end = 0, size_now = 0;
    bool wiped = false;
    if (!log->pMethods || log->pMethods->xFileSize(log, &end) != SQLITE_OK || end < LOG_HEAD)
        return 0; /* nothing has been written since the last time */
    if (log->pMethods->xRead(log, head, sizeof head, 0) != SQLITE_OK ||
        file->pMethods->xFileSize(file, &size_now) != SQLITE_OK)
        return UPP_E_STORE;
    const uint32_t size = be32(head + 8);
    if (size < 512 || size > PAGE_MAX)
        return 0; /* a log without a head: its first write was torn */
    for (sqlite3_int64 at = LOG_HEAD; at + FRAME_HEAD + size <= end; at += FRAME_HEAD + size) {
        if (log->pMethods->xRead(log, head, FRAME_HEAD, at) != SQLITE_OK)
            return UPP_E_STORE;
        const uint32_t number = be32(head);
        if (number > 0 && number < PAGES_MAX && (sqlite3_int64)number * size <= size_now)
            UPP_TRY(wipe_page(file, size, number, &wiped));
    }
    return wiped && file->pMethods->xSync(file, SQLITE_SYNC_FULL) != SQLITE_OK ? UPP_E_STORE : 0;
}

/* The log stays until the pages are clean: who dies in between does all of it at the next start. */
int upp_db_settle(upp_db *db)
{
    sqlite3_file *file = NULL, *log = NULL;
    if (sqlite3_wal_checkpoint_v2(db->db, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_file_control(db->db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file) !=
            SQLITE_OK ||
        sqlite3_file_control(db->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log) !=
            SQLITE_OK)
        return UPP_E_STORE;
    UPP_TRY(wipe_pages(file, log));
    /* A page that is still in memory would be written with its residue at its next change. */
    if (sqlite3_db_release_memory(db->db) != SQLITE_OK)
        return UPP_E_STORE;
    return sqlite3_wal_checkpoint_v2(db->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
                   SQLITE_OK
               ? 0
               : UPP_E_STORE;
}
