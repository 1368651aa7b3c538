/* matter_test.c - clocks as the service keeps them: which matters an item asks for, until when, and
 * what ends them (R14, R16, R20; sla.md §3, §5). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

static void expect_due(desk *d, const char *id, const char *due)
{
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at(due));
    assert_int_equal(desk_matter(d, id, "state"), MATTER_OPEN);
}

/* E1, X1: a question on Friday evening. */
static void e01_friday_evening(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-27T18:40:00+01:00");
    desk_received(d, "i1", "2026-11-27T18:40:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    expect_due(d, "i1.q1", "2026-11-30T16:00:00+01:00");
    desk_until(d, "2026-11-30T07:59:59+01:00");
    assert_int_equal(d->n_mails, 0); /* no mail until Monday 08:00 */
    desk_until(d, "2026-11-30T08:16:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    assert_true(d->mails[0].at >= desk_at("2026-11-30T08:00:00+01:00"));
}

/* E2: exactly at closing: counting starts in the next window. E3: before a block of holidays. E5:
 * 24 hours over the end of summer time. */
static void e02_e03_e05_due(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-10-24T22:00:00+02:00");
    desk_received(d, "i5", "2026-10-24T22:00:00+02:00");
    desk_judged(d, "i5", 1, DESK_ATTACK);
    expect_due(d, "i5.m1", "2026-10-25T21:00:00+01:00");
    assert_int_equal(desk_matter(d, "i5.m1", "attended_ms"), desk_at("2026-10-26T12:00:00+01:00"));
    desk_until(d, "2026-11-23T16:30:00+01:00");
    desk_received(d, "i2", "2026-11-23T16:30:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    expect_due(d, "i2.q1", "2026-11-24T16:00:00+01:00");
    desk_until(d, "2026-12-23T15:00:00+01:00");
    desk_received(d, "i3", "2026-12-23T15:00:00+01:00");
    desk_judged(d, "i3", 1, DESK_QUESTION);
    expect_due(d, "i3.q1", "2026-12-28T14:30:00+01:00");
}

/* R13: nothing has been judged: a person must look within 240 office minutes. */
static void triage_runs_without_a_classifier(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    expect_due(d, "i1.l1", "2026-11-24T12:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_CLEAN);
    assert_int_equal(desk_matter(d, "i1.l1", "state"), MATTER_WITHDRAWN);
    assert_int_equal(desk_matter(d, "i1.s1", "state"), MATTER_OPEN); /* only to be seen */
    desk_edited(d, "i1", 2, "2026-11-24T09:00:00+01:00", false);
    expect_due(d, "i1.l1", "2026-11-24T12:00:00+01:00"); /* the same clock again (E9) */
    assert_int_equal(desk_matter(d, "i1.l1", "version"), 2);
    desk_judged(d, "i1", 2, DESK_CLEAN);
    assert_int_equal(desk_matter(d, "i1.l1", "state"), MATTER_WITHDRAWN);
    assert_int_equal(desk_matter(d, "i1.s1", "state"), MATTER_OPEN);
}

/* T5: met until due, late from the smallest unit after it. */
static void t05_breach_at_due_plus_1_ms(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_until(d, "2026-11-25T09:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "breached"), 0);
    desk_run(d, 1);
    desk_run(d, UPP_SECOND); /* a batch takes its time; the time it stands in does not */
    assert_int_equal(desk_matter(d, "i1.m1", "breached"), 1);
    assert_int_equal(desk_said(d, "MatterBreached"), 1);
    assert_int_equal(desk_decide(d, "anna", "i1.m1", 1, KEEP, "")[0], '\0');
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_said(d, "MatterMet"), 1);
}

static void met_at_due_is_no_breach(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_until(d, "2026-11-25T08:59:50+01:00");
    desk_removed(d, "i1", HIDE, "2026-11-25T08:59:50+01:00");
    desk_run(d, UPP_DAY);
    assert_int_equal(desk_said(d, "MatterBreached"), 0);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REMOVED);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_alarm WHERE key LIKE '%i1.%'"), 0);
}

/* §3.3: what the law wants gone is met by removal alone, hiding is the interim. */
static void bound_items_are_met_by_removal(void **state)
{
    desk *d = *state;
    const desk_verdict personal = { UPPSIKT__LABEL__LABEL_PERSONAL_DATA, UPPSIKT__BAND__BAND_LIKELY,
                                    UPPSIKT__DUTY__DUTY_DATA_PROTECTION, false };
    desk_until(d, "2026-11-24T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T09:00:00+01:00");
    desk_judged(d, "i1", 1, personal);
    desk_removed(d, "i1", HIDE, "2026-11-24T10:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    desk_removed(d, "i1", DELETE, "2026-11-24T11:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
}

/* E7: asked again after our answer: a new round with a clock of its own. */
static void e07_a_follow_up_is_a_new_round(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_reply(d, "i1", "r1", "2026-11-23T10:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-23T10:00:00+01:00"));
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_edited(d, "i1", 2, "2026-11-24T08:00:00+01:00", false);
    desk_judged(d, "i1", 2, DESK_QUESTION);
    expect_due(d, "i1.q2", "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-23T10:00:00+01:00"));
    desk_reply(d, "i1", "r2", "2026-11-24T09:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q2", "state"), MATTER_MET);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3"), 2);
}

/* E8: thanks open no round; one key opens it with the time of then. */
static void e08_thanks_and_a_persons_mark(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_CLEAN);
    assert_int_equal(desk_matter(d, "i1.q1", "state"), -1);
    desk_until(d, "2026-11-24T14:00:00+01:00");
    Uppsikt__Mark mark = UPPSIKT__MARK__INIT;
    mark.item = upp_lend("i1");
    mark.question = true;
    assert_string_equal(desk_do(d, "dora", &mark.base), "not-your-account");
    assert_string_equal(desk_do(d, "anna", &mark.base), "");
    expect_due(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    mark.question = false;
    mark.not_question = true;
    assert_string_equal(desk_do(d, "anna", &mark.base), "");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_WITHDRAWN);
}

