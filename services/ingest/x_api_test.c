/* x_api_test.c - X API v2: calls, what answers mean, what they hold (R01, R13, R22; platforms.md
 * §11, §16.3). */
#include "rate_limit.h"
#include "x_api.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &x_connector;
#define BASE "https://api.x.com"
static const look_where plain = { .base_url = BASE,
                                  .mark = "",
                                  .own_mark = "",
                                  .own_id = "77",
                                  .target = "2090000000000000003",
                                  .alias = "2090000000000000004 2090000000000000001",
                                  .after = "",
                                  .handle = "" };

static bool asks(enum look look, const look_where *where, char ret_url[1024])
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const bool fits = how->look(look, where, &r);
    assert_true(!fits || (strcmp(r.method, "GET") == 0 && !r.body));
    snprintf(ret_url, 1024, "%s", fits ? r.url : "");
    return fits;
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("%s is not in %s", part, text);
}

static void news_are_asked_for_after_the_mark(void **state)
{
    (void)state;
    char url[1024];
    look_where where = plain;
    where.since = 1795428000123;               /* 2026-11-23T10:00:00.123Z */
    assert_true(asks(LOOK_NEWS, &where, url)); /* never all that was ever written: each costs */
    holds(url, BASE "/2/users/77/mentions?max_results=100&tweet.fields=created_at,author_id,");
    holds(url, "&expansions=author_id,attachments.media_keys&user.fields=username,name");
    holds(url, "&start_time=2026-11-23T10:00:00Z");
    assert_true(asks(LOOK_BACK, &where, url)); /* nothing was read before */
    assert_null(strstr(url, "until_id"));
    where.mark = "2090000000000000009";
    assert_true(asks(LOOK_NEWS, &where, url));
    holds(url, "&since_id=2090000000000000009");
    assert_null(strstr(url, "start_time"));
    assert_true(asks(LOOK_BACK, &where, url)); /* what was read before, again */
    holds(url, "max_results=100&");
    holds(url, "&start_time=2026-11-23T10:00:00Z&until_id=2090000000000000009");
    assert_null(strstr(url, "since_id"));
    where.after = "2090000000000000002";
    assert_true(asks(LOOK_THREAD, &where, url));
    holds(url, "/2/users/77/mentions?");
    holds(url, "&until_id=2090000000000000002");
    where.own_mark = "5";
    assert_true(asks(LOOK_OWN, &where, url));
    holds(url, "/2/users/77/tweets?exclude=retweets&max_results=100&");
    holds(url, "&since_id=5");
    assert_true(asks(LOOK_WHO, &where, url));
    assert_string_equal(url, BASE "/2/users/me");
    assert_false(how->looks >> LOOKS & 1);
}

static void one_post_is_asked_for_by_its_newest_id(void **state)
{
    (void)state;
    char url[1024];
    look_where where = plain;
    assert_true(asks(LOOK_ITEM, &where, url));
    holds(url, BASE "/2/tweets?ids=2090000000000000004&");
    assert_true(asks(LOOK_REPLIES, &where, url));
    holds(url, "/2/tweets/search/recent?query=conversation_id%3A2090000000000000001%20from%3A77"
               "&max_results=100&");
    where.alias = "";
    assert_true(asks(LOOK_ITEM, &where, url));
    holds(url, "?ids=2090000000000000003&");
    assert_false(asks(LOOK_REPLIES, &where, url)); /* its conversation is not known */
    static const char *const no_id[] = {
        "", "a", "1/../2", "-1", "1?x=", "123456789012345678901234"
    };
    for (size_t i = 0; i < UPP_LEN(no_id); i++) {
        where.target = no_id[i];
        assert_false(asks(LOOK_ITEM, &where, url));
    }
    where.alias = "1/2 3"; /* what is kept is hostile, too */
    assert_false(asks(LOOK_ITEM, &where, url));
}

