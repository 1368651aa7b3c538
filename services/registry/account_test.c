/* account_test.c - an account's life through commands (R01-R04, R07, R08, R10). */
#include "registry_fixture.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"

/* -- R04: the life cycle, step by step -- */
static void R04_each_step_needs_its_fact_and_is_said(void **state)
{
    bench *b = *state;
    Uppsikt__AccountChangedContent f = org_facts();
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_PROPOSED);
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.facts = &f;
    char **const needed[] = { &f.purpose, &f.goals, &f.plan, &f.name };
    const char *const words[] = { "purpose-missing", "goals-missing", "plan-missing",
                                  "name-missing" };
    for (size_t i = 0; i < UPP_LEN(needed); i++) { /* R07 */
        char *had = *needed[i];
        *needed[i] = upp_lend("");
        bench_refused(b, "a", &c.base, words[i]);
        *needed[i] = had;
    }
    bench_did(b, "a", &c.base);
    bench_saw(b, "AccountChanged");

    f = (Uppsikt__AccountChangedContent)UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    c = org_step("acc", LIFE_CONSULTED);
    c.facts = &f;
    bench_refused(b, "man", &c.base, "consultation-missing");
    f.consulted_by = upp_lend("a");
    f.consulted_ms = b->now;
    bench_refused(b, "man", &c.base, "consultation-not-with-communications");
    f.consulted_by = upp_lend("com");
    f.consulted_ms = b->now + 1;
    bench_refused(b, "man", &c.base, "time-in-the-future");
    f.consulted_ms = b->now;
    bench_did(b, "man", &c.base);

    f = (Uppsikt__AccountChangedContent)UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    c.state = (Uppsikt__AccountChanged__State)LIFE_DECIDED;
    bench_refused(b, "head", &c.base, "decision-missing");
    f.decided_by = upp_lend("man");
    f.decision = upp_lend("BUN 1");
    f.decided_ms = b->now;
    bench_refused(b, "man", &c.base, "decision-not-by-sector-head"); /* R03 */
    f.decided_by = upp_lend("nobody");
    bench_refused(b, "man", &c.base, "person-unknown");
    f.decided_by = upp_lend("head");
    bench_did(b, "man", &c.base);

    c = org_step("acc", LIFE_OPEN);
    bench_refused(b, "man", &c.base, "two-persons-needed"); /* R05 */
    org_grant(b, "head", "acc", "a");
    bench_refused(b, "man", &c.base, "two-persons-needed");
    org_grant(b, "head", "acc", "b");
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccountChanged AccountChanged AccessGranted AccessGranted AccountChanged");

    ProtobufCMessage *what = NULL;
    ProtobufCMessage *said = bench_said(b, &uppsikt__account_changed__descriptor,
                                        &uppsikt__account_changed_content__descriptor, &what);
    const Uppsikt__AccountChanged *fact = (Uppsikt__AccountChanged *)said;
    const Uppsikt__AccountChangedContent *all = (Uppsikt__AccountChangedContent *)what;
    assert_int_equal(fact->state, LIFE_OPEN);
    assert_int_equal(fact->open_since_ms, b->now);
    assert_string_equal(fact->authority, "ks");
    assert_string_equal(fact->platform, "facebook");
    assert_false(fact->taken_over);
    assert_string_equal(all->goals, "mål " MARKER); /* all the facts so far, at each step */
    assert_string_equal(all->consulted_by, "com");
    assert_string_equal(all->decision, "BUN 1");
    upp_msg_freep(&said);
    upp_msg_freep(&what);
}

/* Every wire state from every state: only what the table allows happens. */
static void R04_a_step_out_of_order_is_refused_by_the_service(void **state)
{
    bench *b = *state;
    org_propose(b, "acc");
    for (int target = LIFE_NONE; target <= LIFE_STATES; target++) {
        Uppsikt__ChangeAccount c = org_step("acc", target);
        if (target == LIFE_NONE || target == LIFE_PROPOSED || target == LIFE_CLOSED)
            continue;
        bench_refused(b, "ops", &c.base,
                      target == LIFE_CONSULTED ? "consultation-missing" : "step-not-possible");
    }
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSED);
    bench_did(b, "ops", &c.base); /* a proposal that came to nothing */
    for (int target = LIFE_NONE; target < LIFE_STATES; target++) {
        c = org_step("acc", target);
        bench_refused(b, "ops", &c.base, "step-not-possible");
    }
    for (int target = LIFE_CONSULTED; target < LIFE_STATES; target++) {
        c = org_step("fresh", target);
        c.platform = upp_lend("x");
        c.unit = upp_lend("skola");
        bench_refused(b, "ops", &c.base, "step-not-possible");
    }
}

