/* heard_mail_test.c - what comes back by mail: an answer, a bounce, an automatic answer (R14, R17;
 * sla.md §7, E24). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

#define ANSWER UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER
#define AWAY   UPPSIKT__HEARD_MAIL__KIND__KIND_AWAY
#define BOUNCE UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE
#define OTHER  UPPSIKT__HEARD_MAIL__KIND__KIND_OTHER

/* The notice of the newest mail to that address: what its Message-ID says. */
static const char *notice_to(const desk *d, const char *to)
{
    for (size_t i = d->n_mails; i > 0; i--)
        if (strcmp(d->mails[i - 1].to, to) == 0)
            return d->mails[i - 1].key;
    fail_msg("no mail to %s", to);
    return "";
}

/* A question of Monday morning, and the first mails about it. */
static void a_question(desk *d, const char *item)
{
    desk_until(d, "2026-11-23T08:00:30+01:00");
    desk_judged(d, item, 1, DESK_QUESTION);
    desk_received(d, item, "2026-11-23T08:00:30+01:00");
    desk_until(d, "2026-11-23T12:40:00+01:00");
    assert_true(desk_mailed(d, "anna@x.se") > 0);
}

static void a_look(desk *d)
{
    desk_run(d, 2 * UPP_HOUR + 2 * UPP_MINUTE);
}

static int64_t acked(desk *d)
{
    return desk_matter(d, "i1.q1", "acked_to");
}

/* R17: a person's answer says that she has seen it, whatever it says; once; and her words are the
 * owner's to read, and content. */
static void r17_an_answer_is_an_ack(void **state)
{
    desk *d = *state;
    char mark[SIM_MARK];
    a_question(d, "i1");
    assert_true(desk_mail_says(d, "anna@x.se", "Svarar du på det här mejlet", 0));
    const int64_t due = desk_matter(d, "i1.q1", "due_ms");
    assert_int_equal(acked(d), 0);
    sim_mark(d->s, "i1", mark);
    desk_comes(d, ANSWER, notice_to(d, "anna@x.se"), "Anna@X.se", mark);
    a_look(d);
    assert_int_not_equal(acked(d), 0);
    assert_true(desk_matter(d, "i1.q1", "held_until") > 0);
    assert_int_equal(desk_matter(d, "i1.q1", "due_ms"), due);
    assert_int_equal(desk_said(d, "MatterAcked"), 1);
    assert_int_equal(desk_said(d, "MatterNoted"), 1);
    a_look(d);
    assert_int_equal(desk_said(d, "MatterNoted"), 1);
    for (size_t i = 0; i < d->n_mails; i++)
        assert_null(strstr(d->mails[i].text, mark));
    sim_forget(d->s, "i1"); /* R23: and goes with what it is about */
    desk_run(d, UPP_MINUTE);
}

/* Only from her own address, about a mail that we sent, and for what she may act on. */
static void r17_strangers_ack_nothing(void **state)
{
    desk *d = *state;
    a_question(d, "i1");
    const char *notice = notice_to(d, "anna@x.se");
    desk_comes(d, ANSWER, notice, "bo@x.se", "ok");
    desk_comes(d, ANSWER, notice, "", "ok");
    desk_comes(d, ANSWER, notice, "anna@x.se.example", "ok");
    desk_comes(d, ANSWER, "01KNEVERSENT00000000000000", "anna@x.se", "ok");
    desk_comes(d, ANSWER, "", "anna@x.se", "ok");
    desk_comes(d, OTHER, notice, "anna@x.se", "ok");
    a_look(d);
    assert_int_equal(acked(d), 0);
    assert_int_equal(desk_said(d, "MatterNoted"), 0);
    Uppsikt__AccessRevoked off = UPPSIKT__ACCESS_REVOKED__INIT;
    off.account = upp_lend("acc");
    off.person = upp_lend("anna");
    desk_say(d, "registry", "acc", &off.base);
    desk_comes(d, ANSWER, notice, "anna@x.se", "ok");
    a_look(d);
    assert_int_equal(acked(d), 0);
}

