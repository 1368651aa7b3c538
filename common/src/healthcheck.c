/* healthcheck.c - one GET /readyz, within 3 s. */
#include "healthcheck.h"
#include "ops_socket.h"
#include "suite_clock.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER = 16 * 1024 };

static const upp_ms patience_span = 3 * UPP_SECOND;

static void done_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static bool wait_for(int fd, short what, upp_ms deadline)
{
    const upp_ms left = deadline - upp_steady_now();
    struct pollfd p = { .fd = fd, .events = what };
    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static bool connect_to(int fd, const struct sockaddr_storage *address, socklen_t len,
                       upp_ms deadline)
{
    if (connect(fd, (const struct sockaddr *)address, len) == 0)
        return true;
    int error = errno;
    socklen_t size = sizeof error;
    if (error != EINPROGRESS || !wait_for(fd, POLLOUT, deadline))
        return false;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

/* The whole answer as text. HTTP/1.0: it ends when the other side closes. */
static bool ask(int fd, upp_ms deadline, char ret_answer[ANSWER])
{
    static const char request[] = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)sizeof request - 1)
        return false;
    size_t have = 0;
    while (have < ANSWER - 1 && wait_for(fd, POLLIN, deadline)) {
        const ssize_t n = recv(fd, ret_answer + have, ANSWER - 1 - have, 0);
        if (n < 0)
            return false;
        if (n == 0) {
            ret_answer[have] = '\0';
            return true;
        }
        have += (size_t)n;
    }
    return false;
}

static int unwell(FILE *out, const char *where, const char *why)
{
    fprintf(out, "%s: %s\n", where, why);
    return 1;
}

int upp_healthcheck(const char *where, FILE *out)
{
    const upp_ms deadline = upp_steady_now() + patience_span;
    struct sockaddr_storage address = { 0 };
    socklen_t len = 0;
    const char *why = ops_socket_address(where, false, &address, &len);
    if (why)
        return unwell(out, where, why);
    UPP_AUTO(done_fd)
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !connect_to(fd, &address, len, deadline))
        return unwell(out, where, "nobody answers; is the service started?");
    char answer[ANSWER];
    if (!ask(fd, deadline, answer))
        return unwell(out, where, "no answer within 3 s");
    const char *body = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.", 7) != 0 || !body)
        return unwell(out, where, "the answer is no HTTP");
    fprintf(out, "%s\n", body + 4);
    const char *status = strchr(answer, ' ');
    return status && strncmp(status, " 200", 4) == 0 ? 0 : 1;
}
