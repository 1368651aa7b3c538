/* bluesky.c - calls and answers of the AT Protocol for one account (platforms.md §13). Its server
 * passes on what others of the network must answer; only ours is ever called. */
#include "bluesky.h"
#include "bluesky_post.h"
#include "rate_limit.h"
#include <stdlib.h>
#include <string.h>

#define XRPC "/xrpc/"
#define NEWS                                                                                       \
    XRPC "app.bsky.notification.listNotifications?limit=%d"                                        \
         "&reasons=reply&reasons=mention&reasons=quote"

static bool look(enum look look, const look_where *where, request *ret_request)
{
    const char *const base = where->base_url;
    char *own = connector_escape(where->own_id);
    char *target = connector_escape(where->target);
    char *after = connector_escape(where->after), *mark = connector_escape(where->mark);
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO:
        ret_request->url = connector_text("%s" XRPC "com.atproto.server.getSession", base);
        break;
    case LOOK_NEWS:
        ret_request->url = connector_text("%s" NEWS, base, BLUESKY_PAGE);
        break;
    case LOOK_BACK: /* before the newest page, which is read each time; what came since is left to
                       the news, which find out whether there is more of it than a page holds */
        ret_request->url =
            connector_text("%s" NEWS "%s%s", base, BLUESKY_PAGE, mark[0] ? "&cursor=" : "", mark);
        break;
    case LOOK_THREAD: /* older news than one page had room for */
        if (after[0])
            ret_request->url = connector_text("%s" NEWS "&cursor=%s", base, BLUESKY_PAGE, after);
        break;
    case LOOK_OWN:
        ret_request->url = connector_text("%s" XRPC "app.bsky.feed.getAuthorFeed?actor=%s&limit=%d"
                                          "&filter=posts_with_replies",
                                          base, own, BLUESKY_OWN_PAGE);
        break;
    case LOOK_ITEM:
        if (target[0]) /* one that a person reported has no id there */
            ret_request->url =
                connector_text("%s" XRPC "app.bsky.feed.getPosts?uris=%s", base, target);
        break;
    case LOOK_REPLIES:
        if (target[0])
            ret_request->url = connector_text("%s" XRPC "app.bsky.feed.getPostThread?uri=%s"
                                              "&depth=1&parentHeight=0",
                                              base, target);
        break;
    case LOOK_HELD:
    case LOOKS:
        break;
    }
    free(own);
    free(target);
    free(after);
    free(mark);
    return ret_request->url != NULL;
}

/* What others wrote nobody can delete. It can be hidden below a post of ours, by a list that must
 * be read before it is written: two calls, and an act here is one (platforms.md §13). */
static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    char *body = what == GATE_REPLY ? bluesky_answer(where, text) : NULL;
    if (!body)
        return false;
    *ret_request =
        (request){ .method = "POST",
                   .type = "application/json",
                   .url = connector_text("%s" XRPC "com.atproto.repo.putRecord", where->base_url),
                   .body = body };
    return true;
}

/* -- what an answer means -- */
/* Names of errors of §5 and §13; the status decides on all others. */
static const struct {
    const char *name;
    enum verdict verdict;
} errors[] = {
    { "ExpiredToken", VERDICT_AUTH },
    { "InvalidToken", VERDICT_AUTH },
    { "AuthMissing", VERDICT_AUTH },
    { "AccountTakedown", VERDICT_AUTH },
    { "NotFound", VERDICT_GONE },
    { "RecordNotFound", VERDICT_GONE },
    { "RateLimitExceeded", VERDICT_THROTTLE },
};

