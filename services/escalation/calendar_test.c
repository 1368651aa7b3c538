/* calendar_test.c - duty (T2-T4, T6, T8), X1-X7, and the brute-force properties of sla.md 12. */
#include "brute.h"
#include "clock_fixture.h"

static zone *stockholm;

static int setup(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    zone_free(stockholm);
    return 0;
}

/* The default calendar of T8, with or without overrides. */
static calendar duty(const calendar_override *overrides, size_t n)
{
    policy pol;
    policy_init(&pol);
    policy_use_zone(&pol, stockholm);
    calendar cal = *policy_calendar(&pol, "duty");
    cal.overrides = overrides;
    cal.n_overrides = n;
    return cal;
}

static calendar_day hours(size_t n, const calendar_span *spans)
{
    calendar_day day = { .n = (uint8_t)n };
    memcpy(day.span, spans, n * sizeof *spans);
    return day;
}

static void expect_due(const calendar *cal, const char *from, int64_t minutes, const char *wanted)
{
    upp_ms due = 0;
    assert_int_equal(calendar_due(cal, at(from), minutes * UPP_MINUTE, &due), 0);
    expect_at(due, wanted);
    assert_int_equal(calendar_office(cal, at(from), due), minutes * UPP_MINUTE);
    assert_int_equal(calendar_office(cal, at(from), due - 1), minutes * UPP_MINUTE - 1);
}

static void test_X1_E1_weekend(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    expect_due(&cal, "2026-11-27T18:40:00+01:00", 480, "2026-11-30T15:00:00Z");
}

static void test_X2_E3_holidays_and_eves(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    expect_due(&cal, "2026-12-23T15:00:00+01:00", 480, "2026-12-28T13:30:00Z");
}

static void test_X3_E4_easter_and_the_start_of_dst(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    expect_due(&cal, "2027-03-25T17:00:00+01:00", 480, "2027-03-30T14:00:00Z");
}

/* Due exactly at a closing, not at the next opening (T4). */
static void test_X4_answer_clock_of_five_working_days(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    expect_due(&cal, "2026-11-27T18:40:00+01:00", 2550, "2026-12-04T15:30:00Z");
}

static void test_X5_override_closes_a_day(void **state)
{
    (void)state;
    const calendar_override closed[] = { { .day = day_at("2026-11-30") } };
    const calendar cal = duty(closed, 1);
    expect_due(&cal, "2026-11-27T18:40:00+01:00", 480, "2026-12-01T15:00:00Z");
}

static void test_X6_override_with_a_lunch_break(void **state)
{
    (void)state;
    const calendar_override split[] = {
        { day_at("2026-11-24"), hours(2, (calendar_span[]){ { 480, 690 }, { 780, 990 } }) }
    };
    const calendar cal = duty(split, 1);
    expect_due(&cal, "2026-11-24T12:00:00+01:00", 240, "2026-11-25T07:30:00Z");
}

static void test_X7_override_that_opens_in_the_gap(void **state)
{
    (void)state;
    const calendar_override night[] = { { day_at("2027-03-28"),
                                          hours(1, (calendar_span[]){ { 150, 240 } }) } };
    const calendar cal = duty(night, 1);
    expect_due(&cal, "2027-03-28T00:00:00+01:00", 60, "2027-03-28T02:00:00Z");
}

/* E2, T4: half-open windows. */
static void test_E2_received_exactly_at_closing(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    const upp_ms closing = at("2026-11-27T16:30:00+01:00");
    upp_ms found = 0;
    expect_due(&cal, "2026-11-27T16:30:00+01:00", 480, "2026-11-30T15:00:00Z");
    assert_false(calendar_open(&cal, closing));
    assert_true(calendar_open(&cal, closing - 1));
    assert_true(calendar_open(&cal, at("2026-11-27T08:00:00+01:00")));
    assert_int_equal(calendar_first_duty(&cal, closing, &found), 0);
    expect_at(found, "2026-11-30T08:00:00+01:00");
    assert_int_equal(calendar_last_duty(&cal, closing - UPP_DAY, closing, &found), 0);
    assert_int_equal(found, closing);
    assert_int_equal(calendar_last_duty(&cal, closing, closing + UPP_DAY, &found), CALENDAR_NONE);
    assert_int_equal(calendar_last_duty(&cal, closing, closing, &found), CALENDAR_NONE);
}

