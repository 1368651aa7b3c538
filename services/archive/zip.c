/* zip.c - writes the zip file that a WACZ is, in one form. */
#include "zip_form.h"

#include "manifest.h"

#include <string.h>
#include <zlib.h>

#define LEVEL       6
#define ENTRIES_MAX 65534U

void zip_writer_done(zip_writer *w)
{
    buf_done(&w->directory);
}

static int into_crc(void *ctx, const void *bytes, size_t n)
{
    uint32_t *crc = ctx;
    *crc = (uint32_t)crc32_z(*crc, bytes, n);
    return 0;
}

static int deflate_all(const buf *in, buf *out)
{
    z_stream z = { 0 };
    uint8_t piece[16384];
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return UPP_E_BUSY;
    z.next_in = in->at;
    z.avail_in = (uInt)in->len;
    int put_rc = 0;
    int rc = Z_OK;
    while (rc == Z_OK && put_rc == 0) {
        z.next_out = piece;
        z.avail_out = sizeof(piece);
        rc = deflate(&z, Z_FINISH);
        put_rc = buf_put(out, piece, sizeof(piece) - z.avail_out);
    }
    (void)deflateEnd(&z);
    upp_check(put_rc < 0 || rc == Z_STREAM_END);
    return put_rc;
}

static int add(zip_writer *w, zip_entry *entry, const source *packed)
{
    uint8_t local[ZIP_LOCAL];
    uint8_t row[ZIP_DIRECTORY];
    const size_t len = strlen(entry->path);
    entry->packed = packed->bytes;
    zip_local_head(entry, local);
    zip_directory_head(entry, row);
    UPP_TRY(buf_put(&w->directory, row, sizeof(row)));
    UPP_TRY(buf_put(&w->directory, entry->path, len));
    UPP_TRY(sink_put(&w->out, local, sizeof(local)));
    UPP_TRY(sink_put(&w->out, entry->path, len));
    UPP_TRY(source_copy(packed, &w->out));
    w->at += sizeof(local) + len + packed->bytes;
    w->entries++;
    return 0;
}

int zip_add(zip_writer *w, const char *path, enum zip_method method, const source *content)
{
    UPP_AUTO(buf_done) buf plain = { 0 };
    UPP_AUTO(buf_done) buf packed = { 0 };
    const size_t len = strlen(path);
    zip_entry entry = {
        .path = upp_lend(path), .head = w->at, .bytes = content->bytes, .method = (uint16_t)method
    };
    const uint64_t most = ZIP_MAX / 2; /* leaves room for what deflate adds to the incompressible */
    if (!path_inside(path) || len > UINT16_MAX || content->bytes > most ||
        w->at + content->bytes + len > most || w->entries >= ENTRIES_MAX)
        return UPP_E_INPUT;
    const sink sum = { into_crc, &entry.crc };
    UPP_TRY(source_copy(content, &sum));
    if (method == ZIP_STORED)
        return add(w, &entry, content);
    UPP_TRY(source_all(content, (size_t)most, &plain));
    UPP_TRY(deflate_all(&plain, &packed));
    const upp_bytes bytes = buf_bytes(&packed);
    const source from = source_of(&bytes);
    return add(w, &entry, &from);
}

int zip_end(zip_writer *w)
{
    uint8_t end[ZIP_END];
    zip_end_head(w->entries, w->at, w->directory.len, end);
    UPP_TRY(sink_put(&w->out, w->directory.at, w->directory.len));
    return sink_put(&w->out, end, sizeof(end));
}
