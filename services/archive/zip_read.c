/* zip_read.c - reads the directory of a zip and its entries, and says what is wrong with them. */
#include "zip_form.h"

#include "manifest.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define DIRECTORY_MAX ((uint64_t)16 << 20)

void zip_done(zip *z)
{
    for (size_t i = 0; i < z->n; i++)
        free(z->entries[i].path);
    free(z->entries);
    *z = (zip){ 0 };
}

typedef struct reading {
    const source *in;
    const char *path;
    bool own_form;
    complaints *to;
    uint64_t from; /* of the directory */
    uint64_t bytes;
    size_t entries;
} reading;

/* The end lies in the last 22 bytes, or before a comment of at most 65,535. 1: found. */
static int find_end(reading *r)
{
    const uint64_t most = ZIP_END + (r->own_form ? 0 : 65535U);
    const size_t n = (size_t)(r->in->bytes < most ? r->in->bytes : most);
    const uint64_t start = r->in->bytes - n;
    uint8_t piece[ZIP_END + 65535U];
    UPP_TRY(source_read(r->in, start, piece, n));
    for (size_t back = ZIP_END; back <= n; back++) {
        const uint8_t *at = piece + n - back;
        if (zip_number(at, 4) != 0x06054b50 || zip_number(at + 20, 2) != back - ZIP_END)
            continue;
        const uint64_t end = start + n - back;
        r->entries = (size_t)zip_number(at + 10, 2);
        r->bytes = zip_number(at + 12, 4);
        r->from = zip_number(at + 16, 4);
        if (r->bytes > DIRECTORY_MAX || r->from + r->bytes > end)
            break;
        uint8_t own[ZIP_END];
        zip_end_head((unsigned)r->entries, r->from, r->bytes, own);
        if (r->own_form && (memcmp(own, at, ZIP_END) != 0 || r->from + r->bytes != end))
            complain(r->to, r->path, end, "the end of the zip is not as it was written");
        return 1;
    }
    complain(r->to, r->path, r->in->bytes, "no zip: its end is not there");
    return 0;
}

/* Looks at the local header and finds where the data begin. 1; 0: complained of. */
static int find_data(reading *r, zip_entry *e)
{
    uint8_t local[ZIP_LOCAL];
    uint8_t own[ZIP_LOCAL];
    UPP_AUTO(buf_done) buf name = { 0 };
    const size_t len = strlen(e->path);
    if (e->head + ZIP_LOCAL + len > r->from) {
        complain(r->to, e->path, e->head, "the entry lies outside the zip");
        return 0;
    }
    UPP_TRY(source_read(r->in, e->head, local, sizeof(local)));
    e->at = e->head + ZIP_LOCAL + zip_number(local + 26, 2) + zip_number(local + 28, 2);
    if (zip_number(local, 4) != 0x04034b50 || e->at + e->packed > r->from) {
        complain(r->to, e->path, e->head, "the entry lies outside the zip");
        return 0;
    }
    UPP_TRY(buf_grow(&name, len));
    UPP_TRY(source_read(r->in, e->head + ZIP_LOCAL, name.at, len));
    if (zip_number(local + 26, 2) != len || memcmp(name.at, e->path, len) != 0 ||
        zip_number(local + 8, 2) != e->method)
        complain(r->to, e->path, e->head, "the entry's header is not that of the directory");
    zip_local_head(e, own);
    if (r->own_form && memcmp(own, local, ZIP_LOCAL) != 0)
        complain(r->to, e->path, e->head, "the entry's header is not as it was written");
    return 1;
}

/* Other programs have entries for their folders, too: a path that ends in a slash, without data. */
static bool inside(const reading *r, const zip_entry *e)
{
    const size_t len = strlen(e->path);
    if (r->own_form || len < 2 || e->path[len - 1] != '/' || e->bytes > 0)
        return path_inside(e->path);
    e->path[len - 1] = '\0';
    const bool good = path_inside(e->path);
    e->path[len - 1] = '/';
    return good;
}

