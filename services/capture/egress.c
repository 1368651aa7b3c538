/* egress.c - a thread a connection: names block, and the browser has few of them at once. */
#include "egress.h"
#include "guard.h"
#include "suite_clock.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 128, STACK = 256 * 1024, PIECE = 16 * 1024 };
static const upp_ms talk_span = 10 * UPP_SECOND; /* for the browser's own words */
static const upp_ms connect_span = 15 * UPP_SECOND, idle_span = 2 * UPP_MINUTE;

/* RFC 1928 §6. */
enum reply {
    GRANTED = 0,
    FAILED = 1,
    NOT_ALLOWED = 2,
    UNREACHABLE = 4,
    REFUSED = 5,
    NO_COMMAND = 7
};

struct egress {
    int listener, wake[2]; /* the wake pipe has a byte in it when all is to end */
    bool private_addresses;
    uint16_t port;
    atomic_int holders, connections; /* the last holder frees */
    atomic_int refused, unknown, late, unreachable;
    atomic_llong bytes, bytes_max;
    pthread_t thread;
};

typedef struct way { /* one connection of the browser's */
    egress *e;
    int in, out; /* out -1: not yet */
    char host[GUARD_HOST];
    uint16_t port;
} way;

static void let_go(egress *e)
{
    if (atomic_fetch_sub(&e->holders, 1) > 1)
        return;
    close(e->wake[0]);
    close(e->wake[1]);
    free(e);
}

/* Waits for `fd`. False: not in time, or all is to end. */
static bool wait_for(const egress *e, int fd, short events, upp_ms span)
{
    struct pollfd items[2] = { { .fd = e->wake[0], .events = POLLIN },
                               { .fd = fd, .events = events } };
    const upp_ms until = upp_steady_now() + span;
    for (;;) {
        const upp_ms left = until - upp_steady_now();
        const int n = left > 0 ? poll(items, 2, (int)left) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        return n > 0 && items[0].revents == 0;
    }
}

