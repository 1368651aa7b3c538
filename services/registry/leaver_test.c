/* leaver_test.c - what a leaver hands over: one list, ticked by those who do it, confirmed once by
 * one other person (R03, R05, R06). */
#include "registry_fixture.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/evidence.pb-c.h"

#define STEP(word) UPPSIKT__LEAVER_STEP__LEAVER_STEP_##word
#define TICK(word) UPPSIKT__LEAVER_TICK__LEAVER_TICK_##word

static Uppsikt__TickLeaverRow row_of(const char *person, const char *account, int step, int tick)
{
    Uppsikt__TickLeaverRow c = UPPSIKT__TICK_LEAVER_ROW__INIT;
    c.person = upp_lend(person);
    c.account = upp_lend(account);
    c.step = (Uppsikt__LeaverStep)step;
    c.tick = (Uppsikt__LeaverTick)tick;
    return c;
}

static void tick(bench *b, const char *by, const char *account, int step)
{
    Uppsikt__TickLeaverRow c = row_of("a", account, step, TICK(DONE));
    bench_did(b, by, &c.base);
}

/* The sector head has appointed c; who notes it is `by`. */
static void appoint(bench *b, const char *by, const char *account)
{
    Uppsikt__TickLeaverRow c = row_of("a", account, STEP(APPOINTED), TICK(DONE));
    c.successor = upp_lend("c");
    c.appointed_by = upp_lend("head");
    c.appointed_ms = b->now - UPP_DAY;
    bench_did(b, by, &c.base);
}

/* Everything of one account, by one person, but for the register. */
static void tick_all(bench *b, const char *by, const char *account)
{
    appoint(b, by, account);
    for (int step = STEP(GRANTED); step <= STEP(SECOND_FACTOR); step++)
        tick(b, by, account, step);
}

static void refused(bench *b, const char *by, const char *words)
{
    Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
    c.person = upp_lend("a");
    bench_refused(b, by, &c.base, words);
}

static void confirmed(bench *b, const char *by)
{
    Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
    c.person = upp_lend("a");
    bench_did(b, by, &c.base);
}

/* What is known of her is disposed of. */
static void forget(bench *b, const char *subject)
{
    Uppsikt__DisposalApproved d = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend(subject) };
    d.disposal = upp_lend("d1");
    d.subjects = subjects;
    d.n_subjects = 1;
    assert_true(bench_hear(b, "evidence", "d1", &d.base, NULL) >= 0);
}

static void packaged(bench *b, const char *account)
{
    Uppsikt__PackageSealed p = UPPSIKT__PACKAGE_SEALED__INIT;
    p.package = upp_lend("p1");
    p.account = upp_lend(account);
    p.at_ms = b->now;
    assert_int_equal(bench_hear(b, "archive", "p1", &p.base, NULL), 0);
}

static int64_t leaver_findings(bench *b)
{
    return bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'leaver' AND cleared_ms = 0");
}

/* R06: one list a leaver, a row for each step with each account; it is confirmed once. */
static void R06_one_list_a_leaver_confirmed_once(void **state)
{
    bench *b = *state;
    org_open(b, "acc1");
    org_open(b, "acc2");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    bench_saw(b, "LeaverListOpened FindingRaised FindingRaised");
    org_leaves(b, "man", "a", b->now + 20 * UPP_DAY); /* the day moves: it is the same list */
    bench_saw(b, "");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row"), 10);
    org_grant(b, "head", "acc1", "c");
    org_grant(b, "head", "acc2", "c");
    tick_all(b, "man", "acc1");
    tick_all(b, "man", "acc2");
    org_revoke(b, "man", "acc1", "a");
    org_revoke(b, "man", "acc2", "a"); /* what once ended it: the finding stays */
    assert_int_equal(leaver_findings(b), 2);
    bench_skip(b);
    confirmed(b, "com");
    bench_saw(b, "LeaverListConfirmed FindingCleared FindingCleared");
    ProtobufCMessage *said = bench_said(b, &uppsikt__leaver_list_confirmed__descriptor, NULL, NULL);
    const Uppsikt__LeaverListConfirmed *c = (Uppsikt__LeaverListConfirmed *)said;
    assert_string_equal(c->person, "a");
    assert_string_equal(c->by, "com");
    assert_int_equal(c->at_ms, b->now);
    upp_msg_freep(&said);
    refused(b, "com", "leaver-confirmed");
    Uppsikt__TickLeaverRow late = row_of("a", "acc1", STEP(ROTATED), TICK(OPEN));
    bench_refused(b, "man", &late.base, "leaver-confirmed");
    Uppsikt__GrantAccess grant = UPPSIKT__GRANT_ACCESS__INIT;
    grant.account = upp_lend("acc1");
    grant.person = upp_lend("a");
    bench_refused(b, "man", &grant.base, "leaver-confirmed");
    bench_wait(b, 21 * UPP_DAY); /* and when she has gone nothing is open of it */
    assert_int_equal(leaver_findings(b), 0);
}

