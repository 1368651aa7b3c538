/* detect_test.c - the scanners: what they find, what they leave, and where (R19, R24). */
#include "reading_fixture.h"
#include <stdio.h>

static void expect_span(struct fixture *f, const char *text, enum detect_kind kind,
                        const char *wanted)
{
    const struct classify_reading *r = fixture_read(f, text);
    for (size_t h = 0; h < r->data.n; h++) {
        const struct detect_hit *hit = &r->data.at[h];
        if (hit->kind != kind)
            continue;
        const size_t from = r->fold.from[hit->from];
        const size_t to = r->fold.to[hit->to - 1];
        assert_int_equal(to - from, strlen(wanted));
        assert_memory_equal(text + from, wanted, to - from);
        return;
    }
    fail_msg("no %s in: %s", detect_kind_name(kind), text);
}

static void test_personal_numbers_as_people_write_them(void **state)
{
    expect_span(*state, "pnr 811231-9952.", DETECT_personal_number, "811231-9952");
    expect_span(*state, "19811231-9952", DETECT_personal_number, "19811231-9952");
    expect_span(*state, "x 198112319952 y", DETECT_personal_number, "198112319952");
    expect_span(*state, "(811231 9952)", DETECT_personal_number, "811231 9952");
    expect_span(*state, "811231+9952", DETECT_personal_number, "811231+9952");
    expect_span(*state,
                "811231\xE2\x80\x93"
                "9952",
                DETECT_personal_number,
                "811231\xE2\x80\x93"
                "9952");
    expect_span(*state, "811231 - 9952", DETECT_personal_number, "811231 - 9952");
    expect_span(*state, "pnr \xC3\xA5tta ett ett tv\xC3\xA5 tre ett nio nio fem tv\xC3\xA5, tack",
                DETECT_personal_number,
                "\xC3\xA5tta ett ett tv\xC3\xA5 tre ett nio nio fem tv\xC3\xA5");
    expect_span(*state, "noll sju noll, ett sju fyra, noll sex noll fem", DETECT_mobile,
                "noll sju noll, ett sju fyra, noll sex noll fem");
    expect_span(*state, "noll sju noll, sjutton fyrtio sex noll fem", DETECT_mobile,
                "noll sju noll, sjutton fyrtio sex noll fem");
    expect_span(*state, "ring noll sjuttio ett sju fyra noll sex sex ett", DETECT_mobile,
                "noll sjuttio ett sju fyra noll sex sex ett");
    expect_span(*state, "call zero seven zero seventeen forty six twelve", DETECT_mobile,
                "zero seven zero seventeen forty six twelve");
    assert_false(fixture_sees(*state, "noll koll, sjutton också, fyrtio år", DETECT_mobile));
    expect_span(*state, "198112 31 9952", DETECT_personal_number, "198112 31 9952");
    expect_span(*state, "8 1 1 2 3 1 9 9 5 2", DETECT_personal_number, "8 1 1 2 3 1 9 9 5 2");
    expect_span(*state, "1981-12-31-9952", DETECT_personal_number, "1981-12-31-9952");
    expect_span(*state,
                "f\xC3\xB6"
                "dd 19880264-9817",
                DETECT_coordination_number, "19880264-9817");
}

