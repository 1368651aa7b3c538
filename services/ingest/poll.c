/* poll.c - one call at a time for each connected account: ask, read, keep, move the mark (R13,
 * platforms.md §3: the mark never moves before its items are durable - they commit together). */
#include "ingest.h"
#include "mastodon.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES = 8 * 1024 * 1024, TIMEOUT = 60000, BACKOFF_MAX = 15 * 60000 };

typedef struct connection {
    char account[64], platform[32], base_url[400], mark[200], own_mark[200], doing[24];
    char own_key[UPP_HEX], own_id[200];
    char *sealed; /* hexadecimal, owned */
    upp_ms connected_ms, poll_span, overlap_ms, blind_ms;
    int64_t calls, failures, state, own_ref;
} connection;

static void connection_done(connection *c)
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

/* 1: the account is not connected. */
static int read_connection(upp_txn *txn, const char *account, connection *ret_connection)
{
    connection *c = ret_connection;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT connector, base_url, mark, own_mark, doing, own_key, sealed_token, connected_ms,"
        " poll_span, overlap_ms, blind_ms, calls, failures, state, own_ref FROM connection"
        " WHERE account = ?1",
        BIND(V(account)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(c->account, sizeof c->account, "%s", account);
    snprintf(c->platform, sizeof c->platform, "%s", upp_col_text(&row, 0));
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
    upp_rows_done(&row);
    return recall_own(txn, c);
}

/* -- the call -- */
static int start_call(upp_txn *txn, connection *c, enum mastodon_call call)
{
    char url[1024], key[POLL_KEY + 32];
    const mastodon_where where = { c->base_url, c->mark, c->own_mark, c->own_id };
    if (!mastodon_url(call, &where, url, sizeof url))
        return upp_fail(txn, UPP_E_INPUT, "%s: its mark does not fit into a call", c->account);
    const size_t hex = strlen(c->sealed);
    uint8_t *sealed = malloc(hex / 2 + 1);
    size_t len = 0;
    upp_check(sealed);
    if (sodium_hex2bin(sealed, hex / 2 + 1, c->sealed, hex, NULL, &len, NULL)) {
        free(sealed);
        return upp_fail(txn, UPP_E_INPUT, "%s: its sealed token is damaged", c->account);
    }
    Uppsikt__CallPlatform ask = UPPSIKT__CALL_PLATFORM__INIT;
    ask.account = c->account;
    ask.method = upp_lend("GET");
    ask.url = url;
    ask.sealed_token = (ProtobufCBinaryData){ len, sealed };
    ask.max_bytes = ANSWER_BYTES;
    ask.timeout_span = TIMEOUT;
    snprintf(key, sizeof key, "poll/%s/%lld", c->account, (long long)c->calls + 1);
    const int there = upp_ask(txn, "platform", UPP_ABOUT(c->account), key, &ask.base);
    free(sealed);
    UPP_TRY(there);
    const int rc =
        upp_exec(txn, "UPDATE connection SET calls = calls + 1, doing = ?2 WHERE account = ?1",
                 BIND(V(c->account), V(mastodon_call_name(call))));
    return rc < 0 ? rc : 0;
}

int poll_alarm(upp_txn *txn, const ingest_config *config, const char *account)
{
    UPP_AUTO(connection_done) connection c = { 0 };
    const int missing = read_connection(txn, account, &c);
    UPP_TRY(missing);
    if (missing || c.doing[0]) /* a call is under way; its answer goes on */
        return 0;
    if (!c.own_key[0])
        return start_call(txn, &c, MASTODON_WHO);
    return start_call(txn, &c,
                      upp_now(txn) - c.overlap_ms >= config->look_back_span ? MASTODON_LOOK_BACK
                                                                            : MASTODON_MENTIONS);
}

/* -- health: the change is said once -- */
static int set_health(upp_txn *txn, const connection *c, int64_t state, const char *reason)
{
    const upp_ms blind = state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK ? 0
                         : c->blind_ms                                             ? c->blind_ms
                                                                                   : upp_now(txn);
    UPP_TRY(upp_exec(txn, "UPDATE connection SET state = ?2, blind_ms = ?3 WHERE account = ?1",
                     BIND(V(c->account), V(state), V(blind))));
    if (state == c->state)
        return 0;
    Uppsikt__AccountHealthChanged out = UPPSIKT__ACCOUNT_HEALTH_CHANGED__INIT;
    out.account = upp_lend(c->account);
    out.state = (Uppsikt__AccountHealthChanged__State)state;
    out.reason_class = upp_lend(reason);
    out.blind_since_ms = blind;
    return upp_emit(txn, c->account, &out.base, NULL);
}

static int next_poll(upp_txn *txn, const connection *c, upp_ms span)
{
    char alarm[POLL_KEY];
    snprintf(alarm, sizeof alarm, "poll/%s", c->account);
    UPP_TRY(
        upp_exec(txn, "UPDATE connection SET doing = '' WHERE account = ?1", BIND(V(c->account))));
    return upp_alarm(txn, alarm, upp_now(txn) + span);
}

static upp_ms backoff(const connection *c)
{
    const int64_t doublings = c->failures < 6 ? c->failures : 6;
    const upp_ms span = c->poll_span << doublings;
    return span < BACKOFF_MAX ? span : BACKOFF_MAX;
}

static upp_ms retry_after(const Uppsikt__PlatformAnswered *answer)
{
    for (size_t i = 0; i < answer->n_headers; i++)
        if (strcmp(answer->headers[i]->name, "retry-after") == 0) {
            const long s = strtol(answer->headers[i]->value, NULL, 10);
            return s > 0 && s < 86400 ? s * UPP_SECOND : 0;
        }
    return 0;
}

/* An account that is not let in stops polling fast, but goes on trying: its clocks keep running. */
static int failed(upp_txn *txn, const connection *c, enum verdict verdict,
                  const Uppsikt__PlatformAnswered *answer)
{
    static const char *const reasons[] = { "ok", "auth", "throttle", "transient", "permanent" };
    const upp_ms asked = answer ? retry_after(answer) : 0;
    UPP_TRY(upp_exec(txn, "UPDATE connection SET failures = failures + 1 WHERE account = ?1",
                     BIND(V(c->account))));
    const bool locked = verdict == VERDICT_AUTH;
    const int64_t state = locked ? UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_AUTH_REQUIRED
                          : c->failures >= 2
                              ? UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED
                              : c->state;
    UPP_TRY(set_health(txn, c, state, reasons[verdict]));
    const upp_ms wait = locked ? BACKOFF_MAX : backoff(c);
    return next_poll(txn, c, wait > asked ? wait : asked);
}

/* -- what came back -- */
static void json_freep(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

static int learn_own(upp_txn *txn, connection *c, const json_t *json)
{
    const char *id = json_string_value(json_object_get(json, "id"));
    if (!id)
        return failed(txn, c, VERDICT_PERMANENT, NULL);
    char key[UPP_HEX];
    upp_content kept;
    Uppsikt__ItemAuthor own = UPPSIKT__ITEM_AUTHOR__INIT;
    own.id = upp_lend(id);
    UPP_TRY(upp_drop(txn, c->own_ref));
    const int gone = upp_keep(txn, UPP_ABOUT(c->account), &own.base, &kept);
    UPP_TRY(gone);
    upp_keyed(txn, (const char *const[]){ "author", c->platform, c->account, id, NULL }, key);
    UPP_TRY(upp_exec(txn,
                     "UPDATE connection SET own_key = ?2, own_ref = ?3, failures = 0"
                     " WHERE account = ?1",
                     BIND(V(c->account), V(key), V(kept.ref))));
    UPP_TRY(set_health(txn, c, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK, "ok"));
    return next_poll(txn, c, 0);
}

typedef struct page {
    item items[MASTODON_PAGE];
    size_t n, bad;
    const char *mark;
    char why[ITEM_WHY];
} page;

static void page_done(page *p)
{
    for (size_t i = 0; i < p->n; i++)
        item_done(&p->items[i]);
}

static int keep_page(upp_txn *txn, const connection *c, const page *p, size_t *ret_new)
{
    const take_in from = { .account = c->account,
                           .platform = c->platform,
                           .connected_ms = c->connected_ms,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_POLL };
    for (size_t i = 0; i < p->n; i++) {
        enum take take = TAKE_KNOWN;
        UPP_TRY(take_in_item(txn, &from, &p->items[i], &take));
        *ret_new += take == TAKE_NEW;
        if (take == TAKE_TOO_LARGE)
            UPP_TRY(quarantine_put(txn, c->account, 0, "item: is too large", (upp_bytes){ 0 }));
    }
    return 0;
}

static int keep_mark(upp_txn *txn, const connection *c, enum mastodon_call call, const char *mark)
{
    int rc = 0;
    if (mark && call == MASTODON_MENTIONS)
        rc = upp_exec(txn, "UPDATE connection SET mark = ?2 WHERE account = ?1",
                      BIND(V(c->account), V(mark)));
    else if (mark && call == MASTODON_OWN)
        rc = upp_exec(txn, "UPDATE connection SET own_mark = ?2 WHERE account = ?1",
                      BIND(V(c->account), V(mark)));
    else if (call == MASTODON_LOOK_BACK)
        rc = upp_exec(txn, "UPDATE connection SET overlap_ms = ?2 WHERE account = ?1",
                      BIND(V(c->account), V(upp_now(txn))));
    return rc < 0 ? rc : 0;
}

static int read_page(upp_txn *txn, connection *c, enum mastodon_call call, const json_t *json,
                     const Uppsikt__PlatformAnswered *answer)
{
    UPP_AUTO(page_done) page p = { 0 };
    size_t fresh = 0;
    if (mastodon_items(call, json, c->own_id, p.items, UPP_LEN(p.items), &p.n, &p.mark, &p.bad,
                       p.why) < 0)
        return failed(txn, c, VERDICT_PERMANENT, answer);
    if (p.bad > 0)
        UPP_TRY(quarantine_put(txn, c->account, 0, p.why,
                               (upp_bytes){ answer->body.data, answer->body.len }));
    UPP_TRY(keep_page(txn, c, &p, &fresh));
    UPP_TRY(keep_mark(txn, c, call, p.mark));
    UPP_TRY(upp_exec(txn, "UPDATE connection SET failures = 0, polled_ms = ?2 WHERE account = ?1",
                     BIND(V(c->account), V(upp_now(txn)))));
    UPP_TRY(set_health(txn, c, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK, "ok"));
    const size_t full = call == MASTODON_OWN ? MASTODON_OWN_PAGE : MASTODON_PAGE;
    if (call != MASTODON_LOOK_BACK && fresh > 0 && json_array_size(json) >= full)
        return next_poll(txn, c, 0); /* there is more */
    if (call != MASTODON_OWN && c->own_id[0])
        return start_call(txn, c, MASTODON_OWN);
    return next_poll(txn, c, c->poll_span);
}

int poll_answer(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__PlatformAnswered *answer = msg;
    UPP_AUTO(connection_done) connection c = { 0 };
    const int missing = read_connection(txn, in->subject, &c);
    if (missing)
        return missing < 0 ? missing : 0; /* disconnected meanwhile */
    const int call = mastodon_call_named(c.doing);
    if (call < 0)
        return 0;
    if (!answer)
        return failed(txn, &c, VERDICT_TRANSIENT, NULL);
    const enum verdict verdict = mastodon_verdict(answer->status);
    if (verdict != VERDICT_OK)
        return failed(txn, &c, verdict, answer);
    UPP_AUTO(json_freep)
    json_t *json = json_loadb((const char *)answer->body.data, answer->body.len, 0, NULL);
    if (!json)
        return failed(txn, &c, VERDICT_PERMANENT, answer);
    return call == MASTODON_WHO ? learn_own(txn, &c, json)
                                : read_page(txn, &c, (enum mastodon_call)call, json, answer);
}
