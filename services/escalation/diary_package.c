/* diary_package.c - the zip and its manifest. */
#include "diary_package.h"
#include "zip_form.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* CRC-32 of ISO 3309, as a zip wants it. Bit by bit: a package is small, and zlib would lie in
 * memory for it. */
static uint32_t crc_of(const buf *b)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < b->len; i++) {
        crc ^= b->at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

typedef struct zipped {
    buf *out;
    buf directory;
    unsigned entries;
} zipped;

static void zipped_done(zipped *z)
{
    buf_done(&z->directory);
}

static int add(zipped *z, const char *path, const buf *content)
{
    uint8_t local[ZIP_LOCAL], row[ZIP_DIRECTORY];
    const zip_entry e = { .path = upp_lend(path),
                          .head = z->out->len,
                          .packed = content->len,
                          .bytes = content->len,
                          .crc = crc_of(content),
                          .method = ZIP_STORED };
    zip_local_head(&e, local);
    zip_directory_head(&e, row);
    z->entries++;
    UPP_TRY(buf_put(&z->directory, row, sizeof row));
    UPP_TRY(buf_put(&z->directory, path, strlen(path)));
    UPP_TRY(buf_put(z->out, local, sizeof local));
    UPP_TRY(buf_put(z->out, path, strlen(path)));
    return buf_put(z->out, content->at, content->len);
}

static int sum(const char *path, const buf *content, buf *manifest)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256(hash, content->at, content->len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return buf_printf(manifest, "%s  %s\n", hex, path);
}

int diary_package(const diary_case *c, buf *out)
{
    static const char html_name[] = "handling.html", json_name[] = "handling.json";
    UPP_AUTO(buf_done) buf html = { 0 };
    UPP_AUTO(buf_done) buf json = { 0 };
    UPP_AUTO(buf_done) buf manifest = { 0 };
    UPP_AUTO(zipped_done) zipped z = { .out = out };
    uint8_t end[ZIP_END];
    UPP_TRY(diary_html(c, &html));
    UPP_TRY(diary_json(c, &json));
    UPP_TRY(sum(html_name, &html, &manifest));
    UPP_TRY(sum(json_name, &json, &manifest));
    UPP_TRY(add(&z, html_name, &html));
    UPP_TRY(add(&z, json_name, &json));
    UPP_TRY(add(&z, "manifest-sha256.txt", &manifest));
    zip_end_head(z.entries, out->len, z.directory.len, end);
    UPP_TRY(buf_put(out, z.directory.at, z.directory.len));
    return buf_put(out, end, sizeof end);
}
