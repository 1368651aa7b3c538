/* moment.h - times as people say them (words.md): "senast tis 15.30", "2 tim kvar". Pure. */
#pragma once
#include "phrase.h"
#include "zone.h"

enum { MOMENT = 96 };
typedef struct moment_clock {
    const zone *tz;
    const phrases *phrases;
    upp_ms now;
} moment_clock;

/* "tis 24 nov 15.30"; with the year when it is another one. */
void moment_when(const moment_clock *c, upp_ms at, char ret_text[MOMENT]);
/* "tis 24 nov"; with the year when it is another one. */
void moment_day(const moment_clock *c, upp_ms at, char ret_text[MOMENT]);
/* Does a day begin there, on the wall? */
bool moment_is_day(const moment_clock *c, upp_ms at);
/* The shortest that is clear from now: "15.30" today, "imorgon 15.30", "tis 15.30" within six days,
 * else as moment_when. */
void moment_near(const moment_clock *c, upp_ms at, char ret_text[MOMENT]);
/* "2 tim kvar", "försenad 1 dag". */
void moment_left(const moment_clock *c, upp_ms due, char ret_text[MOMENT]);
/* For the datetime attribute: RFC 3339. */
void moment_machine(const moment_clock *c, upp_ms at, char ret_text[MOMENT]);
/* The first instant of the month that `at` lies in, on the wall, `months` later (or earlier). */
upp_ms moment_month(const moment_clock *c, upp_ms at, int months);