/* E9: editing cannot buy time; class is the worst that nobody has seen. E11: a question stays
 * one. */
static void e09_e11_edits_before_a_decision(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_until(d, "2026-11-24T20:00:00+01:00");
    desk_edited(d, "i1", 2, "2026-11-24T20:00:00+01:00", false);
    desk_judged(d, "i1", 2, DESK_CLEAN);
    expect_due(d, "i1.m1", "2026-11-25T08:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "version"), 2);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, KEEP, ""), "stale-version");
    assert_int_equal(desk_said(d, "DecisionMade"), 0);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 2, KEEP, ""), "");
    desk_until(d, "2026-11-25T08:00:00+01:00");
    desk_received(d, "i2", "2026-11-25T08:00:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_edited(d, "i2", 2, "2026-11-25T09:00:00+01:00", false);
    desk_judged(d, "i2", 2, DESK_CLEAN);
    expect_due(d, "i2.q1", "2026-11-25T16:00:00+01:00");
}

/* E10: edited after it was kept: other words are a new matter from the edit, the same ones none. */
static void e10_edits_after_a_decision(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, KEEP, ""), "");
    desk_until(d, "2026-11-24T09:00:00+01:00");
    desk_edited(d, "i1", 2, "2026-11-24T09:00:00+01:00", true);
    desk_judged(d, "i1", 2, DESK_ATTACK);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 0);
    desk_until(d, "2026-11-24T10:00:00+01:00");
    desk_edited(d, "i1", 3, "2026-11-24T10:00:00+01:00", false);
    desk_judged(d, "i1", 3, DESK_ATTACK);
    expect_due(d, "i1.m3", "2026-11-25T10:00:00+01:00");
    desk_until(d, "2026-11-24T12:00:00+01:00");
    desk_edited(d, "i1", 4, "2026-11-24T12:00:00+01:00", false);
    desk_judged(d, "i1", 4, DESK_ATTACK);
    expect_due(d, "i1.m3", "2026-11-25T10:00:00+01:00"); /* one clock, from the earliest */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 1);
}