/* platforms.md §11: the names of fields are being changed. */
static void a_refused_field_is_said_in_other_words_then_left_out(void **state)
{
    (void)state;
    char url[1024];
    look_where where = plain;
    static const char *const wanted[] = { "tweet.fields", "post.fields", "tweet.fields",
                                          "post.fields", "post.fields" };
    for (int64_t rung = 0; rung < (int64_t)UPP_LEN(wanted); rung++) {
        where.rung = rung;
        assert_true(asks(LOOK_NEWS, &where, url));
        holds(url, wanted[rung]);
        assert_int_equal(strstr(url, "media_keys") != NULL, rung < 2);
    }
}

static void acts(enum gate_what what, const char *method, const char *url, const char *body)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_true(connector_can(how, what));
    assert_true(how->act(what, &plain, "Hej \"du\" & hå\n/Anna, kommunikatör", &r));
    assert_string_equal(r.method, method);
    assert_string_equal(r.url, url);
    assert_string_equal(r.body, body);
    assert_string_equal(r.type, "application/json");
}

static void it_hides_shows_and_answers_and_deletes_nothing(void **state)
{
    (void)state;
    acts(GATE_HIDE, "PUT", BASE "/2/tweets/2090000000000000004/hidden", "{\"hidden\":true}");
    acts(GATE_UNHIDE, "PUT", BASE "/2/tweets/2090000000000000004/hidden", "{\"hidden\":false}");
    acts(GATE_REPLY, "POST", BASE "/2/tweets",
         "{\"text\":\"Hej \\\"du\\\" & hå\\n/Anna, kommunikatör\","
         "\"reply\":{\"in_reply_to_tweet_id\":\"2090000000000000004\"}}");
    request r = { 0 };
    look_where nameless = plain;
    assert_false(connector_can(how, GATE_DELETE));
    assert_false(how->act(GATE_DELETE, &plain, "", &r));
    assert_false(how->act(GATE_REPLY, &plain, "\xff", &r)); /* no UTF-8 */
    nameless.alias = nameless.target = "";
    assert_false(how->act(GATE_HIDE, &nameless, "", &r));
    assert_null(r.url);
}

/* -- what an answer means -- */
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

#define PROBLEM "https://api.twitter.com/2/problems/"
static void failures_are_judged_by_status_type_and_code(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        { 200, "{\"meta\":{\"result_count\":0}}", VERDICT_OK },
        { 200, "{\"data\":[],\"errors\":[{\"type\":\"" PROBLEM "resource-not-found\"}]}",
          VERDICT_OK },
        { 200, "{\"errors\":[{\"type\":\"" PROBLEM "resource-not-found\"}]}", VERDICT_GONE },
        { 200, "{\"errors\":[{\"type\":\"https://x/not-authorized-for-resource\"}]}",
          VERDICT_GONE },
        { 200, "{\"errors\":[{\"type\":\"resource-not-found\"}]}", VERDICT_PERMANENT },
        { 200, "{\"errors\":[{\"type\":7},{\"type\":\"x/resource-not-found\"}]}",
          VERDICT_PERMANENT },
        { 200, "{\"errors\":\"Could not find\"}", VERDICT_OK }, /* no list: reading it will tell */
        { 201, "{\"data\":{\"id\":\"1\"}}", VERDICT_OK },
        { 400, "{\"type\":\"" PROBLEM "invalid-request\"}", VERDICT_FIELD },
        { 400, "{\"title\":\"Invalid Request\"}", VERDICT_PERMANENT },
        { 400, "{\"errors\":[{\"code\":89,\"message\":\"Invalid or expired token.\"}]}",
          VERDICT_AUTH },
        { 401, NULL, VERDICT_AUTH },
        { 402, "{}", VERDICT_AUTH },
        { 403,
          "{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,\"detail\":\"You can"
          " only reply to or quote posts where you are mentioned\"}",
          VERDICT_PERMANENT },
        { 403, "{\"type\":\"" PROBLEM "client-forbidden\"}", VERDICT_AUTH },
        { 403, "{\"type\":\"" PROBLEM "not-authorized-for-resource\"}", VERDICT_PERMANENT },
        { 403, "{\"type\":\"" PROBLEM "usage-capped\"}", VERDICT_THROTTLE },
        { 404, "{}", VERDICT_GONE },
        { 410, NULL, VERDICT_GONE },
        { 429, "{\"type\":\"about:blank\",\"status\":429}", VERDICT_THROTTLE },
        { 400, "{\"errors\":[{\"code\":88}]}", VERDICT_THROTTLE },
        { 503, "{\"type\":\"" PROBLEM "client-forbidden\"}", VERDICT_TRANSIENT },
        { 0, NULL, VERDICT_TRANSIENT },
        { 302, NULL, VERDICT_PERMANENT },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms wait = 0;
        const enum verdict v = judged(rows[i].status, rows[i].body, NULL, 0, &wait);
        if (v != rows[i].verdict)
            fail_msg("row %zu: %s", i, verdict_name(v));
        assert_int_equal(wait > 0, v == VERDICT_THROTTLE);
    }
}

