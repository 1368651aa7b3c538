/* linkedin.c - calls and answers of LinkedIn's Community Management API for one organisation
 * (platforms.md §10). A post does not say what stands below it, so the comments of each recent one
 * are a list of its own; who wrote them is an id alone, and no name is made up for it. */
#include "linkedin.h"
#include "linkedin_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSTS = 10, POSTS_BACK = 50, COMMENTS = 100, MOST = 4 * COMMENTS, FILES = 16 };
enum { START_MAX = 1000000, COUNT_MAX = 1000 };

static const char organisation[] = "urn:li:organization:";

/* -- calls -- */
static void put_headers(const look_where *where, request *r)
{
    r->headers[0] = (request_header){ "X-Restli-Protocol-Version", "2.0.0" };
    if (where->version[0])
        r->headers[1] = (request_header){ "LinkedIn-Version", where->version };
}

/* A list that is asked for with `q=` says so once more. */
static void put_finder(request *r)
{
    size_t i = 0;
    while (r->headers[i].name)
        i++;
    r->headers[i] = (request_header){ "X-RestLi-Method", "FINDER" };
}

/* Whose administrator the token's owner is; of the organisation that the connection names, when it
 * names one. */
static char *who_url(const look_where *where)
{
    const bool whole = strncmp(where->own_id, organisation, sizeof organisation - 1) == 0;
    char *own = connector_escape(where->own_id);
    char *head = connector_escape(whole ? "" : organisation);
    char *url =
        own[0]
            ? connector_text("%s/organizationAcls?q=organization&organization=%s%s"
                             "&role=ADMINISTRATOR&state=APPROVED",
                             where->base_url, head, own)
            : connector_text("%s/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED",
                             where->base_url);
    free(head);
    free(own);
    return url;
}

static char *posts_url(const look_where *where, int count, const char *start)
{
    char *own = connector_escape(where->own_id), *from = connector_escape(start);
    char *url = connector_text("%s/posts?author=%s&q=author&count=%d&sortBy=LAST_MODIFIED%s%s",
                               where->base_url, own, count, from[0] ? "&start=" : "", from);
    free(own);
    free(from);
    return url;
}

/* What stands below a post or a comment. NULL: it has no name there. */
static char *below_url(const look_where *where, const char *target, const char *start)
{
    if (!linkedin_is_urn(target))
        return NULL;
    char *below = connector_escape(target), *from = connector_escape(start);
    char *url = connector_text("%s/socialActions/%s/comments?start=%s&count=%d", where->base_url,
                               below, from[0] ? from : "0", COMMENTS);
    free(below);
    free(from);
    return url;
}

/* One comment is found below its post. NULL: the target is none. */
static char *item_url(const look_where *where, bool as_us)
{
    linkedin_name name;
    if (!linkedin_name_of(where->target, &name))
        return NULL;
    char *post = connector_escape(name.post), *id = connector_escape(name.id);
    char *own = connector_escape(as_us ? where->own_id : "");
    char *url = connector_text("%s/socialActions/%s/comments/%s%s%s", where->base_url, post, id,
                               as_us ? "?actor=" : "", own);
    free(post);
    free(id);
    free(own);
    return url;
}

/* There is one level below a comment: who answers a reply answers what it stands below. */
static const char *thread_of(const look_where *where)
{
    return where->alias[0] ? where->alias : where->target;
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    request r = { .method = "GET" };
    put_headers(where, &r);
    switch (look) {
    case LOOK_WHO:
        r.url = who_url(where);
        put_finder(&r);
        break;
    case LOOK_NEWS:
        r.url = posts_url(where, POSTS, "");
        put_finder(&r);
        break;
    case LOOK_BACK:
        r.url = posts_url(where, POSTS_BACK, where->mark);
        put_finder(&r);
        break;
    case LOOK_THREAD:
        r.url = below_url(where, where->target, where->after);
        break;
    case LOOK_REPLIES:
        r.url = below_url(where, thread_of(where), "");
        break;
    case LOOK_ITEM:
        r.url = item_url(where, false);
        break;
    case LOOK_OWN:
    case LOOK_HELD:
    case LOOKS:
        break;
    }
    *ret_request = r;
    return r.url != NULL;
}

/* NULL: no UTF-8, or below nothing. From malloc. */
static char *reply_body(const look_where *where, const char *text)
{
    const char *to = thread_of(where);
    linkedin_name name;
    const bool nested = linkedin_name_of(to, &name);
    json_t *json = json_pack("{s:s, s:s, s:{s:s}}", "actor", where->own_id, "object",
                             nested ? name.post : to, "message", "text", text);
    if (json && nested)
        json_object_set_new(json, "parentComment", json_string(to));
    char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return body;
}

static bool reply(const look_where *where, const char *text, request *r)
{
    const char *to = thread_of(where);
    if (!linkedin_is_urn(to))
        return false;
    char *below = connector_escape(to);
    r->method = "POST";
    r->type = "application/json";
    r->url = connector_text("%s/socialActions/%s/comments", where->base_url, below);
    r->body = reply_body(where, text);
    free(below);
    return r->body != NULL;
}

