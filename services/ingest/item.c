/* item.c - reading and checking what a file's line says (platforms.md §14). */
#include "item.h"
#include "civil.h"
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void item_done(reading *it)
{
    free(it->owned);
    json_decref(it->owned_list);
    it->owned = NULL;
    it->owned_list = NULL;
}

/* -- plain text -- */
typedef struct plain {
    char *at;
    size_t len, size;
} plain;

static void text_add(plain *t, const char *s, size_t n)
{
    if (t->len + n + 1 > t->size) {
        t->size = (t->len + n + 1) * 2;
        t->at = realloc(t->at, t->size);
        upp_check(t->at);
    }
    memcpy(t->at + t->len, s, n);
    t->len += n;
    t->at[t->len] = '\0';
}

static bool breaks_line(const xmlChar *name)
{
    static const char *const names[] = { "p", "br", "div", "li", "blockquote", "h1", "h2", "h3" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (strcmp((const char *)name, names[i]) == 0)
            return true;
    return false;
}

/* Document order without recursion: hostile nesting must not eat the stack. */
static void walk(const xmlNode *root, plain *t)
{
    const xmlNode *node = root;
    while (node) {
        if (node->type == XML_TEXT_NODE && node->content)
            text_add(t, (const char *)node->content, strlen((const char *)node->content));
        else if (node->type == XML_ELEMENT_NODE && breaks_line(node->name) && t->len > 0 &&
                 t->at[t->len - 1] != '\n')
            text_add(t, "\n", 1);
        if (node->children) {
            node = node->children;
            continue;
        }
        while (node && node != root && !node->next)
            node = node->parent;
        node = node && node != root ? node->next : NULL;
    }
}

char *item_plain_text(const char *html)
{
    plain t = { 0 };
    text_add(&t, "", 0);
    if (!html || !html[0])
        return t.at;
    htmlDocPtr doc = htmlReadMemory(html, (int)strlen(html), NULL, "UTF-8",
                                    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    if (!doc) {
        text_add(&t, html, strlen(html));
        return t.at;
    }
    const xmlNode *root = xmlDocGetRootElement(doc);
    if (root)
        walk(root, &t);
    xmlFreeDoc(doc);
    while (t.len > 0 && (t.at[t.len - 1] == '\n' || t.at[t.len - 1] == ' '))
        t.at[--t.len] = '\0';
    return t.at;
}

/* -- one line of a file -- */
static int wrong(char why[ITEM_WHY], const char *field, const char *what)
{
    snprintf(why, ITEM_WHY, "%s: %s", field, what);
    return UPP_E_INPUT;
}

/* A text field, or NULL when it is not there. */
static int text_field(const json_t *json, const char *name, size_t limit, const char **ret_text,
                      char why[ITEM_WHY])
{
    const json_t *value = json_object_get(json, name);
    *ret_text = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return wrong(why, name, "must be a text in quotes");
    if (json_string_length(value) > limit)
        return wrong(why, name, "is too long");
    *ret_text = json_string_value(value);
    return 0;
}

static int time_field(const json_t *json, const char *name, upp_ms *ret_ms, char why[ITEM_WHY])
{
    const char *text = NULL;
    UPP_TRY(text_field(json, name, 64, &text, why));
    *ret_ms = 0;
    if (!text)
        return 0;
    if (civil_parse(text, ret_ms) != 0)
        return wrong(why, name, "must be a time as in RFC 3339, with its offset");
    return 0;
}

static const struct {
    const char *name;
    Uppsikt__ItemKind kind;
    bool ours;
} kinds[] = {
    { "comment", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT, false },
    { "reply", UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY, false },
    { "mention", UPPSIKT__ITEM_KIND__ITEM_KIND_MENTION, false },
    { "message", UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE, false },
    { "review", UPPSIKT__ITEM_KIND__ITEM_KIND_REVIEW, false },
    { "own_post", UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST, true },
    { "own_reply", UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY, true },
};

static int read_kind(const json_t *json, reading *it, char why[ITEM_WHY])
{
    const char *name = NULL;
    UPP_TRY(text_field(json, "kind", 32, &name, why));
    if (!name)
        return wrong(why, "kind", "is missing (comment, reply, mention, message or review)");
    for (size_t i = 0; i < UPP_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0) {
            it->kind = kinds[i].kind;
            it->ours = kinds[i].ours;
            return 0;
        }
    return wrong(why, "kind", "is not one of comment, reply, mention, message, review");
}

static int read_state(const json_t *json, reading *it, char why[ITEM_WHY])
{
    const char *state = NULL;
    UPP_TRY(text_field(json, "state", 32, &state, why));
    it->hidden = state && strcmp(state, "hidden") == 0;
    it->deleted = state && strcmp(state, "deleted") == 0;
    if (state && !it->hidden && !it->deleted && strcmp(state, "visible") != 0)
        return wrong(why, "state", "is not one of visible, hidden, deleted");
    return 0;
}

static int read_author(const json_t *json, reading *it, char why[ITEM_WHY])
{
    const json_t *author = json_object_get(json, "author");
    if (!author || json_is_null(author))
        return 0;
    if (!json_is_object(author))
        return wrong(why, "author", "must be an object");
    UPP_TRY(text_field(author, "id", 1024, &it->author_id, why));
    UPP_TRY(text_field(author, "name", 1024, &it->author_name, why));
    UPP_TRY(text_field(author, "handle", 1024, &it->author_handle, why));
    return text_field(author, "url", 4096, &it->author_url, why);
}

static int read_attachments(const json_t *json, reading *it, char why[ITEM_WHY])
{
    size_t i;
    json_t *one;
    const char *ignored;
    const json_t *list = json_object_get(json, "attachments");
    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list) || json_array_size(list) > 100)
        return wrong(why, "attachments", "must be a list of at most 100");
    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        if (!json_is_object(one))
            return wrong(why, "attachments", "must be a list of objects");
        UPP_TRY(text_field(one, "type", 64, &ignored, why));
        UPP_TRY(text_field(one, "url", 4096, &ignored, why));
        UPP_TRY(text_field(one, "sha256", 64, &ignored, why));
        UPP_TRY(text_field(one, "name", 1024, &ignored, why));
    }
    it->attachments = list;
    return 0;
}

