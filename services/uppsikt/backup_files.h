/* backup_files.h - files of a backup: copied, hashed, synced, and what stands in its manifest. */
#pragma once
#include "backup_seal.h"
#include <jansson.h>

/* Where a service's own data is: `data:` of its configuration. */
bool backup_data_of(const verb_home *home, const char *service, char ret_path[PATH_MAX]);

/* Copies one file, never over another, and syncs it. 1: it is gone meanwhile (forgotten), nothing
 * was made; CALL_CONFIG: said. *ret_row: {"path", "bytes", "sha256"}, `name` as its path. With a
 * `recipient` (NULL: none) it is sealed to that key, both names end with SEAL_SUFFIX, and the row
 * tells of the sealed bytes. */
int backup_copy(const char *from, const char *to, const char *name, const uint8_t *recipient,
                json_t **ret_row);
/* Copies all of a service's data folder but its store, lock, ballast and copies; rows are added. */
int backup_copy_folder(const char *from, const char *to, const char *name, const char *service,
                       const uint8_t *recipient, json_t *rows);
/* Writes manifest.json, the last file of a backup, and syncs it with its folders. */
int backup_write_manifest(const char *folder, const json_t *manifest);
/* mkdir -p of the folder that `path` lies in. */
int backup_make_folders(const char *path);
/* Syncs a folder, so that the names in it stay. */
int backup_sync_folder(const char *path);
/* Removes a folder with all that is in it; fine when it is not there. */
int backup_remove_folder(const char *path);

/* Is the file what its row says? False: said. */
bool backup_check(const char *folder, const json_t *row);
int backup_failed(const char *path); /* errno, said; CALL_CONFIG */

/* The sources of a backup, consumers before those whom they hear: then hardly a cursor in it
 * stands past the log that it points into. */
extern const char *const backup_order[];
extern const size_t backup_n_order;
