/* adopted_test.c - the policy that is adopted is the one that the clocks run on (R02, T9, E31). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

static const char shorter[] = "clocks:\n  first_response_office: 240min\n";
static const char longer[] = "clocks:\n  first_response_office: 510min\n";
/* A key that a later program may know. */
static const char newer[] = "clocks:\n  first_response_lunar: 1min\n";

static void adopt(desk *d, int64_t version, const char *yaml, const char *from)
{
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    p.version = version;
    p.yaml = upp_lend(yaml);
    p.decision = upp_lend("KS 2026/1");
    p.valid_from_ms = desk_at(from);
    desk_say(d, "registry", "policy", &p.base);
    desk_run(d, UPP_SECOND);
}

static void question(desk *d, const char *item, const char *when)
{
    desk_received(d, item, when);
    desk_judged(d, item, 1, DESK_QUESTION);
    desk_run(d, UPP_SECOND);
}

/* What the operators are told. */
static int64_t in_force(desk *d)
{
    const Uppsikt__PolicyInForce q = UPPSIKT__POLICY_IN_FORCE__INIT;
    ProtobufCMessage *row = NULL;
    assert_int_equal(desk_ask(d, &q.base, &uppsikt__policy_in_force_row__descriptor, &row, 1), 1);
    const int64_t version = ((const Uppsikt__PolicyInForceRow *)row)->version;
    upp_msg_freep(&row);
    return version;
}

#define EXPECT_DUE(d, matter, when)                                                                \
    assert_int_equal(desk_matter(d, matter, "due_ms"), desk_at(when))

static void restart(desk *d)
{
    sim_down(d->s, "escalation", UPP_SECOND);
    desk_run(d, 5 * UPP_SECOND);
}

/* R02, T9: before it is adopted the old numbers count, from then on the new ones: for what is open,
 * and it is said, and for what comes. What is closed stays. A restart changes nothing. */
static void r02_what_is_adopted_counts_from_then_on(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "2026-11-24T08:00:00+01:00");
    question(d, "i2", "2026-11-24T08:00:00+01:00");
    desk_reply(d, "i2", "r1", "2026-11-24T08:00:30+01:00");
    desk_run(d, UPP_SECOND);
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "policy_version"), 1);
    assert_int_equal(in_force(d), 0);
    desk_until(d, "2026-11-24T08:01:00+01:00");
    adopt(d, 1, shorter, "2026-11-24T08:01:00+01:00"); /* the number that the built-in has, too */
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "due_rev"), 2);
    EXPECT_DUE(d, "i2.q1", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 1);
    question(d, "i3", "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i3.q1", "2026-11-24T12:01:00+01:00");
    assert_int_equal(desk_matter(d, "i3.q1", "policy_version"), 1);
    adopt(d, 2, longer, "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:30:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 3);
    restart(d);
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:30:00+01:00");
    EXPECT_DUE(d, "i3.q1", "2026-11-25T08:01:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 3);
    question(d, "i4", "2026-11-24T08:02:00+01:00");
    EXPECT_DUE(d, "i4.q1", "2026-11-25T08:02:00+01:00");
    desk_until(d, "2026-11-24T12:01:01+01:00"); /* nothing of the old due is left */
    assert_int_equal(desk_matter(d, "i1.q1", "breached"), 0);
    desk_until(d, "2026-11-24T16:30:01+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "breached"), 1);
}

/* R02: a decision may name a day to come; until then what is in force counts, also when the service
 * is down as the day comes. */
static void r02_from_the_day_that_the_decision_names(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, 7, shorter, "2026-11-24T10:00:00+01:00");
    assert_int_equal(in_force(d), 0);
    question(d, "i1", "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    restart(d);
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    desk_until(d, "2026-11-24T09:59:58+01:00");
    sim_down(d->s, "escalation", UPP_MINUTE);
    desk_until(d, "2026-11-24T10:02:00+01:00");
    assert_int_equal(in_force(d), 7);
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "policy_version"), 7);
    /* one that was decided on before, for later, does not come back over the newer */
    adopt(d, 9, longer, "2026-11-24T10:02:00+01:00");
    adopt(d, 8, shorter, "2026-11-24T10:30:00+01:00");
    desk_until(d, "2026-11-24T10:31:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:30:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 2);
}

/* R02: the file of the option is what counts until something is adopted; then it does not, whatever
 * it says. */
static void r02_an_adopted_policy_beats_the_file(void **state)
{
    desk *d = *state;
    d->config.policy = (upp_bytes){ (const uint8_t *)shorter, sizeof shorter - 1 };
    restart(d);
    desk_until(d, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    adopt(d, 1, longer, "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:30:00+01:00");
    restart(d);
    question(d, "i2", "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i2.q1", "2026-11-25T08:01:00+01:00");
}

/* R02: what this program cannot read is set aside where an operator sees it, and the policy before
 * it stays. */
static void r02_what_cannot_be_read_changes_nothing(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, 1, shorter, "2026-11-24T08:00:00+01:00");
    adopt(d, 2, newer, "2026-11-24T08:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_parked"), 1);
    assert_non_null(strstr(desk_text(d, "SELECT why FROM upp_parked"),
                           "policy 2 was adopted, and this program cannot read it: 2:3:"));
    restart(d);
    question(d, "i1", "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM policy"), 1);
    assert_int_equal(in_force(d), 1);
}

