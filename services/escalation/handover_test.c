/* handover_test.c - ta över and fråga: accept, return, silence, the limit; snooze; ack (R14, R17;
 * E23, E24; sla.md §7). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

static void a_question(desk *d)
{
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
}

static const char *hand(desk *d, const char *by, const char *to, bool ask)
{
    Uppsikt__HandOver c = UPPSIKT__HAND_OVER__INIT;
    c.matter = upp_lend("i1.q1");
    c.to = upp_lend(to);
    c.ask_only = ask;
    return desk_do(d, by, &c.base);
}

static const char *answer(desk *d, const char *by, const char *token, bool no, const char *text)
{
    Uppsikt__AnswerHandOver c = UPPSIKT__ANSWER_HAND_OVER__INIT;
    c.matter = upp_lend(by ? "i1.q1" : "");
    c.token = upp_lend(token);
    c.no = no;
    c.text = upp_lend(text);
    return desk_do(d, by, &c.base);
}

static const char *owner(desk *d)
{
    return desk_text(d, "SELECT owner FROM matter WHERE matter = 'i1.q1'");
}

/* E24: half of the time left, never more than 510 office minutes; the officer says yes by the
 * mail's link and is the owner; the clock goes on. */
static void e24_the_officer_takes_over(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN];
    a_question(d);
    const int64_t due = desk_matter(d, "i1.q1", "due_ms");
    assert_string_equal(hand(d, "anna", "anna", false), "hand-over-to-yourself");
    assert_string_equal(hand(d, "anna", "nobody", false), "officer-not-there");
    assert_string_equal(hand(d, "anna", "dora", false), "");
    assert_string_equal(hand(d, "bo", "carl", false), "handed-over-already");
    /* of 450 office minutes that are left until 16:30 and 30 of the next day: half */
    assert_in_range(desk_matter(d, "i1.q1", "accept_ms"), desk_at("2026-11-23T13:00:00+01:00"),
                    desk_at("2026-11-23T13:00:30+01:00"));
    assert_string_equal(owner(d), "");
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "dora@x.se", "Du ombeds ta över", 0));
    desk_token(d, "dora@x.se", token);
    assert_string_equal(answer(d, "bo", "", false, ""), "not-handed-to-you");
    assert_string_equal(answer(d, NULL, token, false, ""), "");
    assert_string_equal(owner(d), "dora");
    assert_int_equal(desk_matter(d, "i1.q1", "due_ms"), due);
    desk_until(d, "2026-11-23T13:20:00+01:00"); /* step 1: the owner hears beside the others */
    assert_true(
        desk_mail_says(d, "dora@x.se", "Fråga att svara", desk_at("2026-11-23T12:59:00+01:00")));
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT; /* and may act on it, as its owner */
    ack.matter = upp_lend("i1.q1");
    assert_string_equal(desk_do(d, "dora", &ack.base), "");
    assert_int_equal(desk_said(d, "HandOverEnded"), 1);
}

/* E24: she is silent: it returns to the sender, and her manager hears; no: it returns; after three
 * the manager of the account decides. */
static void e24_returned_and_silent(void **state)
{
    desk *d = *state;
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend("annat");
    u.manager = upp_lend("head");
    desk_say(d, "registry", "annat", &u.base);
    a_question(d);
    assert_string_equal(hand(d, "anna", "dora", false), "");
    desk_until(d, "2026-11-23T13:20:00+01:00");
    assert_string_equal(desk_text(d, "SELECT handed_to FROM matter WHERE matter = 'i1.q1'"), "");
    assert_true(desk_mail_says(d, "anna@x.se", "Den är din igen", 0));
    assert_true(desk_mail_says(d, "head@x.se", "gjorde det inte", 0));
    assert_string_equal(hand(d, "anna", "dora", false), "");
    assert_string_equal(answer(d, "dora", "", true, ""), "");
    assert_string_equal(hand(d, "anna", "carl", false), "");
    assert_string_equal(answer(d, "carl", "", true, ""), "");
    assert_int_equal(desk_matter(d, "i1.q1.t1", "state"), MATTER_OPEN); /* the manager's */
    assert_string_equal(hand(d, "anna", "dora", false), "handed-too-often");
    assert_string_equal(hand(d, "chef", "carl", false), "");
    assert_int_equal(desk_matter(d, "i1.q1.t1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.q1", "handovers"), 4);
}

