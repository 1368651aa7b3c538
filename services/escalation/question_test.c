/* question_test.c - conversations as the service keeps them: interim replies and the answer clock,
 * pauses, "besvarad?", many who ask the same, clusters (R14, R16; sla.md §3.4, E7, E11, E13, E16,
 * E17, E19-E21, E25). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

#define INTERIM UPPSIKT__REPLY_KIND__REPLY_KIND_INTERIM
#define COUNTER UPPSIKT__REPLY_KIND__REPLY_KIND_COUNTER_QUESTION
#define FULL    UPPSIKT__REPLY_KIND__REPLY_KIND_FULL
#define KEEP    UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE    UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE  UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

static void a_question(desk *d, const char *item, const char *when)
{
    desk_judged(d, item, 1, DESK_QUESTION);
    desk_received(d, item, when);
}

/* R16, X4: an interim reply meets the first response; the answer clock runs 2,550 office minutes
 * from it; the full answer meets that. */
static void r16_interim_starts_the_answer_clock(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-27T15:00:00+01:00");
    a_question(d, "i1", "2026-11-27T15:00:00+01:00");
    desk_until(d, "2026-11-27T18:40:00+01:00");
    desk_answered(d, "i1", "a1", "2026-11-27T18:40:00+01:00", INTERIM);
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_INTERIM);
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-27T18:40:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.a1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "i1.a1", "due_ms"), desk_at("2026-12-04T16:30:00+01:00"));
    desk_answered(d, "i1", "a2", "2026-11-30T09:00:00+01:00", INTERIM); /* again: nothing new */
    assert_int_equal(desk_matter(d, "i1.a1", "due_ms"), desk_at("2026-12-04T16:30:00+01:00"));
    /* its steps are shares of its own target (§7): 50 % falls on Wednesday at 12:15 */
    desk_until(d, "2026-12-02T12:35:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM step WHERE matter = 'i1.a1' AND"
                                    " number = 1 AND how = 1"),
                     1);
    assert_true(desk_mail_says(d, "anna@x.se", "helt svar", 0));
    desk_answered(d, "i1", "a3", "2026-12-02T13:00:00+01:00", FULL);
    assert_int_equal(desk_matter(d, "i1.a1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_ANSWERED);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 0);
}

/* §3.4: a counter-question stops the answer clock until the citizen writes again; while it stands
 * there is no due and no step. */
static void paused_for_two_days(desk *d)
{
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_answered(d, "i1", "a1", "2026-11-23T10:00:00+01:00", COUNTER);
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_INTERIM);
    assert_int_equal(desk_matter(d, "i1.a1", "due_ms"), 0);
    const size_t mails = d->n_mails;
    desk_until(d, "2026-11-25T10:00:00+01:00");
    assert_int_equal(d->n_mails, mails);
    /* a reply of hers is another item of the same conversation; it opens no round of its own */
    desk_judged(d, "i2", 1, DESK_CLEAN);
    desk_received_kin(d, "i2", "2026-11-25T10:00:00+01:00", (desk_kin){ .continues = "i1" });
    assert_int_equal(desk_matter(d, "i1.a1", "due_ms"), desk_at("2026-12-02T10:00:00+01:00"));
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3"), 2);
    assert_int_equal(desk_number(d, "SELECT to_ms - from_ms FROM pause"), 2 * UPP_DAY);
}

static void r16_a_counter_question_pauses(void **state)
{
    desk *d = *state;
    paused_for_two_days(d);
    desk_answered(d, "i1", "a2", "2026-11-25T11:00:00+01:00", FULL);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0 AND kind = 3"), 0);
}

/* T9, E31: another policy keeps the pauses (GLPI's bug is that it forgets them). */
static void t09_e31_a_policy_keeps_the_pauses(void **state)
{
    static const char shorter[] = "version: 2\nclocks: { answer_office: 510min }\n";
    desk *d = *state;
    paused_for_two_days(d);
    d->config.policy = (upp_bytes){ (const uint8_t *)shorter, sizeof shorter - 1 };
    sim_down(d->s, "escalation", UPP_SECOND);
    desk_run(d, 5 * UPP_SECOND);
    assert_int_equal(desk_matter(d, "i1.a1", "due_ms"), desk_at("2026-11-26T10:00:00+01:00"));
    assert_int_equal(desk_number(d, "SELECT count(*) FROM pause"), 1);
}

