/* guard_test.c - the rules of sign-in, signatures, times in words (R11, reliability.md B5). */
#include "guard.h"
#include "moment.h"
#include "sign.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void failures_cost_more_each_time_up_to_a_quarter(void **state)
{
    (void)state;
    upp_ms before = 0;
    for (int64_t n = 0; n < 100; n++) {
        const upp_ms span = guard_wait(n, false), shared = guard_wait(n, true);
        assert_true(span >= before && span <= 15 * UPP_MINUTE);
        assert_true(shared <= span);
        assert_true(n > 4 ? span > 0 : span == 0);
        assert_true(n > 20 ? shared > 0 : shared == 0);
        before = span;
    }
    assert_int_equal(guard_wait(5, false), UPP_SECOND);
    assert_int_equal(guard_wait(14, false), 512 * UPP_SECOND);
    assert_int_equal(guard_wait(15, false), 15 * UPP_MINUTE);
    assert_int_equal(guard_wait(INT64_MAX, false), 15 * UPP_MINUTE);
}

static void a_session_has_two_limits(void **state)
{
    (void)state;
    const upp_ms idle = 30 * UPP_MINUTE, whole = 10 * UPP_HOUR;
    assert_true(guard_session_holds(0, 0, idle - 1, idle, whole));
    assert_false(guard_session_holds(0, 0, idle, idle, whole));
    assert_true(guard_session_holds(0, whole - 1, whole - 1, idle, whole));
    assert_false(guard_session_holds(0, whole - 1, whole, idle, whole));
}

static void a_seal_is_of_one_session_action_and_id(void **state)
{
    (void)state;
    uint8_t mine[GUARD_TOKEN] = { 1 }, hers[GUARD_TOKEN] = { 2 };
    char seal[GUARD_HEX], other[GUARD_HEX];
    guard_seal(mine, "/sak/a/beslut", "01", seal);
    guard_seal(mine, "/sak/a/beslut", "01", other);
    assert_true(guard_same(seal, other));
    guard_seal(hers, "/sak/a/beslut", "01", other);
    assert_false(guard_same(seal, other));
    guard_seal(mine, "/sak/b/beslut", "01", other);
    assert_false(guard_same(seal, other));
    guard_seal(mine, "/sak/a/beslut", "02", other);
    assert_false(guard_same(seal, other));
    guard_seal(mine, "/sak/a/beslut0", "1", other); /* the two are kept apart */
    assert_false(guard_same(seal, other));
    assert_false(guard_same(seal, ""));
}

static void a_form_comes_from_our_own_pages(void **state)
{
    (void)state;
    const char own[] = "https://uppsikt.example";
    assert_true(guard_site("same-origin", "null", own));
    assert_true(guard_site(NULL, own, own));
    assert_true(guard_site(NULL, NULL, own));
    assert_false(guard_site("cross-site", own, own));
    assert_false(guard_site("same-site", own, own));
    assert_false(guard_site("none", own, own));
    assert_false(guard_site(NULL, "https://evil.example", own));
    assert_false(guard_site(NULL, "null", own));
}

