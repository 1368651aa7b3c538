/* drop.c - users and groups of the system. */
#include "drop.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

UPP_PRINTF(2, 3) static bool wrong(void (*say)(const char *line), const char *fmt, ...)
{
    char line[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    say(line);
    return false;
}

bool drop_to(const char *user, void (*say)(const char *line))
{
    if (geteuid() != 0)
        return true;
    errno = 0;
    const struct passwd *known = getpwnam(user);
    if (!known)
        return wrong(say,
                     "user: %s is not known here; as root: useradd --system --no-create-home "
                     "--shell /usr/sbin/nologin %s",
                     user, user);
    if (known->pw_uid == 0)
        return wrong(say, "user: %s is root; Chromium does not run as root, name another", user);
    const uid_t uid = known->pw_uid;
    const gid_t gid = known->pw_gid;
    int at_end = 0;
    const pid_t parent = getppid();
    (void)prctl(PR_GET_PDEATHSIG, &at_end);
    if (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
        return wrong(say, "user: cannot become %s: %s", user, strerror(errno));
    if (setuid(0) == 0 || geteuid() != uid || getegid() != gid)
        return wrong(say, "user: %s could become root again", user);
    if (at_end != 0 && (prctl(PR_SET_PDEATHSIG, at_end) != 0 || getppid() != parent))
        return wrong(say, "whoever started us has ended");
    return true;
}
