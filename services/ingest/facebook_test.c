/* facebook_test.c - calls and answers of the Graph API, against the fake page and against Meta's
 * own words (R01, R13, R22; platforms.md §5, §7). */
#include "facebook.h"
#include "facebook_fake.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &facebook_connector;

typedef struct heard_back {
    platform_answer a;
    json_t *json;
    enum verdict verdict;
} heard_back;

static heard_back call(fakebook *f, request *r, const char *token)
{
    heard_back h = { 0 };
    fakebook_response out;
    const fakebook_request q = {
        .method = r->method, .body = r->body, .type = r->type, .bearer = token, .now_s = 1795455600
    };
    fakebook_call(f, r->url, &q, &out);
    call_request_done(r);
    upp_ms wait = 0;
    h.json = out.body ? json_loads(out.body, 0, NULL) : NULL;
    h.a = (platform_answer){ .status = out.cut ? 0 : out.status, .json = h.json };
    h.verdict = how->judge(&h.a, &wait);
    free(out.body);
    return h;
}

static look_where at_page(void)
{
    return (look_where){ .base_url = "http://127.0.0.1:1/v25.0",
                         .mark = "",
                         .own_mark = "",
                         .own_id = "77",
                         .target = "",
                         .alias = "",
                         .after = "",
                         .handle = "" };
}

static heard_back look_at(fakebook *f, enum look look, const look_where *where)
{
    request r = { 0 };
    assert_true(how->look(look, where, &r));
    assert_string_equal(r.method, "GET");
    assert_null(strstr(r.url, "TOKEN"));
    return call(f, &r, "TOKEN");
}

