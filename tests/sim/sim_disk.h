/* sim_disk.h - one machine's disk in memory, with an SQLite VFS of its own (reliability.md §7.1).
 *
 * A file has what the process sees (`cache`) and what is on the platter (`durable`); sectors of 512
 * bytes differ until they are synced. A killed process leaves the cache; a power loss leaves what
 * is durable and each dirty sector, size and name with p = 1/2.
 *
 * Harder than any real file system on one point: an unlink may be undone by a power loss until
 * SQLite has asked for its directory to be synced (xDelete's flag, which only synchronous=EXTRA
 * sets). SQLite's own unix VFS also syncs the directory at the first sync of a new WAL, which we do
 * not count: POSIX lets us, and finding F2 stands on it. */
#pragma once
#include "upp/base.h"

typedef struct sim_disk sim_disk;

/* `now` is read for SQLite's clock; lent. The disk is registered as a VFS under a name of its own.
 * Before the first disk of a process SQLite is set to one thread and no memory statistics. */
sim_disk *sim_disk_new(uint64_t seed, const upp_ms *now);
void sim_disk_free(sim_disk *d); /* NULL is fine; nothing may have a file open */
const char *sim_disk_vfs(const sim_disk *d);

/* Operations so far: open, delete, read, write, truncate, sync. */
uint64_t sim_disk_ops(const sim_disk *d);
/* The operation after `ops` more is done in part (a drawn prefix of a write lands), and it and all
 * after it fail, until the next kill or power loss. Negative: off. */
void sim_disk_fuse(sim_disk *d, int64_t ops);
bool sim_disk_fused(const sim_disk *d); /* it is on, or has blown */
void sim_disk_blow(sim_disk *d);        /* now: a process that ends touches nothing more */
bool sim_disk_blown(const sim_disk *d);
/* The n-th sync from now fails, and its dirty pages are dropped (F3; 0: off). Kernels differ in
 * what is read there afterwards: what is on the platter, or (`keeps`, as ext4 does) what was
 * written, now called clean, so that no later sync ever writes it; a new process sees it too. */
void sim_disk_sync_fails(sim_disk *d, uint64_t n, bool keeps);
/* All files together cannot grow past `bytes`. Negative: no limit. */
void sim_disk_full(sim_disk *d, int64_t bytes);

/* The process has ended (all its files are closed): shared memory goes. */
void sim_disk_kill(sim_disk *d);
/* The power too: only what is durable stays, and some of the rest. */
void sim_disk_power(sim_disk *d);

/* Plain files: objects. A file that is put is synced, and its name. False: the disk is full, and
 * the file is not there. */
bool sim_disk_put(sim_disk *d, const char *name, const void *bytes, size_t n);
bool sim_disk_has(const sim_disk *d, const char *name);
void sim_disk_unlink(sim_disk *d, const char *name);
/* Calls for every file there is, with what the process sees of it. */
void sim_disk_each(const sim_disk *d,
                   void (*each)(void *ctx, const char *name, const uint8_t *at, size_t n),
                   void *ctx);
