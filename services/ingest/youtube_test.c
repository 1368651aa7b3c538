/* youtube_test.c - YouTube's Data API: calls and answers (R01, R13; platforms.md §9). */
#include "youtube.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const connector *const how = &youtube_connector;

static look_where at_channel(void)
{
    return (look_where){ .base_url = "https://x/v3",
                         .mark = "",
                         .own_mark = "",
                         .own_id = "UC77",
                         .target = "",
                         .alias = "",
                         .after = "",
                         .handle = "" };
}

static bool asks(enum look look, const look_where *where, char ret_url[512])
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const bool fits = how->look(look, where, &r);
    if (fits) {
        assert_string_equal(r.method, "GET");
        assert_null(r.body);
    }
    snprintf(ret_url, 512, "%s", fits ? r.url : "");
    return fits;
}

#define THREADS                                                                                    \
    "https://x/v3/commentThreads?part=snippet,replies&allThreadsRelatedToChannelId=UC77"           \
    "&order=time&maxResults=100&textFormat=plainText"

static void each_look_is_one_call(void **state)
{
    (void)state;
    char url[512];
    look_where where = at_channel();
    assert_true(asks(LOOK_WHO, &where, url));
    assert_string_equal(url, "https://x/v3/channels?part=id&mine=true");
    where.mark = "Q&1";
    assert_true(asks(LOOK_NEWS, &where, url));
    assert_string_equal(url, THREADS); /* the mark is where the look back goes on */
    assert_true(asks(LOOK_BACK, &where, url));
    assert_string_equal(url, THREADS "&pageToken=Q%261");
    assert_true(asks(LOOK_HELD, &where, url));
    assert_string_equal(url, THREADS "&moderationStatus=heldForReview");
    assert_true(asks(LOOK_OWN, &where, url));
    assert_string_equal(
        url, "https://x/v3/playlistItems?part=snippet,status&playlistId=UU77&maxResults=50");
    assert_false(asks(LOOK_ITEM, &where, url)); /* a person's report has no id there */
    assert_false(asks(LOOK_THREAD, &where, url));
    where.target = "Ugx1";
    where.after = "A B";
    assert_true(asks(LOOK_ITEM, &where, url));
    assert_string_equal(url, "https://x/v3/comments?part=snippet&id=Ugx1&textFormat=plainText");
    assert_true(asks(LOOK_THREAD, &where, url));
    assert_string_equal(url, "https://x/v3/comments?part=snippet&parentId=Ugx1&maxResults=100"
                             "&textFormat=plainText&pageToken=A%20B");
    where.target = "Ugx1.r";
    where.alias = "Ugx1"; /* a reply's thread is where the answer to it will stand */
    assert_true(asks(LOOK_REPLIES, &where, url));
    assert_string_equal(url, "https://x/v3/comments?part=snippet&parentId=Ugx1&maxResults=100"
                             "&textFormat=plainText");
}

static void does(enum gate_what what, const look_where *where, const char *method, const char *url,
                 const char *body)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_true(connector_can(how, what));
    assert_true(how->act(what, where, "Klockan \"tio\".\n/Anna", &r));
    assert_string_equal(r.method, method);
    assert_string_equal(r.url, url);
    if (body)
        assert_string_equal(r.body, body);
    assert_true(!body == !r.body && !body == !r.type);
}

/* §9: held back is our hide; rejected, which nobody can undo, our delete of what others wrote. */
static void acts_as_the_matrix_says(void **state)
{
    (void)state;
    static const char held[] = "https://x/v3/comments/setModerationStatus?id=Ugx1.%C3%A4"
                               "&moderationStatus=heldForReview";
    static const char shown[] = "https://x/v3/comments/setModerationStatus?id=Ugx1.%C3%A4"
                                "&moderationStatus=published";
    static const char rejected[] = "https://x/v3/comments/setModerationStatus?id=Ugx1.%C3%A4"
                                   "&moderationStatus=rejected";
    look_where where = at_channel();
    where.target = "Ugx1.ä";
    does(GATE_HIDE, &where, "POST", held, NULL);
    does(GATE_UNHIDE, &where, "POST", shown, NULL);
    does(GATE_DELETE, &where, "POST", rejected, NULL);
    where.ours = true;
    does(GATE_DELETE, &where, "DELETE", "https://x/v3/comments?id=Ugx1.%C3%A4", NULL);
    does(GATE_REPLY, &where, "POST", "https://x/v3/comments?part=snippet",
         "{\"snippet\":{\"parentId\":\"Ugx1.ä\","
         "\"textOriginal\":\"Klockan \\\"tio\\\".\\n/Anna\"}}");
    where.alias = "Ugx1"; /* below a thread there is one level: the answer calls on whom it is to */
    where.handle = "asa";
    does(GATE_REPLY, &where, "POST", "https://x/v3/comments?part=snippet",
         "{\"snippet\":{\"parentId\":\"Ugx1\","
         "\"textOriginal\":\"@asa Klockan \\\"tio\\\".\\n/Anna\"}}");
    where.target = "";
    UPP_AUTO(call_request_done) request r = { 0 };
    assert_false(how->act(GATE_HIDE, &where, "", &r));
}