/* R06: two persons: neither she who leaves nor anybody who ticked a row of it, and who may. */
static void R06_one_other_person_confirms(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_leaves(b, "com", "a", b->now + 30 * UPP_DAY);
    org_grant(b, "head", "acc", "c");
    tick_all(b, "man", "acc");
    org_revoke(b, "man", "acc", "a");
    refused(b, "a", "not-allowed");
    refused(b, "man", "leaver-second-person");
    refused(b, "b", "not-allowed");
    refused(b, NULL, "person-needed");
    /* one row of five is enough to be no other person */
    Uppsikt__TickLeaverRow back = row_of("a", "acc", STEP(ROTATED), TICK(OPEN));
    bench_did(b, "head", &back.base);
    refused(b, "head", "leaver-rows-open");
    tick(b, "head", "acc", STEP(ROTATED));
    refused(b, "head", "leaver-second-person");
    confirmed(b, "ops");
}

/* She who leaves and leads her own unit confirms nothing of hers. */
static void R06_a_manager_who_leaves_does_not_confirm_herself(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_grant(b, "head", "acc", "man");
    org_leaves(b, "com", "man", b->now + 30 * UPP_DAY);
    for (int step = STEP(APPOINTED); step <= STEP(SECOND_FACTOR); step++) {
        Uppsikt__TickLeaverRow c = row_of("man", "acc", step, TICK(NOT_APPLICABLE));
        c.note = upp_lend("två är kvar");
        bench_did(b, "com", &c.base);
    }
    org_revoke(b, "com", "acc", "man");
    Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
    c.person = upp_lend("man");
    bench_refused(b, "man", &c.base, "leaver-own");
    bench_did(b, "head", &c.base);
}

/* R05, R06: rows open, access left, fewer than two others, nobody who came. */
static void R05_R06_what_is_not_handed_over_cannot_be_confirmed(void **state)
{
    bench *b = *state;
    org_open(b, "acc1");
    org_open(b, "acc2");
    refused(b, "com", "leaver-unknown");
    org_leaves(b, "man", "a", 0);
    refused(b, "com", "leaver-rows-open");
    tick_all(b, "man", "acc1");
    refused(b, "com", "leaver-rows-open"); /* the other account's */
    tick_all(b, "man", "acc2");
    refused(b, "com", "leaver-has-access");
    org_revoke(b, "man", "acc1", "a");
    refused(b, "com", "leaver-has-access");
    org_revoke(b, "man", "acc2", "a");
    refused(b, "com", "leaver-too-few");
    org_grant(b, "head", "acc1", "c");
    refused(b, "com", "leaver-too-few");
    org_grant(b, "head", "acc2", "other");
    refused(b, "com", "leaver-successor-without-access"); /* c was appointed for both */
    org_grant(b, "head", "acc2", "c");
    assert_int_equal(leaver_findings(b), 2);
    confirmed(b, "com");
    assert_int_equal(leaver_findings(b), 0);
}