/* By the platform's two clocks, never by ours. */
static void a_reset_becomes_a_wait(void **state)
{
    (void)state;
    const reply_header headers[] = { { "date", "Mon, 23 Nov 2026 10:00:00 GMT" },
                                     { "x-rate-limit-remaining", "0" },
                                     { "x-rate-limit-reset", "1795428421" } };
    upp_ms wait = 0;
    assert_int_equal(judged(429, "{}", headers, 3, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 421 * UPP_SECOND);
    assert_int_equal(judged(200, "{\"meta\":{}}", headers, 3, &wait), VERDICT_OK);
    assert_int_equal(wait, 421 * UPP_SECOND); /* it was the last one: not yet the next */
    assert_int_equal(judged(429, "{\"type\":\"x/usage-capped\"}", headers, 3, &wait),
                     VERDICT_THROTTLE);
    assert_int_equal(wait, UPP_HOUR);
    (void)judged(403, "{}", headers, 3, &wait);
    assert_int_equal(wait, 0);
    static const struct {
        const char *date, *reset, *after;
        int64_t s;
    } rows[] = {
        { "Mon, 23 Nov 2026 10:00:00 GMT", "1795427999", "", 1 }, /* it has been */
        { "Mon, 23 Nov 2026 10:00:00 GMT", "99999999999999999999", "", 86400 },
        { "Mon, 23 Nov 2026 10:00:00 GMT", "soon", "", 1 },
        { "Mon, 23 Nov 2026 10:00:00 GMT", "1795428421", "30", 30 },
        { "Mon, 23 Nov 2026 10:00:00 GMT", "1795428421", "-3", 421 },
        { "Mon, 23 Non 2026 10:00:00 GMT", "1795428421", "", 900 },
        { "Mon, 23 anF 2026 10:00:00 GMT", "1795428421", "", 900 },
        { "Mon, 99 Nov 2026 10:00:00 GMT", "1795428421", "", 900 },
        { "now", "1795428421", "", 900 },
        { "", "", "", 900 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const reply_header h[] = { { "date", rows[i].date },
                                   { "reset", rows[i].reset },
                                   { "retry-after", rows[i].after } };
        const platform_answer a = { .status = 429, .headers = h, .n_headers = 3 };
        if (rate_limit_wait(&a, "reset") != rows[i].s * UPP_SECOND)
            fail_msg("row %zu: %lld", i, (long long)rate_limit_wait(&a, "reset"));
    }
}

/* -- what an answer holds -- */
static const char mentions[] =
    "{\"data\":["
    "{\"id\":\"2090000000000000006\",\"text\":\"@sjoberga Vad &amp;lt;\",\"author_id\":\"9\"},"
    "{\"id\":\"2090000000000000005\",\"author_id\":\"9\"},"
    "{\"id\":2090000000000000005,\"text\":\"ett tal\"},"
    "\"hej\","
    "{\"id\":\"2090000000000000004\",\"text\":\"@sjoberga Jävla &lt;idioter&gt; &amp; co"
    " https://t.co/AbC1 https://t.co/AbC2\",\"author_id\":\"901\",\"lang\":\"sv\","
    "\"created_at\":\"2026-11-23T10:00:00.000Z\",\"conversation_id\":\"2090000000000000001\","
    "\"in_reply_to_user_id\":\"77\",\"referenced_posts\":[{\"type\":\"quoted\",\"id\":\"1\"},"
    "{\"type\":\"replied_to\",\"id\":\"2090000000000000001\"}],"
    "\"edit_history_post_ids\":[\"2090000000000000003\",\"2090000000000000004\"],"
    "\"attachments\":{\"media_keys\":[\"3_1\",\"3_9\",7]},"
    "\"entities\":{\"urls\":[{\"url\":\"https://t.co/AbC1\",\"expanded_url\":"
    "\"https://x.example/t.co/a?b=1&c=2\"},{\"url\":\"J\",\"expanded_url\":\"X\"},{\"url\":7}]}}],"
    "\"includes\":{\"users\":[{\"id\":\"9\",\"username\":\"m/x\"},{\"id\":\"901\",\"name\":\"Åsa\","
    "\"username\":\"asa\"}],\"media\":[{\"media_key\":\"3_2\",\"url\":\"https://x/other.jpg\"},"
    "{\"media_key\":\"3_1\",\"type\":\"photo\",\"url\":\"https://x/m.jpg\",\"alt_text\":\"En "
    "gata\"}]},"
    "\"meta\":{\"newest_id\":\"2090000000000000006\",\"oldest_id\":\"2090000000000000004\","
    "\"result_count\":5,\"next_token\":\"b26\"}}";

static void mentions_come_oldest_first_and_bad_ones_go_aside(void **state)
{
    (void)state;
    json_t *json = json_loads(mentions, 0, NULL);
    page p = { 0 };
    assert_non_null(json);
    assert_int_equal(how->read(LOOK_NEWS, json, "77", &p), 0);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.bad, 3);
    assert_string_equal(p.bads[0].why, "post: id is missing");
    assert_ptr_equal(p.bads[0].json, json_array_get(json_object_get(json, "data"), 3));
    assert_string_equal(p.mark, "2090000000000000006");
    const reading *it = &p.items[0];
    assert_string_equal(it->external_id, "2090000000000000003"); /* its first version's id */
    assert_string_equal(it->alias, "2090000000000000004");
    assert_string_equal(it->text, "@sjoberga Jävla <idioter> & co https://x.example/t.co/a?b=1&c=2"
                                  " https://t.co/AbC2");
    assert_string_equal(it->thread_id, "2090000000000000001");
    assert_string_equal(it->parent_id, "2090000000000000001");
    assert_string_equal(it->permalink, "https://x.com/i/status/2090000000000000004");
    assert_string_equal(it->author_name, "Åsa");
    assert_string_equal(it->author_handle, "asa");
    assert_string_equal(it->author_url, "https://x.com/asa");
    assert_string_equal(it->lang, "sv");
    assert_int_equal(it->created_ms, 1795428000000);
    assert_int_equal(it->edited_ms, 1795428000000);
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    assert_int_equal(json_array_size(it->attachments), 1); /* its own alone */
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(it->attachments, 0), "name")), "En gata");
    assert_string_equal(how->alias(it->json), "2090000000000000004 2090000000000000001");
    const json_t *users = json_object_get(json_object_get(it->json, "includes"), "users");
    assert_int_equal(json_array_size(users), 1); /* nobody else's name lies in its copy */
    it = &p.items[1];
    assert_string_equal(it->text, "@sjoberga Vad &lt;"); /* once, not twice */
    assert_string_equal(it->author_url, "https://x.com/m%2Fx");
    assert_string_equal(it->parent_id, ""); /* not the post that a walk begins at */
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION);
    assert_int_equal(it->edited_ms, 0);
    assert_string_equal(how->alias(it->json), "2090000000000000006 2090000000000000006");
    listing_done(&p);
    json_decref(json);
}

