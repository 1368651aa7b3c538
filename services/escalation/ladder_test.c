/* ladder_test.c - steps, repetitions, acks, and what they come to as mails (sla.md 7; R16, R17,
 * R20). */
#include "clock_fixture.h"
#include "ladder.h"

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

typedef struct plan {
    clock_times times;
    ladder_step step[LADDER_STEPS_MAX];
    size_t n;
} plan;

static plan plan_of(const clock_input *in)
{
    plan p = { 0 };
    assert_int_equal(clock_compute(&pol, duty, in, &p.times), 0);
    assert_int_equal(ladder_plan(&pol, duty, in, &p.times, p.step, &p.n), 0);
    for (size_t i = 0; i < p.n; i++)
        assert_int_equal(p.step[i].number, i);
    return p;
}

static plan plan_for(enum clock_kind kind, const char *received)
{
    return plan_of(&(clock_input){ .kind = kind, .start = at(received) });
}

static upp_ms delivered(const ladder_step *step)
{
    delivery d = { 0 };
    assert_int_equal(ladder_delivery(&pol, duty, NULL, step, &d), 0);
    return d.at;
}

#define ADMINS  LADDER_TO(POLICY_ADMINISTRATORS)
#define MANAGER LADDER_TO(POLICY_MANAGER)
#define SECTOR  LADDER_TO(POLICY_SECTOR_HEAD)
#define COMMS   LADDER_TO(POLICY_COMMUNICATIONS)

static void test_R16_R17_steps_of_a_question(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_FIRST_RESPONSE, "2026-11-27T18:40:00+01:00");
    assert_int_equal(p.n, 5);
    expect_at(p.step[0].at, "2026-11-27T18:40:00+01:00");
    expect_at(p.step[1].at, "2026-11-30T12:00:00+01:00");
    expect_at(p.step[2].at, "2026-11-30T14:00:00+01:00");
    expect_at(p.step[3].at, "2026-11-30T16:00:00+01:00");
    expect_at(p.step[4].at, "2026-12-01T15:30:00+01:00");
    const unsigned to[] = { ADMINS, ADMINS, ADMINS | MANAGER, ADMINS | MANAGER | COMMS,
                            ADMINS | MANAGER | COMMS | SECTOR };
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(p.step[i].to, to[i]);
        assert_int_equal(p.step[i].breach, i == 3);
        assert_int_equal(p.step[i].digest, i == 0);
    }
    /* E1: no mail until Monday 08:00. */
    expect_at(delivered(&p.step[0]), "2026-11-30T08:00:00+01:00");
}

/* Section 3.4, 7: shares of the answer clock's own target, moved by its pauses; none while
 * paused. */
static void test_R14_R16_steps_of_the_answer_clock(void **state)
{
    (void)state;
    const calendar_stretch pause[] = { { at("2026-11-24T08:00:00+01:00"),
                                         at("2026-11-25T08:00:00+01:00") },
                                       { at("2026-11-30T08:00:00+01:00"), CLOCK_OPEN } };
    clock_input in = { .kind = CLOCK_ANSWER,
                       .start = at("2026-11-23T08:00:00+01:00"),
                       .pauses = pause,
                       .n_pauses = 1 };
    const plan p = plan_of(&in);
    expect_at(p.step[1].at, "2026-11-26T12:15:00+01:00"); /* 1275 min, a day later */
    expect_at(p.step[3].at, "2026-11-30T16:30:00+01:00");
    assert_int_equal(p.step[3].at, p.times.due);
    in.n_pauses = 2;
    assert_int_equal(plan_of(&in).n, 0);
}

