/* bag_check.c - checks all files that lie in a bag: sums, counts, missing, extra (RFC 8493, 3). */
#include "bag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TAG_MAX     ((size_t)64 << 20) /* a longer manifest than that is not read */
#define MANIFEST    "manifest-sha256.txt"
#define TAGMANIFEST "tagmanifest-sha256.txt"

static const char *const tag_file[] = { "bag-info.txt", "bagit.txt", MANIFEST };

static const bag_file *find(const bag_file *files, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    }
    return NULL;
}

/* 1: read; 0: told that it is not there or too long. */
static int read_tag(const bag_file *files, size_t n, const char *path, complaints *to, buf *out)
{
    const bag_file *file = find(files, n, path);
    if (!file || file->content.bytes > TAG_MAX) {
        complain(to, path, 0, file ? "too long to be read" : "missing");
        return 0;
    }
    UPP_TRY(source_all(&file->content, TAG_MAX, out));
    return 1;
}

static int load(const bag_file *files, size_t n, const char *path, complaints *to, manifest *ret_m)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    const int got = read_tag(files, n, path, to, &text);
    return got > 0 ? manifest_read(buf_bytes(&text), path, to, ret_m) : got;
}

static bool in_data(const char *path)
{
    return strncmp(path, "data/", 5) == 0;
}

/* Which rows of `m` have no file is found by counting: `files` has no path twice (looked at
 * before). */
static int check_files(const bag_file *files, size_t n, const manifest *payload,
                       const manifest *tags, complaints *to)
{
    for (size_t i = 0; i < n; i++) {
        const char *path = files[i].path;
        char sum[FIXITY_HEX];
        if (strcmp(path, TAGMANIFEST) == 0)
            continue; /* its own sum is nowhere; whoever seals the package keeps it */
        const manifest_row *row = manifest_find(in_data(path) ? payload : tags, path);
        if (!row) {
            complain(to, path, 0, "extra: in no manifest");
            continue;
        }
        UPP_TRY(fixity_of_source(&files[i].content, sum));
        if (strcmp(sum, row->sha256) != 0)
            complain(to, path, 0, "the sum is wrong");
    }
    return 0;
}

static void check_missing(const bag_file *files, size_t n, const manifest *m, const char *name,
                          complaints *to)
{
    for (size_t i = 0; i < m->n; i++) {
        if (in_data(m->rows[i].path) != (strcmp(name, MANIFEST) == 0))
            complain(to, name, 0, "a row that belongs in the other manifest");
        if (!find(files, n, m->rows[i].path))
            complain(to, m->rows[i].path, 0, "missing: in %s", name);
    }
}

static int check_info(const bag_file *files, size_t n, complaints *to)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    UPP_AUTO(buf_done) buf line = { 0 };
    uint64_t bytes = 0;
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (in_data(files[i].path)) {
            bytes += files[i].content.bytes;
            count++;
        }
    }
    UPP_TRY(buf_printf(&line, "\nPayload-Oxum: %" PRIu64 ".%" PRIu64 "\n", bytes, count));
    const int got = read_tag(files, n, "bag-info.txt", to, &text);
    if (got <= 0)
        return got;
    const char *at = strstr(buf_text(&text), "\nPayload-Oxum: ");
    if (!at)
        complain(to, "bag-info.txt", 0, "no Payload-Oxum");
    else if (strncmp(at, buf_text(&line), line.len) != 0)
        complain(to, "bag-info.txt", (uint64_t)(at + 1 - buf_text(&text)),
                 "Payload-Oxum is not the %" PRIu64 " bytes of %" PRIu64 " files", bytes, count);
    return 0;
}

static int check_bagit(const bag_file *files, size_t n, complaints *to)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    const int got = read_tag(files, n, "bagit.txt", to, &text);
    if (got > 0 &&
        strcmp(buf_text(&text), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n") != 0)
        complain(to, "bagit.txt", 0, "it does not say BagIt 1.0 in UTF-8");
    return got < 0 ? got : 0;
}

static void check_paths(const bag_file *files, size_t n, complaints *to)
{
    for (size_t i = 0; i < n; i++) {
        if (!path_inside(files[i].path))
            complain(to, files[i].path, 0, "the path does not stay inside the bag");
        if (find(files, n, files[i].path) != &files[i])
            complain(to, files[i].path, 0, "the path is there twice");
    }
}

int bag_check(const bag_file *files, size_t n, complaints *to)
{
    UPP_AUTO(manifest_done) manifest payload = { 0 };
    UPP_AUTO(manifest_done) manifest tags = { 0 };
    check_paths(files, n, to);
    UPP_TRY(check_bagit(files, n, to));
    UPP_TRY(check_info(files, n, to));
    UPP_TRY(load(files, n, MANIFEST, to, &payload));
    UPP_TRY(load(files, n, TAGMANIFEST, to, &tags));
    for (size_t i = 0; i < UPP_LEN(tag_file); i++) {
        if (!manifest_find(&tags, tag_file[i]))
            complain(to, TAGMANIFEST, 0, "no row of %s", tag_file[i]);
    }
    check_missing(files, n, &payload, MANIFEST, to);
    check_missing(files, n, &tags, TAGMANIFEST, to);
    return check_files(files, n, &payload, &tags, to);
}
