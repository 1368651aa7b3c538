/* decision_test.c - a person decides, always, on what she saw; some things take two (R22, R25;
 * sla.md §9). */
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

/* R25: the machine proposes; nobody but a person with access decides, with a reason. */
static void r25_a_registered_person_decides(void **state)
{
    desk *d = *state;
    an_attack(d);
    assert_string_equal(desk_decide(d, NULL, "i1.m1", 1, HIDE, ""), "decide-needs-a-person");
    assert_string_equal(desk_decide(d, "dora", "i1.m1", 1, HIDE, ""), "not-your-account");
    assert_string_equal(desk_decide(d, "nobody", "i1.m1", 1, HIDE, ""), "not-your-account");
    assert_string_equal(desk_decide(d, "anna", "i9.m1", 1, HIDE, ""), "no-such-matter");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 2, HIDE, ""), "stale-version");
    assert_string_equal(
        desk_decide(d, "anna", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_REPLY, ""),
        "unknown-action");
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = HIDE;
    assert_string_equal(desk_do(d, "anna", &c.base), "reason-missing");
    assert_int_equal(desk_said(d, "DecisionMade"), 0);
    /* the manager, and the sector head above a unit that has none of its own, may act */
    assert_string_equal(desk_decide(d, "head", "i1.m1", 1, HIDE, ""), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN); /* until it is confirmed */
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    left.person = upp_lend("chef");
    sim_say(d->s, "registry", "chef", &left.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(desk_decide(d, "chef", "i1.m1", 1, HIDE, ""), "not-your-account");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, KEEP, ""), "hidden-show-it");
}

/* To hide what only waits to be looked at: looking is done, removing has a clock. */
static void hiding_opens_the_moderation_clock(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i1.l1", 1, HIDE, ""), "");
    assert_int_equal(desk_matter(d, "i1.l1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    desk_judged(d, "i1", 1, DESK_CLEAN); /* what the machine says now changes nothing */
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 1);
}

static int64_t last_approval(desk *d, char ret_id[UPP_ID])
{
    char sql[120];
    for (int i = 0; i < UPP_ID - 1; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT unicode(substr(approval, %d, 1)) FROM approval ORDER BY approval DESC",
                 i + 1);
        ret_id[i] = (char)desk_number(d, sql);
    }
    ret_id[UPP_ID - 1] = '\0';
    return desk_number(d, "SELECT expires_ms FROM approval ORDER BY approval DESC");
}

static void row_says(desk *d, const char *row, const char *decided,
                     Uppsikt__RetentionRowAdopted__Action action, upp_ms from)
{
    Uppsikt__RetentionRowAdopted r = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    r.row = upp_lend(row);
    r.decision = upp_lend(decided);
    r.action = action;
    r.valid_from_ms = from;
    sim_say(d->s, "registry", row, &r.base, NULL);
    desk_run(d, UPP_MINUTE);
}

static const char *delete_by(desk *d, const char *row)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = DELETE;
    c.reason = upp_lend("attack");
    c.plan_row = upp_lend(row);
    return desk_do(d, "anna", &c.base);
}

/* R21: what is cited is a row that is there, adopted, in force, and that lets it go; and so it is
 * still when the second person says yes. */
static void r21_a_removal_cites_a_row_in_force(void **state)
{
    desk *d = *state;
    char id[UPP_ID];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    const Uppsikt__RetentionRowAdopted__Action
        dispose = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE,
        keep = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP;
    an_attack(d);
    row_says(d, "mall", "", dispose, 0);
    row_says(d, "sen", "KS 1", dispose, desk_at("2027-01-01T00:00:00+01:00"));
    row_says(d, "bevara", "KS 2", keep, 0);
    row_says(d, "rad", "KS 3", dispose, 0);
    assert_string_equal(delete_by(d, "ingen"), "row-unknown");
    assert_string_equal(delete_by(d, "mall"), "row-not-adopted");
    assert_string_equal(delete_by(d, "sen"), "row-not-adopted");
    assert_string_equal(delete_by(d, "bevara"), "row-keeps");
    assert_int_equal(desk_said(d, "DecisionMade"), 0);
    assert_string_equal(delete_by(d, "rad"), "");
    (void)last_approval(d, id);
    yes.approval = id;
    row_says(d, "rad", "KS 4", keep, 0);
    assert_string_equal(desk_do(d, "chef", &yes.base), "row-keeps");
    row_says(d, "rad", "KS 5", dispose, 0);
    assert_string_equal(desk_do(d, "chef", &yes.base), "");
}

