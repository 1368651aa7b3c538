/* imap_fixture.c - Dovecot as a process, the scripted server as a thread. */
#include "imap_fixture.h"
#include "suite_clock.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { PATIENCE = 20000, PATH = 256 };

#define DOVECOT "/usr/sbin/dovecot"

/* -- a port, a program -- */

static int listen_here(int *ret_port)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static bool answers(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    const bool there = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return there;
}

/* What it says goes to the file `log`. It does not outlive the test. */
static int start(const char *const *arguments, const char *log, unsigned uid, unsigned gid)
{
    const int pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char *lent[32] = { NULL };
        for (size_t i = 0; arguments[i] && i + 1 < UPP_LEN(lent); i++)
            lent[i] = upp_lend(arguments[i]);
        if (!freopen(log, "a", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
            _exit(126);
        if (geteuid() != uid && (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(uid) != 0))
            _exit(126);
        prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM); /* after setuid, which forgets it */
        execvp(lent[0], lent);
        _exit(127);
    }
    return pid;
}

/* -- Dovecot -- */

static void make_certificate(const dovecot *d, const char *name)
{
    char key[PATH], certificate[PATH], log[PATH];
    int status = -1;
    snprintf(key, sizeof key, "%s/%s.key", d->folder, name);
    snprintf(certificate, sizeof certificate, "%s/%s.pem", d->folder, name);
    snprintf(log, sizeof log, "%s/openssl.log", d->folder);
    const char *const arguments[] = { "openssl",
                                      "req",
                                      "-x509",
                                      "-newkey",
                                      "ec",
                                      "-pkeyopt",
                                      "ec_paramgen_curve:P-256",
                                      "-nodes",
                                      "-days",
                                      "2",
                                      "-subj",
                                      "/CN=localhost",
                                      "-addext",
                                      "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                      "-keyout",
                                      key,
                                      "-out",
                                      certificate,
                                      NULL };
    const int pid = start(arguments, log, geteuid(), getegid());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Whoever runs it does everything himself, and cannot change his root. */
static void write_users(const dovecot *d, FILE *f)
{
    const struct passwd *who = getpwuid(d->uid);
    const struct group *group = getgrgid(d->gid);
    assert_true(who && group);
    fprintf(f, "default_internal_user = %s\ndefault_internal_group = %s\n", who->pw_name,
            group->gr_name);
    fprintf(f, "default_login_user = %s\n", who->pw_name);
    fprintf(f, "service imap-login {\n  chroot =\n}\nservice anvil {\n  chroot =\n}\n"
               "service stats {\n  chroot =\n}\n");
}

static void write_configuration(const dovecot *d)
{
    char path[PATH];
    const char *at = d->folder;
    snprintf(path, sizeof path, "%s/conf", at);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "protocols = imap\nlisten = 127.0.0.1\nbase_dir = %s/run\n", at);
    fprintf(f, "log_path = %s/dovecot.log\nshutdown_clients = yes\n", at);
    fprintf(f, "auth_failure_delay = 0\nfirst_valid_uid = 1\n");
    fprintf(f, "mail_location = maildir:%s/box/%%u\n", at);
    fprintf(f, "ssl = yes\nssl_cert = <%s/ca.pem\nssl_key = <%s/ca.key\n", at, at);
    fprintf(f, "passdb {\n  driver = passwd-file\n  args = scheme=PLAIN %s/users\n}\n", at);
    fprintf(f, "userdb {\n  driver = static\n  args = uid=%u gid=%u home=%s\n}\n", d->uid, d->gid,
            at);
    fprintf(f,
            "service imap-login {\n  inet_listener imap {\n    port = %d\n  }\n"
            "  inet_listener imaps {\n    port = %d\n    ssl = yes\n  }\n}\n",
            d->port, d->port_tls);
    /* Whoever failed to sign in need not wait the next time. */
    fprintf(f, "service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n");
    write_users(d, f);
    fclose(f);
}

