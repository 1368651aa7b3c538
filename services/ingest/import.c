/* import.c - NDJSON files, some lines a command: what is good goes in, what is bad is set aside. */
#include "ingest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void json_freep(json_t **json)
{
    json_decref(*json);
    *json = NULL;
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

typedef struct line {
    int64_t number;
    upp_bytes bytes;
    char why[ITEM_WHY]; /* not empty: it is bad */
    char account[64];   /* that it is of, when the register has it; else empty */
} line;

static int bad(line *l, const char *what)
{
    snprintf(l->why, sizeof l->why, "%s", what);
    return 1;
}

/* What the line itself or the command names, if it is in the register: anything else may be
 * anything. */
static int name_account(upp_txn *txn, const char *name, line *l, char ret_platform[32])
{
    const int unknown = account_platform(txn, name, ret_platform);
    snprintf(l->account, sizeof l->account, "%s", unknown ? "" : name);
    return unknown < 0 ? unknown : 0;
}

/* 1: the line is bad, l->why says why. */
static int take_line(upp_txn *txn, const Uppsikt__ImportLines *c, line *l, enum take *ret_take)
{
    enum { LINE = 48 * 1024 };
    char platform[32];
    json_error_t error;
    UPP_TRY(name_account(txn, c->account, l, platform));
    if (l->bytes.len > LINE)
        return bad(l, "line: is longer than 48 KiB");
    UPP_AUTO(json_freep)
    json_t *json =
        json_loadb((const char *)l->bytes.at, l->bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        snprintf(l->why, sizeof l->why, "line: is not JSON (at byte %d)", error.position);
        return 1;
    }
    const char *named = json_string_value(json_object_get(json, "account"));
    if (named && named[0])
        UPP_TRY(name_account(txn, named, l, platform));
    UPP_AUTO(item_done) reading it = { 0 };
    if (item_from_line(json, &it, l->why) < 0)
        return 1;
    const char *account = it.account && it.account[0] ? it.account : c->account;
    if (!account[0])
        return bad(l, "account: is missing");
    if (!l->account[0])
        return bad(l, "account: no open account of the register has that id");
    if (it.platform && strcmp(it.platform, platform) != 0) {
        snprintf(l->why, sizeof l->why, "platform: the account is on %s", platform);
        return 1;
    }
    const take_in from = { .account = account,
                           .platform = platform,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_IMPORT };
    UPP_TRY(take_in_item(txn, &from, &it, ret_take));
    return *ret_take == TAKE_TOO_LARGE ? bad(l, "line: is too large") : 0;
}

static void count(Uppsikt__LinesImported *out, enum take take)
{
    switch (take) {
    case TAKE_NEW:
        out->accepted++;
        return;
    case TAKE_EDITED:
    case TAKE_GONE:
        out->edited++;
        return;
    case TAKE_KNOWN:
    case TAKE_TOO_LARGE:
        out->known++;
        return;
    }
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

static int take_lines(upp_txn *txn, const Uppsikt__ImportLines *c, const char *by,
                      Uppsikt__LinesImported *out, Uppsikt__BadLine *bads, Uppsikt__BadLine **list,
                      line *lines)
{
    for (size_t i = 0; i < c->n_lines; i++) {
        enum take take = TAKE_KNOWN;
        line *l = &lines[i];
        l->number = c->first_line + (int64_t)i;
        l->bytes = (upp_bytes){ c->lines[i].data, c->lines[i].len };
        const int is_bad = take_line(txn, c, l, &take);
        UPP_TRY(is_bad);
        if (!is_bad) {
            count(out, take);
            continue;
        }
        const quarantined q = {
            .account = l->account, .import = c->import, .why = l->why, .by = by, .line = l->number
        };
        UPP_TRY(quarantine_put(txn, &q, l->bytes));
        uppsikt__bad_line__init(&bads[out->n_bad]);
        bads[out->n_bad].line = l->number;
        bads[out->n_bad].why = l->why;
        list[out->n_bad] = &bads[out->n_bad];
        out->n_bad++;
        out->quarantined++;
    }
    return 0;
}

int import_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    enum { LINES = 1000 };
    (void)self;
    const Uppsikt__ImportLines *c = msg;
    if (!plain_id(c->import) || c->n_lines > LINES || c->first_line < 1)
        return upp_refuse(txn, "malformed-command");
    Uppsikt__LinesImported out = UPPSIKT__LINES_IMPORTED__INIT;
    Uppsikt__BadLine *bads = calloc(c->n_lines + 1, sizeof *bads);
    Uppsikt__BadLine **list = calloc(c->n_lines + 1, sizeof(Uppsikt__BadLine *));
    line *lines = calloc(c->n_lines + 1, sizeof *lines);
    upp_check(bads && list && lines);
    out.bad = list;
    int rc = take_lines(txn, c, in->by, &out, bads, list, lines);
    if (rc >= 0)
        rc = finish(txn, c, &out);
    if (rc >= 0)
        rc = upp_reply(txn, &out.base);
    free(lines);
    free(list);
    free(bads);
    return rc;
}
