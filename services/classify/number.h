/* number.h - numbers with check digits: whether a row of digits is one, nothing about where it
 * stood. */
#pragma once
#include "upp/base.h"

/* Digits are values 0-9, not characters. The last digit is the check digit (ISO/IEC 7812-1,
 * Luhn). */
bool number_luhn(const uint8_t *digits, size_t n);

enum number_kind {
    NUMBER_OTHER,
    NUMBER_PERSONAL,     /* a date, and the check digit holds */
    NUMBER_COORDINATION, /* the same with 60 added to the day */
    NUMBER_WRONG_CHECK,  /* a possible date, but the check digit does not hold */
    NUMBER_ORGANISATION  /* third digit 2 or more and the check digit holds */
};

/* Ten digits YYMMDDNNNC or twelve CCYYMMDDNNNC (century 18-20); any other count is NUMBER_OTHER.
 * Folkbokforingslagen (1991:481) 18 and 18 a; Skatteverket SKV 704; organisation numbers: SKV
 * 709. */
enum number_kind number_personal(const uint8_t *digits, size_t n);

/* Whether `text` (capital or small letters and digits, no spaces) is an IBAN of a country that we
 * know the length of, with check digits right (ISO 13616, mod 97). */
bool number_iban(const uint8_t *text, size_t n);

/* How long an IBAN is that begins with these two small letters; 0: unknown country. */
size_t number_iban_length(const uint8_t country[2]);
