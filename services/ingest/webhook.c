/* webhook.c - what a platform pushed: a hint. Whole words are taken in at once, the rest is looked
 * at; what is said twice is known the second time (platforms.md §15). */
#include "facebook.h"
#include "ingest.h"
#include <string.h>

typedef struct push {
    upp_txn *txn;
    const char *account, *own_id;
    upp_ms connected_ms;
    Uppsikt__WebhookTaken out;
    int rc;
} push;

/* Our account with that page; tried for each: a deployment has tens of them, not thousands. */
static int is_page(upp_txn *txn, const char *account, const char *own_key, const char *page_id)
{
    char key[UPP_HEX];
    upp_keyed(txn, (const char *const[]){ "author", "facebook", account, page_id, NULL }, key);
    return own_key[0] && strcmp(key, own_key) == 0;
}

static int look_at(push *p, const char *comment)
{
    char item[UPP_ID];
    const take_in from = { .account = p->account, .platform = "facebook" };
    UPP_TRY(take_in_find(p->txn, &from, comment, item));
    p->out.known++;
    return item[0] ? watch_soon(p->txn, item, upp_now(p->txn)) : 0;
}

static int take(push *p, const facebook_change *change)
{
    if (change->verb == FACEBOOK_LOOK)
        return look_at(p, change->comment);
    const take_in from = { .account = p->account,
                           .platform = "facebook",
                           .connected_ms = p->connected_ms,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_WEBHOOK };
    char item[UPP_ID];
    UPP_TRY(take_in_find(p->txn, &from, change->comment, item));
    if (item[0]) /* known: only the API says how it reads now, a push may be hours old */
        return look_at(p, change->comment);
    enum take what = TAKE_KNOWN;
    UPP_TRY(take_in_item(p->txn, &from, &change->it, &what));
    p->out.accepted += what == TAKE_NEW;
    return 0;
}

static void on_change(void *ctx, const facebook_change *change)
{
    push *p = ctx;
    if (p->rc < 0 || strcmp(change->page, p->own_id) != 0)
        return;
    p->rc = take(p, change);
}

/* The page's own id as the body says it, when it is this account's. */
static const char *page_of(upp_txn *txn, const json_t *body, const char *account,
                           const char *own_key)
{
    const json_t *entries = json_object_get(body, "entry");
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const char *page_id = json_string_value(json_object_get(json_array_get(entries, i), "id"));
        if (page_id && is_page(txn, account, own_key, page_id))
            return page_id;
    }
    return NULL;
}

static int take_all(upp_txn *txn, const json_t *body, Uppsikt__WebhookTaken *out)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT account, own_key, connected_ms FROM connection"
                             " WHERE connector = 'facebook' ORDER BY account",
                             NO_BIND);
    while (upp_next(&row)) {
        push p = { .txn = txn, .account = upp_col_text(&row, 0), .out = *out };
        p.connected_ms = upp_col_int(&row, 2);
        p.own_id = body ? page_of(txn, body, p.account, upp_col_text(&row, 1)) : NULL;
        if (body && !p.own_id)
            continue;
        if (body && facebook_webhook(body, on_change, &p) < 0)
            return 0;
        UPP_TRY(p.rc);
        *out = p.out;
        UPP_TRY(poll_now(txn, p.account));
    }
    return row.rc;
}

int webhook_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__TakeWebhook *c = msg;
    Uppsikt__WebhookTaken out = UPPSIKT__WEBHOOK_TAKEN__INIT;
    (void)self;
    (void)in;
    if (strcmp(c->platform, "facebook") != 0)
        return upp_refuse(txn, "no-such-connector");
    json_t *body = NULL;
    if (c->body.len > 0) {
        body = json_loadb((const char *)c->body.data, c->body.len, 0, NULL);
        if (!json_is_object(body)) {
            json_decref(body);
            const quarantined q = { .account = "",
                                    .import = "webhook",
                                    .why = "webhook: is no JSON object" };
            UPP_TRY(quarantine_put(txn, &q, (upp_bytes){ c->body.data, c->body.len }));
            return upp_reply(txn, &out.base);
        }
    }
    const int rc = take_all(txn, body, &out);
    json_decref(body);
    UPP_TRY(rc);
    return upp_reply(txn, &out.base);
}
