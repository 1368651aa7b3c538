/* browser.c - Chromium as a child over --remote-debugging-pipe (capture.md §11). */
#include "browser.h"
#include "suite_clock.h"
#include "upp/log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const upp_ms start_span = 30 * UPP_SECOND, close_span = 3 * UPP_SECOND;
enum { FLAG = 512, FLAGS_MAX = 40, LOG_LOOK = 64 * 1024 };

const char *browser_state_words(enum browser_state state)
{
    static const char *const words[] = {
        [BROWSER_READY] = "",
        [BROWSER_MISSING] = "the browser is missing: apt-get install chromium chromium-sandbox",
        [BROWSER_SANDBOX] = ("the browser cannot make its sandbox here: allow user namespaces or "
                             "install chromium-sandbox; or, knowing what it means, sandbox: no"),
        [BROWSER_FAILED] = "the browser does not start; the log has its last words",
    };
    return words[state];
}

const char *browser_state_reason(enum browser_state state)
{
    static const char *const reasons[] = {
        [BROWSER_READY] = NULL,
        [BROWSER_MISSING] = "browser_missing",
        [BROWSER_SANDBOX] = "sandbox_refused",
        [BROWSER_FAILED] = "browser_failed",
    };
    return reasons[state];
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
    (void)st;
    (void)flag;
    (void)walk;
    (void)remove(path); /* what stays is tried again at the next start */
    return 0;
}

