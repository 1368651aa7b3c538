/* port_upload.c - html and pictures on their way to the browser. */
#include "port_upload.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INLINE_MAX = 128 * 1024 };

/* A file below `fd`: never through a link, never up. -1: there is none. */
static int open_below(int fd, const char *path)
{
    char name[PORT_NAME];
    int at = dup(fd);
    while (at >= 0) {
        const size_t n = strcspn(path, "/");
        const bool last = path[n] == '\0';
        if (n == 0 || n >= sizeof name)
            break;
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
            break;
        const int next = openat(at, name,
                                O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
                                    (last ? O_NOCTTY : O_DIRECTORY));
        close(at);
        if (last)
            return next;
        at = next;
        path += n + 1;
    }
    if (at >= 0)
        close(at);
    return -1;
}

static bool is_picture(const char *mime)
{
    static const char *const kinds[] = { "image/png", "image/jpeg", "image/gif", "image/webp",
                                         "image/avif" };
    for (size_t i = 0; i < UPP_LEN(kinds); i++)
        if (strcmp(kinds[i], mime) == 0)
            return true;
    return false;
}

void port_upload_open(port_upload *upload, const Uppsikt__CapturePage *page,
                      const port_folder *folder)
{
    const size_t html = strlen(page->html);
    int64_t left = UPLOAD_BYTES_MAX - (int64_t)html;
    *upload = (port_upload){ .page = page, .html_bytes = html > INLINE_MAX ? html : 0 };
    for (size_t i = 0; i < UPLOAD_MEDIA; i++)
        upload->fds[i] = -1;
    for (size_t i = 0; i < page->n_media && i < UPLOAD_MEDIA; i++) {
        struct stat st;
        const Uppsikt__CaptureMedia *m = page->media[i];
        const int fd = is_picture(m->mime) ? open_below(folder->fd, m->path) : -1;
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
            st.st_size <= left) {
            upload->fds[i] = fd;
            upload->bytes[i] = st.st_size;
            left -= st.st_size;
        } else if (fd >= 0) {
            close(fd);
        }
    }
}

void port_upload_close(port_upload *upload)
{
    for (size_t i = 0; i < UPLOAD_MEDIA; i++) {
        if (upload->page && upload->fds[i] >= 0)
            close(upload->fds[i]);
        upload->fds[i] = -1;
    }
}

void port_upload_announce(const port_upload *upload, Uppsikt__CapturePage *job,
                          Uppsikt__CaptureMedia media[UPLOAD_MEDIA],
                          Uppsikt__CaptureMedia *rows[UPLOAD_MEDIA])
{
    size_t n = 0;
    if (upload->html_bytes > 0) {
        job->html = upp_lend("");
        job->html_bytes = (int64_t)upload->html_bytes;
    }
    for (size_t i = 0; i < job->n_media && i < UPLOAD_MEDIA; i++) {
        if (upload->fds[i] < 0)
            continue;
        media[n] = *job->media[i];
        media[n].path = upp_lend("");
        media[n].bytes = upload->bytes[i];
        rows[n] = &media[n];
        n++;
    }
    job->media = rows;
    job->n_media = n;
}

/* To the next thing of which something is left; its number among those that were announced. */
static bool to_next(port_upload *u, uint32_t *ret_number)
{
    if (u->at == 0 && u->offset < (int64_t)u->html_bytes) {
        *ret_number = 0;
        return true;
    }
    if (u->at == 0) {
        u->at = 1;
        u->offset = 0;
    }
    while (u->at <= UPLOAD_MEDIA && (u->fds[u->at - 1] < 0 || u->offset == u->bytes[u->at - 1])) {
        u->at++;
        u->offset = 0;
    }
    *ret_number = 1;
    for (size_t i = 0; u->at <= UPLOAD_MEDIA && i + 1 < u->at; i++)
        *ret_number += u->fds[i] >= 0;
    return u->at <= UPLOAD_MEDIA;
}

int port_upload_next(port_upload *upload, uint8_t room[UPLOAD_PART], Uppsikt__CapturePart *ret_part)
{
    port_upload *u = upload;
    uint32_t number = 0;
    if (u->credit == 0 || !to_next(u, &number))
        return 1;
    const int64_t whole = u->at == 0 ? (int64_t)u->html_bytes : u->bytes[u->at - 1];
    const int64_t left = whole - u->offset;
    const size_t n = left < UPLOAD_PART ? (size_t)left : (size_t)UPLOAD_PART;
    if (u->at == 0)
        memcpy(room, u->page->html + u->offset, n);
    else if (pread(u->fds[u->at - 1], room, n, (off_t)u->offset) != (ssize_t)n)
        return UPP_E_INPUT;
    uppsikt__capture_part__init(ret_part);
    ret_part->file = number;
    ret_part->offset = u->offset;
    ret_part->bytes = (ProtobufCBinaryData){ n, room };
    u->offset += (int64_t)n;
    u->credit--;
    return 0;
}
