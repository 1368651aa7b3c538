/* zone.h - a time zone as a table, read from the bytes of a TZif file (RFC 8536). */
#pragma once
#include "civil.h"

typedef struct zone zone;

/* How often a wall clock's reading occurs. */
enum zone_fit {
    ZONE_ONCE,
    ZONE_TWICE, /* ambiguous: the clock went back over it */
    ZONE_GAP    /* never: the clock went forward past it */
};

enum zone_pick { ZONE_FIRST, ZONE_LAST };

/* Makes the table. The bytes are only read; the caller frees the zone. Failures leave a sentence in
 * *ret_why (static text): UPP_E_INPUT for anything but TZif of version 2 or later with a rule for
 * the future and without leap seconds, UPP_E_BUSY when memory is out. */
int zone_parse(upp_bytes tzif, zone **ret_zone, const char **ret_why) UPP_MUST_USE;
void zone_free(zone *tz); /* NULL is fine */
void zone_freep(zone **tz);

/* Whether `name` may be a zone's name below the zone directory ("Europe/Stockholm"); it keeps a
 * name from policy from leading out of that directory. */
bool zone_name_valid(const char *name);

/* Seconds east of UTC. */
int32_t zone_offset_s(const zone *tz, upp_ms at);

/* What a clock on the wall shows, and on which date. */
civil_ms zone_local(const zone *tz, upp_ms at);
civil_day zone_day(const zone *tz, upp_ms at);

/* The instant of a reading. Rule T3: a reading in the gap gives the first instant after the gap, an
 * ambiguous one the occurrence that was asked for. */
enum zone_fit zone_instant(const zone *tz, civil_ms reading, enum zone_pick pick, upp_ms *ret_at);