/* R03: the new one is a person who stays, appointed by the sector head of the account's unit. */
static void R03_R06_the_sector_head_appoints_who_comes(void **state)
{
    bench *b = *state;
    Uppsikt__TickLeaverRow c = row_of("a", "acc", STEP(APPOINTED), TICK(DONE));
    org_open(b, "acc");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    org_leaves(b, "man", "b", b->now + 30 * UPP_DAY);
    bench_refused(b, "head", &c.base, "leaver-successor-needed");
    c.successor = upp_lend("a");
    bench_refused(b, "head", &c.base, "leaver-successor-needed");
    c.successor = upp_lend("nobody");
    bench_refused(b, "head", &c.base, "person-unknown");
    c.successor = upp_lend("b");
    bench_refused(b, "head", &c.base, "leaver-successor-leaves");
    c.successor = upp_lend("c");
    bench_refused(b, "man", &c.base, "appointment-not-by-sector-head");
    c.appointed_by = upp_lend("com");
    bench_refused(b, "man", &c.base, "appointment-not-by-sector-head");
    c.appointed_by = upp_lend("head");
    c.appointed_ms = b->now + 1;
    bench_refused(b, "man", &c.base, "time-in-the-future");
    c.appointed_ms = 0;
    bench_skip(b);
    bench_did(b, "man", &c.base);
    bench_saw(b, "LeaverRowTicked");
    ProtobufCMessage *said = bench_said(b, &uppsikt__leaver_row_ticked__descriptor, NULL, NULL);
    const Uppsikt__LeaverRowTicked *t = (Uppsikt__LeaverRowTicked *)said;
    assert_string_equal(t->successor, "c");
    assert_string_equal(t->appointed_by, "head");
    assert_string_equal(t->by, "man");
    assert_int_equal(t->appointed_ms, b->now);
    assert_int_equal(t->commitment.len, 0);
    upp_msg_freep(&said);
    c = row_of("a", "acc", STEP(GRANTED), TICK(DONE));
    c.successor = upp_lend("c");
    bench_refused(b, "man", &c.base, "leaver-successor-elsewhere");
}

/* Why a row is not needed is asked for, and is content: it goes when she is forgotten. */
static void R06_a_reason_is_content(void **state)
{
    bench *b = *state;
    Uppsikt__TickLeaverRow c = row_of("a", "acc", STEP(SECOND_FACTOR), TICK(NOT_APPLICABLE));
    org_open(b, "acc");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    bench_refused(b, "man", &c.base, "leaver-reason-needed");
    char *longer = malloc(600);
    upp_check(longer);
    memset(longer, 'x', 599);
    longer[599] = '\0';
    c.note = longer;
    bench_refused(b, "man", &c.base, "text-malformed");
    free(longer);
    c.note = upp_lend("sidan har ingen " MARKER);
    const int64_t contents =
        bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0");
    bench_did(b, "man", &c.base);
    ProtobufCMessage *what = NULL;
    ProtobufCMessage *said = bench_said(b, &uppsikt__leaver_row_ticked__descriptor,
                                        &uppsikt__leaver_row_ticked_content__descriptor, &what);
    assert_string_equal(((Uppsikt__LeaverRowTickedContent *)what)->note, c.note);
    upp_msg_freep(&said);
    upp_msg_freep(&what);
    c.tick = TICK(DONE);
    bench_refused(b, "man", &c.base, "leaver-row-ticked"); /* who did it first stays */
    c = row_of("a", "acc", STEP(SECOND_FACTOR), TICK(OPEN));
    bench_did(b, "b", &c.base); /* who has access may, too */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"),
                     contents);
    bench_refused(b, "b", &c.base, "leaver-row-open");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row WHERE done_by <> ''"), 0);
    c.tick = TICK(NOT_APPLICABLE);
    c.note = upp_lend("igen " MARKER);
    bench_did(b, "b", &c.base);
    forget(b, "a");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row WHERE note_ref <> 0"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row WHERE done_by = 'b'"), 1);
}

static void R06_what_is_no_row_is_refused(void **state)
{
    bench *b = *state;
    static const struct {
        const char *by;
        bool may;
    } askers[] = { { "ops", true }, { "com", true }, { "man", true }, { "head", true },
                   { "b", true },   { "a", true },   { "c", false },  { "other", false } };
    org_open(b, "acc");
    org_take_over(b, "old");
    Uppsikt__TickLeaverRow c = row_of("a", "acc", STEP(ROTATED), TICK(DONE));
    bench_refused(b, "man", &c.base, "leaver-unknown");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    bench_refused(b, NULL, &c.base, "person-needed");
    c.account = upp_lend("nowhere");
    bench_refused(b, "man", &c.base, "account-unknown");
    c.account = upp_lend("old"); /* she has no access there */
    bench_refused(b, "man", &c.base, "leaver-row-unknown");
    c.account = upp_lend("acc");
    c.step = (Uppsikt__LeaverStep)9;
    bench_refused(b, "man", &c.base, "leaver-row-unknown");
    c.step = STEP(ROTATED);
    c.tick = (Uppsikt__LeaverTick)9;
    bench_refused(b, "man", &c.base, "leaver-tick-unknown");
    c.tick = TICK(UNSPECIFIED);
    bench_refused(b, "man", &c.base, "leaver-tick-unknown");
    for (size_t i = 0; i < UPP_LEN(askers); i++) {
        Uppsikt__TickLeaverRow done = row_of("a", "acc", STEP(ROTATED), TICK(DONE));
        Uppsikt__TickLeaverRow back = row_of("a", "acc", STEP(ROTATED), TICK(OPEN));
        if (!askers[i].may) {
            bench_refused(b, askers[i].by, &done.base, "not-allowed");
            continue;
        }
        bench_did(b, askers[i].by, &done.base);
        bench_did(b, askers[i].by, &back.base);
    }
}

