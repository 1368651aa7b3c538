/* zone_test.c - time zones (T1, T3): against the C library, at the edges, and on damaged files. */
#include "clock_fixture.h"
#include <time.h>

static int32_t libc_offset(upp_ms when)
{
    const time_t t = (time_t)(when / 1000);
    struct tm tm;
    upp_check(localtime_r(&t, &tm) != NULL);
    const civil_day day =
        civil_day_of((civil_date){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday });
    const int64_t shown = day * INT64_C(86400) + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    return (int32_t)(shown - t);
}

static const char *const zones[] = { "Europe/Stockholm",  "UTC",
                                     "America/New_York",  "Europe/Dublin",
                                     "Asia/Kolkata",      "Australia/Lord_Howe",
                                     "America/St_Johns",  "America/Nuuk",
                                     "America/Sao_Paulo", "Asia/Tehran",
                                     "Pacific/Apia",      "Atlantic/Azores",
                                     "Africa/Casablanca", "Pacific/Chatham" };

/* T1: the parser and the rule for the future agree with the C library, hour by hour of days drawn
 * from 1905 to 2600. */
static void test_T1_offsets_agree_with_the_c_library(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t z = 0; z < UPP_LEN(zones); z++) {
        zone *tz = fixture_zone(zones[z]);
        setenv("TZ", zones[z], 1);
        tzset();
        for (int i = 0; i < 6000; i++) {
            const upp_ms when = at("1905-01-01T00:00:00Z") +
                                fixture_below(&seed, 695 * INT64_C(365)) * UPP_DAY +
                                fixture_below(&seed, 86400) * UPP_SECOND;
            if (zone_offset_s(tz, when) != libc_offset(when))
                fail_msg("%s differs at %lld", zones[z], (long long)when);
        }
        zone_free(tz);
    }
}

/* Every change of offset in Stockholm from 2020 to 2060 happens at the same second as in the C
 * library. */
static void test_T1_each_change_to_the_second(void **state)
{
    (void)state;
    zone *tz = fixture_zone("Europe/Stockholm");
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    int changes = 0;
    for (upp_ms h = at("2020-01-01T00:00:00Z"); h < at("2060-01-01T00:00:00Z"); h += UPP_HOUR) {
        assert_int_equal(zone_offset_s(tz, h), libc_offset(h));
        assert_int_equal(zone_offset_s(tz, h - 1), libc_offset(h - 1000));
        changes += zone_offset_s(tz, h) != zone_offset_s(tz, h - 1);
    }
    assert_int_equal(changes, 80);
    zone_free(tz);
}

/* A reading is found again from each instant; readings that no instant shows are gaps, and those
 * that two show are ambiguous. Minute by minute around every change of four years. */
static void test_T3_readings_and_instants_are_inverse(void **state)
{
    (void)state;
    for (size_t z = 0; z < UPP_LEN(zones); z++) {
        zone *tz = fixture_zone(zones[z]);
        for (upp_ms t = at("2026-01-01T00:00:00Z"); t < at("2030-01-01T00:00:00Z"); t += UPP_HOUR) {
            if (zone_offset_s(tz, t) == zone_offset_s(tz, t + UPP_HOUR))
                continue;
            for (upp_ms m = t - 3 * UPP_HOUR; m < t + 4 * UPP_HOUR; m += UPP_MINUTE) {
                upp_ms first = 0;
                upp_ms last = 0;
                const civil_ms shown = zone_local(tz, m);
                const enum zone_fit fit = zone_instant(tz, shown, ZONE_FIRST, &first);
                assert_int_equal(fit, zone_instant(tz, shown, ZONE_LAST, &last));
                assert_int_not_equal(fit, ZONE_GAP);
                assert_true(m == first || m == last);
                assert_int_equal(fit == ZONE_TWICE, first < last);
                assert_int_equal(zone_local(tz, first), shown);
                assert_int_equal(zone_local(tz, last), shown);
            }
        }
        zone_free(tz);
    }
}

/* T3, E6: gap and ambiguity in Stockholm. */
static void test_T3_E6_gap_and_ambiguous_hour(void **state)
{
    (void)state;
    zone *tz = fixture_zone("Europe/Stockholm");
    upp_ms when = 0;
    const civil_ms spring = day_at("2027-03-28") * UPP_DAY;
    for (int minute = 120; minute < 180; minute++) {
        assert_int_equal(zone_instant(tz, spring + minute * UPP_MINUTE, ZONE_FIRST, &when),
                         ZONE_GAP);
        expect_at(when, "2027-03-28T01:00:00Z");
        assert_int_equal(zone_instant(tz, spring + minute * UPP_MINUTE, ZONE_LAST, &when),
                         ZONE_GAP);
        expect_at(when, "2027-03-28T01:00:00Z");
    }
    assert_int_equal(zone_instant(tz, spring + 180 * UPP_MINUTE, ZONE_FIRST, &when), ZONE_ONCE);
    expect_at(when, "2027-03-28T03:00:00+02:00");
    const civil_ms autumn = day_at("2026-10-25") * UPP_DAY + 150 * UPP_MINUTE;
    assert_int_equal(zone_instant(tz, autumn, ZONE_FIRST, &when), ZONE_TWICE);
    expect_at(when, "2026-10-25T02:30:00+02:00");
    assert_int_equal(zone_instant(tz, autumn, ZONE_LAST, &when), ZONE_TWICE);
    expect_at(when, "2026-10-25T02:30:00+01:00");
    zone_free(tz);
}

