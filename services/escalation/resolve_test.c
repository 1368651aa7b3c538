/* resolve_test.c - who receives (V1-V8, E26; R05, R15, R16). */
#include "clock_fixture.h"
#include "resolve.h"

/* The people of the tests; an index each. */
enum { ANNA, BO, CAJ, DAN, EVA, FIA, CHEF, CHEFSCHEF, SECTOR, COMMS, OPS, JOURA, BOX, N_PEOPLE };

static zone *stockholm;
static policy pol;
static calendar jour;
static calendar fridays_off;

/* One account and everybody around it, made anew for each test. */
static resolve_person people[N_PEOPLE];
static resolve_question question;

static const size_t admins[] = { ANNA, BO };
static const size_t manager[] = { CHEF };
static const size_t sector[] = { SECTOR };
static const size_t comms[] = { COMMS };
static const size_t ops[] = { OPS };
static const size_t on_call[] = { JOURA };
static const size_t boxes[] = { BOX };

static int setup_all(void **state)
{
    (void)state;
    stockholm = fixture_zone("Europe/Stockholm");
    policy_init(&pol);
    policy_use_zone(&pol, stockholm);
    jour = (calendar){ .name = "jour", .zone = stockholm };
    jour.week[5] = (calendar_day){ 1, { { 540, 1260 } } };
    jour.week[6] = jour.week[5];
    fridays_off = *policy_calendar(&pol, "duty");
    fridays_off.week[4] = (calendar_day){ 0 };
    return 0;
}

static int teardown_all(void **state)
{
    (void)state;
    policy_done(&pol);
    zone_free(stockholm);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PEOPLE; i++)
        people[i] =
            (resolve_person){ .active = true, .reachable = true, .manager = RESOLVE_NOBODY };
    people[ANNA].manager = people[BO].manager = CHEF;
    people[CHEF].manager = CHEFSCHEF;
    people[CHEFSCHEF].manager = SECTOR;
    people[COMMS].function_address = people[OPS].function_address = true;
    people[BOX].function_address = true;
    question = (resolve_question){
        .pol = &pol,
        .duty = policy_calendar(&pol, "duty"),
        .jour = &jour,
        .persons = people,
        .n_persons = N_PEOPLE,
        .rung = { { admins, 2 }, { manager, 1 }, { sector, 1 }, { comms, 1 }, { ops, 1 } },
        .on_call = { on_call, 1 },
        .function_addresses = { boxes, 1 }
    };
    return 0;
}

static ladder_step step_to(unsigned to, const char *when)
{
    return (ladder_step){ .number = 1, .at = at(when), .notice_from = at(when), .to = to };
}

#define TO_ADMINS  LADDER_TO(POLICY_ADMINISTRATORS)
#define TO_MANAGER LADDER_TO(POLICY_MANAGER)
#define TO_SECTOR  LADDER_TO(POLICY_SECTOR_HEAD)
#define TO_COMMS   LADDER_TO(POLICY_COMMUNICATIONS)
#define TUESDAY    "2026-11-24T10:00:00+01:00"

/* Resolves and compares the recipients with a list that ends with N_PEOPLE. The caller ends it. */
static resolve_answer expect(const ladder_step *step, const size_t *wanted)
{
    resolve_answer a = { 0 };
    assert_int_equal(resolve_step(&question, step, &a), 0);
    size_t n = 0;
    for (; wanted[n] != N_PEOPLE; n++) {
        assert_true(n < a.n_recipients);
        assert_int_equal(a.recipients[n].person, wanted[n]);
    }
    assert_int_equal(a.n_recipients, n);
    return a;
}

#define EXPECT(step, ...) expect(&(step), (const size_t[]){ __VA_ARGS__, N_PEOPLE })

/* The same, when there is no more to look at. */
static void only(const ladder_step *step, const size_t *wanted)
{
    resolve_answer a = expect(step, wanted);
    resolve_done(&a);
}

#define ONLY(step, ...) only(&(step), (const size_t[]){ __VA_ARGS__, N_PEOPLE })

static bool said(const resolve_answer *a, enum policy_rung rung, enum resolve_why why,
                 size_t person)
{
    for (size_t i = 0; i < a->n_reasons; i++)
        if (a->reasons[i].rung == rung && a->reasons[i].why == why &&
            a->reasons[i].person == person)
            return true;
    return false;
}

static resolve_absence week_away(const size_t *substitutes, size_t n)
{
    const calendar_stretch s =
        resolve_dates_away(stockholm, day_at("2026-11-23"), day_at("2026-11-30"));
    return (resolve_absence){ s.from, s.to, substitutes, n };
}

