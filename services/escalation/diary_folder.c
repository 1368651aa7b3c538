/* diary_folder.c - a package into a folder: whole or not at all, and never over another's file. */
#define _GNU_SOURCE /* renameat2 */
#include "diary_deliver.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(diary_result *r, const char *what)
{
    snprintf(r->room, sizeof r->room, "%s: %s", what, strerror(errno));
    r->fate = DIARY_LATER;
    r->words = r->room;
}

static bool write_all(int fd, upp_bytes bytes)
{
    while (bytes.len > 0) {
        const ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
    return true;
}

/* 0: the whole file; 1: nothing of ours, whatever is in it; -1: it cannot be read just now. */
static int read_all(int fd, size_t most, buf *out)
{
    struct stat st;
    uint8_t piece[16384];
    if (fstat(fd, &st) != 0)
        return -1;
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > most)
        return 1;
    for (;;) {
        const ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? 0 : -1;
        if (out->len + (size_t)n > most)
            return 1;
        upp_check(buf_put(out, piece, (size_t)n) == 0);
    }
}

/* A link, a pipe, a file that is not for us to read. */
static bool is_anothers(int why)
{
    return why == ELOOP || why == ENXIO || why == EACCES;
}

/* True: something of that name is there already, or one cannot tell; *r says what follows. */
static bool there(int folder, const char *file, const diary_parcel *p, diary_result *r)
{
    UPP_AUTO(buf_done) buf found = { 0 };
    const int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return false;
    const int rc = fd >= 0 ? read_all(fd, DIARY_FOUND_MOST, &found) : is_anothers(errno) ? 1 : -1;
    if (rc < 0)
        fail(r, "what lies there already cannot be read");
    else
        diary_found(p, rc == 0 ? buf_bytes(&found) : (upp_bytes){ 0 }, r);
    /* a crash may have come between rename and sync */
    if (r->fate == DIARY_DELIVERED && fsync(fd) != 0)
        fail(r, "the package that lies there cannot be synced");
    if (fd >= 0)
        close(fd);
    return true;
}

static bool write_part(int folder, const char *part, const diary_parcel *p, diary_result *r)
{
    (void)unlinkat(folder, part, 0); /* ours, of an attempt that was broken off */
    const int fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && fchmod(fd, diary_mode(p->config)) == 0 && /* whatever the umask */
                write_all(fd, p->zip) && fsync(fd) == 0;
    if (!good)
        fail(r, "the package cannot be written");
    if (fd >= 0 && close(fd) != 0 && good) {
        fail(r, "the package cannot be written");
        good = false;
    }
    if (!good && fd >= 0)
        (void)unlinkat(folder, part, 0);
    return good;
}

/* Some file systems know no RENAME_NOREPLACE; there a look comes just before. */
static int rename_new(int folder, const char *part, const char *file)
{
    if (renameat2(folder, part, folder, file, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (faccessat(folder, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(folder, part, folder, file);
}

static void deliver(int folder, const diary_parcel *p, diary_result *r)
{
    char file[128], part[160];
    snprintf(file, sizeof file, "%s.zip", p->name);
    snprintf(part, sizeof part, ".%s.part", file);
    if (!there(folder, file, p, r)) {
        if (!write_part(folder, part, p, r))
            return;
        if (rename_new(folder, part, file) != 0) {
            const int why = errno;
            (void)unlinkat(folder, part, 0);
            errno = why;
            if (why == EEXIST && there(folder, file, p, r))
                return;
            fail(r, "the package cannot be given its name");
            return;
        }
        r->fate = DIARY_DELIVERED;
    }
    if (r->fate == DIARY_DELIVERED && fsync(folder) != 0)
        fail(r, "the folder cannot be synced");
}

/* What lies in it is personal (R24). */
static bool open_to_others(int folder)
{
    struct stat st;
    return fstat(folder, &st) != 0 || (st.st_mode & S_IRWXO) != 0;
}

void diary_to_folder(const diary_parcel *p, diary_result *ret_result)
{
    *ret_result = (diary_result){ .fate = DIARY_LATER, .words = "" };
    const int folder = open(p->config->deliver, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        fail(ret_result, "diary_deliver's folder cannot be opened");
        return;
    }
    if (open_to_others(folder))
        ret_result->words = "diary_deliver's folder may be entered by everybody; give it the mode "
                            "0700, or 0770 with diary_group";
    else
        deliver(folder, p, ret_result);
    close(folder);
}
