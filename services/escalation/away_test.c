/* away_test.c - absences that begin, end and come too late; who will be there; what was watched
 * (R05, R13, R15; V3, V6-V8). */
#include "desk_fixture.h"
#include "uppsikt/ingest.pb-c.h"
#include <stdio.h>
#include <string.h>

static const char *claim(desk *d, const char *by, const char *id, const char *token)
{
    Uppsikt__Claim c = UPPSIKT__CLAIM__INIT;
    c.matter = upp_lend(id);
    c.token = upp_lend(token);
    return desk_do(d, by, &c.base);
}

static const char *owner(desk *d)
{
    return desk_text(d, "SELECT owner FROM matter WHERE matter = 'i1.q1'");
}

/* V6: what she had claimed goes to those who stand in when she goes; when she is back she is told
 * with a digest, and takes it again by one press. */
static void v6_claimed_and_away(void **state)
{
    desk *d = *state;
    char token[DESK_TOKEN];
    static const char slow[] = "version: 2\nclocks: { first_response_office: 4000min }\n";
    d->config.policy = (upp_bytes){ (const uint8_t *)slow, sizeof slow - 1 };
    sim_down(d->s, "escalation", UPP_SECOND);
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(claim(d, "anna", "i1.q1", ""), "");
    desk_away(d, "x1", "anna", "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00", "carl");
    assert_string_equal(owner(d), "anna"); /* not yet */
    desk_until(d, "2026-11-24T08:16:00+01:00");
    assert_string_equal(owner(d), "");
    assert_true(desk_mail_says(d, "carl@x.se", "Du ersätter", 0));
    assert_false(desk_mail_says(d, "anna@x.se", "Du ersätter", 0));
    desk_until(d, "2026-11-25T00:10:00+01:00");
    assert_string_equal(owner(d), ""); /* nothing moves back by itself */
    desk_until(d, "2026-11-25T08:20:00+01:00");
    assert_true(desk_mail_says(d, "anna@x.se", "Du hade tagit den", 0));
    desk_token(d, "anna@x.se", token);
    assert_string_equal(claim(d, NULL, "", token), "");
    assert_string_equal(owner(d), "anna");
    assert_int_equal(desk_said(d, "MatterReleased"), 1);
    desk_reply(d, "i1", "r1", "2026-11-25T08:21:00+01:00");
}

/* V6: who leaves, or loses her access, owns nothing any more. */
static void v6_left(void **state)
{
    desk *d = *state;
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_received(d, "i1", "2026-11-23T09:00:00+01:00");
    assert_string_equal(claim(d, "bo", "i1.q1", ""), "");
    left.person = upp_lend("bo");
    desk_say(d, "registry", "bo", &left.base);
    assert_string_equal(owner(d), "");
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_mail_says(d, "anna@x.se", "Du ersätter", 0));
    desk_reply(d, "i1", "r1", "2026-11-23T09:30:00+01:00");
}

/* V7: "sick today", entered after she was told: those who stand in hear of the current step,
 * once. */