static enum verdict judge_bad(const json_t *json, int status)
{
    const char *name = json_string_value(json_object_get(json, "error"));
    if (status == 0 || status >= 500)
        return VERDICT_TRANSIENT;
    if (status == 429)
        return VERDICT_THROTTLE;
    for (size_t i = 0; name && i < UPP_LEN(errors); i++)
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].verdict;
    return status == 401 || status == 403   ? VERDICT_AUTH
           : status == 404 || status == 410 ? VERDICT_GONE
                                            : VERDICT_PERMANENT;
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const json_t *posts = json_object_get(a->json, "posts");
    const bool good = a->status >= 200 && a->status < 300;
    const bool gone = json_is_array(posts) && json_array_size(posts) == 0; /* it leaves out */
    const enum verdict v = !good ? judge_bad(a->json, a->status) : gone ? VERDICT_GONE : VERDICT_OK;
    const char *left = answer_header(a, "ratelimit-remaining");
    *ret_wait = 0;
    if (v == VERDICT_THROTTLE || (good && left && strcmp(left, "0") == 0))
        *ret_wait = rate_limit_wait(a, "ratelimit-reset");
    return v;
}

/* -- what an answer holds -- */
/* Its list of that look. Below a post that is hidden from us there is none: that is no error. */
static const json_t *list_of(enum look look, const json_t *json)
{
    if (look == LOOK_OWN)
        return json_object_get(json, "feed");
    if (look == LOOK_REPLIES)
        return json_object_get(json_object_get(json, "thread"), "replies");
    return json_object_get(json, "notifications");
}

/* Ours among what we passed on; what answered us among all that happened to us. NULL: another. */
static const json_t *post_of(enum look look, const json_t *one, const char *own_id)
{
    static const char *const reasons[] = { "reply", "mention", "quote" };
    const char *reason = json_string_value(json_object_get(one, "reason"));
    const json_t *post = json_object_get(one, "post");
    const char *by = json_string_value(json_object_get(json_object_get(post, "author"), "did"));
    if (look == LOOK_REPLIES)
        return post;
    if (look == LOOK_OWN)
        return by && strcmp(by, own_id) != 0 ? NULL : post;
    for (size_t i = 0; reason && i < UPP_LEN(reasons); i++)
        if (strcmp(reasons[i], reason) == 0)
            return one;
    return NULL;
}

/* Nothing can be asked for after a mark: the newest are read each time, and while the oldest of
 * them was new the rest is walked to. */
static void walk_on(page *p, const char *cursor)
{
    if (p->n == 0)
        return;
    *listing_thread(p) = (page_thread){ .id = p->items[0].external_id, .after = cursor, .n = p->n };
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *list = list_of(look, json);
    const bool bare = look == LOOK_REPLIES && json_object_get(json, "thread") && !list;
    if (!json_is_array(list))
        return bare ? 0 : UPP_E_INPUT;
    const size_t n = json_array_size(list), most = 2 * BLUESKY_PAGE;
    for (size_t i = 0; i < n && i < most; i++) {
        const json_t *post = post_of(look, json_array_get(list, n - 1 - i), own_id);
        char why[ITEM_WHY];
        if (!post)
            continue;
        reading *it = listing_add(ret_page);
        if (bluesky_post_read(post, own_id, it, why) == 0)
            continue;
        ret_page->n--;
        listing_bad(ret_page, post, why);
    }
    const char *cursor = n > 0 ? json_string_value(json_object_get(json, "cursor")) : NULL;
    ret_page->mark = cursor;
    ret_page->more = look == LOOK_THREAD && cursor;
    if (look == LOOK_NEWS && cursor)
        walk_on(ret_page, cursor);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    *ret_sight = (sight){ 0 };
    return bluesky_post_read(json_array_get(json_object_get(json, "posts"), 0), own_id,
                             &ret_sight->it, why);
}

static const char *own(const json_t *json)
{
    return json_string_value(json_object_get(json, "did"));
}

/* The record's address as it was written comes back. */
static bool confirmed(enum gate_what what, const json_t *json)
{
    (void)what;
    return json_string_value(json_object_get(json, "uri")) != NULL;
}

const connector bluesky_connector = {
    .name = "bluesky",
    .can = CAN_REPLY,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_OWN |
             1U << LOOK_THREAD | 1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 300,
    .forward = true,
    .session = XRPC "com.atproto.server.createSession",
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
    .alias = bluesky_post_alias,
};
