/* fuzz.h - what the fuzz targets share. Each is one function of any bytes; with clang's
 * libFuzzer it is driven for coverage (tests/fuzz/run), without by fuzz_corpus.c over what is in
 * the tree. */
#pragma once
#include "upp/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes taken from the front; zeros when there are no more. */
typedef struct fuzz_in {
    const uint8_t *at;
    size_t len;
} fuzz_in;

static inline uint64_t fuzz_take(fuzz_in *in, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n = n << 8 | (in->len ? in->at[0] : 0);
        in->at += in->len > 0;
        in->len -= in->len > 0;
    }
    return n;
}

static inline upp_bytes fuzz_part(fuzz_in *in, size_t most)
{
    const size_t n = most < in->len ? most : in->len;
    const upp_bytes part = { in->at, n };
    in->at += n;
    in->len -= n;
    return part;
}

/* Complaints are what is wanted of bad input; nobody reads them here. */
static inline void fuzz_say(const char *line)
{
    upp_check(line != NULL && line[0] != '\0' && strchr(line, '\n') == NULL);
}

/* Where files of a run lie; whoever runs it takes them away. */
static inline const char *fuzz_room(void)
{
    const char *room = getenv("UPP_FUZZ_ROOM");
    return room ? room : "/dev/shm";
}

/* A file with these bytes, the same path each time; for readers that want a path. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[256];
    if (!path[0])
        snprintf(path, sizeof path, "%s/upp-fuzz-%d", fuzz_room(), (int)getpid());
    FILE *f = fopen(path, "w");
    upp_check(f != NULL && (size == 0 || fwrite(data, size, 1, f) == 1));
    upp_check(fclose(f) == 0);
    return path;
}
