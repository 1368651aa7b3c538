/* lines.c - one line after the other, of a file or of a push. */
#include "lines.h"
#include "ingest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void json_freep(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

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

/* Of whom the line is, before anything else of it is read; 1: it is bad. */
static int name_first(upp_txn *txn, const lines_from *from, line *l, char ret_platform[32])
{
    if (!from->platform)
        return name_account(txn, from->account, l, ret_platform);
    snprintf(l->account, sizeof l->account, "%s", from->account);
    snprintf(ret_platform, 32, "%s", from->platform);
    return 0;
}

/* The line itself names an account. 1: one that it may not name. */
static int name_again(upp_txn *txn, const lines_from *from, const json_t *json, line *l,
                      char ret_platform[32])
{
    const char *named = json_string_value(json_object_get(json, "account"));
    if (!named || !named[0])
        return 0;
    if (!from->platform)
        return name_account(txn, named, l, ret_platform);
    /* whoever has one account's secret speaks for that account alone */
    return strcmp(named, from->account) == 0 ? 0 : bad(l, "account: is not the one of the address");
}

/* 1: the line is bad, l->why says why. */
static int check(const lines_from *from, const reading *it, const char *platform, line *l)
{
    const bool named = (it->account && it->account[0]) || from->account[0];
    if (!named)
        return bad(l, "account: is missing");
    if (!l->account[0])
        return bad(l, "account: no open account of the register has that id");
    if (!it->platform || strcmp(it->platform, platform) == 0)
        return 0;
    snprintf(l->why, sizeof l->why, "platform: the account is on %s", platform);
    return 1;
}

/* 1: the line is bad, l->why says why. */
static int take_line(upp_txn *txn, const lines_from *from, line *l, enum take *ret_take)
{
    enum { LINE = 48 * 1024 };
    char platform[32];
    json_error_t error;
    UPP_TRY(name_first(txn, from, l, platform));
    if (l->bytes.len > LINE)
        return bad(l, "line: is longer than 48 KiB");
    UPP_AUTO(json_freep)
    json_t *json =
        json_loadb((const char *)l->bytes.at, l->bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        snprintf(l->why, sizeof l->why, "line: is not JSON (at byte %d)", error.position);
        return 1;
    }
    const int another = name_again(txn, from, json, l, platform);
    if (another)
        return another;
    UPP_AUTO(item_done) reading it = { 0 };
    if (item_from_line(json, &it, l->why) < 0 || check(from, &it, platform, l) == 1)
        return 1;
    const take_in into = { .account = l->account,
                           .platform = platform,
                           .connected_ms = from->connected_ms,
                           .source = from->source };
    UPP_TRY(take_in_item(txn, &into, &it, ret_take));
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

static int set_aside(upp_txn *txn, const lines_from *from, line *l, lines_told *told)
{
    const quarantined q = { .account = l->account,
                            .import = from->import,
                            .why = l->why,
                            .by = from->by,
                            .line = l->number };
    UPP_TRY(quarantine_put(txn, &q, l->bytes));
    Uppsikt__BadLine *one = &told->bads[told->out.n_bad];
    uppsikt__bad_line__init(one);
    one->line = l->number;
    one->why = l->why;
    told->list[told->out.n_bad++] = one;
    told->out.quarantined++;
    return 0;
}

int lines_take(upp_txn *txn, const lines_from *from, line *lines, size_t n, lines_told *ret_told)
{
    lines_told *told = ret_told;
    uppsikt__lines_imported__init(&told->out);
    told->bads = calloc(n + 1, sizeof *told->bads);
    told->list = calloc(n + 1, sizeof(Uppsikt__BadLine *));
    upp_check(told->bads && told->list);
    told->out.bad = told->list;
    for (size_t i = 0; i < n; i++) {
        enum take take = TAKE_KNOWN;
        const int is_bad = take_line(txn, from, &lines[i], &take);
        UPP_TRY(is_bad);
        if (is_bad)
            UPP_TRY(set_aside(txn, from, &lines[i], told));
        else
            count(&told->out, take);
    }
    return 0;
}

void lines_told_done(lines_told *told)
{
    free(told->bads);
    free(told->list);
}
