/* holiday_test.c - Sweden's holidays (T7). */
#include "clock_fixture.h"

static void expect_days(enum holiday which, const char *y2026, const char *y2027, const char *y2028)
{
    const char *const wanted[] = { y2026, y2027, y2028 };
    for (int32_t year = 2026; year <= 2028; year++) {
        civil_day found = 0;
        int n = 0;
        for (civil_day day = civil_day_of((civil_date){ year, 1, 1 });
             day <= civil_day_of((civil_date){ year, 12, 31 }); day++)
            if (holiday_on(day) & HOLIDAY_BIT(which)) {
                found = day;
                n++;
            }
        assert_int_equal(n, 1);
        const civil_date date = civil_date_of(found);
        char text[8];
        snprintf(text, sizeof text, "%02d-%02d", (int)(date.month % 100), (int)(date.day % 100));
        assert_string_equal(text, wanted[year - 2026]);
    }
}

/* The table of T7, and the eves that its list of candidates names. */
static void test_T7_table_of_three_years(void **state)
{
    (void)state;
    expect_days(HOLIDAY_NEW_YEARS_DAY, "01-01", "01-01", "01-01");
    expect_days(HOLIDAY_EPIPHANY, "01-06", "01-06", "01-06");
    expect_days(HOLIDAY_GOOD_FRIDAY, "04-03", "03-26", "04-14");
    expect_days(HOLIDAY_EASTER_SUNDAY, "04-05", "03-28", "04-16");
    expect_days(HOLIDAY_EASTER_MONDAY, "04-06", "03-29", "04-17");
    expect_days(HOLIDAY_FIRST_OF_MAY, "05-01", "05-01", "05-01");
    expect_days(HOLIDAY_ASCENSION_DAY, "05-14", "05-06", "05-25");
    expect_days(HOLIDAY_WHIT_SUNDAY, "05-24", "05-16", "06-04");
    expect_days(HOLIDAY_NATIONAL_DAY, "06-06", "06-06", "06-06");
    expect_days(HOLIDAY_MIDSUMMER_EVE, "06-19", "06-25", "06-23");
    expect_days(HOLIDAY_MIDSUMMER_DAY, "06-20", "06-26", "06-24");
    expect_days(HOLIDAY_ALL_SAINTS_DAY, "10-31", "11-06", "11-04");
    expect_days(HOLIDAY_CHRISTMAS_EVE, "12-24", "12-24", "12-24");
    expect_days(HOLIDAY_CHRISTMAS_DAY, "12-25", "12-25", "12-25");
    expect_days(HOLIDAY_BOXING_DAY, "12-26", "12-26", "12-26");
    expect_days(HOLIDAY_NEW_YEARS_EVE, "12-31", "12-31", "12-31");
    expect_days(HOLIDAY_EPIPHANY_EVE, "01-05", "01-05", "01-05");
    expect_days(HOLIDAY_MAUNDY_THURSDAY, "04-02", "03-25", "04-13");
    expect_days(HOLIDAY_WALPURGIS_EVE, "04-30", "04-30", "04-30");
    expect_days(HOLIDAY_BEFORE_ASCENSION_DAY, "05-13", "05-05", "05-24");
    expect_days(HOLIDAY_BEFORE_NATIONAL_DAY, "06-05", "06-05", "06-05");
    expect_days(HOLIDAY_BEFORE_ALL_SAINTS_DAY, "10-30", "11-05", "11-03");
}

/* Easter by another way: the table of golden numbers and the Sunday after the paschal full moon,
 * counted day by day (valid 1900-2199). */
static civil_day easter_by_moon(int32_t year)
{
    static const int8_t march_day[19] = { 45, 34, 23, 42, 31, 49, 39, 28, 47, 36,
                                          25, 44, 33, 22, 41, 30, 48, 38, 27 };
    civil_day day = civil_day_of((civil_date){ year, 3, 1 }) + march_day[year % 19] - 1;
    do
        day++;
    while (civil_weekday(day) != CIVIL_SUNDAY);
    return day;
}

