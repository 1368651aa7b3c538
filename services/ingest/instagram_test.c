/* instagram_test.c - Instagram by the Graph API: calls and answers (R01, R13; platforms.md §8). */
#include "instagram.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &instagram_connector;

static look_where at_account(void)
{
    return (look_where){ .base_url = "https://x/v25.0",
                         .mark = "",
                         .own_mark = "",
                         .own_id = "1784",
                         .target = "",
                         .alias = "",
                         .after = "",
                         .handle = "",
                         .rung = 3,
                         .since = 1795428000000 };
}

static bool asks(enum look look, const look_where *where, char ret_url[1024])
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const bool fits = how->look(look, where, &r);
    if (fits) {
        assert_string_equal(r.method, "GET");
        assert_null(r.body);
        assert_null(strpbrk(r.url, "{} "));
    }
    snprintf(ret_url, 1024, "%s", fits ? r.url : "");
    return fits;
}

#define LEAST "id,text,timestamp,username,parent_id"
#define LIST                                                                                       \
    "https://x/v25.0/1784/media?fields=id,caption,permalink,timestamp,media_type,username,"        \
    "comments.limit(25)%7B" LEAST ",replies.limit(10)%7B" LEAST "%7D%7D&limit=25"

static void each_look_is_one_call(void **state)
{
    (void)state;
    char url[1024];
    look_where where = at_account();
    where.mark = "Mg==";
    assert_true(asks(LOOK_WHO, &where, url));
    assert_string_equal(url, "https://x/v25.0/me?fields=id,instagram_business_account");
    assert_true(asks(LOOK_NEWS, &where, url));
    assert_string_equal(url, LIST);
    assert_true(asks(LOOK_BACK, &where, url));
    assert_string_equal(url, LIST "&since=1795428000&after=Mg%3D%3D");
    assert_false(asks(LOOK_ITEM, &where, url)); /* a person's report has no id there */
    where.target = "17900";
    where.after = "X";
    assert_true(asks(LOOK_THREAD, &where, url)); /* a post's comments */
    assert_string_equal(url, "https://x/v25.0/17900/comments?fields=" LEAST
                             ",replies.limit(10)%7B" LEAST "%7D&limit=50&after=X");
    where.target = where.alias = "1781";
    assert_true(asks(LOOK_THREAD, &where, url)); /* a comment's replies */
    assert_string_equal(url, "https://x/v25.0/1781/replies?fields=" LEAST "&limit=50&after=X");
    where.target = "1782"; /* the answer to a reply stands below what that stands below */
    assert_true(asks(LOOK_REPLIES, &where, url));
    assert_string_equal(url, "https://x/v25.0/1781/replies?fields=" LEAST "&limit=50");
    assert_true(asks(LOOK_ITEM, &where, url));
    assert_string_equal(url, "https://x/v25.0/1782?fields=" LEAST);
    for (enum look l = LOOK_WHO; l < LOOKS; l++)
        if (!(how->looks & 1U << l))
            assert_false(asks(l, &where, url));
}

/* One refused field fails the whole call: each rung asks for less (platforms.md §18, row 14). */
static void each_rung_asks_for_less(void **state)
{
    (void)state;
    char url[1024];
    look_where where = at_account();
    where.target = "1781";
    size_t before = sizeof url;
    for (where.rung = 0; where.rung < 4; where.rung++) {
        assert_true(asks(LOOK_ITEM, &where, url));
        assert_true(strlen(url) < before);
        assert_non_null(strstr(url, "parent_id")); /* without it no reply could be answered */
        before = strlen(url);
    }
    where.rung = 99;
    assert_true(asks(LOOK_ITEM, &where, url));
    assert_int_equal(strlen(url), before);
}

