/* walk.c - the walks that wait: which thread, from where, how far. */
#include "walk.h"
#include "ingest.h"
#include <stdio.h>

int walk_drop(upp_txn *txn, const char *item)
{
    {
        UPP_ROWS row = upp_query(txn, "SELECT after_ref FROM walk WHERE item = ?1", BIND(V(item)));
        while (upp_next(&row))
            UPP_TRY(upp_drop(txn, upp_col_int(&row, 0)));
        UPP_TRY(row.rc);
    }
    const int rc = upp_exec(txn, "DELETE FROM walk WHERE item = ?1", BIND(V(item)));
    return rc < 0 ? rc : 0;
}

int walk_set(upp_txn *txn, const connection *c, const char *item, const char *after,
             enum walk_depth depth)
{
    upp_content kept;
    Uppsikt__PlatformCursor cursor = UPPSIKT__PLATFORM_CURSOR__INIT;
    cursor.after = upp_lend(after);
    UPP_TRY(walk_drop(txn, item));
    const int gone = upp_keep(txn, UPP_ABOUT(item), &cursor.base, &kept);
    if (gone)
        return gone < 0 ? gone : 0;
    const int rc = upp_exec(txn,
                            "INSERT INTO walk(item, account, deep, after_ref) VALUES(?1, ?2, ?3,"
                            " ?4)",
                            BIND(V(item), V(c->account), V((int64_t)depth), V(kept.ref)));
    return rc < 0 ? rc : 0;
}

int walk_depth_of(upp_txn *txn, const char *item, enum walk_depth *ret_depth)
{
    UPP_ROWS row = upp_query(txn, "SELECT deep FROM walk WHERE item = ?1", BIND(V(item)));
    *ret_depth = upp_next(&row) ? (enum walk_depth)upp_col_int(&row, 0) : WALK_KNOWN;
    return row.rc;
}

/* 1: the platform counts another number below it than when it was walked last. */
static int has_grown(upp_txn *txn, const char *item, int64_t below)
{
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT below FROM thread_size WHERE item = ?1", BIND(V(item)));
        if (upp_next(&row) && upp_col_int(&row, 0) == below)
            return 0;
        UPP_TRY(row.rc);
    }
    const int rc = upp_exec(txn,
                            "INSERT INTO thread_size(item, below) VALUES(?1, ?2)"
                            " ON CONFLICT(item) DO UPDATE SET below = ?2",
                            BIND(V(item), V(below)));
    return rc < 0 ? rc : 1;
}

/* 1: what stands below the post is to be walked through, to that depth. */
static int is_walk(upp_txn *txn, const page_thread *t, const bool *fresh, const char *item,
                   enum walk_depth *depth)
{
    const bool all = *depth == WALK_ALL;
    if (t->below == 0)
        return all || (t->n > 0 && fresh[t->from]);
    *depth = all ? WALK_ALL : WALK_END; /* nobody says in which order they come */
    if (t->below < 0)
        return 1;
    const int grown = has_grown(txn, item, t->below);
    return grown < 0 ? grown : all || grown == 1;
}

int walk_keep_threads(upp_txn *txn, const connection *c, const page *p, const bool *fresh,
                      enum walk_depth depth)
{
    const take_in from = { .account = c->account, .platform = c->how->name };
    for (size_t i = 0; i < p->n_threads; i++) {
        const page_thread *t = &p->threads[i];
        char item[UPP_ID];
        enum walk_depth mine = depth;
        if (!t->after)
            continue;
        UPP_TRY(take_in_find(txn, &from, t->id, item));
        const int walk = item[0] ? is_walk(txn, t, fresh, item, &mine) : 0;
        UPP_TRY(walk);
        if (walk)
            UPP_TRY(walk_set(txn, c, item, t->after, mine));
    }
    return 0;
}

int walk_learn_alias(upp_txn *txn, const connection *c, const page *p)
{
    const take_in from = { .account = c->account, .platform = c->how->name };
    return p->below_alias ? take_in_alias(txn, &from, p->below_alias, c->doing_item) : 0;
}

int walk_give_up(upp_txn *txn, const connection *c, const heard *h)
{
    if (h->json)
        UPP_TRY(quarantine_json(txn, c->account, "thread: is not shown to us", h->json));
    return walk_drop(txn, c->doing_item);
}
