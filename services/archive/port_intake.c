/* port_intake.c - the port `intake`: bytes of a run to their place on disk, and folders away. */
#include "archive.h"
#include "fixity.h"
#include "kind.h"
#include "manifest.h"
#include "port_folder.h"
#include "upp/port.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const upp_port upp_archive_intake_port;

typedef struct intake {
    upp_loop *loop;
    const archive_config *config;
} intake;

typedef struct job {
    intake *port;
    int64_t id;
    const Uppsikt__StorePart *part; /* lent until upp_done */
    int failed;                     /* errno: later */
    const char *refused;            /* a key of the catalogue: never */
    const char *mime;
    uint8_t sha256[32];
    int64_t bytes;
} job;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what must last was synced before */
}

static int write_at(int fd, const uint8_t *at, size_t len, off_t offset)
{
    while (len > 0) {
        const ssize_t n = pwrite(fd, at, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        offset += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Each part is on disk before it is answered: when its ask has ended nobody has it any more. */
static int store(const Uppsikt__StorePart *p, const char *path)
{
    const bool new = !folder_has(path);
    int rc = folder_make_above(path);
    if (rc)
        return rc;
    UPP_AUTO(close_fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return errno;
    rc = write_at(fd, p->bytes.data, p->bytes.len, (off_t)p->offset);
    if (rc == 0 && fsync(fd) < 0)
        rc = errno;
    return rc || !new ? rc : folder_sync_above(path);
}

static void unhex(const char *hex, uint8_t ret_bytes[32])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++)
        ret_bytes[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) * 16 +
                                 (strchr(digits, hex[2 * i + 1]) - digits));
}

/* The whole file: its length, its sum, and, from outside, whether it may be kept. */
static int look_at(job *j, folder_file *file)
{
    const Uppsikt__StorePart *p = j->part;
    const source in = folder_source(file);
    char hex[FIXITY_HEX];
    j->bytes = (int64_t)file->bytes;
    if (j->bytes != p->offset) {
        j->refused = "file-incomplete";
        return 0;
    }
    if (fixity_of_source(&in, hex) < 0)
        return EIO;
    unhex(hex, j->sha256);
    if (p->sha256.len == 32 && memcmp(p->sha256.data, j->sha256, 32) != 0)
        j->refused = "sum-differs";
    else if (p->check && kind_of(&in, &j->mime, &j->refused) < 0)
        return EIO;
    return 0;
}

static int end(job *j, const char *path)
{
    folder_file file = { 0 };
    int rc = 0;
    if (j->part->offset == 0) /* an empty list is a file, too */
        rc = store(j->part, path);
    if (rc == 0)
        rc = folder_file_at(path, &file);
    if (rc == 0)
        rc = look_at(j, &file);
    folder_file_done(&file);
    return rc;
}

/* Nothing outside our own folder is touched, whatever is asked. */
static bool ours(const job *j)
{
    const char *root = j->port->config->folder;
    const size_t len = root ? strlen(root) : 0;
    return len > 0 && strncmp(j->part->folder, root, len) == 0 && j->part->folder[len] == '/' &&
           path_inside(j->part->folder + len + 1) &&
           (j->part->remove || path_inside(j->part->file));
}

static void work(void *self)
{
    job *j = self;
    char path[PATH_MAX];
    if (!ours(j)) {
        j->refused = "outside-the-folder";
        return;
    }
    if (j->part->remove) {
        j->failed = folder_remove(j->part->folder);
        return;
    }
    j->failed = folder_path(j->part->folder, j->part->file, path);
    if (j->failed)
        return;
    j->failed = j->part->last ? end(j, path) : store(j->part, path);
}

static void back(void *self)
{
    job *j = self;
    const Uppsikt__StorePart *p = j->part;
    Uppsikt__PartStored out = UPPSIKT__PART_STORED__INIT;
    if (j->failed) {
        upp_loop_say(j->port->loop, "a part was not stored: %s", strerror(j->failed));
        upp_done(j->port->loop, j->id, UPP_LATER, NULL, 0);
    } else {
        out.file = p->file;
        out.offset = p->offset;
        out.last = p->last;
        out.removed = p->remove;
        out.bytes = p->last ? j->bytes : (int64_t)p->bytes.len;
        if (p->last)
            out.sha256 = (ProtobufCBinaryData){ sizeof j->sha256, j->sha256 };
        out.mime = upp_lend(j->mime ? j->mime : "");
        out.failed = upp_lend(j->refused ? j->refused : "");
        upp_done(j->port->loop, j->id, UPP_DONE, &out.base, 0);
    }
    free(j);
}

static void start(void *self, const upp_asked *ask)
{
    intake *port = self;
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    *j = (job){ .port = port, .id = ask->id, .part = (const Uppsikt__StorePart *)ask->request };
    upp_loop_work(port->loop, work, back, j);
}

static void *port_open(upp_loop *loop, const void *config)
{
    intake *port = calloc(1, sizeof *port);
    upp_check(port);
    port->loop = loop;
    port->config = config;
    const int rc = port->config->folder ? folder_make(port->config->folder) : 0;
    if (rc) /* it may come to be there; until then each part waits */
        upp_loop_say(loop, "folder: %s", strerror(rc));
    return port;
}

static void port_close(void *self)
{
    free(self);
}

const upp_port upp_archive_intake_port = {
    .name = "intake",
    .request = &uppsikt__store_part__descriptor,
    .answer = &uppsikt__part_stored__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = port_open,
    .start = start,
    .close = port_close,
};