/* §3.4: ten working days without a word: it ends by itself, and she may ask again. */
static void r16_a_citizen_who_is_silent(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_answered(d, "i1", "a1", "2026-11-23T10:00:00+01:00", COUNTER);
    desk_until(d, "2026-12-07T09:59:00+01:00");
    assert_int_equal(desk_matter(d, "i1.a1", "state"), MATTER_OPEN);
    desk_until(d, "2026-12-07T10:00:05+01:00");
    assert_int_equal(desk_matter(d, "i1.a1", "state"), MATTER_WITHDRAWN);
    assert_int_equal(desk_matter(d, "i1.a1", "met_how"),
                     UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_NO_REPLY);
    desk_until(d, "2026-12-08T09:00:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received_kin(d, "i2", "2026-12-08T09:00:00+01:00", (desk_kin){ .continues = "i1" });
    assert_int_equal(desk_matter(d, "i1.q2", "state"), MATTER_OPEN); /* E7 */
    assert_int_equal(desk_matter(d, "i1.q2", "due_ms"), desk_at("2026-12-09T08:30:00+01:00"));
}

/* E7: whoever took the round before has the next one too, if she is there. E25: "hänvisad". */
static void e07_e25_the_next_round(void **state)
{
    desk *d = *state;
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    claim.matter = upp_lend("i1.q1");
    assert_string_equal(desk_do(d, "bo", &claim.base), "");
    desk_answered(d, "i1", "a1", "2026-11-23T10:00:00+01:00",
                  UPPSIKT__REPLY_KIND__REPLY_KIND_REFERRED);
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REFERRED);
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received_kin(d, "i2", "2026-11-23T11:00:00+01:00", (desk_kin){ .continues = "i1" });
    assert_string_equal(desk_text(d, "SELECT owner FROM matter WHERE matter = 'i1.q2'"), "bo");
    assert_string_equal(desk_text(d, "SELECT item FROM matter WHERE matter = 'i1.q2'"), "i2");
    desk_answered(d, "i2", "a2", "2026-11-23T11:30:00+01:00", FULL);
    desk_away(d, "x1", "bo", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00", NULL);
    desk_until(d, "2026-11-24T09:00:00+01:00");
    desk_judged(d, "i3", 1, DESK_QUESTION);
    desk_received_kin(d, "i3", "2026-11-24T09:00:00+01:00", (desk_kin){ .continues = "i1" });
    assert_string_equal(desk_text(d, "SELECT owner FROM matter WHERE matter = 'i1.q3'"), "");
}

/* E13: all that it asks is taken away: withdrawn; a part of it: it goes on. */
static void e13_taken_away_in_part(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received_kin(d, "i2", "2026-11-23T09:05:00+01:00", (desk_kin){ .continues = "i1" });
    desk_gone(d, "i1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T09:10:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_OPEN);
    desk_gone(d, "i2", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T09:20:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_WITHDRAWN);
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-23T09:20:00+01:00"));
}

static const char *confirm(desk *d, const char *by, const char *id, bool no, bool alike)
{
    Uppsikt__ConfirmAnswered c = UPPSIKT__CONFIRM_ANSWERED__INIT;
    c.matter = upp_lend(id);
    c.no = no;
    c.alike = alike;
    return desk_do(d, by, &c.base);
}

/* E17: own words elsewhere in the thread only propose; the clock runs until a person says yes, and
 * then it was met at the platform's time. */
static void e17_besvarad(void **state)
{
    desk *d = *state;
    const desk_kin under = { .thread = "post1" };
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received_kin(d, "i1", "2026-11-23T09:00:00+01:00", under);
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_aside(d, "post1", "r1", "2026-11-23T10:00:00+01:00"); /* before i2 is heard of */
    desk_received_kin(d, "i2", "2026-11-23T09:30:00+01:00", under);
    desk_judged(d, "i3", 1, DESK_QUESTION);
    desk_received_kin(d, "i3", "2026-11-23T10:30:00+01:00", under); /* asked after it */
    assert_int_equal(desk_said(d, "AnswerProposed"), 2);
    assert_string_equal(desk_text(d, "SELECT proposed_reply FROM matter WHERE matter = 'i3.q1'"),
                        "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0"), 3);
    assert_string_equal(confirm(d, "anna", "i3.q1", false, false), "nothing-proposed");
    assert_string_equal(confirm(d, "dora", "i1.q1", false, false), "not-your-account");
    assert_string_equal(confirm(d, "anna", "i1.q1", false, false), "");
    assert_int_equal(desk_matter(d, "i1.q1", "met_ms"), desk_at("2026-11-23T10:00:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"),
                     UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE);
    assert_string_equal(confirm(d, "anna", "i2.q1", true, false), "");
    assert_int_equal(desk_matter(d, "i2.q1", "state"), MATTER_OPEN);
    assert_string_equal(confirm(d, "anna", "i2.q1", false, false), "nothing-proposed");
    desk_aside(d, "post1", "r2", "2026-11-23T11:00:00+01:00"); /* other words: asked again */
    assert_string_equal(desk_text(d, "SELECT proposed_reply FROM matter WHERE matter = 'i2.q1'"),
                        "r2");
}

/* E16, R11: an answer without a name is an answer; somebody completes it. */
static void e16_an_answer_without_a_name(void **state)
{
    desk *d = *state;
    Uppsikt__CloseErrand done = UPPSIKT__CLOSE_ERRAND__INIT;
    Uppsikt__ReplySeen c = UPPSIKT__REPLY_SEEN__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    c.item = upp_lend("i1");
    c.reply = upp_lend("r1");
    c.account = upp_lend("acc");
    c.at_ms = desk_at("2026-11-23T09:30:00+01:00");
    c.direct = c.sign_checked = true;
    Uppsikt__ReplySeenContent text = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    sim_say(d->s, "ingest", "i1", &c.base, &text.base);
    desk_run(d, 2 * UPP_SECOND);
    assert_int_equal(desk_matter(d, "i1.q1", "met_how"),
                     UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE);
    assert_int_equal(desk_matter(d, "r1.u1", "state"), MATTER_OPEN);
    done.matter = upp_lend("r1.u1");
    assert_string_equal(desk_do(d, "bo", &done.base), "");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_MET); /* its clock is not reopened */
}

