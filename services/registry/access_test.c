/* access_test.c - always two with access, leaving, absences (R05, R06, R15, I21). */
#include "registry_fixture.h"
#include "uppsikt/escalation.pb-c.h"

/* -- R05, I21 -- */
static void R05_below_two_is_a_finding_until_they_are_two(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_revoke(b, "man", "acc", "a");
    bench_saw(b, "AccessRevoked FindingRaised");
    ProtobufCMessage *said = bench_said(b, &uppsikt__finding_raised__descriptor, NULL, NULL);
    const Uppsikt__FindingRaised *f = (Uppsikt__FindingRaised *)said;
    assert_string_equal(f->kind, "understaffed");
    assert_string_equal(f->account, "acc");
    assert_string_equal(f->unit, "skola");
    assert_int_equal(f->due_ms, b->now + 24 * UPP_HOUR);
    upp_msg_freep(&said);

    b->now += UPP_HOUR;
    org_revoke(b, "man", "acc", "b");
    bench_saw(b, "AccessRevoked"); /* the same finding: its clock goes on as it was */
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding"),
                     b->now - UPP_HOUR + 24 * UPP_HOUR);
    org_grant(b, "man", "acc", "a");
    bench_saw(b, "AccessGranted");
    org_grant(b, "man", "acc", "c");
    bench_saw(b, "AccessGranted FindingCleared");
    org_grant(b, "man", "acc", "c"); /* nothing new is said */
    bench_saw(b, "");
    Uppsikt__RevokeAccess none = UPPSIKT__REVOKE_ACCESS__INIT;
    none.account = upp_lend("acc");
    none.person = upp_lend("b");
    bench_refused(b, "man", &none.base, "no-such-access");
    none.account = upp_lend("nowhere");
    bench_refused(b, "man", &none.base, "account-unknown");
}

static void R03_access_is_given_by_those_who_lead_the_unit(void **state)
{
    bench *b = *state;
    static const struct {
        const char *by;
        bool may;
    } askers[] = { { "ops", true }, { "com", true }, { "man", true },   { "head", true },
                   { "a", false },  { "c", false },  { "other", false } };
    org_open(b, "acc");
    for (size_t i = 0; i < UPP_LEN(askers); i++) {
        Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
        c.account = upp_lend("acc");
        c.person = upp_lend("c");
        if (!askers[i].may) {
            bench_refused(b, askers[i].by, &c.base, "not-allowed");
            continue;
        }
        org_grant(b, askers[i].by, "acc", "c");
        org_revoke(b, askers[i].by, "acc", "c");
    }
}

