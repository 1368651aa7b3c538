/* zone.c - a time zone as a table, read from the bytes of a TZif file (RFC 8536). */
#include "zone.h"
#include "zone_rule.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The Gregorian calendar and its weekdays, and so every rule for the future, repeat after this. */
#define CYCLE_YEARS 400
#define CYCLE_SPAN  ((upp_ms)146097 * UPP_DAY)

/* No offset reaches further (RFC 8536, 3.2: -24:59:59 to 25:59:59). */
#define REACH_SPAN (26 * UPP_HOUR)

enum { TIMES_MAX = 20000, TYPES_MAX = 256 };

typedef struct segment {
    upp_ms from;
    int32_t offset_s;
} segment;

struct zone {
    upp_ms cycle_from; /* from here on the table repeats every CYCLE_SPAN */
    size_t n;
    segment at[]; /* by from; the first begins before all time */
};

typedef struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
} counts;

/* -- reading the bytes -- */

static uint64_t big_endian(const uint8_t *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

/* Two's complement without a cast that the implementation defines. */
static int64_t to_signed(uint64_t value, int bits)
{
    const uint64_t half = (uint64_t)1 << (bits - 1);
    if (value < half)
        return (int64_t)value;
    return (int64_t)(value - half) - (int64_t)(half - 1) - 1;
}

static bool header(upp_bytes in, counts *ret_counts)
{
    if (in.len < 44 || memcmp(in.at, "TZif", 4) != 0 || in.at[4] < '2')
        return false;
    uint32_t n[6];
    for (size_t i = 0; i < 6; i++)
        n[i] = (uint32_t)big_endian(in.at + 20 + 4 * i, 4);
    *ret_counts = (counts){ n[0], n[1], n[2], n[3], n[4], n[5] };
    return true;
}

static size_t block_bytes(const counts *c, size_t time_bytes)
{
    return (size_t)c->time * (time_bytes + 1) + (size_t)c->type * 6 + c->chars +
           (size_t)c->leap * (time_bytes + 4) + c->isstd + c->isut;
}

static upp_bytes rest(upp_bytes in, size_t from)
{
    return (upp_bytes){ in.at + from, in.len - from };
}

/* -- the table -- */

static void add(zone *tz, upp_ms from, int32_t offset_s)
{
    segment *last = &tz->at[tz->n - 1];
    if (last->from == from) {
        last->offset_s = offset_s; /* a segment without length */
        if (tz->n > 1 && last[-1].offset_s == offset_s)
            tz->n--;
    } else if (last->offset_s != offset_s) {
        tz->at[tz->n++] = (segment){ from, offset_s };
    }
}

/* Adds the transitions that the file lists. Gives false if they are not in order or not sane. */
static bool add_listed(zone *tz, upp_bytes block, const counts *c, upp_ms *ret_last)
{
    const uint8_t *types = block.at + (size_t)c->time * 8;
    const uint8_t *infos = types + c->time;
    int32_t offset_s[TYPES_MAX];
    for (uint32_t i = 0; i < c->type; i++) {
        const int64_t offset = to_signed(big_endian(infos + 6 * (size_t)i, 4), 32);
        if (offset < -25 * 3600 + 1 || offset > 26 * 3600 - 1)
            return false;
        offset_s[i] = (int32_t)offset;
    }
    tz->at[tz->n++] = (segment){ INT64_MIN, offset_s[0] };
    int64_t before = INT64_MIN;
    for (uint32_t i = 0; i < c->time; i++) {
        const int64_t at = to_signed(big_endian(block.at + 8 * (size_t)i, 8), 64);
        if ((i && at <= before) || types[i] >= c->type)
            return false;
        before = at;
        /* The big bang of older zic versions, and whatever else lies outside our milliseconds. */
        if (at > -(INT64_C(1) << 40) && at < (INT64_C(1) << 40)) {
            add(tz, at * 1000, offset_s[types[i]]);
            *ret_last = at * 1000;
        } else {
            tz->at[0].offset_s = at < 0 ? offset_s[types[i]] : tz->at[0].offset_s;
        }
    }
    return true;
}

/* Adds a whole cycle of what the rule gives after the last listed transition. */
static void add_ruled(zone *tz, const zone_rule *rule, upp_ms last)
{
    const int32_t first = last == INT64_MIN ? 1970 : civil_date_of(civil_day_at(last)).year;
    for (int32_t year = first; year <= first + CYCLE_YEARS + 3; year++) {
        zone_change change[2];
        const size_t n = zone_rule_year(rule, year, change);
        for (size_t i = 0; i < n; i++)
            if (change[i].at > last)
                add(tz, change[i].at, change[i].offset_s);
    }
    if (last == INT64_MIN && !rule->changes)
        add(tz, 0, rule->standard_s);
    /* Two years on, so that the segment before this point is the rule's own too. */
    tz->cycle_from = civil_day_of((civil_date){ first + 2, 1, 1 }) * UPP_DAY;
}

int zone_parse(upp_bytes tzif, zone **ret_zone, const char **ret_why)
{
    counts c = { 0 };
    *ret_why = "not a time zone file of version 2 or later (TZif)";
    if (!tzif.at || !header(tzif, &c) || tzif.len - 44 < block_bytes(&c, 4))
        return UPP_E_INPUT;
    const upp_bytes second = rest(tzif, 44 + block_bytes(&c, 4));
    if (!header(second, &c) || c.time > TIMES_MAX || c.type < 1 || c.type > TYPES_MAX ||
        second.len - 44 < block_bytes(&c, 8))
        return UPP_E_INPUT;
    *ret_why = "the time zone file counts leap seconds";
    if (c.leap)
        return UPP_E_INPUT;
    *ret_why = "the time zone file has no rule for the future";
    zone_rule rule = { 0 };
    if (zone_rule_parse(rest(second, 44 + block_bytes(&c, 8)), &rule) < 0)
        return UPP_E_INPUT;
    const size_t n_max = 2 + (size_t)c.time + 2 * (CYCLE_YEARS + 4);
    zone *tz = calloc(1, sizeof *tz + n_max * sizeof tz->at[0]);
    if (!tz) {
        *ret_why = "out of memory";
        return UPP_E_BUSY;
    }
    upp_ms last = INT64_MIN;
    if (!add_listed(tz, rest(second, 44), &c, &last)) {
        zone_free(tz);
        *ret_why = "the time zone file's transitions are damaged";
        return UPP_E_INPUT;
    }
    add_ruled(tz, &rule, last);
    *ret_zone = tz;
    return 0;
}

void zone_free(zone *tz)
{
    free(tz);
}

void zone_freep(zone **tz)
{
    zone_free(*tz);
}

bool zone_name_valid(const char *name)
{
    if (!isalpha((unsigned char)*name) || strlen(name) >= 64)
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_+-/", *at))
            return false;
    return !strstr(name, "//") && name[strlen(name) - 1] != '/';
}

/* -- asking -- */

typedef struct stretch {
    upp_ms from, to;
    int32_t offset_s;
} stretch;

static stretch stretch_at(const zone *tz, upp_ms at)
{
    upp_ms shift = 0;
    if (at >= tz->cycle_from + CYCLE_SPAN)
        shift = (at - tz->cycle_from) / CYCLE_SPAN * CYCLE_SPAN;
    const upp_ms sought = at - shift;
    size_t low = 0;
    size_t high = tz->n; /* at[low].from <= sought < at[high].from */
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        if (tz->at[mid].from <= sought)
            low = mid;
        else
            high = mid;
    }
    return (stretch){ .from = low ? tz->at[low].from + shift : INT64_MIN,
                      .to = high < tz->n ? tz->at[high].from + shift : INT64_MAX,
                      .offset_s = tz->at[low].offset_s };
}

