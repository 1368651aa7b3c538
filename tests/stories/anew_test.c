/* anew_test.c - people think again, and others object, days after everything was done, while
 * services crash and the page fails: what is there is as the newest decision says, each decision
 * has its effect once, each comment counts once, and none is late afterwards (R20, R25; I11, I12).
 */
#include "facebook_fake.h"
#include "town.h"
#include "town_part.h"
#include <stdio.h>
#include <string.h>

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE

enum { COMMENTS = 6, SECOND_THOUGHTS = 2 };
typedef struct comment {
    const char *id; /* on the page */
    char item[UPP_ID];
    Uppsikt__ItemAction first, then[SECOND_THOUGHTS]; /* by anna; 0: nothing */
    int appeal;                                       /* 1: it stands, 2: it is changed; 0: none */
    bool seen, there;                                 /* at the end */
} comment;

static const comment scenes[COMMENTS] = {
    { .first = KEEP, .then = { HIDE }, .there = true },
    { .first = HIDE, .then = { UNHIDE, HIDE }, .there = true },
    { .first = HIDE, .appeal = 2, .seen = true, .there = true },
    { .first = HIDE, .appeal = 1, .there = true },
    { .first = KEEP, .appeal = 2, .there = true },
    { .first = KEEP, .then = { HIDE, DELETE } },
};

/* Some trouble on the page, again and again. */
static void trouble(sim *s, void *ctx)
{
    town *t = ctx;
    const enum fakebook_fault fault = (enum fakebook_fault)sim_below(&t->rand, FAKEBOOK_FAULTS);
    (void)s;
    fakebook_fail(town_page(t), fault, 1 + (int)sim_below(&t->rand, 3), sim_chance(&t->rand, 50));
}

static void write_all(town *t, comment *all)
{
    const char *post = fakebook_post(town_page(t), &(fakebook_words){ .text = "Badet öppnar" },
                                     town_at("2026-01-11T09:00:00+01:00") / UPP_SECOND);
    for (int i = 0; i < COMMENTS; i++) {
        char text[80], when[40];
        snprintf(text, sizeof text, "Ni är rötägg nummer %d", i);
        snprintf(when, sizeof when, "2026-01-12T09:%02d:00+01:00", i);
        const fakebook_words words = { .author = "901", .name = "Åsa", .text = text };
        all[i] = scenes[i];
        all[i].id = fakebook_comment(town_page(t), post, &words, town_at(when) / UPP_SECOND);
    }
    for (int i = 0; i < COMMENTS; i++) {
        char when[40];
        snprintf(when, sizeof when, "2026-01-12T09:%02d:00+01:00", i);
        town_item(t, when, all[i].item);
        if (all[i].item[0])
            town_judged(t, all[i].item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
    }
}

static void decide(town *t, const comment *c, Uppsikt__ItemAction what)
{
    char id[MATTER_ID];
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    snprintf(id, sizeof id, "%s.m1", c->item);
    d.matter = id;
    d.version = 1;
    d.action = what;
    d.reason = upp_lend("attack");
    d.note = upp_lend("vid närmare eftertanke");
    if (what == DELETE)
        d.law = upp_lend("BBS 5 § 1 a"); /* the law demands it: one person suffices */
    town_did(t, "escalation", "anna", &d.base);
}

/* Somebody objects; who decided may not try it, another may. */
static void object(town *t, const comment *c)
{
    char id[MATTER_ID], sql[160], refused[96];
    Uppsikt__Appeal a = UPPSIKT__APPEAL__INIT;
    Uppsikt__DecideAppeal d = UPPSIKT__DECIDE_APPEAL__INIT;
    snprintf(id, sizeof id, "%s.m1", c->item);
    a.matter = id;
    a.text = upp_lend("Det var ett citat");
    town_did(t, "escalation", "anna", &a.base);
    snprintf(sql, sizeof sql, "SELECT matter FROM matter WHERE item = '%s' AND matter GLOB '*.A1'",
             c->item);
    town_text(t, "escalation", sql, id);
    d.matter = id;
    d.version = 1;
    d.change = c->appeal == 2;
    d.reason = upp_lend("within_rules");
    d.note = upp_lend("prövat");
    const size_t own = town_send(t, "anna", &d.base);
    if (strcmp(town_answer(t, own, refused), "appeal-another-person") != 0)
        town_wrong(t, "R25: who decided tried the objection: '%s'", refused);
    town_did(t, "escalation", "chef", &d.base);
    town_counted(t, "R25 objections tried", 1);
}

/* At once one after the other, when the first is on its way still, or hours apart. */
static void think_again(town *t, const comment *c)
{
    for (int i = 0; i < SECOND_THOUGHTS && c->then[i]; i++) {
        decide(t, c, c->then[i]);
        town_counted(t, "R25 decisions made anew", 1);
        sim_run(t->s,
                (upp_ms)sim_below(&t->rand, sim_chance(&t->rand, 50) ? UPP_MINUTE : UPP_HOUR));
    }
    if (c->appeal)
        object(t, c);
}

static void compare(town *t, const comment *c)
{
    char sql[160];
    if (fakebook_there(town_page(t), c->id) != c->there)
        town_wrong(t, "R25: it is %s", c->there ? "gone" : "there still");
    if (c->there && fakebook_visible(town_page(t), c->id) != c->seen)
        town_wrong(t, "R25: it is %s", c->seen ? "hidden" : "seen");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM matter WHERE item = '%s' AND kind = 2",
             c->item);
    if (town_number(t, "escalation", sql) != 1)
        town_wrong(t, "R20: a comment counts twice");
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM matter WHERE item = '%s' AND errand = 0 AND"
             " (breached OR state = 0)",
             c->item);
    if (town_number(t, "escalation", sql) != 0)
        town_wrong(t, "R20: what was met in time is late, or open, by being decided anew");
    town_counted(t, "R20 comments that count once", 1);
}

static void story(town *t)
{
    comment all[COMMENTS];
    town_connect(t);
    town_until(t, "2026-01-12T09:10:00+01:00");
    town_weather(t);
    write_all(t, all);
    town_until(t, "2026-01-12T12:00:00+01:00");
    for (int i = 0; i < COMMENTS; i++)
        if (all[i].item[0])
            decide(t, &all[i], all[i].first);
    town_until(t, "2026-01-15T10:00:00+01:00"); /* all is done, and its time has passed */
    for (int i = 0; i < 8; i++)
        sim_in(t->s, (upp_ms)sim_below(&t->rand, 6 * UPP_HOUR), trouble, t);
    for (int i = 0; i < COMMENTS; i++)
        if (all[i].item[0])
            think_again(t, &all[i]);
    town_until(t, "2026-01-15T20:00:00+01:00");
    town_clear(t);
    fakebook_fail(town_page(t), FAKEBOOK_WELL, 0, false);
    town_until(t, "2026-01-16T14:00:00+01:00");
    for (int i = 0; i < COMMENTS; i++)
        if (all[i].item[0])
            compare(t, &all[i]);
}

static void r25_what_is_decided_is_decided_anew(void **state)
{
    (void)state;
    town_tell("anew", story, TOWN_INGEST | TOWN_EVIDENCE | TOWN_CONSOLE, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r25_what_is_decided_is_decided_anew) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
