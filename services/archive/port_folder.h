/* port_folder.h - files and folders of the archive, on disk: everything that is written is synced
 * before the call comes back. Paths are whole ones. */
#pragma once
#include "stream.h"
#include <limits.h>

/* Each gives 0, or errno. */
UPP_MUST_USE int folder_make(const char *path); /* with those above it; 0 when it is there */
UPP_MUST_USE int folder_make_above(const char *file);
UPP_MUST_USE int folder_remove(const char *path); /* a file, or a folder with all in it */
UPP_MUST_USE int folder_sync(const char *path);
UPP_MUST_USE int folder_sync_above(const char *path);             /* the folder that it lies in */
UPP_MUST_USE int folder_write(const char *path, upp_bytes bytes); /* a new file */
/* The same bytes under a second name; a copy where a link cannot be. 0 when it is there already. */
UPP_MUST_USE int folder_link(const char *from, const char *to);
/* `name` in the folder `above`. ENAMETOOLONG. */
UPP_MUST_USE int folder_path(const char *above, const char *name, char ret_path[PATH_MAX]);
bool folder_has(const char *path);

/* A file that lies somewhere, as a source: it is opened for each read, so that a folder may have
 * more files than a process may open. */
typedef struct folder_file {
    char *path; /* from the folder's root */
    char *whole;
    uint64_t bytes;
} folder_file;

typedef struct folder_list {
    folder_file *files; /* in byte order of path */
    size_t n;
} folder_list;

/* All files below `root`. EMLINK: something in it is neither a file nor a folder. The caller ends
 * it with folder_done(). */
UPP_MUST_USE int folder_walk(const char *root, folder_list *ret_folder);
void folder_done(folder_list *f);
/* Lent from `file`. */
source folder_source(folder_file *file);
/* One file by its whole path; the caller frees it with folder_file_done(). */
UPP_MUST_USE int folder_file_at(const char *path, folder_file *ret_file);
void folder_file_done(folder_file *file);
