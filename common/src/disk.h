/* disk.h - a full disk can wedge WAL (reliability.md F10): a ballast file that can be let go, and a
 * low-water mark at which the service stops accepting. */
#pragma once
#include "config.h"

typedef struct upp_disk_marks {
    int64_t ballast_bytes; /* option ballast_bytes, 64 MiB; 0: no ballast */
    int64_t low_bytes;     /* option low_water_bytes; 0: never low */
} upp_disk_marks;

/* The two options of that name, which every program has; config's. */
const upp_disk_marks *upp_config_disk(const upp_config *config);

/* Sees to it that <folder>/ballast has its size, in blocks that are really taken, synced. 1: there
 * was no room for it beside the low-water mark; then it is not made. UPP_E_STORE: the disk said no,
 * `say` has heard why. */
int upp_disk_ballast(const char *folder, const upp_disk_marks *marks,
                     void (*say)(const char *line));
/* Lets the ballast go, for the checkpoint that needs its room. 1: there was none. UPP_E_STORE. */
int upp_disk_release(const char *folder);
/* 1: less than the low-water mark is left for us; *ret_free_bytes is how much (statvfs, what a user
 * that is not root may still write). UPP_E_STORE: could not be asked. */
int upp_disk_low(const char *folder, const upp_disk_marks *marks, int64_t *ret_free_bytes);