static void a_password_is_long_and_not_guessed_at_once(void **state)
{
    (void)state;
    char longest[GUARD_PASSWORD_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[GUARD_PASSWORD_MAX + 1] = '\0';
    assert_int_equal(guard_password("blå hästar springer", "frida"), GUARD_FINE);
    assert_int_equal(guard_password("åäöåäöåäöåäöåä", ""), GUARD_SHORT); /* 14 characters */
    assert_int_equal(guard_password("kort", ""), GUARD_SHORT);
    assert_int_equal(guard_password(longest, ""), GUARD_LONG);
    assert_int_equal(guard_password("aaaaaaaaaaaaaaaa", ""), GUARD_COMMON);
    assert_int_equal(guard_password("hejhejhejhejhejhej", ""), GUARD_COMMON);
    assert_int_equal(guard_password("123456789012345", ""), GUARD_COMMON);
    assert_int_equal(guard_password("qwertyuiopåasdf", ""), GUARD_COMMON);
    assert_int_equal(guard_password("frida springer fort", "frida"), GUARD_NAME);
}

/* A hash that could not be read would be refused at once, and tell who has a login. */
static void nobodys_hash_costs_what_others_cost(void **state)
{
    (void)state;
    assert_true(sodium_init() >= 0);
    assert_int_equal(crypto_pwhash_str_needs_rehash(guard_nobody(),
                                                    crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                    crypto_pwhash_MEMLIMIT_INTERACTIVE),
                     0);
    assert_int_not_equal(crypto_pwhash_str_verify(guard_nobody(), "", 0), 0);
}

static void commands_of_one_form_have_ids_of_their_own(void **state)
{
    (void)state;
    const uint8_t id[16] = { 7 };
    uint8_t a[16], b[16], again[16];
    guard_nth_id(id, "claim", a);
    guard_nth_id(id, "decide", b);
    guard_nth_id(id, "claim", again);
    assert_memory_equal(a, again, 16);
    assert_true(memcmp(a, b, 16) != 0);
    char hex[GUARD_ID_HEX];
    guard_hex(id, 16, hex);
    assert_true(guard_unhex(hex, 16, a));
    assert_memory_equal(a, id, 16);
    assert_false(guard_unhex("0", 16, a));
    hex[3] = 'x';
    assert_false(guard_unhex(hex, 16, a));
}

/* -- R11 -- */
static void R11_an_answer_ends_with_first_name_and_title(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ends;
    } rows[] = {
        { "Hej! Vi öppnar nio.\n\nFrida, kommunikatör", true },
        { "Hej!\n/Frida Nor\nKommunikatör.", true },
        { "Hej! Hälsningar FRIDA – kommunikatör", true },
        { "Frida, kommunikatör", true },
        { "Hej!\nFrida, kommunikatör \n\n", true },
        { "Hej! Frida, kommunikatör, hälsar.", false },
        { "Hej! /Frida", false },
        { "Hej! kommunikatör", false },
        { "Hej! kommunikatör, Frida", false },
        { "Hej! Alfrida, kommunikatör", false },
        { "Hej! Frida, superkommunikatör", false },
        { "Hej! Frida kom hem. Ali, kommunikatör", false },
        { "", false },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (sign_ends(rows[i].text, "Frida", "Nor", "kommunikatör") != rows[i].ends)
            fail_msg("%s", rows[i].text);
    assert_false(sign_ends("Hej!", "", "", ""));
    assert_true(sign_ends("Hej!\nÅsa, ÖVERLÄKARE", "åsa", "", "överläkare"));
}

static void R11_one_button_adds_it(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "Hej!", "Hej!\n\n ", "Frida", "åäö" };
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        char *text = sign_append(texts[i], "Frida", "kommunikatör");
        assert_true(sign_ends(text, "Frida", "Nor", "kommunikatör"));
        free(text);
    }
    char *text = sign_append("Hej!\n", "Frida", "kommunikatör");
    assert_string_equal(text, "Hej!\n\nFrida, kommunikatör");
    free(text);
}

/* -- times -- */
static zone *stockholm(void)
{
    static uint8_t bytes[64 * 1024];
    const char *why = "";
    zone *tz = NULL;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(zone_parse((upp_bytes){ bytes, n }, &tz, &why), 0);
    return tz;
}

static void times_are_said_as_people_say_them(void **state)
{
    (void)state;
    char text[MOMENT];
    zone *tz = stockholm();
    phrases *sv = phrases_new("sv");
    const upp_ms now = 1795528800000; /* 2026-11-24T14:00Z, a Tuesday */
    const moment_clock c = { tz, sv, now };
    moment_when(&c, now, text);
    assert_string_equal(text, "tis 24 nov 15.00");
    moment_when(&c, now - 365 * UPP_DAY, text);
    assert_string_equal(text, "mån 24 nov 2025 15.00");
    moment_near(&c, now + 30 * UPP_MINUTE, text);
    assert_string_equal(text, "i dag 15.30");
    moment_near(&c, now + UPP_DAY, text);
    assert_string_equal(text, "i morgon 15.00");
    moment_near(&c, now - UPP_DAY, text);
    assert_string_equal(text, "i går 15.00");
    moment_near(&c, now + 3 * UPP_DAY, text);
    assert_string_equal(text, "fre 15.00");
    moment_near(&c, now + 7 * UPP_DAY, text);
    assert_string_equal(text, "tis 1 dec 15.00");
    moment_left(&c, now + 2 * UPP_HOUR + 1, text);
    assert_string_equal(text, "2 tim kvar");
    moment_left(&c, now - UPP_DAY - 1, text);
    assert_string_equal(text, "försenad 1 dag");
    moment_left(&c, now, text);
    assert_string_equal(text, "0 min kvar");
    moment_machine(&c, now + 500, text);
    assert_string_equal(text, "2026-11-24T15:00:00+01:00");
    moment_when(&c, moment_month(&c, now, 0), text);
    assert_string_equal(text, "sön 1 nov 00.00");
    moment_when(&c, moment_month(&c, now, -10), text);
    assert_string_equal(text, "tors 1 jan 00.00");
    moment_when(&c, moment_month(&c, now, -11), text);
    assert_string_equal(text, "mån 1 dec 2025 00.00");
    zone_free(tz);
    phrases_free(sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_cost_more_each_time_up_to_a_quarter),
        cmocka_unit_test(a_session_has_two_limits),
        cmocka_unit_test(a_seal_is_of_one_session_action_and_id),
        cmocka_unit_test(a_form_comes_from_our_own_pages),
        cmocka_unit_test(a_password_is_long_and_not_guessed_at_once),
        cmocka_unit_test(nobodys_hash_costs_what_others_cost),
        cmocka_unit_test(commands_of_one_form_have_ids_of_their_own),
        cmocka_unit_test(R11_an_answer_ends_with_first_name_and_title),
        cmocka_unit_test(R11_one_button_adds_it),
        cmocka_unit_test(times_are_said_as_people_say_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
