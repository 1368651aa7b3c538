/* clock_test.c - the clocks (sla.md 3, T5, T9, T10; R13, R14, R16, R20): X4, X8-X10, edges. */
#include "brute.h"
#include "clock.h"
#include "clock_fixture.h"

static zone *stockholm;
static policy pol;
static const calendar *duty;

static int setup(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    policy_init(&pol);
    policy_use_zone(&pol, stockholm);
    duty = policy_calendar(&pol, pol.duty);
    return duty ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    policy_done(&pol);
    zone_free(stockholm);
    return 0;
}

static clock_times compute(enum clock_kind kind, upp_ms start)
{
    clock_times times = { 0 };
    assert_int_equal(
        clock_compute(&pol, duty, &(clock_input){ .kind = kind, .start = start }, &times), 0);
    return times;
}

/* The M table of section 10. `last` NULL: none. */
static void expect_moderation(const char *received, const char *due, const char *first,
                              const char *last, int64_t office_minutes, const char *attended)
{
    const clock_times t = compute(CLOCK_MODERATION, at(received));
    expect_at(t.due, due);
    assert_true(t.has_first_duty);
    expect_at(t.first_duty, first);
    assert_int_equal(t.has_last_duty, last != NULL);
    if (last)
        expect_at(t.last_duty, last);
    assert_int_equal(t.office_span, office_minutes * UPP_MINUTE);
    expect_at(t.attended_due, attended);
}

static void test_X8_R20_moderation_with_duty(void **state)
{
    (void)state;
    expect_moderation("2026-11-27T09:00:00+01:00", "2026-11-28T08:00:00Z",
                      "2026-11-27T09:00:00+01:00", "2026-11-27T16:30:00+01:00", 450,
                      "2026-11-28T08:00:00Z");
}

static void test_X9_R20_moderation_nobody_on_duty(void **state)
{
    (void)state;
    expect_moderation("2026-11-27T18:40:00+01:00", "2026-11-28T17:40:00Z",
                      "2026-11-30T08:00:00+01:00", NULL, 0, "2026-11-30T11:00:00Z");
    expect_at(compute(CLOCK_MODERATION, at("2026-11-27T18:40:00+01:00")).attended_due,
              "2026-11-30T12:00:00+01:00");
}

static void test_X10_E5_R20_moderation_across_the_end_of_dst(void **state)
{
    (void)state;
    expect_moderation("2026-10-24T22:00:00+02:00", "2026-10-25T20:00:00Z",
                      "2026-10-26T08:00:00+01:00", NULL, 0, "2026-10-26T11:00:00Z");
    expect_at(at("2026-10-25T21:00:00+01:00"), "2026-10-25T20:00:00Z"); /* an hour earlier */
}

static void test_X1_X4_E1_R14_R16_question_then_answer(void **state)
{
    (void)state;
    const clock_times q = compute(CLOCK_FIRST_RESPONSE, at("2026-11-27T18:40:00+01:00"));
    expect_at(q.due, "2026-11-30T15:00:00Z");
    assert_int_equal(q.attended_due, q.due);
    assert_int_equal(q.office_span, 480 * UPP_MINUTE);
    const clock_times a = compute(CLOCK_ANSWER, at("2026-11-27T18:40:00+01:00"));
    expect_at(a.due, "2026-12-04T15:30:00Z");
    assert_int_equal(a.last_duty, a.due);
}

/* The other targets of section 4. */
static void test_R13_R16_triage_diary_and_acute(void **state)
{
    (void)state;
    const upp_ms friday = at("2026-11-27T15:30:00+01:00");
    expect_at(compute(CLOCK_TRIAGE, friday).due, "2026-11-30T11:00:00+01:00");
    expect_at(compute(CLOCK_DIARY, friday).due, "2026-12-01T15:30:00+01:00");
    expect_at(compute(CLOCK_ACUTE, friday).due, "2026-11-27T16:30:00+01:00");
    clock_times own = { 0 };
    const clock_input in = { .kind = CLOCK_FIRST_RESPONSE,
                             .start = friday,
                             .target_span = 61 * UPP_MINUTE };
    assert_int_equal(clock_compute(&pol, duty, &in, &own), 0);
    expect_at(own.due, "2026-11-30T08:01:00+01:00");
}

