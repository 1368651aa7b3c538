/* campaign_test.c - windows of an authority with a policy of its own (R02, R26). */
#include "archive_fixture.h"

static const char april[] = "archive:\n  windows: [\"04-01..04-30\"]\n";
static const char february[] = "archive:\n  windows: [\"02-01..02-28\", \"10-01..10-31\"]\n";
#define APRIL (MARCH_15 + 17 * UPP_DAY)

static void adopt(bench *b, const char *authority, int64_t version, const char *yaml, upp_ms from)
{
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    p.authority = upp_lend(authority);
    p.version = version;
    p.yaml = upp_lend(yaml);
    p.valid_from_ms = from;
    HEARD(b, "registry", authority[0] ? authority : "policy", &p.base, NULL);
}

/* The fixture's accounts are of authority "bun"; this one is of "tekn". */
static void other_account(bench *b, const char *id, const char *authority)
{
    Uppsikt__AccountChanged e = UPPSIKT__ACCOUNT_CHANGED__INIT;
    e.account = upp_lend(id);
    e.state = (Uppsikt__AccountChanged__State)FIX_OPEN;
    e.watch = (Uppsikt__AccountChanged__Watch)FIX_API;
    e.platform = upp_lend("mastodon");
    e.unit = upp_lend("gata");
    e.authority = upp_lend(authority);
    HEARD(b, "registry", id, &e.base, NULL);
}

static void expect_opened(bench *b, const char *campaign, const char *authority, uint32_t accounts)
{
    ProtobufCMessage *said = bench_said(b, &uppsikt__campaign_opened__descriptor, NULL, NULL);
    const Uppsikt__CampaignOpened *e = (const Uppsikt__CampaignOpened *)said;
    assert_string_equal(e->campaign, campaign);
    assert_string_equal(e->authority, authority);
    assert_int_equal(e->accounts, accounts);
    upp_msg_freep(&said);
}

/* Each goes by its own windows: neither is captured in the other's. */
static void R02_an_authority_has_windows_of_its_own(void **state)
{
    bench *b = *state;
    fix_account(b, "a1", FIX_OPEN, FIX_API, FIX_URL);
    other_account(b, "t1", "tekn");
    adopt(b, "tekn", 1, april, 0);
    adopt(b, "", 2, february, 0);
    bench_wait(b, FEBRUARY - 1 - b->now);
    bench_saw(b, "");
    bench_wait(b, 1);
    bench_saw(b, "CampaignOpened");
    expect_opened(b, "2027-1", "", 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE account = 'a1'"), 1);
    other_account(b, "t2", "tekn"); /* opened in the body's window, which is not its own */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
    bench_wait(b, 27 * UPP_DAY);
    bench_skip(b);
    bench_wait(b, APRIL - 1 - b->now);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
    bench_skip(b);
    bench_wait(b, 1);
    bench_saw(b, "CampaignOpened");
    expect_opened(b, "2027-1", "tekn", 2);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE campaign = '2027-1'"), 3);
    fix_account(b, "a2", FIX_OPEN, FIX_API, FIX_URL);
    other_account(b, "t3", "tekn");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE account = 'a2'"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE account = 't3'"), 1);
    assert_int_equal(bench_number(b, "SELECT max(from_ms) FROM plan WHERE authority = ''"),
                     OCTOBER);
}

/* Goes by the body's again in the middle of the body's window: what has no run in it gets one; what
 * has keeps its own, whichever authority its unit comes under. */
static void R02_who_comes_to_the_body_s_windows_is_captured_in_them(void **state)
{
    bench *b = *state;
    adopt(b, "", 1, february, 0);
    adopt(b, "tekn", 2, april, 0);
    other_account(b, "t1", "tekn");
    other_account(b, "t2", "tekn");
    bench_wait(b, FEBRUARY + UPP_DAY - b->now);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 0);
    other_account(b, "t1", "bun");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run WHERE account = 't1'"), 1);
    other_account(b, "t1", "tekn"); /* and back: once is enough */
    adopt(b, "tekn", 3, "", FEBRUARY + 3 * UPP_DAY);
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 2);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM plan WHERE authority <> ''"), 0);
    bench_wait(b, APRIL + UPP_DAY - b->now);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 2);
}

/* An authority that adopts its own in the middle of a window of that name, which is its own too:
 * what has been captured is not captured twice. */
static void R02_no_account_has_two_runs_in_one_campaign(void **state)
{
    bench *b = *state;
    adopt(b, "", 1, february, 0);
    other_account(b, "t1", "tekn");
    bench_wait(b, FEBRUARY + UPP_DAY - b->now);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
    adopt(b, "tekn", 2, february, 0);
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM campaign WHERE campaign = '2027-1'"), 2);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 1);
    other_account(b, "t2", "tekn");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM run"), 2);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, fix_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        T(R02_an_authority_has_windows_of_its_own),
        T(R02_who_comes_to_the_body_s_windows_is_captured_in_them),
        T(R02_no_account_has_two_runs_in_one_campaign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
