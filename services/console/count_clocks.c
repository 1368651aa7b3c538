/* count_clocks.c - what came in and how it went, by clock, from what was heard (R32): defined as
 * escalation's report is (sla.md §8), so that nobody reads two truths. What is open past its due
 * counts as not in time: nobody is better for leaving it. */
#include "console.h"

static const char *const names[CLOCKS] = { "moderation", "akut", "question",
                                           "answer",     "look", "appeal" };

static void take(const upp_rows *row, Uppsikt__ReportRow *c)
{
    c->n_in = upp_col_int(row, 1);
    c->met = upp_col_int(row, 2);
    c->late = upp_col_int(row, 3);
    c->open_late = upp_col_int(row, 4);
    c->open = upp_col_int(row, 5);
    c->withdrawn = upp_col_int(row, 6);
    c->within_24h = upp_col_int(row, 7);
    c->within_attended = upp_col_int(row, 8);
    c->needs_no_answer = upp_col_int(row, 9);
    c->changed = upp_col_int(row, 10);
    const int64_t judged = c->met + c->late + c->open_late;
    c->percent = judged > 0 ? c->met * 100 / judged : -1;
}

int clocks_count(upp_txn *txn, const char *account, const clock_period *p, clock_counts *ret_counts)
{
    clock_counts *counts = ret_counts;
    counts->n = 0;
    for (size_t i = 0; i < CLOCKS; i++) {
        uppsikt__report_row__init(&counts->row[i]);
        counts->row[i].account = upp_lend(account);
        counts->row[i].clock = upp_lend(names[i]);
        counts->row[i].percent = -1;
    }
    /* The clock of the full answer after an interim reply: its matter's id is <item>.a<round>. What
     * was decided anew counts once, as it was met first. */
    UPP_ROWS row = upp_query(
        txn,
        "SELECT CASE WHEN errand <> '' THEN 5 WHEN kind = 2 THEN akut WHEN kind = 3 THEN 2 + "
        "(matter GLOB '*.a[0-9]*')"
        " ELSE 4 END AS clock, count(*), sum(state = 1 AND (within & 1) <> 0),"
        " sum(state = 1 AND (within & 1) = 0), sum(state = 0 AND due_ms > 0 AND due_ms < ?4),"
        " sum(state = 0 AND (due_ms = 0 OR due_ms >= ?4)), sum(state = 2),"
        " sum(state = 1 AND ended_ms <= received_ms + ?5), sum(state = 1 AND (within & 2) <> 0),"
        " sum(state = 1 AND how = 7), sum(state = 1 AND how = 16) FROM (SELECT matter, kind, akut,"
        " errand, within, due_ms, received_ms, how, iif(first_ms > 0, 1, state) AS state,"
        " iif(first_ms > 0, first_ms, ended_ms) AS ended_ms FROM matter WHERE received_ms >= ?2"
        " AND received_ms < ?3 AND errand IN ('', 'appeal') AND kind IN (1, 2, 3)"
        " AND (?1 = '' OR account = ?1)) GROUP BY clock",
        BIND(V(account), V(p->from), V(p->to), V(upp_now(txn)), V(UPP_DAY)));
    while (upp_next(&row)) {
        const int64_t i = upp_col_int(&row, 0);
        if (i >= 0 && i < CLOCKS)
            take(&row, &counts->row[i]);
    }
    UPP_TRY(row.rc);
    for (size_t i = 0; i < CLOCKS; i++)
        if (!account[0] || counts->row[i].n_in > 0)
            counts->list[counts->n++] = &counts->row[i];
    return 0;
}
