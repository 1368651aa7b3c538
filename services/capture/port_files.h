/* port_files.h - the files of one result as they come in: written in pieces beside their place,
 * hashed on the way, put in their place when all are whole and synced. */
#pragma once
#include "port_folder.h"
#include "uppsikt/capture.pb-c.h"

enum { PORT_FILES_MAX = 64 };
enum { PORT_BYTES_MAX = 1 << 30 }; /* of one result */

typedef struct port_files port_files;

/* Takes over `folder` and lends `result` for its life. NULL: `result` is no result of ours (names,
 * hashes, lengths): `*ret_why`, static words. */
port_files *port_files_new(port_folder *folder, const Uppsikt__PageCaptured *result,
                           const char **ret_why);
void port_files_free(port_files *files); /* what is not in its place goes; NULL is fine */
/* The next part. NULL; else what is wrong, static words. */
const char *port_files_take(port_files *files, const Uppsikt__CapturePart *part);
bool port_files_whole(const port_files *files);
/* Syncs all, puts them in their place, syncs the folder; blocks, for the worker. NULL or words. */
const char *port_files_place(port_files *files);
/* The name of the i-th in its place: with the prefix of a flat one. */
void port_files_name(const port_files *files, size_t i, char ret_name[PORT_NAME]);