static void R16_ranks_say_who_is_asked_first(void **state)
{
    bench *b = *state;
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    Uppsikt__Accounts q = UPPSIKT__ACCOUNTS__INIT;
    org_open(b, "acc");
    c.account = upp_lend("acc");
    c.person = upp_lend("c");
    c.rank = 1;
    bench_did(b, "man", &c.base);
    c.person = upp_lend("a");
    c.rank = 7;
    bench_did(b, "man", &c.base);
    bench_saw(b, "AccessGranted AccessGranted");
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    ProtobufCMessage *msg = bench_row_at(b, 0, &uppsikt__account_row__descriptor);
    const Uppsikt__AccountRow *row = (Uppsikt__AccountRow *)msg;
    static const char *const want[] = { "c", "b", "a" };
    assert_int_equal(row->n_persons_by_rank, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(row->persons_by_rank[i], want[i]);
    upp_msg_freep(&msg);
}

/* I21, from the tables: each active account has two who have not left, or an open finding with a
 * clock; and none has a finding that it should not have. */
static void check_two(bench *b)
{
    assert_int_equal(
        bench_number(
            b, "SELECT count(*) FROM account c WHERE ((SELECT count(*) FROM access a JOIN person p"
               " ON p.person = a.person WHERE a.account = c.account AND p.gone = 0) < 2"
               " AND c.state IN (4, 5)) <> (SELECT count(*) FROM finding f WHERE f.account ="
               " c.account AND f.kind = 'understaffed' AND f.cleared_ms = 0"
               " AND f.due_ms > f.raised_ms)"),
        0);
    /* a hand-over is open for all who have access and have said that they leave */
    assert_int_equal(
        bench_number(b, "SELECT count(*) FROM access a JOIN person p ON p.person = a.person"
                        " WHERE p.leaves_ms > 0 AND NOT EXISTS (SELECT 1 FROM finding f"
                        " WHERE f.kind = 'leaver' AND f.cleared_ms = 0 AND f.person = p.person"
                        " AND f.account = a.account)"),
        0);
}

/* R05, I21: a thousand random grants, revokes, leaves, opened and closed accounts. */
static void R05_I21_two_or_a_finding_after_every_change(void **state)
{
    bench *b = *state;
    enum { STEPS = 1000, PEOPLE = 12, ACCOUNTS = 5 };
    char people[PEOPLE][8], accounts[ACCOUNTS][8];
    uint64_t random = 88172645463325252u;
    int seen_short = 0, seen_left = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(people[i], sizeof people[i], "p%zu", i);
        org_person(b, "ops", people[i], "skola", "administrator");
    }
    for (size_t i = 0; i < ACCOUNTS; i++) {
        snprintf(accounts[i], sizeof accounts[i], "acc%zu", i);
        if (i % 2)
            org_open(b, accounts[i]);
        else
            org_take_over(b, accounts[i]);
        check_two(b);
    }
    for (int step = 0; step < STEPS; step++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        char *person = people[(random >> 8) % PEOPLE],
             *account = accounts[(random >> 16) % ACCOUNTS];
        Uppsikt__GrantAccess grant = UPPSIKT__GRANT_ACCESS__INIT;
        Uppsikt__RevokeAccess revoke = UPPSIKT__REVOKE_ACCESS__INIT;
        Uppsikt__PersonLeaves leave = UPPSIKT__PERSON_LEAVES__INIT;
        Uppsikt__ChangeAccount close = org_step(account, LIFE_CLOSING);
        grant.account = revoke.account = account;
        grant.person = revoke.person = leave.person = person;
        leave.at_ms = random & 64 ? b->now + (upp_ms)(random % 5) * UPP_DAY : 0;
        switch (random % 100) {
        case 0:
        case 1:
            seen_left += bench_command(b, "ops", &leave.base) == 0;
            break;
        case 2:
            if (step > STEPS / 2)
                (void)bench_command(b, "com", &close.base);
            break;
        case 3:
            bench_wait(b, UPP_DAY);
            break;
        default:
            if (random & 1)
                (void)bench_command(b, "com", &revoke.base);
            else
                (void)bench_command(b, "com", &grant.base);
        }
        check_two(b);
        seen_short += bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'understaffed'"
                                      " AND cleared_ms = 0") > 0;
    }
    assert_true(seen_short > STEPS / 20 && seen_short < STEPS); /* both sides were walked */
    assert_true(seen_left > 3);
}

/* -- R06 -- */
static void R06_leaving_opens_a_hand_over_per_account(void **state)
{
    bench *b = *state;
    org_open(b, "acc1");
    org_open(b, "acc2");
    org_leaves(b, "man", "a", 0);
    bench_saw(
        b, "LeaverListOpened FindingRaised FindingRaised PersonLeft FindingRaised FindingRaised");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'leaver'"
                                     " AND person = 'a'"),
                     2);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'understaffed'"),
                     2);
    org_revoke(b, "man", "acc1", "a");
    bench_saw(b, "AccessRevoked");
    org_grant(b, "head", "acc1", "c");
    bench_saw(b, "AccessGranted FindingCleared"); /* two have access again */
    org_grant(b, "head", "acc2", "c");
    bench_saw(b, "AccessGranted FindingCleared");
    org_revoke(b, "man", "acc2", "a");
    bench_saw(b, "AccessRevoked"); /* and the hand-over waits for who confirms it */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'leaver'"
                                     " AND cleared_ms = 0"),
                     2);
    Uppsikt__PersonLeaves again = UPPSIKT__PERSON_LEAVES__INIT;
    again.person = upp_lend("a");
    bench_refused(b, "ops", &again.base, "person-has-left");
    assert_int_equal(org_try_person(b, "ops", "a", "skola", "reader"), 2);
    assert_string_equal(b->refused, "person-has-left");
    Uppsikt__GrantAccess grant = UPPSIKT__GRANT_ACCESS__INIT;
    grant.account = upp_lend("acc1");
    grant.person = upp_lend("a");
    bench_refused(b, "ops", &grant.base, "person-has-left");
    Uppsikt__SetAbsence absence = UPPSIKT__SET_ABSENCE__INIT;
    bench_refused(b, "a", &absence.base, "asker-not-registered");
}