/* T3: a day and night is 1380 minutes in spring and 1500 in autumn. */
static void test_T3_whole_days_at_the_changes(void **state)
{
    (void)state;
    calendar cal = duty(NULL, 0);
    cal.holidays = (calendar_holidays){ 0 };
    for (int i = 0; i < 7; i++)
        cal.week[i] = hours(1, (calendar_span[]){ { 0, 1440 } });
    assert_null(calendar_flaw(&cal));
    assert_int_equal(
        calendar_office(&cal, at("2027-03-28T00:00:00+01:00"), at("2027-03-29T00:00:00+02:00")),
        1380 * UPP_MINUTE);
    assert_int_equal(
        calendar_office(&cal, at("2026-10-25T00:00:00+02:00"), at("2026-10-26T00:00:00+01:00")),
        1500 * UPP_MINUTE);
    for (int i = 0; i < 400; i++) { /* always open: office time is elapsed time */
        upp_ms due = 0;
        const upp_ms start = at("2026-09-01T00:00:00Z") + i * 26 * UPP_HOUR;
        assert_int_equal(calendar_due(&cal, start, i * 77 * UPP_MINUTE, &due), 0);
        assert_int_equal(due - start, i * 77 * UPP_MINUTE);
    }
}

/* T3: `to` in the gap, edges in the ambiguous hour, a window inside the gap, and two windows that
 * overlap because the clock went back: no instant counts twice. */
static void test_T3_edges_of_windows(void **state)
{
    (void)state;
    const calendar_override odd[] = {
        { day_at("2026-10-25"), hours(2, (calendar_span[]){ { 60, 150 }, { 151, 240 } }) },
        { day_at("2027-03-28"),
          hours(3, (calendar_span[]){ { 60, 125 }, { 130, 140 }, { 150, 181 } }) },
        { day_at("2027-10-31"), hours(1, (calendar_span[]){ { 120, 150 } }) },
    };
    const calendar cal = duty(odd, 3);
    const upp_ms from = at("2026-10-25T00:00:00+02:00");
    /* 01:00 +02:00 to 04:00 +01:00 without a break: the first runs to the second 02:30. */
    assert_int_equal(calendar_office(&cal, from, from + UPP_DAY), 4 * UPP_HOUR);
    const upp_ms spring = at("2027-03-28T00:00:00+01:00");
    /* 01:00-02:00, nothing of 02:10-02:20, and 03:00-03:01. */
    assert_int_equal(calendar_office(&cal, spring, spring + UPP_DAY), 61 * UPP_MINUTE);
    const upp_ms autumn = at("2027-10-31T00:00:00+02:00");
    /* From the first 02:00 to the second 02:30. */
    assert_int_equal(calendar_office(&cal, autumn, autumn + UPP_DAY), 90 * UPP_MINUTE);
}

/* T2: an override beats the holiday and the week; T7: nationaldagen on a Sunday is not moved. */
static void test_T2_T7_override_beats_holiday(void **state)
{
    (void)state;
    const calendar_override open[] = { { day_at("2026-12-24"),
                                         hours(1, (calendar_span[]){ { 600, 660 } }) } };
    const calendar cal = duty(open, 1);
    assert_int_equal(calendar_on(&cal, day_at("2026-12-24")).n, 1);
    assert_int_equal(calendar_on(&cal, day_at("2026-12-25")).n, 0);
    assert_int_equal(calendar_on(&cal, day_at("2027-06-07")).n, 1);
    expect_due(&cal, "2026-12-23T16:30:00+01:00", 60, "2026-12-24T10:00:00Z");
}

