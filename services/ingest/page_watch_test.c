/* page_watch_test.c - a page is read: everything on it once, every edit, who hid what, and what the
 * platform pushes (R11, R13, R22, R24; sla.md E15-E17; platforms.md §3, §7). */
#include "office_fixture.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *citizen(office *o, const char *below, const char *text)
{
    const fakebook_words w = { .author = "901", .name = "Åsa", .text = text };
    return fakebook_comment(o->page, below, &w, sim_now(o->s) / UPP_SECOND);
}

/* R13, I9: more comments than one answer holds, on two posts, among them replies. */
static void every_comment_once_I9(void **state)
{
    office *o = *state;
    const char *second = fakebook_post(o->page, &(fakebook_words){ .text = "Vägen stängs" },
                                       sim_now(o->s) / UPP_SECOND);
    char text[32];
    for (int i = 0; i < 260; i++) {
        snprintf(text, sizeof text, "Fråga %d?", i);
        const char *id = citizen(o, i % 2 ? second : o->post, text);
        if (i % 50 == 0)
            (void)citizen(o, id, "Undrar jag med");
    }
    sim_run(o->s, 30 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentReceived"), 266);
    assert_int_equal(office_said(o, "OwnPostSeen"), 2);
    assert_int_equal(office_number(o, "SELECT count(*) FROM walk"), 0);
    sim_run(o->s, 2 * UPP_DAY); /* looked back at from end to end */
    assert_int_equal(office_said(o, "CommentReceived"), 266);
    assert_int_equal(office_said(o, "CommentEdited"), 0);
}

/* What was there before is taken in, and starts no clock (platforms.md §18, row 15). */
static void old_comments_are_backfill(void **state)
{
    office *o = *state;
    const fakebook_words w = { .author = "901", .name = "Åsa", .text = "Gammalt" };
    (void)fakebook_comment(o->page, o->post, &w, SIM_START / UPP_SECOND - 1800);
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentReceived"), 1);
    /* in the fact's bytes: backfill is field 13 (0x68), true */
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_log WHERE type ="
                                      " 'uppsikt.CommentReceived' AND instr(envelope, x'6801')"),
                     1);
}

/* A picture's link is signed anew at each reading: that is no edit. */
static void a_new_signature_is_no_edit(void **state)
{
    office *o = *state;
    const fakebook_words w = {
        .author = "901", .name = "Åsa", .text = "Se", .photo = "https://cdn.example/v/n.jpg"
    };
    (void)fakebook_comment(o->page, o->post, &w, sim_now(o->s) / UPP_SECOND);
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "CommentReceived"), 1);
    assert_int_equal(office_said(o, "CommentEdited"), 0);
}

static void hidden_by_others_is_told(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    assert_true(fakebook_hide(o->page, id, true));
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 1);
    assert_true(fakebook_hide(o->page, id, false));
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 2);
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 2);
}

/* ReplySeen's fact: `direct` is field 6 (0x30), `signed` field 7 (0x38). */
static int64_t replies(office *o, const char *bytes)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ReplySeen'"
             " AND instr(envelope, x'%s')",
             bytes);
    return office_number(o, sql);
}

/* E16, E17, R11: an answer on the platform itself, below the question or elsewhere; signed or
 * not. */
static void answers_made_outside_are_seen(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const upp_ms now = sim_now(o->s) / UPP_SECOND;
    const char *id = office_comment(o, "När öppnar badet?", item);
    const fakebook_words bare = { .text = "Klockan tio." };
    const fakebook_words is_signed = { .text = "Klockan tio. /Anna Ek, kommunikatör" };
    (void)fakebook_comment(o->page, id, &bare, now);
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "ReplySeen"), 1);
    assert_int_equal(replies(o, "3001"), 1);
    assert_int_equal(replies(o, "3801"), 0);
    (void)fakebook_comment(o->page, o->post, &is_signed, now);
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "ReplySeen"), 2);
    assert_int_equal(replies(o, "3001"), 1); /* E17: below our own post it answers nobody */
    assert_int_equal(replies(o, "3801"), 1);
    assert_int_equal(office_said(o, "CommentReceived"), 1); /* our own words are no question */
}

/* R24: whoever judges our own words hears of each version of them, and of what is older than the
 * connection that it is. In the facts' bytes: OwnPostSeen's `backfill` is field 6 (0x30),
 * CommentEdited's `ours` field 8 (0x40). */
