/* own_test.c - personal data in our own posts and answers has the moderation clock; nothing else of
 * ours asks for anybody (R24; sla.md §3.2, §3.3). */
#include "desk_fixture.h"

#define KEEP UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DESK_PERSONAL                                                                              \
    ((desk_verdict){ UPPSIKT__LABEL__LABEL_PERSONAL_DATA, UPPSIKT__BAND__BAND_LIKELY,              \
                     UPPSIKT__DUTY__DUTY_DATA_PROTECTION, false })

static const char nine[] = "2026-11-23T09:00:00+01:00"; /* a Monday */

static void post(desk *d, const char *item, bool backfill)
{
    Uppsikt__OwnPostSeen c = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent text = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    text.text = upp_lend("MARKER 19481203-9800");
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.at_ms = desk_at(nine);
    c.version = 1;
    c.backfill = backfill;
    sim_say(d->s, "ingest", item, &c.base, &text.base);
    sim_run(d->s, 2 * UPP_SECOND);
}

static void assert_one_clock(desk *d, const char *id)
{
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 1);
    assert_int_equal(desk_matter(d, id, "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, id, "kind"), UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    assert_int_equal(desk_matter(d, id, "due_ms"), desk_at("2026-11-24T09:00:00+01:00"));
    assert_int_equal(desk_matter(d, id, "akut"), 0);
}

/* Whichever of the two is heard first. */
static void R24_a_find_in_our_own_post_has_the_moderation_clock(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    post(d, "p1", false);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 0); /* no need to look */
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    assert_one_clock(d, "p1.m1");
}

static void R24_the_verdict_may_come_first(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 0);
    post(d, "p1", false);
    assert_one_clock(d, "p1.m1");
    post(d, "p1", false); /* nothing twice */
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    assert_one_clock(d, "p1.m1");
    assert_int_equal(desk_said(d, "MatterOpened"), 1);
}

/* The administrators hear of it, as of our own, and of no word of it. */
static void R24_a_notice_names_it_as_ours_and_says_no_word(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    post(d, "p1", false);
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    desk_until(d, "2026-11-24T12:00:00+01:00");
    assert_true(desk_mailed(d, "anna@x.se") > 0 && desk_mailed(d, "bo@x.se") > 0);
    assert_true(desk_mail_says(d, "anna@x.se", "Eget inlägg eller svar att åtgärda", 0));
    assert_false(desk_mail_says(d, "anna@x.se", "Kommentar att åtgärda", 0));
    assert_false(desk_mail_says(d, "anna@x.se", "19481203", 0));
    assert_false(desk_mail_says(d, "anna@x.se", "MARKER", 0));
}

/* What is written to us is looked at; what we wrote is not, unless something surely was found. */
static void R24_nothing_else_of_ours_asks_for_anybody(void **state)
{
    desk *d = *state;
    desk_verdict unsure = DESK_PERSONAL;
    unsure.band = UPPSIKT__BAND__BAND_REVIEW;
    desk_until(d, nine);
    post(d, "p1", false);
    desk_judged(d, "p1", 1, unsure);
    post(d, "p2", false);
    desk_judged(d, "p2", 1, DESK_CLEAN);
    post(d, "p3", true); /* older than the account's connection */
    desk_judged(d, "p3", 1, DESK_PERSONAL);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 0);
}

/* An answer is an item of its own beside the question that it answers. */
static void R24_a_find_in_our_answer_has_a_clock_beside_the_question(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    desk_received(d, "i1", nine);
    desk_judged(d, "i1", 1, DESK_QUESTION);
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_judged(d, "r1", 1, DESK_PERSONAL);
    desk_reply(d, "i1", "r1", "2026-11-23T10:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.q1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "r1.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "r1.m1", "due_ms"), desk_at("2026-11-24T10:00:00+01:00"));
    desk_aside(d, "i1", "r2", "2026-11-23T10:05:00+01:00");
    desk_judged(d, "r2", 1, DESK_PERSONAL);
    assert_int_equal(desk_matter(d, "r2.m1", "state"), MATTER_OPEN);
}

/* An edit buys no time, and one after a decision has a clock of its own (E9, E10). */
static void R24_a_new_version_of_ours(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    post(d, "p1", false);
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    desk_until(d, "2026-11-23T10:00:00+01:00");
    desk_edited(d, "p1", 2, "2026-11-23T10:00:00+01:00", false);
    desk_judged(d, "p1", 2, DESK_CLEAN);
    assert_one_clock(d, "p1.m1");
    assert_string_equal(desk_decide(d, "anna", "p1.m1", 1, KEEP, ""), "stale-version");
    assert_string_equal(desk_decide(d, "anna", "p1.m1", 2, KEEP, ""), "");
    assert_int_equal(desk_matter(d, "p1.m1", "state"), MATTER_MET);
    desk_edited(d, "p1", 3, "2026-11-23T11:00:00+01:00", false);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter"), 1);
    desk_judged(d, "p1", 3, DESK_PERSONAL);
    assert_int_equal(desk_matter(d, "p1.m3", "due_ms"), desk_at("2026-11-24T11:00:00+01:00"));
}

/* What no connector takes away is taken away by hand, and that meets the clock (sla.md §3.3). */
static void R24_done_by_hand_meets_it(void **state)
{
    desk *d = *state;
    desk_until(d, nine);
    post(d, "p1", false);
    desk_judged(d, "p1", 1, DESK_PERSONAL);
    assert_string_equal(desk_decide(d, "anna", "p1.m1", 1, HIDE, ""), "");
    assert_int_equal(desk_said(d, "DecisionMade"), 1);
    Uppsikt__ActionDone a = UPPSIKT__ACTION_DONE__INIT;
    a.action = upp_lend("a1");
    a.item = upp_lend("p1");
    a.version = 1;
    a.what = HIDE;
    a.by_hand = true;
    a.at_ms = desk_at("2026-11-23T09:10:00+01:00");
    desk_say(d, "ingest", "p1", &a.base);
    assert_int_equal(desk_matter(d, "p1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "p1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_BY_HAND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(R24_a_find_in_our_own_post_has_the_moderation_clock),
        DESK(R24_the_verdict_may_come_first),
        DESK(R24_a_notice_names_it_as_ours_and_says_no_word),
        DESK(R24_nothing_else_of_ours_asks_for_anybody),
        DESK(R24_a_find_in_our_answer_has_a_clock_beside_the_question),
        DESK(R24_a_new_version_of_ours),
        DESK(R24_done_by_hand_meets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
