/* bluesky_test.c - the AT Protocol's calls, what answers mean, what they hold (R01, R13;
 * platforms.md §13: the notification below is one that a real server gave, §17.3). */
#include "bluesky.h"
#include "bluesky_post.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &bluesky_connector;
#define OURS     "did:plc:umpikxno5icagxuxcz7yjiiz"
#define HERS     "did:plc:hpg7vpvoraqzbo2wwp5lvvme"
#define POST     "/app.bsky.feed.post/"
#define ROOT     "at://" OURS POST "3n2yofz5mq22a"
#define QUESTION "at://" HERS POST "3n2yofz5wik2a"
static const char root_ref[] = "{\"root\":{\"uri\":\"" ROOT "\",\"cid\":\"bafyroot\"},"
                               "\"parent\":{\"uri\":\"" QUESTION "\",\"cid\":\"bafyher\"}}";
static const look_where plain = { .base_url = "https://bsky.social",
                                  .mark = "",
                                  .own_mark = "",
                                  .own_id = OURS,
                                  .target = QUESTION,
                                  .alias = root_ref,
                                  .after = "",
                                  .handle = "medborgare.test",
                                  .since = 1795428000123 };

static void asks(enum look look, const look_where *where, const char *url)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const bool fits = how->look(look, where, &r);
    assert_int_equal(fits, url != NULL);
    if (!fits)
        return;
    assert_string_equal(r.method, "GET");
    assert_string_equal(r.url, url);
    assert_null(r.body);
}

#define XRPC    "https://bsky.social/xrpc/"
#define REASONS "&reasons=reply&reasons=mention&reasons=quote"
static void each_look_is_one_call_of_our_own_server(void **state)
{
    (void)state;
    look_where where = plain;
    asks(LOOK_WHO, &where, XRPC "com.atproto.server.getSession");
    asks(LOOK_NEWS, &where, XRPC "app.bsky.notification.listNotifications?limit=100" REASONS);
    asks(LOOK_BACK, &where, XRPC "app.bsky.notification.listNotifications?limit=100" REASONS);
    where.mark = "2026-11-23T10:00:00Z::a";
    asks(LOOK_NEWS, &where, XRPC "app.bsky.notification.listNotifications?limit=100" REASONS);
    asks(LOOK_BACK, &where,
         XRPC "app.bsky.notification.listNotifications?limit=100" REASONS
              "&cursor=2026-11-23T10%3A00%3A00Z%3A%3Aa");
    asks(LOOK_THREAD, &where, NULL);
    where.after = "c&d";
    asks(LOOK_THREAD, &where,
         XRPC "app.bsky.notification.listNotifications?limit=100" REASONS "&cursor=c%26d");
    asks(LOOK_OWN, &where,
         XRPC "app.bsky.feed.getAuthorFeed?actor=did%3Aplc%3A"
              "umpikxno5icagxuxcz7yjiiz&limit=50&filter=posts_with_replies");
    where.target = "at://d/c/k&x=1";
    asks(LOOK_ITEM, &where, XRPC "app.bsky.feed.getPosts?uris=at%3A%2F%2Fd%2Fc%2Fk%26x%3D1");
    asks(LOOK_REPLIES, &where,
         XRPC "app.bsky.feed.getPostThread?uri=at%3A%2F%2Fd%2Fc%2Fk%26x%3D1"
              "&depth=1&parentHeight=0");
    where.target = "";
    asks(LOOK_ITEM, &where, NULL);
    asks(LOOK_REPLIES, &where, NULL);
    asks(LOOKS, &where, NULL);
}