/* V1: rungs in order, each added to those below it; nobody hears as substitute while the one they
 * replace is there. */
static void test_V1_R16_rungs_in_order(void **state)
{
    (void)state;
    people[ANNA].substitutes = (const size_t[]){ CAJ };
    people[ANNA].n_substitutes = 1;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    const ladder_step two = step_to(TO_ADMINS | TO_MANAGER, TUESDAY);
    const ladder_step three = step_to(TO_ADMINS | TO_MANAGER | TO_COMMS, TUESDAY);
    const ladder_step four = step_to(TO_ADMINS | TO_MANAGER | TO_COMMS | TO_SECTOR, TUESDAY);
    const ladder_step last = step_to(TO_SECTOR, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, ANNA, BO);
    ONLY(two, ANNA, BO, CHEF);
    ONLY(three, ANNA, BO, CHEF, COMMS);
    ONLY(four, ANNA, BO, CHEF, SECTOR, COMMS);
    ONLY(last, SECTOR);
    assert_int_equal(a.n_reasons, 0);
    assert_int_equal(a.recipients[0].deliver_at, at(TUESDAY));
    assert_int_equal(a.recipients[0].stands_in_for, RESOLVE_NOBODY);
}

/* V1, R15: a substitute stands in on the rung of the one who is away. */
static void test_V1_R15_substitute_stands_in(void **state)
{
    (void)state;
    const resolve_absence away = week_away((const size_t[]){ CAJ, DAN }, 2);
    people[ANNA].absences = &away;
    people[ANNA].n_absences = 1;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, CAJ, BO);
    assert_int_equal(a.recipients[0].stands_in_for, ANNA);
    assert_int_equal(a.recipients[0].rung, POLICY_ADMINISTRATORS);
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_AWAY, ANNA));
    expect_at(a.reasons[0].until, "2026-12-01T00:00:00+01:00");
    people[CAJ].active = false; /* the next in rank */
    ONLY(one, DAN, BO);
    people[DAN].reachable = false;
    UPP_AUTO(resolve_done) resolve_answer c = EXPECT(one, BO);
    assert_true(said(&c, POLICY_ADMINISTRATORS, RESOLVE_INACTIVE, CAJ));
    assert_true(said(&c, POLICY_ADMINISTRATORS, RESOLVE_UNREACHED, DAN));
}

/* V2: absences end at local midnight, dates included; a night or a weekend makes no rung empty. */
static void test_V2_presence_at_delivery(void **state)
{
    (void)state;
    const resolve_absence away = week_away(NULL, 0);
    people[ANNA].absences = &away;
    people[ANNA].n_absences = 1;
    static const struct {
        const char *when;
        bool anna;
        const char *deliver;
    } cases[] = {
        { "2026-11-20T16:30:00+01:00", true, "2026-11-20T16:30:00+01:00" }, /* at closing */
        { "2026-11-20T16:30:01+01:00", false, "2026-11-23T08:00:00+01:00" },
        { "2026-11-22T23:59:59+01:00", false, "2026-11-23T08:00:00+01:00" },
        { "2026-11-30T16:30:00+01:00", false, "2026-11-30T16:30:00+01:00" },
        { "2026-11-30T17:00:00+01:00", true, "2026-12-01T08:00:00+01:00" }, /* sent when back */
        { "2026-12-05T03:00:00+01:00", true, "2026-12-07T08:00:00+01:00" },
    };
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        const ladder_step one = step_to(TO_ADMINS, cases[i].when);
        UPP_AUTO(resolve_done) resolve_answer a = { 0 };
        assert_int_equal(resolve_step(&question, &one, &a), 0);
        assert_int_equal(a.n_recipients, cases[i].anna ? 2 : 1);
        assert_int_equal(a.recipients[0].person, cases[i].anna ? ANNA : BO);
        expect_at(a.recipients[0].deliver_at, cases[i].deliver);
        expect_at(a.at, cases[i].deliver);
    }
}

