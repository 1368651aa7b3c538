/* browser_fixture.c - the process, the port, the wait. */
#include "browser_fixture.h"
#include "browser.h"
#include "capture_port.h"
#include "healthcheck.h"
#include "keys.h"
#include "suite_clock.h"
#include "upp/bus.h"
#include "upp/log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const upp_ms start_span = 40 * UPP_SECOND, stop_span = 15 * UPP_SECOND;

static void under(const desk_fixture *f, const char *name, char ret_path[PATH_MAX])
{
    assert_true(snprintf(ret_path, PATH_MAX, "%.3900s/%s", f->folder, name) < PATH_MAX);
}

static void done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *msg,
                 upp_ms after_span)
{
    desk_fixture *f = self;
    assert_true(id > 0 && id < DESK_ANSWERS);
    answer *a = &f->answers[id];
    assert_false(a->came);
    *a = (answer){ .came = true, .fate = fate, .after_span = after_span };
    if (msg) {
        const size_t n = protobuf_c_message_get_packed_size(msg);
        uint8_t *packed = malloc(n + 1);
        assert_non_null(packed);
        protobuf_c_message_pack(msg, packed);
        a->page = uppsikt__page_captured__unpack(NULL, n, packed);
        free(packed);
        assert_non_null(a->page);
    }
}

void desk_without(desk_fixture *f, const char *asker, const char *patience)
{
    static const char *const peers[] = { "capture", "evidence", "ingest" };
    static capture_place config; /* the port's, for its life */
    static upp_place place;
    static char run[PATH_MAX], keys[PATH_MAX];
    *f = (desk_fixture){ .folder = "/tmp/upp-desk-XXXXXX" };
    upp_log_open("test");
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(chmod(f->folder, 0755), 0);
    static const char *const folders[] = { "keys", "data", "data/objects", "run" };
    for (size_t i = 0; i < UPP_LEN(folders); i++) {
        char path[PATH_MAX];
        under(f, folders[i], path);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    under(f, "keys", keys);
    under(f, "run", run);
    under(f, "data/objects", f->objects);
    for (size_t i = 0; i < UPP_LEN(peers); i++)
        assert_int_equal(upp_keys_make(keys, peers[i]), 0);
    config = (capture_place){ .where = "ipc",
                              .patience_span = strtoll(patience, NULL, 10) * UPP_SECOND };
    place = (upp_place){ .run = run, .keys = keys, .peer = asker };
    f->loop = hand_loop_new(done, f);
    hand_loop_place(f->loop, f->objects, &place);
    f->port = upp_capture_port.open(f->loop, &config);
    assert_non_null(f->port);
}

static void become(const desk_fixture *f, const char *const *environment)
{
    static const char *const names[] = { "UPPSIKT_RUN=%s/run", "UPPSIKT_KEYS=%s/keys",
                                         "UPPSIKT_CAPTURE_USER=nobody",
                                         "UPPSIKT_CAPTURE_PRIVATE_ADDRESSES=yes",
                                         "UPPSIKT_LOG=text" };
    static char text[16][PATH_MAX + 64];
    size_t n = 0;
    char log[PATH_MAX];
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        const char *gap = strstr(names[i], "%s");
        snprintf(text[n], sizeof text[n], "%.*s%s%s", gap ? (int)(gap - names[i]) : 200, names[i],
                 gap ? f->folder : "", gap ? gap + 2 : "");
        assert_int_equal(putenv(text[n++]), 0);
    }
    for (; environment && *environment; environment++) {
        snprintf(text[n], sizeof text[n], "%s", *environment);
        assert_int_equal(putenv(text[n++]), 0);
    }
    under(f, "log", log);
    const int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
        execl(UPP_CAPTURE, UPP_CAPTURE, (char *)NULL);
    _exit(127);
}

const char *desk_says(desk_fixture *f, const char *path)
{
    static char text[64 * 1024];
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    char request[200];
    size_t n = 0;
    ssize_t got = 0;
    snprintf(at.sun_path, sizeof at.sun_path, "%.80s/run/capture.ops", f->folder);
    text[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
        const int len =
            snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: here\r\n\r\n", path);
        if (send(fd, request, (size_t)len, MSG_NOSIGNAL) == len)
            while ((got = recv(fd, text + n, sizeof text - 1 - n, 0)) > 0)
                n += (size_t)got;
    }
    close(fd);
    text[n] = '\0';
    return text;
}

static bool has_started(void *ctx)
{
    return strstr(desk_says(ctx, "/startupz"), " 200 ") != NULL;
}

static bool until(upp_ms span, bool (*met)(void *ctx), void *ctx)
{
    const upp_ms end = upp_steady_now() + span;
    while (!met(ctx)) {
        if (upp_steady_now() > end)
            return false;
        (void)poll(NULL, 0, 10); /* between two looks at a condition with a deadline */
    }
    return true;
}

void desk_start(desk_fixture *f, const char *const *environment)
{
    f->pid = fork();
    assert_true(f->pid >= 0);
    if (f->pid == 0)
        become(f, environment);
    assert_true(until(start_span, has_started, f));
}

