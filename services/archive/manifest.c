/* manifest.c - lists of files and their SHA-256, as sha256sum writes and reads them. */
#include "manifest.h"

#include <stdlib.h>
#include <string.h>

void manifest_done(manifest *m)
{
    free(m->rows);
    free(m->text);
    *m = (manifest){ 0 };
}

bool path_inside(const char *path)
{
    if (!*path || *path == '/')
        return false;
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
            return false;
    }
    for (const char *part = path;; part += strcspn(part, "/") + 1) {
        const size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && memcmp(part, "..", 2) == 0))
            return false;
        if (!part[n])
            return true;
    }
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const manifest_row *)a)->path, ((const manifest_row *)b)->path);
}

int manifest_sort(manifest_row *rows, size_t n)
{
    if (n > 0)
        qsort(rows, n, sizeof(*rows), by_path);
    for (size_t i = 0; i < n; i++) {
        if (!path_inside(rows[i].path) || (i > 0 && strcmp(rows[i - 1].path, rows[i].path) == 0))
            return UPP_E_INPUT;
    }
    return 0;
}

int manifest_write(const manifest_row *rows, size_t n, const sink *out)
{
    UPP_AUTO(buf_done) buf text = { 0 };
    for (size_t i = 0; i < n; i++)
        UPP_TRY(buf_printf(&text, "%s  %s\n", rows[i].sha256, rows[i].path));
    return sink_put(out, text.at, text.len);
}

/* One line, cut from its neighbours; false when it is not `<hex>  <path>`. */
static bool read_row(char *line, manifest_row *ret_row)
{
    const size_t hex = FIXITY_HEX - 1;
    if (strlen(line) < hex + 3 || line[hex] != ' ' || line[hex + 1] != ' ')
        return false;
    line[hex] = 0;
    if (!fixity_well_formed(line) || !path_inside(line + hex + 2))
        return false;
    manifest_row row = { .path = line + hex + 2 };
    memcpy(row.sha256, line, FIXITY_HEX);
    *ret_row = row;
    return true;
}

static size_t lines_in(upp_bytes text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.at[i] == '\n' ? 1 : 0;
    return n;
}

int manifest_read(upp_bytes text, const char *path, complaints *to, manifest *ret_manifest)
{
    UPP_AUTO(manifest_done) manifest m = { 0 };
    m.text = malloc(text.len + 1);
    m.rows = calloc(lines_in(text) + 1, sizeof(*m.rows));
    if (!m.text || !m.rows)
        return UPP_E_BUSY;
    if (text.len > 0)
        memcpy(m.text, text.at, text.len);
    m.text[text.len] = 0;
    for (size_t at = 0; at < text.len;) {
        char *end = memchr(m.text + at, '\n', text.len - at);
        const size_t start = at;
        if (!end) {
            complain(to, path, at, "the last line does not end");
            break;
        }
        *end = 0;
        at = (size_t)(end - m.text) + 1;
        manifest_row row;
        if (strlen(m.text + start) != at - start - 1 || !read_row(m.text + start, &row))
            complain(to, path, start, "the line is no sum and path");
        else if (m.n > 0 && strcmp(m.rows[m.n - 1].path, row.path) >= 0)
            complain(to, path, start, "the line is out of order or stands twice");
        else
            m.rows[m.n++] = row;
    }
    *ret_manifest = m;
    m = (manifest){ 0 }; /* the caller's now */
    return 0;
}

const manifest_row *manifest_find(const manifest *m, const char *path)
{
    const manifest_row wanted = { .path = path };
    return m->n > 0 ? bsearch(&wanted, m->rows, m->n, sizeof(wanted), by_path) : NULL;
}
