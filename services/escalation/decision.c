/* decision.c - what people do with a matter. A person decides, always (R25). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

/* The matter that a person may act on; refused in words otherwise. */
static int open_for(upp_txn *txn, const upp_input *in, const char *id, matter *ret_matter)
{
    if (!in->by)
        return upp_refuse(txn, "decide-needs-a-person");
    const int missing = matter_read(txn, id, ret_matter);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-matter");
    const int stranger = register_may_act(txn, in->by, ret_matter->account);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    return ret_matter->state == MATTER_OPEN ? 0 : upp_refuse(txn, "matter-closed");
}

static int touched(upp_txn *txn, const char *id, upp_ms until)
{
    Uppsikt__MatterTouched out = UPPSIKT__MATTER_TOUCHED__INIT;
    out.matter = upp_lend(id);
    out.until_ms = until;
    return upp_reply(txn, &out.base);
}

static int say_decision(upp_txn *txn, const decision *d, const char *id)
{
    upp_content note;
    const matter *m = d->m;
    Uppsikt__DecisionMadeContent content = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    content.note = upp_lend(d->note);
    const int gone = upp_keep(txn, UPP_ABOUT(m->item), &content.base, &note);
    UPP_TRY(gone);
    UPP_TRY(upp_exec(txn, "UPDATE matter SET decision = ?2, note_ref = ?3 WHERE matter = ?1",
                     BIND(V(m->id), V(id), V(note.ref))));
    Uppsikt__DecisionMade out = UPPSIKT__DECISION_MADE__INIT;
    out.decision = upp_lend(id);
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.version = d->version;
    out.account = upp_lend(m->account);
    out.action = d->action;
    out.reason = upp_lend(d->reason);
    out.plan_row = upp_lend(d->plan_row);
    out.law = upp_lend(d->law);
    out.by = upp_lend(d->by);
    out.second = upp_lend(d->second);
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&note);
    return upp_emit(txn, m->item, &out.base, &note);
}

int decision_newest(upp_txn *txn, const char *item, uint32_t *ret_version)
{
    UPP_ROWS row = upp_query(txn, "SELECT coalesce(max(version), 0) FROM version WHERE item = ?1",
                             BIND(V(item)));
    if (upp_next(&row))
        *ret_version = (uint32_t)upp_col_int(&row, 0);
    return row.rc;
}

static int meet_kept(upp_txn *txn, const matter *m, void *ctx)
{
    const upp_ms *now = ctx;
    if (m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return 0;
    return matter_meet(txn, m->id,
                       m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
                           ? UPPSIKT__MET_HOW__MET_HOW_KEPT
                           : UPPSIKT__MET_HOW__MET_HOW_JUDGED,
                       *now);
}

static int meet_looked(upp_txn *txn, const matter *m, void *ctx)
{
    const upp_ms *now = ctx;
    const bool looked = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK ||
                        m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE;
    return looked ? matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_JUDGED, *now) : 0;
}

/* The first version that nobody had decided on: the round of whatever is opened now. */
static int undecided_round(upp_txn *txn, const char *item, uint32_t *ret_round)
{
    UPP_ROWS row = upp_query(txn, "SELECT decided + 1 FROM item WHERE item = ?1", BIND(V(item)));
    *ret_round = upp_next(&row) ? (uint32_t)upp_col_int(&row, 0) : 1;
    return row.rc;
}

/* Hide or delete: looking is done; removal has its own clock until the platform confirms it (§3.3).
 * What is gone already needs none. */
static int removal(upp_txn *txn, const rules *r, const matter *m, uint32_t round)
{
    upp_ms now = upp_now(txn);
    UPP_TRY(matter_each_open(txn, m->item, meet_looked, &now));
    if (m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION || m->outside)
        return 0;
    matter wanted = *m;
    wanted.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
    wanted.round = round;
    matter_name(m->item, wanted.kind, wanted.round, wanted.id);
    wanted.next_step = 0;
    wanted.breached = false;
    return matter_open(txn, r, &wanted);
}

int decision_make(upp_txn *txn, const rules *r, const decision *d, char ret_id[UPP_ID])
{
    uint32_t round = 1;
    upp_ms now = upp_now(txn);
    upp_id(txn, ret_id);
    UPP_TRY(undecided_round(txn, d->m->item, &round));
    UPP_TRY(say_decision(txn, d, ret_id));
    UPP_TRY(upp_exec(txn, "UPDATE item SET decided = max(decided, ?2) WHERE item = ?1",
                     BIND(V(d->m->item), V(d->version))));
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP)
        return matter_each_open(txn, d->m->item, meet_kept, &now);
    return removal(txn, r, d->m, round);
}

static int check(upp_txn *txn, const Uppsikt__Decide *d, const matter *m)
{
    uint32_t newest = 0;
    UPP_TRY(decision_newest(txn, m->item, &newest));
    if (d->version != newest)
        return upp_refuse(txn, "stale-version");
    if (d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP &&
        d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE &&
        d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE)
        return upp_refuse(txn, "unknown-action");
    return d->reason[0] ? 0 : upp_refuse(txn, "reason-missing");
}

int on_decide(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Decide *d = msg;
    matter m;
    char id[UPP_ID], approval[UPP_ID] = "";
    UPP_TRY(open_for(txn, in, d->matter, &m));
    UPP_TRY(check(txn, d, &m));
    decision what = { .m = &m,
                      .version = d->version,
                      .action = d->action,
                      .reason = d->reason,
                      .plan_row = d->plan_row,
                      .law = d->law,
                      .note = d->note,
                      .by = in->by,
                      .second = "" };
    /* P1: to delete takes two, unless the law demands it; hidden it is at once */
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE && !d->law[0] && !m.outside) {
        what.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
        UPP_TRY(approval_ask(txn, self, &what, approval));
    }
    UPP_TRY(decision_make(txn, self, &what, id));
    Uppsikt__Decided out = UPPSIKT__DECIDED__INIT;
    out.decision = id;
    out.matter = m.id;
    out.approval = approval;
    return upp_reply(txn, &out.base);
}

