/* port_folder.c - files and folders of the archive, on disk. */
#include "port_folder.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, DEPTH_MAX = 32 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what must last was synced before */
}

int folder_path(const char *above, const char *name, char ret_path[PATH_MAX])
{
    const int n = snprintf(ret_path, PATH_MAX, "%s/%s", above, name);
    return n > 0 && n < PATH_MAX ? 0 : ENAMETOOLONG;
}

bool folder_has(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

int folder_sync(const char *path)
{
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 || fsync(fd) < 0 ? errno : 0;
}

int folder_sync_above(const char *path)
{
    char above[PATH_MAX];
    const char *slash = strrchr(path, '/');
    upp_check(slash != NULL);
    snprintf(above, sizeof above, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return folder_sync(above);
}

int folder_make(const char *path)
{
    char part[PATH_MAX];
    const size_t len = strlen(path);
    if (len >= sizeof part)
        return ENAMETOOLONG;
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0750) == 0) {
            const int rc = folder_sync_above(part);
            if (rc)
                return rc;
        } else if (errno != EEXIST) {
            return errno;
        }
    }
    return 0;
}

int folder_make_above(const char *file)
{
    char above[PATH_MAX];
    const char *slash = strrchr(file, '/');
    if (!slash || (size_t)(slash - file) >= sizeof above)
        return ENAMETOOLONG;
    snprintf(above, sizeof above, "%.*s", (int)(slash - file), file);
    return folder_make(above);
}

static int write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int folder_write(const char *path, upp_bytes bytes)
{
    int rc = folder_make_above(path);
    if (rc)
        return rc;
    UPP_AUTO(close_fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return errno;
    rc = write_all(fd, bytes.at, bytes.len);
    if (rc == 0 && fsync(fd) < 0)
        rc = errno;
    return rc ? rc : folder_sync_above(path);
}

static int copy(const char *from, const char *to)
{
    uint8_t piece[PIECE];
    ssize_t n = 0;
    UPP_AUTO(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    UPP_AUTO(close_fd)
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (in < 0 || out < 0)
        return errno;
    while ((n = read(in, piece, sizeof piece)) > 0) {
        const int rc = write_all(out, piece, (size_t)n);
        if (rc)
            return rc;
    }
    return n < 0 || fsync(out) < 0 ? errno : 0;
}

int folder_link(const char *from, const char *to)
{
    const int above = folder_make_above(to);
    if (above)
        return above;
    if (link(from, to) == 0)
        return folder_sync_above(to);
    if (errno == EEXIST)
        return 0;
    if (errno != EXDEV && errno != EPERM && errno != EMLINK)
        return errno;
    const int rc = copy(from, to);
    if (rc == EEXIST)
        return 0;
    if (rc) {
        (void)unlink(to); /* a part of a copy is worse than none */
        return rc;
    }
    return folder_sync_above(to);
}

/* -- taking away -- */
static int remove_below(int above, const char *name, unsigned depth);

static int remove_entries(int fd, unsigned depth)
{
    int rc = 0;
    DIR *dir = fdopendir(dup(fd));
    if (!dir)
        return errno;
    rewinddir(dir);
    for (const struct dirent *e = readdir(dir); e && rc == 0; e = readdir(dir))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            rc = remove_below(fd, e->d_name, depth + 1);
    (void)closedir(dir);
    return rc;
}

static int remove_below(int above, const char *name, unsigned depth)
{
    if (unlinkat(above, name, 0) == 0 || errno == ENOENT)
        return 0;
    if ((errno != EISDIR && errno != EPERM) || depth > DEPTH_MAX)
        return errno;
    UPP_AUTO(close_fd)
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno;
    const int rc = remove_entries(fd, depth);
    if (rc)
        return rc;
    return unlinkat(above, name, AT_REMOVEDIR) < 0 ? errno : 0;
}

int folder_remove(const char *path)
{
    if (!folder_has(path))
        return 0;
    const int rc = remove_below(AT_FDCWD, path, 0);
    return rc ? rc : folder_sync_above(path);
}

/* -- what lies there -- */
static ssize_t read_some(int fd, uint8_t *at, size_t n, uint64_t from)
{
    ssize_t got = 0;
    do
        got = pread(fd, at, n, (off_t)from);
    while (got < 0 && errno == EINTR);
    return got;
}

static int read_file(void *ctx, uint64_t at, void *ret_bytes, size_t n)
{
    const folder_file *file = ctx;
    uint8_t *to = ret_bytes;
    UPP_AUTO(close_fd) int fd = open(file->whole, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return UPP_E_STORE;
    while (n > 0) {
        const ssize_t got = read_some(fd, to, n, at);
        if (got <= 0)
            return UPP_E_STORE;
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

source folder_source(folder_file *file)
{
    return (source){ read_file, file, file->bytes };
}

void folder_file_done(folder_file *file)
{
    free(file->path);
    free(file->whole);
    *file = (folder_file){ 0 };
}

int folder_file_at(const char *path, folder_file *ret_file)
{
    struct stat info;
    if (lstat(path, &info) < 0)
        return errno;
    if (!S_ISREG(info.st_mode))
        return EMLINK;
    const char *slash = strrchr(path, '/');
    *ret_file = (folder_file){ .path = strdup(slash ? slash + 1 : path),
                               .whole = strdup(path),
                               .bytes = (uint64_t)info.st_size };
    if (ret_file->path && ret_file->whole)
        return 0;
    folder_file_done(ret_file);
    return ENOMEM;
}

void folder_done(folder_list *f)
{
    for (size_t i = 0; i < f->n; i++)
        folder_file_done(&f->files[i]);
    free(f->files);
    *f = (folder_list){ 0 };
}

static int add_file(folder_list *f, const char *root, const char *whole, uint64_t bytes)
{
    if ((f->n & (f->n - 1)) == 0) {
        folder_file *more = realloc(f->files, (f->n ? 2 * f->n : 1) * sizeof *more);
        if (!more)
            return ENOMEM;
        f->files = more;
    }
    folder_file one = { .path = strdup(whole + strlen(root) + 1), .whole = strdup(whole) };
    one.bytes = bytes;
    f->files[f->n++] = one;
    return one.path && one.whole ? 0 : ENOMEM;
}

static int walk(folder_list *f, const char *root, const char *at, unsigned depth);

static int look(folder_list *f, const char *root, const char *at, const char *name, unsigned depth)
{
    char path[PATH_MAX];
    struct stat info;
    const int rc = folder_path(at, name, path);
    if (rc)
        return rc;
    if (lstat(path, &info) < 0)
        return errno;
    if (S_ISREG(info.st_mode))
        return add_file(f, root, path, (uint64_t)info.st_size);
    return S_ISDIR(info.st_mode) && depth < DEPTH_MAX ? walk(f, root, path, depth + 1) : EMLINK;
}

static int walk(folder_list *f, const char *root, const char *at, unsigned depth)
{
    int rc = 0;
    DIR *dir = opendir(at);
    if (!dir)
        return errno;
    for (const struct dirent *e = readdir(dir); e && rc == 0; e = readdir(dir))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            rc = look(f, root, at, e->d_name, depth);
    (void)closedir(dir);
    return rc;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const folder_file *)a)->path, ((const folder_file *)b)->path);
}

int folder_walk(const char *root, folder_list *ret_folder)
{
    folder_list f = { 0 };
    const int rc = walk(&f, root, root, 0);
    if (rc) {
        folder_done(&f);
        return rc;
    }
    if (f.n > 0)
        qsort(f.files, f.n, sizeof *f.files, by_path);
    *ret_folder = f;
    return 0;
}
