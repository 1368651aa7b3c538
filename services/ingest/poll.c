/* poll.c - one look at a time for each connected account: ask, read, keep, move the mark (R13,
 * platforms.md §3: the mark never moves before its items are durable - they commit together). */
#include "ingest.h"
#include "walk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has(const connection *c, enum look look)
{
    return (c->how->looks & 1U << look) != 0;
}

/* -- the call -- */
static int start_call(upp_txn *txn, const connection *c, enum look look, const look_where *where,
                      const char *item)
{
    char key[ALARM_KEY + 32];
    UPP_AUTO(call_request_done) request r = { 0 };
    if (!c->how->look(look, where, &r))
        return 1;
    snprintf(key, sizeof key, "poll/%s/%lld", c->account, (long long)c->calls + 1);
    const char *const about_item[] = { c->account, item, NULL };
    const int there = connection_ask(txn, c, &r, item[0] ? about_item : UPP_ABOUT(c->account), key);
    if (there)
        return there;
    const int rc = upp_exec(txn,
                            "UPDATE connection SET calls = calls + 1, doing = ?2, doing_item = ?3"
                            " WHERE account = ?1",
                            BIND(V(c->account), V(look_name(look)), V(item)));
    return rc < 0 ? rc : 0;
}

static int rest(upp_txn *txn, const connection *c, upp_ms span)
{
    char alarm[ALARM_KEY];
    snprintf(alarm, sizeof alarm, "poll/%s", c->account);
    UPP_TRY(
        upp_exec(txn, "UPDATE connection SET doing = '' WHERE account = ?1", BIND(V(c->account))));
    return upp_alarm(txn, alarm, upp_now(txn) + span);
}

/* The oldest walk of the account goes on. 1: there is none. */
static int start_walk(upp_txn *txn, const connection *c)
{
    char item[UPP_ID];
    int64_t ref = 0;
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT item, after_ref FROM walk WHERE account = ?1 ORDER BY rowid LIMIT 1",
            BIND(V(c->account)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
        snprintf(item, sizeof item, "%s", upp_col_text(&row, 0));
        ref = upp_col_int(&row, 1);
    }
    UPP_AUTO(item_target_done) target t = { 0 };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *cursor = NULL;
    int missing = item_target_read(txn, item, &t);
    UPP_TRY(missing);
    if (!missing)
        missing = upp_recall(txn, ref, &uppsikt__platform_cursor__descriptor, &cursor);
    UPP_TRY(missing);
    if (!missing) {
        look_where where = connection_where(c);
        item_target_where(&t, c->how, &where);
        where.after = ((const Uppsikt__PlatformCursor *)cursor)->after;
        missing = start_call(txn, c, LOOK_THREAD, &where, item);
        UPP_TRY(missing);
    }
    return missing ? walk_drop(txn, item) : 0;
}

/* 1: no item is to be looked at now. */
static int start_item(upp_txn *txn, const connection *c)
{
    char item[UPP_ID];
    UPP_AUTO(item_target_done) target t = { 0 };
    UPP_TRY(watch_due(txn, c, item));
    if (!item[0])
        return 1;
    int missing = item_target_read(txn, item, &t);
    UPP_TRY(missing);
    if (!missing) {
        look_where where = connection_where(c);
        item_target_where(&t, c->how, &where);
        missing = start_call(txn, c, LOOK_ITEM, &where, item);
        UPP_TRY(missing);
    }
    if (!missing)
        return 0;
    UPP_TRY(watch_end(txn, item));
    return rest(txn, c, 0);
}

/* After the lists: what they had no room for, then single items, then rest. */
static int go_on(upp_txn *txn, const connection *c)
{
    int none = has(c, LOOK_THREAD) ? start_walk(txn, c) : 1;
    if (none == 1 && has(c, LOOK_ITEM))
        none = start_item(txn, c);
    if (none <= 0)
        return none;
    upp_ms due = INT64_MAX;
    UPP_TRY(watch_next(txn, c, &due));
    const upp_ms span = due - upp_now(txn);
    return rest(txn, c, span < 0 ? 0 : span < c->poll_span ? span : c->poll_span);
}

static bool is_back_due(upp_txn *txn, const ingest_config *config, const connection *c)
{
    if (!has(c, LOOK_BACK))
        return false;
    const upp_ms span = c->how->back_span > 0 ? c->how->back_span : config->look_back_span;
    return upp_now(txn) - c->overlap_ms >= span;
}

