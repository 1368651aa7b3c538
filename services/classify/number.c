/* number.c - check digits and dates of personal numbers, organisation numbers and IBANs. */
#include "number.h"

bool number_luhn(const uint8_t *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digits[n - 1 - i];
        if (i % 2 == 1)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return n > 1 && sum % 10 == 0;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* `year` is four digits, or two when the century is not said: then 00 may be a leap year. */
static bool is_date(unsigned year, bool century, unsigned month, unsigned day)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = century ? is_leap(year) : year % 4 == 0;
    return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

enum number_kind number_personal(const uint8_t *digits, size_t n)
{
    if (n != 10 && n != 12)
        return NUMBER_OTHER;
    unsigned year = 0;
    if (n == 12) {
        year = digits[0] * 10u + digits[1];
        if (year < 18 || year > 20)
            return NUMBER_OTHER;
        year *= 100;
        digits += 2;
    }
    year += digits[0] * 10u + digits[1];
    const unsigned month = digits[2] * 10u + digits[3];
    unsigned day = digits[4] * 10u + digits[5];
    const bool check = number_luhn(digits, 10);
    if (n == 10 && digits[2] >= 2)
        return check ? NUMBER_ORGANISATION : NUMBER_OTHER;
    const bool coordination = day > 60;
    if (coordination)
        day -= 60;
    if (!is_date(year, n == 12, month, day))
        return NUMBER_OTHER;
    if (!check)
        return NUMBER_WRONG_CHECK;
    return coordination ? NUMBER_COORDINATION : NUMBER_PERSONAL;
}

/* The IBAN registry's lengths (SWIFT), for the countries whose accounts turn up here. */
static const struct {
    char country[3];
    uint8_t length;
} ibans[] = {
    { "at", 20 }, { "be", 16 }, { "ch", 21 }, { "cz", 24 }, { "de", 22 }, { "dk", 18 },
    { "ee", 20 }, { "es", 24 }, { "fi", 18 }, { "fr", 27 }, { "gb", 22 }, { "gr", 27 },
    { "hr", 21 }, { "hu", 28 }, { "ie", 22 }, { "is", 26 }, { "it", 27 }, { "lt", 20 },
    { "lu", 20 }, { "lv", 21 }, { "mt", 31 }, { "nl", 18 }, { "no", 15 }, { "pl", 28 },
    { "pt", 25 }, { "ro", 24 }, { "se", 24 }, { "sk", 24 }, { "tr", 26 }, { "ua", 29 },
};

size_t number_iban_length(const uint8_t country[2])
{
    for (size_t i = 0; i < UPP_LEN(ibans); i++) {
        if (ibans[i].country[0] == (char)country[0] && ibans[i].country[1] == (char)country[1])
            return ibans[i].length;
    }
    return 0;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool number_iban(const uint8_t *text, size_t n)
{
    if (n < 5)
        return false;
    const uint8_t country[2] = { lower(text[0]), lower(text[1]) };
    if (number_iban_length(country) != n)
        return false;
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t c = lower(text[(i + 4) % n]); /* the first four go last */
        if (c >= '0' && c <= '9')
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (c >= 'a' && c <= 'z')
            rest = (rest * 100 + (unsigned)(c - 'a') + 10) % 97;
        else
            return false;
    }
    return rest == 1;
}
