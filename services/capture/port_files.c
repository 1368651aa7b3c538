/* port_files.c - bytes from a program that looks at hostile pages: nothing of it is believed. */
#include "port_files.h"
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct port_files {
    port_folder folder;
    const Uppsikt__PageCaptured *result;
    size_t at; /* the file that comes */
    int fd;    /* -1: not open yet */
    int64_t offset;
    struct sha256_ctx digest;
    size_t placed;
};

static void part_name(const port_files *f, size_t i, char ret_name[PORT_NAME])
{
    snprintf(ret_name, PORT_NAME, "%.120s%.80s.part", f->folder.prefix, f->result->files[i]->name);
}

void port_files_name(const port_files *files, size_t i, char ret_name[PORT_NAME])
{
    snprintf(ret_name, PORT_NAME, "%.120s%.80s", files->folder.prefix,
             files->result->files[i]->name);
}

static const char *wrong_with(const Uppsikt__PageCaptured *result)
{
    int64_t bytes = 0;
    if (result->n_files > PORT_FILES_MAX)
        return "too many files";
    for (size_t i = 0; i < result->n_files; i++) {
        const Uppsikt__CapturedFile *file = result->files[i];
        if (!port_folder_name_fits(file->name) || file->sha256.len != 32 || file->bytes < 0 ||
            file->bytes > PORT_BYTES_MAX - bytes)
            return "a file with a strange name, hash or length";
        bytes += file->bytes;
        for (size_t j = 0; j < i; j++)
            if (strcmp(file->name, result->files[j]->name) == 0)
                return "two files of one name";
    }
    return NULL;
}

/* Files without a byte come in no part. */
static const char *open_next(port_files *f)
{
    char name[PORT_NAME];
    while (f->at < f->result->n_files && f->fd < 0) {
        part_name(f, f->at, name);
        f->fd =
            openat(f->folder.fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        f->offset = 0;
        if (f->fd < 0)
            return "a file cannot be made";
        sha256_init(&f->digest);
        if (f->result->files[f->at]->bytes > 0)
            return NULL;
        close(f->fd);
        f->fd = -1;
        f->at++;
    }
    return NULL;
}

port_files *port_files_new(port_folder *folder, const Uppsikt__PageCaptured *result,
                           const char **ret_why)
{
    *ret_why = wrong_with(result);
    if (*ret_why)
        return NULL;
    port_files *f = calloc(1, sizeof *f);
    upp_check(f != NULL);
    *f = (port_files){ .folder = *folder, .result = result, .fd = -1 };
    *folder = (port_folder){ .fd = -1 };
    *ret_why = open_next(f);
    if (!*ret_why)
        return f;
    port_files_free(f);
    return NULL;
}

void port_files_free(port_files *files)
{
    if (!files)
        return;
    if (files->fd >= 0)
        close(files->fd);
    for (size_t i = files->placed; i < files->result->n_files && i <= files->at; i++) {
        char name[PORT_NAME];
        part_name(files, i, name);
        (void)unlinkat(files->folder.fd, name, 0); /* not there: fine */
    }
    port_folder_close(&files->folder);
    free(files);
}

static bool write_all(int fd, const uint8_t *at, size_t n)
{
    while (n > 0) {
        const ssize_t put = write(fd, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

const char *port_files_take(port_files *files, const Uppsikt__CapturePart *part)
{
    port_files *f = files;
    if (f->at >= f->result->n_files || part->file != f->at || part->offset != f->offset ||
        part->bytes.len == 0)
        return "the parts of the files do not join";
    const Uppsikt__CapturedFile *file = f->result->files[f->at];
    if ((int64_t)part->bytes.len > file->bytes - f->offset)
        return "a file is longer than was said";
    if (!write_all(f->fd, part->bytes.data, part->bytes.len))
        return "a file cannot be written";
    sha256_update(&f->digest, part->bytes.len, part->bytes.data);
    f->offset += (int64_t)part->bytes.len;
    if (f->offset < file->bytes)
        return NULL;
    uint8_t hash[32];
    sha256_digest(&f->digest, sizeof hash, hash);
    const int closed = close(f->fd);
    f->fd = -1;
    if (closed != 0)
        return "a file cannot be written";
    if (memcmp(hash, file->sha256.data, sizeof hash) != 0)
        return "a file has another hash than was said";
    f->at++;
    return open_next(f);
}

bool port_files_whole(const port_files *files)
{
    return files->at == files->result->n_files;
}

const char *port_files_place(port_files *files)
{
    port_files *f = files;
    char from[PORT_NAME], to[PORT_NAME];
    for (size_t i = 0; i < f->result->n_files; i++) {
        part_name(f, i, from);
        const int fd = openat(f->folder.fd, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        const bool synced = fd >= 0 && fsync(fd) == 0;
        if (fd >= 0)
            close(fd);
        if (!synced)
            return "a file cannot be synced";
    }
    for (; f->placed < f->result->n_files; f->placed++) {
        part_name(f, f->placed, from);
        port_files_name(f, f->placed, to);
        if (renameat(f->folder.fd, from, f->folder.fd, to) != 0)
            return "a file cannot be put in its place";
    }
    return fsync(f->folder.fd) == 0 ? NULL : "the folder cannot be synced";
}
