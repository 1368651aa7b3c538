/* bluesky_post.c - reading a post, and writing one that answers it. */
#include "bluesky_post.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URI_MAX = 1024, PICTURES_MAX = 16, LINKS_MAX = 20 };

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

static bool is_uri(const char *text)
{
    return text && strncmp(text, "at://", 5) == 0 && strlen(text) < URI_MAX;
}

/* {uri, cid}: the one thing in the one version. New; NULL: it is none. */
static json_t *reference(const json_t *to)
{
    const char *uri = text_of(to, "uri"), *cid = text_of(to, "cid");
    return is_uri(uri) && cid ? json_pack("{s:s, s:s}", "uri", uri, "cid", cid) : NULL;
}

/* -- what came with the words -- */
/* Pictures lie in the author's own store by the hash of their bytes; people see them here. */
static json_t *picture(const json_t *one, const char *field, const char *did)
{
    const char *hash = text_of(json_object_get(json_object_get(one, field), "ref"), "$link");
    const bool whole = hash && did;
    json_t *url =
        whole ? json_sprintf("https://cdn.bsky.app/img/feed_fullsize/plain/%s/%s@jpeg", did, hash)
              : NULL;
    return json_pack("{s:s, s:o*, s:s*}", "type", field, "url", url, "name", text_of(one, "alt"));
}

/* From the record itself, which every view shows alike. */
static json_t *attachments_of(const json_t *record, const char *did)
{
    json_t *list = json_array();
    const json_t *embed = json_object_get(record, "embed");
    if (json_object_get(embed, "media")) /* beside a post that it quotes */
        embed = json_object_get(embed, "media");
    const json_t *images = json_object_get(embed, "images");
    const json_t *card = json_object_get(embed, "external");
    for (size_t i = 0; i < json_array_size(images) && i < PICTURES_MAX; i++)
        json_array_append_new(list, picture(json_array_get(images, i), "image", did));
    if (json_object_get(embed, "video"))
        json_array_append_new(list, picture(embed, "video", did));
    if (text_of(card, "uri"))
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s*}", "type", "link", "url",
                                        text_of(card, "uri"), "name", text_of(card, "title")));
    return list;
}

/* -- where it stands -- */
/* Nothing in it leads out of the path that it is put into. New; NULL: something does. */
static json_t *permalink(const char *did, const char *uri)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ":._~-";
    const char *key = strrchr(uri, '/') + 1;
    if (!did || strspn(did, plain) != strlen(did) || strspn(key, plain) != strlen(key))
        return NULL;
    return json_sprintf("https://bsky.app/profile/%s/post/%s", did, key);
}

/* What an answer to it must say of it: itself, and the first post of its conversation. */
static json_t *answer_names(const json_t *post, const json_t *record)
{
    json_t *parent = reference(post);
    json_t *root = reference(json_object_get(json_object_get(record, "reply"), "root"));
    json_t *both =
        json_pack("{s:o*, s:o*}", "root", root ? root : json_incref(parent), "parent", parent);
    char *text = json_dumps(both, JSON_COMPACT);
    json_t *names = parent ? json_string(text) : NULL;
    free(text);
    json_decref(both);
    return names;
}

/* Everything that the item lends and nobody else keeps. */
static json_t *keep_all(const json_t *post, const json_t *record, const char *did)
{
    json_t *raw = json_pack("{s:O, s:o*}", "post", post, "answer", answer_names(post, record));
    json_t *kept =
        json_pack("{s:o, s:o, s:o*}", "raw", raw, "attachments", attachments_of(record, did),
                  "permalink", permalink(did, text_of(post, "uri")));
    if (did)
        json_object_set_new(kept, "author", json_sprintf("https://bsky.app/profile/%s", did));
    return kept;
}

const char *bluesky_post_alias(const json_t *raw)
{
    return text_of(raw, "answer");
}

static bool is_below(const char *uri, const char *did)
{
    const size_t n = strlen(did);
    return n > 0 && strncmp(uri + 5, did, n) == 0 && uri[5 + n] == '/';
}

