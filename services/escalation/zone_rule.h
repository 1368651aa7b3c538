/* zone_rule.h - the footer of a TZif file: POSIX TZ rules, as RFC 8536 3.3.1 extends them. */
#pragma once
#include "civil.h"

/* One yearly change: "the w-th weekday of a month", or a day of the year. */
typedef struct zone_when {
    char form;   /* 'M', 'J' (1..365, never counting 29 February) or 'n' (0..365) */
    int32_t day; /* for 'M': 0 is Sunday */
    int32_t week, month;
    int32_t time_s; /* on the wall, may be negative or beyond a day */
} zone_when;

typedef struct zone_rule {
    bool changes;                 /* false: standard time all year, the rest is 0 */
    int32_t standard_s, summer_s; /* seconds east of UTC */
    zone_when begins, ends;
} zone_rule;

typedef struct zone_change {
    upp_ms at;
    int32_t offset_s; /* from `at` on */
} zone_change;

/* Reads "\n<rule>\n". UPP_E_INPUT: anything else, or no rule at all. */
int zone_rule_parse(upp_bytes footer, zone_rule *ret_rule) UPP_MUST_USE;

/* The changes of one year, in order of time. Gives how many there are, 0 or 2. */
size_t zone_rule_year(const zone_rule *rule, int32_t year, zone_change ret_changes[2]);
