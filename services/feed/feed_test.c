/* feed_test.c - the service stepped by hand: what goes out and how, who may read it, what webhooks
 * get (R45). */
#include "../../tests/node_bench.h"
#include "feed.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <jansson.h>

extern const upp_service upp_feed_service;

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static int set_up(void **state)
{
    bench *b = bench_open(&upp_feed_service);
    feed_config *config = b->config;
    config->webhook_key = KEY;
    bench_restart(b);
    *state = b;
    return 0;
}

static void comment(bench *b, const char *item)
{
    Uppsikt__CommentReceived e = UPPSIKT__COMMENT_RECEIVED__INIT;
    static uint8_t commitment[32] = { 0xee };
    e.item = upp_lend(item);
    e.account = upp_lend("acc");
    e.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    e.version = 1;
    e.received_ms = b->now;
    e.commitment = (ProtobufCBinaryData){ sizeof commitment, commitment };
    assert_true(bench_hear(b, "ingest", item, &e.base, NULL) >= 0);
}

static void decision(bench *b)
{
    Uppsikt__DecisionMade e = UPPSIKT__DECISION_MADE__INIT;
    e.decision = upp_lend("d1");
    e.matter = upp_lend("m1");
    e.item = upp_lend("c1");
    e.by = upp_lend("anna-marker");
    assert_true(bench_hear(b, "escalation", "m1", &e.base, NULL) >= 0);
}

static void person(bench *b, const char *id, const char *role)
{
    Uppsikt__PersonRegistered e = UPPSIKT__PERSON_REGISTERED__INIT;
    char *roles[] = { upp_lend(role) };
    e.person = upp_lend(id);
    e.roles = roles;
    e.n_roles = 1;
    assert_true(bench_hear(b, "registry", id, &e.base, NULL) >= 0);
}

static Uppsikt__AddSubscriber adding(const char *name, uint8_t token[32], const char *url,
                                     int64_t after)
{
    Uppsikt__AddSubscriber c = UPPSIKT__ADD_SUBSCRIBER__INIT;
    memset(token, name[0], 32);
    c.subscriber = upp_lend(name);
    c.token_sha256 = (ProtobufCBinaryData){ 32, token };
    c.url = upp_lend(url);
    c.after = after;
    return c;
}

static void add(bench *b, const char *name, const char *url, int64_t after)
{
    uint8_t token[32];
    const Uppsikt__AddSubscriber c = adding(name, token, url, after);
    bench_did(b, NULL, &c.base);
}

/* How many events the holder of `name`'s token gets; the last one stays in *ret_last. */
static size_t pull(bench *b, const char *name, int64_t after, const char *type, json_t **ret_last)
{
    uint8_t token[32];
    char *types[] = { upp_lend(type ? type : "") };
    Uppsikt__FeedEvents q = UPPSIKT__FEED_EVENTS__INIT;
    memset(token, name[0], sizeof token);
    q.token_sha256 = (ProtobufCBinaryData){ sizeof token, token };
    q.after = after;
    q.types = types;
    q.n_types = type ? 1 : 0;
    const size_t n = bench_query(b, NULL, &q.base);
    if (n > 0 && ret_last) {
        ProtobufCMessage *row = bench_row_at(b, n - 1, &uppsikt__feed_event__descriptor);
        *ret_last = json_loads(((Uppsikt__FeedEvent *)row)->event, 0, NULL);
        assert_non_null(*ret_last);
        upp_msg_freep(&row);
    }
    return n;
}

static const char *text(const json_t *event, const char *name)
{
    return json_string_value(json_object_get(event, name));
}

/* A CloudEvent of facts alone: nobody is named, nothing is committed to. */
static void R45_what_goes_out_names_nobody(void **state)
{
    bench *b = *state;
    json_t *event = NULL;
    add(b, "diary", "", -1);
    comment(b, "c1");
    assert_int_equal(pull(b, "diary", 0, NULL, &event), 1);
    assert_string_equal(text(event, "specversion"), "1.0");
    assert_string_equal(text(event, "type"), "uppsikt.CommentReceived");
    assert_string_equal(text(event, "source"), "/uppsikt/ingest");
    assert_string_equal(text(event, "subject"), "c1");
    assert_string_equal(text(event, "sequence"), "1");
    assert_string_equal(text(event, "position"), "1");
    const json_t *data = json_object_get(event, "data");
    assert_string_equal(text(data, "kind"), "ITEM_KIND_COMMENT");
    assert_null(json_object_get(data, "commitment"));
    json_decref(event);
    decision(b);
    assert_int_equal(pull(b, "diary", 1, NULL, &event), 1);
    assert_string_equal(text(json_object_get(event, "data"), "matter"), "m1");
    assert_null(json_object_get(json_object_get(event, "data"), "by"));
    json_decref(event);
    assert_int_equal(bench_cells(b, "anna-marker", NULL), 0);
    person(b, "p-marker", "reader"); /* not public at all */
    assert_int_equal(pull(b, "diary", 2, NULL, NULL), 0);
}