/* platforms.md §13: put once more under the same key it is the same record: exactly once. */
static void the_same_answer_has_the_same_key(void **state)
{
    (void)state;
    static const char text[] =
        "Vi öppnar lördag: https://kommun.example/bad. Hälsningar\nAnna, chef";
    UPP_AUTO(call_request_done) request r = { 0 };
    UPP_AUTO(call_request_done) request again = { 0 };
    assert_true(how->act(GATE_REPLY, &plain, text, &r));
    assert_true(how->act(GATE_REPLY, &plain, text, &again));
    assert_string_equal(r.method, "POST");
    assert_string_equal(r.url, XRPC "com.atproto.repo.putRecord");
    assert_string_equal(r.type, "application/json");
    assert_string_equal(r.body, again.body);
    json_t *body = json_loads(r.body, 0, NULL);
    const json_t *record = json_object_get(body, "record");
    const char *key = json_string_value(json_object_get(body, "rkey"));
    assert_string_equal(json_string_value(json_object_get(body, "repo")), OURS);
    assert_string_equal(json_string_value(json_object_get(record, "$type")), "app.bsky.feed.post");
    assert_string_equal(json_string_value(json_object_get(record, "text")), text);
    assert_string_equal(json_string_value(json_object_get(record, "createdAt")),
                        "2026-11-23T10:00:00.123Z");
    json_t *reply = json_loads(root_ref, 0, NULL);
    assert_true(json_equal(json_object_get(record, "reply"), reply));
    json_decref(reply);
    /* a key of the network's own form, of that moment: 53 bits of microseconds, then ten others */
    static const char digits[] = "234567abcdefghijklmnopqrstuvwxyz";
    uint64_t value = 0;
    assert_int_equal(strlen(key), 13);
    for (const char *c = key; *c; c++) {
        assert_non_null(strchr(digits, *c));
        value = value << 5 | (uint64_t)(strchr(digits, *c) - digits);
    }
    assert_int_equal(value >> 63, 0);
    assert_int_equal((value >> 10) / 1000, plain.since);
    /* bytes, not characters; the full stop is none of it */
    const json_t *facet = json_array_get(json_object_get(record, "facets"), 0);
    const json_t *index = json_object_get(facet, "index");
    const char *from = strstr(text, "https");
    assert_int_equal(json_array_size(json_object_get(record, "facets")), 1);
    assert_int_equal(json_integer_value(json_object_get(index, "byteStart")), from - text);
    assert_int_equal(json_integer_value(json_object_get(index, "byteEnd")),
                     from - text + (long)strlen("https://kommun.example/bad"));
    const json_t *feature = json_array_get(json_object_get(facet, "features"), 0);
    assert_string_equal(json_string_value(json_object_get(feature, "uri")),
                        "https://kommun.example/bad");
    json_decref(body);
}

static void another_answer_has_another_key(void **state)
{
    (void)state;
    char key[BLUESKY_KEY], other[BLUESKY_KEY];
    look_where where = plain;
    bluesky_key(&plain, "Hej", key);
    bluesky_key(&plain, "Hej!", other);
    assert_string_not_equal(key, other);
    where.target = ROOT;
    bluesky_key(&where, "Hej", other);
    assert_string_not_equal(key, other);
    where = plain;
    where.since++;
    bluesky_key(&where, "Hej", other);
    assert_true(strcmp(key, other) < 0); /* they sort by time */
}

static void it_can_answer_and_nothing_else(void **state)
{
    (void)state;
    static const char *const none[] = { "", "{}", "[]", "7", "{\"root\":{}}", "{\"parent\"" };
    request r = { 0 };
    look_where where = plain;
    for (enum gate_what what = GATE_HIDE; what < GATE_WHATS; what++) {
        assert_int_equal(connector_can(how, what), what == GATE_REPLY);
        if (what != GATE_REPLY)
            assert_false(how->act(what, &plain, "Hej", &r));
    }
    for (size_t i = 0; i < UPP_LEN(none); i++) { /* what it answers is not known */
        where.alias = none[i];
        assert_false(how->act(GATE_REPLY, &where, "Hej", &r));
    }
    where = plain;
    assert_false(how->act(GATE_REPLY, &where, "\xff", &r)); /* no UTF-8 */
    where.since = 0;
    assert_false(how->act(GATE_REPLY, &where, "Hej", &r));
    assert_null(r.url);
}

static enum verdict judged(int status, const char *body, const reply_header *headers, size_t n,
                           upp_ms *ret_wait)
{
    json_t *json = body ? json_loads(body, 0, NULL) : NULL;
    assert_true(!body || json);
    const platform_answer a = {
        .status = status, .json = json, .headers = headers, .n_headers = n
    };
    const enum verdict v = how->judge(&a, ret_wait);
    json_decref(json);
    return v;
}

