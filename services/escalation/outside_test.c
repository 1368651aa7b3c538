/* outside_test.c - what others hide in the platform's own interface, and show again (E15; R20). */
#include "desk_fixture.h"
#include "uppsikt/ingest.pb-c.h"

#define HIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE

static const desk_verdict threat = { UPPSIKT__LABEL__LABEL_INCITEMENT, UPPSIKT__BAND__BAND_LIKELY,
                                     UPPSIKT__DUTY__DUTY_BBS5, false };

static void hidden(desk *d, const char *item, bool is, const char *when)
{
    Uppsikt__CommentHiddenOutside c = UPPSIKT__COMMENT_HIDDEN_OUTSIDE__INIT;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.hidden = is;
    c.at_ms = desk_at(when);
    desk_say(d, "ingest", item, &c.base);
}

static void came(desk *d, const char *item, desk_verdict v)
{
    desk_judged(d, item, 1, v);
    desk_received(d, item, "2026-11-23T09:00:00+01:00");
}

/* The clock is met, the administrators are asked; their decision is the answer. */
static void e15_a_hide_of_others_meets_the_clock(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    came(d, "i1", DESK_ATTACK);
    desk_until(d, "2026-11-23T10:00:00+01:00");
    hidden(d, "i1", true, "2026-11-23T10:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE);
    assert_int_equal(desk_matter(d, "i1.o1", "state"), MATTER_OPEN);
    desk_until(d, "2026-11-23T13:30:00+01:00");
    assert_true(desk_mail_says(d, "anna@x.se", "säg vem som gjorde det", 0));
    assert_string_equal(desk_decide(d, "anna", "i1.o1", 1, HIDE, ""), "");
    assert_int_equal(desk_matter(d, "i1.o1", "state"), MATTER_MET);
    desk_removed(d, "i1", HIDE, "2026-11-23T13:31:00+01:00");
    desk_until(d, "2026-11-25T12:00:00+01:00"); /* and nobody is late */
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE breached = 1"), 0);
}

/* Heard before the machine has judged it, it comes to the same. */
static void e15_whatever_is_heard_first(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    hidden(d, "i1", true, "2026-11-23T08:59:00+01:00");
    assert_int_equal(desk_matter(d, "i1.o1", "state"), -1); /* ingest's own word has not come */
    came(d, "i1", DESK_ATTACK);
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE);
    assert_int_equal(desk_matter(d, "i1.o1", "state"), MATTER_OPEN);
}

/* Seen again: the clock that it had goes on, and nobody is asked who hid it. */
static void e15_shown_again_the_clock_goes_on(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    came(d, "i1", DESK_ATTACK);
    const int64_t due = desk_matter(d, "i1.m1", "due_ms");
    hidden(d, "i1", true, "2026-11-23T09:00:00+01:00");
    desk_until(d, "2026-11-23T11:00:00+01:00");
    hidden(d, "i1", false, "2026-11-23T11:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "i1.m1", "due_ms"), due);
    assert_int_equal(desk_matter(d, "i1.o1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_CLEARED);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    desk_removed(d, "i1", HIDE, "2026-11-23T11:01:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "met_how"), UPPSIKT__MET_HOW__MET_HOW_REMOVED);
}

/* What the law wants gone is not met by a hide, whoever made it. */
static void r20_a_hide_of_others_is_not_enough_for_the_law(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    came(d, "i1", threat);
    hidden(d, "i1", true, "2026-11-23T09:00:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_OPEN);
    assert_int_equal(desk_matter(d, "i1.o1", "state"), MATTER_OPEN);
}

/* Whoever hides by hand what was decided is not asked why. */
static void e15_what_was_decided_is_nobodys_question(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    came(d, "i1", DESK_ATTACK);
    assert_string_equal(desk_decide(d, "anna", "i1.m1", 1, HIDE, ""), "");
    hidden(d, "i1", true, "2026-11-23T09:10:00+01:00");
    assert_int_equal(desk_matter(d, "i1.m1", "state"), MATTER_MET);
    assert_int_equal(desk_matter(d, "i1.o1", "state"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(e15_a_hide_of_others_meets_the_clock),
        DESK(e15_whatever_is_heard_first),
        DESK(e15_shown_again_the_clock_goes_on),
        DESK(r20_a_hide_of_others_is_not_enough_for_the_law),
        DESK(e15_what_was_decided_is_nobodys_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
