/* mastodon.h - the Mastodon client API as uppsikt needs it: which call comes next, what an answer
 * holds, what a failure means (platforms.md §12, §17). Pure: no socket, no clock, no store. */
#pragma once
#include "item.h"

/* What a connector is doing with its server, one call at a time. */
enum mastodon_call {
    MASTODON_WHO,       /* who are we there */
    MASTODON_MENTIONS,  /* what came after the mark */
    MASTODON_LOOK_BACK, /* the newest again: edits have no notification */
    MASTODON_OWN,       /* what we posted and answered */
    MASTODON_CALLS
};
const char *mastodon_call_name(enum mastodon_call call);
/* -1: no such call. */
int mastodon_call_named(const char *name);

typedef struct mastodon_where {
    const char *base_url, *mark, *own_mark, *own_id; /* "" when not known */
} mastodon_where;
/* The call's URL; false when it does not fit. */
bool mastodon_url(enum mastodon_call call, const mastodon_where *where, char *ret_url, size_t size);

/* What a status and body mean for the connector (platforms.md §5), by status alone, never by
 * text. */
enum verdict {
    VERDICT_OK,
    VERDICT_AUTH,
    VERDICT_THROTTLE,
    VERDICT_TRANSIENT,
    VERDICT_PERMANENT,
};
enum verdict mastodon_verdict(int status);

/* The items of a list of notifications or statuses. `json` must outlive them. Objects that cannot
 * be read are counted in *ret_bad, with the first one's fault in ret_why; never more than `size`.
 * *ret_mark is the newest notification or status id (borrowed; NULL: the list is empty). Negative:
 * the body is no list. */
int mastodon_items(enum mastodon_call call, const json_t *json, const char *own_id, item *ret_items,
                   size_t size, size_t *ret_n, const char **ret_mark, size_t *ret_bad,
                   char ret_why[ITEM_WHY]);
/* How many a full page has: then there is more, and the next call follows at once. */
enum { MASTODON_PAGE = 80, MASTODON_OWN_PAGE = 40 };