/* X8: 450 office minutes until due: shares of them. */
static void test_X8_R20_steps_of_moderation(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_MODERATION, "2026-11-27T09:00:00+01:00");
    expect_at(p.step[0].at, "2026-11-27T09:00:00+01:00");
    expect_at(p.step[1].at, "2026-11-27T12:45:00+01:00");
    expect_at(p.step[2].at, "2026-11-27T14:37:30+01:00");
    expect_at(p.step[3].at, "2026-11-28T09:00:00+01:00");
    expect_at(p.step[3].notice_from, "2026-11-28T09:00:00+01:00");
    expect_at(delivered(&p.step[3]), "2026-11-30T08:00:00+01:00");
    expect_at(p.step[4].at, "2026-11-30T16:30:00+01:00");
    assert_true(p.step[3].breach);
    assert_false(p.step[2].breach || p.step[4].breach);
}

/* X9: none: 60 and 120 minutes after first duty; the breach is on time, its notice waits. */
static void test_X9_R20_steps_when_few_minutes_remain(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_MODERATION, "2026-11-27T18:40:00+01:00");
    expect_at(delivered(&p.step[0]), "2026-11-30T08:00:00+01:00");
    expect_at(p.step[1].at, "2026-11-30T09:00:00+01:00");
    expect_at(p.step[2].at, "2026-11-30T10:00:00+01:00");
    expect_at(p.step[3].at, "2026-11-28T18:40:00+01:00");
    expect_at(p.step[3].notice_from, "2026-11-30T12:00:00+01:00");
    expect_at(p.step[4].at, "2026-12-01T12:00:00+01:00");
    /* The edge: 59:59.999 is few, 60 minutes is not. */
    calendar_override half[] = { { day_at("2026-11-27"), { 1, { { 900, 960 } } } } };
    calendar cal = *duty;
    cal.overrides = half;
    cal.n_overrides = 1;
    for (upp_ms late = 0; late <= 1; late++) {
        const clock_input in = { .kind = CLOCK_MODERATION,
                                 .start = at("2026-11-27T15:00:00+01:00") + late };
        plan q = { 0 };
        assert_int_equal(clock_compute(&pol, &cal, &in, &q.times), 0);
        assert_int_equal(ladder_plan(&pol, &cal, &in, &q.times, q.step, &q.n), 0);
        if (late) /* 60 minutes of duty after first duty: one millisecond into Monday */
            assert_int_equal(q.step[1].at, at("2026-11-30T08:00:00+01:00") + 1);
        else
            expect_at(q.step[1].at, "2026-11-27T15:30:00+01:00");
    }
}

static void test_R20_steps_of_acute(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_ACUTE, "2026-11-27T15:30:00+01:00");
    expect_at(p.step[0].at, "2026-11-27T15:30:00+01:00");
    expect_at(p.step[1].at, "2026-11-27T15:50:00+01:00");
    expect_at(p.step[2].at, "2026-11-27T16:30:00+01:00");
    expect_at(p.step[3].at, "2026-11-27T17:30:00+01:00");
    expect_at(p.step[4].at, "2026-11-30T11:00:00+01:00");
    assert_true(p.step[2].breach); /* section 4: its breach falls on step 2 */
    assert_int_equal(p.step[2].at, p.times.due);
    assert_int_equal(p.step[0].to, ADMINS);
    assert_int_equal(p.step[2].to, ADMINS | MANAGER); /* the manager after 60 min */
    for (size_t i = 0; i < 5; i++)
        assert_true(p.step[i].acute && p.step[i].breach == (i == 2));
}

static void test_R13_R16_steps_of_triage_and_diary(void **state)
{
    (void)state;
    const plan t = plan_for(CLOCK_TRIAGE, "2026-11-27T09:00:00+01:00");
    assert_int_equal(t.n, 2);
    expect_at(t.step[1].at, "2026-11-27T13:00:00+01:00");
    assert_int_equal(t.step[1].to, ADMINS);
    const plan d = plan_for(CLOCK_DIARY, "2026-11-25T09:00:00+01:00");
    assert_int_equal(d.n, 2);
    expect_at(d.step[1].at, "2026-11-27T09:00:00+01:00");
    assert_int_equal(d.step[1].to, MANAGER);
}