void desk_up(desk_fixture *f, const char *const *environment)
{
    desk_without(f, "evidence", "15");
    desk_start(f, environment);
    assert_non_null(strstr(desk_says(f, "/readyz"), "\"ready\":true"));
}

static bool has_ended(void *ctx)
{
    desk_fixture *f = ctx;
    int status = 0;
    if (f->pid > 0 && waitpid(f->pid, &status, WNOHANG) == f->pid) {
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        f->pid = 0;
    }
    return f->pid == 0;
}

void desk_down(desk_fixture *f)
{
    upp_capture_port.close(f->port);
    if (f->pid > 0) {
        assert_int_equal(kill(f->pid, SIGTERM), 0);
        assert_true(until(stop_span, has_ended, f));
    }
    for (size_t i = 0; i < DESK_ANSWERS; i++)
        if (f->answers[i].page)
            uppsikt__page_captured__free_unpacked(f->answers[i].page, NULL);
    hand_loop_free(f->loop);
    browser_remove(f->folder);
}

void desk_ask(desk_fixture *f, int64_t id, const Uppsikt__CapturePage *page)
{
    answer *a = &f->answers[id];
    if (a->page)
        uppsikt__page_captured__free_unpacked(a->page, NULL);
    *a = (answer){ 0 };
    upp_capture_port.start(
        f->port, &(upp_asked){ .id = id, .key = "key", .attempt = 1, .request = &page->base });
}

static bool has_come(void *ctx)
{
    return ((answer *)ctx)->came;
}

answer *desk_wait(desk_fixture *f, int64_t id, upp_ms patience)
{
    if (!hand_loop_until(f->loop, patience, has_come, &f->answers[id]))
        fail_msg("no answer in time; the port said: %s", hand_loop_said(f->loop));
    return &f->answers[id];
}

const Uppsikt__PageCaptured *desk_get(desk_fixture *f, const Uppsikt__CapturePage *page)
{
    desk_ask(f, 1, page);
    const answer *a = desk_wait(f, 1, 120 * UPP_SECOND);
    if (a->fate != UPP_DONE)
        fail_msg("fate %d: %s", (int)a->fate, hand_loop_said(f->loop));
    return a->page;
}

char *desk_file(const desk_fixture *f, const char *name, size_t *ret_n)
{
    char path[PATH_MAX];
    struct stat st = { 0 };
    snprintf(path, sizeof path, "%.3900s/%s", f->objects, name);
    FILE *file = fopen(path, "rbe");
    if (!file || fstat(fileno(file), &st) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    char *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    *ret_n = fread(bytes, 1, (size_t)st.st_size, file);
    assert_int_equal(*ret_n, st.st_size);
    bytes[*ret_n] = '\0';
    fclose(file);
    return bytes;
}

char *desk_pdf_text(const desk_fixture *f, const char *name)
{
    char from[PATH_MAX], to[PATH_MAX];
    size_t n = 0;
    int status = -1;
    snprintf(from, sizeof from, "%.3900s/%s", f->objects, name);
    snprintf(to, sizeof to, "%.3900s/text", f->objects);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execlp("pdftotext", "pdftotext", "-enc", "UTF-8", from, to, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return desk_file(f, "text", &n);
}

const Uppsikt__CapturedFile *desk_has(const Uppsikt__PageCaptured *page, const char *name)
{
    for (size_t i = 0; i < page->n_files; i++)
        if (strcmp(page->files[i]->name, name) == 0)
            return page->files[i];
    return NULL;
}

/* The last process of which field `field` of /proc/<pid>/stat after its name (3: parent, 4: group)
 * is `of`, and whose command line has `word`. */
static pid_t process_of(int field, pid_t of, const char *word)
{
    pid_t found = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (const struct dirent *at = readdir(proc); at; at = readdir(proc)) {
        char path[64], line[4096];
        if (at->d_name[0] < '1' || at->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/stat", at->d_name);
        FILE *file = fopen(path, "re");
        char *end = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
        if (file)
            fclose(file);
        if (!end || strlen(end) < 5 || end[2] == 'Z')
            continue;
        end += 4;
        for (int i = 3; i < field; i++)
            (void)strtoll(end, &end, 10);
        if (strtoll(end, NULL, 10) != of)
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/cmdline", at->d_name);
        file = fopen(path, "re");
        const size_t n = file ? fread(line, 1, sizeof line - 1, file) : 0;
        if (file)
            fclose(file);
        for (size_t i = 0; i < n; i++)
            line[i] = line[i] ? line[i] : ' ';
        line[n] = '\0';
        if (strstr(line, word))
            found = (pid_t)strtoll(at->d_name, NULL, 10);
    }
    closedir(proc);
    return found;
}

pid_t desk_browser(const desk_fixture *f)
{
    return process_of(3, f->pid, "");
}

pid_t desk_renderer(pid_t of)
{
    return process_of(4, of, "--type=renderer");
}

int64_t desk_pss_bytes(pid_t pid)
{
    char path[64], line[256];
    int64_t bytes = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Pss:", 4) == 0)
            bytes = strtoll(line + 4, NULL, 10) * 1024;
    fclose(file);
    return bytes;
}