int on_needs_no_answer(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    static const char *const reasons[] = { "thanks", "rhetorical", "answered_in_thread",
                                           "referred" };
    const Uppsikt__NeedsNoAnswer *c = msg;
    matter m;
    bool known = false;
    (void)self;
    UPP_TRY(open_for(txn, in, c->matter, &m));
    if (m.kind != UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return upp_refuse(txn, "not-a-question");
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        known = known || strcmp(reasons[i], c->reason) == 0;
    if (!known)
        return upp_refuse(txn, "reason-missing");
    UPP_TRY(matter_meet(txn, m.id,
                        strcmp(c->reason, "referred") == 0
                            ? UPPSIKT__MET_HOW__MET_HOW_REFERRED
                            : UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER,
                        upp_now(txn)));
    return touched(txn, m.id, 0);
}

int on_claim(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Claim *c = msg;
    matter m;
    (void)self;
    UPP_TRY(open_for(txn, in, c->matter, &m));
    UPP_TRY(
        upp_exec(txn, "UPDATE matter SET owner = ?2 WHERE matter = ?1", BIND(V(m.id), V(in->by))));
    Uppsikt__MatterClaimed out = UPPSIKT__MATTER_CLAIMED__INIT;
    out.matter = m.id;
    out.person = upp_lend(in->by);
    out.until_ms = upp_now(txn) + 10 * UPP_MINUTE; /* a lease, so that two do not do the same */
    UPP_TRY(upp_emit(txn, m.item, &out.base, NULL));
    return touched(txn, m.id, out.until_ms);
}

/* Which rungs an ack silences: those that have been asked so far (sla.md §7). */
static unsigned asked_rungs(const rules *r, const matter *m)
{
    clock_input in;
    clock_times times;
    ladder_step steps[LADDER_STEPS_MAX];
    size_t n = 0;
    unsigned to = LADDER_TO(POLICY_ADMINISTRATORS);
    if (matter_times(r, m, &in, &times) == 0 &&
        ladder_plan(&r->pol, r->duty, &in, &times, steps, &n) == 0)
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

int on_acknowledge(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__Acknowledge *c = msg;
    matter m;
    clock_input clock;
    clock_times times;
    upp_ms until = 0;
    UPP_TRY(open_for(txn, in, c->matter, &m));
    if (matter_times(r, &m, &clock, &times) != 0 ||
        ladder_ack_hold(&r->pol, r->duty, &times, upp_now(txn), &until) != 0)
        until = 0; /* recorded; it holds nothing */
    const unsigned to = asked_rungs(r, &m);
    if ((to & ~(unsigned)m.acked_to) == 0) /* one ack a rung: a second is fine and holds nothing */
        return touched(txn, m.id, m.held_until);
    UPP_TRY(upp_exec(txn, "UPDATE matter SET acked_to = ?2, held_until = ?3 WHERE matter = ?1",
                     BIND(V(m.id), V((int64_t)to), V(until))));
    Uppsikt__MatterAcked out = UPPSIKT__MATTER_ACKED__INIT;
    out.matter = m.id;
    out.person = upp_lend(in->by);
    out.rung = highest(to);
    out.hold_until_ms = until;
    UPP_TRY(upp_emit(txn, m.item, &out.base, NULL));
    return touched(txn, m.id, until);
}

int on_mark(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Mark *c = msg;
    char account[48] = "";
    if (!in->by)
        return upp_refuse(txn, "decide-needs-a-person");
    {
        UPP_ROWS row = upp_query(txn, "SELECT account FROM item WHERE item = ?1", BIND(V(c->item)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-matter");
        snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
    }
    const int stranger = register_may_act(txn, in->by, account);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    const bool label = c->label > 0 && c->label <= UPPSIKT__LABEL__LABEL_QUESTION && !c->question;
    if (!c->question && !c->not_question && !label)
        return upp_refuse(txn, "unknown-action");
    UPP_TRY(upp_exec(txn,
                     "UPDATE item SET mark = CASE ?2 WHEN 0 THEN mark ELSE ?2 END,"
                     " labels = labels | ?3 WHERE item = ?1",
                     BIND(V(c->item),
                          V(c->question       ? 1
                            : c->not_question ? 2
                                              : 0),
                          V(label ? (int64_t)1 << c->label : 0))));
    UPP_TRY(intake_reconsider(txn, self, c->item));
    return touched(txn, c->item, 0);
}

int on_mark_seen(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MarkSeen *c = msg;
    (void)self;
    if (c->n_matters > 200)
        return upp_refuse(txn, "too-many");
    for (size_t i = 0; i < c->n_matters; i++) {
        matter m;
        UPP_TRY(open_for(txn, in, c->matters[i], &m));
        if (m.kind != UPPSIKT__MATTER_KIND__MATTER_KIND_SEE)
            return upp_refuse(txn, "unknown-action");
        UPP_TRY(matter_meet(txn, m.id, UPPSIKT__MET_HOW__MET_HOW_SEEN, upp_now(txn)));
        UPP_TRY(upp_exec(txn, "UPDATE item SET decided = max(decided, ?2) WHERE item = ?1",
                         BIND(V(m.item), V(m.version))));
    }
    return touched(txn, "", 0);
}