static int start_list(upp_txn *txn, const connection *c, enum look look)
{
    look_where where = connection_where(c);
    where.since = upp_now(txn) - c->how->back_reach;
    const int no = start_call(txn, c, look, &where, "");
    UPP_TRY(no);
    UPP_TRY(
        upp_exec(txn, "UPDATE connection SET hurry = 0 WHERE account = ?1", BIND(V(c->account))));
    return no ? upp_fail(txn, UPP_E_INPUT, "%s: its %s does not fit into a call", c->account,
                         look_name(look))
              : 0;
}

int poll_alarm(upp_txn *txn, const ingest_config *config, const char *account)
{
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_TRY(connection_version(txn, config, account));
    const int missing = connection_read(txn, account, &c);
    UPP_TRY(missing);
    if (missing || c.doing[0]) /* a call is under way; its answer goes on */
        return 0;
    if (c.how->pushes) /* the push that was promised has not come */
        return connection_silent(txn, &c);
    if (renew_due(txn, &c))
        return renew_start(txn, &c);
    if (!c.own_key[0] && has(&c, LOOK_WHO))
        return start_list(txn, &c, LOOK_WHO);
    /* an item that is due earlier than the lists does not make them come earlier */
    if (!c.hurry && c.state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK &&
        upp_now(txn) - c.polled_ms < c.poll_span && !is_back_due(txn, config, &c))
        return go_on(txn, &c);
    return start_list(txn, &c, is_back_due(txn, config, &c) ? LOOK_BACK : LOOK_NEWS);
}

int poll_now(upp_txn *txn, const char *account)
{
    char alarm[ALARM_KEY];
    snprintf(alarm, sizeof alarm, "poll/%s", account);
    UPP_TRY(upp_exec(txn, "UPDATE connection SET hurry = 1 WHERE account = ?1", BIND(V(account))));
    return upp_alarm(txn, alarm, upp_now(txn));
}

int poll_forget(upp_txn *txn, const char *item)
{
    char account[64];
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT account FROM connection WHERE doing <> '' AND doing_item = ?1",
                      BIND(V(item)));
        if (!upp_next(&row))
            return row.rc;
        snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
    }
    const int rc =
        upp_exec(txn, "UPDATE connection SET doing = '' WHERE account = ?1", BIND(V(account)));
    return rc < 0 ? rc : poll_now(txn, account);
}

/* -- what came back -- */
static int failed(upp_txn *txn, const connection *c, enum verdict verdict, upp_ms asked)
{
    upp_ms wait = 0;
    UPP_TRY(connection_failed(txn, c, verdict, asked, &wait));
    return rest(txn, c, wait);
}

static int learn_own(upp_txn *txn, const connection *c, const json_t *json)
{
    const char *id = c->how->own(json);
    if (!id || strlen(id) >= sizeof c->own_id)
        return failed(txn, c, VERDICT_PERMANENT, 0);
    char key[UPP_HEX];
    upp_content kept;
    Uppsikt__ItemAuthor own = UPPSIKT__ITEM_AUTHOR__INIT;
    own.id = upp_lend(id);
    UPP_TRY(upp_drop(txn, c->own_ref));
    const int gone = upp_keep(txn, UPP_ABOUT(c->account), &own.base, &kept);
    UPP_TRY(gone);
    upp_keyed(txn, (const char *const[]){ "author", c->how->name, c->account, id, NULL }, key);
    UPP_TRY(upp_exec(txn, "UPDATE connection SET own_key = ?2, own_ref = ?3 WHERE account = ?1",
                     BIND(V(c->account), V(key), V(kept.ref))));
    UPP_TRY(connection_well(txn, c));
    return rest(txn, c, 0);
}

/* Keeps a page's items; `fresh` tells of each whether it was new. */
static int keep_page(upp_txn *txn, const connection *c, page *p, const char *post, bool *fresh,
                     size_t *ret_new)
{
    const take_in from = { .account = c->account,
                           .platform = c->how->name,
                           .connected_ms = c->connected_ms,
                           .tells_hidden = c->how->tells_hidden,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_POLL };
    for (size_t i = 0; i < p->n; i++) {
        enum take take = TAKE_KNOWN;
        reading *it = &p->items[i];
        it->thread_id = it->thread_id ? it->thread_id : post;
        it->parent_id = it->parent_id ? it->parent_id : post;
        UPP_TRY(take_in_item(txn, &from, it, &take));
        fresh[i] = take == TAKE_NEW;
        *ret_new += fresh[i];
        if (take == TAKE_TOO_LARGE)
            UPP_TRY(quarantine_json(txn, c->account, "item: is too large", it->json));
    }
    for (size_t i = 0; i < p->bad; i++)
        UPP_TRY(quarantine_json(txn, c->account, p->bads[i].why, p->bads[i].json));
    return 0;
}

