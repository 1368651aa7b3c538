/* up.c - `uppsikt up`: the supervisor of one machine. It makes what is missing, starts the
 * services, starts anew what ends, and stops them all. */
#include "capture_program.h"
#include "child.h"
#include "home_make.h"
#include "lock.h"
#include "suite_clock.h"
#include "told.h"
#include "verbs.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = HOME_SERVICES + 4, EXIT_CONFIG = 78 };
static const upp_ms stop_span = 8 * UPP_SECOND; /* then SIGKILL */
static const upp_ms same_span = 1500;           /* so soon again is the same request */
static const upp_ms last_span = 200;            /* between two looks at who has not ended */

typedef struct supervisor {
    verb_call *call;
    verb_home home;
    int64_t speed;
    child children[CHILDREN];
    size_t n;
    int signals, told;
    char notify[TOLD_NAME];
    char mail_url[64];     /* of the local catcher; empty: mails go where the configuration says */
    upp_ms began, stop_by; /* stop_by 0: nobody has asked to stop */
    bool said_ready, killed;
    int code;
} supervisor;

/* -- which processes -- */
static child *add_child(supervisor *s, const char *name, const char *program)
{
    char log[64];
    upp_check(s->n < CHILDREN);
    child *c = &s->children[s->n++];
    /* The rest is zero already; written, its buffers would take half a megabyte. */
    c->out = -1;
    c->log = -1;
    c->home = &s->home;
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->program, sizeof c->program, "%s", program);
    snprintf(log, sizeof log, "log/%s.log", name);
    upp_check(home_path(s->home.data, log, c->log_path));
    return c;
}

/* Mails go to a catcher on this machine as long as no mail server has been named. */
static void add_catcher(supervisor *s, const char *folder)
{
    char program[PATH_MAX];
    if (getenv("UPPSIKT_ESCALATION_MAIL_URL") || home_says(&s->home, "escalation", "mail_url") ||
        !home_program(folder, "upp-smtpd", program))
        return;
    child *c = add_child(s, "mail", program);
    snprintf(c->arguments[0], sizeof c->arguments[0], "0");
    upp_check(home_path(s->home.data, "mail", c->arguments[1]));
    c->n_arguments = 2;
}

/* NULL: its program is not there, or it is not configured here. */
static child *add_program(supervisor *s, const char *folder, const char *service)
{
    char program[PATH_MAX];
    char name[64];
    snprintf(name, sizeof name, "uppsikt-%s", home_whole(service));
    if (!home_program(folder, name, program) || !home_has(&s->home, service))
        return NULL;
    child *c = add_child(s, service, program);
    snprintf(c->arguments[0], sizeof c->arguments[0], "--config");
    snprintf(name, sizeof name, "%s.yaml", service);
    upp_check(home_path(s->home.config, name, c->arguments[1]));
    c->n_arguments = 2;
    c->tells = true;
    return c;
}

/* The browser's program last: nobody waits for it, and without it no service is less ready. */
static void add_services(supervisor *s, const char *folder)
{
    for (size_t i = 0; i < s->home.n_services; i++)
        (void)add_program(s, folder, s->home.services[i]);
    child *capture = add_program(s, folder, CAPTURE_NAME);
    if (capture) {
        capture_program_user(&s->home);
        capture->optional = true;
    }
}

static bool own_folder(char ret_folder[PATH_MAX])
{
    const ssize_t n = readlink("/proc/self/exe", ret_folder, PATH_MAX - 1);
    if (n <= 0)
        return false;
    ret_folder[n] = '\0';
    char *slash = strrchr(ret_folder, '/');
    *slash = '\0';
    return true;
}

/* The speed that the data were made with; 1 for new ones. */
static int64_t speed_of(const verb_home *home)
{
    char path[PATH_MAX];
    char line[64];
    int64_t speed = 1;
    FILE *file = home_path(home->place, "clock", path) ? fopen(path, "re") : NULL;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "speed ", 6) == 0)
            speed = strtoll(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return speed;
}

/* -- their lives -- */
static void start(supervisor *s, child *c)
{
    const child_world world = { s->home.run, s->notify, s->mail_url, s->speed };
    if (!child_start(c, &world))
        c->again = upp_steady_now() + 5 * UPP_SECOND;
}