static void every_version_of_our_own_words_is_told_R24(void **state)
{
    office *o = *state;
    char item[UPP_ID], post[UPP_ID];
    const upp_ms now = sim_now(o->s) / UPP_SECOND;
    const char *id = office_comment(o, "När öppnar badet?", item);
    const char *ours = fakebook_post(o->page, &(fakebook_words){ .text = "Badet stänger" }, now);
    const fakebook_words bare = { .text = "Klockan tio. /Anna Ek, kommunikatör" };
    const char *answer = fakebook_comment(o->page, id, &bare, now);
    sim_run(o->s, 2 * UPP_MINUTE);
    office_item(o, "OwnPostSeen", post);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_log WHERE type ="
                                      " 'uppsikt.OwnPostSeen' AND instr(envelope, x'3001')"),
                     office_said(o, "OwnPostSeen") - 1);
    assert_true(fakebook_edit(o->page, ours, "Badet stänger, ring 19481203-9800"));
    assert_true(fakebook_edit(o->page, answer, "Klockan nio. /Anna Ek, kommunikatör"));
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "CommentEdited"), 2);
    assert_int_equal(office_number(o, "SELECT count(*) FROM upp_log WHERE type ="
                                      " 'uppsikt.CommentEdited' AND instr(envelope, x'4001')"),
                     2);

    /* no connector takes a post of ours away: a person does, when its copy is sealed */
    office_decide(o, post, 2, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    sim_run(o->s, UPP_MINUTE);
    assert_string_equal(office_waits(o), "waiting RAW evidence");
    office_seal(o, post, 2, 1);
    sim_run(o->s, UPP_MINUTE);
    assert_string_equal(office_waits(o), "manual  platform-cannot");
    assert_int_equal(office_effects(o, "hide"), 0);
}

/* R11: refused before it is sent, in words. */
static void answers_are_checked_R11(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    (void)office_comment(o, "När öppnar badet?", item);
    assert_string_equal(office_reply(o, item, "Klockan tio."), "reply-unsigned");
    assert_string_equal(office_reply(o, "X", "Tio. /Anna, kommunikatör"), "no-such-item");
    char *text = malloc(9000);
    assert_non_null(text);
    memset(text, 'x', 8990);
    snprintf(text + 8900, 100, " /Anna, kommunikatör");
    assert_string_equal(office_reply(o, item, text), "reply-too-long");
    free(text);
    Uppsikt__SendReply r = UPPSIKT__SEND_REPLY__INIT;
    r.item = item;
    r.text = upp_lend("Tio. /Bo, kommunikatör");
    r.person = upp_lend("bo"); /* has left */
    assert_string_equal(office_do(o, "anna", &r.base), "no-such-person");
    r.text = upp_lend("Tio. /Anna, kommunikatör");
    assert_string_equal(office_do(o, "anna", &r.base), "no-such-person"); /* not her name */
    r.person = upp_lend("anna");
    assert_string_equal(office_do(o, NULL, &r.base), "reply-needs-a-person");
    assert_int_equal(office_effects(o, "reply"), 0);
    assert_string_equal(office_do(o, "anna", &r.base), "");
    sim_run(o->s, 5 * UPP_MINUTE);
    assert_int_equal(office_effects(o, "reply"), 1);
    assert_int_equal(office_said(o, "ReplySeen"), 1);
    assert_int_equal(office_said(o, "ActionDone"), 1);
}

static void push(office *o, const char *id, const char *verb)
{
    Uppsikt__TakeWebhook t = UPPSIKT__TAKE_WEBHOOK__INIT;
    char *body = fakebook_change(o->page, id, verb, sim_now(o->s) / UPP_SECOND);
    assert_non_null(body);
    t.platform = upp_lend("facebook");
    t.body = (ProtobufCBinaryData){ strlen(body), (uint8_t *)body };
    assert_string_equal(office_do(o, NULL, &t.base), "");
    free(body);
}

/* Pushed twice, seen by the poll, too: one item, in the words that were pushed (R22: they may be
 * gone a second later). */
