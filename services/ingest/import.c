/* import.c - NDJSON files, some lines a command. */
#include "ingest.h"
#include "lines.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lines_freep(line **lines)
{
    free(*lines);
}

int account_platform(upp_txn *txn, const char *account, char ret_platform[32])
{
    UPP_ROWS row =
        upp_query(txn, "SELECT platform FROM account WHERE account = ?1 AND state = ?2",
                  BIND(V(account), V((int64_t)UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_platform, 32, "%s", upp_col_text(&row, 0));
    return 0;
}

static int finish(upp_txn *txn, const Uppsikt__ImportLines *c, const Uppsikt__LinesImported *part)
{
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO import(import, accepted, known, quarantined)"
                 " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(import) DO UPDATE SET"
                 " accepted = accepted + ?2, known = known + ?3, quarantined = quarantined + ?4",
                 BIND(V(c->import), V(part->accepted), V(part->known + part->edited),
                      V(part->quarantined))));
    if (!c->last)
        return 0;
    UPP_ROWS row =
        upp_query(txn, "SELECT accepted, known, quarantined FROM import WHERE import = ?1",
                  BIND(V(c->import)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : UPP_E_BUG;
    Uppsikt__ImportFinished out = UPPSIKT__IMPORT_FINISHED__INIT;
    out.import = c->import;
    out.accepted = upp_col_int(&row, 0);
    out.known = upp_col_int(&row, 1);
    out.quarantined = upp_col_int(&row, 2);
    return upp_emit(txn, c->import, &out.base, NULL);
}

static bool plain_id(const char *id)
{
    const size_t n = strlen(id);
    return n > 0 && n <= 40 &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == n;
}

int import_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    enum { LINES = 1000 };
    (void)self;
    const Uppsikt__ImportLines *c = msg;
    if (!plain_id(c->import) || c->n_lines > LINES || c->first_line < 1)
        return upp_refuse(txn, "malformed-command");
    const lines_from from = { .account = c->account,
                              .import = c->import,
                              .by = in->by,
                              .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_IMPORT };
    UPP_AUTO(lines_told_done) lines_told told = { 0 };
    UPP_AUTO(lines_freep) line *lines = calloc(c->n_lines + 1, sizeof *lines);
    upp_check(lines);
    for (size_t i = 0; i < c->n_lines; i++) {
        lines[i].number = c->first_line + (int64_t)i;
        lines[i].bytes = (upp_bytes){ c->lines[i].data, c->lines[i].len };
    }
    UPP_TRY(lines_take(txn, &from, lines, c->n_lines, &told));
    UPP_TRY(finish(txn, c, &told.out));
    return upp_reply(txn, &told.out.base);
}