/* R17: what came back was heard by nobody: the next one is told at once, and she is passed by until
 * the register has a new address. */
static void r17_a_bounce_goes_to_the_next(void **state)
{
    desk *d = *state;
    desk_away(d, "a1", "bo", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", "carl");
    a_question(d, "i1");
    const size_t before = desk_mailed(d, "chef@x.se") + desk_mailed(d, "carl@x.se");
    assert_int_equal(desk_number(d, "SELECT bad FROM person WHERE person = 'anna'"), 0);
    desk_comes(d, BOUNCE, notice_to(d, "anna@x.se"), "", "");
    desk_comes(d, BOUNCE, notice_to(d, "anna@x.se"), "", ""); /* a second report of the same */
    a_look(d);
    assert_int_equal(desk_said(d, "NoticeFailed"), 1);
    assert_int_equal(desk_number(d, "SELECT bad FROM person WHERE person = 'anna'"), 1);
    const size_t anna = desk_mailed(d, "anna@x.se");
    desk_until(d, "2026-11-24T08:00:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), anna);
    assert_true(desk_mailed(d, "chef@x.se") + desk_mailed(d, "carl@x.se") > before);
}

/* What the server's answer was lost about comes back before it is known that the mail left: it was
 * heard by nobody all the same, and that is said once (found by seed 90004 of the town). */
static void r17_a_bounce_that_is_faster_than_the_answer(void **state)
{
    desk *d = *state;
    d->takes_span = 3 * UPP_HOUR;
    a_question(d, "i1");
    assert_int_equal(desk_said(d, "NoticeSent"), 0);
    desk_comes(d, BOUNCE, notice_to(d, "anna@x.se"), "", "");
    a_look(d);
    assert_int_equal(desk_said(d, "NoticeFailed"), 1);
    desk_run(d, 4 * UPP_HOUR);
    assert_true(desk_said(d, "NoticeSent") > 0); /* those to others */
    assert_int_equal(desk_said(d, "NoticeFailed"), 1);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM notice WHERE state = 2"), 1);
    assert_int_equal(desk_number(d, "SELECT bad FROM person WHERE person = 'anna'"), 1);
}

/* R17, R15: an automatic answer is no ack; her manager is asked, once a fortnight, and not when the
 * register knows; to enter the absence ends it. */
static void r17_an_automatic_answer_asks_her_manager(void **state)
{
    desk *d = *state;
    a_question(d, "i1");
    desk_comes(d, AWAY, notice_to(d, "anna@x.se"), "anna@x.se", "");
    desk_comes(d, AWAY, notice_to(d, "anna@x.se"), "anna@x.se", "");
    a_look(d);
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(acked(d), 0);
    assert_int_equal(desk_matter(d, "anna.y1", "state"), MATTER_OPEN);
    assert_true(desk_mail_says(d, "chef@x.se", "Verkar vara borta", 0));
    assert_true(desk_mail_says(d, "chef@x.se", "anna", 0));
    desk_away(d, "a1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", "carl");
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_matter(d, "anna.y1", "state"), MATTER_MET);
    desk_comes(d, AWAY, notice_to(d, "anna@x.se"), "anna@x.se", "");
    a_look(d);
    assert_int_equal(desk_matter(d, "anna.y2", "state"), -1);
}

/* Her manager is herself: whoever is above. */
static void r17_a_manager_who_is_away(void **state)
{
    desk *d = *state;
    a_question(d, "i1");
    desk_until(d, "2026-11-23T15:00:00+01:00");
    desk_comes(d, AWAY, notice_to(d, "chef@x.se"), "chef@x.se", "");
    desk_until(d, "2026-11-24T10:00:00+01:00");
    assert_string_equal(desk_text(d, "SELECT unit FROM matter WHERE matter = 'chef.y1'"), "sektor");
    assert_true(desk_mail_says(d, "head@x.se", "Verkar vara borta", 0));
    assert_false(desk_mail_says(d, "chef@x.se", "Verkar vara borta", 0));
}

/* R14, E24: fråga: what the officer answers by mail becomes a draft in her name. */
static void r14_fraga_is_answered_by_mail(void **state)
{
    desk *d = *state;
    Uppsikt__HandOver c = UPPSIKT__HAND_OVER__INIT;
    Uppsikt__ReplyDrafts q = UPPSIKT__REPLY_DRAFTS__INIT;
    ProtobufCMessage *row = NULL;
    a_question(d, "i1");
    c.matter = upp_lend("i1.q1");
    c.to = upp_lend("dora");
    c.ask_only = true;
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    desk_run(d, 20 * UPP_MINUTE);
    desk_comes(d, ANSWER, notice_to(d, "dora@x.se"), "dora@x.se", "Badet öppnar klockan nio.");
    a_look(d);
    q.matter = upp_lend("i1.q1");
    assert_int_equal(desk_ask(d, &q.base, &uppsikt__reply_draft_row__descriptor, &row, 1), 1);
    assert_string_equal(((Uppsikt__ReplyDraftRow *)row)->person, "dora");
    upp_msg_freep(&row);
    assert_int_equal(desk_said(d, "HandOverEnded"), 1);
    assert_int_equal(desk_said(d, "MatterNoted"), 0);
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "utkast", 0));
    desk_comes(d, ANSWER, notice_to(d, "dora@x.se"), "dora@x.se", "En sak till."); /* too late */
    a_look(d);
    assert_int_equal(desk_ask(d, &q.base, &uppsikt__reply_draft_row__descriptor, &row, 1), 1);
    upp_msg_freep(&row);
}