static void what_is_pushed_is_known_the_second_time(void **state)
{
    office *o = *state;
    const char *id = citizen(o, o->post, "Ni är rötägg");
    push(o, id, "add");
    assert_int_equal(office_said(o, "CommentReceived"), 1);
    push(o, id, "add");
    sim_run(o->s, 5 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentReceived"), 1);
    assert_int_equal(office_said(o, "CommentEdited"), 0);
    assert_true(fakebook_edit(o->page, id, "Förlåt"));
    push(o, id, "edited");
    sim_run(o->s, 10 * UPP_SECOND);
    assert_int_equal(office_said(o, "CommentEdited"), 1);
    push(o, id, "add"); /* late, with the words of now: nothing new */
    const char *quick = citizen(o, o->post, "Borta strax");
    push(o, quick, "add");
    assert_true(fakebook_remove(o->page, quick));
    push(o, quick, "remove");
    sim_run(o->s, 30 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentReceived"), 2);
    assert_int_equal(office_said(o, "CommentGone"), 1);
    Uppsikt__TakeWebhook t = UPPSIKT__TAKE_WEBHOOK__INIT;
    t.platform = upp_lend("facebook");
    t.body = (ProtobufCBinaryData){ 4, (uint8_t *)upp_lend("[1,2") };
    assert_string_equal(office_do(o, NULL, &t.base), "");
    assert_int_equal(office_number(o, "SELECT count(*) FROM quarantine"), 1);
}

/* A comment that needs somebody is looked at by its age: the removal is found without a push. */
static void what_needs_somebody_is_looked_at(void **state)
{
    office *o = *state;
    char item[UPP_ID], other[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    const char *quiet = office_comment(o, "Hej", other);
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend("M1");
    m.item = item;
    m.account = upp_lend("acc");
    sim_say(o->s, "escalation", item, &m.base, NULL);
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_number(o, "SELECT count(*) FROM look"), 1);
    assert_true(fakebook_remove(o->page, id));
    assert_true(fakebook_remove(o->page, quiet));
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "CommentGone"), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM look"), 0);
}

/* Throttled, broken and garbled pages lose nothing; nine tenths used means: wait. */
static void trouble_loses_nothing(void **state)
{
    office *o = *state;
    for (enum fakebook_fault fault = FAKEBOOK_THROTTLED; fault < FAKEBOOK_FAULTS; fault++) {
        fakebook_fail(o->page, fault, 5, false);
        (void)citizen(o, o->post, "Hej");
        sim_run(o->s, 2 * UPP_HOUR);
        assert_int_equal(office_said(o, "CommentReceived"), fault);
    }
    assert_true(office_said(o, "AccountHealthChanged") >= 2); /* degraded, and well again */
    fakebook_usage(o->page, 95);
    sim_run(o->s, 5 * UPP_MINUTE);
    const size_t calls = fakebook_requests(o->page);
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_requests(o->page) - calls <= 13); /* every five minutes, not every one */
}

/* A token's end is told when it is known, and 14, 7, 3 and 1 days before it (platforms.md §4.4); so
 * is that a new one holds. */
static void a_tokens_end_is_told_in_time(void **state)
{
    office *o = *state;
    Uppsikt__ConnectAccount c = UPPSIKT__CONNECT_ACCOUNT__INIT;
    c.account = upp_lend("acc");
    c.connector = upp_lend("facebook");
    c.base_url = upp_lend("http://127.0.0.1:1/v25.0");
    c.token = upp_lend("TOKEN");
    c.poll_span = UPP_HOUR;
    c.token_expires_ms = sim_now(o->s) + 8 * UPP_DAY;
    assert_string_equal(office_do(o, "anna", &c.base), "");
    assert_int_equal(office_said(o, "AccountHealthChanged"), 1);
    assert_string_equal(office_do(o, "anna", &c.base), "");  /* the same once more says nothing */
    static const size_t told[] = { 1, 2, 2, 2, 2, 3, 3, 4 }; /* by the end of each day from now */
    for (size_t day = 0; day < UPP_LEN(told); day++) {
        sim_run(o->s, UPP_DAY - UPP_MINUTE * (day == 0));
        assert_int_equal(office_said(o, "AccountHealthChanged"), told[day]);
    }
    sim_run(o->s, 10 * UPP_DAY);
    assert_int_equal(office_said(o, "AccountHealthChanged"), 4);
    c.token_expires_ms = sim_now(o->s) + 60 * UPP_DAY;
    assert_string_equal(office_do(o, "anna", &c.base), "");
    sim_run(o->s, 40 * UPP_DAY);
    assert_int_equal(office_said(o, "AccountHealthChanged"), 5);
}

/* Nobody looked for hours: that is told, with from and to, when it sees again. */
static void a_gap_is_told(void **state)
{
    office *o = *state;
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "IngestGapFound"), 0);
    sim_down(o->s, "ingest", 3 * UPP_HOUR);
    sim_run(o->s, 4 * UPP_HOUR);
    assert_int_equal(office_said(o, "IngestGapFound"), 1);
    sim_run(o->s, 4 * UPP_HOUR);
    assert_int_equal(office_said(o, "IngestGapFound"), 1);
}

/* R01: what a person wrote down has no name on its platform: nothing is asked about it there, and
 * what is decided is done by hand, after the copy. */
static void what_was_written_down_is_done_by_hand_R01(void **state)
{
    office *o = *state;
    Uppsikt__ReportComment r = UPPSIKT__REPORT_COMMENT__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    char item[UPP_ID];
    what.text = upp_lend("Ni är rötägg");
    r.account = upp_lend("acc");
    r.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    r.what = &what;
    assert_string_equal(office_do(o, "anna", &r.base), "");
    office_item(o, "CommentReceived", item);
    m.item = item;
    sim_say(o->s, "escalation", item, &m.base, NULL);
    office_decide(o, item, 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "ActionManualRequired"), 0);
    office_seal(o, item, 1, 1);
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "ActionManualRequired"), 1);
    assert_int_equal(office_said(o, "CommentGone"), 0);
}

