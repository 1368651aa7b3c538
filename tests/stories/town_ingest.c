/* town_ingest.c - ingest in the town, and a page of the fake Facebook that it may be joined to;
 * what must hold of everything that ever reached the page (I9, I11, I12, I13). */
#include "facebook_fake.h"
#include "ingest.h"
#include "town.h"
#include "town_part.h"
#include "uppsikt/escalation.pb-c.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_ingest_service;

/* One call that was to change something, as it reached the page. */
typedef struct page_call {
    char action[UPP_ID];
    const char *what; /* as the page noted it; "": it had no effect */
    bool removes;     /* hide or delete was asked for */
    upp_ms at;
    char text[80]; /* what was removed */
} page_call;

typedef struct page_world {
    ingest_config config;
    fakebook *page;
    page_call *calls;
    size_t n_calls;
    Uppsikt__PlatformAnswered answer;
    char *body;
} page_world;

fakebook *town_page(town *t)
{
    page_world *w = t->page;
    return w->page;
}

/* "act/<action>/<n>" */
static void note(page_world *w, const sim_attempt *attempt, const Uppsikt__CallPlatform *c,
                 size_t deeds_before)
{
    const fakebook_deed *deeds;
    const size_t n = fakebook_deeds(w->page, &deeds);
    const char *key = attempt->asked.key;
    upp_check(strncmp(key, "act/", 4) == 0);
    w->calls = realloc(w->calls, (w->n_calls + 1) * sizeof *w->calls);
    upp_check(w->calls);
    page_call *call = &w->calls[w->n_calls++];
    *call = (page_call){ .what = n > deeds_before && deeds[n - 1].effect ? deeds[n - 1].what : "",
                         .removes =
                             strcmp(c->method, "DELETE") == 0 ||
                             (c->body.len > 12 && memcmp(c->body.data, "is_hidden=true", 14) == 0),
                         .at = attempt->now };
    if (call->removes && call->what[0])
        snprintf(call->text, sizeof call->text, "%s", fakebook_text(w->page, deeds[n - 1].id));
    snprintf(call->action, sizeof call->action, "%.*s", (int)strcspn(key + 4, "/"), key + 4);
}

static void call_page(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    page_world *w = ctx;
    const Uppsikt__CallPlatform *c = (const Uppsikt__CallPlatform *)attempt->asked.request;
    const bool writes = strcmp(c->method, "GET") != 0;
    const fakebook_deed *ignored;
    fakebook_response r;
    (void)s;
    uppsikt__platform_answered__init(&w->answer);
    w->answer.at_ms = attempt->now;
    w->answer.sent = true;
    reply->answer = &w->answer.base;
    if (writes &&
        attempt->asked.attempt > 1) { /* as port_platform.c: it may have gone out before */
        w->answer.failed = upp_lend("interrupted");
        return;
    }
    char *body = c->body.len ? strndup((const char *)c->body.data, c->body.len) : NULL;
    const fakebook_request q = { .method = c->method,
                                 .body = body,
                                 .type = c->n_headers ? c->headers[0]->value : NULL,
                                 .bearer = "TOKEN",
                                 .now_s = attempt->now / UPP_SECOND };
    const size_t before = fakebook_deeds(w->page, &ignored);
    fakebook_call(w->page, c->url, &q, &r);
    if (writes)
        note(w, attempt, c, before);
    free(body);
    free(w->body);
    w->body = r.body;
    if (r.cut) {
        w->answer.failed = upp_lend("cut");
        return;
    }
    w->answer.status = r.status;
    w->answer.body = (ProtobufCBinaryData){ r.body ? strlen(r.body) : 0, (uint8_t *)r.body };
}

static void *open_ingest(town *t, void *shared)
{
    page_world *w = calloc(1, sizeof *w);
    (void)shared;
    upp_check(w);
    w->config =
        (ingest_config){ .token_key =
                             "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                         .poll_span = 10 * UPP_MINUTE,
                         .look_back_span = 5 * UPP_MINUTE };
    w->page = fakebook_new("77", "Sjöberga kommun", "TOKEN");
    t->page = w;
    sim_config(t->s, "ingest", &w->config);
    sim_port(t->s, "platform", call_page, w);
    return w;
}

static void close_ingest(void *own)
{
    page_world *w = own;
    fakebook_free(w->page);
    free(w->calls);
    free(w->body);
    free(w);
}

const char *town_removed(const town *t, const char *action, upp_ms *ret_at)
{
    const page_world *w = t->page;
    for (size_t i = 0; i < w->n_calls; i++)
        if (w->calls[i].text[0] && strcmp(w->calls[i].action, action) == 0) {
            *ret_at = w->calls[i].at;
            return w->calls[i].text;
        }
    return NULL;
}

void town_connect(town *t)
{
    Uppsikt__ConnectAccount c = UPPSIKT__CONNECT_ACCOUNT__INIT;
    c.account = upp_lend("acc");
    c.connector = upp_lend("facebook");
    c.base_url = upp_lend("http://127.0.0.1:1/v25.0");
    c.token = upp_lend("TOKEN");
    c.poll_span = t->poll_span;
    town_did(t, "ingest", "com", &c.base);
}