void browser_remove(const char *folder)
{
    if (folder[0])
        (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* -- its command line -- */
typedef struct flags {
    char text[FLAGS_MAX][FLAG];
    char *argv[FLAGS_MAX + 2];
    size_t n;
} flags;

UPP_PRINTF(2, 3) static void add(flags *f, const char *fmt, ...)
{
    va_list args;
    upp_check(f->n < FLAGS_MAX);
    va_start(args, fmt);
    const int n = vsnprintf(f->text[f->n], FLAG, fmt, args);
    va_end(args);
    upp_check(n > 0 && n < FLAG);
    f->argv[f->n] = f->text[f->n];
    f->n++;
}

static void write_flags(const browser *b, flags *f)
{
    static const char *const fixed[] = {
        "--headless=new",
        "--remote-debugging-pipe",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--disable-gpu",
        "--hide-scrollbars",
        "--mute-audio",
        "--force-color-profile=srgb",
        ("--disable-features=Translate,MediaRouter,OptimizationHints,"
         "AutofillServerCommunication,DialMediaRouteProvider,NetworkPrediction"),
        "--password-store=basic",
        "--disable-quic",
        "--dns-prefetch-disable",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--no-pings",
        "--metrics-recording-only",
        "--disable-breakpad",
        "--disable-dev-shm-usage",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-file-system",
        "--disk-cache-size=1048576",
        "--font-render-hinting=none",
    };
    add(f, "%s", b->config->browser);
    for (size_t i = 0; i < UPP_LEN(fixed); i++)
        add(f, "%s", fixed[i]);
    add(f, "--user-data-dir=%.480s", b->profile);
    add(f, "--lang=%.32s", b->config->language);
    if (!b->config->sandbox)
        add(f, "--no-sandbox");
    if (b->config->proxy)
        add(f, "--proxy-server=%.200s", b->config->proxy);
    else
        add(f, "--proxy-server=socks5://127.0.0.1:%u", (unsigned)egress_port(b->egress));
    add(f, "--proxy-bypass-list=<-loopback>");
    add(f, "about:blank");
}

/* After fork, in the new process; does not come back. Only what is safe there is called. */
static _Noreturn void become(const browser *b, flags *f, int in, int out, int log, pid_t parent)
{
    char home[PATH_MAX + 16], temporary[PATH_MAX + 16];
    char *environment[] = { home, temporary, upp_lend("PATH=/usr/bin:/bin"),
                            upp_lend("LANG=C.UTF-8"), NULL };
    sigset_t none;
    sigemptyset(&none);
    snprintf(home, sizeof home, "HOME=%s", b->profile);
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", b->profile);
    const int nothing = open("/dev/null", O_RDONLY);
    /* Out of the way first: 3 and 4 may be ends of our own. */
    const int from = fcntl(in, F_DUPFD, 10);
    const int to = fcntl(out, F_DUPFD, 10);
    const int errors = fcntl(log, F_DUPFD, 10);
    if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
        sigprocmask(SIG_SETMASK, &none, NULL) != 0 || signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
        dup2(nothing, 0) < 0 || dup2(errors, 1) < 0 || dup2(errors, 2) < 0 || dup2(from, 3) < 0 ||
        dup2(to, 4) < 0)
        _exit(126);
    const struct rlimit core = { 0, 0 };
    const struct rlimit file = { (rlim_t)1 << 30, (rlim_t)1 << 30 };
    if (setrlimit(RLIMIT_CORE, &core) != 0 || setrlimit(RLIMIT_FSIZE, &file) != 0)
        _exit(126);
    for (int fd = 5; fd < 256; fd++)
        (void)close(fd);
    execve(b->config->browser, f->argv, environment);
    _exit(errno == ENOENT ? 127 : 126);
}

static int pipe_ends(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    for (size_t i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return 0;
}

static bool launch(browser *b)
{
    int in[2], out[2];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/browser.log", b->work);
    const int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log < 0 || pipe_ends(in) != 0)
        return false;
    if (pipe_ends(out) != 0) {
        close(in[0]);
        close(in[1]);
        close(log);
        return false;
    }
    flags *f = calloc(1, sizeof *f);
    upp_check(f != NULL);
    write_flags(b, f);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become(b, f, in[0], out[1], log, parent);
    free(f);
    close(in[0]);
    close(out[1]);
    close(log);
    if (pid < 0) {
        close(in[1]);
        close(out[0]);
        return false;
    }
    b->pid = pid;
    b->cdp = cdp_new(out[0], in[1], b->stop);
    return true;
}

/* -- its life -- */
static bool reaped(browser *b)
{
    if (!b->reaped && b->pid > 0)
        b->reaped = waitpid(b->pid, NULL, WNOHANG) == b->pid;
    return b->reaped;
}

static bool wait_gone(browser *b, upp_ms span)
{
    const upp_ms until = upp_steady_now() + span;
    while (!reaped(b)) {
        if (upp_steady_now() >= until)
            return false;
        (void)poll(NULL, 0, 10); /* between two looks at waitpid, which has no descriptor */
    }
    return true;
}

void browser_end(browser *b)
{
    if (b->pid > 0) {
        if (b->cdp && !reaped(b) && !b->mute) {
            cdp_listen(b->cdp, NULL, NULL);
            cdp_forget(b->cdp);
            cdp_send(b->cdp, "", "Browser.close", NULL);
            (void)cdp_wait(b->cdp, upp_steady_now() + close_span, NULL,
                           NULL); /* until it is gone */
        }
        (void)kill(-b->pid, SIGKILL); /* the group outlives its leader when one of it hangs */
        if (!wait_gone(b, close_span))
            upp_log(UPP_ERROR, NULL, "the browser's process %d does not end", (int)b->pid);
    }
    cdp_free(b->cdp);
    egress_free(b->egress);
    browser_remove(b->profile);
    b->egress = NULL;
    b->cdp = NULL;
    b->pid = 0;
    b->mute = b->reaped = false;
    b->jobs = 0;
    b->profile[0] = '\0';
}

/* Why it did not start, by what it wrote. What that was goes to the log: it is Chromium's own. */
static enum browser_state cause(const browser *b)
{
    char path[PATH_MAX];
    char *text = calloc(1, LOG_LOOK);
    upp_check(text != NULL);
    snprintf(path, sizeof path, "%s/browser.log", b->work);
    FILE *file = fopen(path, "re");
    const size_t n = file ? fread(text, 1, LOG_LOOK - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = '\0';
    const bool sandbox = strstr(text, "andbox") || strstr(text, "namespace");
    const char *last = "";
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\n");
        const bool more = *end == '\n';
        *end = '\0';
        if (*line && !strstr(line, "dbus") && (!strstr(last, "FATAL") || strstr(line, "FATAL")))
            last = line;
        line = more ? end + 1 : end;
    }
    upp_log(UPP_ERROR, NULL, "the browser has not started: %.300s", last);
    free(text);
    return sandbox ? BROWSER_SANDBOX : BROWSER_FAILED;
}

static void keep_text(const json_t *from, const char *name, char *to, size_t n)
{
    const char *text = json_string_value(json_object_get(from, name));
    snprintf(to, n, "%s", text ? text : "");
}

static enum browser_state start(browser *b)
{
    if (access(b->config->browser, X_OK) != 0)
        return BROWSER_MISSING;
    snprintf(b->profile, sizeof b->profile, "%.4000s/profile-XXXXXX", b->work);
    if (!mkdtemp(b->profile)) {
        b->profile[0] = '\0';
        upp_log(UPP_ERROR, NULL, "the browser's profile cannot be made: %s", strerror(errno));
        return BROWSER_FAILED;
    }
    const upp_ms began = upp_steady_now();
    json_t *version = NULL;
    if (!b->config->proxy)
        b->egress = egress_new(b->config->private_addresses);
    if ((!b->egress && !b->config->proxy) || !launch(b)) {
        browser_end(b);
        return BROWSER_FAILED;
    }
    const enum cdp_end end =
        cdp_call(b->cdp, "", "Browser.getVersion", NULL, began + start_span, &version);
    if (end != CDP_DONE) {
        const enum browser_state state = cause(b);
        browser_end(b);
        return state;
    }
    keep_text(version, "product", b->product, sizeof b->product);
    keep_text(version, "userAgent", b->agent, sizeof b->agent);
    json_decref(version);
    upp_log(UPP_INFO, NULL, "the browser has started in %lld ms: %s%s",
            (long long)(upp_steady_now() - began), b->product,
            b->config->sandbox ? "" : ", WITHOUT its sandbox");
    return BROWSER_READY;
}

static bool lives(browser *b)
{
    b->mute = reaped(b) || cdp_call(b->cdp, "", "Browser.getVersion", NULL,
                                    upp_steady_now() + close_span, NULL) != CDP_DONE;
    return !b->mute;
}

enum browser_state browser_ready(browser *b)
{
    if (b->pid > 0) {
        const int64_t memory = browser_memory(b);
        const char *why = b->jobs >= b->config->jobs_per_browser ? "it has done its jobs"
                          : memory > b->config->memory_bytes     ? "it holds too much memory"
                          : !lives(b)                            ? "it does not answer"
                                                                 : NULL;
        if (!why)
            return BROWSER_READY;
        upp_log(UPP_INFO, NULL, "a fresh browser: %s (%lld jobs, %lld MiB)", why,
                (long long)b->jobs, (long long)(memory >> 20));
        browser_end(b);
    }
    return start(b);
}

/* -- its memory -- */
static bool in_group(const char *pid, pid_t group)
{
    char path[64], line[512];
    long long parent = 0;
    long long of = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    const bool read = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    /* After the name in brackets, which may hold anything: state, parent, group. */
    const char *after = read ? strrchr(line, ')') : NULL;
    char *end = NULL;
    if (!after || strlen(after) < 5)
        return false;
    parent = strtoll(after + 4, &end, 10);
    of = strtoll(end, NULL, 10);
    (void)parent;
    return of == group;
}

static int64_t own_bytes(const char *pid)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%.20s/statm", pid);
    FILE *file = fopen(path, "re");
    const bool read = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    char *end = line;
    if (!read)
        return 0;
    (void)strtoll(line, &end, 10); /* its address space */
    const long long resident = strtoll(end, &end, 10);
    const long long shared = strtoll(end, NULL, 10);
    return (int64_t)(resident - shared) * sysconf(_SC_PAGESIZE);
}

int64_t browser_memory(const browser *b)
{
    int64_t bytes = 0;
    DIR *proc = b->pid > 0 ? opendir("/proc") : NULL;
    for (const struct dirent *at = proc ? readdir(proc) : NULL; at; at = readdir(proc))
        if (at->d_name[0] >= '1' && at->d_name[0] <= '9' && in_group(at->d_name, b->pid))
            bytes += own_bytes(at->d_name);
    if (proc)
        closedir(proc);
    return bytes;
}
