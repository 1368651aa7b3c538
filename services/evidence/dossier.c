/* dossier.c - the files of a record, from all that is known of it. */
#include "dossier.h"
#include "rendering.h"
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOFTWARE "uppsikt-evidence 1"

static void put(json_t *object, const char *name, const char *text)
{
    /* what is no UTF-8 never passed the bus: protobuf's texts are */
    json_t *value = text ? json_string(text) : json_null();
    upp_check(json_object_set_new(object, name, value ? value : json_null()) == 0);
}

static void put_int(json_t *object, const char *name, int64_t n)
{
    upp_check(json_object_set_new(object, name, json_integer(n)) == 0);
}

static void put_time(json_t *object, const char *name, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    if (at > 0)
        civil_format(at, 0, text);
    put(object, name, at > 0 ? text : NULL);
}

static void put_object(json_t *object, const char *name, json_t *value)
{
    upp_check(value && json_object_set_new(object, name, value) == 0);
}

static void append(json_t *list, json_t *value)
{
    upp_check(value && json_array_append_new(list, value) == 0);
}

/* -- the platform's own object, as it came -- */
/* Where ingest could not keep it (too large), what was read of it, and that it is so. */
static json_t *words_json(const Uppsikt__CommentReceivedContent *said)
{
    json_t *out = json_object();
    json_t *author = json_object();
    json_t *list = json_array();
    upp_check(out && author && list);
    put(out, "text", said->text);
    put(out, "html", said->html);
    put(out, "object_id", said->external_id);
    put(out, "parent_object_id", said->external_parent_id);
    put(out, "thread_id", said->thread_id);
    put(out, "permalink", said->permalink);
    put_time(out, "created_at", said->created_ms);
    if (said->author) {
        put(author, "id", said->author->id);
        put(author, "name", said->author->name);
        put(author, "handle", said->author->handle);
        put(author, "url", said->author->url);
    }
    put_object(out, "author", author);
    for (size_t i = 0; i < said->n_attachments; i++) {
        json_t *one = json_object();
        upp_check(one);
        put(one, "type", said->attachments[i]->type);
        put(one, "url", said->attachments[i]->url);
        put(one, "name", said->attachments[i]->name);
        put(one, "sha256", said->attachments[i]->sha256);
        append(list, one);
    }
    put_object(out, "attachments", list);
    return out;
}

static json_t *raw_json(const Uppsikt__CommentReceivedContent *said)
{
    return said->raw.len > 0 ? json_loadb((const char *)said->raw.data, said->raw.len, 0, NULL)
                             : NULL;
}

/* -- files -- */
static dossier_file *add_file(dossier_files *files, const char *path, char *bytes, size_t len)
{
    files->rows = realloc(files->rows, (files->n + 1) * sizeof *files->rows);
    upp_check(files->rows);
    dossier_file *f = &files->rows[files->n++];
    uint8_t hash[32];
    *f = (dossier_file){ .bytes = (uint8_t *)bytes, .len = len };
    snprintf(f->path, sizeof f->path, "%s", path);
    crypto_hash_sha256(hash, f->bytes, len);
    sodium_bin2hex(f->sha256, sizeof f->sha256, hash, sizeof hash);
    return f;
}

static void add_json(dossier_files *files, const char *path, const json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
    upp_check(text);
    const size_t len = strlen(text);
    char *line = realloc(text, len + 2);
    upp_check(line);
    memcpy(line + len, "\n", 2);
    (void)add_file(files, path, line, len + 1);
}

/* Exactly the bytes that came; made of the fields where they were too many to keep. */
static void add_api(const dossier *d, dossier_files *files)
{
    const ProtobufCBinaryData *raw = &d->said->raw;
    if (raw->len > 0) {
        char *copy = malloc(raw->len);
        upp_check(copy);
        memcpy(copy, raw->data, raw->len);
        (void)add_file(files, "api.json", copy, raw->len);
        return;
    }
    json_t *json = words_json(d->said);
    upp_check(json_object_set_new(json, "reconstructed", json_true()) == 0);
    add_json(files, "api.json", json);
    json_decref(json);
}

