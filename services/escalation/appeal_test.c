/* appeal_test.c - somebody objects to what was decided: written down by a registered person, tried
 * by another than who decided, on a clock of its own, and counted (R25, R32). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE

static void decided(desk *d, Uppsikt__ItemAction action)
{
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, action, ""), "");
    if (action != KEEP)
        desk_removed(d, "i1", action, "2026-11-23T09:05:00+01:00");
    desk_until(d, "2026-11-23T10:00:00+01:00");
}

static const char *appeal(desk *d, const char *by, const char *id, const char *text,
                          upp_ms received)
{
    Uppsikt__Appeal c = UPPSIKT__APPEAL__INIT;
    c.matter = upp_lend(id);
    c.text = upp_lend(text);
    c.by_author = true;
    c.received_ms = received;
    return desk_do(d, by, &c.base);
}

static const char *the_appeal(desk *d, char ret_id[MATTER_ID])
{
    const char *found =
        desk_text(d, "SELECT matter FROM matter WHERE matter GLOB '*.A*' AND state = 0");
    snprintf(ret_id, MATTER_ID, "%s", found ? found : "(none)");
    return ret_id;
}

static const char *tried(desk *d, const char *by, const char *id, bool change, const char *note)
{
    Uppsikt__DecideAppeal c = UPPSIKT__DECIDE_APPEAL__INIT;
    c.matter = upp_lend(id);
    c.change = change;
    c.note = upp_lend(note);
    c.version = 1;
    c.reason = upp_lend(change ? "within_rules" : "");
    return desk_do(d, by, &c.base);
}

/* What the report says of appeals: how many came in, in time, late, changed. */
static void assert_counts(desk *d, int64_t n_in, int64_t met, int64_t late, int64_t changed)
{
    Uppsikt__Report q = UPPSIKT__REPORT__INIT;
    ProtobufCMessage *rows[16] = { NULL };
    q.from_ms = desk_at("2026-11-01T00:00:00+01:00");
    const size_t n = desk_ask(d, &q.base, &uppsikt__report_row__descriptor, rows, UPP_LEN(rows));
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__ReportRow *row = (const Uppsikt__ReportRow *)rows[i];
        const bool sum = !row->account[0];
        if (sum && strcmp(row->clock, "appeal") == 0) {
            assert_int_equal(row->n_in, n_in);
            assert_int_equal(row->met, met);
            assert_int_equal(row->late, late);
            assert_int_equal(row->changed, changed);
        }
        if (sum && strcmp(row->clock, "look") == 0)
            assert_true(row->n_in <= 1); /* it is no comment that somebody looks at */
        upp_msg_freep(&rows[i]);
    }
    assert_true(n > 0);
}

/* Any registered person who may decide there writes it down; it has a clock of its own. */
static void r25_an_objection_is_written_down(void **state)
{
    desk *d = *state;
    char id[MATTER_ID], long_text[20002];
    desk_until(d, "2026-11-23T08:30:00+01:00");
    desk_received(d, "i2", "2026-11-23T08:30:00+01:00");
    assert_string_equal(appeal(d, "bo", "i2.l1", "Fel!", 0), "nothing-decided");
    desk_gone(d, "i2", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T08:31:00+01:00");
    decided(d, HIDE);
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_string_equal(appeal(d, NULL, "i1.m1", "Fel!", 0), "decide-needs-a-person");
    assert_string_equal(appeal(d, "dora", "i1.m1", "Fel!", 0), "not-your-account");
    assert_string_equal(appeal(d, "bo", "i9.m1", "Fel!", 0), "no-such-matter");
    assert_string_equal(appeal(d, "bo", "i1.m1", " \n", 0), "words-missing");
    assert_string_equal(appeal(d, "bo", "i1.m1", long_text, 0), "appeal-too-long");
    assert_string_equal(appeal(d, "bo", "i1.m1", "Fel!", desk_at("2026-11-23T08:59:00+01:00")),
                        "appeal-time"); /* before what it is about */
    assert_string_equal(appeal(d, "bo", "i1.m1", "Fel!", desk_at("2026-11-24T09:00:00+01:00")),
                        "appeal-time");
    assert_int_equal(desk_said(d, "AppealLodged"), 0);
    assert_string_equal(appeal(d, "bo", "i1.m1", "Fel!", desk_at("2026-11-23T09:30:00+01:00")), "");
    the_appeal(d, id);
    /* ten working days of 510 minutes, from when it came in */
    assert_int_equal(desk_matter(d, id, "received_ms"), desk_at("2026-11-23T09:30:00+01:00"));
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at("2026-12-07T09:30:00+01:00"));
    assert_int_equal(desk_number(d, "SELECT count(*) FROM decision JOIN matter ON about ="
                                    " decision.decision WHERE matter GLOB '*.A*'"),
                     1);
    /* another one who says the same: her words belong to it, and buy no time */
    desk_until(d, "2026-11-24T10:00:00+01:00");
    assert_string_equal(appeal(d, "anna", "i1.m1", "Jag tycker också det", 0), "");
    assert_int_equal(desk_said(d, "AppealLodged"), 2);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE matter GLOB '*.A*'"), 1);
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at("2026-12-07T09:30:00+01:00"));
    /* it is no comment to decide on, and nobody closes it otherwise */
    Uppsikt__CloseErrand done = UPPSIKT__CLOSE_ERRAND__INIT;
    done.matter = id;
    assert_string_equal(desk_decide(d, "bo", id, 1, KEEP, ""), "not-to-be-decided");
    assert_string_equal(desk_do(d, "bo", &done.base), "not-done-by-hand");
    assert_string_equal(tried(d, "bo", "i1.m1", false, "Nej"), "matter-closed");
}