static int read_texts(const json_t *json, reading *it, char why[ITEM_WHY])
{
    enum { TEXT = 40 * 1024 };
    UPP_TRY(text_field(json, "platform", 32, &it->platform, why));
    UPP_TRY(text_field(json, "account", 64, &it->account, why));
    UPP_TRY(text_field(json, "external_id", 1024, &it->external_id, why));
    UPP_TRY(text_field(json, "external_parent_id", 1024, &it->parent_id, why));
    UPP_TRY(text_field(json, "thread_id", 1024, &it->thread_id, why));
    UPP_TRY(text_field(json, "text", TEXT, &it->text, why));
    UPP_TRY(text_field(json, "html", TEXT, &it->html, why));
    UPP_TRY(text_field(json, "lang", 16, &it->lang, why));
    return text_field(json, "permalink", 4096, &it->permalink, why);
}

int item_from_line(const json_t *json, reading *ret_item, char ret_why[ITEM_WHY])
{
    reading it = { .json = json };
    if (!json_is_object(json))
        return wrong(ret_why, "line", "must be one JSON object");
    UPP_TRY(read_texts(json, &it, ret_why));
    UPP_TRY(read_kind(json, &it, ret_why));
    UPP_TRY(read_state(json, &it, ret_why));
    UPP_TRY(read_author(json, &it, ret_why));
    UPP_TRY(read_attachments(json, &it, ret_why));
    UPP_TRY(time_field(json, "created_at", &it.created_ms, ret_why));
    UPP_TRY(time_field(json, "edited_at", &it.edited_ms, ret_why));
    if (!it.external_id || !it.external_id[0])
        return wrong(ret_why, "external_id", "is missing");
    if (!it.text && !it.html && !it.deleted)
        return wrong(ret_why, "text", "is missing, and so is html");
    if (!it.text && it.html)
        it.text = it.owned = item_plain_text(it.html);
    *ret_item = it;
    return 0;
}
