/* candidate.c - which items a proposal is about: of a kind that the row covers, past its period,
 * not held, not waiting for anybody. No row means keep (R21). */
#include "candidate.h"
#include "due.h"
#include "thing.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void candidates_done(candidates *list)
{
    free(list->rows);
    *list = (candidates){ 0 };
}

/* -- on which ground -- */
int candidate_row(upp_txn *txn, const char *plan_row, ground *ret_ground)
{
    ground g = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT authority, action, months, decision, valid_from_ms, mandate,"
                             " process, kind, covers FROM retention WHERE row = ?1",
                             BIND(V(plan_row)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "row-unknown");
    snprintf(g.row, sizeof g.row, "%s", plan_row);
    snprintf(g.authority, sizeof g.authority, "%s", upp_col_text(&row, 0));
    g.months = (int32_t)upp_col_int(&row, 2);
    snprintf(g.decision, sizeof g.decision, "%s", upp_col_text(&row, 3));
    snprintf(g.mandate, sizeof g.mandate, "%s", upp_col_text(&row, 5));
    snprintf(g.process, sizeof g.process, "%s", upp_col_text(&row, 6));
    snprintf(g.kind, sizeof g.kind, "%s", upp_col_text(&row, 7));
    g.covers = cover_of_text(upp_col_text(&row, 8));
    if (!g.decision[0] || upp_col_int(&row, 4) > upp_now(txn))
        return upp_refuse(txn, "row-not-adopted");
    if (upp_col_int(&row, 1) != UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE)
        return upp_refuse(txn, "row-keeps");
    if (!g.covers)
        return upp_refuse(txn, "row-adopt-anew");
    *ret_ground = g;
    return 0;
}

/* The account's; of a line that names none: of whoever loaded it, "" when nobody knows. */
static int authority_of(upp_txn *txn, const char *account, const char *loader,
                        char ret_authority[EVIDENCE_ID])
{
    return account[0] ? register_authority_of(txn, account, ret_authority)
                      : register_authority_of_person(txn, loader, ret_authority);
}

static int authority_of_item(upp_txn *txn, const char *item, char ret_authority[EVIDENCE_ID])
{
    char account[EVIDENCE_ID] = "", loader[EVIDENCE_ID] = "";
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT account, loader FROM item WHERE item = ?1", BIND(V(item)));
        if (upp_next(&row)) {
            snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
            snprintf(loader, sizeof loader, "%s", upp_col_text(&row, 1));
        } else {
            thing t;
            UPP_TRY(row.rc);
            const int none = thing_find(txn, item, &t);
            snprintf(ret_authority, EVIDENCE_ID, "%s", none ? "" : t.authority);
            return none < 0 ? none : 0;
        }
    }
    return authority_of(txn, account, loader, ret_authority);
}

int candidate_ground(upp_txn *txn, const Uppsikt__ProposeDisposal *c, const char *by,
                     ground *ret_ground)
{
    ground g = { 0 };
    if (!c->plan_row[0] == !c->law[0])
        return upp_refuse(txn, "row-or-law");
    if (c->law[0] && c->n_items == 0)
        return upp_refuse(txn, "law-needs-items");
    snprintf(g.law, sizeof g.law, "%.100s", c->law);
    if (!c->law[0])
        UPP_TRY(candidate_row(txn, c->plan_row, &g));
    if (!c->law[0] && g.months == 0 && c->n_items == 0 && c->before_ms <= 0)
        return upp_refuse(txn, "period-needs-a-day");
    if (!g.authority[0])
        UPP_TRY(c->n_items > 0  ? authority_of_item(txn, c->items[0], g.authority)
                : c->account[0] ? register_authority_of(txn, c->account, g.authority)
                                : register_authority_of_person(txn, by, g.authority));
    if (!g.authority[0] && !g.law[0]) /* of nobody's own: whoever disposes answers for it */
        UPP_TRY(register_authority_of_person(txn, by, g.authority));
    *ret_ground = g;
    return 0;
}

