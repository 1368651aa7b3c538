/* line.c - one line of posts.jsonl or comments.jsonl: what was written, as the platform gave it. */
#include "line.h"
#include "civil.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void json_freep(json_t **value)
{
    json_decref(*value);
}

/* Text that is no UTF-8 comes with each wrong byte as U+FFFD: a line is never left out. */
static json_t *text(const char *s)
{
    json_t *good = json_string(s);
    if (good)
        return good;
    char *mended = malloc(3 * strlen(s) + 1);
    if (!mended)
        return NULL;
    size_t n = 0;
    for (const unsigned char *at = (const unsigned char *)s; *at; at++) {
        if (*at < 0x80) {
            mended[n++] = (char)*at;
            continue;
        }
        memcpy(mended + n, "\xef\xbf\xbd", 3);
        n += 3;
    }
    mended[n] = '\0';
    good = json_string(mended);
    free(mended);
    return good;
}

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* What is empty is left out. */
static bool put_text(json_t *object, const char *key, const char *value)
{
    return !value || !value[0] || put(object, key, text(value));
}

static bool put_time(json_t *object, const char *key, upp_ms at)
{
    char said[CIVIL_TEXT_SIZE];
    if (at <= 0)
        return true;
    civil_format(at, 0, said);
    return put(object, key, json_string(said));
}

static bool put_attachments(json_t *line, const Uppsikt__CommentReceivedContent *w)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; good && i < w->n_attachments; i++) {
        const Uppsikt__ItemAttachment *a = w->attachments[i];
        json_t *one = json_object();
        good = one && put_text(one, "type", a->type) && put_text(one, "url", a->url) &&
               put_text(one, "sha256", a->sha256) && put_text(one, "name", a->name);
        good = json_array_append_new(list, one) == 0 && good;
    }
    if (w->n_attachments == 0) {
        json_decref(list);
        return good;
    }
    return put(line, "attachments", list) && good;
}

static bool put_author(json_t *line, const Uppsikt__ItemAuthor *a)
{
    json_t *who = json_object();
    const bool good = who && put_text(who, "id", a->id) && put_text(who, "name", a->name) &&
                      put_text(who, "handle", a->handle) && put_text(who, "url", a->url);
    return put(line, "author", who) && good;
}

/* The platform's own object, as JSON where it is that. */
static bool put_raw(json_t *line, const Uppsikt__CommentReceivedContent *w)
{
    json_t *raw = json_loadb((const char *)w->raw.data, w->raw.len, JSON_DECODE_ANY, NULL);
    if (raw)
        return put(line, "raw", raw);
    char *copy = strndup((const char *)w->raw.data, w->raw.len);
    const bool good = copy && put_text(line, "raw", copy);
    free(copy);
    return good;
}

int line_put(const line_facts *f, const Uppsikt__CommentReceivedContent *w, buf *out)
{
    UPP_AUTO(json_freep) json_t *line = json_object();
    const bool good =
        line && put_text(line, "item", f->item) && put(line, "version", json_integer(f->version)) &&
        put_text(line, "kind", f->kind) && put_text(line, "parent", f->parent) &&
        put_time(line, "written", f->at_ms) && put_time(line, "seen", f->seen_ms) &&
        put_time(line, "gone", f->gone_ms) && put_text(line, "external_id", w->external_id) &&
        put_text(line, "external_parent_id", w->external_parent_id) &&
        put_text(line, "permalink", w->permalink) && put_text(line, "text", w->text) &&
        put_text(line, "html", w->html) && (!w->author || put_author(line, w->author)) &&
        put_attachments(line, w) && (w->raw.len == 0 || put_raw(line, w));
    char *said = good ? json_dumps(line, JSON_COMPACT) : NULL;
    if (!said)
        return UPP_E_BUSY;
    const size_t len = strlen(said);
    int rc = buf_put(out, said, len);
    if (rc == 0)
        rc = buf_put(out, "\n", 1);
    free(said);
    return rc;
}
