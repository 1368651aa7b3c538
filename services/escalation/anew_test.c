/* anew_test.c - what was decided and done is decided anew by a person (R25); and nobody's report is
 * better or worse for it (R20; sla.md T9, §8). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE

static void an_attack(desk *d)
{
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
}

static const char *decide(desk *d, const char *by, const char *id, Uppsikt__ItemAction action,
                          const char *note)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend(id);
    c.version = 1;
    c.action = action;
    c.reason = upp_lend(action == HIDE || action == DELETE ? "attack" : "within_rules");
    c.note = upp_lend(note);
    return desk_do(d, by, &c.base);
}

static Uppsikt__ReportRow report(desk *d, const char *clock)
{
    Uppsikt__Report q = UPPSIKT__REPORT__INIT;
    ProtobufCMessage *rows[16] = { NULL };
    Uppsikt__ReportRow found = UPPSIKT__REPORT_ROW__INIT;
    q.from_ms = desk_at("2026-11-01T00:00:00+01:00");
    const size_t n = desk_ask(d, &q.base, &uppsikt__report_row__descriptor, rows, UPP_LEN(rows));
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__ReportRow *row = (const Uppsikt__ReportRow *)rows[i];
        if (!row->account[0] && strcmp(row->clock, clock) == 0) {
            found.n_in = row->n_in;
            found.met = row->met;
            found.late = row->late;
            found.open = row->open;
            found.open_late = row->open_late;
            found.within_24h = row->within_24h;
            found.percent = row->percent;
        }
        upp_msg_freep(&rows[i]);
    }
    return found;
}

static void assert_counts(desk *d, int64_t met, int64_t late)
{
    const Uppsikt__ReportRow r = report(d, "moderation");
    assert_int_equal(r.n_in, 1);
    assert_int_equal(r.met, met);
    assert_int_equal(r.late, late);
    assert_int_equal(r.open, 0);
    assert_int_equal(r.open_late, 0);
    assert_int_equal(r.within_24h, met);
}

/* A keep was wrong: whoever may decide there decides anew, with words of why, by no mail's link. */
static void r25_a_keep_is_decided_anew(void **state)
{
    desk *d = *state;
    an_attack(d);
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, ""), "");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_string_equal(decide(d, NULL, "i1.m1", HIDE, "Det var ett hot"), "decide-needs-a-person");
    assert_string_equal(decide(d, "dora", "i1.m1", HIDE, "Det var ett hot"), "not-your-account");
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, ""), "anew-note-missing");
    assert_string_equal(decide(d, "bo", "i1.m1", KEEP, "En gång till"), "kept-already");
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Det var ett hot"), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 2); /* with a gate of its own */
    assert_int_equal(desk_number(d, "SELECT count(DISTINCT decision) FROM decision"), 2);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN); /* until it is confirmed */
    assert_int_equal(desk_matter(d, "i1.m1", "received_ms"), desk_at("2026-11-23T09:00:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    assert_int_equal(desk_matter(d, "i1.m1", "duty"), UPPSIKT__DUTY__DUTY_HOUSE_RULE);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 1 + 1); /* and i1.l1 */
    desk_removed(d, "i1", HIDE, "2026-11-23T10:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REMOVED);
    /* once again: it is hidden, so there is nothing to hide, and showing has its own way */
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Igen"), "hidden-already");
    assert_string_equal(decide(d, "bo", "i1.m1", KEEP, "Ändå inte"), "hidden-show-it");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
}

/* Visa igen, and then whoever thinks better of that hides it again; each is a decision. */
static void r25_what_was_shown_again_is_hidden_again(void **state)
{
    desk *d = *state;
    an_attack(d);
    assert_string_equal(decide(d, "anna", "i1.m1", HIDE, ""), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    assert_string_equal(decide(d, "bo", "i1.m1", UNHIDE, "Ett misstag"), "");
    desk_removed(d, "i1", UNHIDE, "2026-11-23T09:20:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.m1", HIDE, "Inget misstag"), "");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    desk_removed(d, "i1", HIDE, "2026-11-23T09:40:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_said(d, "DecisionMade"), 3);
    assert_string_equal(decide(d, "bo", "i1.m1", UNHIDE, "Jo"), "");
    desk_removed(d, "i1", UNHIDE, "2026-11-23T10:00:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.m1", HIDE, "Nej"), ""); /* as often as they like */
    assert_counts(d, 1, 0);
    desk_gone(d, "i1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T11:00:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, "Borta"), "item-gone");
    assert_counts(d, 1, 0);
}

/* R20: met in time is met in time, also when it is decided anew a week later: no breach, no second
 * row, no ladder from its beginning; but somebody is reminded while it is not done. */
static void r20_what_was_met_stays_met(void **state)
{
    desk *d = *state;
    an_attack(d);
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, ""), "");
    assert_counts(d, 1, 0);
    desk_until(d, "2026-12-01T10:00:00+01:00");
    const size_t steps = desk_said(d, "StepFired");
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Det var ett hot"), "");
    desk_until(d, "2026-12-01T12:00:00+01:00");
    assert_int_equal(desk_said(d, "StepFired"), steps);
    assert_int_equal(desk_said(d, "MatterBreached"), 0);
    assert_counts(d, 1, 0);
    desk_until(d, "2026-12-10T12:00:00+01:00"); /* the gate is held: the last rung is reminded */
    assert_true(desk_said(d, "StepFired") > steps);
    assert_true(desk_said(d, "StepFired") < steps + 4);
    assert_int_equal(desk_said(d, "MatterBreached"), 0);
    desk_removed(d, "i1", HIDE, "2026-12-10T12:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_counts(d, 1, 0);
    assert_int_equal(report(d, "moderation").percent, 100);
}

/* T9: another policy counts what is open anew, but never what was met once. */
static void r20_another_policy_moves_nothing(void **state)
{
    desk *d = *state;
    Uppsikt__PolicyAdopted p = UPPSIKT__POLICY_ADOPTED__INIT;
    an_attack(d);
    desk_until(d, "2026-11-23T15:00:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, ""), "");
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Det var ett hot"), "");
    p.version = 2;
    p.yaml = upp_lend("clocks:\n  moderation: 1h\n");
    p.decision = upp_lend("KS 2026/1");
    p.valid_from_ms = desk_at("2026-11-23T15:30:00+01:00");
    desk_say(d, "registry", "policy", &p.base);
    desk_until(d, "2026-11-23T16:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT began FROM policy WHERE version = 2"), 1);
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    assert_int_equal(desk_said(d, "DueRecomputed"), 0);
    const Uppsikt__ReportRow r = report(d, "moderation");
    assert_int_equal(r.met, 1);
    assert_int_equal(r.late, 0);
}

/* R20: a breach stays a breach, however fast what was decided anew is done. */
static void r20_a_breach_stays_a_breach(void **state)
{
    desk *d = *state;
    an_attack(d);
    desk_until(d, "2026-11-25T09:00:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, ""), "");
    assert_int_equal(desk_said(d, "MatterBreached"), 1);
    assert_counts(d, 0, 1);
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Det var ett hot"), "");
    assert_counts(d, 0, 1);
    desk_removed(d, "i1", HIDE, "2026-11-25T09:30:00+01:00");
    assert_counts(d, 0, 1);
    assert_int_equal(desk_said(d, "MatterBreached"), 1);
    assert_int_equal(report(d, "moderation").percent, 0);
}

/* What was only looked at has no clock of removal yet: it begins, from when it was received. */
static void r25_what_was_looked_at_is_hidden_later(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_CLEAN);
    Uppsikt__MarkSeen seen = UPPSIKT__MARK_SEEN__INIT;
    char *list[] = { upp_lend("i1.s1") };
    seen.n_matters = 1;
    seen.matters = list;
    assert_string_equal(desk_do(d, "anna", &seen.base), "");
    assert_string_equal(decide(d, "anna", "i1.s1", HIDE, "Den betyder något annat"), "");
    assert_int_equal(desk_matter(d, "i1.s1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    desk_removed(d, "i1", HIDE, "2026-11-23T09:30:00+01:00");
    assert_counts(d, 1, 0);
    /* by whichever of its matters: it is one removal, and counts once */
    assert_string_equal(decide(d, "bo", "i1.m1", UNHIDE, "Nej"), "");
    desk_removed(d, "i1", UNHIDE, "2026-11-23T09:40:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.s1", HIDE, "Jo"), "");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "i1.m2", "state"), -1);
    assert_counts(d, 1, 0);
    desk_removed(d, "i1", HIDE, "2026-11-23T09:50:00+01:00");
}

/* An edit has a matter and a clock of its own (E10): what was decided on the old words is not the
 * place to decide on the new ones. */
static void r25_new_words_are_decided_on_by_themselves(void **state)
{
    desk *d = *state;
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    an_attack(d);
    assert_string_equal(decide(d, "anna", "i1.m1", KEEP, ""), "");
    desk_edited(d, "i1", 2, "2026-11-23T10:00:00+01:00", false);
    desk_judged(d, "i1", 2, DESK_ATTACK);
    c.matter = upp_lend("i1.m1");
    c.version = 2;
    c.action = HIDE;
    c.reason = upp_lend("attack");
    c.note = upp_lend("Ett hot");
    assert_string_equal(decide(d, "bo", "i1.m1", HIDE, "Ett hot"), "stale-version");
    assert_string_equal(desk_do(d, "bo", &c.base), "decide-newer");
    c.matter = upp_lend("i1.m2");
    assert_string_equal(desk_do(d, "bo", &c.base), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T10:30:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "first_ms"), 0);
    assert_int_equal(report(d, "moderation").n_in, 2);
    assert_int_equal(report(d, "moderation").met, 2);
}

