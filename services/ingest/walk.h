/* walk.h - threads that have more below them than came along are walked through, a page at a time
 * (platforms.md §3). 0 or a negative error but where it says otherwise. */
#pragma once
#include "connection.h"

/* How far a walk goes. In the store: never renumber. */
enum walk_depth {
    WALK_KNOWN, /* until what is known */
    WALK_ALL,   /* to its end, and so below everything that it meets */
    WALK_END,   /* to its end */
};

/* The walk below the item goes on at `after`; there is one for each item. */
int walk_set(upp_txn *txn, const connection *c, const char *item, const char *after,
             enum walk_depth depth);
/* None when there is none. */
int walk_drop(upp_txn *txn, const char *item);
/* How far the item's walk goes; WALK_KNOWN when there is none. */
int walk_depth_of(upp_txn *txn, const char *item, enum walk_depth *ret_depth);

/* Sets walks below the page's threads that have more comments than came along: while the oldest one
 * that came was new, older ones may be, too; where the platform counts them, when their number is
 * another; where nobody counts them, always. `fresh` tells of each of the page's items whether it
 * was new. */
int walk_keep_threads(upp_txn *txn, const connection *c, const page *p, const bool *fresh,
                      enum walk_depth depth);
/* What stands below the item under way calls it by a name that its own list does not tell. */
int walk_learn_alias(upp_txn *txn, const connection *c, const page *p);
/* The thread under way is not shown to us; the platform's word on it is kept in sight. */
int walk_give_up(upp_txn *txn, const connection *c, const heard *h);
