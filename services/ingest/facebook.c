/* facebook.c - calls and answers of the Graph API for one page (platforms.md §7). */
#include "facebook.h"
#include "meta.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSTS = 25, INLINE = 25, COMMENTS = 100, REPLIES = 25 };

/* One refused field fails a whole call; each rung asks for less (platforms.md §18, row 14). */
static const char *const rungs[] = {
    "id,message,from,created_time,is_hidden,can_hide,can_remove,parent,attachment,permalink_url",
    "id,message,created_time,is_hidden,can_hide,can_remove,parent,attachment,permalink_url",
    "id,message,created_time,is_hidden,can_hide,can_remove,parent,permalink_url",
    "id,message,created_time,is_hidden,parent",
};

static const char *fields(int64_t rung)
{
    return meta_fields(rungs, UPP_LEN(rungs), rung);
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
    case LOOK_HELD:
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

/* -- what an answer holds -- */
/* One attachment at most: {type, media{image{src}}, target{id,url}, title, url}. */
static json_t *attachments_of(const json_t *comment)
{
    const json_t *a = json_object_get(comment, "attachment");
    if (!json_is_object(a))
        return NULL;
    const char *src = meta_text(json_object_get(json_object_get(a, "media"), "image"), "src");
    return json_pack("[{s:s*, s:s*, s:s*}]", "type", meta_text(a, "type"), "url",
                     src ? src : meta_text(a, "url"), "name", meta_text(a, "title"));
}

static bool is_own(const json_t *from, const char *own_id)
{
    const char *id = meta_text(from, "id");
    return own_id[0] && id && strcmp(id, own_id) == 0;
}

static void read_author(const json_t *from, const char *own_id, reading *it)
{
    it->author_id = meta_text(from, "id"); /* absent without a page token of advanced access */
    it->author_name = meta_text(from, "name");
    it->ours = is_own(from, own_id);
}

/* A comment on `post`; NULL: it is not known which. */
static int read_comment(const json_t *comment, const char *post, const char *own_id,
                        reading *ret_item, char ret_why[ITEM_WHY])
{
    reading it = { .json = comment, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    const char *parent = meta_text(json_object_get(comment, "parent"), "id");
    it.external_id = meta_text(comment, "id");
    if (!it.external_id || !it.external_id[0]) {
        snprintf(ret_why, ITEM_WHY, "comment: id is missing");
        return UPP_E_INPUT;
    }
    it.text = meta_text(comment, "message") ? meta_text(comment, "message") : "";
    it.thread_id = post;
    it.parent_id = parent ? parent : post;
    it.permalink = meta_text(comment, "permalink_url");
    it.created_ms = meta_time(comment, "created_time");
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
    it.external_id = meta_text(post, "id");
    it.text = meta_text(post, "message") ? meta_text(post, "message") : "";
    it.permalink = meta_text(post, "permalink_url");
    it.created_ms = meta_time(post, "created_time");
    /* nobody is named: a visitor, then; in doubt somebody looks */
    read_author(json_object_get(post, "from"), own_id, &it);
    if (it.ours)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    *ret_item = it;
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
    if (!meta_text(post, "id")) {
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
    *t = (page_thread){ .id = meta_text(post, "id"), .after = meta_next(comments), .from = p->n };
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
    ret_page->mark = meta_next(json);
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
    return meta_text(json, "id");
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
    .judge = meta_judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = meta_confirmed,
};
