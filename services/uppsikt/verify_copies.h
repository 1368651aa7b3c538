/* verify_copies.h - the saved copies on this machine, against the tree of their seals. */
#pragma once
#include "upp/base.h"

typedef struct verify_copies_found {
    int64_t copies, files, heads, stamps;
    char wrong[200]; /* empty: nothing */
} verify_copies_found;

/* `folder` is evidence's data; the service may be running. `key` is who must have signed the heads;
 * NULL: one and the same. `roots`: PEM to which their stamps must lead; `at` NULL: the way is not
 * looked at. */
void verify_copies(const char *folder, const uint8_t *key, upp_bytes roots,
                   verify_copies_found *found);
