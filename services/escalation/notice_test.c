/* notice_test.c - who hears, when, and how often (R13, R15-R17, R20; sla.md §6, §7). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

/* When the nth mail to that address left, from 0; 0: there was none. */
static upp_ms mailed_at(const desk *d, const char *to, size_t n)
{
    for (size_t i = 0; i < d->n_mails; i++)
        if (strcmp(d->mails[i].to, to) == 0 && n-- == 0)
            return d->mails[i].at;
    return 0;
}

static void expect_first(const desk *d, const char *to, const char *from, const char *until)
{
    const upp_ms at = mailed_at(d, to, 0);
    if (at < desk_at(from) || at > desk_at(until))
        fail_msg("%s: not between %s and %s but at %lld", to, from, until, (long long)at);
}

/* R16: administrators, then their manager, then communications, then the sector head; the
 * question's shares of 480 office minutes; repetitions to the last rung alone. */
static void r16_an_unanswered_question_climbs(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T08:00:30+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T08:00:30+01:00");
    desk_until(d, "2026-11-25T07:59:00+01:00");
    expect_first(d, "anna@x.se", "2026-11-23T12:00:00+01:00", "2026-11-23T12:17:00+01:00");
    expect_first(d, "bo@x.se", "2026-11-23T12:00:00+01:00", "2026-11-23T12:17:00+01:00");
    expect_first(d, "chef@x.se", "2026-11-23T14:00:00+01:00", "2026-11-23T14:17:00+01:00");
    expect_first(d, "komm@x.se", "2026-11-23T16:00:00+01:00", "2026-11-23T16:17:00+01:00");
    expect_first(d, "head@x.se", "2026-11-24T15:30:00+01:00", "2026-11-24T15:47:00+01:00");
    assert_int_equal(desk_mailed(d, "carl@x.se") + desk_mailed(d, "dora@x.se"), 0);
    /* step 0 waits for the digest of 13:00, after step 1 was sent: it is overtaken */
    assert_int_equal(desk_number(d, "SELECT how FROM step WHERE number = 0"),
                     UPPSIKT__STEP_FIRED__HOW__HOW_SUPERSEDED);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM step WHERE how = 1"), 4);
    const size_t anna = desk_mailed(d, "anna@x.se");
    desk_until(d, "2026-11-27T12:00:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), anna);
    assert_int_equal(desk_mailed(d, "head@x.se"), 4); /* r1, r2, r3 at 08:00 */
    desk_reply(d, "i1", "r1", "2026-11-27T12:00:00+01:00");
    desk_run(d, 14 * UPP_DAY);
    assert_int_equal(desk_mailed(d, "head@x.se"), 4);
    assert_int_equal(
        desk_number(
            d, "SELECT count(*) FROM upp_alarm WHERE key NOT LIKE 'links/%' AND key <> 'day/*'"),
        0);
}

/* R20, §7: for hours of a week the administrators and then the manager hear before the breach's
 * notice reaches communications. */
static void r20_administrators_and_manager_before_the_breach(void **state)
{
    desk *d = *state;
    static const char *const hours[] = {
        "2026-02-02T01:00:00+01:00", "2026-02-10T09:00:00+01:00", "2026-02-18T16:29:00+01:00",
        "2026-03-13T18:40:00+01:00", "2026-04-18T12:00:00+02:00", "2026-05-17T23:00:00+02:00",
    };
    for (size_t i = 0; i < UPP_LEN(hours); i++) {
        char item[8];
        const size_t before = d->n_mails;
        size_t anna = 0, chef = 0, komm = 0;
        snprintf(item, sizeof item, "i%zu", i);
        desk_until(d, hours[i]);
        desk_judged(d, item, 1, DESK_ATTACK);
        desk_received(d, item, hours[i]);
        desk_run(d, 4 * UPP_DAY);
        for (size_t m = before; m < d->n_mails; m++) {
            size_t *who = strcmp(d->mails[m].to, "anna@x.se") == 0   ? &anna
                          : strcmp(d->mails[m].to, "chef@x.se") == 0 ? &chef
                          : strcmp(d->mails[m].to, "komm@x.se") == 0 ? &komm
                                                                     : NULL;
            if (who && *who == 0)
                *who = m + 1;
        }
        assert_true(anna > 0 && chef > anna && komm > chef);
        desk_reply(d, item, "r", hours[i]);
        char id[16];
        snprintf(id, sizeof id, "%s.m1", item);
        assert_string_equal(
            desk_decide(d, "anna", id, 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, ""), "");
    }
}

/* R15, V1-V3: the substitute hears for whoever is away, and nobody else does. */
static void r15_the_substitute_hears(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-20T12:00:00+01:00");
    desk_away(d, "a1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", "carl");
    desk_until(d, "2026-11-23T08:00:30+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T08:00:30+01:00");
    desk_until(d, "2026-11-23T13:00:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), 0);
    assert_int_equal(desk_mailed(d, "carl@x.se"), 1);
    assert_int_equal(desk_mailed(d, "bo@x.se"), 1);
    Uppsikt__AbsenceCancelled back = UPPSIKT__ABSENCE_CANCELLED__INIT;
    back.absence = upp_lend("a1");
    back.person = upp_lend("anna");
    sim_say(d->s, "registry", "a1", &back.base, NULL);
    desk_until(d, "2026-11-23T16:00:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1); /* step 2 */
    assert_int_equal(desk_mailed(d, "carl@x.se"), 1);
}

/* E32, V6: we were down when the step fell due, and are back at night: it waits for duty, and goes
 * to whoever is there then, not to whoever was there when it fell due. */
static void e32_back_at_night(void **state)
{
    desk *d = *state;
    desk_away(d, "a1", "anna", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00", "carl");
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T10:00:00+01:00");
    sim_down(d->s, "escalation", 17 * UPP_HOUR);
    desk_until(d, "2026-11-24T07:59:59+01:00");
    assert_int_equal(d->n_mails, 0);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM pending"), 0);
    assert_int_equal(desk_said(d, "StepFired"), 0);
    desk_until(d, "2026-11-24T08:20:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM step WHERE how = 1"), 1);
    assert_int_equal(desk_number(d, "SELECT number FROM step WHERE how = 1"), 2);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 0);
    assert_int_equal(desk_mailed(d, "carl@x.se"), 1);
    assert_int_equal(desk_mailed(d, "bo@x.se"), 1);
    assert_int_equal(desk_mailed(d, "chef@x.se"), 1);
}

/* What was collected before we went down does not leave at night either. */
static void a_collected_mail_waits_for_duty(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T16:10:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T16:10:00+01:00");
    sim_down(d->s, "escalation", 10 * UPP_HOUR);
    desk_until(d, "2026-11-24T07:59:59+01:00");
    assert_int_equal(d->n_mails, 0);
    desk_until(d, "2026-11-24T08:16:00+01:00");
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
}

/* V4, E26: an empty rung passes to the next at once, and says why. */
static void e26_an_empty_rung_passes_on(void **state)
{
    desk *d = *state;
    desk_away(d, "a1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", NULL);
    desk_away(d, "a2", "bo", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", NULL);
    desk_until(d, "2026-11-23T08:20:00+01:00"); /* that nobody is there has been said before (V8) */
    const size_t before = desk_mailed(d, "chef@x.se");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T08:20:00+01:00");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "chef@x.se"), before + 1);
    assert_int_equal(desk_said(d, "RungEmpty"), 1);
    assert_int_equal(desk_mailed(d, "anna@x.se") + desk_mailed(d, "bo@x.se"), 0);
}

/* I20: nobody is left: operations hear, for it never goes to nobody. */
static void i20_operations_are_the_last_rung(void **state)
{
    desk *d = *state;
    static const char *const all[] = { "anna", "bo", "chef", "head" };
    desk_until(d, "2026-11-23T08:00:00+01:00");
    for (size_t i = 0; i < UPP_LEN(all); i++) {
        Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
        left.person = upp_lend(all[i]);
        sim_say(d->s, "registry", all[i], &left.base, NULL);
    }
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend("komm");
    sim_say(d->s, "registry", "komm", &u.base, NULL);
    desk_run(d, UPP_MINUTE);
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T08:01:00+01:00");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "drift@x.se"), 1);
    assert_int_equal(d->n_mails, 1);
}

/* R17, R24: one mail for many; at most ten a day for 2,000 comments; no word of any comment. */
static void r17_at_most_ten_mails_a_day(void **state)
{
    desk *d = *state;
    char item[16], when[40];
    desk_until(d, "2026-11-23T08:00:00+01:00");
    for (int i = 0; i < 2000; i++) {
        snprintf(item, sizeof item, "i%d", i);
        snprintf(when, sizeof when, "2026-11-23T%02d:%02d:00+01:00", 8 + i / 250, i % 60);
        while (sim_now(d->s) < desk_at("2026-11-23T08:00:00+01:00") + i * 14 * UPP_SECOND)
            sim_run(d->s, 7 * UPP_SECOND);
        Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
        c.item = item;
        c.account = upp_lend("acc");
        c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
        c.version = 1;
        c.received_ms = c.first_seen_ms = sim_now(d->s);
        Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
        text.text = upp_lend("MARKER");
        sim_say(d->s, "ingest", item, &c.base, &text.base);
        Uppsikt__CommentClassified j = UPPSIKT__COMMENT_CLASSIFIED__INIT;
        Uppsikt__Finding f = UPPSIKT__FINDING__INIT;
        Uppsikt__Finding *list[] = { &f };
        f.label = i % 2 ? UPPSIKT__LABEL__LABEL_QUESTION : UPPSIKT__LABEL__LABEL_ATTACK;
        f.band = UPPSIKT__BAND__BAND_LIKELY;
        j.item = item;
        j.account = upp_lend("acc");
        j.version = 1;
        j.danger = i % 40 == 0;
        j.n_findings = 1;
        j.findings = list;
        sim_say(d->s, "classify", item, &j.base, NULL);
    }
    desk_until(d, "2026-11-24T00:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0 AND errand = 0"),
                     2000);
    static const char *const all[] = { "anna@x.se", "bo@x.se", "chef@x.se", "head@x.se",
                                       "komm@x.se" };
    for (size_t i = 0; i < UPP_LEN(all); i++)
        if (desk_mailed(d, all[i]) > 10)
            fail_msg("%s: %zu mails", all[i], desk_mailed(d, all[i]));
    assert_in_range(desk_mailed(d, "anna@x.se"), 4, 10);
    for (size_t i = 0; i < d->n_mails; i++) {
        assert_null(strstr(d->mails[i].text, "MARKER"));
        assert_null(strstr(d->mails[i].subject, "MARKER"));
        assert_non_null(strstr(d->mails[i].text, "Skolan"));
    }
}

/* Exactly once: a matter, step and person have one notice, whatever comes again. */
static void exactly_once(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T08:00:00+01:00");
    sim_fault(d->s, SIM_DOUBLE, 80);
    sim_chaos(d->s, 30);
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_run(d, 30 * UPP_MINUTE);
    sim_heal(d->s);
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM pending WHERE person = 'anna'"), 1);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM notice WHERE person = 'anna'"), 1);
    assert_int_equal(desk_said(d, "NoticeSent"), 2);
    for (size_t i = 1; i < d->n_mails; i++) /* again only with the same identity (P5) */
        for (size_t k = 0; k < i; k++)
            if (strcmp(d->mails[i].to, d->mails[k].to) == 0)
                assert_string_equal(d->mails[i].key, d->mails[k].key);
}

