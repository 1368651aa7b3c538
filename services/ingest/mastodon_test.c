/* mastodon_test.c - the Mastodon client API's calls and answers (R01, R13; platforms.md §12,
 * §17). */
#include "mastodon.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void calls_page_forward_and_escape_the_mark(void **state)
{
    (void)state;
    char url[512];
    const mastodon_where where = { "http://127.0.0.1:1", "1/ö", "7", "42" };
    assert_true(mastodon_url(MASTODON_MENTIONS, &where, url, sizeof url));
    assert_non_null(strstr(url, "min_id=1%2F%C3%B6"));
    assert_non_null(strstr(url, "include_filtered=true"));
    assert_null(strstr(url, "since_id"));
    assert_true(mastodon_url(MASTODON_LOOK_BACK, &where, url, sizeof url));
    assert_null(strstr(url, "min_id"));
    assert_true(mastodon_url(MASTODON_OWN, &where, url, sizeof url));
    assert_string_equal(url, "http://127.0.0.1:1/api/v1/accounts/42/statuses?limit=40&min_id=7");
    assert_false(mastodon_url(MASTODON_OWN, &where, url, 20));
    for (int c = 0; c < MASTODON_CALLS; c++)
        assert_int_equal(mastodon_call_named(mastodon_call_name((enum mastodon_call)c)), c);
    assert_int_equal(mastodon_call_named("x"), -1);
}

/* By the status alone, never by a text (platforms.md §18, row 3). */
static void failures_are_judged_by_status(void **state)
{
    (void)state;
    for (int status = 0; status < 600; status++) {
        const enum verdict v = mastodon_verdict(status);
        assert_int_equal(v == VERDICT_OK, status >= 200 && status < 300);
        assert_int_equal(v == VERDICT_AUTH, status == 401);
        assert_int_equal(v == VERDICT_THROTTLE, status == 429);
        assert_int_equal(v == VERDICT_TRANSIENT, status == 0 || status >= 500);
    }
}

static void mentions_come_oldest_first_and_bad_ones_are_counted(void **state)
{
    (void)state;
    static const char page[] =
        "[{\"id\":\"3\",\"type\":\"mention\",\"status\":{\"id\":\"s3\",\"uri\":\"u3\",\"content\":"
        "\"<p>Andra</p>\",\"visibility\":\"direct\",\"account\":{\"id\":\"9\",\"acct\":\"m\"}}},"
        "{\"id\":\"2\",\"type\":\"mention\",\"status\":{\"id\":\"s2\"}},"
        "{\"id\":\"1b\",\"type\":\"favourite\",\"status\":{\"uri\":\"u0\",\"content\":\"x\"}},"
        "{\"id\":\"1\",\"type\":\"mention\",\"status\":{\"id\":\"s1\",\"uri\":\"u1\",\"content\":"
        "\"<p>N&auml;r?</"
        "p>\",\"created_at\":\"2026-11-23T10:00:00.000Z\",\"account\":{\"id\":\"9\"}}}]";
    json_t *json = json_loads(page, 0, NULL);
    item items[8];
    size_t n, bad;
    const char *mark;
    char why[ITEM_WHY] = "";
    assert_int_equal(mastodon_items(MASTODON_MENTIONS, json, "42", items, 8, &n, &mark, &bad, why),
                     0);
    assert_int_equal(n, 2);
    assert_int_equal(bad, 1);
    assert_string_equal(mark, "3");
    assert_string_equal(items[0].external_id, "u1");
    assert_string_equal(items[0].text, "När?");
    assert_int_equal(items[0].created_ms, 1795428000000);
    assert_int_equal(items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION);
    assert_int_equal(items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE);
    for (size_t i = 0; i < n; i++)
        item_done(&items[i]);
    json_decref(json);
}

static void our_own_posts_and_replies_are_told_apart(void **state)
{
    (void)state;
    static const char page[] =
        "[{\"id\":\"s2\",\"uri\":\"u2\",\"content\":\"Hej /Anna\",\"in_reply_to_id\":\"s1\","
        "\"account\":{\"id\":\"42\"}},"
        "{\"id\":\"s1b\",\"uri\":\"u9\",\"content\":\"\",\"reblog\":{\"id\":\"x\"},"
        "\"account\":{\"id\":\"42\"}},"
        "{\"id\":\"s0\",\"uri\":\"u0\",\"content\":\"Badet\",\"in_reply_to_id\":null,"
        "\"account\":{\"id\":\"42\"}}]";
    json_t *json = json_loads(page, 0, NULL);
    item items[8];
    size_t n, bad;
    const char *mark;
    char why[ITEM_WHY] = "";
    assert_int_equal(mastodon_items(MASTODON_OWN, json, "42", items, 8, &n, &mark, &bad, why), 0);
    assert_int_equal(n, 2);
    assert_true(items[0].ours && items[1].ours);
    assert_int_equal(items[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_int_equal(items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_string_equal(items[1].parent_alias, "s1");
    for (size_t i = 0; i < n; i++)
        item_done(&items[i]);
    json_decref(json);
    json = json_loads("{\"error\":\"x\"}", 0, NULL);
    assert_int_equal(mastodon_items(MASTODON_OWN, json, "42", items, 8, &n, &mark, &bad, why),
                     UPP_E_INPUT);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_page_forward_and_escape_the_mark),
        cmocka_unit_test(failures_are_judged_by_status),
        cmocka_unit_test(mentions_come_oldest_first_and_bad_ones_are_counted),
        cmocka_unit_test(our_own_posts_and_replies_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