static void only_an_answer_must_come_back(void **state)
{
    (void)state;
    json_t *json = json_loads("{\"id\":\"Ugx1.2\"}", 0, NULL);
    assert_true(how->confirmed(GATE_HIDE, NULL)); /* 204 */
    assert_true(how->confirmed(GATE_DELETE, NULL));
    assert_false(how->confirmed(GATE_REPLY, NULL));
    assert_true(how->confirmed(GATE_REPLY, json));
    json_decref(json);
}

/* -- what an answer means -- */
static enum verdict judged(int status, const char *body, upp_ms at, upp_ms *ret_wait)
{
    json_t *json = body ? json_loads(body, 0, NULL) : NULL;
    const platform_answer a = { .status = status, .json = json, .at_ms = at };
    const enum verdict v = how->judge(&a, ret_wait);
    json_decref(json);
    return v;
}

static enum verdict refused(int status, const char *reason)
{
    char body[300];
    upp_ms wait = 0;
    snprintf(
        body, sizeof body,
        "{\"error\":{\"code\":%d,\"message\":\"The quota is exceeded\",\"errors\":[{\"message\""
        ":\"x\",\"domain\":\"youtube\",\"reason\":\"%s\"}]}}",
        status, reason);
    return judged(status, body, 0, &wait);
}

static void errors_are_judged_by_reason_and_status(void **state)
{
    (void)state;
    upp_ms wait = 0;
    assert_int_equal(refused(403, "quotaExceeded"), VERDICT_THROTTLE);
    assert_int_equal(refused(403, "rateLimitExceeded"), VERDICT_THROTTLE);
    assert_int_equal(refused(403, "commentsDisabled"), VERDICT_PERMANENT);
    assert_int_equal(refused(403, "forbidden"), VERDICT_PERMANENT);
    assert_int_equal(refused(400, "processingFailure"), VERDICT_PERMANENT);
    assert_int_equal(refused(400, "banWithoutReject"), VERDICT_PERMANENT);
    assert_int_equal(refused(400, "invalidPageToken"), VERDICT_CURSOR);
    assert_int_equal(refused(404, "commentNotFound"), VERDICT_GONE);
    assert_int_equal(refused(404, "videoNotFound"), VERDICT_GONE);
    assert_int_equal(refused(401, "authError"), VERDICT_AUTH);
    assert_int_equal(refused(403, "insufficientPermissions"), VERDICT_AUTH);
    assert_int_equal(refused(403, "nobody has heard of it"), VERDICT_AUTH);
    assert_int_equal(refused(503, "quotaExceeded"), VERDICT_TRANSIENT);
    assert_int_equal(judged(400, "{\"error\":\"invalid_grant\"}", 0, &wait), VERDICT_AUTH);
    assert_int_equal(judged(401, "{\"error\":\"invalid_client\"}", 0, &wait), VERDICT_AUTH);
    assert_int_equal(judged(403, "[7]", 0, &wait), VERDICT_AUTH);
    assert_int_equal(judged(403, "{\"error\":{\"errors\":7}}", 0, &wait), VERDICT_AUTH);
    for (int status = 0; status < 600; status++) { /* bodies that are no JSON */
        const enum verdict v = judged(status, NULL, 0, &wait);
        assert_int_equal(v == VERDICT_OK, status >= 200 && status < 300);
        assert_int_equal(v == VERDICT_AUTH, status == 401 || status == 403);
        assert_int_equal(v == VERDICT_GONE, status == 404 || status == 410);
        assert_int_equal(v == VERDICT_THROTTLE, status == 429);
        assert_int_equal(v == VERDICT_TRANSIENT, status == 0 || status >= 500);
        assert_int_equal(wait, 0);
    }
    const reply_header after = { "retry-after", "30" };
    const platform_answer a = { .status = 429, .headers = &after, .n_headers = 1 };
    assert_int_equal(how->judge(&a, &wait), VERDICT_THROTTLE);
    assert_int_equal(wait, 30 * UPP_SECOND);
}

