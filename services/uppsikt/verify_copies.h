/* verify_copies.h - the saved copies on this machine, against the tree of their seals. */
#pragma once
#include "upp/base.h"

typedef struct verify_copies_found {
    int64_t copies, files, heads;
    char wrong[200]; /* empty: nothing */
} verify_copies_found;

/* `folder` is evidence's data; the service may be running. `key` is who must have signed the heads;
 * NULL: one and the same. */
void verify_copies(const char *folder, const uint8_t *key, verify_copies_found *found);
