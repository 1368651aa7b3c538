/* outgoing_test.c - from a decision to its effect on the platform, once, and never before its
 * copy is sealed (R21, R22, R25; I11, I12, I13; sla.md P6, E9, E14, E15); and what takes it
 * back. */
#include "office_fixture.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE
enum { RAW = 1, WHOLE = 2 };

/* The two sources come in any order: the effect is the same, and never before both (P6). */
static void orders_commute_I11(void **state)
{
    office *o = *state;
    char a[UPP_ID], b[UPP_ID];
    const char *on_a = office_comment(o, "Ni är rötägg", a);
    office_decide(o, a, 1, HIDE, "");
    sim_run(o->s, UPP_HOUR);
    assert_string_equal(office_waits(o), "waiting RAW evidence");
    assert_true(fakebook_visible(o->page, on_a));
    office_seal(o, a, 1, RAW);
    sim_run(o->s, UPP_MINUTE);
    assert_false(fakebook_visible(o->page, on_a));

    const char *on_b = office_comment(o, "Idioter allihop", b);
    office_seal(o, b, 1, WHOLE);
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_visible(o->page, on_b));
    office_decide(o, b, 1, HIDE, "");
    sim_run(o->s, UPP_MINUTE);
    assert_false(fakebook_visible(o->page, on_b));
    assert_int_equal(office_effects(o, "hide"), 2);
    assert_int_equal(office_said(o, "ActionDone"), 2);
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 0); /* our own echo */
    assert_string_equal(office_waits(o), "");
}

/* A record of another version never opens the gate; RAW opens no delete. */
static void only_that_version_and_level_opens(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_decide(o, item, 1, DELETE, "row-7");
    office_seal(o, item, 2, WHOLE);
    office_seal(o, item, 1, RAW);
    sim_run(o->s, UPP_DAY);
    assert_string_equal(office_waits(o), "waiting WHOLE evidence");
    assert_true(fakebook_there(o->page, id));
    office_seal(o, item, 1, WHOLE);
    sim_run(o->s, UPP_MINUTE);
    assert_false(fakebook_there(o->page, id));
    assert_int_equal(office_effects(o, "delete"), 1);
    assert_int_equal(office_said(o, "ActionDone"), 1);
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "CommentGone"), 0); /* it was us, and that has been said */
}

/* R21: house rules without an adopted row can be hidden, not deleted. */
static void no_row_no_delete(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_seal(o, item, 1, WHOLE);
    office_decide(o, item, 1, DELETE, "");
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_said(o, "ActionRefused"), 1);
    assert_true(fakebook_there(o->page, id));
    office_decide(o, "01ARZ3NDEKTSV4RRFFQ69G5FAV", 1, HIDE, ""); /* no such item */
    assert_int_equal(office_said(o, "ActionRefused"), 2);
    assert_int_equal(office_effects(o, "delete"), 0);
}

/* E9: words that nobody has seen are never removed: known before, or found just before acting. */
static void a_newer_version_is_stale(void **state)
{
    office *o = *state;
    char a[UPP_ID], b[UPP_ID];
    const char *on_a = office_comment(o, "Ni är rötägg", a);
    office_decide(o, a, 1, HIDE, "");
    assert_true(fakebook_edit(o->page, on_a, "Förlåt"));
    sim_run(o->s, 2 * UPP_MINUTE); /* the poll sees it */
    assert_int_equal(office_said(o, "CommentEdited"), 1);
    assert_int_equal(office_said(o, "ActionRefused"), 1);
    office_seal(o, a, 1, WHOLE);
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_visible(o->page, on_a));

    const char *on_b = office_comment(o, "Idioter", b);
    office_decide(o, b, 1, DELETE, "row-7");
    sim_run(o->s, 90 * UPP_SECOND);
    assert_true(fakebook_edit(o->page, on_b, "När öppnar badet?"));
    office_seal(o, b, 1, WHOLE); /* within a second: no poll has been */
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_there(o->page, on_b));
    assert_int_equal(office_said(o, "CommentEdited"), 2);
    assert_int_equal(office_said(o, "ActionRefused"), 2);
    assert_int_equal(office_effects(o, "hide") + office_effects(o, "delete"), 0);
}

