/* smtpd.c - upp-smtpd: a small SMTP server (RFC 5321) on this machine that keeps each mail as a
 * file and can be told to answer otherwise.
 *
 *   upp-smtpd PORT FOLDER      PORT 0: any; says "port <n>" on standard output when it listens.
 *
 * A mail becomes FOLDER/new/<number>.eml (written in tmp, then renamed, as in a maildir), after
 * four lines of its envelope: X-Envelope-From, X-Envelope-To, X-Connection (from 1) and X-Auth.
 *
 * FOLDER/log gets a line for each command: the connection's number and the verb.
 *
 * FOLDER/control, looked at before each answer, one rule a line: COUNT STAGE ANSWER
 *   COUNT   how many times, or * for always; the count starts anew when the file is replaced
 *   STAGE   greet ehlo auth mail rcpt data end quit
 *   ANSWER  an SMTP answer (450 4.2.1 busy), or: cut (close at once), hang (say nothing more),
 *           ok-cut (the usual answer, then close), kept-cut (at `end`: keep the mail, then close
 *           without an answer: what P5 is about) */
#include "upp/base.h"
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLIENTS = 64, LINE = 2048, MAIL = 1024 * 1024, RULES = 32, PEOPLE = 20 };

typedef struct client {
    int fd;
    unsigned number;
    size_t used;
    char line[LINE]; /* what has come and is no whole line yet */
    char auth[256], from[320], to[PEOPLE][320];
    size_t n_to, n_mail;
    char *mail;
    enum { COMMAND, DATA, AUTH, SILENT } state;
    bool over, too_large;
} client;

typedef struct rule {
    int64_t left; /* -1: always */
    char stage[16], answer[256];
} rule;

static struct {
    const char *folder;
    client clients[CLIENTS];
    size_t n_clients;
    unsigned connections, mails;
    rule rules[RULES];
    size_t n_rules;
    struct timespec read_at;
    ino_t read_inode;
} server;

/* -- rules -- */

static void read_rule(char *text)
{
    rule *r = &server.rules[server.n_rules];
    char *end = text;
    *r = (rule){ .left = -1 };
    if (text[0] == '*')
        end = text + 1;
    else
        r->left = strtoll(text, &end, 10);
    if (*end != ' ' || server.n_rules == RULES)
        return;
    const char *stage = end + 1;
    const size_t n = strcspn(stage, " ");
    if (stage[n] != ' ' || n >= sizeof r->stage)
        return;
    snprintf(r->stage, sizeof r->stage, "%.*s", (int)n, stage);
    snprintf(r->answer, sizeof r->answer, "%s", stage + n + 1);
    r->answer[strcspn(r->answer, "\r\n")] = '\0';
    server.n_rules++;
}

static void read_rules(void)
{
    char path[PATH_MAX], text[512];
    struct stat st;
    snprintf(path, sizeof path, "%s/control", server.folder);
    FILE *f = fopen(path, "re");
    if (!f) {
        server.n_rules = 0;
        server.read_inode = 0;
        return;
    }
    if (fstat(fileno(f), &st) == 0 &&
        (st.st_ino != server.read_inode || st.st_mtim.tv_sec != server.read_at.tv_sec ||
         st.st_mtim.tv_nsec != server.read_at.tv_nsec)) {
        server.n_rules = 0;
        server.read_at = st.st_mtim;
        server.read_inode = st.st_ino;
        while (fgets(text, sizeof text, f))
            read_rule(text);
    }
    fclose(f);
}

/* The answer that a rule gives instead of the usual one; NULL: none does. */
static const char *ruled(const char *stage)
{
    read_rules();
    for (size_t i = 0; i < server.n_rules; i++) {
        rule *r = &server.rules[i];
        if (r->left == 0 || strcmp(r->stage, stage) != 0)
            continue;
        if (r->left > 0)
            r->left--;
        return r->answer;
    }
    return NULL;
}

/* -- answers -- */

UPP_PRINTF(2, 3) static void say(client *c, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text - 2, fmt, args);
    va_end(args);
    upp_check(n > 0 && (size_t)n < sizeof text - 2);
    memcpy(text + n, "\r\n", 2);
    if (send(c->fd, text, (size_t)n + 2, MSG_NOSIGNAL) != n + 2)
        c->over = true;
}

/* Says `usual`, or does what `order` says instead. True: it went as usual. */
static bool obey(client *c, const char *order, const char *usual)
{
    const bool as_usual = !order || strcmp(order, "ok-cut") == 0;
    if (as_usual) {
        say(c, "%s", usual);
        c->over = c->over || order;
    } else if (strcmp(order, "cut") == 0 || strcmp(order, "kept-cut") == 0) {
        c->over = true;
    } else if (strcmp(order, "hang") == 0) {
        c->state = SILENT;
    } else {
        say(c, "%s", order);
        if (strncmp(order, "421", 3) == 0) /* RFC 5321 §3.8: and closes */
            c->over = true;
    }
    return as_usual;
}