static void judge(reading *r, const zip_entry *e)
{
    if (!inside(r, e))
        complain(r->to, e->path, e->head, "the path does not stay inside");
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED)
        complain(r->to, e->path, e->head, "neither stored nor deflated");
    if (e->method == ZIP_STORED && e->packed != e->bytes)
        complain(r->to, e->path, e->head, "stored, but its two lengths differ");
}

/* One row of the directory at `at`; gives how long it is. 1; 0: complained of. */
static int read_row(reading *r, zip *z, const uint8_t *at, size_t left, size_t *ret_len)
{
    uint8_t own[ZIP_DIRECTORY];
    const size_t len = left >= ZIP_DIRECTORY ? (size_t)zip_number(at + 28, 2) : 0;
    const size_t more =
        left >= ZIP_DIRECTORY ? (size_t)(zip_number(at + 30, 2) + zip_number(at + 32, 2)) : 0;
    if (left < ZIP_DIRECTORY + len + more || zip_number(at, 4) != 0x02014b50 ||
        memchr(at + ZIP_DIRECTORY, 0, len)) {
        complain(r->to, r->path, r->from, "the directory of the zip is broken");
        return 0;
    }
    zip_entry e = { .method = (uint16_t)zip_number(at + 10, 2),
                    .crc = (uint32_t)zip_number(at + 16, 4),
                    .packed = zip_number(at + 20, 4),
                    .bytes = zip_number(at + 24, 4),
                    .mode = (uint16_t)zip_number(at + 40, 2),
                    .head = zip_number(at + 42, 4) };
    e.path = strndup((const char *)at + ZIP_DIRECTORY, len);
    if (!e.path)
        return UPP_E_BUSY;
    judge(r, &e);
    z->entries[z->n++] = e; /* zip_done() frees the path from now on */
    zip_directory_head(&e, own);
    if (r->own_form && memcmp(own, at, ZIP_DIRECTORY) != 0)
        complain(r->to, e.path, e.head, "the directory's row is not as it was written");
    *ret_len = ZIP_DIRECTORY + len + more;
    return find_data(r, &z->entries[z->n - 1]);
}

static int by_path(const void *a, const void *b)
{
    return strcmp((*(const zip_entry *const *)a)->path, (*(const zip_entry *const *)b)->path);
}

/* A stranger's zip may have 65,535 entries: they are sorted, not compared each with each. */
static int look_for_twins(reading *r, const zip *z)
{
    const zip_entry **sorted = malloc((z->n + 1) * sizeof *sorted);
    if (!sorted)
        return UPP_E_BUSY;
    for (size_t i = 0; i < z->n; i++)
        sorted[i] = &z->entries[i];
    if (z->n > 0)
        qsort(sorted, z->n, sizeof *sorted, by_path);
    for (size_t i = 1; i < z->n; i++)
        if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
            complain(r->to, sorted[i]->path, sorted[i]->head, "the path is there twice");
    free(sorted);
    return 0;
}

/* Ours lie one behind the other, from the first byte to the directory. */
static void look_for_gaps(reading *r, const zip *z)
{
    uint64_t next = 0;
    for (size_t i = 0; i < z->n; i++) {
        if (z->entries[i].head != next)
            complain(r->to, z->entries[i].path, next, "bytes that belong to no entry");
        next = z->entries[i].at + z->entries[i].packed;
    }
    if (next != r->from)
        complain(r->to, r->path, next, "bytes that belong to no entry");
}

static int read_part(void *ctx, uint64_t at, void *ret_bytes, size_t n)
{
    const zip_part *part = ctx;
    return source_read(part->in, part->from + at, ret_bytes, n);
}

