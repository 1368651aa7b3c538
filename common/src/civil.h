/* civil.h - dates and wall-clock readings of the Gregorian calendar, without any zone. */
#pragma once
#include "upp/base.h"

typedef int32_t civil_day; /* days since 1970-01-01 */
typedef int64_t civil_ms;  /* a wall clock's reading: milliseconds since 1970-01-01 00:00 on it */

typedef struct civil_date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
} civil_date;

enum {
    CIVIL_MONDAY = 0,
    CIVIL_SATURDAY = 5,
    CIVIL_SUNDAY = 6,
    CIVIL_NO_OFFSET = 1, /* an answer of civil_parse */
    CIVIL_TEXT_SIZE = 40 /* bytes that civil_format may fill, the NUL included */
};

/* Whether the date exists (years 1..9999). */
bool civil_valid(civil_date date);

/* The day of a valid date; a date that does not exist breaks the contract. */
civil_day civil_day_of(civil_date date);
civil_date civil_date_of(civil_day day);

/* 0 is Monday, 6 is Sunday. */
int civil_weekday(civil_day day);

/* The date that a clock with this reading shows, also before 1970. */
civil_day civil_day_at(civil_ms reading);

/* Reads an RFC 3339 date-time. Digits after the millisecond are dropped. Gives 0 and the instant;
 * CIVIL_NO_OFFSET and the clock's reading when all is right but the offset is not there (the caller
 * must ask its zone); UPP_E_INPUT when the text is anything else. A leap second (23:59:60Z) is the
 * instant that follows it. */
int civil_parse(const char *text, int64_t *ret_ms) UPP_MUST_USE;

/* Reads YYYY-MM-DD. UPP_E_INPUT: it is not a date that exists. */
int civil_parse_day(const char *text, civil_day *ret_day) UPP_MUST_USE;

/* Writes an instant as RFC 3339 at an offset in seconds east of UTC: "Z" for 0, milliseconds only
 * when they are not zero. An offset that is no whole minute breaks the contract of RFC 3339 and is
 * shown as UTC. */
void civil_format(upp_ms at, int32_t offset_s, char ret_text[CIVIL_TEXT_SIZE]);