/* Who, posts with their comments, a comment, its answers: as the connector reads them. */
static void reads_a_page(void **state)
{
    (void)state;
    fakebook *f = fakebook_new("77", "Sjöberga", "TOKEN");
    look_where where = at_page();
    const char *post = fakebook_post(f, &(fakebook_words){ .text = "Badet öppnar" }, 1795440000);
    const fakebook_words asks = {
        .author = "901", .name = "Åsa", .text = "När?", .photo = "https://cdn.example/x/n.jpg"
    };
    const char *first = fakebook_comment(f, post, &asks, 1795441000);
    const char *own = fakebook_comment(f, first, &(fakebook_words){ .text = "Tio" }, 1795442000);
    assert_true(fakebook_hide(f, first, true));

    heard_back who = look_at(f, LOOK_WHO, &where);
    assert_string_equal(how->own(who.json), "77");
    heard_back news = look_at(f, LOOK_NEWS, &where);
    page p = { 0 };
    assert_int_equal(how->read(LOOK_NEWS, news.json, "77", &p), 0);
    assert_int_equal(p.n, 3);
    const reading *it = p.items;
    assert_int_equal(it[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_null(json_object_get(it[0].json, "comments")); /* R23: others' words lie elsewhere */
    assert_string_equal(it[1].external_id, first);
    assert_string_equal(it[1].parent_id, post);
    assert_string_equal(it[1].thread_id, post);
    assert_string_equal(it[1].author_name, "Åsa");
    assert_int_equal(it[1].created_ms, 1795441000000);
    assert_true(it[1].hidden && !it[1].ours);
    assert_int_equal(json_array_size(it[1].attachments), 1);
    assert_string_equal(it[2].external_id, own);
    assert_string_equal(it[2].parent_id, first);
    assert_true(it[2].ours);
    listing_done(&p);

    where.target = first;
    heard_back one = look_at(f, LOOK_ITEM, &where);
    sight s;
    assert_int_equal(how->see(one.json, "77", &s), 0);
    assert_true(s.hidden && s.may_hide && s.may_delete);
    item_done(&s.it);
    heard_back below = look_at(f, LOOK_REPLIES, &where);
    assert_int_equal(how->read(LOOK_REPLIES, below.json, "77", &p), 0);
    assert_int_equal(p.n, 1);
    assert_true(p.items[0].ours);
    listing_done(&p);
    json_decref(who.json);
    json_decref(news.json);
    json_decref(one.json);
    json_decref(below.json);
    fakebook_free(f);
}

/* Pages until there is no next: each comment once, none left out (platforms.md §18, row 8). */
static void pages_to_the_end(void **state)
{
    (void)state;
    fakebook *f = fakebook_new("77", "Sjöberga", "TOKEN");
    look_where where = at_page();
    char seen[260][16], after[64] = "";
    size_t n = 0, calls = 0;
    const char *post = fakebook_post(f, &(fakebook_words){ .text = "x" }, 1795440000);
    for (int i = 0; i < 250; i++)
        (void)fakebook_comment(
            f, post, &(fakebook_words){ .author = "9", .name = "B", .text = "?" }, 1795440000 + i);
    where.target = post;
    for (bool more = true; more && calls < 9; calls++) {
        where.after = after;
        heard_back h = look_at(f, LOOK_THREAD, &where);
        page p = { 0 };
        assert_int_equal(how->read(LOOK_THREAD, h.json, "77", &p), 0);
        for (size_t i = 0; i < p.n; i++) {
            for (size_t k = 0; k < n; k++)
                assert_string_not_equal(seen[k], p.items[i].external_id);
            snprintf(seen[n++], sizeof seen[0], "%s", p.items[i].external_id);
        }
        more = p.more;
        snprintf(after, sizeof after, "%s", p.mark ? p.mark : "");
        listing_done(&p);
        json_decref(h.json);
    }
    assert_int_equal(n, 250);
    assert_int_equal(calls, 3);
    fakebook_free(f);
}

static enum verdict acts(fakebook *f, enum gate_what what, const char *id, const char *token,
                         bool *ret_confirmed)
{
    look_where where = at_page();
    request r = { 0 };
    where.target = id;
    assert_true(how->act(what, &where, "Klockan tio & fem.\n/Anna", &r));
    heard_back h = call(f, &r, token);
    *ret_confirmed = h.json && how->confirmed(what, h.json);
    json_decref(h.json);
    return h.verdict;
}

static void acts_on_a_comment(void **state)
{
    (void)state;
    bool sure;
    fakebook *f = fakebook_new("77", "Sjöberga", "TOKEN");
    const char *post = fakebook_post(f, &(fakebook_words){ .text = "x" }, 1795440000);
    const fakebook_words words = { .author = "901", .name = "Åsa", .text = "När?" };
    const char *id = fakebook_comment(f, post, &words, 1795441000);
    const fakebook_deed *deeds;
    assert_int_equal(acts(f, GATE_HIDE, id, "TOKEN", &sure), VERDICT_OK);
    assert_true(sure && !fakebook_visible(f, id));
    assert_int_equal(acts(f, GATE_UNHIDE, id, "TOKEN", &sure), VERDICT_OK);
    assert_true(sure && fakebook_visible(f, id));
    assert_int_equal(acts(f, GATE_REPLY, id, "TOKEN", &sure), VERDICT_OK);
    assert_true(sure);
    assert_int_equal(fakebook_deeds(f, &deeds), 3);
    assert_string_equal(deeds[2].text, "Klockan tio & fem.\n/Anna");
    assert_int_equal(acts(f, GATE_DELETE, id, "TOKEN", &sure), VERDICT_OK);
    assert_true(sure && !fakebook_there(f, id));
    assert_int_equal(acts(f, GATE_DELETE, id, "TOKEN", &sure), VERDICT_GONE);
    assert_int_equal(acts(f, GATE_HIDE, post, "EXPIRED", &sure), VERDICT_AUTH);
    assert_int_equal(acts(f, GATE_HIDE, post, "LIMITED", &sure), VERDICT_THROTTLE);
    assert_int_equal(acts(f, GATE_HIDE, post, "other", &sure), VERDICT_AUTH);
    assert_false(sure);
    fakebook_rights(f, true, false, NULL);
    assert_int_equal(acts(f, GATE_HIDE, post, "TOKEN", &sure), VERDICT_AUTH); /* 200 */
    fakebook_free(f);
}

/* One refused field fails the whole call: each rung asks for less, until it passes. */
static void asks_for_less_when_a_field_is_refused(void **state)
{
    (void)state;
    fakebook *f = fakebook_new("77", "Sjöberga", "TOKEN");
    const char *post = fakebook_post(f, &(fakebook_words){ .text = "x" }, 1795440000);
    fakebook_rights(f, false, true, "attachment");
    look_where where = at_page();
    where.target = post;
    int64_t rung = 0;
    for (; rung < 8; rung++) {
        where.rung = rung;
        heard_back h = look_at(f, LOOK_THREAD, &where);
        json_decref(h.json);
        if (h.verdict == VERDICT_OK)
            break;
        assert_int_equal(h.verdict, VERDICT_FIELD);
    }
    assert_int_equal(rung, 2);
    fakebook_free(f);
}

/* By code and subcode, never by words, over every code there may be (platforms.md §18, row 3). */
static void errors_are_judged_by_code(void **state)
{
    (void)state;
    for (int64_t code = 0; code < 81000; code++) {
        json_t *json = json_pack("{s:{s:s, s:I}}", "error", "message", "Session has expired",
                                 "code", (json_int_t)code);
        const platform_answer a = { .status = 400, .json = json };
        upp_ms wait = 0;
        const enum verdict v = how->judge(&a, &wait);
        const bool auth =
            code == 190 || code == 102 || code == 10 || code == 3 || (code >= 200 && code <= 299);
        const bool throttle = code == 4 || code == 17 || code == 32 || code == 341 || code == 613 ||
                              (code >= 80001 && code <= 80014);
        assert_int_equal(v == VERDICT_AUTH, auth);
        assert_int_equal(v == VERDICT_THROTTLE, throttle);
        assert_int_equal(v == VERDICT_TRANSIENT, code == 1 || code == 2);
        assert_int_equal(v == VERDICT_EXISTS, code == 506);
        assert_int_not_equal(v, VERDICT_OK);
        json_decref(json);
    }
    json_t *json = json_pack("{s:{s:i, s:i}}", "error", "code", 100, "error_subcode", 33);
    upp_ms wait = 0;
    assert_int_equal(how->judge(&(platform_answer){ .status = 400, .json = json }, &wait),
                     VERDICT_GONE);
    json_decref(json);
    json = json_pack("{s:{s:i, s:b}}", "error", "code", 9999, "is_transient", 1);
    assert_int_equal(how->judge(&(platform_answer){ .status = 400, .json = json }, &wait),
                     VERDICT_TRANSIENT);
    json_decref(json);
    /* bodies that are no JSON: by the status alone; a closed door is one */
    static const struct {
        int status;
        enum verdict verdict;
    } bare[] = { { 0, VERDICT_TRANSIENT },  { 200, VERDICT_OK },        { 401, VERDICT_AUTH },
                 { 403, VERDICT_AUTH },     { 404, VERDICT_PERMANENT }, { 429, VERDICT_THROTTLE },
                 { 502, VERDICT_TRANSIENT } };
    for (size_t i = 0; i < UPP_LEN(bare); i++)
        assert_int_equal(how->judge(&(platform_answer){ .status = bare[i].status }, &wait),
                         bare[i].verdict);
}

static upp_ms waits(const char *name, const char *value)
{
    const reply_header header = { name, value };
    const platform_answer a = { .status = 200, .headers = &header, .n_headers = 1 };
    upp_ms wait = -1;
    assert_int_equal(how->judge(&a, &wait), VERDICT_OK);
    return wait;
}

/* §7.4: percents, and minutes to wait; uppsikt stops at 90. */
static void stops_at_ninety_percent(void **state)
{
    (void)state;
    static const char *const name = "x-business-use-case-usage";
    assert_int_equal(waits("x-app-usage", "{\"call_count\":89,\"total_time\":2}"), 0);
    assert_int_equal(waits("x-app-usage", "{\"call_count\":2,\"total_time\":90}"), 5 * UPP_MINUTE);
    assert_int_equal(waits(name, "{\"7\":[{\"call_count\":28,"
                                 "\"estimated_time_to_regain_access\":0}]}"),
                     0);
    assert_int_equal(waits(name, "{\"7\":[{\"call_count\":28},{\"call_count\":100,"
                                 "\"estimated_time_to_regain_access\":17}]}"),
                     17 * UPP_MINUTE);
    assert_int_equal(waits(name, "{\"7\":[{\"estimated_time_to_regain_access\":99999}]}"), UPP_DAY);
    assert_int_equal(waits(name, "not json"), 0);
    assert_int_equal(waits("retry-after", "30"), 30 * UPP_SECOND);
    assert_int_equal(waits("retry-after", "-5"), 0);
}

/* -- webhooks -- */
typedef struct told {
    size_t n, added;
    char text[64], comment[32], page[16];
    Uppsikt__ItemKind kind;
    bool ours;
} told;

static void tell(void *ctx, const facebook_change *c)
{
    told *t = ctx;
    t->n++;
    snprintf(t->comment, sizeof t->comment, "%s", c->comment);
    snprintf(t->page, sizeof t->page, "%s", c->page);
    if (c->verb != FACEBOOK_ADDED)
        return;
    t->added++;
    snprintf(t->text, sizeof t->text, "%s", c->it.text);
    t->kind = c->it.kind;
    t->ours = c->it.ours;
}

static told hear(const char *body, int wanted)
{
    told t = { 0 };
    json_t *json = json_loads(body, 0, NULL);
    assert_int_equal(facebook_webhook(json, tell, &t), wanted);
    json_decref(json);
    return t;
}

static void a_webhook_is_a_hint(void **state)
{
    (void)state;
    /* the vector of platforms.md §15.2 */
    told t = hear("{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"time\":1449135003,\"changes\":[{"
                  "\"field\":\"feed\",\"value\":{\"item\":\"comment\",\"verb\":\"add\","
                  "\"comment_id\":\"1_2\",\"post_id\":\"1_1\",\"parent_id\":\"1_1\",\"from\":{"
                  "\"id\":\"9\",\"name\":\"\\u00c5sa\"},\"created_time\":1449135003,\"message\":"
                  "\"N\\u00e4r?\"}}]}]}",
                  0);
    assert_int_equal(t.added, 1);
    assert_string_equal(t.text, "När?");
    assert_string_equal(t.page, "1");
    assert_int_equal(t.kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);

    fakebook *f = fakebook_new("77", "Sjöberga", "TOKEN");
    const char *post = fakebook_post(f, &(fakebook_words){ .text = "x" }, 1795440000);
    const fakebook_words plain = { .author = "901", .name = "Åsa", .text = "När?" };
    const fakebook_words photo = {
        .author = "901", .name = "Åsa", .text = "Se", .photo = "https://x/y.jpg"
    };
    const char *one = fakebook_comment(f, post, &plain, 1);
    const char *two = fakebook_comment(f, one, &photo, 2);
    const char *own = fakebook_comment(f, one, &(fakebook_words){ .text = "Tio" }, 3);
    static const char *const verbs[] = { "add", "edited", "remove", "hide", "unhide", "block" };
    for (size_t i = 0; i < UPP_LEN(verbs); i++) {
        char *body = fakebook_change(f, one, verbs[i], 4);
        t = hear(body, 0);
        assert_int_equal(t.n, 1);
        assert_int_equal(t.added, i == 0); /* all else is read from the API */
        assert_string_equal(t.comment, one);
        free(body);
    }
    char *body = fakebook_change(f, two, "add", 4);
    assert_int_equal(hear(body, 0).added, 0); /* a picture has another address there */
    free(body);
    body = fakebook_change(f, own, "add", 4);
    assert_true(hear(body, 0).ours);
    free(body);
    fakebook_free(f);
    assert_int_equal(hear("{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":"
                          "\"feed\",\"value\":{\"item\":\"reaction\",\"comment_id\":\"1_2\"}}]}]}",
                          0)
                         .n,
                     0);
    (void)hear("{\"object\":\"instagram\",\"entry\":[]}", UPP_E_INPUT);
    (void)hear("{}", UPP_E_INPUT);
    (void)hear("{\"object\":\"page\",\"entry\":[{\"changes\":7},8,{\"id\":\"1\"}]}", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_page),
        cmocka_unit_test(pages_to_the_end),
        cmocka_unit_test(acts_on_a_comment),
        cmocka_unit_test(asks_for_less_when_a_field_is_refused),
        cmocka_unit_test(errors_are_judged_by_code),
        cmocka_unit_test(stops_at_ninety_percent),
        cmocka_unit_test(a_webhook_is_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
