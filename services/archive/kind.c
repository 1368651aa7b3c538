/* kind.c - what a file that was handed in is, and whether it may be kept as it is. */
#include "kind.h"
#include "zip.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* What a reader of the package must expect; RATIO_MAX is that of B3. */
enum { HEAD = 4096, ENTRIES_MAX = 20000, RATIO_MAX = 100, SMALL = 64 * 1024 };
#define UNPACKED_MAX ((uint64_t)8 << 30)
#define LINK_BITS    0xa000U /* S_IFLNK of the mode that unix zips carry */
#define TYPE_BITS    0xf000U

static bool begins(const uint8_t *head, size_t n, const char *with, size_t len)
{
    return n >= len && memcmp(head, with, len) == 0;
}

/* Whether the first `n` bytes hold `word`, whatever its letters' case. */
static bool holds(const uint8_t *head, size_t n, const char *word)
{
    const size_t len = strlen(word);
    for (size_t i = 0; i + len <= n; i++)
        if (strncasecmp((const char *)head + i, word, len) == 0)
            return true;
    return false;
}

static bool ends(const char *path, const char *with)
{
    const size_t n = strlen(path), len = strlen(with);
    return n >= len && strcasecmp(path + n - len, with) == 0;
}

/* An archive inside an archive: only what a WACZ is made of. */
static bool nested(const zip_entry *e, bool wacz)
{
    static const char *const names[] = { ".zip", ".7z", ".rar", ".tar", ".tgz",
                                         ".gz",  ".xz", ".bz2", ".zst", ".wacz" };
    if (wacz && strncmp(e->path, "archive/", 8) == 0 && ends(e->path, ".warc.gz"))
        return false;
    if (wacz && strncmp(e->path, "indexes/", 8) == 0 && ends(e->path, ".cdx.gz"))
        return false;
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (ends(e->path, names[i]))
            return true;
    return false;
}

static const char *why_not(const zip *z, bool wacz)
{
    uint64_t unpacked = 0;
    if (z->n == 0 || z->n > ENTRIES_MAX)
        return "zip-too-many-files";
    for (size_t i = 0; i < z->n; i++) {
        const zip_entry *e = &z->entries[i];
        unpacked += e->bytes;
        if ((e->mode & TYPE_BITS) == LINK_BITS)
            return "zip-link";
        if (nested(e, wacz))
            return "zip-nested";
        if (e->bytes > SMALL && e->bytes / RATIO_MAX > e->packed)
            return "zip-bomb";
    }
    return unpacked > UNPACKED_MAX ? "zip-too-large" : NULL;
}

static int kind_of_zip(const source *in, const char **ret_mime, const char **ret_why)
{
    complaints deaf = { 0 };
    zip z = { 0 };
    const int rc = zip_read(in, "", false, &deaf, &z);
    if (rc < 0)
        return rc;
    if (rc == 0 || deaf.n > 0) {
        *ret_why = "zip-faulty";
    } else {
        const bool wacz = zip_find(&z, "datapackage.json") && zip_find(&z, "pages/pages.jsonl");
        *ret_mime = wacz ? "application/wacz" : "application/zip";
        *ret_why = why_not(&z, wacz);
    }
    if (rc > 0)
        zip_done(&z);
    return *ret_why ? 1 : 0;
}

/* The first bytes of what is gzipped: a WARC is its only kind that is taken. */
static bool gzip_is_warc(const uint8_t *head, size_t n)
{
    uint8_t plain[16] = { 0 };
    z_stream z = { .next_in = (Bytef *)(uintptr_t)head, .avail_in = (uInt)n };
    if (inflateInit2(&z, 31) != Z_OK)
        return false;
    z.next_out = plain;
    z.avail_out = sizeof plain;
    (void)inflate(&z, Z_SYNC_FLUSH); /* what came of it is looked at */
    const size_t made = sizeof plain - z.avail_out;
    (void)inflateEnd(&z);
    return begins(plain, made, "WARC/1.", 7);
}

static const char *kind_of_text(const uint8_t *head, size_t n)
{
    if (memchr(head, 0, n))
        return NULL;
    if (holds(head, n, "MIME-Version:") && holds(head, n, "multipart/related"))
        return "multipart/related";
    if (holds(head, n, "<!doctype html") || holds(head, n, "<html"))
        return "text/html";
    return NULL;
}

int kind_of(const source *in, const char **ret_mime, const char **ret_why)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *mime;
    } rows[] = {
        { "\x89PNG\r\n\x1a\n", 8, "image/png" },
        { "\xff\xd8\xff", 3, "image/jpeg" },
        { "%PDF-", 5, "application/pdf" },
        { "WARC/1.", 7, "application/warc" },
    };
    uint8_t head[HEAD];
    const size_t n = in->bytes < HEAD ? (size_t)in->bytes : HEAD;
    *ret_mime = *ret_why = NULL;
    UPP_TRY(source_read(in, 0, head, n));
    if (begins(head, n, "PK\x03\x04", 4))
        return kind_of_zip(in, ret_mime, ret_why);
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (begins(head, n, rows[i].bytes, rows[i].len))
            *ret_mime = rows[i].mime;
    if (!*ret_mime && begins(head, n, "\x1f\x8b", 2) && gzip_is_warc(head, n))
        *ret_mime = "application/warc";
    if (!*ret_mime)
        *ret_mime = kind_of_text(head, n);
    if (!*ret_mime)
        *ret_why = "file-kind-unknown";
    return *ret_mime ? 0 : 1;
}
