/* config_file.c - a value that lies in a file of its own. */
#include "config_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void done_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static const char *why_not_opened(int error)
{
    switch (error) {
    case ENOENT:
        return "the file is not there; make it, or correct the path";
    case EACCES:
        return "this program may not read the file; give its user the right";
    default:
        return "the file cannot be opened; correct the path";
    }
}

const char *config_file(const char *path, size_t max, enum config_privacy privacy, char **ret_bytes,
                        size_t *ret_len)
{
    UPP_AUTO(done_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return why_not_opened(errno);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return "this is no plain file; correct the path";
    const mode_t others = privacy == CONFIG_GROUP_MAY ? S_IRWXO : S_IRWXG | S_IRWXO;
    if (privacy != CONFIG_OPEN && (st.st_mode & others) != 0)
        return "others than its owner may read this secret file; chmod 0600";
    if (st.st_size < 0 || (uintmax_t)st.st_size > max)
        return "the file is too large; correct the path";

    const size_t len = (size_t)st.st_size;
    char *bytes = malloc(len + 1);
    upp_check(bytes);
    size_t have = 0;
    ssize_t n = 1;
    while (have < len && n > 0) {
        n = read(fd, bytes + have, len - have);
        have += n > 0 ? (size_t)n : 0;
    }
    if (n < 0 || have != len) {
        sodium_memzero(bytes, len);
        free(bytes);
        return "the file could not be read to its end; try again";
    }
    bytes[len] = '\0';
    *ret_bytes = bytes;
    *ret_len = len;
    return NULL;
}
