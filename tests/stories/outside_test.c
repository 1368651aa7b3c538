/* outside_test.c - another system hears everything that is public, once and in order, while all
 * machines crash and its own server fails now and then; nobody's words go out (R42, R45). */
#include "town.h"
#include "uppsikt/feed.pb-c.h"
#include <stdio.h>
#include <string.h>

enum { COMMENTS = 12, ROUNDS = 3 };

static void subscribe(town *t)
{
    static uint8_t token[32] = { 1 };
    char refused[96];
    Uppsikt__AddSubscriber c = UPPSIKT__ADD_SUBSCRIBER__INIT;
    c.subscriber = upp_lend("statistik");
    c.token_sha256 = (ProtobufCBinaryData){ sizeof token, token };
    c.url = upp_lend("https://statistik.example/in");
    if (town_answer(t, town_send_to(t, "feed", "ops", &c.base), refused)[0])
        town_wrong(t, "the subscriber was refused: %s", refused);
}

static void comments_come(town *t, int round)
{
    char id[COMMENTS][16], at[COMMENTS][40], text[COMMENTS][64];
    town_line lines[COMMENTS];
    memset(lines, 0, sizeof lines);
    for (int i = 0; i < COMMENTS; i++) {
        snprintf(id[i], sizeof id[i], "k%d-%d", round, i);
        snprintf(at[i], sizeof at[i], "2026-01-%02dT09:%02d:00+01:00", 12 + round, i);
        snprintf(text[i], sizeof text[i], "När öppnar ni? MARK~%d", i);
        lines[i].id = id[i];
        lines[i].created = at[i];
        lines[i].text = text[i];
    }
    town_import(t, lines, COMMENTS);
}

static void story(town *t)
{
    town_weather(t);
    town_until(t, "2026-01-11T12:00:00+01:00"); /* who operates is known everywhere by then */
    subscribe(t);
    for (int round = 0; round < ROUNDS; round++) {
        char day[40];
        snprintf(day, sizeof day, "2026-01-%02dT12:00:00+01:00", 12 + round);
        town_until(t, day);
        comments_come(t, round);
        if (sim_chance(&t->rand, 30))
            sim_down(t->s, "feed", UPP_DAY);
    }
    town_until(t, "2026-01-20T12:00:00+01:00");
    town_clear(t);
    town_until(t, "2026-01-21T12:00:00+01:00");
    town_expect(t,
                town_number(t, "feed",
                            "SELECT count(*) FROM entry WHERE type = 'uppsikt.CommentReceived'") ==
                    COMMENTS * ROUNDS);
}

static void r45_another_system_hears_everything_once(void **state)
{
    (void)state;
    town_tell("outside", story, TOWN_INGEST | TOWN_FEED, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r45_another_system_hears_everything_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