/* More than a page: the mark is at the newest at once, the rest is walked to until it is known. */
static void what_one_page_has_no_room_for_is_walked_to(void **state)
{
    (void)state;
    json_t *json = json_loads(mentions, 0, NULL);
    page p = { 0 };
    assert_int_equal(how->read(LOOK_NEWS, json, "77", &p), 0);
    assert_false(p.more);
    assert_int_equal(p.n_threads, 1);
    assert_string_equal(p.threads[0].id, "2090000000000000003");
    assert_string_equal(p.threads[0].after, "2090000000000000004");
    assert_int_equal(p.threads[0].from, 0);
    assert_int_equal(p.threads[0].n, 2);
    listing_done(&p);
    assert_int_equal(how->read(LOOK_THREAD, json, "77", &p), 0);
    assert_true(p.more);
    assert_string_equal(p.mark, "2090000000000000004");
    listing_done(&p);
    assert_int_equal(how->read(LOOK_BACK, json, "77", &p), 0); /* would walk to the very first */
    assert_int_equal(p.n_threads, 0);
    listing_done(&p);
    json_object_del(json_object_get(json, "meta"), "next_token");
    assert_int_equal(how->read(LOOK_THREAD, json, "77", &p), 0);
    assert_false(p.more);
    listing_done(&p);
    assert_int_equal(how->read(LOOK_NEWS, json, "77", &p), 0);
    assert_int_equal(p.n_threads, 0);
    listing_done(&p);
    json_decref(json);
}

