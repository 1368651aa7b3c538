/* job.h - one job of uppsikt-capture: what is asked, what came of it. The desk makes it in the
 * loop, the worker fills it, the desk has it again. */
#pragma once
#include "config.h"
#include "uppsikt/capture.pb-c.h"
#include <jansson.h>
#include <limits.h>
#include <stdatomic.h>

enum { JOB_FILES = 64, JOB_WHY = 160, JOB_MEDIA = 20, JOB_INPUT = 16 };
/* Of all html and pictures of one job. */
enum { JOB_INPUT_BYTES = 32 * 1024 * 1024 };

typedef struct job_file {
    char name[40];
    const char *mime; /* static */
    int64_t bytes;
    uint8_t sha256[32];
} job_file;

typedef struct job {
    Uppsikt__CapturePage *page; /* owned; its html is whole */
    char folder[PATH_MAX];      /* its own, in the work folder */
    atomic_bool stop;           /* nobody wants it any more */
    /* -- what came of it -- */
    const char *later; /* it was not tried: words for people; else NULL */
    Uppsikt__PageCaptured__State state;
    char why[JOB_WHY];
    job_file files[JOB_FILES];
    size_t n_files;
    json_t *report;
} job;

job *job_new(void);
void job_free(job *j); /* takes its folder away, too; NULL is fine */
/* NULL: it can be done; else what is wrong with the request, words of our own. */
const char *job_wrong(const Uppsikt__CapturePage *page);

/* The name, in its folder, of the n-th picture that came with it. */
void job_input(size_t n, char ret_name[JOB_INPUT]);
/* Which picture `url` means; false: none of this job. */
bool job_media(const job *j, const char *url, size_t *ret_n);

/* -- job_file.c: its files -- */
/* Writes all of `bytes` to a new file of that name. False: the disk said no, or there are too many
 * files; said in the log. */
bool job_keep(job *j, const char *name, const char *mime, const void *bytes, size_t n);
/* ... of which the bytes are in base64 (RFC 4648), as the browser gives them. */
bool job_keep_base64(job *j, const char *name, const char *mime, const char *text);
/* Notes a file that somebody has written to its folder: length and hash. */
bool job_note(job *j, const char *name, const char *mime);
/* All of a file of its folder in base64, as the browser takes it; the caller frees. NULL: cannot be
 * read. */
char *job_base64(const job *j, const char *name);
/* "<folder>/<name>" */
void job_path(const job *j, const char *name, char ret_path[PATH_MAX]);