static void R06_a_leave_to_come_is_handed_over_before(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    const upp_ms last_day = b->now + 30 * UPP_DAY;
    org_leaves(b, "com", "b", last_day);
    bench_saw(b, "LeaverListOpened FindingRaised");
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding"), last_day + 24 * UPP_HOUR);
    org_leaves(b, "com", "b", last_day - UPP_DAY); /* it comes sooner */
    org_grant(b, "com", "acc", "other");
    bench_skip(b);
    bench_wait(b, 29 * UPP_DAY - 1);
    bench_saw(b, "");
    bench_restart(b);
    bench_wait(b, 1);
    bench_saw(b, "PersonLeft");
    ProtobufCMessage *said = bench_said(b, &uppsikt__person_left__descriptor, NULL, NULL);
    assert_int_equal(((Uppsikt__PersonLeft *)said)->at_ms, last_day - UPP_DAY);
    upp_msg_freep(&said);
    bench_wait(b, 3 * UPP_DAY);
    bench_saw(b, "");
    org_revoke(b, "com", "acc", "b");
    bench_saw(b, "AccessRevoked");
}

static void R06_access_given_to_one_who_leaves_is_handed_over_too(void **state)
{
    bench *b = *state;
    org_open(b, "acc");
    org_leaves(b, "com", "c", b->now + 30 * UPP_DAY);
    bench_saw(b, "");
    org_grant(b, "com", "acc", "c"); /* until then she may help */
    bench_saw(b, "AccessGranted LeaverListOpened FindingRaised");
    assert_int_equal(bench_number(b, "SELECT due_ms FROM finding WHERE kind = 'leaver'"),
                     b->now + 31 * UPP_DAY);
}

static void R06_the_manager_who_leaves_leaves_a_rung_empty(void **state)
{
    bench *b = *state;
    org_leaves(b, "ops", "man", 0);
    bench_saw(b, "PersonLeft FindingRaised");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM finding WHERE kind = 'empty-rung'"
                                     " AND unit = 'skola' AND fact = 'manager'"),
                     1);
    Uppsikt__RegisterUnit unit = org_unit("skola", "", "man", "head");
    bench_refused(b, "ops", &unit.base, "person-unknown");
    unit.manager = upp_lend("c");
    bench_did(b, "ops", &unit.base);
    bench_saw(b, "UnitRegistered FindingCleared");
}

static void V4_an_empty_rung_is_a_finding_until_it_may_be_filled(void **state)
{
    bench *b = *state;
    Uppsikt__RungEmpty e = UPPSIKT__RUNG_EMPTY__INIT;
    org_open(b, "acc");
    e.matter = upp_lend("m1");
    e.account = upp_lend("acc");
    e.rung = upp_lend("administrators");
    assert_int_equal(bench_hear(b, "escalation", "m1", &e.base, NULL), 0);
    assert_int_equal(bench_hear(b, "escalation", "m1", &e.base, NULL), 0);
    bench_saw(b, "FindingRaised");
    org_grant(b, "man", "acc", "c");
    bench_saw(b, "AccessGranted FindingCleared");
    e.account = upp_lend("unheard-of");
    assert_int_equal(bench_hear(b, "escalation", "m1", &e.base, NULL), 0);
    bench_saw(b, "");
}

/* -- R15 -- */
static Uppsikt__SetAbsence away(const char *person, Uppsikt__AbsenceSetContent *when,
                                const char *absence)
{
    Uppsikt__SetAbsence c = UPPSIKT__SET_ABSENCE__INIT;
    c.absence = upp_lend(absence);
    c.person = upp_lend(person);
    c.when = when;
    return c;
}

