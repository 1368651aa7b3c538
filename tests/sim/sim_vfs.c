/* sim_vfs.c - how SQLite reaches a simulated disk (sqlite.org/vfs.html; locks as in os_unix.c).
 *
 * Reads past the end give zeros and SQLITE_IOERR_SHORT_READ. The locks are those among connections
 * of one process: nothing else can open these files. */
#include "sim_file.h"

static sim_handle *handle(sqlite3_file *file)
{
    return (sim_handle *)(void *)file;
}

static sim_disk *disk(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int vfs_read(sqlite3_file *file, void *into, int n, sqlite3_int64 offset)
{
    const sim_handle *h = handle(file);
    if (sim_disk_operation(h->disk))
        return SQLITE_IOERR_READ;
    const size_t want = (size_t)n, from = (size_t)offset, len = h->file->cache.len;
    const size_t have = from >= len ? 0 : len - from < want ? len - from : want;
    if (have)
        memcpy(into, h->file->cache.at + from, have);
    memset((uint8_t *)into + have, 0, want - have);
    return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int vfs_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 offset)
{
    const sim_handle *h = handle(file);
    const int blown = sim_disk_operation(h->disk);
    if (blown == 2)
        return SQLITE_IOERR_WRITE;
    const size_t part = blown ? sim_below(&h->disk->rand, (uint64_t)n + 1) : (size_t)n;
    if (!sim_file_write(h->disk, h->file, bytes, part, (size_t)offset))
        return SQLITE_FULL;
    return blown ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 n)
{
    const sim_handle *h = handle(file);
    const int blown = sim_disk_operation(h->disk);
    if (blown == 2 || (blown && sim_chance(&h->disk->rand, 50)))
        return SQLITE_IOERR_TRUNCATE;
    sim_file_truncate(h->file, (size_t)n);
    return blown ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int vfs_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    const sim_handle *h = handle(file);
    sim_disk *d = h->disk;
    const int blown = sim_disk_operation(d);
    if (blown == 2)
        return SQLITE_IOERR_FSYNC;
    if (d->syncs_to_failure && --d->syncs_to_failure == 0) {
        sim_file_drop_dirty(d, h->file);
        return SQLITE_IOERR_FSYNC;
    }
    if (!blown || sim_chance(&d->rand, 50)) /* it may have been done when the power went */
        sim_file_sync(d, h->file);
    return blown ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *ret_n)
{
    *ret_n = (sqlite3_int64)handle(file)->file->cache.len;
    return SQLITE_OK;
}

/* -- locks of the database file: NONE, SHARED, RESERVED, PENDING, EXCLUSIVE -- */

static int vfs_lock(sqlite3_file *file, int level)
{
    sim_handle *h = handle(file);
    sim_file *f = h->file;
    if (level <= h->level)
        return SQLITE_OK;
    const bool others_pending = f->pending && f->pending != h;
    if (level == SQLITE_LOCK_SHARED) {
        if (others_pending)
            return SQLITE_BUSY;
        f->n_shared++;
        h->level = SQLITE_LOCK_SHARED;
        return SQLITE_OK;
    }
    if (others_pending || (f->reserved && f->reserved != h))
        return SQLITE_BUSY;
    f->reserved = h;
    if (level == SQLITE_LOCK_RESERVED) {
        h->level = level;
        return SQLITE_OK;
    }
    f->pending = h;
    h->level = SQLITE_LOCK_PENDING;
    if (f->n_shared > 1)
        return SQLITE_BUSY;
    h->level = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

static int vfs_unlock(sqlite3_file *file, int level)
{
    sim_handle *h = handle(file);
    sim_file *f = h->file;
    if (h->level <= level)
        return SQLITE_OK;
    if (f->reserved == h)
        f->reserved = NULL;
    if (f->pending == h)
        f->pending = NULL;
    if (level == SQLITE_LOCK_NONE)
        f->n_shared--;
    h->level = level;
    return SQLITE_OK;
}

static int vfs_reserved(sqlite3_file *file, int *ret_held)
{
    const sim_file *f = handle(file)->file;
    *ret_held = f->reserved != NULL || f->pending != NULL;
    return SQLITE_OK;
}

static int vfs_control(sqlite3_file *file, int what, void *arg)
{
    (void)file, (void)what, (void)arg;
    return SQLITE_NOTFOUND;
}

static int vfs_sector(sqlite3_file *file)
{
    (void)file;
    return 4096; /* what SQLite assumes of a disk; ours tears at 512 */
}

static int vfs_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as the unix VFS of Debian's build says */
}

/* -- the WAL's index: memory shared among connections, gone with the process -- */

static int vfs_shm_map(sqlite3_file *file, int region, int bytes, int extend, void volatile **ret)
{
    sim_handle *h = handle(file);
    sim_file *f = h->file;
    if (!h->has_shm) {
        h->has_shm = true;
        f->shm_users++;
    }
    while (f->n_shm <= (size_t)region) {
        if (!extend) {
            *ret = NULL;
            return SQLITE_OK;
        }
        f->shm = realloc(f->shm, (f->n_shm + 1) * sizeof *f->shm);
        upp_check(f->shm);
        f->shm[f->n_shm++] = sim_alloc((size_t)bytes);
    }
    *ret = f->shm[region];
    return SQLITE_OK;
}

static void shm_unlock(sim_handle *h, int i)
{
    const uint16_t bit = (uint16_t)(1 << i);
    if (h->shm_shared & bit)
        h->file->shm_shared[i]--;
    if (h->shm_owned & bit)
        h->file->shm_owner[i] = NULL;
    h->shm_shared = (uint16_t)(h->shm_shared & ~bit);
    h->shm_owned = (uint16_t)(h->shm_owned & ~bit);
}

static bool shm_free(const sim_handle *h, int i, bool exclusive)
{
    const sim_file *f = h->file;
    const unsigned mine = h->shm_shared >> i & 1;
    if (f->shm_owner[i] && f->shm_owner[i] != h)
        return false;
    return !exclusive || f->shm_shared[i] == mine;
}

static int vfs_shm_lock(sqlite3_file *file, int first, int n, int flags)
{
    sim_handle *h = handle(file);
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (int i = first; i < first + n; i++)
        if ((flags & SQLITE_SHM_LOCK) && !shm_free(h, i, exclusive))
            return SQLITE_BUSY;
    for (int i = first; i < first + n; i++) {
        const uint16_t bit = (uint16_t)(1 << i);
        if (flags & SQLITE_SHM_UNLOCK) {
            shm_unlock(h, i);
        } else if (exclusive) {
            h->file->shm_owner[i] = h;
            h->shm_owned |= bit;
        } else if (!(h->shm_shared & bit)) {
            h->file->shm_shared[i]++;
            h->shm_shared |= bit;
        }
    }
    return SQLITE_OK;
}

static void vfs_shm_barrier(sqlite3_file *file)
{
    (void)file; /* one thread */
}

static int vfs_shm_unmap(sqlite3_file *file, int delete)
{
    (void)delete; /* memory of nobody is gone either way: the next connection recovers the index */
    sim_handle *h = handle(file);
    if (!h->has_shm)
        return SQLITE_OK;
    for (int i = 0; i < SIM_SHM_LOCKS; i++)
        shm_unlock(h, i);
    h->has_shm = false;
    if (--h->file->shm_users == 0)
        sim_file_no_shm(h->file);
    return SQLITE_OK;
}

static int vfs_close(sqlite3_file *file)
{
    sim_handle *h = handle(file);
    vfs_shm_unmap(file, 0);
    vfs_unlock(file, SQLITE_LOCK_NONE);
    sim_file_closed(h->disk, h->file);
    h->base.pMethods = NULL;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_reserved,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector,
    .xDeviceCharacteristics = vfs_characteristics,
    .xShmMap = vfs_shm_map,
    .xShmLock = vfs_shm_lock,
    .xShmBarrier = vfs_shm_barrier,
    .xShmUnmap = vfs_shm_unmap,
};

/* -- the file system -- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    sim_disk *d = disk(vfs);
    sim_handle *h = handle(file);
    *h = (sim_handle){ .disk = d };
    if (sim_disk_operation(d))
        return SQLITE_CANTOPEN;
    sim_file *f = name ? sim_file_find(d, name) : NULL;
    if (!f && !(flags & SQLITE_OPEN_CREATE))
        return SQLITE_CANTOPEN;
    if (!f)
        f = sim_file_new(d, name);
    f->opens++;
    h->file = f;
    h->base.pMethods = &methods;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    sim_disk *d = disk(vfs);
    const int blown = sim_disk_operation(d);
    if (blown == 2)
        return SQLITE_IOERR_DELETE;
    sim_file *f = sim_file_find(d, name);
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    if (!blown)
        sim_file_unlink(d, f, sync_folder != 0);
    else if (sim_chance(&d->rand, 50))
        sim_file_unlink(d, f, false);
    return blown ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_yes)
{
    const sim_file *f = sim_file_find(disk(vfs), name);
    *ret_yes = f && (flags != SQLITE_ACCESS_EXISTS || f->cache.len > 0); /* as os_unix.c */
    return disk(vfs)->blown ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int n, char *ret_path)
{
    (void)vfs;
    sqlite3_snprintf(n, ret_path, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int n, char *ret_bytes)
{
    sim_fill(&disk(vfs)->rand, (uint8_t *)ret_bytes, (size_t)n);
    return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us; /* nobody else can run meanwhile: a busy lock stays busy */
}

static int vfs_now(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
    *ret_ms = (sqlite3_int64)210866760000000 + *disk(vfs)->now; /* Julian day 2440587.5 = 1970 */
    return SQLITE_OK;
}

static int vfs_now_days(sqlite3_vfs *vfs, double *ret_days)
{
    sqlite3_int64 ms = 0;
    vfs_now(vfs, &ms);
    *ret_days = (double)ms / 86400000.0;
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int n, char *ret_text)
{
    (void)vfs;
    if (n > 0)
        ret_text[0] = 0;
    return 0;
}

void sim_vfs_init(sim_disk *d)
{
    d->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(sim_handle),
        .mxPathname = 512,
        .zName = d->name,
        .pAppData = d,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_now_days,
        .xGetLastError = vfs_error,
        .xCurrentTimeInt64 = vfs_now,
    };
}
