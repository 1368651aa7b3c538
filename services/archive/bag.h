/* bag.h - the bag that a package travels in (BagIt 1.0, RFC 8493): its tag files written, and a bag
 * checked. Dates and names are handed in. */
#pragma once
#include "manifest.h"

typedef struct bag_info {
    const char *organisation; /* Source-Organization */
    const char *contact;      /* Contact-Name: a role or a person, as the register has it */
    const char *object_id;    /* External-Identifier = OBJID of the package */
    const char *date;         /* Bagging-Date, YYYY-MM-DD */
    const char *occasion;     /* Bag-Group-Identifier, `2026-2` */
    const char *software;     /* Bag-Software-Agent */
} bag_info;

/* The four tag files, to be stored beside `data/`. */
typedef struct bag_tags {
    buf bagit;       /* bagit.txt */
    buf info;        /* bag-info.txt */
    buf manifest;    /* manifest-sha256.txt */
    buf tagmanifest; /* tagmanifest-sha256.txt */
} bag_tags;

void bag_tags_done(bag_tags *tags);

/* Makes the tag files of a bag with these payload files (each path begins with `data/`; `bytes`
 * and `sha256` filled); `payload` is sorted. The caller ends *ret_tags with bag_tags_done(). 0;
 * UPP_E_INPUT: a path outside data/, a path twice, a line break in a field; UPP_E_BUSY: no
 * memory. */
UPP_MUST_USE int bag_make(const bag_info *info, manifest_row *payload, size_t n,
                          bag_tags *ret_tags);

/* A file that lies in the bag's folder. */
typedef struct bag_file {
    const char *path; /* from the bag's folder */
    source content;
} bag_file;

/* Checks all files that lie in a bag: the four tag files are there and of their form, every sum is
 * right, Payload-Oxum is the count, nothing is missing and nothing is extra. 0: see to->n;
 * UPP_E_BUSY: no memory; else what a source gave. */
UPP_MUST_USE int bag_check(const bag_file *files, size_t n, complaints *to);