static void add_context(const dossier *d, dossier_files *files)
{
    json_t *list = json_array();
    upp_check(list);
    for (size_t i = 0; i < d->n_context; i++) {
        const dossier_words *w = &d->context[i];
        json_t *one = json_object();
        upp_check(one);
        put(one, "item", w->item);
        put(one, "role", w->role);
        put_time(one, "at", w->at);
        json_t *raw = w->said ? raw_json(w->said) : NULL;
        put_object(one, "api", raw ? raw : json_null());
        put_object(one, "said", w->said ? words_json(w->said) : json_null());
        append(list, one);
    }
    json_t *out = json_object();
    upp_check(out);
    put_object(out, "context", list);
    if (d->n_context == 0 && d->said->parent_text[0])
        put(out, "parent_text", d->said->parent_text);
    add_json(files, "context.json", out);
    json_decref(out);
}

/* -- record.json -- */
static const char *mime_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot && strcmp(dot, ".json") == 0)
        return "application/json";
    return dot && strcmp(dot, ".html") == 0 ? "text/html; charset=utf-8"
                                            : "application/octet-stream";
}

static const Uppsikt__GatheredFile *gathered_at(const dossier *d, const char *path)
{
    for (size_t i = 0; i < d->n_gathered; i++)
        if (strcmp(d->gathered[i]->path, path) == 0)
            return d->gathered[i];
    return NULL;
}

static json_t *attempts_json(const dossier_media *m)
{
    json_t *list = json_array();
    upp_check(list);
    for (size_t i = 0; m && i < m->n_attempts; i++) {
        json_t *one = json_object();
        upp_check(one);
        put_time(one, "at", m->attempts[i].at);
        put(one, "answer", m->attempts[i].answer);
        append(list, one);
    }
    return list;
}

static json_t *attachments_json(const dossier *d)
{
    json_t *list = json_array();
    upp_check(list);
    for (size_t i = 0; i < d->said->n_attachments; i++) {
        const Uppsikt__ItemAttachment *a = d->said->attachments[i];
        const dossier_media *m = NULL;
        char path[32], hash[DOSSIER_HEX] = "";
        json_t *one = json_object();
        upp_check(one);
        for (size_t k = 0; k < d->n_media && !m; k++)
            m = d->media[k].number == i + 1 ? &d->media[k] : NULL;
        snprintf(path, sizeof path, "media/%zu", i + 1);
        const Uppsikt__GatheredFile *g = gathered_at(d, path);
        if (g && g->sha256.len == 32)
            sodium_bin2hex(hash, sizeof hash, g->sha256.data, 32);
        put(one, "url", a->url);
        put(one, "type", a->type);
        put(one, "state", m ? m->state : "waits");
        put(one, "path", g ? path : NULL);
        put(one, "sha256", g ? hash : NULL);
        put(one, "mime", g ? g->mime : NULL);
        put_int(one, "bytes", g ? g->bytes : 0);
        put_object(one, "attempts", attempts_json(m));
        append(list, one);
    }
    return list;
}

static json_t *decision_json(const dossier *d)
{
    const dossier_decision *c = d->decision;
    if (!c)
        return json_null();
    json_t *out = json_object(), *by = json_object();
    upp_check(out && by);
    put(by, "person", c->by);
    put(by, "name", c->name);
    put(by, "title", c->title);
    put(out, "decision", c->decision);
    put(out, "action", c->action);
    put(out, "reason_code", c->reason);
    put(out, "rule_ref", c->law[0] ? c->law : c->plan_row);
    put(out, "second", c->second);
    put_time(out, "decided_at", c->at);
    put_object(out, "decided_by", by);
    return out;
}

static json_t *retention_json(const dossier *d)
{
    json_t *out = json_object();
    upp_check(out);
    put(out, "schedule_id", d->row[0] ? d->row : NULL);
    put(out, "mandate", d->row[0] ? d->mandate : NULL);
    put(out, "decision", d->row[0] ? d->row_decision : NULL);
    put(out, "rule", "no adopted row means keep");
    return out;
}

static json_t *files_json(const dossier *d, const dossier_files *files)
{
    json_t *list = json_array();
    upp_check(list);
    for (size_t i = 0; i < files->n; i++) {
        const dossier_file *f = &files->rows[i];
        const Uppsikt__GatheredFile *g = f->bytes ? NULL : gathered_at(d, f->path);
        json_t *one = json_object();
        upp_check(one);
        put(one, "path", f->path);
        put(one, "sha256", f->sha256);
        put_int(one, "bytes", g ? g->bytes : (int64_t)f->len);
        put(one, "mime", g ? g->mime : mime_of(f->path));
        append(list, one);
    }
    return list;
}