/* §7: an ack holds reminders to the rungs that were asked, never due and never the next rung. */
static void acks_hold_reminders(void **state)
{
    desk *d = *state;
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT;
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T10:00:00+01:00");
    const int64_t due = desk_matter(d, "i1.q1", "due_ms");
    desk_until(d, "2026-11-23T13:30:00+01:00"); /* step 0 has been sent with the digest */
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    ack.matter = upp_lend("i1.q1");
    assert_string_equal(desk_do(d, "dora", &ack.base), "not-your-account");
    assert_string_equal(desk_do(d, "anna", &ack.base), "");
    const int64_t held = desk_matter(d, "i1.q1", "held_until");
    assert_in_range(held, desk_at("2026-11-23T15:30:00+01:00"),
                    desk_at("2026-11-23T15:31:00+01:00"));
    assert_string_equal(desk_do(d, "bo", &ack.base), ""); /* one ack a rung: holds no longer */
    assert_int_equal(desk_matter(d, "i1.q1", "held_until"), held);
    desk_until(d, "2026-11-23T15:00:00+01:00"); /* step 1 at 14:00 is held */
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    assert_int_equal(desk_number(d, "SELECT how FROM step WHERE number = 1"),
                     UPPSIKT__STEP_FIRED__HOW__HOW_HELD);
    desk_until(d, "2026-11-23T16:20:00+01:00"); /* step 2 at 16:00 */
    assert_int_equal(desk_mailed(d, "chef@x.se"), 1);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 2);
    assert_int_equal(desk_matter(d, "i1.q1", "due_ms"), due);
    assert_int_equal(desk_said(d, "MatterAcked"), 1);
}