static void does(enum gate_what what, const look_where *where, const char *method, const char *url,
                 const char *body)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_true(connector_can(how, what));
    assert_true(how->act(what, where, "Tio & fem /Anna", &r));
    assert_string_equal(r.method, method);
    assert_string_equal(r.url, url);
    if (body)
        assert_string_equal(r.body, body);
    assert_true(!body == !r.body && !body == !r.type);
}

static void acts_as_the_matrix_says(void **state)
{
    (void)state;
    look_where where = at_account();
    where.target = where.alias = "1781";
    where.handle = "asa";
    does(GATE_HIDE, &where, "POST", "https://x/v25.0/1781", "hide=true");
    does(GATE_UNHIDE, &where, "POST", "https://x/v25.0/1781", "hide=false");
    does(GATE_DELETE, &where, "DELETE", "https://x/v25.0/1781", NULL);
    does(GATE_REPLY, &where, "POST", "https://x/v25.0/1781/replies",
         "message=Tio%20%26%20fem%20%2FAnna");
    where.target = "1782"; /* a reply: the answer goes to the parent's edge, and calls on her */
    does(GATE_REPLY, &where, "POST", "https://x/v25.0/1781/replies",
         "message=%40asa%20Tio%20%26%20fem%20%2FAnna");
    where.target = "17900"; /* a post: a comment on it */
    where.alias = "";
    does(GATE_REPLY, &where, "POST", "https://x/v25.0/17900/comments",
         "message=Tio%20%26%20fem%20%2FAnna");
    where.target = "";
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_false(how->act(GATE_HIDE, &where, "", &r));
}