/* -- R04: what exists already -- */
static void R04_a_taken_over_account_is_open_and_lacks_are_findings(void **state)
{
    bench *b = *state;
    org_take_over(b, "old");
    bench_saw(b, "AccountChanged FindingRaised FindingRaised FindingRaised FindingRaised "
                 "FindingRaised FindingRaised");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'fact-missing'"),
                     5);
    assert_int_equal(bench_number(b, "SELECT count(DISTINCT fact) FROM finding"), 6);
    assert_int_equal(
        bench_number(b, "SELECT due_ms - raised_ms FROM finding WHERE fact = 'purpose'"),
        90 * UPP_DAY);

    Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__ChangeAccount c = org_step("old", LIFE_OPEN); /* facts alone: no step */
    c.facts = &f;
    f.purpose = upp_lend("syfte");
    f.goals = upp_lend("mål");
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccountChanged FindingCleared FindingCleared");
    f = (Uppsikt__AccountChangedContent)UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    f.plan = upp_lend("plan");
    f.consulted_by = upp_lend("com");
    f.consulted_ms = b->now;
    f.decided_by = upp_lend("man"); /* a decision from before: whoever took it */
    f.decision = upp_lend("gammalt beslut");
    f.decided_ms = b->now - 400 * UPP_DAY;
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccountChanged FindingCleared FindingCleared FindingCleared");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0"
                                     " AND kind = 'understaffed'"),
                     1);
}

/* -- R08: closing -- */
static void say_package(bench *b, const char *account, upp_ms at)
{
    Uppsikt__PackageSealed p = UPPSIKT__PACKAGE_SEALED__INIT;
    p.account = upp_lend(account);
    p.at_ms = at;
    assert_int_equal(bench_hear(b, "archive", account, &p.base, NULL), 0);
}

static void R08_closed_only_after_an_archive_run_and_by_two(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    say_package(b, "acc", b->now - UPP_DAY); /* an older package is not this run */
    say_package(b, "stranger", b->now);
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSING);
    bench_refused(b, "a", &c.base, "not-allowed");
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccountChanged");
    c = org_step("acc", LIFE_ARCHIVED);
    bench_refused(b, "com", &c.base, "archive-run-missing");
    c = org_step("acc", LIFE_CLOSED);
    bench_refused(b, "com", &c.base, "step-not-possible");
    say_package(b, "acc", b->now - 1); /* captured before it began to close, heard after */
    bench_saw(b, "");
    b->now += UPP_HOUR;
    say_package(b, "acc", b->now);
    bench_saw(b, "AccountChanged"); /* archived by itself */
    say_package(b, "acc", b->now - UPP_MINUTE);
    bench_saw(b, "");
    bench_refused(b, "man", &c.base, "second-person-needed"); /* sla.md P4 */
    bench_did(b, "com", &c.base);
    bench_saw(b, "AccountChanged");
    assert_int_equal(bench_number(b, "SELECT state FROM account"), LIFE_CLOSED);
}