/* T5: equality is met, one millisecond later is late. */
static void test_T5_met(void **state)
{
    (void)state;
    const upp_ms due = compute(CLOCK_FIRST_RESPONSE, at("2026-11-27T18:40:00+01:00")).due;
    assert_true(clock_met(due, due));
    assert_true(clock_met(due - 1, due));
    assert_false(clock_met(due + 1, due));
}

/* Section 3.4: only the answer clock heeds pauses; while one is open there is no due and no
 * step. */
static void test_R14_pauses(void **state)
{
    (void)state;
    const upp_ms start = at("2026-11-23T08:00:00+01:00");
    calendar_stretch pause[] = { { at("2026-11-24T10:00:00+01:00"),
                                   at("2026-11-26T09:00:00+01:00") },
                                 { at("2026-11-26T12:00:00+01:00"), CLOCK_OPEN } };
    clock_input in = { .kind = CLOCK_ANSWER, .start = start, .pauses = pause, .n_pauses = 1 };
    clock_times t = { 0 };
    assert_int_equal(clock_compute(&pol, duty, &in, &t), 0);
    /* 960 office minutes stood still: Tue 390, Wed 510, Thu 60. */
    expect_at(t.due, "2026-12-01T15:30:00+01:00");
    assert_int_equal(t.office_span, (2550 + 960) * UPP_MINUTE);
    in.n_pauses = 2;
    assert_int_equal(clock_compute(&pol, duty, &in, &t), 0);
    assert_true(t.paused);
    upp_ms untouched = 7;
    assert_int_equal(clock_counted(duty, &in, UPP_MINUTE, &untouched), CALENDAR_NONE);
    assert_int_equal(untouched, 7);
    const enum clock_kind never[] = { CLOCK_MODERATION, CLOCK_ACUTE, CLOCK_TRIAGE,
                                      CLOCK_FIRST_RESPONSE, CLOCK_DIARY };
    for (size_t i = 0; i < UPP_LEN(never); i++) {
        in.kind = never[i];
        assert_int_equal(clock_compute(&pol, duty, &in, &t), 0);
        assert_false(t.paused);
        assert_int_equal(t.due, compute(never[i], start).due);
    }
}

/* Section 3.1; E9: the earliest version's time is what counts. */
static void test_E9_R16_received(void **state)
{
    (void)state;
    const upp_ms seen = at("2026-11-27T18:40:00Z");
    const upp_ms before = seen - UPP_HOUR;
    const upp_ms after = seen + 1;
    assert_int_equal(clock_received(&before, seen), before);
    assert_int_equal(clock_received(&after, seen), seen);
    assert_int_equal(clock_received(&seen, seen), seen);
    assert_int_equal(clock_received(NULL, seen), seen);
    const upp_ms edited = clock_received(&after, seen + UPP_DAY); /* editing buys no time */
    assert_int_equal(clock_received(&before, edited), before);
    assert_false(clock_backfill(seen, seen));
    assert_true(clock_backfill(seen - 1, seen));
}

/* Section 3.2: more than 15 minutes, not 15 minutes. */
static void test_R13_late_discovery(void **state)
{
    (void)state;
    assert_false(clock_late_discovered(&pol, 0, 15 * UPP_MINUTE));
    assert_true(clock_late_discovered(&pol, 0, 15 * UPP_MINUTE + 1));
}

/* Section 8: each combination of what may have caused a miss. */
static void test_R20_causes(void **state)
{
    (void)state;
    const calendar *always = &(calendar){ .name = "jour",
                                          .zone = stockholm,
                                          .week = { { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } },
                                                    { 1, { { 0, 1440 } } } } };
    const upp_ms evening = at("2026-11-27T18:40:00+01:00");
    const upp_ms morning = at("2026-11-27T09:00:00+01:00");
    for (int bits = 0; bits < 32; bits++) {
        const bool attended = bits & 1;
        const bool gap = bits & 2;
        const bool down = bits & 4;
        const bool jour = bits & 8;
        const enum clock_kind kind = bits & 16 ? CLOCK_ACUTE : CLOCK_MODERATION;
        const clock_times t = compute(kind, attended ? morning : evening);
        const clock_facts facts = { .first_seen_at = t.start + (gap ? UPP_HOUR : UPP_MINUTE),
                                    .platform_unavailable = down,
                                    .jour = jour ? always : NULL };
        const bool somebody = attended || (kind == CLOCK_ACUTE && jour);
        const enum clock_cause wanted = !somebody ? CLOCK_NO_DUTY
                                        : gap     ? CLOCK_INGEST_GAP
                                        : down    ? CLOCK_PLATFORM_UNAVAILABLE
                                                  : CLOCK_STAFF;
        assert_int_equal(clock_cause_of(&pol, &t, &facts), wanted);
    }
    /* A question counts office time only, so nobody on duty is never its cause. */
    const clock_times q = compute(CLOCK_FIRST_RESPONSE, evening);
    const clock_facts facts = { .first_seen_at = evening };
    assert_int_equal(clock_cause_of(&pol, &q, &facts), CLOCK_STAFF);
}