static bool answer(client *c, const char *stage, const char *usual)
{
    return obey(c, ruled(stage), usual);
}

/* -- a mail -- */

static void forget_mail(client *c)
{
    c->from[0] = '\0';
    c->n_to = 0;
    c->n_mail = 0;
    c->too_large = false;
}

static void keep_mail(const client *c)
{
    char tmp[PATH_MAX], kept[PATH_MAX];
    server.mails++;
    snprintf(tmp, sizeof tmp, "%s/tmp/%06u.eml", server.folder, server.mails);
    snprintf(kept, sizeof kept, "%s/new/%06u.eml", server.folder, server.mails);
    FILE *f = fopen(tmp, "we");
    upp_check(f);
    fprintf(f, "X-Envelope-From: %s\r\nX-Envelope-To:", c->from);
    for (size_t i = 0; i < c->n_to; i++)
        fprintf(f, " %s", c->to[i]);
    fprintf(f, "\r\nX-Connection: %u\r\nX-Auth: %s\r\n", c->number, c->auth);
    fwrite(c->mail, 1, c->n_mail, f);
    const int closed = fclose(f);
    const int named = rename(tmp, kept);
    upp_check(closed == 0 && named == 0);
}

static void take_data(client *c, const char *line, size_t n)
{
    if (n == 1 && line[0] == '.') {
        c->state = COMMAND;
        if (c->too_large) {
            say(c, "552 5.3.4 too large");
        } else {
            const char *order = ruled("end");
            if (!order || strcmp(order, "ok-cut") == 0 || strcmp(order, "kept-cut") == 0)
                keep_mail(c); /* before it is said */
            obey(c, order, "250 2.0.0 kept");
        }
        forget_mail(c);
        return;
    }
    if (n > 0 && line[0] == '.') { /* RFC 5321 §4.5.2 */
        line++;
        n--;
    }
    if (c->n_mail + n + 2 > MAIL) {
        c->too_large = true;
        return;
    }
    memcpy(c->mail + c->n_mail, line, n);
    memcpy(c->mail + c->n_mail + n, "\r\n", 2);
    c->n_mail += n + 2;
}

/* -- commands -- */

/* `<address>` after the colon, without parameters. */
static bool path_of(const char *line, char ret_path[320])
{
    const char *open = strchr(line, '<'), *close = strchr(line, '>');
    if (!open || !close || close < open || close - open >= 319)
        return false;
    snprintf(ret_path, 320, "%.*s", (int)(close - open + 1), open);
    return true;
}

static void on_ehlo(client *c, const char *line)
{
    (void)line;
    forget_mail(c);
    answer(c, "ehlo", "250-upp-smtpd\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 SIZE 1048576");
}

static void on_auth(client *c, const char *line)
{
    const char *initial = line + strlen("AUTH PLAIN");
    if (strncasecmp(line, "AUTH PLAIN", 10) != 0) {
        say(c, "504 5.5.4 only PLAIN");
    } else if (*initial == ' ') {
        snprintf(c->auth, sizeof c->auth, "%s", initial + 1);
        answer(c, "auth", "235 2.7.0 welcome");
    } else {
        c->state = AUTH;
        say(c, "334 ");
    }
}

static void on_mail(client *c, const char *line)
{
    forget_mail(c);
    char from[320];
    if (!path_of(line, from))
        say(c, "501 5.1.7 no address");
    else if (answer(c, "mail", "250 2.1.0 ok"))
        memcpy(c->from, from, sizeof from);
}

static void on_rcpt(client *c, const char *line)
{
    char to[320];
    if (!c->from[0])
        say(c, "503 5.5.1 MAIL first");
    else if (!path_of(line, to) || strcmp(to, "<>") == 0)
        say(c, "501 5.1.3 no address");
    else if (c->n_to == PEOPLE)
        say(c, "452 4.5.3 too many");
    else if (answer(c, "rcpt", "250 2.1.5 ok"))
        memcpy(c->to[c->n_to++], to, sizeof to);
}

static void on_data(client *c, const char *line)
{
    (void)line;
    if (c->n_to == 0)
        say(c, "503 5.5.1 RCPT first");
    else if (answer(c, "data", "354 go on, a dot ends it"))
        c->state = DATA;
}

static void on_rset(client *c, const char *line)
{
    (void)line;
    forget_mail(c);
    say(c, "250 2.0.0 ok");
}

static void on_noop(client *c, const char *line)
{
    (void)line;
    say(c, "250 2.0.0 ok");
}

static void on_quit(client *c, const char *line)
{
    (void)line;
    c->over = answer(c, "quit", "221 2.0.0 bye") || c->over;
}