static int keep_mark(upp_txn *txn, connection *c, enum look look, const page *p)
{
    int rc = 0;
    const bool fits = p->mark && strlen(p->mark) < sizeof c->mark;
    if (look == LOOK_OWN && fits)
        snprintf(c->own_mark, sizeof c->own_mark, "%s", p->mark);
    else if (c->how->forward && look == LOOK_NEWS && fits)
        snprintf(c->mark, sizeof c->mark, "%s", p->mark);
    else if (!c->how->forward && look == LOOK_BACK)
        snprintf(c->mark, sizeof c->mark, "%s", fits && p->more ? p->mark : "");
    UPP_TRY(upp_exec(txn, "UPDATE connection SET mark = ?2, own_mark = ?3 WHERE account = ?1",
                     BIND(V(c->account), V(c->mark), V(c->own_mark))));
    if (look == LOOK_BACK && (c->how->forward || !p->more))
        rc = upp_exec(txn, "UPDATE connection SET overlap_ms = ?2 WHERE account = ?1",
                      BIND(V(c->account), V(upp_now(txn))));
    return rc < 0 ? rc : 0;
}

/* Nobody looked for longer than three polls and a quarter of an hour: what comes now is late,
 * and not by anybody's neglect (sla.md §3.2). */
static int heed_gap(upp_txn *txn, const connection *c)
{
    const upp_ms usual = 3 * c->poll_span > 15 * UPP_MINUTE ? 3 * c->poll_span : 15 * UPP_MINUTE;
    if (c->polled_ms == 0 || upp_now(txn) - c->polled_ms <= usual)
        return 0;
    Uppsikt__IngestGapFound out = UPPSIKT__INGEST_GAP_FOUND__INIT;
    out.account = upp_lend(c->account);
    out.from_ms = c->polled_ms;
    out.to_ms = upp_now(txn);
    return upp_emit(txn, c->account, &out.base, NULL);
}

/* A list was read, or is as it was. */
static int has_seen(upp_txn *txn, const connection *c)
{
    UPP_TRY(heed_gap(txn, c));
    UPP_TRY(upp_exec(txn, "UPDATE connection SET polled_ms = ?2 WHERE account = ?1",
                     BIND(V(c->account), V(upp_now(txn)))));
    return connection_well(txn, c);
}

static int read_list(upp_txn *txn, connection *c, enum look look, const heard *h)
{
    UPP_AUTO(listing_done) page p = { 0 };
    size_t fresh = 0;
    if (c->how->read(look, h->json, c->own_id, &p) < 0)
        return failed(txn, c, VERDICT_PERMANENT, 0);
    bool *is_fresh = calloc(p.n + 1, sizeof *is_fresh);
    upp_check(is_fresh);
    int rc = keep_page(txn, c, &p, NULL, is_fresh, &fresh);
    if (rc >= 0)
        rc = walk_keep_threads(txn, c, &p, is_fresh, look == LOOK_BACK ? WALK_ALL : WALK_KNOWN);
    free(is_fresh);
    UPP_TRY(rc);
    if (p.oldest_ms > 0 && p.oldest_ms < upp_now(txn) - c->how->back_reach)
        p.more = false; /* as far back as is looked */
    UPP_TRY(keep_mark(txn, c, look, &p));
    UPP_TRY(has_seen(txn, c));
    if (h->wait > 0) /* nine tenths of what the platform allows are used */
        return rest(txn, c, h->wait);
    const bool on = c->how->forward ? look != LOOK_BACK && fresh > 0 : look == LOOK_BACK;
    if (p.more && on)
        return start_list(txn, c, look); /* there is more */
    if (look != LOOK_OWN && look != LOOK_HELD && has(c, LOOK_OWN) && c->own_id[0])
        return start_list(txn, c, LOOK_OWN);
    if (look != LOOK_HELD && has(c, LOOK_HELD))
        return start_list(txn, c, LOOK_HELD);
    return go_on(txn, c);
}

static int read_thread(upp_txn *txn, connection *c, const heard *h)
{
    UPP_AUTO(listing_done) page p = { 0 };
    UPP_AUTO(item_target_done) target t = { 0 };
    const int missing = item_target_read(txn, c->doing_item, &t);
    UPP_TRY(missing);
    if (missing || c->how->read(LOOK_THREAD, h->json, c->own_id, &p) < 0) {
        UPP_TRY(walk_drop(txn, c->doing_item));
        return rest(txn, c, 0);
    }
    size_t fresh = 0;
    enum walk_depth depth = WALK_KNOWN;
    bool *is_fresh = calloc(p.n + 1, sizeof *is_fresh);
    upp_check(is_fresh);
    int rc = walk_depth_of(txn, c->doing_item, &depth);
    if (rc >= 0)
        rc = walk_learn_alias(txn, c, &p);
    if (rc >= 0)
        rc = keep_page(txn, c, &p, t.what->external_id, is_fresh, &fresh);
    if (rc >= 0)
        rc = walk_keep_threads(txn, c, &p, is_fresh, depth);
    const bool oldest = p.n > 0 && is_fresh[0];
    free(is_fresh);
    UPP_TRY(rc);
    if (p.more && (depth != WALK_KNOWN || oldest))
        UPP_TRY(walk_set(txn, c, c->doing_item, p.mark, depth));
    else
        UPP_TRY(walk_drop(txn, c->doing_item));
    UPP_TRY(connection_well(txn, c));
    return rest(txn, c, h->wait);
}