static void failures_are_judged_by_status_and_name(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        { 200, "{\"posts\":[{}]}", VERDICT_OK },
        { 200, "{\"posts\":[]}", VERDICT_GONE }, /* what is gone is left out */
        { 200, "{\"posts\":7}", VERDICT_OK },    /* reading it will tell */
        { 200, "{\"error\":\"NotFound\"}", VERDICT_OK },
        { 400, "{\"error\":\"ExpiredToken\",\"message\":\"x\"}", VERDICT_AUTH },
        { 400, "{\"error\":\"InvalidToken\"}", VERDICT_AUTH },
        { 401, "{\"error\":\"AuthMissing\"}", VERDICT_AUTH },
        { 401, "{\"error\":\"AuthenticationRequired\"}", VERDICT_AUTH },
        { 403, NULL, VERDICT_AUTH },
        { 400, "{\"error\":\"NotFound\",\"message\":\"Post not found: at://x\"}", VERDICT_GONE },
        { 400, "{\"error\":\"RecordNotFound\"}", VERDICT_GONE },
        { 400, "{\"error\":\"InvalidRequest\",\"message\":\"NotFound\"}", VERDICT_PERMANENT },
        { 400, "{\"error\":7}", VERDICT_PERMANENT },
        { 404, NULL, VERDICT_GONE },
        { 429, "{\"error\":\"InvalidToken\"}", VERDICT_THROTTLE },
        { 400, "{\"error\":\"RateLimitExceeded\"}", VERDICT_THROTTLE },
        { 502, "{\"error\":\"UpstreamFailure\"}", VERDICT_TRANSIENT },
        { 500, "{\"error\":\"NotFound\"}", VERDICT_TRANSIENT },
        { 0, NULL, VERDICT_TRANSIENT },
        { 302, NULL, VERDICT_PERMANENT },
    };
    upp_ms wait = 0;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const enum verdict v = judged(rows[i].status, rows[i].body, NULL, 0, &wait);
        if (v != rows[i].verdict)
            fail_msg("row %zu: %s", i, verdict_name(v));
        assert_int_equal(wait > 0, v == VERDICT_THROTTLE);
    }
    const reply_header headers[] = { { "date", "Mon, 23 Nov 2026 10:00:00 GMT" },
                                     { "ratelimit-remaining", "0" },
                                     { "ratelimit-reset", "1795428300" } };
    assert_int_equal(judged(429, NULL, headers, 3, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 300 * UPP_SECOND);
    assert_int_equal(judged(200, "{\"feed\":[]}", headers, 3, &wait), VERDICT_OK);
    assert_int_equal(wait, 300 * UPP_SECOND);
}

/* -- what an answer holds -- */
#define REPLY_TO                                                                                   \
    "\"reply\":{\"root\":{\"cid\":\"bafyroot\",\"uri\":\"" ROOT "\",\"commit\":{\"cid\":\"x\"},"   \
    "\"validationStatus\":\"valid\"},\"parent\":{\"cid\":\"bafyroot\",\"uri\":\"" ROOT "\"}}"
#define HER                                                                                        \
    "\"author\":{\"did\":\"" HERS "\",\"handle\":\"medborgare.test\",\"displayName\":\"Åsa\"}"
static const char notifications[] =
    "{\"notifications\":["
    "{\"uri\":\"at://" HERS POST "3c\",\"cid\":\"c3\"," HER ",\"reason\":\"mention\","
    "\"record\":{\"text\":\"@kommun.test titta\",\"createdAt\":\"1970-01-01T00:00:00Z\",\"embed\":"
    "{\"$type\":\"app.bsky.embed.recordWithMedia\",\"record\":{},\"media\":{\"images\":[{\"alt\":"
    "\"En gata\",\"image\":{\"ref\":{\"$link\":\"bafkpic\"}}},7]}}},\"indexedAt\":"
    "\"2026-11-23T17:41:00.000Z\"},"
    "{\"uri\":\"at://" HERS "/app.bsky.feed.like/3l\",\"cid\":\"l\"," HER ",\"reason\":\"like\","
    "\"record\":{\"subject\":{}}},"
    "{\"uri\":\"at://" HERS POST "3b\",\"cid\":\"c2\"," HER ",\"reason\":\"reply\",\"record\":{}},"
    "{\"uri\":\"http://x\",\"cid\":\"c2\",\"reason\":\"reply\",\"record\":{\"text\":\"x\"}},"
    "{\"uri\":\"" QUESTION "\",\"cid\":\"bafyher\"," HER ",\"reason\":\"reply\","
    "\"reasonSubject\":\"" ROOT "\",\"record\":{\"text\":\"När kommer vattnet tillbaka?\","
    "\"$type\":\"app.bsky.feed.post\",\"langs\":[\"sv\"]," REPLY_TO
    ",\"createdAt\":\"2999-11-23T17:40:45.248Z\"},\"isRead\":false,"
    "\"indexedAt\":\"2026-11-23T17:40:45.248Z\",\"labels\":[]}],"
    "\"cursor\":\"2026::q\",\"priority\":false,\"seenAt\":\"2026-11-23T17:40:45.248Z\"}";