/* An account that is closed holds nobody up any more. */
static void R06_a_closed_account_is_off_the_list(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_take_over(b, "old");
    org_grant(b, "com", "old", "a");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    org_grant(b, "head", "acc", "c");
    tick_all(b, "man", "acc");
    org_revoke(b, "man", "acc", "a");
    refused(b, "com", "leaver-rows-open");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row WHERE account = 'old'"), 5);
    Uppsikt__ChangeAccount closing = org_step("old", LIFE_CLOSING);
    bench_did(b, "man", &closing.base);
    b->now += UPP_DAY;
    packaged(b, "old");
    Uppsikt__ChangeAccount closed = org_step("old", LIFE_CLOSED);
    bench_did(b, "com", &closed.base);
    confirmed(b, "com");
    org_leaves(b, "man", "a", b->now + 10 * UPP_DAY); /* nor does it come back */
    assert_int_equal(leaver_findings(b), 0);
}

/* -- lists -- */
static const Uppsikt__LeaverListRow *list_of(bench *b, const char *by, ProtobufCMessage **ret_msg)
{
    Uppsikt__LeaverLists q = UPPSIKT__LEAVER_LISTS__INIT;
    if (bench_query(b, by, &q.base) == 0)
        return NULL;
    *ret_msg = bench_row_at(b, 0, &uppsikt__leaver_list_row__descriptor);
    return (Uppsikt__LeaverListRow *)*ret_msg;
}

/* R06: who may do something about it sees it, with what is lacking for her; nobody else. */
static void R06_the_list_says_what_is_lacking(void **state)
{
    bench *b = *state;
    ProtobufCMessage *msg = NULL;
    org_open(b, "acc");
    org_leaves(b, "man", "a", b->now + 30 * UPP_DAY);
    appoint(b, "b", "acc");
    static const char *const sees[] = { "ops", "com", "man", "head", "b", "a" };
    for (size_t i = 0; i < UPP_LEN(sees); i++) {
        assert_non_null(list_of(b, sees[i], &msg));
        upp_msg_freep(&msg);
    }
    assert_null(list_of(b, "c", &msg));
    assert_null(list_of(b, "other", &msg));
    const Uppsikt__LeaverListRow *l = list_of(b, NULL, &msg);
    assert_string_equal(l->person, "a");
    assert_int_equal(l->accounts, 1);
    assert_int_equal(l->open_rows, 4);
    assert_int_equal(l->due_ms, l->leaves_ms + 24 * UPP_HOUR);
    assert_string_equal(l->lacks, "leaver-rows-open");
    upp_msg_freep(&msg);
    msg = bench_row_content(b, 0, &uppsikt__leaver_list_row_content__descriptor);
    assert_string_equal(((Uppsikt__LeaverListRowContent *)msg)->name, "Anna " MARKER " Ek " MARKER);
    upp_msg_freep(&msg);

    Uppsikt__LeaverAccounts q = UPPSIKT__LEAVER_ACCOUNTS__INIT;
    q.person = upp_lend("a");
    assert_int_equal(bench_query(b, "c", &q.base), 0);
    assert_string_equal(b->refused, "not-allowed");
    assert_int_equal(bench_query(b, "b", &q.base), 1);
    msg = bench_row_at(b, 0, &uppsikt__leaver_account_row__descriptor);
    const Uppsikt__LeaverAccountRow *a = (Uppsikt__LeaverAccountRow *)msg;
    assert_int_equal(a->n_rows, 5);
    assert_int_equal(a->rows[0]->tick, TICK(DONE));
    assert_string_equal(a->rows[0]->successor, "c");
    assert_string_equal(a->rows[0]->by, "b");
    assert_int_equal(a->rows[1]->tick, TICK(OPEN));
    assert_int_equal(a->others, 1);
    assert_true(a->access && a->may_tick && !a->may_give && !a->successor_access);
    assert_string_equal(a->head, "head");
    upp_msg_freep(&msg);
    msg = bench_row_content(b, 0, &uppsikt__leaver_account_row_content__descriptor);
    const Uppsikt__LeaverAccountRowContent *c = (Uppsikt__LeaverAccountRowContent *)msg;
    assert_string_equal(c->name, "Skolan " MARKER);
    assert_int_equal(c->n_successors, 5);
    assert_string_equal(c->successors[0], "Anna " MARKER " Ek " MARKER);
    upp_msg_freep(&msg);

    org_grant(b, "head", "acc", "c");
    for (int step = STEP(GRANTED); step <= STEP(SECOND_FACTOR); step++)
        tick(b, "b", "acc", step);
    org_revoke(b, "man", "acc", "a");
    l = list_of(b, "com", &msg);
    assert_string_equal(l->lacks, "");
    upp_msg_freep(&msg);
    l = list_of(b, "b", &msg);
    assert_string_equal(l->lacks, "leaver-second-person");
    upp_msg_freep(&msg);
    confirmed(b, "com");
    assert_null(list_of(b, "com", &msg));
    Uppsikt__LeaverLists all = UPPSIKT__LEAVER_LISTS__INIT;
    all.confirmed = true;
    assert_int_equal(bench_query(b, "com", &all.base), 1);
    msg = bench_row_at(b, 0, &uppsikt__leaver_list_row__descriptor);
    assert_string_equal(((Uppsikt__LeaverListRow *)msg)->confirmed_by, "com");
    assert_string_equal(((Uppsikt__LeaverListRow *)msg)->lacks, "");
    upp_msg_freep(&msg);
}