static void write_accounts(const dovecot *d)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/users", d->folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 64; i++)
        fprintf(f, "u%d:{PLAIN}%s::::::\n", i, DOVECOT_PASSWORD);
    fclose(f);
}

void dovecot_make(dovecot *d)
{
    char path[PATH];
    *d = (dovecot){ .folder = "/tmp/upp-imap-XXXXXX", .uid = geteuid(), .gid = getegid() };
    if (d->uid == 0) { /* Dovecot opens no mailbox of root's */
        const struct passwd *nobody = getpwnam("nobody");
        assert_non_null(nobody);
        d->uid = nobody->pw_uid;
        d->gid = nobody->pw_gid;
    }
    if (access(DOVECOT, X_OK) != 0)
        fail_msg("%s is missing; install dovecot-core and dovecot-imapd", DOVECOT);
    assert_non_null(mkdtemp(d->folder));
    dovecot_give(d, d->folder);
    snprintf(path, sizeof path, "%s/box", d->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    dovecot_give(d, path);
    const int one = listen_here(&d->port), other = listen_here(&d->port_tls);
    close(one);
    close(other);
    make_certificate(d, "ca"); /* its key is only the owner's to read */
    snprintf(path, sizeof path, "%s/ca.key", d->folder);
    dovecot_give(d, path);
    make_certificate(d, "other");
    write_accounts(d);
    write_configuration(d);
}

void dovecot_give(const dovecot *d, const char *path)
{
    assert_int_equal(chown(path, d->uid, d->gid), 0);
}

void dovecot_start(dovecot *d)
{
    char conf[PATH], log[PATH];
    int status = -1;
    snprintf(conf, sizeof conf, "%s/conf", d->folder);
    snprintf(log, sizeof log, "%s/start.log", d->folder);
    const char *const arguments[] = { DOVECOT, "-F", "-c", conf, NULL };
    const upp_ms until = upp_steady_now() + PATIENCE;
    d->pid = start(arguments, log, d->uid, d->gid);
    while (!answers(d->port) || !answers(d->port_tls)) {
        if (waitpid(d->pid, &status, WNOHANG) != 0 || upp_steady_now() >= until)
            fail_msg("Dovecot does not start; see %s", d->folder);
        (void)poll(NULL, 0, 10); /* between two looks at a condition with a deadline */
    }
}

void dovecot_stop(dovecot *d)
{
    int status = -1;
    if (d->pid <= 0)
        return;
    kill(d->pid, SIGTERM);
    assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
    d->pid = 0;
}

void dovecot_remove(dovecot *d)
{
    dovecot_stop(d);
    remove_folder(d->folder);
}

void remove_folder(const char *path)
{
    char inner[2 * PATH];
    DIR *d = opendir(path);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (unlink(inner) != 0)
            remove_folder(inner);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

/* -- the scripted one -- */

struct scripted {
    script_row rows[8];
    int port, listening, stop[2];
    pthread_t thread;
    pthread_mutex_t lock;
    char heard[4096]; /* under the lock: verbs, each with a blank behind it */
};

static const script_row usual[] = {
    { "", "* OK ready\r\n" },
    { "CAPABILITY", "* CAPABILITY IMAP4rev1\r\n%T OK done\r\n" },
    { "LOGIN", "%T OK done\r\n" },
    { "EXAMINE", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%T OK [READ-ONLY] done\r\n" },
    { "SEARCH", "* SEARCH 1\r\n%T OK done\r\n" },
    { "FETCH", "* 1 FETCH (UID 1 BODY[]<0> {8}\r\nA: b\r\n\r\n)\r\n%T OK done\r\n" },
    { "LOGOUT", "* BYE\r\n%T OK done\r\n" },
    { NULL, NULL },
};

static const script_row *row_of(const scripted *s, const char *verb)
{
    for (const script_row *r = s->rows; r->verb; r++)
        if (strcasecmp(r->verb, verb) == 0)
            return r;
    for (const script_row *r = usual; r->verb; r++)
        if (strcasecmp(r->verb, verb) == 0)
            return r;
    return NULL;
}

/* False: nothing to read came, and it is over. */
static bool wait_readable(const scripted *s, int fd)
{
    struct pollfd both[] = { { .fd = fd, .events = POLLIN },
                             { .fd = s->stop[0], .events = POLLIN } };
    return poll(both, 2, 2 * PATIENCE) > 0 && both[1].revents == 0;
}

/* False: hang up. */
static bool say(const scripted *s, int fd, const char *verb, const char *tag)
{
    const script_row *row = row_of(s, verb);
    if (row && !row->answer)
        return true;
    if (row && !row->answer[0])
        return false;
    for (const char *at = row ? row->answer : "%T BAD what\r\n"; *at;) {
        const bool is_tag = strncmp(at, "%T", 2) == 0;
        const char *percent = strstr(at + 1, "%T");
        const char *from = is_tag ? tag : at;
        const size_t n = is_tag ? strlen(tag) : percent ? (size_t)(percent - at) : strlen(at);
        if (send(fd, from, n, MSG_NOSIGNAL) != (ssize_t)n)
            return false;
        at += is_tag ? 2 : n;
    }
    return true;
}

static bool take_line(scripted *s, int fd, char *line)
{
    char tag[32] = "", first[32] = "", second[32] = "", *rest = NULL;
    snprintf(tag, sizeof tag, "%s", strtok_r(line, " \r\n", &rest));
    const char *word = strtok_r(NULL, " \r\n", &rest);
    snprintf(first, sizeof first, "%s", word ? word : "");
    word = strtok_r(NULL, " \r\n", &rest);
    snprintf(second, sizeof second, "%s", word ? word : "");
    const char *verb = strcasecmp(first, "UID") == 0 ? second : first;
    pthread_mutex_lock(&s->lock);
    const size_t n = strlen(s->heard);
    snprintf(s->heard + n, sizeof s->heard - n, "%s ", verb);
    pthread_mutex_unlock(&s->lock);
    return say(s, fd, verb, tag);
}

static void serve(scripted *s, int fd)
{
    char in[4096];
    size_t n = 0;
    if (!say(s, fd, "", ""))
        return;
    while (wait_readable(s, fd)) {
        const ssize_t some = recv(fd, in + n, sizeof in - 1 - n, 0);
        if (some <= 0)
            return;
        n += (size_t)some;
        in[n] = '\0';
        for (char *lf = strchr(in, '\n'); lf; lf = strchr(in, '\n')) {
            char line[sizeof in];
            snprintf(line, sizeof line, "%.*s", (int)(lf - in), in);
            n -= (size_t)(lf + 1 - in);
            memmove(in, lf + 1, n + 1);
            if (line[0] > ' ' && !take_line(s, fd, line))
                return;
        }
    }
}

static void *run(void *self)
{
    scripted *s = self;
    while (wait_readable(s, s->listening)) {
        const int fd = accept(s->listening, NULL, NULL);
        if (fd < 0)
            continue;
        serve(s, fd);
        close(fd);
    }
    return NULL;
}

scripted *scripted_start(const script_row *rows)
{
    scripted *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; rows && rows[i].verb; i++) {
        assert_true(i + 1 < UPP_LEN(s->rows));
        s->rows[i] = rows[i];
    }
    s->listening = listen_here(&s->port);
    assert_int_equal(pipe(s->stop), 0);
    assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
    return s;
}

int scripted_port(const scripted *s)
{
    return s->port;
}

bool scripted_heard(scripted *s, const char *verb)
{
    pthread_mutex_lock(&s->lock);
    const bool heard = strstr(s->heard, verb) != NULL;
    pthread_mutex_unlock(&s->lock);
    return heard;
}

void scripted_end(scripted *s)
{
    if (!s)
        return;
    assert_int_equal(write(s->stop[1], "", 1), 1);
    pthread_join(s->thread, NULL);
    close(s->listening);
    close(s->stop[0]);
    close(s->stop[1]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