static int reads(const char *body, page *ret_page, json_t **ret_json)
{
    *ret_page = (page){ 0 };
    *ret_json = json_loads(body, JSON_DECODE_ANY, NULL);
    assert_non_null(*ret_json);
    return how->read(LOOK_NEWS, *ret_json, "77", ret_page);
}

static void empty_and_odd_lists(void **state)
{
    (void)state;
    page p;
    json_t *json;
    assert_int_equal(reads("{\"meta\":{\"result_count\":0}}", &p, &json), 0);
    assert_int_equal(p.n + p.bad, 0);
    assert_null(p.mark); /* the mark stays where it was */
    listing_done(&p);
    json_decref(json);
    assert_int_equal(
        reads("{\"data\":[],\"meta\":{\"newest_id\":\"../x\",\"next_token\":\"a\"}}", &p, &json),
        0);
    assert_null(p.mark);
    assert_int_equal(p.n_threads, 0);
    listing_done(&p);
    json_decref(json);
    static const char *const none[] = {
        "[]", "{}", "7", "{\"data\":{\"id\":\"1\"}}", "{\"meta\":7}", "{\"data\":null,\"meta\":{}}"
    };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        assert_int_equal(reads(none[i], &p, &json), UPP_E_INPUT);
        listing_done(&p);
        json_decref(json);
    }
}

