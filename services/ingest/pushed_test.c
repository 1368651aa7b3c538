/* pushed_test.c - an account that another system pushes to: joined by a secret, its lines taken in
 * once, bad ones set aside, and nobody looks there (R01, R13, R20; platforms.md §14). */
#include "../../tests/node_bench.h"
#include "ingest.h"
#include "token_box.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include <sodium.h>

extern const upp_service upp_ingest_service;

static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char secret[] = "0123456789abcdef-new\n0123456789abcdef-old";

static void hear_account(bench *b, const char *account, const char *platform)
{
    static uint8_t commitment[32];
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    a.account = upp_lend(account);
    a.platform = upp_lend(platform);
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    bench_commit_to(&facts.base, commitment);
    a.commitment = (ProtobufCBinaryData){ sizeof commitment, commitment };
    assert_int_equal(bench_hear(b, "registry", account, &a.base, &facts.base), 0);
}

static int set_up(void **state)
{
    bench_set_up(state, &upp_ingest_service);
    bench *b = *state;
    ingest_config *config = b->config;
    config->token_key = key;
    config->webhook = "127.0.0.1:1";
    hear_account(b, "form", "webhook");
    hear_account(b, "fb", "facebook");
    bench_skip(b);
    return 0;
}

static Uppsikt__ConnectAccount joining(const char *account)
{
    Uppsikt__ConnectAccount c = UPPSIKT__CONNECT_ACCOUNT__INIT;
    c.account = upp_lend(account);
    c.connector = upp_lend("webhook");
    c.secret = upp_lend(secret);
    return c;
}

static void join(bench *b, const char *account)
{
    const Uppsikt__ConnectAccount c = joining(account);
    bench_did(b, "anna", &c.base);
}

/* Lines as the port sends them; "" ends them. What was answered lies in b->outcome. */
static Uppsikt__LinesImported *push(bench *b, const char *const *texts)
{
    enum { MOST = 8 };
    Uppsikt__TakePush t = UPPSIKT__TAKE_PUSH__INIT;
    Uppsikt__PushedLine lines[MOST], *list[MOST];
    t.account = upp_lend("form");
    t.push = upp_lend("push-1795455663");
    t.lines = list;
    for (; texts[t.n_lines]; t.n_lines++) {
        assert_true(t.n_lines < MOST);
        list[t.n_lines] = &lines[t.n_lines];
        uppsikt__pushed_line__init(&lines[t.n_lines]);
        lines[t.n_lines].number = (int64_t)t.n_lines + 1;
        lines[t.n_lines].line = (ProtobufCBinaryData){ strlen(texts[t.n_lines]),
                                                       (uint8_t *)upp_lend(texts[t.n_lines]) };
    }
    bench_did(b, NULL, &t.base);
    Uppsikt__LinesImported *said =
        uppsikt__lines_imported__unpack(NULL, b->outcome.len, b->outcome.at);
    assert_non_null(said);
    return said;
}

static void pushes(bench *b, const char *const *texts, int fresh, int known, int edited, int bad)
{
    Uppsikt__LinesImported *said = push(b, texts);
    assert_int_equal(said->accepted, fresh);
    assert_int_equal(said->known, known);
    assert_int_equal(said->edited, edited);
    assert_int_equal(said->quarantined, bad);
    assert_int_equal(said->n_bad, bad);
    uppsikt__lines_imported__free_unpacked(said, NULL);
}

#define LINE(id, text) "{\"external_id\":\"" id "\",\"kind\":\"message\",\"text\":\"" text "\"}"

