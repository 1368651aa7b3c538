/* leaver_test.c - an administrator leaves: her hand-over is the manager's, climbs to the sector
 * head when it is late, and is over when one other person has confirmed it, once; under crashes
 * (R03, R05, R06). */
#include "town.h"
#include "town_part.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

static int64_t said(town *t, const char *type)
{
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s'", type);
    return town_number(t, "registry", sql);
}

/* Of the errand about her finding: how many are in this state. */
static int64_t errands(town *t, const char *state)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM matter WHERE errand = 2 AND detail = 'leaver' AND state %s 0",
             state);
    return town_number(t, "escalation", sql);
}

static void give(town *t, const char *person)
{
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    c.account = upp_lend("acc");
    c.person = upp_lend(person);
    town_did(t, "registry", "chef", &c.base);
}

static void tick(town *t, const char *by, int step)
{
    Uppsikt__TickLeaverRow c = UPPSIKT__TICK_LEAVER_ROW__INIT;
    c.person = upp_lend("bo");
    c.account = upp_lend("acc");
    c.step = (Uppsikt__LeaverStep)step;
    c.tick = UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE;
    if (step == UPPSIKT__LEAVER_STEP__LEAVER_STEP_APPOINTED) {
        c.successor = upp_lend("carl");
        c.appointed_by = upp_lend("head");
    }
    town_did(t, "registry", by, &c.base);
}

static void confirm(town *t, const char *by, const char *wanted)
{
    char why[96];
    Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
    c.person = upp_lend("bo");
    if (strcmp(town_answer(t, town_send_to(t, "registry", by, &c.base), why), wanted) != 0)
        town_wrong(t, "%s confirms: '%s', not '%s'", by, why, wanted);
}

static void story(town *t)
{
    Uppsikt__PersonLeaves leaves = UPPSIKT__PERSON_LEAVES__INIT;
    Uppsikt__RevokeAccess revoke = UPPSIKT__REVOKE_ACCESS__INIT;
    town_weather(t);
    town_until(t, "2026-01-12T08:00:00+01:00");
    leaves.person = revoke.person = upp_lend("bo");
    revoke.account = upp_lend("acc");
    town_did(t, "registry", "chef", &leaves.base);
    give(t, "carl");
    town_did(t, "registry", "chef", &revoke.base); /* two have access: and nothing is over */
    town_until(t, "2026-01-12T20:00:00+01:00");
    town_expect(t, errands(t, "=") == 1);
    town_expect(t, town_mailed(t, "chef@x.se", 0, INT64_MAX) > 0);
    town_expect(t, town_mailed(t, "head@x.se", 0, INT64_MAX) == 0);
    town_until(t, "2026-01-13T20:00:00+01:00"); /* due a day after she left */
    town_expect(t, town_mailed(t, "head@x.se", 0, INT64_MAX) > 0);

    confirm(t, "com", "leaver-rows-open");
    for (int step = 1; step <= UPPSIKT__LEAVER_STEP__LEAVER_STEP_SECOND_FACTOR; step++)
        tick(t, step == 4 ? "anna" : "chef", step);
    confirm(t, "chef", "leaver-second-person");
    confirm(t, "anna", "not-allowed");
    confirm(t, "com", "");
    confirm(t, "ops", "leaver-confirmed");
    town_expect(t, said(t, "LeaverListOpened") == 1);
    town_expect(t, said(t, "LeaverRowTicked") == 5);
    town_expect(t, said(t, "LeaverListConfirmed") == 1);
    for (int i = 0; i < 7200 && errands(t, "=") > 0; i++)
        sim_run(t->s, UPP_SECOND);
    town_expect(t, errands(t, "=") == 0 && errands(t, "<>") == 1);
    sim_run(t->s, UPP_HOUR); /* what was on its way */
    const upp_ms over = sim_now(t->s);
    town_until(t, "2026-01-19T20:00:00+01:00");
    town_expect(t, town_mailed(t, "head@x.se", over, INT64_MAX) == 0);
}

static void R06_a_hand_over_climbs_until_it_is_confirmed(void **state)
{
    (void)state;
    town_tell("leaver", story, 0, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        R06_a_hand_over_climbs_until_it_is_confirmed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
