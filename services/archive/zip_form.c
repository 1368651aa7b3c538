/* zip_form.c - the heads of a zip file, in the one form that we write. */
#include "zip_form.h"

#include <string.h>

#define DATE_1980  0x21U /* 1980-01-01, MS-DOS */
#define UTF8_NAMES 0x800U
#define MADE_BY    0x314U /* Unix, version 2.0: so that the mode counts */
#define NEEDS      20U
#define MODE_0644  0x81a40000U

static void put(uint8_t **at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *(*at)++ = (uint8_t)(value >> (8 * i));
}

uint64_t zip_number(const uint8_t *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

/* What both heads have: needed version to length of the extra field. */
static void put_shared(uint8_t **at, const zip_entry *e)
{
    put(at, NEEDS, 2);
    put(at, UTF8_NAMES, 2);
    put(at, e->method, 2);
    put(at, 0, 2);
    put(at, DATE_1980, 2);
    put(at, e->crc, 4);
    put(at, e->packed, 4);
    put(at, e->bytes, 4);
    put(at, strlen(e->path), 2);
    put(at, 0, 2);
}

void zip_local_head(const zip_entry *entry, uint8_t ret_head[ZIP_LOCAL])
{
    uint8_t *at = ret_head;
    put(&at, 0x04034b50, 4);
    put_shared(&at, entry);
    upp_check(at == ret_head + ZIP_LOCAL);
}

void zip_directory_head(const zip_entry *entry, uint8_t ret_head[ZIP_DIRECTORY])
{
    uint8_t *at = ret_head;
    put(&at, 0x02014b50, 4);
    put(&at, MADE_BY, 2);
    put_shared(&at, entry);
    put(&at, 0, 6); /* no comment, first disk, no text */
    put(&at, MODE_0644, 4);
    put(&at, entry->head, 4);
    upp_check(at == ret_head + ZIP_DIRECTORY);
}

void zip_end_head(unsigned entries, uint64_t from, uint64_t bytes, uint8_t ret_head[ZIP_END])
{
    uint8_t *at = ret_head;
    put(&at, 0x06054b50, 4);
    put(&at, 0, 4);
    put(&at, entries, 2);
    put(&at, entries, 2);
    put(&at, bytes, 4);
    put(&at, from, 4);
    put(&at, 0, 2);
    upp_check(at == ret_head + ZIP_END);
}
