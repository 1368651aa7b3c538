/* absence_test.c - absences as intervals, and the chain of organisation (V2, V5, V7; R15). */
#include "clock_fixture.h"
#include "resolve.h"

static zone *stockholm;
static policy pol;

static int setup(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    policy_init(&pol);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    policy_done(&pol);
    zone_free(stockholm);
    return 0;
}

static void test_V5_chain_of_organisation(void **state)
{
    (void)state;
    resolve_person chain[9];
    for (size_t i = 0; i < 9; i++)
        chain[i] = (resolve_person){ .manager = i ? i - 1 : RESOLVE_NOBODY };
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(resolve_chain_valid(&pol, chain, 9, i), i <= 6);
    chain[0].manager = 2;
    for (size_t i = 0; i < 9; i++)
        assert_false(resolve_chain_valid(&pol, chain, 9, i));
    chain[0].manager = 0;
    assert_false(resolve_chain_valid(&pol, chain, 9, 0));
}

/* V7: "sick today", entered at ten, re-fires once what was sent at eight. */
static void test_V7_absence_entered_afterwards(void **state)
{
    (void)state;
    const calendar_stretch s =
        resolve_dates_away(stockholm, day_at("2026-11-24"), day_at("2026-11-24"));
    const resolve_absence sick = { s.from, s.to, NULL, 0 };
    const upp_ms sent = at("2026-11-24T08:00:00+01:00");
    const upp_ms now = at("2026-11-24T10:00:00+01:00");
    assert_true(resolve_refires(&sick, sent, now, 0));
    assert_false(resolve_refires(&sick, sent, now, 1));
    assert_false(resolve_refires(&sick, now + 1, now, 0));
    assert_false(resolve_refires(&sick, sent, now + UPP_DAY, 0));               /* no longer away */
    assert_false(resolve_refires(&sick, sent - 2 * UPP_DAY, now - UPP_DAY, 0)); /* not yet */
}

/* V2: an absence of dates over the change of the clock is as long as the days were. */
static void test_V2_dates_away(void **state)
{
    (void)state;
    const calendar_stretch s =
        resolve_dates_away(stockholm, day_at("2026-10-25"), day_at("2026-10-25"));
    expect_at(s.from, "2026-10-25T00:00:00+02:00");
    expect_at(s.to, "2026-10-26T00:00:00+01:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_V5_chain_of_organisation),
        cmocka_unit_test(test_V7_absence_entered_afterwards),
        cmocka_unit_test(test_V2_dates_away),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