static void note(const client *c, const char *line)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/log", server.folder);
    FILE *f = fopen(path, "ae");
    upp_check(f);
    fprintf(f, "%u %.4s\n", c->number, line);
    fclose(f);
}

static void take_line(client *c, const char *line, size_t n)
{
    static const struct {
        const char *verb;
        void (*act)(client *c, const char *line);
    } verbs[] = {
        { "EHLO", on_ehlo }, { "HELO", on_ehlo }, { "AUTH", on_auth },
        { "MAIL", on_mail }, { "RCPT", on_rcpt }, { "DATA", on_data },
        { "RSET", on_rset }, { "NOOP", on_noop }, { "QUIT", on_quit },
    };
    switch (c->state) {
    case SILENT:
        return;
    case DATA:
        take_data(c, line, n);
        return;
    case AUTH:
        c->state = COMMAND;
        snprintf(c->auth, sizeof c->auth, "%s", line);
        answer(c, "auth", "235 2.7.0 welcome");
        return;
    case COMMAND:
        break;
    }
    note(c, line);
    for (size_t i = 0; i < UPP_LEN(verbs); i++) {
        if (strncasecmp(line, verbs[i].verb, 4) == 0 && (line[4] == ' ' || line[4] == '\0')) {
            verbs[i].act(c, line);
            return;
        }
    }
    say(c, "500 5.5.2 what?");
}

/* -- sockets -- */

static void hear(client *c)
{
    const ssize_t got = recv(c->fd, c->line + c->used, sizeof c->line - 1 - c->used, 0);
    if (got <= 0) {
        c->over = true;
        return;
    }
    c->used += (size_t)got;
    char *at = c->line;
    char *end = NULL;
    while (!c->over && (end = memchr(at, '\n', c->used - (size_t)(at - c->line)))) {
        size_t n = (size_t)(end - at);
        if (n > 0 && at[n - 1] == '\r')
            n--;
        at[n] = '\0';
        take_line(c, at, n);
        at = end + 1;
    }
    c->used -= (size_t)(at - c->line);
    memmove(c->line, at, c->used);
    if (c->used == sizeof c->line - 1) {
        say(c, "500 5.5.2 line too long");
        c->over = true;
    }
}

static void welcome(int listener)
{
    const int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    if (server.n_clients == CLIENTS) {
        close(fd);
        return;
    }
    client *c = &server.clients[server.n_clients++];
    *c = (client){ .fd = fd, .number = ++server.connections, .mail = malloc(MAIL) };
    upp_check(c->mail);
    answer(c, "greet", "220 upp-smtpd ESMTP");
}

static void drop_finished(void)
{
    for (size_t i = 0; i < server.n_clients;) {
        client *c = &server.clients[i];
        if (!c->over) {
            i++;
            continue;
        }
        close(c->fd);
        free(c->mail);
        *c = server.clients[--server.n_clients];
    }
}

static int listen_at(uint16_t port)
{
    const int on = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&at, len) != 0 || listen(fd, CLIENTS) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return -1;
    printf("port %u\n", (unsigned)ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/* Until `stop`, a signalfd, says so. */
static void serve(int listener, int stop)
{
    for (;;) {
        struct pollfd polls[CLIENTS + 2];
        const size_t n = server.n_clients;
        for (size_t i = 0; i < n; i++)
            polls[i] = (struct pollfd){ .fd = server.clients[i].fd, .events = POLLIN };
        polls[n] = (struct pollfd){ .fd = listener, .events = POLLIN };
        polls[n + 1] = (struct pollfd){ .fd = stop, .events = POLLIN };
        if (poll(polls, n + 2, -1) < 0)
            continue;
        if (polls[n + 1].revents)
            return;
        for (size_t i = 0; i < n; i++)
            if (polls[i].revents)
                hear(&server.clients[i]);
        if (polls[n].revents)
            welcome(listener);
        drop_finished();
    }
}

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    sigset_t stops;
    if (argc != 3) {
        fprintf(stderr, "usage: upp-smtpd PORT FOLDER\n");
        return 2;
    }
    server.folder = argv[2];
    static const char *const folders[] = { "tmp", "new" };
    for (size_t i = 0; i < UPP_LEN(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", server.folder, folders[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            perror(path);
            return 1;
        }
    }
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    const int stop = signalfd(-1, &stops, SFD_CLOEXEC);
    const long port = strtol(argv[1], NULL, 10);
    const int listener = port >= 0 && port <= UINT16_MAX ? listen_at((uint16_t)port) : -1;
    if (listener < 0 || stop < 0) {
        perror("upp-smtpd: cannot listen");
        return 1;
    }
    serve(listener, stop);
    for (size_t i = 0; i < server.n_clients; i++)
        server.clients[i].over = true;
    drop_finished();
    close(listener);
    close(stop);
    return 0;
}