static void test_T7_easter_agrees_with_the_moon(void **state)
{
    (void)state;
    for (int32_t year = 1900; year <= 2199; year++)
        assert_int_equal(holiday_easter(year), easter_by_moon(year));
}

/* A platform may send any year: no date breaks the computus. */
static void test_T7_easter_in_any_year(void **state)
{
    (void)state;
    for (int32_t year = -12000; year <= 12000; year++) {
        const civil_date date = civil_date_of(holiday_easter(year));
        assert_int_equal(date.year, year);
        assert_true(date.month == 3 || date.month == 4);
        assert_int_equal(civil_weekday(holiday_easter(year)), CIVIL_SUNDAY);
    }
}

/* In every year of two centuries: each day of the law once, on the weekday that the law names. */
static void test_T7_each_year_has_each_day_once(void **state)
{
    (void)state;
    for (int32_t year = 1990; year <= 2190; year++) {
        int n[HOLIDAY_COUNT] = { 0 };
        for (civil_day day = civil_day_of((civil_date){ year, 1, 1 });
             day <= civil_day_of((civil_date){ year, 12, 31 }); day++) {
            const holiday_set is = holiday_on(day);
            for (unsigned which = 0; which < HOLIDAY_COUNT; which++)
                n[which] += (is & HOLIDAY_BIT(which)) != 0;
            if (is & HOLIDAY_BIT(HOLIDAY_ASCENSION_DAY))
                assert_int_equal(civil_weekday(day), 3);
            if (is & (HOLIDAY_BIT(HOLIDAY_MIDSUMMER_DAY) | HOLIDAY_BIT(HOLIDAY_ALL_SAINTS_DAY)))
                assert_int_equal(civil_weekday(day), CIVIL_SATURDAY);
            if (is & HOLIDAY_BIT(HOLIDAY_MIDSUMMER_DAY))
                assert_true(holiday_on(day - 1) & HOLIDAY_BIT(HOLIDAY_MIDSUMMER_EVE));
            if (is & HOLIDAY_BIT(HOLIDAY_ALL_SAINTS_DAY))
                assert_true(holiday_on(day - 1) & HOLIDAY_BIT(HOLIDAY_BEFORE_ALL_SAINTS_DAY));
        }
        for (unsigned which = 0; which < HOLIDAY_COUNT; which++)
            assert_int_equal(n[which], 1);
    }
}

/* Two things at once: 1 May 2008 was Ascension Day, the day before it Walpurgis Eve. */
static void test_T7_a_date_may_be_two_days(void **state)
{
    (void)state;
    assert_int_equal(holiday_on(day_at("2008-05-01")),
                     HOLIDAY_BIT(HOLIDAY_FIRST_OF_MAY) | HOLIDAY_BIT(HOLIDAY_ASCENSION_DAY));
    assert_int_equal(holiday_on(day_at("2008-04-30")),
                     HOLIDAY_BIT(HOLIDAY_WALPURGIS_EVE) |
                         HOLIDAY_BIT(HOLIDAY_BEFORE_ASCENSION_DAY));
}

static void test_T7_names(void **state)
{
    (void)state;
    for (unsigned which = 0; which < HOLIDAY_COUNT; which++) {
        enum holiday found = HOLIDAY_COUNT;
        assert_int_equal(holiday_named(holiday_name((enum holiday)which), &found), 0);
        assert_int_equal(found, which);
    }
    enum holiday untouched = HOLIDAY_EPIPHANY;
    assert_int_equal(holiday_named("fettisdagen", &untouched), UPP_E_INPUT);
    assert_int_equal(untouched, HOLIDAY_EPIPHANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_T7_table_of_three_years),
        cmocka_unit_test(test_T7_easter_agrees_with_the_moon),
        cmocka_unit_test(test_T7_easter_in_any_year),
        cmocka_unit_test(test_T7_each_year_has_each_day_once),
        cmocka_unit_test(test_T7_a_date_may_be_two_days),
        cmocka_unit_test(test_T7_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