/* V2: own duty counts when it reaches the same local date. */
static void test_V2_own_duty(void **state)
{
    (void)state;
    calendar late = *question.duty;
    for (int i = 0; i < 5; i++)
        late.week[i] = (calendar_day){ 1, { { 720, 1080 } } };
    people[ANNA].own = &fridays_off;
    people[BO].own = &late;
    const ladder_step friday = step_to(TO_ADMINS, "2026-11-27T09:00:00+01:00");
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(friday, BO);
    expect_at(a.recipients[0].deliver_at, "2026-11-27T12:00:00+01:00"); /* in their own duty */
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_OFF_DUTY, ANNA));
    const ladder_step monday = step_to(TO_ADMINS, "2026-11-30T09:00:00+01:00");
    ONLY(monday, ANNA, BO);
    /* X9: M step 3 is resolved when its notice goes, at attended_due, not on the Saturday. */
    ladder_step breach = step_to(TO_ADMINS, "2026-11-28T18:40:00+01:00");
    breach.notice_from = at("2026-11-30T12:00:00+01:00");
    const resolve_absence that_day = { at("2026-11-30T00:00:00+01:00"),
                                       at("2026-12-01T00:00:00+01:00"), NULL, 0 };
    people[ANNA].absences = &that_day;
    people[ANNA].n_absences = 1;
    UPP_AUTO(resolve_done) resolve_answer c = EXPECT(breach, BO);
    expect_at(c.at, "2026-11-30T12:00:00+01:00");
}

/* Section 3.3: akut in duty to those there; outside it to jour and the function address only; held
 * until duty where nobody is on call. */
static void test_V2_R20_acute(void **state)
{
    (void)state;
    ladder_step now = step_to(TO_ADMINS, TUESDAY);
    now.acute = true;
    people[BO].own = &fridays_off;
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(now, ANNA, BO);
    assert_false(a.to_jour);
    now.notice_from = at("2026-11-27T10:00:00+01:00");
    ONLY(now, ANNA);
    now.notice_from = at("2026-11-28T10:00:00+01:00");
    UPP_AUTO(resolve_done) resolve_answer c = EXPECT(now, JOURA, BOX);
    assert_true(c.to_jour);
    assert_int_equal(c.at, now.notice_from);
    question.jour = NULL;
    UPP_AUTO(resolve_done) resolve_answer d = EXPECT(now, ANNA, BO);
    assert_false(d.to_jour);
    expect_at(d.at, "2026-11-30T08:00:00+01:00");
    /* Those on call are away, and there is no function address: held, never silent. */
    question.jour = &jour;
    question.function_addresses.n = 0;
    const resolve_absence away = week_away(NULL, 0);
    people[JOURA].absences = &away;
    people[JOURA].n_absences = 1;
    UPP_AUTO(resolve_done) resolve_answer e = EXPECT(now, ANNA, BO);
    expect_at(e.at, "2026-11-30T08:00:00+01:00");
    assert_true(said(&e, POLICY_ADMINISTRATORS, RESOLVE_AWAY, JOURA));
}

/* V3: A -> B -> C: C gets both (zammad #3694). */
static void test_V3_R15_transitive(void **state)
{
    (void)state;
    const resolve_absence anna = week_away((const size_t[]){ BO }, 1);
    const resolve_absence bo = week_away((const size_t[]){ CAJ }, 1);
    people[ANNA].absences = &anna;
    people[BO].absences = &bo;
    people[ANNA].n_absences = people[BO].n_absences = 1;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, CAJ); /* once, for both */
    assert_int_equal(a.recipients[0].stands_in_for, ANNA);
}

/* V3: a loop ends its branch and is said; two ways to one person are no loop. */
static void test_V3_loop_guard(void **state)
{
    (void)state;
    const resolve_absence anna = week_away((const size_t[]){ CAJ, DAN }, 2);
    const resolve_absence caj = week_away((const size_t[]){ ANNA }, 1);
    const resolve_absence dan = week_away((const size_t[]){ EVA }, 1);
    people[ANNA].absences = &anna;
    people[CAJ].absences = &caj;
    people[DAN].absences = &dan;
    people[ANNA].n_absences = people[CAJ].n_absences = people[DAN].n_absences = 1;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, EVA, BO);
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_LOOP, ANNA));
    /* A diamond: both name FIA, who is away too. */
    const resolve_absence caj_fia = week_away((const size_t[]){ FIA }, 1);
    const resolve_absence fia = week_away(NULL, 0);
    people[CAJ].absences = people[DAN].absences = &caj_fia;
    people[FIA].absences = &fia;
    people[FIA].n_absences = 1;
    UPP_AUTO(resolve_done) resolve_answer b = EXPECT(one, BO);
    for (size_t i = 0; i < b.n_reasons; i++)
        assert_int_not_equal(b.reasons[i].why, RESOLVE_LOOP);
}