/* To delete takes two, anew as before; the second one's yes opens no clock of its own. */
static void r25_deleting_anew_takes_two(void **state)
{
    desk *d = *state;
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(decide(d, "anna", "i1.l1", KEEP, ""), "");
    assert_string_equal(decide(d, "bo", "i1.l1", DELETE, "Ett hot"), "");
    assert_int_equal(desk_said(d, "ApprovalAsked"), 1);
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    char id[UPP_ID];
    snprintf(id, sizeof id, "%s", desk_text(d, "SELECT approval FROM approval"));
    yes.approval = id;
    assert_string_equal(desk_do(d, "bo", &yes.base), "another-person-needed");
    assert_string_equal(desk_do(d, "chef", &yes.base), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 2"), 1);
    /* hidden and to be deleted: to say that hiding is enough is another thing */
    assert_string_equal(decide(d, "anna", "i1.m1", HIDE, "Det räcker att den är dold"), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:15:00+01:00");
    assert_counts(d, 1, 0);
}

/* An answered question is no decision to be made anew. */
static void r25_a_question_is_not_decided_anew(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "q1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "q1", 1, DESK_QUESTION);
    desk_reply(d, "q1", "r1", "2026-11-23T09:30:00+01:00");
    assert_string_equal(decide(d, "anna", "q1.q1", HIDE, "Ändå"), "matter-closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r25_a_keep_is_decided_anew),
        DESK(r25_what_was_shown_again_is_hidden_again),
        DESK(r20_what_was_met_stays_met),
        DESK(r20_another_policy_moves_nothing),
        DESK(r20_a_breach_stays_a_breach),
        DESK(r25_what_was_looked_at_is_hidden_later),
        DESK(r25_new_words_are_decided_on_by_themselves),
        DESK(r25_deleting_anew_takes_two),
        DESK(r25_a_question_is_not_decided_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
