/* run_list.c - the runs, as the console and the operators' command see them. */
#include "archive.h"

static const char *const states[] = { "waiting", "capturing", "collecting", "manual",
                                      "packing", "sealed",    "failed" };

static int reply_run(upp_txn *txn, const archive *self, const upp_rows *row)
{
    char plan_row[64];
    Uppsikt__ArchiveRun out = UPPSIKT__ARCHIVE_RUN__INIT;
    UPP_TRY(heard_plan_row(txn, self, upp_col_text(row, 15), plan_row));
    out.run = upp_lend(upp_col_text(row, 0));
    out.account = upp_lend(upp_col_text(row, 1));
    out.campaign = upp_lend(upp_col_text(row, 2));
    out.state = upp_lend(states[upp_col_int(row, 3)]);
    out.cause = upp_lend(upp_col_text(row, 4));
    out.why = upp_lend(upp_col_text(row, 5));
    out.layout = upp_lend(upp_col_text(row, 6));
    out.content = upp_lend(upp_col_text(row, 7));
    out.due_ms = upp_col_int(row, 8);
    out.at_ms = upp_col_int(row, 9);
    out.items = upp_col_int(row, 10);
    out.package = upp_lend(upp_col_text(row, 11));
    out.files = (uint32_t)upp_col_int(row, 12);
    out.bytes = upp_col_int(row, 13);
    out.hand_ins = (uint32_t)upp_col_int(row, 14);
    out.held = upp_col_int(row, 16) != 0;
    out.plan_row = plan_row;
    return upp_reply(txn, &out.base);
}

int run_list(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ArchiveRuns *q = msg;
    const int64_t limit = q->limit > 0 && q->limit < ARCHIVE_PAGE ? q->limit : ARCHIVE_PAGE;
    (void)in;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT r.run, r.account, r.campaign, r.state, r.cause, r.why, r.layout, r.content,"
        " r.due_ms, r.at_ms, r.posts + r.comments, coalesce(p.package, ''), coalesce(p.files, 0),"
        " coalesce(p.bytes, 0), (SELECT count(*) FROM hand_in h WHERE h.run = r.run"
        " AND h.state = ?6), coalesce(a.authority, ''), EXISTS (SELECT 1 FROM hold o"
        " WHERE o.account = r.account AND o.released = 0) FROM run r"
        " LEFT JOIN package p ON p.package = (SELECT k.package FROM package k WHERE k.run = r.run"
        " AND k.gone = 0 ORDER BY k.at_ms DESC, k.package LIMIT 1)"
        " LEFT JOIN account a ON a.account = r.account WHERE r.run > ?1"
        " AND (?2 = '' OR r.account = ?2) AND (?3 = '' OR r.run = ?3)"
        " AND (?4 = '' OR r.campaign = ?4) ORDER BY r.run LIMIT ?5",
        BIND(V(q->after), V(q->account), V(q->run), V(q->campaign), V(limit), V(HAND_TAKEN)));
    while (upp_next(&row))
        UPP_TRY(reply_run(txn, self, &row));
    return row.rc;
}