/* T7: a half day ends at its time; two eves on one date take the earlier. */
static void test_T7_half_days(void **state)
{
    (void)state;
    calendar cal = duty(NULL, 0);
    cal.holidays.half_day_ends[HOLIDAY_MAUNDY_THURSDAY] = 720;
    cal.holidays.half_day_ends[HOLIDAY_WALPURGIS_EVE] = 840;
    cal.holidays.half_day_ends[HOLIDAY_BEFORE_ASCENSION_DAY] = 780;
    assert_null(calendar_flaw(&cal));
    expect_due(&cal, "2027-03-25T08:00:00+01:00", 241, "2027-03-30T06:01:00Z");
    assert_int_equal(calendar_on(&cal, day_at("2008-04-30")).span[0].to, 780);
    assert_int_equal(calendar_on(&cal, day_at("2026-04-30")).span[0].to, 840);
    cal.holidays.half_day_ends[HOLIDAY_WALPURGIS_EVE] = 400; /* before it opens: closed */
    assert_int_equal(calendar_on(&cal, day_at("2026-04-30")).n, 0);
}

/* T6: never open is refused; what opens no more is found out within the limit, never answered by
 * the wall clock. */
static void test_T6_never_open(void **state)
{
    (void)state;
    calendar cal = duty(NULL, 0);
    upp_ms found = 42;
    memset(cal.week, 0, sizeof cal.week);
    assert_string_equal(calendar_flaw(&cal), "the calendar is never open");
    assert_int_equal(calendar_due(&cal, at("2026-11-27T18:40:00Z"), 1, &found), CALENDAR_NONE);
    assert_int_equal(calendar_first_duty(&cal, at("2026-11-27T18:40:00Z"), &found), CALENDAR_NONE);
    assert_int_equal(found, 42);
    cal.week[CIVIL_SUNDAY] = hours(1, (calendar_span[]){ { 480, 990 } });
    assert_non_null(calendar_flaw(&cal)); /* Sundays are holidays: this would never open */
    cal.holidays.sweden = false;
    assert_null(calendar_flaw(&cal));
    const calendar_override once[] = {
        { day_at("2036-11-26"), hours(1, (calendar_span[]){ { 480, 481 } }) },
        { day_at("2036-11-28"), hours(1, (calendar_span[]){ { 480, 990 } }) },
    };
    calendar far = duty(once, 2);
    memset(far.week, 0, sizeof far.week);
    assert_null(calendar_flaw(&far));
    expect_due(&far, "2026-11-27T12:00:00+01:00", 1, "2036-11-26T07:01:00Z");
    assert_int_equal(calendar_due(&far, at("2026-11-27T12:00:00+01:00"), 2 * UPP_MINUTE, &found),
                     CALENDAR_NONE);
}

static void test_T2_flaws(void **state)
{
    (void)state;
    const calendar_span bad[][2] = { { { 480, 480 }, { 0, 0 } },
                                     { { 480, 1441 }, { 0, 0 } },
                                     { { -1, 480 }, { 0, 0 } },
                                     { { 480, 600 }, { 600, 700 } },
                                     { { 600, 700 }, { 480, 500 } } };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        calendar cal = duty(NULL, 0);
        cal.week[2] = hours(bad[i][1].to ? 2 : 1, bad[i]);
        assert_non_null(calendar_flaw(&cal));
    }
    const calendar_override twice[] = { { .day = 5 }, { .day = 5 } };
    const calendar cal = duty(twice, 2);
    assert_non_null(calendar_flaw(&cal));
}

/* -- properties (sla.md 12) -- */

enum { CALENDARS = 4 };

static calendar_override odd_days[8];

/* The default; a shift calendar with lunch, half days and overrides on the days when the clock
 * changes; a jour calendar of nights and weekends; always open. */
