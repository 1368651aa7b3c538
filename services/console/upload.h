/* upload.h - a file that a form brings (R26): it lies on disk without a name while it arrives, so
 * that nothing of it stays behind, and is never held in memory. Private to port_*.c. */
#pragma once
#include "multipart.h"

typedef struct upload {
    int fd;         /* own */
    int64_t bytes;  /* of the file so far */
    int64_t most;   /* how long it may be */
    bool large;     /* it is longer */
    bool unwritten; /* the disk does not take it */
    bool broken;    /* the form is none */
    multipart form;
} upload;

/* NULL: the type is no form with a file, or nothing can be written in the folder. The caller frees
 * with upload_free(). */
upload *upload_new(const char *content_type, const char *folder, int64_t most);
/* The next bytes of the form; after a failure they are let go. */
void upload_take(upload *u, const char *bytes, size_t n);
/* The file, as far as it has come; lent. */
source upload_source(upload *u);
void upload_free(upload *u); /* NULL is fine */