/* R17, E20, §7: forty who ask the same under one post are one line of one mail; one answer proposes
 * itself for all, and one key closes them. */
static void e20_many_who_ask_the_same(void **state)
{
    desk *d = *state;
    char item[8];
    desk_until(d, "2026-11-23T08:30:00+01:00");
    for (int i = 0; i < 40; i++) {
        snprintf(item, sizeof item, "k%d", i);
        desk_judged(d, item, 1, DESK_QUESTION);
        desk_received_kin(d, item, "2026-11-23T08:30:00+01:00",
                          (desk_kin){ .thread = "post1", .echoes = i ? "k0" : NULL });
    }
    desk_until(d, "2026-11-23T13:30:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0"),
                     40);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    const char *lines = strstr(d->mails[0].text, "- ");
    assert_non_null(lines);
    assert_null(strstr(lines + 2, "\n- "));
    assert_true(desk_mail_says(d, "anna@x.se", "40 kommentarer som frågar samma sak", 0));
    desk_reply(d, "k7", "r1", "2026-11-23T13:00:00+01:00");
    assert_int_equal(desk_matter(d, "k7.q1", "state"), MATTER_MET);
    assert_int_equal(
        desk_number(d, "SELECT count(*) FROM matter WHERE proposed_reply = 'r1' AND state = 0"),
        39);
    assert_string_equal(confirm(d, "bo", "k0.q1", false, true), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0"), 0);
    assert_int_equal(
        desk_number(d, "SELECT count(*) FROM matter WHERE kind = 3 AND met_ms = due_ms"), 0);
}

/* E19: the same comment five times by one author: one clock, the first's; the decision holds for
 * those that are named; who comes after it inherits a proposal, never a removal. */
