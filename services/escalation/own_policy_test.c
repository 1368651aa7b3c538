/* own_policy_test.c - an authority that has adopted a policy of its own counts by it, and nobody
 * else does (R02, T9). Account "acc" is of authority "ks", "vag" of "tekn". */
#include "desk_fixture.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdio.h>
#include <string.h>

static const char shorter[] = "clocks:\n  first_response_office: 240min\n";
static const char longer[] = "clocks:\n  first_response_office: 510min\n";
/* On Saturdays too, and not on Tuesday the 24th. */
static const char saturdays[] =
    "calendars:\n  duty:\n    version: 5\n    holidays: sweden\n"
    "    week: {mon: [\"08:00-16:30\"], tue: [\"08:00-16:30\"], wed: [\"08:00-16:30\"],"
    " thu: [\"08:00-16:30\"], fri: [\"08:00-16:30\"], sat: [\"10:00-14:00\"]}\n"
    "    overrides: {2026-11-24: closed}\n";

static void adopt(desk *d, const char *authority, int64_t version, const char *yaml,
                  const char *from)
{
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    p.authority = upp_lend(authority);
    p.version = version;
    p.yaml = upp_lend(yaml);
    p.decision = upp_lend("KS 2026/1");
    p.valid_from_ms = desk_at(from);
    desk_say(d, "registry", authority[0] ? authority : "policy", &p.base);
    desk_run(d, UPP_SECOND);
}

static void account(desk *d, const char *id, const char *authority)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    a.account = upp_lend(id);
    a.platform = upp_lend("facebook");
    a.unit = upp_lend("skola");
    a.authority = upp_lend(authority);
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    desk_say(d, "registry", id, &a.base);
}

static void question(desk *d, const char *item, const char *of, const char *when)
{
    desk_received_kin(d, item, when, (desk_kin){ .account = of });
    desk_judged(d, item, 1, DESK_QUESTION);
    desk_run(d, UPP_SECOND);
}

/* "ks=3 =1": what the operators are told of what counts where; the body's stands first. */
static const char *in_force(desk *d, char ret_text[120])
{
    const Uppsikt__PolicyInForce q = UPPSIKT__POLICY_IN_FORCE__INIT;
    ProtobufCMessage *rows[8] = { NULL };
    const size_t n = desk_ask(d, &q.base, &uppsikt__policy_in_force_row__descriptor, rows, 8);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__PolicyInForceRow *row = (const Uppsikt__PolicyInForceRow *)rows[i];
        used += (size_t)snprintf(ret_text + used, 120 - used, "%s%s=%lld", i ? " " : "",
                                 row->authority, (long long)row->version);
        upp_msg_freep(&rows[i]);
    }
    return ret_text;
}

#define EXPECT_DUE(d, matter, when)                                                                \
    assert_int_equal(desk_matter(d, matter, "due_ms"), desk_at(when))
#define EXPECT_IN_FORCE(d, text)                                                                   \
    do {                                                                                           \
        char said[120];                                                                            \
        assert_string_equal(in_force(d, said), text);                                              \
    } while (0)

static void restart(desk *d)
{
    sim_down(d->s, "escalation", UPP_SECOND);
    desk_run(d, 5 * UPP_SECOND);
}

/* R02: one authority's own moves what is open of that authority's accounts, and nothing else; the
 * body's moves the others'. Which one a clock ran on stands beside it. */