/* R23: after disposal no byte of a comment is left, wherever it came from and whatever was asked
 * about it: its words in two versions, its author, its picture's name; pushed, read, looked at,
 * answered, hidden. The simulator looks through every byte of the disk (I15). */
static void nothing_of_a_forgotten_comment_stays_R23(void **state)
{
    office *o = *state;
    char marks[5][SIM_MARK], name[64], text[64], photo[96], edited[64], answer[96], item[UPP_ID];
    for (size_t i = 0; i < UPP_LEN(marks); i++)
        sim_mark(o->s, "the comment", marks[i]);
    snprintf(name, sizeof name, "Åsa %s", marks[0]);
    snprintf(text, sizeof text, "Ni är %s", marks[1]);
    snprintf(photo, sizeof photo, "https://cdn.example/%s.jpg", marks[2]);
    snprintf(edited, sizeof edited, "Förlåt %s", marks[3]);
    snprintf(answer, sizeof answer, "Hej %s! /Anna, kommunikatör", marks[4]);
    const fakebook_words w = { .author = "901", .name = name, .text = text, .photo = photo };
    const char *id = fakebook_comment(o->page, o->post, &w, sim_now(o->s) / UPP_SECOND);
    push(o, id, "add");
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_true(fakebook_edit(o->page, id, edited));
    push(o, id, "edited");
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentEdited"), 1);
    office_item(o, "CommentReceived", item);
    office_seal(o, item, 2, 1);
    office_decide(o, item, 2, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    fakebook_fail(o->page, FAKEBOOK_CUT_BEFORE, 3, true); /* the answer is still on its way */
    assert_string_equal(office_reply(o, item, answer), "");
    assert_true(office_number(o, "SELECT count(*) FROM upp_content WHERE length(salt) > 0") > 0);
    for (size_t i = 0; i < UPP_LEN(marks); i++)
        sim_mark_about(o->s, marks[i], item);
    sim_forget(o->s, item);
    sim_run(o->s, UPP_DAY); /* the page shows it all the time: it is not taken in again */
    assert_int_equal(office_said(o, "CommentReceived"), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM version WHERE text_ref > 0"), 1);
    assert_string_equal(office_waits(o), "");
}

/* A page that answers after an hour when it is asked about one thing. */
static void answer_late(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    const Uppsikt__CallPlatform *c = (const Uppsikt__CallPlatform *)attempt->asked.request;
    office_call(ctx, s, attempt, reply);
    if (strstr(c->url, "is_hidden") && !strstr(c->url, "/feed") && !strstr(c->url, "/comments"))
        reply->takes_span = UPP_HOUR;
}

/* R13, R23: a comment that is forgotten while the page is asked about it takes the question with
 * it, and no answer comes; the account is looked at all the same. */
static void a_look_at_what_is_forgotten_is_not_waited_for(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    (void)office_comment(o, "Ni är rötägg", item);
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend("M1");
    m.item = item;
    m.account = upp_lend("acc");
    sim_port(o->s, "platform", answer_late, o);
    sim_say(o->s, "escalation", item, &m.base, NULL);
    for (int i = 0; i < 60 && office_number(o, "SELECT count(*) FROM connection"
                                               " WHERE doing_item <> '' AND doing <> ''") == 0;
         i++)
        sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_number(o, "SELECT count(*) FROM connection"
                                      " WHERE doing_item <> '' AND doing <> ''"),
                     1);
    sim_forget(o->s, item);
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_said(o, "ContentForgotten"), 1);
    (void)citizen(o, o->post, "Hej");
    sim_run(o->s, 3 * UPP_HOUR);
    assert_int_equal(office_said(o, "CommentReceived"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE(every_comment_once_I9),
        OFFICE(old_comments_are_backfill),
        OFFICE(a_new_signature_is_no_edit),
        OFFICE(hidden_by_others_is_told),
        OFFICE(answers_made_outside_are_seen),
        OFFICE(every_version_of_our_own_words_is_told_R24),
        OFFICE(answers_are_checked_R11),
        OFFICE(what_is_pushed_is_known_the_second_time),
        OFFICE(what_needs_somebody_is_looked_at),
        OFFICE(trouble_loses_nothing),
        OFFICE(a_tokens_end_is_told_in_time),
        OFFICE(a_gap_is_told),
        OFFICE(what_was_written_down_is_done_by_hand_R01),
        OFFICE(nothing_of_a_forgotten_comment_stays_R23),
        OFFICE(a_look_at_what_is_forgotten_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
