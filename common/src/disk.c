/* disk.c - the ballast file and the low-water mark (reliability.md F10). */
#include "disk.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void done_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int complain(void (*say)(const char *line), const char *what, const char *path, int error)
{
    char line[PATH_MAX + 128];
    snprintf(line, sizeof line, "disk: %s %s: %s", what, path, strerror(error));
    say(line);
    return UPP_E_STORE;
}

static bool ballast_path(const char *folder, char ret_path[PATH_MAX])
{
    const int n = snprintf(ret_path, PATH_MAX, "%s/ballast", folder);
    return n > 0 && n < PATH_MAX;
}

/* The name must be on the disk too, not only the bytes. */
static int sync_folder(const char *folder)
{
    UPP_AUTO(done_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) != 0 ? UPP_E_STORE : 0;
}

static int free_bytes(const char *folder, int64_t *ret_bytes)
{
    struct statvfs fs;
    if (statvfs(folder, &fs) != 0)
        return UPP_E_STORE;
    const uint64_t blocks = fs.f_bavail, size = fs.f_frsize;
    *ret_bytes =
        size != 0 && blocks > (uint64_t)INT64_MAX / size ? INT64_MAX : (int64_t)(blocks * size);
    return 0;
}

/* Holes would be no ballast: st_blocks counts 512-byte blocks that are really taken. */
static bool is_full(int fd, int64_t bytes)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size == bytes && (int64_t)st.st_blocks * 512 >= bytes;
}

int upp_disk_ballast(const char *folder, const upp_disk_marks *marks, void (*say)(const char *line))
{
    char path[PATH_MAX];
    if (!ballast_path(folder, path))
        return complain(say, "ballast in", folder, ENAMETOOLONG);
    if (marks->ballast_bytes == 0) {
        upp_disk_release(folder);
        return 0;
    }
    UPP_AUTO(done_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return complain(say, "cannot open", path, errno);
    if (is_full(fd, marks->ballast_bytes))
        return 0;

    int64_t left = 0;
    if (free_bytes(folder, &left) != 0)
        return complain(say, "cannot ask how full is", folder, errno);
    const bool room = left > marks->low_bytes && left - marks->low_bytes >= marks->ballast_bytes;
    int error = 0;
    if (room && ftruncate(fd, (off_t)marks->ballast_bytes) != 0)
        error = errno;
    if (room && error == 0)
        error = posix_fallocate(fd, 0, (off_t)marks->ballast_bytes);
    if (!room || error == ENOSPC || error == EDQUOT) {
        if (unlink(path) != 0)
            return complain(say, "cannot remove", path, errno);
        return 1;
    }
    if (error != 0)
        return complain(say, "cannot fill", path, error);
    if (fsync(fd) != 0 || sync_folder(folder) != 0)
        return complain(say, "cannot sync", path, errno);
    return 0;
}

int upp_disk_release(const char *folder)
{
    char path[PATH_MAX];
    if (!ballast_path(folder, path))
        return UPP_E_STORE;
    if (unlink(path) != 0)
        return errno == ENOENT ? 1 : UPP_E_STORE;
    return sync_folder(folder);
}

int upp_disk_low(const char *folder, const upp_disk_marks *marks, int64_t *ret_free_bytes)
{
    int64_t left = 0;
    UPP_TRY(free_bytes(folder, &left));
    *ret_free_bytes = left;
    return left < marks->low_bytes ? 1 : 0;
}
