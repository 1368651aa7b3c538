/* sim_file.h - the files of a disk; shared by the disk's model and its VFS, by nobody else. */
#pragma once
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_rand.h"
#include <sqlite3.h>

enum { SIM_SECTOR = 512, SIM_SHM_LOCKS = SQLITE_SHM_NLOCK };

typedef struct sim_handle sim_handle;

typedef struct sim_file {
    struct sim_file *next;
    char *name; /* NULL: a temporary one */
    sim_buf cache, durable;
    sim_buf dirty; /* a byte for each sector: 1: it differs from the platter */
    size_t dirty_from, dirty_to;
    bool linked;    /* the process finds it by its name */
    bool name_safe; /* the platter has its name (still, or already) */
    unsigned opens;
    /* SQLite's locks, among the connections of one process */
    unsigned n_shared;
    const sim_handle *reserved, *pending;
    uint8_t **shm;
    size_t n_shm;
    unsigned shm_users, shm_shared[SIM_SHM_LOCKS];
    const sim_handle *shm_owner[SIM_SHM_LOCKS];
} sim_file;

struct sim_handle {
    sqlite3_file base; /* first: SQLite's view of us */
    sim_disk *disk;
    sim_file *file;
    int level;
    bool has_shm;
    uint16_t shm_shared, shm_owned;
};

struct sim_disk {
    sqlite3_vfs vfs;
    char name[32];
    sim_rand rand;
    const upp_ms *now;
    sim_file *files;
    uint64_t ops, syncs_to_failure;
    int64_t fuse, room;
    bool blown, sync_keeps;
};

/* Counts one operation. 0: go on; 1: the fuse blows in this very operation; 2: it has blown. */
int sim_disk_operation(sim_disk *d);
sim_file *sim_file_find(const sim_disk *d, const char *name); /* NULL: no such name */
sim_file *sim_file_new(sim_disk *d, const char *name);
/* False: the disk is full. */
bool sim_file_write(sim_disk *d, sim_file *f, const void *bytes, size_t n, size_t offset);
void sim_file_truncate(sim_file *f, size_t n);
void sim_file_sync(sim_disk *d, sim_file *f);
void sim_file_drop_dirty(sim_disk *d, sim_file *f);
/* Takes the name away; the platter's directory keeps it unless `sync`. */
void sim_file_unlink(sim_disk *d, sim_file *f, bool sync);
void sim_file_closed(sim_disk *d, sim_file *f);
void sim_file_no_shm(sim_file *f);

void sim_vfs_init(sim_disk *d); /* fills d->vfs */
