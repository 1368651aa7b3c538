/* sim_disk.c - what a disk remembers, and what a power loss leaves of it. */
#include "sim_file.h"
#include "sim_memory.h"
#include <stdio.h>

sim_disk *sim_disk_new(uint64_t seed, const upp_ms *now)
{
    /* Both refuse after SQLite has been used once, which changes nothing that a run can see. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sim_memory_init();

    sim_disk *d = sim_alloc(sizeof *d);
    *d = (sim_disk){ .rand = sim_rand_new(seed, 0xd15c), .now = now, .fuse = -1, .room = -1 };
    snprintf(d->name, sizeof d->name, "sim-%p", (void *)d);
    sim_vfs_init(d);
    const int rc = sqlite3_vfs_register(&d->vfs, 0);
    upp_check(rc == SQLITE_OK);
    return d;
}

static void file_free(sim_file *f)
{
    sim_file_no_shm(f);
    sim_buf_done(&f->cache);
    sim_buf_done(&f->durable);
    sim_buf_done(&f->dirty);
    free(f->name);
    free(f);
}

void sim_disk_free(sim_disk *d)
{
    if (!d)
        return;
    sqlite3_vfs_unregister(&d->vfs);
    while (d->files) {
        sim_file *f = d->files;
        d->files = f->next;
        upp_check(f->opens == 0);
        file_free(f);
    }
    free(d);
}

const char *sim_disk_vfs(const sim_disk *d)
{
    return d->name;
}

uint64_t sim_disk_ops(const sim_disk *d)
{
    return d->ops;
}

void sim_disk_fuse(sim_disk *d, int64_t ops)
{
    d->fuse = ops;
    d->blown = false;
}

bool sim_disk_fused(const sim_disk *d)
{
    return d->fuse >= 0 || d->blown;
}

void sim_disk_blow(sim_disk *d)
{
    d->blown = true;
}

bool sim_disk_blown(const sim_disk *d)
{
    return d->blown;
}

void sim_disk_sync_fails(sim_disk *d, uint64_t n, bool keeps)
{
    d->sync_keeps = keeps;
    d->syncs_to_failure = n;
}

void sim_disk_full(sim_disk *d, int64_t bytes)
{
    d->room = bytes;
}

int sim_disk_operation(sim_disk *d)
{
    d->ops++;
    if (d->blown)
        return 2;
    if (d->fuse < 0)
        return 0;
    if (d->fuse-- > 0)
        return 0;
    d->blown = true;
    return 1;
}

/* -- one file -- */

sim_file *sim_file_find(const sim_disk *d, const char *name)
{
    for (sim_file *f = d->files; f; f = f->next)
        if (f->linked && strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

sim_file *sim_file_new(sim_disk *d, const char *name)
{
    sim_file *f = sim_alloc(sizeof *f);
    f->name = name ? sim_text(name) : NULL;
    f->linked = name != NULL;
    f->next = d->files;
    d->files = f;
    return f;
}

static void file_forget(sim_disk *d, sim_file *f)
{
    for (sim_file **at = &d->files; *at; at = &(*at)->next)
        if (*at == f) {
            *at = f->next;
            file_free(f);
            return;
        }
}

void sim_file_closed(sim_disk *d, sim_file *f)
{
    f->opens--;
    if (f->opens == 0 && !f->linked && !f->name_safe)
        file_forget(d, f);
}

static void touch(sim_file *f, size_t from, size_t to)
{
    const size_t first = from / SIM_SECTOR, end = (to + SIM_SECTOR - 1) / SIM_SECTOR;
    if (first == end)
        return;
    if (f->dirty.len < end)
        sim_buf_resize(&f->dirty, end);
    memset(f->dirty.at + first, 1, end - first);
    if (f->dirty_from == f->dirty_to) {
        f->dirty_from = first;
        f->dirty_to = end;
        return;
    }
    f->dirty_from = first < f->dirty_from ? first : f->dirty_from;
    f->dirty_to = end > f->dirty_to ? end : f->dirty_to;
}

static int64_t disk_bytes(const sim_disk *d)
{
    size_t n = 0;
    for (const sim_file *f = d->files; f; f = f->next)
        n += f->linked ? f->cache.len : 0;
    return (int64_t)n;
}

bool sim_file_write(sim_disk *d, sim_file *f, const void *bytes, size_t n, size_t offset)
{
    const size_t end = offset + n;
    if (end > f->cache.len) {
        if (d->room >= 0 && disk_bytes(d) + (int64_t)(end - f->cache.len) > d->room)
            return false;
        touch(f, f->cache.len, end);
        sim_buf_resize(&f->cache, end);
    }
    touch(f, offset, end);
    if (n)
        memcpy(f->cache.at + offset, bytes, n);
    return true;
}

void sim_file_truncate(sim_file *f, size_t n)
{
    if (n > f->cache.len)
        touch(f, f->cache.len, n);
    sim_buf_resize(&f->cache, n);
}

static void clean(sim_file *f)
{
    if (f->dirty_to > f->dirty_from)
        memset(f->dirty.at + f->dirty_from, 0, f->dirty_to - f->dirty_from);
    f->dirty_from = f->dirty_to = 0;
}

/* The bytes of one sector as the process sees them, to the platter. */
static void settle(sim_file *f, size_t sector)
{
    const size_t from = sector * SIM_SECTOR;
    if (from >= f->cache.len)
        return;
    const size_t left = f->cache.len - from, n = left < SIM_SECTOR ? left : SIM_SECTOR;
    if (f->durable.len < from + n)
        sim_buf_resize(&f->durable, from + n);
    memcpy(f->durable.at + from, f->cache.at + from, n);
}

/* The directory's entry is this file's now: an older file of that name cannot come back. */
static void secure_name(sim_disk *d, sim_file *f)
{
    f->name_safe = true;
    for (sim_file *g = d->files, *next; g; g = next) {
        next = g->next;
        if (g->linked || !g->name || strcmp(g->name, f->name) != 0)
            continue;
        g->name_safe = false;
        if (g->opens == 0)
            file_forget(d, g);
    }
}

void sim_file_sync(sim_disk *d, sim_file *f)
{
    if (f->linked && !f->name_safe)
        secure_name(d, f);
    for (size_t i = f->dirty_from; i < f->dirty_to; i++)
        if (f->dirty.at[i])
            settle(f, i);
    sim_buf_resize(&f->durable, f->cache.len);
    clean(f);
}

static void revert(sim_file *f, size_t sector)
{
    const size_t from = sector * SIM_SECTOR;
    for (size_t i = from; i < from + SIM_SECTOR && i < f->cache.len; i++)
        f->cache.at[i] = i < f->durable.len ? f->durable.at[i] : 0;
}

void sim_file_drop_dirty(sim_disk *d, sim_file *f)
{
    for (size_t i = f->dirty_from; i < f->dirty_to && !d->sync_keeps; i++)
        if (f->dirty.at[i])
            revert(f, i);
    clean(f);
}

void sim_file_unlink(sim_disk *d, sim_file *f, bool sync)
{
    f->linked = false;
    if (sync)
        for (sim_file *g = d->files; g; g = g->next)
            g->name_safe = g->linked;
    for (sim_file *g = d->files, *next; g; g = next) {
        next = g->next;
        if (!g->linked && !g->name_safe && g->opens == 0)
            file_forget(d, g);
    }
}

void sim_file_no_shm(sim_file *f)
{
    for (size_t i = 0; i < f->n_shm; i++)
        free(f->shm[i]);
    free(f->shm);
    f->shm = NULL;
    f->n_shm = 0;
}

/* -- ends -- */

void sim_disk_kill(sim_disk *d)
{
    for (sim_file *f = d->files; f; f = f->next) {
        upp_check(f->opens == 0);
        sim_file_no_shm(f);
    }
    d->fuse = -1;
    d->blown = false;
    d->syncs_to_failure = 0;
}

/* Which name does the platter's directory hold after all? */
static bool name_stays(sim_disk *d, const sim_file *f)
{
    if (f->linked)
        return f->name_safe || sim_chance(&d->rand, 50);
    const sim_file *newer = sim_file_find(d, f->name);
    return !(newer && newer->name_safe) && sim_chance(&d->rand, 50);
}

static void file_power(sim_disk *d, sim_file *f)
{
    const bool grown = sim_chance(&d->rand, 50);
    const size_t n = grown ? f->cache.len : f->durable.len;
    for (size_t i = f->dirty_from; i < f->dirty_to; i++)
        if (f->dirty.at[i] && sim_chance(&d->rand, 50))
            settle(f, i);
    sim_buf_resize(&f->durable, n);
    clean(f);
    f->cache.len = 0;
    sim_buf_add(&f->cache, f->durable.at, f->durable.len);
    f->name_safe = true;
}

void sim_disk_power(sim_disk *d)
{
    sim_disk_kill(d);
    for (sim_file *f = d->files, *next; f; f = next) {
        next = f->next;
        const bool stays = name_stays(d, f);
        sim_file *other = f->linked ? NULL : sim_file_find(d, f->name);
        if (stays && other) { /* the old file has its name back, so the new one never had it */
            next = next == other ? other->next : next;
            file_forget(d, other);
        }
        if (!stays) {
            file_forget(d, f);
            continue;
        }
        f->linked = true;
        file_power(d, f);
    }
}

/* -- plain files -- */

bool sim_disk_put(sim_disk *d, const char *name, const void *bytes, size_t n)
{
    sim_file *f = sim_file_find(d, name);
    if (!f)
        f = sim_file_new(d, name);
    sim_file_truncate(f, 0);
    const bool fits = sim_file_write(d, f, bytes, n, 0);
    if (fits)
        sim_file_sync(d, f);
    else
        sim_file_unlink(d, f, true);
    return fits;
}

bool sim_disk_has(const sim_disk *d, const char *name)
{
    return sim_file_find(d, name) != NULL;
}

void sim_disk_unlink(sim_disk *d, const char *name)
{
    sim_file *f = sim_file_find(d, name);
    if (f)
        sim_file_unlink(d, f, true);
}

void sim_disk_each(const sim_disk *d,
                   void (*each)(void *ctx, const char *name, const uint8_t *at, size_t n),
                   void *ctx)
{
    for (const sim_file *f = d->files; f; f = f->next)
        if (f->linked)
            each(ctx, f->name, f->cache.at, f->cache.len);
}
