/* instagram.c - calls and answers of the Graph API for one Instagram account (platforms.md §8).
 * Below a comment there is one level alone: who answers a reply answers what it stands below. */
#include "instagram.h"
#include "meta.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEDIA = 25, INLINE = 25, INLINE_REPLIES = 10, COMMENTS = 50 };

/* One refused field fails a whole call; each rung asks for less (platforms.md §18, row 14). */
#define LEAST                "id,text,timestamp,username,parent_id"
#define NESTED(name, fields) "," name "%7B" fields "%7D"
static const char *const rungs[] = {
    (LEAST ",hidden,user" NESTED("from", "id,username") NESTED("media", "id,permalink,username")),
    (LEAST ",hidden" NESTED("media", "id,permalink,username")),
    (LEAST ",hidden" NESTED("media", "id")),
    LEAST,
};

static const char *fields(int64_t rung)
{
    return meta_fields(rungs, UPP_LEN(rungs), rung);
}

/* `since` is about the post's own time, so it may only look back, not find what is new. */
static char *media_url(enum look look, const look_where *where, const char *own, const char *after)
{
    char since[40] = "";
    if (look == LOOK_BACK)
        snprintf(since, sizeof since, "&since=%" PRId64, where->since / UPP_SECOND);
    return connector_text("%s/%s/media?fields=id,caption,permalink,timestamp,media_type,username,"
                          "comments.limit(%d)%%7B%s,replies.limit(%d)%%7B%s%%7D%%7D"
                          "&limit=%d%s%s%s",
                          where->base_url, own, INLINE, fields(where->rung), INLINE_REPLIES,
                          fields(where->rung), MEDIA, since,
                          after[0] && look == LOOK_BACK ? "&after=" : "",
                          look == LOOK_BACK ? after : "");
}

/* What stands below a post, or below the comment that `alias` names. */
static char *below_url(const look_where *where, const char *target, const char *alias,
                       const char *after)
{
    const char *all = fields(where->rung), *on = after[0] ? "&after=" : "";
    if (alias[0])
        return connector_text("%s/%s/replies?fields=%s&limit=%d%s%s", where->base_url, alias, all,
                              COMMENTS, on, after);
    return connector_text("%s/%s/comments?fields=%s,replies.limit(%d)%%7B%s%%7D&limit=%d%s%s",
                          where->base_url, target, all, INLINE_REPLIES, all, COMMENTS, on, after);
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    char *own = connector_escape(where->own_id);
    char *target = connector_escape(where->target);
    char *alias = connector_escape(where->alias);
    char *after = connector_escape(look == LOOK_THREAD ? where->after : where->mark);
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO: /* the page's token stands for the page; the account belongs to it */
        ret_request->url =
            connector_text("%s/me?fields=id,instagram_business_account", where->base_url);
        break;
    case LOOK_NEWS:
    case LOOK_BACK:
        ret_request->url = media_url(look, where, own, after);
        break;
    case LOOK_THREAD:
        ret_request->url = below_url(where, target, alias, after);
        break;
    case LOOK_REPLIES:
        ret_request->url = below_url(where, target, alias, "");
        break;
    case LOOK_ITEM:
        if (target[0]) /* one that a person reported has no id there */
            ret_request->url =
                connector_text("%s/%s?fields=%s", where->base_url, target, fields(where->rung));
        break;
    case LOOK_OWN:
    case LOOK_HELD:
    case LOOKS:
        break;
    }
    free(own);
    free(target);
    free(alias);
    free(after);
    return ret_request->url != NULL;
}

