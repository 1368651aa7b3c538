/* job_file.c - the files of a job, in a folder that it has alone. */
#include "job.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

void job_path(const job *j, const char *name, char ret_path[PATH_MAX])
{
    const int n = snprintf(ret_path, PATH_MAX, "%s/%s", j->folder, name);
    upp_check(n > 0 && n < PATH_MAX);
}

static bool failed(const char *name)
{
    upp_log(UPP_ERROR, NULL, "%s cannot be written: %s", name, strerror(errno));
    return false;
}

static bool hash_file(int fd, job_file *f)
{
    static const size_t piece = PIECE;
    unsigned char *bytes = malloc(piece);
    struct sha256_ctx ctx;
    upp_check(bytes != NULL);
    sha256_init(&ctx);
    ssize_t n = 0;
    f->bytes = 0;
    while ((n = read(fd, bytes, piece)) > 0) {
        sha256_update(&ctx, (size_t)n, bytes);
        f->bytes += n;
    }
    sha256_digest(&ctx, sizeof f->sha256, f->sha256);
    free(bytes);
    return n == 0;
}

bool job_note(job *j, const char *name, const char *mime)
{
    char path[PATH_MAX];
    if (j->n_files == JOB_FILES)
        return false;
    job_file *f = &j->files[j->n_files];
    *f = (job_file){ .mime = mime };
    snprintf(f->name, sizeof f->name, "%s", name);
    job_path(j, name, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool good = fd >= 0 && hash_file(fd, f);
    if (fd >= 0)
        close(fd);
    if (!good)
        return failed(name);
    j->n_files++;
    return true;
}

bool job_keep(job *j, const char *name, const char *mime, const void *bytes, size_t n)
{
    char path[PATH_MAX];
    job_path(j, name, path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed(name);
    const uint8_t *at = bytes;
    size_t left = n;
    bool good = true;
    while (good && left > 0) {
        const ssize_t put = write(fd, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        good = put > 0;
        at += good ? put : 0;
        left -= good ? (size_t)put : 0;
    }
    if (close(fd) != 0 || !good)
        return failed(name);
    return job_note(j, name, mime);
}

bool job_keep_base64(job *j, const char *name, const char *mime, const char *text)
{
    const size_t room = strlen(text) / 4 * 3 + 3;
    unsigned char *bytes = malloc(room);
    size_t n = 0;
    upp_check(bytes != NULL);
    const bool good = sodium_base642bin(bytes, room, text, strlen(text), NULL, &n, NULL,
                                        sodium_base64_VARIANT_ORIGINAL) == 0 &&
                      job_keep(j, name, mime, bytes, n);
    free(bytes);
    return good;
}

char *job_base64(const job *j, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    char *text = NULL;
    job_path(j, name, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= JOB_INPUT_BYTES) {
        const size_t n = (size_t)st.st_size;
        const size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
        unsigned char *bytes = malloc(n + 1);
        text = malloc(room);
        upp_check(bytes != NULL && text != NULL);
        if (pread(fd, bytes, n, 0) == (ssize_t)n) {
            (void)sodium_bin2base64(text, room, bytes, n, sodium_base64_VARIANT_ORIGINAL);
        } else {
            free(text);
            text = NULL;
        }
        free(bytes);
    }
    if (fd >= 0)
        close(fd);
    return text;
}