/* V3: depth 8 is followed, 9 is not. Every graph of who names whom ends, whatever it looks like. */
static void test_V3_depth_and_any_graph(void **state)
{
    (void)state;
    enum { LONG = 12 };
    resolve_person chain[LONG];
    size_t next[LONG];
    const size_t first[] = { 0 };
    for (size_t length = 1; length < LONG; length++) {
        for (size_t i = 0; i < LONG; i++) {
            next[i] = i + 1;
            chain[i] = (resolve_person){ .active = i >= length,
                                         .reachable = true,
                                         .substitutes = &next[i],
                                         .n_substitutes = i + 1 < LONG,
                                         .manager = RESOLVE_NOBODY };
        }
        resolve_question q = question;
        q.persons = chain;
        q.n_persons = LONG;
        memset(q.rung, 0, sizeof q.rung);
        q.rung[POLICY_ADMINISTRATORS] = (resolve_rung){ first, 1 };
        const ladder_step one = step_to(TO_ADMINS, TUESDAY);
        UPP_AUTO(resolve_done) resolve_answer a = { 0 };
        assert_int_equal(resolve_step(&q, &one, &a), 0);
        assert_int_equal(a.n_recipients, length <= 8);
        assert_int_equal(said(&a, POLICY_ADMINISTRATORS, RESOLVE_TOO_DEEP, 8), length > 8);
    }
    uint64_t seed = 3;
    for (int round = 0; round < 5000; round++) {
        size_t names[N_PEOPLE][3];
        for (size_t i = 0; i < N_PEOPLE; i++) {
            for (size_t j = 0; j < 3; j++)
                names[i][j] = (size_t)fixture_below(&seed, N_PEOPLE);
            people[i].active = fixture_below(&seed, 3) == 0;
            people[i].substitutes = names[i];
            people[i].n_substitutes = 3;
            people[i].manager = (size_t)fixture_below(&seed, N_PEOPLE);
        }
        const ladder_step all = step_to(31, TUESDAY);
        UPP_AUTO(resolve_done) resolve_answer a = { 0 };
        assert_int_equal(resolve_step(&question, &all, &a), 0);
        for (size_t i = 0; i < a.n_recipients; i++) { /* V5: once each, and only who is there */
            assert_true(people[a.recipients[i].person].active);
            for (size_t j = 0; j < i; j++)
                assert_int_not_equal(a.recipients[i].person, a.recipients[j].person);
        }
        for (size_t i = 0; i < N_PEOPLE; i++) /* nobody of an asked rung is forgotten in silence */
            if ((i == ANNA || i == BO) && !people[i].active)
                assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_INACTIVE, i));
    }
}

/* V4: an empty rung passes on at once, with the reason. */
static void test_V4_R16_empty_rung_passes_on(void **state)
{
    (void)state;
    const resolve_absence away = week_away(NULL, 0);
    people[ANNA].absences = people[BO].absences = &away;
    people[ANNA].n_absences = people[BO].n_absences = 1;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, CHEF);
    assert_int_equal(a.recipients[0].rung, POLICY_MANAGER);
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_AWAY, ANNA));
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_AWAY, BO));
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_EMPTY, RESOLVE_NOBODY));
    people[CHEF].active = people[SECTOR].active = false;
    ONLY(one, COMMS);
    people[COMMS].reachable = false;
    ONLY(one, OPS);
    people[OPS].reachable = false; /* nobody at all is an answer that says so */
    UPP_AUTO(resolve_done) resolve_answer d = { 0 };
    assert_int_equal(resolve_step(&question, &one, &d), 0);
    assert_int_equal(d.n_recipients, 0);
    assert_true(said(&d, POLICY_OPERATIONS, RESOLVE_EMPTY, RESOLVE_NOBODY));
}