/* Five working days at 08:00, then weekly; holidays are skipped. */
static void test_R16_repetitions(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_FIRST_RESPONSE, "2026-12-16T18:40:00+01:00");
    static const char *const wanted[] = {
        "2026-12-21T08:00:00+01:00", "2026-12-22T08:00:00+01:00", "2026-12-23T08:00:00+01:00",
        "2026-12-28T08:00:00+01:00", "2026-12-29T08:00:00+01:00", "2027-01-05T08:00:00+01:00",
        "2027-01-12T08:00:00+01:00", "2027-01-19T08:00:00+01:00"
    };
    expect_at(p.step[4].at, "2026-12-18T15:30:00+01:00");
    for (unsigned n = 1; n <= UPP_LEN(wanted); n++) {
        ladder_step r = { 0 };
        char name[LADDER_NAME_SIZE];
        assert_int_equal(ladder_repeat(&pol, duty, &p.step[4], n, &r), 0);
        expect_at(r.at, wanted[n - 1]);
        assert_int_equal(r.to, SECTOR); /* the last rung */
        ladder_name(r.number, name);
        assert_int_equal(name[0], 'r');
        assert_int_equal(name[1], '0' + (char)n);
    }
    char name[LADDER_NAME_SIZE];
    ladder_name(4, name);
    assert_string_equal(name, "4");
    const plan a = plan_for(CLOCK_ACUTE, "2026-11-27T15:30:00+01:00");
    ladder_step r = { 0 };
    assert_int_equal(ladder_repeat(&pol, duty, &a.step[4], 1, &r), 0);
    expect_at(r.at, "2026-11-30T15:00:00+01:00");
    assert_int_equal(ladder_repeat(&pol, duty, &a.step[4], 3, &r), 0);
    expect_at(r.at, "2026-12-01T14:30:00+01:00");
    assert_true(r.acute);
}

/* Section 7, 12: for every hour of a week (here every quarter of ten, with all kinds of holidays
 * and both changes of the clock) the administrators, then the manager, hear before the breach
 * notice. */
static void test_R16_R20_every_hour_of_a_week(void **state)
{
    (void)state;
    static const char *const weeks[] = { "2026-03-23", "2026-03-30", "2026-05-11", "2026-06-15",
                                         "2026-10-19", "2026-11-23", "2026-12-21", "2026-12-28",
                                         "2027-03-22", "2028-02-28" };
    for (size_t w = 0; w < UPP_LEN(weeks); w++)
        for (int quarter = 0; quarter < 7 * 96; quarter++) {
            const upp_ms start = day_at(weeks[w]) * UPP_DAY + quarter * 15 * UPP_MINUTE;
            const plan m = plan_of(&(clock_input){ .kind = CLOCK_MODERATION, .start = start });
            const plan q = plan_of(&(clock_input){ .kind = CLOCK_FIRST_RESPONSE, .start = start });
            const plan *both[] = { &m, &q };
            for (size_t i = 0; i < 2; i++) {
                const ladder_step *s = both[i]->step;
                assert_true(s[1].to & ADMINS && s[2].to & MANAGER && s[3].breach);
                assert_true(delivered(&s[1]) < delivered(&s[2]));
                assert_true(delivered(&s[2]) < delivered(&s[3]));
                assert_true(delivered(&s[3]) <= delivered(&s[4]));
                assert_true(s[3].notice_from >= s[3].at);
                assert_int_equal(s[3].at, both[i]->times.due);
                assert_int_equal(delivered(&s[1]), s[1].at); /* steps 1 and 2 fall in duty */
                assert_int_equal(delivered(&s[2]), s[2].at);
            }
        }
}

/* E32: after an outage only the highest step is sent. Exhaustive over what was sent before and what
 * has come. */