/* -- which items -- */
/* What is known of one item, for the rules below. */
typedef struct facts {
    char item[EVIDENCE_ID], account[EVIDENCE_ID], cited[EVIDENCE_ID], loader[EVIDENCE_ID];
    upp_ms closed; /* when the last thing about it ended */
    enum cover_kind kind;
    bool removed, held, open;
    const char *authority, *why; /* of what is no item: thing.h; else NULL */
} facts;

/* A decision on `i` that removes, and holds: a newer one that it stays, or is shown again, takes it
 * back, unless it was deleted by then (R25). */
#define REMOVAL                                                                                    \
    "d.item = i.item AND d.action IN (2, 3) AND (NOT EXISTS(SELECT 1 FROM decision k"              \
    " WHERE k.item = d.item AND k.action IN (1, 4) AND (k.at_ms, k.decision) > (d.at_ms,"          \
    " d.decision)) OR EXISTS(SELECT 1 FROM action a WHERE a.action = d.decision AND a.what = 3))"

#define FACTS                                                                                      \
    "SELECT i.item, i.account, i.loader, max(i.received_ms, i.gone_ms,"                            \
    " coalesce((SELECT max(m.closed_ms) FROM matter m WHERE m.item = i.item), 0),"                 \
    " coalesce((SELECT max(a.at_ms) FROM action a WHERE a.item = i.item), 0)),"                    \
    " (SELECT d.plan_row FROM decision d WHERE " REMOVAL                                           \
    "  ORDER BY d.at_ms DESC, d.decision DESC LIMIT 1),"                                           \
    " EXISTS(SELECT 1 FROM decision d WHERE " REMOVAL "),"                                         \
    " EXISTS(SELECT 1 FROM hold h WHERE h.released_ms = 0"                                         \
    "  AND (h.account = i.account OR h.item = i.item)),"                                           \
    " EXISTS(SELECT 1 FROM matter m WHERE m.item = i.item AND m.closed_ms = 0"                     \
    "  AND m.kind IN (1, 2, 3)), i.kind, i.platform = '' FROM item i "

/* Our own words have no platform here (own_words). COVER_KINDS: ingest has not said yet. */
static enum cover_kind kind_of(int64_t kind, bool ours, bool removed)
{
    enum cover_kind of = COVER_KINDS;
    switch (kind) {
    case ITEM_LINE:
        return COVER_LINE;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT:
        of = COVER_COMMENT;
        break;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY:
        of = ours ? COVER_OWN : COVER_COMMENT;
        break;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION:
        of = COVER_MENTION;
        break;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE:
        of = COVER_MESSAGE;
        break;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_REVIEW:
        of = COVER_REVIEW;
        break;
    case UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST:
    case UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY:
        of = COVER_OWN;
        break;
    default:
        return COVER_KINDS;
    }
    return removed ? COVER_REMOVED + of : of;
}

static facts facts_of(const upp_rows *row)
{
    facts f = { .closed = upp_col_int(row, 3),
                .removed = upp_col_int(row, 5) != 0,
                .held = upp_col_int(row, 6) != 0,
                .open = upp_col_int(row, 7) != 0 };
    snprintf(f.item, sizeof f.item, "%s", upp_col_text(row, 0));
    snprintf(f.cited, sizeof f.cited, "%s", upp_col_text(row, 4));
    snprintf(f.account, sizeof f.account, "%s", upp_col_text(row, 1));
    snprintf(f.loader, sizeof f.loader, "%s", upp_col_text(row, 2));
    f.kind = kind_of(upp_col_int(row, 8), upp_col_int(row, 9) != 0, f.removed);
    return f;
}

static facts facts_of_thing(const thing *t)
{
    facts f = { .closed = t->over,
                .kind = t->kind,
                .held = t->held,
                .open = t->why != NULL,
                .authority = t->authority,
                .why = t->why };
    snprintf(f.item, sizeof f.item, "%s", t->subject);
    snprintf(f.account, sizeof f.account, "%s", t->account);
    return f;
}

