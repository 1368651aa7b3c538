/* office_fixture.c - ingest alone, a page, and the world around it. */
#include "office_fixture.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_ingest_service;

/* -- the port -- */
static void put_answer(office *o, const fakebook_response *r, upp_ms now)
{
    Uppsikt__PlatformAnswered *a = &o->answer;
    free(o->body);
    o->body = r->body;
    uppsikt__platform_answered__init(a);
    a->at_ms = now;
    a->sent = true;
    if (r->cut) {
        a->failed = upp_lend("cut");
        return;
    }
    a->status = r->status;
    a->body = (ProtobufCBinaryData){ r->body ? strlen(r->body) : 0, (uint8_t *)r->body };
    snprintf(o->usage_text, sizeof o->usage_text, "%s", r->usage);
    uppsikt__http_header__init(&o->usage);
    o->usage.name = upp_lend("x-business-use-case-usage");
    o->usage.value = o->usage_text;
    o->headers[0] = &o->usage;
    a->headers = o->headers;
    a->n_headers = 1;
}

void office_call(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    office *o = ctx;
    const Uppsikt__CallPlatform *c = (const Uppsikt__CallPlatform *)attempt->asked.request;
    reply->answer = &o->answer.base;
    (void)s;
    if (attempt->asked.attempt > 1 && strcmp(c->method, "GET") != 0) { /* port_platform.c */
        uppsikt__platform_answered__init(&o->answer);
        o->answer.failed = upp_lend("interrupted");
        o->answer.sent = true;
        return;
    }
    char *body = c->body.len ? strndup((const char *)c->body.data, c->body.len) : NULL;
    const fakebook_request q = { .method = c->method,
                                 .body = body,
                                 .type = c->n_headers ? c->headers[0]->value : NULL,
                                 .bearer = o->token,
                                 .now_s = attempt->now / UPP_SECOND };
    fakebook_response r;
    fakebook_call(o->page, c->url, &q, &r);
    free(body);
    put_answer(o, &r, attempt->now);
}

/* -- the world -- */
static void say(office *o, const char *source, const char *subject, const ProtobufCMessage *m,
                const ProtobufCMessage *content)
{
    sim_say(o->s, source, subject, m, content);
    sim_run(o->s, 2 * UPP_SECOND);
}

static void person(office *o, const char *id, const char *first, const char *last)
{
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    p.person = upp_lend(id);
    who.first_name = upp_lend(first);
    who.last_name = upp_lend(last);
    who.title = upp_lend("kommunikatör");
    who.mail = upp_lend("x@x.se");
    say(o, "registry", id, &p.base, &who.base);
}

const char *office_do(office *o, const char *by, const ProtobufCMessage *command)
{
    static char refused[96];
    upp_frames outcome;
    const size_t n = sim_command(o->s, "ingest", by, command);
    for (int i = 0; i < 600 && !sim_outcome(o->s, n, &outcome); i++)
        sim_run(o->s, UPP_SECOND);
    assert_true(sim_outcome(o->s, n, &outcome));
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, outcome.chain.len, outcome.chain.at);
    assert_non_null(head);
    snprintf(refused, sizeof refused, "%s", head->refused);
    uppsikt__answer_head__free_unpacked(head, NULL);
    return refused;
}

static void connect_page(office *o)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    a.account = upp_lend("acc");
    a.platform = upp_lend("facebook");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    say(o, "registry", "acc", &a.base, &facts.base);
    person(o, "anna", "Anna", "Ek");
    person(o, "bo", "Bo", "Al");
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    left.person = upp_lend("bo");
    say(o, "registry", "bo", &left.base, NULL);
    Uppsikt__ConnectAccount c = UPPSIKT__CONNECT_ACCOUNT__INIT;
    c.account = upp_lend("acc");
    c.connector = upp_lend("facebook");
    c.base_url = upp_lend("http://127.0.0.1:1/v25.0");
    c.token = upp_lend("TOKEN");
    c.poll_span = UPP_MINUTE;
    assert_string_equal(office_do(o, "anna", &c.base), "");
    sim_run(o->s, 3 * UPP_MINUTE);
}

int office_set_up(void **state)
{
    const upp_service *const services[] = { &upp_ingest_service };
    office *o = calloc(1, sizeof *o);
    upp_check(o);
    o->config =
        (ingest_config){ .token_key =
                             "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                         .poll_span = UPP_MINUTE,
                         .look_back_span = 5 * UPP_MINUTE };
    o->s = sim_new(1, services, 1);
    o->token = "TOKEN";
    o->page = fakebook_new("77", "Sjöberga kommun", "TOKEN");
    o->post = fakebook_post(o->page, &(fakebook_words){ .text = "Badet öppnar" },
                            SIM_START / UPP_SECOND - 3600);
    sim_config(o->s, "ingest", &o->config);
    sim_port(o->s, "platform", office_call, o);
    connect_page(o);
    *state = o;
    return 0;
}