static void R15_absences_with_ranked_substitutes_are_content(void **state)
{
    bench *b = *state;
    char *substitutes[] = { upp_lend("c"), upp_lend("b") };
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    when.from_ms = b->now + 7;
    when.to_ms = b->now + 7 * UPP_DAY;
    when.substitutes = substitutes;
    when.n_substitutes = 2;
    Uppsikt__SetAbsence c = away("a", &when, "s1");
    bench_did(b, "a", &c.base);
    bench_saw(b, "AbsenceSet");
    ProtobufCMessage *what = NULL;
    ProtobufCMessage *said = bench_said(b, &uppsikt__absence_set__descriptor,
                                        &uppsikt__absence_set_content__descriptor, &what);
    const Uppsikt__AbsenceSetContent *kept = (Uppsikt__AbsenceSetContent *)what;
    assert_int_equal(kept->from_ms, when.from_ms);
    assert_int_equal(kept->n_substitutes, 2);
    assert_string_equal(kept->substitutes[0], "c");
    upp_msg_freep(&said);
    upp_msg_freep(&what);

    const int64_t contents =
        bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0");
    when.to_ms += UPP_DAY;
    bench_did(b, "man", &c.base); /* she comes back a day later: the old content goes */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"),
                     contents);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM absence"), 1);

    Uppsikt__Absences q = UPPSIKT__ABSENCES__INIT;
    q.person = upp_lend("a");
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    what = bench_row_content(b, 0, &uppsikt__absence_row_content__descriptor);
    assert_int_equal(((Uppsikt__AbsenceRowContent *)what)->when->to_ms, when.to_ms);
    upp_msg_freep(&what);
    Uppsikt__CancelAbsence cancel = UPPSIKT__CANCEL_ABSENCE__INIT;
    cancel.absence = upp_lend("s1");
    bench_refused(b, "b", &cancel.base, "not-allowed");
    bench_did(b, "a", &cancel.base);
    bench_did(b, "a", &cancel.base);
    bench_saw(b, "AbsenceSet AbsenceCancelled");
    assert_int_equal(bench_query(b, NULL, &q.base), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"),
                     contents - 1);
    bench_refused(b, "a", &c.base, "absence-unknown"); /* a cancelled one does not rise again */
}

static void R15_what_is_no_absence_is_refused(void **state)
{
    bench *b = *state;
    char *self[] = { upp_lend("a") }, *twice[] = { upp_lend("b"), upp_lend("b") },
         *stranger[] = { upp_lend("nobody") };
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    Uppsikt__SetAbsence c = away("a", NULL, "");
    bench_refused(b, "a", &c.base, "absence-without-time");
    c.when = &when;
    when.from_ms = when.to_ms = b->now;
    bench_refused(b, "a", &c.base, "absence-without-time");
    when.to_ms++;
    when.substitutes = self;
    when.n_substitutes = 1;
    bench_refused(b, "a", &c.base, "substitute-for-herself");
    when.substitutes = stranger;
    bench_refused(b, "a", &c.base, "person-unknown");
    when.substitutes = twice;
    when.n_substitutes = 2;
    bench_refused(b, "a", &c.base, "substitute-named-twice");
    when.n_substitutes = 1;
    bench_did(b, "a", &c.base);
    c.person = upp_lend("nobody");
    bench_refused(b, "com", &c.base, "person-unknown");
}

/* R15: she herself, who leads her unit, the communications unit and operations; nobody else. */
static void R15_who_may_say_that_somebody_is_away(void **state)
{
    bench *b = *state;
    static const struct {
        const char *by;
        bool may;
    } askers[] = { { "a", true },   { "man", true }, { "head", true },  { "com", true },
                   { "ops", true }, { "b", false },  { "other", false } };
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    when.from_ms = b->now;
    when.to_ms = b->now + UPP_DAY;
    for (size_t i = 0; i < UPP_LEN(askers); i++) {
        Uppsikt__SetAbsence c = away("a", &when, "");
        if (askers[i].may)
            bench_did(b, askers[i].by, &c.base);
        else
            bench_refused(b, askers[i].by, &c.base, "not-allowed");
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R05_below_two_is_a_finding_until_they_are_two),
        CASE(R03_access_is_given_by_those_who_lead_the_unit),
        CASE(R16_ranks_say_who_is_asked_first),
        CASE(R05_I21_two_or_a_finding_after_every_change),
        CASE(R06_leaving_opens_a_hand_over_per_account),
        CASE(R06_a_leave_to_come_is_handed_over_before),
        CASE(R06_access_given_to_one_who_leaves_is_handed_over_too),
        CASE(R06_the_manager_who_leaves_leaves_a_rung_empty),
        CASE(V4_an_empty_rung_is_a_finding_until_it_may_be_filled),
        CASE(R15_absences_with_ranked_substitutes_are_content),
        CASE(R15_what_is_no_absence_is_refused),
        CASE(R15_who_may_say_that_somebody_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