/* The same line again is known, other words are a version; each says what it is, once. */
static void R01_a_line_is_taken_in_once(void **state)
{
    bench *b = *state;
    static const char *const first[] = { LINE("1", "När öppnar badet?"), LINE("2", "Hej"), NULL };
    static const char *const later[] = { LINE("1", "När öppnar ni?"), LINE("3", "Nytt"), NULL };
    join(b, "form");
    bench_skip(b);
    pushes(b, first, 2, 0, 0, 0);
    bench_saw(b, "CommentReceived CommentReceived");
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_received__descriptor, NULL, NULL);
    const Uppsikt__CommentReceived *c = (const Uppsikt__CommentReceived *)said;
    assert_int_equal(c->source, UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_WEBHOOK);
    assert_string_equal(c->account, "form");
    assert_false(c->backfill);
    upp_msg_freep(&said);
    pushes(b, first, 0, 2, 0, 0);
    bench_saw(b, "");
    pushes(b, later, 1, 0, 1, 0);
    bench_saw(b, "CommentEdited CommentReceived");
    pushes(b, first, 0, 1, 1, 0); /* as it was once more: that is an edit, too */
    bench_saw(b, "CommentEdited");
    static const char *const old[] = { "{\"external_id\":\"0\",\"kind\":\"message\",\"text\":"
                                       "\"x\",\"created_at\":\"2026-01-02T03:04:05Z\"}",
                                       NULL };
    pushes(b, old, 1, 0, 0, 0); /* from before it was joined */
    said = bench_said(b, &uppsikt__comment_received__descriptor, NULL, NULL);
    assert_true(((const Uppsikt__CommentReceived *)said)->backfill);
    upp_msg_freep(&said);
}

/* One bad line never stops the rest; it is told by its number and its field, never by its words. */
static void R01_a_bad_line_is_set_aside_alone(void **state)
{
    bench *b = *state;
    static const char *const lines[] = {
        LINE("1", "Hej"), "inte JSON MÄRKE",
        "{\"external_id\":\"2\",\"kind\":\"MÄRKE\",\"text\":\"x\"}", LINE("3", "Nytt"), NULL
    };
    join(b, "form");
    bench_skip(b);
    Uppsikt__LinesImported *said = push(b, lines);
    assert_int_equal(said->accepted, 2);
    assert_int_equal(said->n_bad, 2);
    assert_int_equal(said->bad[0]->line, 2);
    assert_int_equal(said->bad[1]->line, 3);
    assert_null(strstr(said->bad[0]->why, "RKE"));
    assert_null(strstr(said->bad[1]->why, "RKE"));
    uppsikt__lines_imported__free_unpacked(said, NULL);
    bench_saw(b, "CommentReceived LineQuarantined LineQuarantined CommentReceived");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM quarantine WHERE account = 'form'"
                                     " AND import = 'push-1795455663' AND line IN (2, 3)"),
                     2);
    pushes(b, lines, 0, 2, 0, 2); /* told again, kept once */
    bench_saw(b, "");
}

/* Whoever has one account's secret speaks for that account alone. */
static void R01_no_line_speaks_for_another_account(void **state)
{
    bench *b = *state;
    static const char *const lines[] = {
        "{\"account\":\"fb\",\"external_id\":\"1\",\"kind\":\"message\",\"text\":\"x\"}",
        "{\"platform\":\"facebook\",\"external_id\":\"2\",\"kind\":\"message\",\"text\":\"x\"}",
        "{\"account\":\"form\",\"platform\":\"webhook\",\"external_id\":\"3\",\"kind\":\"message\","
        "\"text\":\"x\"}",
        NULL
    };
    join(b, "form");
    pushes(b, lines, 1, 0, 0, 2);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM item WHERE account <> 'form'"), 0);
    Uppsikt__TakePush t = UPPSIKT__TAKE_PUSH__INIT;
    t.account = upp_lend("fb");
    bench_refused(b, NULL, &t.base, "no-such-sender");
}

static void R01_what_cannot_be_joined_is_refused(void **state)
{
    bench *b = *state;
    ingest_config *config = b->config;
    Uppsikt__ConnectAccount c = joining("form");
    c.token = upp_lend("TOKEN");
    bench_refused(b, "anna", &c.base, "webhook-secret-alone");
    c = joining("form");
    c.base_url = upp_lend("https://x.se");
    bench_refused(b, "anna", &c.base, "webhook-secret-alone");
    c = joining("form");
    c.secret = upp_lend("short");
    bench_refused(b, "anna", &c.base, "webhook-secret-weak");
    c = joining("fb");
    bench_refused(b, "anna", &c.base, "account-on-another-platform");
    c = joining("nowhere");
    bench_refused(b, "anna", &c.base, "account-unknown");
    c = joining("form");
    config->webhook = NULL;
    bench_refused(b, "anna", &c.base, "webhook-nowhere");
    config->webhook = "127.0.0.1:1";
    config->token_key = NULL;
    bench_refused(b, "anna", &c.base, "no-token-key");
    config->token_key = key;
    assert_int_equal(bench_number(b, "SELECT count(*) FROM connection"), 0);
    for (int i = 0; i <= 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "form%d", i);
        hear_account(b, name, "webhook");
        c = joining(name);
        if (i < 100)
            bench_did(b, "anna", &c.base);
        else
            bench_refused(b, "anna", &c.base, "webhook-senders-full");
    }
    c = joining("form7"); /* another secret for one that is there */
    bench_did(b, "anna", &c.base);
}