/* T1: what is not a usable zone file is refused, never read as UTC. */
static void test_T1_bad_files_are_refused(void **state)
{
    (void)state;
    size_t len = 0;
    zone *tz = NULL;
    const char *why = NULL;
    uint8_t *bytes = fixture_read("/usr/share/zoneinfo/Europe/Stockholm", &len);
    for (size_t cut = 0; cut < len; cut++) {
        /* A copy of exactly that length, so that a read beyond it is seen by the sanitiser. */
        uint8_t *part = malloc(cut + 1);
        upp_check(part != NULL);
        memcpy(part, bytes, cut);
        uint8_t *exact = realloc(part, cut ? cut : 1);
        upp_check(exact != NULL);
        assert_int_equal(zone_parse((upp_bytes){ exact, cut }, &tz, &why), UPP_E_INPUT);
        assert_non_null(why);
        free(exact);
    }
    assert_int_equal(zone_parse((upp_bytes){ NULL, 0 }, &tz, &why), UPP_E_INPUT);
    for (size_t i = 0; i < len; i++) { /* damage may pass, but must never reach beyond the bytes */
        const uint8_t kept = bytes[i];
        bytes[i] = (uint8_t)(kept ^ 0xff);
        zone *odd = NULL;
        if (zone_parse((upp_bytes){ bytes, len }, &odd, &why) == 0)
            zone_offset_s(odd, at("2027-01-01T00:00:00Z"));
        zone_free(odd);
        bytes[i] = kept;
    }
    assert_null(tz);
    free(bytes);
}

static void test_T1_zone_names_stay_in_their_directory(void **state)
{
    (void)state;
    const char *good[] = { "Europe/Stockholm", "UTC", "America/Argentina/Buenos_Aires",
                           "Etc/GMT+1" };
    const char *bad[] = { "",        "/etc/passwd", "../x", "Europe/../../x", "Europe//Stockholm",
                          "Europe/", "a b",         "x\n" };
    for (size_t i = 0; i < UPP_LEN(good); i++)
        assert_true(zone_name_valid(good[i]));
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(zone_name_valid(bad[i]));
}

/* -- dates and RFC 3339 -- */

static void test_T1_each_day_of_four_centuries(void **state)
{
    (void)state;
    civil_date date = { 1900, 1, 1 };
    int weekday = CIVIL_MONDAY; /* 1 January 1900 */
    for (civil_day day = civil_day_of(date); day <= civil_day_of((civil_date){ 2300, 1, 1 });
         day++) {
        const civil_date got = civil_date_of(day);
        assert_true(got.year == date.year && got.month == date.month && got.day == date.day);
        assert_int_equal(civil_day_of(date), day);
        assert_int_equal(civil_weekday(day), weekday);
        weekday = (weekday + 1) % 7;
        date.day++;
        if (!civil_valid(date)) {
            date.day = 1;
            date.month = date.month == 12 ? 1 : date.month + 1;
            date.year += date.month == 1;
        }
    }
}

static void test_T1_rfc3339(void **state)
{
    (void)state;
    int64_t ms = 0;
    char text[CIVIL_TEXT_SIZE];
    expect_at(at("2026-11-27T18:40:00+01:00"), "2026-11-27T17:40:00Z");
    expect_at(at("2026-11-27t18:40:00.1239+01:00"), "2026-11-27T17:40:00.123Z");
    expect_at(at("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
    expect_at(at("2017-01-01T00:59:60+01:00"), "2017-01-01T00:00:00Z");
    assert_int_equal(civil_parse("2026-10-25T02:30:00", &ms), CIVIL_NO_OFFSET);
    const char *bad[] = { "",
                          "2026-11-27",
                          "2026-11-27T18:40Z",
                          "2026-11-27 18:40:00Z",
                          "2026-02-29T00:00:00Z",
                          "2026-11-27T24:00:00Z",
                          "2026-11-27T18:60:00Z",
                          "2026-11-27T18:40:61Z",
                          "2026-11-27T18:40:60Z",
                          "2026-11-27T18:40:00.Z",
                          "2026-11-27T18:40:00+0100",
                          "2026-11-27T18:40:00+24:00",
                          "2026-11-27T18:40:00Zx",
                          "0000-01-01T00:00:00Z",
                          "+2026-11-27T18:40:00Z" };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_int_equal(civil_parse(bad[i], &ms), UPP_E_INPUT);
    civil_format(at("2026-11-30T15:00:00Z"), 0, text);
    assert_string_equal(text, "2026-11-30T15:00:00Z");
    civil_format(at("2026-11-30T15:00:00.007Z"), 3600, text);
    assert_string_equal(text, "2026-11-30T16:00:00.007+01:00");
    civil_format(at("1969-12-31T23:59:59.999Z"), -12600, text);
    assert_string_equal(text, "1969-12-31T20:29:59.999-03:30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_T1_offsets_agree_with_the_c_library),
        cmocka_unit_test(test_T1_each_change_to_the_second),
        cmocka_unit_test(test_T3_readings_and_instants_are_inverse),
        cmocka_unit_test(test_T3_E6_gap_and_ambiguous_hour),
        cmocka_unit_test(test_T1_bad_files_are_refused),
        cmocka_unit_test(test_T1_zone_names_stay_in_their_directory),
        cmocka_unit_test(test_T1_each_day_of_four_centuries),
        cmocka_unit_test(test_T1_rfc3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
