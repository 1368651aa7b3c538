/* swarm.c - what is written in a week, and when. */
#include "swarm.h"
#include "civil.h"
#include "facebook_fake.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of each thing that the rules tell apart; the classifier is the real one. */
static const char *const texts[] = {
    "Hur lång är kötiden till förskolan?",
    "När plogas gatan?",
    "Ni är dumma idioter allihop",
    "Jag vet var du bor och ska slå ihjäl dig",
    "Mitt personnummer är 811228-9874, ring mig",
    "Jävla bra jobbat!",
    "Tack för hjälpen i går",
    "Rösta på Framtidspartiet i höst",
    "Köp billiga klockor på http://klockor.example",
    "Jag begär ut alla handlingar om skolan",
};

static const char author[] = "Åsa Medborgare";
/* Beside the marks that stand in each: its author's name, a number of somebody's (all of it: six
 * digits stand in one of a thousand weeks' ids by chance), people's addresses. */
static const char *const personal[] = { author,      "811228-9874", "8112289874",
                                        "anna@x.se", "chef@x.se",   "klockor" };

static void write_text(swarm *l, swarm_comment *c, const char *more, const char *state)
{
    char text[200], edited[40];
    snprintf(text, sizeof text, "%s%s %s", more, texts[c->kind], c->mark);
    civil_format(sim_now(l->t->s), 0, edited);
    if (c->on_page) {
        (void)fakebook_edit(town_page(l->t), c->on_page, text);
        return;
    }
    town_import(l->t,
                &(town_line){ .id = c->id,
                              .created = c->received,
                              .edited = more[0] ? edited : NULL,
                              .text = text,
                              .state = state },
                1);
}

/* A platform's clock shows seconds. */
static void write_on_page(swarm *l, swarm_comment *c)
{
    char text[200];
    snprintf(text, sizeof text, "%s %s", texts[c->kind], c->mark);
    c->on_page =
        fakebook_comment(town_page(l->t), l->post,
                         &(fakebook_words){ .author = "901", .name = author, .text = text },
                         sim_now(l->t->s) / UPP_SECOND);
    upp_check(c->on_page);
}

static void write(sim *s, void *ctx)
{
    swarm *l = ctx;
    swarm_comment *c = &l->comments[l->next++];
    civil_format(sim_now(s) / UPP_SECOND * UPP_SECOND, 0, c->received);
    for (const swarm_comment *o = l->comments; o < c; o++)
        if (strcmp(o->received, c->received) == 0) { /* rare: a second later, then */
            l->next--;
            sim_in(s, UPP_SECOND, write, l);
            return;
        }
    c->written = true;
    c->versions = 1;
    if (l->post)
        write_on_page(l, c);
    else
        write_text(l, c, "", NULL);
}

static swarm_comment *any(swarm *l)
{
    swarm_comment *c = l->next > 0 ? &l->comments[sim_below(&l->rand, l->next)] : NULL;
    return c && c->written && !c->gone ? c : NULL;
}

/* Its author changes the words, or takes them away; or the same file comes in once more. */
static void change(sim *s, void *ctx)
{
    swarm *l = ctx;
    swarm_comment *c = any(l);
    char more[40];
    (void)s;
    if (!c)
        return;
    switch (sim_below(&l->rand, 3)) {
    case 0:
        c->versions++;
        snprintf(more, sizeof more, "%u. ", c->versions);
        write_text(l, c, more, NULL);
        break;
    case 1:
        c->gone = true;
        snprintf(more, sizeof more, "%u. ", c->versions);
        if (c->on_page)
            (void)fakebook_remove(town_page(l->t), c->on_page);
        else
            write_text(l, c, c->versions > 1 ? more : "", "deleted");
        break;
    default:
        if (c->versions == 1 && !c->on_page)
            write_text(l, c, "", NULL);
        break;
    }
}

/* Somebody answers on the platform itself. */
static void answer(sim *s, void *ctx)
{
    static const char words[] = "Hej! Ungefär fyra månader. /Anna, rektor";
    swarm *l = ctx;
    const swarm_comment *c = any(l);
    char id[32], at[40];
    if (!c)
        return;
    if (c->on_page) {
        (void)fakebook_comment(town_page(l->t), c->on_page, &(fakebook_words){ .text = words },
                               sim_now(s) / UPP_SECOND);
        return;
    }
    snprintf(id, sizeof id, "r-%s", c->id);
    civil_format(sim_now(s), 0, at);
    town_import(l->t,
                &(town_line){
                    .id = id, .kind = "own_reply", .parent = c->id, .created = at, .text = words },
                1);
}

/* The page has a bad hour: it throttles, breaks, loses its answers. */
static void trouble(sim *s, void *ctx)
{
    swarm *l = ctx;
    (void)s;
    fakebook_fail(town_page(l->t), (enum fakebook_fault)sim_below(&l->rand, FAKEBOOK_FAULTS),
                  1 + (int)sim_below(&l->rand, 3), sim_chance(&l->rand, 50));
}

static void no_browser(sim *s, void *ctx)
{
    swarm *l = ctx;
    (void)s;
    l->t->no_browser = !l->t->no_browser;
}

