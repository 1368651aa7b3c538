/* stream.c - bytes that go out, bytes that are read at a place, and bytes in memory. */
#include "stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_done(buf *b)
{
    free(b->at);
    *b = (buf){ 0 };
}

static int buf_reserve(buf *b, size_t more)
{
    if (more >= SIZE_MAX / 4 - b->len)
        return UPP_E_BUSY;
    if (b->len + more + 1 <= b->room)
        return 0;
    const size_t room = (b->len + more + 1) * 2;
    uint8_t *at = realloc(b->at, room);
    if (!at)
        return UPP_E_BUSY;
    b->at = at;
    b->room = room;
    return 0;
}

int buf_put(buf *b, const void *bytes, size_t n)
{
    UPP_TRY(buf_reserve(b, n));
    if (n > 0)
        memcpy(b->at + b->len, bytes, n);
    b->len += n;
    b->at[b->len] = 0;
    return 0;
}

int buf_grow(buf *b, size_t n)
{
    UPP_TRY(buf_reserve(b, n));
    memset(b->at + b->len, 0, n + 1);
    b->len += n;
    return 0;
}

int buf_printf(buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    upp_check(n >= 0);
    UPP_TRY(buf_reserve(b, (size_t)n));
    va_start(args, fmt);
    (void)vsnprintf((char *)b->at + b->len, (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
    return 0;
}

static int write_to_buf(void *ctx, const void *bytes, size_t n)
{
    return buf_put(ctx, bytes, n);
}

sink buf_sink(buf *b)
{
    return (sink){ write_to_buf, b };
}

const char *buf_text(const buf *b)
{
    return b->at ? (const char *)b->at : "";
}

upp_bytes buf_bytes(const buf *b)
{
    return (upp_bytes){ b->at, b->len };
}

static int read_bytes(void *ctx, uint64_t at, void *ret_bytes, size_t n)
{
    const upp_bytes *bytes = ctx;
    if (n > 0)
        memcpy(ret_bytes, bytes->at + at, n);
    return 0;
}

source source_of(const upp_bytes *bytes)
{
    union {
        const upp_bytes *in;
        void *out;
    } u = { bytes }; /* read_bytes() only reads it */
    return (source){ read_bytes, u.out, bytes->len };
}

int source_read(const source *in, uint64_t at, void *ret_bytes, size_t n)
{
    if (at > in->bytes || n > in->bytes - at)
        return UPP_E_INPUT;
    return in->read(in->ctx, at, ret_bytes, n);
}

int source_all(const source *in, size_t most, buf *out)
{
    if (in->bytes > most)
        return UPP_E_INPUT;
    const sink to = buf_sink(out);
    return source_copy(in, &to);
}

int source_copy(const source *in, const sink *out)
{
    uint8_t piece[16384];
    for (uint64_t at = 0; at < in->bytes;) {
        const uint64_t left = in->bytes - at;
        const size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);
        UPP_TRY(source_read(in, at, piece, n));
        UPP_TRY(sink_put(out, piece, n));
        at += n;
    }
    return 0;
}

int sink_put(const sink *out, const void *bytes, size_t n)
{
    return n > 0 ? out->write(out->ctx, bytes, n) : 0;
}

int sink_text(const sink *out, const char *text)
{
    return sink_put(out, text, strlen(text));
}