static void make_calendars(calendar ret_cal[CALENDARS])
{
    const calendar_override odd[] = {
        { day_at("2026-03-29"), hours(1, (calendar_span[]){ { 90, 150 } }) },
        { day_at("2026-10-25"), hours(2, (calendar_span[]){ { 60, 150 }, { 151, 300 } }) },
        { day_at("2026-11-30"), { 0 } },
        { day_at("2026-12-31"), hours(1, (calendar_span[]){ { 1380, 1440 } }) },
        { day_at("2027-01-01"), hours(1, (calendar_span[]){ { 0, 30 } }) },
        { day_at("2027-03-28"), hours(1, (calendar_span[]){ { 150, 240 } }) },
        { day_at("2027-10-31"), hours(2, (calendar_span[]){ { 120, 150 }, { 170, 180 } }) },
        { day_at("2028-02-29"), hours(1, (calendar_span[]){ { 0, 1440 } }) },
    };
    memcpy(odd_days, odd, sizeof odd);
    ret_cal[0] = duty(NULL, 0);
    ret_cal[1] = duty(odd_days, UPP_LEN(odd_days));
    for (int i = 0; i < 5; i++)
        ret_cal[1].week[i] =
            hours(3, (calendar_span[]){ { 450, 690 }, { 735, 960 }, { 1200, 1260 } });
    ret_cal[1].holidays.half_day_ends[HOLIDAY_WALPURGIS_EVE] = 900;
    ret_cal[2] = duty(NULL, 0);
    ret_cal[2].holidays = (calendar_holidays){ 0 };
    for (int i = 0; i < 7; i++)
        ret_cal[2].week[i] = hours(2, (calendar_span[]){ { 0, 420 }, { 1080, 1440 } });
    ret_cal[2].week[CIVIL_SUNDAY] = hours(1, (calendar_span[]){ { 0, 1440 } });
    ret_cal[3] = ret_cal[2];
    for (int i = 0; i < 7; i++)
        ret_cal[3].week[i] = hours(1, (calendar_span[]){ { 0, 1440 } });
    for (int i = 0; i < CALENDARS; i++)
        assert_null(calendar_flaw(&ret_cal[i]));
}

static void agree(const brute *b, const calendar *cal, upp_ms start, upp_ms span)
{
    upp_ms due = -1;
    upp_ms first = -1;
    upp_ms last = -1;
    upp_ms back = -1;
    assert_int_equal(calendar_due(cal, start, span, &due), 0);
    if (due != brute_due(b, start, span))
        fail_msg("due(%lld, %lld) is %lld", (long long)start, (long long)span, (long long)due);
    assert_int_equal(calendar_office(cal, start, due), span);
    assert_int_equal(brute_office(b, start, due), span);
    if (span)
        assert_true(calendar_office(cal, start, due - 1) < span);
    assert_int_equal(calendar_first_duty(cal, start, &first), 0);
    assert_int_equal(first, brute_first_duty(b, start));
    const upp_ms end = start + span * 2;
    const int rc = calendar_last_duty(cal, start, end, &last);
    assert_int_equal(rc == 0 ? last : -1, brute_last_duty(b, start, end));
    assert_true(rc != 0 || last <= end);
    assert_int_equal(rc == 0, calendar_office(cal, start, end) > 0);
    /* The way back: as late as possible, and not earlier than where we came from allows. */
    assert_int_equal(calendar_before(cal, due, span, &back), 0);
    assert_true(back >= start);
    assert_int_equal(brute_office(b, back, due), span);
    if (span)
        assert_true(calendar_office(cal, back + 1, due) < span);
    upp_ms later = 0;
    assert_int_equal(calendar_due(cal, start + UPP_MINUTE, span, &later), 0);
    assert_true(later >= due); /* never decreases in start */
    assert_int_equal(calendar_due(cal, start, span + 1, &later), 0);
    assert_true(later > due || span == 0); /* nor in the target */
}

static void test_T4_due_equals_brute_force(void **state)
{
    (void)state;
    static const char *const dates[] = {
        "2026-01-01", "2026-01-06", "2026-03-29", "2026-04-03", "2026-04-06", "2026-04-30",
        "2026-05-01", "2026-05-14", "2026-06-05", "2026-06-19", "2026-10-25", "2026-10-31",
        "2026-12-24", "2026-12-31", "2027-01-01", "2027-01-06", "2027-03-26", "2027-03-28",
        "2027-04-30", "2027-05-06", "2027-06-06", "2027-06-25", "2027-10-31", "2027-11-06",
        "2027-12-24", "2027-12-31", "2028-01-06", "2028-02-28", "2028-02-29", "2028-03-26",
        "2028-04-14", "2028-05-25", "2028-06-23", "2028-10-29", "2028-11-04", "2028-12-24",
    };
    static const int64_t targets[] = { 0, 1, 60, 240, 480, 510, 2550 };
    calendar cal[CALENDARS];
    uint64_t seed = 20261127;
    brute *b = brute_new();
    make_calendars(cal);
    for (int c = 0; c < CALENDARS; c++) {
        brute_use(b, &cal[c]);
        for (size_t d = 0; d < UPP_LEN(dates); d++) /* each hour of the day before and of the day */
            for (int h = -24; h < 26; h++) {
                const upp_ms start = day_at(dates[d]) * UPP_DAY + h * UPP_HOUR;
                const size_t i = (size_t)fixture_below(&seed, UPP_LEN(targets));
                agree(b, &cal[c], start, targets[i] * UPP_MINUTE);
            }
        for (int i = 0; i < 1500; i++) {
            const upp_ms start = at("2026-01-01T00:00:00Z") + fixture_below(&seed, 1030 * UPP_DAY);
            agree(b, &cal[c], start, fixture_below(&seed, 2600 * UPP_MINUTE));
        }
    }
    brute_free(b);
}