static void at_some_time(swarm *l, void (*call)(sim *s, void *ctx))
{
    sim_in(l->t->s, (upp_ms)sim_below(&l->rand, (uint64_t)(SWARM_DAYS * UPP_DAY)), call, l);
}

static void adopt_row(town *t)
{
    Uppsikt__AdoptRetentionRow r = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    char *covers[] = { upp_lend("comment"), upp_lend("message"), upp_lend("line"),
                       upp_lend("removed-comment"), upp_lend("removed-message") };
    r.row = upp_lend(SWARM_ROW);
    r.authority = upp_lend("ks");
    r.process = upp_lend("Kommunicera");
    r.kind = upp_lend("Kommentarer");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.decision = upp_lend("KS 1");
    r.mandate = upp_lend("Plan 2026");
    r.covers = covers;
    r.n_covers = UPP_LEN(covers);
    town_did(t, "registry", "ops", &r.base);
}

/* What a package of the account begins with; now and then it is behind a wall. */
static void has_address(swarm *l)
{
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    facts.url = upp_lend(sim_chance(&l->rand, 25) ? "https://wall.example/skolan"
                                                  : "https://x.example/skolan");
    c.account = upp_lend("acc");
    c.facts = &facts;
    town_did(l->t, "registry", "com", &c.base);
}

/* Under the toys' rates a service of the town dies at every ninth transaction, and to start it
 * again is most of what a seed costs. A third of that is one or two deaths a comment still. */
static void spare(sim *s)
{
    static const enum sim_fault deaths[] = { SIM_CRASH_BEFORE, SIM_CRASH_AFTER, SIM_FUSE,
                                             SIM_SYNC_FAILS,   SIM_MEMORY,      SIM_DISK_FULL };
    for (size_t i = 0; i < UPP_LEN(deaths); i++)
        sim_fault(s, deaths[i], (sim_fault_of(s, deaths[i]) + 2) / 3);
}

/* Half of the towns have a page, which its people use, too; the others load files. */
static void settle_in(swarm *l)
{
    adopt_row(l->t);
    has_address(l);
    if (sim_chance(&l->rand, 50)) {
        l->post = fakebook_post(town_page(l->t), &(fakebook_words){ .text = "Badet öppnar" },
                                sim_now(l->t->s) / UPP_SECOND);
        l->t->by_others = true;
        l->t->poll_span = 4 * UPP_HOUR; /* each look costs as much as a comment */
        town_connect(l->t);
    }
    l->t->patience_span = 8 * UPP_HOUR;
    l->t->answers_mail = true;
    sim_run(l->t->s, UPP_MINUTE);
    sim_play_begin(l->t->s, l->t->play);
    spare(l->t->s);
}

static void story(town *t)
{
    static const struct {
        void (*call)(sim *s, void *ctx);
        unsigned more; /* times a week, at most */
    } rows[] = {
        { change, 20 },        { answer, 12 },        { swarm_act, 80 },    { swarm_scan, 30 },
        { swarm_register, 8 }, { swarm_propose, 10 }, { swarm_dispose, 3 }, { no_browser, 4 },
        { trouble, 10 },       { swarm_pack, 2 },
    };
    swarm *l = calloc(1, sizeof *l);
    upp_check(l);
    *l = (swarm){ .t = t,
                  .rand = sim_rand_new(t->seed, 0x11fe),
                  .decisions = sim_rand_new(t->seed, 0xdec1) };
    t->own = l;
    t->rest = swarm_check;
    settle_in(l);
    l->n = 20 + sim_below(&l->rand, SWARM_COMMENTS - 19);
    if (t->play->most > 0 && l->n > t->play->most)
        l->n = t->play->most;
    for (size_t i = 0; i < UPP_LEN(personal); i++)
        sim_personal(t->s, personal[i]);
    for (size_t i = 0; i < l->n; i++) {
        swarm_comment *c = &l->comments[i];
        snprintf(c->id, sizeof c->id, "c%02zu", i);
        sim_mark(t->s, c->id, c->mark);
        c->kind = (unsigned)sim_below(&l->rand, UPP_LEN(texts));
        at_some_time(l, write);
    }
    for (size_t k = 0; k < UPP_LEN(rows); k++)
        for (uint64_t i = sim_below(&l->rand, rows[k].more + 1); i > 0; i--)
            at_some_time(l, rows[k].call);
    for (uint64_t i = sim_below(&l->decisions, 4); i > 0; i--)
        sim_in(t->s, (upp_ms)sim_below(&l->decisions, (uint64_t)(SWARM_DAYS * UPP_DAY)),
               swarm_adopt, l);
    sim_run(t->s, SWARM_DAYS * UPP_DAY);
    town_clear(t);
    t->no_browser = false;
    fakebook_fail(town_page(t), FAKEBOOK_WELL, 0, false);
    sim_run(t->s, 2 * UPP_DAY); /* what the last of it leads to */
}

bool swarm_play(town_cast *cast, sim_play *run)
{
    run->hash = town_play(cast, run->seed, story, run, run->why);
    return run->why[0] == '\0';
}