static void fails_once(office *o, enum fakebook_fault fault)
{
    char hidden[UPP_ID], deleted[UPP_ID], answered[UPP_ID];
    const size_t done = office_said(o, "ActionDone"), hides = office_effects(o, "hide"),
                 deletes = office_effects(o, "delete"), replies = office_effects(o, "reply");
    const char *on_hidden = office_comment(o, "Ni är rötägg", hidden);
    const char *on_deleted = office_comment(o, "Idioter", deleted);
    office_comment(o, "När öppnar badet?", answered);
    office_seal(o, hidden, 1, RAW);
    office_seal(o, deleted, 1, WHOLE);
    fakebook_fail(o->page, fault, 1, true);
    office_decide(o, hidden, 1, HIDE, "");
    sim_run(o->s, UPP_HOUR);
    fakebook_fail(o->page, fault, 1, true);
    office_decide(o, deleted, 1, DELETE, "row-7");
    sim_run(o->s, UPP_HOUR);
    fakebook_fail(o->page, fault, 1, true);
    assert_string_equal(office_reply(o, answered, "Klockan tio.\n/Anna, kommunikatör"), "");
    sim_run(o->s, UPP_HOUR);
    assert_false(fakebook_visible(o->page, on_hidden));
    assert_false(fakebook_there(o->page, on_deleted));
    assert_int_equal(office_effects(o, "hide"), hides + 1);
    assert_int_equal(office_effects(o, "delete"), deletes + 1);
    assert_int_equal(office_effects(o, "reply"), replies + 1);
    assert_int_equal(office_said(o, "ActionDone"), done + 3);
    assert_string_equal(office_waits(o), "");
}

/* I12: whatever becomes of the answer, the effect is there once, and is said once. */
static void a_lost_answer_is_read_back_I12(void **state)
{
    for (enum fakebook_fault fault = FAKEBOOK_WELL; fault < FAKEBOOK_FAULTS; fault++)
        fails_once(*state, fault);
}

static void the_brake_holds_hides_and_deletes(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_hold(o, true);
    office_seal(o, item, 1, RAW);
    office_decide(o, item, 1, HIDE, "");
    sim_run(o->s, UPP_DAY);
    assert_string_equal(office_waits(o), "held  held");
    assert_true(fakebook_visible(o->page, id));
    assert_string_equal(office_reply(o, item, "Hej! /Anna, kommunikatör"), ""); /* not an answer */
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_effects(o, "reply"), 1);
    office_hold(o, false);
    sim_run(o->s, UPP_MINUTE);
    assert_false(fakebook_visible(o->page, id));
    office_decide(o, item, 1, UNHIDE, "");
    sim_run(o->s, UPP_MINUTE);
    assert_true(fakebook_visible(o->page, id));
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 0);
}

/* platforms.md §4.3, §4.4: refused, not faked; said at once; after the new token it goes on. */
static void a_dead_token_is_said_and_waited_for(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    fakebook_token(o->page, "NEW");
    office_seal(o, item, 1, RAW);
    office_decide(o, item, 1, HIDE, "");
    sim_run(o->s, 2 * UPP_MINUTE);
    assert_int_equal(office_said(o, "AccountHealthChanged"), 1);
    assert_string_equal(office_waits(o), "waiting  account");
    assert_string_equal(office_reply(o, item, "Hej! /Anna, kommunikatör"), "account-locked");
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "AccountHealthChanged"), 1); /* the change, once */
    assert_true(fakebook_visible(o->page, id));
    o->token = "NEW";
    Uppsikt__ConnectAccount c = UPPSIKT__CONNECT_ACCOUNT__INIT;
    c.account = upp_lend("acc");
    c.connector = upp_lend("facebook");
    c.base_url = upp_lend("http://127.0.0.1:1/v25.0");
    c.token = upp_lend("NEW");
    assert_string_equal(office_do(o, "anna", &c.base), "");
    sim_run(o->s, 20 * UPP_MINUTE);
    assert_int_equal(office_said(o, "AccountHealthChanged"), 2);
    assert_false(fakebook_visible(o->page, id));
    assert_int_equal(office_effects(o, "hide"), 1);
}

static const char *attest(office *o, const char *action, const char *by)
{
    Uppsikt__AttestAction a = UPPSIKT__ATTEST_ACTION__INIT;
    a.action = upp_lend(action);
    return office_do(o, by, &a.base);
}

