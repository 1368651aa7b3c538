/* talk_test.c - a conversation over several comments: asked, answered, asked again; many who ask
 * the same; one who repeats herself (R14, R16, R17; sla.md §3.4, E7, E17, E19, E20). Ingest is
 * real: it says which comments are kin. */
#include "town.h"
#include <stdio.h>

enum { ALIKE = 12 };

static int64_t count(town *t, const char *sql)
{
    return town_number(t, "escalation", sql);
}

/* Lets time pass until there are so many, as slow as the wire may be. */
static void await_count(town *t, const char *sql, int64_t wanted)
{
    for (int i = 0; i < 7200 && count(t, sql) != wanted; i++)
        sim_run(t->s, UPP_SECOND);
    if (count(t, sql) != wanted)
        town_wrong(t, "not %lld but %lld: %s", (long long)wanted, (long long)count(t, sql), sql);
}

/* Nobody writes in the future; but the wire may have been so slow that it is past. */
static void line(town *t, town_line l)
{
    if (sim_now(t->s) < town_at(l.created))
        town_until(t, l.created);
    town_import(t, &l, 1);
}

static void judge_all(town *t, const char *from, const char *to, Uppsikt__Label label)
{
    char sql[300], item[UPP_ID];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM item WHERE received_ms BETWEEN %lld AND %lld",
             (long long)town_at(from), (long long)town_at(to));
    const int64_t n = count(t, sql);
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < UPP_ID - 1; c++) {
            snprintf(sql, sizeof sql,
                     "SELECT unicode(substr(item, %d, 1)) FROM item WHERE received_ms BETWEEN %lld"
                     " AND %lld ORDER BY item LIMIT 1 OFFSET %lld",
                     c + 1, (long long)town_at(from), (long long)town_at(to), (long long)i);
            item[c] = (char)count(t, sql);
        }
        item[UPP_ID - 1] = '\0';
        town_judged(t, item, 1, label);
    }
}

static void many_ask_the_same(town *t)
{
    static town_line lines[ALIKE];
    static char ids[ALIKE][8], authors[ALIKE][8];
    for (int i = 0; i < ALIKE; i++) {
        snprintf(ids[i], sizeof ids[i], "k%d", i);
        snprintf(authors[i], sizeof authors[i], "u%d", i);
        lines[i] = (town_line){ .id = ids[i],
                                .author = authors[i],
                                .thread = "p1",
                                .parent = "p1",
                                .created = "2026-01-12T09:00:00+01:00",
                                .text = i % 2 ? "När öppnar  badhuset?" : "när öppnar badhuset?" };
    }
    town_import(t, lines, ALIKE);
    await_count(t, "SELECT count(*) FROM item WHERE kind = 1", ALIKE + 1);
    town_expect(t, count(t, "SELECT count(DISTINCT CASE echoes WHEN '' THEN item ELSE echoes END)"
                            " FROM item WHERE kind = 1") == 2);
    judge_all(t, "2026-01-12T09:00:00+01:00", "2026-01-12T09:00:00+01:00",
              UPPSIKT__LABEL__LABEL_QUESTION);
    await_count(t, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0", ALIKE + 1);
    line(t, (town_line){ .id = "r1",
                         .kind = "own_reply",
                         .parent = "k3",
                         .thread = "p1",
                         .created = "2026-01-12T10:00:00+01:00",
                         .text = "Hej! Klockan tio. /Anna, handläggare" });
    await_count(t, "SELECT count(*) FROM matter WHERE proposed_reply <> '' AND state = 0",
                ALIKE - 1);
    Uppsikt__ConfirmAnswered yes = UPPSIKT__CONFIRM_ANSWERED__INIT;
    char id[64] = "", refused[96], sql[200];
    for (int c = 0; c < 29; c++) {
        snprintf(sql, sizeof sql,
                 "SELECT unicode(substr(matter, %d, 1)) FROM matter WHERE proposed_reply <> ''"
                 " AND state = 0 ORDER BY matter LIMIT 1",
                 c + 1);
        id[c] = (char)count(t, sql);
    }
    yes.matter = id;
    yes.alike = true;
    town_expect(t, town_answer(t, town_send(t, "anna", &yes.base), refused)[0] == '\0');
    town_expect(t, count(t, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 1") == ALIKE);
}

/* Answered; and she asks again, under the answer. */
static void one_talk(town *t)
{
    line(t, (town_line){ .id = "r2",
                         .kind = "own_reply",
                         .parent = "c1",
                         .thread = "p1",
                         .created = "2026-01-12T11:00:00+01:00",
                         .text = "Hej! Fyra månader. /Bo, handläggare" });
    await_count(t, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0", 0);
    line(t, (town_line){ .id = "c2",
                         .author = "eva",
                         .parent = "r2",
                         .thread = "p1",
                         .created = "2026-01-12T13:00:00+01:00",
                         .text = "Och om man har syskon där?" });
    char item[UPP_ID];
    town_item(t, "2026-01-12T13:00:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_QUESTION);
    await_count(t, "SELECT count(*) FROM matter WHERE kind = 3 AND state = 0", 1);
    /* the second round of the first comment's conversation, with a clock of its own (E7) */
    town_expect(t, count(t, "SELECT count(*) FROM matter m JOIN item i ON i.item = m.item WHERE"
                            " m.matter LIKE '%.q2' AND m.root = i.root") == 1);
    town_expect(t, count(t, "SELECT due_ms FROM matter WHERE matter LIKE '%.q2'") ==
                       town_at("2026-01-13T12:30:00+01:00"));
}

/* E19: the same words again by one author: one clock. */
static void one_repeats_herself(town *t)
{
    static const char *const whens[] = { "2026-01-12T14:00:00+01:00", "2026-01-12T14:05:00+01:00",
                                         "2026-01-12T15:00:00+01:00" };
    for (size_t i = 0; i < UPP_LEN(whens); i++) {
        char id[8];
        snprintf(id, sizeof id, "s%zu", i);
        line(t, (town_line){ .id = id,
                             .author = "kurt",
                             .thread = "p2",
                             .created = whens[i],
                             .text = "Ni är rötägg" });
    }
    await_count(t, "SELECT count(*) FROM item WHERE repeats <> ''", 2);
    judge_all(t, whens[0], whens[2], UPPSIKT__LABEL__LABEL_ATTACK);
    await_count(t, "SELECT count(*) FROM matter WHERE kind = 2 AND state = 0", 3);
    town_expect(t, count(t, "SELECT count(DISTINCT due_ms) FROM matter WHERE kind = 2") == 1);
    town_expect(t, count(t, "SELECT max(due_ms) FROM matter WHERE kind = 2") ==
                       town_at("2026-01-13T14:00:00+01:00"));
}

static void story(town *t)
{
    town_weather(t);
    town_until(t, "2026-01-12T08:30:00+01:00");
    line(t, (town_line){ .id = "p1",
                         .kind = "own_post",
                         .created = "2026-01-12T08:00:00+01:00",
                         .text = "Välkommen till badhuset" });
    line(t, (town_line){ .id = "c1",
                         .author = "eva",
                         .parent = "p1",
                         .thread = "p1",
                         .created = "2026-01-12T08:30:00+01:00",
                         .text = "Hur lång är kötiden?" });
    char item[UPP_ID];
    town_item(t, "2026-01-12T08:30:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_QUESTION);
    town_until(t, "2026-01-12T09:30:00+01:00");
    many_ask_the_same(t);
    one_talk(t);
    one_repeats_herself(t);
}

static void r16_a_conversation(void **state)
{
    (void)state;
    town_tell("talk", story, TOWN_INGEST, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r16_a_conversation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