/* The port is told of all who may push, with sealed secrets, at each change and when it asks. */
static void R01_the_port_is_told_who_may_push(void **state)
{
    bench *b = *state;
    const Uppsikt__TellSenders again = UPPSIKT__TELL_SENDERS__INIT;
    const Uppsikt__SendersAdmitted done = UPPSIKT__SENDERS_ADMITTED__INIT;
    uint8_t opens[TOKEN_BOX_KEY];
    assert_int_equal(token_box_key(key, opens), 0);
    hear_account(b, "app", "webhook");
    join(b, "form");
    join(b, "app");
    bench_did(b, NULL, &again.base);
    const size_t wanted[] = { 1, 2, 2 };
    assert_int_equal(bench_start(b), UPP_LEN(wanted));
    for (size_t i = 0; i < UPP_LEN(wanted); i++) {
        const Uppsikt__AdmitSenders *list = (const Uppsikt__AdmitSenders *)b->asks[i].request;
        assert_string_equal(b->asks[i].port, "webhook");
        assert_int_equal(list->n_senders, wanted[i]);
        for (size_t k = 0; k < list->n_senders; k++) {
            const ProtobufCBinaryData *sealed = &list->senders[k]->sealed_secret;
            char *text = token_box_open(opens, sealed->data, sealed->len);
            assert_string_equal(text, secret);
            token_wipe(text);
        }
    }
    while (b->n_asks > 0)
        bench_answer(b, 0, UPP_DONE, &done.base);
    assert_false(bench_bytes_hold(b, "0123456789abcdef-new"));
}

/* Nobody looks at such an account: it is not polled, none of its items is looked at by age, and
 * however long nothing comes it is not called blind; when something came last is told (R13). */
static void R13_who_is_pushed_to_is_not_blind(void **state)
{
    bench *b = *state;
    static const char *const lines[] = { LINE("1", "Hej"), NULL }, *const none[] = { NULL };
    join(b, "form");
    bench_restart(b);
    pushes(b, lines, 1, 0, 0, 0);
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_received__descriptor, NULL, NULL);
    m.matter = upp_lend("M1");
    m.item = ((const Uppsikt__CommentReceived *)said)->item;
    m.account = upp_lend("form");
    assert_int_equal(bench_hear(b, "escalation", m.item, &m.base, NULL), 0);
    upp_msg_freep(&said);
    bench_skip(b);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM look"), 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_alarm WHERE key LIKE 'poll/%'"), 0);
    bench_wait(b, 30 * UPP_DAY);
    bench_saw(b, "");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_ask WHERE port = 'platform'"), 0);
    pushes(b, none, 0, 0, 0, 0); /* no lines: it is alive, that is all */
    Uppsikt__Connections q = UPPSIKT__CONNECTIONS__INIT;
    assert_int_equal(bench_query(b, "anna", &q.base), 1);
    said = bench_row_at(b, 0, &uppsikt__connection_row__descriptor);
    const Uppsikt__ConnectionRow *row = (const Uppsikt__ConnectionRow *)said;
    assert_int_equal(row->health->state, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK);
    assert_int_equal(row->health->blind_since_ms, 0);
    assert_int_equal(row->polled_ms, b->now);
    assert_int_equal(row->next_ms, 0);
    upp_msg_freep(&said);
}

/* A sender that has promised to push every hour and does not: the account is blind, said once,
 * until it pushes again, be it nothing. */