static void r02_an_authority_counts_by_its_own(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "acc", "2026-11-24T08:00:00+01:00");
    question(d, "i2", "vag", "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    desk_until(d, "2026-11-24T08:01:00+01:00");
    adopt(d, "ks", 1, shorter, "2026-11-24T08:01:00+01:00"); /* the built-in's number, too */
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "due_rev"), 2);
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_matter(d, "i2.q1", "due_rev"), 1);
    assert_int_equal(desk_said(d, "DueRecomputed"), 1);
    EXPECT_IN_FORCE(d, "=0 ks=1");
    question(d, "i3", "acc", "2026-11-24T08:02:00+01:00");
    question(d, "i4", "vag", "2026-11-24T08:02:00+01:00");
    EXPECT_DUE(d, "i3.q1", "2026-11-24T12:02:00+01:00");
    EXPECT_DUE(d, "i4.q1", "2026-11-24T16:02:00+01:00");
    desk_until(d, "2026-11-24T08:03:00+01:00");
    adopt(d, "", 2, longer, "2026-11-24T08:03:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "policy_version"), 1);
    assert_int_equal(desk_matter(d, "i2.q1", "policy_version"), 2);
    assert_int_equal(desk_said(d, "DueRecomputed"), 3);
    restart(d);
    EXPECT_IN_FORCE(d, "=2 ks=1");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    EXPECT_DUE(d, "i4.q1", "2026-11-25T08:02:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 3);
    desk_until(d, "2026-11-24T12:00:01+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "breached"), 1);
    assert_int_equal(desk_matter(d, "i2.q1", "breached"), 0);
}

/* R02: two authorities, each its own, in any order and from a day to come; and the decision that
 * one goes by the body's again, from a day to come too. */
static void r02_each_its_own_until_the_body_s_counts_again(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, "tekn", 3, longer, "2026-11-24T10:00:00+01:00");
    adopt(d, "ks", 4, shorter, "2026-11-24T08:00:00+01:00");
    EXPECT_IN_FORCE(d, "=0 ks=4");
    question(d, "i1", "acc", "2026-11-24T08:00:00+01:00");
    question(d, "i2", "vag", "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:00:00+01:00");
    adopt(d, "ks", 6, "", "2026-11-24T10:30:00+01:00");
    desk_until(d, "2026-11-24T10:00:01+01:00");
    EXPECT_IN_FORCE(d, "=0 ks=4 tekn=3");
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:30:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    desk_until(d, "2026-11-24T10:31:00+01:00");
    EXPECT_IN_FORCE(d, "=0 tekn=3");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "policy_version"), 1); /* the built-in's */
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:30:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 2);
    restart(d);
    EXPECT_IN_FORCE(d, "=0 tekn=3");
    adopt(d, "ks", 7, shorter, "2026-11-24T10:31:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
}

/* R02: an account whose unit moves to another authority goes by that one's numbers from then on, as
 * if they had been adopted then; the other accounts stay. */
static void r02_an_account_that_moves_goes_by_the_other_s(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, "ks", 1, shorter, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "acc", "2026-11-24T08:00:00+01:00");
    question(d, "i2", "vag", "2026-11-24T08:00:00+01:00");
    desk_reply(d, "i2", "r1", "2026-11-24T08:00:30+01:00"); /* closed: it stays what it was */
    question(d, "i3", "vag", "2026-11-24T08:00:40+01:00");
    account(d, "vag", "ks");
    EXPECT_DUE(d, "i3.q1", "2026-11-24T12:00:40+01:00");
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 1);
    account(d, "acc", "tekn"); /* the built-in's number is the one that it leaves */
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    EXPECT_DUE(d, "i3.q1", "2026-11-24T12:00:40+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 2);
    account(d, "acc", "tekn"); /* said again: nothing has moved */
    assert_int_equal(desk_said(d, "DueRecomputed"), 2);
}

/* R02: before the register's word of an account has come, and for what is no account's, the body's
 * counts. */
