/* image_fixture.c - enough of PNG (RFC 2083) to look at a picture of the browser's. */
#include "browser_fixture.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint8_t paeth(int a, int b, int c)
{
    const int p = a + b - c;
    const int pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

static void unfilter(uint8_t *row, const uint8_t *above, size_t n, size_t bpp, uint8_t filter)
{
    for (size_t i = 0; i < n; i++) {
        const int a = i >= bpp ? row[i - bpp] : 0;
        const int b = above ? above[i] : 0;
        const int c = above && i >= bpp ? above[i - bpp] : 0;
        const int add = filter == 1   ? a
                        : filter == 2 ? b
                        : filter == 3 ? (a + b) / 2
                        : filter == 4 ? paeth(a, b, c)
                                      : 0;
        row[i] = (uint8_t)(row[i] + add);
    }
}

static uint8_t *idat(const uint8_t *at, size_t n, size_t *ret_n)
{
    uint8_t *joined = malloc(n);
    assert_non_null(joined);
    *ret_n = 0;
    for (size_t i = 8; i + 12 <= n;) {
        const size_t len = be32(at + i);
        assert_true(len <= n - i - 12);
        if (memcmp(at + i + 4, "IDAT", 4) == 0) {
            memcpy(joined + *ret_n, at + i + 8, len);
            *ret_n += len;
        }
        i += 12 + len;
    }
    return joined;
}

image image_of(const char *bytes, size_t n)
{
    const uint8_t *at = (const uint8_t *)bytes;
    assert_true(n > 33);
    assert_memory_equal(at, "\x89PNG\r\n\x1a\n", 8);
    image out = { .width = be32(at + 16), .height = be32(at + 20) };
    assert_int_equal(at[24], 8);
    assert_true(at[25] == 2 || at[25] == 6);
    assert_int_equal(at[28], 0);
    const size_t bpp = at[25] == 2 ? 3 : 4;
    const size_t stride = out.width * bpp;
    size_t packed = 0;
    uint8_t *squeezed = idat(at, n, &packed);
    uLongf room = (uLongf)((stride + 1) * out.height);
    uint8_t *raw = malloc(room);
    out.pixels = malloc((size_t)out.width * out.height * 3);
    assert_true(raw && out.pixels);
    assert_int_equal(uncompress(raw, &room, squeezed, (uLong)packed), Z_OK);
    for (size_t y = 0; y < out.height; y++) {
        uint8_t *row = raw + y * (stride + 1);
        unfilter(row + 1, y > 0 ? row - stride : NULL, stride, bpp, row[0]);
        for (size_t x = 0; x < out.width; x++)
            memcpy(out.pixels + (y * out.width + x) * 3, row + 1 + x * bpp, 3);
    }
    free(squeezed);
    free(raw);
    return out;
}

uint32_t image_at(const image *i, uint32_t x, uint32_t y)
{
    assert_true(x < i->width && y < i->height);
    const uint8_t *p = i->pixels + ((size_t)y * i->width + x) * 3;
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

void image_done(image *i)
{
    free(i->pixels);
    *i = (image){ 0 };
}
