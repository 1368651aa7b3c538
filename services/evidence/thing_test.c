/* thing_test.c - lists of persons who have left and of absences; who may never be on one (R23,
 * R29). */
#include "thing_fixture.h"

extern const char upp_evidence_upgrade_2_sql[], upp_evidence_upgrade_3_sql[],
    upp_evidence_upgrade_4_sql[];

/* -- staff -- */
/* Who has left goes 24 months later, by a row that covers it, when nothing of it is hers any more;
 * two persons say so, and her name is in no byte. */
static void R29_who_has_left_can_be_forgotten(void **state)
{
    vault *v = *state;
    vault_person(v, "MÄRKE-kim", "manager");
    has_access(v, "MÄRKE-kim", true);
    refused(v, "personal", "MÄRKE-kim", "person-has-not-left");
    refused(v, "", "MÄRKE-kim", "person-has-not-left"); /* not even by the law */
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 0);
    leaves(v, "MÄRKE-kim");
    refused(v, "personal", "MÄRKE-kim", "person-has-access");
    v->b->now += 720 * UPP_DAY;
    has_access(v, "MÄRKE-kim", false);
    refused(v, "personal", "MÄRKE-kim", "not-due-yet");
    assert_int_equal(would(v, "personal").count, 0);
    v->b->now += 11 * UPP_DAY;
    assert_int_equal(would(v, "ord").count, 0); /* of another kind */
    refused(v, "ord", "MÄRKE-kim", "of-another-kind");
    has_access(v, "MÄRKE-kim", true);
    assert_int_equal(would(v, "personal").open, 1);
    has_access(v, "MÄRKE-kim", false);
    leads(v, "MÄRKE-kim");
    refused(v, "personal", "MÄRKE-kim", "person-leads-unit");
    assert_int_equal(would(v, "personal").open, 1);
    leads(v, "");
    const list l = propose(v, "personal");
    assert_int_equal(l.count, 1);
    assert_string_equal(l.first, "MÄRKE-kim");
    leads(v, "MÄRKE-kim"); /* between the two */
    approve(v, &l, "nothing-due");
    leads(v, "");
    assert_true(bench_bytes_hold(v->b, "handläggare"));
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "MÄRKE-kim"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'MÄRKE-kim'"),
                     0);
    assert_int_equal(vault_number(v, "SELECT who_ref FROM person WHERE person = 'MÄRKE-kim'"), 0);
    assert_int_equal(vault_number(v, "SELECT who_ref > 0 FROM person WHERE person = 'anna'"), 1);
    refused(v, "personal", "MÄRKE-kim", "no-such-item");
    assert_int_equal(would(v, "personal").count, 0);
    Uppsikt__DisposedItems q = UPPSIKT__DISPOSED_ITEMS__INIT;
    q.disposal = upp_lend(l.id);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    Uppsikt__DisposedRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposed_row__descriptor);
    assert_string_equal(row->what, "staff");
    uppsikt__disposed_row__free_unpacked(row, NULL);
}

/* A role that she has again keeps her. */
static void R29_who_has_a_role_is_on_no_list(void **state)
{
    vault *v = *state;
    vault_person(v, "kim", "manager");
    leaves(v, "kim"); /* her roles end with it */
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 1);
    vault_person(v, "kim", "manager");
    assert_int_equal(would(v, "personal").count, 0);
    assert_int_equal(would(v, "personal").open, 1);
    refused(v, "personal", "kim", "person-has-role");
}

