/* item.c - what was written to us, read back. */
#include "item.h"
#include <stdio.h>
#include <string.h>

bool item_is_ours(const item_row *i)
{
    return i->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST ||
           i->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY;
}

/* The newest version, what the last decision reaches, and the first text that it does not: later
 * ones buy no time (E9). */
static int read_versions(upp_txn *txn, item_row *i)
{
    bool found = false;
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, at_ms, seen_ms, same FROM version WHERE item = ?1"
                             " ORDER BY version",
                             BIND(V(i->item)));
    i->undecided_ms = i->received_ms;
    i->undecided_seen_ms = i->seen_ms;
    while (upp_next(&row)) {
        i->version = (uint32_t)upp_col_int(&row, 0);
        /* the same words after a decision are nothing new (E10): it holds for them too */
        if (i->decided > 0 && i->version == i->decided + 1 && upp_col_int(&row, 3) && !found)
            i->decided = i->version;
        if (found || i->version <= i->decided)
            continue;
        found = true;
        i->undecided_ms = upp_col_int(&row, 1);
        i->undecided_seen_ms = upp_col_int(&row, 2);
    }
    return row.rc;
}

int item_read(upp_txn *txn, const char *item, item_row *ret_row)
{
    item_row i = { 0 };
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT account, kind, received_ms, seen_ms, decided, backfill,"
                                 " gone, gone_ms, removed, mark, labels, thread, root, repeats,"
                                 " echoes, twin, target, hidden_ms FROM item WHERE item = ?1",
                                 BIND(V(item)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        snprintf(i.item, sizeof i.item, "%s", item);
        snprintf(i.account, sizeof i.account, "%s", upp_col_text(&row, 0));
        i.kind = (Uppsikt__ItemKind)upp_col_int(&row, 1);
        i.received_ms = upp_col_int(&row, 2);
        i.seen_ms = upp_col_int(&row, 3);
        i.decided = (uint32_t)upp_col_int(&row, 4);
        i.backfill = upp_col_int(&row, 5) != 0;
        i.gone = (Uppsikt__GoneBy)upp_col_int(&row, 6);
        i.gone_ms = upp_col_int(&row, 7);
        i.removed = upp_col_int(&row, 8) != 0;
        i.mark = (int)upp_col_int(&row, 9);
        i.labels = upp_col_int(&row, 10);
        snprintf(i.thread, sizeof i.thread, "%s", upp_col_text(&row, 11));
        const char *root = upp_col_text(&row, 12);
        snprintf(i.root, sizeof i.root, "%s", root[0] ? root : item);
        snprintf(i.repeats, sizeof i.repeats, "%s", upp_col_text(&row, 13));
        snprintf(i.echoes, sizeof i.echoes, "%s", upp_col_text(&row, 14));
        snprintf(i.twin, sizeof i.twin, "%s", upp_col_text(&row, 15));
        snprintf(i.target, sizeof i.target, "%s", upp_col_text(&row, 16));
        i.hidden_ms = upp_col_int(&row, 17);
    }
    UPP_TRY(read_versions(txn, &i));
    *ret_row = i;
    return 0;
}

int item_judge(upp_txn *txn, const item_row *i, item_judgement *ret_judgement)
{
    item_judgement j = { 0 };
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, likely, review, duty, danger, records FROM judged"
                             " WHERE item = ?1 AND version > ?2",
                             BIND(V(i->item), V(i->decided)));
    while (upp_next(&row)) {
        j.all_judged = j.all_judged || upp_col_int(&row, 0) == i->version;
        j.likely |= upp_col_int(&row, 1);
        j.review |= upp_col_int(&row, 2);
        if (upp_col_int(&row, 3) > (int64_t)j.duty)
            j.duty = (Uppsikt__Duty)upp_col_int(&row, 3);
        j.danger = j.danger || upp_col_int(&row, 4) != 0;
        j.records = j.records || upp_col_int(&row, 5) != 0;
    }
    UPP_TRY(row.rc);
    j.likely |= i->labels; /* a person's mark beats any band (sla.md §3.2) */
    *ret_judgement = j;
    return 0;
}

const char *item_group(const item_row *i)
{
    return i->echoes[0] ? i->echoes : i->item;
}

Uppsikt__WithdrawnHow item_withdrawn_how(Uppsikt__GoneBy who)
{
    static const struct {
        Uppsikt__GoneBy who;
        Uppsikt__WithdrawnHow how;
    } rows[] = {
        { UPPSIKT__GONE_BY__GONE_BY_AUTHOR, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_AUTHOR },
        { UPPSIKT__GONE_BY__GONE_BY_PLATFORM, UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_BY_PLATFORM },
    };
    for (size_t n = 0; n < UPP_LEN(rows); n++)
        if (rows[n].who == who)
            return rows[n].how;
    return UPPSIKT__WITHDRAWN_HOW__WITHDRAWN_HOW_UNKNOWN;
}
