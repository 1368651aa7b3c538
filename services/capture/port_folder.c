/* port_folder.c - one step at a time from the service's data folder, never through a link. */
#include "port_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OBJECTS "/objects"

bool port_folder_name_fits(const char *name)
{
    const size_t n = strlen(name);
    return n > 0 && n < 40 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

void port_folder_close(port_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    *folder = (port_folder){ .fd = -1 };
}

/* The ids that the runtime gives out again (ObjectGet) have these characters. */
static bool prefix_fits(const char *name)
{
    const size_t n = strlen(name);
    return n > 0 && n <= 80 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

static bool step_fits(const char *name)
{
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    return strcmp(name, "..") != 0;
}

/* Into `name` of the folder `fd`, which is closed; made when it is not there. -1: errno. */
static int step(int fd, const char *name)
{
    bool made = false;
    if (mkdirat(fd, name, 0700) == 0)
        made = true;
    const int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int why = errno;
    const bool synced = !made || fsync(fd) == 0;
    close(fd);
    if (next >= 0 && !synced) {
        close(next);
        errno = EIO;
        return -1;
    }
    errno = why;
    return next;
}

static const char *walk(int fd, const char *folder, port_folder *ret_folder, bool *ret_never)
{
    char name[PORT_NAME];
    for (const char *at = folder; *at;) {
        const size_t n = strcspn(at, "/");
        if (n >= sizeof name) {
            close(fd);
            return "a name in its folder is too long";
        }
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        at += n + (at[n] == '/');
        if (n == 0 || strcmp(name, ".") == 0)
            continue;
        if (!step_fits(name)) {
            close(fd);
            return "its folder leads out of the service's own";
        }
        fd = step(fd, name);
        if (fd < 0) {
            *ret_never = errno == ELOOP || errno == ENOTDIR;
            return *ret_never ? "its folder leads over a link or a file"
                              : "its folder cannot be made";
        }
    }
    ret_folder->fd = fd;
    return NULL;
}

/* What of `folder` comes after `root`; NULL: it leads elsewhere. */
static const char *below(const char *root, const char *folder)
{
    size_t n = root ? strlen(root) : 0;
    while (n > 0 && root[n - 1] == '/')
        n--;
    return n > 0 && strncmp(folder, root, n) == 0 && folder[n] == '/' ? folder + n : NULL;
}

const char *port_folder_open(const char *objects, const char *root, const char *folder,
                             port_folder *ret_folder, bool *ret_never)
{
    char data[4096];
    port_folder out = { .fd = -1 };
    const char *from = objects;
    const char *way = folder;
    const size_t n = strlen(objects);
    upp_check(n > sizeof OBJECTS - 1 && n < sizeof data &&
              strcmp(objects + n - (sizeof OBJECTS - 1), OBJECTS) == 0);
    snprintf(data, sizeof data, "%.*s", (int)(n - (sizeof OBJECTS - 1)), objects);
    *ret_never = true;
    if (!strchr(folder, '/')) {
        if (!prefix_fits(folder))
            return "its folder is no name that an object can have";
        snprintf(out.prefix, sizeof out.prefix, "%s.", folder);
        way = "";
    } else if (folder[0] == '/') {
        from = below(data, folder) ? data : root;
        way = below(from, folder);
        if (!way)
            return "its folder leads out of the service's own";
    }
    const int fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        *ret_never = false;
        return "the service's own folder cannot be opened";
    }
    const char *why = walk(fd, way, &out, ret_never);
    if (!why)
        *ret_folder = out;
    return why;
}