/* R21: a plan is one authority's own. What was heard before that was kept says so itself. */
static void r21_a_removal_cites_a_row_of_its_own_authority(void **state)
{
    desk *d = *state;
    char id[UPP_ID];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    Uppsikt__RetentionRowAdopted r = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    an_attack(d);
    r.row = upp_lend("rad");
    r.decision = upp_lend("BUN 1");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.authority = upp_lend("bun");
    sim_say(d->s, "registry", "rad", &r.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(delete_by(d, "rad"), "row-of-another-authority");
    r.authority = upp_lend("?"); /* as the upgrade says of a row of before */
    sim_say(d->s, "registry", "rad", &r.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(delete_by(d, "rad"), "row-adopt-anew");
    assert_int_equal(desk_said(d, "DecisionMade"), 0);
    r.authority = upp_lend("ks");
    sim_say(d->s, "registry", "rad", &r.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(delete_by(d, "rad"), "");
    (void)last_approval(d, id);
    yes.approval = id;
    r.authority = upp_lend("bun");
    sim_say(d->s, "registry", "rad", &r.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(desk_do(d, "chef", &yes.base), "row-of-another-authority");
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    a.account = upp_lend("acc");
    a.unit = upp_lend("skola");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    sim_say(d->s, "registry", "acc", &a.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(desk_do(d, "chef", &yes.base), "account-of-no-authority");
    r.authority = upp_lend(""); /* of all */
    sim_say(d->s, "registry", "rad", &r.base, NULL);
    desk_run(d, UPP_MINUTE);
    assert_string_equal(desk_do(d, "chef", &yes.base), "");
}

/* P1, P2: to delete takes two; hidden it is at once; who asks does not approve. */
static void p1_p2_two_persons_delete(void **state)
{
    desk *d = *state;
    char id[UPP_ID];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    an_attack(d);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, ""), "");
    assert_int_equal(desk_said(d, "ApprovalAsked"), 1);
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    assert_string_equal(desk_decide(d, "bo", "i1.m1", 1, DELETE, ""), "second-person-needed");
    /* five working days of 510 minutes, from now */
    const int64_t expires = last_approval(d, id);
    assert_in_range(expires, desk_at("2026-11-30T09:00:00+01:00"),
                    desk_at("2026-11-30T09:01:00+01:00"));
    yes.approval = id;
    assert_string_equal(desk_do(d, NULL, &yes.base), "decide-needs-a-person");
    assert_string_equal(desk_do(d, "anna", &yes.base), "another-person-needed");
    assert_string_equal(desk_do(d, "dora", &yes.base), "not-your-account");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:10:00+01:00"); /* the matter is met by then */
    assert_string_equal(desk_do(d, "chef", &yes.base), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
    assert_string_equal(desk_do(d, "bo", &yes.base), "approval-ended");
    yes.approval = upp_lend("nothing");
    assert_string_equal(desk_do(d, "bo", &yes.base), "no-such-approval");
}

static void p2_stale_refused_and_expired(void **state)
{
    desk *d = *state;
    char id[UPP_ID];
    Uppsikt__Approve c = UPPSIKT__APPROVE__INIT;
    an_attack(d);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, ""), "");
    last_approval(d, id);
    c.approval = id;
    desk_edited(d, "i1", 2, "2026-11-23T09:30:00+01:00", false);
    assert_string_equal(desk_do(d, "bo", &c.base), "stale-version");
    c.no = true;
    desk_received(d, "i2", "2026-11-23T09:00:00+01:00");
    assert_string_equal(desk_decide(d, "anna", "i2.l1", 1, DELETE, ""), "");
    last_approval(d, id);
    assert_string_equal(desk_do(d, "bo", &c.base), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM approval WHERE state = 2"), 1);
    desk_until(d, "2026-12-01T09:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM approval WHERE state = 3"), 1);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM approval WHERE state = 0"), 0);
}

/* P1: what the law wants gone takes one. */
static void p1_the_law_takes_one(void **state)
{
    desk *d = *state;
    an_attack(d);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, "BBS 5 § 1 a"), "");
    assert_int_equal(desk_said(d, "ApprovalAsked"), 0);
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
}

static const char *show_again(desk *d, const char *by, const char *id, uint32_t version)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend(id);
    c.version = version;
    c.action = UNHIDE;
    c.reason = upp_lend("within_rules");
    c.note = upp_lend("Det var en missuppfattning");
    return desk_do(d, by, &c.base);
}

static void hidden_outside(desk *d, const char *item, bool hidden)
{
    Uppsikt__CommentHiddenOutside c = UPPSIKT__COMMENT_HIDDEN_OUTSIDE__INIT;
    c.item = upp_lend(item);
    c.hidden = hidden;
    c.at_ms = sim_now(d->s);
    desk_say(d, "ingest", item, &c.base);
}

/* con.6: a hide can be undone when the matter is met, by whoever may decide there, with words of
 * why; it is a decision of its own, and opens nothing. */
