/* exchange.c - HTTP messages told in JSON become HTTP messages again. */
#include "exchange.h"
#include "suite_clock.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { BODY_MAX = 32 * 1024 * 1024, DATE = 40, UUID = 37 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static const char *header_of(const json_t *headers, const char *name)
{
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(headers, i, row)
    {
        if (strcasecmp(text_of(row, "name"), name) == 0)
            return text_of(row, "value");
    }
    return "";
}

enum exchange_body exchange_body(const json_t *paused)
{
    const json_int_t status = json_integer_value(json_object_get(paused, "responseStatusCode"));
    const json_t *headers = json_object_get(paused, "responseHeaders");
    const char *type = header_of(headers, "content-type");
    if ((status >= 300 && status < 400 && header_of(headers, "location")[0]) || status == 204 ||
        status == 304 || strcmp(text_of(json_object_get(paused, "request"), "method"), "HEAD") == 0)
        return EXCHANGE_NONE;
    if (strncasecmp(type, "text/event-stream", 17) == 0 || strncasecmp(type, "video/", 6) == 0 ||
        strncasecmp(type, "audio/", 6) == 0 ||
        strncasecmp(type, "multipart/x-mixed-replace", 25) == 0)
        return EXCHANGE_OMITTED;
    if (strtoll(header_of(headers, "content-length"), NULL, 10) > BODY_MAX)
        return EXCHANGE_OMITTED;
    return EXCHANGE_WANTED;
}

static void write_date(char ret_date[DATE])
{
    const upp_ms now = upp_real_now();
    const time_t seconds = (time_t)(now / UPP_SECOND);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    const size_t n = strftime(ret_date, DATE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_date + n, DATE - n, ".%03dZ", (int)(now % UPP_SECOND));
}

/* RFC 9562 §5.4. */
static void write_uuid(char ret_uuid[UUID])
{
    uint8_t b[16];
    char hex[33];
    randombytes_buf(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    sodium_bin2hex(hex, sizeof hex, b, sizeof b);
    snprintf(ret_uuid, UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

int exchange_info(warc_writer *w, const char *agent)
{
    UPP_AUTO(buf_done) buf body = { 0 };
    char date[DATE], uuid[UUID];
    warc_place place;
    write_date(date);
    write_uuid(uuid);
    const warc_info_fields fields = { .software = "uppsikt-capture " UPP_VERSION,
                                      .operator_name = "uppsikt",
                                      .user_agent = agent };
    UPP_TRY(warc_info(&fields, &body));
    const warc_record record = { .type = WARC_INFO,
                                 .date = date,
                                 .uuid = uuid,
                                 .filename = "page.warc.gz",
                                 .body = buf_bytes(&body) };
    return warc_write(w, &record, &place);
}

/* The wire's own codings and lengths do not fit the bytes that we have. */
static bool of_the_wire(const char *name)
{
    return strcasecmp(name, "content-encoding") == 0 ||
           strcasecmp(name, "transfer-encoding") == 0 || strcasecmp(name, "content-length") == 0;
}

/* Several values of one field (Set-Cookie) come joined by newlines: a line each. */
static int put_header(buf *out, const char *name, const char *value)
{
    while (true) {
        const size_t n = strcspn(value, "\r\n");
        UPP_TRY(buf_printf(out, "%s%s: %.*s\r\n", of_the_wire(name) ? "x-orig-" : "", name, (int)n,
                           value));
        value += n;
        value += strspn(value, "\r\n");
        if (!*value)
            return 0;
    }
}

static int response_head(const json_t *paused, size_t body_bytes, buf *out)
{
    size_t i = 0;
    const json_t *row = NULL;
    UPP_TRY(buf_printf(out, "HTTP/1.1 %" PRId64 " %s\r\n",
                       (int64_t)json_integer_value(json_object_get(paused, "responseStatusCode")),
                       text_of(paused, "responseStatusText")));
    json_array_foreach(json_object_get(paused, "responseHeaders"), i, row)
    {
        UPP_TRY(put_header(out, text_of(row, "name"), text_of(row, "value")));
    }
    return buf_printf(out, "content-length: %zu\r\n\r\n", body_bytes);
}

static int request_head(const json_t *request, buf *out)
{
    const char *url = text_of(request, "url");
    const char *slashes = strstr(url, "://");
    const char *authority = slashes ? slashes + 3 : url;
    const size_t n = strcspn(authority, "/?#");
    const char *path = authority + n;
    const char *name = NULL;
    json_t *value = NULL;
    UPP_TRY(buf_printf(out, "%s %s%.*s HTTP/1.1\r\nHost: %.*s\r\n", text_of(request, "method"),
                       *path == '/' ? "" : "/", (int)strcspn(path, "#"), path, (int)n, authority));
    json_t *headers = json_object_get(request, "headers");
    json_object_foreach(headers, name, value)
    {
        UPP_TRY(put_header(out, name, json_is_string(value) ? json_string_value(value) : ""));
    }
    return buf_put(out, "\r\n", 2);
}

static int decode(upp_bytes body, bool base64, buf *out)
{
    size_t got = 0;
    if (!base64)
        return buf_put(out, body.at, body.len);
    UPP_TRY(buf_grow(out, body.len / 4 * 3 + 3));
    if (sodium_base642bin(out->at, out->len, (const char *)body.at, body.len, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return UPP_E_INPUT;
    out->len = got;
    return 0;
}

int exchange_write(warc_writer *w, const json_t *paused, upp_bytes body, bool base64)
{
    UPP_AUTO(buf_done) buf bytes = { 0 };
    UPP_AUTO(buf_done) buf answer = { 0 };
    UPP_AUTO(buf_done) buf asked = { 0 };
    const json_t *request = json_object_get(paused, "request");
    const char *posted = text_of(request, "postData");
    char url[8192];
    char date[DATE], response_id[UUID], request_id[UUID];
    warc_place place;
    const size_t url_bytes = strcspn(text_of(request, "url"), "#");
    if (url_bytes >= sizeof url)
        return 1;
    snprintf(url, sizeof url, "%.*s", (int)url_bytes, text_of(request, "url"));
    write_date(date);
    write_uuid(response_id);
    write_uuid(request_id);
    const int decoded = decode(body, base64, &bytes);
    if (decoded == UPP_E_INPUT)
        return 1;
    UPP_TRY(decoded);
    UPP_TRY(response_head(paused, bytes.len, &answer));
    UPP_TRY(request_head(request, &asked));
    const warc_record response = { .type = WARC_RESPONSE,
                                   .target_uri = url,
                                   .date = date,
                                   .uuid = response_id,
                                   .http_head = buf_bytes(&answer),
                                   .body = buf_bytes(&bytes) };
    const warc_record question = {
        .type = WARC_REQUEST,
        .target_uri = url,
        .date = date,
        .uuid = request_id,
        .concurrent_to = response_id,
        .http_head = buf_bytes(&asked),
        .body = { (const uint8_t *)posted, strlen(posted) },
    };
    const int wrote = warc_write(w, &response, &place);
    if (wrote == UPP_E_INPUT)
        return 1;
    UPP_TRY(wrote);
    const int second = warc_write(w, &question, &place);
    return second == UPP_E_INPUT ? 1 : second;
}