/* Who decided does not try it, nor whom it is about; whoever else may decide there does, in words.
 * It stands: nothing happens at the platform. */
static void r25_another_person_tries_it(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    Uppsikt__Mark about = UPPSIKT__MARK__INIT;
    decided(d, HIDE);
    assert_string_equal(appeal(d, "anna", "i1.m1", "Det var skämt", 0), "");
    the_appeal(d, id);
    assert_string_equal(tried(d, NULL, id, false, "Nej"), "decide-needs-a-person");
    assert_string_equal(tried(d, "dora", id, false, "Nej"), "not-your-account");
    assert_string_equal(tried(d, "anna", id, false, "Nej"), "appeal-another-person");
    assert_string_equal(tried(d, "chef", id, false, " "), "appeal-note-missing");
    about.item = upp_lend("i1");
    about.target = upp_lend("bo");
    assert_string_equal(desk_do(d, "anna", &about.base), "");
    assert_string_equal(tried(d, "bo", id, true, "Jo"), "appeal-about-you");
    assert_int_equal(desk_said(d, "AppealDecided"), 0);
    assert_string_equal(tried(d, "chef", id, false, "Ett hot är inget skämt"), "");
    assert_int_equal(desk_said(d, "AppealDecided"), 1);
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    assert_int_equal(desk_matter(d, id, "met_how"), UPPSIKT__MET_HOW__MET_HOW_STANDS);
    assert_string_equal(tried(d, "chef", id, true, "Ändå"), "matter-closed");
    assert_counts(d, 1, 1, 0, 0);
    /* and whoever objects again has it tried again */
    assert_string_equal(appeal(d, "bo", "i1.m1", "Jag ger mig inte", 0), "");
    assert_string_equal(tried(d, "chef", the_appeal(d, id), false, "Som förut"), "");
    assert_counts(d, 2, 2, 0, 0);
}

/* A second person's yes is a decision, too: neither of the two tries it. */
static void r25_neither_of_two_tries_it(void **state)
{
    desk *d = *state;
    char id[MATTER_ID], approval[UPP_ID];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    decided(d, HIDE);
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = DELETE;
    c.reason = upp_lend("attack");
    c.note = upp_lend("Den ska bort");
    assert_string_equal(desk_do(d, "anna", &c.base), "");
    snprintf(approval, sizeof approval, "%s", desk_text(d, "SELECT approval FROM approval"));
    yes.approval = approval;
    assert_string_equal(desk_do(d, "bo", &yes.base), "");
    desk_removed(d, "i1", DELETE, "2026-11-23T10:05:00+01:00");
    assert_string_equal(appeal(d, "anna", "i1.m1", "Fel", 0), "");
    the_appeal(d, id);
    assert_string_equal(tried(d, "anna", id, true, "Jo"), "appeal-another-person");
    assert_string_equal(tried(d, "bo", id, true, "Jo"), "appeal-another-person");
    /* what is gone nobody shows again: that it was wrong is said all the same */
    assert_string_equal(tried(d, "chef", id, true, "Den skulle ha stått kvar"), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 3);
    assert_counts(d, 1, 1, 0, 1);
}

/* Changed: what was hidden is shown again, by a decision of whoever tried it; of what has been
 * edited since, on what she saw. */
