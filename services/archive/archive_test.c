/* archive_test.c - the service stepped by hand: campaigns, runs, what people hand in, disposal. */
#define _GNU_SOURCE /* memmem */
#include "archive_fixture.h"

/* -- R26: the way of one account -- */
static void R26_a_run_goes_from_asking_to_sealed(void **state)
{
    bench *b = *state;
    char run[UPP_ID], list[4096] = "";
    size_t i = 0;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_own_post(b, "acc", "p1", "Välkommen");
    fix_comment(b, "acc", "c1", "Hej å ä ö");
    fix_comment(b, "acc", "c2", "Tack");
    bench_wait(b, UPP_MINUTE);
    fix_run(b, "acc", run);
    bench_wait(b, 0);
    const Uppsikt__CapturePage *page = fix_asked(b, "capture", &i);
    assert_string_equal(page->url, FIX_URL);
    assert_true(page->png && page->pdf && page->mhtml && page->warc && page->text);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    assert_int_equal(fix_store_all(b, list, sizeof list),
                     4); /* two lists: their bytes, their end */
    assert_non_null(strstr(list, "Hej å ä ö"));
    assert_non_null(strstr(list, "\"favourites\":3")); /* the platform's own words */
    assert_null(strstr(list, "Välkommen"));
    const Uppsikt__BuildPackage *q = fix_asked(b, "package", &i);
    assert_string_equal(q->layout, "automatic");
    assert_string_equal(q->content, "automatic");
    assert_int_equal(q->posts, 1);
    assert_int_equal(q->comments, 2);
    assert_string_equal(q->org_number, "212000-1234");
    assert_non_null(memmem(q->descriptive.data, q->descriptive.len, "Åsa", 4)); /* who answered */
    bench_skip(b);
    fix_built(b, NULL);
    bench_saw(b, "AccountCaptured PackageSealed");
    assert_int_equal(bench_number(b, "SELECT state FROM run"), RUN_SEALED);
    assert_int_equal(fix_store_all(b, NULL, 0), 1); /* the run's folder goes */
    bench_wait(b, 60 * UPP_DAY);                    /* and nobody is told that it is late */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE asked_ms > 0"), 0);
}

/* A window of the policy opens by itself; each account has its turn (R26). */
static void R26_campaigns_open_in_the_windows_of_the_policy(void **state)
{
    bench *b = *state;
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    p.version = 1;
    p.yaml = upp_lend("archive:\n  windows: [\"02-01..02-28\", \"10-01..10-31\"]\n");
    fix_account(b, "a1", FIX_OPEN, FIX_API, FIX_URL);
    fix_account(b, "a2", FIX_OPEN, FIX_API, FIX_URL);
    HEARD(b, "registry", "policy", &p.base, NULL);
    assert_int_equal(bench_number(b, "SELECT from_ms FROM plan"), FEBRUARY);
    bench_wait(b, FEBRUARY - 1 - b->now);
    bench_saw(b, "");
    bench_wait(b, 1);
    bench_saw(b, "CampaignOpened");
    ProtobufCMessage *said = bench_said(b, &uppsikt__campaign_opened__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__CampaignOpened *)said)->campaign, "2027-1");
    assert_int_equal(((Uppsikt__CampaignOpened *)said)->accounts, 2);
    upp_msg_freep(&said);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE state = 1"), 1);
    bench_wait(b, 10 * UPP_MINUTE); /* the second one ten minutes later */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE state = 1"), 2);
    fix_account(b, "a3", FIX_OPEN, FIX_API, FIX_URL); /* opened in the window */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 3);
    assert_int_equal(bench_number(b, "SELECT from_ms FROM plan"), OCTOBER);
}

/* I22: what is not done when the window ends, people hear of; never twice for one run. */
static void R26_what_is_not_done_in_its_window_is_asked_of_people(void **state)
{
    bench *b = *state;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    bench_wait(b, MARCH_15 - b->now);
    bench_saw(b, "CampaignOpened");
    bench_wait(b, MAY_16 - 1 - b->now);
    bench_saw(b, "");
    bench_wait(b, 1);
    bench_saw(b, "ManualCaptureAsked");
    ProtobufCMessage *said = bench_said(b, &uppsikt__manual_capture_asked__descriptor, NULL, NULL);
    const Uppsikt__ManualCaptureAsked *m = (const Uppsikt__ManualCaptureAsked *)said;
    assert_string_equal(m->why, "not_done");
    assert_int_equal(m->due_ms, b->now);
    upp_msg_freep(&said);
}

/* Down while the window opened and ended: the campaign opens late, with its own due (P4). */
static void R26_a_service_that_slept_over_its_window_says_so(void **state)
{
    bench *b = *state;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    b->now += 240 * UPP_DAY; /* past 15 May */
    bench_restart(b);
    bench_wait(b, 1);
    bench_saw(b, "CampaignOpened ManualCaptureAsked");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
}

