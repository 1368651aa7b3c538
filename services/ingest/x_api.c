/* x_api.c - calls and answers of X API v2 for one account (platforms.md §11). Every post that is
 * read costs money, a call that brings none does not: what is new is asked for by `since_id`, and
 * what was read before is read again once a day alone. */
#include "x_api.h"
#include "rate_limit.h"
#include "x_post.h"
#include <stdlib.h>
#include <string.h>

/* Which fields come along. The platform is renaming its tweets to posts, and one name that it does
 * not take fails a whole call: each rung says it in the other words, then asks for less. */
#define PEOPLE     "&user.fields=username,name"
#define MEDIA      "&media.fields=type,url,preview_image_url,alt_text"
#define EXPANSIONS "&expansions=author_id,attachments.media_keys" PEOPLE MEDIA
static const char *const rungs[] = {
    "tweet.fields=created_at,author_id,conversation_id,referenced_tweets,in_reply_to_user_id,"
    "edit_history_tweet_ids,attachments,entities,note_tweet,lang" EXPANSIONS,
    "post.fields=created_at,author_id,conversation_id,referenced_posts,in_reply_to_user_id,"
    "edit_history_post_ids,attachments,entities,note_post,lang" EXPANSIONS,
    "tweet.fields=created_at,author_id,conversation_id,referenced_tweets,in_reply_to_user_id"
    "&expansions=author_id" PEOPLE,
    "post.fields=created_at,author_id,conversation_id,referenced_posts,in_reply_to_user_id"
    "&expansions=author_id" PEOPLE,
};

static const char *fields(int64_t rung)
{
    const int64_t last = (int64_t)UPP_LEN(rungs) - 1;
    return rungs[rung < 0 ? 0 : rung < last ? rung : last];
}

/* -- calls -- */
/* From where a list goes on: after the mark, or from that time on when there is none yet. */
static char *from_where(const char *mark, upp_ms since)
{
    char time[CIVIL_TEXT_SIZE] = "";
    char *escaped = connector_escape(mark);
    char *from = NULL;
    if (since > 0)
        civil_format(since - since % UPP_SECOND, 0, time);
    if (escaped[0])
        from = connector_text("&since_id=%s", escaped);
    else
        from = connector_text("%s%s", time[0] ? "&start_time=" : "", time);
    free(escaped);
    return from;
}

/* What was read before, again; what came since is left to the news, which find out whether there is
 * more of it than a page holds. Nothing was read yet: a page of what there was before us. */
static char *until_mark(const look_where *where)
{
    char *from = from_where("", where->since);
    char *mark = connector_escape(where->mark);
    char *both = connector_text("%s%s%s", from, mark[0] ? "&until_id=" : "", mark);
    free(from);
    free(mark);
    return both;
}

static char *list_url(const look_where *where, const char *list, const char *from)
{
    char *own = connector_escape(where->own_id);
    char *url = connector_text("%s/2/users/%s/%smax_results=%d&%s%s", where->base_url, own, list,
                               X_PAGE, fields(where->rung), from);
    free(own);
    return url;
}

/* The search alone finds what stands in a conversation, of the last week; ours in it are few. No
 * `since_id`: one that is older than that week is refused like a field. */
