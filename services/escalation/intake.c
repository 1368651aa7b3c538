/* intake.c - which matters an item asks for. It reads only the item's rows, never what has just
 * been heard: so the handlers (hear.c) commute (ARCHITECTURE §5). */
#include "escalation.h"
#include "item.h"
#include <stdio.h>
#include <string.h>

/* sla.md §3.3: what binds us by law or endangers somebody, and only where the machine is sure. A
 * message to us alone has no BBS duty (law.md L4). */
static bool is_akut(const item_row *i, const item_judgement *j)
{
    const bool message = i->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE;
    const bool bound =
        (j->duty == UPPSIKT__DUTY__DUTY_BBS5 && !message) || j->duty == UPPSIKT__DUTY__DUTY_SECRECY;
    return j->danger || (bound && (j->likely & ITEM_VIOLATION_BITS) != 0);
}

static void start(const item_row *i, const item_judgement *j, matter *ret_matter)
{
    *ret_matter = (matter){ .version = i->version, .duty = j->duty, .records = j->records };
    snprintf(ret_matter->item, sizeof ret_matter->item, "%s", i->item);
    snprintf(ret_matter->account, sizeof ret_matter->account, "%s", i->account);
}

/* An edit after a decision starts its own clock, from the edit (E10); before one it buys no time
 * (E9). */
static int open_kind(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j,
                     Uppsikt__MatterKind kind)
{
    matter m;
    start(i, j, &m);
    m.kind = kind;
    m.round = i->decided + 1;
    m.received_ms = i->undecided_ms;
    m.seen_ms = i->undecided_seen_ms;
    m.akut = kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION && is_akut(i, j);
    matter_name(m.item, kind, m.round, m.id);
    return matter_open(txn, r, &m);
}

typedef struct want {
    bool look, moderation, see;
    upp_ms now;
} want;

/* Closes what the rows ask for no longer. What a person must still do stays open. */
static int close_unwanted(upp_txn *txn, const matter *m, void *ctx)
{
    const want *w = ctx;
    const bool look = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK && !w->look;
    const bool see = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE && !w->see;
    if (m->errand != ERRAND_NONE || (!look && !see))
        return 0;
    return matter_withdraw(txn, m->id, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED, w->now);
}

/* -- gone -- */
static int end_gone(upp_txn *txn, const matter *m, void *ctx)
{
    const item_row *i = ctx;
    if (m->errand != ERRAND_NONE || m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return 0; /* what somebody must do stays; a question's round ends by its own rules */
    if (m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION) {
        if (i->removed)
            return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED, i->gone_ms);
        if (i->gone == UPPSIKT__GONE_BY__GONE_BY_US)
            return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE, i->gone_ms);
    }
    return matter_withdraw(txn, m->id, item_withdrawn_how(i->gone), i->gone_ms);
}

/* An errand about the item: once. */
static int open_errand(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j,
                       enum errand errand, upp_ms at)
{
    matter m;
    start(i, j, &m);
    m.errand = errand;
    m.danger = errand == ERRAND_DANGER;
    m.received_ms = at;
    snprintf(m.about, sizeof m.about, "%s", i->item);
    return errand_open(txn, r, &m);
}

/* E14, E15: it may have been one of us: the administrators are asked, then the manager. */
static int settle_gone(upp_txn *txn, const rules *r, item_row *i, const item_judgement *j)
{
    UPP_TRY(matter_each_open(txn, i->item, end_gone, i));
    const bool others = i->gone == UPPSIKT__GONE_BY__GONE_BY_AUTHOR ||
                        i->gone == UPPSIKT__GONE_BY__GONE_BY_PLATFORM;
    return others || i->removed ? 0 : open_errand(txn, r, i, j, ERRAND_OUTSIDE, i->gone_ms);
}

/* -- hidden in the platform's own interface -- */
static int meet_hidden(upp_txn *txn, const matter *m, void *ctx)
{
    const item_row *i = ctx;
    if (m->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION || m->errand != ERRAND_NONE ||
        matter_is_bound(m))
        return 0;
    return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE, i->hidden_ms);
}

/* Its newest decision wants it away: whoever hid it did what was decided. */
static int is_decided_away(upp_txn *txn, const char *item, bool *ret_is)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT action FROM decision WHERE item = ?1"
                             " ORDER BY at_ms DESC, decision DESC LIMIT 1",
                             BIND(V(item)));
    const int64_t action = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    *ret_is = action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE ||
              action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
    return row.rc;
}

/* E15: a hide is enough for house rules, and one of us may have done it: the administrators are
 * asked, then the manager. When it is seen again, nobody is asked any more, and what was met so is
 * open again (matter_open). */
static int settle_hidden(upp_txn *txn, const rules *r, item_row *i, const item_judgement *j)
{
    bool away = false;
    if (i->hidden_ms == 0)
        return 0;
    if (i->hidden_ms < 0)
        return errand_end(txn, ERRAND_OUTSIDE, i->item, UPPSIKT__MET_HOW__MET_HOW_CLEARED,
                          upp_now(txn));
    UPP_TRY(matter_each_open(txn, i->item, meet_hidden, i));
    UPP_TRY(is_decided_away(txn, i->item, &away));
    return away || item_is_ours(i) ? 0 : open_errand(txn, r, i, j, ERRAND_OUTSIDE, i->hidden_ms);
}