static void e19_a_cluster(void **state)
{
    desk *d = *state;
    char item[8];
    const char *const whens[] = { "2026-11-23T09:00:00+01:00", "2026-11-23T09:10:00+01:00",
                                  "2026-11-23T11:00:00+01:00" };
    desk_until(d, "2026-11-23T11:00:00+01:00");
    for (int i = 0; i < 3; i++) {
        snprintf(item, sizeof item, "s%d", i);
        desk_judged(d, item, 1, DESK_ATTACK);
        desk_received_kin(d, item, whens[i], (desk_kin){ .repeats = i ? "s0" : NULL });
    }
    assert_int_equal(desk_number(d, "SELECT count(DISTINCT due_ms) FROM matter WHERE kind = 2"), 1);
    assert_int_equal(desk_matter(d, "s2.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    desk_judged(d, "o1", 1, DESK_ATTACK);
    desk_received(d, "o1", "2026-11-23T11:00:00+01:00");
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    char *also[] = { upp_lend("s1.m1"), upp_lend("o1.m1") };
    c.matter = upp_lend("s0.m1");
    c.version = 1;
    c.action = HIDE;
    c.reason = upp_lend("attack");
    c.also = also;
    c.n_also = 2;
    assert_string_equal(desk_do(d, "anna", &c.base), "not-the-same");
    assert_int_equal(desk_said(d, "DecisionMade"), 0); /* all of it, or nothing */
    c.n_also = 1;
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
    desk_judged(d, "s3", 1, DESK_ATTACK);
    desk_received_kin(d, "s3", "2026-11-23T12:00:00+01:00", (desk_kin){ .repeats = "s0" });
    assert_int_equal(desk_matter(d, "s3.m1", "proposed_action"), HIDE);
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
    assert_int_equal(desk_matter(d, "s3.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_log WHERE type ="
                                    " 'uppsikt.DecisionProposed' AND instr(envelope, 's3') > 0"),
                     1);
}

/* E20, E21: each keeps its own clock and unit; a page shows what else says the same. */
static void e21_alike_are_shown(void **state)
{
    desk *d = *state;
    Uppsikt__ShowMatter q = UPPSIKT__SHOW_MATTER__INIT;
    Uppsikt__MatterRow *row = NULL;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i2", 1, DESK_QUESTION);
    desk_received_kin(d, "i2", "2026-11-23T09:00:00+01:00",
                      (desk_kin){ .twin = "i1", .account = "other" });
    q.matter = upp_lend("i2.q1");
    assert_int_equal(
        desk_ask(d, &q.base, &uppsikt__matter_row__descriptor, (ProtobufCMessage **)&row, 1), 1);
    assert_int_equal(row->n_alike, 1);
    assert_string_equal(row->alike[0], "i1.q1");
    uppsikt__matter_row__free_unpacked(row, NULL);
}

/* E8: "Tack!" opens no round; one key opens it, with its own received time. */
static void e08_thanks_after_all_a_question(void **state)
{
    desk *d = *state;
    Uppsikt__Mark mark = UPPSIKT__MARK__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    a_question(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_reply(d, "i1", "r1", "2026-11-23T09:30:00+01:00");
    desk_judged(d, "i2", 1, DESK_CLEAN);
    desk_received_kin(d, "i2", "2026-11-23T10:00:00+01:00", (desk_kin){ .continues = "i1" });
    assert_int_equal(desk_matter(d, "i1.q2", "state"), -1);
    assert_int_equal(desk_matter(d, "i2.s1", "state"), MATTER_OPEN);
    desk_until(d, "2026-11-23T12:00:00+01:00");
    mark.item = upp_lend("i2");
    mark.question = true;
    assert_string_equal(desk_do(d, "anna", &mark.base), "");
    assert_int_equal(desk_matter(d, "i1.q2", "received_ms"), desk_at("2026-11-23T10:00:00+01:00"));
    assert_int_equal(desk_matter(d, "i2.s1", "state"), MATTER_WITHDRAWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r16_interim_starts_the_answer_clock),
        DESK(r16_a_counter_question_pauses),
        /* a replay would need the policy of then */
        cmocka_unit_test_setup_teardown(t09_e31_a_policy_keeps_the_pauses, desk_set_up, desk_leave),
        DESK(r16_a_citizen_who_is_silent),
        DESK(e07_e25_the_next_round),
        DESK(e13_taken_away_in_part),
        DESK(e17_besvarad),
        DESK(e16_an_answer_without_a_name),
        DESK(e20_many_who_ask_the_same),
        DESK(e19_a_cluster),
        DESK(e21_alike_are_shown),
        DESK(e08_thanks_after_all_a_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