static void R08_closing_clears_what_was_open(void **state)
{
    bench *b = *state;
    org_take_over(b, "old");
    Uppsikt__ChangeAccount c = org_step("old", LIFE_CLOSING);
    bench_did(b, "man", &c.base);
    assert_true(bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0") > 0);
    say_package(b, "old", b->now);
    c = org_step("old", LIFE_CLOSED);
    bench_did(b, "com", &c.base);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0"), 0);
}

static void post(bench *b, const char *account, upp_ms at)
{
    Uppsikt__OwnPostSeen p = UPPSIKT__OWN_POST_SEEN__INIT;
    p.account = upp_lend(account);
    p.item = upp_lend("item");
    p.at_ms = at;
    assert_int_equal(bench_hear(b, "ingest", account, &p.base, NULL), 0);
}

static void R08_an_account_without_posts_is_inactive_after_its_limit(void **state)
{
    bench *b = *state;
    registry_config *config = b->config;
    config->review_span = config->attest_span = 9999 * UPP_DAY;
    assert_int_equal(config->inactive_span[0], 180 * UPP_DAY); /* the default */
    org_open(b, "acc");
    const upp_ms opened = b->now;
    post(b, "acc", opened + 10 * UPP_DAY);
    post(b, "acc", opened + 5 * UPP_DAY); /* whatever order: the newest counts */
    bench_wait(b, 189 * UPP_DAY);
    bench_saw(b, "");
    bench_wait(b, 2 * UPP_DAY);
    bench_saw(b, "FindingRaised");
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding WHERE kind = 'inactive'"),
                     opened + (10 + 180 + 30) * UPP_DAY);
    bench_wait(b, 3 * UPP_DAY);
    bench_saw(b, "");
    post(b, "acc", b->now);
    bench_wait(b, UPP_MINUTE);
    bench_saw(b, "FindingCleared");
    config->inactive_span[0] = 20 * UPP_DAY; /* per platform */
    bench_wait(b, 21 * UPP_DAY);
    bench_saw(b, "FindingRaised");
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSING);
    bench_did(b, "man", &c.base); /* the proposal is taken up */
    bench_saw(b, "AccountChanged FindingCleared");
}

/* Taken over today, and silent since long before: what its own page shows counts. */
static void R08_old_posts_of_an_account_taken_over_show_its_silence(void **state)
{
    bench *b = *state;
    registry_config *config = b->config;
    config->review_span = config->attest_span = 9999 * UPP_DAY;
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = org_facts();
    c.account = upp_lend("old");
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.watch = UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL;
    c.taken_over = true;
    facts.decided_ms = b->now - 900 * UPP_DAY;
    c.facts = &facts;
    bench_did(b, "ops", &c.base);
    bench_wait(b, 2 * UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'inactive'"), 0);
    post(b, "old", b->now - 300 * UPP_DAY); /* oldest first: no finding comes and goes */
    post(b, "old", b->now - 200 * UPP_DAY);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'inactive'"), 0);
    const upp_ms newest = b->now - 200 * UPP_DAY;
    bench_wait(b, UPP_MINUTE);
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding WHERE kind = 'inactive'"),
                     newest + (180 + 30) * UPP_DAY);
    post(b, "old", b->now);
    bench_wait(b, UPP_MINUTE);
    assert_int_equal(
        bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'inactive' AND cleared_ms = 0"),
        0);
}

static void R08_a_finding_open_for_sixty_days_is_neglect(void **state)
{
    bench *b = *state;
    registry_config *config = b->config;
    config->review_span = config->attest_span = 9999 * UPP_DAY;
    config->inactive_span[0] = config->attest_span = 9999 * UPP_DAY;
    org_open(b, "acc");
    org_revoke(b, "man", "acc", "b");
    bench_saw(b, "AccessRevoked FindingRaised");
    bench_wait(b, 59 * UPP_DAY);
    bench_saw(b, "");
    bench_wait(b, 2 * UPP_DAY);
    bench_saw(b, "FindingRaised");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'neglected'"), 1);
    org_grant(b, "man", "acc", "c");
    bench_wait(b, UPP_DAY);
    bench_saw(b, "AccessGranted FindingCleared FindingCleared");
}

/* A service that was down at five in the morning does not skip the day. */
static void R08_the_daily_look_is_not_lost_in_a_restart(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    b->now += 200 * UPP_DAY;
    bench_restart(b);
    bench_wait(b, 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'inactive'"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_alarm WHERE key = 'daily'"), 1);
}

/* -- R10 -- */
static void R10_half_yearly_somebody_looks_whether_the_sender_is_clear(void **state)
{
    bench *b = *state;
    registry_config *config = b->config;
    config->inactive_span[0] = config->attest_span = 9999 * UPP_DAY;
    org_open(b, "acc");
    Uppsikt__ReviewAccount r = UPPSIKT__REVIEW_ACCOUNT__INIT;
    r.account = upp_lend("acc");
    bench_wait(b, 181 * UPP_DAY);
    bench_saw(b, "");
    bench_wait(b, 2 * UPP_DAY);
    bench_saw(b, "FindingRaised");
    r.logo = r.name = r.sender = r.captions = true; /* pictures without texts */
    bench_refused(b, "c", &r.base, "not-allowed");
    bench_did(b, "a", &r.base);
    bench_saw(b, "AccountReviewed FindingRaised FindingCleared");
    assert_int_equal(
        bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0 AND fact = 'alt_text'"),
        1);
    r.alt_text = true;
    bench_did(b, "man", &r.base);
    bench_saw(b, "AccountReviewed FindingCleared");
    bench_wait(b, 183 * UPP_DAY);
    bench_saw(b, "FindingRaised");
}

