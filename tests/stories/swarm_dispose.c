/* swarm_dispose.c - gallring in any week: somebody proposes, somebody else approves, whatever fails
 * meanwhile; in the end the words are in no byte (R23; P4, P8, I15). */
#include "swarm.h"
#include "uppsikt/bus.pb-c.h"
#include <stdio.h>
#include <string.h>

static void propose(swarm_disposal *d)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { d->c->item };
    p.law = upp_lend("gdpr17");
    p.items = items;
    p.n_items = 1;
    d->command = town_send_to(d->l->t, "evidence", "ops", &p.base);
}

/* False: no answer yet. */
static bool answered(const swarm_disposal *d, upp_frames *ret_outcome, char ret_refused[96])
{
    if (!sim_outcome(d->l->t->s, d->command, ret_outcome))
        return false;
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, ret_outcome->chain.len, ret_outcome->chain.at);
    upp_check(head);
    snprintf(ret_refused, 96, "%s", head->refused);
    uppsikt__answer_head__free_unpacked(head, NULL);
    return true;
}

static void approve(swarm_disposal *d, const upp_frames *outcome)
{
    static const char *const people[] = { "com", "chef" };
    Uppsikt__DisposalTaken *t =
        uppsikt__disposal_taken__unpack(NULL, outcome->envelope.len, outcome->envelope.at);
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    upp_check(t);
    a.disposal = t->disposal;
    a.list_sha256 = t->list_sha256;
    d->proposed = true;
    d->command = town_send_to(d->l->t, "evidence", people[d->turn % UPP_LEN(people)], &a.base);
    uppsikt__disposal_taken__free_unpacked(t, NULL);
}

/* Again and again until it is through: evidence may not have heard of the comment, or be down. */
static void go_on(sim *s, void *ctx)
{
    swarm_disposal *d = ctx;
    upp_frames outcome;
    char refused[96];
    if (!answered(d, &outcome, refused)) {
        sim_in(s, UPP_MINUTE, go_on, d);
        return;
    }
    if (d->proposed && !refused[0]) {
        sim_forgotten(s, d->c->item);
        return;
    }
    if (!d->proposed && !refused[0]) {
        approve(d, &outcome);
        sim_in(s, UPP_MINUTE, go_on, d);
        return;
    }
    if (strcmp(refused, "no-such-item") != 0 && strcmp(refused, "asker-not-registered") != 0)
        town_wrong(d->l->t, "a disposal was refused: %s", refused);
    d->proposed = false;
    d->turn++;
    propose(d);
    sim_in(s, UPP_HOUR, go_on, d);
}

void swarm_forget(sim *s, void *ctx)
{
    swarm *l = ctx;
    swarm_comment *c = swarm_any(l);
    if (!c || !swarm_item(l, c) || l->n_disposals == SWARM_DISPOSALS)
        return;
    swarm_disposal *d = &l->disposals[l->n_disposals++];
    *d = (swarm_disposal){ .l = l, .c = c };
    c->forgotten = true;
    sim_mark_about(s, c->mark, c->item);
    propose(d);
    sim_in(s, UPP_MINUTE, go_on, d);
}