/* The day's quota begins anew at midnight in California, whatever its clocks were put to. */
static void quota_comes_back_at_midnight_pacific(void **state)
{
    (void)state;
    static const char body[] = "{\"error\":{\"errors\":[{\"reason\":\"quotaExceeded\"}]}}";
    static const struct {
        int64_t at_s, wait_s; /* seconds since 1970 */
    } rows[] = {
        { 1767225600, 8 * 3600 },     /* 2026-01-01 00:00Z: there it is 16:00 */
        { 1767254400, 24 * 3600 },    /* 08:00Z: midnight itself */
        { 1767254399, 1 },            /* */
        { 1782864000, 7 * 3600 },     /* 2026-07-01 00:00Z: 17:00 */
        { 1772956800, 23 * 3600 },    /* 2026-03-08 08:00Z: a day of 23 hours */
        { 1793516400, 25 * 3600 },    /* 2026-11-01 07:00Z: one of 25 */
        { 1793523600, 23 * 3600 },    /* 09:00Z, the very hour that comes twice */
        { 1772963999, 21 * 3600 + 1 } /* 2026-03-08 09:59:59Z, a second before */
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_ms wait = 0;
        assert_int_equal(youtube_quota_wait(rows[i].at_s * UPP_SECOND),
                         rows[i].wait_s * UPP_SECOND);
        assert_int_equal(judged(403, body, rows[i].at_s * UPP_SECOND, &wait), VERDICT_THROTTLE);
        assert_int_equal(wait, rows[i].wait_s * UPP_SECOND);
    }
    upp_ms wait = 0;
    (void)judged(403, body, 0, &wait);
    assert_int_equal(wait, UPP_HOUR); /* nobody knows what time it is */
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
    assert_int_equal(how->read(look, json, "UC77", &p), 0);
    return p;
}

static const char news[] =
    "{'kind':'youtube#commentThreadListResponse','nextPageToken':'NEXT','items':["
    "{'kind':'youtube#commentThread','id':'Ugx2','snippet':{'channelId':'UC77','videoId':'vid1',"
    "'topLevelComment':{'kind':'youtube#comment','id':'Ugx2','snippet':{'channelId':'UC77',"
    "'videoId':'vid1','textDisplay':'Ni är rötägg','authorDisplayName':'@bo',"
    "'authorChannelId':{'value':'UC902'},'moderationStatus':'heldForReview',"
    "'publishedAt':'2026-11-23T10:05:00Z','updatedAt':'2026-11-23T10:06:00Z'}},"
    "'canReply':true,'totalReplyCount':0,'isPublic':true}},"
    "{'kind':'youtube#commentThread','id':'Ugx1','snippet':{'channelId':'UC77','videoId':'vid1',"
    "'topLevelComment':{'kind':'youtube#comment','id':'Ugx1','snippet':{'channelId':'UC77',"
    "'videoId':'vid1','textDisplay':'När öppnar badet?','authorDisplayName':'@asa',"
    "'authorChannelUrl':'http://www.youtube.com/@asa','authorChannelId':{'value':'UC901'},"
    "'moderationStatus':'published','likeCount':3,"
    "'publishedAt':'2026-11-23T10:00:00Z','updatedAt':'2026-11-23T10:00:00Z'}},"
    "'canReply':true,'totalReplyCount':7,'isPublic':true},'replies':{'comments':["
    "{'id':'Ugx1.b','snippet':{'videoId':'vid1','textDisplay':'Tack','parentId':'Ugx1',"
    "'authorDisplayName':'Åsa','authorChannelId':{'value':'UC901'},"
    "'publishedAt':'2026-11-23T10:03:00Z','updatedAt':'2026-11-23T10:03:00Z'}},"
    "{'id':'Ugx1.a','snippet':{'videoId':'vid1','textDisplay':'Klockan tio','parentId':'Ugx1',"
    "'textOriginal':'Klockan tio /Anna','authorChannelId':{'value':'UC77'},"
    "'publishedAt':'2026-11-23T10:02:00Z','updatedAt':'2026-11-23T10:02:00Z'}}]}}]}";

