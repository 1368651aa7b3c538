/* stream.h - bytes that go out, bytes that are read at a place, and bytes in memory. The archive's
 * writers and checkers know files only by these. */
#pragma once
#include "upp/base.h"

/* Where bytes go. `write` takes all `n` of them or gives a negative upp_fail, which is passed
 * on. */
typedef struct sink {
    int (*write)(void *ctx, const void *bytes, size_t n);
    void *ctx;
} sink;

/* Something of known length that can be read anywhere. `read` fills all `n` bytes from `at`, which
 * never reach beyond `bytes`, or gives a negative upp_fail, which is passed on. */
typedef struct source {
    int (*read)(void *ctx, uint64_t at, void *ret_bytes, size_t n);
    void *ctx;
    uint64_t bytes;
} source;

/* Bytes in memory that grow; all zero is empty. The owner releases them with buf_done(). There is
 * always a zero byte after the last one once something was put. */
typedef struct buf {
    uint8_t *at;
    size_t len;
    size_t room;
} buf;

void buf_done(buf *b);
/* 0, or UPP_E_BUSY: no memory; `b` is then as before. */
UPP_MUST_USE int buf_put(buf *b, const void *bytes, size_t n);
UPP_MUST_USE UPP_PRINTF(2, 3) int buf_printf(buf *b, const char *fmt, ...);
/* Puts `n` zero bytes, to be written over. 0 or UPP_E_BUSY. */
UPP_MUST_USE int buf_grow(buf *b, size_t n);
/* A sink that puts into `b`; good as long as `b` is. */
sink buf_sink(buf *b);
/* What is in `b` now, "" where nothing is; lent until the next put. */
const char *buf_text(const buf *b);
upp_bytes buf_bytes(const buf *b);

/* A source over `bytes`, which must outlive it. */
source source_of(const upp_bytes *bytes);
/* Reads `n` bytes from `at`; UPP_E_INPUT when that reaches beyond the end. */
UPP_MUST_USE int source_read(const source *in, uint64_t at, void *ret_bytes, size_t n);
/* Puts the whole of `in` into `out`; UPP_E_INPUT when it is longer than `most` bytes. */
UPP_MUST_USE int source_all(const source *in, size_t most, buf *out);
/* Copies the whole of `in` to `out` in pieces. */
UPP_MUST_USE int source_copy(const source *in, const sink *out);

UPP_MUST_USE int sink_put(const sink *out, const void *bytes, size_t n);
UPP_MUST_USE int sink_text(const sink *out, const char *text);
