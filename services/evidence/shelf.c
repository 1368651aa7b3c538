/* shelf.c - a record's folder on the disk. */
#include "shelf.h"
#include "dossier.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 8 };

bool shelf_plain(const char *path)
{
    if (!path[0] || strlen(path) >= SHELF_PATH)
        return false;
    for (const char *part = path;; part += strcspn(part, "/") + 1) {
        const size_t n = strcspn(part, "/");
        if (n == 0 || part[0] == '.' ||
            strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") < n)
            return false;
        if (!part[n])
            return true;
    }
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what must last was synced before */
}

static int open_folder(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The folder that `n` bytes of `path` lead to from `at`; made when `make`, each name synced where
 * it stands. A descriptor or -errno. */
static int walk(int at, const char *path, size_t n, bool make)
{
    int here = fcntl(at, F_DUPFD_CLOEXEC, 0);
    if (here < 0)
        return -errno;
    for (size_t from = 0; from < n;) {
        char name[SHELF_PATH];
        const size_t len = strcspn(path + from, "/");
        snprintf(name, sizeof name, "%.*s", (int)len, path + from);
        const bool made = make && mkdirat(here, name, 0700) == 0;
        if (make && !made && errno != EEXIST) {
            const int why = errno;
            (void)close(here);
            return -why;
        }
        const int next = open_folder(here, name);
        const int why = next < 0 ? errno : made && fsync(here) != 0 ? errno : 0;
        (void)close(here);
        if (why) {
            if (next >= 0)
                (void)close(next);
            return -why;
        }
        here = next;
        from += len + 1;
    }
    return here;
}

/* Bytes of `path` before its last name. */
static size_t above(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* -- writing -- */
static int write_all(int fd, const uint8_t *at, size_t n, off_t offset)
{
    while (n > 0) {
        const ssize_t put = pwrite(fd, at, n, offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        at += put;
        offset += put;
        n -= (size_t)put;
    }
    return 0;
}

/* A file's own name lies safe only when its folder is synced, too. 0 or errno. */
static int put_file(int dir, const char *path, const uint8_t *bytes, size_t n, int64_t offset)
{
    UPP_AUTO(close_fd) int folder = walk(dir, path, above(path), true);
    struct stat info;
    if (folder < 0)
        return -folder;
    UPP_AUTO(close_fd)
    int fd =
        openat(folder, last_name(path),
               O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (offset == 0 ? O_TRUNC : 0), 0600);
    if (fd < 0 || fstat(fd, &info) != 0)
        return errno;
    if (!S_ISREG(info.st_mode) || info.st_size != offset)
        return ESTALE; /* the part before is not there */
    const int wrong = write_all(fd, bytes, n, (off_t)offset);
    if (wrong)
        return wrong;
    return fsync(fd) == 0 && fsync(folder) == 0 ? 0 : errno;
}

/* -- reading back -- */
static int hash_file(int fd, shelf_file *ret_file)
{
    enum { CHUNK = 64 * 1024 };
    crypto_hash_sha256_state sha;
    uint8_t *room = malloc(CHUNK);
    ssize_t n = 0;
    int wrong = 0;
    upp_check(room);
    crypto_hash_sha256_init(&sha);
    ret_file->bytes = 0;
    for (;;) {
        n = read(fd, room, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        crypto_hash_sha256_update(&sha, room, (unsigned long long)n);
        ret_file->bytes += n;
    }
    wrong = n < 0 ? errno : 0;
    crypto_hash_sha256_final(&sha, ret_file->sha256);
    free(room);
    return wrong;
}

static int read_back(int dir, const char *path, shelf_file *ret_file)
{
    UPP_AUTO(close_fd) int folder = walk(dir, path, above(path), false);
    if (folder < 0)
        return -folder;
    UPP_AUTO(close_fd) int fd = openat(folder, last_name(path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno;
    snprintf(ret_file->path, sizeof ret_file->path, "%s", path);
    return hash_file(fd, ret_file);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const shelf_file *)a)->path, ((const shelf_file *)b)->path);
}

static bool named(const shelf_found *found, const char *path)
{
    for (size_t i = 0; i < found->n; i++) {
        const size_t n = strlen(path);
        const char *p = found->files[i].path;
        if (strncmp(p, path, n) == 0 && (p[n] == '\0' || p[n] == '/'))
            return true; /* it, or a folder that leads to one of them */
    }
    return strcmp(path, DOSSIER_MANIFEST) == 0;
}

/* -- taking away -- */
static int clear(int dir, const char *prefix, unsigned depth, const shelf_found *but,
                 uint32_t *ret_files);

static int clear_entry(int dir, const char *name, const char *path, unsigned depth,
                       const shelf_found *but, uint32_t *ret_files)
{
    struct stat info;
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : errno;
    if (S_ISDIR(info.st_mode)) {
        UPP_AUTO(close_fd) int inner = open_folder(dir, name);
        const int wrong = inner < 0 ? errno : clear(inner, path, depth + 1, but, ret_files);
        if (wrong || (but && named(but, path)))
            return wrong;
        return unlinkat(dir, name, AT_REMOVEDIR) == 0 ? 0 : errno;
    }
    if (but && named(but, path))
        return 0;
    ++*ret_files;
    return unlinkat(dir, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

/* Everything in `dir` but what `but` names (NULL: everything); synced. 0 or errno. */
static int clear(int dir, const char *prefix, unsigned depth, const shelf_found *but,
                 uint32_t *ret_files)
{
    const int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    int wrong = entries ? 0 : errno;
    if (!entries && copy >= 0)
        (void)close(copy);
    if (entries)
        rewinddir(entries);
    while (entries && !wrong && depth < DEPTH) {
        char path[2 * SHELF_PATH + 260];
        errno = 0;
        const struct dirent *e = readdir(entries);
        if (!e) {
            wrong = errno;
            break;
        }
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%.239s%s%s", prefix, prefix[0] ? "/" : "", e->d_name);
        wrong = clear_entry(dir, e->d_name, path, depth, but, ret_files);
    }
    if (entries)
        (void)closedir(entries);
    return wrong || fsync(dir) == 0 ? wrong : errno;
}

static const char *why_not(int wrong)
{
    return wrong == ENOSPC || wrong == EDQUOT ? "disk-full"
           : wrong == ESTALE                  ? "part-missing"
                                              : "write-failed";
}

static int write_parts(int dir, const Uppsikt__StoreRecord *ask)
{
    for (size_t i = 0; i < ask->n_files; i++) {
        const Uppsikt__RecordFile *f = ask->files[i];
        if (f->offset < 0)
            continue;
        const int wrong = put_file(dir, f->path, f->bytes.data, f->bytes.len, f->offset);
        if (wrong)
            return wrong;
    }
    return 0;
}

static int look_back(int dir, const Uppsikt__StoreRecord *ask, shelf_found *found)
{
    uint32_t strays = 0;
    for (size_t i = 0; i < ask->n_files; i++) {
        const int wrong = read_back(dir, ask->files[i]->path, &found->files[found->n]);
        if (wrong)
            return wrong;
        found->n++;
    }
    qsort(found->files, found->n, sizeof found->files[0], by_path);
    return clear(dir, "", 0, found, &strays);
}

static int write_manifest(int dir, shelf_found *found)
{
    size_t len = 0;
    FILE *out = open_memstream(&found->manifest, &len);
    if (!out)
        return errno;
    for (size_t i = 0; i < found->n; i++) {
        char hex[65];
        sodium_bin2hex(hex, sizeof hex, found->files[i].sha256, 32);
        fputs(hex, out);
        fputs("  ", out);
        fputs(found->files[i].path, out);
        fputc('\n', out);
    }
    if (fclose(out) != 0)
        return errno;
    return put_file(dir, DOSSIER_MANIFEST, (const uint8_t *)found->manifest, len, 0);
}

void shelf_found_done(shelf_found *found)
{
    free(found->manifest);
    found->manifest = NULL;
}

static bool ask_is_plain(const Uppsikt__StoreRecord *ask)
{
    if (!shelf_plain(ask->folder) || ask->n_files > SHELF_FILES)
        return false;
    for (size_t i = 0; i < ask->n_files; i++)
        if (!shelf_plain(ask->files[i]->path) || strcmp(ask->files[i]->path, DOSSIER_MANIFEST) == 0)
            return false;
    return true;
}

const char *shelf_store(const char *root, const Uppsikt__StoreRecord *ask, shelf_found *ret_found)
{
    *ret_found = (shelf_found){ 0 };
    if (!ask_is_plain(ask))
        return "path-refused";
    UPP_AUTO(close_fd) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return why_not(errno);
    UPP_AUTO(close_fd) int dir = walk(top, ask->folder, strlen(ask->folder), true);
    if (dir < 0)
        return why_not(-dir);
    int wrong = write_parts(dir, ask);
    if (!wrong && ask->last)
        wrong = look_back(dir, ask, ret_found);
    if (!wrong && ask->last)
        wrong = write_manifest(dir, ret_found);
    return wrong ? why_not(wrong) : NULL;
}

int shelf_remove(const char *root, const char *folder, uint32_t *ret_files)
{
    *ret_files = 0;
    if (!shelf_plain(folder))
        return EINVAL;
    UPP_AUTO(close_fd) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return errno;
    UPP_AUTO(close_fd) int parent = walk(top, folder, above(folder), false);
    if (parent < 0)
        return parent == -ENOENT ? 0 : -parent;
    const int wrong = clear_entry(parent, last_name(folder), last_name(folder), 0, NULL, ret_files);
    return wrong || fsync(parent) == 0 ? wrong : errno;
}

int shelf_create(const char *root, const char *folder, const char *path)
{
    char whole[2 * SHELF_PATH];
    if (!shelf_plain(folder) || !shelf_plain(path))
        return -EINVAL;
    UPP_AUTO(close_fd) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return -errno;
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    UPP_AUTO(close_fd) int dir = walk(top, whole, above(whole), true);
    if (dir < 0)
        return dir;
    const int fd =
        openat(dir, last_name(whole), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

int shelf_sync(const char *root, const char *folder, const char *path, int fd)
{
    char whole[2 * SHELF_PATH];
    if (fsync(fd) != 0)
        return errno;
    UPP_AUTO(close_fd) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return errno;
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    UPP_AUTO(close_fd) int dir = walk(top, whole, above(whole), false);
    if (dir < 0)
        return -dir;
    return fsync(dir) == 0 ? 0 : errno;
}