/* Every public type, each field filled: what names a person is not in what goes out. */
static void R45_no_public_field_names_a_person(void **state)
{
    (void)state;
    size_t looked = 0;
    for (size_t i = 0; i < upp_feed_service.n_routes; i++) {
        const upp_route *r = &upp_feed_service.routes[i];
        if (r->verb != UPP_EVENT || r->handle != feed_heard)
            continue;
        ProtobufCMessage *msg = calloc(1, r->type->sizeof_message);
        assert_non_null(msg);
        protobuf_c_message_init(r->type, msg);
        for (unsigned k = 0; k < r->type->n_fields; k++) {
            const ProtobufCFieldDescriptor *f = &r->type->fields[k];
            char *mark = upp_lend(f->name);
            if (f->type == PROTOBUF_C_TYPE_STRING && f->label != PROTOBUF_C_LABEL_REPEATED)
                memcpy((uint8_t *)msg + f->offset, &mark, sizeof mark);
        }
        char *json = fact_json("x", 1, "s", 1, 0, msg);
        assert_non_null(json);
        static const char *const never[] = { "\"by\"",      "\"second\"", "\"person\"",
                                             "\"manager\"", "\"head\"",   "\"commitment\"" };
        for (size_t k = 0; k < UPP_LEN(never); k++)
            if (strstr(json, never[k]))
                fail_msg("%s: %s goes out", r->type->name, never[k]);
        free(json);
        free(msg);
        looked++;
    }
    assert_true(looked > 30);
}

static void R45_each_reads_only_what_is_hers(void **state)
{
    bench *b = *state;
    uint8_t token[32];
    char *types[] = { upp_lend("uppsikt.DecisionMade") };
    Uppsikt__AddSubscriber c = adding("few", token, "", 0);
    c.types = types;
    c.n_types = 1;
    bench_did(b, NULL, &c.base);
    add(b, "all", "", 0);
    comment(b, "c1");
    decision(b);
    assert_int_equal(pull(b, "all", 0, NULL, NULL), 2);
    assert_int_equal(pull(b, "all", 0, "uppsikt.DecisionMade", NULL), 1);
    assert_int_equal(pull(b, "few", 0, NULL, NULL), 1);
    assert_int_equal(pull(b, "few", 0, "uppsikt.CommentReceived", NULL), 0);
    assert_int_equal(pull(b, "stranger", 0, NULL, NULL), 0);
    assert_string_equal(b->refused, "token-unknown");
    Uppsikt__RemoveSubscriber r = UPPSIKT__REMOVE_SUBSCRIBER__INIT;
    r.subscriber = upp_lend("all");
    bench_did(b, NULL, &r.base);
    assert_int_equal(pull(b, "all", 0, NULL, NULL), 0);
    assert_string_equal(b->refused, "token-unknown"); /* at once */
}

static void R45_only_operations_add_and_remove(void **state)
{
    bench *b = *state;
    uint8_t token[32];
    person(b, "ops", "operations");
    person(b, "anna", "administrator");
    Uppsikt__AddSubscriber c = adding("diary", token, "", -1);
    bench_refused(b, NULL, &c.base, "person-needed");
    bench_refused(b, "anna", &c.base, "not-allowed");
    bench_did(b, "ops", &c.base);
    c = adding("Diary", token, "", -1);
    bench_refused(b, "ops", &c.base, "subscriber-malformed");
    c = adding("dupe", token, "", -1); /* the same first letter: the same token */
    bench_refused(b, "ops", &c.base, "token-in-use");
    c = adding("hook", token, "http://example.org/", -1);
    bench_refused(b, "ops", &c.base, "url-not-https");
}

/* -- webhooks -- */
static const Uppsikt__SendWebhook *sent(bench *b, size_t *ret_i)
{
    bench_wait(b, 0);
    (void)bench_start(b);
    assert_int_equal(b->n_asks, 1); /* one batch at a time */
    *ret_i = 0;
    return (const Uppsikt__SendWebhook *)b->asks[0].request;
}

static void answer(bench *b, size_t i, uint32_t status)
{
    Uppsikt__WebhookAnswered out = UPPSIKT__WEBHOOK_ANSWERED__INIT;
    out.status = status;
    out.to = ((const Uppsikt__SendWebhook *)b->asks[i].request)->to;
    bench_answer(b, i, UPP_DONE, &out.base);
}

