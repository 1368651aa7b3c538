/* facebook_webhook.c - what a page's webhook tells (platforms.md §7.3): a hint; the poll is the
 * truth. Only what is whole is taken from it: the words may be gone a second later. */
#include "facebook.h"
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* The old shape has sender_name, and sender_id as a number: a name is all that is taken of it. */
static void read_author(const json_t *value, const char *page_id, reading *it)
{
    const json_t *from = json_object_get(value, "from");
    it->author_id = text_of(from, "id");
    it->author_name = text_of(from, "name");
    if (!from)
        it->author_name = text_of(value, "sender_name");
    it->ours = it->author_id && strcmp(it->author_id, page_id) == 0;
}

/* Words without a picture read the same here and in the API; anything else is read there. */
static bool is_whole(const json_t *value)
{
    const char *verb = text_of(value, "verb");
    return verb && strcmp(verb, "add") == 0 && text_of(value, "message") &&
           !json_object_get(value, "photo") && !json_object_get(value, "video") &&
           !json_object_get(value, "link") && text_of(value, "post_id") &&
           json_is_object(json_object_get(value, "from"));
}

static void read_added(const json_t *value, facebook_change *c)
{
    const char *post = text_of(value, "post_id");
    const char *parent = text_of(value, "parent_id");
    reading *it = &c->it;
    it->json = value;
    it->external_id = c->comment;
    it->text = text_of(value, "message");
    it->thread_id = post;
    it->parent_id = parent ? parent : post;
    it->created_ms =
        (upp_ms)json_integer_value(json_object_get(value, "created_time")) * UPP_SECOND;
    read_author(value, c->page, it);
    it->kind = it->ours || strcmp(it->parent_id, post) != 0 ? UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY
                                                            : UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c->verb = FACEBOOK_ADDED;
}

static void read_change(const char *page_id, const json_t *change, facebook_heard *heard, void *ctx)
{
    const json_t *value = json_object_get(change, "value");
    const char *item = text_of(value, "item");
    facebook_change c = { .page = page_id, .comment = text_of(value, "comment_id") };
    /* reactions and shares carry a comment's id too */
    if (!item || strcmp(item, "comment") != 0 || !c.comment || !c.comment[0])
        return;
    c.verb = FACEBOOK_LOOK;
    if (is_whole(value))
        read_added(value, &c);
    heard(ctx, &c);
}

int facebook_webhook(const json_t *body, facebook_heard *heard, void *ctx)
{
    const char *object = text_of(body, "object");
    const json_t *entries = json_object_get(body, "entry");
    if (!object || strcmp(object, "page") != 0 || !json_is_array(entries))
        return UPP_E_INPUT;
    for (size_t e = 0; e < json_array_size(entries); e++) {
        const json_t *entry = json_array_get(entries, e);
        const char *page_id = text_of(entry, "id");
        const json_t *changes = json_object_get(entry, "changes");
        for (size_t i = 0; page_id && i < json_array_size(changes); i++)
            read_change(page_id, json_array_get(changes, i), heard, ctx);
    }
    return 0;
}
