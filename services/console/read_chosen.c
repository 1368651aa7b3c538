/* read_chosen.c - matters that one decision is to be made on: what each is, and whether it can be
 * (R25). */
#include "console.h"
#include <stdio.h>
#include <string.h>

enum { CHOSEN_MAX = 200, ROWS = 20, AUTHORITIES = 16 };

typedef struct plan_rows {
    Uppsikt__PlanRow row[ROWS], *list[ROWS];
    char id[ROWS][CONSOLE_ID], process[ROWS][CONSOLE_ID], kind[ROWS][200], decision[ROWS][200];
    size_t n;
} plan_rows;

/* Which authorities' rows have been told. */
typedef struct told {
    char authority[AUTHORITIES][CONSOLE_ID];
    size_t n;
} told;

static bool is_told(told *t, const char *authority)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->authority[i], authority) == 0)
            return true;
    if (t->n == AUTHORITIES)
        return true; /* those that come later have the laws alone */
    snprintf(t->authority[t->n++], CONSOLE_ID, "%s", authority);
    return false;
}

/* Rows in force that let something go, of the authority. */
static int read_rows(upp_txn *txn, const char *authority, plan_rows *p)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT plan_row, process, kind, decision FROM plan"
                             " WHERE authority = ?1 AND decision <> '' AND action = 2"
                             " ORDER BY kind LIMIT ?2",
                             BIND(V(authority), V((int64_t)ROWS)));
    while (upp_next(&row)) {
        const size_t n = p->n++;
        uppsikt__plan_row__init(&p->row[n]);
        snprintf(p->id[n], sizeof p->id[n], "%s", upp_col_text(&row, 0));
        snprintf(p->process[n], sizeof p->process[n], "%s", upp_col_text(&row, 1));
        snprintf(p->kind[n], sizeof p->kind[n], "%s", upp_col_text(&row, 2));
        snprintf(p->decision[n], sizeof p->decision[n], "%s", upp_col_text(&row, 3));
        p->row[n].row = p->id[n];
        p->row[n].process = p->process[n];
        p->row[n].kind = p->kind[n];
        p->row[n].decision = p->decision[n];
        p->list[n] = &p->row[n];
    }
    return row.rc;
}

static int read_account(upp_txn *txn, const char *person, const desk_shown *s,
                        Uppsikt__ChosenRow *row, char ret_authority[CONSOLE_ID])
{
    UPP_ROWS r =
        upp_query(txn,
                  "SELECT authority, EXISTS (SELECT 1 FROM may_act x WHERE x.account = a.account"
                  " AND x.person = ?2), coalesce((SELECT gone FROM item WHERE item = ?3), 0)"
                  " FROM account a WHERE a.account = ?1",
                  BIND(V(s->account), V(person), V(s->item)));
    if (upp_next(&r)) {
        snprintf(ret_authority, CONSOLE_ID, "%s", upp_col_text(&r, 0));
        row->may_act = upp_col_int(&r, 1) != 0;
        row->is_gone = upp_col_int(&r, 2) != 0;
    }
    return r.rc;
}

static int reply_one(upp_txn *txn, const Uppsikt__Chosen *q, const char *matter, told *t)
{
    static const char *const states[] = { "open", "met", "withdrawn" };
    UPP_AUTO(desk_done) desk_shown s = { .matter = "" };
    plan_rows rows = { .n = 0 };
    char start[DESK_TEXT], authority[CONSOLE_ID] = "";
    Uppsikt__ChosenRow out = UPPSIKT__CHOSEN_ROW__INIT;
    Uppsikt__ChosenRowContent content = UPPSIKT__CHOSEN_ROW_CONTENT__INIT;
    const int missing = desk_fill(txn, matter, &s);
    upp_check(missing <= 0);
    UPP_TRY(missing);
    UPP_TRY(read_account(txn, q->person, &s, &out, authority));
    if (!is_told(t, authority))
        UPP_TRY(read_rows(txn, authority, &rows));
    desk_cover(&s, start);
    out.desk = &s.row;
    out.state = upp_lend(states[(size_t)s.state % UPP_LEN(states)]);
    out.authority = authority;
    out.rows = rows.list;
    out.n_rows = rows.n;
    content.desk = &s.content;
    return upp_reply_content(txn, &out.base, &content.base);
}

/* May she see it? Nobody else's matter is there at all. 1: no. */
static int may_see(upp_txn *txn, const Uppsikt__Chosen *q, const char *matter)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM matter m WHERE m.matter = ?1 AND m.account IN"
                             " (SELECT account FROM may_see WHERE person = ?2)",
                             BIND(V(matter), V(q->person)));
    return upp_next(&row) ? 0 : row.rc < 0 ? row.rc : 1;
}

int console_chosen(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Chosen *q = msg;
    told t = { .n = 0 };
    for (size_t i = 0; i < q->n_matters && i < CHOSEN_MAX; i++) {
        const int hidden = may_see(txn, q, q->matters[i]);
        UPP_TRY(hidden);
        if (hidden == 0)
            UPP_TRY(reply_one(txn, q, q->matters[i], &t));
    }
    return 0;
}