/* `ret_thing` is lent to the facts. 1: it is neither, or forgotten. */
static int find(upp_txn *txn, const char *item, thing *ret_thing, facts *ret_facts)
{
    const int gone = upp_forgotten(txn, item);
    if (gone)
        return gone;
    {
        UPP_ROWS row = upp_query(txn, FACTS "WHERE i.item = ?1", BIND(V(item)));
        if (upp_next(&row)) {
            *ret_facts = facts_of(&row);
            return 0;
        }
        UPP_TRY(row.rc);
    }
    const int none = thing_find(txn, item, ret_thing);
    if (none == 0)
        *ret_facts = facts_of_thing(ret_thing);
    return none;
}

static bool past(const keeper *k, const upp_txn *txn, const ground *g, const facts *f)
{
    return g->months == 0 || due_after(k->tz, f->closed, g->months) <= upp_now(txn);
}

/* 1: it is of another authority than the ground. */
static int elsewhere(upp_txn *txn, const ground *g, const facts *f)
{
    char authority[EVIDENCE_ID];
    if (f->authority) /* sign-ins of whoever nobody knows are nobody's own */
        return f->authority[0] && strcmp(f->authority, g->authority) != 0;
    UPP_TRY(authority_of(txn, f->account, f->loader, authority));
    return strcmp(authority, g->authority) != 0;
}

static bool covers(const ground *g, const facts *f)
{
    return f->kind != COVER_KINDS && (g->covers & 1U << f->kind);
}

static int add(upp_txn *txn, candidates *list, const ground *g, const facts *f)
{
    if (list->n == CANDIDATES_MAX)
        return upp_refuse(txn, "too-many-items");
    if (list->n % 64 == 0) {
        list->rows = realloc(list->rows, (list->n + 64) * sizeof *list->rows);
        upp_check(list->rows);
    }
    candidate *c = &list->rows[list->n++];
    snprintf(c->item, sizeof c->item, "%s", f->item);
    c->kind = f->kind;
    /* what the law demands does not wait for a clock */
    c->state = f->held ? LISTED_HELD : f->why || (f->open && !g->law[0]) ? LISTED_OPEN : LISTED;
    list->held += c->state == LISTED_HELD;
    list->open += c->state == LISTED_OPEN;
    return 0;
}

/* Named one by one: what is not so is said, never left out silently. */
static int take_named(upp_txn *txn, const keeper *k, const ground *g, const char *item,
                      candidates *list)
{
    facts f;
    thing t;
    const int none = find(txn, item, &t, &f);
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "no-such-item");
    const int other = elsewhere(txn, g, &f);
    UPP_TRY(other);
    if (other)
        return upp_refuse(txn, g->law[0] ? "several-authorities" : "row-of-another-authority");
    if (!g->law[0]) {
        if (f.cited[0] && strcmp(f.cited, g->row) != 0)
            return upp_refuse(txn, "of-another-row");
        if (!covers(g, &f))
            return upp_refuse(txn, "of-another-kind");
        if (!f.why && !past(k, txn, g, &f))
            return upp_refuse(txn, "not-due-yet");
    }
    if (f.why)
        return upp_refuse(txn, f.why);
    return add(txn, list, g, &f);
}

/* All that the row covers: what was removed by it and, before a day that is named, what nobody
 * removed; of its kinds. What is due but of another kind is counted and stays. */
static int take_due(upp_txn *txn, const keeper *k, const ground *g,
                    const Uppsikt__ProposeDisposal *c, candidates *list)
{
    UPP_ROWS row = upp_query(txn,
                             FACTS "WHERE (?1 = '' OR i.account = ?1)"
                                   " AND (?2 <= 0 OR i.received_ms < ?2) AND i.kind <> 0",
                             BIND(V(c->account), V(c->before_ms)));
    while (upp_next(&row)) {
        const facts f = facts_of(&row);
        const int gone = upp_forgotten(txn, f.item);
        UPP_TRY(gone);
        const int other = gone ? 1 : elsewhere(txn, g, &f);
        UPP_TRY(other);
        const bool asked = f.removed ? strcmp(f.cited, g->row) == 0 : c->before_ms > 0;
        if (other || !asked || f.kind == COVER_KINDS || !past(k, txn, g, &f))
            continue;
        if (!covers(g, &f)) {
            list->left[f.kind]++;
            continue;
        }
        UPP_TRY(add(txn, list, g, &f));
    }
    return row.rc;
}

