/* port_build_put.c - files into the package that is being built. */
#include "fixity.h"
#include "port_build.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool build_error(build *b, int rc, const char *what)
{
    b->failed = rc;
    snprintf(b->why, sizeof b->why, "%s: %s", what, strerror(rc));
    return false;
}

bool build_refuse(build *b, const char *key, const char *what)
{
    b->refused = key;
    snprintf(b->why, sizeof b->why, "%s", what);
    return false;
}

const build_file *build_find(const build *b, const char *path)
{
    for (size_t i = 0; i < b->n_files; i++)
        if (strcmp(b->files[i].path, path) == 0)
            return &b->files[i];
    return NULL;
}

static bool note(build *b, const char *whole, const char *path, const char *mime)
{
    folder_file file = { 0 };
    int rc = folder_file_at(whole, &file);
    if (rc)
        return build_error(b, rc, path);
    if ((b->n_files & (b->n_files - 1)) == 0) {
        b->files = realloc(b->files, (b->n_files ? 2 * b->n_files : 1) * sizeof *b->files);
        upp_check(b->files);
    }
    build_file *f = &b->files[b->n_files++];
    *f = (build_file){ .path = strdup(path), .mime = strdup(mime), .bytes = file.bytes };
    upp_check(f->path && f->mime);
    f->mime[strcspn(f->mime, ";")] = '\0'; /* METS wants the type alone */
    const source in = folder_source(&file);
    rc = fixity_of_source(&in, f->sha256) < 0 ? EIO : 0;
    folder_file_done(&file);
    return rc ? build_error(b, rc, path) : true;
}

bool build_link(build *b, const char *from, const char *path, const char *mime)
{
    char to[PATH_MAX];
    int rc = folder_path(b->sip, path, to);
    if (rc == 0)
        rc = folder_link(from, to);
    return rc ? build_error(b, rc, path) : note(b, to, path, mime);
}

bool build_put(build *b, upp_bytes bytes, const char *path, const char *mime)
{
    char to[PATH_MAX];
    int rc = folder_path(b->sip, path, to);
    if (rc == 0)
        rc = folder_write(to, bytes);
    return rc ? build_error(b, rc, path) : note(b, to, path, mime);
}
