/* spike_test.c - far more comments than usual (R13, R02; features.md ing.5). */
#include "desk_fixture.h"
#include "uppsikt/ingest.pb-c.h"
#include <stdio.h>

/* The open errand of that kind. */
static const char *the_errand(desk *d)
{
    const char *found = desk_text(d, "SELECT matter FROM matter WHERE errand > 0 AND state = 0 AND"
                                     " matter LIKE '%.z_' ORDER BY received_ms DESC");
    return found ? found : "(none)";
}

/* `n` comments, one after the other, from then on. */
static void many(desk *d, const char *name, unsigned n, const char *when, bool backfill)
{
    for (unsigned i = 0; i < n; i++) {
        char item[32];
        Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
        snprintf(item, sizeof item, "%s-%u", name, i);
        c.item = item;
        c.account = upp_lend("acc");
        c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
        c.version = 1;
        c.received_ms = desk_at(when) + i;
        c.first_seen_ms = desk_at(when) + i;
        c.backfill = backfill;
        desk_judged(d, item, 1, DESK_CLEAN);
        desk_received_as(d, &c);
        desk_gone(d, item, UPPSIKT__GONE_BY__GONE_BY_AUTHOR, when);
    }
}

/* R13, R02: far more comments in an hour than the account is used to: the communications unit hears
 * of it once a day; what came late or stood there before is none of it. */
static void r13_far_more_comments_than_usual(void **state)
{
    desk *d = *state;
    desk_until(d, "2026-11-23T09:00:00+01:00");
    many(d, "old", 40, "2026-11-23T09:00:00+01:00", true);
    many(d, "late", 40, "2026-11-22T08:00:00+01:00", false);
    many(d, "few", 19, "2026-11-23T09:00:00+01:00", false);
    assert_string_equal(the_errand(d), "(none)");
    desk_until(d, "2026-11-23T10:00:00+01:00");
    many(d, "new", 19, "2026-11-23T10:00:00+01:00", false);
    assert_string_equal(the_errand(d), "(none)");
    many(d, "more", 41, "2026-11-23T10:00:00+01:00", false);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE matter LIKE '%.z_'"), 1);
    assert_string_equal(the_errand(d), "acc/2026-11-23.z1");
    desk_until(d, "2026-11-23T10:20:00+01:00");
    assert_true(desk_mail_says(d, "komm@x.se", "Ovanligt många kommentarer", 0));
    assert_int_equal(desk_mailed(d, "anna@x.se"), 0);
}

/* What is usual is the median of 28 days: a busy account's hour is not a quiet one's, and one wild
 * day changes nothing. */
static void r13_usual_is_the_median_of_28_days(void **state)
{
    desk *d = *state;
    for (int day = 24; day < 24 + 28; day++) {
        char when[40], name[16];
        snprintf(when, sizeof when, "2026-%02d-%02dT09:00:00+01:00", day > 30 ? 12 : 11,
                 day > 30 ? day - 30 : day);
        snprintf(name, sizeof name, "d%d", day);
        desk_until(d, when);
        many(d, name, day == 31 ? 60 : day < 38 ? 4 : 6, when, false);
    }
    assert_int_equal(desk_matter(d, "acc/2026-12-01.z1", "state"), MATTER_OPEN); /* the wild one */
    desk_until(d, "2026-12-22T09:00:00+01:00");
    many(d, "busy", 29, "2026-12-22T09:00:00+01:00", false);
    assert_int_equal(desk_number(d, "SELECT count(*) FROM matter WHERE matter LIKE '%.z_'"), 1);
    many(d, "last", 1, "2026-12-22T09:00:01+01:00", false);
    assert_int_equal(desk_matter(d, "acc/2026-12-22.z1", "state"), MATTER_OPEN);
    desk_until(d, "2027-02-01T09:00:00+01:00");
    assert_int_equal(desk_number(d, "SELECT count(*) FROM rate"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(r13_far_more_comments_than_usual),
        DESK(r13_usual_is_the_median_of_28_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