int office_tear_down(void **state)
{
    office *o = *state;
    sim_tally tally = { 0 };
    const bool settled = sim_settle(o->s, UPP_DAY);
    const bool well = sim_check(o->s, &tally);
    if (!well || !settled)
        fprintf(stderr, "  %s\n", settled ? sim_why(o->s) : "it does not come to rest");
    sim_free(o->s);
    fakebook_free(o->page);
    free(o->body);
    free(o);
    return well && settled ? 0 : -1;
}

const char *office_comment(office *o, const char *text, char ret_item[UPP_ID])
{
    const fakebook_words words = { .author = "901", .name = "Åsa Medborgare", .text = text };
    const int64_t before = office_number(o, "SELECT count(*) FROM item");
    const char *id = fakebook_comment(o->page, o->post, &words, sim_now(o->s) / UPP_SECOND);
    assert_non_null(id);
    for (int i = 0; i < 600 && office_number(o, "SELECT count(*) FROM item") == before; i++)
        sim_run(o->s, UPP_SECOND);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(sim_node(o->s, "ingest")),
                                        "SELECT item FROM item ORDER BY rowid DESC LIMIT 1", -1,
                                        &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(ret_item, UPP_ID, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return id;
}

const char *office_decide(office *o, const char *item, uint32_t version, Uppsikt__ItemAction what,
                          const char *plan_row)
{
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    Uppsikt__DecisionMadeContent note = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    snprintf(o->id, sizeof o->id, "D%02d", ++o->decisions);
    d.decision = o->id;
    d.matter = upp_lend("M1");
    d.item = upp_lend(item);
    d.version = version;
    d.account = upp_lend("acc");
    d.action = what;
    d.reason = upp_lend("attack");
    d.plan_row = upp_lend(plan_row);
    d.by = upp_lend("anna");
    say(o, "escalation", item, &d.base, &note.base);
    return o->id;
}

void office_seal(office *o, const char *item, uint32_t version, int level)
{
    Uppsikt__EvidenceSealed e = UPPSIKT__EVIDENCE_SEALED__INIT;
    Uppsikt__EvidenceSealedContent manifest = UPPSIKT__EVIDENCE_SEALED_CONTENT__INIT;
    e.item = upp_lend(item);
    e.version = version;
    e.record = upp_lend("R1");
    e.level = (Uppsikt__SealLevel)level;
    e.account = upp_lend("acc");
    say(o, "evidence", item, &e.base, &manifest.base);
}

const char *office_reply(office *o, const char *item, const char *text)
{
    Uppsikt__SendReply r = UPPSIKT__SEND_REPLY__INIT;
    r.item = upp_lend(item);
    r.text = upp_lend(text);
    r.person = upp_lend("anna");
    return office_do(o, "anna", &r.base);
}

void office_hold(office *o, bool hold)
{
    Uppsikt__HoldActions h = UPPSIKT__HOLD_ACTIONS__INIT;
    h.hold = hold;
    assert_string_equal(office_do(o, "anna", &h.base), "");
}

/* -- what came of it -- */
int64_t office_number(office *o, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    sqlite3 *db = upp_node_db(sim_node(o->s, "ingest"));
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

size_t office_said(office *o, const char *type)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s'", type);
    return (size_t)office_number(o, sql);
}

void office_item(office *o, const char *type, char ret_item[UPP_ID])
{
    char name[80];
    sqlite3_stmt *stmt = NULL;
    snprintf(name, sizeof name, "uppsikt.%s", type);
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(sim_node(o->s, "ingest")),
                                        "SELECT subject FROM upp_log WHERE type = ?1"
                                        " ORDER BY seq DESC LIMIT 1",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(ret_item, UPP_ID, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static bool take_row(void *ctx, const upp_frames *frames)
{
    char *text = ctx;
    if (frames->type.len == 0 || text[0])
        return true;
    Uppsikt__WaitingAction *w =
        uppsikt__waiting_action__unpack(NULL, frames->envelope.len, frames->envelope.at);
    assert_non_null(w);
    snprintf(text, 128, "%s %s %s", w->state, w->missing, w->why);
    uppsikt__waiting_action__free_unpacked(w, NULL);
    return true;
}

const char *office_waits(office *o)
{
    static char text[128];
    uint8_t packed[64], id[16] = { 1 };
    Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
    static const char type[] = "uppsikt.WaitingActions";
    head.id = (ProtobufCBinaryData){ sizeof id, id };
    const size_t n = uppsikt__request_head__pack(&head, packed);
    const upp_frames asks = { .type = { (const uint8_t *)type, sizeof type - 1 },
                              .envelope = { packed, n },
                              .chain = { (const uint8_t *)"", 0 } };
    text[0] = '\0';
    assert_int_equal(
        upp_node_query(sim_node(o->s, "ingest"), sim_now(o->s), "console", &asks, take_row, text),
        0);
    return text;
}

size_t office_effects(const office *o, const char *what)
{
    const fakebook_deed *deeds;
    const size_t n = fakebook_deeds(o->page, &deeds);
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += deeds[i].effect && strcmp(deeds[i].what, what) == 0;
    return found;
}
