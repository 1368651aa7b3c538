/* mets.h - the list of what is in a package and in each of its representations: METS 1.12 in the
 * form of E-ARK SIP 2.1 (capture.md 7.1). Ids and dates are handed in. */
#pragma once
#include "manifest.h"

#define METS_ID 42 /* `uuid-` and 36 characters and a zero byte */

/* A file of the package. Texts are lent. */
typedef struct mets_file {
    const char *path; /* from the package's folder */
    const char *mime;
    const char *sha256;
    const char *created; /* UTC, `2026-11-23T17:40:51Z` */
    uint64_t bytes;
} mets_file;

typedef struct mets {
    const char *object_id; /* OBJID of the package: `uuid-...`, also its folder's name */
    const char *label;     /* "Kungälvs kommun, Facebook, andra halvåret 2026" */
    const char *created;
    const char *software; /* "uppsikt-archive" */
    const char *software_version;
    const char *archivist;    /* the authority */
    const char *archivist_id; /* its organisation number */
    const char *submitter;
    const char *submitter_id;
    const char *agreement; /* id of the dokumenthanteringsplan */
    /* All files of the package but the METS.xml in its root, in any order: metadata/descriptive/,
     * metadata/preservation/, schemas/, documentation/, representations/<name>/METS.xml and
     * representations/<name>/data/. */
    const mets_file *files;
    size_t file_count;
    /* A new id each time, `uuid-` and a UUID v4; asked in the order of the document. */
    void (*next_id)(void *ctx, char ret_id[METS_ID]);
    void *ctx;
} mets;

/* Appends the METS.xml of the package's root to `out`. It lists what is not inside a
 * representation; of those, their METS.xml. 0; UPP_E_INPUT: a file at no place of the above, a
 * path twice, no representation, no descriptive or preservation metadata, text that is not for
 * XML; UPP_E_BUSY. */
UPP_MUST_USE int mets_root(const mets *m, buf *out);
/* Appends the METS.xml of representations/<name> to `out`: it lists the files under its data/. 0;
 * UPP_E_INPUT: no such file, or as above; UPP_E_BUSY. */
UPP_MUST_USE int mets_representation(const mets *m, const char *name, buf *out);
