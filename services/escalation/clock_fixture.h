/* clock_fixture.h - what the tests share: the zone file, instants as text, a seeded random. */
#pragma once
#include "policy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURE_FILE_MAX ((size_t)256 * 1024)

/* The whole file; the caller frees it. */
static inline uint8_t *fixture_read(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    upp_check(file != NULL);
    uint8_t *bytes = calloc(1, FIXTURE_FILE_MAX);
    upp_check(bytes != NULL);
    *ret_len = fread(bytes, 1, FIXTURE_FILE_MAX - 1, file);
    fclose(file);
    return bytes;
}

static inline zone *fixture_zone(const char *name)
{
    char path[128];
    size_t len = 0;
    zone *tz = NULL;
    const char *why = NULL;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    uint8_t *bytes = fixture_read(path, &len);
    const int rc = zone_parse((upp_bytes){ bytes, len }, &tz, &why);
    free(bytes);
    if (rc < 0)
        fail_msg("%s: %s", name, why);
    return tz;
}

/* An instant from RFC 3339; "at" reads well in a table of cases. */
static inline upp_ms at(const char *text)
{
    int64_t ms = 0;
    if (civil_parse(text, &ms) != 0)
        fail_msg("not an instant: %s", text);
    return ms;
}

static inline void expect_at(upp_ms got, const char *wanted)
{
    char text[CIVIL_TEXT_SIZE];
    if (got == at(wanted))
        return;
    civil_format(got, 0, text);
    fail_msg("got %s, wanted %s", text, wanted);
}

static inline civil_day day_at(const char *text)
{
    civil_day day = 0;
    if (civil_parse_day(text, &day) != 0)
        fail_msg("not a date: %s", text);
    return day;
}

/* xorshift64*: the same numbers on every machine, for a seed that a failing test can name. */
static inline uint64_t fixture_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static inline int64_t fixture_below(uint64_t *seed, int64_t limit)
{
    return (int64_t)(fixture_random(seed) % (uint64_t)limit);
}
