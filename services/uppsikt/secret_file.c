/* secret_file.c - secrets on their way from and to files. */
#include "secret_file.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 4096 };

static void close_fd(int *fd)
{
    if (*fd > STDIN_FILENO)
        close(*fd);
}

static char *refuse(void (*say)(const char *line), const char *path, const char *why)
{
    char line[512];
    snprintf(line, sizeof line, "%s: %s", path, why);
    say(line);
    return NULL;
}

char *secret_file_read_lines(const char *path, void (*say)(const char *line))
{
    struct stat st;
    UPP_AUTO(close_fd)
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return refuse(say, path, strerror(errno));
    if (S_ISREG(st.st_mode) && fd != STDIN_FILENO && (st.st_mode & 077))
        return refuse(say, path, "others can read it; chmod 600");
    char *text = calloc(1, LONGEST + 1);
    upp_check(text != NULL);
    size_t used = 0;
    for (ssize_t n = 1; n > 0 && used<LONGEST; used += n> 0 ? (size_t)n : 0)
        n = read(fd, text + used, LONGEST - used);
    if (text[strspn(text, "\r\n")])
        return text;
    secret_file_free(text);
    return refuse(say, path, "is empty");
}

char *secret_file_read(const char *path, void (*say)(const char *line))
{
    char *text = secret_file_read_lines(path, say);
    if (!text)
        return NULL;
    const size_t n = strcspn(text, "\r\n");
    sodium_memzero(text + n, strlen(text + n));
    if (text[0])
        return text;
    secret_file_free(text);
    return refuse(say, path, "its first line is empty");
}

void secret_file_free(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

int secret_file_make(const char *path)
{
    uint8_t bytes[32];
    char hex[2 * sizeof bytes + 2];
    UPP_AUTO(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 1 : UPP_E_INPUT;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
    hex[2 * sizeof bytes] = '\n';
    const bool written = write(fd, hex, 2 * sizeof bytes + 1) == (ssize_t)(2 * sizeof bytes + 1);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(hex, sizeof hex);
    return written && fsync(fd) == 0 ? 0 : UPP_E_INPUT;
}