/* An answer to us is a comment, whatever else is a mention. */
static void read_place(const json_t *record, const char *own_id, reading *it)
{
    const json_t *reply = json_object_get(record, "reply");
    const char *parent = text_of(json_object_get(reply, "parent"), "uri");
    const char *root = text_of(json_object_get(reply, "root"), "uri");
    it->parent_id = is_uri(parent) ? parent : "";
    it->thread_id = is_uri(root) ? root : it->external_id;
    const bool answers = it->parent_id[0] != '\0';
    it->kind = it->ours && answers                          ? UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY
               : it->ours                                   ? UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST
               : answers && is_below(it->parent_id, own_id) ? UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT
                                                            : UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION;
}

int bluesky_post_read(const json_t *post, const char *own_id, reading *ret_item,
                      char ret_why[ITEM_WHY])
{
    reading it = { .external_id = text_of(post, "uri") };
    const json_t *record = json_object_get(post, "record");
    const json_t *author = json_object_get(post, "author");
    it.text = text_of(record, "text");
    if (!is_uri(it.external_id) || !it.text) {
        snprintf(ret_why, ITEM_WHY, "post: %s is missing", it.text ? "uri" : "text");
        return UPP_E_INPUT;
    }
    it.author_id = text_of(author, "did");
    it.owned_list = keep_all(post, record, it.author_id);
    it.json = json_object_get(it.owned_list, "raw");
    it.attachments = json_object_get(it.owned_list, "attachments");
    it.permalink = text_of(it.owned_list, "permalink");
    it.author_url = text_of(it.owned_list, "author");
    it.author_name = text_of(author, "displayName");
    it.author_handle = text_of(author, "handle");
    it.lang = json_string_value(json_array_get(json_object_get(record, "langs"), 0));
    it.created_ms = time_of(post, "indexedAt"); /* the server's; the record's own can lie */
    it.ours = own_id[0] && it.author_id && strcmp(it.author_id, own_id) == 0;
    read_place(record, own_id, &it);
    *ret_item = it;
    return 0;
}

/* -- an answer of ours -- */
/* FNV-1a: these bits only part what was asked for in the same millisecond. */
static uint64_t blend(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash;
}

void bluesky_key(const look_where *where, const char *text, char ret_key[BLUESKY_KEY])
{
    static const char digits[] = "234567abcdefghijklmnopqrstuvwxyz";
    const uint64_t hash = blend(blend(14695981039346656037U, where->target), text);
    const uint64_t micros = (uint64_t)where->since * 1000 + hash % 1000;
    uint64_t key = (micros << 10 | (hash / 1000 & 1023)) & INT64_MAX;
    for (int i = BLUESKY_KEY - 2; i >= 0; i--, key >>= 5)
        ret_key[i] = digits[key & 31];
    ret_key[BLUESKY_KEY - 1] = '\0';
}

/* An address in the text is a link only where its bytes are named; a full stop after it is none of
 * it. */
static json_t *links_of(const char *text)
{
    json_t *links = json_array();
    const char *at = text;
    while ((at = strstr(at, "https://")) && json_array_size(links) < LINKS_MAX) {
        size_t n = strcspn(at, " \t\r\n<>\"");
        while (n > 8 && strchr(".,;:!?)", at[n - 1]))
            n--;
        if (n > 8)
            json_array_append_new(links,
                                  json_pack("{s:{s:I, s:I}, s:[{s:s, s:s%}]}", "index", "byteStart",
                                            (json_int_t)(at - text), "byteEnd",
                                            (json_int_t)(at - text) + (json_int_t)n, "features",
                                            "$type", "app.bsky.richtext.facet#link", "uri", at, n));
        at += n;
    }
    return links;
}

char *bluesky_answer(const look_where *where, const char *text)
{
    char key[BLUESKY_KEY], created[CIVIL_TEXT_SIZE];
    json_t *reply = json_loads(where->alias, 0, NULL);
    if (where->since <= 0 || !json_object_get(reply, "parent")) {
        json_decref(reply);
        return NULL;
    }
    bluesky_key(where, text, key);
    civil_format(where->since, 0, created);
    json_t *record = json_pack("{s:s, s:s, s:s, s:o}", "$type", "app.bsky.feed.post", "text", text,
                               "createdAt", created, "reply", reply);
    json_t *links = record ? links_of(text) : NULL;
    if (json_array_size(links) > 0)
        json_object_set(record, "facets", links);
    json_decref(links);
    json_t *body = json_pack("{s:s, s:s, s:s, s:o}", "repo", where->own_id, "collection",
                             "app.bsky.feed.post", "rkey", key, "record", record);
    char *out = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    return out;
}