/* R02: a register that was restored may use a number again, for another text. */
static void r02_the_same_number_again_is_the_newer_text(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    adopt(d, 1, shorter, "2026-11-24T08:00:00+01:00");
    adopt(d, 1, longer, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "2026-11-24T08:01:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-25T08:01:00+01:00");
}

/* E31: what was withdrawn under the old numbers and is asked for again has the new ones, and says
 * so. */
static void e31_what_opens_again_has_the_numbers_in_force(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    question(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_CLEAN);
    desk_run(d, UPP_SECOND);
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_WITHDRAWN);
    adopt(d, 1, shorter, "2026-11-24T08:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_run(d, UPP_SECOND);
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_OPEN);
    EXPECT_DUE(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    assert_int_equal(desk_said(d, "DueRecomputed"), 1);
}

/* E31: its ladder and its calendar, too: the office is closed that day. */
static void e31_the_calendar_is_of_the_policy(void **state)
{
    desk *d = *state;
    static const char closed[] = "calendars:\n  duty:\n    version: 2\n    holidays: sweden\n"
                                 "    week: {mon: [\"08:00-16:30\"], tue: [\"08:00-16:30\"],"
                                 " wed: [\"08:00-16:30\"], thu: [\"08:00-16:30\"],"
                                 " fri: [\"08:00-16:30\"]}\n"
                                 "    overrides: {2026-11-25: closed}\n";
    desk_until(d, "2026-11-24T12:00:00+01:00");
    question(d, "i1", "2026-11-24T12:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-25T11:30:00+01:00");
    adopt(d, 3, closed, "2026-11-24T12:00:00+01:00");
    EXPECT_DUE(d, "i1.q1", "2026-11-26T11:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "calendar_version"), 2);
    desk_until(d, "2026-11-25T16:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM notice WHERE at_ms > 1795561200000"), 0);
    desk_until(d, "2026-11-26T13:30:00+01:00");
    assert_true(desk_number(d, "SELECT count(*) FROM notice WHERE at_ms > 1795561200000") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r02_what_is_adopted_counts_from_then_on),
        DESK(r02_from_the_day_that_the_decision_names),
        DESK(r02_an_adopted_policy_beats_the_file),
        DESK(r02_what_cannot_be_read_changes_nothing),
        DESK(r02_the_same_number_again_is_the_newer_text),
        DESK(e31_what_opens_again_has_the_numbers_in_force),
        DESK(e31_the_calendar_is_of_the_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