/* In order, each once, a place passed only when it was confirmed; one identity at each attempt. */
static void R45_a_webhook_gets_everything_in_order(void **state)
{
    bench *b = *state;
    size_t i = 0, seen = 0;
    char id[160];
    add(b, "hook", "https://example.org/in", 0);
    for (int n = 0; n < 120; n++) {
        char item[16];
        snprintf(item, sizeof item, "c%d", n);
        comment(b, item);
    }
    while (seen < 120) {
        const Uppsikt__SendWebhook *q = sent(b, &i);
        json_t *batch = json_loads(q->body, 0, NULL);
        assert_non_null(batch);
        assert_true(strlen(q->body) <= FEED_BATCH_BYTES);
        for (size_t k = 0; k < json_array_size(batch); k++) {
            char item[16];
            snprintf(item, sizeof item, "c%zu", seen++);
            assert_string_equal(text(json_array_get(batch, k), "subject"), item);
        }
        json_decref(batch);
        snprintf(id, sizeof id, "%s", q->id);
        bench_restart(b); /* a crash before the answer: the same batch, the same id */
        assert_string_equal(sent(b, &i)->id, id);
        answer(b, i, 204);
    }
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_start(b), 0);
    assert_int_equal(bench_number(b, "SELECT position FROM subscriber"), 120);
}

static void R45_a_webhook_that_is_gone_is_disabled_and_can_be_replayed(void **state)
{
    bench *b = *state;
    size_t i = 0;
    add(b, "hook", "https://example.org/in", 0);
    comment(b, "c1");
    (void)sent(b, &i);
    bench_skip(b);
    answer(b, i, 410);
    bench_saw(b, "WebhookDisabled");
    comment(b, "c2");
    bench_wait(b, UPP_DAY);
    assert_int_equal(bench_start(b), 0);
    Uppsikt__Subscribers q = UPPSIKT__SUBSCRIBERS__INIT;
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__subscriber_row__descriptor);
    assert_string_equal(((Uppsikt__SubscriberRow *)row)->disabled, "gone");
    assert_int_equal(((Uppsikt__SubscriberRow *)row)->behind, 2);
    upp_msg_freep(&row);
    Uppsikt__ReplaySubscriber r = UPPSIKT__REPLAY_SUBSCRIBER__INIT;
    r.subscriber = upp_lend("hook");
    r.after = 3;
    bench_refused(b, NULL, &r.base, "position-unknown");
    r.after = 0;
    bench_did(b, NULL, &r.base);
    const Uppsikt__SendWebhook *again = sent(b, &i);
    json_t *batch = json_loads(again->body, 0, NULL);
    assert_int_equal(json_array_size(batch), 2); /* nothing is lost */
    json_decref(batch);
    bench_answer(b, i, UPP_NEVER, NULL); /* 75 hours of silence */
    bench_saw(b, "DeadLetterKept WebhookDisabled");
}

/* An answer that comes after a replay does not move the new place. */
static void R45_a_late_answer_moves_nothing(void **state)
{
    bench *b = *state;
    size_t i = 0;
    Uppsikt__ReplaySubscriber r = UPPSIKT__REPLAY_SUBSCRIBER__INIT;
    add(b, "hook", "https://example.org/in", 0);
    comment(b, "c1");
    (void)sent(b, &i);
    r.subscriber = upp_lend("hook");
    bench_did(b, NULL, &r.base);
    answer(b, i, 200);
    assert_int_equal(bench_number(b, "SELECT position FROM subscriber"), 0);
    (void)sent(b, &i);
    answer(b, i, 200);
    assert_int_equal(bench_number(b, "SELECT position FROM subscriber"), 1);
}

/* Where it is sent may hold a secret: it lies in content alone, and goes with the subscriber. */
static void R45_the_address_is_content(void **state)
{
    bench *b = *state;
    Uppsikt__RemoveSubscriber r = UPPSIKT__REMOVE_SUBSCRIBER__INIT;
    add(b, "hook", "https://example.org/in?MARKER", 0);
    assert_int_equal(bench_cells(b, "MARKER", "upp_content"), 0);
    assert_int_equal(bench_cells(b, "MARKER", NULL), 1);
    r.subscriber = upp_lend("hook");
    bench_did(b, NULL, &r.base);
    assert_int_equal(bench_cells(b, "MARKER", NULL), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        T(R45_what_goes_out_names_nobody),
        cmocka_unit_test(R45_no_public_field_names_a_person),
        T(R45_each_reads_only_what_is_hers),
        T(R45_only_operations_add_and_remove),
        T(R45_a_webhook_gets_everything_in_order),
        T(R45_a_webhook_that_is_gone_is_disabled_and_can_be_replayed),
        T(R45_a_late_answer_moves_nothing),
        T(R45_the_address_is_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
