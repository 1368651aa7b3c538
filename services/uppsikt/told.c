/* told.c - datagrams with the sender's process id. */
#define _GNU_SOURCE /* struct ucred */
#include "told.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int told_open(char ret_name[TOLD_NAME])
{
    const int on = 1;
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    socklen_t len = offsetof(struct sockaddr_un, sun_path); /* the kernel names it: unix(7) */
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&at, len) != 0 ||
        (len = sizeof at, getsockname(fd, (struct sockaddr *)&at, &len)) != 0) {
        (void)close(fd);
        return -1;
    }
    const size_t n = len - offsetof(struct sockaddr_un, sun_path);
    snprintf(ret_name, TOLD_NAME, "@%.*s", (int)(n > 0 ? n - 1 : 0), at.sun_path + 1);
    return fd;
}

static pid_t sender(struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred who;
            memcpy(&who, CMSG_DATA(c), sizeof who);
            return who.pid;
        }
    return 0;
}

bool told_next(int fd, pid_t *ret_pid, char *ret_json, size_t size)
{
    static const char name[] = "X_UPPSIKT_READY=";
    for (;;) {
        union {
            struct cmsghdr head;
            char room[CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct iovec bytes = { ret_json, size - 1 };
        struct msghdr msg = { .msg_iov = &bytes,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
        const ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        ret_json[n] = '\0';
        *ret_pid = sender(&msg);
        if (msg.msg_flags & MSG_TRUNC || strncmp(ret_json, name, sizeof name - 1) != 0)
            continue;
        memmove(ret_json, ret_json + sizeof name - 1, (size_t)n - (sizeof name - 1) + 1);
        return true;
    }
}