/* The check digit of nine digits. */
static unsigned check_digit(const char *nine)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) {
        const unsigned twice = (unsigned)(nine[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += twice / 10 + twice % 10;
    }
    return (10 - sum % 10) % 10;
}

static bool sees(struct fixture *f, const char *text, unsigned kinds)
{
    return (fixture_read(f, text)->data.seen & kinds) != 0;
}

/* Every day of a year in eight ways, born or co-ordinated; and each wrong check digit. */
static void test_R19_personal_numbers_of_every_day(void **state)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    static const struct {
        const char *before, *between, *after;
    } forms[] = { { "", "-", "" },   { "", "", "" },    { "", " ", "" },  { "", "+", "" },
                  { "", " - ", "" }, { "19", "-", "" }, { "19", "", "" }, { "(", "-", ")" } };
    const unsigned right = 1u << DETECT_personal_number | 1u << DETECT_coordination_number;
    unsigned seed = 1;
    for (unsigned month = 1; month <= 12; month++) {
        for (unsigned day = 1; day <= days[month - 1]; day++) {
            char number[16];
            char text[64];
            seed = seed * 1664525u + 1013904223u;
            snprintf(number, sizeof number, "%02u%02u%02u%03u", 40 + (seed >> 8) % 50, month,
                     day + (seed >> 30 == 0 ? 60 : 0), (seed >> 16) % 1000);
            const unsigned check = check_digit(number);
            for (size_t k = 0; k < UPP_LEN(forms); k++) {
                number[9] = (char)('0' + check);
                snprintf(text, sizeof text, "%s%.6s%s%.4s%s", forms[k].before, number,
                         forms[k].between, number + 6, forms[k].after);
                if (!sees(*state, text, right))
                    fail_msg("not seen: %s", text);
            }
            for (unsigned wrong = 1; wrong < 10; wrong++) {
                number[9] = (char)('0' + (check + wrong) % 10);
                snprintf(text, sizeof text, "artikel %.6s-%.4s", number, number + 6);
                if (sees(*state, text, right | 1u << DETECT_personal_number_cued))
                    fail_msg("seen: %s", text);
                snprintf(text, sizeof text, "personnummer %.6s-%.4s", number, number + 6);
                if (!sees(*state, text, 1u << DETECT_personal_number_cued))
                    fail_msg("called so and not seen: %s", text);
            }
        }
    }
}

static void test_numbers_that_are_none(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        "ordernr 931402-9855", "20210399-1234",      "l\xC3\xA5neid 850713-2211",
        "811231-99521",        "ISBN 91-29-65745-5", "2024-2025",
        "18112319952",         "a811231-9952",
    };
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        assert_false(fixture_sees(f, texts[i], DETECT_personal_number));
        assert_false(fixture_sees(f, texts[i], DETECT_personal_number_cued));
    }
    assert_false(fixture_sees(f, "811231-9953", DETECT_personal_number_cued));
    assert_true(fixture_sees(f, "mitt personnummer 811231-9953", DETECT_personal_number_cued));
    assert_true(fixture_sees(f, "org.nr 556016-0680", DETECT_organisation_number));
    assert_false(fixture_sees(f, "org.nr 556016-0680", DETECT_personal_number));
}

/* All ten check digits of random dates, in four ways of writing: only the right one is a number. */
static void test_all_check_digits(void **state)
{
    unsigned seed = 11;
    for (int round = 0; round < 60; round++) {
        seed = seed * 1664525u + 1013904223u;
        const unsigned r = seed >> 8;
        unsigned right = 0;
        for (unsigned last = 0; last < 10; last++) {
            char text[4][40];
            const unsigned y = r % 100;
            const unsigned m = 1 + r / 100 % 12;
            const unsigned d = 1 + r / 1200 % 28;
            const unsigned n = 980 + r % 20;
            snprintf(text[0], sizeof text[0], "19%02u%02u%02u-%03u%u", y, m, d, n, last);
            snprintf(text[1], sizeof text[1], "hej 19%02u%02u%02u%03u%u!", y, m, d, n, last);
            snprintf(text[2], sizeof text[2], "%02u%02u%02u-%03u%u", y, m, d, n, last);
            snprintf(text[3], sizeof text[3], "%02u%02u%02u %03u%u", y, m, d, n, last);
            const bool first = fixture_sees(*state, text[0], DETECT_personal_number);
            for (size_t k = 1; k < UPP_LEN(text); k++)
                assert_int_equal(fixture_sees(*state, text[k], DETECT_personal_number), first);
            right += first;
        }
        assert_int_equal(right, 1);
    }
}

static void test_phones(void **state)
{
    struct fixture *f = *state;
    expect_span(f, "ring 070-174 06 41 ikv\xC3\xA4ll", DETECT_mobile, "070-174 06 41");
    expect_span(f, "+46701740688", DETECT_mobile, "+46701740688");
    expect_span(f, "+46 (0)70 174 06 88", DETECT_mobile, "+46 (0)70 174 06 88");
    expect_span(f, "0046701740688", DETECT_mobile, "0046701740688");
    expect_span(f, "0701740609", DETECT_mobile, "0701740609");
    expect_span(f, "031-390 06 12", DETECT_phone, "031-390 06 12");
    assert_true(fixture_sees(f, "0303-23 80 00", DETECT_own_phone));
    assert_false(fixture_sees(f, "0303-23 80 00", DETECT_phone));
    assert_false(fixture_sees(f, "112 och 114 14 och 1177", DETECT_phone));
    assert_false(fixture_sees(f, "116 111", DETECT_phone));
    assert_false(fixture_sees(f, "t\xC3\xA5get 07.01 och 17.40", DETECT_mobile));
    assert_true(fixture_sees(f, "0771-11 22 33", DETECT_service_phone));
    assert_true(fixture_sees(f, "010-224 40 00", DETECT_service_phone));
    assert_false(fixture_sees(f, "010-224 40 00", DETECT_phone));
}

