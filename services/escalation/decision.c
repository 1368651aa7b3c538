/* decision.c - what people do with a matter. A person decides, always (R25). */
#include "escalation.h"
#include "item.h"
#include "law.h"
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
    out.alone = d->alone;
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
    if (m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION || m->errand != ERRAND_NONE)
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
    return looked && m->errand == ERRAND_NONE
               ? matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_JUDGED, *now)
               : 0;
}

/* The round of the newest words: by the first version that nobody had decided on; when they are
 * decided on already, the round that they had then. */
static int round_of(upp_txn *txn, const char *item, uint32_t *ret_round)
{
    item_row i = { 0 };
    const int missing = item_read(txn, item, &i);
    UPP_TRY(missing);
    *ret_round = i.decided + 1;
    if (i.decided == 0 || i.version > i.decided)
        return 0;
    UPP_ROWS row = upp_query(txn,
                             "SELECT coalesce(max(round), ?2) FROM matter WHERE item = ?1"
                             " AND errand = 0 AND kind IN (1, 2, 5)",
                             BIND(V(item), V(i.decided)));
    if (upp_next(&row))
        *ret_round = (uint32_t)upp_col_int(&row, 0);
    return row.rc;
}

/* The removal's clock begins; one that was met, and is decided anew, is open again (R25). */
static int open_removal(upp_txn *txn, const rules *r, const matter *wanted)
{
    matter have;
    const int missing = matter_read(txn, wanted->id, &have);
    UPP_TRY(missing);
    return !missing && have.state == MATTER_MET ? matter_open_anew(txn, r, &have)
                                                : matter_open(txn, r, wanted);
}

/* Hide or delete: looking is done; removal has its own clock until the platform confirms it (§3.3).
 * What is gone already needs none; a second person's yes has the clock of the first one's hide. */
static int removal(upp_txn *txn, const rules *r, const decision *d, uint32_t round)
{
    const matter *m = d->m;
    upp_ms now = upp_now(txn);
    UPP_TRY(matter_each_open(txn, m->item, meet_looked, &now));
    if (m->errand != ERRAND_NONE || d->second[0])
        return 0;
    matter wanted = *m;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION) {
        wanted.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
        wanted.round = round;
        matter_name(m->item, wanted.kind, wanted.round, wanted.id);
        wanted.next_step = 0;
        wanted.breached = false;
    }
    return open_removal(txn, r, &wanted);
}

/* It may stay, or is shown again: there is nothing left to remove, nor to approve of. */
static int stays(upp_txn *txn, const matter *m)
{
    upp_ms now = upp_now(txn);
    UPP_TRY(approval_drop(txn, m->item));
    return matter_each_open(txn, m->item, meet_kept, &now);
}

/* Kept as a row, for whoever repeats it (E19), for a review, for the month's sample. */
static int keep(upp_txn *txn, const decision *d, const char *id)
{
    return upp_exec(txn,
                    "INSERT INTO decision(decision, item, account, version, action, person, second,"
                    " law, alone, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    BIND(V(id), V(d->m->item), V(d->m->account), V(d->version),
                         V((int64_t)d->action), V(d->by), V(d->second), V(d->law),
                         V(d->alone ? 1 : 0), V(upp_now(txn))));
}

/* Who removed it outside uppsikt has been said (E15). */
static int meet_errand(upp_txn *txn, const matter *m, void *ctx)
{
    const upp_ms *now = ctx;
    return m->errand == ERRAND_OUTSIDE
               ? matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_JUDGED, *now)
               : 0;
}

int decision_make(upp_txn *txn, const rules *r, const decision *d, char ret_id[UPP_ID])
{
    uint32_t round = 1;
    upp_ms now = upp_now(txn);
    upp_id(txn, ret_id);
    UPP_TRY(round_of(txn, d->m->item, &round));
    UPP_TRY(say_decision(txn, d, ret_id));
    UPP_TRY(keep(txn, d, ret_id));
    UPP_TRY(upp_exec(txn, "UPDATE item SET decided = max(decided, ?2) WHERE item = ?1",
                     BIND(V(d->m->item), V(d->version))));
    if (d->m->errand == ERRAND_OUTSIDE)
        UPP_TRY(matter_each_open(txn, d->m->item, meet_errand, &now));
    if (d->alone)
        UPP_TRY(review_open(txn, r, d, ret_id));
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP ||
        d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
        return stays(txn, d->m);
    return removal(txn, r, d, round);
}

