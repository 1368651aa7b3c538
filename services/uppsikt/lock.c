/* lock.c - one supervisor a deployment: a lock of fcntl, which ends with its process. */
#include "lock.h"
#include "home.h"
#include <fcntl.h>
#include <unistd.h>

int lock_take(const char *data)
{
    char path[PATH_MAX];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    const int fd =
        home_path(data, "lock", path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool look(const char *data, struct flock *lock)
{
    char path[PATH_MAX];
    const int fd = home_path(data, "lock", path) ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    const bool held = fcntl(fd, F_GETLK, lock) == 0 && lock->l_type != F_UNLCK;
    close(fd);
    return held;
}

pid_t lock_holder(const char *data)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return look(data, &lock) ? lock.l_pid : 0;
}

bool lock_held(const char *data)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return look(data, &lock);
}
