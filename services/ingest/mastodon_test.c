/* mastodon_test.c - the Mastodon client API's calls and answers (R01, R13; platforms.md §12,
 * §17). */
#include "mastodon.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &mastodon_connector;

static bool asks(enum look look, const look_where *where, char ret_url[512])
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const bool fits = how->look(look, where, &r);
    assert_true(!fits || strcmp(r.method, "GET") == 0);
    snprintf(ret_url, 512, "%s", fits ? r.url : "");
    return fits;
}

static void calls_page_forward_and_escape_the_mark(void **state)
{
    (void)state;
    char url[512];
    const look_where where = { .base_url = "http://127.0.0.1:1",
                               .mark = "1/ö",
                               .own_mark = "7",
                               .own_id = "42",
                               .alias = "" };
    assert_true(asks(LOOK_NEWS, &where, url));
    assert_non_null(strstr(url, "min_id=1%2F%C3%B6"));
    assert_non_null(strstr(url, "include_filtered=true"));
    assert_null(strstr(url, "since_id"));
    assert_true(asks(LOOK_BACK, &where, url));
    assert_null(strstr(url, "min_id"));
    assert_true(asks(LOOK_OWN, &where, url));
    assert_string_equal(url, "http://127.0.0.1:1/api/v1/accounts/42/statuses?limit=40&min_id=7");
    for (enum look l = LOOK_WHO; l < LOOKS; l++) {
        assert_int_equal(look_named(look_name(l)), l);
        if (!(how->looks & 1U << l))
            assert_false(asks(l, &where, url));
    }
    assert_int_equal(look_named("x"), -1);
    assert_false(asks(LOOK_ITEM, &where, url)); /* its own id there is not known */
}

/* platforms.md §2.2: what others wrote can be neither hidden nor deleted: a person must. */
static void it_can_answer_and_nothing_else(void **state)
{
    (void)state;
    look_where where = {
        .base_url = "https://x", .alias = "s1", .handle = "åsa@y", .to_one = true
    };
    for (enum gate_what what = GATE_HIDE; what < GATE_WHATS; what++) {
        UPP_AUTO(call_request_done) request r = { 0 };
        assert_int_equal(connector_can(how, what), what == GATE_REPLY);
        assert_int_equal(how->act(what, &where, "Hej & hå\n/Anna", &r), what == GATE_REPLY);
        if (what != GATE_REPLY)
            continue;
        assert_string_equal(r.url, "https://x/api/v1/statuses");
        assert_string_equal(r.body, "in_reply_to_id=s1&status=%40%C3%A5sa%40y%20Hej%20%26%20h"
                                    "%C3%A5%0A%2FAnna&visibility=direct");
    }
}

