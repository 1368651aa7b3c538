/* packed_test.c - an account is packed when somebody asks, and in the window of spring, while
 * everything fails now and then; a comment is forgotten in the middle (R23, R26, R27; I22). */
#include "town.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

enum { COMMENTS = 60 };

/* Every third town's page is behind a wall. */
static bool walled(const town *t)
{
    return t->seed % 3 == 0;
}

static void has_page(town *t)
{
    char refused[96];
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    facts.url = upp_lend(walled(t) ? "https://wall.example/skolan" : "https://x.example/skolan");
    c.account = upp_lend("acc");
    c.facts = &facts;
    const size_t n = town_send_to(t, "registry", "com", &c.base);
    if (town_answer(t, n, refused)[0])
        town_wrong(t, "the page's address was refused: %s", refused);
}

/* The first one is the one that will be forgotten. */
static void comments_come(town *t, const char *mark)
{
    char id[COMMENTS][8], at[COMMENTS][40], text[COMMENTS][80];
    town_line lines[COMMENTS];
    memset(lines, 0, sizeof lines);
    for (int i = 0; i < COMMENTS; i++) {
        snprintf(id[i], sizeof id[i], "k%d", i);
        snprintf(at[i], sizeof at[i], "2026-01-12T09:%02d:00+01:00", i);
        snprintf(text[i], sizeof text[i], "När öppnar ni? %.40s", i == 0 ? mark : id[i]);
        lines[i].id = id[i];
        lines[i].created = at[i];
        lines[i].text = text[i];
    }
    town_import(t, lines, COMMENTS);
}

static void asks_for_a_run(town *t)
{
    char refused[96];
    Uppsikt__ArchiveAccount c = UPPSIKT__ARCHIVE_ACCOUNT__INIT;
    c.account = upp_lend("acc");
    const size_t n = town_send_to(t, "archive", "com", &c.base);
    if (town_answer(t, n, refused)[0])
        town_wrong(t, "the run was refused: %s", refused);
}

static int64_t of_log(town *t, const char *type)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s'", type);
    return town_number(t, "archive", sql);
}

/* Each sealed package that has the words is named: so none was sealed after they were forgotten
 * here (capture.md 5). */
static void copies_are_named(town *t, const char *mark)
{
    const int64_t named = of_log(t, "CopyKept");
    if (t->seed % 2 == 0) { /* nothing is forgotten in this town */
        town_expect(t, named == 0);
        return;
    }
    if ((int64_t)town_packed(t, mark) != named)
        town_wrong(t, "R23: %zu packages have the words, %lld are named", town_packed(t, mark),
                   (long long)named);
}

static void person_hands_in(town *t)
{
    static uint8_t sum[32] = { 1 };
    char run[48], hand_in[48], refused[96];
    char *list[] = { hand_in };
    Uppsikt__HandIn c = UPPSIKT__HAND_IN__INIT;
    Uppsikt__HandInFile file = UPPSIKT__HAND_IN_FILE__INIT;
    Uppsikt__HandInPart part = UPPSIKT__HAND_IN_PART__INIT;
    Uppsikt__HandInDone done = UPPSIKT__HAND_IN_DONE__INIT;
    town_text(t, "archive", "SELECT run FROM run WHERE cause = 'asked'", run);
    file.name = upp_lend("sida.pdf");
    file.source = upp_lend("browser");
    file.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    c.run = run;
    c.bytes = 5;
    c.file = &file;
    town_expect(t, !town_answer(t, town_send_to(t, "archive", "anna", &c.base), refused)[0]);
    town_text(t, "archive", "SELECT hand_in FROM hand_in", hand_in);
    part.hand_in = hand_in;
    part.bytes = (ProtobufCBinaryData){ 5, (uint8_t *)upp_lend("%PDF-") };
    town_expect(t, !town_answer(t, town_send_to(t, "archive", "anna", &part.base), refused)[0]);
    sim_run(t->s, UPP_DAY / 2);
    done.run = run;
    done.hand_ins = list;
    done.n_hand_ins = 1;
    town_expect(t, !town_answer(t, town_send_to(t, "archive", "anna", &done.base), refused)[0]);
    sim_run(t->s, UPP_DAY);
}

static void story(town *t)
{
    char mark[SIM_MARK], item[UPP_ID];
    town_weather(t);
    has_page(t);
    town_until(t, "2026-01-12T10:00:00+01:00");
    sim_mark(t->s, "k0", mark);
    comments_come(t, mark);
    town_item(t, "2026-01-12T09:00:00+01:00", item);
    if (!item[0])
        return;
    sim_mark_about(t->s, mark, item);
    sim_run(t->s, 2 * UPP_HOUR); /* also archive has heard of it by then */
    asks_for_a_run(t);
    sim_run(t->s, (upp_ms)sim_below(&t->rand, 15 * 60) * UPP_SECOND);
    if (t->seed % 2)
        sim_forget(t->s, item);
    town_until(t, "2026-01-20T10:00:00+01:00");
    if (walled(t)) {
        town_expect(t, of_log(t, "ManualCaptureAsked") >= 1);
        person_hands_in(t);
    }
    town_expect(t, town_number(t, "archive", "SELECT count(*) FROM run WHERE state = 5") == 1);
    const int64_t lines = t->seed % 2 ? COMMENTS - 1 : COMMENTS;
    const int64_t packed =
        town_number(t, "archive", "SELECT comments FROM run WHERE cause = 'asked'");
    /* what was forgotten just after it was packed is in the package */
    town_expect(t, packed == lines || packed == COMMENTS);
    copies_are_named(t, mark);
    town_until(t, "2026-03-17T10:00:00+01:00");
    town_clear(t);
    town_until(t, "2026-03-18T10:00:00+01:00");
    town_expect(t, of_log(t, "CampaignOpened") == 1);
    town_expect(t, town_number(t, "archive", "SELECT count(*) FROM run") == 2);
    town_expect(t, town_number(t, "archive", "SELECT count(*) FROM run WHERE state = 5") ==
                       (walled(t) ? 1 : 2));
    copies_are_named(t, mark);
}

static void r26_an_account_is_packed_whatever_fails(void **state)
{
    (void)state;
    town_tell("packed", story, TOWN_INGEST | TOWN_ARCHIVE, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r26_an_account_is_packed_whatever_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