/* "port 1234": where the catcher listens. It keeps that port when it is started again. */
static void heard_catcher(void *ctx, const char *line)
{
    supervisor *s = ctx;
    char *end = NULL;
    const long port = strncmp(line, "port ", 5) == 0 ? strtol(line + 5, &end, 10) : 0;
    if (port <= 0 || port > 65535 || *end)
        return;
    snprintf(s->mail_url, sizeof s->mail_url, "smtp://127.0.0.1:%ld", port);
    snprintf(s->children[0].arguments[0], PATH_MAX, "%ld", port);
}

static bool is_catcher(const supervisor *s, const child *c)
{
    return c == s->children && strcmp(c->name, "mail") == 0;
}

/* Services end at once when they are told twice: so they are when somebody asks again later, and
 * not when the terminal and a script pass on the same Ctrl-C. */
static void stop(supervisor *s)
{
    const upp_ms now = upp_steady_now();
    if (s->stop_by > 0 && now < s->stop_by - stop_span + same_span)
        return;
    if (s->stop_by == 0) {
        s->stop_by = now + stop_span;
        home_say("stopping");
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->children[i].pid > 0)
            kill(s->children[i].pid, SIGTERM);
}

static void note_end(supervisor *s, pid_t pid, int status)
{
    for (size_t i = 0; i < s->n; i++) {
        child *c = &s->children[i];
        if (c->pid != pid)
            continue;
        child_read(c, is_catcher(s, c) ? heard_catcher : NULL, s);
        const bool hopeless = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIG &&
                              !c->was_ready && !c->optional;
        child_ended(c, status, s->stop_by > 0 || hopeless);
        if (hopeless && s->stop_by == 0) {
            home_sayf("%s: its configuration is refused, see above; nothing is kept running",
                      c->name);
            s->code = CALL_CONFIG;
            stop(s);
        }
    }
}

static void take_signals(supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            stop(s);
        if (info.ssi_signo == SIGHUP) {
            home_say("SIGHUP: the services read configuration, keys and rights anew");
            for (size_t i = 0; i < s->n; i++)
                if (s->children[i].pid > 0 && !is_catcher(s, &s->children[i]))
                    kill(s->children[i].pid, SIGHUP);
        }
    }
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        note_end(s, pid, status);
}

static size_t running(const supervisor *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->children[i].pid > 0;
    return n;
}

static void say_ready(supervisor *s)
{
    char *data = s->home.data;
    s->said_ready = true;
    if (s->call->json) {
        printf("{\"ready\":true,\"data\":\"%s\",\"run\":\"%s\",\"speed\":%lld,\"services\":%zu}\n",
               data, s->home.run, (long long)s->speed,
               s->n - (s->n > 0 && is_catcher(s, s->children)));
        fflush(stdout);
        return;
    }
    printf("ready after %.1f s:", (double)(upp_steady_now() - s->began) / 1000.0);
    for (size_t i = 0; i < s->n; i++)
        if (!is_catcher(s, &s->children[i]))
            printf(" %s", s->children[i].name);
    printf("\n  data     %s\n  sockets  %s\n  logs     %s/log\n  config   %s\n", data, s->home.run,
           data, s->home.config);
    if (s->mail_url[0])
        printf("  mails    %s/mail/new (kept here: config/escalation.yaml names no mail_url)\n",
               data);
    if (s->speed > 1)
        printf("  time     goes %lld times as fast\n", (long long)s->speed);
    printf("  try      uppsikt --data %s status\n  stop     Ctrl-C\n", data);
    fflush(stdout);
}

static void hear(supervisor *s)
{
    pid_t pid = 0;
    char json[4096];
    while (told_next(s->told, &pid, json, sizeof json))
        for (size_t i = 0; i < s->n; i++) {
            child *c = &s->children[i];
            const bool was = c->ready;
            if (c->pid != pid || pid == 0)
                continue;
            child_told(c, json);
            if (c->ready && !was && s->said_ready)
                home_sayf("%s is ready again", c->name);
        }
}

/* Starts what is due. Gives how long to wait for something to happen. */
static upp_ms tend(supervisor *s)
{
    const upp_ms now = upp_steady_now();
    upp_ms next = 60 * UPP_SECOND;
    bool all = true;
    for (size_t i = 0; i < s->n; i++) {
        child *c = &s->children[i];
        if (c->pid == 0 && c->again <= now)
            start(s, c);
        else if (c->pid == 0 && c->again - now < next)
            next = c->again - now;
        all = all && (c->ready || (c->optional && c->pid == 0));
    }
    if (all && !s->said_ready)
        say_ready(s);
    return next;
}