int zip_read(const source *in, const char *path, bool own_form, complaints *to, zip *ret_zip)
{
    UPP_AUTO(zip_done) zip z = { .in = in };
    reading r = { .in = in, .path = path, .own_form = own_form, .to = to };
    const int found = find_end(&r);
    if (found <= 0)
        return found;
    z.entries = calloc(r.entries + 1, sizeof(*z.entries));
    if (!z.entries)
        return UPP_E_BUSY;
    UPP_AUTO(buf_done) buf directory = { 0 };
    zip_part part = { in, r.from };
    const source rows = { read_part, &part, r.bytes };
    UPP_TRY(source_all(&rows, (size_t)DIRECTORY_MAX, &directory));
    UPP_TRY(buf_grow(&directory, 0)); /* so that there is memory also where there is no row */
    size_t at = 0;
    int more = found;
    while (more > 0 && z.n < r.entries) {
        size_t len = 0;
        more = read_row(&r, &z, directory.at + at, directory.len - at, &len);
        at += len;
    }
    if (more <= 0)
        return more;
    UPP_TRY(look_for_twins(&r, &z));
    if (own_form)
        look_for_gaps(&r, &z);
    if (at != directory.len)
        complain(to, path, r.from + at, "the directory is longer than its entries");
    *ret_zip = z;
    z = (zip){ 0 }; /* the caller's now */
    return 1;
}

const zip_entry *zip_find(const zip *z, const char *path)
{
    for (size_t i = 0; i < z->n; i++) {
        if (strcmp(z->entries[i].path, path) == 0)
            return &z->entries[i];
    }
    return NULL;
}

source zip_stored(const zip *z, const zip_entry *entry, zip_part *ret_part)
{
    *ret_part = (zip_part){ z->in, entry->at };
    return (source){ read_part, ret_part, entry->packed };
}

static int into_crc(void *ctx, const void *bytes, size_t n)
{
    uint32_t *crc = ctx;
    *crc = (uint32_t)crc32_z(*crc, bytes, n);
    return 0;
}

int zip_check_stored(const zip *z, const zip_entry *entry, complaints *to)
{
    zip_part part;
    uint32_t crc = 0;
    const source in = zip_stored(z, entry, &part);
    const sink sum = { into_crc, &crc };
    UPP_TRY(source_copy(&in, &sum));
    if (crc != entry->crc)
        complain(to, entry->path, entry->at, "the sum of the zip (CRC-32) is wrong");
    return 0;
}

/* false: the data are not one deflate stream of that many bytes. */
static bool inflate_all(const buf *in, buf *out, uint64_t bytes)
{
    z_stream z = { 0 };
    if (inflateInit2(&z, -15) != Z_OK)
        return false;
    z.next_in = in->at;
    z.avail_in = (uInt)in->len;
    z.next_out = out->at;
    z.avail_out = (uInt)bytes;
    const int rc = inflate(&z, Z_FINISH);
    const bool whole = rc == Z_STREAM_END && z.avail_in == 0 && z.total_out == bytes;
    (void)inflateEnd(&z);
    return whole;
}

int zip_unpack(const zip *z, const zip_entry *entry, size_t most, complaints *to, buf *out)
{
    UPP_AUTO(buf_done) buf packed = { 0 };
    UPP_AUTO(buf_done) buf plain = { 0 };
    zip_part part;
    if (entry->packed > most || entry->bytes > most) {
        complain(to, entry->path, entry->head, "longer than is read");
        return 0;
    }
    const source in = zip_stored(z, entry, &part);
    UPP_TRY(source_all(&in, most, &packed));
    if (entry->method == ZIP_DEFLATED) {
        UPP_TRY(buf_grow(&plain, (size_t)entry->bytes));
        if (!inflate_all(&packed, &plain, entry->bytes)) {
            complain(to, entry->path, entry->at, "the deflated data are broken");
            return 0;
        }
    }
    const buf *got = entry->method == ZIP_DEFLATED ? &plain : &packed;
    if ((uint32_t)crc32_z(0, got->at, got->len) != entry->crc) {
        complain(to, entry->path, entry->at, "the sum of the zip (CRC-32) is wrong");
        return 0;
    }
    UPP_TRY(buf_put(out, got->at, got->len));
    return 1;
}