/* -- R44: a store of before -- */
extern const char upp_registry_upgrade_2_sql[];

static void execute(bench *b, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(upp_node_db(b->node), sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* R06, R44: findings of a time when there were no lists get one; what was there stays; half-years
 * begin with the first start. */
static void R06_R44_a_store_of_before_gets_its_lists(void **state)
{
    (void)state;
    static const char *const before[] = { upp_registry_upgrade_2_sql, NULL };
    upp_service old = upp_registry_service;
    old.upgrades = before;
    old.n_routes = old.n_gauges = 0;
    old.on_start = NULL;
    bench *b = bench_open(&old);
    execute(b, "INSERT INTO person VALUES('a', 'skola', 1, 5, 1, 0, 0, '')");
    execute(b, "INSERT INTO account VALUES('acc', 4, 1, 'facebook', 'skola', 0, 1, 1, '', 0, 0, 0,"
               " 0, '')");
    execute(b, "INSERT INTO access VALUES('acc', 'a', 1, 1)");
    execute(b, "INSERT INTO finding VALUES('f1', 'leaver', 'acc', 'skola', 'a', '', 1, 5, 0)");
    execute(b, "INSERT INTO finding VALUES('f2', 'leaver', 'was', 'skola', 'b', '', 1, 5, 4)");
    b->service = &upp_registry_service;
    bench_restart(b);
    bench_saw(b, "LeaverListOpened");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver_row WHERE person = 'a'"), 5);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM leaver"), 1);
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding WHERE finding = 'f1'"), 5);
    assert_int_equal(bench_number(b, "SELECT since_ms FROM attestation"), b->now);
    bench_restart(b);
    bench_saw(b, "");
    bench_wait(b, 182 * UPP_DAY - 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'attestation'"), 0);
    bench_wait(b, UPP_DAY + 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'attestation'"), 1);
    bench_close(b);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R06_one_list_a_leaver_confirmed_once),
        CASE(R06_one_other_person_confirms),
        CASE(R06_a_manager_who_leaves_does_not_confirm_herself),
        CASE(R05_R06_what_is_not_handed_over_cannot_be_confirmed),
        CASE(R03_R06_the_sector_head_appoints_who_comes),
        CASE(R06_a_reason_is_content),
        CASE(R06_what_is_no_row_is_refused),
        CASE(R06_a_closed_account_is_off_the_list),
        CASE(R06_the_list_says_what_is_lacking),
        cmocka_unit_test(R06_R44_a_store_of_before_gets_its_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
