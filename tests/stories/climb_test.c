/* climb_test.c - nobody answers a question: the administrators hear, then their manager, then
 * communications (the breach), then the sector head, each at the hour of the rules; and nobody any
 * more when it has been answered (R14, R16, R17). */
#include "town.h"
#include <stdio.h>

/* The step's notice was given to the mail server within a quarter of an hour (and a crash or
 * two). */
static void expect_notice(town *t, const char *person, int step, const char *at)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT n.at_ms - %lld FROM pending p JOIN notice n ON n.notice = p.notice"
             " WHERE p.matter LIKE '%%.q1' AND p.person = '%s' AND p.number = %d",
             (long long)town_at(at), person, step);
    const int64_t after = town_number(t, "escalation", sql);
    if (after < 0 || after > 16 * UPP_MINUTE)
        town_wrong(t, "step %d to %s is %lld ms after %s", step, person, (long long)after, at);
}

static void story(town *t)
{
    char item[UPP_ID];
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
    town_until(t, "2026-01-13T20:00:00+01:00");
    town_expect(t, town_number(t, "escalation", "SELECT due_ms FROM matter WHERE kind = 3") ==
                       town_at("2026-01-12T16:01:00+01:00"));
    static const struct {
        const char *person, *at;
        int step;
    } rows[] = {
        { "anna", "2026-01-12T12:01:00+01:00", 1 }, { "bo", "2026-01-12T12:01:00+01:00", 1 },
        { "anna", "2026-01-12T14:01:00+01:00", 2 }, { "chef", "2026-01-12T14:01:00+01:00", 2 },
        { "chef", "2026-01-12T16:01:00+01:00", 3 }, { "unit:komm", "2026-01-12T16:01:00+01:00", 3 },
        { "anna", "2026-01-13T15:31:00+01:00", 4 }, { "head", "2026-01-13T15:31:00+01:00", 4 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        expect_notice(t, rows[i].person, rows[i].step, rows[i].at);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM step s JOIN matter m USING (matter)"
                               " WHERE m.kind = 3 AND s.how = 1") == 4);
    town_until(t, "2026-01-14T10:00:00+01:00"); /* the first repetition went to the head alone */
    town_import(t,
                &(town_line){ .id = "r1",
                              .kind = "own_reply",
                              .parent = "c1",
                              .created = "2026-01-14T09:59:00+01:00",
                              .text = "Hej! Ungefär fyra månader. /Anna, handläggare" },
                1);
    town_until(t, "2026-01-14T12:00:00+01:00");
    town_expect(t, town_number(t, "escalation", "SELECT met_ms FROM matter WHERE kind = 3") ==
                       town_at("2026-01-14T09:59:00+01:00"));
    const upp_ms answered = sim_now(t->s);
    town_until(t, "2026-01-26T12:00:00+01:00");
    static const char *const all[] = { "anna@x.se", "bo@x.se", "chef@x.se", "komm@x.se",
                                       "head@x.se" };
    static const size_t heard[] = { 4, 4, 3, 2, 2 };
    for (size_t i = 0; i < UPP_LEN(all); i++) {
        town_expect(t, town_mailed(t, all[i], 0, answered) == heard[i]);
        town_expect(t, town_mailed(t, all[i], answered, INT64_MAX) == 0);
    }
    town_expect(t, town_mailed(t, "carl@x.se", 0, INT64_MAX) == 0);
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(*) FROM upp_log WHERE type ="
                               " 'uppsikt.MatterBreached' AND instr(envelope, '.q1') > 0") == 1);
}

static void r16_an_unanswered_question_climbs(void **state)
{
    (void)state;
    town_tell("climb", story, TOWN_INGEST, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r16_an_unanswered_question_climbs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