static void what_answers_us_comes_oldest_first_and_bad_ones_go_aside(void **state)
{
    (void)state;
    json_t *json = json_loads(notifications, 0, NULL);
    page p = { 0 };
    assert_non_null(json);
    assert_int_equal(how->read(LOOK_NEWS, json, OURS, &p), 0);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.bad, 2);
    assert_string_equal(p.bads[0].why, "post: uri is missing");
    const reading *it = &p.items[0];
    assert_string_equal(it->external_id, QUESTION);
    assert_string_equal(it->text, "När kommer vattnet tillbaka?");
    assert_string_equal(it->parent_id, ROOT);
    assert_string_equal(it->thread_id, ROOT);
    assert_string_equal(it->permalink, "https://bsky.app/profile/" HERS "/post/3n2yofz5wik2a");
    assert_string_equal(it->author_id, HERS);
    assert_string_equal(it->author_name, "Åsa");
    assert_string_equal(it->author_handle, "medborgare.test");
    assert_string_equal(it->author_url, "https://bsky.app/profile/" HERS);
    assert_string_equal(it->lang, "sv");
    assert_int_equal(it->created_ms, 1795455645248); /* the server's, not her own clock's */
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    assert_string_equal(how->alias(it->json), root_ref);
    it = &p.items[1];
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION);
    assert_string_equal(it->parent_id, "");
    assert_string_equal(it->thread_id, it->external_id);
    const json_t *picture = json_array_get(it->attachments, 0);
    assert_string_equal(json_string_value(json_object_get(picture, "name")), "En gata");
    assert_string_equal(json_string_value(json_object_get(picture, "url")),
                        "https://cdn.bsky.app/img/feed_fullsize/plain/" HERS "/bafkpic@jpeg");
    /* it begins a conversation: an answer names it as both */
    assert_string_equal(how->alias(it->json),
                        "{\"root\":{\"uri\":\"at://" HERS POST "3c\",\"cid\":\"c3\"},"
                        "\"parent\":{\"uri\":\"at://" HERS POST "3c\",\"cid\":\"c3\"}}");
    assert_string_equal(p.mark, "2026::q");
    assert_false(p.more);
    assert_int_equal(p.n_threads, 1); /* older than these, while the oldest was new */
    assert_string_equal(p.threads[0].id, QUESTION);
    assert_string_equal(p.threads[0].after, "2026::q");
    assert_int_equal(p.threads[0].n, 2);
    listing_done(&p);
    assert_int_equal(how->read(LOOK_THREAD, json, OURS, &p), 0);
    assert_true(p.more);
    listing_done(&p);
    assert_int_equal(how->read(LOOK_BACK, json, OURS, &p), 0);
    assert_int_equal(p.n_threads, 0); /* looking back would walk to the very first */
    listing_done(&p);
    json_decref(json);
}

static int reads(enum look look, const char *body, page *ret_page, json_t **ret_json)
{
    *ret_page = (page){ 0 };
    *ret_json = json_loads(body, JSON_DECODE_ANY, NULL);
    assert_non_null(*ret_json);
    return how->read(look, *ret_json, OURS, ret_page);
}

