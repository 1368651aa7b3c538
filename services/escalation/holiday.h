/* holiday.h - Sweden's holidays, computed (rule T7; lagen (1989:253) om allmänna helgdagar 1-2 §§
 * as amended by SFS 2004:1320), and the eves that policy may make free or short. */
#pragma once
#include "civil.h"

enum holiday {
    HOLIDAY_NEW_YEARS_DAY,
    HOLIDAY_EPIPHANY,
    HOLIDAY_GOOD_FRIDAY,
    HOLIDAY_EASTER_SUNDAY,
    HOLIDAY_EASTER_MONDAY,
    HOLIDAY_FIRST_OF_MAY,
    HOLIDAY_ASCENSION_DAY,
    HOLIDAY_WHIT_SUNDAY,
    HOLIDAY_NATIONAL_DAY,
    HOLIDAY_MIDSUMMER_DAY,
    HOLIDAY_ALL_SAINTS_DAY,
    HOLIDAY_CHRISTMAS_DAY,
    HOLIDAY_BOXING_DAY,
    /* From here on no holidays by law: free or short by policy. */
    HOLIDAY_MIDSUMMER_EVE,
    HOLIDAY_CHRISTMAS_EVE,
    HOLIDAY_NEW_YEARS_EVE,
    HOLIDAY_EPIPHANY_EVE,
    HOLIDAY_MAUNDY_THURSDAY,
    HOLIDAY_WALPURGIS_EVE,
    HOLIDAY_BEFORE_ASCENSION_DAY,
    HOLIDAY_BEFORE_NATIONAL_DAY,
    HOLIDAY_BEFORE_ALL_SAINTS_DAY,
    HOLIDAY_COUNT
};

typedef uint32_t holiday_set; /* bit `enum holiday` */

#define HOLIDAY_BIT(day)     ((holiday_set)1 << (day))
#define HOLIDAY_BY_LAW       (HOLIDAY_BIT(HOLIDAY_MIDSUMMER_EVE) - 1)
#define HOLIDAY_BY_POLICY    (HOLIDAY_BIT(HOLIDAY_COUNT) - 1 - HOLIDAY_BY_LAW)
#define HOLIDAY_FREE_BY_RULE /* the default free_eves */                                           \
    (HOLIDAY_BIT(HOLIDAY_MIDSUMMER_EVE) | HOLIDAY_BIT(HOLIDAY_CHRISTMAS_EVE) |                     \
     HOLIDAY_BIT(HOLIDAY_NEW_YEARS_EVE))

/* Easter Sunday of a Gregorian year. */
civil_day holiday_easter(int32_t year);

/* All that this date is; a date may be two things at once (1 May 2008 was Ascension Day too).
 * Sundays are holidays by law as well but have no bit: ask civil_weekday. */
holiday_set holiday_on(civil_day day);

/* The Swedish name, as policy files spell it ("julafton"); static text. */
const char *holiday_name(enum holiday which);

/* The other way. UPP_E_INPUT: no such day. */
int holiday_named(const char *name, enum holiday *ret_which) UPP_MUST_USE;
