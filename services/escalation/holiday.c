/* holiday.c - Sweden's holidays, computed. */
#include "holiday.h"
#include <string.h>

/* The anonymous Gregorian computus (Nature, 20 April 1876, p. 487; also in Meeus, Astronomical
 * Algorithms, ch. 8). */
civil_day holiday_easter(int32_t year)
{
    /* Easter repeats after 5,700,000 years; the shift keeps the remainders positive before year
     * 1. */
    const int32_t y = year > 0 ? year : year + 5700000;
    const int32_t a = y % 19;
    const int32_t b = y / 100;
    const int32_t c = y % 100;
    const int32_t g = (8 * b + 13) / 25;
    const int32_t h = (19 * a + b - b / 4 - g + 15) % 30;
    const int32_t l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int32_t m = (a + 11 * h + 22 * l) / 451;
    const int32_t n = h + l - 7 * m + 114;
    return civil_day_of((civil_date){ year, n / 31, n % 31 + 1 });
}

/* Days that move with Easter: all lie in March to June. */
static holiday_set with_easter(civil_day day, int32_t year)
{
    switch (day - holiday_easter(year)) {
    case -3:
        return HOLIDAY_BIT(HOLIDAY_MAUNDY_THURSDAY);
    case -2:
        return HOLIDAY_BIT(HOLIDAY_GOOD_FRIDAY);
    case 0:
        return HOLIDAY_BIT(HOLIDAY_EASTER_SUNDAY);
    case 1:
        return HOLIDAY_BIT(HOLIDAY_EASTER_MONDAY);
    case 38:
        return HOLIDAY_BIT(HOLIDAY_BEFORE_ASCENSION_DAY);
    case 39:
        return HOLIDAY_BIT(HOLIDAY_ASCENSION_DAY);
    case 49:
        return HOLIDAY_BIT(HOLIDAY_WHIT_SUNDAY);
    default:
        return 0;
    }
}

/* Days of a fixed date, as month * 100 + day. */
static holiday_set with_date(int32_t date)
{
    static const struct {
        int32_t date;
        enum holiday which;
    } table[] = {
        { 101, HOLIDAY_NEW_YEARS_DAY },  { 105, HOLIDAY_EPIPHANY_EVE },
        { 106, HOLIDAY_EPIPHANY },       { 430, HOLIDAY_WALPURGIS_EVE },
        { 501, HOLIDAY_FIRST_OF_MAY },   { 605, HOLIDAY_BEFORE_NATIONAL_DAY },
        { 606, HOLIDAY_NATIONAL_DAY },   { 1224, HOLIDAY_CHRISTMAS_EVE },
        { 1225, HOLIDAY_CHRISTMAS_DAY }, { 1226, HOLIDAY_BOXING_DAY },
        { 1231, HOLIDAY_NEW_YEARS_EVE },
    };
    for (size_t i = 0; i < UPP_LEN(table); i++)
        if (table[i].date == date)
            return HOLIDAY_BIT(table[i].which);
    return 0;
}

/* The Saturday on or after 20 June, on or after 31 October, and the Friday before each. */
static holiday_set with_saturday(int32_t date, int weekday)
{
    if (weekday == CIVIL_SATURDAY && date >= 620 && date <= 626)
        return HOLIDAY_BIT(HOLIDAY_MIDSUMMER_DAY);
    if (weekday == CIVIL_SATURDAY - 1 && date >= 619 && date <= 625)
        return HOLIDAY_BIT(HOLIDAY_MIDSUMMER_EVE);
    if (weekday == CIVIL_SATURDAY && (date == 1031 || (date >= 1101 && date <= 1106)))
        return HOLIDAY_BIT(HOLIDAY_ALL_SAINTS_DAY);
    if (weekday == CIVIL_SATURDAY - 1 &&
        (date == 1030 || date == 1031 || (date >= 1101 && date <= 1105)))
        return HOLIDAY_BIT(HOLIDAY_BEFORE_ALL_SAINTS_DAY);
    return 0;
}

holiday_set holiday_on(civil_day day)
{
    const civil_date date = civil_date_of(day);
    const int32_t of_year = date.month * 100 + date.day;
    holiday_set set = with_date(of_year) | with_saturday(of_year, civil_weekday(day));
    if (date.month >= 3 && date.month <= 6)
        set |= with_easter(day, date.year);
    return set;
}

static const char *const names[HOLIDAY_COUNT] = {
    [HOLIDAY_NEW_YEARS_DAY] = "nyårsdagen",
    [HOLIDAY_EPIPHANY] = "trettondedag jul",
    [HOLIDAY_GOOD_FRIDAY] = "långfredagen",
    [HOLIDAY_EASTER_SUNDAY] = "påskdagen",
    [HOLIDAY_EASTER_MONDAY] = "annandag påsk",
    [HOLIDAY_FIRST_OF_MAY] = "första maj",
    [HOLIDAY_ASCENSION_DAY] = "Kristi himmelsfärdsdag",
    [HOLIDAY_WHIT_SUNDAY] = "pingstdagen",
    [HOLIDAY_NATIONAL_DAY] = "nationaldagen",
    [HOLIDAY_MIDSUMMER_DAY] = "midsommardagen",
    [HOLIDAY_ALL_SAINTS_DAY] = "alla helgons dag",
    [HOLIDAY_CHRISTMAS_DAY] = "juldagen",
    [HOLIDAY_BOXING_DAY] = "annandag jul",
    [HOLIDAY_MIDSUMMER_EVE] = "midsommarafton",
    [HOLIDAY_CHRISTMAS_EVE] = "julafton",
    [HOLIDAY_NEW_YEARS_EVE] = "nyårsafton",
    [HOLIDAY_EPIPHANY_EVE] = "trettondagsafton",
    [HOLIDAY_MAUNDY_THURSDAY] = "skärtorsdagen",
    [HOLIDAY_WALPURGIS_EVE] = "valborg",
    [HOLIDAY_BEFORE_ASCENSION_DAY] = "dagen före Kristi himmelsfärdsdag",
    [HOLIDAY_BEFORE_NATIONAL_DAY] = "dagen före nationaldagen",
    [HOLIDAY_BEFORE_ALL_SAINTS_DAY] = "dagen före alla helgons dag",
};

const char *holiday_name(enum holiday which)
{
    upp_check(which < HOLIDAY_COUNT);
    return names[which];
}

int holiday_named(const char *name, enum holiday *ret_which)
{
    for (unsigned i = 0; i < HOLIDAY_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *ret_which = (enum holiday)i;
            return 0;
        }
    return UPP_E_INPUT;
}
