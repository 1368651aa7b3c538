/* package_text.c - what a package says of itself, for programs and for people. */
#define _GNU_SOURCE /* memmem */
#include "package_text.h"
#include "civil.h"
#include "fixity.h"
#include "json_out.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_archive_report_sv[];

void package_time(upp_ms at, char ret_time[PACKAGE_TIME])
{
    civil_format(at / UPP_SECOND * UPP_SECOND, 0, ret_time);
}

void package_hand_name(size_t i, const char *name, char ret_name[PACKAGE_NAME])
{
    const char *base = strrchr(name, '/');
    const char *back = strrchr(base ? base : name, '\\');
    const char *from = back ? back + 1 : base ? base + 1 : name;
    int n = snprintf(ret_name, PACKAGE_NAME, "%02u-", (unsigned)(i + 1));
    for (const char *at = from; *at && n < PACKAGE_NAME - 1; at++) {
        const unsigned char c = (unsigned char)*at;
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
        if ((c & 0xc0) != 0x80) /* one for a whole character */
            ret_name[n++] = plain ? (char)c : '_';
    }
    ret_name[n] = '\0';
}

/* -- JSON -- */
static int put_text(json_t *o, const char *key, const char *value)
{
    return json_put(o, key, json_string(value));
}

static int put_number(json_t *o, const char *key, int64_t value)
{
    return json_put(o, key, json_integer(value));
}

static int put_time(json_t *o, const char *key, upp_ms at)
{
    char text[PACKAGE_TIME] = "";
    if (at > 0)
        package_time(at, text);
    return put_text(o, key, text);
}

static int put_sum(json_t *o, ProtobufCBinaryData sum)
{
    char hex[FIXITY_HEX] = "";
    if (sum.len == 32)
        fixity_hex(sum.data, sum.len, hex);
    return put_text(o, "sha256", hex);
}

static int put_all(const json_t *o, buf *out)
{
    char *text = json_dumps(o, JSON_INDENT(2));
    if (!text)
        return UPP_E_BUSY;
    int rc = buf_put(out, text, strlen(text));
    if (rc == 0)
        rc = buf_put(out, "\n", 1);
    free(text);
    return rc;
}

static const char *state_name(const Uppsikt__PageCaptured *p)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
        &uppsikt__page_captured__state__descriptor, (int)p->state);
    return v ? v->name : "STATE_UNSPECIFIED";
}

static int put_capture(const Uppsikt__PageCaptured *p, json_t *report)
{
    json_t *capture = json_object();
    json_t *files = json_array();
    UPP_TRY(json_put(report, "capture", capture));
    UPP_TRY(json_put(capture, "files", files));
    UPP_TRY(put_text(capture, "state", state_name(p)));
    for (size_t i = 0; i < p->n_files; i++) {
        json_t *one = json_object();
        if (json_array_append_new(files, one) < 0)
            return UPP_E_BUSY;
        UPP_TRY(put_text(one, "name", p->files[i]->name));
        UPP_TRY(put_text(one, "mime", p->files[i]->mime));
        UPP_TRY(put_number(one, "bytes", p->files[i]->bytes));
        UPP_TRY(put_sum(one, p->files[i]->sha256));
    }
    json_t *page = json_loadb((const char *)p->report.data, p->report.len, 0, NULL);
    return page ? json_put(capture, "page", page) : 0; /* too long for one request: left out */
}

int package_report_json(const Uppsikt__BuildPackage *q, buf *out)
{
    UPP_AUTO(json_done) json_t *report = json_object();
    UPP_TRY(put_text(report, "software", PACKAGE_SOFTWARE " " PACKAGE_VERSION));
    UPP_TRY(put_text(report, "account", q->account));
    UPP_TRY(put_text(report, "platform", q->platform));
    UPP_TRY(put_text(report, "url", q->url));
    UPP_TRY(put_text(report, "occasion", q->campaign));
    UPP_TRY(put_text(report, "run", q->run));
    UPP_TRY(put_time(report, "built", q->at_ms));
    UPP_TRY(put_time(report, "content_from", q->from_ms));
    UPP_TRY(put_time(report, "content_to", q->to_ms));
    UPP_TRY(put_text(report, "layout", q->layout));
    UPP_TRY(put_text(report, "content", q->content));
    UPP_TRY(put_text(report, "why", q->why));
    UPP_TRY(put_number(report, "posts", q->posts));
    UPP_TRY(put_number(report, "comments", q->comments));
    UPP_TRY(put_number(report, "forgotten_before", q->forgotten));
    UPP_TRY(put_number(report, "hand_ins", (int64_t)q->n_hand_ins));
    if (q->captured)
        UPP_TRY(put_capture(q->captured, report));
    return put_all(report, out);
}

