/* acts_fixture.h - the console's port without its bus: forms are sent as a browser would send them,
 * to the port's own code; what would go to the bus is written down instead. */
#pragma once
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "visit.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION  "01JZ0000000000000000000000"
#define PASSWORD "hemliga hästar i hagen"
static const upp_ms now = 1764000000000;
static const uint8_t token[GUARD_TOKEN] = { 7, 7, 7 };

/* -- the bus, as it is for one visitor -- */
typedef struct sent {
    char service[16], type[64], by[32], session[32], reason[64], what[16];
    uint8_t id[16];
    uint8_t bytes[1024]; /* the whole command */
    size_t len;
} sent;

static struct bus {
    sent commands[220];
    size_t n;
    const char *session; /* in force */
    Uppsikt__MatterKind kind;
    Uppsikt__ItemKind item_kind;
    bool asked, nobody;     /* an officer's words are wanted; nobody is signed in */
    const char *role;       /* hers; NULL: none */
    int refused_from;       /* which of the commands is the first that is not taken; 0: none */
    int how;                /* and what becomes of it */
    unsigned found, rounds; /* versions that a search finds; how often it was asked */
    bool endless;           /* it never comes to its end */
    const char *text;       /* of each; NULL: a short one */
    const char *errand, *happened, *detail; /* of the matter; NULL: none */
    bool looks_only;                        /* she may not act on it */
    unsigned listed;                        /* items of the one disposal; 0: there is none */
    bool own, disposed;                     /* she proposed it; it is done */
    const char *lacks; /* why she cannot confirm a hand-over; NULL: there is none; "": she can */
    bool confirmed, looks_on; /* it is confirmed; she may tick nothing of it */
    unsigned left;            /* who have left and have access still */
    const char *down;         /* which service does not answer; NULL: all do */
    /* A test's own: rows of a query (1: it is none of its); what becomes of a command, 0, 1 or
     * negative, with *ret_outcome when it is 0. */
    int (*rows)(upp_each *each, void *ctx, const ProtobufCMessage *query);
    int (*outcome)(const sent *s, const ProtobufCMessage *command, ProtobufCMessage **ret_outcome);
    const char *why; /* words of a refusal; NULL: none */
} bus;

static const char *text_of(const ProtobufCMessage *m, const char *name)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
    return f ? *(const char *const *)(const void *)((const uint8_t *)m + f->offset) : "";
}

void upp_client_session(upp_client *client, const char *session)
{
    (void)client;
    bus.session = session;
}

int upp_client_command(upp_client *client, const char *service, const uint8_t id[16],
                       const char *by, const ProtobufCMessage *command,
                       const ProtobufCMessageDescriptor *outcome, upp_ms wait_span,
                       ProtobufCMessage **ret_outcome)
{
    (void)client, (void)wait_span;
    assert_true(bus.n < UPP_LEN(bus.commands));
    sent *s = &bus.commands[bus.n++];
    memcpy(s->id, id, sizeof s->id);
    snprintf(s->what, sizeof s->what, "%s", text_of(command, "what"));
    snprintf(s->service, sizeof s->service, "%s", service);
    snprintf(s->type, sizeof s->type, "%s", strchr(command->descriptor->name, '.') + 1);
    snprintf(s->by, sizeof s->by, "%s", by ? by : "");
    snprintf(s->session, sizeof s->session, "%s", bus.session ? bus.session : "");
    snprintf(s->reason, sizeof s->reason, "%s", text_of(command, "reason"));
    assert_true(protobuf_c_message_get_packed_size(command) <= sizeof s->bytes);
    s->len = protobuf_c_message_pack(command, s->bytes);
    if (bus.refused_from > 0 && bus.n >= (size_t)bus.refused_from)
        return bus.how;
    if (bus.outcome)
        return bus.outcome(s, command, ret_outcome);
    *ret_outcome = protobuf_c_message_unpack(outcome, NULL, 0, (const uint8_t *)"");
    assert_non_null(*ret_outcome);
    return 0;
}

static inline upp_bytes packed(const ProtobufCMessage *m)
{
    const size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = malloc(n + 1);
    assert_non_null(bytes);
    return (upp_bytes){ bytes, protobuf_c_message_pack(m, bytes) };
}

