/* x_post.c - reading one post of X: both spellings of the fields that are being renamed, words as
 * people see them, and the post together with whom and what it refers to. */
#include "x_post.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEDIA_MAX = 16, URLS_MAX = 20, LINK_MAX = 4096 };

bool x_is_id(const char *text)
{
    const size_t n = text ? strspn(text, "0123456789") : 0;
    return n > 0 && n < X_ID - 1 && text[n] == '\0';
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

const char *x_post_id(const json_t *object)
{
    const char *id = text_of(object, "id");
    return x_is_id(id) ? id : NULL;
}

/* A field whose name is being changed. */
static const json_t *either(const json_t *object, const char *name, const char *newer)
{
    const json_t *value = json_object_get(object, name);
    return value ? value : json_object_get(object, newer);
}

void x_post_names(const look_where *where, x_names *ret_names)
{
    const char *space = strchr(where->alias, ' ');
    const size_t n = space ? (size_t)(space - where->alias) : 0;
    *ret_names = (x_names){ .id = "" };
    if (n > 0 && n < X_ID)
        snprintf(ret_names->id, X_ID, "%.*s", (int)n, where->alias);
    if (space && x_is_id(space + 1))
        snprintf(ret_names->conversation, X_ID, "%s", space + 1);
    if (!x_is_id(ret_names->id))
        snprintf(ret_names->id, X_ID, "%s", x_is_id(where->target) ? where->target : "");
}

const char *x_post_alias(const json_t *raw)
{
    return text_of(raw, "names");
}

/* -- words as people see them -- */
/* &amp; &lt; &gt; are all that the platform escapes; in place. */
static void unescape(char *text)
{
    static const char *const names[] = { "&amp;", "&lt;", "&gt;" };
    static const char signs[] = "&<>";
    char *to = text;
    for (const char *from = text; *from; to++) {
        size_t i = 0;
        while (i < UPP_LEN(names) && strncmp(from, names[i], strlen(names[i])) != 0)
            i++;
        *to = i < UPP_LEN(names) ? signs[i] : *from;
        from += i < UPP_LEN(names) ? strlen(names[i]) : 1;
    }
    *to = '\0';
}

/* A shortened link becomes what it stands for: that is what is shown, what the classifier must
 * judge, and what we wrote ourselves when we look for our answer. */
static char *lengthen(char *text, const json_t *link)
{
    const char *brief = text_of(link, "url"), *whole = text_of(link, "expanded_url");
    const bool is_brief = brief && strncmp(brief, "https://t.co/", 13) == 0;
    char *at = is_brief && whole && strlen(whole) < LINK_MAX ? strstr(text, brief) : NULL;
    if (!at)
        return text;
    char *out = connector_text("%.*s%s%s", (int)(at - text), text, whole, at + strlen(brief));
    free(text);
    return out;
}

/* Whom an answer of ours calls on: the platform puts it there, we did not write it. */
static void drop_called(char *text)
{
    const char *from = text;
    while (*from == '@') {
        const size_t n = strcspn(from, " ");
        if (from[n] == '\0')
            break;
        from += n + 1;
    }
    memmove(text, from, strlen(from) + 1);
}

/* A long post has its words in a part of its own, and only their beginning in `text`. */
static char *words_of(const json_t *post, const char *text, bool our_answer)
{
    const json_t *note = either(post, "note_tweet", "note_post");
    const json_t *whole = text_of(note, "text") ? note : post;
    const json_t *links = json_object_get(json_object_get(whole, "entities"), "urls");
    char *words = connector_text("%s", whole == note ? text_of(note, "text") : text);
    unescape(words);
    for (size_t i = 0; i < json_array_size(links) && i < URLS_MAX; i++)
        words = lengthen(words, json_array_get(links, i));
    if (our_answer)
        drop_called(words);
    return words;
}

/* -- whom and what it refers to -- */
static const json_t *named(const json_t *list, const char *field, const char *value)
{
    for (size_t i = 0; value && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *has = text_of(one, field);
        if (has && strcmp(has, value) == 0)
            return one;
    }
    return NULL;
}

/* Its own of the pictures that came along. */
static json_t *media_of(const json_t *post, const json_t *includes)
{
    json_t *mine = json_array();
    const json_t *keys = json_object_get(json_object_get(post, "attachments"), "media_keys");
    for (size_t i = 0; i < json_array_size(keys) && i < MEDIA_MAX; i++) {
        const json_t *one = named(json_object_get(includes, "media"), "media_key",
                                  json_string_value(json_array_get(keys, i)));
        if (one)
            json_array_append(mine, (json_t *)(uintptr_t)one);
    }
    return mine;
}

static json_t *attachments_of(const json_t *media)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(media); i++) {
        const json_t *one = json_array_get(media, i);
        const char *url =
            text_of(one, "url") ? text_of(one, "url") : text_of(one, "preview_image_url");
        json_array_append_new(list, json_pack("{s:s*, s:s*, s:s*}", "type", text_of(one, "type"),
                                              "url", url, "name", text_of(one, "alt_text")));
    }
    return list;
}