/* Nothing can be hidden. Whether what a member wrote can be deleted the platform says (§19). */
static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    request r = { .method = "DELETE" };
    bool whole = false;
    put_headers(where, &r);
    if (what == GATE_REPLY && where->own_id[0])
        whole = reply(where, text, &r);
    else if (what == GATE_DELETE && where->own_id[0])
        whole = (r.url = item_url(where, true)) != NULL;
    *ret_request = r;
    return whole;
}

/* -- what an answer means -- */
upp_ms linkedin_quota_wait(upp_ms at)
{
    return at > 0 ? UPP_DAY - at % UPP_DAY : UPP_HOUR;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* A version that is gone, or none: 426, and 400 with one of these codes. */
static bool is_version(const platform_answer *a)
{
    static const char *const codes[] = { "NONEXISTENT_VERSION", "VERSION_MISSING",
                                         "INVALID_VERSION" };
    const char *code = text_of(a->json, "code");
    for (size_t i = 0; code && i < UPP_LEN(codes); i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return a->status == 426;
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const char *after = answer_header(a, "retry-after");
    const long s = after ? strtol(after, NULL, 10) : 0;
    *ret_wait = s > 0 && s < 86400 ? s * UPP_SECOND : 0;
    if (a->status >= 200 && a->status < 300)
        return VERDICT_OK;
    if (a->status == 0 || a->status >= 500)
        return VERDICT_TRANSIENT;
    if (a->status == 429) {
        *ret_wait = *ret_wait > 0 ? *ret_wait : linkedin_quota_wait(a->at_ms);
        return VERDICT_THROTTLE;
    }
    if (a->status == 401)
        return VERDICT_AUTH;
    if (is_version(a))
        return VERDICT_VERSION;
    return a->status == 404 || a->status == 410 ? VERDICT_GONE : VERDICT_PERMANENT;
}

/* -- what an answer holds -- */
/* Milliseconds since 1970; 0: not said, or nothing that anybody could mean. */
static upp_ms time_in(const json_t *object, const char *name)
{
    const json_int_t ms = json_integer_value(json_object_get(object, name));
    return ms > 0 && ms < 300 * 365 * UPP_DAY ? ms : 0;
}

static json_t *attachments_of(const json_t *content)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(content) && i < FILES; i++) {
        const json_t *one = json_array_get(content, i);
        if (text_of(one, "url"))
            json_array_append_new(list, json_pack("{s:s*, s:s}", "type", text_of(one, "type"),
                                                  "url", text_of(one, "url")));
    }
    return list;
}