/* E24: fråga: the owner stays; the officer's words become a draft in her name, and are content. */
static void e24_fraga_gives_a_draft(void **state)
{
    desk *d = *state;
    char mark[SIM_MARK];
    Uppsikt__ReplyDrafts q = UPPSIKT__REPLY_DRAFTS__INIT;
    Uppsikt__ReplyDraftRow *row = NULL;
    a_question(d);
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    claim.matter = upp_lend("i1.q1");
    assert_string_equal(desk_do(d, "anna", &claim.base), "");
    assert_string_equal(hand(d, "anna", "dora", true), "");
    assert_string_equal(answer(d, "dora", "", false, ""), "words-missing");
    sim_mark(d->s, "i1", mark);
    assert_string_equal(answer(d, "dora", "", false, mark), "");
    assert_string_equal(owner(d), "anna");
    q.matter = upp_lend("i1.q1");
    assert_int_equal(
        desk_ask(d, &q.base, &uppsikt__reply_draft_row__descriptor, (ProtobufCMessage **)&row, 1),
        1);
    assert_string_equal(row->person, "dora");
    uppsikt__reply_draft_row__free_unpacked(row, NULL);
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "utkast", 0));
    for (size_t i = 0; i < d->n_mails; i++)
        assert_null(strstr(d->mails[i].text, mark));
    sim_forget(d->s, "i1"); /* R23: and goes with what it is about */
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_number(d, "SELECT text_ref FROM draft"), 0);
}

static const char *snooze(desk *d, const char *id, const char *until, const char *reason)
{
    Uppsikt__Snooze c = UPPSIKT__SNOOZE__INIT;
    c.matter = upp_lend(id);
    c.until_ms = desk_at(until);
    c.reason = upp_lend(reason);
    return desk_do(d, "anna", &c.base);
}

/* E23: with a reason, until an hour of duty before due at the latest; due never moves; not for
 * M. */
static void e23_snooze(void **state)
{
    desk *d = *state;
    a_question(d);
    const int64_t due = desk_matter(d, "i1.q1", "due_ms"); /* Tuesday 08:30 */
    assert_string_equal(snooze(d, "i1.q1", "2026-11-23T15:00:00+01:00", ""), "reason-missing");
    assert_string_equal(snooze(d, "i1.q1", "2026-11-23T16:00:01+01:00", "waiting_for_facts"),
                        "snoozed-too-long");
    assert_string_equal(snooze(d, "i1.q1", "2026-11-23T08:00:00+01:00", "waiting_for_facts"),
                        "snoozed-too-long");
    assert_string_equal(snooze(d, "i1.q1", "2026-11-23T16:00:00+01:00", "waiting_for_facts"), "");
    desk_until(d, "2026-11-23T15:59:00+01:00"); /* the digest, step 1 and step 2 are silent */
    assert_int_equal(d->n_mails, 0);
    assert_int_equal(desk_matter(d, "i1.q1", "due_ms"), due);
    desk_until(d, "2026-11-24T09:00:00+01:00"); /* the breach is not */
    assert_int_equal(desk_mailed(d, "komm@x.se"), 1);
    assert_int_equal(desk_said(d, "MatterBreached"), 1);
    desk_judged(d, "i2", 1, DESK_ATTACK);
    desk_received(d, "i2", "2026-11-24T09:00:00+01:00");
    assert_string_equal(snooze(d, "i2.m1", "2026-11-24T10:00:00+01:00", "agreed_later"),
                        "not-to-be-snoozed");
}

static const char *ack(desk *d, const char *by, const char *id)
{
    Uppsikt__Acknowledge c = UPPSIKT__ACKNOWLEDGE__INIT;
    c.matter = upp_lend(id);
    return desk_do(d, by, &c.base);
}

/* §7: an ack holds min(120 office minutes, until 60 before due); in the last hour, and when it is
 * late, it is recorded and holds nothing. */
static void an_ack_in_the_last_hour_holds_nothing(void **state)
{
    desk *d = *state;
    a_question(d);
    desk_until(d,
               "2026-11-23T14:30:00+01:00"); /* 150 office minutes are left: 90 until the last 60 */
    assert_string_equal(ack(d, "anna", "i1.q1"), "");
    assert_int_equal(desk_matter(d, "i1.q1", "held_until"), desk_at("2026-11-23T16:00:00+01:00"));
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received(d, "i2", "2026-11-23T08:00:00+01:00");
    desk_until(d, "2026-11-23T15:00:01+01:00"); /* i2 is due at 16:00 */
    assert_string_equal(ack(d, "anna", "i2.q1"), "");
    assert_int_equal(desk_matter(d, "i2.q1", "held_until"), 0);
    assert_int_not_equal(desk_matter(d, "i2.q1", "acked_to"), 0);
    assert_int_equal(desk_said(d, "MatterAcked"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(e24_the_officer_takes_over),
        DESK(e24_returned_and_silent),
        DESK(e24_fraga_gives_a_draft),
        DESK(e23_snooze),
        DESK(an_ack_in_the_last_hour_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