int decision_standing(upp_txn *txn, const char *item, standing *ret_standing)
{
    standing s = { 0 };
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT hidden, gone <> 0 OR removed, coalesce((SELECT d.action FROM"
                  " decision d WHERE d.item = i.item ORDER BY d.at_ms DESC,"
                  " d.decision DESC LIMIT 1), 0), coalesce((SELECT max(m.duty) FROM matter m"
                  " WHERE m.item = i.item), 0) FROM item i WHERE i.item = ?1",
                  BIND(V(item)));
    if (upp_next(&row))
        s = (standing){ .hidden = upp_col_int(&row, 0) != 0,
                        .gone = upp_col_int(&row, 1) != 0,
                        .decided = (Uppsikt__ItemAction)upp_col_int(&row, 2),
                        .duty = (Uppsikt__Duty)upp_col_int(&row, 3) };
    *ret_standing = s;
    return row.rc;
}

bool decision_removes(Uppsikt__ItemAction action)
{
    return action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE ||
           action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
}

/* To show again is a decision of its own, whatever has become of the matter: about what is hidden
 * there, or is to be; and with words of why. What the law may want gone a person may show, too: she
 * is told. */
static int check_show(upp_txn *txn, const Uppsikt__Decide *d, const standing *s)
{
    if (d->n_also > 0)
        return upp_refuse(txn, "show-one-by-one");
    if (s->gone)
        return upp_refuse(txn, "item-gone");
    if (!s->hidden && !decision_removes(s->decided))
        return upp_refuse(txn, "not-hidden");
    return d->note[0] ? 0 : upp_refuse(txn, "note-missing");
}

/* Words that nobody has decided on yet have a matter of their own: there they are decided on. */
static int check_newer(upp_txn *txn, const matter *m)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM matter WHERE item = ?1 AND errand = 0 AND state = 0"
                             " AND kind IN (1, 2, 5) AND round > ?2",
                             BIND(V(m->item), V(m->round)));
    if (upp_next(&row))
        return upp_refuse(txn, "decide-newer");
    return row.rc;
}

/* R25: what is done with is decided anew when that changes something, one by one, and with words of
 * why. A question's end, and an errand's, is no decision. */
static int check_anew(upp_txn *txn, const Uppsikt__Decide *d, const matter *m, const standing *s)
{
    if (m->errand != ERRAND_NONE || m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return upp_refuse(txn, "matter-closed");
    if (d->n_also > 0)
        return upp_refuse(txn, "anew-one-by-one");
    if (s->gone)
        return upp_refuse(txn, "item-gone");
    UPP_TRY(check_newer(txn, m));
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP) {
        if (s->hidden && s->decided != UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
            return upp_refuse(txn, "hidden-show-it");
        if (s->decided && !decision_removes(s->decided))
            return upp_refuse(txn, "kept-already");
    }
    /* what is hidden may be on its way to be deleted, or to be shown: then it says something */
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE && s->hidden &&
        (!s->decided || s->decided == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE))
        return upp_refuse(txn, "hidden-already");
    return d->note[0] ? 0 : upp_refuse(txn, "anew-note-missing");
}

static int check(upp_txn *txn, const Uppsikt__Decide *d, const matter *m, const standing *s)
{
    uint32_t newest = 0;
    if (m->errand != ERRAND_NONE && m->errand != ERRAND_OUTSIDE)
        return upp_refuse(txn, "not-to-be-decided");
    UPP_TRY(decision_newest(txn, m->item, &newest));
    if (d->version != newest)
        return upp_refuse(txn, "stale-version");
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
        UPP_TRY(check_show(txn, d, s));
    else if (d->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP && !decision_removes(d->action))
        return upp_refuse(txn, "unknown-action");
    else if (m->state != MATTER_OPEN)
        UPP_TRY(check_anew(txn, d, m, s));
    if (d->law[0] && !law_of(d->law))
        return upp_refuse(txn, "no-such-law");
    UPP_TRY(register_need_row(txn, d->plan_row, m->account));
    return d->reason[0] ? 0 : upp_refuse(txn, "reason-missing");
}

/* P3: fewer than two are present today, so one may do it alone. 1: no, there are two. */
static int may_alone(upp_txn *txn, const rules *r, const matter *m)
{
    UPP_AUTO(roster_done) roster ro = { 0 };
    enum resolve_forecast today = RESOLVE_STAFFED;
    UPP_TRY(roster_read(txn, r, m, &ro));
    UPP_TRY(resolve_forecast(&ro.question, zone_day(r->tz, upp_now(txn)), &today));
    return today == RESOLVE_STAFFED ? 1 : 0;
}