static int read_item(upp_txn *txn, connection *c, const heard *h)
{
    UPP_TRY(watch_saw(txn, c, c->doing_item, h->json));
    UPP_TRY(connection_well(txn, c));
    return rest(txn, c, h->wait);
}

/* Nothing has changed; who was asked without a mark does not know that. */
static int read_same(upp_txn *txn, const connection *c)
{
    if (!c->mark[0])
        return failed(txn, c, VERDICT_PERMANENT, 0);
    UPP_TRY(has_seen(txn, c));
    return go_on(txn, c);
}

/* A good status, and nothing of the platform's own kind below it. Where its connector tells why,
 * that is set aside with it while the account counts as well: such pages often differ each time. */
static int read_nothing(upp_txn *txn, const connection *c, const heard *h)
{
    const quarantined q = { .account = c->account, .import = c->account, .why = h->why };
    if (h->why[0] && c->state == UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK)
        UPP_TRY(quarantine_put(txn, &q, h->body));
    return failed(txn, c, VERDICT_PERMANENT, h->wait);
}

/* What a bad answer means for this look; 1: it is the connection's own business. */
static int read_refusal(upp_txn *txn, connection *c, enum look look, const heard *h)
{
    if (h->verdict == VERDICT_GONE && look == LOOK_ITEM)
        UPP_TRY(watch_missed(txn, c, c->doing_item));
    else if (h->verdict == VERDICT_GONE && look == LOOK_THREAD)
        UPP_TRY(walk_drop(txn, c->doing_item));
    else if (h->verdict == VERDICT_CURSOR && look == LOOK_THREAD)
        UPP_TRY(walk_drop(txn, c->doing_item));
    else if (h->verdict == VERDICT_PERMANENT && look == LOOK_THREAD)
        UPP_TRY(walk_give_up(txn, c, h)); /* else it would be tried for ever, before all others */
    else if (h->verdict == VERDICT_CURSOR && c->mark[0])
        UPP_TRY(upp_exec(txn, "UPDATE connection SET mark = '' WHERE account = ?1",
                         BIND(V(c->account))));
    else if (h->verdict == VERDICT_FIELD && c->rung < 8)
        UPP_TRY(upp_exec(txn, "UPDATE connection SET rung = rung + 1 WHERE account = ?1",
                         BIND(V(c->account))));
    else
        return 1;
    return rest(txn, c, 0);
}

int poll_answer(upp_txn *txn, const ingest_config *config, const char *account,
                const Uppsikt__PlatformAnswered *answer)
{
    (void)config;
    UPP_AUTO(connection_done) connection c = { 0 };
    UPP_AUTO(heard_done) heard h = { 0 };
    const int missing = connection_read(txn, account, &c);
    if (missing)
        return missing < 0 ? missing : 0; /* disconnected meanwhile */
    if (renew_is_under_way(&c)) {
        UPP_TRY(renew_answer(txn, &c, answer, &h.verdict));
        return h.verdict == VERDICT_OK ? rest(txn, &c, 0) : failed(txn, &c, h.verdict, 0);
    }
    const int look = look_named(c.doing);
    if (look < 0)
        return 0;
    connection_heard(&c, answer, &h);
    const int ended = connection_ended(txn, &c, h.verdict);
    if (ended)
        return ended < 0 ? ended : rest(txn, &c, 0);
    if (h.verdict == VERDICT_SAME)
        return read_same(txn, &c);
    if (h.verdict != VERDICT_OK) {
        const int own = read_refusal(txn, &c, (enum look)look, &h);
        return own == 1 ? failed(txn, &c, h.verdict, h.wait) : own;
    }
    if (!h.json)
        return read_nothing(txn, &c, &h);
    if (look == LOOK_WHO)
        return learn_own(txn, &c, h.json);
    if (look == LOOK_THREAD)
        return read_thread(txn, &c, &h);
    if (look == LOOK_ITEM)
        return read_item(txn, &c, &h);
    return read_list(txn, &c, (enum look)look, &h);
}