static void test_E32_collapse(void **state)
{
    (void)state;
    for (int sent = -1; sent < 5; sent++)
        for (unsigned come = 0; come < 32; come++) {
            ladder_turn turn[5];
            int top = sent;
            for (int i = 0; i < 5; i++) {
                turn[i] = (ladder_turn){ (unsigned)i, come & 1u << i ? 100 : 101, LADDER_WAITS };
                if (i == sent)
                    turn[i].fate = LADDER_SENT;
                else if (come & 1u << i && i > top)
                    top = i;
            }
            ladder_collapse(turn, 5, 100);
            for (int i = 0; i < 5; i++) {
                const bool has_come = come & 1u << i;
                const enum ladder_fate wanted = i == sent   ? LADDER_SENT
                                                : !has_come ? LADDER_WAITS
                                                : i == top  ? LADDER_SEND
                                                            : LADDER_SUPERSEDED;
                assert_int_equal(turn[i].fate, wanted);
            }
        }
}

/* X9 on Monday morning: the breach is past but its notice waits, so it supersedes nothing; steps
 * that become deliverable at one instant collapse; late discovery begins at first_seen_at. */
static void test_E32_X9_a_waiting_breach_supersedes_nothing(void **state)
{
    (void)state;
    const plan p = plan_for(CLOCK_MODERATION, "2026-11-27T18:40:00+01:00");
    ladder_turn turn[5];
    for (unsigned i = 0; i < 5; i++)
        turn[i] = (ladder_turn){ i, delivered(&p.step[i]), LADDER_WAITS };
    ladder_collapse(turn, 5, at("2026-11-30T08:00:00+01:00"));
    assert_int_equal(turn[0].fate, LADDER_SEND);
    turn[0].fate = LADDER_SENT;
    ladder_collapse(turn, 5, at("2026-11-30T09:00:00+01:00"));
    assert_int_equal(turn[1].fate, LADDER_SEND);
    assert_int_equal(turn[3].fate, LADDER_WAITS);
    /* Down, or not discovered, until Monday 12:00: the breach notice alone. */
    for (unsigned i = 0; i < 5; i++)
        turn[i].fate = LADDER_WAITS;
    ladder_collapse(turn, 5, at("2026-11-30T12:00:00+01:00"));
    assert_int_equal(turn[0].fate, LADDER_SUPERSEDED);
    assert_int_equal(turn[1].fate, LADDER_SUPERSEDED);
    assert_int_equal(turn[2].fate, LADDER_SUPERSEDED);
    assert_int_equal(turn[3].fate, LADDER_SEND);
    assert_int_equal(turn[4].fate, LADDER_WAITS);
}

/* An ack holds min(120 office minutes, until 60 before due), or nothing. */
static void test_R17_ack_holds(void **state)
{
    (void)state;
    static const struct {
        const char *now, *until; /* NULL: nothing */
    } cases[] = {
        { "2026-11-30T08:10:00+01:00", "2026-11-30T10:10:00+01:00" },
        { "2026-11-30T14:00:00+01:00", "2026-11-30T15:00:00+01:00" },
        { "2026-11-30T14:59:59.999+01:00", "2026-11-30T15:00:00+01:00" },
        { "2026-11-30T15:00:00+01:00", NULL },
        { "2026-11-30T15:30:00+01:00", NULL },
        { "2026-11-30T16:00:00+01:00", NULL },
        { "2026-12-02T10:00:00+01:00", NULL },
        { "2026-11-28T12:00:00+01:00", "2026-11-30T10:00:00+01:00" },
    };
    const plan p = plan_for(CLOCK_FIRST_RESPONSE, "2026-11-27T18:40:00+01:00");
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        upp_ms until = 0;
        const int rc = ladder_ack_hold(&pol, duty, &p.times, at(cases[i].now), &until);
        assert_int_equal(rc, cases[i].until ? 0 : CALENDAR_NONE);
        if (cases[i].until)
            expect_at(until, cases[i].until);
        assert_true(until < p.times.due); /* it never reaches the breach */
    }
    /* One ack silences the rungs it covers while it holds; the next rung still hears. */
    assert_int_equal(ladder_heard_by(&p.step[1], p.step[0].to, 100, 99), 0);
    assert_int_equal(ladder_heard_by(&p.step[2], p.step[1].to, 100, 99), MANAGER);
    assert_int_equal(ladder_heard_by(&p.step[2], p.step[1].to, 100, 100), ADMINS | MANAGER);
    /* A manager cannot ack a matter to death. */
    assert_int_equal(ladder_heard_by(&p.step[4], p.step[3].to, 100, 99), SECTOR);
}

