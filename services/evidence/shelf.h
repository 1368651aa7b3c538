/* shelf.h - a record's folder on the disk: written, read back, synced, taken away. Impure: for
 * this service's ports alone. Nothing outside the folder that it is given is ever touched: names
 * are checked, and no link is followed. */
#pragma once
#include "upp/base.h"
#include "uppsikt/evidence.pb-c.h"

enum { SHELF_PATH = 120, SHELF_FILES = 64 };

/* Whether `path` is of plain names with `/` between, none of which begins with a dot. */
bool shelf_plain(const char *path);

/* What lies in a record's folder, as it was read back. */
typedef struct shelf_file {
    char path[SHELF_PATH];
    int64_t bytes;
    uint8_t sha256[32];
} shelf_file;
typedef struct shelf_found {
    shelf_file files[SHELF_FILES];
    size_t n;
    char *manifest; /* from malloc; NULL: not the last part */
} shelf_found;

/* Writes the part, synced. With `last` all that the ask names is hashed from the disk, what it does
 * not name goes, and the manifest is written and synced. NULL, or why not: a key of the catalogue.
 * `root` is the folder of objects. */
const char *shelf_store(const char *root, const Uppsikt__StoreRecord *ask, shelf_found *ret_found);
void shelf_found_done(shelf_found *found);
/* Takes the folder away with all that is in it; *ret_files of them. None there is fine. 0 or
 * errno. */
int shelf_remove(const char *root, const char *folder, uint32_t *ret_files);
/* Opens a file to write in the folder, making what leads to it. A descriptor, or -errno. */
int shelf_create(const char *root, const char *folder, const char *path);
/* The file is whole: it and every folder that leads to it are synced. 0 or errno. */
int shelf_sync(const char *root, const char *folder, const char *path, int fd);
