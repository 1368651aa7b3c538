/* call.c - calls to a platform: what is asked of the port, and what its answer means. */
#include "ingest.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES = 8 * 1024 * 1024, TIMEOUT = 60000 };

void connection_done(connection *c)
{
    free(c->sealed);
    c->sealed = NULL;
}

static int recall_own(upp_txn *txn, connection *c)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *own = NULL;
    const int missing = upp_recall(txn, c->own_ref, &uppsikt__item_author__descriptor, &own);
    UPP_TRY(missing);
    if (!missing)
        snprintf(c->own_id, sizeof c->own_id, "%s", ((const Uppsikt__ItemAuthor *)own)->id);
    return 0;
}

int connection_read(upp_txn *txn, const char *account, connection *ret_connection)
{
    connection *c = ret_connection;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT connector, base_url, mark, own_mark, doing, own_key, sealed_token, connected_ms,"
        " poll_span, overlap_ms, blind_ms, calls, failures, state, own_ref, doing_item, rung,"
        " polled_ms, expires_ms, hurry, renew_ms, reason, version FROM connection"
        " WHERE account = ?1",
        BIND(V(account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    c->how = connector_named(upp_col_text(&row, 0));
    if (!c->how)
        return 1;
    snprintf(c->account, sizeof c->account, "%s", account);
    snprintf(c->base_url, sizeof c->base_url, "%s", upp_col_text(&row, 1));
    snprintf(c->mark, sizeof c->mark, "%s", upp_col_text(&row, 2));
    snprintf(c->own_mark, sizeof c->own_mark, "%s", upp_col_text(&row, 3));
    snprintf(c->doing, sizeof c->doing, "%s", upp_col_text(&row, 4));
    snprintf(c->own_key, sizeof c->own_key, "%s", upp_col_text(&row, 5));
    c->sealed = strdup(upp_col_text(&row, 6));
    upp_check(c->sealed);
    c->connected_ms = upp_col_int(&row, 7);
    c->poll_span = upp_col_int(&row, 8);
    c->overlap_ms = upp_col_int(&row, 9);
    c->blind_ms = upp_col_int(&row, 10);
    c->calls = upp_col_int(&row, 11);
    c->failures = upp_col_int(&row, 12);
    c->state = upp_col_int(&row, 13);
    c->own_ref = upp_col_int(&row, 14);
    snprintf(c->doing_item, sizeof c->doing_item, "%s", upp_col_text(&row, 15));
    c->rung = upp_col_int(&row, 16);
    c->polled_ms = upp_col_int(&row, 17);
    c->expires_ms = upp_col_int(&row, 18);
    c->hurry = upp_col_int(&row, 19) == 1;
    c->renew_ms = upp_col_int(&row, 20);
    snprintf(c->reason, sizeof c->reason, "%s", upp_col_text(&row, 21));
    snprintf(c->version, sizeof c->version, "%s", upp_col_text(&row, 22));
    upp_rows_done(&row);
    return recall_own(txn, c);
}

look_where connection_where(const connection *c)
{
    return (look_where){ .base_url = c->base_url,
                         .mark = c->mark,
                         .own_mark = c->own_mark,
                         .own_id = c->own_id,
                         .target = "",
                         .alias = "",
                         .after = "",
                         .handle = "",
                         .version = c->version,
                         .rung = c->rung };
}

/* The body's type and the call's own headers; how many. */
static size_t fill_headers(const request *r, Uppsikt__HttpHeader *headers,
                           Uppsikt__HttpHeader **list)
{
    const request_header type = { "Content-Type", r->type };
    size_t n = 0;
    for (size_t i = 0; i <= REQUEST_HEADERS; i++) {
        const request_header *h = i == 0 ? &type : &r->headers[i - 1];
        if (!h->name || !h->value)
            continue;
        uppsikt__http_header__init(&headers[n]);
        headers[n].name = upp_lend(h->name);
        headers[n].value = upp_lend(h->value);
        list[n] = &headers[n];
        n++;
    }
    return n;
}

int connection_ask(upp_txn *txn, const connection *c, const request *r, const char *const *subjects,
                   const char *key)
{
    const size_t hex = strlen(c->sealed);
    uint8_t *sealed = malloc(hex / 2 + 1);
    size_t len = 0;
    upp_check(sealed);
    if (sodium_hex2bin(sealed, hex / 2 + 1, c->sealed, hex, NULL, &len, NULL)) {
        free(sealed);
        return upp_fail(txn, UPP_E_INPUT, "%s: its sealed token is damaged", c->account);
    }
    Uppsikt__HttpHeader headers[REQUEST_HEADERS + 1];
    Uppsikt__HttpHeader *list[REQUEST_HEADERS + 1];
    Uppsikt__CallPlatform ask = UPPSIKT__CALL_PLATFORM__INIT;
    ask.account = upp_lend(c->account);
    ask.method = upp_lend(r->method);
    ask.url = r->url;
    ask.n_headers = fill_headers(r, headers, list);
    ask.headers = list;
    if (r->body)
        ask.body = (ProtobufCBinaryData){ strlen(r->body), (uint8_t *)r->body };
    ask.sealed_token = (ProtobufCBinaryData){ len, sealed };
    ask.granted = c->renew_ms > 0;
    ask.renew = r->renews;
    ask.max_bytes = ANSWER_BYTES;
    ask.timeout_span = TIMEOUT;
    char *session = connector_text("%s%s", c->how->session ? c->base_url : "",
                                   c->how->session ? c->how->session : "");
    ask.session_url = session;
    const int there = upp_ask(txn, "platform", subjects, key, &ask.base);
    free(sealed);
    free(session);
    return there;
}

void heard_done(heard *h)
{
    json_decref(h->json);
    free(h->headers);
    *h = (heard){ 0 };
}

void connection_heard(const connection *c, const Uppsikt__PlatformAnswered *answer,
                      heard *ret_heard)
{
    heard *h = ret_heard;
    *h = (heard){ .verdict = VERDICT_TRANSIENT };
    if (!answer) /* given up by the driver: nobody knows */
        return;
    h->headers = calloc(answer->n_headers + 1, sizeof *h->headers);
    upp_check(h->headers);
    for (size_t i = 0; i < answer->n_headers; i++)
        h->headers[i] = (reply_header){ answer->headers[i]->name, answer->headers[i]->value };
    h->body = (upp_bytes){ answer->body.data, answer->body.len };
    h->a = (platform_answer){ .status = answer->status,
                              .headers = h->headers,
                              .n_headers = answer->n_headers,
                              .at_ms = answer->at_ms };
    if (!c->how->parse && h->body.len > 0)
        h->json = json_loadb((const char *)h->body.at, h->body.len, 0, NULL);
    else if (c->how->parse && h->a.status / 100 == 2)
        h->json = c->how->parse(h->body, &h->a, c->base_url, h->why);
    h->a.json = h->json;
    h->verdict = c->how->judge(&h->a, &h->wait);
}

/* -- what an item is called there -- */
void item_target_done(target *t)
{
    upp_msg_freep(&t->content);
    json_decref(t->raw);
    *t = (target){ 0 };
}

int item_target_read(upp_txn *txn, const char *item, target *ret_target)
{
    target t = { 0 };
    int64_t ref = 0;
    *ret_target = t;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT v.text_ref, i.kind FROM item i JOIN version v"
                                 " ON v.item = i.item AND v.version = i.version WHERE i.item = ?1",
                                 BIND(V(item)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        ref = upp_col_int(&row, 0);
        t.kind = upp_col_int(&row, 1);
    }
    const int missing =
        upp_recall(txn, ref, &uppsikt__comment_received_content__descriptor, &t.content);
    if (missing)
        return missing;
    t.what = (const Uppsikt__CommentReceivedContent *)t.content;
    t.raw = json_loadb((const char *)t.what->raw.data, t.what->raw.len, 0, NULL);
    *ret_target = t;
    return 0;
}

void item_target_where(const target *t, const connector *how, look_where *where)
{
    const char *alias = how->alias && t->raw ? how->alias(t->raw) : NULL;
    where->target = t->what->external_id;
    where->alias = alias ? alias : "";
    where->handle = t->what->author ? t->what->author->handle : "";
    where->ours =
        where->own_id[0] && t->what->author && strcmp(t->what->author->id, where->own_id) == 0;
    where->to_one = t->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE;
}