/* §3.3: akut in duty: the administrators at once, the manager after 60 minutes. Outside duty it is
 * held until somebody is there: nobody is on call here. */
static void akut(void **state)
{
    desk *d = *state;
    const desk_verdict threat = { UPPSIKT__LABEL__LABEL_ATTACK, UPPSIKT__BAND__BAND_LIKELY,
                                  UPPSIKT__DUTY__DUTY_BBS5, true };
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "i1", 1, threat);
    desk_received(d, "i1", "2026-11-23T10:00:00+01:00");
    desk_run(d, 5 * UPP_SECOND);
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-23T11:00:00+01:00"));
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    assert_int_equal(desk_mailed(d, "chef@x.se"), 0);
    assert_non_null(strstr(d->mails[0].text, "Brådskande"));
    desk_until(d, "2026-11-23T11:00:05+01:00");
    assert_int_equal(desk_mailed(d, "chef@x.se"), 1);
    assert_string_equal(
        desk_decide(d, "anna", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, ""), "");
    Uppsikt__CloseErrand called = UPPSIKT__CLOSE_ERRAND__INIT; /* whatever becomes of the comment */
    called.matter = upp_lend("i1.d1");
    assert_string_equal(desk_do(d, "anna", &called.base), "");
    const size_t before = d->n_mails;
    desk_until(d, "2026-11-24T03:00:00+01:00");
    desk_judged(d, "i2", 1, threat);
    desk_received(d, "i2", "2026-11-24T03:00:00+01:00");
    desk_until(d, "2026-11-24T07:59:59+01:00");
    assert_int_equal(d->n_mails, before);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_log WHERE type ="
                                    " 'uppsikt.MatterBreached' AND instr(envelope, 'no_duty') > 0"),
                     2); /* the comment, and that somebody calls */
    desk_until(d, "2026-11-24T08:00:05+01:00");
    assert_true(d->n_mails > before);
}

