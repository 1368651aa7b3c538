/* restore.c - by the service's own program, since only that knows what it made of what it must
 * forget (on_forget); run by `uppsikt restore` on a folder of its own, before anybody sees it. */
#include "restore.h"
#include "config.h"
#include "digest.h"
#include "driver.h"
#include "objects.h"
#include "store.h"
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_BYTES = 4096 };

typedef struct ledger {
    upp_disposed *rows; /* texts owned */
    size_t n;
} ledger;

static void say(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

static int wrong(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return UPP_EXIT_BROKEN;
}

static void ledger_done(ledger *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free((void *)(uintptr_t)l->rows[i].disposal);
        free((void *)(uintptr_t)l->rows[i].subject);
    }
    free(l->rows);
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static bool read_line(const char *line, ledger *l)
{
    json_t *row = json_loads(line, 0, NULL);
    const char *disposal = json_string_value(json_object_get(row, "disposal"));
    const char *subject = json_string_value(json_object_get(row, "subject"));
    const bool good = disposal && subject && subject[0];
    if (good) {
        l->rows = realloc(l->rows, (l->n + 1) * sizeof *l->rows);
        upp_check(l->rows);
        upp_disposed *d = &l->rows[l->n++];
        *d = (upp_disposed){ strdup(disposal), strdup(subject) };
        upp_check(d->disposal && d->subject);
    }
    json_decref(row);
    return good;
}

static int read_ledger(const char *path, ledger *l)
{
    char line[LINE_BYTES];
    UPP_AUTO(close_file) FILE *file = fopen(path, "re");
    if (!file)
        return wrong(path, strerror(errno));
    for (unsigned n = 1; fgets(line, sizeof line, file); n++)
        if (!strchr(line, '\n') || !read_line(line, l)) {
            fprintf(stderr, "%s:%u: {\"disposal\", \"subject\"} is wanted\n", path, n);
            return UPP_EXIT_CONFIG;
        }
    return ferror(file) ? wrong(path, strerror(errno)) : 0;
}

static void config_freep(upp_config **config)
{
    upp_config_free(*config);
}

static upp_node *open_copy(const upp_service *service, const upp_config *config,
                           uint8_t lookup_key[32])
{
    const upp_runtime_config *runtime = upp_config_runtime(config);
    char path[UPP_DRIVER_PATH + 64];
    struct stat st;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s.db", runtime->data, service->name);
    if (stat(path, &st) != 0) {
        (void)wrong(path, strerror(errno)); /* opening would make an empty one */
        return NULL;
    }
    if (sodium_hex2bin(lookup_key, 32, runtime->lookup_key, strlen(runtime->lookup_key), NULL, &n,
                       NULL) != 0 ||
        n != 32) {
        (void)wrong("lookup_key", "64 hex digits are wanted");
        return NULL;
    }
    return upp_node_new(service, &(upp_store){ .path = path, .lookup_key = lookup_key },
                        upp_config_service(config), say);
}

static int begin(upp_node *node, const upp_suite_clock *clock)
{
    uint8_t seed[32];
    randombytes_buf(seed, sizeof seed);
    return upp_node_begin(node, upp_suite_clock_at(clock, upp_real_now()), seed);
}

/* Files of objects that are forgotten: unlinked first, then said. */
static int unlink_objects(upp_node *node, const upp_suite_clock *clock, const char *data)
{
    enum { AT_ONCE = 64 };
    char folder[UPP_DRIVER_PATH];
    snprintf(folder, sizeof folder, "%s/objects", data);
    for (;;) {
        char *ids[AT_ONCE];
        const int n = upp_objects_unlink(node, folder, ids, AT_ONCE);
        UPP_TRY(n);
        if (n == 0)
            return 0;
        int rc = begin(node, clock);
        for (int i = 0; i < n; i++) {
            if (rc >= 0)
                rc = upp_node_unlinked(node, ids[i]);
            free(ids[i]);
        }
        UPP_TRY(rc);
        UPP_TRY(upp_node_commit(node, NULL, NULL));
    }
}

/* Nothing of what was wiped stays in a page that nobody uses (P8). */
static int pack(upp_node *node)
{
    sqlite3 *db = upp_node_db(node);
    if (upp_db_pack(db) != SQLITE_OK)
        return wrong("VACUUM", sqlite3_errmsg(db));
    if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        return wrong("checkpoint", sqlite3_errmsg(db));
    return upp_node_verify(node);
}

static int begin_anew(upp_node *node, const upp_suite_clock *clock, const char *data,
                      const ledger *l)
{
    UPP_TRY(begin(node, clock));
    UPP_TRY(upp_node_restored(node, l->rows, l->n));
    UPP_TRY(upp_node_commit(node, NULL, NULL));
    UPP_TRY(unlink_objects(node, clock, data));
    return pack(node);
}

int upp_restore(const upp_service *service, const char *config_path, const char *ledger_path)
{
    uint8_t lookup_key[32] = { 0 };
    char epoch[33];
    upp_suite_clock clock;
    upp_check(sodium_init() >= 0);
    UPP_AUTO(ledger_done) ledger l = { 0 };
    const int read = read_ledger(ledger_path, &l);
    if (read != 0)
        return read;
    UPP_AUTO(config_freep) upp_config *config = upp_config_read(service, config_path, say);
    const upp_runtime_config *runtime = config ? upp_config_runtime(config) : NULL;
    if (!runtime ||
        upp_suite_clock_open(runtime->place, runtime->speed, true, upp_real_now(), say, &clock) < 0)
        return UPP_EXIT_CONFIG;
    upp_part part;
    if (!upp_part_take(service, runtime->partition, runtime->partitions, say, &part))
        return UPP_EXIT_CONFIG;
    upp_store_beside(runtime->data);
    upp_node *node = open_copy(&part.service, config, lookup_key);
    if (!node)
        return UPP_EXIT_CONFIG;
    const int64_t old_seq = upp_node_head(node).seq;
    const int rc = begin_anew(node, &clock, runtime->data, &l);
    const upp_point head = upp_node_head(node);
    if (rc != 0)
        (void)wrong(part.name, upp_node_why(node));
    upp_hex(head.epoch, sizeof head.epoch, epoch);
    upp_node_free(node);
    sodium_memzero(lookup_key, sizeof lookup_key);
    if (rc != 0)
        return UPP_EXIT_BROKEN;
    printf("{\"service\":\"%s\",\"epoch\":\"%s\",\"old_seq\":%lld,\"seq\":%lld,\"disposed\":%zu}\n",
           part.name, epoch, (long long)old_seq, (long long)head.seq, l.n);
    return 0;
}