static int by_time(const void *a, const void *b)
{
    const upp_ms x = *(const upp_ms *)a;
    const upp_ms y = *(const upp_ms *)b;
    return (x > y) - (x < y);
}

/* Section 7: a day with 2,000 comments gives nobody more than ten mails. Each comment's steps to an
 * administrator, through a week, with the default duty and with one that never closes. */
static void test_R17_two_thousand_comments_ten_mails(void **state)
{
    (void)state;
    uint64_t seed = 2000;
    calendar always = *duty;
    always.holidays = (calendar_holidays){ 0 };
    for (int i = 0; i < 7; i++)
        always.week[i] = (calendar_day){ 1, { { 0, 1440 } } };
    const calendar *calendars[] = { duty, &always };
    for (size_t c = 0; c < 2; c++) {
        static upp_ms ready[10000];
        size_t n = 0;
        for (int i = 0; i < 2000; i++) {
            plan p = { 0 };
            const clock_input in = { .kind = i % 3 ? CLOCK_MODERATION : CLOCK_FIRST_RESPONSE,
                                     .start = at("2026-11-25T00:00:00+01:00") +
                                              fixture_below(&seed, UPP_DAY) };
            assert_int_equal(clock_compute(&pol, calendars[c], &in, &p.times), 0);
            assert_int_equal(ladder_plan(&pol, calendars[c], &in, &p.times, p.step, &p.n), 0);
            for (size_t s = 0; s < p.n; s++) {
                delivery d = { 0 };
                assert_int_equal(ladder_delivery(&pol, calendars[c], NULL, &p.step[s], &d), 0);
                ready[n++] = d.at;
            }
        }
        qsort(ready, n, sizeof *ready, by_time);
        unsigned mails = 0;
        unsigned most = 0;
        unsigned all = 0;
        civil_day today = 0;
        for (size_t i = 0; i < n;) {
            upp_ms leaves = 0;
            if (zone_day(stockholm, ready[i]) != today) {
                today = zone_day(stockholm, ready[i]);
                mails = 0;
            }
            assert_int_equal(delivery_mail(&pol, calendars[c], ready[i], mails, &leaves), 0);
            assert_true(leaves >= ready[i]);
            while (i < n && ready[i] <= leaves)
                i++;
            if (zone_day(stockholm, leaves) != today) {
                today = zone_day(stockholm, leaves);
                mails = 0;
            }
            mails++;
            all++;
            most = mails > most ? mails : most;
        }
        assert_true(most <= 10);
        assert_true(all > 5); /* and they did get some */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R16_R17_steps_of_a_question),
        cmocka_unit_test(test_R14_R16_steps_of_the_answer_clock),
        cmocka_unit_test(test_X8_R20_steps_of_moderation),
        cmocka_unit_test(test_X9_R20_steps_when_few_minutes_remain),
        cmocka_unit_test(test_R20_steps_of_acute),
        cmocka_unit_test(test_R13_R16_steps_of_triage_and_diary),
        cmocka_unit_test(test_R16_repetitions),
        cmocka_unit_test(test_R16_R20_every_hour_of_a_week),
        cmocka_unit_test(test_E32_collapse),
        cmocka_unit_test(test_E32_X9_a_waiting_breach_supersedes_nothing),
        cmocka_unit_test(test_R17_ack_holds),
        cmocka_unit_test(test_R17_two_thousand_comments_ten_mails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