/* P1, P3, P5: to delete takes two, unless a law lets one, or nobody else is there. Whatever one
 * does alone is reviewed. `ret_second`: it waits for a second person, and is hidden until then. */
static int settle_who(upp_txn *txn, const rules *r, const Uppsikt__Decide *c, decision *d,
                      bool *ret_second)
{
    const law *l = law_of(d->law);
    *ret_second = false;
    d->alone = false;
    if (c->action != UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE || d->m->errand != ERRAND_NONE)
        return 0;
    d->alone = l && l->alone;
    if (d->alone)
        return 0;
    if (c->alone) {
        const int two = may_alone(txn, r, d->m);
        UPP_TRY(two);
        if (two)
            return upp_refuse(txn, "two-are-present");
        d->alone = true;
        return 0;
    }
    *ret_second = true;
    d->action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    return 0;
}

static int decide_one(upp_txn *txn, const rules *r, const Uppsikt__Decide *c, decision *d,
                      char ret_id[UPP_ID], char ret_approval[UPP_ID])
{
    bool second = false;
    ret_approval[0] = '\0';
    UPP_TRY(settle_who(txn, r, c, d, &second));
    if (second)
        UPP_TRY(approval_ask(txn, r, d, ret_approval));
    return decision_make(txn, r, d, ret_id);
}

/* E19: the same words by the same author, at their only version: nobody decides on what she has not
 * seen. */
static int read_member(upp_txn *txn, const rules *r, const actor *who, const matter *m,
                       const char *id, matter *ret_member)
{
    item_row first, other;
    const int missing = matter_read(txn, id, ret_member);
    UPP_TRY(missing);
    if (missing || ret_member->state != MATTER_OPEN || ret_member->errand != ERRAND_NONE)
        return upp_refuse(txn, "matter-closed");
    const int stranger = act_may(txn, r, who->by, ret_member);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    const int one = item_read(txn, m->item, &first), two = item_read(txn, ret_member->item, &other);
    UPP_TRY(one);
    UPP_TRY(two);
    const char *const clusters[] = { first.repeats[0] ? first.repeats : first.item,
                                     other.repeats[0] ? other.repeats : other.item };
    if (strcmp(clusters[0], clusters[1]) != 0 || other.version != 1)
        return upp_refuse(txn, "not-the-same");
    return 0;
}

static int decide_others(upp_txn *txn, const rules *r, const Uppsikt__Decide *c, const actor *who,
                         const decision *d)
{
    enum { AT_ONCE = 100 };
    if (c->n_also > AT_ONCE)
        return upp_refuse(txn, "too-many");
    for (size_t i = 0; i < c->n_also; i++) {
        char id[UPP_ID], approval[UPP_ID];
        matter m;
        UPP_TRY(read_member(txn, r, who, d->m, c->also[i], &m));
        decision one = *d;
        one.m = &m;
        one.version = 1;
        one.action = c->action;
        UPP_TRY(decide_one(txn, r, c, &one, id, approval));
    }
    return 0;
}

/* What she has to know beside her decision: what may still be on its way, how it stands there now,
 * what the law may want gone. */
static void tell(const Uppsikt__Decide *c, const standing *s, Uppsikt__Decided *out)
{
    const bool shows = c->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
    const bool may_stay = shows || c->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP;
    if (!may_stay)
        return;
    out->hidden = s->hidden && !shows;
    const bool done = s->hidden && s->decided == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    if (decision_removes(s->decided) && !done)
        out->recalled = s->decided;
    if (shows && matter_is_bound(&(matter){ .duty = s->duty }))
        out->duty = s->duty;
}

int on_decide(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Decide *c = msg;
    matter m;
    actor who;
    standing before;
    char id[UPP_ID], approval[UPP_ID];
    UPP_TRY(act_any(txn, self, in, c->matter, "", &who, &m));
    UPP_TRY(decision_standing(txn, m.item, &before));
    UPP_TRY(check(txn, c, &m, &before));
    decision what = { .m = &m,
                      .version = c->version,
                      .action = c->action,
                      .reason = c->reason,
                      .plan_row = c->plan_row,
                      .law = c->law,
                      .note = c->note,
                      .by = who.by,
                      .second = "" };
    UPP_TRY(decide_one(txn, self, c, &what, id, approval));
    UPP_TRY(decide_others(txn, self, c, &who, &what));
    Uppsikt__Decided out = UPPSIKT__DECIDED__INIT;
    out.decision = id;
    out.matter = m.id;
    out.approval = approval;
    tell(c, &before, &out);
    return upp_reply(txn, &out.base);
}
