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
    bool look, moderation, question, see;
    upp_ms now;
} want;

/* Closes what the rows ask for no longer. What a person must still do stays open. */
static int close_unwanted(upp_txn *txn, const matter *m, void *ctx)
{
    const want *w = ctx;
    const bool look = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK && !w->look && !m->outside;
    const bool see = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE && !w->see;
    const bool question = m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION && !w->question;
    if (!look && !see && !question)
        return 0;
    return matter_withdraw(txn, m->id, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_RECLASSIFIED, w->now);
}

/* -- questions -- */
/* When a person ended each round without an answer. */
static int read_closed(upp_txn *txn, const char *item, upp_ms ret_closed[ROUND_MAX])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT round, met_ms FROM matter WHERE item = ?1 AND kind = ?2"
                             " AND state = ?3 AND met_how IN (?4, ?5)",
                             BIND(V(item), V((int64_t)UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION),
                                  V((int64_t)MATTER_MET),
                                  V((int64_t)UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER),
                                  V((int64_t)UPPSIKT__MET_HOW__MET_HOW_REFERRED)));
    while (upp_next(&row)) {
        const int64_t round = upp_col_int(&row, 0);
        if (round >= 1 && round <= ROUND_MAX)
            ret_closed[round - 1] = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* Whether the answer of that time went out through uppsikt. */
static int how_answered(upp_txn *txn, const char *item, upp_ms at, Uppsikt__MetHow *ret_how)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM answer WHERE item = ?1 AND at_ms = ?2 AND ours = 1",
                  BIND(V(item), V(at)));
    *ret_how = upp_next(&row) ? UPPSIKT__MET_HOW__MET_HOW_ANSWERED
                              : UPPSIKT__MET_HOW__MET_HOW_ANSWERED_OUTSIDE;
    return row.rc;
}

static int open_rounds(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j,
                       const round_span *rounds, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        matter m;
        Uppsikt__MetHow how;
        start(i, j, &m);
        m.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION;
        m.round = (uint32_t)k + 1;
        m.received_ms = rounds[k].start;
        m.seen_ms = rounds[k].seen;
        matter_name(m.item, m.kind, m.round, m.id);
        UPP_TRY(matter_open(txn, r, &m));
        if (!rounds[k].ended)
            continue;
        UPP_TRY(how_answered(txn, i->item, rounds[k].end, &how));
        UPP_TRY(matter_meet(txn, m.id, how, rounds[k].end));
    }
    return 0;
}

/* -- gone -- */
static int end_gone(upp_txn *txn, const matter *m, void *ctx)
{
    const item_row *i = ctx;
    static const struct {
        Uppsikt__GoneBy who;
        Uppsikt__WithdrawnHow how;
    } rows[] = {
        { UPPSIKT__GONE_BY__GONE_BY_AUTHOR, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_AUTHOR },
        { UPPSIKT__GONE_BY__GONE_BY_PLATFORM, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_PLATFORM },
    };
    if (m->outside)
        return 0;
    if (m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION) {
        if (i->removed)
            return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED, i->gone_ms);
        if (i->gone == UPPSIKT__GONE_BY__GONE_BY_US)
            return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_REMOVED_OUTSIDE, i->gone_ms);
    }
    Uppsikt__WithdrawnHow how = UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_UNKNOWN;
    for (size_t n = 0; n < UPP_LEN(rows); n++)
        if (rows[n].who == i->gone)
            how = rows[n].how;
    return matter_withdraw(txn, m->id, how, i->gone_ms);
}

/* E14, E15: it may have been one of us: the administrators are asked, then the manager. */
static int ask_who(upp_txn *txn, const rules *r, const item_row *i, const item_judgement *j)
{
    matter m;
    start(i, j, &m);
    m.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK;
    m.round = 1;
    m.outside = true;
    m.received_ms = i->gone_ms;
    m.seen_ms = i->gone_ms;
    snprintf(m.id, sizeof m.id, "%.40s.o1", i->item);
    return matter_open(txn, r, &m);
}

static int settle_gone(upp_txn *txn, const rules *r, item_row *i, const item_judgement *j)
{
    UPP_TRY(matter_each_open(txn, i->item, end_gone, i));
    const bool others = i->gone == UPPSIKT__GONE_BY__GONE_BY_AUTHOR ||
                        i->gone == UPPSIKT__GONE_BY__GONE_BY_PLATFORM;
    return others || i->removed ? 0 : ask_who(txn, r, i, j);
}

int intake_reconsider(upp_txn *txn, const rules *r, const char *item)
{
    item_row i;
    item_judgement j;
    upp_ms closed[ROUND_MAX] = { 0 };
    round_span rounds[ROUND_MAX];
    size_t n_rounds = 0;
    const int missing = item_read(txn, item, &i);
    UPP_TRY(missing);
    if (missing || i.kind == UPPSIKT__ITEM_KIND__ITEM_KIND_UNSPECIFIED || i.backfill)
        return 0; /* ingest's first word will come; or it is older than the connection */
    UPP_TRY(item_judge(txn, &i, &j));
    UPP_TRY(read_closed(txn, item, closed));
    UPP_TRY(item_rounds(txn, &i, closed, rounds, &n_rounds));

    const bool there = i.gone == UPPSIKT__GONE_BY__GONE_BY_UNSPECIFIED;
    const bool undecided = i.version > i.decided;
    want w = { .now = upp_now(txn), .question = n_rounds > 0 };
    w.moderation = undecided && ((j.likely & ITEM_VIOLATION_BITS) != 0 || j.danger);
    w.look = there && undecided && !w.moderation &&
             (!j.all_judged || (j.review & ITEM_VIOLATION_BITS) != 0);
    w.see = there && undecided && !w.moderation && !w.look && !w.question && i.mark == 0;
    UPP_TRY(matter_each_open(txn, item, close_unwanted, &w));
    if (w.look)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK));
    if (w.moderation)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION));
    if (w.see)
        UPP_TRY(open_kind(txn, r, &i, &j, UPPSIKT__MATTER_KIND__MATTER_KIND_SEE));
    UPP_TRY(open_rounds(txn, r, &i, &j, rounds, n_rounds));
    return there ? 0 : settle_gone(txn, r, &i, &j);
}
