/* hand_test.c - a question goes to an officer by the mail's link, under crashes: she is owner
 * exactly once, or it returns exactly once; what she has taken is released when she goes away; a
 * scanner that opens every link changes nothing (R14, R15, R17; E24, V6, V7). */
#include "town.h"
#include "uppsikt/bus.pb-c.h"
#include <stdio.h>
#include <string.h>

static int64_t count(town *t, const char *sql)
{
    return town_number(t, "escalation", sql);
}

/* The token of the newest link to that address; false: there is none. */
static bool find_token(const town *t, const char *to, char ret_token[64])
{
    static const char base[] = "https://uppsikt.x.se/l/";
    for (size_t i = t->n_mails; i-- > 0;) {
        const char *at = strstr(t->mails[i].text, base);
        if (strcmp(t->mails[i].to, to) != 0 || !at)
            continue;
        snprintf(ret_token, 64, "%.43s", at + strlen(base));
        return true;
    }
    return false;
}

static bool no_row(void *ctx, const upp_frames *frames)
{
    (void)ctx;
    (void)frames;
    return true;
}

/* Opens every link that was ever mailed. */
static void scan(town *t)
{
    static const char type[] = "uppsikt.LinkTarget";
    upp_node *node = sim_node(t->s, "escalation");
    for (size_t i = 0; node && i < t->n_mails; i++)
        for (const char *at = t->mails[i].text; (at = strstr(at, "/l/")); at += 3) {
            char token[44];
            uint8_t head[64], body[64], id[16] = { 9 };
            Uppsikt__LinkTarget q = UPPSIKT__LINK_TARGET__INIT;
            Uppsikt__RequestHead request = UPPSIKT__REQUEST_HEAD__INIT;
            snprintf(token, sizeof token, "%.43s", at + 3);
            q.token = token;
            request.id = (ProtobufCBinaryData){ sizeof id, id };
            const upp_frames frames = {
                .type = { (const uint8_t *)type, sizeof type - 1 },
                .envelope = { head, uppsikt__request_head__pack(&request, head) },
                .content = { body, uppsikt__link_target__pack(&q, body) },
            };
            town_expect(t,
                        upp_node_query(node, sim_now(t->s), "console", &frames, no_row, NULL) >= 0);
        }
}

static void await_mail(town *t, const char *to, char ret_token[64])
{
    for (int i = 0; i < 7200 && !find_token(t, to, ret_token); i++)
        sim_run(t->s, UPP_SECOND);
    if (!find_token(t, to, ret_token))
        town_wrong(t, "no link to %s", to);
}

static void take_over(town *t, const char *token)
{
    char refused[96];
    Uppsikt__AnswerHandOver yes = UPPSIKT__ANSWER_HAND_OVER__INIT;
    yes.token = upp_lend(token);
    const size_t first = town_send(t, NULL, &yes.base), second = town_send(t, NULL, &yes.base);
    town_answer(t, first, refused);
    const bool one = refused[0] == '\0';
    town_answer(t, second, refused); /* the button was pressed twice: one of them is too late */
    town_expect(t, one != (refused[0] == '\0'));
    town_expect(t, count(t, "SELECT count(*) FROM matter WHERE owner = 'dora'") == 1);
}

static void story(town *t)
{
    char item[UPP_ID], id[64], token[64] = "", refused[96];
    const bool silent = t->seed % 2 == 0; /* she never answers */
    Uppsikt__HandOver hand = UPPSIKT__HAND_OVER__INIT;
    town_weather(t);
    town_until(t, "2026-01-12T08:10:00+01:00");
    town_import(t,
                &(town_line){ .id = "c1",
                              .created = "2026-01-12T08:10:00+01:00",
                              .text = "Hur lång är kötiden till förskolan?" },
                1);
    town_item(t, "2026-01-12T08:10:00+01:00", item);
    if (!item[0])
        return;
    town_judged(t, item, 1, UPPSIKT__LABEL__LABEL_QUESTION);
    for (int i = 0; i < 7200 && count(t, "SELECT count(*) FROM matter WHERE kind = 3") == 0; i++)
        sim_run(t->s, UPP_SECOND);
    snprintf(id, sizeof id, "%s.q1", item);
    hand.matter = id;
    hand.to = upp_lend("dora");
    town_expect(t, town_answer(t, town_send(t, "anna", &hand.base), refused)[0] == '\0');
    await_mail(t, "dora@x.se", token);
    const int64_t said = count(t, "SELECT count(*) FROM upp_log WHERE type LIKE '%HandOver%'");
    scan(t);
    town_expect(t, count(t, "SELECT count(*) FROM upp_log WHERE type LIKE '%HandOver%'") == said);
    town_expect(t, count(t, "SELECT count(*) FROM matter WHERE owner <> ''") == 0);
    if (!silent)
        take_over(t, token);
    if (!silent) /* V6: she goes away the next day: it is released, once */
        town_away(t, "dora", "2026-01-13T00:00:00+01:00", "2026-01-14T00:00:00+01:00", NULL);
    town_until(t, "2026-01-13T12:00:00+01:00");
    town_clear(t);
    sim_run(t->s, UPP_HOUR);
    town_expect(t,
                count(t, "SELECT count(*) FROM matter WHERE owner <> '' OR handed_to <> ''") == 0);
    town_expect(t, count(t, "SELECT count(*) FROM upp_log WHERE type ="
                            " 'uppsikt.MatterHandedOver'") == 1);
    town_expect(t,
                count(t, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.HandOverEnded'") == 1);
    town_expect(t, count(t, "SELECT count(*) FROM upp_log WHERE type ="
                            " 'uppsikt.MatterReleased'") == (silent ? 0 : 1));
    /* the clock went on: the due is what it was, and it is late */
    town_expect(t, count(t, "SELECT due_ms FROM matter WHERE kind = 3") ==
                       town_at("2026-01-12T16:10:00+01:00"));
    town_expect(t, count(t, "SELECT breached FROM matter WHERE kind = 3") == 1);
}

static void r14_r17_handed_over(void **state)
{
    (void)state;
    town_tell("hand", story, TOWN_INGEST, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r14_r17_handed_over) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
