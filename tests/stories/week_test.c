/* week_test.c - escalation is down for a week: then each matter's highest due step is sent and no
 * other, due times are what they were, and nothing is lost or doubled (R42; E32, P4). */
#include "town.h"
#include <stdio.h>
#include <string.h>

enum { ITEMS = 6 };

static const char *const whens[ITEMS] = {
    "2026-01-12T08:01:00+01:00", "2026-01-12T09:30:00+01:00", "2026-01-13T10:00:00+01:00",
    "2026-01-14T18:40:00+01:00", "2026-01-16T15:00:00+01:00", "2026-01-18T11:00:00+01:00",
};

static void speak(town *t, int i)
{
    char id[8];
    snprintf(id, sizeof id, "c%d", i);
    town_until(t, whens[i]);
    town_import(t, &(town_line){ .id = id, .created = whens[i], .text = "Ni är rötägg" }, 1);
}

static void judge(town *t, int i)
{
    char item[UPP_ID];
    town_item(t, whens[i], item);
    if (item[0])
        town_judged(t, item, 1,
                    i % 2 ? UPPSIKT__LABEL__LABEL_ATTACK : UPPSIKT__LABEL__LABEL_QUESTION);
}

/* The number that `sql` gives must be nothing; it is told when escalation went down, when it came
 * back, and one number more. */
static void expect_none(town *t, upp_ms down, const char *what, const char *sql, int64_t number)
{
    char text[800];
    const char *at = sql;
    const long long values[] = { down, down + 7 * UPP_DAY, number };
    size_t len = 0;
    for (const char *hole; (hole = strchr(at, '{')) != NULL; at = hole + 3)
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s%lld", (int)(hole - at), at,
                                values[hole[1] - '1']);
    snprintf(text + len, sizeof text - len, "%s", at);
    if (town_number(t, "escalation", text) != 0)
        town_wrong(t, "%s", what);
}

static void story(town *t)
{
    town_weather(t);
    for (int i = 0; i < 2; i++) {
        speak(t, i);
        judge(t, i);
    }
    sim_run(t->s, 25 * UPP_MINUTE); /* what is late on the wire has come */
    const int64_t before = town_number(t, "escalation",
                                       "SELECT sum(due_ms) FROM matter"
                                       " WHERE kind IN (2, 3)");
    if (sim_now(t->s) < town_at("2026-01-12T10:00:00+01:00")) /* the wire may have been slow */
        town_until(t, "2026-01-12T10:00:00+01:00");
    (void)town_number(t, "escalation", "SELECT 1"); /* it is up */
    sim_down(t->s, "escalation", 7 * UPP_DAY);
    const upp_ms down = sim_now(t->s);
    for (int i = 2; i < ITEMS; i++)
        speak(t, i);
    if (sim_now(t->s) < down + 7 * UPP_DAY)
        sim_run(t->s, down + 7 * UPP_DAY - sim_now(t->s));
    sim_run(t->s, 10 * UPP_SECOND);
    const size_t mails = t->n_mails;
    for (int i = 2; i < ITEMS; i++)
        judge(t, i);
    town_until(t, "2026-01-19T12:00:00+01:00");
    town_expect(t, mails == t->n_mails || t->mails[mails].at >= down + 7 * UPP_DAY);
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM item") == ITEMS);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM matter WHERE kind IN (2, 3)"
                               " AND state = 0") == ITEMS);
    expect_none(t, down, "a due time has moved",
                "SELECT sum(due_ms) - {3} FROM matter WHERE kind IN (2, 3)"
                " AND received_ms < {1}",
                before);
    expect_none(t, down, "more than one step of what fell due meanwhile was sent",
                "SELECT count(*) FROM (SELECT 1 FROM step JOIN matter m USING (matter)"
                " WHERE m.kind IN (2, 3) AND how = 1 AND time_ms BETWEEN {1} AND {2}"
                " AND {3} = 0 GROUP BY matter HAVING count(*) > 1)",
                0);
    expect_none(t, down, "not the highest was sent",
                "SELECT count(*) FROM step s JOIN step h USING (matter, due_rev)"
                " JOIN matter m USING (matter) WHERE m.kind IN (2, 3) AND s.how = 1 AND h.how = 2"
                " AND h.number > s.number AND s.time_ms BETWEEN {1} AND {2} AND {3} = 0",
                0);
    expect_none(t, down, "something fell due and nothing was sent",
                "SELECT count(*) FROM matter m WHERE m.kind IN (2, 3) AND m.due_ms BETWEEN {1}"
                " AND {2} AND {3} = 0 AND NOT EXISTS(SELECT 1 FROM step s WHERE"
                " s.matter = m.matter AND s.how = 1 AND s.time_ms >= {1})",
                0);
    /* who is behind: a breach is said once, with the due that it always had */
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM upp_log WHERE type ="
                               " 'uppsikt.MatterBreached'") ==
                       town_number(t, "escalation", "SELECT sum(breached) FROM matter"));
    /* one mail, not one for each */
    town_expect(
        t, town_mailed(t, "anna@x.se", down + 7 * UPP_DAY, down + 7 * UPP_DAY + 3 * UPP_HOUR) <= 3);
}

static void e32_a_week_down(void **state)
{
    (void)state;
    town_tell("week", story, TOWN_INGEST, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(e32_a_week_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
