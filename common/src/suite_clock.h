/* suite_clock.h - suite time = t0 + N * (real - t0); N is 1 except in trials (ARCHITECTURE §4). */
#pragma once
#include "upp/base.h"

typedef struct upp_suite_clock {
    upp_ms t0;
    int64_t speed;
    upp_ms ahead; /* real minus steady at the last look; see upp_suite_clock_jumped */
    bool looked;
} upp_suite_clock;

enum { UPP_SPEED_MAX = 86400 }; /* a day in a second */

/* Reads <place>/clock, or makes it (synced, atomically: the services of a deployment start at the
 * same time, the first one wins and all use its t0). `real` becomes t0 of a new one. `has_data`:
 * this service's database was there already; a speed above 1 is then refused when there is no
 * clock, for the data was not made with it. UPP_E_INPUT: refused or unreadable, `say` has heard why
 * and the cure; *ret_clock untouched. */
int upp_suite_clock_open(const char *place, int64_t speed, bool has_data, upp_ms real,
                         void (*say)(const char *line), upp_suite_clock *ret_clock);

/* Suite time at the real time `real`. */
upp_ms upp_suite_clock_at(const upp_suite_clock *clock, upp_ms real);
/* How long to wait, in real time from `real`, until suite time is `due`; 0: it is. `due` INT64_MAX
 * (never) gives INT64_MAX. */
upp_ms upp_suite_clock_until(const upp_suite_clock *clock, upp_ms real, upp_ms due);

/* sla.md T10, for the loop to ask at least each second: has the machine's clock moved by itself
 * since the last look? `steady` is CLOCK_MONOTONIC. True: more than 60 s back or 300 s forward
 * (a machine that slept counts too); *ret_by is by how much, in real time. */
bool upp_suite_clock_jumped(upp_suite_clock *clock, upp_ms real, upp_ms steady, upp_ms *ret_by);

/* The two clocks of the machine, for drivers. */
upp_ms upp_real_now(void);   /* CLOCK_REALTIME */
upp_ms upp_steady_now(void); /* CLOCK_MONOTONIC */