static void r25_what_is_hidden_is_shown_again(void **state)
{
    desk *d = *state;
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    an_attack(d);
    assert_string_equal(show_again(d, "anna", "i1.m1", 1), "not-hidden");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, KEEP, ""), "hidden-show-it");
    assert_string_equal(show_again(d, NULL, "i1.m1", 1), "decide-needs-a-person");
    assert_string_equal(show_again(d, "dora", "i1.m1", 1), "not-your-account");
    assert_string_equal(show_again(d, "anna", "i1.m1", 2), "stale-version");
    c.matter = upp_lend("i1.m1");
    c.version = 1;
    c.action = UNHIDE;
    c.reason = upp_lend("within_rules");
    assert_string_equal(desk_do(d, "anna", &c.base), "note-missing");
    c.note = upp_lend("Ett misstag");
    c.reason = upp_lend("");
    assert_string_equal(desk_do(d, "anna", &c.base), "reason-missing");
    char *also[] = { upp_lend("i2.m1") };
    c.reason = upp_lend("within_rules");
    c.also = also;
    c.n_also = 1;
    assert_string_equal(desk_do(d, "anna", &c.base), "show-one-by-one");
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    const int64_t opened = (int64_t)desk_said(d, "MatterOpened");
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
    assert_int_equal(desk_number(d, "SELECT action FROM decision ORDER BY at_ms DESC"), UNHIDE);
    assert_int_equal(desk_said(d, "MatterOpened"), opened);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    desk_removed(d, "i1", UNHIDE, "2026-11-23T09:20:00+01:00");
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "not-hidden");
    hidden_outside(d, "i1", true); /* somebody hid it in the platform's own view */
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "");
    hidden_outside(d, "i1", false);
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "not-hidden");
    desk_gone(d, "i1", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-23T10:00:00+01:00");
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "item-gone");
}

/* What the law may want gone is met by no hide; a person may show it again all the same, and then
 * there is nothing left to do, nor for a second person to approve of. */
static void r25_what_the_law_binds_a_person_may_show(void **state)
{
    desk *d = *state;
    char id[UPP_ID];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1,
                (desk_verdict){ UPPSIKT__LABEL__LABEL_HATE, UPPSIKT__BAND__BAND_LIKELY,
                                UPPSIKT__DUTY__DUTY_BBS5, false });
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, ""), "");
    (void)last_approval(d, id);
    yes.approval = id;
    desk_removed(d, "i1", HIDE, "2026-11-23T09:05:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_string_equal(show_again(d, "bo", "i1.m1", 1), "");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_KEPT);
    assert_string_equal(desk_do(d, "chef", &yes.base), "approval-ended");
    assert_int_equal(desk_said(d, "DecisionMade"), 2);
}

/* A removal that gave way to a newer decision has not failed: nobody is told that it did. */
static void r25_what_was_recalled_has_not_failed(void **state)
{
    desk *d = *state;
    Uppsikt__ActionRefused a = UPPSIKT__ACTION_REFUSED__INIT;
    an_attack(d);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, DELETE, "BBS 5 § 1 a"), "");
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    a.action = upp_lend("a1");
    a.item = upp_lend("i1");
    a.version = 1;
    a.what = DELETE;
    a.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED;
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_said(d, "MatterFailed"), 0);
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    a.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_STALE_VERSION;
    desk_say(d, "ingest", "i1", &a.base);
    assert_int_equal(desk_said(d, "MatterFailed"), 1);
}

static void claims_and_seen(void **state)
{
    desk *d = *state;
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    Uppsikt__MarkSeen seen = UPPSIKT__MARK_SEEN__INIT;
    char *list[] = { upp_lend("i2.s1"), upp_lend("i3.s1") };
    an_attack(d);
    claim.matter = upp_lend("i1.m1");
    assert_string_equal(desk_do(d, "dora", &claim.base), "not-your-account");
    assert_string_equal(desk_do(d, "bo", &claim.base), "");
    assert_int_equal(
        desk_number(d, "SELECT count(*) FROM matter WHERE matter = 'i1.m1' AND owner = 'bo'"), 1);
    for (int i = 0; i < 2; i++) {
        desk_received(d, i ? "i3" : "i2", "2026-11-23T09:00:00+01:00");
        desk_judged(d, i ? "i3" : "i2", 1, DESK_CLEAN);
    }
    seen.n_matters = 2;
    seen.matters = list;
    assert_string_equal(desk_do(d, "dora", &seen.base), "not-your-account");
    assert_string_equal(desk_do(d, "anna", &seen.base), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE kind = 5 AND state = 1"), 2);
    list[0] = upp_lend("i1.m1");
    seen.n_matters = 1;
    assert_string_equal(desk_do(d, "anna", &seen.base), "unknown-action");
}

/* §3.2: a person's mark beats any band. */
static void a_persons_label_opens_the_clock(void **state)
{
    desk *d = *state;
    Uppsikt__Mark mark = UPPSIKT__MARK__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_CLEAN);
    mark.item = upp_lend("i1");
    assert_string_equal(desk_do(d, "anna", &mark.base), "unknown-mark");
    mark.label = UPPSIKT__LABEL__LABEL_HATE;
    assert_string_equal(desk_do(d, "anna", &mark.base), "");
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r25_a_registered_person_decides),
        DESK(hiding_opens_the_moderation_clock),
        DESK(r21_a_removal_cites_a_row_of_its_own_authority),
        DESK(r21_a_removal_cites_a_row_in_force),
        DESK(p1_p2_two_persons_delete),
        DESK(p2_stale_refused_and_expired),
        DESK(p1_the_law_takes_one),
        DESK(r25_what_is_hidden_is_shown_again),
        DESK(r25_what_the_law_binds_a_person_may_show),
        DESK(r25_what_was_recalled_has_not_failed),
        DESK(claims_and_seen),
        DESK(a_persons_label_opens_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