static void r02_what_is_no_account_s_goes_by_the_body_s(void **state)
{
    desk *d = *state;
    static const char slow[] = "people: {review_days: 9}\n";
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, "ks", 1, shorter, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "ny", "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    account(d, "ny", "ks");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    adopt(d, "ks", 2, slow, "2026-11-24T08:00:00+01:00");
    Uppsikt__HoldPlaced h = UPPSIKT__HOLD_PLACED__INIT;
    h.hold = upp_lend("h1");
    h.account = upp_lend("acc");
    h.review_ms = desk_at("2026-11-24T09:00:00+01:00");
    desk_say(d, "evidence", "h1", &h.base);
    h.hold = upp_lend("h2"); /* of a matter that is nobody's */
    h.account = upp_lend("");
    desk_say(d, "evidence", "h2", &h.base);
    desk_until(d, "2026-11-24T09:00:10+01:00");
    EXPECT_DUE(d, "h1.g1", "2026-12-07T09:00:00+01:00");
    EXPECT_DUE(d, "h2.g1", "2026-11-26T09:00:00+01:00");
}

/* R02, R15, R16: office hours, ladder and who is told when are the authority's, too. */
static void r02_hours_and_ladder_are_its_own(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-23T16:00:00+01:00"); /* a Monday */
    adopt(d, "ks", 1, saturdays, "2026-11-23T16:00:00+01:00");
    question(d, "i1", "acc", "2026-11-23T16:00:00+01:00");
    question(d, "i2", "vag", "2026-11-23T16:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-25T15:30:00+01:00"); /* Tuesday is closed there */
    EXPECT_DUE(d, "i2.q1", "2026-11-24T15:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "calendar_version"), 5);
    assert_int_equal(desk_matter(d, "i2.q1", "calendar_version"), 1);
    desk_until(d, "2026-11-25T07:59:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM pending WHERE matter = 'i1.q1'"
                                    " AND notice <> ''"),
                     0);
    assert_true(desk_number(d, "SELECT count(*) FROM pending WHERE matter = 'i2.q1'"
                               " AND notice <> ''") > 0);
    desk_until(d, "2026-11-25T13:30:00+01:00");
    assert_true(desk_number(d, "SELECT count(*) FROM pending WHERE matter = 'i1.q1'"
                               " AND notice <> ''") > 0);
}

static int64_t watched(desk *d, const char *id)
{
    char sql[160];
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.AccountWatched' AND subject = '%s'",
        id);
    return desk_number(d, sql);
}

/* R02, R13, R17: on a Saturday the one is watched and told, and the other is not. */
static void r02_a_saturday_is_a_working_day_of_its_own(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-27T16:25:00+01:00"); /* a Friday */
    adopt(d, "ks", 1, saturdays, "2026-11-27T16:25:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received_kin(d, "i1", "2026-11-27T20:00:00+01:00", (desk_kin){ .account = "acc" });
    desk_until(d, "2026-11-28T10:30:00+01:00");
    assert_true(desk_mailed(d, "anna@x.se") > 0); /* in the middle of the body's week-end */
    desk_until(d, "2026-11-29T08:00:00+01:00");
    assert_int_equal(watched(d, "acc"), watched(d, "vag") + 1);
}

/* R02: an authority's own that this program cannot read is set aside; the one before stays, there
 * and everywhere. A number that is used again is of the other authority. */
static void r02_what_cannot_be_read_changes_nothing_anywhere(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, "ks", 1, shorter, "2026-11-24T08:00:00+01:00");
    adopt(d, "ks", 2, "clocks:\n  first_response_lunar: 1min\n", "2026-11-24T08:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_parked"), 1);
    EXPECT_IN_FORCE(d, "=0 ks=1");
    question(d, "i1", "acc", "2026-11-24T08:01:00+01:00");
    question(d, "i2", "vag", "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:01:00+01:00");
    adopt(d, "tekn", 1, shorter, "2026-11-24T08:02:00+01:00"); /* a register that was restored */
    desk_run(d, 2 * UPP_MINUTE);
    EXPECT_IN_FORCE(d, "=0 tekn=1");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:01:00+01:00");
    EXPECT_DUE(d, "i2.q1", "2026-11-24T12:01:00+01:00");
}

