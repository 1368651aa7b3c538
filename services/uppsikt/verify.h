/* verify.h - reading a whole log's chain out of a store, read-only. */
#pragma once
#include "upp/node.h"
#include <sqlite3.h>

typedef struct verify_found {
    int64_t events, contents, until;
    upp_point head;  /* of what was read from a store */
    char wrong[200]; /* empty: nothing */
} verify_found;

/* Every event's hash and every content's commitment. `as_is`: a copy that nobody has open; nothing
 * is made beside it. */
void verify_store(const char *path, bool as_is, verify_found *found);
/* Opens such a store. NULL: it cannot be; sqlite3_close by the caller. */
sqlite3 *verify_open(const char *path, bool as_is);