static json_t *browser_json(const dossier *d)
{
    for (size_t i = 0; i < d->n_gathered; i++) {
        const ProtobufCBinaryData *report = &d->gathered[i]->report;
        json_t *json =
            report->len > 0 ? json_loadb((const char *)report->data, report->len, 0, NULL) : NULL;
        if (json)
            return json;
    }
    return json_null();
}

static void put_words(json_t *out, const dossier *d)
{
    const Uppsikt__CommentReceivedContent *said = d->said;
    put(out, "object_id", said->external_id);
    put(out, "parent_object_id", said->external_parent_id);
    put(out, "permalink", said->permalink);
    put(out, "author_display", said->author ? said->author->name : NULL);
    put(out, "author_id", said->author ? said->author->id : NULL);
    put(out, "text", said->text);
    put(out, "language", d->lang);
    put_time(out, "posted_at", said->created_ms > 0 ? said->created_ms : d->received);
}

static void add_record(const dossier *d, dossier_files *files)
{
    json_t *out = json_object();
    upp_check(out);
    put(out, "record_id", d->record);
    put(out, "item", d->item);
    put_int(out, "version", d->version);
    put(out, "account_id", d->account);
    put(out, "account_name", d->account_name);
    put(out, "platform", d->platform);
    put_words(out, d);
    put_time(out, "received_at", d->received);
    put_time(out, "first_seen_at", d->seen);
    put_time(out, "captured_at", d->captured);
    put_time(out, "deadline_at", d->due);
    put(out, "level", d->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE ? "WHOLE" : "RAW");
    put(out, "capture_status", d->status);
    put_object(out, "attachments", attachments_json(d));
    put_object(out, "decision", decision_json(d));
    put_object(out, "retention", retention_json(d));
    put(out, "software", SOFTWARE);
    put_object(out, "browser", browser_json(d));
    put_object(out, "files", files_json(d, files));
    add_json(files, "record.json", out);
    json_decref(out);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const dossier_file *)a)->path, ((const dossier_file *)b)->path);
}

void dossier_make(const dossier *d, dossier_files *ret_files)
{
    dossier_files files = { 0 };
    add_api(d, &files);
    add_context(d, &files);
    if (d->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE) {
        size_t len = 0;
        char *page = rendering_make(d, &len);
        (void)add_file(&files, "comment.html", page, len);
    }
    for (size_t i = 0; i < d->n_gathered; i++) {
        const Uppsikt__GatheredFile *g = d->gathered[i];
        dossier_file *f = add_file(&files, g->path, NULL, 0);
        upp_check(g->sha256.len == 32);
        sodium_bin2hex(f->sha256, sizeof f->sha256, g->sha256.data, 32);
    }
    qsort(files.rows, files.n, sizeof *files.rows, by_path);
    add_record(d, &files); /* lists all the others */
    qsort(files.rows, files.n, sizeof *files.rows, by_path);
    *ret_files = files;
}

void dossier_files_done(dossier_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        free(files->rows[i].bytes);
    free(files->rows);
    *files = (dossier_files){ 0 };
}

char *dossier_manifest(const dossier_files *files)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    for (size_t i = 0; i < files->n; i++) {
        fputs(files->rows[i].sha256, out);
        fputs("  ", out);
        fputs(files->rows[i].path, out);
        fputc('\n', out);
    }
    upp_check(fclose(out) == 0);
    return text;
}

size_t dossier_part(const dossier_files *files, size_t part,
                    dossier_piece ret_pieces[DOSSIER_PIECES], bool *ret_last)
{
    size_t from = part * DOSSIER_PART, room = DOSSIER_PART, n = 0, end = 0;
    for (size_t i = 0; i < files->n; i++) {
        const dossier_file *f = &files->rows[i];
        const size_t begin = end;
        end += f->bytes ? f->len : 0;
        if (!f->bytes || end <= from || room == 0)
            continue;
        const size_t offset = from > begin ? from - begin : 0;
        const size_t len = f->len - offset < room ? f->len - offset : room;
        upp_check(n < DOSSIER_PIECES);
        ret_pieces[n++] = (dossier_piece){ f, offset, len };
        room -= len;
        from += len;
    }
    *ret_last = from >= end;
    return n;
}