/* E12-E14: whoever took it away; E15: one of us, outside uppsikt, or nobody can tell. */
static void e12_to_e15_gone(void **state)
{
    desk *d = *state;
    static const struct {
        const char *item, *moderation, *question, *asks;
        Uppsikt__GoneBy who;
        int state, how;
    } rows[] = {
        { "i1", "i1.m1", "i1.q1", "i1.o1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, MATTER_WITHDRAWN,
          UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_AUTHOR },
        { "i2", "i2.m1", "i2.q1", "i2.o1", UPPSIKT__GONE_BY__GONE_BY_PLATFORM, MATTER_WITHDRAWN,
          UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_PLATFORM },
        { "i3", "i3.m1", "i3.q1", "i3.o1", UPPSIKT__GONE_BY__GONE_BY_US, MATTER_MET,
          UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE },
        { "i4", "i4.m1", "i4.q1", "i4.o1", UPPSIKT__GONE_BY__GONE_BY_UNKNOWN, MATTER_WITHDRAWN,
          UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_UNKNOWN },
    };
    desk_until(d, "2026-11-24T08:00:00+01:00");
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        desk_received(d, rows[i].item, "2026-11-24T08:00:00+01:00");
        desk_judged(d, rows[i].item, 1, DESK_ATTACK);
        desk_judged(d, rows[i].item, 2, DESK_QUESTION);
        desk_edited(d, rows[i].item, 2, "2026-11-24T08:00:10+01:00", false);
        desk_gone(d, rows[i].item, rows[i].who, "2026-11-24T08:30:00+01:00");
        assert_int_equal(desk_matter(d, rows[i].moderation, "state"), rows[i].state);
        assert_int_equal(desk_matter(d, rows[i].moderation, "met_how"), rows[i].how);
        assert_int_equal(desk_matter(d, rows[i].question, "state"), MATTER_WITHDRAWN);
        assert_int_equal(desk_matter(d, rows[i].asks, "state"), i < 2 ? -1 : MATTER_OPEN);
    }
    /* the administrators are asked first, the manager after one working day */
    desk_until(d, "2026-11-24T16:00:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    assert_int_equal(desk_mailed(d, "chef@x.se"), 0);
    assert_non_null(strstr(d->mails[0].text, "Borttagen eller dold"));
    assert_string_equal(desk_decide(d, "bo", "i4.o1", 2, KEEP, ""), "");
    desk_until(d, "2026-11-25T09:00:00+01:00");
    assert_int_equal(desk_mailed(d, "chef@x.se"), 1);
    assert_string_equal(desk_decide(d, "chef", "i3.o1", 2, DELETE, ""), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 0);
}

/* E16: answered on the platform: met at platform time. E18: the second is refused. */
static void e16_e18_answers(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_until(d, "2026-11-24T15:00:00+01:00");
    desk_reply(d, "i1", "r1", "2026-11-24T09:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-24T09:30:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"),
                     UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE);
    Uppsikt__NeedsNoAnswer no = UPPSIKT__NEEDS_NO_ANSWER__INIT;
    no.matter = upp_lend("i1.q1");
    no.reason = upp_lend("thanks");
    assert_string_equal(desk_do(d, "anna", &no.base), "matter-closed");
}

