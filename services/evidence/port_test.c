/* port_test.c - the ports on a real disk and a real socket: nothing outside a record's folder is
 * touched, what is read back is what was written, nothing is fetched from where it must not be
 * (R22; B3). */
#include "evidence.h"
#include "hand_loop.h"
#include "ports.h"
#include "shelf.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct site {
    char root[64];
    upp_loop *loop;
    void *port;
    evidence_config config;
    pid_t server;
    int http; /* its port */
    bool done;
    enum upp_fate fate;
    bool kept, again;
    int64_t bytes;
    int32_t status;
    char answer[40], mime[80], failed[40], manifest[4096];
    size_t files;
    uint32_t removed;
} site;

static void hear(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                 upp_ms after_span)
{
    site *s = self;
    (void)id, (void)after_span;
    s->done = true;
    s->fate = fate;
    if (answer && answer->descriptor == &uppsikt__media_fetched__descriptor) {
        const Uppsikt__MediaFetched *m = (const Uppsikt__MediaFetched *)answer;
        s->kept = m->kept;
        s->again = m->again;
        s->bytes = m->bytes;
        s->status = m->status;
        snprintf(s->answer, sizeof s->answer, "%s", m->answer);
        snprintf(s->mime, sizeof s->mime, "%s", m->mime);
    } else if (answer && answer->descriptor == &uppsikt__record_stored__descriptor) {
        const Uppsikt__RecordStored *r = (const Uppsikt__RecordStored *)answer;
        snprintf(s->failed, sizeof s->failed, "%s", r->failed);
        snprintf(s->manifest, sizeof s->manifest, "%.*s", (int)r->manifest.len, r->manifest.data);
        s->files = r->n_stored;
    } else if (answer) {
        s->removed = ((const Uppsikt__RecordRemoved *)answer)->files;
    }
}

static bool is_done(void *ctx)
{
    return ((site *)ctx)->done;
}

static void ask(site *s, const upp_port *port, const ProtobufCMessage *request)
{
    const upp_asked asked = { .id = 1, .key = "k", .attempt = 1, .request = request };
    s->done = false;
    s->port = port->open(s->loop, &s->config);
    assert_non_null(s->port);
    port->start(s->port, &asked);
    assert_true(hand_loop_until(s->loop, 20 * UPP_SECOND, is_done, s));
    if (port->close)
        port->close(s->port);
}

static int set_up(void **state)
{
    static site s;
    memset(&s, 0, sizeof s);
    snprintf(s.root, sizeof s.root, "/tmp/upp-shelf-XXXXXX");
    assert_non_null(mkdtemp(s.root));
    s.loop = hand_loop_new(hear, &s);
    hand_loop_place(s.loop, s.root, NULL);
    s.config.media_private = true;
    *state = &s;
    return 0;
}

static void take_all_away(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        char inner[400];
        struct stat info;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%.180s/%.200s", path, e->d_name);
        if (lstat(inner, &info) == 0 && S_ISDIR(info.st_mode))
            take_all_away(inner);
        else
            assert_int_equal(unlink(inner), 0);
    }
    if (dir)
        closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

static int tear_down(void **state)
{
    site *s = *state;
    if (s->server > 0) {
        assert_int_equal(kill(s->server, SIGKILL), 0);
        assert_int_equal(waitpid(s->server, NULL, 0), s->server);
    }
    hand_loop_free(s->loop);
    take_all_away(s->root);
    return 0;
}
#define SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* -- folders -- */
static void store(site *s, const char *folder, const char *path, const char *text, int64_t offset,
                  bool last)
{
    Uppsikt__StoreRecord r = UPPSIKT__STORE_RECORD__INIT;
    Uppsikt__RecordFile f = UPPSIKT__RECORD_FILE__INIT;
    Uppsikt__RecordFile *list[] = { &f };
    f.path = upp_lend(path);
    f.offset = offset;
    f.bytes = (ProtobufCBinaryData){ strlen(text), (uint8_t *)upp_lend(text) };
    r.record = upp_lend("R");
    r.folder = upp_lend(folder);
    r.files = list;
    r.n_files = 1;
    r.last = last;
    ask(s, &upp_evidence_records, &r.base);
}

static bool is_there(const site *s, const char *path)
{
    char whole[300];
    struct stat info;
    snprintf(whole, sizeof whole, "%s/%s", s->root, path);
    return lstat(whole, &info) == 0;
}