/* What the machine's two signals ask for, whatever becomes of the comment (classification.md §3):
 * somebody calls; the registrar hears at once. A person's word ends them, never the machine's. */
static int open_signals(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j)
{
    if (j->danger)
        UPP_TRY(open_errand(txn, r, i, j, ERRAND_DANGER, i->undecided_ms));
    return j->records ? open_errand(txn, r, i, j, ERRAND_RECORDS, i->undecided_ms) : 0;
}

/* -- clusters: one author, the same words again (E19) -- */
/* The clock of the cluster is its first's. */
static int read_first(upp_txn *txn, item_row *i)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT received_ms, seen_ms FROM item WHERE item = ?1 AND kind <> 0"
                             " AND received_ms < ?2",
                             BIND(V(i->repeats), V(i->undecided_ms)));
    if (upp_next(&row) && i->decided == 0) {
        i->undecided_ms = upp_col_int(&row, 0);
        i->undecided_seen_ms = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* What was decided on another one of it is proposed, never done. */
static int inherit(upp_txn *txn, const item_row *i)
{
    const char *first = i->repeats[0] ? i->repeats : i->item;
    char made[UPP_ID] = "";
    int64_t action = 0;
    {
        UPP_ROWS row =
            upp_query(txn,
                      "SELECT d.decision, d.action FROM item o JOIN decision d ON d.item = o.item"
                      " WHERE (o.item = ?1 OR o.repeats = ?1) AND o.item <> ?2"
                      " ORDER BY d.at_ms DESC, d.decision DESC LIMIT 1",
                      BIND(V(first), V(i->item)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(made, sizeof made, "%s", upp_col_text(&row, 0));
        action = upp_col_int(&row, 1);
    }
    char id[MATTER_ID] = "";
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT matter FROM matter WHERE item = ?1 AND state = 0 AND"
                                 " errand = 0 AND kind IN (1, 2, 5) AND proposed_decision <> ?2"
                                 " AND decision = '' ORDER BY kind DESC",
                                 BIND(V(i->item), V(made)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
    }
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET proposed_decision = ?2, proposed_action = ?3"
                     " WHERE matter = ?1",
                     BIND(V(id), V(made), V(action))));
    Uppsikt__DecisionProposed out = UPPSIKT__DECISION_PROPOSED__INIT;
    out.matter = id;
    out.item = upp_lend(i->item);
    out.decision = made;
    out.action = (Uppsikt__ItemAction)action;
    return upp_emit(txn, i->item, &out.base, NULL);
}

static int open_wanted(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j,
                       const want *w)
{
    if (w->look)
        UPP_TRY(open_kind(txn, r, i, j, UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK));
    if (w->moderation)
        UPP_TRY(open_kind(txn, r, i, j, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION));
    if (w->see)
        UPP_TRY(open_kind(txn, r, i, j, UPPSIKT__MATTER_KIND__MATTER_KIND_SEE));
    return 0;
}

int intake_reconsider(upp_txn *txn, const rules *r, const char *item)
{
    item_row i;
    item_judgement j;
    bool asks = false;
    const int missing = item_read(txn, item, &i);
    UPP_TRY(missing);
    if (missing || i.kind == UPPSIKT__ITEM_KIND__ITEM_KIND_UNSPECIFIED || i.backfill)
        return 0; /* ingest's first word will come; or it is older than the connection */
    UPP_TRY(item_judge(txn, &i, &j));
    UPP_TRY(question_asks(txn, i.root, item, &asks));
    UPP_TRY(read_first(txn, &i));

    const bool there = i.gone == UPPSIKT__GONE_BY__GONE_BY_UNSPECIFIED;
    const bool undecided = i.version > i.decided;
    const bool ours = item_is_ours(&i); /* only what was surely found asks for anybody (R24) */
    const bool violates = (j.likely & ITEM_VIOLATION_BITS) != 0;
    want w = { .now = upp_now(txn) };
    w.moderation = undecided && violates;
    w.look = there && undecided && !ours && !w.moderation &&
             (!j.all_judged || (j.review & ITEM_VIOLATION_BITS) != 0 || j.danger);
    w.see = there && undecided && !ours && !w.moderation && !w.look && !asks && i.mark == 0;
    UPP_TRY(matter_each_open(txn, item, close_unwanted, &w));
    UPP_TRY(open_wanted(txn, r, &i, &j, &w));
    if (undecided && !ours)
        UPP_TRY(open_signals(txn, r, &i, &j));
    UPP_TRY(question_reconsider(txn, r, i.root));
    UPP_TRY(inherit(txn, &i));
    return there ? settle_hidden(txn, r, &i, &j) : settle_gone(txn, r, &i, &j);
}
