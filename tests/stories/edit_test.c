/* edit_test.c - the author edits what nobody has decided on: the clock keeps the earliest time, and
 * a decision on words that are not there any more is refused (R20, R25; E9, E10). */
#include "town.h"
#include <stdio.h>
#include <string.h>

static size_t decide(town *t, const char *id, uint32_t version)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend(id);
    c.version = version;
    c.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP;
    c.reason = upp_lend("attack");
    return town_send(t, "anna", &c.base);
}

static void edit(town *t)
{
    town_import(t,
                &(town_line){ .id = "c1",
                              .created = "2026-01-12T09:00:00+01:00",
                              .edited = "2026-01-12T20:00:00+01:00",
                              .text = "Ni är rötägg, och jag menar det" },
                1);
}

/* Known before the decision: refused, and the new words can be decided on. */
static void edited_first(town *t, const char *item, const char *id)
{
    char refused[96];
    edit(t);
    town_until(t, "2026-01-12T21:00:00+01:00");
    town_judged(t, item, 2, UPPSIKT__LABEL__LABEL_UNSPECIFIED);
    sim_run(t->s, 10 * UPP_MINUTE);
    town_expect(t, town_number(t, "escalation", "SELECT due_ms FROM matter WHERE kind = 2") ==
                       town_at("2026-01-13T09:00:00+01:00"));
    town_expect(t, strcmp(town_answer(t, decide(t, id, 1), refused), "stale-version") == 0);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM matter WHERE kind = 2"
                               " AND state = 0") == 1);
    town_expect(t, town_answer(t, decide(t, id, 2), refused)[0] == '\0');
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM upp_log WHERE type ="
                               " 'uppsikt.DecisionMade'") == 1);
}

/* At the same moment: whichever came first, nothing is lost. */
static void at_once(town *t, const char *item, const char *id)
{
    char refused[96];
    edit(t);
    town_judged(t, item, 2, UPPSIKT__LABEL__LABEL_ATTACK);
    sim_run(t->s, (upp_ms)sim_below(&t->rand, 8));
    const bool stale = strcmp(town_answer(t, decide(t, id, 1), refused), "stale-version") == 0;
    if (!stale && refused[0])
        town_wrong(t, "refused: %s", refused);
    sim_run(t->s, UPP_HOUR);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM matter WHERE kind = 2"
                               " AND state = 0") == 1);
    /* refused: the same clock; taken: the edit has one of its own, from the edit */
    town_expect(t, town_number(t, "escalation",
                               "SELECT due_ms FROM matter WHERE kind = 2"
                               " AND state = 0") ==
                       town_at(stale ? "2026-01-13T09:00:00+01:00" : "2026-01-13T20:00:00+01:00"));
    town_expect(t, town_answer(t, decide(t, id, 2), refused)[0] == '\0' || !stale);
}

static void story(town *t)
{
    char item[UPP_ID], id[MATTER_ID];
    town_weather(t);
    town_until(t, "2026-01-12T09:00:00+01:00");
    town_import(
        t,
        &(town_line){ .id = "c1", .created = "2026-01-12T09:00:00+01:00", .text = "Ni är rötägg" },
        1);
    town_item(t, "2026-01-12T09:00:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
    snprintf(id, sizeof id, "%s.m1", item);
    town_until(t, "2026-01-12T20:00:00+01:00");
    if (t->seed % 2)
        edited_first(t, item, id);
    else
        at_once(t, item, id);
    town_until(t, "2026-01-15T12:00:00+01:00");
}

static void e09_an_edit_buys_no_time(void **state)
{
    (void)state;
    town_tell("edit", story, TOWN_INGEST, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(e09_an_edit_buys_no_time) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