/* A hold on an account keeps those who had access to it or decided there. */
static void R23_a_hold_keeps_who_had_to_do_with_it(void **state)
{
    vault *v = *state;
    vault_person(v, "kim", "manager");
    vault_person(v, "lo", "manager");
    vault_person(v, "mio", "manager");
    has_access(v, "kim", true);
    has_access(v, "kim", false);
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_matter(v, "i1", "i1.m1", UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    (void)vault_decides(v, "i1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, "", "");
    (void)vault_work(v);
    leaves(v, "kim");
    leaves(v, "lo");
    leaves(v, "anna"); /* she decided */
    has_access(v, "anna", false);
    is_away(v, "borta1", "kim", v->b->now);
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 3);
    assert_int_equal(would(v, "borta").count, 1);
    const list l = propose(v, "personal");
    (void)holds(v, "acc");
    list now = would(v, "personal");
    assert_int_equal(now.held, 2);
    assert_int_equal(now.count, 1);
    assert_string_equal(now.first, "lo");
    assert_int_equal(would(v, "borta").held, 1);
    approve(v, &l, NULL); /* what is held by then is left out */
    assert_int_equal(gone(v, "lo"), 1);
    assert_int_equal(gone(v, "kim") + gone(v, "anna") + gone(v, "mio"), 0);
}

/* -- absences -- */
static void R29_an_absence_that_is_over_can_be_forgotten(void **state)
{
    vault *v = *state;
    is_away(v, "a1", "anna", v->b->now + UPP_DAY);
    is_away(v, "a2", "anna", v->b->now + 9 * UPP_DAY);
    is_away(v, "a3", "anna", v->b->now + UPP_DAY);
    assert_false(bench_bytes_hold(v->b, "ERSATTARE-MÄRKE")); /* its end is all that is kept */
    refused(v, "borta", "a1", "not-over-yet");
    refused(v, "", "a1", "not-over-yet");
    assert_int_equal(would(v, "borta").count, 0);
    Uppsikt__AbsenceCancelled off = UPPSIKT__ABSENCE_CANCELLED__INIT;
    off.absence = upp_lend("a3");
    off.person = upp_lend("anna");
    hears(v, "registry", "anna", &off.base);
    v->b->now += 2 * UPP_DAY;
    assert_int_equal(would(v, "borta").count, 1);
    is_away(v, "a1", "anna", v->b->now + UPP_DAY); /* it became longer */
    assert_int_equal(would(v, "borta").count, 0);
    v->b->now += 2 * UPP_DAY;
    const list l = propose(v, "borta");
    assert_int_equal(l.count, 1);
    assert_string_equal(l.first, "a1");
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "a1"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM absence"), 1);
    is_away(v, "a1", "anna", v->b->now); /* a late replay */
    assert_int_equal(would(v, "borta").count, 0);
}

/* An id may be chosen: what has that of an account would take the account along. */
static void R29_what_shares_its_id_is_on_no_list(void **state)
{
    vault *v = *state;
    is_away(v, "acc", "anna", v->b->now);
    is_away(v, "bo", "anna", v->b->now);
    v->b->now += UPP_DAY;
    assert_int_equal(would(v, "borta").count, 0);
    assert_int_equal(would(v, "borta").open, 2);
    refused(v, "borta", "acc", "two-things");
}

/* -- before -- */
static void run_sql(vault *v, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(upp_node_db(v->b->node), sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* Who had left before it was kept when: from the first start on. */
static void R29_who_left_before_waits_her_whole_period(void **state)
{
    static const char *const upgrades[] = { upp_evidence_upgrade_2_sql, upp_evidence_upgrade_3_sql,
                                            upp_evidence_upgrade_4_sql, NULL };
    upp_service before = upp_evidence_service;
    vault v = { .b = NULL };
    (void)state;
    before.upgrades = upgrades;
    before.on_start = NULL;
    v.b = bench_open(&before);
    run_sql(&v, "INSERT INTO person VALUES('kim', 'skola', ' manager ', 1, 0)");
    run_sql(&v, "INSERT INTO access VALUES('acc', 'lo')");
    run_sql(&v, "INSERT INTO disposal(disposal, plan_row, law, decision, mandate, authority,"
                " person, count, held, open, list_hash, proposed_ms) VALUES('d1', 'rad', '',"
                " 'KS 1', 'Plan 2026', 'ks', 'ops', 1, 0, 0, '', 1)");
    run_sql(&v, "INSERT INTO listed(disposal, item) VALUES('d1', 'i1')");
    v.b->service = &upp_evidence_service;
    bench_restart(v.b);
    vault_organisation(&v);
    adopts(&v, "personal", "staff", 24);
    v.b->now += 720 * UPP_DAY;
    assert_int_equal(would(&v, "personal").count, 0);
    v.b->now += 11 * UPP_DAY;
    assert_int_equal(would(&v, "personal").count, 1);
    assert_int_equal(vault_number(&v, "SELECT count(*) FROM reached WHERE person = 'lo'"), 1);
    assert_int_equal(vault_number(&v, "SELECT count(*) FROM listed WHERE what = ''"), 1);
    bench_close(v.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(R29_who_has_left_can_be_forgotten),
        VAULT(R29_who_has_a_role_is_on_no_list),
        VAULT(R23_a_hold_keeps_who_had_to_do_with_it),
        VAULT(R29_an_absence_that_is_over_can_be_forgotten),
        VAULT(R29_what_shares_its_id_is_on_no_list),
        cmocka_unit_test(R29_who_left_before_waits_her_whole_period),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