/* E26: no administrator left: the manager at once, and a finding. */
static void test_E26_R05_no_administrator_left(void **state)
{
    (void)state;
    question.rung[POLICY_ADMINISTRATORS].n = 0;
    const ladder_step one = step_to(TO_ADMINS, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer a = EXPECT(one, CHEF);
    assert_true(said(&a, POLICY_ADMINISTRATORS, RESOLVE_UNFILLED, RESOLVE_NOBODY));
    assert_int_equal(resolve_access(&question), 0);
}

/* V5: manager = administrator: their manager; no sector head: communications, operations. */
static void test_V5_R16_same_person_and_missing_top(void **state)
{
    (void)state;
    const size_t with_chef[] = { ANNA, CHEF };
    question.rung[POLICY_ADMINISTRATORS] = (resolve_rung){ with_chef, 2 };
    const ladder_step two = step_to(TO_ADMINS | TO_MANAGER, TUESDAY);
    ONLY(two, ANNA, CHEF, CHEFSCHEF);
    question.rung[POLICY_SECTOR_HEAD].n = 0;
    const ladder_step top = step_to(TO_SECTOR, TUESDAY);
    UPP_AUTO(resolve_done) resolve_answer b = EXPECT(top, COMMS, OPS);
    assert_true(said(&b, POLICY_SECTOR_HEAD, RESOLVE_UNFILLED, RESOLVE_NOBODY));
    /* The chain of managers turns back on the administrators: said, and passed on. */
    people[CHEF].manager = ANNA;
    people[ANNA].manager = CHEF;
    UPP_AUTO(resolve_done) resolve_answer c = EXPECT(two, ANNA, CHEF, COMMS, OPS);
    assert_int_equal(c.recipients[2].rung, POLICY_COMMUNICATIONS);
    assert_true(said(&c, POLICY_MANAGER, RESOLVE_UNFILLED, RESOLVE_NOBODY));
}

/* V6: the same step asked before, in and after an absence: the answer is of the moment it fires. */
static void test_V6_R15_resolved_when_it_fires(void **state)
{
    (void)state;
    const resolve_absence away = week_away((const size_t[]){ CAJ }, 1);
    people[ANNA].absences = &away;
    people[ANNA].n_absences = 1;
    const ladder_step before = step_to(TO_ADMINS, "2026-11-20T10:00:00+01:00");
    const ladder_step during = step_to(TO_ADMINS, TUESDAY);
    const ladder_step after = step_to(TO_ADMINS, "2026-12-01T10:00:00+01:00");
    ONLY(before, ANNA, BO);
    ONLY(during, CAJ, BO);
    ONLY(after, ANNA, BO);
}

/* V8, R05: fourteen days ahead. */
static void test_V8_R05_forecast(void **state)
{
    (void)state;
    resolve_absence anna = week_away(NULL, 0);
    resolve_absence bo = week_away(NULL, 0);
    enum resolve_forecast f = RESOLVE_NO_WORK;
    const civil_day tuesday = day_at("2026-11-24");
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_STAFFED);
    assert_int_equal(resolve_forecast(&question, day_at("2026-11-28"), &f), 0);
    assert_int_equal(f, RESOLVE_NO_WORK);
    assert_int_equal(resolve_forecast(&question, day_at("2026-12-24"), &f), 0);
    assert_int_equal(f, RESOLVE_NO_WORK);
    people[ANNA].absences = &anna;
    people[ANNA].n_absences = 1;
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_FEW);
    people[BO].absences = &bo;
    people[BO].n_absences = 1;
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_UNSTAFFED);
    bo.substitutes = (const size_t[]){ CAJ };
    bo.n_substitutes = 1;
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_FEW);
    /* Away with clock times: there in the afternoon is there that day. */
    bo = (resolve_absence){ at("2026-11-24T00:00:00+01:00"), at("2026-11-24T13:00:00+01:00"), NULL,
                            0 };
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_FEW);
    bo.to = at("2026-11-24T16:30:00+01:00");
    assert_int_equal(resolve_forecast(&question, tuesday, &f), 0);
    assert_int_equal(f, RESOLVE_UNSTAFFED);
    people[BO].own = &fridays_off;
    assert_int_equal(resolve_forecast(&question, day_at("2026-11-27"), &f), 0);
    assert_int_equal(f, RESOLVE_UNSTAFFED);
    assert_int_equal(resolve_access(&question), 2); /* holidays take no access away */
    people[BO].active = false;
    assert_true(resolve_access(&question) < (size_t)pol.people.access_least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_V1_R16_rungs_in_order, setup),
        cmocka_unit_test_setup(test_V1_R15_substitute_stands_in, setup),
        cmocka_unit_test_setup(test_V2_presence_at_delivery, setup),
        cmocka_unit_test_setup(test_V2_own_duty, setup),
        cmocka_unit_test_setup(test_V2_R20_acute, setup),
        cmocka_unit_test_setup(test_V3_R15_transitive, setup),
        cmocka_unit_test_setup(test_V3_loop_guard, setup),
        cmocka_unit_test_setup(test_V3_depth_and_any_graph, setup),
        cmocka_unit_test_setup(test_V4_R16_empty_rung_passes_on, setup),
        cmocka_unit_test_setup(test_E26_R05_no_administrator_left, setup),
        cmocka_unit_test_setup(test_V5_R16_same_person_and_missing_top, setup),
        cmocka_unit_test_setup(test_V6_R15_resolved_when_it_fires, setup),
        cmocka_unit_test_setup(test_V8_R05_forecast, setup),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