/* Section 3.4: pauses in any order, overlapping, before the start, after due. */
static void test_T4_due_with_pauses(void **state)
{
    (void)state;
    const calendar cal = duty(NULL, 0);
    uint64_t seed = 34;
    for (int round = 0; round < 3000; round++) {
        const upp_ms start = at("2026-11-01T00:00:00Z") + fixture_below(&seed, 60 * UPP_DAY);
        const upp_ms target = fixture_below(&seed, 2550) * UPP_MINUTE;
        calendar_stretch pause[4];
        const size_t n = (size_t)fixture_below(&seed, 5);
        for (size_t i = 0; i < n; i++) {
            pause[i].from = start + fixture_below(&seed, 12 * UPP_DAY) - UPP_DAY;
            pause[i].to = pause[i].from + fixture_below(&seed, 5 * UPP_DAY);
        }
        upp_ms due = 0;
        assert_int_equal(calendar_due_paused(&cal, start, target, pause, n, &due), 0);
        /* Counted by cutting time at every edge; a piece counts when no pause covers it. */
        upp_ms edges[10] = { start, due };
        size_t n_edges = 2;
        for (size_t i = 0; i < n; i++) {
            edges[n_edges++] = pause[i].from;
            edges[n_edges++] = pause[i].to;
        }
        upp_ms counted = 0;
        upp_ms last_piece_end = start;
        for (upp_ms from = start; from < due;) {
            upp_ms to = due;
            bool covered = false;
            for (size_t i = 0; i < n_edges; i++)
                if (edges[i] > from && edges[i] < to)
                    to = edges[i];
            for (size_t i = 0; i < n; i++)
                covered = covered || (pause[i].from <= from && to <= pause[i].to);
            const upp_ms office = covered ? 0 : calendar_office(&cal, from, to);
            counted += office;
            if (office)
                last_piece_end = to;
            from = to;
        }
        assert_int_equal(counted, target);
        /* The earliest such instant: the last piece counts up to due itself. */
        if (target) {
            assert_int_equal(last_piece_end, due);
            assert_true(calendar_open(&cal, due - 1));
        } else {
            assert_int_equal(due, start);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_X1_E1_weekend),
        cmocka_unit_test(test_X2_E3_holidays_and_eves),
        cmocka_unit_test(test_X3_E4_easter_and_the_start_of_dst),
        cmocka_unit_test(test_X4_answer_clock_of_five_working_days),
        cmocka_unit_test(test_X5_override_closes_a_day),
        cmocka_unit_test(test_X6_override_with_a_lunch_break),
        cmocka_unit_test(test_X7_override_that_opens_in_the_gap),
        cmocka_unit_test(test_E2_received_exactly_at_closing),
        cmocka_unit_test(test_T3_whole_days_at_the_changes),
        cmocka_unit_test(test_T3_edges_of_windows),
        cmocka_unit_test(test_T2_T7_override_beats_holiday),
        cmocka_unit_test(test_T7_half_days),
        cmocka_unit_test(test_T6_never_open),
        cmocka_unit_test(test_T2_flaws),
        cmocka_unit_test(test_T4_due_equals_brute_force),
        cmocka_unit_test(test_T4_due_with_pauses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
