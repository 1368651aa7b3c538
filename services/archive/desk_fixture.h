/* desk_fixture.h - the service with its ports on a real folder, joined by hand; the test is the
 * browser. The including file defines _GNU_SOURCE (nftw, memmem). */
#pragma once
#include "../../tests/fakes/hand_loop.h"
#include "archive_fixture.h"
#include "fixity.h"
#include "package_check.h"
#include "package_fixture.h"
#include "port_folder.h"
#include "upp/port.h"
#include "zip.h"
#include <fcntl.h>
#include <ftw.h>
#include <nettle/sha2.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern const upp_port upp_archive_intake_port, upp_archive_package_port;
extern char **environ;

#define XSD UPP_ROOT "/../shared/data/xsd"

/* The service and its ports, joined by hand; the browser is the test. */
typedef struct desk {
    bench *b;
    upp_loop *loop;
    void *intake, *packer;
    char root[64], folder[96], objects[96];
    size_t said_wrong;
    char wrong[512]; /* what a checker said last */
} desk;

static inline void hear_done(void *self, int64_t id, enum upp_fate fate,
                             const ProtobufCMessage *answer, upp_ms after_span)
{
    desk *d = self;
    (void)after_span;
    for (size_t i = 0; i < d->b->n_asks; i++)
        if (d->b->asks[i].id == id) {
            bench_answer(d->b, i, fate, answer);
            return;
        }
}

static inline int set_up(void **state)
{
    desk *d = calloc(1, sizeof *d);
    upp_check(d);
    snprintf(d->root, sizeof d->root, "/tmp/upp-archive-XXXXXX");
    assert_non_null(mkdtemp(d->root));
    snprintf(d->folder, sizeof d->folder, "%s/archive", d->root);
    snprintf(d->objects, sizeof d->objects, "%s/objects", d->root);
    assert_int_equal(mkdir(d->objects, 0700), 0);
    d->b = bench_open(&upp_archive_service);
    archive_config *config = d->b->config;
    config->folder = d->folder;
    config->schemas = access(XSD "/mets.xsd", R_OK) == 0 ? XSD : NULL;
    bench_restart(d->b);
    bench_wait(d->b, DECEMBER - d->b->now);
    fix_found(d->b);
    bench_skip(d->b);
    d->loop = hand_loop_new(hear_done, d);
    hand_loop_place(d->loop, d->objects, NULL);
    d->intake = upp_archive_intake_port.open(d->loop, config);
    d->packer = upp_archive_package_port.open(d->loop, config);
    *state = d;
    return 0;
}

