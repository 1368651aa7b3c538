/* copy_test.c - a decision, and the saved copy that it needs: RAW at once whatever the browser
 * does, WHOLE when it is back; an old version that is decided on late; a picture that answers 404
 * (R22; P3, I14). */
#include "town.h"
#include <stdio.h>

static int64_t sealed(town *t, const char *item, int version, int level)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT coalesce(max(sealed_ms), 0) FROM record WHERE item = '%s' AND version = %d"
             " AND level = %d AND state = 2",
             item, version, level);
    return town_number(t, "evidence", sql);
}

static void decide(town *t, const char *item, const char *kind)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    char id[MATTER_ID];
    char refused[96];
    snprintf(id, sizeof id, "%s.%s1", item, kind);
    c.matter = id;
    c.version = 1;
    c.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    c.reason = upp_lend("attack");
    if (town_answer(t, town_send(t, "anna", &c.base), refused)[0])
        town_wrong(t, "decide: %s", refused);
}

static void story(town *t)
{
    char item[UPP_ID];
    const bool browser_down = t->seed % 3 == 0;
    town_weather(t);
    t->no_browser = browser_down;
    t->media_status = t->seed % 2 ? 404 : 0;
    town_until(t, "2026-01-12T09:00:00+01:00");
    town_import(t,
                &(town_line){ .id = "p1",
                              .kind = "own_post",
                              .created = "2026-01-12T08:00:00+01:00",
                              .text = "Nu är skolgården klar" },
                1);
    town_import(t,
                &(town_line){ .id = "c1",
                              .parent = "p1",
                              .created = "2026-01-12T09:00:00+01:00",
                              .text = "Ni är rötägg <b>&amp;</b>" },
                1);
    town_item(t, "2026-01-12T09:00:00+01:00", item);
    if (!item[0])
        return;
    const bool early =
        t->seed % 5 < 3; /* the machine has said attack: it is saved before anybody decides */
    if (early) {
        town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
        sim_run(t->s, 2 * UPP_HOUR);
        town_expect(t, sealed(t, item, 1, 1) > 0);
    }
    const upp_ms decided = sim_now(t->s);
    decide(t, item, early ? "m" : "l");
    if (t->seed % 4 == 0) /* and it is another text at once: what was decided on is what is saved */
        town_import(t,
                    &(town_line){ .id = "c1",
                                  .parent = "p1",
                                  .created = "2026-01-12T09:00:00+01:00",
                                  .edited = "2026-01-12T11:30:00+01:00",
                                  .text = "Ni är goda ägg" },
                    1);
    sim_run(t->s, 3 * UPP_HOUR);
    /* RAW is there, browser or not; within minutes even while everything crashes */
    town_expect(t, sealed(t, item, 1, 1) > 0);
    town_expect(t, sealed(t, item, 1, 1) - decided < UPP_HOUR);
    if (early)
        town_expect(t, sealed(t, item, 1, 1) < decided);
    town_expect(t, (sealed(t, item, 1, 2) > 0) == !browser_down);
    if (browser_down)
        town_expect(t, town_number(t, "evidence",
                                   "SELECT count(*) FROM upp_log WHERE type ="
                                   " 'uppsikt.EvidenceFailed'") >= 1);
    t->no_browser = false;
    sim_run(t->s, UPP_DAY);
    town_expect(t, sealed(t, item, 1, 2) > 0);
    town_expect(t, town_number(t, "evidence", "SELECT count(*) FROM head") >= 1);
}

static void r22_a_copy_before_anything_is_taken_away(void **state)
{
    (void)state;
    town_tell("copy", story, TOWN_INGEST | TOWN_EVIDENCE, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        r22_a_copy_before_anything_is_taken_away) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