static void v7_sick_today(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T10:00:00+01:00");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "anna@x.se"), 1);
    desk_away(d, "x1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "carl");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "carl@x.se"), 1);
    assert_int_equal(desk_mailed(d, "bo@x.se"), 1); /* had it already */
    desk_away(d, "x1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "dora");
    desk_run(d, 20 * UPP_MINUTE);
    assert_int_equal(desk_mailed(d, "dora@x.se"), 0); /* once */
    desk_reply(d, "i1", "r1", "2026-11-23T11:00:00+01:00");
    assert_string_equal(
        desk_decide(d, "bo", "i1.m1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, ""), "");
}

/* V3: two who stand in for each other: the branch ends and it is said. */
static void v3_a_loop_is_said(void **state)
{
    desk *d = *state;
    desk_away(d, "x1", "anna", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "bo");
    desk_away(d, "x2", "bo", "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", "anna");
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "i1", 1, DESK_ATTACK);
    desk_received(d, "i1", "2026-11-23T10:00:00+01:00");
    desk_run(d, 20 * UPP_MINUTE);
    assert_true(desk_said(d, "AbsenceLoopFound") > 0);
    assert_true(desk_mail_says(d, "chef@x.se", "Kommentar att åtgärda", 0));
}

/* V8, R05: each day at seven, a fortnight ahead: a working day with nobody is the manager's at
 * once; one present is a line in her Monday mail; two are nothing. */
static void v8_the_forecast(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-04T12:00:00+01:00"); /* a Wednesday */
    desk_away(d, "x1", "bo", "2026-11-12T00:00:00+01:00", "2026-11-14T00:00:00+01:00", NULL);
    desk_until(d, "2026-11-08T12:00:00+01:00");
    assert_int_equal(desk_mailed(d, "chef@x.se"), 0); /* it waits for Monday */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 12 AND state = 0"),
                     1);
    desk_until(d, "2026-11-09T08:20:00+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "Bara en är på plats", 0));
    desk_away(d, "x2", "anna", "2026-11-13T00:00:00+01:00", "2026-11-14T00:00:00+01:00", NULL);
    const size_t before = desk_mailed(d, "chef@x.se");
    desk_until(d, "2026-11-10T08:20:00+01:00");
    assert_int_equal(desk_mailed(d, "chef@x.se"), before + 1);
    assert_true(desk_mail_says(d, "chef@x.se", "ingen är på plats", 0));
    assert_int_equal(desk_number(d, "SELECT due_ms FROM matter WHERE errand = 11 AND state = 0"),
                     desk_at("2026-11-13T08:00:00+01:00"));
    desk_away(d, "x2", "anna", "2026-11-13T00:00:00+01:00", "2026-11-14T00:00:00+01:00", "carl");
    desk_until(d, "2026-11-11T07:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 11 AND state = 0"),
                     0);
    desk_until(d, "2026-11-16T07:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE state = 0"), 0);
}

/* R05: fewer than two with access: one working day, the manager's; it ends when there are two. */
static void r05_access(void **state)
{
    desk *d = *state;
    Uppsikt__AccessRevoked off = UPPSIKT__ACCESS_REVOKED__INIT;
    Uppsikt__AccessGranted on = UPPSIKT__ACCESS_GRANTED__INIT;
    desk_until(d, "2026-11-10T12:00:00+01:00");
    off.account = upp_lend("acc");
    off.person = upp_lend("bo");
    desk_say(d, "registry", "acc", &off.base);
    desk_until(d, "2026-11-11T08:20:00+01:00");
    assert_true(desk_mail_says(d, "chef@x.se", "Färre än två", 0));
    assert_int_equal(desk_matter(d, "acc.a1", "due_ms"), desk_at("2026-11-11T16:30:00+01:00"));
    on.account = upp_lend("acc");
    on.person = upp_lend("bo");
    on.rank = 2;
    desk_say(d, "registry", "acc", &on.base);
    desk_until(d, "2026-11-12T07:01:00+01:00");
    assert_int_equal(desk_matter(d, "acc.a1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_CLEARED);
}

/* R13: the proof of watch, account and day: nobody's comment lay unseen and it was not blind; a
 * quiet account needs no click. */
static void r13_the_proof_of_watch(void **state)
{
    desk *d = *state;
    Uppsikt__MarkSeen seen = UPPSIKT__MARK_SEEN__INIT;
    Uppsikt__AccountHealthChanged h = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
    char *list[] = { upp_lend("i1.s1") };
    desk_until(d, "2026-11-10T07:01:00+01:00"); /* Monday was quiet */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 0);
    const size_t said = desk_said(d, "AccountWatched");
    desk_until(d, "2026-11-10T09:00:00+01:00");
    for (int i = 0; i < 2; i++) {
        desk_judged(d, i ? "i2" : "i1", 1, DESK_CLEAN);
        desk_received(d, i ? "i2" : "i1",
                      i ? "2026-11-10T16:00:00+01:00" : "2026-11-10T09:00:00+01:00");
    }
    seen.n_matters = 1;
    seen.matters = list;
    desk_until(d, "2026-11-11T07:01:00+01:00"); /* i1 was not seen, i2 came too late in the day */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 1);
    assert_int_equal(desk_said(d, "AccountWatched"), said + 1);
    assert_string_equal(desk_do(d, "anna", &seen.base), "");
    list[0] = upp_lend("i2.s1");
    assert_string_equal(desk_do(d, "anna", &seen.base), "");
    h.account = upp_lend("acc");
    h.state = UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED;
    h.blind_since_ms = desk_at("2026-11-12T10:00:00+01:00");
    desk_until(d, "2026-11-12T10:00:00+01:00"); /* Wednesday was watched */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 1);
    desk_say(d, "ingest", "acc", &h.base);
    desk_until(d, "2026-11-13T07:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 2);
}

/* R13: a day on which ingest itself was down in office hours is not watched: nobody asked. */
static void r13_a_gap_is_no_proof(void **state)
{
    desk *d = *state;
    Uppsikt__IngestGapFound g = UPPSIKT__INGEST_GAP_FOUND__INIT;
    g.account = upp_lend("acc");
    desk_until(d, "2026-11-10T08:30:00+01:00");
    g.from_ms = desk_at("2026-11-09T20:00:00+01:00"); /* at night nobody is to look */
    g.to_ms = desk_at("2026-11-10T07:30:00+01:00");
    desk_say(d, "ingest", "acc", &g.base);
    desk_until(d, "2026-11-11T07:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 0);
    desk_until(d, "2026-11-11T15:00:00+01:00");
    g.from_ms = desk_at("2026-11-11T10:00:00+01:00");
    g.to_ms = desk_at("2026-11-11T15:00:00+01:00");
    desk_say(d, "ingest", "acc", &g.base);
    desk_until(d, "2026-11-12T07:01:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE errand = 17"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(v6_claimed_and_away),    DESK(v6_left),
        DESK(v7_sick_today),          DESK(v3_a_loop_is_said),
        DESK(v8_the_forecast),        DESK(r05_access),
        DESK(r13_the_proof_of_watch), DESK(r13_a_gap_is_no_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
