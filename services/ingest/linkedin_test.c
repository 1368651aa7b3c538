/* linkedin_test.c - LinkedIn's Community Management API: calls and answers (R01, R11, R13, R20,
 * R22; platforms.md §10). */
#include "linkedin.h"
#include "linkedin_text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &linkedin_connector;

#define US      "urn:li:organization:2414183"
#define ACTED   "urn:li:activity:7001"
#define COMMENT "urn:li:comment:(urn:li:activity:7001,8001)"
#define REPLY   "urn:li:comment:(urn:li:activity:7001,8002)"
/* The same as a part of an address. */
#define US_E      "urn%3Ali%3Aorganization%3A2414183"
#define COMMENT_E "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A7001%2C8001%29"

static look_where at_page(void)
{
    return (look_where){ .base_url = "https://x/rest",
                         .mark = "",
                         .own_mark = "",
                         .own_id = US,
                         .target = "",
                         .alias = "",
                         .after = "",
                         .handle = "",
                         .version = "202609" };
}

static const char *header_of(const request *r, const char *name)
{
    for (size_t i = 0; i < REQUEST_HEADERS && r->headers[i].name; i++)
        if (strcmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}

static void asks(enum look look, const look_where *where, const char *url)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_true(how->look(look, where, &r));
    assert_string_equal(r.method, "GET");
    assert_string_equal(r.url, url);
    assert_null(r.body);
    assert_string_equal(header_of(&r, "LinkedIn-Version"), "202609");
    assert_string_equal(header_of(&r, "X-Restli-Protocol-Version"), "2.0.0");
    const char *method = header_of(&r, "X-RestLi-Method");
    assert_true(strstr(url, "q=") ? method && strcmp(method, "FINDER") == 0 : method == NULL);
}

static void asks_nothing(enum look look, const look_where *where)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_false(how->look(look, where, &r));
}

static void each_look_is_one_call(void **state)
{
    (void)state;
    look_where where = at_page();
    where.mark = "50";
    asks(LOOK_NEWS, &where,
         "https://x/rest/posts?author=" US_E "&q=author&count=10&sortBy=LAST_MODIFIED");
    asks(LOOK_BACK, &where,
         "https://x/rest/posts?author=" US_E "&q=author&count=50&sortBy=LAST_MODIFIED&start=50");
    asks_nothing(LOOK_ITEM, &where); /* a person's report has no name there */
    asks_nothing(LOOK_REPLIES, &where);
    where.target = "urn:li:share:6001";
    where.after = "100";
    asks(LOOK_THREAD, &where,
         "https://x/rest/socialActions/urn%3Ali%3Ashare%3A6001/comments?start=100&count=100");
    asks_nothing(LOOK_ITEM, &where); /* a post is no comment */
    where.target = COMMENT;
    where.after = "";
    asks(LOOK_THREAD, &where,
         "https://x/rest/socialActions/" COMMENT_E "/comments?start=0&count=100");
    asks(LOOK_ITEM, &where,
         "https://x/rest/socialActions/urn%3Ali%3Aactivity%3A7001/comments/8001");
    where.target = REPLY; /* our answer to a reply stands below what that stands below */
    where.alias = COMMENT;
    asks(LOOK_REPLIES, &where,
         "https://x/rest/socialActions/" COMMENT_E "/comments?start=0&count=100");
    for (enum look l = LOOK_WHO; l < LOOKS; l++)
        if (!(how->looks & 1U << l))
            asks_nothing(l, &where);
}