/* R08: an account that is closing is captured once more, without anybody asking. */
static void R08_a_closing_account_is_captured(void **state)
{
    bench *b = *state;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    bench_wait(b, MARCH_15 - b->now);
    fix_seal_run(b);
    fix_account(b, "acc", FIX_CLOSING, FIX_API, FIX_URL);
    fix_account(b, "acc", FIX_CLOSING, FIX_API, FIX_URL);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE cause = 'closing'"), 1);
    bench_skip(b);
    fix_seal_run(b);
    bench_saw(b, "AccountCaptured PackageSealed");
}

/* -- what stands in the way -- */
static void R26_a_login_wall_asks_a_person(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(b, "acc", run);
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_LOGIN_WALL);
    bench_skip(b);
    fix_store_all(b, NULL, 0);
    bench_saw(b, "ManualCaptureAsked");
    assert_false(fix_waits(b, "package"));
    assert_int_equal(bench_number(b, "SELECT state FROM run"), RUN_MANUAL);
    Uppsikt__ArchiveRuns q = UPPSIKT__ARCHIVE_RUNS__INIT;
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__archive_run__descriptor);
    assert_string_equal(((Uppsikt__ArchiveRun *)row)->state, "manual");
    assert_string_equal(((Uppsikt__ArchiveRun *)row)->why, "login_wall");
    upp_msg_freep(&row);
}

static void R26_an_account_without_page_is_a_guided_task(void **state)
{
    bench *b = *state;
    static const struct {
        const char *account, *url;
        int watch;
    } rows[] = { { "m1", FIX_URL, FIX_MANUAL }, { "m2", NULL, FIX_API } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char run[UPP_ID];
        fix_account(b, rows[i].account, FIX_OPEN, rows[i].watch, rows[i].url);
        fix_run(b, rows[i].account, run);
        bench_wait(b, 0);
        assert_false(fix_waits(b, "capture"));
        bench_skip(b);
        fix_store_all(b, NULL, 0);
        bench_saw(b, "ManualCaptureAsked");
    }
}

/* The gate: a package whose check found a fault is never said to be sealed (R27). */
static void R27_what_its_check_refuses_is_not_sealed(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_run(b, "acc", run);
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    fix_store_all(b, NULL, 0);
    bench_skip(b);
    fix_built(b, "package-faulty");
    bench_saw(b, "ManualCaptureAsked");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM package"), 0);
    assert_int_equal(bench_number(b, "SELECT state FROM run"), RUN_FAILED);
    fix_run(b, "acc", run); /* and again, anew */
    bench_wait(b, 0);
    bench_skip(b);
    fix_seal_run(b);
    bench_saw(b, "AccountCaptured PackageSealed");
}

/* A crash at each step: what was asked is asked again, and one package comes of it. */
static void R26_a_crash_at_any_step_goes_on(void **state)
{
    bench *b = *state;
    char run[UPP_ID];
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_comment(b, "acc", "c1", "Hej");
    bench_wait(b, UPP_MINUTE);
    fix_run(b, "acc", run);
    bench_restart(b);
    bench_wait(b, 0);
    bench_restart(b);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    bench_restart(b);
    fix_store_all(b, NULL, 0);
    bench_restart(b);
    bench_skip(b);
    fix_built(b, NULL);
    bench_saw(b, "AccountCaptured PackageSealed");
    bench_restart(b);
    fix_store_all(b, NULL, 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM package"), 1);
}

/* -- who may -- */
static void R26_only_those_who_answer_for_it_may_ask(void **state)
{
    bench *b = *state;
    Uppsikt__ArchiveAccount c = UPPSIKT__ARCHIVE_ACCOUNT__INIT;
    fix_account(b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    c.account = upp_lend("acc");
    bench_refused(b, NULL, &c.base, "person-needed");
    bench_refused(b, "stranger", &c.base, "asker-not-registered");
    bench_refused(b, "nobody", &c.base, "not-allowed");
    c.campaign = upp_lend("2026");
    bench_refused(b, "anna", &c.base, "campaign-malformed");
    c.campaign = upp_lend("2026-2");
    bench_did(b, "anna", &c.base);
    bench_did(b, "chef", &c.base);
    bench_did(b, "head", &c.base);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE cause = 'asked'"), 1);
    c.account = upp_lend("none");
    bench_refused(b, "arkiv", &c.base, "account-unknown");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, fix_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        T(R26_a_run_goes_from_asking_to_sealed),
        T(R26_campaigns_open_in_the_windows_of_the_policy),
        T(R26_what_is_not_done_in_its_window_is_asked_of_people),
        T(R26_a_service_that_slept_over_its_window_says_so),
        T(R08_a_closing_account_is_captured),
        T(R26_a_login_wall_asks_a_person),
        T(R26_an_account_without_page_is_a_guided_task),
        T(R27_what_its_check_refuses_is_not_sealed),
        T(R26_a_crash_at_any_step_goes_on),
        T(R26_only_those_who_answer_for_it_may_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
