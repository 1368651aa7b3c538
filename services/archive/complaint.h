/* complaint.h - what a checker finds: where, and a sentence. No content of a package is in it, only
 * paths, offsets, sizes and names of rules. */
#pragma once
#include "upp/base.h"

/* `say` is called once for each fault: `path` of the file, `offset` in it (bytes from its
 * start), and the sentence, lent for the call. A file that is right ends with `n` as it was. */
typedef struct complaints {
    void (*say)(void *ctx, const char *path, uint64_t offset, const char *what);
    void *ctx;
    size_t n;
} complaints;

UPP_PRINTF(4, 5)
void complain(complaints *to, const char *path, uint64_t offset, const char *fmt, ...);
