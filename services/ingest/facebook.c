/* facebook.c - calls and answers of the Graph API for one page (platforms.md §7). */
#include "facebook.h"
#include "civil.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSTS = 25, INLINE = 25, COMMENTS = 100, REPLIES = 25, STOP_PERCENT = 90 };

/* One refused field fails a whole call; each rung asks for less (platforms.md §18, row 14). */
static const char *const rungs[] = {
    "id,message,from,created_time,is_hidden,can_hide,can_remove,parent,attachment,permalink_url",
    "id,message,created_time,is_hidden,can_hide,can_remove,parent,attachment,permalink_url",
    "id,message,created_time,is_hidden,can_hide,can_remove,parent,permalink_url",
    "id,message,created_time,is_hidden,parent",
};

static const char *fields(int64_t rung)
{
    return rungs[rung < 0                             ? 0
                 : rung < (int64_t)UPP_LEN(rungs) - 1 ? rung
                                                      : (int64_t)UPP_LEN(rungs) - 1];
}

/* The newest comments come with each post; `since` is about the post's own time, never a comment's,
 * so it may only look back, not find what is new. */
static char *feed_url(enum look look, const look_where *where, const char *own, const char *after)
{
    char since[40] = "";
    if (look == LOOK_BACK)
        snprintf(since, sizeof since, "&since=%" PRId64, where->since / UPP_SECOND);
    return connector_text("%s/%s/feed?fields=id,message,from,created_time,permalink_url,"
                          "comments.filter(stream).order(reverse_chronological).limit(%d)%%7B%s%%7D"
                          "&limit=%d%s%s%s",
                          where->base_url, own, INLINE, fields(where->rung), POSTS, since,
                          after[0] && look == LOOK_BACK ? "&after=" : "",
                          look == LOOK_BACK ? after : "");
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    char *own = connector_escape(where->own_id);
    char *target = connector_escape(where->target);
    char *after = connector_escape(look == LOOK_THREAD ? where->after : where->mark);
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO:
        ret_request->url = connector_text("%s/me?fields=id,name", where->base_url);
        break;
    case LOOK_NEWS:
    case LOOK_BACK:
        ret_request->url = feed_url(look, where, own, after);
        break;
    case LOOK_THREAD:
        ret_request->url = connector_text("%s/%s/comments?filter=stream&order=reverse_chronological"
                                          "&limit=%d&fields=%s%s%s",
                                          where->base_url, target, COMMENTS, fields(where->rung),
                                          after[0] ? "&after=" : "", after);
        break;
    case LOOK_ITEM:
        if (target[0]) /* one that a person reported has no id there */
            ret_request->url =
                connector_text("%s/%s?fields=%s", where->base_url, target, fields(where->rung));
        break;
    case LOOK_REPLIES:
        ret_request->url =
            connector_text("%s/%s/comments?order=reverse_chronological&limit=%d&fields=%s",
                           where->base_url, target, REPLIES, fields(where->rung));
        break;
    case LOOK_OWN:
    case LOOKS:
        break;
    }
    free(own);
    free(target);
    free(after);
    return ret_request->url != NULL;
}

static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    char *target = connector_escape(where->target);
    char *message = connector_escape(text);
    const char *const form = "application/x-www-form-urlencoded";
    const bool whole = target[0] != '\0';
    request r = { .method = "POST", .type = form };
    switch (what) {
    case GATE_HIDE:
    case GATE_UNHIDE:
        r.url = connector_text("%s/%s", where->base_url, target);
        r.body = connector_text("is_hidden=%s", what == GATE_HIDE ? "true" : "false");
        break;
    case GATE_DELETE:
        r.method = "DELETE";
        r.type = NULL;
        r.url = connector_text("%s/%s", where->base_url, target);
        break;
    case GATE_REPLY:
        r.url = connector_text("%s/%s/comments", where->base_url, target);
        r.body = connector_text("message=%s", message);
        break;
    case GATE_WHATS:
        break;
    }
    free(target);
    free(message);
    *ret_request = r;
    return whole;
}

/* -- what an answer means -- */
/* Codes of §5 and §7.5, in ranges; the first row that holds. */
static const struct {
    int64_t from, to;
    enum verdict verdict;
} codes[] = {
    { 1, 2, VERDICT_TRANSIENT },        { 3, 3, VERDICT_AUTH },
    { 4, 4, VERDICT_THROTTLE },         { 10, 10, VERDICT_AUTH },
    { 17, 17, VERDICT_THROTTLE },       { 32, 32, VERDICT_THROTTLE },
    { 100, 100, VERDICT_FIELD },        { 102, 102, VERDICT_AUTH },
    { 190, 190, VERDICT_AUTH },         { 200, 299, VERDICT_AUTH },
    { 341, 341, VERDICT_THROTTLE },     { 368, 368, VERDICT_PERMANENT },
    { 506, 506, VERDICT_EXISTS },       { 613, 613, VERDICT_THROTTLE },
    { 80001, 80014, VERDICT_THROTTLE },
};

