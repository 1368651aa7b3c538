/* letters_same.h - compares words. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether `len` letters of both are the same: what memcmp() says, without the call, which costs
 * more than comparing the few letters of a word. No byte beyond them is read. */
static inline bool letters_same(const uint8_t *a, const uint8_t *b, size_t len)
{
    if (len >= 8) {
        uint64_t x;
        uint64_t y;
        for (size_t at = 0; at + sizeof x < len; at += sizeof x) {
            memcpy(&x, a + at, sizeof x);
            memcpy(&y, b + at, sizeof x);
            if (x != y)
                return false;
        }
        memcpy(&x, a + len - sizeof x, sizeof x); /* may lie over the one before */
        memcpy(&y, b + len - sizeof x, sizeof x);
        return x == y;
    }
    if (len >= 4) {
        uint32_t x[2];
        uint32_t y[2];
        memcpy(&x[0], a, sizeof x[0]);
        memcpy(&y[0], b, sizeof y[0]);
        memcpy(&x[1], a + len - sizeof x[1], sizeof x[1]);
        memcpy(&y[1], b + len - sizeof y[1], sizeof y[1]);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}
