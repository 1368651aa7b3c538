/* authority_test.c - two authorities, each with a policy of its own, beside the body's; a unit
 * moves from the one to the other, and back to the body's numbers: at each place a question is due
 * by whom it belongs to, and each move is said once (R02, T9). */
#include "town.h"
#include "town_part.h"
#include <stdio.h>

static void adopt(town *t, const char *authority, const char *yaml, const char *from)
{
    Uppsikt__AdoptPolicy c = UPPSIKT__ADOPT_POLICY__INIT;
    c.authority = upp_lend(authority);
    c.yaml = upp_lend(yaml);
    c.as_body = !yaml[0];
    c.decision = upp_lend("KS 2026/2");
    c.valid_from_ms = town_at(from);
    town_did(t, "registry", "ops", &c.base);
}

static void found_other(town *t)
{
    Uppsikt__RegisterAuthority c = UPPSIKT__REGISTER_AUTHORITY__INIT;
    c.authority = upp_lend("tekn");
    c.name = upp_lend("Tekniska nämnden");
    c.org_number = upp_lend("212000-1234");
    town_did(t, "registry", "ops", &c.base);
}

static void move_unit(town *t, const char *authority)
{
    Uppsikt__RegisterUnit c = UPPSIKT__REGISTER_UNIT__INIT;
    c.unit = upp_lend("skola");
    c.authority = upp_lend(authority);
    c.name = upp_lend("skola");
    c.parent = upp_lend("sektor");
    c.manager = upp_lend("chef");
    town_did(t, "registry", "ops", &c.base);
}

/* Due then, by the policy of that number, after so many moves. */
static void expect(town *t, const char *when, const char *due, int64_t version, int64_t moves)
{
    town_until(t, when);
    const int64_t is = town_number(t, "escalation", "SELECT due_ms FROM matter WHERE kind = 3");
    const int64_t by =
        town_number(t, "escalation", "SELECT policy_version FROM matter WHERE kind = 3");
    const int64_t said = town_number(
        t, "escalation", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.DueRecomputed'");
    if (is != town_at(due) || by != version || said != moves)
        town_wrong(t, "%s: due %lld ms beside %s, by policy %lld, moved %lld times", when,
                   (long long)(is - town_at(due)), due, (long long)by, (long long)said);
}

static void story(town *t)
{
    char item[UPP_ID];
    found_other(t);
    town_weather(t);
    town_until(t, "2026-01-12T08:01:00+01:00");
    town_import(t,
                &(town_line){ .id = "c1",
                              .created = "2026-01-12T08:01:00+01:00",
                              .text = "Hur lång är kötiden till förskolan?" },
                1);
    town_item(t, "2026-01-12T08:01:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_QUESTION);
    expect(t, "2026-01-12T08:40:00+01:00", "2026-01-12T16:01:00+01:00", 1, 0);
    adopt(t, "tekn", "clocks: {first_response_office: 500min, triage_office: 240min}\n",
          "2026-01-12T08:40:00+01:00");
    expect(t, "2026-01-12T08:59:00+01:00", "2026-01-12T16:01:00+01:00", 1, 0);
    adopt(t, "ks", "clocks: {first_response_office: 420min, triage_office: 240min}\n",
          "2026-01-12T10:00:00+01:00");
    expect(t, "2026-01-12T09:59:59+01:00", "2026-01-12T16:01:00+01:00", 1, 0);
    expect(t, "2026-01-12T10:30:00+01:00", "2026-01-12T15:01:00+01:00", 2, 1);
    move_unit(t, "tekn");
    expect(t, "2026-01-12T11:00:00+01:00", "2026-01-12T16:21:00+01:00", 1, 2);
    adopt(t, "", "clocks: {first_response_office: 450min, triage_office: 240min}\n",
          "2026-01-12T11:00:00+01:00");
    expect(t, "2026-01-12T11:30:00+01:00", "2026-01-12T16:21:00+01:00", 1, 2);
    adopt(t, "tekn", "", "2026-01-12T11:30:00+01:00");
    expect(t, "2026-01-12T12:00:00+01:00", "2026-01-12T15:31:00+01:00", 3, 3);
    move_unit(t, "ks");
    expect(t, "2026-01-12T12:30:00+01:00", "2026-01-12T15:01:00+01:00", 2, 4);
    town_until(t, "2026-01-12T16:00:00+01:00");
    town_expect(t, town_number(t, "escalation", "SELECT breached FROM matter WHERE kind = 3") == 1);
}

static void r02_each_authority_goes_by_its_own(void **state)
{
    (void)state;
    town_tell("authority", story, TOWN_INGEST, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r02_each_authority_goes_by_its_own) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