/* What the platform does not let us do, a person does: after the copy, too (P3). */
static void by_hand_only_after_the_copy(void **state)
{
    office *o = *state;
    char item[UPP_ID], id[UPP_ID];
    fakebook_forbid(o->page, office_comment(o, "Ni är rötägg", item));
    snprintf(id, sizeof id, "%s", office_decide(o, item, 1, DELETE, "row-7"));
    assert_string_equal(attest(o, id, "anna"), "action-not-by-hand");
    assert_int_equal(office_said(o, "ActionManualRequired"), 0);
    office_seal(o, item, 1, WHOLE);
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(office_said(o, "ActionManualRequired"), 1);
    assert_string_equal(office_waits(o), "manual  platform-refused");
    assert_string_equal(attest(o, id, NULL), "attest-needs-a-person");
    assert_string_equal(attest(o, id, "bo"), "no-such-person"); /* has left */
    assert_string_equal(attest(o, "X", "anna"), "no-such-action");
    assert_string_equal(attest(o, id, "anna"), "");
    assert_int_equal(office_said(o, "ActionDone"), 1);
    assert_string_equal(attest(o, id, "anna"), "action-not-by-hand");
}

/* E14, E15: gone with certainty: twice, ten minutes apart, while the page is readable; then what
 * was decided about it is refused. Nobody can tell who did it. */
static void gone_is_said_when_it_is_sure(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_decide(o, item, 1, HIDE, "");
    assert_true(fakebook_remove(o->page, id));
    office_seal(o, item, 1, RAW);
    sim_run(o->s, 5 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentGone"), 0);
    sim_run(o->s, 30 * UPP_MINUTE);
    assert_int_equal(office_said(o, "CommentGone"), 1);
    assert_int_equal(office_said(o, "ActionRefused"), 1);
    assert_int_equal(office_said(o, "ActionDone"), 0);
    assert_string_equal(office_reply(o, item, "Hej! /Anna, kommunikatör"), "item-gone");
}

/* R23: what waits for a forgotten item is not done, and nothing of it stays. */
static void a_forgotten_item_is_left_alone(void **state)
{
    office *o = *state;
    char item[UPP_ID], mark[SIM_MARK], text[64];
    sim_mark(o->s, "den", mark);
    snprintf(text, sizeof text, "Ni är %s", mark);
    const char *id = office_comment(o, text, item);
    sim_mark_about(o->s, mark, item);
    office_decide(o, item, 1, HIDE, "");
    sim_forget(o->s, item);
    sim_run(o->s, UPP_MINUTE);
    office_seal(o, item, 1, WHOLE);
    office_decide(o, item, 1, DELETE, "row-7");
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "ActionRefused"), 2);
    assert_true(fakebook_visible(o->page, id));
    assert_string_equal(office_reply(o, item, "Hej! /Anna, kommunikatör"), "item-forgotten");
}

/* How many refusals say that reason: the event's last field. */
static int64_t refused_as(office *o, Uppsikt__ActionRefused__Reason reason)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ActionRefused' AND"
             " instr(envelope, x'30%02x') > 0",
             (unsigned)reason);
    return office_number(o, sql);
}

/* I12: an answer that was lost may have been of a call that had its effect. When nobody can look
 * any more, that is said: never that nothing was done. */
static void an_outcome_that_nobody_can_look_up_is_not_refused_as_undone_I12(void **state)
{
    office *o = *state;
    char forgotten[UPP_ID], gone[UPP_ID];
    const char *on_forgotten = office_comment(o, "Ni är rötägg", forgotten);
    const char *on_gone = office_comment(o, "Idioter", gone);
    office_seal(o, forgotten, 1, RAW);
    office_seal(o, gone, 1, RAW);
    fakebook_fail(o->page, FAKEBOOK_CUT_AFTER, 1, true);
    office_decide(o, forgotten, 1, HIDE, "");
    sim_run(o->s, 5 * UPP_SECOND);
    assert_false(fakebook_visible(o->page, on_forgotten));
    assert_string_equal(office_waits(o), "unknown  unknown");
    sim_forget(o->s, forgotten); /* before it was read back */
    sim_run(o->s, UPP_DAY);
    assert_int_equal(refused_as(o, UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN), 1);

    fakebook_fail(o->page, FAKEBOOK_CUT_AFTER, 1, true);
    office_decide(o, gone, 1, HIDE, "");
    sim_run(o->s, 5 * UPP_SECOND);
    assert_true(fakebook_remove(o->page, on_gone)); /* by whoever wrote it */
    sim_run(o->s, UPP_DAY);
    assert_int_equal(office_said(o, "CommentGone"), 1);
    assert_int_equal(refused_as(o, UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN), 2);
    assert_int_equal(office_said(o, "ActionRefused"), 2);
    assert_int_equal(office_said(o, "ActionDone"), 0);
    assert_int_equal(office_effects(o, "hide"), 2);
}