/* -- R01, and what a field may hold -- */
static void R01_every_platform_of_the_rules_and_no_other(void **state)
{
    bench *b = *state;
    char id[8];
    for (size_t i = 0; i <= REGISTRY_PLATFORMS; i++) {
        Uppsikt__AccountChangedContent f = org_facts();
        snprintf(id, sizeof id, "acc%zu", i);
        Uppsikt__ChangeAccount c = org_step(id, LIFE_PROPOSED);
        c.unit = upp_lend("skola");
        c.facts = &f;
        c.platform = upp_lend(i < REGISTRY_PLATFORMS ? upkeep_platforms[i] : "myspace");
        if (i < REGISTRY_PLATFORMS)
            bench_did(b, "com", &c.base);
        else
            bench_refused(b, "com", &c.base, "platform-unknown");
    }
    Uppsikt__ChangeAccount c = org_step("acc0", LIFE_NONE);
    c.platform = upp_lend("x");
    bench_refused(b, "com", &c.base, "platform-is-fixed");
}

static void R09_a_link_is_http_and_texts_are_text(void **state)
{
    bench *b = *state;
    static const char *const bad_urls[] = { "javascript:alert(1)", "https://",
                                            "data:text/html,x",    "https://x/\"onclick=",
                                            "https://x/ y",        "//x" };
    static const char *const bad_texts[] = { "a\xff", "a\x01", "a\x7f", "a\nb" };
    org_propose(b, "acc");
    for (size_t i = 0; i < UPP_LEN(bad_urls); i++) {
        Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        Uppsikt__ChangeAccount c = org_step("acc", LIFE_NONE);
        c.facts = &f;
        f.url = upp_lend(bad_urls[i]);
        bench_refused(b, "com", &c.base, "url-malformed");
    }
    for (size_t i = 0; i < UPP_LEN(bad_texts); i++) {
        Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        Uppsikt__ChangeAccount c = org_step("acc", LIFE_NONE);
        c.facts = &f;
        f.name = upp_lend(bad_texts[i]);
        bench_refused(b, "com", &c.base, "text-malformed");
    }
}

/* -- who may -- */
static void R03_who_may_take_which_step(void **state)
{
    bench *b = *state;
    Uppsikt__AccountChangedContent f = org_facts();
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_PROPOSED);
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.facts = &f;
    bench_refused(b, "other", &c.base, "not-allowed"); /* of another unit */
    bench_did(b, "c", &c.base);                        /* anybody in the unit may propose */
    c = org_step("acc", LIFE_NONE);
    c.facts = &f;
    bench_refused(b, "c", &c.base, "not-allowed");
    bench_did(b, "head", &c.base);
    c.unit = upp_lend("kom"); /* she leads the one that it leaves, not the one that it comes to */
    bench_refused(b, "man", &c.base, "not-allowed");
    c.unit = upp_lend("nowhere");
    bench_refused(b, "ops", &c.base, "unit-unknown");
}

/* R02: a unit that comes under another authority takes its accounts along, in what is said. */
static void R02_the_authority_of_an_account_follows_its_unit(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_open(b, "acc2");
    org_authority(b, "ops", "bun", "Barn- och utbildningsnämnden");
    bench_skip(b);
    Uppsikt__RegisterUnit unit = org_unit("skola", "", "man", "head");
    unit.authority = upp_lend("bun");
    bench_did(b, "ops", &unit.base);
    bench_saw(b, "UnitRegistered AccountChanged AccountChanged");
    ProtobufCMessage *said = bench_said(b, &uppsikt__account_changed__descriptor, NULL, NULL);
    assert_string_equal(((Uppsikt__AccountChanged *)said)->authority, "bun");
    assert_int_equal(((Uppsikt__AccountChanged *)said)->state, LIFE_OPEN);
    upp_msg_freep(&said);
}