/* More than one look holds; a mailbox that is made anew says nothing twice; a service that was down
 * goes on where it stood. */
static void each_mail_counts_once(void **state)
{
    desk *d = *state;
    enum { MANY = 40 };
    a_question(d, "i1");
    const char *notice = notice_to(d, "anna@x.se");
    for (int i = 0; i < MANY; i++)
        desk_comes(d, ANSWER, notice, "anna@x.se", "ja");
    a_look(d);
    assert_int_equal(desk_said(d, "MatterNoted"), MANY);
    assert_int_equal(desk_number(d, "SELECT after FROM mailbox"), MANY);
    d->validity++;
    desk_comes(d, ANSWER, notice, "anna@x.se", "ja, sa jag");
    sim_down(d->s, "escalation", UPP_HOUR);
    desk_run(d, UPP_HOUR + 10 * UPP_MINUTE);
    a_look(d);
    assert_int_equal(desk_said(d, "MatterNoted"), MANY + 1);
    assert_int_equal(desk_said(d, "MatterAcked"), 2); /* another rung has been asked since */
    assert_int_equal(desk_number(d, "SELECT validity FROM mailbox"), d->validity);
    const size_t looks = d->n_looks;
    desk_run(d, 20 * UPP_HOUR);
    assert_in_range(d->n_looks - looks, 8, 12);
    desk_run(d, 181 * UPP_DAY); /* and what is known again is forgotten in the end */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM heard_mail"), 0);
}

/* Without a mailbox nothing is asked, and no mail says that it could be answered. */
static void nobody_reads_it(void **state)
{
    desk *d = *state;
    a_question(d, "i1");
    assert_false(desk_mail_says(d, "anna@x.se", "Svarar du på det här mejlet", 0));
    assert_int_equal(d->n_looks, 0);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM mailbox"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_MAILBOX(r17_an_answer_is_an_ack),
        DESK_MAILBOX(r17_strangers_ack_nothing),
        DESK_MAILBOX(r17_a_bounce_goes_to_the_next),
        DESK_MAILBOX(r17_a_bounce_that_is_faster_than_the_answer),
        DESK_MAILBOX(r17_an_automatic_answer_asks_her_manager),
        DESK_MAILBOX(r17_a_manager_who_is_away),
        DESK_MAILBOX(r14_fraga_is_answered_by_mail),
        DESK_MAILBOX(each_mail_counts_once),
        DESK(nobody_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
