/* brute.h - the tests' second opinion on duty: minute by minute through local time as the C library
 * tells it, with holidays copied from a printed table. Slow, and nothing of it comes from the code
 * under test but the hours that a calendar lists. */
#pragma once
#include "calendar.h"

typedef struct brute brute;

/* Walks every minute from 2025-12-20 to 2029-02-01 UTC in Europe/Stockholm. */
brute *brute_new(void);
void brute_free(brute *b);

/* Marks the open minutes of a calendar in that zone. */
void brute_use(brute *b, const calendar *cal);

/* The functions of T4; -1: none, or beyond what was walked. */
upp_ms brute_due(const brute *b, upp_ms start, upp_ms span);
upp_ms brute_office(const brute *b, upp_ms from, upp_ms to);
upp_ms brute_first_duty(const brute *b, upp_ms from);
upp_ms brute_last_duty(const brute *b, upp_ms from, upp_ms to);
