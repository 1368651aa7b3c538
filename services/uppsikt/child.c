/* child.c - one process of the supervisor. */
#include "child.h"
#include "suite_clock.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOG_BYTES_MAX = 16 * 1024 * 1024 };
static const upp_ms first_backoff = UPP_SECOND, longest_backoff = 30 * UPP_SECOND;
static const upp_ms steady_after = UPP_MINUTE; /* up for so long: the next end is a new story */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* One older log is kept. */
static void open_log(child *c)
{
    char older[PATH_MAX + 4];
    struct stat st;
    close_fd(&c->log);
    snprintf(older, sizeof older, "%s.1", c->log_path);
    if (stat(c->log_path, &st) == 0 && st.st_size > LOG_BYTES_MAX)
        (void)rename(c->log_path, older); /* then the long one goes on */
    c->log = open(c->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* What the supervisor decides must not come from our own environment. */
static void set_environment(const child_world *world)
{
    static const char *const ours[] = { "UPPSIKT_DATA",   "UPPSIKT_KEYS",       "UPPSIKT_RIGHTS",
                                        "UPPSIKT_PLACE",  "UPPSIKT_LISTEN",     "UPPSIKT_PEERS",
                                        "UPPSIKT_OPS",    "UPPSIKT_LOOKUP_KEY", "UPPSIKT_LOG",
                                        "UPPSIKT_PERSON", "UPPSIKT_LANGUAGE" };
    char number[24];
    for (size_t i = 0; i < UPP_LEN(ours); i++)
        unsetenv(ours[i]);
    snprintf(number, sizeof number, "%lld", (long long)world->speed);
    setenv("UPPSIKT_RUN", world->run, 1);
    setenv("NOTIFY_SOCKET", world->notify, 1); /* systemd's own is ours alone */
    setenv("UPPSIKT_SPEED", number, 1);
    /* One heap arena for libzmq's few threads: half a megabyte less a service (G6). */
    setenv("MALLOC_ARENA_MAX", "1", 0);
    if (world->mail_url[0])
        setenv("UPPSIKT_ESCALATION_MAIL_URL", world->mail_url, 1);
}

/* After fork, in the new process; does not come back. */
static _Noreturn void become(const child *c, int out, pid_t parent)
{
    char *argv[CHILD_ARGUMENTS] = { NULL };
    sigset_t none;
    const int nothing = open("/dev/null", O_RDONLY);
    sigemptyset(&none);
    argv[0] = upp_lend(c->program);
    for (size_t i = 0; i < c->n_arguments; i++)
        argv[i + 1] = upp_lend(c->arguments[i]);
    if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
        dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
        execv(c->program, argv);
    _exit(127);
}

bool child_start(child *c, const child_world *world)
{
    int ends[2];
    const pid_t parent = getpid();
    close_fd(&c->out);
    c->used = 0;
    open_log(c);
    if (pipe(ends) != 0) {
        home_sayf("%s: %s", c->name, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        set_environment(world);
        become(c, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        home_sayf("%s: cannot be started: %s", c->name, strerror(errno));
        return false;
    }
    c->pid = pid;
    c->out = ends[0];
    c->started = upp_steady_now();
    c->ready = !c->tells;
    return true;
}

/* -- its lines -- */
static void say_at(const child *c, const char *level, const char *about, const char *text)
{
    char clock[16];
    struct tm tm;
    const time_t now = (time_t)(upp_real_now() / 1000);
    localtime_r(&now, &tm);
    strftime(clock, sizeof clock, "%H.%M.%S", &tm);
    fprintf(stderr, "%s %s%s%s%s: %s%s%s\n", clock, c->name, about[0] ? " [" : "", about,
            about[0] ? "]" : "", level, level[0] ? ": " : "", text);
}

/* The services' logs are JSON lines; what is none comes from before the log was open. */
static void show_line(const child *c)
{
    json_error_t error;
    json_t *line = json_loads(c->line, JSON_REJECT_DUPLICATES, &error);
    const char *level = json_string_value(json_object_get(line, "level"));
    const char *msg = json_string_value(json_object_get(line, "msg"));
    const char *about = json_string_value(json_object_get(line, "about"));
    if (!level || !msg)
        say_at(c, "", "", c->line);
    else if (strcmp(level, "error") == 0 || strcmp(level, "warn") == 0)
        say_at(c, level, about ? about : "", msg);
    json_decref(line);
}

static void take_line(child *c, void (*heard)(void *ctx, const char *line), void *ctx)
{
    c->line[c->used] = '\n';
    if (c->log >= 0 && write(c->log, c->line, c->used + 1) < 0)
        close_fd(&c->log); /* a full disk: the terminal still hears */
    c->line[c->used] = '\0';
    if (heard)
        heard(ctx, c->line);
    else
        show_line(c);
    c->used = 0;
}

void child_read(child *c, void (*heard)(void *ctx, const char *line), void *ctx)
{
    char bytes[4096];
    for (;;) {
        const ssize_t n = c->out >= 0 ? read(c->out, bytes, sizeof bytes) : 0;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            if (c->used > 0)
                take_line(c, heard, ctx);
            close_fd(&c->out);
            return;
        }
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == '\n' || c->used + 2 >= sizeof c->line)
                take_line(c, heard, ctx);
            if (bytes[i] != '\n')
                c->line[c->used++] = bytes[i];
        }
    }
}

/* -- its end -- */
void child_ended(child *c, int status, bool stopping)
{
    const upp_ms now = upp_steady_now();
    c->pid = 0;
    c->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (now - c->started > steady_after)
        c->backoff_span = 0;
    c->backoff_span = c->backoff_span == 0                    ? first_backoff
                      : c->backoff_span * 2 < longest_backoff ? c->backoff_span * 2
                                                              : longest_backoff;
    c->again = now + c->backoff_span;
    c->ready = false;
    if (stopping)
        return;
    if (WIFSIGNALED(status))
        home_sayf("%s was ended by signal %d; it is started again in %lld s", c->name,
                  WTERMSIG(status), (long long)(c->backoff_span / UPP_SECOND));
    else
        home_sayf("%s ended with %d; it is started again in %lld s (%s)", c->name, c->code,
                  (long long)(c->backoff_span / UPP_SECOND), c->log_path);
}

/* {"ready": false, "reasons": [{"what": "unheard", "about": "archive"}]}: a source that this
 * machine does not run is no reason to wait. */
static bool ready_enough(const child *c, const char *answer)
{
    size_t i = 0;
    json_t *reason = NULL;
    json_t *body = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);
    bool enough = json_is_array(json_object_get(body, "reasons"));
    if (c->optional) { /* what it lacks it says itself */
        json_decref(body);
        return enough;
    }
    json_array_foreach(json_object_get(body, "reasons"), i, reason)
    {
        const char *what = json_string_value(json_object_get(reason, "what"));
        const char *about = json_string_value(json_object_get(reason, "about"));
        enough =
            enough && what && about && strcmp(what, "unheard") == 0 && !home_has(c->home, about);
    }
    json_decref(body);
    return enough;
}

void child_told(child *c, const char *readiness)
{
    c->ready = c->ready || ready_enough(c, readiness);
    c->was_ready = c->was_ready || c->ready;
}

void child_done(child *c)
{
    close_fd(&c->out);
    close_fd(&c->log);
}