static void needs_no_answer(void **state)
{
    desk *d = *state;
    Uppsikt__NeedsNoAnswer no = UPPSIKT__NEEDS_NO_ANSWER__INIT;
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    no.matter = upp_lend("i1.q1");
    no.reason = upp_lend("orkar inte");
    assert_string_equal(desk_do(d, "anna", &no.base), "reason-missing");
    no.reason = upp_lend("rhetorical");
    assert_string_equal(desk_do(d, NULL, &no.base), "decide-needs-a-person");
    assert_string_equal(desk_do(d, "anna", &no.base), "");
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER);
    desk_judged(d, "i1", 1, DESK_QUESTION); /* judged again: the person's word stands */
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.q2", "state"), -1);
}

/* History from before the connection starts no clock (§3.2). */
static void backfill_starts_no_clock(void **state)
{
    desk *d = *state;
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    c.item = upp_lend("i1");
    c.account = upp_lend("acc");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = c.first_seen_ms = sim_now(d->s);
    c.backfill = true;
    desk_received_as(d, &c);
    desk_judged(d, "i1", 1, DESK_ATTACK);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 0);
}

/* §3.2: an ingest gap: due still counts from when it was written; the cause of the miss is the
 * gap. */
static void late_discovery(void **state)
{
    desk *d = *state;
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    desk_until(d, "2026-11-25T10:00:00+01:00");
    c.item = upp_lend("i1");
    c.account = upp_lend("acc");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = desk_at("2026-11-24T08:00:00+01:00");
    c.first_seen_ms = sim_now(d->s);
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received_as(d, &c);
    assert_int_equal(desk_matter(d, "i1.q1", "late"), 1);
    assert_int_equal(desk_matter(d, "i1.q1", "due_ms"), desk_at("2026-11-24T16:00:00+01:00"));
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_said(d, "MatterBreached"), 1);
    /* the ladder starts where it was found: one step is sent, the earlier ones are overtaken */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM step WHERE how = 1"), 1);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM step WHERE how = 2"), 3);
}