static void R13_a_promise_to_push_that_is_not_kept_is_told(void **state)
{
    bench *b = *state;
    static const char *const none[] = { NULL };
    Uppsikt__ConnectAccount c = joining("form");
    c.poll_span = UPP_HOUR;
    bench_did(b, "anna", &c.base);
    bench_skip(b);
    for (int i = 0; i < 30; i++) {
        bench_wait(b, UPP_HOUR - UPP_MINUTE);
        pushes(b, none, 0, 0, 0, 0);
    }
    bench_saw(b, "");
    bench_wait(b, 30 * UPP_HOUR);
    bench_saw(b, "AccountHealthChanged");
    ProtobufCMessage *said =
        bench_said(b, &uppsikt__account_health_changed__descriptor, NULL, NULL);
    const Uppsikt__AccountHealthChanged *h = (const Uppsikt__AccountHealthChanged *)said;
    assert_int_equal(h->state, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_DEGRADED);
    assert_int_equal(h->blind_since_ms, b->now - 29 * UPP_HOUR);
    assert_string_equal(h->reason_class, "silent");
    upp_msg_freep(&said);
    bench_restart(b);
    bench_saw(b, "");
    pushes(b, none, 0, 0, 0, 0);
    bench_saw(b, "AccountHealthChanged");
    said = bench_said(b, &uppsikt__account_health_changed__descriptor, NULL, NULL);
    h = (const Uppsikt__AccountHealthChanged *)said;
    assert_int_equal(h->state, UPPSIKT__ACCOUNT_HEALTH_CHANGED__STATE__STATE_OK);
    assert_int_equal(h->blind_since_ms, 0);
    upp_msg_freep(&said);
    join(b, "form"); /* the promise is taken back */
    bench_wait(b, 30 * UPP_DAY);
    bench_saw(b, "");
}

/* What is decided there goes by hand, once its copy is sealed: the gate is the same. */
static void R20_what_is_decided_there_goes_by_hand(void **state)
{
    bench *b = *state;
    static uint8_t commitment[32];
    static const char *const lines[] = { LINE("1", "Hej"), NULL };
    join(b, "form");
    pushes(b, lines, 1, 0, 0, 0);
    ProtobufCMessage *said = bench_said(b, &uppsikt__comment_received__descriptor, NULL, NULL);
    const char *item = ((const Uppsikt__CommentReceived *)said)->item;
    bench_skip(b);
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    Uppsikt__DecisionMadeContent note = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    d.decision = upp_lend("D1");
    d.matter = upp_lend("M1");
    d.item = upp_lend(item);
    d.version = 1;
    d.account = upp_lend("form");
    d.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    d.by = upp_lend("anna");
    bench_commit_to(&note.base, commitment);
    d.commitment = (ProtobufCBinaryData){ sizeof commitment, commitment };
    assert_int_equal(bench_hear(b, "escalation", item, &d.base, &note.base), 0);
    bench_wait(b, UPP_MINUTE);
    bench_saw(b, "");
    Uppsikt__EvidenceSealed e = UPPSIKT__EVIDENCE_SEALED__INIT;
    Uppsikt__EvidenceSealedContent manifest = UPPSIKT__EVIDENCE_SEALED_CONTENT__INIT;
    e.item = upp_lend(item);
    e.version = 1;
    e.record = upp_lend("R1");
    e.level = UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW;
    e.account = upp_lend("form");
    bench_commit_to(&manifest.base, commitment);
    e.commitment = (ProtobufCBinaryData){ sizeof commitment, commitment };
    assert_int_equal(bench_hear(b, "evidence", item, &e.base, &manifest.base), 0);
    bench_wait(b, UPP_MINUTE);
    bench_saw(b, "ActionManualRequired");
    upp_msg_freep(&said);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(R01_a_line_is_taken_in_once),
        TEST(R01_a_bad_line_is_set_aside_alone),
        TEST(R01_no_line_speaks_for_another_account),
        TEST(R01_what_cannot_be_joined_is_refused),
        TEST(R01_the_port_is_told_who_may_push),
        TEST(R13_who_is_pushed_to_is_not_blind),
        TEST(R13_a_promise_to_push_that_is_not_kept_is_told),
        TEST(R20_what_is_decided_there_goes_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
