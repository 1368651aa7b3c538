/* port_build_wacz.c - the replayable file of a capture, from the WARC that the browser's visit
 * gave (capture.md 9). */
#include "cdxj.h"
#include "package_text.h"
#include "port_build.h"
#include "wacz.h"
#include "warc_check.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

enum { HTTP_HEAD = 32 * 1024, TEXT_MAX = 4 << 20, ROWS_MAX = 20000 };

typedef struct response {
    char *url, *date;
    char mime[128], sha256[65];
    int status;
    uint64_t offset, length;
} response;

typedef struct visit {
    response *list;
    size_t n;
    bool full;
} visit;

static void visit_done(visit *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->list[i].url);
        free(v->list[i].date);
    }
    free(v->list);
}

static void on_record(void *ctx, const warc_seen *seen)
{
    visit *v = ctx;
    if (seen->head->type != WARC_RESPONSE || !seen->payload_digest || v->full ||
        strncmp(seen->head->target_uri, "http", 4) != 0)
        return;
    v->full = v->n == ROWS_MAX;
    if (v->full)
        return;
    if ((v->n & (v->n - 1)) == 0) {
        v->list = realloc(v->list, (v->n ? 2 * v->n : 1) * sizeof *v->list);
        upp_check(v->list);
    }
    response *r = &v->list[v->n++];
    *r = (response){ .url = strdup(seen->head->target_uri),
                     .date = strdup(seen->head->date),
                     .offset = seen->offset,
                     .length = seen->length };
    upp_check(r->url && r->date);
    snprintf(r->sha256, sizeof r->sha256, "%s", strchr(seen->payload_digest, ':') + 1);
}

/* "Content-Type: text/html; charset=utf-8" */
static void read_mime(const char *head, response *r)
{
    for (const char *line = head; (line = strstr(line, "\r\n")); line += 2) {
        if (strncasecmp(line + 2, "content-type:", 13) != 0)
            continue;
        line += 15;
        line += strspn(line, " \t");
        const size_t n = strcspn(line, "; \t\r\n");
        if (n > 0 && n < sizeof r->mime)
            snprintf(r->mime, sizeof r->mime, "%.*s", (int)n, line);
        return;
    }
}

/* The start of the answer's own head: it follows the record's. */
static bool read_http(const source *in, response *r)
{
    uint8_t raw[HTTP_HEAD];
    char plain[HTTP_HEAD + 1];
    const size_t n = r->length < sizeof raw ? (size_t)r->length : sizeof raw;
    z_stream z = { 0 };
    if (source_read(in, r->offset, raw, n) < 0 || inflateInit2(&z, 31) != Z_OK)
        return false;
    z.next_in = raw;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)plain;
    z.avail_out = HTTP_HEAD;
    (void)inflate(&z, Z_SYNC_FLUSH); /* the checker has seen that it is whole */
    const size_t made = HTTP_HEAD - z.avail_out;
    (void)inflateEnd(&z);
    plain[made] = '\0';
    char *http = strstr(plain, "\r\n\r\n");
    if (!http || strncmp(http + 4, "HTTP/", 5) != 0)
        return false;
    http += 4;
    char *end = strstr(http, "\r\n\r\n");
    if (end)
        end[2] = '\0';
    const char *code = strchr(http, ' ');
    r->status = code ? (int)strtol(code + 1, NULL, 10) : 0;
    snprintf(r->mime, sizeof r->mime, "application/octet-stream");
    read_mime(http, r);
    return r->status >= 100 && r->status <= 599;
}

