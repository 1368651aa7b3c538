/* cdxj.c - the index of a WARC file: one line a response, sorted by bytes. */
#include "cdxj.h"

#include "json_out.h"
#include "warc_head.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STAMP_DIGITS 14U

static int put_lower(buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        UPP_TRY(buf_put(out, &c, 1));
    }
    return 0;
}

/* The names of a host from the last to the first; an address stays as it is. */
static int put_host(buf *out, const char *host, size_t n)
{
    if (n == 0)
        return UPP_E_INPUT;
    if (host[0] == '[' || strspn(host, "0123456789.") >= n)
        return put_lower(out, host, n);
    for (size_t end = n;;) {
        size_t start = end;
        while (start > 0 && host[start - 1] != '.')
            start--;
        UPP_TRY(put_lower(out, host + start, end - start));
        if (start == 0)
            return 0;
        UPP_TRY(buf_put(out, ",", 1));
        end = start - 1;
    }
}

int cdxj_surt(const char *url, buf *out)
{
    for (const char *p = url; *p; p++) {
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            return UPP_E_INPUT;
    }
    const size_t scheme = strncasecmp(url, "http://", 7) == 0    ? 7
                          : strncasecmp(url, "https://", 8) == 0 ? 8
                                                                 : 0;
    if (scheme == 0)
        return UPP_E_INPUT;
    const char *host = url + scheme;
    const char *path = host + strcspn(host, "/?#");
    const char *user = memchr(host, '@', (size_t)(path - host));
    if (user)
        host = user + 1;
    const size_t len = (size_t)(path - host);
    const char *bracket =
        memchr(host, ']', len); /* an address of version 6 has colons of its own */
    const char *from = bracket ? bracket : host;
    const char *colon = memchr(from, ':', (size_t)(path - from));
    UPP_TRY(put_host(out, host, colon ? (size_t)(colon - host) : len));
    if (colon)
        UPP_TRY(put_lower(out, colon, (size_t)(path - colon)));
    UPP_TRY(buf_put(out, ")", 1));
    if (*path != '/')
        UPP_TRY(buf_put(out, "/", 1));
    return put_lower(out, path, strcspn(path, "#"));
}

static int put_stamp(const char *date, buf *out)
{
    unsigned digits = 0;
    if (!warc_date_ok(date))
        return UPP_E_INPUT;
    for (; digits < STAMP_DIGITS; date++) {
        if (*date >= '0' && *date <= '9') {
            UPP_TRY(buf_put(out, date, 1));
            digits++;
        }
    }
    return 0;
}

static int put_number(json_t *object, const char *key, uint64_t value)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    UPP_TRY(buf_printf(&text, "%" PRIu64, value));
    return json_put(object, key, json_string(buf_text(&text)));
}

static int put_digest(json_t *object, const char *sha256)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    UPP_TRY(buf_printf(&text, "sha256:%s", sha256));
    return json_put(object, "digest", json_string(buf_text(&text)));
}

static int make_line(const cdxj_row *row, buf *out)
{
    UPP_AUTO(json_done) json_t *object = json_object();
    if (!object)
        return UPP_E_BUSY;
    if (row->status < 0)
        return UPP_E_INPUT;
    UPP_TRY(cdxj_surt(row->url, out));
    UPP_TRY(buf_put(out, " ", 1));
    UPP_TRY(put_stamp(row->date, out));
    UPP_TRY(buf_put(out, " ", 1));
    UPP_TRY(json_put(object, "url", json_string(row->url)));
    UPP_TRY(json_put(object, "mime", json_string(row->mime)));
    UPP_TRY(put_number(object, "status", (uint64_t)row->status));
    UPP_TRY(put_digest(object, row->sha256));
    UPP_TRY(put_number(object, "length", row->length));
    UPP_TRY(put_number(object, "offset", row->offset));
    UPP_TRY(json_put(object, "filename", json_string(row->filename)));
    return json_write(object, out);
}

typedef struct lines {
    buf *at;
    size_t n;
} lines;

static void lines_done(lines *all)
{
    for (size_t i = 0; all->at && i < all->n; i++)
        buf_done(&all->at[i]);
    free(all->at);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(buf_text(a), buf_text(b));
}

int cdxj_write(const cdxj_row *rows, size_t n, const sink *out)
{
    UPP_AUTO(lines_done) lines all = { calloc(n + 1, sizeof(buf)), n };
    if (!all.at)
        return UPP_E_BUSY;
    for (size_t i = 0; i < n; i++)
        UPP_TRY(make_line(&rows[i], &all.at[i]));
    qsort(all.at, n, sizeof(*all.at), by_bytes);
    for (size_t i = 0; i < n; i++) {
        UPP_TRY(sink_put(out, all.at[i].at, all.at[i].len));
        UPP_TRY(sink_text(out, "\n"));
    }
    return 0;
}

static bool read_number(const json_t *object, const char *key, uint64_t *ret_value)
{
    const char *text = json_string_value(json_object_get(object, key));
    const size_t digits = text ? strspn(text, "0123456789") : 0;
    if (digits == 0 || digits > 18 || text[digits])
        return false;
    *ret_value = strtoull(text, NULL, 10);
    return true;
}

/* NULL: the line was read and handed on; else what is wrong with it. */
static const char *read_line(const char *text, cdxj_line *line, json_t **object)
{
    const size_t key = strcspn(text, " ");
    const size_t digits = text[key] ? strspn(text + key + 1, "0123456789") : 0;
    if (digits != STAMP_DIGITS || text[key + 1 + digits] != ' ')
        return "the line does not begin with key and time";
    *object = json_loads(text + key + 2 + digits, JSON_REJECT_DUPLICATES, NULL);
    line->url = json_string_value(json_object_get(*object, "url"));
    line->digest = json_string_value(json_object_get(*object, "digest"));
    line->filename = json_string_value(json_object_get(*object, "filename"));
    if (!line->url || !line->digest || !line->filename ||
        !read_number(*object, "offset", &line->offset) ||
        !read_number(*object, "length", &line->length))
        return "the line's fields are not whole";
    UPP_AUTO(buf_done) buf surt = { 0 };
    if (cdxj_surt(line->url, &surt) != 0 || surt.len != key || memcmp(surt.at, text, key) != 0)
        return "the key is not that of the url";
    return NULL;
}

int cdxj_read(upp_bytes text, const char *path, complaints *to, cdxj_on_line on_line, void *ctx)
{
    UPP_AUTO(buf_done) buf last = { 0 };
    for (size_t at = 0; at < text.len;) {
        UPP_AUTO(buf_done) buf now = { 0 };
        UPP_AUTO(json_done) json_t *object = NULL;
        const uint8_t *end = memchr(text.at + at, '\n', text.len - at);
        const size_t n = end ? (size_t)(end - text.at) - at : text.len - at;
        cdxj_line line = { .at = at };
        UPP_TRY(buf_put(&now, text.at + at, n));
        const char *fault = end ? read_line(buf_text(&now), &line, &object) : "it does not end";
        if (fault)
            complain(to, path, at, "%s", fault);
        else
            UPP_TRY(on_line(ctx, &line));
        if (strcmp(buf_text(&last), buf_text(&now)) > 0)
            complain(to, path, at, "the line is out of order");
        buf_done(&last);
        last = now;
        now = (buf){ 0 };
        at += n + 1;
    }
    return 0;
}