/* T9, E31: other numbers: open matters are counted anew and say so; what is closed stays. */
static void t09_a_new_policy_counts_open_matters_anew(void **state)
{
    desk *d = *state;
    static const char shorter[] = "version: 2\nclocks:\n  first_response_office: 240min\n";
    desk_until(d, "2026-11-24T08:00:00+01:00");
    desk_received(d, "i1", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i2", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received(d, "i3", "2026-11-24T08:00:00+01:00");
    desk_judged(d, "i3", 1, DESK_ATTACK);
    desk_reply(d, "i2", "r1", "2026-11-24T08:00:30+01:00");
    expect_due(d, "i1.q1", "2026-11-24T16:00:00+01:00");
    d->config.policy = (upp_bytes){ (const uint8_t *)shorter, sizeof shorter - 1 };
    sim_down(d->s, "escalation", UPP_SECOND);
    desk_run(d, 5 * UPP_SECOND);
    expect_due(d, "i1.q1", "2026-11-24T12:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "due_rev"), 2);
    assert_int_equal(desk_matter(d, "i1.q1", "policy_version"), 2);
    assert_int_equal(desk_matter(d, "i2.q1", "due_ms"), desk_at("2026-11-24T16:00:00+01:00"));
    expect_due(d, "i3.m1", "2026-11-25T08:00:00+01:00"); /* the same due: nothing to say */
    assert_int_equal(desk_matter(d, "i3.m1", "due_rev"), 1);
    assert_int_equal(desk_said(d, "DueRecomputed"), 1);
    desk_until(d, "2026-11-24T12:00:01+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "breached"), 1);
}

/* Every order in which two services may be heard gives the same rows and the same open matters. */
enum { WORDS = 6 };
static void speak(desk *d, const char *item, size_t word)
{
    switch (word) {
    case 0:
        desk_received(d, item, "2026-11-24T08:00:00+01:00");
        break;
    case 1:
        desk_judged(d, item, 1, DESK_QUESTION);
        break;
    case 2:
        desk_edited(d, item, 2, "2026-11-24T09:00:00+01:00", false);
        break;
    case 3:
        desk_judged(d, item, 2, DESK_ATTACK);
        break;
    case 4:
        desk_reply(d, item, "r1", "2026-11-24T08:30:00+01:00");
        break;
    case 5:
        desk_gone(d, item, UPPSIKT__GONE_BY__GONE_BY_UNKNOWN, "2026-11-24T09:30:00+01:00");
        break;
    }
}

static void expect_same(desk *d, const char *item, const char *first, bool gone)
{
    static const char *const tables[] = {
        "SELECT account, kind, received_ms, seen_ms, decided, gone, gone_ms FROM item",
        "SELECT version, at_ms, seen_ms, same FROM version",
        "SELECT version, likely, review, duty, danger, records FROM judged",
        "SELECT reply, at_ms, ours FROM answer",
    };
    char sql[1200];
    for (size_t t = 0; t < UPP_LEN(tables); t++) {
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM (%s WHERE item = '%s' EXCEPT %s WHERE item = '%s')",
                 tables[t], item, tables[t], first);
        assert_int_equal(desk_number(d, sql), 0);
    }
    /* letter and number, due, version, what is at stake */
    snprintf(
        sql, sizeof sql,
        "WITH o AS (SELECT item, replace(matter, item, '') name, due_ms, attended_ms, version,"
        " akut, duty FROM matter WHERE state = 0) SELECT count(*) FROM (SELECT name, due_ms,"
        " attended_ms, version, akut, duty FROM o WHERE item = '%s' EXCEPT SELECT name, due_ms,"
        " attended_ms, version, akut, duty FROM o WHERE item = '%s')",
        item, first);
    assert_int_equal(desk_number(d, sql), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM matter WHERE state = 0 AND item = '%s'", item);
    assert_int_equal(desk_number(d, sql), 1); /* the moderation matter, or who removed it */
    snprintf(sql, sizeof sql, "SELECT count(*) FROM matter WHERE item = '%s' AND kind = 3", item);
    if (!gone)
        assert_int_equal(desk_number(d, sql), 1);
}

static void permute(desk *d, size_t *order, size_t n, size_t k, size_t *ret_n, bool gone)
{
    char item[16];
    if (k < n) {
        for (size_t i = k; i < n; i++) {
            const size_t a = order[k], b = order[i];
            order[k] = b;
            order[i] = a;
            permute(d, order, n, k + 1, ret_n, gone);
            order[k] = a;
            order[i] = b;
        }
        return;
    }
    snprintf(item, sizeof item, "%c%zu", gone ? 'g' : 'p', (*ret_n)++);
    for (size_t i = 0; i < n; i++)
        speak(d, item, order[i]);
    expect_same(d, item, gone ? "g0" : "p0", gone);
}

static void all_orders_come_to_the_same(void **state)
{
    desk *d = *state;
    size_t order[WORDS] = { 0, 1, 2, 3, 4, 5 }, n = 0;
    desk_until(d, "2026-11-24T09:30:00+01:00");
    permute(d, order, 5, 0, &n, false);
    assert_int_equal(n, 120);
    n = 0;
    permute(d, order, WORDS, 0, &n, true);
    assert_int_equal(n, 720);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(e01_friday_evening),
        DESK(e02_e03_e05_due),
        DESK(triage_runs_without_a_classifier),
        DESK(t05_breach_at_due_plus_1_ms),
        DESK(met_at_due_is_no_breach),
        DESK(bound_items_are_met_by_removal),
        DESK(e07_a_follow_up_is_a_new_round),
        DESK(e08_thanks_and_a_persons_mark),
        DESK(e09_e11_edits_before_a_decision),
        DESK(e10_edits_after_a_decision),
        DESK(e12_to_e15_gone),
        DESK(e16_e18_answers),
        DESK(needs_no_answer),
        DESK(backfill_starts_no_clock),
        DESK(late_discovery),
        cmocka_unit_test_setup_teardown(t09_a_new_policy_counts_open_matters_anew, desk_set_up,
                                        desk_leave),
        DESK(all_orders_come_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