/* R25: what was decided and waits at the gate gives way to a newer decision: it never leaves. */
static void r25_keep_recalls_what_waits(void **state)
{
    office *o = *state;
    char hidden[UPP_ID], deleted[UPP_ID], other[UPP_ID];
    const char *on_hidden = office_comment(o, "Ni är rötägg", hidden);
    const char *on_deleted = office_comment(o, "Idioter", deleted);
    const char *on_other = office_comment(o, "Idioter allihop", other);
    office_decide(o, hidden, 1, HIDE, "");
    office_decide(o, deleted, 1, DELETE, "row-7");
    office_decide(o, other, 1, HIDE, "");
    sim_run(o->s, UPP_HOUR);
    office_decide(o, hidden, 1, KEEP, "");
    office_decide(o, deleted, 1, KEEP, "");
    sim_run(o->s, UPP_MINUTE);
    assert_int_equal(refused_as(o, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED), 2);
    office_seal(o, hidden, 1, WHOLE);
    office_seal(o, deleted, 1, WHOLE);
    office_seal(o, other, 1, WHOLE);
    sim_run(o->s, UPP_DAY);
    assert_true(fakebook_visible(o->page, on_hidden));
    assert_true(fakebook_visible(o->page, on_deleted));
    assert_false(fakebook_visible(o->page, on_other)); /* about another one nothing was said */
    assert_int_equal(office_effects(o, "hide"), 1);
    assert_int_equal(office_effects(o, "delete"), 0);
    assert_int_equal(office_said(o, "ActionRefused"), 2);
    assert_int_equal(office_said(o, "ActionDone"), 1);
    assert_string_equal(office_waits(o), "");
    office_decide(o, hidden, 1, HIDE, ""); /* and she may change her mind once more */
    sim_run(o->s, UPP_MINUTE);
    assert_false(fakebook_visible(o->page, on_hidden));
}

/* To hide in place of a delete that waits, and to delete what is hidden until its copy is whole:
 * the second takes nothing back. */
static void r25_a_changed_decision_holds(void **state)
{
    office *o = *state;
    char a[UPP_ID], b[UPP_ID];
    const char *on_a = office_comment(o, "Ni är rötägg", a);
    const char *on_b = office_comment(o, "Idioter", b);
    office_decide(o, a, 1, DELETE, "row-7");
    office_decide(o, a, 1, HIDE, "");
    office_decide(o, b, 1, HIDE, "");
    office_decide(o, b, 1, DELETE, "row-7");
    office_seal(o, a, 1, WHOLE);
    office_seal(o, b, 1, RAW);
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_there(o->page, on_a) && !fakebook_visible(o->page, on_a));
    assert_true(fakebook_there(o->page, on_b) && !fakebook_visible(o->page, on_b));
    office_seal(o, b, 1, WHOLE);
    sim_run(o->s, UPP_HOUR);
    assert_false(fakebook_there(o->page, on_b));
    assert_int_equal(office_said(o, "ActionRefused"), 1);
}

/* Hidden, shown again, hidden and shown again: each is done once, each time; it waits for no
 * copy, and what is hidden already on its way to be shown is not hidden once more. */
static void r25_what_is_hidden_is_shown_again(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_seal(o, item, 1, RAW);
    for (size_t n = 1; n <= 2; n++) {
        office_decide(o, item, 1, HIDE, "");
        sim_run(o->s, UPP_MINUTE);
        assert_false(fakebook_visible(o->page, id));
        office_decide(o, item, 1, KEEP, ""); /* it is done: to keep it shows nothing */
        sim_run(o->s, UPP_HOUR);
        assert_false(fakebook_visible(o->page, id));
        office_decide(o, item, 1, UNHIDE, "");
        sim_run(o->s, UPP_MINUTE);
        assert_true(fakebook_visible(o->page, id));
        assert_int_equal(office_effects(o, "hide"), n);
        assert_int_equal(office_effects(o, "unhide"), n);
        assert_int_equal(office_said(o, "ActionDone"), 2 * n);
    }
    assert_int_equal(office_said(o, "ActionRefused"), 0);
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 0);
}

/* Taken back while the call is under way: whatever becomes of its answer, it is said what stands
 * there, and the call is not made again. Then it is shown again. */
