/* serve.c - socket and operators' HTTP as whoever started us, then the own user, then the loop. */
#include "serve.h"
#include "config.h"
#include "desk.h"
#include "drop.h"
#include "loop.h"
#include "notify.h"
#include "socket.h"
#include "upp/log.h"
#include "zap.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "uppsikt-capture-"
static const upp_ms stop_span = 6 * UPP_SECOND;

typedef struct process {
    upp_config *config;
    const capture_config *own;
    upp_suite_clock clock;
    upp_loop loop;
    bool has_loop;
    upp_keys *keys;
    upp_zap *zap;
    zsock_t *socket;
    upp_ops *ops;
    desk *desk;
    char work[4096]; /* our own folder */
    int signals;
    bool stopping, said_ready;
} process;

static void open_signals(process *p)
{
    sigset_t set;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    upp_check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    upp_check(sigaction(SIGPIPE, &ignore, NULL) == 0);
    p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    upp_check(p->signals >= 0);
}

/* -- the work folder -- */
/* What a process that was killed has left: ours, and nobody of that number lives. */
static void remove_leftovers(const char *work)
{
    DIR *folder = opendir(work);
    for (const struct dirent *at = folder ? readdir(folder) : NULL; at; at = readdir(folder)) {
        char path[4096];
        struct stat st;
        char *end = NULL;
        if (strncmp(at->d_name, FOLDER, sizeof FOLDER - 1) != 0)
            continue;
        const long long pid = strtoll(at->d_name + sizeof FOLDER - 1, &end, 10);
        const int n = snprintf(path, sizeof path, "%s/%s", work, at->d_name);
        if (pid <= 0 || *end != '-' || n < 0 || (size_t)n >= sizeof path || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && kill((pid_t)pid, 0) != 0 &&
            errno == ESRCH)
            browser_remove(path);
    }
    if (folder)
        closedir(folder);
}

static bool make_work(process *p)
{
    remove_leftovers(p->own->work);
    const int n =
        snprintf(p->work, sizeof p->work, "%s/" FOLDER "%d-XXXXXX", p->own->work, (int)getpid());
    if (n > 0 && (size_t)n < 3800 && mkdtemp(p->work))
        return true;
    upp_log(UPP_ERROR, NULL, "work: no folder can be made in %s: %s", p->own->work,
            strerror(errno));
    p->work[0] = '\0';
    return false;
}

/* -- what operators ask -- */
static void ready(void *self, upp_ops_reason *reason, void *ctx)
{
    const process *p = self;
    if (p->stopping)
        reason(ctx, "stopping", NULL);
    desk_reasons(p->desk, reason, ctx);
}

static void notes(void *self, upp_ops_reason *note, void *ctx)
{
    const process *p = self;
    desk_notes(p->desk, note, ctx);
}

static bool started(void *self)
{
    const process *p = self;
    return p->desk && desk_started(p->desk);
}

static int metrics(void *self, upp_metric_write *write, void *ctx)
{
    const process *p = self;
    desk_metrics(p->desk, write, ctx);
    upp_metric_head(write, ctx, "uppsikt_bus_denied_total", "counter",
                    "Connections that the key check refused.");
    upp_metric_row(write, ctx, "uppsikt_bus_denied_total", NULL, NULL,
                   (int64_t)upp_zap_denied(p->zap));
    return 0;
}

/* -- start -- */
static bool open_ops(process *p)
{
    char where[UPP_OPS_WHERE];
    const upp_ops_owner owner = { .self = p,
                                  .service = capture_program.name,
                                  .version = UPP_VERSION,
                                  .ready = ready,
                                  .notes = notes,
                                  .started = started,
                                  .metrics = metrics };
    if (!upp_ops_where(upp_config_runtime(p->config), capture_program.name, where))
        return true;
    p->ops = upp_ops_new(&p->loop, where, &owner, upp_log_say);
    return p->ops != NULL;
}

static bool open_socket(process *p)
{
    const upp_runtime_config *runtime = upp_config_runtime(p->config);
    char *endpoint = strcmp(runtime->listen, "ipc") == 0
                         ? upp_socket_local(runtime->run, capture_program.name, upp_log_say)
                         : strdup(runtime->listen);
    p->zap = upp_zap_start(p->keys, upp_log_say); /* before any bind (F4) */
    if (endpoint && p->zap)
        p->socket = upp_socket_bind(p->keys, endpoint, upp_log_say);
    free(endpoint);
    if (p->socket)
        upp_loop_tap(&p->loop, zsock_resolve(p->socket), ZMQ_POLLIN);
    return p->socket != NULL;
}