static bool take(const way *w, uint8_t *at, size_t n)
{
    const upp_ms until = upp_steady_now() + talk_span;
    while (n > 0) {
        if (!wait_for(w->e, w->in, POLLIN, until - upp_steady_now()))
            return false;
        const ssize_t got = recv(w->in, at, n, 0);
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool give(const egress *e, int fd, const uint8_t *at, size_t n)
{
    while (n > 0) {
        if (!wait_for(e, fd, POLLOUT, idle_span))
            return false;
        const ssize_t put = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (put <= 0)
            return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

/* -- where to -- */
/* Greeting and request. False: no SOCKS5, or it went away. */
static bool hear(way *w, enum reply *ret_wrong)
{
    uint8_t b[300];
    *ret_wrong = GRANTED;
    if (!take(w, b, 2) || b[0] != 5 || !take(w, b + 2, b[1]))
        return false;
    static const uint8_t without_a_password[] = { 5, 0 };
    if (!give(w->e, w->in, without_a_password, sizeof without_a_password) || !take(w, b, 4) ||
        b[0] != 5)
        return false;
    const uint8_t command = b[1];
    const uint8_t kind = b[3];
    size_t n = kind == 1 ? 4 : kind == 4 ? 16 : 0;
    if (kind == 3) {
        if (!take(w, b, 1))
            return false;
        n = b[0];
    }
    if (n == 0 || n >= sizeof w->host || !take(w, b, n) || !take(w, b + n, 2))
        return false;
    w->port = (uint16_t)(b[n] << 8 | b[n + 1]);
    if (kind == 3)
        snprintf(w->host, sizeof w->host, "%.*s", (int)n, (const char *)b);
    else if (kind == 1)
        snprintf(w->host, sizeof w->host, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    else
        for (size_t i = 0; i < 8; i++)
            snprintf(w->host + strlen(w->host), sizeof w->host - strlen(w->host), "%s%x",
                     i > 0 ? ":" : "", (unsigned)(b[2 * i] << 8 | b[2 * i + 1]));
    if (command != 1)
        *ret_wrong = NO_COMMAND;
    return true;
}

static enum reply connect_one(way *w, const struct addrinfo *at)
{
    int error = 0;
    socklen_t len = sizeof error;
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return FAILED;
    if (connect(fd, at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
        close(fd);
        return UNREACHABLE;
    }
    const bool answered = wait_for(w->e, fd, POLLOUT, connect_span);
    if (!answered || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        close(fd);
        return !answered || error == ETIMEDOUT ? FAILED
               : error == ECONNREFUSED         ? REFUSED
                                               : UNREACHABLE;
    }
    w->out = fd;
    return GRANTED;
}

/* One address that is not public closes the name. */
static bool all_public(const struct addrinfo *list)
{
    for (const struct addrinfo *at = list; at; at = at->ai_next)
        if (!guard_public(at->ai_addr))
            return false;
    return true;
}

static void list_done(struct addrinfo **list)
{
    if (*list)
        freeaddrinfo(*list);
}

static enum reply reach(way *w)
{
    egress *e = w->e;
    char port[8];
    UPP_AUTO(list_done) struct addrinfo *list = NULL;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    snprintf(port, sizeof port, "%u", (unsigned)w->port);
    if (!e->private_addresses && w->port != 80 && w->port != 443) {
        atomic_fetch_add(&e->refused, 1);
        return NOT_ALLOWED;
    }
    if (getaddrinfo(w->host, port, &hints, &list) != 0) {
        atomic_fetch_add(&e->unknown, 1);
        return UNREACHABLE;
    }
    if (!e->private_addresses && !all_public(list)) {
        atomic_fetch_add(&e->refused, 1);
        return NOT_ALLOWED;
    }
    enum reply reply = UNREACHABLE;
    for (const struct addrinfo *at = list; at && reply != GRANTED; at = at->ai_next)
        reply = connect_one(w, at);
    if (reply == FAILED)
        atomic_fetch_add(&e->late, 1);
    else if (reply != GRANTED)
        atomic_fetch_add(&e->unreachable, 1);
    return reply;
}

/* -- there and back -- */
/* Moves what is there. 1: that side has ended; -1: the way is broken, or has let in too much. */
static int move(way *w, int from, int to, uint8_t *piece)
{
    const ssize_t n = recv(from, piece, PIECE, 0);
    if (n == 0)
        return 1;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (from == w->out && atomic_fetch_add(&w->e->bytes, n) + n > atomic_load(&w->e->bytes_max))
        return -1;
    return give(w->e, to, piece, (size_t)n) ? 0 : -1;
}

static void splice_both(way *w)
{
    uint8_t piece[PIECE];
    int in = w->in, out = w->out; /* -1: that side has ended */
    upp_ms until = upp_steady_now() + idle_span;
    while (in >= 0 || out >= 0) {
        struct pollfd items[3] = { { .fd = w->e->wake[0], .events = POLLIN },
                                   { .fd = in, .events = POLLIN },
                                   { .fd = out, .events = POLLIN } };
        const upp_ms left = until - upp_steady_now();
        const int n = left > 0 ? poll(items, 3, (int)left) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || items[0].revents)
            return;
        until = upp_steady_now() + idle_span;
        const int there = items[1].revents ? move(w, w->in, w->out, piece) : 0;
        const int back = items[2].revents ? move(w, w->out, w->in, piece) : 0;
        if (there < 0 || back < 0)
            return;
        if (there == 1) {
            in = -1;
            (void)shutdown(w->out, SHUT_WR);
        }
        if (back == 1) {
            out = -1;
            (void)shutdown(w->in, SHUT_WR);
        }
    }
}

static void *go(void *arg)
{
    way *w = arg;
    egress *e = w->e;
    enum reply reply = GRANTED;
    if (hear(w, &reply)) {
        if (reply == GRANTED)
            reply = reach(w);
        const uint8_t answer[] = { 5, (uint8_t)reply, 0, 1, 0, 0, 0, 0, 0, 0 };
        if (give(e, w->in, answer, sizeof answer) && reply == GRANTED)
            splice_both(w);
    }
    close(w->in);
    if (w->out >= 0)
        close(w->out);
    free(w);
    atomic_fetch_sub(&e->connections, 1);
    let_go(e);
    return NULL;
}

static void start_way(egress *e, int fd)
{
    pthread_t thread;
    pthread_attr_t attributes;
    way *w = calloc(1, sizeof *w);
    upp_check(w != NULL);
    *w = (way){ .e = e, .in = fd, .out = -1 };
    upp_check(pthread_attr_init(&attributes) == 0);
    upp_check(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
    upp_check(pthread_attr_setstacksize(&attributes, STACK) == 0);
    atomic_fetch_add(&e->holders, 1);
    const bool full = atomic_fetch_add(&e->connections, 1) >= CONNECTIONS_MAX;
    if (full || pthread_create(&thread, &attributes, go, w) != 0) {
        close(fd);
        free(w);
        atomic_fetch_sub(&e->connections, 1);
        let_go(e);
    }
    (void)pthread_attr_destroy(&attributes);
}

static void *listen_on(void *arg)
{
    egress *e = arg;
    for (;;) {
        struct pollfd items[2] = { { .fd = e->wake[0], .events = POLLIN },
                                   { .fd = e->listener, .events = POLLIN } };
        const int n = poll(items, 2, -1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || items[0].revents)
            return NULL;
        const int fd = accept(e->listener, NULL, NULL);
        if (fd < 0)
            continue;
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        start_way(e, fd);
    }
}

/* -- its life -- */
static bool open_listener(egress *e)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof at;
    e->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (e->listener < 0 || bind(e->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(e->listener, CONNECTIONS_MAX) != 0 ||
        getsockname(e->listener, (struct sockaddr *)&at, &len) != 0)
        return false;
    e->port = ntohs(at.sin_port);
    return true;
}

egress *egress_new(bool private_addresses)
{
    egress *e = calloc(1, sizeof *e);
    upp_check(e != NULL);
    *e = (egress){ .listener = -1, .private_addresses = private_addresses };
    atomic_store(&e->holders, 1);
    atomic_store(&e->bytes_max, INT64_MAX);
    upp_check(pipe(e->wake) == 0);
    for (size_t i = 0; i < 2; i++)
        (void)fcntl(e->wake[i], F_SETFD, FD_CLOEXEC);
    if (open_listener(e) && pthread_create(&e->thread, NULL, listen_on, e) == 0)
        return e;
    upp_log(UPP_ERROR, NULL, "the browser's way out cannot be opened: %s", strerror(errno));
    if (e->listener >= 0)
        close(e->listener);
    let_go(e);
    return NULL;
}

void egress_free(egress *e)
{
    if (!e)
        return;
    upp_check(write(e->wake[1], "", 1) == 1);
    upp_check(pthread_join(e->thread, NULL) == 0);
    close(e->listener);
    let_go(e);
}

uint16_t egress_port(const egress *e)
{
    return e->port;
}

void egress_reset(egress *e, int64_t bytes)
{
    atomic_store(&e->refused, 0);
    atomic_store(&e->unknown, 0);
    atomic_store(&e->late, 0);
    atomic_store(&e->unreachable, 0);
    atomic_store(&e->bytes, 0);
    atomic_store(&e->bytes_max, bytes);
}

egress_tally egress_count(const egress *e)
{
    return (egress_tally){ .refused = atomic_load(&e->refused),
                           .unknown = atomic_load(&e->unknown),
                           .late = atomic_load(&e->late),
                           .unreachable = atomic_load(&e->unreachable),
                           .bytes = atomic_load(&e->bytes) };
}
