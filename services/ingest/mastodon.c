/* mastodon.c - calls and answers of the Mastodon client API; what real servers do with it is in
 * platforms.md §17 (the API id changes at an edit: `uri` is the key; error bodies may be HTML). */
#include "mastodon.h"
#include "civil.h"
#include <stdio.h>
#include <string.h>

static const char *const names[MASTODON_CALLS] = {
    [MASTODON_WHO] = "who",
    [MASTODON_MENTIONS] = "mentions",
    [MASTODON_LOOK_BACK] = "look-back",
    [MASTODON_OWN] = "own",
};

const char *mastodon_call_name(enum mastodon_call call)
{
    upp_check(call < MASTODON_CALLS);
    return names[call];
}

int mastodon_call_named(const char *name)
{
    for (int i = 0; i < MASTODON_CALLS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* A mark is the server's own text: what is not plain in a URL is written as %XX (RFC 3986 §2.1). */
static bool escape(const char *text, char *ret_text, size_t size)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
        if (n + 4 > size)
            return false;
        if (plain) {
            ret_text[n++] = (char)c;
        } else {
            ret_text[n++] = '%';
            ret_text[n++] = hex[c >> 4];
            ret_text[n++] = hex[c & 15];
        }
    }
    ret_text[n] = '\0';
    return true;
}

bool mastodon_url(enum mastodon_call call, const mastodon_where *where, char *ret_url, size_t size)
{
    char mark[256], own[256];
    if (!escape(call == MASTODON_OWN ? where->own_mark : where->mark, mark, sizeof mark) ||
        !escape(where->own_id, own, sizeof own))
        return false;
    const bool after = mark[0] && call != MASTODON_LOOK_BACK;
    int n = -1;
    switch (call) {
    case MASTODON_WHO:
        n = snprintf(ret_url, size, "%s/api/v1/accounts/verify_credentials", where->base_url);
        break;
    case MASTODON_MENTIONS:
    case MASTODON_LOOK_BACK:
        /* min_id pages forward without a gap, since_id does not; filtered ones are questions too */
        n = snprintf(ret_url, size,
                     "%s/api/v1/notifications?types[]=mention&limit=%d&include_filtered=true%s%s",
                     where->base_url, MASTODON_PAGE, after ? "&min_id=" : "", after ? mark : "");
        break;
    case MASTODON_OWN:
        n = snprintf(ret_url, size, "%s/api/v1/accounts/%s/statuses?limit=%d%s%s", where->base_url,
                     own, MASTODON_OWN_PAGE, after ? "&min_id=" : "", after ? mark : "");
        break;
    case MASTODON_CALLS:
        break;
    }
    return n > 0 && (size_t)n < size;
}

enum verdict mastodon_verdict(int status)
{
    if (status >= 200 && status < 300)
        return VERDICT_OK;
    if (status == 401)
        return VERDICT_AUTH;
    if (status == 429)
        return VERDICT_THROTTLE;
    if (status == 0 || status >= 500)
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

static int read_status(const json_t *status, const char *own_id, item *ret_item,
                       char ret_why[ITEM_WHY])
{
    item it = { .json = status, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION };
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
    it.attachments = json_object_get(status, "media_attachments");
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
static const json_t *status_of(enum mastodon_call call, const json_t *one)
{
    if (call == MASTODON_OWN)
        return json_is_object(json_object_get(one, "reblog")) ? NULL : one;
    const char *type = text_of(one, "type");
    if (!type || strcmp(type, "mention") != 0)
        return NULL;
    return json_object_get(one, "status");
}

int mastodon_items(enum mastodon_call call, const json_t *json, const char *own_id, item *ret_items,
                   size_t size, size_t *ret_n, const char **ret_mark, size_t *ret_bad,
                   char ret_why[ITEM_WHY])
{
    if (!json_is_array(json))
        return UPP_E_INPUT;
    size_t n = 0, bad = 0;
    const char *mark = NULL;
    const size_t in_list = json_array_size(json);
    for (size_t i = 0; i < in_list && n < size; i++) {
        /* oldest first, so that a question is there before what answers it */
        const json_t *one = json_array_get(json, in_list - 1 - i);
        if (text_of(one, "id"))
            mark = text_of(one, "id");
        const json_t *status = status_of(call, one);
        if (!status)
            continue;
        char why[ITEM_WHY];
        if (read_status(status, own_id, &ret_items[n], why) == 0)
            n++;
        else if (bad++ == 0)
            snprintf(ret_why, ITEM_WHY, "%s", why);
    }
    *ret_n = n;
    *ret_bad = bad;
    *ret_mark = mark;
    return 0;
}
