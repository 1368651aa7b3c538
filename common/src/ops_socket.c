/* ops_socket.c - a path or host:port. */
#include "ops_socket.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64 };

static const char *path_address(const char *where, struct sockaddr_storage *ret_address,
                                socklen_t *ret_len)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (strlen(where) >= sizeof to.sun_path)
        return "is a longer path than a socket may have (107 bytes); choose a shorter `run`";
    memcpy(to.sun_path, where, strlen(where) + 1);
    memcpy(ret_address, &to, sizeof to);
    *ret_len = sizeof to;
    return NULL;
}

const char *ops_socket_address(const char *where, bool listening,
                               struct sockaddr_storage *ret_address, socklen_t *ret_len)
{
    if (strchr(where, '/'))
        return path_address(where, ret_address, ret_len);
    char host[256];
    const char *colon = strrchr(where, ':');
    size_t n = colon ? (size_t)(colon - where) : 0;
    if (n == 0 || n >= sizeof host || colon[1] == '\0')
        return "is neither a path nor host:port; write 127.0.0.1:9464 or [::1]:9464";
    const bool brackets = n > 2 && where[0] == '[' && where[n - 1] == ']';
    if (brackets)
        n -= 2;
    memcpy(host, where + (brackets ? 1 : 0), n);
    host[n] = '\0';

    const struct addrinfo wish = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICSERV | (listening ? AI_PASSIVE : 0),
    };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &wish, &found) != 0)
        return "is no address of this machine; write 127.0.0.1:9464 or [::1]:9464";
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    *ret_len = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

static bool complain(void (*say)(const char *line), const char *where, const char *why)
{
    char line[512];
    snprintf(line, sizeof line, "ops: %s: %s", where, why);
    say(line);
    return false;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage at = { 0 };
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (at.ss_family == AF_INET) {
        memcpy(&v4, &at, sizeof v4);
        return ntohs(v4.sin_port);
    }
    if (at.ss_family == AF_INET6) {
        memcpy(&v6, &at, sizeof v6);
        return ntohs(v6.sin6_port);
    }
    return 0;
}

static bool bind_listen(int fd, const struct sockaddr_storage *address, socklen_t len)
{
    const int on = 1;
    if (address->ss_family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, (const struct sockaddr *)address, len) == 0 && listen(fd, BACKLOG) == 0;
}

bool ops_socket_open(ops_socket *ret_socket, const char *where, void (*say)(const char *line))
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = 0;
    const char *why = ops_socket_address(where, true, &address, &len);
    if (why)
        return complain(say, where, why);
    const bool is_path = address.ss_family == AF_UNIX;
    struct stat st;
    if (is_path && lstat(where, &st) == 0) {
        if (!S_ISSOCK(st.st_mode))
            return complain(say, where, "is a file that is no socket; remove it");
        unlink(where);
    }
    ops_socket made = { 0 };
    made.fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made.fd < 0)
        return complain(say, where, strerror(errno));
    if (!bind_listen(made.fd, &address, len) || (is_path && chmod(where, 0660) != 0)) {
        const int error = errno;
        close(made.fd);
        return complain(say, where, strerror(error));
    }
    made.port = port_of(made.fd);
    if (is_path)
        memcpy(made.path, where, strlen(where) + 1); /* path_address has seen that it fits */
    *ret_socket = made;
    return true;
}

void ops_socket_remove(const ops_socket *socket)
{
    if (socket->path[0])
        unlink(socket->path);
}
