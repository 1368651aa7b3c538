/* multipart.h - a form with a file, as it arrives (RFC 7578, RFC 2046 §5.1): the fields are kept in
 * memory, the file's bytes go on as they come. Strict, since only our own pages have such a form.
 * Pure. */
#pragma once
#include "stream.h"

enum {
    MULTIPART_BOUNDARY = 70, /* RFC 2046 */
    MULTIPART_HEAD = 2048,   /* of one part */
    MULTIPART_NAME = 64,
    MULTIPART_FIELD = 8192,
    MULTIPART_FIELDS = 32
};

typedef struct multipart {
    char delimiter[MULTIPART_BOUNDARY + 5]; /* CR LF -- boundary */
    size_t n_delimiter;
    enum {
        MULTIPART_BEGIN,
        MULTIPART_IN_HEAD,
        MULTIPART_IN_FIELD,
        MULTIPART_IN_FILE,
        MULTIPART_AFTER,
        MULTIPART_END
    } at;
    sink file;  /* where the file goes */
    buf window; /* own: what has come and was not told apart yet */
    buf fields; /* own: what forms send else, application/x-www-form-urlencoded; the file's name
                         as `filename` */
    size_t n_fields, n_files;
    size_t field, lead; /* bytes of this field so far; those before the body that are none of it */
} multipart;

/* False: the type is no multipart/form-data with a boundary. The caller ends it with
 * multipart_done(), whatever it gives. `file` must outlive it. */
bool multipart_begin(multipart *ret_form, const char *content_type, const sink *file);
/* The next bytes. UPP_E_INPUT: it is no such form, or more than there is room for; UPP_E_BUSY; what
 * the sink gave. After a failure no more is to be given to it. */
UPP_MUST_USE int multipart_take(multipart *m, const void *bytes, size_t n);
/* All of it has come, with one file in it. */
bool multipart_whole(const multipart *m);
void multipart_done(multipart *m);