/* E23 */
static void test_E23_latest_snooze(void **state)
{
    (void)state;
    upp_ms until = 0;
    const clock_times q = compute(CLOCK_FIRST_RESPONSE, at("2026-11-27T18:40:00+01:00"));
    assert_int_equal(clock_snooze_latest(&pol, duty, &q, q.start, &until), 0);
    expect_at(until, "2026-11-30T15:00:00+01:00");
    assert_int_equal(clock_snooze_latest(&pol, duty, &q, until - 1, &until), 0);
    assert_int_equal(clock_snooze_latest(&pol, duty, &q, until, &until), CALENDAR_NONE);
    const clock_times m = compute(CLOCK_MODERATION, at("2026-11-27T09:00:00+01:00"));
    assert_int_equal(clock_snooze_latest(&pol, duty, &m, m.start, &until), CALENDAR_NONE);
}

/* E24 */
static void test_E24_accept_a_hand_over(void **state)
{
    (void)state;
    upp_ms until = 0;
    const clock_times a = compute(CLOCK_ANSWER, at("2026-11-23T08:00:00+01:00"));
    expect_at(a.due, "2026-11-27T16:30:00+01:00");
    /* Plenty of time: 510 office minutes, a whole day: its closing. */
    assert_int_equal(clock_accept_due(&pol, duty, &a, a.start, &until), 0);
    expect_at(until, "2026-11-23T16:30:00+01:00");
    /* 120 office minutes left: half of them. */
    assert_int_equal(clock_accept_due(&pol, duty, &a, at("2026-11-27T14:30:00+01:00"), &until), 0);
    expect_at(until, "2026-11-27T15:30:00+01:00");
    /* Nothing left: at once. */
    assert_int_equal(clock_accept_due(&pol, duty, &a, a.due + UPP_DAY, &until), 0);
    assert_int_equal(until, a.due + UPP_DAY);
    /* M counts elapsed time. */
    const clock_times m = compute(CLOCK_MODERATION, at("2026-11-23T09:00:00+01:00"));
    assert_int_equal(clock_accept_due(&pol, duty, &m, at("2026-11-24T07:00:00+01:00"), &until), 0);
    expect_at(until, "2026-11-24T08:00:00+01:00");
}

/* T9, E31 */
static void test_T9_E31_due_revision(void **state)
{
    (void)state;
    const clock_times one = compute(CLOCK_FIRST_RESPONSE, at("2026-11-27T18:40:00+01:00"));
    const clock_times two = compute(CLOCK_FIRST_RESPONSE, at("2026-11-30T09:00:00+01:00"));
    clock_times paused = one;
    paused.paused = true;
    assert_int_equal(clock_due_rev(3, &one, &one), 3);
    assert_int_equal(clock_due_rev(3, &one, &two), 4);
    assert_int_equal(clock_due_rev(3, &one, &paused), 4);
    assert_int_equal(clock_due_rev(3, &paused, &one), 4);
    assert_int_equal(clock_due_rev(3, &paused, &paused), 3);
}

/* T10: > 60 s back or > 300 s forward. */
static void test_T10_clock_jumps(void **state)
{
    (void)state;
    const upp_ms now = at("2026-11-27T18:40:00Z");
    assert_false(clock_jumped(&pol, now, now));
    assert_false(clock_jumped(&pol, now, now - 60 * UPP_SECOND));
    assert_true(clock_jumped(&pol, now, now - 60 * UPP_SECOND - 1));
    assert_false(clock_jumped(&pol, now, now + 300 * UPP_SECOND));
    assert_true(clock_jumped(&pol, now, now + 300 * UPP_SECOND + 1));
    assert_int_equal(pol.jumps.hold_span, 5 * UPP_MINUTE);
}