static int open_all(process *p, const char *path)
{
    p->config = upp_config_read(&capture_program, path, upp_log_say);
    if (!p->config)
        return SERVE_CONFIG;
    p->own = upp_config_service(p->config);
    if (!capture_config_good(p->own, upp_log_say) || !upp_ops_possible(upp_log_say))
        return SERVE_CONFIG;
    upp_socket_init();
    p->keys = upp_keys_open(upp_config_runtime(p->config)->keys, capture_program.name, upp_log_say);
    if (!p->keys)
        return SERVE_CONFIG;
    p->clock = (upp_suite_clock){ .t0 = upp_real_now(), .speed = 1 };
    upp_loop_open(&p->loop, &p->clock);
    p->has_loop = true;
    /* In the folder of sockets only whoever started us may write. */
    if (!open_socket(p) || !open_ops(p) || !drop_to(p->own->user, upp_log_say) || !make_work(p))
        return SERVE_CONFIG;
    if (!p->own->sandbox)
        upp_log(UPP_WARN, NULL,
                "sandbox: no: Chromium runs WITHOUT its sandbox; a hostile page is held by the "
                "system user alone");
    p->desk = desk_new(&(desk_parts){ .loop = &p->loop,
                                      .keys = p->keys,
                                      .socket = zsock_resolve(p->socket),
                                      .config = p->own,
                                      .work = p->work });
    return 0;
}

/* -- until the end -- */
static void on_signal(void *self, int fd, unsigned what)
{
    process *p = self;
    struct signalfd_siginfo info;
    (void)what;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP)
            p->stopping = true;
        else if (upp_keys_reload(p->keys, upp_log_say) < 0)
            upp_log(UPP_WARN, NULL, "the keys cannot be read by this user; restart to take them");
    }
}

static void watchdog(void *self)
{
    process *p = self;
    (void)upp_notify("WATCHDOG=1");
    upp_loop_in(&p->loop, upp_notify_watchdog_span(), watchdog, p);
}

static void run(process *p)
{
    upp_loop_fd(&p->loop, p->signals, UPP_READABLE, on_signal, p);
    if (upp_notify_watchdog_span() > 0)
        watchdog(p);
    upp_log(UPP_INFO, NULL, "started");
    while (!p->stopping) {
        if (p->ops)
            (void)upp_ops_tell(p->ops);
        upp_loop_wait(&p->loop, UPP_MINUTE);
        desk_turn(p->desk);
        if (!p->said_ready && desk_started(p->desk)) {
            p->said_ready = true;
            (void)upp_notify("READY=1");
        }
    }
    upp_log(UPP_INFO, NULL, "stopping");
    (void)upp_notify("STOPPING=1");
    desk_stop(p->desk);
    const upp_ms until = upp_steady_now() + stop_span;
    while (!desk_idle(p->desk) && upp_steady_now() < until)
        upp_loop_wait(&p->loop, 100);
}

static void close_all(process *p)
{
    upp_ops_free(p->ops);
    if (p->has_loop) {
        upp_loop_fd(&p->loop, p->signals, 0, on_signal, p);
        upp_loop_in(&p->loop, -1, watchdog, p);
    }
    if (p->desk && !desk_idle(p->desk)) { /* it hangs in the kernel: nothing of it may be freed */
        upp_log(UPP_ERROR, NULL, "the browser's work does not end; the process does");
        fflush(stdout);
        _exit(SERVE_BROKEN);
    }
    desk_free(p->desk);
    if (p->socket)
        upp_loop_tap(&p->loop, zsock_resolve(p->socket), 0);
    zsock_destroy(&p->socket);
    if (p->has_loop)
        upp_loop_close(&p->loop);
    upp_zap_stop(p->zap);
    upp_keys_free(p->keys);
    upp_config_free(p->config);
    browser_remove(p->work);
    close(p->signals);
}

int serve(const char *path)
{
    process *p = calloc(1, sizeof *p);
    upp_check(p != NULL && sodium_init() >= 0);
    umask(077);
    open_signals(p);
    upp_log_open(capture_program.name);
    const int code = open_all(p, path);
    if (code == 0)
        run(p);
    close_all(p);
    free(p);
    return code;
}
