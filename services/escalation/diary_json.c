/* diary_json.c - a package's handling.json: fields in one order, times in UTC. */
#include "civil.h"
#include "diary_package.h"
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* Text of a platform's: what is no UTF-8 becomes U+FFFD, and nothing is lost besides. */
static json_t *text_of(const char *text)
{
    json_t *value = json_string(text ? text : "");
    if (value)
        return value;
    const size_t n = strlen(text);
    char *clean = malloc(3 * n + 1), *to = clean;
    upp_check(clean);
    for (const char *at = text; *at;) {
        ucs4_t c;
        const int len = u8_mbtoucr(&c, (const uint8_t *)at, n - (size_t)(at - text));
        memcpy(to, len > 0 ? at : "\xef\xbf\xbd", len > 0 ? (size_t)len : 3);
        to += len > 0 ? len : 3;
        at += len > 0 ? len : 1;
    }
    value = json_stringn(clean, (size_t)(to - clean));
    free(clean);
    return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
    upp_check(json_object_set_new(object, key, value) == 0);
}

static void put_time(json_t *object, const char *key, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(at, 0, text);
    put(object, key, json_string(text));
}

static void put_hex(json_t *object, const char *key, const ProtobufCBinaryData *bytes)
{
    char hex[129] = "";
    if (bytes->len <= sizeof hex / 2)
        sodium_bin2hex(hex, sizeof hex, bytes->data, bytes->len);
    put(object, key, json_string(hex));
}

static const char *role_name(Uppsikt__DiaryItem__Role role)
{
    static const char *const names[] = { "", "subject", "conversation", "answer", "thread" };
    const size_t i = (size_t)role;
    return i < UPP_LEN(names) ? names[i] : "";
}

static const char *kind_name(Uppsikt__ItemKind kind)
{
    static const char *const names[] = { "",        "comment", "reply",    "mention",
                                         "message", "review",  "own_post", "own_reply" };
    const size_t i = (size_t)kind;
    return i < UPP_LEN(names) ? names[i] : "";
}

static json_t *author_of(const Uppsikt__CommentReceivedContent *what)
{
    json_t *author = json_object();
    put(author, "name", text_of(what->author ? what->author->name : ""));
    put(author, "handle", text_of(what->author ? what->author->handle : ""));
    return author;
}

static json_t *attachments_of(const Uppsikt__CommentReceivedContent *what)
{
    json_t *list = json_array();
    for (size_t i = 0; i < what->n_attachments; i++) {
        json_t *one = json_object();
        put(one, "type", text_of(what->attachments[i]->type));
        put(one, "url", text_of(what->attachments[i]->url));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *line_of(const diary_line *l)
{
    json_t *one = json_object();
    put(one, "id", text_of(l->item));
    put(one, "role", json_string(role_name(l->role)));
    put_time(one, "at", l->at);
    if (l->row) {
        put(one, "version", json_integer((json_int_t)l->row->version));
        put_time(one, "seen", l->row->seen_ms);
        put(one, "kind", json_string(kind_name(l->row->kind)));
        put(one, "answers", text_of(l->row->parent));
    }
    put(one, "disposed_of", json_boolean(l->row && !l->what));
    if (l->what) {
        put(one, "text", text_of(l->what->text));
        put(one, "author", author_of(l->what));
        put(one, "link", text_of(l->what->permalink));
        put(one, "attachments", attachments_of(l->what));
    }
    return one;
}

static json_t *account_of(const diary_case *c)
{
    json_t *account = json_object();
    put(account, "id", text_of(c->ask->account));
    put(account, "platform", text_of(c->account ? c->account->platform : ""));
    put(account, "name", text_of(c->facts ? c->facts->name : ""));
    put(account, "handle", text_of(c->facts ? c->facts->handle : ""));
    put(account, "link", text_of(c->facts ? c->facts->url : ""));
    put(account, "unit", text_of(c->unit ? c->unit->unit->name : ""));
    put(account, "authority", text_of(c->unit ? c->unit->authority_name : ""));
    put(account, "org_number", text_of(c->unit ? c->unit->org_number : ""));
    return account;
}

static json_t *copies_of(const diary_case *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->n_copies; i++) {
        const Uppsikt__RecordRow *r = c->copies[i];
        json_t *one = json_object();
        put(one, "record", text_of(r->record));
        put(one, "id", text_of(r->item));
        put(one, "version", json_integer((json_int_t)r->version));
        put_time(one, "sealed", r->at_ms);
        put_hex(one, "commitment", &r->commitment);
        json_array_append_new(list, one);
    }
    return list;
}

static int into(const char *bytes, size_t n, void *ctx)
{
    return buf_put(ctx, bytes, n) == 0 ? 0 : -1;
}

int diary_json(const diary_case *c, buf *out)
{
    const bool some = c->ask->n_items > 0;
    json_t *all = json_object(), *lines = json_array();
    put(all, "format", json_string("uppsikt-diary/1"));
    put(all, "package", text_of(c->ask->package));
    put(all, "matter", text_of(c->ask->matter));
    put(all, "why", text_of(c->ask->why));
    put_time(all, "received", some ? c->ask->items[0]->at_ms : 0);
    put_time(all, "asked", c->ask->asked_ms);
    put(all, "account", account_of(c));
    for (size_t i = 0; i < c->n_lines; i++)
        json_array_append_new(lines, line_of(&c->lines[i]));
    put(all, "written", lines);
    put(all, "cut_short", json_boolean(c->cut));
    put(all, "saved_copies", copies_of(c));
    put_hex(all, "salt", &c->ask->salt);
    int rc = json_dump_callback(all, into, out, JSON_INDENT(2)) == 0 ? 0 : UPP_E_BUSY;
    if (rc == 0)
        rc = buf_put(out, "\n", 1);
    json_decref(all);
    return rc;
}
