/* port_upload.c - a file that a form brings, onto the disk. */
#include "upload.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int write_file(void *ctx, const void *bytes, size_t n)
{
    upload *u = ctx;
    const uint8_t *at = bytes;
    if ((int64_t)n > u->most - u->bytes) {
        u->large = true;
        return UPP_E_INPUT;
    }
    u->bytes += (int64_t)n;
    while (n > 0) {
        const ssize_t done = write(u->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            u->unwritten = true;
            return UPP_E_STORE;
        }
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

upload *upload_new(const char *content_type, const char *folder, int64_t most)
{
    char path[PATH_MAX];
    upload *u = calloc(1, sizeof *u);
    upp_check(u);
    u->fd = -1;
    u->most = most;
    const int n = snprintf(path, sizeof path, "%s/uppsikt-upload-XXXXXX", folder);
    if (multipart_begin(&u->form, content_type, &(sink){ write_file, u }) && n > 0 &&
        (size_t)n < sizeof path)
        u->fd = mkstemp(path);
    if (u->fd >= 0 && unlink(path) == 0 && fcntl(u->fd, F_SETFD, FD_CLOEXEC) == 0)
        return u;
    upload_free(u);
    return NULL;
}

void upload_take(upload *u, const char *bytes, size_t n)
{
    if (u->broken || u->large || u->unwritten || multipart_take(&u->form, bytes, n) == 0)
        return;
    u->broken = !u->large && !u->unwritten;
    u->unwritten = ftruncate(u->fd, 0) != 0 || u->unwritten; /* its room is for others */
    u->bytes = 0;
}

static int read_file(void *ctx, uint64_t at, void *ret_bytes, size_t n)
{
    const upload *u = ctx;
    uint8_t *to = ret_bytes;
    while (n > 0) {
        const ssize_t got = pread(u->fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return UPP_E_STORE;
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

source upload_source(upload *u)
{
    return (source){ read_file, u, (uint64_t)u->bytes };
}

void upload_free(upload *u)
{
    if (!u)
        return;
    multipart_done(&u->form);
    if (u->fd >= 0)
        (void)close(u->fd); /* it has no name: it is gone */
    free(u);
}
