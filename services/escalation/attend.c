/* attend.c - what people do with a matter short of deciding it: they take it, say that they saw it,
 * mark it (R13, R14, R17; sla.md §3.2, §3.4, §7). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

int on_needs_no_answer(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const reasons[] = { "thanks", "rhetorical", "answered_in_thread",
                                           "referred" };
    const Uppsikt__NeedsNoAnswer *c = msg;
    matter m;
    actor who;
    bool known = false;
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    if (m.kind != UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return upp_refuse(txn, "not-a-question");
    if (strcmp(c->reason, "answered_in_thread") == 0 && !c->link[0])
        return upp_refuse(txn, "link-missing");
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        known = known || strcmp(reasons[i], c->reason) == 0;
    if (!known)
        return upp_refuse(txn, "reason-missing");
    UPP_TRY(matter_meet(txn, m.id,
                        strcmp(c->reason, "referred") == 0
                            ? UPPSIKT__MET_HOW__MET_HOW_REFERRED
                            : UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER,
                        upp_now(txn)));
    return act_touched(txn, m.id, 0);
}

int on_claim(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Claim *c = msg;
    matter m;
    actor who;
    UPP_TRY(act_open(txn, self, in, c->matter, c->token, &who, &m));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = ?2, away_owner = '' WHERE matter = ?1",
                     BIND(V(m.id), V(who.by))));
    UPP_TRY(errand_end(txn, ERRAND_MANAGER, m.id, UPPSIKT__MET_HOW__MET_HOW_DONE, upp_now(txn)));
    Uppsikt__MatterClaimed out = UPPSIKT__MATTER_CLAIMED__INIT;
    out.matter = m.id;
    out.person = who.by;
    out.until_ms = upp_now(txn) + 10 * UPP_MINUTE; /* a lease, so that two do not do the same */
    UPP_TRY(upp_emit(txn, m.item, &out.base, NULL));
    return act_touched(txn, m.id, out.until_ms);
}

/* Which rungs an ack silences: those that have been asked so far (sla.md §7). */
static unsigned asked_rungs(const rules *r, const matter *m)
{
    clock_input in;
    clock_times times;
    ladder_step steps[LADDER_STEPS_MAX];
    size_t n = 0;
    const numbers *of = numbers_of(r, m);
    unsigned to = LADDER_TO(POLICY_ADMINISTRATORS);
    if (matter_times(r, m, &in, &times) == 0 &&
        ladder_plan(&of->pol, of->duty, &in, &times, steps, &n) == 0)
        for (size_t i = 0; i < n && i < m->next_step; i++)
            to |= steps[i].to;
    return to;
}

static uint32_t highest(unsigned rungs)
{
    uint32_t rung = 0;
    for (uint32_t i = 0; i < POLICY_RUNGS; i++)
        if (rungs & LADDER_TO(i))
            rung = i;
    return rung;
}

int attend_acknowledge(upp_txn *txn, const rules *r, const matter *m, const char *person,
                       upp_ms *ret_until)
{
    clock_input clock;
    clock_times times;
    const numbers *n = numbers_of(r, m);
    *ret_until = 0;
    if (matter_times(r, m, &clock, &times) != 0 ||
        ladder_ack_hold(&n->pol, n->duty, &times, upp_now(txn), ret_until) != 0)
        *ret_until = 0; /* recorded; it holds nothing */
    const unsigned to = asked_rungs(r, m);
    if ((to & ~(unsigned)m->acked_to) == 0) { /* one ack a rung: a second is fine, holds nothing */
        *ret_until = m->held_until;
        return 0;
    }
    UPP_TRY(upp_exec(txn, "UPDATE matter SET acked_to = ?2, held_until = ?3 WHERE matter = ?1",
                     BIND(V(m->id), V((int64_t)to), V(*ret_until))));
    Uppsikt__MatterAcked out = UPPSIKT__MATTER_ACKED__INIT;
    out.matter = upp_lend(m->id);
    out.person = upp_lend(person);
    out.rung = highest(to);
    out.hold_until_ms = *ret_until;
    return upp_emit(txn, m->item, &out.base, NULL);
}