static void r25_what_was_hidden_is_shown_again(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    decided(d, HIDE);
    assert_string_equal(appeal(d, "bo", "i1.m1", "Det var ett citat", 0), "");
    the_appeal(d, id);
    Uppsikt__DecideAppeal c = UPPSIKT__DECIDE_APPEAL__INIT;
    c.matter = id;
    c.change = true;
    c.note = upp_lend("Det är ett citat");
    c.version = 1;
    assert_string_equal(desk_do(d, "chef", &c.base), "reason-missing");
    c.reason = upp_lend("opinion");
    c.version = 2;
    assert_string_equal(desk_do(d, "chef", &c.base), "stale-version");
    assert_int_equal(desk_said(d, "AppealDecided"), 0);
    c.version = 1;
    assert_string_equal(desk_do(d, "chef", &c.base), "");
    assert_int_equal(desk_number(d, "SELECT action FROM decision ORDER BY at_ms DESC"), UNHIDE);
    assert_string_equal(desk_text(d, "SELECT person FROM decision ORDER BY at_ms DESC"), "chef");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
    desk_removed(d, "i1", UNHIDE, "2026-11-23T10:20:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, id, "met_how"), UPPSIKT__MET_HOW__MET_HOW_CHANGED);
    assert_counts(d, 1, 1, 0, 1);
    /* what has been done meanwhile is not done twice */
    Uppsikt__Decide hide = UPPSIKT__DECIDE__INIT;
    hide.matter = upp_lend("i1.m1");
    hide.version = 1;
    hide.action = HIDE;
    hide.reason = upp_lend("attack");
    hide.note = upp_lend("Inget citat");
    assert_string_equal(desk_do(d, "bo", &hide.base), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T10:30:00+01:00");
    assert_string_equal(appeal(d, "bo", "i1.m1", "Jo", 0), "");
    hide.action = UNHIDE;
    assert_string_equal(desk_do(d, "anna", &hide.base), "");
    desk_removed(d, "i1", UNHIDE, "2026-11-23T10:40:00+01:00");
    const size_t made = desk_said(d, "DecisionMade");
    assert_string_equal(tried(d, "chef", the_appeal(d, id), true, "Den visas ju"), "");
    assert_int_equal(desk_said(d, "DecisionMade"), made);
}

/* Anybody objects to what may stay, too: changed, it is hidden, and what was met stays met. */
static void r25_what_may_stay_is_hidden(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    decided(d, KEEP);
    assert_string_equal(appeal(d, "anna", "i1.m1", "Den gäller mig", 0), "");
    assert_string_equal(tried(d, "bo", the_appeal(d, id), true, "Ett påhopp"), "");
    assert_int_equal(desk_number(d, "SELECT action FROM decision ORDER BY at_ms DESC"), HIDE);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    desk_removed(d, "i1", HIDE, "2026-11-23T10:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_counts(d, 1, 1, 0, 1);
}

/* When it is late the ladder goes on as for others: the manager, then who stands above her; and it
 * is late in the report. Never a word of what was written. */
static void r25_a_late_objection_climbs(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    decided(d, HIDE);
    assert_string_equal(appeal(d, "bo", "i1.m1", "Hemligt brev", 0), "");
    the_appeal(d, id);
    desk_until(d, "2026-11-23T11:00:00+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "Invändning", 0));
    assert_false(desk_mail_says(d, "anna@x.se", "Invändning", 0));
    assert_int_equal(desk_matter(d, id, "breached"), 0);
    desk_until(d, "2026-12-08T09:00:00+01:00");
    assert_int_equal(desk_matter(d, id, "breached"), 1);
    assert_true(desk_mail_says(d, "head@x.se", "Invändning", 0));
    assert_false(desk_mail_says(d, "head@x.se", "Hemligt", 0));
    assert_counts(d, 1, 0, 0, 0); /* open, and late */
    assert_string_equal(tried(d, "head", id, false, "Den står fast"), "");
    assert_counts(d, 1, 0, 1, 0);
}

static void adopt(desk *d, int64_t version, const char *yaml)
{
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    p.version = version;
    p.yaml = upp_lend(yaml);
    p.decision = upp_lend("KS 2026/1");
    p.valid_from_ms = sim_now(d->s);
    desk_say(d, "registry", "policy", &p.base);
    desk_run(d, UPP_SECOND);
    assert_int_equal(desk_number(d, "SELECT max(version) FROM policy WHERE began = 1"), version);
}

/* A policy that says nothing of it, as all that were adopted before, gives ten days; another says
 * how many (R02). */
static void r25_the_policy_says_how_long(void **state)
{
    desk *d = *state;
    char id[MATTER_ID];
    decided(d, HIDE);
    adopt(d, 2, "clocks:\n  moderation: 86400s\n");
    assert_string_equal(appeal(d, "bo", "i1.m1", "Fel!", desk_at("2026-11-23T09:30:00+01:00")), "");
    the_appeal(d, id);
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at("2026-12-07T09:30:00+01:00"));
    adopt(d, 3, "people:\n  appeal_days: 5\n");
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at("2026-11-30T09:30:00+01:00"));
    assert_string_equal(tried(d, "chef", id, false, "Den står fast"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r25_an_objection_is_written_down), DESK(r25_another_person_tries_it),
        DESK(r25_neither_of_two_tries_it),      DESK(r25_what_was_hidden_is_shown_again),
        DESK(r25_what_may_stay_is_hidden),      DESK(r25_a_late_objection_climbs),
        DESK(r25_the_policy_says_how_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
