/* watch.c - items that need somebody are looked at again by age: nobody announces that one is gone
 * (sla.md E12-E15; platforms.md §3 rule 7: gone twice, ten minutes apart, while the account is
 * readable; else it is unreachable). */
#include "ingest.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>

enum { STEPS = 5 };
static const upp_ms ages[STEPS] = { 15 * UPP_MINUTE, UPP_HOUR, 6 * UPP_HOUR, UPP_DAY, 7 * UPP_DAY };
static const upp_ms apart = 10 * UPP_MINUTE;

/* 1: its connector cannot look at one comment by itself. */
static int is_unseen(upp_txn *txn, const char *item)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT c.connector FROM item i JOIN connection c"
                             " ON c.account = i.account WHERE i.item = ?1",
                             BIND(V(item)));
    if (!upp_next(&row))
        return row.rc;
    const connector *how = connector_named(upp_col_text(&row, 0));
    return !how || (how->looks & 1U << LOOK_ITEM) == 0;
}

int watch_opened(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__MatterOpened *m = msg;
    (void)self;
    (void)in;
    const int unseen = is_unseen(txn, m->item);
    if (unseen)
        return unseen < 0 ? unseen : 0;
    /* a new matter about it begins the ages anew; a look that is due sooner stays; what reads a
     * comment cannot read a post of ours */
    const int rc = upp_exec(txn,
                            "INSERT INTO look(item, account, since_ms, due_ms)"
                            " SELECT i.item, i.account, ?2, ?2 + ?3 FROM item i JOIN connection c"
                            " ON c.account = i.account WHERE i.item = ?1 AND i.kind <> ?4"
                            " AND i.state <> 2 ON CONFLICT DO UPDATE SET step = 0, since_ms = ?2,"
                            " due_ms = min(due_ms, excluded.due_ms)",
                            BIND(V(m->item), V(upp_now(txn)), V(ages[0]),
                                 V((int64_t)UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST)));
    return rc < 0 ? rc : 0;
}

int watch_soon(upp_txn *txn, const char *item, upp_ms due)
{
    const int rc = upp_exec(txn,
                            "INSERT INTO look(item, account, since_ms, due_ms, step)"
                            " SELECT item, account, ?2, ?2, ?3 FROM item WHERE item = ?1"
                            " AND state <> 2 ON CONFLICT DO UPDATE SET due_ms = min(due_ms, ?2)",
                            BIND(V(item), V(due), V((int64_t)STEPS)));
    return rc < 0 ? rc : 0;
}

int watch_due(upp_txn *txn, const connection *c, char ret_item[UPP_ID])
{
    ret_item[0] = '\0';
    UPP_ROWS row = upp_query(txn,
                             "SELECT item FROM look WHERE account = ?1 AND due_ms <= ?2"
                             " ORDER BY due_ms LIMIT 1",
                             BIND(V(c->account), V(upp_now(txn))));
    if (upp_next(&row))
        snprintf(ret_item, UPP_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}

int watch_next(upp_txn *txn, const connection *c, upp_ms *ret_due)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT due_ms FROM look WHERE account = ?1 ORDER BY due_ms LIMIT 1",
                  BIND(V(c->account)));
    if (upp_next(&row))
        *ret_due = upp_col_int(&row, 0);
    return row.rc;
}

int watch_end(upp_txn *txn, const char *item)
{
    const int rc = upp_exec(txn, "DELETE FROM look WHERE item = ?1", BIND(V(item)));
    return rc < 0 ? rc : 0;
}

typedef struct looked {
    int64_t step;
    upp_ms since, missed;
    bool told;
} looked;

/* 1: nobody looks at it any more. */
static int read_look(upp_txn *txn, const char *item, looked *ret_look)
{
    UPP_ROWS row = upp_query(
        txn, "SELECT step, since_ms, missed_ms, told FROM look WHERE item = ?1", BIND(V(item)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_look = (looked){ upp_col_int(&row, 0), upp_col_int(&row, 1), upp_col_int(&row, 2),
                          upp_col_int(&row, 3) == 1 };
    return 0;
}

/* The next age that has not been; after the last nobody looks any more. */
static int next_age(upp_txn *txn, const char *item, const looked *l)
{
    int64_t step = l->step;
    while (step < STEPS && l->since + ages[step] <= upp_now(txn))
        step++;
    if (step == STEPS)
        return watch_end(txn, item);
    const int rc =
        upp_exec(txn, "UPDATE look SET step = ?2, due_ms = ?3, missed_ms = 0 WHERE item = ?1",
                 BIND(V(item), V(step), V(l->since + ages[step])));
    return rc < 0 ? rc : 0;
}

int watch_saw(upp_txn *txn, const connection *c, const char *item, const json_t *json)
{
    looked l;
    sight s;
    const int missing = read_look(txn, item, &l);
    if (missing)
        return missing < 0 ? missing : 0;
    const int there = c->how->see(json, c->own_id, &s);
    if (there == 1)
        return watch_missed(txn, c, item);
    if (there < 0) {
        UPP_TRY(quarantine_json(txn, c->account, "item: cannot be read", json));
        return next_age(txn, item, &l);
    }
    const take_in from = { .account = c->account,
                           .platform = c->how->name,
                           .tells_hidden = c->how->tells_hidden,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_POLL };
    enum take take = TAKE_KNOWN;
    const int rc = take_in_item(txn, &from, &s.it, &take);
    item_done(&s.it);
    UPP_TRY(rc);
    return next_age(txn, item, &l);
}

static int again(upp_txn *txn, const char *item, upp_ms missed, bool told)
{
    const int rc =
        upp_exec(txn, "UPDATE look SET missed_ms = ?2, due_ms = ?3, told = ?4 WHERE item = ?1",
                 BIND(V(item), V(missed), V(upp_now(txn) + apart), V(told ? 1 : 0)));
    return rc < 0 ? rc : 0;
}

static int say_unreachable(upp_txn *txn, const connection *c, const char *item)
{
    Uppsikt__CommentUnreachable out = UPPSIKT__COMMENT_UNREACHABLE__INIT;
    out.item = upp_lend(item);
    out.account = upp_lend(c->account);
    out.at_ms = upp_now(txn);
    return upp_emit(txn, item, &out.base, NULL);
}

int watch_missed(upp_txn *txn, const connection *c, const char *item)
{
    looked l;
    const int missing = read_look(txn, item, &l);
    if (missing)
        return missing < 0 ? missing : 0;
    const int ours = action_echo(txn, item, true);
    UPP_TRY(ours);
    if (ours || l.missed == 0) /* our own delete says what became of it */
        return again(txn, item, l.missed ? l.missed : upp_now(txn), l.told);
    if (upp_now(txn) - l.missed < apart)
        return again(txn, item, l.missed, l.told);
    if (c->polled_ms > l.missed) { /* the account was readable in between */
        UPP_TRY(take_in_gone(txn, item, UPPSIKT__GONE_BY__GONE_BY_UNKNOWN));
        return watch_end(txn, item);
    }
    if (!l.told)
        UPP_TRY(say_unreachable(txn, c, item));
    return again(txn, item, l.missed, true);
}