int32_t zone_offset_s(const zone *tz, upp_ms at)
{
    return stretch_at(tz, at).offset_s;
}

civil_ms zone_local(const zone *tz, upp_ms at)
{
    return at + zone_offset_s(tz, at) * UPP_SECOND;
}

civil_day zone_day(const zone *tz, upp_ms at)
{
    return civil_day_at(zone_local(tz, at));
}

enum zone_fit zone_instant(const zone *tz, civil_ms reading, enum zone_pick pick, upp_ms *ret_at)
{
    upp_ms found = 0;
    upp_ms after_gap = 0;
    bool gap = false;
    int n = 0;
    stretch s = stretch_at(tz, reading - REACH_SPAN);
    for (;;) {
        const upp_ms at = reading - s.offset_s * UPP_SECOND;
        if (at >= s.from && at < s.to) {
            if (n == 0 || pick == ZONE_LAST)
                found = at;
            n++;
        }
        if (s.to > reading + REACH_SPAN)
            break;
        const stretch next = stretch_at(tz, s.to);
        if (!gap && s.to + s.offset_s * UPP_SECOND <= reading &&
            s.to + next.offset_s * UPP_SECOND > reading) {
            gap = true;
            after_gap = s.to;
        }
        s = next;
    }
    upp_check(n > 0 || gap);
    *ret_at = n ? found : after_gap;
    return n == 0 ? ZONE_GAP : n == 1 ? ZONE_ONCE : ZONE_TWICE;
}
