/* recorder.h - all that a page asks of the network: each request is looked at before it leaves and,
 * where a WARC is wanted, each answer is kept before the page has it (capture.md §12). */
#pragma once
#include "cdp.h"
#include "job.h"
#include "warc.h"

typedef struct recorder {
    cdp *cdp;
    job *job;
    const capture_config *config;
    const char *agent; /* the browser's own name, for warcinfo */
    bool offline;      /* nothing at all may be loaded */
    /* -- the WARC -- */
    int fd; /* -1: none is wanted, or it has failed */
    warc_writer warc;
    bool failed;
    /* -- counts -- */
    int64_t in_flight, exchanges, refused, omitted, bytes;
    bool cut;        /* response_bytes was reached */
    json_t *blocked; /* [{url, why}], the first of them */
    /* -- the document -- */
    char frame[80]; /* the main frame's id */
    int64_t status;
    char mime[80];
    char request[80]; /* the document's */
    bool broken;      /* its answer broke off */
    bool guarded;     /* the document itself was refused by our rules */
} recorder;

/* Starts the WARC when the job wants one. */
void recorder_open(recorder *r);
/* What to enable in a session of the page or of a frame in it. */
void recorder_attach(recorder *r, const char *session);
/* Takes the events that are its own; false: another's. */
bool recorder_heard(recorder *r, const char *method, const char *session, const json_t *params);
/* Ends the WARC and notes it among the job's files. */
void recorder_close(recorder *r);
