/* notify.c - tells systemd how we are: sd_notify(3)'s protocol. */
#include "notify.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool upp_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
        return false;
    const size_t len = strlen(path);
    memcpy(to.sun_path, path, len);
    if (path[0] == '@') /* Linux' abstract names begin with a zero byte */
        to.sun_path[0] = '\0';

    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    const ssize_t sent =
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
    close(fd);
    return sent == (ssize_t)strlen(state);
}

bool upp_notify_is_wanted(void)
{
    return getenv("NOTIFY_SOCKET") != NULL;
}

static bool whole_number(const char *text, int64_t *ret_n)
{
    char *end = NULL;
    errno = 0;
    const int64_t n = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return false;
    *ret_n = n;
    return true;
}

upp_ms upp_notify_watchdog_span(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    int64_t us = 0, whose = 0;
    if (!usec || !whole_number(usec, &us) || us <= 0)
        return 0;
    if (pid && (!whole_number(pid, &whose) || whose != (int64_t)getpid()))
        return 0;
    const upp_ms half = us / 2000;
    return half > 0 ? half : 1;
}
