/* memory_store.c - two files, read through SQLite's own handles. */
#include "memory_store.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static memory_file take(upp_node *node, int which)
{
    memory_file f = { 0 };
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(upp_node_db(node), "main", which, &file) != SQLITE_OK || !file ||
        !file->pMethods)
        return f;
    upp_check(file->pMethods->xFileSize(file, &size) == SQLITE_OK);
    f.n = (size_t)size;
    f.at = malloc(f.n + 1);
    upp_check(f.at);
    if (f.n > 0)
        upp_check(file->pMethods->xRead(file, f.at, (int)f.n, 0) == SQLITE_OK);
    return f;
}

memory_store memory_take(upp_node *node)
{
    return (memory_store){ take(node, SQLITE_FCNTL_FILE_POINTER),
                           take(node, SQLITE_FCNTL_JOURNAL_POINTER) };
}

static void put(const memory_file *f, const char *path, const char *tail)
{
    char name[MEMORY_PATH + 8];
    snprintf(name, sizeof name, "%s%s", path, tail);
    FILE *out = fopen(name, "wb");
    upp_check(out);
    if (f->n > 0)
        upp_check(fwrite(f->at, 1, f->n, out) == f->n);
    upp_check(fclose(out) == 0);
}

void memory_put(const memory_store *store, const char *path)
{
    put(&store->main, path, "");
    put(&store->wal, path, "-wal");
}

void memory_unlink(const char *path)
{
    static const char *const tails[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < UPP_LEN(tails); i++) {
        char name[MEMORY_PATH + 8];
        snprintf(name, sizeof name, "%s%s", path, tails[i]);
        (void)unlink(name); /* those that are there */
    }
}

static void say(const char *line)
{
    fprintf(stderr, "  %s\n", line);
}

upp_node *memory_open(const upp_service *service, const void *config, const uint8_t *lookup_key,
                      const char *path)
{
    const upp_store store = { .path = path, .lookup_key = lookup_key };
    return upp_node_new(service, &store, config, say);
}

static void add_line(void *ctx, const char *text)
{
    uint64_t *sum = ctx;
    for (const char *at = text; *at; at++)
        *sum = (*sum ^ (uint8_t)*at) * 0x100000001b3;
    *sum = (*sum ^ '\n') * 0x100000001b3;
}

bool memory_look(const upp_service *service, const void *config, const uint8_t *lookup_key,
                 const char *path, uint64_t *ret_sum)
{
    upp_node *node = memory_open(service, config, lookup_key, path);
    *ret_sum = 0xcbf29ce484222325;
    if (!node)
        return false;
    const bool whole = upp_node_dump(node, add_line, ret_sum) >= 0 && upp_node_verify(node) == 0;
    if (!whole)
        say(upp_node_why(node));
    upp_node_free(node);
    return whole;
}
