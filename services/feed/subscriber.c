/* subscriber.c - who reads the public log: by a token that only its holder has, never by more than
 * its types. */
#include "feed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES_BYTES = 2048 };

/* Operations add and remove; before there is such a person, the peer itself may. */
static int may(upp_txn *txn, const upp_input *in)
{
    if (!in->by) {
        UPP_ROWS any =
            upp_query(txn, "SELECT 1 FROM person WHERE operations = 1 AND gone = 0", NO_BIND);
        if (upp_next(&any))
            return upp_refuse(txn, "person-needed");
        return any.rc;
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT 1 FROM person WHERE person = ?1 AND operations = 1"
                             " AND gone = 0",
                             BIND(V(in->by)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : upp_refuse(txn, "not-allowed");
}

static bool name_fits(const char *name)
{
    const size_t n = strlen(name);
    return n > 0 && n < FEED_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static int head(upp_txn *txn, int64_t *ret_position)
{
    UPP_ROWS row = upp_query(txn, "SELECT coalesce(max(position), 0) FROM entry", NO_BIND);
    *ret_position = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

static void hex(ProtobufCBinaryData bytes, char ret_hex[UPP_HEX])
{
    for (size_t i = 0; i < 32; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes.data[i]);
}

/* " uppsikt.A uppsikt.B "; false: one is no such name, or they are too many. */
static bool join_types(char *const *types, size_t n, char ret_text[TYPES_BYTES])
{
    size_t used = (size_t)snprintf(ret_text, TYPES_BYTES, " ");
    for (size_t i = 0; i < n; i++) {
        if (strncmp(types[i], "uppsikt.", 8) != 0 || strpbrk(types[i], " %_\n"))
            return false;
        const int more = snprintf(ret_text + used, TYPES_BYTES - used, "%s ", types[i]);
        used += (size_t)more;
        if (used >= TYPES_BYTES)
            return false;
    }
    return true;
}

/* What it had before; the caller drops it. */
static int old_url(upp_txn *txn, const char *subscriber, int64_t *ret_ref, int64_t *ret_round)
{
    UPP_ROWS row = upp_query(txn, "SELECT url_ref, round FROM subscriber WHERE subscriber = ?1",
                             BIND(V(subscriber)));
    const bool there = upp_next(&row);
    *ret_ref = there ? upp_col_int(&row, 0) : 0;
    *ret_round = there ? upp_col_int(&row, 1) : 0;
    return row.rc;
}

static int check(upp_txn *txn, const feed_config *config, const Uppsikt__AddSubscriber *c)
{
    if (!name_fits(c->subscriber))
        return upp_refuse(txn, "subscriber-malformed");
    if (c->token_sha256.len != 32)
        return upp_refuse(txn, "token-missing");
    if (c->url[0] && strncmp(c->url, "https://", 8) != 0 &&
        !(config->private_addresses && strncmp(c->url, "http://", 7) == 0))
        return upp_refuse(txn, "url-not-https");
    if (c->url[0] && !config->webhook_key)
        return upp_refuse(txn, "no-webhook-key");
    return 0;
}

static int token_is_free(upp_txn *txn, const char *token, const char *subscriber)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM subscriber WHERE token_hash = ?1 AND subscriber <> ?2",
                  BIND(V(token), V(subscriber)));
    return upp_next(&row) ? upp_refuse(txn, "token-in-use") : row.rc;
}

static int reply(upp_txn *txn, const char *subscriber, int64_t after)
{
    Uppsikt__SubscriberTaken out = UPPSIKT__SUBSCRIBER_TAKEN__INIT;
    out.subscriber = upp_lend(subscriber);
    out.after = after;
    return upp_reply(txn, &out.base);
}

int subscriber_add(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AddSubscriber *c = msg;
    char token[UPP_HEX], types[TYPES_BYTES];
    int64_t newest = 0, ref = 0, round = 0;
    upp_content kept = { 0 };
    Uppsikt__WebhookKept body = UPPSIKT__WEBHOOK_KEPT__INIT;
    UPP_TRY(may(txn, in));
    UPP_TRY(check(txn, self, c));
    if (!join_types(c->types, c->n_types, types))
        return upp_refuse(txn, "type-malformed");
    UPP_TRY(head(txn, &newest));
    UPP_TRY(old_url(txn, c->subscriber, &ref, &round));
    UPP_TRY(upp_drop(txn, ref));
    body.url = c->url;
    if (c->url[0])
        UPP_TRY(upp_keep(txn, UPP_ABOUT(c->subscriber), &body.base, &kept));
    const int64_t after = c->after < 0 || c->after > newest ? newest : c->after;
    hex(c->token_sha256, token);
    UPP_TRY(token_is_free(txn, token, c->subscriber));
    UPP_TRY(upp_exec(txn,
                     "INSERT OR REPLACE INTO subscriber(subscriber, token_hash, types, webhook,"
                     " position, round, added_ms, url_ref) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                     BIND(V(c->subscriber), V(token), V(types), V(c->url[0] ? 1 : 0), V(after),
                          V(round + 1), V(upp_now(txn)), V(kept.ref))));
    Uppsikt__SubscriberAdded out = UPPSIKT__SUBSCRIBER_ADDED__INIT;
    out.subscriber = c->subscriber;
    out.types = c->types;
    out.n_types = c->n_types;
    UPP_TRY(upp_emit(txn, c->subscriber, &out.base, NULL));
    UPP_TRY(push_soon(txn));
    return reply(txn, c->subscriber, after);
}

int subscriber_remove(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RemoveSubscriber *c = msg;
    int64_t ref = 0, round = 0;
    (void)self;
    UPP_TRY(may(txn, in));
    UPP_TRY(old_url(txn, c->subscriber, &ref, &round));
    UPP_TRY(upp_drop(txn, ref));
    const int gone =
        upp_exec(txn, "DELETE FROM subscriber WHERE subscriber = ?1", BIND(V(c->subscriber)));
    UPP_TRY(gone);
    if (gone == 0)
        return upp_refuse(txn, "subscriber-unknown");
    Uppsikt__SubscriberRemoved out = UPPSIKT__SUBSCRIBER_REMOVED__INIT;
    out.subscriber = c->subscriber;
    UPP_TRY(upp_emit(txn, c->subscriber, &out.base, NULL));
    return reply(txn, c->subscriber, 0);
}

int subscriber_replay(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplaySubscriber *c = msg;
    int64_t newest = 0;
    (void)self;
    UPP_TRY(may(txn, in));
    UPP_TRY(head(txn, &newest));
    if (c->after < 0 || c->after > newest)
        return upp_refuse(txn, "position-unknown");
    const int there = upp_exec(txn,
                               "UPDATE subscriber SET position = ?2, round = round + 1, busy = 0,"
                               " disabled = '' WHERE subscriber = ?1",
                               BIND(V(c->subscriber), V(c->after)));
    UPP_TRY(there);
    if (there == 0)
        return upp_refuse(txn, "subscriber-unknown");
    UPP_TRY(push_soon(txn));
    return reply(txn, c->subscriber, c->after);
}

int subscriber_forget(upp_txn *txn, const char *subject)
{
    return upp_exec(txn,
                    "UPDATE subscriber SET url_ref = 0, webhook = 0, disabled = 'forgotten'"
                    " WHERE subscriber = ?1 AND url_ref > 0",
                    BIND(V(subject)));
}

/* -- lists -- */
/* Splits " a b " in place; gives how many. */
static size_t split(char *text, char **ret_list, size_t most)
{
    size_t n = 0;
    for (char *at = text; n < most && *(at += strspn(at, " "));) {
        ret_list[n++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    return n;
}

int subscriber_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Subscribers *q = msg;
    int64_t newest = 0;
    (void)self;
    (void)in;
    UPP_TRY(head(txn, &newest));
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT subscriber, types, webhook, position, disabled, added_ms"
                  " FROM subscriber WHERE subscriber > ?1 ORDER BY subscriber LIMIT ?2",
                  BIND(V(q->after), V(q->limit > 0 && q->limit < FEED_PAGE ? (int64_t)q->limit
                                                                           : (int64_t)FEED_PAGE)));
    while (upp_next(&row)) {
        char types[TYPES_BYTES];
        char *list[128];
        Uppsikt__SubscriberRow out = UPPSIKT__SUBSCRIBER_ROW__INIT;
        snprintf(types, sizeof types, "%s", upp_col_text(&row, 1));
        out.subscriber = upp_lend(upp_col_text(&row, 0));
        out.types = list;
        out.n_types = split(types, list, UPP_LEN(list));
        out.webhook = upp_col_int(&row, 2) != 0;
        out.position = out.webhook ? upp_col_int(&row, 3) : 0;
        out.behind = out.webhook ? newest - out.position : 0;
        out.disabled = upp_lend(upp_col_text(&row, 4));
        out.added_ms = upp_col_int(&row, 5);
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}

/* The token says who it is; no types of hers are more than hers. */
int subscriber_read(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__FeedEvents *q = msg;
    char token[UPP_HEX], wanted[TYPES_BYTES], hers[TYPES_BYTES] = "";
    (void)self;
    (void)in;
    if (q->token_sha256.len != 32)
        return upp_refuse(txn, "token-unknown");
    if (!join_types(q->types, q->n_types, wanted))
        return upp_refuse(txn, "type-malformed");
    hex(q->token_sha256, token);
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT types FROM subscriber WHERE token_hash = ?1", BIND(V(token)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "token-unknown");
        snprintf(hers, sizeof hers, "%s", upp_col_text(&row, 0));
    }
    UPP_ROWS row = upp_query(
        txn,
        "SELECT position, event FROM entry WHERE position > ?1"
        " AND (?2 = ' ' OR instr(?2, ' ' || type || ' ') > 0)"
        " AND (?3 = ' ' OR instr(?3, ' ' || type || ' ') > 0)"
        " ORDER BY position LIMIT ?4",
        BIND(V(q->after), V(hers), V(wanted),
             V(q->limit > 0 && q->limit < FEED_PAGE ? (int64_t)q->limit : (int64_t)FEED_PAGE)));
    while (upp_next(&row)) {
        Uppsikt__FeedEvent out = UPPSIKT__FEED_EVENT__INIT;
        out.position = upp_col_int(&row, 0);
        out.event = upp_lend(upp_col_text(&row, 1));
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}