/* What is no item: all of the row's kinds that is past its period and was over before the day that
 * is named, if one is. */
typedef struct taking {
    const keeper *k;
    const ground *g;
    candidates *list;
    upp_ms before;
} taking;

static int take_thing(upp_txn *txn, void *ctx, const thing *t)
{
    const taking *by = ctx;
    const facts f = facts_of_thing(t);
    const int other = elsewhere(txn, by->g, &f);
    UPP_TRY(other);
    const bool over = f.closed > 0 && f.closed < upp_now(txn);
    if (other || !over || !past(by->k, txn, by->g, &f) ||
        (by->before > 0 && f.closed >= by->before))
        return 0;
    return add(txn, by->list, by->g, &f);
}

static int by_item(const void *a, const void *b)
{
    return strcmp(((const candidate *)a)->item, ((const candidate *)b)->item);
}

int candidate_list(upp_txn *txn, const keeper *k, const ground *g,
                   const Uppsikt__ProposeDisposal *c, candidates *ret_list)
{
    candidates list = { 0 };
    int rc = c->n_items > CANDIDATES_MAX ? upp_refuse(txn, "too-many-items") : 0;
    for (size_t i = 0; i < c->n_items && rc >= 0; i++)
        rc = take_named(txn, k, g, c->items[i], &list);
    taking by = { k, g, &list, c->before_ms };
    if (c->n_items == 0)
        rc = take_due(txn, k, g, c, &list);
    if (c->n_items == 0 && rc >= 0)
        rc = thing_each(txn, g->covers & THING_KINDS, c->account, take_thing, &by);
    if (rc < 0) {
        candidates_done(&list);
        return rc;
    }
    if (list.n > 0)
        qsort(list.rows, list.n, sizeof *list.rows, by_item);
    size_t n = 0; /* one that was named twice is one */
    for (size_t i = 0; i < list.n; i++) {
        if (n > 0 && strcmp(list.rows[n - 1].item, list.rows[i].item) == 0) {
            list.held -= list.rows[i].state == LISTED_HELD;
            list.open -= list.rows[i].state == LISTED_OPEN;
            continue;
        }
        if (list.rows[i].state == LISTED && list.rows[i].kind != COVER_KINDS)
            list.taken[list.rows[i].kind]++;
        list.rows[n++] = list.rows[i];
    }
    list.n = n;
    *ret_list = list;
    return 0;
}

/* What was removed meanwhile, or by another row, is not what the row was to take, nor is what it
 * lets go later now. */
int candidate_now(upp_txn *txn, const keeper *k, const char *item, const ground *g,
                  enum listed_state *ret_state)
{
    facts f;
    thing t;
    const int none = find(txn, item, &t, &f);
    if (none) {
        *ret_state = LISTED_GONE;
        return none < 0 ? none : 0;
    }
    const int other = elsewhere(txn, g, &f);
    UPP_TRY(other);
    const bool stays =
        f.why || (!g->law[0] && (other || f.open || !covers(g, &f) || !past(k, txn, g, &f) ||
                                 (f.cited[0] && strcmp(f.cited, g->row) != 0)));
    *ret_state = f.held ? LISTED_HELD : stays ? LISTED_OPEN : LISTED;
    return 0;
}

int candidate_known(upp_txn *txn, const char *subject, known *ret_known)
{
    facts f;
    thing t;
    const int none = find(txn, subject, &t, &f);
    known k = { .kind = COVER_KINDS };
    if (none == 0) {
        k = (known){ .kind = f.kind, .held = f.held, .why = f.why };
        snprintf(k.cited, sizeof k.cited, "%s", f.cited);
        snprintf(k.authority, sizeof k.authority, "%s", f.authority ? f.authority : "");
    }
    *ret_known = k;
    return none || f.authority ? none
                               : authority_of(txn, f.account, f.loader, ret_known->authority);
}
