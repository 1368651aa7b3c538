/* link_test.c - the links in mails: to open one changes nothing, a press of its button acts, and
 * only for whom it was sent to, while it lives and she may (R17; sla.md §7, R24). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

/* An attack, whose first mail has reached anna and bo. */
static void a_mail(desk *d)
{
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
}

static const char *ack(desk *d, const char *by, const char *id, const char *token)
{
    Uppsikt__Acknowledge c = UPPSIKT__ACKNOWLEDGE__INIT;
    c.matter = upp_lend(id);
    c.token = upp_lend(token);
    return desk_do(d, by, &c.base);
}

/* False: there is no such link. */
static bool target(desk *d, const char *token, Uppsikt__LinkTargetRow **ret_row)
{
    Uppsikt__LinkTarget q = UPPSIKT__LINK_TARGET__INIT;
    q.token = upp_lend(token);
    return desk_ask(d, &q.base, &uppsikt__link_target_row__descriptor, (ProtobufCMessage **)ret_row,
                    1) == 1;
}

static void expect_state(desk *d, const char *token, const char *state)
{
    Uppsikt__LinkTargetRow *row = NULL;
    assert_true(target(d, token, &row));
    assert_string_equal(row->state, state);
    uppsikt__link_target_row__free_unpacked(row, NULL);
}

/* R17: a scanner opens every link, any number of times: nothing is said, nothing is held. */
static void r17_to_open_a_link_changes_nothing(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN];
    Uppsikt__LinkTargetRow *row = NULL;
    a_mail(d);
    desk_token(d, "anna@x.se", token);
    assert_int_equal(strlen(token), 43);
    const int64_t said = desk_number(d, "SELECT count(*) FROM upp_log");
    for (int i = 0; i < 100; i++) {
        assert_true(target(d, token, &row));
        assert_string_equal(row->matter, "i1.m1");
        assert_string_equal(row->person, "anna");
        assert_string_equal(row->account, "acc");
        assert_string_equal(row->state, "open");
        assert_int_equal(row->kind, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
        assert_int_equal(row->due_ms, desk_at("2026-11-24T09:00:00+01:00"));
        assert_in_range(row->expires_ms, desk_at("2026-12-07T09:14:00+01:00"),
                        desk_at("2026-12-07T09:16:00+01:00"));
        assert_int_equal(row->n_colleagues, 2); /* who may take it over: bo, then the manager */
        assert_string_equal(row->colleagues[0], "bo");
        assert_string_equal(row->colleagues[1], "chef");
        uppsikt__link_target_row__free_unpacked(row, NULL);
    }
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_log"), said);
    assert_int_equal(desk_matter(d, "i1.m1", "acked_to"), 0);
    assert_false(target(d, "", &row));
    assert_false(target(d, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &row));
}

/* R17: the button: an ack without an account, in the name of whom the mail went to. */
static void r17_the_button_acts_for_whom_it_was_sent_to(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN], other[DESK_TOKEN];
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    a_mail(d);
    desk_token(d, "anna@x.se", token);
    desk_token(d, "bo@x.se", other);
    assert_string_not_equal(token, other);
    assert_string_equal(ack(d, NULL, "", ""), "decide-needs-a-person");
    assert_string_equal(ack(d, NULL, "i1.m1", "x"), "no-such-link");
    assert_string_equal(ack(d, NULL, "i2.m1", token), "no-such-link");
    assert_string_equal(ack(d, NULL, "", token), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_log WHERE type ="
                                    " 'uppsikt.MatterAcked' AND instr(envelope, 'anna') > 0"),
                     1);
    claim.token = other;
    assert_string_equal(desk_do(d, NULL, &claim.base), "");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE owner = 'bo'"), 1);
}

/* The database alone lets nobody act: a token is in no column and in no event, and no two mails
 * share one. */
static void a_token_lies_in_the_mail_alone(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN], sql[200];
    a_mail(d);
    desk_token(d, "anna@x.se", token);
    assert_int_equal(desk_number(d, "SELECT count(DISTINCT link) FROM link"), 2);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM link WHERE instr(link, '%s') > 0", token);
    assert_int_equal(desk_number(d, sql), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE instr(envelope, '%s') > 0",
             token);
    assert_int_equal(desk_number(d, sql), 0);
    /* the ask has ended: its request has been wiped */
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_content WHERE instr(body, '%s') > 0",
             token);
    assert_int_equal(desk_number(d, sql), 0);
}

/* R17, R25: no longer than it lives, nor for anybody who may not act any more. */
static void a_link_ends(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN], other[DESK_TOKEN];
    Uppsikt__LinkTargetRow *row = NULL;
    Uppsikt__AccessRevoked off = UPPSIKT__ACCESS_REVOKED__INIT;
    a_mail(d);
    desk_token(d, "anna@x.se", token);
    desk_token(d, "bo@x.se", other);
    off.account = upp_lend("acc");
    off.person = upp_lend("bo");
    sim_say(d->s, "registry", "acc", &off.base, NULL);
    desk_run(d, UPP_MINUTE);
    expect_state(d, other, "denied");
    assert_string_equal(ack(d, NULL, "", other), "not-your-account");
    assert_string_equal(
        desk_decide(d, "anna", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, ""), "");
    expect_state(d, token, "met");
    assert_string_equal(ack(d, NULL, "", token), "matter-closed");
    desk_until(d, "2026-12-07T10:00:00+01:00");
    expect_state(d, token, "expired");
    assert_string_equal(ack(d, NULL, "", token), "link-expired");
    desk_until(d, "2027-01-10T10:00:00+01:00");
    assert_false(target(d, token, &row));
    assert_int_equal(desk_number(d, "SELECT count(*) FROM link WHERE matter = 'i1.m1'"), 0);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM upp_alarm WHERE key LIKE 'links/%'"), 1);
}

/* R15: the substitute is asked, so she may act; not before, and not after. */
static void r15_a_substitute_may_act(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN];
    desk_until(d, "2026-11-20T12:00:00+01:00");
    desk_away(d, "a1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "carl");
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_run(d, 20 * UPP_MINUTE);
    desk_token(d, "carl@x.se", token);
    expect_state(d, token, "open");
    assert_string_equal(ack(d, NULL, "", token), "");
    assert_string_equal(
        desk_decide(d, "dora", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, ""),
        "not-your-account");
    assert_string_equal(
        desk_decide(d, "carl", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, ""), "");
    desk_until(d, "2026-11-24T09:00:00+01:00");
    expect_state(d, token, "denied");
    assert_string_equal(ack(d, NULL, "", token), "not-your-account");
}

/* A mailbox that many read: nobody acts in its name. */
static void a_mailbox_acts_for_nobody(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN];
    a_mail(d);
    desk_until(d, "2026-11-25T09:00:00+01:00"); /* late: communications have been told */
    desk_token(d, "komm@x.se", token);
    expect_state(d, token, "open");
    assert_string_equal(ack(d, NULL, "", token), "link-of-a-mailbox");
    assert_string_equal(ack(d, "anna", "i1.m1", token), ""); /* signed in beside it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r17_to_open_a_link_changes_nothing), DESK(r17_the_button_acts_for_whom_it_was_sent_to),
        DESK(a_token_lies_in_the_mail_alone),     DESK(a_link_ends),
        DESK(r15_a_substitute_may_act),           DESK(a_mailbox_acts_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
