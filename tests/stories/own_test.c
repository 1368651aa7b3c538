/* own_test.c - personal data in a post and in an answer of our own: judged, clocked, saved, and
 * taken away by hand or kept by a person; an edit is judged anew; whatever the wire does, once each
 * (R22, R24; E9). */
#include "town.h"
#include "uppsikt/ingest.pb-c.h"
#include <stdio.h>
#include <string.h>

#define NUMBER "19481203-9800"

static int64_t count(town *t, const char *sql)
{
    return town_number(t, "escalation", sql);
}

/* Lets time pass until there are so many, as slow as the wire may be. */
static void await_count(town *t, const char *service, const char *sql, int64_t wanted)
{
    for (int i = 0; i < 7200 && town_number(t, service, sql) != wanted; i++)
        sim_run(t->s, UPP_SECOND);
    if (town_number(t, service, sql) != wanted)
        town_wrong(t, "not %lld but %lld: %s", (long long)wanted,
                   (long long)town_number(t, service, sql), sql);
}

static void decide(town *t, const char *item, uint32_t version, Uppsikt__ItemAction action)
{
    char id[MATTER_ID], refused[96];
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    snprintf(id, sizeof id, "%s.m1", item);
    d.matter = id;
    d.version = version;
    d.action = action;
    d.reason = upp_lend("personal_data");
    if (town_answer(t, town_send(t, "anna", &d.base), refused)[0])
        town_wrong(t, "refused: %s", refused);
}

/* No connector takes a post of ours away: the gate gives it to a person when its copy is sealed. */
static void take_away(town *t, const char *post, uint32_t version)
{
    char action[48], refused[96];
    Uppsikt__AttestAction a = UPPSIKT__ATTEST_ACTION__INIT;
    decide(t, post, version, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE);
    await_count(t, "ingest", "SELECT count(*) FROM action WHERE state = 3", 1);
    town_expect(t, town_number(t, "evidence",
                               "SELECT count(*) FROM record r JOIN item i USING (item)"
                               " WHERE i.kind = 6 AND r.level = 1 AND r.state = 2") >= 1);
    town_text(t, "ingest", "SELECT action FROM action", action);
    a.action = action;
    t->by_others = true; /* done there by a person: no call of ours has the effect (I12) */
    town_expect(t, town_answer(t, town_send_to(t, "ingest", "anna", &a.base), refused)[0] == '\0');
    await_count(t, "escalation", "SELECT count(*) FROM matter WHERE kind = 2 AND state = 1", 2);
}

static void write_all(town *t)
{
    static const town_line lines[] = {
        { .id = "p1",
          .kind = "own_post",
          .created = "2026-01-12T09:00:00+01:00",
          .text = "Vi söker en anhörig till " NUMBER },
        { .id = "p2",
          .kind = "own_post",
          .created = "2026-01-12T09:01:00+01:00",
          .text = "Vad fan, när öppnar badet? Rösta på Centerpartiet!" },
        { .id = "c1",
          .author = "eva",
          .parent = "p2",
          .thread = "p2",
          .created = "2026-01-12T09:05:00+01:00",
          .text = "Hur lång är kötiden?" },
        { .id = "r1",
          .kind = "own_reply",
          .parent = "c1",
          .thread = "p2",
          .created = "2026-01-12T09:10:00+01:00",
          .text = "Hej! För " NUMBER " fyra månader. /Anna Ek, handläggare" },
    };
    town_import(t, lines, UPP_LEN(lines));
}

static void check_notices(town *t)
{
    for (size_t i = 0; i < t->n_mails; i++)
        if (strstr(t->mails[i].text, "19481203") || strstr(t->mails[i].text, "9800"))
            town_wrong(t, "R24: a personal number in a notice");
    town_expect(t, town_mailed(t, "anna@x.se", 0, sim_now(t->s)) > 0);
}

static void story(town *t)
{
    char post[48], reply[48];
    town_weather(t);
    town_until(t, "2026-01-12T09:15:00+01:00");
    write_all(t);
    await_count(t, "escalation", "SELECT count(*) FROM matter WHERE kind = 2 AND state = 0", 2);
    town_text(t, "escalation", "SELECT item FROM item WHERE kind = 6 ORDER BY received_ms", post);
    town_text(t, "escalation", "SELECT item FROM item WHERE kind = 7", reply);
    if (!post[0] || !reply[0])
        return;
    town_expect(t, count(t, "SELECT min(due_ms) FROM matter WHERE kind = 2") ==
                       town_at("2026-01-13T09:00:00+01:00"));
    town_expect(t, count(t, "SELECT max(due_ms) FROM matter WHERE kind = 2") ==
                       town_at("2026-01-13T09:10:00+01:00"));
    town_until(t, "2026-01-12T14:30:00+01:00");
    const uint32_t version = t->seed % 2 ? 2 : 1;
    if (version == 2) {
        town_import(t,
                    &(town_line){ .id = "p1",
                                  .kind = "own_post",
                                  .created = "2026-01-12T09:00:00+01:00",
                                  .edited = "2026-01-12T14:30:00+01:00",
                                  .text = "Vi söker en anhörig" },
                    1);
        await_count(t, "escalation", "SELECT count(*) FROM judged WHERE version = 2", 1);
        await_count(t, "escalation", "SELECT count(*) FROM version WHERE version = 2", 1);
        town_expect(t, count(t, "SELECT likely FROM judged WHERE version = 2") == 0);
    }
    decide(t, reply, 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP);
    take_away(t, post, version);
    town_until(t, "2026-01-15T12:00:00+01:00");
    /* once each: of the clean post nothing, of the answer one, beside the citizen's question */
    town_expect(t, count(t, "SELECT count(*) FROM matter WHERE kind = 2") == 2);
    town_expect(t, count(t, "SELECT count(*) FROM matter m JOIN item i USING (item)"
                            " WHERE i.kind IN (6, 7) AND m.errand = 0") == 2);
    check_notices(t);
}

static void r24_our_own_words_have_the_moderation_clock(void **state)
{
    (void)state;
    town_tell("own", story, TOWN_INGEST | TOWN_CLASSIFY | TOWN_EVIDENCE, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        r24_our_own_words_have_the_moderation_clock) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