static inline int give(upp_each *each, void *ctx, const ProtobufCMessage *row,
                       const ProtobufCMessage *content)
{
    upp_frames frames = { .envelope = packed(row) };
    if (content)
        frames.content = packed(content);
    each(ctx, &frames);
    free((void *)(uintptr_t)frames.envelope.at);
    free((void *)(uintptr_t)frames.content.at);
    return 0;
}

static inline int give_visitor(upp_each *each, void *ctx)
{
    Uppsikt__VisitorRow row = UPPSIKT__VISITOR_ROW__INIT;
    Uppsikt__VisitorRowContent name = UPPSIKT__VISITOR_ROW_CONTENT__INIT;
    row.session = upp_lend(SESSION);
    row.person = upp_lend("anna");
    row.seen_ms = now;
    name.first_name = upp_lend("Anna");
    name.last_name = upp_lend("Berg");
    name.title = upp_lend("kommunikatör");
    char *roles[] = { upp_lend(bus.role) };
    row.roles = roles;
    row.n_roles = bus.role ? 1 : 0;
    return bus.nobody ? 0 : give(each, ctx, &row.base, &name.base);
}

static inline int give_sheet(upp_each *each, void *ctx)
{
    Uppsikt__SheetRow row = UPPSIKT__SHEET_ROW__INIT;
    Uppsikt__SheetRowContent content = UPPSIKT__SHEET_ROW_CONTENT__INIT;
    Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent shown = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    opened.matter = upp_lend("i1.m1");
    opened.item = upp_lend("i1");
    opened.account = upp_lend("acc");
    opened.kind = bus.kind;
    opened.errand = upp_lend(bus.errand ? bus.errand : "");
    Uppsikt__Happening last = UPPSIKT__HAPPENING__INIT, *happened[] = { &last };
    char *notes[] = { upp_lend("") };
    last.what = upp_lend(bus.happened ? bus.happened : "");
    last.detail = upp_lend(bus.detail ? bus.detail : "");
    last.at_ms = now;
    row.happened = happened;
    content.notes = notes;
    row.n_happened = content.n_notes = bus.happened ? 1 : 0;
    desk.opened = &opened;
    desk.item_kind = bus.item_kind;
    desk.asked = bus.asked;
    row.desk = &desk;
    row.state = upp_lend("open");
    row.may_act = !bus.looks_only;
    content.desk = &shown;
    return give(each, ctx, &row.base, &content.base);
}