static char *replies_url(const look_where *where, const x_names *names)
{
    if (!names->id[0] || !names->conversation[0])
        return NULL;
    char *own = connector_escape(where->own_id);
    char *url =
        connector_text("%s/2/tweets/search/recent?query=conversation_id%%3A%s%%20from%%3A%s"
                       "&max_results=%d&%s",
                       where->base_url, names->conversation, own, X_PAGE, fields(where->rung));
    free(own);
    return url;
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    x_names names;
    char *news = look == LOOK_BACK ? until_mark(where) : from_where(where->mark, where->since);
    char *own = from_where(where->own_mark, where->since);
    char *after = connector_escape(where->after);
    char *before = connector_text("&until_id=%s", after);
    x_post_names(where, &names);
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO:
        ret_request->url = connector_text("%s/2/users/me", where->base_url);
        break;
    case LOOK_NEWS:
    case LOOK_BACK:
        ret_request->url = list_url(where, "mentions?", news);
        break;
    case LOOK_THREAD: /* older news than one page had room for */
        if (after[0])
            ret_request->url = list_url(where, "mentions?", before);
        break;
    case LOOK_OWN:
        ret_request->url = list_url(where, "tweets?exclude=retweets&", own);
        break;
    case LOOK_ITEM:
        if (names.id[0]) /* one that a person reported has no id there */
            ret_request->url = connector_text("%s/2/tweets?ids=%s&%s", where->base_url, names.id,
                                              fields(where->rung));
        break;
    case LOOK_REPLIES:
        ret_request->url = replies_url(where, &names);
        break;
    case LOOK_HELD:
    case LOOKS:
        break;
    }
    free(news);
    free(own);
    free(after);
    free(before);
    return ret_request->url != NULL;
}

/* What others wrote can be hidden when it answers us, and never deleted (platforms.md §2.2). */
static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    x_names names;
    json_t *body = NULL;
    x_post_names(where, &names);
    if (!names.id[0] || (what != GATE_REPLY && what != GATE_HIDE && what != GATE_UNHIDE))
        return false;
    if (what == GATE_REPLY)
        body = json_pack("{s:s, s:{s:s}}", "text", text, "reply", "in_reply_to_tweet_id", names.id);
    else
        body = json_pack("{s:b}", "hidden", what == GATE_HIDE);
    if (!body) /* no UTF-8 */
        return false;
    *ret_request = (request){ .method = what == GATE_REPLY ? "POST" : "PUT",
                              .type = "application/json",
                              .body = json_dumps(body, JSON_COMPACT) };
    ret_request->url = what == GATE_REPLY
                           ? connector_text("%s/2/tweets", where->base_url)
                           : connector_text("%s/2/tweets/%s/hidden", where->base_url, names.id);
    json_decref(body);
    upp_check(ret_request->body);
    return true;
}

/* -- what an answer means -- */
/* A problem's type is an address whose last word names it; the hosts before it change. */
static bool is_type(const json_t *problem, const char *word)
{
    const char *type = json_string_value(json_object_get(problem, "type"));
    const char *last = type ? strrchr(type, '/') : NULL;
    return last && strcmp(last + 1, word) == 0;
}

static bool is_any_type(const json_t *problem, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_type(problem, words[i]))
            return true;
    return false;
}

/* A good status with nothing but problems: the post is gone, or its author let nobody read it. */
static enum verdict judge_good(const json_t *json)
{
    static const char *const gone[] = { "resource-not-found", "not-authorized-for-resource" };
    const json_t *first = json_array_get(json_object_get(json, "errors"), 0);
    if (!first || json_object_get(json, "data") || json_object_get(json, "meta"))
        return VERDICT_OK;
    return is_any_type(first, gone, UPP_LEN(gone)) ? VERDICT_GONE : VERDICT_PERMANENT;
}

/* The codes of the API before this one are still seen. */
static int64_t legacy_code(const json_t *json)
{
    const json_t *first = json_array_get(json_object_get(json, "errors"), 0);
    return json_integer_value(json_object_get(first, "code"));
}

static enum verdict judge_bad(const json_t *json, int status)
{
    static const char *const closed[] = { "client-forbidden", "unsupported-authentication",
                                          "oauth1-permissions" };
    static const char *const capped[] = { "usage-capped", "rate-limit-exceeded" };
    const int64_t code = legacy_code(json);
    if (status == 0 || status >= 500)
        return VERDICT_TRANSIENT;
    if (status == 429 || code == 88 || is_any_type(json, capped, UPP_LEN(capped)))
        return VERDICT_THROTTLE;
    /* 402: nothing is left to pay with; somebody must do something, and nothing was done */
    if (status == 401 || status == 402 || code == 32 || code == 89 ||
        is_any_type(json, closed, UPP_LEN(closed)))
        return VERDICT_AUTH;
    if (status == 404 || status == 410)
        return VERDICT_GONE;
    if (status == 400 && is_type(json, "invalid-request"))
        return VERDICT_FIELD;
    return VERDICT_PERMANENT; /* 403 above all: we were not called on in that post */
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const bool good = a->status >= 200 && a->status < 300;
    const char *left = answer_header(a, "x-rate-limit-remaining");
    const enum verdict v = good ? judge_good(a->json) : judge_bad(a->json, a->status);
    *ret_wait = 0;
    if (v == VERDICT_THROTTLE || (good && left && strcmp(left, "0") == 0))
        *ret_wait = rate_limit_wait(a, "x-rate-limit-reset");
    /* the month's posts or the day's money are used up: the window's end does not help */
    if (v == VERDICT_THROTTLE && is_type(a->json, "usage-capped") && *ret_wait < UPP_HOUR)
        *ret_wait = UPP_HOUR;
    return v;
}

