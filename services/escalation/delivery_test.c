/* delivery_test.c - when a notice may reach a person (sla.md 3.3, 7; R17, R20). */
#include "clock_fixture.h"
#include "delivery.h"

static zone *stockholm;
static policy pol;
static const calendar *duty;
static calendar jour; /* Saturdays and Sundays 09:00-21:00 */

static int setup(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    policy_init(&pol);
    policy_use_zone(&pol, stockholm);
    duty = policy_calendar(&pol, pol.duty);
    jour = (calendar){ .name = "jour", .zone = stockholm };
    jour.week[5] = (calendar_day){ 1, { { 540, 1260 } } };
    jour.week[6] = jour.week[5];
    return duty && !calendar_flaw(&jour) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    policy_done(&pol);
    zone_free(stockholm);
    return 0;
}

/* Section 7: a step exactly at the end of a window is delivered there (X4's breach), E2 aside. */
static void test_X4_R17_delivery_waits_for_duty(void **state)
{
    (void)state;
    upp_ms found = 0;
    static const char *const cases[][2] = {
        { "2026-12-04T16:30:00+01:00", "2026-12-04T16:30:00+01:00" },
        { "2026-12-04T16:30:00.001+01:00", "2026-12-07T08:00:00+01:00" },
        { "2026-12-04T08:00:00+01:00", "2026-12-04T08:00:00+01:00" },
        { "2026-12-04T07:59:59.999+01:00", "2026-12-04T08:00:00+01:00" },
        { "2026-12-04T12:00:00+01:00", "2026-12-04T12:00:00+01:00" },
        { "2026-12-24T12:00:00+01:00", "2026-12-28T08:00:00+01:00" },
    };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        assert_int_equal(delivery_at(duty, at(cases[i][0]), &found), 0);
        expect_at(found, cases[i][1]);
    }
}

/* Section 3.3: at once in duty; outside it to jour; else held, and nobody is mailed at 03:00. */
static void test_R20_delivery_of_acute(void **state)
{
    (void)state;
    static const struct {
        const char *step, *wanted;
        bool with_jour, to_jour, held;
    } cases[] = {
        { "2026-11-27T10:00:00+01:00", "2026-11-27T10:00:00+01:00", true, false, false },
        { "2026-11-28T10:00:00+01:00", "2026-11-28T10:00:00+01:00", true, true, false },
        { "2026-11-28T10:00:00+01:00", "2026-11-30T08:00:00+01:00", false, false, true },
        { "2026-11-28T03:00:00+01:00", "2026-11-28T09:00:00+01:00", true, true, true },
        { "2026-11-25T03:00:00+01:00", "2026-11-25T08:00:00+01:00", true, false, true },
        { "2026-11-25T03:00:00+01:00", "2026-11-25T08:00:00+01:00", false, false, true },
    };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        delivery d = { 0 };
        const calendar *on_call = cases[i].with_jour ? &jour : NULL;
        assert_int_equal(delivery_acute(duty, on_call, at(cases[i].step), &d), 0);
        expect_at(d.at, cases[i].wanted);
        assert_int_equal(d.to_jour, cases[i].to_jour);
        assert_int_equal(d.held, cases[i].held);
    }
}

/* Section 4: 08:00 and 13:00, in duty. */
static void test_R17_digests(void **state)
{
    (void)state;
    upp_ms found = 0;
    calendar cal = *duty;
    calendar_override odd[] = { { day_at("2026-11-26"), { 1, { { 480, 720 } } } },
                                { day_at("2026-11-27"), { 1, { { 540, 990 } } } } };
    cal.overrides = odd;
    cal.n_overrides = 2;
    static const char *const cases[][2] = {
        { "2026-11-25T08:00:00+01:00", "2026-11-25T08:00:00+01:00" },
        { "2026-11-25T08:00:00.001+01:00", "2026-11-25T13:00:00+01:00" },
        { "2026-11-25T13:00:00.001+01:00", "2026-11-26T08:00:00+01:00" },
        { "2026-11-26T09:00:00+01:00", "2026-11-27T09:00:00+01:00" }, /* half day, late opening */
        { "2026-11-27T14:00:00+01:00", "2026-11-30T08:00:00+01:00" },
    };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        assert_int_equal(delivery_digest(&pol, &cal, at(cases[i][0]), &found), 0);
        expect_at(found, cases[i][1]);
    }
}

/* Section 7: what comes within 15 minutes is one mail. */
static void test_R17_one_mail_not_many(void **state)
{
    (void)state;
    static const struct {
        const char *first;
        unsigned n_today;
        const char *wanted;
    } cases[] = {
        { "2026-11-27T10:00:00+01:00", 0, "2026-11-27T10:15:00+01:00" },
        { "2026-11-27T12:50:00+01:00", 0, "2026-11-27T13:00:00+01:00" }, /* goes with the digest */
        { "2026-11-27T08:00:00+01:00", 0, "2026-11-27T08:00:00+01:00" },
        { "2026-11-27T16:25:00+01:00", 0, "2026-11-27T16:30:00+01:00" }, /* not after duty */
        { "2026-11-27T16:30:00+01:00", 0, "2026-11-27T16:30:00+01:00" },
        { "2026-11-27T10:00:00+01:00", 3, "2026-11-27T10:15:00+01:00" },
        { "2026-11-27T10:00:00+01:00", 4, "2026-11-27T10:30:00+01:00" },
        { "2026-11-27T10:00:00+01:00", 5, "2026-11-27T11:00:00+01:00" },
        { "2026-11-27T10:00:00+01:00", 10, "2026-11-30T08:00:00+01:00" },
    };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        upp_ms found = 0;
        assert_int_equal(delivery_mail(&pol, duty, at(cases[i].first), cases[i].n_today, &found),
                         0);
        expect_at(found, cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_X4_R17_delivery_waits_for_duty),
        cmocka_unit_test(test_R20_delivery_of_acute),
        cmocka_unit_test(test_R17_digests),
        cmocka_unit_test(test_R17_one_mail_not_many),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
