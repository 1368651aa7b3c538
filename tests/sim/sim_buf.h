/* sim_buf.h - bytes that grow, and arrays that grow. Out of memory ends the simulator. */
#pragma once
#include "upp/base.h"
#include <stdlib.h>
#include <string.h>

typedef struct sim_buf {
    uint8_t *at;
    size_t len, cap;
} sim_buf;

/* Makes room for `n` bytes in all; the new ones are not set. */
static inline void sim_buf_room(sim_buf *b, size_t n)
{
    if (n <= b->cap)
        return;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < n)
        cap *= 2;
    b->at = realloc(b->at, cap);
    upp_check(b->at);
    b->cap = cap;
}

/* The new length; bytes that are added are zero. */
static inline void sim_buf_resize(sim_buf *b, size_t n)
{
    sim_buf_room(b, n);
    if (n > b->len)
        memset(b->at + b->len, 0, n - b->len);
    b->len = n;
}

static inline void sim_buf_add(sim_buf *b, const void *bytes, size_t n)
{
    if (n == 0)
        return;
    sim_buf_room(b, b->len + n);
    memcpy(b->at + b->len, bytes, n);
    b->len += n;
}

static inline void sim_buf_done(sim_buf *b)
{
    free(b->at);
    *b = (sim_buf){ 0 };
}

static inline void *sim_alloc(size_t n)
{
    void *at = calloc(1, n ? n : 1);
    upp_check(at);
    return at;
}

static inline char *sim_text(const char *s)
{
    char *out = sim_alloc(strlen(s) + 1);
    memcpy(out, s, strlen(s));
    return out;
}

/* Room for one more element of `array`, which holds `n` and grows by doubling. */
#define SIM_MORE(array, n) ((array) = sim_more((array), (n), sizeof *(array)))
static inline void *sim_more(void *array, size_t n, size_t each)
{
    if (n != 0 && (n & (n - 1)) != 0)
        return array;
    array = realloc(array, (n ? 2 * n : 1) * each);
    upp_check(array);
    return array;
}
