/* forgotten_test.c - a comment is forgotten while its words come again, on the wire and from a
 * file: they are in no byte of any disk, the facts have been handled, the tombstone holds (R23,
 * R42; I15). */
#include "town.h"
#include <stdio.h>

static void story(town *t)
{
    char mark[SIM_MARK], item[UPP_ID], text[64], note[64], sql[120], refused[96], id[MATTER_ID];
    town_weather(t);
    sim_chaos(t->s, 3 + (unsigned)(t->seed % 10));
    sim_fault(t->s, SIM_LATE, 100); /* the wire remembers everything for days */
    sim_fault(t->s, SIM_DELAY, 60);
    town_until(t, "2026-01-12T09:00:00+01:00");
    sim_mark(t->s, "c1", mark);
    snprintf(text, sizeof text, "Ni är rötägg, %s", mark);
    const town_line line = { .id = "c1", .created = "2026-01-12T09:00:00+01:00", .text = text };
    town_import(t, &line, 1);
    town_item(t, "2026-01-12T09:00:00+01:00", item);
    if (!item[0])
        return;
    sim_mark_about(t->s, mark, item);
    if (t->seed % 2) {
        Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
        snprintf(note, sizeof note, "hon skrev %s", mark);
        snprintf(id, sizeof id, "%s.l1", item);
        c.matter = id;
        c.version = 1;
        c.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
        c.reason = upp_lend("attack");
        c.note = note;
        /* classified by then it is no longer only to be looked at */
        (void)town_answer(t, town_send(t, "anna", &c.base), refused);
    }
    sim_run(t->s, (upp_ms)sim_below(&t->rand, 20) * UPP_MINUTE);
    sim_forget(t->s, item);
    sim_run(t->s, (upp_ms)sim_below(&t->rand, 20) * UPP_MINUTE);
    town_import(t, &line, 1); /* the file once more, before or after it is forgotten there */
    snprintf(text, sizeof text, "Ni är rötägg! %s", mark);
    town_import(t,
                &(town_line){ .id = "c1",
                              .created = "2026-01-12T09:00:00+01:00",
                              .edited = "2026-01-12T11:00:00+01:00",
                              .text = text },
                1);
    town_until(t, "2026-01-19T12:00:00+01:00");
    static const char *const services[] = { "ingest", "classify", "escalation", "registry" };
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'", item);
    for (size_t i = 0; i < UPP_LEN(services); i++)
        town_expect(t, town_number(t, services[i], sql) == 1);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_about WHERE subject = '%s'", item);
    for (size_t i = 0; i < UPP_LEN(services); i++)
        town_expect(t, town_number(t, services[i], sql) == 0);
    /* the facts stay, and the clock ran on them */
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM item WHERE kind > 0") == 1);
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM matter") >= 1);
    town_expect(t, town_number(t, "ingest", "SELECT count(*) FROM item") == 1);
}

static void r23_forgotten_and_late(void **state)
{
    (void)state;
    town_tell("forgotten", story, TOWN_INGEST | TOWN_CLASSIFY, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r23_forgotten_and_late) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