static void threads_are_read_oldest_first(void **state)
{
    (void)state;
    json_t *json = body_of(news);
    page p = reads(LOOK_NEWS, json);
    const reading *it = p.items;
    assert_int_equal(p.n, 4);
    assert_int_equal(p.bad, 0);
    assert_string_equal(it[0].external_id, "Ugx1");
    assert_string_equal(it[0].text, "När öppnar badet?");
    assert_string_equal(it[0].thread_id, "vid1");
    assert_string_equal(it[0].parent_id, "vid1");
    assert_string_equal(it[0].author_id, "UC901");
    assert_string_equal(it[0].author_name, "@asa");
    assert_string_equal(it[0].author_handle, "asa");
    assert_string_equal(it[0].author_url, "http://www.youtube.com/@asa");
    assert_string_equal(it[0].permalink, "https://www.youtube.com/watch?v=vid1&lc=Ugx1");
    assert_int_equal(it[0].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    assert_int_equal(it[0].created_ms, 1795428000000);
    assert_int_equal(it[0].edited_ms, 0);
    assert_true(!it[0].ours && !it[0].hidden && !it[0].hidden_unsaid);
    assert_null(json_object_get(it[0].json, "replies")); /* others' words lie elsewhere */
    assert_string_equal(it[1].external_id, "Ugx1.a");
    assert_true(it[1].ours && it[1].hidden_unsaid && !it[1].hidden);
    assert_string_equal(it[1].text, "Klockan tio /Anna");
    assert_string_equal(it[1].parent_id, "Ugx1");
    assert_int_equal(it[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY);
    assert_string_equal(it[2].external_id, "Ugx1.b");
    assert_null(it[2].author_handle); /* a name, and no handle */
    assert_string_equal(how->alias(it[2].json), "Ugx1");
    assert_null(how->alias(it[0].json));
    assert_true(it[3].hidden && !it[3].hidden_unsaid);
    assert_int_equal(it[3].edited_ms - it[3].created_ms, UPP_MINUTE);
    listing_done(&p);
    json_decref(json);
}

/* Seven stand below the first thread, two came along: the rest is walked through. */
static void what_had_no_room_is_told(void **state)
{
    (void)state;
    json_t *json = body_of(news);
    page p = reads(LOOK_NEWS, json);
    assert_int_equal(p.n_threads, 1);
    assert_string_equal(p.threads[0].id, "Ugx1");
    assert_string_equal(p.threads[0].after, "");
    assert_int_equal(p.threads[0].below, 7);
    assert_int_equal(p.threads[0].from, 1);
    assert_int_equal(p.threads[0].n, 2);
    assert_true(p.more);
    assert_string_equal(p.mark, "NEXT");
    assert_int_equal(p.oldest_ms, 0);
    listing_done(&p);
    p = reads(LOOK_BACK, json); /* no `since` there: how far it has come tells where to end */
    assert_int_equal(p.oldest_ms, 1795428000000);
    listing_done(&p);
    p = reads(LOOK_HELD, json);
    assert_int_equal(p.n_threads, 0); /* it counts otherwise: no reason to walk */
    listing_done(&p);
    json_decref(json);
}

static void replies_and_single_comments(void **state)
{
    (void)state;
    json_t *json = body_of("{'items':[{'id':'Ugx1.b','snippet':{'videoId':'v','textDisplay':'B',"
                           "'parentId':'Ugx1','publishedAt':'2026-11-23T10:03:00Z'}},{'id':"
                           "'Ugx1.a','snippet':{'textDisplay':'A','parentId':'Ugx1',"
                           "'publishedAt':'2026-11-23T10:02:00Z'}}]}");
    sight s;
    page p = reads(LOOK_THREAD, json);
    assert_int_equal(p.n, 2);
    assert_string_equal(p.items[0].external_id, "Ugx1.a");
    assert_null(p.items[0].thread_id); /* whose list it is, knows who asked */
    assert_null(p.items[0].permalink);
    assert_null(p.items[0].author_id);
    assert_false(p.more);
    listing_done(&p);
    assert_int_equal(how->see(json, "UC77", &s), 0);
    assert_string_equal(s.it.text, "B");
    assert_true(s.may_hide && s.may_delete && s.it.hidden_unsaid);
    item_done(&s.it);
    json_decref(json);
    json = body_of("{'kind':'youtube#commentListResponse','items':[]}");
    assert_int_equal(how->see(json, "UC77", &s), 1); /* it is not there */
    json_decref(json);
    json = body_of("{'kind':'youtube#channelListResponse','items':[{'id':'UC77'}]}");
    assert_string_equal(how->own(json), "UC77");
    json_decref(json);
    json = body_of("{'items':[{'id':'UC'}]}");
    assert_null(how->own(json));
    json_decref(json);
}

static void our_films_are_our_posts(void **state)
{
    (void)state;
    json_t *json = body_of(
        "{'items':[{'snippet':{'publishedAt':'2026-11-23T10:00:00Z','title':'Badet',"
        "'description':'Öppnar snart','resourceId':{'videoId':'v2'}},"
        "'status':{'privacyStatus':'public'}},"
        "{'snippet':{'title':'Utkast','resourceId':{'videoId':'v3'}},"
        "'status':{'privacyStatus':'private'}},"
        "{'snippet':{'title':'x'}},{'snippet':{'resourceId':{'videoId':'v4'}}},"
        "{'snippet':{'title':'Bara namn','description':'','resourceId':{'videoId':'v1'}}}]}");
    page p = reads(LOOK_OWN, json);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.bad, 2);
    assert_string_equal(p.bads[0].why, "video: title is missing");
    assert_string_equal(p.items[0].external_id, "v1");
    assert_string_equal(p.items[0].text, "Bara namn");
    assert_string_equal(p.items[1].text, "Badet\n\nÖppnar snart");
    assert_string_equal(p.items[1].permalink, "https://www.youtube.com/watch?v=v2");
    assert_int_equal(p.items[1].kind, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_true(p.items[1].ours);
    listing_done(&p);
    json_decref(json);
}

/* R23: what cannot be read is set aside one by one; the rest goes in. */
static void odd_objects_go_aside_one_by_one(void **state)
{
    (void)state;
    json_t *json = body_of(
        "{'nextPageToken':7,'items':[{'id':'a','snippet':{'topLevelComment':7}},8,null,"
        "{'snippet':[]},{'snippet':{'topLevelComment':{'id':'b'},'totalReplyCount':'x'}},"
        "{'snippet':{'topLevelComment':{'id':'','snippet':{'textDisplay':'t'}},"
        "'totalReplyCount':9},'replies':{'comments':[{'id':'c.1','snippet':{'textDisplay':'Kvar',"
        "'publishedAt':'i dag'}}]}},"
        "{'snippet':{'topLevelComment':{'id':'d','snippet':{}},'totalReplyCount':-4},"
        "'replies':{'comments':{'a':1}}},"
        "{'snippet':{'videoId':'v','topLevelComment':{'id':'e&f','snippet':{'textDisplay':'Bra',"
        "'authorDisplayName':'@','authorChannelId':'UC77','moderationStatus':'new word'}}}}]}");
    page p = reads(LOOK_NEWS, json);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.bad, 7);
    assert_false(p.more);
    assert_string_equal(p.bads[0].why, "comment: textDisplay is missing");
    assert_string_equal(p.items[0].permalink, "https://www.youtube.com/watch?v=v&lc=e%26f");
    assert_null(p.items[0].author_handle);
    assert_true(!p.items[0].ours && p.items[0].hidden_unsaid);
    assert_string_equal(p.items[1].text, "Kvar");
    assert_int_equal(p.items[1].created_ms, 0);
    assert_int_equal(p.n_threads, 0);
    listing_done(&p);
    json_decref(json);
    static const char *const none[] = { "[]", "{}", "{'items':{}}", "{'error':'x'}" };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        sight s;
        json = body_of(none[i]);
        assert_int_equal(how->read(LOOK_NEWS, json, "UC77", &p), UPP_E_INPUT);
        assert_int_equal(how->see(json, "UC77", &s), UPP_E_INPUT);
        assert_null(how->own(json));
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_is_one_call),
        cmocka_unit_test(acts_as_the_matrix_says),
        cmocka_unit_test(only_an_answer_must_come_back),
        cmocka_unit_test(errors_are_judged_by_reason_and_status),
        cmocka_unit_test(quota_comes_back_at_midnight_pacific),
        cmocka_unit_test(threads_are_read_oldest_first),
        cmocka_unit_test(what_had_no_room_is_told),
        cmocka_unit_test(replies_and_single_comments),
        cmocka_unit_test(our_films_are_our_posts),
        cmocka_unit_test(odd_objects_go_aside_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