/* -- the file -- */
static int write_fd(void *ctx, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    const int fd = *(const int *)ctx;
    while (n > 0) {
        const ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return UPP_E_STORE;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int write_file(const wacz *w, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return errno;
    const sink to = { write_fd, &fd };
    const int rc = wacz_write(w, &to);
    const bool synced = fsync(fd) == 0;
    (void)close(fd);
    if (rc == UPP_E_INPUT)
        return EINVAL;
    return rc < 0 || !synced ? EIO : folder_sync_above(path);
}

static int make_index(const source *warc, visit *v, buf *index)
{
    cdxj_row *rows = calloc(v->n + 1, sizeof *rows);
    size_t n = 0;
    upp_check(rows);
    for (size_t i = 0; i < v->n; i++) {
        response *r = &v->list[i];
        if (!read_http(warc, r))
            continue;
        rows[n++] = (cdxj_row){ r->url,       r->date,   r->mime,   r->sha256,
                                WACZ_ARCHIVE, r->status, r->offset, r->length };
    }
    const sink to = buf_sink(index);
    const int rc = n > 0 ? cdxj_write(rows, n, &to) : 1;
    free(rows);
    return rc;
}

/* The page itself: the first answer for its address, or the first of all. */
static const response *main_page(const visit *v, const char *url)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->list[i].url, url) == 0 && v->list[i].status > 0)
            return &v->list[i];
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i].status > 0)
            return &v->list[i];
    return NULL;
}

static int write_wacz(const build *b, const source *warc, const visit *v, const buf *index,
                      const buf *text, const char *path)
{
    char created[PACKAGE_TIME];
    const response *first = main_page(v, b->q->url);
    package_time(b->q->at_ms, created);
    if (!first)
        return EINVAL;
    const wacz_page page = { .id = "page1",
                             .url = first->url,
                             .title = b->q->label,
                             .date = first->date,
                             .text = text->len ? buf_text(text) : NULL,
                             .status = first->status,
                             .load_state = 4 };
    const wacz w = { .title = b->q->label,
                     .software = PACKAGE_SOFTWARE " " PACKAGE_VERSION,
                     .created = created,
                     .pages = &page,
                     .page_count = 1,
                     .archive = *warc,
                     .index = buf_bytes(index) };
    return write_file(&w, path);
}

static bool from_warc(build *b, folder_file *file, const buf *text, const char *path)
{
    const source warc = folder_source(file);
    const warc_rules rules = { 0 };
    complaints deaf = { 0 };
    warc_tally tally;
    UPP_AUTO(visit_done) visit v = { 0 };
    UPP_AUTO(buf_done) buf index = { 0 };
    if (warc_check(&warc, WACZ_ARCHIVE, &rules, &deaf, on_record, &v, &tally) < 0)
        return build_error(b, EIO, WACZ_ARCHIVE);
    if (deaf.n > 0)
        return build_refuse(b, "warc-faulty", "the WARC of the capture is faulty");
    if (v.full)
        return build_refuse(b, "warc-too-large", "the WARC of the capture has too many answers");
    if (make_index(&warc, &v, &index) != 0)
        return build_refuse(b, "warc-faulty", "the WARC of the capture has no answer to index");
    const int rc = write_wacz(b, &warc, &v, &index, text, path);
    if (rc == EINVAL)
        return build_refuse(b, "wacz-faulty", "the capture cannot be made into a WACZ");
    return rc ? build_error(b, rc, "konto.wacz") : true;
}

bool build_wacz(build *b, const char *warc, const char *text_path)
{
    char path[PATH_MAX];
    folder_file file = { 0 }, said = { 0 };
    UPP_AUTO(buf_done) buf text = { 0 };
    int rc = folder_path(b->sip, "../../konto.wacz", path); /* beside the bag, until it is whole */
    if (rc == 0)
        rc = folder_file_at(warc, &file);
    if (rc)
        return build_error(b, rc, "konto.wacz");
    if (text_path && folder_file_at(text_path, &said) == 0) {
        const source in = folder_source(&said);
        if (source_all(&in, TEXT_MAX, &text) < 0)
            text.len = 0; /* only for search; the file itself is in the package */
    }
    const bool good =
        from_warc(b, &file, &text, path) &&
        build_link(b, path, "representations/rep1/data/konto.wacz", "application/wacz");
    folder_file_done(&file);
    folder_file_done(&said);
    rc = good ? folder_remove(path) : 0;
    return rc ? build_error(b, rc, "konto.wacz") : good;
}
