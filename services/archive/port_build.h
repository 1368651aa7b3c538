/* port_build.h - builds one package on disk, checks it, and only then gives it its name. For the
 * worker: it blocks. */
#pragma once
#include "port_folder.h"
#include "uppsikt/archive.pb-c.h"

typedef struct build_file {
    char *path; /* from the package's folder */
    char *mime;
    char sha256[65];
    uint64_t bytes;
} build_file;

typedef struct build {
    const Uppsikt__BuildPackage *q;
    const char *schemas; /* NULL: none */
    const char *objects; /* where each file gets a second name, to be read by parts */
    char root[PATH_MAX]; /* the bag, until it is done "<into>.new" */
    char sip[PATH_MAX];  /* the package in it */
    build_file *files;
    size_t n_files;
    unsigned ids;
    int failed;          /* errno: the disk, to be tried again */
    const char *refused; /* a key of the catalogue: it is not a package */
    char why[200];       /* for the log: what a checker said; no content */
    /* -- the answer -- */
    uint32_t n_payload;
    int64_t payload_bytes;
    buf manifest;
    Uppsikt__PackageFile *contents, **list;
    uint8_t (*sums)[32];
    size_t n_contents;
} build;

/* True: it lies at q->into, whole and checked. False: see failed, refused, why. The caller ends
 * it with build_done() in both cases. */
bool build_package(build *b);
void build_done(build *b);

/* -- port_build_put.c: files into the package -- */
bool build_link(build *b, const char *from, const char *path, const char *mime);
bool build_put(build *b, upp_bytes bytes, const char *path, const char *mime);
bool build_error(build *b, int rc, const char *what); /* errno */
bool build_refuse(build *b, const char *key, const char *what);
const build_file *build_find(const build *b, const char *path);
/* -- port_build_wacz.c: the replayable file, from the capture's WARC -- */
bool build_wacz(build *b, const char *warc, const char *text);
/* -- port_build_list.c: METS, PREMIS, the bag -- */
bool build_premis(build *b);
bool build_mets(build *b);
bool build_bag(build *b);
/* -- port_build_check.c: the gate -- */
bool build_check(build *b);