static void put(const site *s, const char *path, const char *text)
{
    char whole[300];
    snprintf(whole, sizeof whole, "%s/%s", s->root, path);
    FILE *file = fopen(whole, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Parts follow each other; the last one reads all of it back, takes strays away, lists the rest. */
static void written_read_back_and_listed(void **state)
{
    site *s = *state;
    store(s, "2026/11/R", "media/1", "abc", 0, false);
    assert_string_equal(s->failed, "");
    assert_string_equal(s->manifest, "");
    store(s, "2026/11/R", "media/1", "zzz", 2, false); /* it does not begin where that one ended */
    assert_string_equal(s->failed, "part-missing");
    put(s, "2026/11/R/stray.bin", "x");
    put(s, "2026/11/R/media/stray", "x");
    store(s, "2026/11/R", "media/1", "def", 3, true);
    assert_string_equal(s->failed, "");
    assert_int_equal(s->files, 1);
    assert_string_equal(s->manifest,
                        "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"
                        "  media/1\n");
    assert_false(is_there(s, "2026/11/R/stray.bin"));
    assert_false(is_there(s, "2026/11/R/media/stray"));
    assert_true(is_there(s, "2026/11/R/manifest-sha256.txt"));
    store(s, "2026/11/R", "media/1", "other", 0, true); /* the same once more: begun anew */
    assert_string_equal(s->failed, "");
    Uppsikt__RemoveRecord r = UPPSIKT__REMOVE_RECORD__INIT;
    r.folder = upp_lend("2026/11/R");
    ask(s, &upp_evidence_removals, &r.base);
    assert_int_equal(s->fate, UPP_DONE);
    assert_int_equal(s->removed, 2);
    assert_false(is_there(s, "2026/11/R"));
    ask(s, &upp_evidence_removals, &r.base); /* it is gone already */
    assert_int_equal(s->fate, UPP_DONE);
    assert_int_equal(s->removed, 0);
}

static void nothing_outside_is_touched(void **state)
{
    static const char *const bad[] = { "",     "/",   "/tmp/x", "..",    "../x", "a/../../x",
                                       "a//b", "a/",  ".hid",   "a/.b",  "a\\b", "a\nb",
                                       "å",    "a b", "a/./b",  "~root", "a*b" };
    site *s = *state;
    char outside[80], link[120];
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        store(s, bad[i], "f", "x", 0, true);
        assert_string_equal(s->failed, "path-refused");
        store(s, "2026/11/R", bad[i], "x", 0, true);
        assert_string_equal(s->failed, "path-refused");
    }
    store(s, "2026/11/R", "manifest-sha256.txt", "x", 0, true);
    assert_string_equal(s->failed, "path-refused");
    /* links that somebody laid: neither followed nor written through */
    snprintf(outside, sizeof outside, "%s.out", s->root);
    assert_int_equal(mkdir(outside, 0700), 0);
    store(s, "2026/11/R", "f", "x", 0, true);
    snprintf(link, sizeof link, "%s/2026/12", s->root);
    assert_int_equal(symlink(outside, link), 0);
    store(s, "2026/12/R", "f", "x", 0, true);
    assert_string_equal(s->failed, "write-failed");
    snprintf(link, sizeof link, "%s/2026/11/R/g", s->root);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    store(s, "2026/11/R", "g", "x", 0, true);
    assert_string_equal(s->failed, "write-failed");
    Uppsikt__RemoveRecord r = UPPSIKT__REMOVE_RECORD__INIT;
    r.folder = upp_lend("2026/11/R");
    ask(s, &upp_evidence_removals, &r.base); /* the link goes, not what it leads to */
    assert_int_equal(s->fate, UPP_DONE);
    assert_int_equal(access("/etc/passwd", R_OK), 0);
    r.folder = upp_lend("..");
    ask(s, &upp_evidence_removals, &r.base);
    assert_int_equal(s->fate, UPP_LATER);
    assert_int_equal(rmdir(outside), 0); /* empty: nothing was written there */
}

/* -- attachments -- */
static void serve_one(int fd, int port)
{
    static const char big[] = "0123456789";
    char request[2048], head[300];
    const ssize_t n = read(fd, request, sizeof request - 1);
    request[n > 0 ? n : 0] = '\0';
    if (strncmp(request, "GET /ok ", 8) == 0) {
        snprintf(head, sizeof head,
                 "HTTP/1.1 200 OK\r\nContent-Type: image/png; x=y\r\n"
                 "Content-Length: 9\r\nConnection: close\r\n\r\na picture");
        (void)!write(fd, head, strlen(head));
    } else if (strncmp(request, "GET /big ", 9) == 0) { /* as much as anybody takes */
        (void)!write(fd, "HTTP/1.0 200 OK\r\n\r\n", 19);
        while (write(fd, big, 10) == 10)
            continue;
    } else if (strncmp(request, "GET /away ", 10) == 0) {
        snprintf(head, sizeof head,
                 "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/ok\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n",
                 port);
        (void)!write(fd, head, strlen(head));
    } else if (strncmp(request, "GET /file ", 10) == 0) {
        (void)!write(fd,
                     "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
                     "Content-Length: 0\r\nConnection: close\r\n\r\n",
                     88);
    } else if (strncmp(request, "GET /round ", 11) == 0) {
        (void)!write(fd,
                     "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n"
                     "Connection: close\r\n\r\n",
                     77);
    } else if (strncmp(request, "GET /cut ", 9) == 0) {
        (void)!write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 42);
    } else {
        (void)!write(fd,
                     "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n"
                     "Connection: close\r\n\r\nno!",
                     67);
    }
    close(fd);
}