int on_acknowledge(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Acknowledge *c = msg;
    matter m;
    actor who;
    upp_ms until = 0;
    UPP_TRY(act_open(txn, self, in, c->matter, c->token, &who, &m));
    UPP_TRY(attend_acknowledge(txn, self, &m, who.by, &until));
    return act_touched(txn, m.id, until);
}

/* E23: reminders are silent for a while; due never moves, and nothing is late in silence. */
int on_snooze(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const reasons[] = { "waiting_for_facts", "waiting_for_officer",
                                           "agreed_later" };
    const rules *r = self;
    const Uppsikt__Snooze *c = msg;
    matter m;
    actor who;
    clock_input clock;
    clock_times times;
    upp_ms latest = 0;
    bool known = false;
    UPP_TRY(act_open(txn, r, in, c->matter, "", &who, &m));
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        known = known || strcmp(reasons[i], c->reason) == 0;
    if (!known)
        return upp_refuse(txn, "reason-missing");
    const numbers *n = numbers_of(r, &m);
    if (matter_times(r, &m, &clock, &times) != 0 ||
        clock_snooze_latest(&n->pol, n->duty, &times, upp_now(txn), &latest) != 0)
        return upp_refuse(txn, "not-to-be-snoozed");
    if (c->until_ms <= upp_now(txn) || c->until_ms > latest)
        return upp_refuse(txn, "snoozed-too-long");
    UPP_TRY(upp_exec(txn, "UPDATE matter SET snoozed_ms = ?2 WHERE matter = ?1",
                     BIND(V(m.id), V(c->until_ms))));
    Uppsikt__MatterSnoozed out = UPPSIKT__MATTER_SNOOZED__INIT;
    out.matter = m.id;
    out.person = who.by;
    out.until_ms = c->until_ms;
    out.reason = c->reason;
    UPP_TRY(upp_emit(txn, matter_subject(&m), &out.base, NULL));
    return act_touched(txn, m.id, c->until_ms);
}

static int mark(upp_txn *txn, const Uppsikt__Mark *c, bool label)
{
    const int64_t asks = c->question ? 1 : c->not_question ? 2 : 0;
    UPP_TRY(
        upp_exec(txn,
                 "UPDATE item SET mark = CASE ?2 WHEN 0 THEN mark ELSE ?2 END,"
                 " labels = labels | ?3, target = CASE ?4 WHEN '' THEN target ELSE ?4 END"
                 " WHERE item = ?1",
                 BIND(V(c->item), V(asks), V(label ? (int64_t)1 << c->label : 0), V(c->target))));
    return 0;
}

/* §3.2, E8, E29: a person's word beats the machine's. */
int on_mark(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Mark *c = msg;
    matter about = { .kind = UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK };
    if (!in->by)
        return upp_refuse(txn, "decide-needs-a-person");
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM item WHERE item = ?1", BIND(V(c->item)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-matter");
        snprintf(about.account, sizeof about.account, "%s", upp_col_text(&row, 0));
    }
    const int stranger = act_may(txn, self, in->by, &about);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    const bool label = c->label > 0 && c->label <= UPPSIKT__LABEL__LABEL_QUESTION && !c->question;
    if (!c->question && !c->not_question && !label && !c->target[0])
        return upp_refuse(txn, "unknown-mark");
    UPP_TRY(mark(txn, c, label));
    UPP_TRY(intake_reconsider(txn, self, c->item));
    return act_touched(txn, c->item, 0);
}

int on_mark_seen(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MarkSeen *c = msg;
    if (c->n_matters > 200)
        return upp_refuse(txn, "too-many");
    for (size_t i = 0; i < c->n_matters; i++) {
        matter m;
        actor who;
        UPP_TRY(act_open(txn, self, in, c->matters[i], "", &who, &m));
        if (m.kind != UPPSIKT__MATTER_KIND__MATTER_KIND_SEE)
            return upp_refuse(txn, "unknown-action");
        UPP_TRY(matter_meet(txn, m.id, UPPSIKT__MET_HOW__MET_HOW_SEEN, upp_now(txn)));
        UPP_TRY(upp_exec(txn, "UPDATE item SET decided = max(decided, ?2) WHERE item = ?1",
                         BIND(V(m.item), V(m.version))));
    }
    return act_touched(txn, "", 0);
}