/* Who is answered below somebody else's comment is called on: else nobody sees to whom it goes. */
static void reply_to(const look_where *where, const char *target, const char *text, request *r)
{
    char *alias = connector_escape(where->alias);
    const bool in_thread = alias[0] && strcmp(where->alias, where->target) != 0 && where->handle[0];
    char *whole = connector_text("%s%s%s%s", in_thread ? "@" : "", in_thread ? where->handle : "",
                                 in_thread ? " " : "", text);
    char *message = connector_escape(whole);
    r->url = connector_text("%s/%s/%s", where->base_url, alias[0] ? alias : target,
                            alias[0] ? "replies" : "comments");
    r->body = connector_text("message=%s", message);
    free(alias);
    free(whole);
    free(message);
}

static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    char *target = connector_escape(where->target);
    const bool whole = target[0] != '\0';
    request r = { .method = "POST", .type = "application/x-www-form-urlencoded" };
    switch (what) {
    case GATE_HIDE:
    case GATE_UNHIDE:
        r.url = connector_text("%s/%s", where->base_url, target);
        r.body = connector_text("hide=%s", what == GATE_HIDE ? "true" : "false");
        break;
    case GATE_DELETE:
        r.method = "DELETE";
        r.type = NULL;
        r.url = connector_text("%s/%s", where->base_url, target);
        break;
    case GATE_REPLY:
        reply_to(where, target, text, &r);
        break;
    case GATE_WHATS:
        break;
    }
    free(target);
    *ret_request = r;
    return whole;
}

/* -- what an answer holds -- */
/* What is known of the post that a comment stands below. Lent; NULL: not said. */
typedef struct below {
    const char *media, *permalink, *own_name, *parent;
} below;

static bool same(const char *a, const char *b)
{
    return a && b && a[0] && strcmp(a, b) == 0;
}

/* `user` is told of ourselves alone. Where neither is told, our name is the post's. */
static void read_author(const json_t *comment, const below *in, const char *own_id, reading *it)
{
    const json_t *from = json_object_get(comment, "from");
    const char *name = meta_text(comment, "username");
    it->author_id = meta_text(from, "id");
    it->author_handle = name ? name : meta_text(from, "username");
    it->author_name = it->author_handle; /* there is no other */
    it->ours = same(meta_text(json_object_get(comment, "user"), "id"), own_id) ||
               same(it->author_id, own_id) || same(it->author_handle, in->own_name);
    if (it->ours)
        it->author_id = own_id;
}

