/* when.h - instants as operators write and read them. Pure: what now is, is handed in. */
#pragma once
#include "upp/base.h"
#include "zone.h"

typedef struct when_clock {
    const zone *tz;           /* of people; lent */
    upp_ms (*now)(void *ctx); /* suite time, asked for when it is needed; below 0: unknown */
    void *ctx;
} when_clock;

/* Reads one of
 *   2026-11-24T15:30:00+01:00   an instant (RFC 3339); without an offset on the clock of `tz`
 *   2026-11-24                  the beginning of that day
 *   now, -6h, +5d               relative to now, in suite time
 *   -1d 22:40                   that time of the day so many days from today; today: +0d 22:40
 *   sat 22:40                   the latest such time before now: mon tue wed thu fri sat sun
 * NULL: *ret_at is set. Else what is wrong, static words; *ret_at untouched. */
const char *when_parse(const when_clock *clock, const char *text, upp_ms *ret_at);

enum { WHEN_TEXT = 40 };
/* "tis 24 nov 15.30" on the clock of `tz`; "-" for 0 (none). */
void when_text(const zone *tz, upp_ms at, char ret_text[WHEN_TEXT]);
/* "15.30.05", for what has just happened. */
void when_clock_text(const zone *tz, upp_ms at, char ret_text[WHEN_TEXT]);
