/* mastodon.c - calls and answers of the Mastodon client API; what real servers do with it is in
 * platforms.md §17 (the API id changes at an edit: `uri` is the key; error bodies may be HTML). */
#include "mastodon.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool look(enum look look, const look_where *where, request *ret_request)
{
    char *mark = connector_escape(look == LOOK_OWN ? where->own_mark : where->mark);
    char *own = connector_escape(where->own_id);
    char *alias = connector_escape(where->alias);
    const bool after = mark[0] && look != LOOK_BACK;
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO:
        ret_request->url = connector_text("%s/api/v1/accounts/verify_credentials", where->base_url);
        break;
    case LOOK_NEWS:
    case LOOK_BACK:
        /* min_id pages forward without a gap, since_id does not; filtered ones are questions too */
        ret_request->url = connector_text(
            "%s/api/v1/notifications?types[]=mention&limit=%d&include_filtered=true%s%s",
            where->base_url, MASTODON_PAGE, after ? "&min_id=" : "", after ? mark : "");
        break;
    case LOOK_OWN:
        ret_request->url =
            connector_text("%s/api/v1/accounts/%s/statuses?limit=%d%s%s", where->base_url, own,
                           MASTODON_OWN_PAGE, after ? "&min_id=" : "", after ? mark : "");
        break;
    case LOOK_ITEM:
        if (alias[0])
            ret_request->url = connector_text("%s/api/v1/statuses/%s", where->base_url, alias);
        break;
    case LOOK_REPLIES:
        if (alias[0])
            ret_request->url =
                connector_text("%s/api/v1/statuses/%s/context", where->base_url, alias);
        break;
    case LOOK_HELD:
    case LOOK_THREAD:
    case LOOKS:
        break;
    }
    free(mark);
    free(own);
    free(alias);
    return ret_request->url != NULL;
}

/* What others wrote can be neither hidden nor deleted with this API (platforms.md §2.2). */
static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    if (what != GATE_REPLY || !where->alias[0])
        return false;
    char *id = connector_escape(where->alias);
    /* who is not called on is not told of the answer */
    char *whole = connector_text("%s%s%s%s", where->handle[0] ? "@" : "", where->handle,
                                 where->handle[0] ? " " : "", text);
    char *status = connector_escape(whole);
    *ret_request = (request){ .method = "POST",
                              .type = "application/x-www-form-urlencoded",
                              .url = connector_text("%s/api/v1/statuses", where->base_url),
                              .body = connector_text("in_reply_to_id=%s&status=%s%s", id, status,
                                                     where->to_one ? "&visibility=direct" : "") };
    free(whole);
    free(id);
    free(status);
    return true;
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const char *after = answer_header(a, "retry-after");
    const long s = after ? strtol(after, NULL, 10) : 0;
    *ret_wait = s > 0 && s < 86400 ? s * UPP_SECOND : 0;
    if (a->status >= 200 && a->status < 300)
        return VERDICT_OK;
    if (a->status == 401)
        return VERDICT_AUTH;
    if (a->status == 404 || a->status == 410)
        return VERDICT_GONE;
    if (a->status == 429)
        return VERDICT_THROTTLE;
    if (a->status == 0 || a->status >= 500)
        return VERDICT_TRANSIENT;
    return VERDICT_PERMANENT;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static upp_ms time_of(const json_t *object, const char *name)
{
    upp_ms at = 0;
    const char *text = text_of(object, name);
    return text && civil_parse(text, &at) == 0 ? at : 0;
}

/* {id, type, url, description}: what its author says for those who do not see it stands for the
 * name that other platforms have. */
static json_t *attachments_of(const json_t *status)
{
    size_t i;
    json_t *one;
    json_t *list = json_array();
    json_array_foreach(json_object_get(status, "media_attachments"), i, one)
    {
        json_array_append_new(list,
                              json_pack("{s:s*, s:s*, s:s*}", "type", text_of(one, "type"), "url",
                                        text_of(one, "url"), "name", text_of(one, "description")));
    }
    return list;
}

static int read_status(const json_t *status, const char *own_id, reading *ret_item,
                       char ret_why[ITEM_WHY])
{
    reading it = { .json = status, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION };
    const json_t *author = json_object_get(status, "account");
    const char *visibility = text_of(status, "visibility");
    it.external_id = text_of(status, "uri");
    it.alias = text_of(status, "id");
    it.html = text_of(status, "content");
    if (!it.external_id || !it.html) {
        snprintf(ret_why, ITEM_WHY, "status: %s is missing", it.external_id ? "content" : "uri");
        return UPP_E_INPUT;
    }
    it.parent_alias = text_of(status, "in_reply_to_id");
    it.lang = text_of(status, "language");
    it.permalink = text_of(status, "url");
    it.attachments = it.owned_list = attachments_of(status);
    it.author_id = text_of(author, "id");
    it.author_name = text_of(author, "display_name");
    it.author_handle = text_of(author, "acct");
    it.author_url = text_of(author, "url");
    it.created_ms = time_of(status, "created_at");
    it.edited_ms = time_of(status, "edited_at");
    it.ours = own_id[0] && it.author_id && strcmp(it.author_id, own_id) == 0;
    if (visibility && strcmp(visibility, "direct") == 0)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE;
    if (it.ours)
        it.kind = it.parent_alias ? UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY
                                  : UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    it.text = it.owned = item_plain_text(it.html);
    *ret_item = it;
    return 0;
}

/* The mentions call tells of a status, the own call lists statuses themselves. */
static const json_t *status_of(enum look look, const json_t *one)
{
    if (look == LOOK_REPLIES)
        return one;
    if (look == LOOK_OWN)
        return json_is_object(json_object_get(one, "reblog")) ? NULL : one;
    const char *type = text_of(one, "type");
    if (!type || strcmp(type, "mention") != 0)
        return NULL;
    return json_object_get(one, "status");
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *list = look == LOOK_REPLIES ? json_object_get(json, "descendants") : json;
    if (!json_is_array(list))
        return UPP_E_INPUT;
    const size_t n = json_array_size(list), most = 4 * MASTODON_PAGE;
    for (size_t i = 0; i < n && i < most; i++) {
        const json_t *one = json_array_get(list, n - 1 - i);
        if (text_of(one, "id"))
            ret_page->mark = text_of(one, "id");
        const json_t *status = status_of(look, one);
        if (!status)
            continue;
        char why[ITEM_WHY];
        reading *it = listing_add(ret_page);
        if (read_status(status, own_id, it, why) != 0) {
            ret_page->n--;
            listing_bad(ret_page, status, why);
        }
    }
    ret_page->more = n >= (look == LOOK_OWN ? MASTODON_OWN_PAGE : MASTODON_PAGE);
    return 0;
}

static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    *ret_sight = (sight){ 0 };
    return read_status(json, own_id, &ret_sight->it, why);
}

static const char *own(const json_t *json)
{
    return text_of(json, "id");
}

/* The status as it was posted comes back. */
static bool confirmed(enum gate_what what, const json_t *json)
{
    (void)what;
    return text_of(json, "id") != NULL;
}

const connector mastodon_connector = {
    .name = "mastodon",
    .can = CAN_REPLY,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_OWN | 1U << LOOK_ITEM |
             1U << LOOK_REPLIES,
    .reply_max = 500,
    .forward = true,
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
    .alias = own,
};