/* -- what an answer holds -- */
/* The platform says "newest first" and names both ends; a list without posts has no `data`. */
static const char *end_of(const json_t *json, const char *name, size_t at)
{
    const char *id = json_string_value(json_object_get(json_object_get(json, "meta"), name));
    if (!id)
        id = x_post_id(json_array_get(json_object_get(json, "data"), at));
    return x_is_id(id) ? id : NULL;
}

/* More news than fit: what is older is walked through, page by page, until it is known. */
static void walk_on(page *p, const char *oldest)
{
    if (p->n == 0 || !oldest)
        return;
    *listing_thread(p) = (page_thread){ .id = p->items[0].external_id, .after = oldest, .n = p->n };
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *data = json_object_get(json, "data");
    const json_t *meta = json_object_get(json, "meta");
    if (!json_is_object(json) || (data ? !json_is_array(data) : !json_is_object(meta)))
        return UPP_E_INPUT;
    const size_t n = json_array_size(data), most = 2 * X_PAGE;
    for (size_t i = 0; i < n && i < most; i++) {
        const json_t *one = json_array_get(data, n - 1 - i);
        char why[ITEM_WHY];
        reading *it = listing_add(ret_page);
        if (x_post_read(one, json_object_get(json, "includes"), own_id, it, why) == 0)
            continue;
        ret_page->n--;
        listing_bad(ret_page, one, why);
    }
    const bool more = n > 0 && json_string_value(json_object_get(meta, "next_token"));
    const char *oldest = end_of(json, "oldest_id", n ? n - 1 : 0);
    if (look == LOOK_THREAD) {
        ret_page->mark = more ? oldest : NULL;
        ret_page->more = ret_page->mark != NULL;
        return 0;
    }
    ret_page->mark = end_of(json, "newest_id", 0);
    if (look == LOOK_NEWS && more)
        walk_on(ret_page, oldest);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    const json_t *data = json_object_get(json, "data");
    const json_t *post = json_is_array(data) ? json_array_get(data, 0) : data;
    *ret_sight = (sight){ 0 };
    UPP_TRY(x_post_read(post, json_object_get(json, "includes"), own_id, &ret_sight->it, why));
    /* an answer in a conversation, if it is ours: whose it is the platform knows, and says */
    ret_sight->may_hide = ret_sight->it.parent_id[0] != '\0';
    return 0;
}

static const char *own(const json_t *json)
{
    return x_post_id(json_object_get(json, "data"));
}

static bool confirmed(enum gate_what what, const json_t *json)
{
    const json_t *data = json_object_get(json, "data");
    if (what == GATE_REPLY)
        return x_post_id(data) != NULL;
    const json_t *hidden = json_object_get(data, "hidden");
    return what == GATE_HIDE ? json_is_true(hidden) : json_is_false(hidden);
}

const connector x_connector = {
    .name = "x",
    .grant = "/2/oauth2/token",
    .can = CAN_REPLY | CAN_HIDE | CAN_UNHIDE,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_OWN |
             1U << LOOK_THREAD | 1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 280,
    .back_span = UPP_DAY,
    .back_reach = 2 * UPP_DAY,
    .forward = true,
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
    .alias = x_post_alias,
};
