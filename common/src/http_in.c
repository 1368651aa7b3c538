/* http_in.c - libmicrohttpd in the loop. */
#include "http_in.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

int upp_http_listen(upp_loop *loop, const upp_http_where *where, uint16_t *ret_port)
{
    const int on = 1, off = 0;
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)where->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)where->port) };
    const bool is_v4 = inet_pton(AF_INET, where->address, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, where->address, &v6.sin6_addr) != 1) {
        upp_loop_say(loop,
                     "%s: is no address; write 127.0.0.1, 0.0.0.0 or ::", where->address_option);
        return -1;
    }
    const int fd =
        socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = is_v4 ? sizeof v4 : sizeof v6;
    struct sockaddr *at = is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (!is_v4)
            (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (fd < 0 || bind(fd, at, len) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, at, &len) != 0) {
        upp_loop_say(loop, "port %lld of %s cannot be had: %s; choose another `%s`",
                     (long long)where->port, where->address, strerror(errno), where->port_option);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    *ret_port = ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
    return fd;
}

static void turn(void *self)
{
    upp_http_in_turn(self);
}

static void on_ready(void *self, int fd, unsigned what)
{
    (void)fd;
    (void)what;
    upp_http_in_turn(self);
}

void upp_http_in_turn(upp_http_in *in)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (!in->daemon)
        return;
    MHD_run(in->daemon); /* with an epoll descriptor it never waits */
    const bool waits = MHD_get_timeout(in->daemon, &ms) == MHD_YES;
    upp_loop_in(in->loop, waits ? (upp_ms)ms : -1, turn, in);
}

void upp_http_in_soon(upp_http_in *in)
{
    upp_loop_in(in->loop, 0, turn, in);
}

static void start(upp_http_in *in)
{
    enum { OPTIONS = 8 };
    const upp_http_how *how = &in->how;
    struct MHD_OptionItem options[OPTIONS] = {
        { MHD_OPTION_LISTEN_SOCKET, how->fd, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, how->connections, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, how->idle_seconds, NULL },
    };
    size_t n = 3;
    if (how->end)
        options[n++] =
            (struct MHD_OptionItem){ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)how->end, how->self };
    if (how->per_address > 0)
        options[n++] =
            (struct MHD_OptionItem){ MHD_OPTION_PER_IP_CONNECTION_LIMIT, how->per_address, NULL };
    if (how->connection_bytes > 0)
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                                (intptr_t)how->connection_bytes, NULL };
    options[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    in->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, how->request,
                         how->self, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    upp_check(in->daemon != NULL); /* no descriptor or no memory: who watches over us starts anew */
    in->epoll = MHD_get_daemon_info(in->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

static void on_first(void *self, int fd, unsigned what)
{
    upp_http_in *in = self;
    (void)what;
    upp_loop_fd(in->loop, fd, 0, on_first, in);
    start(in);
    upp_loop_fd(in->loop, in->epoll, UPP_READABLE, on_ready, in);
    upp_http_in_turn(in);
}

void upp_http_in_begin(upp_http_in *in, upp_loop *loop, const upp_http_how *how)
{
    *in = (upp_http_in){ .loop = loop, .how = *how };
    upp_loop_fd(loop, how->fd, UPP_READABLE, on_first, in);
}

void upp_http_in_end(upp_http_in *in)
{
    if (!in->loop)
        return;
    if (in->daemon) {
        upp_loop_in(in->loop, -1, turn, in);
        upp_loop_fd(in->loop, in->epoll, 0, on_ready, in);
        MHD_run(in->daemon);
        MHD_stop_daemon(in->daemon); /* closes what it listened on */
    } else {
        upp_loop_fd(in->loop, in->how.fd, 0, on_first, in);
        (void)close(in->how.fd);
    }
    *in = (upp_http_in){ .loop = NULL };
}
