/* swarm.c - what is written in a week, and when. */
#include "swarm.h"
#include "civil.h"
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

static void write_text(swarm *l, swarm_comment *c, const char *more, const char *state)
{
    char text[200], edited[40];
    snprintf(text, sizeof text, "%s%s %s", more, texts[c->kind], c->mark);
    civil_format(sim_now(l->t->s), 0, edited);
    town_import(l->t,
                &(town_line){ .id = c->id,
                              .created = c->received,
                              .edited = more[0] ? edited : NULL,
                              .text = text,
                              .state = state },
                1);
}

static void write(sim *s, void *ctx)
{
    swarm *l = ctx;
    swarm_comment *c = &l->comments[l->next++];
    civil_format(sim_now(s), 0, c->received);
    for (const swarm_comment *o = l->comments; o < c; o++)
        if (strcmp(o->received, c->received) == 0) { /* rare: a millisecond later, then */
            l->next--;
            sim_in(s, 1, write, l);
            return;
        }
    c->written = true;
    c->versions = 1;
    write_text(l, c, "", NULL);
}

swarm_comment *swarm_any(swarm *l)
{
    swarm_comment *c = l->next > 0 ? &l->comments[sim_below(&l->rand, l->next)] : NULL;
    return c && c->written && !c->gone && !c->forgotten ? c : NULL;
}

/* Its author changes the words, or takes them away; or the same file comes in once more. */
static void change(sim *s, void *ctx)
{
    swarm *l = ctx;
    swarm_comment *c = swarm_any(l);
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
        write_text(l, c, c->versions > 1 ? more : "", "deleted");
        break;
    default:
        if (c->versions == 1)
            write_text(l, c, "", NULL);
        break;
    }
}

/* Somebody answers on the platform itself. */
static void answer(sim *s, void *ctx)
{
    swarm *l = ctx;
    const swarm_comment *c = swarm_any(l);
    char id[32], at[40];
    if (!c)
        return;
    snprintf(id, sizeof id, "r-%s", c->id);
    civil_format(sim_now(s), 0, at);
    town_import(l->t,
                &(town_line){ .id = id,
                              .kind = "own_reply",
                              .parent = c->id,
                              .created = at,
                              .text = "Hej! Ungefär fyra månader. /Anna, rektor" },
                1);
}

static void at_some_time(swarm *l, void (*call)(sim *s, void *ctx))
{
    sim_in(l->t->s, (upp_ms)sim_below(&l->rand, (uint64_t)(SWARM_DAYS * UPP_DAY)), call, l);
}

static void story(town *t)
{
    static const struct {
        void (*call)(sim *s, void *ctx);
        unsigned least, more; /* times a week */
    } rows[] = {
        { change, 0, 20 },    { answer, 0, 12 },     { swarm_forget, 0, 8 },
        { swarm_act, 0, 80 }, { swarm_scan, 0, 30 }, { swarm_register, 0, 8 },
    };
    swarm *l = calloc(1, sizeof *l);
    upp_check(l);
    *l = (swarm){ .t = t, .rand = sim_rand_new(t->seed, 0x11fe) };
    t->own = l;
    t->rest = swarm_check;
    sim_play_begin(t->s, t->play);
    l->n = 20 + sim_below(&l->rand, SWARM_COMMENTS - 19);
    if (t->play->most > 0 && l->n > t->play->most)
        l->n = t->play->most;
    for (size_t i = 0; i < l->n; i++) {
        swarm_comment *c = &l->comments[i];
        snprintf(c->id, sizeof c->id, "c%02zu", i);
        sim_mark(t->s, c->id, c->mark);
        c->kind = (unsigned)sim_below(&l->rand, UPP_LEN(texts));
        at_some_time(l, write);
    }
    for (size_t k = 0; k < UPP_LEN(rows); k++)
        for (uint64_t i = rows[k].least + sim_below(&l->rand, rows[k].more + 1); i > 0; i--)
            at_some_time(l, rows[k].call);
    sim_run(t->s, SWARM_DAYS * UPP_DAY);
    town_clear(t);
    sim_run(t->s, 3 * UPP_DAY); /* what the last of it leads to */
}

bool swarm_play(town_cast *cast, sim_play *run)
{
    run->hash = town_play(cast, run->seed, story, run, run->why);
    return run->why[0] == '\0';
}