/* -- what must hold -- */
/* The first number of `sql` with `id` for ?1; -1: no row. */
static int64_t number_of(town *t, const char *service, const char *sql, const char *id)
{
    sqlite3_stmt *row = NULL;
    int64_t n = -1;
    upp_check(sqlite3_prepare_v2(town_store(t, service), sql, -1, &row, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_text(row, 1, id, -1, SQLITE_STATIC) == SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW)
        n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return n;
}

/* When that version of that item was sealed as far as `level`: by evidence's own store. -1:
 * never. */
static int64_t sealed_at(town *t, const char *item, int64_t version, int64_t level)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT min(sealed_ms) FROM record WHERE item = ?1 AND version = %" PRId64
             " AND level >= %" PRId64 " AND sealed_ms > 0",
             version, level);
    const int64_t at = number_of(t, "evidence", sql, item);
    return at > 0 ? at : -1;
}

/* I11, P3: no call that hides or deletes reached the page before the copy of that version was
 * sealed, with or without an effect. I13: each belongs to a decision of escalation's. */
static void check_call(town *t, const page_call *call)
{
    sqlite3_stmt *row = NULL;
    char item[UPP_ID] = "";
    int64_t version = 0, what = 0;
    upp_check(sqlite3_prepare_v2(town_store(t, "ingest"),
                                 "SELECT item, version, what FROM action WHERE action = ?1", -1,
                                 &row, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_text(row, 1, call->action, -1, SQLITE_STATIC) == SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW) {
        snprintf(item, sizeof item, "%s", (const char *)sqlite3_column_text(row, 0));
        version = sqlite3_column_int64(row, 1);
        what = sqlite3_column_int64(row, 2);
    }
    sqlite3_finalize(row);
    if (!item[0])
        town_wrong(t, "I13: a call of no action: %s", call->action);
    if (!call->removes)
        return;
    if (number_of(t, "escalation", "SELECT count(*) FROM matter WHERE decision = ?1",
                  call->action) < 1 &&
        number_of(t, "escalation",
                  "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.DecisionMade'"
                  " AND instr(envelope, ?1) > 0",
                  call->action) < 1)
        town_wrong(t, "I13: a removal that nobody decided: %s", call->action);
    const int64_t at = sealed_at(t, item, version, what == GATE_DELETE ? 2 : 1);
    if (at < 0 || at > call->at)
        town_wrong(t, "I11: a removal of %s version %" PRId64 " at %" PRId64 ", sealed at %" PRId64,
                   item, version, call->at, at);
}

static size_t effects_of(const page_world *w, const char *action)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_calls; i++)
        n += w->calls[i].what[0] && strcmp(w->calls[i].action, action) == 0;
    return n;
}

static int64_t said_of(town *t, const char *type, const char *action)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s' AND instr(envelope, ?1) > 0",
             type);
    return number_of(t, "ingest", sql, action);
}

/* I12: done is one effect (none, when it was to be shown and was never hidden, or hidden and was
 * never shown), refused is none, or nobody knows (its answer was lost, and then it was forgotten or
 * gone); each end is said once, and everything has one. */
static uint64_t check_actions(town *t, const page_world *w)
{
    sqlite3_stmt *row = NULL;
    uint64_t n = 0, unknowns = 0;
    upp_check(
        sqlite3_prepare_v2(town_store(t, "ingest"),
                           "SELECT action, state, state = 5 AND why = 'unknown', what <> 1 AND"
                           " EXISTS(SELECT 1 FROM action r WHERE r.item = action.item AND"
                           " (r.what < 2) = (action.what = 2) AND r.state = 5) FROM action",
                           -1, &row, NULL) == SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *id = (const char *)sqlite3_column_text(row, 0);
        const int state = sqlite3_column_int(row, 1);
        const bool unknown = sqlite3_column_int(row, 2) != 0;
        const bool stood = sqlite3_column_int(row, 3) != 0; /* as it should already */
        const size_t effects = effects_of(w, id);
        n++;
        unknowns += unknown;
        if (effects != (state == 4) && !t->by_others && !unknown && !(stood && effects == 0))
            town_wrong(t, "I12: action %s in state %d has %zu effects", id, state, effects);
        if (effects > 1)
            town_wrong(t, "I12: action %s has %zu effects", id, effects);
        if (said_of(t, "ActionDone", id) != (state == 4) ||
            said_of(t, "ActionRefused", id) != (state == 5))
            town_wrong(t, "I12: the end of action %s in state %d is not said once", id, state);
    }
    sqlite3_finalize(row);
    town_counted(t, "I12 outcomes that nobody knows", unknowns);
    return n;
}

static void check_ingest(town *t, void *own)
{
    const page_world *w = own;
    if (w->n_calls > 0 && !(t->services & TOWN_EVIDENCE))
        return; /* then the story itself says what was sealed */
    for (size_t i = 0; i < w->n_calls; i++)
        check_call(t, &w->calls[i]);
    town_counted(t, "I11 calls that change the page", w->n_calls);
    town_counted(t, "I12 actions with their effects", check_actions(t, w));
    if (town_number(t, "ingest", "SELECT count(*) FROM upp_parked") != 0)
        town_wrong(t, "something was parked in ingest");
}

const town_part town_ingest = { .flag = TOWN_INGEST,
                                .service = &upp_ingest_service,
                                .open = open_ingest,
                                .check = check_ingest,
                                .close = close_ingest };
