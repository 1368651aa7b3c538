/* suite_clock.c - suite time = t0 + N * (real - t0), the same for all services of a deployment. */
#include "suite_clock.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 128 };

static const upp_ms back_limit = 60 * UPP_SECOND, forward_limit = 300 * UPP_SECOND; /* T10 */

static void done_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

UPP_PRINTF(2, 3) static int refuse(void (*say)(const char *line), const char *fmt, ...)
{
    char line[PATH_MAX + 256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    say(line);
    return UPP_E_INPUT;
}

/* "<word> <number>\n" at *at, which moves past it. */
static bool take(const char **at, const char *word, int64_t *ret_n)
{
    const size_t n = strlen(word);
    if (strncmp(*at, word, n) != 0 || (*at)[n] != ' ')
        return false;
    const char *digits = *at + n + 1;
    char *end = NULL;
    errno = 0;
    const int64_t value = strtoll(digits, &end, 10);
    if (errno != 0 || digits[0] < '0' || digits[0] > '9' || *end != '\n')
        return false;
    *at = end + 1;
    *ret_n = value;
    return true;
}

/* 1: there is no clock yet. */
static int read_clock(const char *path, void (*say)(const char *line), upp_suite_clock *ret_clock)
{
    char text[TEXT];
    UPP_AUTO(done_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 1;
    const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return refuse(say, "%s: cannot be read: %s", path, strerror(errno));
    text[n] = '\0';
    const char *at = text;
    upp_suite_clock clock = { 0 };
    if (!take(&at, "t0_ms", &clock.t0) || !take(&at, "speed", &clock.speed) || *at != '\0' ||
        clock.speed < 1 || clock.speed > UPP_SPEED_MAX)
        return refuse(say, "%s: is no suite clock; put back the file that was made with the data",
                      path);
    *ret_clock = clock;
    return 0;
}

/* `path` is mkstemp's template: in containers that share a volume every process may be number 1. */
static int write_whole(char *path, const char *text)
{
    UPP_AUTO(done_fd) int fd = mkstemp(path);
    if (fd < 0 || fchmod(fd, 0644) != 0)
        return -1;
    const size_t n = strlen(text);
    const ssize_t written = write(fd, text, n);
    if (written >= 0 && (size_t)written != n)
        errno = ENOSPC;
    return written == (ssize_t)n && fsync(fd) == 0 ? 0 : -1;
}

/* Written whole under a name of our own, then linked: whoever links first has made the clock, and a
 * power cut leaves all of it or nothing. */
static int make_clock(const char *place, const char *path, int64_t speed, upp_ms real,
                      void (*say)(const char *line))
{
    char mine[PATH_MAX], text[TEXT];
    const int n = snprintf(mine, sizeof mine, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof mine)
        return refuse(say, "%s: the path is too long; choose a shorter `place`", place);
    snprintf(text, sizeof text, "t0_ms %" PRId64 "\nspeed %" PRId64 "\n", real, speed);
    if (write_whole(mine, text) != 0) {
        const int error = errno;
        unlink(mine); /* fine when mkstemp made none */
        return refuse(say, "%s: cannot be written: %s", mine, strerror(error));
    }
    const int linked = link(mine, path) == 0 || errno == EEXIST ? 0 : errno;
    unlink(mine);
    if (linked != 0)
        return refuse(say, "%s: cannot be made: %s", path, strerror(linked));

    UPP_AUTO(done_fd) int dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || fsync(dir) != 0)
        return refuse(say, "%s: cannot be synced: %s", place, strerror(errno));
    return 0;
}

int upp_suite_clock_open(const char *place, int64_t speed, bool has_data, upp_ms real,
                         void (*say)(const char *line), upp_suite_clock *ret_clock)
{
    char path[PATH_MAX];
    if (speed < 1 || speed > UPP_SPEED_MAX)
        return refuse(say, "speed: %" PRId64 " is not possible; choose 1 to %d", speed,
                      UPP_SPEED_MAX);
    const int n = snprintf(path, sizeof path, "%s/clock", place);
    if (n < 0 || (size_t)n >= sizeof path)
        return refuse(say, "%s: the path is too long; choose a shorter `place`", place);

    upp_suite_clock clock = { 0 };
    int there = read_clock(path, say, &clock);
    UPP_TRY(there);
    if (there == 1) {
        if (has_data && speed != 1)
            return refuse(say,
                          "speed: %" PRId64 " on data that was not made with it (there is no "
                          "%s); use speed 1, or begin with empty folders",
                          speed, path);
        UPP_TRY(make_clock(place, path, speed, real, say));
        there = read_clock(path, say, &clock);
        UPP_TRY(there);
        if (there == 1)
            return refuse(say, "%s: went away while it was made; start again", path);
    }
    if (clock.speed != speed)
        return refuse(say,
                      "speed: %" PRId64 ", but the data was made with %" PRId64 " (%s); use "
                      "that speed, or begin with empty folders",
                      speed, clock.speed, path);
    *ret_clock = clock;
    return 0;
}

upp_ms upp_suite_clock_at(const upp_suite_clock *clock, upp_ms real)
{
    return clock->t0 + clock->speed * (real - clock->t0);
}

upp_ms upp_suite_clock_until(const upp_suite_clock *clock, upp_ms real, upp_ms due)
{
    if (due == INT64_MAX)
        return INT64_MAX;
    const upp_ms now = upp_suite_clock_at(clock, real);
    if (due <= now)
        return 0;
    const upp_ms left = due - now;
    return left / clock->speed + (left % clock->speed != 0); /* never too early */
}

bool upp_suite_clock_jumped(upp_suite_clock *clock, upp_ms real, upp_ms steady, upp_ms *ret_by)
{
    const upp_ms ahead = real - steady;
    const upp_ms by = ahead - clock->ahead;
    const bool looked = clock->looked;
    clock->ahead = ahead;
    clock->looked = true;
    if (!looked || (by >= -back_limit && by <= forward_limit))
        return false;
    *ret_by = by;
    return true;
}

static upp_ms now_of(clockid_t which)
{
    struct timespec t;
    const int read = clock_gettime(which, &t);
    upp_check(read == 0);
    return (upp_ms)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

upp_ms upp_real_now(void)
{
    return now_of(CLOCK_REALTIME);
}

upp_ms upp_steady_now(void)
{
    return now_of(CLOCK_MONOTONIC);
}