static void R04_the_list_pages_by_key_and_gives_the_facts_beside(void **state)
{
    bench *b = *state;
    char id[REGISTRY_ID];
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "acc%d", i);
        org_open(b, id);
    }
    Uppsikt__Accounts q = UPPSIKT__ACCOUNTS__INIT;
    size_t n = 0;
    q.limit = 2;
    for (size_t got = 2; got == 2; n += got) {
        char last[REGISTRY_ID] = "";
        got = bench_query(b, NULL, &q.base);
        for (size_t i = 0; i < got; i++) {
            ProtobufCMessage *row = bench_row_at(b, i, &uppsikt__account_row__descriptor);
            ProtobufCMessage *what =
                bench_row_content(b, i, &uppsikt__account_row_content__descriptor);
            const Uppsikt__AccountRow *r = (Uppsikt__AccountRow *)row;
            assert_int_equal(r->persons, 2);
            assert_int_equal(r->n_persons_by_rank, 2);
            assert_string_equal(r->persons_by_rank[0], "a");
            assert_int_equal(r->commitment.len, 32);
            assert_string_equal(((Uppsikt__AccountRowContent *)what)->facts->decided_by, "head");
            snprintf(last, sizeof last, "%s", r->account);
            upp_msg_freep(&row);
            upp_msg_freep(&what);
        }
        if (got) {
            assert_true(strcmp(q.after, last) < 0);
            snprintf(id, sizeof id, "%s", last);
            q.after = id;
        }
    }
    assert_int_equal(n, 5);
    q = (Uppsikt__Accounts)UPPSIKT__ACCOUNTS__INIT;
    q.account = upp_lend("acc3");
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
}

/* Three sources about one account, in every order: the tables are the same. */
static void R42_what_others_say_commutes(void **state)
{
    (void)state;
    static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    int64_t want[4] = { 0 };
    for (size_t o = 0; o < UPP_LEN(orders); o++) {
        bench *b = bench_open(&upp_registry_service);
        Uppsikt__RungEmpty rung = UPPSIKT__RUNG_EMPTY__INIT;
        org_found(b);
        org_open(b, "acc");
        Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSING);
        bench_did(b, "man", &c.base);
        rung.account = upp_lend("acc");
        rung.rung = upp_lend("manager");
        for (size_t i = 0; i < 3; i++)
            if (orders[o][i] == 0)
                post(b, "acc", b->now - UPP_HOUR);
            else if (orders[o][i] == 1)
                say_package(b, "acc", b->now);
            else
                assert_int_equal(bench_hear(b, "escalation", "m", &rung.base, NULL), 0);
        const int64_t got[] = {
            bench_number(b, "SELECT state FROM account"),
            bench_number(b, "SELECT posted_ms FROM account"),
            bench_number(b, "SELECT packaged_ms FROM account"),
            bench_number(b, "SELECT count(*) FROM finding WHERE cleared_ms = 0"),
        };
        if (o == 0)
            memcpy(want, got, sizeof want);
        assert_memory_equal(got, want, sizeof want);
        bench_close(b);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R04_each_step_needs_its_fact_and_is_said),
        CASE(R04_a_step_out_of_order_is_refused_by_the_service),
        CASE(R04_a_taken_over_account_is_open_and_lacks_are_findings),
        CASE(R08_closed_only_after_an_archive_run_and_by_two),
        CASE(R08_closing_clears_what_was_open),
        CASE(R08_an_account_without_posts_is_inactive_after_its_limit),
        CASE(R08_old_posts_of_an_account_taken_over_show_its_silence),
        CASE(R08_a_finding_open_for_sixty_days_is_neglect),
        CASE(R08_the_daily_look_is_not_lost_in_a_restart),
        CASE(R10_half_yearly_somebody_looks_whether_the_sender_is_clear),
        CASE(R01_every_platform_of_the_rules_and_no_other),
        CASE(R09_a_link_is_http_and_texts_are_text),
        CASE(R03_who_may_take_which_step),
        CASE(R02_the_authority_of_an_account_follows_its_unit),
        CASE(R04_the_list_pages_by_key_and_gives_the_facts_beside),
        cmocka_unit_test(R42_what_others_say_commutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