static void turn(supervisor *s, upp_ms wait_span)
{
    enum { FIRST = 2 };
    struct pollfd items[CHILDREN + FIRST];
    child *of[CHILDREN + FIRST];
    nfds_t n = FIRST;
    items[0] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
    items[1] = (struct pollfd){ .fd = s->told, .events = POLLIN };
    for (size_t i = 0; i < s->n; i++)
        if (s->children[i].out >= 0) {
            items[n] = (struct pollfd){ .fd = s->children[i].out, .events = POLLIN };
            of[n++] = &s->children[i];
        }
    if (poll(items, n, (int)wait_span) <= 0)
        return;
    if (items[1].revents)
        hear(s);
    for (nfds_t i = FIRST; i < n; i++)
        if (items[i].revents)
            child_read(of[i], is_catcher(s, of[i]) ? heard_catcher : NULL, s);
    if (items[0].revents)
        take_signals(s);
}

/* The catcher's port is known before anybody mails. */
static void start_catcher(supervisor *s)
{
    if (s->n == 0 || !is_catcher(s, s->children))
        return;
    const upp_ms until = upp_steady_now() + 3 * UPP_SECOND;
    start(s, s->children);
    while (!s->mail_url[0] && s->children[0].pid > 0 && upp_steady_now() < until)
        turn(s, 100);
}

static void kill_late(supervisor *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->children[i].pid > 0) {
            home_sayf("%s has not ended in time: SIGKILL", s->children[i].name);
            kill(s->children[i].pid, SIGKILL);
            s->killed = true;
        }
}

static int supervise(supervisor *s)
{
    s->began = upp_steady_now();
    start_catcher(s);
    while (s->stop_by == 0) {
        const upp_ms wait = tend(s);
        if (s->stop_by == 0)
            turn(s, wait);
    }
    while (running(s) > 0) {
        const upp_ms left = s->stop_by - upp_steady_now();
        if (left <= 0 && !s->killed)
            kill_late(s);
        turn(s, left > 0 ? left : last_span);
    }
    for (size_t i = 0; i < s->n; i++)
        child_done(&s->children[i]);
    if (s->code == CALL_DONE && s->killed)
        s->code = CALL_WRONG;
    if (s->code == CALL_DONE)
        home_say("stopped");
    return s->code;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    upp_check(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int lock_or_say(const char *data)
{
    const pid_t other = lock_holder(data);
    if (other == 0 && lock_take(data) >= 0)
        return CALL_DONE;
    if (other > 0)
        home_sayf("%s: is in use already, by process %lld; stop that first", data,
                  (long long)other);
    else
        home_sayf("%s/lock: cannot be locked: %s", data, strerror(errno));
    return CALL_WRONG;
}

static void free_supervisor(supervisor **s)
{
    free(*s);
}

static int up(verb_call *call)
{
    char folder[PATH_MAX];
    const char *variable = getenv("UPPSIKT_DATA");
    const char *data = call_text(call, "data");
    if (!data)
        data = variable && variable[0] ? variable : "data";
    UPP_AUTO(free_supervisor) supervisor *s = calloc(1, sizeof *s);
    upp_check(s != NULL);
    s->call = call;
    if (!own_folder(folder))
        return CALL_CONFIG;
    if (mkdir(data, 0700) != 0 && errno != EEXIST) {
        home_sayf("%s: %s", data, strerror(errno));
        return CALL_CONFIG;
    }
    int rc = lock_or_say(data); /* before anything is touched */
    if (rc == CALL_DONE)
        rc = home_make(data, call_text(call, "config"), folder, &s->home);
    if (rc != CALL_DONE)
        return rc;
    s->speed = call_count(call, "speed", speed_of(&s->home));
    s->signals = open_signals();
    s->told = told_open(s->notify);
    if (s->told < 0) {
        home_sayf("no socket can be had for what the services say: %s", strerror(errno));
        return CALL_WRONG;
    }
    add_catcher(s, folder);
    add_services(s, folder);
    if (s->signals < 0 || s->n == 0) {
        home_sayf("%s: no service's program is there", folder);
        return CALL_CONFIG;
    }
    return supervise(s);
}

static const verb_option options[] = {
    TEXT("config", "DIR", NULL, "where the services' configurations are (DATA/config)"),
    COUNT("speed", "N", NULL, "a trial in which time goes N times as fast, on data of its own"),
};
static const verb_action actions[] = {
    RUN("", "", "", OPTIONS(options), up),
};

const verb_row verb_up = {
    .name = "up",
    .help = "run the suite on this machine, here and now, until Ctrl-C",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Makes keys, configurations and folders that are missing; those that are there stay.\n"
            "SIGHUP makes the services read configuration, keys and rights anew.\n",
};