static int read_comment(const json_t *comment, const below *in, const char *own_id,
                        reading *ret_item, char ret_why[ITEM_WHY])
{
    reading it = { .json = comment, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    const json_t *media = json_object_get(comment, "media");
    const json_t *hidden = json_object_get(comment, "hidden");
    const below told = { .media = in->media ? in->media : meta_text(media, "id"),
                         .permalink = in->permalink ? in->permalink : meta_text(media, "permalink"),
                         .own_name = in->own_name ? in->own_name : meta_text(media, "username") };
    const char *parent = meta_text(comment, "parent_id");
    it.external_id = meta_text(comment, "id");
    if (!it.external_id || !it.external_id[0]) {
        snprintf(ret_why, ITEM_WHY, "comment: id is missing");
        return UPP_E_INPUT;
    }
    parent = parent ? parent : in->parent;
    it.text = meta_text(comment, "text") ? meta_text(comment, "text") : "";
    it.thread_id = told.media;
    it.parent_id = parent ? parent : told.media;
    it.permalink = told.permalink;
    it.created_ms = meta_time(comment, "timestamp");
    it.hidden = json_is_true(hidden);
    it.hidden_unsaid = !json_is_boolean(hidden);
    read_author(comment, &told, own_id, &it);
    if (it.ours || parent)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY;
    *ret_item = it;
    return 0;
}

static bool add_comment(const json_t *comment, const below *in, const char *own_id, page *p)
{
    char why[ITEM_WHY];
    reading *it = listing_add(p);
    if (read_comment(comment, in, own_id, it, why) == 0)
        return true;
    p->n--;
    listing_bad(p, comment, why);
    return false;
}

/* A list inside an object leaves it: what others wrote must not lie in what is kept about it. */
static json_t *take_out(json_t *object, const char *name, page *p)
{
    json_t *list = json_incref(json_object_get(object, name));
    json_object_del(object, name);
    if (list)
        listing_keep(p, list);
    return json_object_get(list, "data");
}

static void read_with_replies(json_t *comment, const below *in, const char *own_id, page *p)
{
    const json_t *list = json_object_get(comment, "replies");
    const char *after = meta_next(list);
    const json_t *data = take_out(comment, "replies", p);
    const bool good = add_comment(comment, in, own_id, p);
    const size_t from = p->n, n = json_array_size(data);
    below under = *in;
    under.parent = good ? p->items[from - 1].external_id : NULL;
    for (size_t i = 0; i < n; i++)
        (void)add_comment(json_array_get(data, i), &under, own_id, p);
    listing_sort(p, from);
    if (after && good)
        *listing_thread(p) = (page_thread){ under.parent, after, from, p->n - from, 0 };
}

/* The newest come first. */
static void read_comments(const json_t *data, const below *in, const char *own_id, page *p)
{
    const size_t n = json_array_size(data);
    for (size_t i = 0; i < n; i++)
        read_with_replies(json_array_get(data, n - 1 - i), in, own_id, p);
}

static void read_media(json_t *media, const char *own_id, page *p)
{
    const char *id = meta_text(media, "id");
    if (!id || !id[0]) {
        listing_bad(p, media, "media: id is missing");
        return;
    }
    const char *after = meta_next(json_object_get(media, "comments"));
    const json_t *data = take_out(media, "comments", p);
    const below in = { .media = id,
                       .permalink = meta_text(media, "permalink"),
                       .own_name = meta_text(media, "username") };
    reading *it = listing_add(p);
    it->json = media;
    it->kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    it->external_id = id;
    it->text = meta_text(media, "caption") ? meta_text(media, "caption") : "";
    it->permalink = in.permalink;
    it->author_id = own_id;
    it->author_handle = in.own_name;
    it->created_ms = meta_time(media, "timestamp");
    it->ours = true;
    const size_t from = p->n;
    read_comments(data, &in, own_id, p);
    if (after)
        *listing_thread(p) = (page_thread){ id, after, from, p->n - from, 0 };
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *data = json_object_get(json, "data");
    const size_t n = json_array_size(data);
    const below nowhere = { 0 };
    if (!json_is_array(data))
        return UPP_E_INPUT;
    ret_page->mark = meta_next(json);
    ret_page->more = ret_page->mark != NULL;
    if (look == LOOK_THREAD || look == LOOK_REPLIES)
        read_comments(data, &nowhere, own_id, ret_page);
    for (size_t i = 0; i < n && (look == LOOK_NEWS || look == LOOK_BACK); i++)
        read_media(json_array_get(data, n - 1 - i), own_id, ret_page);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    const below nowhere = { 0 };
    *ret_sight = (sight){ 0 };
    UPP_TRY(read_comment(json, &nowhere, own_id, &ret_sight->it, why));
    ret_sight->hidden = ret_sight->it.hidden;
    ret_sight->may_hide = ret_sight->may_delete = true; /* its own answer tells */
    return 0;
}

static const char *own(const json_t *json)
{
    return meta_text(json_object_get(json, "instagram_business_account"), "id");
}

/* The comment that an answer is written below; NULL: it is a post. */
static const char *alias(const json_t *raw)
{
    const char *parent = meta_text(raw, "parent_id");
    if (parent)
        return parent;
    return json_object_get(raw, "media_type") || json_object_get(raw, "caption")
               ? NULL
               : meta_text(raw, "id");
}

const connector instagram_connector = {
    .name = "instagram",
    .can = CAN_REPLY | CAN_HIDE | CAN_UNHIDE | CAN_DELETE,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_THREAD |
             1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 2200,
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
    .alias = alias,
};