/* The post with its own people and pictures, in the shape that the platform gives one post alone,
 * and the names that later calls need. */
static json_t *raw_of(const json_t *post, const json_t *author, const json_t *media,
                      const char *names)
{
    return json_pack("{s:O, s:{s:o, s:O}, s:s}", "data", post, "includes", "users",
                     author ? json_pack("[O]", author) : json_array(), "media", media, "names",
                     names);
}

/* Everything that the item lends and nobody else keeps. */
static json_t *keep_all(const json_t *post, const json_t *includes, const json_t *author)
{
    char names[2 * X_ID];
    const char *id = x_post_id(post), *conversation = text_of(post, "conversation_id");
    const char *user = text_of(author, "username");
    char *handle = connector_escape(user ? user : "");
    snprintf(names, sizeof names, "%s %s", id, x_is_id(conversation) ? conversation : id);
    json_t *media = media_of(post, includes);
    json_t *kept = json_pack("{s:o, s:o, s:o}", "raw", raw_of(post, author, media, names),
                             "attachments", attachments_of(media), "permalink",
                             json_sprintf("https://x.com/i/status/%s", id));
    if (handle[0])
        json_object_set_new(kept, "author", json_sprintf("https://x.com/%s", handle));
    json_decref(media);
    free(handle);
    return kept;
}

static void read_author(const json_t *author, const char *id, const char *own_id, reading *it)
{
    it->author_id = id;
    it->author_name = text_of(author, "name");
    it->author_handle = text_of(author, "username");
    it->author_url = text_of(it->owned_list, "author");
    it->ours = own_id[0] && id && strcmp(id, own_id) == 0;
}

/* Where it stands in its conversation: an answer to us is a comment, whatever else is a mention. */
static void read_place(const json_t *post, const char *own_id, reading *it)
{
    const json_t *before = either(post, "referenced_tweets", "referenced_posts");
    const char *to = text_of(post, "in_reply_to_user_id");
    const char *parent = x_post_id(named(before, "type", "replied_to"));
    const bool to_us = own_id[0] && to && strcmp(to, own_id) == 0;
    it->parent_id = parent ? parent : "";
    it->thread_id = text_of(post, "conversation_id") ? text_of(post, "conversation_id") : "";
    it->kind = it->ours && parent ? UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY
               : it->ours         ? UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST
               : parent && to_us  ? UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT
                                  : UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION;
}

int x_post_read(const json_t *post, const json_t *includes, const char *own_id, reading *ret_item,
                char ret_why[ITEM_WHY])
{
    reading it = { .alias = x_post_id(post) };
    const char *text = text_of(post, "text"), *author_id = text_of(post, "author_id");
    if (!it.alias || !text) {
        snprintf(ret_why, ITEM_WHY, "post: %s is missing", it.alias ? "text" : "id");
        return UPP_E_INPUT;
    }
    const json_t *author = named(json_object_get(includes, "users"), "id", author_id);
    const json_t *edits = either(post, "edit_history_tweet_ids", "edit_history_post_ids");
    const char *first = json_string_value(json_array_get(edits, 0));
    const char *created = text_of(post, "created_at");
    it.external_id = x_is_id(first) ? first : it.alias;
    it.owned_list = keep_all(post, includes, author);
    it.json = json_object_get(it.owned_list, "raw");
    it.attachments = json_object_get(it.owned_list, "attachments");
    it.permalink = text_of(it.owned_list, "permalink");
    it.lang = text_of(post, "lang");
    if (!created || civil_parse(created, &it.created_ms) != 0)
        it.created_ms = 0;
    if (strcmp(it.external_id, it.alias) != 0)
        it.edited_ms = it.created_ms;
    read_author(author, author_id, own_id, &it);
    read_place(post, own_id, &it);
    it.text = it.owned = words_of(post, text, it.ours && it.parent_id[0]);
    *ret_item = it;
    return 0;
}
