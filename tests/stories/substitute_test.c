/* substitute_test.c - an administrator is away: her substitute hears in her place, and nobody else
 * (R15; V1-V4, V6). */
#include "town.h"

static void story(town *t)
{
    char item[UPP_ID];
    const bool both = t->seed % 3 == 0;
    /* V3: carl is away too, dora stands in for him */
    const bool chain = t->seed % 3 == 1;
    town_weather(t);
    town_away(t, "anna", "2026-01-12T00:00:00+01:00", "2026-01-17T00:00:00+01:00", "carl");
    if (both)
        town_away(t, "bo", "2026-01-12T00:00:00+01:00", "2026-01-17T00:00:00+01:00", "carl");
    if (chain)
        town_away(t, "carl", "2026-01-12T00:00:00+01:00", "2026-01-13T00:00:00+01:00", "dora");
    town_until(t, "2026-01-12T08:01:00+01:00");
    town_import(
        t,
        &(town_line){ .id = "c1", .created = "2026-01-12T08:01:00+01:00", .text = "Ni är rötägg" },
        1);
    town_item(t, "2026-01-12T08:01:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
    town_until(t, "2026-01-13T08:00:00+01:00"); /* past 75 % of the office time: the manager too */
    const struct {
        const char *to;
        bool hears;
    } rows[] = {
        { "anna@x.se", false }, { "bo@x.se", !both },    { "carl@x.se", !chain },
        { "dora@x.se", chain }, { "chef@x.se", true },   { "head@x.se", false },
        { "ops@x.se", false },  { "drift@x.se", false }, { "com@x.se", false },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if ((town_mailed(t, rows[i].to, 0, INT64_MAX) > 0) != rows[i].hears)
            town_wrong(t, "%s %s", rows[i].to, rows[i].hears ? "has heard nothing" : "has heard");
    /* she is told once for a step, also where she stands in for two */
    town_expect(t,
                town_number(t, "escalation",
                            "SELECT count(*) - count(DISTINCT number) FROM pending p JOIN matter m"
                            " USING (matter) WHERE m.kind = 2 AND p.person = 'carl'") == 0);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM pending p JOIN matter m USING (matter)"
                               " WHERE m.kind = 2 AND p.person = 'chef' AND p.at_ms < (SELECT"
                               " min(s.time_ms) FROM step s JOIN matter USING (matter) WHERE"
                               " kind = 2 AND s.number = 2)") == 0);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM upp_log WHERE type ="
                               " 'uppsikt.RungEmpty'") == 0);
}

static void r15_the_substitute_hears(void **state)
{
    (void)state;
    town_tell("substitute", story, TOWN_INGEST, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r15_the_substitute_hears) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