int package_manual_json(const Uppsikt__BuildPackage *q, buf *out)
{
    UPP_AUTO(json_done) json_t *list = json_array();
    for (size_t i = 0; i < q->n_hand_ins; i++) {
        const Uppsikt__PackageHandIn *h = q->hand_ins[i];
        char name[PACKAGE_NAME];
        json_t *one = json_object();
        json_t *by = json_object();
        if (json_array_append_new(list, one) < 0)
            return UPP_E_BUSY;
        package_hand_name(i, h->stated->name, name);
        UPP_TRY(put_text(one, "state", "manual"));
        UPP_TRY(put_text(one, "file", name));
        UPP_TRY(put_text(one, "name", h->stated->name));
        UPP_TRY(put_text(one, "source", h->stated->source));
        UPP_TRY(put_number(one, "bytes", h->bytes));
        UPP_TRY(put_sum(one, h->stated->sha256));
        UPP_TRY(put_text(one, "mime", h->mime));
        UPP_TRY(put_text(one, "account_id", q->account));
        UPP_TRY(put_text(one, "url", q->url));
        UPP_TRY(put_text(one, "occasion", q->campaign));
        UPP_TRY(json_put(one, "taken_by", by));
        UPP_TRY(put_text(by, "name", h->person_name));
        UPP_TRY(put_text(by, "title", h->person_title));
        UPP_TRY(put_time(one, "taken_at", h->stated->taken_ms));
        UPP_TRY(put_time(one, "received_at", h->received_ms));
        UPP_TRY(put_text(one, "browser", h->stated->browser));
        UPP_TRY(put_text(one, "note", h->stated->note));
    }
    return put_all(list, out);
}

void package_browser(const Uppsikt__BuildPackage *q, char ret_browser[160])
{
    ret_browser[0] = '\0';
    if (!q->captured)
        return;
    UPP_AUTO(json_done)
    json_t *page = json_loadb((const char *)q->captured->report.data, q->captured->report.len,
                              JSON_REJECT_DUPLICATES, NULL);
    const char *product = json_string_value(json_object_get(page, "browser"));
    snprintf(ret_browser, 160, "%s", product ? product : "");
}

/* -- for a person, in Swedish -- */
/* The catalogue's line for `key`, with the value where it says {}; a key without words is said
 * itself. */
static int say(buf *out, const char *key, const char *value)
{
    const size_t len = strlen(key);
    const char *line = upp_archive_report_sv;
    while (*line && !(strncmp(line, key, len) == 0 && strncmp(line + len, ": ", 2) == 0)) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (!*line)
        return buf_printf(out, "%s %s\n", key, value);
    line += len + 2;
    const size_t end = strcspn(line, "\n");
    const char *hole = memmem(line, end, "{}", 2);
    if (!hole)
        return buf_printf(out, "%.*s\n", (int)end, line);
    return buf_printf(out, "%.*s%s%.*s\n", (int)(hole - line), line, value,
                      (int)(line + end - hole - 2), hole + 2);
}

static int say_number(buf *out, const char *key, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    return say(out, key, text);
}

/* A local reading, to the minute. */
static int say_time(buf *out, const char *key, const Uppsikt__BuildPackage *q, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(at / UPP_MINUTE * UPP_MINUTE, q->offset_s, text);
    return say(out, key, text);
}

static int say_word(buf *out, const char *kind, const char *word)
{
    char key[64];
    snprintf(key, sizeof key, "%s-%s", kind, word);
    return say(out, key, "");
}

static int say_files(buf *out, const Uppsikt__BuildPackage *q)
{
    for (size_t i = 0; i < q->n_hand_ins; i++) {
        char line[PACKAGE_NAME + 512], name[PACKAGE_NAME];
        package_hand_name(i, q->hand_ins[i]->stated->name, name);
        snprintf(line, sizeof line, "%s (%s), %s, %s", name, q->hand_ins[i]->mime,
                 q->hand_ins[i]->person_name, q->hand_ins[i]->person_title);
        UPP_TRY(say(out, "hand-in", line));
    }
    if (!q->captured)
        return 0;
    UPP_TRY(say(out, "files", ""));
    for (size_t i = 0; i < q->captured->n_files; i++) {
        char line[256];
        snprintf(line, sizeof line, "%s (%s), %lld byte", q->captured->files[i]->name,
                 q->captured->files[i]->mime, (long long)q->captured->files[i]->bytes);
        UPP_TRY(say(out, "file", line));
    }
    return 0;
}

static int say_limits(buf *out)
{
    static const char *const keys[] = { "limits", "limit-1", "limit-2", "limit-3" };
    for (size_t i = 0; i < UPP_LEN(keys); i++)
        UPP_TRY(say(out, keys[i], ""));
    return 0;
}

int package_report_text(const Uppsikt__BuildPackage *q, buf *out)
{
    char browser[160];
    package_browser(q, browser);
    UPP_TRY(say(out, "title", ""));
    UPP_TRY(say(out, "label", q->label));
    UPP_TRY(say(out, "account", q->account));
    UPP_TRY(say(out, "url", q->url));
    UPP_TRY(say(out, "campaign", q->campaign));
    UPP_TRY(say(out, "made", PACKAGE_SOFTWARE " " PACKAGE_VERSION));
    UPP_TRY(say_time(out, "at", q, q->at_ms));
    if (q->from_ms > 0)
        UPP_TRY(say_time(out, "span-from", q, q->from_ms));
    else
        UPP_TRY(say(out, "span-first", ""));
    UPP_TRY(say_time(out, "span-to", q, q->to_ms));
    UPP_TRY(say_word(out, "layout", q->layout));
    UPP_TRY(say_word(out, "content", q->content));
    if (q->why[0])
        UPP_TRY(say_word(out, "why", q->why));
    UPP_TRY(say_number(out, "posts", q->posts));
    UPP_TRY(say_number(out, "comments", q->comments));
    UPP_TRY(say_number(out, "forgotten", q->forgotten));
    UPP_TRY(say_number(out, "hand-ins", (int64_t)q->n_hand_ins));
    if (browser[0])
        UPP_TRY(say(out, "browser", browser));
    UPP_TRY(say_files(out, q));
    return say_limits(out);
}
