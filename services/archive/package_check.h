/* package_check.h - checks a package that lies in a folder, alone: the bag's sums and counts, what
 * METS lists, each WACZ and WARC record by record, and the schemas where they are (R27). It reads,
 * nothing else. */
#pragma once
#include "complaint.h"
#include "port_folder.h"

typedef struct package_tally {
    uint64_t files, bytes; /* of the payload and the tags */
    uint64_t wacz, mets;   /* looked into */
    bool schemas;          /* METS and PREMIS were held against them */
} package_tally;

/* Checks the bag at `root`. `schemas`: folder of the XSD files; NULL: not held against them. 0: see
 * to->n; else errno: it could not be read, or memory is out. */
UPP_MUST_USE int package_check(const char *root, const char *schemas, complaints *to,
                               package_tally *ret_tally);
