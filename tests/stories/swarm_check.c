/* swarm_check.c - what must hold of a whole week, over all stores (reliability.md §6). */
#include "swarm.h"
#include "uppsikt/bus.pb-c.h"
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number that `what` is of one item; -1: no row. */
static int64_t of_item(swarm *l, const char *service, const char *what, const char *item)
{
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT %s WHERE item = '%s'", what, item);
    return town_number(l->t, service, sql);
}

/* I15: what the two approved is in no byte of anything, on no disk. */
static void note_forgotten(swarm *l, swarm_comment *c, uint64_t *n)
{
    if (of_item(l, "ingest", "count(*) FROM item JOIN upp_tombstone ON subject = item", c->item) <
        1)
        return;
    sim_mark_about(l->t->s, c->mark, c->item);
    sim_forgotten(l->t->s, c->item);
    (*n)++;
}

/* I9, I10: every comment once, in every store that keeps it; none that nobody wrote; each change
 * is a version, in ingest and at the desk; on a page of two between two looks only the last. */
static void check_comments(swarm *l)
{
    uint64_t written = 0, versions = 0, forgotten = 0;
    for (size_t i = 0; i < l->n; i++) {
        swarm_comment *c = &l->comments[i];
        if (!c->written)
            continue;
        if (c->on_page && c->gone && !swarm_item(l, c)) {
            sim_forgotten(l->t->s, c->id); /* it went before anybody could see it */
            continue;
        }
        written++;
        if (!swarm_item(l, c)) {
            town_wrong(l->t, "I9: %s was accepted and is not at the desk", c->id);
            continue;
        }
        note_forgotten(l, c, &forgotten);
        const int64_t kept = of_item(l, "ingest", "version FROM item", c->item);
        const int64_t heard = of_item(l, "escalation", "count(*) FROM version", c->item);
        versions += (uint64_t)(kept > 0 ? kept : 0);
        if (kept < 1 || kept > (int64_t)c->versions)
            town_wrong(l->t, "I9: %s has %" PRId64 " versions, %u were written", c->id, kept,
                       c->versions);
        if (heard != kept)
            town_wrong(l->t, "I9: %s has %" PRId64 " versions, the desk heard of %" PRId64, c->id,
                       kept, heard);
        if (of_item(l, "escalation", "count(*) FROM matter", c->item) < 1)
            town_wrong(l->t, "R13: no matter for %s", c->id);
        if (!c->on_page && kept != (int64_t)c->versions &&
            of_item(l, "ingest", "count(*) FROM item JOIN upp_tombstone ON subject = item",
                    c->item) < 1)
            town_wrong(l->t, "I9: %s lacks a version", c->id);
    }
    const int64_t items = town_number(l->t, "ingest", "SELECT count(*) FROM item WHERE ours = 0");
    if (items != (int64_t)written)
        town_wrong(l->t, "I10: %" PRId64 " items, %" PRIu64 " were written", items, written);
    town_counted(l->t, "I9 comments", written);
    town_counted(l->t, "I10 versions", versions);
    town_counted(l->t, "I15 disposed comments", forgotten);
}

/* I13: only whoever may act has decided anything, and what was refused has left nothing. */
static void check_decisions(swarm *l)
{
    uint64_t taken = 0, refused = 0;
    for (size_t i = 0; i < l->n_commands; i++) {
        const swarm_command *c = &l->commands[i];
        upp_frames outcome;
        if (!sim_outcome(l->t->s, c->number, &outcome)) {
            town_wrong(l->t, "a command without an end");
            continue;
        }
        Uppsikt__AnswerHead *head =
            uppsikt__answer_head__unpack(NULL, outcome.chain.len, outcome.chain.at);
        upp_check(head);
        const bool no = head->refused[0] != '\0';
        taken += !no && c->what == SWARM_DECIDE;
        refused += no;
        if (!no && c->by && strcmp(c->by, "okänd") == 0)
            town_wrong(l->t, "I13: somebody whom nobody knows was obeyed");
        uppsikt__answer_head__free_unpacked(head, NULL);
    }
    const int64_t said = town_number(
        l->t, "escalation", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.DecisionMade'");
    const int64_t approved =
        town_number(l->t, "escalation", "SELECT count(*) FROM approval WHERE state = 1");
    /* A delete that waits for a second person hides at once: that is its one decision so far. */
    if (said != (int64_t)taken + approved)
        town_wrong(l->t,
                   "I13: %" PRId64 " decisions, %" PRIu64 " were taken and %" PRId64 " approved",
                   said, taken, approved);
    town_counted(l->t, "I13 decisions", (uint64_t)said);
    town_counted(l->t, "refused commands", refused);
}

/* I20: whoever a notice was for is somebody; and she could be reached or the next rung was told. */
static void check_people(swarm *l)
{
    if (town_number(l->t, "escalation",
                    "SELECT count(*) FROM pending WHERE person <> 'operations' AND person NOT LIKE"
                    " 'unit:%' AND person NOT IN (SELECT person FROM person)") != 0)
        town_wrong(l->t, "I20: a notice to nobody");
    town_counted(l->t, "I20 recipients",
                 (uint64_t)town_number(l->t, "escalation", "SELECT count(*) FROM pending"));
    town_counted(l->t, "I26 links opened", l->n_looks);
}

void swarm_check(town *t)
{
    swarm *l = t->own;
    check_comments(l);
    check_decisions(l);
    check_people(l);
    free(l);
    t->own = NULL;
}