/* Of which organisation, the connection may say; whose they all are, the answer says. */
static void who_we_are(void **state)
{
    (void)state;
    static const struct {
        const char *json, *own;
    } rows[] = {
        { "{'elements':[{'organization':'" US "','role':'ADMINISTRATOR'}]}", US },
        { "{'elements':[{'organization':'" US "'},{'organization':'" US "'}]}", US },
        { "{'elements':[{'organization':'" US "'},{'organization':'urn:li:organization:2'}]}",
          NULL },
        { "{'elements':[{'organization':'urn:li:person:2'},{'organization':7},3]}", NULL },
        { "{'elements':[]}", NULL },
        { "{'elements':{}}", NULL },
        { "[]", NULL },
    };
    look_where where = at_page();
    asks(LOOK_WHO, &where,
         "https://x/rest/organizationAcls?q=organization&organization=" US_E
         "&role=ADMINISTRATOR&state=APPROVED");
    where.own_id = "2414183";
    asks(LOOK_WHO, &where,
         "https://x/rest/organizationAcls?q=organization&organization=" US_E
         "&role=ADMINISTRATOR&state=APPROVED");
    where.own_id = "";
    asks(LOOK_WHO, &where,
         "https://x/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED");
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char text[256];
        snprintf(text, sizeof text, "%s", rows[i].json);
        for (char *c = text; *c; c++)
            *c = *c == '\'' ? '"' : *c;
        json_t *json = json_loads(text, 0, NULL);
        assert_non_null(json);
        const char *own = how->own(json);
        assert_true(!own == !rows[i].own && (!own || strcmp(own, rows[i].own) == 0));
        json_decref(json);
    }
}

static void does(enum gate_what what, const look_where *where, const char *method, const char *url,
                 const char *body)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_true(connector_can(how, what));
    assert_true(how->act(what, where, "Tio & fem /Anna", &r));
    assert_string_equal(r.method, method);
    assert_string_equal(r.url, url);
    assert_true(!body == !r.body && !body == !r.type);
    if (body)
        assert_string_equal(r.body, body);
    assert_string_equal(header_of(&r, "LinkedIn-Version"), "202609");
}

static void acts_as_the_matrix_says(void **state)
{
    (void)state;
    UPP_AUTO(call_request_done) request r = { 0 };
    look_where where = at_page();
    where.target = COMMENT;
    does(GATE_REPLY, &where, "POST", "https://x/rest/socialActions/" COMMENT_E "/comments",
         "{\"actor\":\"" US "\",\"object\":\"" ACTED
         "\",\"message\":{\"text\":\"Tio & fem /Anna\"},"
         "\"parentComment\":\"" COMMENT "\"}");
    does(GATE_DELETE, &where, "DELETE",
         "https://x/rest/socialActions/urn%3Ali%3Aactivity%3A7001/comments/8001?actor=" US_E, NULL);
    where.target = REPLY;
    where.alias = COMMENT;
    does(GATE_REPLY, &where, "POST", "https://x/rest/socialActions/" COMMENT_E "/comments",
         "{\"actor\":\"" US "\",\"object\":\"" ACTED
         "\",\"message\":{\"text\":\"Tio & fem /Anna\"},"
         "\"parentComment\":\"" COMMENT "\"}");
    where.target = "urn:li:share:6001"; /* a comment on a post of ours */
    where.alias = "";
    does(GATE_REPLY, &where, "POST",
         "https://x/rest/socialActions/urn%3Ali%3Ashare%3A6001/comments",
         "{\"actor\":\"" US "\",\"object\":\"urn:li:share:6001\","
         "\"message\":{\"text\":\"Tio & fem /Anna\"}}");
    /* r20: nobody can hide there; and before we know who we are nothing is done */
    assert_false(connector_can(how, GATE_HIDE) || connector_can(how, GATE_UNHIDE));
    assert_false(how->act(GATE_HIDE, &where, "", &r));
    where.target = COMMENT;
    where.own_id = "";
    assert_false(how->act(GATE_DELETE, &where, "", &r));
    assert_false(how->act(GATE_REPLY, &where, "x", &r));
    where.own_id = US;
    where.target = "li-1014"; /* of a file */
    assert_false(how->act(GATE_DELETE, &where, "", &r));
    assert_false(how->act(GATE_REPLY, &where, "x", &r));
    assert_int_equal(how->reply_max, 1250);
}

/* A confirmation that is a header alone, too: the number stands there. */
static void an_answer_is_confirmed(void **state)
{
    (void)state;
    json_t *posted = json_pack("{s:s, s:s}", "id", "8003", "commentUrn", REPLY);
    json_t *empty = json_object();
    assert_true(how->confirmed(GATE_REPLY, posted));
    assert_false(how->confirmed(GATE_REPLY, empty));
    assert_true(how->confirmed(GATE_DELETE, NULL)); /* 204 */
    assert_string_equal(how->made, "x-restli-id");
    json_decref(posted);
    json_decref(empty);
}