/* R02, R05, R13, R14: what is unusual, how many must have access, how often it is handed over. */
static void r02_the_other_rules_are_its_own_too(void **state)
{
    desk *d = *state;
    static const char strict[] = "clocks: {handovers: 1}\n"
                                 "spike: {least: 3, times: 2}\n"
                                 "people: {access_least: 3}\n";
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-23T09:00:00+01:00");
    adopt(d, "ks", 1, strict, "2026-11-23T09:00:00+01:00");
    static const char *const of[] = { "acc", "vag" };
    for (size_t i = 0; i < 6; i++) {
        char item[16];
        snprintf(item, sizeof item, "%s%zu", of[i % 2], i);
        desk_received_kin(d, item, "2026-11-23T09:00:00+01:00", (desk_kin){ .account = of[i % 2] });
        desk_judged(d, item, 1, DESK_CLEAN);
    }
    assert_int_equal(desk_matter(d, "acc/2026-11-23.z1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "vag/2026-11-23.z1", "state"), -1);
    question(d, "i1", "acc", "2026-11-23T09:00:30+01:00");
    Uppsikt__HandOver c = UPPSIKT__HAND_OVER__INIT;
    Uppsikt__AnswerHandOver no = UPPSIKT__ANSWER_HAND_OVER__INIT;
    c.matter = no.matter = upp_lend("i1.q1");
    c.to = upp_lend("dora");
    no.no = true;
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    assert_string_equal(desk_do(d, "dora", &no.base), "");
    assert_string_equal(desk_do(d, "anna", &c.base), "handed-too-often");
    desk_until(d, "2026-11-24T07:00:10+01:00");
    assert_int_equal(desk_matter(d, "acc.a1", "state"), MATTER_OPEN); /* two have access */
}

/* R02, R32: the report counts each account's minutes in its own hours, also where it adds them. */
static void r02_the_report_counts_in_its_own_hours(void **state)
{
    desk *d = *state;
    account(d, "vag", "tekn");
    desk_until(d, "2026-11-23T16:00:00+01:00");
    adopt(d, "ks", 1, saturdays, "2026-11-23T16:00:00+01:00");
    question(d, "i1", "acc", "2026-11-23T16:00:00+01:00");
    question(d, "i2", "vag", "2026-11-23T16:00:00+01:00");
    desk_until(d, "2026-11-24T12:00:00+01:00"); /* closed there: half an hour of Monday is all */
    desk_reply(d, "i1", "r1", "2026-11-24T12:00:00+01:00");
    desk_reply(d, "i2", "r2", "2026-11-24T12:00:00+01:00");
    Uppsikt__Report q = UPPSIKT__REPORT__INIT;
    q.from_ms = desk_at("2026-11-23T00:00:00+01:00");
    q.to_ms = desk_at("2026-11-24T00:00:00+01:00");
    ProtobufCMessage *rows[16] = { NULL };
    const size_t n = desk_ask(d, &q.base, &uppsikt__report_row__descriptor, rows, 16);
    int64_t found = 0;
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__ReportRow *row = (const Uppsikt__ReportRow *)rows[i];
        if (strcmp(row->clock, "question") == 0 && row->n_in > 0) {
            const bool ours = strcmp(row->account, "vag") != 0; /* the least of the sum, too */
            assert_int_equal(row->median_minutes, ours ? 30 : 270);
            assert_int_equal(row->p90_minutes, strcmp(row->account, "acc") == 0 ? 30 : 270);
            found++;
        }
        upp_msg_freep(&rows[i]);
    }
    assert_int_equal(found, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r02_an_authority_counts_by_its_own),
        DESK(r02_each_its_own_until_the_body_s_counts_again),
        DESK(r02_an_account_that_moves_goes_by_the_other_s),
        DESK(r02_what_is_no_account_s_goes_by_the_body_s),
        DESK(r02_hours_and_ladder_are_its_own),
        DESK(r02_a_saturday_is_a_working_day_of_its_own),
        DESK(r02_what_cannot_be_read_changes_nothing_anywhere),
        DESK(r02_the_other_rules_are_its_own_too),
        DESK(r02_the_report_counts_in_its_own_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
