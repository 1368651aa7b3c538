/* decision.c - what people do with a matter. A person decides, always (R25). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

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
    actor who;
    char id[UPP_ID], approval[UPP_ID] = "";
    UPP_TRY(act_open(txn, self, in, d->matter, "", &who, &m));
    UPP_TRY(check(txn, d, &m));
    decision what = { .m = &m,
                      .version = d->version,
                      .action = d->action,
                      .reason = d->reason,
                      .plan_row = d->plan_row,
                      .law = d->law,
                      .note = d->note,
                      .by = who.by,
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