static void serve(site *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof at;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    s->http = ntohs(at.sin_port);
    s->server = fork();
    assert_true(s->server >= 0);
    if (s->server > 0) {
        close(listener);
        return;
    }
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        const int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            serve_one(fd, s->http);
    }
}

static void fetch(site *s, const char *url)
{
    char whole[200];
    Uppsikt__FetchMedia f = UPPSIKT__FETCH_MEDIA__INIT;
    if (url[0] == '/')
        snprintf(whole, sizeof whole, "http://127.0.0.1:%d%s", s->http, url);
    else
        snprintf(whole, sizeof whole, "%s", url);
    f.url = whole;
    f.folder = upp_lend("2026/11/R");
    f.path = upp_lend("media/1");
    f.max_bytes = 100000;
    f.timeout_span = 10 * UPP_SECOND;
    ask(s, &upp_evidence_media, &f.base);
    assert_int_equal(s->fate, UPP_DONE);
}

static void what_may_be_fetched_is(void **state)
{
    site *s = *state;
    serve(s);
    fetch(s, "/ok");
    assert_string_equal(s->answer, "ok");
    assert_true(s->kept);
    assert_int_equal(s->bytes, 9);
    assert_string_equal(s->mime, "image/png");
    assert_true(is_there(s, "2026/11/R/media/1"));
    fetch(s, "/away");
    assert_string_equal(s->answer, "ok");
    fetch(s, "/nothing");
    assert_string_equal(s->answer, "404");
    assert_false(s->kept);
    assert_true(s->again);
    assert_int_equal(s->status, 404);
    fetch(s, "/cut");
    assert_string_equal(s->answer, "cut");
    assert_true(s->again);
    fetch(s, "/round");
    assert_string_equal(s->answer, "redirects");
}

static void what_must_not_be_fetched_is_not(void **state)
{
    static const char *const schemes[] = {
        "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "dict://127.0.0.1/x", "",
        "javascript:alert(1)"
    };
    site *s = *state;
    serve(s);
    fetch(s, "/big"); /* no length was said: it is counted as it comes */
    assert_string_equal(s->answer, "too-large");
    assert_false(s->again);
    for (size_t i = 0; i < UPP_LEN(schemes); i++) {
        fetch(s, schemes[i]);
        assert_string_equal(s->answer, "address-refused");
        assert_false(s->kept || s->again);
    }
    fetch(s, "/file");
    assert_string_equal(s->answer, "address-refused");
    s->config.media_private = false;
    fetch(s, "/ok");
    assert_string_equal(s->answer, "private-address");
    assert_false(s->kept || s->again);
    static const char *const inside[] = { "http://localhost/x",  "http://[::1]/x",
                                          "http://10.0.0.1/x",   "http://169.254.169.254/latest",
                                          "http://0x7f000001/x", "http://2130706433/x",
                                          "http://127.1/x",      "http://[::ffff:127.0.0.1]/x" };
    for (size_t i = 0; i < UPP_LEN(inside); i++) {
        fetch(s, inside[i]);
        assert_string_equal(s->answer, "private-address");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE(written_read_back_and_listed),
        SITE(nothing_outside_is_touched),
        SITE(what_may_be_fetched_is),
        SITE(what_must_not_be_fetched_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