static void test_mail_and_links(void **state)
{
    struct fixture *f = *state;
    expect_span(f, "mejla lisa.ek@example.se.", DETECT_email, "lisa.ek@example.se");
    expect_span(f, "lisa punkt ek snabela example punkt com", DETECT_email,
                "ek snabela example punkt com");
    assert_true(fixture_sees(f, "lisa (at) example (dot) se", DETECT_email));
    assert_true(fixture_sees(f, "kommun@kungalv.se", DETECT_own_email));
    assert_true(fixture_sees(f, "x@skola.kungalv.se", DETECT_own_email));
    assert_false(fixture_sees(f, "x@inte-kungalv.se", DETECT_own_email));
    assert_false(fixture_sees(f, "jag \xC3\xA4r at home", DETECT_email));
    expect_span(f, "se https://www.example.com/a?b=c", DETECT_link, "https://www.example.com");
    assert_false(fixture_sees(f, "slut.Men vi", DETECT_link));
}

static void test_accounts_and_plates(void **state)
{
    struct fixture *f = *state;
    expect_span(f, "IBAN SE35 5000 0000 0549 1000 0003", DETECT_iban,
                "SE35 5000 0000 0549 1000 0003");
    assert_false(fixture_sees(f, "IBAN SE35 5000 0000 0549 1000 0004", DETECT_iban));
    assert_true(fixture_sees(f, "bg 5402-9681", DETECT_bankgiro));
    assert_false(fixture_sees(f, "bg 5402-9682", DETECT_bankgiro));
    assert_false(fixture_sees(f, "5402-9681", DETECT_bankgiro));
    assert_true(fixture_sees(f, "bankgiro 5402-9682", DETECT_account)); /* called so */
    assert_true(fixture_sees(f, "min postgiro 4 26 38-2", DETECT_account));
    assert_false(fixture_sees(f, "5402-9682", DETECT_account));
    assert_true(fixture_sees(f, "regnummer HBK 44E", DETECT_plate));
    assert_true(fixture_sees(f, "clearing 6123, kontonr 456 789 012", DETECT_account));
    assert_true(fixture_sees(f, "bilen med regnr KLM 456", DETECT_plate));
    assert_true(fixture_sees(f, "regnr xyz78b", DETECT_plate));
    assert_false(fixture_sees(f, "regnr KIM 456", DETECT_plate)); /* no I on plates */
    assert_false(fixture_sees(f, "den kostar 456", DETECT_plate));
}

static void test_people(void **state)
{
    struct fixture *f = *state;
    expect_span(f, "Igår såg vi Maja Hjorth där", DETECT_full_name, "Maja Hjorth");
    assert_true(fixture_sees(f, "Grannen Ann-Christin Ek har cancer", DETECT_name_sensitive));
    assert_true(fixture_sees(f, "Hon bor på Nygatan 17", DETECT_street_person));
    assert_false(fixture_sees(f, "Biblioteket på Nygatan 17", DETECT_street_person));
    assert_false(fixture_sees(f, "en bo i en sten", DETECT_name));
    assert_true(fixture_sees(f, "Drop it at 14 Elm Street, ask for Anna", DETECT_street_person));
    assert_true(fixture_sees(f, "Lgh 1102, Nygatan 3", DETECT_street_person));
    assert_true(fixture_sees(f, "Vi finns på Ivar Claessons gata 5", DETECT_street));
    assert_false(fixture_sees(f, "Vi finns på Ivar Claessons gata 5", DETECT_street_person));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_personal_numbers_as_people_write_them),
        cmocka_unit_test(test_R19_personal_numbers_of_every_day),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_all_check_digits),
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_mail_and_links),
        cmocka_unit_test(test_accounts_and_plates),
        cmocka_unit_test(test_people),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
