/* window.h - the windows of the year that policy names, as campaigns with their instants. Pure. */
#pragma once
#include "policy.h"

enum { WINDOW_ID = 16 };

typedef struct window {
    char campaign[WINDOW_ID]; /* "2026-2": the year, and which window of it */
    upp_ms from, to;          /* from the first day's 00:00 to the last day's 24:00, local time */
} window;

/* The first window that ends after `at`: the one that `at` lies in, or the next. `tz` NULL: UTC. */
window window_at(const policy *pol, const zone *tz, upp_ms at);
/* The part of the year that `at` lies in, when the year has `n` windows: its campaign's id. */
void window_part(const zone *tz, int64_t n, upp_ms at, char ret_campaign[WINDOW_ID]);
