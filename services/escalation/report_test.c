/* report_test.c - how it went, counted by hand and by the report (R32; sla.md §8). */
#include "desk_fixture.h"
#include <stdio.h>
#include <string.h>

enum { ROWS = 16 };
typedef struct told {
    Uppsikt__ReportRow *rows[ROWS];
    size_t n;
} told;

static void ask(desk *d, const char *from, const char *to, told *t)
{
    Uppsikt__Report q = UPPSIKT__REPORT__INIT;
    q.from_ms = desk_at(from);
    q.to_ms = desk_at(to);
    t->n =
        desk_ask(d, &q.base, &uppsikt__report_row__descriptor, (ProtobufCMessage **)t->rows, ROWS);
}

static void done(told *t)
{
    for (size_t i = 0; i < t->n; i++)
        uppsikt__report_row__free_unpacked(t->rows[i], NULL);
}

static const Uppsikt__ReportRow *row_of(const told *t, const char *account, const char *clock)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->rows[i]->account, account) == 0 && strcmp(t->rows[i]->clock, clock) == 0)
            return t->rows[i];
    fail_msg("no row of %s %s", account, clock);
    return NULL;
}

static void attack(desk *d, const char *item, const char *when)
{
    desk_judged(d, item, 1, DESK_ATTACK);
    desk_received(d, item, when);
}

static void question(desk *d, const char *item, const char *when)
{
    desk_judged(d, item, 1, DESK_QUESTION);
    desk_received(d, item, when);
}

/* R32: by the local date of received; met, late, open late, withdrawn; causes; within 24 h and
 * within what staff could do; the steps reached; medians in office minutes. */
static void r32_what_an_auditor_asks(void **state)
{
    desk *d = *state;
    told t;
    desk_until(d, "2026-11-27T18:40:00+01:00");
    attack(d, "m1", "2026-11-27T18:40:00+01:00"); /* Friday evening: missed, nobody was on duty */
    question(d, "q0", "2026-11-27T18:40:00+01:00");
    desk_until(d, "2026-11-30T09:00:00+01:00");
    desk_removed(d, "m1", UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "2026-11-30T09:00:00+01:00");
    desk_reply(d, "q0", "r0", "2026-11-30T10:00:00+01:00"); /* after 120 office minutes */
    attack(d, "m2", "2026-11-30T09:00:00+01:00");
    desk_until(d, "2026-11-30T11:00:00+01:00");
    desk_removed(d, "m2", UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "2026-11-30T11:00:00+01:00");
    attack(d, "m3", "2026-11-30T11:00:00+01:00"); /* nobody cares */
    attack(d, "m4", "2026-11-30T11:00:00+01:00");
    desk_gone(d, "m4", UPPSIKT__GONE_BY__GONE_BY_AUTHOR, "2026-11-30T11:05:00+01:00");
    question(d, "q1", "2026-11-30T11:00:00+01:00");
    desk_answered(d, "q1", "a1", "2026-11-30T11:30:00+01:00",
                  UPPSIKT__REPLY_KIND__REPLY_KIND_INTERIM);
    question(d, "q2", "2026-11-30T11:00:00+01:00"); /* due Tuesday 10:30 */
    desk_until(d, "2026-12-01T11:30:00+01:00");
    desk_reply(d, "q2", "r2", "2026-12-01T11:30:00+01:00"); /* an hour late */
    desk_until(d, "2026-12-02T12:00:00+01:00");

    ask(d, "2026-11-01T00:00:00+01:00", "2026-12-31T00:00:00+01:00", &t);
    const Uppsikt__ReportRow *m = row_of(&t, "", "moderation");
    assert_int_equal(m->n_in, 4);
    assert_int_equal(m->met, 1);
    assert_int_equal(m->late, 1);
    assert_int_equal(m->open_late, 1);
    assert_int_equal(m->withdrawn, 1);
    assert_int_equal(m->percent, 33);
    assert_int_equal(m->within_24h, 1);
    assert_int_equal(m->within_attended, 2); /* Monday 12:00 was what staff could do */
    assert_int_equal(m->no_duty, 1);
    assert_int_equal(m->staff, 1);
    assert_int_equal(m->late_minutes, 60); /* of duty, from Saturday 18:40 to Monday 09:00 */
    assert_int_equal(m->median_minutes, 60);
    assert_int_equal(m->p90_minutes, 120);
    const Uppsikt__ReportRow *q = row_of(&t, "acc", "question");
    assert_int_equal(q->n_in, 3);
    assert_int_equal(q->met, 2);
    assert_int_equal(q->met_interim, 1);
    assert_int_equal(q->late, 1);
    assert_int_equal(q->late_minutes, 60);
    assert_int_equal(q->percent, 66);
    assert_int_equal(q->median_minutes, 120);
    assert_int_equal(q->n_step_reached, 6);
    assert_int_equal(q->step_reached[3], 1); /* q2 reached its breach */
    assert_int_equal(row_of(&t, "", "answer")->open, 1);
    assert_int_equal(row_of(&t, "", "akut")->n_in, 0);
    assert_int_equal(row_of(&t, "", "akut")->percent, -1);
    done(&t);

    ask(d, "2026-11-27T12:00:00+01:00", "2026-11-27T12:00:00+01:00", &t); /* whole local days */
    assert_int_equal(row_of(&t, "", "moderation")->n_in, 1);
    assert_int_equal(row_of(&t, "", "question")->n_in, 1);
    done(&t);
    desk_answered(d, "q1", "a2", "2026-12-02T12:00:00+01:00", UPPSIKT__REPLY_KIND__REPLY_KIND_FULL);
    desk_removed(d, "m3", UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "2026-12-02T12:00:00+01:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = { DESK(r32_what_an_auditor_asks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
