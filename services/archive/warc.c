/* warc.c - writes WARC 1.1, one gzip member a record. */
#include "warc.h"

#include "fixity.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define LEVEL 6 /* zlib's own middle; fixed, so that the bytes are */

/* One line: a control character in a field could forge another field. */
static bool line_ok(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static bool uuid_ok(const char *uuid)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        const bool hex = uuid[i] && strchr("0123456789abcdef", uuid[i]);
        if (shape[i] == 'x' ? !hex : uuid[i] != '-')
            return false;
    }
    return uuid[sizeof(shape) - 1] == 0;
}

static bool ends_empty(upp_bytes head)
{
    return head.len >= 4 && memcmp(head.at + head.len - 4, "\r\n\r\n", 4) == 0;
}

/* The block's type; NULL where the record is not of its type's form. */
static const char *content_type_of(const warc_record *r)
{
    const bool http = r->type == WARC_REQUEST || r->type == WARC_RESPONSE;
    if (http != (r->http_head.len > 0) || (http && !ends_empty(r->http_head)))
        return NULL;
    switch (r->type) {
    case WARC_INFO:
        return r->content_type ? NULL : "application/warc-fields";
    case WARC_REQUEST:
        return r->content_type ? NULL : "application/http; msgtype=request";
    case WARC_RESPONSE:
        return r->content_type ? NULL : "application/http; msgtype=response";
    case WARC_RESOURCE:
    case WARC_METADATA:
        return r->content_type;
    case WARC_REVISIT:
    case WARC_CONVERSION:
    case WARC_CONTINUATION:
    case WARC_OTHER:
        return NULL; /* we make none of these */
    }
    return NULL;
}

static bool record_ok(const warc_record *r)
{
    const bool info = r->type == WARC_INFO;
    const char *texts[] = { r->target_uri, r->filename, r->protocol, r->content_type };
    for (size_t i = 0; i < UPP_LEN(texts); i++) {
        if (texts[i] && (!*texts[i] || !line_ok(texts[i])))
            return false;
    }
    return content_type_of(r) && r->date && warc_date_ok(r->date) && r->uuid && uuid_ok(r->uuid) &&
           (!r->concurrent_to || uuid_ok(r->concurrent_to)) && info == !r->target_uri &&
           (info || !r->filename) && (r->type == WARC_RESPONSE || !r->protocol);
}

static int field(buf *head, const char *name, const char *value)
{
    return value ? buf_printf(head, "%s: %s\r\n", name, value) : 0;
}

static int make_head(const warc_record *r, const char *payload, const char *block, buf *head)
{
    UPP_TRY(buf_printf(head, "WARC/1.1\r\nWARC-Type: %s\r\n", warc_type_word(r->type)));
    UPP_TRY(field(head, "WARC-Target-URI", r->target_uri));
    UPP_TRY(field(head, "WARC-Date", r->date));
    UPP_TRY(buf_printf(head, "WARC-Record-ID: <urn:uuid:%s>\r\n", r->uuid));
    if (r->concurrent_to)
        UPP_TRY(buf_printf(head, "WARC-Concurrent-To: <urn:uuid:%s>\r\n", r->concurrent_to));
    if (r->type != WARC_INFO)
        UPP_TRY(buf_printf(head, "WARC-Payload-Digest: sha256:%s\r\n", payload));
    UPP_TRY(buf_printf(head, "WARC-Block-Digest: sha256:%s\r\n", block));
    UPP_TRY(field(head, "WARC-Protocol", r->protocol));
    UPP_TRY(field(head, "WARC-Filename", r->filename));
    UPP_TRY(field(head, "Content-Type", content_type_of(r)));
    return buf_printf(head, "Content-Length: %" PRIu64 "\r\n\r\n",
                      (uint64_t)r->http_head.len + r->body.len);
}

static void deflate_done(z_stream **z)
{
    (void)deflateEnd(*z);
}

/* Deflates `in` into `out`; `flush` Z_FINISH ends the member. */
static int squeeze(z_stream *z, upp_bytes in, int flush, buf *out)
{
    uint8_t piece[16384];
    size_t done = 0;
    int rc = Z_OK;
    do {
        const size_t left = in.len - done;
        const uInt n = left < (1U << 30) ? (uInt)left : (1U << 30);
        union {
            const uint8_t *in;
            uint8_t *out;
        } at = { in.at ? in.at + done : piece }; /* zlib only reads next_in */
        z->next_in = at.out;
        z->avail_in = n;
        const bool last = done + n == in.len;
        do {
            z->next_out = piece;
            z->avail_out = sizeof(piece);
            rc = deflate(z, last ? flush : Z_NO_FLUSH);
            upp_check(rc != Z_STREAM_ERROR);
            UPP_TRY(buf_put(out, piece, sizeof(piece) - z->avail_out));
        } while (z->avail_out == 0);
        upp_check(z->avail_in == 0);
        done += n;
    } while (done < in.len);
    upp_check(flush != Z_FINISH || rc == Z_STREAM_END);
    return 0;
}

/* The gzip header is fixed: no name, no time, system 255 (unknown; RFC 1952, 2.3.1). */
static int make_member(const upp_bytes *parts, size_t n, buf *out)
{
    z_stream z = { 0 };
    gz_header plain = { .os = 255 };
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return UPP_E_BUSY;
    UPP_AUTO(deflate_done) z_stream *zp = &z;
    upp_check(deflateSetHeader(zp, &plain) == Z_OK);
    for (size_t i = 0; i < n; i++)
        UPP_TRY(squeeze(zp, parts[i], i + 1 < n ? Z_NO_FLUSH : Z_FINISH, out));
    return 0;
}

int warc_write(warc_writer *w, const warc_record *record, warc_place *ret_place)
{
    warc_place place = { .offset = w->at };
    char block[FIXITY_HEX];
    UPP_AUTO(buf_done) buf head = { 0 };
    UPP_AUTO(buf_done) buf member = { 0 };
    if (!record_ok(record))
        return UPP_E_INPUT;
    fixity_of((upp_bytes){ 0 }, record->body, place.payload_sha256);
    fixity_of(record->http_head, record->body, block);
    UPP_TRY(make_head(record, place.payload_sha256, block, &head));
    const upp_bytes end = { (const uint8_t *)"\r\n\r\n", 4 };
    const upp_bytes parts[] = { buf_bytes(&head), record->http_head, record->body, end };
    UPP_TRY(make_member(parts, UPP_LEN(parts), &member));
    UPP_TRY(sink_put(&w->out, member.at, member.len));
    place.length = member.len;
    w->at += member.len;
    *ret_place = place;
    return 0;
}

int warc_info(const warc_info_fields *fields, buf *out)
{
    if (!line_ok(fields->software) || !line_ok(fields->operator_name) ||
        !line_ok(fields->user_agent))
        return UPP_E_INPUT;
    return buf_printf(out,
                      "software: %s\r\nformat: WARC File Format 1.1\r\n"
                      "conformsTo: https://iipc.github.io/warc-specifications/specifications/"
                      "warc-format/warc-1.1/\r\noperator: %s\r\nhttp-header-user-agent: %s\r\n",
                      fields->software, fields->operator_name, fields->user_agent);
}