static inline int take_away(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline int tear_down(void **state)
{
    desk *d = *state;
    upp_archive_intake_port.close(d->intake);
    upp_archive_package_port.close(d->packer);
    hand_loop_free(d->loop);
    bench_close(d->b);
    assert_int_equal(nftw(d->root, take_away, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(d);
    return 0;
}

/* Hands asks to the ports until none but the browser's waits. */
static inline void turn(desk *d)
{
    for (bool more = true; more;) {
        more = false;
        (void)bench_start(d->b);
        for (size_t i = 0; i < d->b->n_asks && !more; i++) {
            const bench_asked *a = &d->b->asks[i];
            const upp_asked ask = { a->id, a->key, a->attempt, a->request };
            more = strcmp(a->port, "capture") != 0;
            if (strcmp(a->port, "intake") == 0)
                upp_archive_intake_port.start(d->intake, &ask);
            else if (more)
                upp_archive_package_port.start(d->packer, &ask);
        }
    }
}

/* -- the browser -- */
static inline void sum_of(const void *bytes, size_t n, uint8_t ret_sum[32])
{
    struct sha256_ctx sum;
    sha256_init(&sum);
    sha256_update(&sum, n, bytes);
    sha256_digest(&sum, SHA256_DIGEST_SIZE, ret_sum);
}

static const struct {
    const char *name, *mime, *bytes;
} page_files[] = {
    { "page.png", "image/png", "\x89PNG\r\n\x1a\n picture" },
    { "page.pdf", "application/pdf", "%PDF-1.4 page" },
    { "page.mhtml", "multipart/related", "MIME-Version: 1.0\nContent-Type: multipart/related" },
    { "page.txt", "text/plain; charset=utf-8", "Välkommen till skolan" },
};

/* What capture writes, where it was asked to. */
static inline void visit(desk *d, Uppsikt__PageCaptured__State how)
{
    size_t i = 0;
    const Uppsikt__CapturePage *q = fix_asked(d->b, "capture", &i);
    Uppsikt__CapturedFile files[5], *list[5];
    uint8_t sums[5][32];
    UPP_AUTO(buf_done) buf warc = { 0 };
    warc_place place;
    Uppsikt__PageCaptured out = UPPSIKT__PAGE_CAPTURED__INIT;
    static const char report[] = "{\"browser\":\"Chromium 156\",\"height\":900}";
    fixture_warc(&warc, NULL, &place);
    for (size_t n = 0; n < 5; n++) {
        char path[PATH_MAX];
        const bool last = n == 4;
        const char *name = last ? "page.warc.gz" : page_files[n].name;
        const upp_bytes bytes =
            last ? buf_bytes(&warc)
                 : (upp_bytes){ (const uint8_t *)page_files[n].bytes, strlen(page_files[n].bytes) };
        assert_int_equal(folder_path(q->folder, name, path), 0);
        assert_int_equal(folder_write(path, bytes), 0);
        uppsikt__captured_file__init(&files[n]);
        sum_of(bytes.at, bytes.len, sums[n]);
        files[n].name = upp_lend(name);
        files[n].mime = upp_lend(last ? "application/warc" : page_files[n].mime);
        files[n].bytes = (int64_t)bytes.len;
        files[n].sha256 = (ProtobufCBinaryData){ 32, sums[n] };
        list[n] = &files[n];
    }
    out.id = q->id;
    out.state = how;
    out.report = (ProtobufCBinaryData){ sizeof report - 1, (uint8_t *)upp_lend(report) };
    out.files = list;
    out.n_files = how == UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK ? 5 : 0;
    bench_answer(d->b, i, UPP_DONE, &out.base);
}

/* -- looking at what came of it -- */
static inline void hear_fault(void *ctx, const char *path, uint64_t offset, const char *what)
{
    desk *d = ctx;
    snprintf(d->wrong, sizeof d->wrong, "%s at %llu: %s", path, (unsigned long long)offset, what);
}

static inline size_t faults(desk *d, const char *bag)
{
    complaints to = { hear_fault, d, 0 };
    package_tally tally;
    const char *schemas = access(XSD "/mets.xsd", R_OK) == 0 ? XSD : NULL;
    assert_int_equal(package_check(bag, schemas, &to, &tally), 0);
    assert_int_equal(tally.schemas, schemas != NULL);
    return to.n;
}

static inline int run_in(const char *where, const char *script)
{
    pid_t pid;
    int status = 0;
    char line[2 * PATH_MAX];
    snprintf(line, sizeof line, "cd '%s' && %s", where, script);
    char *const argv[] = { upp_lend("sh"), upp_lend("-c"), line, NULL };
    assert_int_equal(posix_spawnp(&pid, "sh", NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void package_of(desk *d, char ret_bag[PATH_MAX])
{
    ProtobufCMessage *said = bench_said(d->b, &uppsikt__package_sealed__descriptor, NULL, NULL);
    char name[80];
    snprintf(name, sizeof name, "packages/%s", ((Uppsikt__PackageSealed *)said)->package);
    assert_int_equal(folder_path(d->folder, name, ret_bag), 0);
    upp_msg_freep(&said);
}

static inline size_t count_files(const char *root)
{
    folder_list f = { 0 };
    assert_int_equal(folder_walk(root, &f), 0);
    const size_t n = f.n;
    folder_done(&f);
    return n;
}

static inline void seal(desk *d, char ret_run[UPP_ID])
{
    fix_account(d->b, "acc", FIX_OPEN, FIX_API, FIX_URL);
    fix_own_post(d->b, "acc", "p1", "Välkommen");
    fix_comment(d->b, "acc", "c1", "Hej å ä ö");
    bench_wait(d->b, UPP_MINUTE);
    fix_run(d->b, "acc", ret_run);
    bench_wait(d->b, 0);
    visit(d, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    turn(d);
    if (bench_number(d->b, "SELECT state FROM run") != RUN_SEALED)
        fail_msg("not sealed: %s", hand_loop_said(d->loop));
}