static void our_own_are_told_apart_and_read_as_we_wrote_them(void **state)
{
    (void)state;
    page p;
    json_t *json;
    assert_int_equal(
        reads("{\"data\":[{\"id\":\"8\",\"author_id\":\"77\",\"text\":\"@asa @bo Vi öppnar"
              " lördag. Hälsningar Anna @\",\"in_reply_to_user_id\":\"901\","
              "\"conversation_id\":\"1\",\"referenced_tweets\":[{\"type\":"
              "\"replied_to\",\"id\":\"4\"}]},"
              "{\"id\":\"7\",\"author_id\":\"77\",\"text\":\"@asa fyller år\","
              "\"note_tweet\":{\"text\":\"@asa fyller år i dag &amp; i morgon\"}}],"
              "\"meta\":{}}",
              &p, &json),
        0);
    assert_int_equal(p.n, 2);
    assert_true(p.items[0].ours && p.items[1].ours);
    assert_int_equal(p.items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_string_equal(p.items[0].text, "@asa fyller år i dag & i morgon"); /* ours, and whole */
    assert_int_equal(p.items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_string_equal(p.items[1].text, "Vi öppnar lördag. Hälsningar Anna @");
    assert_string_equal(p.items[1].parent_id, "4");
    assert_string_equal(p.mark, "8"); /* no end was named: its first */
    listing_done(&p);
    json_decref(json);
}

static void one_post_as_it_stands(void **state)
{
    (void)state;
    sight s;
    json_t *json = json_loads("{\"data\":[{\"id\":\"8\",\"text\":\"Hej\",\"author_id\":\"9\","
                              "\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"4\"}]}],"
                              "\"includes\":{\"users\":[{\"id\":\"9\",\"name\":\"Bo\"}]}}",
                              0, NULL);
    assert_int_equal(how->see(json, "77", &s), 0);
    assert_string_equal(s.it.text, "Hej");
    assert_string_equal(s.it.author_name, "Bo");
    assert_false(s.hidden || s.may_delete);
    assert_true(s.may_hide);
    item_done(&s.it);
    json_object_del(json_array_get(json_object_get(json, "data"), 0), "referenced_tweets");
    assert_int_equal(how->see(json, "77", &s), 0);
    assert_false(s.may_hide); /* it stands in no conversation of ours */
    item_done(&s.it);
    json_decref(json);
    assert_int_equal(how->see(NULL, "77", &s), UPP_E_INPUT);
    assert_false(how->tells_hidden);
}

static void the_platforms_own_word_that_it_is_done(void **state)
{
    (void)state;
    json_t *hidden = json_loads("{\"data\":{\"hidden\":true}}", 0, NULL);
    json_t *shown = json_loads("{\"data\":{\"hidden\":false}}", 0, NULL);
    json_t *said = json_loads("{\"data\":{\"id\":\"12\",\"text\":\"x\"}}", 0, NULL);
    assert_true(how->confirmed(GATE_HIDE, hidden) && how->confirmed(GATE_UNHIDE, shown));
    assert_false(how->confirmed(GATE_HIDE, shown) || how->confirmed(GATE_UNHIDE, hidden));
    assert_false(how->confirmed(GATE_HIDE, said) || how->confirmed(GATE_UNHIDE, said));
    assert_true(how->confirmed(GATE_REPLY, said));
    assert_false(how->confirmed(GATE_REPLY, hidden) || how->confirmed(GATE_REPLY, NULL));
    assert_string_equal(how->own(said), "12");
    assert_null(how->own(hidden));
    json_decref(hidden);
    json_decref(shown);
    json_decref(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_are_asked_for_after_the_mark),
        cmocka_unit_test(one_post_is_asked_for_by_its_newest_id),
        cmocka_unit_test(a_refused_field_is_said_in_other_words_then_left_out),
        cmocka_unit_test(it_hides_shows_and_answers_and_deletes_nothing),
        cmocka_unit_test(failures_are_judged_by_status_type_and_code),
        cmocka_unit_test(a_reset_becomes_a_wait),
        cmocka_unit_test(mentions_come_oldest_first_and_bad_ones_go_aside),
        cmocka_unit_test(what_one_page_has_no_room_for_is_walked_to),
        cmocka_unit_test(empty_and_odd_lists),
        cmocka_unit_test(our_own_are_told_apart_and_read_as_we_wrote_them),
        cmocka_unit_test(one_post_as_it_stands),
        cmocka_unit_test(the_platforms_own_word_that_it_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