static void our_own_and_what_stands_below_a_post(void **state)
{
    (void)state;
    page p;
    json_t *json;
    static const char feed[] =
        "{\"feed\":[{\"post\":{\"uri\":\"at://" OURS POST
        "3a\",\"cid\":\"a\",\"author\":{\"did\":\"" OURS
        "\"},\"record\":{\"text\":\"Vi öppnar lördag\"," REPLY_TO "}}},"
        "{\"post\":{\"uri\":\"" QUESTION "\",\"cid\":\"q\"," HER ",\"record\":{\"text\":\"Hej\"}},"
        "\"reason\":{\"$type\":\"app.bsky.feed.defs#reasonRepost\"}},"
        "{\"post\":{\"uri\":\"" ROOT "\",\"cid\":\"r\",\"author\":{\"did\":\"" OURS "\"},"
        "\"record\":{\"text\":\"Badet\"}}}],\"cursor\":\"x\"}";
    assert_int_equal(reads(LOOK_OWN, feed, &p, &json), 0);
    assert_int_equal(p.n, 2); /* what we passed on is another's */
    assert_true(p.items[0].ours && p.items[1].ours);
    assert_int_equal(p.items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_int_equal(p.items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_false(p.more);
    listing_done(&p);
    json_decref(json);
    static const char thread[] =
        "{\"thread\":{\"$type\":\"app.bsky.feed.defs#threadViewPost\",\"post\":{},\"replies\":["
        "{\"$type\":\"app.bsky.feed.defs#blockedPost\",\"uri\":\"x\"},{\"post\":{\"uri\":\"at:/"
        "/" OURS POST "3a\",\"cid\":\"a\",\"author\":{\"did\":\"" OURS "\"},\"record\":{\"text\":"
        "\"Vi öppnar lördag\"}}}]}}";
    assert_int_equal(reads(LOOK_REPLIES, thread, &p, &json), 0);
    assert_int_equal(p.n, 1);
    assert_string_equal(p.items[0].text, "Vi öppnar lördag");
    assert_true(p.items[0].ours);
    listing_done(&p);
    json_decref(json);
    assert_int_equal(reads(LOOK_REPLIES, "{\"thread\":{\"post\":{}}}", &p, &json), 0);
    assert_int_equal(p.n, 0);
    listing_done(&p);
    json_decref(json);
    for (enum look l = LOOK_NEWS; l < LOOKS; l++) {
        if (l == LOOK_ITEM)
            continue;
        assert_int_equal(reads(l, "{\"notifications\":7,\"feed\":{}}", &p, &json), UPP_E_INPUT);
        listing_done(&p);
        json_decref(json);
    }
}

static void one_post_and_hostile_ones(void **state)
{
    (void)state;
    sight s;
    static const struct {
        const char *body, *link;
    } rows[] = {
        { "{\"uri\":\"" QUESTION "\",\"cid\":\"c\"," HER ",\"record\":{\"text\":\"Ny text\"}}",
          "https://bsky.app/profile/" HERS "/post/3n2yofz5wik2a" },
        { "{\"uri\":\"at://x/../\\\"><script>\",\"author\":{\"did\":\"did:x\"},\"record\":"
          "{\"text\":\"\"}}",
          NULL },
        { "{\"uri\":\"at://\",\"author\":{\"did\":\"x/../y\"},\"record\":{\"text\":\"a\"}}", NULL },
        { "{\"uri\":\"at://a/b/c\",\"author\":7,\"record\":{\"text\":\"a\",\"embed\":{\"images\":"
          "{\"a\":1},\"video\":[],\"external\":{\"uri\":\"https://x\"}},\"reply\":{\"parent\":"
          "{\"uri\":7},\"root\":[]},\"langs\":[7]},\"indexedAt\":\"i går\"}",
          NULL },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char body[1024];
        snprintf(body, sizeof body, "{\"posts\":[%s]}", rows[i].body);
        json_t *json = json_loads(body, 0, NULL);
        assert_non_null(json);
        assert_int_equal(how->see(json, OURS, &s), 0);
        assert_int_equal(s.it.permalink != NULL, rows[i].link != NULL);
        if (rows[i].link)
            assert_string_equal(s.it.permalink, rows[i].link);
        assert_false(s.hidden || s.may_hide || s.may_delete);
        assert_string_equal(s.it.parent_id, "");
        item_done(&s.it);
        json_decref(json);
    }
    assert_int_equal(how->see(NULL, OURS, &s), UPP_E_INPUT);
    json_t *done = json_loads("{\"uri\":\"at://x\",\"cid\":\"y\",\"did\":\"" OURS "\"}", 0, NULL);
    assert_true(how->confirmed(GATE_REPLY, done));
    assert_string_equal(how->own(done), OURS);
    assert_false(how->confirmed(GATE_REPLY, NULL));
    assert_null(how->own(NULL));
    json_decref(done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_is_one_call_of_our_own_server),
        cmocka_unit_test(the_same_answer_has_the_same_key),
        cmocka_unit_test(another_answer_has_another_key),
        cmocka_unit_test(it_can_answer_and_nothing_else),
        cmocka_unit_test(failures_are_judged_by_status_and_name),
        cmocka_unit_test(what_answers_us_comes_oldest_first_and_bad_ones_go_aside),
        cmocka_unit_test(our_own_and_what_stands_below_a_post),
        cmocka_unit_test(one_post_and_hostile_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