static void recalled_under_way(office *o, enum fakebook_fault fault)
{
    char item[UPP_ID];
    const size_t hides = office_effects(o, "hide"), ends = office_said(o, "ActionRefused"),
                 done = office_said(o, "ActionDone");
    const char *id = office_comment(o, "Ni är rötägg", item);
    office_seal(o, item, 1, RAW);
    fakebook_fail(o->page, fault, 1, true);
    office_decide(o, item, 1, HIDE, "");
    for (int i = 0; i < 60 &&
                    office_number(o, "SELECT max(tried_ms) FROM action WHERE state < 4 AND"
                                     " what = 0") <= 0 &&
                    office_said(o, "ActionDone") == done;
         i++)
        sim_run(o->s, UPP_SECOND);
    const bool visible = fakebook_visible(o->page, id);
    office_decide(o, item, 1, KEEP, "");
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(fakebook_visible(o->page, id), visible);
    assert_int_equal(office_effects(o, "hide"), hides + (visible ? 0 : 1));
    assert_int_equal(office_said(o, "ActionDone"), done + (visible ? 0 : 1));
    assert_int_equal(office_said(o, "ActionRefused"), ends + (visible ? 1 : 0));
    assert_string_equal(office_waits(o), "");
    office_decide(o, item, 1, UNHIDE, "");
    sim_run(o->s, UPP_HOUR);
    assert_true(fakebook_visible(o->page, id));
    assert_int_equal(office_said(o, "CommentHiddenOutside"), 0);
}

static void r25_what_is_on_its_way_is_not_sent_twice_I12(void **state)
{
    for (enum fakebook_fault fault = FAKEBOOK_WELL; fault < FAKEBOOK_FAULTS; fault++)
        recalled_under_way(*state, fault);
}

/* What a person was to do by hand she has not to do any more. */
static void r25_nobody_does_by_hand_what_was_recalled(void **state)
{
    office *o = *state;
    char item[UPP_ID], id[UPP_ID];
    fakebook_forbid(o->page, office_comment(o, "Ni är rötägg", item));
    office_seal(o, item, 1, WHOLE);
    snprintf(id, sizeof id, "%s", office_decide(o, item, 1, DELETE, "row-7"));
    sim_run(o->s, UPP_MINUTE);
    assert_string_equal(office_waits(o), "manual  platform-refused");
    office_decide(o, item, 1, KEEP, "");
    sim_run(o->s, UPP_MINUTE);
    assert_string_equal(office_waits(o), "");
    assert_int_equal(refused_as(o, UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED), 1);
    assert_string_equal(attest(o, id, "anna"), "action-not-by-hand");
    assert_int_equal(office_said(o, "ActionDone"), 0);
}

/* R11: an answer ends with the first name and title of who gives it; without, nothing leaves. */
static void r11_an_answer_is_signed_or_refused(void **state)
{
    office *o = *state;
    char item[UPP_ID];
    office_comment(o, "När öppnar badet?", item);
    static const char *const unsigned_ones[] = { "Klockan tio.", "Klockan tio.\n/Bo, kommunikatör",
                                                 "/Anna, kommunikatör\nKlockan tio." };
    for (size_t i = 0; i < UPP_LEN(unsigned_ones); i++)
        assert_string_equal(office_reply(o, item, unsigned_ones[i]), "reply-unsigned");
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_effects(o, "reply"), 0);
    assert_string_equal(office_reply(o, item, "Klockan tio.\n/Anna, kommunikatör"), "");
    sim_run(o->s, UPP_HOUR);
    assert_int_equal(office_effects(o, "reply"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE(orders_commute_I11),
        OFFICE(only_that_version_and_level_opens),
        OFFICE(no_row_no_delete),
        OFFICE(a_newer_version_is_stale),
        OFFICE(a_lost_answer_is_read_back_I12),
        OFFICE(the_brake_holds_hides_and_deletes),
        OFFICE(a_dead_token_is_said_and_waited_for),
        OFFICE(by_hand_only_after_the_copy),
        OFFICE(gone_is_said_when_it_is_sure),
        OFFICE(a_forgotten_item_is_left_alone),
        OFFICE(an_outcome_that_nobody_can_look_up_is_not_refused_as_undone_I12),
        OFFICE(r25_keep_recalls_what_waits),
        OFFICE(r25_a_changed_decision_holds),
        OFFICE(r25_what_is_hidden_is_shown_again),
        OFFICE(r25_what_is_on_its_way_is_not_sent_twice_I12),
        OFFICE(r25_nobody_does_by_hand_what_was_recalled),
        OFFICE(r11_an_answer_is_signed_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
