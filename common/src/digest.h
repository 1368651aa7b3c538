/* digest.h - SHA-256, HMAC, hexadecimal and fresh bytes; private to the runtime. */
#pragma once
#include "upp/base.h"

/* SHA-256 (FIPS 180-4) over the `n` parts, one after the other. */
void upp_sha256(const upp_bytes *parts, size_t n, uint8_t ret_hash[32]);
/* The same over a file from its beginning; negative: it cannot be read, errno says why. */
int upp_sha256_fd(int fd, uint8_t ret_hash[32], int64_t *ret_bytes);
/* HMAC-SHA256 (RFC 2104) under `key`, over the parts, each preceded by its length (8 bytes, big
 * endian), so that ("ab", "c") is not ("a", "bc"). */
void upp_hmac(const uint8_t key[32], const upp_bytes *parts, size_t n, uint8_t ret_mac[32]);
/* Lower-case hexadecimal and a zero byte: 2 * n + 1 bytes. */
void upp_hex(const uint8_t *bytes, size_t n, char *ret_text);
/* Big endian, as the chain has numbers. */
void upp_be64(uint64_t value, uint8_t ret_bytes[8]);

/* A stream of bytes that is a function of its seed alone: SHA-256(seed || counter). */
typedef struct upp_stream {
    uint8_t seed[32];
    uint64_t counter;
    uint8_t block[32];
    size_t left;
} upp_stream;
void upp_stream_init(upp_stream *stream, const uint8_t seed[32]);
void upp_stream_draw(upp_stream *stream, void *ret_bytes, size_t n);
