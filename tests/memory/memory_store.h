/* memory_store.h - a node's store, taken as it lies there while the node has it open, and put down
 * again somewhere else, as often as one likes. */
#pragma once
#include "upp/node.h"

typedef struct memory_file {
    uint8_t *at;
    size_t n;
} memory_file;

/* What a process that died now would leave: the database file and its WAL. */
typedef struct memory_store {
    memory_file main, wal;
} memory_store;

enum { MEMORY_PATH = 96 };

/* Reads both through the node's own connection, whatever VFS it has; the bytes are the caller's,
 * who may be a child of the process that has the node (it writes nothing). */
memory_store memory_take(upp_node *node);
/* Writes both as `path` and `path`-wal. */
void memory_put(const memory_store *store, const char *path);
void memory_unlink(const char *path);
/* One number for all that a fresh node on `path` holds (upp_node_dump); false: it does not open,
 * `say` has heard why. */
bool memory_look(const upp_service *service, const void *config, const uint8_t *lookup_key,
                 const char *path, uint64_t *ret_sum);
/* Opens a node on that file; NULL: it does not open. */
upp_node *memory_open(const upp_service *service, const void *config, const uint8_t *lookup_key,
                      const char *path);
