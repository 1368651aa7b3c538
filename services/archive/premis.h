/* premis.h - what was done with the files of a package, by whom, with which outcome (PREMIS 3.0,
 * Library of Congress; capture.md 7.2). */
#pragma once
#include "manifest.h"

typedef struct premis_object {
    const char *path; /* from the package's folder */
    const char *mime;
    const char *sha256;
    uint64_t bytes;
} premis_object;

typedef struct premis_event {
    const char *id;      /* `uuid-` and a UUID */
    const char *type;    /* capture, ingestion, fixity check, timestamp */
    const char *date;    /* UTC, `2026-11-23T17:40:51Z` */
    const char *outcome; /* success, failure, manual ... */
    const char *const *agents;
    size_t agent_count; /* ids of agents below; at least one */
    const char *object; /* the path of the object it is about; NULL: all of them */
} premis_event;

typedef struct premis_agent {
    const char *id;
    const char *name;
    const char *type; /* software, person */
} premis_agent;

typedef struct premis {
    const premis_object *objects; /* in any order; written in byte order of path */
    size_t object_count;
    const premis_event *events; /* written in the order given */
    size_t event_count;
    const premis_agent *agents;
    size_t agent_count;
} premis;

/* Appends the document to `out`. 0; UPP_E_INPUT: no object, event or agent, a path twice, an
 * event that names an agent or object that is not there, text that is not for XML; UPP_E_BUSY. */
UPP_MUST_USE int premis_write(const premis *p, buf *out);