/* platforms.md §5: by status and code; a day's calls are counted from midnight in UTC. */
static void an_answer_means(void **state)
{
    (void)state;
    enum { AT = 1795455663 };
    const upp_ms at = (upp_ms)AT * 1000, midnight = (at / UPP_DAY + 1) * UPP_DAY;
    const reply_header soon = { "retry-after", "90" };
    static const struct {
        int status;
        const char *code;
        enum verdict verdict;
        const char *name;
    } rows[] = {
        { 200, NULL, VERDICT_OK, "ok" },
        { 201, NULL, VERDICT_OK, "ok" },
        { 204, NULL, VERDICT_OK, "ok" },
        { 401, "REVOKED_ACCESS_TOKEN", VERDICT_AUTH, "auth" },
        { 401, NULL, VERDICT_AUTH, "auth" },
        { 426, "NONEXISTENT_VERSION", VERDICT_VERSION, "version" },
        { 426, NULL, VERDICT_VERSION, "version" },
        { 400, "VERSION_MISSING", VERDICT_VERSION, "version" },
        { 400, "INVALID_PARAM", VERDICT_PERMANENT, "permanent" },
        { 403, "ACCESS_DENIED", VERDICT_PERMANENT, "permanent" },
        { 404, "NOT_FOUND", VERDICT_GONE, "permanent" },
        { 410, NULL, VERDICT_GONE, "permanent" },
        { 429, "TOO_MANY_REQUESTS", VERDICT_THROTTLE, "throttle" },
        { 500, NULL, VERDICT_TRANSIENT, "transient" },
        { 0, NULL, VERDICT_TRANSIENT, "transient" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms wait = -1;
        json_t *json = json_pack("{s:s*}", "code", rows[i].code);
        const platform_answer a = { .status = rows[i].status, .json = json, .at_ms = at };
        const enum verdict v = how->judge(&a, &wait);
        if (v != rows[i].verdict || strcmp(verdict_name(v), rows[i].name) != 0)
            fail_msg("row %zu: %s", i, verdict_name(v));
        assert_int_equal(wait, v == VERDICT_THROTTLE ? midnight - at : 0);
        json_decref(json);
    }
    upp_ms wait = 0;
    const platform_answer told = { .status = 429, .headers = &soon, .n_headers = 1, .at_ms = at };
    assert_int_equal(how->judge(&told, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 90 * UPP_SECOND);
    assert_int_equal(linkedin_quota_wait(midnight), UPP_DAY);
    assert_int_equal(linkedin_quota_wait(0), UPP_HOUR);
}

static json_t *comment_of(const char *urn, const char *actor, const char *text, int64_t at)
{
    return json_pack("{s:s, s:s, s:{s:s, s:[]}, s:{s:I}}", "commentUrn", urn, "actor", actor,
                     "message", "text", text, "attributes", "created", "time", (json_int_t)at);
}

static json_t *listed(json_t *elements, int start, int count)
{
    return json_pack("{s:o, s:{s:i, s:i, s:[]}}", "elements", elements, "paging", "start", start,
                     "count", count, "links");
}

static void a_post_is_ours_and_has_comments(void **state)
{
    (void)state;
    page p = { 0 };
    json_t *posts = json_pack(
        "[{s:s, s:s, s:s, s:I, s:I, s:s}, {s:s, s:s, s:s}, {s:s}]", "id", "urn:li:share:6001",
        "author", US, "commentary", "Badet \\(det nya\\) {hashtag|\\#|bad}", "publishedAt",
        (json_int_t)1795455663000, "lastModifiedAt", (json_int_t)1795455664000, "lifecycleState",
        "PUBLISHED", "id", "urn:li:share:6002", "commentary", "Utkast", "lifecycleState", "DRAFT",
        "commentary", "utan namn");
    json_t *json = listed(posts, 50, 3);
    assert_int_equal(how->read(LOOK_BACK, json, US, &p), 0);
    assert_int_equal(p.n, 1); /* a draft is nobody's business */
    assert_int_equal(p.bad, 1);
    assert_string_equal(p.bads[0].why, "post: id is missing");
    const reading *it = &p.items[0];
    assert_true(it->ours);
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_string_equal(it->text, "Badet (det nya) #bad");
    assert_string_equal(it->permalink, "https://www.linkedin.com/feed/update/urn:li:share:6001/");
    assert_int_equal(it->created_ms, 1795455663000);
    assert_int_equal(it->edited_ms, 1795455664000);
    assert_int_equal(p.n_threads, 1);
    assert_string_equal(p.threads[0].id, "urn:li:share:6001");
    assert_string_equal(p.threads[0].after, "0");
    assert_int_equal(p.threads[0].below, BELOW_UNCOUNTED);
    assert_true(p.more);
    assert_string_equal(p.mark, "53");
    listing_done(&p);
    json_decref(json);
}

static void comments_are_read(void **state)
{
    (void)state;
    page p = { 0 };
    json_t *plain = comment_of(COMMENT, "urn:li:person:X", "När öppnar ni?", 2000);
    json_t *nested = comment_of(REPLY, US, "Klockan tio. /Anna", 3000);
    json_t *silent =
        comment_of("urn:li:comment:(urn:li:activity:7001,8000)", "urn:li:person:Y", "", 1000);
    json_object_set_new(plain, "commentsSummary", json_pack("{s:i}", "aggregatedTotalComments", 2));
    json_object_set_new(plain, "lastModified", json_pack("{s:i}", "time", 2500));
    json_object_set_new(
        plain, "content",
        json_pack("[{s:s, s:s}, {}, i]", "type", "IMAGE", "url", "https://media/1", 7));
    json_object_set_new(nested, "parentComment", json_string(COMMENT));
    json_t *json = listed(json_pack("[o, o, o]", nested, plain, silent), 0, 100);
    assert_int_equal(how->read(LOOK_THREAD, json, US, &p), 0);
    assert_int_equal(p.n, 3);
    assert_int_equal(p.items[0].created_ms, 1000); /* the oldest first */
    const reading *it = &p.items[1];
    assert_string_equal(it->external_id, COMMENT);
    assert_string_equal(it->author_id, "urn:li:person:X");
    assert_null(it->author_name); /* nobody told it */
    assert_null(it->author_handle);
    assert_string_equal(it->thread_id, ACTED);
    assert_string_equal(it->parent_id, ACTED);
    assert_int_equal(it->edited_ms, 2500);
    assert_int_equal(it->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    assert_int_equal(json_array_size(it->attachments), 1);
    assert_string_equal(it->permalink, "https://www.linkedin.com/feed/update/" ACTED "/");
    assert_true(p.items[2].ours);
    assert_string_equal(p.items[2].parent_id, COMMENT);
    assert_int_equal(p.items[2].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    /* one counts two answers, one does not say: both are looked below; a reply has nothing below */
    assert_int_equal(p.n_threads, 2);
    assert_int_equal(p.threads[0].below + p.threads[1].below, 2 + BELOW_UNCOUNTED);
    assert_string_equal(p.below_alias, ACTED);
    assert_false(p.more);
    listing_done(&p);
    json_decref(json);
}

static void one_comment_is_seen(void **state)
{
    (void)state;
    sight s;
    json_t *json = comment_of(COMMENT, "urn:li:person:X", "Hej", 2000);
    assert_int_equal(how->see(json, US, &s), 0);
    assert_true(s.may_delete && !s.may_hide && !s.hidden);
    assert_string_equal(s.it.text, "Hej");
    assert_null(how->alias(json));
    item_done(&s.it);
    json_object_set_new(json, "parentComment", json_string(COMMENT));
    assert_string_equal(how->alias(json), COMMENT);
    json_object_set_new(json, "parentComment", json_string("../x"));
    assert_null(how->alias(json));
    json_decref(json);
}

/* Whatever comes: an error, or set aside with a reason; no address can be made of it. */
static void hostile_answers(void **state)
{
    (void)state;
    static const char *const none[] = {
        "[]", "{}", "{\"elements\":{}}", "{\"elements\":null}", "7", "\"elements\""
    };
    static const char *const bad[] = {
        "{}",
        "7",
        "null",
        "{\"commentUrn\":7,\"message\":{}}",
        "{\"commentUrn\":\"urn:li:comment:(a,b\",\"message\":{}}",
        "{\"commentUrn\":\"urn:li:comment:(,8)\",\"message\":{}}",
        "{\"commentUrn\":\"urn:li:comment:(urn:li:activity:7,)\",\"message\":{}}",
        "{\"commentUrn\":\"urn:li:comment:(urn:li:activity:7,8)x\",\"message\":{}}",
        "{\"commentUrn\":\"urn:li:comment:(urn:li:../7,8)\",\"message\":{}}",
        "{\"commentUrn\":\"" COMMENT "\",\"message\":\"text\"}",
        "{\"commentUrn\":\"" COMMENT "\"}",
    };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        page p = { 0 };
        json_t *json = json_loads(none[i], JSON_DECODE_ANY, NULL);
        assert_int_equal(how->read(LOOK_NEWS, json, US, &p), UPP_E_INPUT);
        assert_int_equal(how->read(LOOK_THREAD, json, US, &p), UPP_E_INPUT);
        listing_done(&p);
        json_decref(json);
    }
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        page p = { 0 };
        sight s;
        json_t *one = json_loads(bad[i], JSON_DECODE_ANY, NULL);
        json_t *json = listed(json_pack("[O, o]", one, comment_of(COMMENT, "", "kvar", 1)), 0, 2);
        assert_int_equal(how->see(one, US, &s), UPP_E_INPUT);
        assert_int_equal(how->read(LOOK_THREAD, json, US, &p), 0);
        assert_int_equal(p.n, 1); /* the other goes in */
        assert_int_equal(p.bad, 1);
        assert_non_null(strstr(p.bads[0].why, "is missing"));
        listing_done(&p);
        json_decref(json);
        json_decref(one);
    }
}

/* Lists that would go on for ever, or backwards, and times that nobody could mean. */
static void numbers_are_bounded(void **state)
{
    (void)state;
    static const struct {
        int start, count;
    } rows[] = { { -1, 1 }, { 0, -5 }, { 0, 0 }, { 2000000000, 1 }, { 0, 2000000000 } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        page p = { 0 };
        json_t *one = comment_of(COMMENT, "urn:li:person:X", "x", i % 2 ? -4 : INT64_MAX);
        json_t *json = listed(json_pack("[o]", one), rows[i].start, rows[i].count);
        json_object_set_new(json_object_get(json, "paging"), "links",
                            json_pack("[{s:s}]", "rel", "next"));
        assert_int_equal(how->read(LOOK_THREAD, json, US, &p), 0);
        assert_false(p.more);
        assert_int_equal(p.items[0].created_ms, 0);
        listing_done(&p);
        json_decref(json);
    }
    page p = { 0 };
    json_t *empty = listed(json_array(), 0, 100); /* an empty page is the last, whatever it says */
    json_object_set_new(json_object_get(empty, "paging"), "links",
                        json_pack("[{s:s}]", "rel", "next"));
    assert_int_equal(how->read(LOOK_BACK, empty, US, &p), 0);
    assert_false(p.more);
    listing_done(&p);
    json_decref(empty);
}

static void little_text_is_read(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "" },
        { "vanlig text", "vanlig text" },
        { "a \\* b \\\\ c", "a * b \\ c" },
        { "Hej @[Sjöberga kommun](urn:li:organization:1)!", "Hej Sjöberga kommun!" },
        { "{hashtag|\\#|bad} #sim", "#bad #sim" },
        { "@[öppen", "@[öppen" },
        { "@[a](utan slut", "@[a](utan slut" },
        { "{hashtag|\\#|utan slut", "{hashtag|#|utan slut" },
        { "slutar så \\", "slutar så \\" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char *plain = linkedin_plain(rows[i][0]);
        assert_string_equal(plain, rows[i][1]);
        free(plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_is_one_call),
        cmocka_unit_test(who_we_are),
        cmocka_unit_test(acts_as_the_matrix_says),
        cmocka_unit_test(an_answer_is_confirmed),
        cmocka_unit_test(an_answer_means),
        cmocka_unit_test(a_post_is_ours_and_has_comments),
        cmocka_unit_test(comments_are_read),
        cmocka_unit_test(one_comment_is_seen),
        cmocka_unit_test(hostile_answers),
        cmocka_unit_test(numbers_are_bounded),
        cmocka_unit_test(little_text_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