static inline int give_login(upp_each *each, void *ctx)
{
    static char hash[crypto_pwhash_STRBYTES];
    Uppsikt__LoginRow row = UPPSIKT__LOGIN_ROW__INIT;
    Uppsikt__LoginRowContent secret = UPPSIKT__LOGIN_ROW_CONTENT__INIT;
    if (!hash[0])
        assert_int_equal(crypto_pwhash_str(hash, PASSWORD, strlen(PASSWORD),
                                           crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
                         0);
    row.person = upp_lend("anna");
    secret.password_hash = hash;
    return give(each, ctx, &row.base, &secret.base);
}

static inline int give_target(upp_each *each, void *ctx)
{
    Uppsikt__LinkTargetRow row = UPPSIKT__LINK_TARGET_ROW__INIT;
    row.matter = upp_lend("i1.m1");
    row.person = upp_lend("berit");
    row.account = upp_lend("acc");
    row.state = upp_lend("open");
    row.asked = bus.asked;
    return give(each, ctx, &row.base, NULL);
}

/* Two versions of each item, the newest first; five a round. */
static inline int give_finds(upp_each *each, void *ctx, const Uppsikt__Find *q)
{
    enum { ROUND = 5 };
    Uppsikt__FoundRow row = UPPSIKT__FOUND_ROW__INIT;
    Uppsikt__FoundRowContent content = UPPSIKT__FOUND_ROW_CONTENT__INIT;
    char item[16];
    assert_true(q->whole);
    assert_string_equal(q->words, "badet");
    bus.rounds++;
    row.item = item;
    row.account = upp_lend("acc");
    row.kind = bus.item_kind;
    content.author = upp_lend("Bo");
    content.text = upp_lend(bus.text ? bus.text : "Badet? Ring 070-174 06 05");
    uint32_t at = q->before_ms ? (uint32_t)q->before_ms : bus.found;
    for (int i = 0; i < ROUND && at > 0; i++) {
        snprintf(item, sizeof item, "i%u", (at - 1) / 2);
        row.version = (at - 1) % 2 + 1;
        row.at_ms = at--;
        give(each, ctx, &row.base, &content.base);
    }
    row.so_far = true;
    row.at_ms = at;
    return at > 0 || bus.endless ? give(each, ctx, &row.base, NULL) : 0;
}

/* The second is the communications unit. */
static inline int give_units(upp_each *each, void *ctx)
{
    for (int i = 0; i < 2; i++) {
        Uppsikt__UnitRow row = UPPSIKT__UNIT_ROW__INIT;
        Uppsikt__UnitRegistered unit = UPPSIKT__UNIT_REGISTERED__INIT;
        unit.communications = i == 1;
        unit.authority = upp_lend("ks");
        row.authority_name = upp_lend("Kommunstyrelsen");
        row.org_number = upp_lend("212000-0001");
        unit.function_mail = upp_lend(i == 1 ? "kommunikation@sjoberga.example" : "x@y.example");
        row.unit = &unit;
        give(each, ctx, &row.base, NULL);
    }
    return 0;
}

static inline int give_plan(upp_each *each, void *ctx)
{
    char *covers[] = { upp_lend("comment") };
    Uppsikt__PlanLine row = UPPSIKT__PLAN_LINE__INIT;
    row.row = upp_lend("sm-1");
    row.kind = upp_lend("Kommentarer");
    row.action = upp_lend("dispose");
    row.months = 24;
    row.decision = upp_lend("KS 2026 § 4");
    row.covers = covers;
    row.n_covers = 1;
    return give(each, ctx, &row.base, NULL);
}

#include "handed_fixture.h" /* hand-overs, and who has access */
#include "listed_fixture.h" /* a disposal */

int upp_client_query(upp_client *client, const char *service, const char *by,
                     const ProtobufCMessage *query, upp_ms wait_span, upp_each *each, void *ctx)
{
    static const struct {
        const ProtobufCMessageDescriptor *query;
        int (*give)(upp_each *each, void *ctx);
    } answers[] = { { &uppsikt__visitor__descriptor, give_visitor },
                    { &uppsikt__sheet__descriptor, give_sheet },
                    { &uppsikt__login__descriptor, give_login },
                    { &uppsikt__link_target__descriptor, give_target },
                    { &uppsikt__units__descriptor, give_units },
                    { &uppsikt__plan_lines__descriptor, give_plan },
                    { &uppsikt__disposals__descriptor, give_disposal },
                    { &uppsikt__leaver_lists__descriptor, give_leaver },
                    { &uppsikt__leaver_accounts__descriptor, give_leaver_account },
                    { &uppsikt__persons__descriptor, give_persons },
                    { &uppsikt__access_lists__descriptor, give_access },
                    { &uppsikt__disposal_lines__descriptor, give_line } };
    (void)client, (void)by, (void)wait_span;
    if (bus.down && strcmp(bus.down, service) == 0)
        return UPP_E_BUSY;
    const int own = bus.rows ? bus.rows(each, ctx, query) : 1;
    if (own != 1)
        return own;
    if (query->descriptor == &uppsikt__disposed_items__descriptor)
        return give_listed(each, ctx, (const Uppsikt__DisposedItems *)query);
    if (query->descriptor == &uppsikt__listed__descriptor)
        return give_known(each, ctx, (const Uppsikt__Listed *)query);
    if (query->descriptor == &uppsikt__find__descriptor)
        return give_finds(each, ctx, (const Uppsikt__Find *)query);
    for (size_t i = 0; i < UPP_LEN(answers); i++)
        if (answers[i].query == query->descriptor)
            return answers[i].give(each, ctx);
    return 0;
}

int upp_client_object(upp_client *client, const char *service, const char *object, int64_t offset,
                      uint8_t *ret_bytes, size_t n, upp_ms wait_span)
{
    (void)client, (void)service, (void)object, (void)offset, (void)ret_bytes, (void)n;
    (void)wait_span;
    return UPP_E_BUSY; /* no form asks for one */
}

const char *upp_client_why(const upp_client *client)
{
    (void)client;
    return bus.why ? bus.why : "";
}

/* -- a browser -- */
static visit_house house;

/* What came back. */
static struct got {
    char complaint[40], type[40], file_name[80];
    uint8_t *file; /* owned; NULL: none */
    size_t len;
    char page[262144];  /* "": none was shown */
    char location[200]; /* "": none */
    char cookies[3][200];
    size_t n_cookies;
} got;
static const char *extra_cookies = ""; /* of the browser, after the token's: "; a=b" */

static inline int open_house(void **state)
{
    static const console_config config = { .language = "sv" };
    static uint8_t bytes[8192];
    const char *why = "";
    (void)state;
    FILE *f = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    if (!f)
        return -1;
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    house = (visit_house){ .config = &config, .phrases = phrases_new("sv") };
    return zone_parse((upp_bytes){ bytes, n }, &house.tz, &why);
}

static inline int close_house(void **state)
{
    (void)state;
    free(got.file);
    phrases_free(house.phrases);
    zone_free(house.tz);
    return 0;
}

/* Do those words stand on the page that was shown last? */
static inline bool on_it(const char *words)
{
    return strstr(got.page, words) != NULL;
}

/* Runs the visit, and frees what it owns; the answer's status. */
static inline unsigned run_visit(visit *v)
{
    visit_desk desk = { .client = NULL };
    v->house = &house;
    v->now = now;
    v->fetch_site = strdup("same-origin");
    v->desk = &desk;
    visit_run(v);
    const unsigned status = v->status;
    free(got.file);
    got = (struct got){ .file = (uint8_t *)v->file, .len = v->file_len };
    snprintf(got.complaint, sizeof got.complaint, "%s",
             v->view.n_complaints > 0 ? v->view.complaints[0] : "");
    snprintf(got.type, sizeof got.type, "%s", v->type);
    snprintf(got.file_name, sizeof got.file_name, "%s", v->file_name);
    snprintf(got.location, sizeof got.location, "%s", v->location ? v->location : "");
    snprintf(got.page, sizeof got.page, "%.*s", (int)v->view.h.len,
             v->view.h.at ? v->view.h.at : "");
    memcpy(got.cookies, v->cookies, sizeof got.cookies);
    got.n_cookies = v->n_cookies;
    v->file = NULL; /* ours now */
    visit_done(v);
    return status;
}

static inline void cookie_of(char ret_cookie[200])
{
    char hex[GUARD_HEX];
    guard_hex(token, sizeof token, hex);
    snprintf(ret_cookie, 200, "uppsikt%s=%s%s", bus.nobody ? "-form" : "", hex, extra_cookies);
}

/* Sends the form at `path` with these fields; the answer's status. */
static inline unsigned post(const char *path, const char *fields)
{
    static const char id[] = "00112233445566778899aabbccddeeff";
    char seal[GUARD_HEX], cookie[200], body[16384];
    bus.n = 0;
    cookie_of(cookie);
    guard_seal(token, path, id, seal);
    snprintf(body, sizeof body, "id=%s&seal=%s&%s", id, seal, fields);
    visit v = { .method = strdup("POST"),
                .path = strdup(path),
                .query = strdup(""),
                .cookie = strdup(cookie),
                .body = strdup(body),
                .body_len = strlen(body) };
    return run_visit(&v);
}

/* Looks at `path`; the answer's status. */
static inline unsigned get(const char *path, const char *query)
{
    char cookie[200];
    bus.n = 0;
    cookie_of(cookie);
    visit v = { .method = strdup("GET"),
                .path = strdup(path),
                .query = strdup(query),
                .cookie = strdup(cookie) };
    return run_visit(&v);
}

/* -- what a form becomes -- */
typedef struct act {
    const char *path, *fields; /* what is typed */
    const char *service, *type;
    const char *reason;  /* what is sent of it; NULL: the act asks for none */
    const char *without; /* the fields without a reason: nothing is sent; NULL: it needs none */
} act;

static inline bool in_it(const sent *s, const char *words)
{
    const size_t n = strlen(words);
    for (size_t i = 0; i + n <= s->len; i++)
        if (memcmp(s->bytes + i, words, n) == 0)
            return true;
    return false;
}

/* Whoever has a session's token is she: it goes nowhere but to the cookie. */
static inline void no_secret_is_in(const sent *s)
{
    char hex[GUARD_HEX];
    guard_hex(token, sizeof token, hex);
    assert_false(in_it(s, hex));
    assert_false(in_it(s, (const char *)token));
    assert_false(in_it(s, PASSWORD));
    guard_digest(token, hex);
    assert_string_not_equal(s->session, hex);
}

static inline void is_hers(const sent *s, const act *a)
{
    assert_string_equal(s->service, a->service);
    assert_string_equal(s->type, a->type);
    assert_string_equal(s->by, "anna");
    assert_string_equal(s->session, SESSION);
    if (a->reason)
        assert_string_equal(s->reason, a->reason);
    no_secret_is_in(s);
}
