/* week_test.c - for every hour of a week: the administrators, and then the manager, hear before
 * anybody hears of a breach (R16, R20; sla.md §7). The rules alone, on the pure ladder; the service
 * at some of the hours is in notice_test.c. */
#include "clock_fixture.h"
#include "ladder.h"

static zone *stockholm;
static policy pol;
static const calendar *duty;

static int begin(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    policy_init(&pol);
    policy_use_zone(&pol, stockholm);
    duty = policy_calendar(&pol, pol.duty);
    return duty ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    zone_free(stockholm);
    policy_done(&pol);
    return 0;
}

/* When each rung hears first, as a mail that is delivered in duty; INT64_MAX: never. */
typedef struct heard {
    upp_ms administrators, manager, breach;
} heard;

static heard hears(enum clock_kind kind, upp_ms start)
{
    clock_input in = { .kind = kind, .start = start };
    clock_times times;
    ladder_step steps[LADDER_STEPS_MAX];
    size_t n = 0;
    heard h = { INT64_MAX, INT64_MAX, INT64_MAX };
    assert_int_equal(clock_compute(&pol, duty, &in, &times), 0);
    assert_int_equal(ladder_plan(&pol, duty, &in, &times, steps, &n), 0);
    for (size_t i = n; i-- > 0;) {
        delivery d;
        assert_int_equal(ladder_delivery(&pol, duty, NULL, &steps[i], &d), 0);
        if (steps[i].breach)
            h.breach = d.at;
        else if (steps[i].to & LADDER_TO(POLICY_MANAGER))
            h.manager = d.at;
        if (!steps[i].breach && d.at < h.administrators)
            h.administrators = d.at;
    }
    return h;
}

/* Each minute of a plain week, of Easter with its change of clock, of Christmas, of the
 * autumn's. */
static void r20_r16_before_the_breach(void **state)
{
    static const char *const weeks[] = { "2026-11-23T00:00:00+01:00", "2027-03-22T00:00:00+01:00",
                                         "2026-12-21T00:00:00+01:00", "2026-10-19T00:00:00+02:00" };
    static const enum clock_kind kinds[] = { CLOCK_MODERATION, CLOCK_FIRST_RESPONSE, CLOCK_ANSWER };
    size_t checked = 0;
    (void)state;
    for (size_t w = 0; w < UPP_LEN(weeks); w++)
        for (upp_ms t = 0; t < 7 * UPP_DAY; t += 7 * UPP_MINUTE)
            for (size_t k = 0; k < UPP_LEN(kinds); k++, checked++) {
                const heard h = hears(kinds[k], at(weeks[w]) + t);
                if (!(h.administrators < h.manager && h.manager < h.breach))
                    fail_msg("kind %d, %s and %lld min: %lld, %lld, %lld", (int)kinds[k], weeks[w],
                             (long long)(t / UPP_MINUTE), (long long)h.administrators,
                             (long long)h.manager, (long long)h.breach);
            }
    assert_int_equal(checked, 4 * 1440 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r20_r16_before_the_breach) };
    return cmocka_run_group_tests(tests, begin, end);
}