static int read_comment(const json_t *comment, const char *own_id, reading *ret_item,
                        char ret_why[ITEM_WHY])
{
    reading it = { .json = comment, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    const json_t *message = json_object_get(comment, "message");
    const json_t *edited = json_object_get(comment, "lastModified");
    const char *parent = text_of(comment, "parentComment");
    linkedin_name name;
    it.external_id = text_of(comment, "commentUrn");
    if (!linkedin_name_of(it.external_id, &name) || !json_is_object(message)) {
        snprintf(ret_why, ITEM_WHY, "comment: %s is missing",
                 json_is_object(message) ? "commentUrn" : "message");
        return UPP_E_INPUT;
    }
    it.text = text_of(message, "text") ? text_of(message, "text") : "";
    /* a comment has no address of its own: its post's is shown */
    it.owned = connector_text("%s%c%s%s/", name.post, '\0', linkedin_feed, name.post);
    it.thread_id = it.owned;
    it.permalink = it.owned + strlen(it.owned) + 1;
    it.parent_id = linkedin_is_urn(parent) ? parent : it.thread_id;
    it.author_id = text_of(comment, "actor");
    it.ours = own_id[0] && it.author_id && strcmp(it.author_id, own_id) == 0;
    it.created_ms = time_in(json_object_get(comment, "created"), "time");
    it.edited_ms = time_in(edited, "time") > it.created_ms ? time_in(edited, "time") : it.edited_ms;
    it.attachments = it.owned_list = attachments_of(json_object_get(comment, "content"));
    if (it.ours || parent)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY;
    *ret_item = it;
    return 0;
}

/* How many answers a comment says that it has, if it does. */
static int64_t answers_of(const json_t *comment)
{
    const json_t *all = json_object_get(comment, "commentsSummary");
    const json_t *n = json_object_get(all, "aggregatedTotalComments");
    n = n ? n : json_object_get(all, "totalFirstLevelComments");
    return json_is_integer(n) && json_integer_value(n) >= 0 ? json_integer_value(n)
                                                            : BELOW_UNCOUNTED;
}

static void add_comment(enum look look, const json_t *comment, const char *own_id, page *p)
{
    char why[ITEM_WHY];
    reading *it = listing_add(p);
    if (read_comment(comment, own_id, it, why) != 0) {
        p->n--;
        listing_bad(p, comment, why);
        return;
    }
    if (look != LOOK_THREAD || text_of(comment, "parentComment"))
        return;
    /* the posts' list has another name for what these stand below */
    if (!p->below_alias) {
        json_t *alias = json_string(it->thread_id);
        listing_keep(p, alias);
        p->below_alias = json_string_value(alias);
    }
    if (answers_of(comment) != 0)
        *listing_thread(p) =
            (page_thread){ .id = it->external_id, .after = "0", .below = answers_of(comment) };
}

/* A post of ours that others can see, and what stands below it: nobody counts it here. */
static void add_post(const json_t *post, const char *own_id, page *p)
{
    const char *id = text_of(post, "id"), *state = text_of(post, "lifecycleState");
    const char *text = text_of(post, "commentary");
    const upp_ms published = time_in(post, "publishedAt");
    if (state && strcmp(state, "PUBLISHED") != 0)
        return;
    if (!linkedin_is_urn(id)) {
        listing_bad(p, post, "post: id is missing");
        return;
    }
    char *words = linkedin_plain(text ? text : "");
    reading *it = listing_add(p);
    it->json = post;
    it->kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    it->external_id = id;
    it->author_id = own_id;
    it->ours = true;
    it->created_ms = published > 0 ? published : time_in(post, "createdAt");
    if (time_in(post, "lastModifiedAt") > it->created_ms)
        it->edited_ms = time_in(post, "lastModifiedAt");
    it->text = it->owned = connector_text("%s%c%s%s/", words, '\0', linkedin_feed, id);
    it->permalink = it->owned + strlen(it->owned) + 1;
    free(words);
    *listing_thread(p) = (page_thread){ .id = id, .after = "0", .below = BELOW_UNCOUNTED };
}

/* A list goes on by numbers; a page may hold fewer than were asked for, what one may not see is
 * left out. */
static void read_next(const json_t *json, size_t n, page *p)
{
    const json_t *paging = json_object_get(json, "paging"), *one;
    const json_int_t start = json_integer_value(json_object_get(paging, "start"));
    const json_int_t count = json_integer_value(json_object_get(paging, "count"));
    size_t i;
    bool more = count > 0 && n >= (size_t)count;
    json_array_foreach(json_object_get(paging, "links"), i, one)
    {
        const char *rel = text_of(one, "rel");
        more = more || (rel && strcmp(rel, "next") == 0);
    }
    if (!more || n == 0 || start < 0 || start > START_MAX || count <= 0 || count > COUNT_MAX)
        return;
    json_t *mark = json_sprintf("%" JSON_INTEGER_FORMAT, start + count);
    listing_keep(p, mark);
    p->mark = json_string_value(mark);
    p->more = true;
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *list = json_object_get(json, "elements");
    const size_t all = json_array_size(list), n = all < MOST ? all : MOST;
    const bool posts = look == LOOK_NEWS || look == LOOK_BACK;
    if (!json_is_array(list))
        return UPP_E_INPUT;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, n - 1 - i);
        if (posts)
            add_post(one, own_id, ret_page);
        else
            add_comment(look, one, own_id, ret_page);
    }
    if (!posts)
        listing_sort(ret_page, 0);
    if (look == LOOK_BACK && n > 0)
        ret_page->oldest_ms = time_in(json_array_get(list, n - 1), "lastModifiedAt");
    read_next(json, n, ret_page);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    *ret_sight = (sight){ 0 };
    UPP_TRY(read_comment(json, own_id, &ret_sight->it, why));
    ret_sight->may_delete = true; /* its own answer tells */
    return 0;
}

/* NULL: she administers none, or several, and nobody said which. */
static const char *own(const json_t *json)
{
    const json_t *list = json_object_get(json, "elements");
    const char *found = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = text_of(json_array_get(list, i), "organization");
        if (!one || strncmp(one, organisation, sizeof organisation - 1) != 0)
            continue;
        if (found && strcmp(found, one) != 0)
            return NULL;
        found = one;
    }
    return found;
}

/* A comment comes back as it was posted, or is named in a header alone (`made`). */
static bool confirmed(enum gate_what what, const json_t *json)
{
    return what != GATE_REPLY || text_of(json, "commentUrn") != NULL;
}

/* The comment that a reply stands below. */
static const char *alias(const json_t *raw)
{
    const char *parent = text_of(raw, "parentComment");
    return linkedin_is_urn(parent) ? parent : NULL;
}

const connector linkedin_connector = {
    .name = "linkedin",
    .can = CAN_REPLY | CAN_DELETE,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_THREAD |
             1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 1250,
    .poll_span = 15 * UPP_MINUTE,
    .back_span = UPP_DAY,
    .back_reach = 30 * UPP_DAY,
    .made = "x-restli-id",
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
    .alias = alias,
};