/* The Graph API's own: facebook_test.c looks at every code. */
static void errors_and_words_are_metas(void **state)
{
    (void)state;
    upp_ms wait = 0;
    json_t *json = json_pack("{s:{s:i, s:i}}", "error", "code", 190, "error_subcode", 463);
    assert_int_equal(how->judge(&(platform_answer){ .status = 400, .json = json }, &wait),
                     VERDICT_AUTH);
    json_decref(json);
    json = json_pack("{s:{s:i}}", "error", "code", 80002); /* this account's own limit */
    const reply_header usage = { "x-business-use-case-usage",
                                 "{\"1784\":[{\"type\":\"instagram\",\"call_count\":100,"
                                 "\"estimated_time_to_regain_access\":7}]}" };
    const platform_answer a = { .status = 403, .json = json, .headers = &usage, .n_headers = 1 };
    assert_int_equal(how->judge(&a, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 7 * UPP_MINUTE);
    json_decref(json);
    json = json_pack("{s:{s:i, s:i}}", "error", "code", 100, "error_subcode", 33);
    assert_int_equal(how->judge(&(platform_answer){ .status = 400, .json = json }, &wait),
                     VERDICT_GONE);
    json_decref(json);
    json = json_pack("{s:b}", "success", 1);
    assert_true(how->confirmed(GATE_HIDE, json));
    assert_false(how->confirmed(GATE_REPLY, json));
    assert_false(how->confirmed(GATE_HIDE, NULL));
    json_decref(json);
}

/* -- what an answer holds -- */
/* ' stands for " in the bodies below. */
static json_t *body_of(const char *text)
{
    char *body = strdup(text);
    assert_non_null(body);
    for (char *p = body; *p; p++)
        *p = (char)(*p == '\'' ? '"' : *p);
    json_t *json = json_loads(body, 0, NULL);
    assert_non_null(json);
    free(body);
    return json;
}

static page reads(enum look look, json_t *json)
{
    page p = { 0 };
    assert_int_equal(how->read(look, json, "1784", &p), 0);
    return p;
}

static const char media[] =
    "{'data':[{'id':'17901','media_type':'IMAGE','username':'sjoberga'},"
    "{'id':'17900','caption':'Badet öppnar','media_type':'IMAGE','username':'sjoberga',"
    "'permalink':'https://www.instagram.com/p/abc/','timestamp':'2026-11-23T09:00:00+0000',"
    "'comments':{'data':["
    "{'id':'1783','text':'Ni är rötägg','username':'bo','hidden':true,"
    "'timestamp':'2026-11-23T10:05:00+0000','from':{'id':'902','username':'bo'}},"
    "{'id':'1781','text':'När?','username':'asa','hidden':false,"
    "'timestamp':'2026-11-23T10:00:00+0000','from':{'id':'901','username':'asa'},"
    "'media':{'id':'17900'},'replies':{'data':["
    "{'id':'1786','text':'Tack','username':'asa','parent_id':'1781',"
    "'timestamp':'2026-11-23T10:03:00+0000'},"
    "{'id':'1785','text':'Klockan tio /Anna','username':'sjoberga',"
    "'timestamp':'2026-11-23T10:02:00+0000','user':{'id':'1784'}}],"
    "'paging':{'cursors':{'after':'REPLIES'},'next':'https://evil.example/?access_token=x'}}}],"
    "'paging':{'cursors':{'after':'OLDER'},'next':'https://evil.example/?access_token=x'}}}],"
    "'paging':{'cursors':{'after':'MEDIA'},'next':'https://evil.example/?access_token=x'}}";

static void posts_comments_and_replies_are_read(void **state)
{
    (void)state;
    json_t *json = body_of(media);
    page p = reads(LOOK_NEWS, json);
    const reading *it = p.items;
    assert_int_equal(p.n, 6);
    assert_int_equal(p.bad, 0);
    assert_int_equal(it[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_string_equal(it[0].external_id, "17900");
    assert_string_equal(it[0].text, "Badet öppnar");
    assert_true(it[0].ours);
    assert_null(json_object_get(it[0].json, "comments")); /* R23: others' words lie elsewhere */
    assert_string_equal(it[1].external_id, "1781");
    assert_string_equal(it[1].text, "När?");
    assert_string_equal(it[1].author_handle, "asa");
    assert_string_equal(it[1].author_name, "asa");
    assert_string_equal(it[1].author_id, "901");
    assert_string_equal(it[1].parent_id, "17900");
    assert_string_equal(it[1].thread_id, "17900");
    assert_string_equal(it[1].permalink, "https://www.instagram.com/p/abc/");
    assert_int_equal(it[1].created_ms, 1795428000000);
    assert_true(!it[1].ours && !it[1].hidden && !it[1].hidden_unsaid);
    assert_null(json_object_get(it[1].json, "replies"));
    assert_string_equal(it[2].external_id, "1785"); /* the earlier reply first */
    assert_true(it[2].ours && it[2].hidden_unsaid);
    assert_string_equal(it[2].parent_id, "1781"); /* from where it stood */
    assert_int_equal(it[2].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_string_equal(it[3].external_id, "1786");
    assert_false(it[3].ours);
    assert_true(it[4].hidden);
    assert_string_equal(it[5].external_id,
                        "17901"); /* no caption, no comment: a post all the same */
    assert_string_equal(it[5].text, "");
    listing_done(&p);
    json_decref(json);
}

/* The older comments of the post, the other replies of the comment; and what an answer is written
 * below. */
static void what_had_no_room_is_told(void **state)
{
    (void)state;
    json_t *json = body_of(media);
    page p = reads(LOOK_NEWS, json);
    assert_int_equal(p.n_threads, 2);
    assert_string_equal(p.threads[0].id, "1781");
    assert_string_equal(p.threads[0].after, "REPLIES");
    assert_int_equal(p.threads[0].from, 2);
    assert_string_equal(p.threads[1].id, "17900");
    assert_string_equal(p.threads[1].after, "OLDER");
    assert_int_equal(p.threads[1].from, 1);
    assert_string_equal(p.mark, "MEDIA");
    assert_true(p.more);
    assert_null(how->alias(p.items[0].json));
    assert_null(how->alias(p.items[5].json));
    assert_string_equal(how->alias(p.items[1].json), "1781");
    assert_string_equal(how->alias(p.items[3].json), "1781");
    listing_done(&p);
    json_decref(json);
}

static void lists_and_single_comments(void **state)
{
    (void)state;
    json_t *json =
        body_of("{'data':[{'id':'1785','text':'Tio','username':'sjoberga','parent_id':'1781',"
                "'media':{'id':'17900','permalink':'https://i/p/','username':'sjoberga'}},"
                "{'id':'1784x','text':'x','username':'asa'}]}");
    sight s;
    page p = reads(LOOK_REPLIES, json);
    assert_int_equal(p.n, 2);
    assert_string_equal(p.items[1].external_id, "1785");
    assert_true(p.items[1].ours); /* by name alone: `from` and `user` may be refused */
    assert_string_equal(p.items[1].author_id, "1784");
    assert_null(p.items[0].parent_id); /* whose list it is, knows who asked */
    assert_false(p.more);
    listing_done(&p);
    json_decref(json);
    json = body_of("{'id':'1782','text':'Hej','username':'asa','hidden':true,'parent_id':'1781',"
                   "'media':{'id':'17900','permalink':'https://i/p/','username':'sjoberga'}}");
    assert_int_equal(how->see(json, "1784", &s), 0);
    assert_true(s.hidden && s.may_hide && s.may_delete && !s.it.ours);
    assert_string_equal(s.it.thread_id, "17900");
    item_done(&s.it);
    json_decref(json);
    json = body_of("{'id':'77','instagram_business_account':{'id':'1784'}}");
    assert_string_equal(how->own(json), "1784");
    json_decref(json);
    json = body_of("{'id':'77'}"); /* a page that no account is joined to */
    assert_null(how->own(json));
    json_decref(json);
}

/* R23: what cannot be read is set aside one by one; the rest goes in. */
static void odd_objects_go_aside_one_by_one(void **state)
{
    (void)state;
    json_t *json =
        body_of("{'data':[7,{'media_type':'IMAGE'},{'id':'1','comments':8},"
                "{'id':'2','caption':[],'username':{},'comments':{'data':[null,{'id':''},"
                "{'text':'utan id','replies':{'data':[{'id':'r','text':'Kvar'},9],"
                "'paging':{'next':'x','cursors':{'after':'X'}}}},"
                "{'id':'c','text':5,'hidden':'ja','from':[],'media':3,'timestamp':'i dag',"
                "'replies':{'data':{}}}]}}]}");
    page p = reads(LOOK_NEWS, json);
    assert_int_equal(p.n, 4);
    assert_int_equal(p.bad, 6);
    assert_string_equal(p.items[0].external_id, "2");
    assert_string_equal(p.items[1].external_id, "c");
    assert_string_equal(p.items[1].text, "");
    assert_true(p.items[1].hidden_unsaid && !p.items[1].hidden && !p.items[1].ours);
    assert_string_equal(p.items[2].external_id, "r");
    assert_string_equal(p.items[2].parent_id, "2"); /* below whom, nobody knows */
    assert_string_equal(p.items[3].external_id, "1");
    assert_int_equal(p.n_threads, 0);
    listing_done(&p);
    json_decref(json);
    static const char *const none[] = { "[]", "{}", "{'data':{}}", "{'error':'x'}" };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        sight s;
        json = body_of(none[i]);
        assert_int_equal(how->read(LOOK_NEWS, json, "1784", &p), UPP_E_INPUT);
        assert_int_equal(how->see(json, "1784", &s), UPP_E_INPUT);
        assert_null(how->own(json));
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_is_one_call),
        cmocka_unit_test(each_rung_asks_for_less),
        cmocka_unit_test(acts_as_the_matrix_says),
        cmocka_unit_test(errors_and_words_are_metas),
        cmocka_unit_test(posts_comments_and_replies_are_read),
        cmocka_unit_test(what_had_no_room_is_told),
        cmocka_unit_test(lists_and_single_comments),
        cmocka_unit_test(odd_objects_go_aside_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