static enum verdict judge_error(const json_t *error, int status)
{
    const int64_t code = json_integer_value(json_object_get(error, "code"));
    const int64_t sub = json_integer_value(json_object_get(error, "error_subcode"));
    if (json_is_true(json_object_get(error, "is_transient")))
        return VERDICT_TRANSIENT;
    if (code == 100 && sub == 33)
        return VERDICT_GONE;
    for (size_t i = 0; i < UPP_LEN(codes); i++)
        if (code >= codes[i].from && code <= codes[i].to)
            return codes[i].verdict;
    /* an unknown one that looks like a closed door is one (§5) */
    return status == 401 || status == 403 ? VERDICT_AUTH : VERDICT_PERMANENT;
}

/* {"<id>":[{"call_count":28,…,"estimated_time_to_regain_access":0}]}: percents, and minutes. */
static upp_ms usage_wait(const json_t *usage)
{
    static const char *const percents[] = { "call_count", "total_time", "total_cputime" };
    int64_t worst = 0;
    for (size_t i = 0; i < UPP_LEN(percents); i++) {
        const int64_t n = json_integer_value(json_object_get(usage, percents[i]));
        worst = n > worst ? n : worst;
    }
    const int64_t minutes =
        json_integer_value(json_object_get(usage, "estimated_time_to_regain_access"));
    if (minutes > 0)
        return (minutes < 1440 ? minutes : 1440) * UPP_MINUTE;
    return worst >= STOP_PERCENT ? 5 * UPP_MINUTE : 0;
}

static upp_ms header_wait(const platform_answer *a)
{
    upp_ms wait = 0;
    const char *app = answer_header(a, "x-app-usage");
    const char *business = answer_header(a, "x-business-use-case-usage");
    const char *after = answer_header(a, "retry-after");
    json_t *one = app ? json_loads(app, 0, NULL) : NULL;
    json_t *many = business ? json_loads(business, 0, NULL) : NULL;
    const char *id;
    json_t *list;
    wait = usage_wait(one);
    json_object_foreach(many, id, list)
    {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const upp_ms w = usage_wait(json_array_get(list, i));
            wait = w > wait ? w : wait;
        }
    }
    json_decref(one);
    json_decref(many);
    const long s = after ? strtol(after, NULL, 10) : 0;
    return s > 0 && s < 86400 && s * UPP_SECOND > wait ? s * UPP_SECOND : wait;
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const json_t *error = json_object_get(a->json, "error");
    *ret_wait = header_wait(a);
    if (json_is_object(error))
        return a->status >= 500 ? VERDICT_TRANSIENT : judge_error(error, a->status);
    if (a->status >= 200 && a->status < 300)
        return VERDICT_OK;
    if (a->status == 429)
        return VERDICT_THROTTLE;
    if (a->status == 0 || a->status >= 500)
        return VERDICT_TRANSIENT;
    return a->status == 401 || a->status == 403 ? VERDICT_AUTH : VERDICT_PERMANENT;
}

/* -- what an answer holds -- */
static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* "2026-11-23T10:00:00+0000": no colon in the offset. */
static upp_ms time_of(const json_t *object, const char *name)
{
    const char *text = text_of(object, name);
    char fixed[40];
    upp_ms at = 0;
    const size_t n = text ? strlen(text) : 0;
    if (n < 20 || n + 2 > sizeof fixed)
        return 0;
    const bool bare = (text[n - 5] == '+' || text[n - 5] == '-') && text[n - 3] != ':';
    if (bare)
        snprintf(fixed, sizeof fixed, "%.*s:%s", (int)(n - 2), text, text + n - 2);
    else
        snprintf(fixed, sizeof fixed, "%s", text);
    return civil_parse(fixed, &at) == 0 ? at : 0;
}

/* One attachment at most: {type, media{image{src}}, target{id,url}, title, url}. */
static json_t *attachments_of(const json_t *comment)
{
    const json_t *a = json_object_get(comment, "attachment");
    if (!json_is_object(a))
        return NULL;
    const char *src = text_of(json_object_get(json_object_get(a, "media"), "image"), "src");
    return json_pack("[{s:s*, s:s*, s:s*}]", "type", text_of(a, "type"), "url",
                     src ? src : text_of(a, "url"), "name", text_of(a, "title"));
}

static bool is_own(const json_t *from, const char *own_id)
{
    const char *id = text_of(from, "id");
    return own_id[0] && id && strcmp(id, own_id) == 0;
}

static void read_author(const json_t *from, const char *own_id, reading *it)
{
    it->author_id = text_of(from, "id"); /* absent without a page token of advanced access */
    it->author_name = text_of(from, "name");
    it->ours = is_own(from, own_id);
}