/* By the status alone, never by a text (platforms.md §18, row 3). */
static void failures_are_judged_by_status(void **state)
{
    (void)state;
    for (int status = 0; status < 600; status++) {
        upp_ms wait = 1;
        const platform_answer a = { .status = status };
        const enum verdict v = how->judge(&a, &wait);
        assert_int_equal(wait, 0);
        assert_int_equal(v == VERDICT_OK, status >= 200 && status < 300);
        assert_int_equal(v == VERDICT_AUTH, status == 401);
        assert_int_equal(v == VERDICT_THROTTLE, status == 429);
        assert_int_equal(v == VERDICT_TRANSIENT, status == 0 || status >= 500);
        assert_int_equal(v == VERDICT_GONE, status == 404 || status == 410);
    }
    const reply_header after = { "retry-after", "30" };
    const platform_answer a = { .status = 429, .headers = &after, .n_headers = 1 };
    upp_ms wait = 0;
    assert_int_equal(how->judge(&a, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 30000);
}

static void mentions_come_oldest_first_and_bad_ones_are_counted(void **state)
{
    (void)state;
    static const char body[] =
        "[{\"id\":\"3\",\"type\":\"mention\",\"status\":{\"id\":\"s3\",\"uri\":\"u3\",\"content\":"
        "\"<p>Andra</p>\",\"visibility\":\"direct\",\"account\":{\"id\":\"9\",\"acct\":\"m\"}}},"
        "{\"id\":\"2\",\"type\":\"mention\",\"status\":{\"id\":\"s2\"}},"
        "{\"id\":\"1b\",\"type\":\"favourite\",\"status\":{\"uri\":\"u0\",\"content\":\"x\"}},"
        "{\"id\":\"1\",\"type\":\"mention\",\"status\":{\"id\":\"s1\",\"uri\":\"u1\",\"content\":"
        "\"<p>N&auml;r?</"
        "p>\",\"created_at\":\"2026-11-23T10:00:00.000Z\",\"account\":{\"id\":\"9\"},"
        "\"media_attachments\":[{\"id\":\"m\",\"type\":\"image\",\"url\":\"https://x/m.jpg\","
        "\"description\":\"En gropig gata\"},{\"type\":\"image\",\"url\":null,"
        "\"description\":null}]}}]";
    json_t *json = json_loads(body, 0, NULL);
    page p = { 0 };
    assert_int_equal(how->read(LOOK_NEWS, json, "42", &p), 0);
    const reading *items = p.items;
    assert_int_equal(p.n, 2);
    assert_int_equal(p.bad, 1);
    assert_string_equal(p.bads[0].why, "status: uri is missing");
    assert_string_equal(p.mark, "3");
    assert_string_equal(items[0].external_id, "u1");
    assert_string_equal(items[0].text, "När?");
    assert_int_equal(items[0].created_ms, 1795428000000);
    assert_int_equal(items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION);
    /* What its author says of a picture is what others see of it, and is judged. */
    const json_t *picture = json_array_get(items[0].attachments, 0);
    assert_int_equal(json_array_size(items[0].attachments), 2);
    assert_string_equal(json_string_value(json_object_get(picture, "name")), "En gropig gata");
    assert_string_equal(json_string_value(json_object_get(picture, "url")), "https://x/m.jpg");
    assert_int_equal(json_array_size(items[1].attachments), 0);
    assert_int_equal(items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE);
    listing_done(&p);
    json_decref(json);
}

static void our_own_posts_and_replies_are_told_apart(void **state)
{
    (void)state;
    static const char body[] =
        "[{\"id\":\"s2\",\"uri\":\"u2\",\"content\":\"Hej /Anna\",\"in_reply_to_id\":\"s1\","
        "\"account\":{\"id\":\"42\"}},"
        "{\"id\":\"s1b\",\"uri\":\"u9\",\"content\":\"\",\"reblog\":{\"id\":\"x\"},"
        "\"account\":{\"id\":\"42\"}},"
        "{\"id\":\"s0\",\"uri\":\"u0\",\"content\":\"Badet\",\"in_reply_to_id\":null,"
        "\"account\":{\"id\":\"42\"}}]";
    json_t *json = json_loads(body, 0, NULL);
    page p = { 0 };
    assert_int_equal(how->read(LOOK_OWN, json, "42", &p), 0);
    const reading *items = p.items;
    assert_int_equal(p.n, 2);
    assert_true(items[0].ours && items[1].ours);
    assert_int_equal(items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_int_equal(items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_string_equal(items[1].parent_alias, "s1");
    listing_done(&p);
    json_decref(json);
    json = json_loads("{\"error\":\"x\"}", 0, NULL);
    assert_int_equal(how->read(LOOK_OWN, json, "42", &p), UPP_E_INPUT);
    listing_done(&p);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_page_forward_and_escape_the_mark),
        cmocka_unit_test(it_can_answer_and_nothing_else),
        cmocka_unit_test(failures_are_judged_by_status),
        cmocka_unit_test(mentions_come_oldest_first_and_bad_ones_are_counted),
        cmocka_unit_test(our_own_posts_and_replies_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
