/* burst_test.c - 300 comments in an hour while classify is down: every one has a clock all the
 * same, and nobody is drowned in mail (R13, R17, R42). */
#include "town.h"
#include <stdio.h>
#include <string.h>

enum { COMMENTS = 300, FILES = 3 };

static void story(town *t)
{
    static char ids[COMMENTS / FILES][16], whens[COMMENTS / FILES][32], texts[COMMENTS / FILES][64];
    town_line lines[COMMENTS / FILES];
    town_weather(t);
    sim_chaos(t->s, 3 + (unsigned)(t->seed % 6));
    sim_fault(t->s, SIM_DELAY,
              0); /* a link that is slow and in order takes the burst's hour alone */
    sim_fault(t->s, SIM_SMALL, 0);
    town_until(t, "2026-01-12T08:50:00+01:00");
    sim_down(t->s, "classify", UPP_DAY);
    town_until(t, "2026-01-12T10:00:00+01:00");
    for (int f = 0; f < FILES; f++) {
        for (int i = 0; i < COMMENTS / FILES; i++) {
            const int n = f * COMMENTS / FILES + i;
            snprintf(ids[i], sizeof ids[i], "c%d", n);
            snprintf(whens[i], sizeof whens[i], "2026-01-12T09:%02d:00+01:00", n % 60);
            snprintf(texts[i], sizeof texts[i], "Vad är kötiden nu, och för nummer %d?", n);
            lines[i] = (town_line){ .id = ids[i], .created = whens[i], .text = texts[i] };
        }
        town_import(t, lines, COMMENTS / FILES);
        sim_run(t->s, UPP_MINUTE);
    }
    town_until(t, "2026-01-12T12:00:00+01:00");
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM item WHERE kind = 1") ==
                       COMMENTS);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM matter WHERE kind = 1"
                               " AND state = 0 AND due_ms > 0") == COMMENTS);
    town_expect(t, town_number(t, "escalation", "SELECT min(due_ms) FROM matter WHERE kind = 1") ==
                       town_at("2026-01-12T13:00:00+01:00"));
    town_until(t, "2026-01-12T18:00:00+01:00"); /* nobody has looked: the administrators hear */
    town_expect(t,
                town_number(t, "escalation",
                            "SELECT count(DISTINCT matter) FROM pending WHERE person = 'anna'") ==
                    COMMENTS);
    const size_t anna = town_mailed(t, "anna@x.se", 0, INT64_MAX);
    if (anna < 1 || anna > 10)
        town_wrong(t, "%zu mails for %d comments", anna, (int)COMMENTS);
    town_clear(t); /* classify is back: what it finds takes the place of looking */
    town_until(t, "2026-01-13T12:00:00+01:00");
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM judged") == COMMENTS);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(DISTINCT item) FROM matter WHERE state = 0 AND"
                               " errand = 0") == COMMENTS);
}

static void r13_a_burst_without_a_classifier(void **state)
{
    (void)state;
    town_tell("burst", story, TOWN_INGEST | TOWN_CLASSIFY, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r13_a_burst_without_a_classifier) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