/* A comment on `post`; NULL: it is not known which. */
static int read_comment(const json_t *comment, const char *post, const char *own_id,
                        reading *ret_item, char ret_why[ITEM_WHY])
{
    reading it = { .json = comment, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    const char *parent = text_of(json_object_get(comment, "parent"), "id");
    it.external_id = text_of(comment, "id");
    if (!it.external_id || !it.external_id[0]) {
        snprintf(ret_why, ITEM_WHY, "comment: id is missing");
        return UPP_E_INPUT;
    }
    it.text = text_of(comment, "message") ? text_of(comment, "message") : "";
    it.thread_id = post;
    it.parent_id = parent ? parent : post;
    it.permalink = text_of(comment, "permalink_url");
    it.created_ms = time_of(comment, "created_time");
    it.hidden = json_is_true(json_object_get(comment, "is_hidden"));
    it.attachments = it.owned_list = attachments_of(comment);
    read_author(json_object_get(comment, "from"), own_id, &it);
    if (it.ours || parent)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY;
    *ret_item = it;
    return 0;
}

/* Our post, or one that a visitor wrote on the page. */
static void read_post(const json_t *post, const char *own_id, reading *ret_item)
{
    reading it = { .json = post, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    it.external_id = text_of(post, "id");
    it.text = text_of(post, "message") ? text_of(post, "message") : "";
    it.permalink = text_of(post, "permalink_url");
    it.created_ms = time_of(post, "created_time");
    /* nobody is named: a visitor, then; in doubt somebody looks */
    read_author(json_object_get(post, "from"), own_id, &it);
    if (it.ours)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    *ret_item = it;
}

/* The cursor of the next page; NULL: this was the last. `next` itself is never followed: its host
 * need not be ours, and it may carry a token. */
static const char *next_of(const json_t *list)
{
    const json_t *paging = json_object_get(list, "paging");
    return json_object_get(paging, "next") ? text_of(json_object_get(paging, "cursors"), "after")
                                           : NULL;
}

static int read_comments(const json_t *list, const char *post, const char *own_id, page *p)
{
    const json_t *data = json_object_get(list, "data");
    if (!json_is_array(data))
        return UPP_E_INPUT;
    const size_t n = json_array_size(data);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(data, n - 1 - i);
        char why[ITEM_WHY];
        reading *it = listing_add(p);
        if (read_comment(one, post, own_id, it, why) == 0)
            continue;
        p->n--;
        listing_bad(p, one, why);
    }
    return 0;
}

/* A post with its newest comments. The comments leave the post's own object: what others wrote must
 * not lie in what is kept about the post. */
static void read_feed_post(json_t *post, const char *own_id, page *p)
{
    if (!text_of(post, "id")) {
        listing_bad(p, post, "post: id is missing");
        return;
    }
    json_t *comments = json_incref(json_object_get(post, "comments"));
    json_object_del(post, "comments");
    read_post(post, own_id, listing_add(p));
    if (!comments)
        return;
    listing_keep(p, comments);
    page_thread *t = &p->threads[p->n_threads];
    *t = (page_thread){ .id = text_of(post, "id"), .after = next_of(comments), .from = p->n };
    if (read_comments(comments, t->id, own_id, p) < 0)
        listing_bad(p, comments, "comments: no list");
    t->n = p->n - t->from;
    p->n_threads++;
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    json_t *data = json_object_get(json, "data");
    if (!json_is_array(data))
        return UPP_E_INPUT;
    ret_page->mark = next_of(json);
    ret_page->more = ret_page->mark != NULL;
    if (look == LOOK_THREAD || look == LOOK_REPLIES)
        return read_comments(json, NULL, own_id, ret_page);
    const size_t n = json_array_size(data);
    ret_page->threads = calloc(n + 1, sizeof *ret_page->threads);
    upp_check(ret_page->threads);
    for (size_t i = 0; i < n; i++)
        read_feed_post(json_array_get(data, n - 1 - i), own_id, ret_page);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    *ret_sight = (sight){ 0 };
    UPP_TRY(read_comment(json, NULL, own_id, &ret_sight->it, why));
    ret_sight->hidden = ret_sight->it.hidden;
    /* not said: try, and hear the platform's own answer */
    ret_sight->may_hide = !json_is_false(json_object_get(json, "can_hide"));
    ret_sight->may_delete = !json_is_false(json_object_get(json, "can_remove"));
    return 0;
}

static const char *own(const json_t *json)
{
    return text_of(json, "id");
}

static bool confirmed(enum gate_what what, const json_t *json)
{
    if (what == GATE_REPLY)
        return text_of(json, "id") != NULL;
    return json_is_true(json_object_get(json, "success"));
}

const connector facebook_connector = {
    .name = "facebook",
    .can = CAN_REPLY | CAN_HIDE | CAN_UNHIDE | CAN_DELETE,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_THREAD |
             1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 8000,
    .back_span = UPP_DAY,
    .back_reach = 30 * UPP_DAY,
    .tells_hidden = true,
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
};