/* P1-P3, E15: waits that are told in working days are office time of the account's calendar. */
static void test_P1_P2_P3_E15_R22_R23_working_days(void **state)
{
    (void)state;
    upp_ms due = 0;
    const upp_ms friday = at("2026-11-27T15:00:00+01:00");
    assert_int_equal(
        calendar_due(duty, friday, policy_working_days(&pol, pol.people.review_days), &due), 0);
    expect_at(due, "2026-12-01T15:00:00+01:00");
    assert_int_equal(
        calendar_due(duty, friday, policy_working_days(&pol, pol.people.second_person_days), &due),
        0);
    expect_at(due, "2026-12-04T15:00:00+01:00");
    assert_int_equal(calendar_due(duty, friday,
                                  policy_working_days(&pol, pol.clocks.outside_removal_days), &due),
                     0);
    expect_at(due, "2026-11-30T15:00:00+01:00");
}

/* Section 12: attended_due >= due; due never decreases in start; the rest as the walk by minutes
 * counts it. */
static void test_R20_moderation_equals_brute_force(void **state)
{
    (void)state;
    uint64_t seed = 24;
    brute *b = brute_new();
    brute_use(b, duty);
    for (int i = 0; i < 4000; i++) {
        const upp_ms start = at("2026-01-01T00:00:00Z") + fixture_below(&seed, 1030 * UPP_DAY);
        const clock_times t = compute(CLOCK_MODERATION, start);
        assert_int_equal(t.due, start + 86400000);
        const upp_ms office = brute_due(b, start, 240 * UPP_MINUTE);
        assert_int_equal(t.attended_due, office > t.due ? office : t.due);
        assert_int_equal(t.office_span, brute_office(b, start, t.due));
        assert_int_equal(t.first_duty, brute_first_duty(b, start));
        assert_int_equal(t.has_last_duty ? t.last_duty : -1, brute_last_duty(b, start, t.due));
    }
    brute_free(b);
}

/* T6: office time that never comes is said; a moderation clock has its due all the same. */
static void test_T6_calendar_without_a_future(void **state)
{
    (void)state;
    const calendar_override past[] = { { day_at("2020-01-07"), { 1, { { 480, 990 } } } } };
    const calendar dead = { .zone = stockholm, .overrides = past, .n_overrides = 1 };
    const upp_ms start = at("2026-11-27T18:40:00Z");
    clock_times t = { 0 };
    clock_input in = { .kind = CLOCK_FIRST_RESPONSE, .start = start };
    assert_int_equal(clock_compute(&pol, &dead, &in, &t), CALENDAR_NONE);
    in.kind = CLOCK_MODERATION;
    assert_int_equal(clock_compute(&pol, &dead, &in, &t), 0);
    assert_int_equal(t.due, start + UPP_DAY);
    assert_int_equal(t.attended_due, t.due);
    assert_false(t.has_first_duty);
    assert_false(t.has_last_duty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_X8_R20_moderation_with_duty),
        cmocka_unit_test(test_X9_R20_moderation_nobody_on_duty),
        cmocka_unit_test(test_X10_E5_R20_moderation_across_the_end_of_dst),
        cmocka_unit_test(test_X1_X4_E1_R14_R16_question_then_answer),
        cmocka_unit_test(test_R13_R16_triage_diary_and_acute),
        cmocka_unit_test(test_T5_met),
        cmocka_unit_test(test_R14_pauses),
        cmocka_unit_test(test_E9_R16_received),
        cmocka_unit_test(test_R13_late_discovery),
        cmocka_unit_test(test_R20_causes),
        cmocka_unit_test(test_E23_latest_snooze),
        cmocka_unit_test(test_E24_accept_a_hand_over),
        cmocka_unit_test(test_T9_E31_due_revision),
        cmocka_unit_test(test_T10_clock_jumps),
        cmocka_unit_test(test_P1_P2_P3_E15_R22_R23_working_days),
        cmocka_unit_test(test_R20_moderation_equals_brute_force),
        cmocka_unit_test(test_T6_calendar_without_a_future),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
