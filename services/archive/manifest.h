/* manifest.h - lists of files and their SHA-256, as sha256sum writes and reads them; BagIt's
 * manifests have the same form (RFC 8493, 2.1.3). */
#pragma once
#include "complaint.h"
#include "fixity.h"
#include "stream.h"

typedef struct manifest_row {
    const char *path; /* from the folder of the manifest, `/` between names */
    uint64_t bytes;   /* not in the text; 0 in what was read */
    char sha256[FIXITY_HEX];
} manifest_row;

typedef struct manifest {
    manifest_row *rows; /* in byte order of path */
    size_t n;
    char *text; /* what the paths of a read manifest are lent from */
} manifest;

void manifest_done(manifest *m);

/* Whether `path` stays inside: not empty, not absolute, no `.` or `..` or empty part, no
 * backslash, no control character (in a manifest those need an escape that readers differ in). */
bool path_inside(const char *path);

/* Sorts `rows` by the bytes of their path. UPP_E_INPUT: two are equal, or a path does not stay
 * inside. */
UPP_MUST_USE int manifest_sort(manifest_row *rows, size_t n);
/* Writes `<hex>  <path>\n` for each row, sorted by manifest_sort() before. */
UPP_MUST_USE int manifest_write(const manifest_row *rows, size_t n, const sink *out);
/* Reads a manifest; each line that is not of that form, a path that does not stay inside, rows
 * out of order and rows that stand twice are complained of under `path`. The caller ends it with
 * manifest_done(). 0 or UPP_E_BUSY. */
UPP_MUST_USE int manifest_read(upp_bytes text, const char *path, complaints *to,
                               manifest *ret_manifest);
/* The row of `path`, NULL when there is none. */
const manifest_row *manifest_find(const manifest *m, const char *path);