/* §7: the mail server will not have the address: the next one hears at once. */
static void a_bounce_passes_on(void **state)
{
    desk *d = *state;
    d->bounces = "chef@x.se";
    desk_until(d, "2026-11-23T08:00:00+01:00");
    desk_away(d, "a1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", NULL);
    desk_away(d, "a2", "bo", "2026-11-23T00:00:00+01:00", "2026-11-28T00:00:00+01:00", NULL);
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T08:00:00+01:00");
    desk_run(d, 40 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "chef@x.se"), 1);
    assert_int_equal(desk_mailed(d, "head@x.se"), 1);
    assert_int_equal(desk_said(d, "NoticeFailed"), 1);
    assert_int_equal(desk_number(d, "SELECT bad FROM person WHERE person = 'chef'"), 1);
}

/* R23: what was personal goes; the facts stay. */
static void forgetting(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T08:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T08:00:00+01:00");
    char mark[SIM_MARK];
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    sim_mark(d->s, "i1", mark);
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP;
    c.reason = upp_lend("attack");
    c.note = mark;
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    assert_true(desk_matter(d, "i1.m1", "note_ref") > 0);
    sim_forget(d->s, "i1");
    sim_forget(d->s, "anna");
    desk_run(d, UPP_MINUTE);
    assert_int_equal(desk_matter(d, "i1.m1", "note_ref"), 0);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_number(d, "SELECT contact_ref FROM person WHERE person = 'anna'"), 0);
    desk_judged(d, "i2", 1, DESK_ATTACK);
    desk_received(d, "i2", "2026-11-23T08:30:00+01:00");
    desk_run(d, UPP_HOUR);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 0);
    assert_int_equal(desk_mailed(d, "bo@x.se"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r16_an_unanswered_question_climbs),
        DESK(r20_administrators_and_manager_before_the_breach),
        DESK(r15_the_substitute_hears),
        DESK(e32_back_at_night),
        DESK(a_collected_mail_waits_for_duty),
        DESK(e26_an_empty_rung_passes_on),
        DESK(i20_operations_are_the_last_rung),
        DESK(r17_at_most_ten_mails_a_day),
        DESK(exactly_once),
        DESK(acks_hold_reminders),
        DESK(akut),
        DESK(a_bounce_passes_on),
        DESK(forgetting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
