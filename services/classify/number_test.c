/* number_test.c - check digits and dates, exhaustively (R19, R24). */
#include "cmocka_all.h"
#include "number.h"
#include <string.h>

static void digits_of(const char *text, uint8_t *ret)
{
    for (size_t i = 0; text[i]; i++)
        ret[i] = (uint8_t)(text[i] - '0');
}

static enum number_kind kind_of(const char *text)
{
    uint8_t digits[16];
    digits_of(text, digits);
    return number_personal(digits, strlen(text));
}

/* A second, slower way: weights 2 1 2 1 ... from the left of ten digits, digit sums. */
static unsigned check_digit(const uint8_t nine[9])
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 9; i++) {
        const unsigned product = nine[i] * (i % 2 == 0 ? 2u : 1u);
        sum += product / 10 + product % 10;
    }
    return (10 - sum % 10) % 10;
}

static void test_exactly_one_check_digit_holds(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        uint8_t d[10];
        for (unsigned i = 0; i < 9; i++) {
            seed = seed * 1664525u + 1013904223u;
            d[i] = (uint8_t)((seed >> 16) % 10);
        }
        for (unsigned last = 0; last < 10; last++) {
            d[9] = (uint8_t)last;
            assert_int_equal(number_luhn(d, 10), last == check_digit(d));
        }
    }
}

static unsigned days_in(unsigned year, unsigned month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Every month and day of some years, with the right check digit: a number exactly when the day
 * exists, a co-ordination number exactly 60 days later. */
static void test_every_date(void **state)
{
    (void)state;
    static const unsigned years[] = { 1899, 1900, 1904, 1980, 1981, 2000, 2001, 2024 };
    for (size_t y = 0; y < UPP_LEN(years); y++) {
        for (unsigned month = 0; month < 100; month++) {
            for (unsigned day = 0; day < 100; day++) {
                uint8_t d[12] = { (uint8_t)(years[y] / 1000),
                                  (uint8_t)(years[y] / 100 % 10),
                                  (uint8_t)(years[y] / 10 % 10),
                                  (uint8_t)(years[y] % 10),
                                  (uint8_t)(month / 10),
                                  (uint8_t)(month % 10),
                                  (uint8_t)(day / 10),
                                  (uint8_t)(day % 10),
                                  9,
                                  8,
                                  5,
                                  0 };
                d[11] = (uint8_t)check_digit(d + 2);
                const bool month_exists = month >= 1 && month <= 12;
                const unsigned days = month_exists ? days_in(years[y], month) : 0;
                enum number_kind wanted = NUMBER_OTHER;
                if (month_exists && day >= 1 && day <= days)
                    wanted = NUMBER_PERSONAL;
                else if (month_exists && day >= 61 && day <= 60 + days)
                    wanted = NUMBER_COORDINATION;
                assert_int_equal(number_personal(d, 12), wanted);
                d[11] = (uint8_t)((d[11] + 1) % 10);
                assert_int_equal(number_personal(d, 12),
                                 wanted == NUMBER_OTHER ? NUMBER_OTHER : NUMBER_WRONG_CHECK);
            }
        }
    }
}

static void test_known_numbers(void **state)
{
    (void)state;
    assert_int_equal(kind_of("201704119856"), NUMBER_PERSONAL);
    assert_int_equal(kind_of("8112319952"), NUMBER_PERSONAL);
    assert_int_equal(kind_of("198802649817"), NUMBER_COORDINATION);
    assert_int_equal(kind_of("8112319953"), NUMBER_WRONG_CHECK);
    assert_int_equal(kind_of("9314029855"), NUMBER_OTHER);
    assert_int_equal(kind_of("5560160680"), NUMBER_ORGANISATION);
    assert_int_equal(kind_of("5560160681"), NUMBER_OTHER);
    assert_int_equal(kind_of("221231995"), NUMBER_OTHER);
    assert_int_equal(kind_of("178112319952"), NUMBER_OTHER);
}

/* An organisation number's third digit is 2 or more: never a date, whatever the rest. */
static void test_organisation_numbers(void **state)
{
    (void)state;
    unsigned seed = 5;
    for (int round = 0; round < 2000; round++) {
        uint8_t d[10];
        for (unsigned i = 0; i < 9; i++) {
            seed = seed * 1664525u + 1013904223u;
            d[i] = (uint8_t)((seed >> 16) % 10);
        }
        d[2] = (uint8_t)(2 + d[2] % 8);
        d[9] = (uint8_t)check_digit(d);
        assert_int_equal(number_personal(d, 10), NUMBER_ORGANISATION);
        d[9] = (uint8_t)((d[9] + 3) % 10);
        assert_int_equal(number_personal(d, 10), NUMBER_OTHER);
    }
}

static bool iban(const char *text)
{
    return number_iban((const uint8_t *)text, strlen(text));
}

static void test_iban(void **state)
{
    (void)state;
    assert_true(iban("se3550000000054910000003"));
    assert_true(iban("GB29NWBK60161331926819"));
    assert_true(iban("de89370400440532013000"));
    assert_false(iban("se355000000005491000000"));
    assert_false(iban("xx3550000000054910000003"));
    char text[] = "se3550000000054910000003";
    for (size_t i = 2; i < sizeof text - 1; i++) { /* mod 97 sees every single wrong digit */
        const char right = text[i];
        for (char d = '0'; d <= '9'; d++) {
            text[i] = d;
            assert_int_equal(iban(text), d == right);
        }
        text[i] = right;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_one_check_digit_holds),
        cmocka_unit_test(test_every_date),
        cmocka_unit_test(test_known_numbers),
        cmocka_unit_test(test_organisation_numbers),
        cmocka_unit_test(test_iban),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
