/* take_in.h - keeping what was seen: once, every version, with the fact that says so. */
#pragma once
#include "item.h"
#include "upp/service.h"

enum take {
    TAKE_NEW,
    TAKE_KNOWN,
    TAKE_EDITED,
    TAKE_GONE,
    TAKE_TOO_LARGE, /* above what one event may carry: nothing was kept; quarantine it */
};

typedef struct take_in {
    const char *account;
    const char *platform;
    upp_ms connected_ms; /* what is older is backfill; 0: nothing is */
    bool tells_hidden;   /* `hidden` is known of every item */
    Uppsikt__ItemSource source;
} take_in;

/* Keeps one item and says what happened (CommentReceived, CommentEdited, CommentGone, ReplySeen,
 * OwnPostSeen); *ret_take tells which. A thing seen before with the same words says nothing. */
int take_in_item(upp_txn *txn, const take_in *from, const reading *it, enum take *ret_take);

/* It is gone with certainty; says CommentGone, once. */
int take_in_gone(upp_txn *txn, const char *item, Uppsikt__GoneBy who);

/* The item has that name on the platform, too; none again when it is known. */
int take_in_alias(upp_txn *txn, const take_in *from, const char *name, const char *item);

/* Our item under that name on the platform, or "" in ret_item. */
int take_in_find(upp_txn *txn, const take_in *from, const char *name, char ret_item[UPP_ID]);
