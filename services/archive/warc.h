/* warc.h - writes WARC 1.1 (ISO 28500:2017), one gzip member a record (Annex D), as replay and
 * index need it. Ids and dates are handed in: the same records give the same bytes. */
#pragma once
#include "stream.h"
#include "warc_head.h"

/* One record. Texts and bytes are lent for the call. Every text is one line of printable UTF-8. */
typedef struct warc_record {
    enum warc_type type;       /* WARC_INFO to WARC_METADATA */
    const char *target_uri;    /* not on warcinfo */
    const char *date;          /* UTC, `2026-11-23T17:40:51.123Z` */
    const char *uuid;          /* version 4, 36 characters, lower case */
    const char *concurrent_to; /* the uuid of the response, on its request; else NULL */
    const char *filename;      /* warcinfo only: the name of the file */
    const char *protocol;      /* response only, `http/1.1`; else NULL */
    const char *content_type;  /* resource and metadata: the block's; NULL on the other types */
    upp_bytes http_head;       /* request, response: start line and fields, with the empty line */
    upp_bytes body;            /* the payload; warcinfo: the fields of warc_info() */
} warc_record;

/* Where a record lies in the file: what an index line needs. */
typedef struct warc_place {
    uint64_t offset;
    uint64_t length;
    char payload_sha256[65]; /* hexadecimal; of the body */
} warc_place;

/* Keeps count of the bytes that went out. All zero but `out` at the start of a file. */
typedef struct warc_writer {
    sink out;
    uint64_t at;
} warc_writer;

/* Writes one record. 0; UPP_E_INPUT: a field is missing, has a line break or is not of its form,
 * nothing was written; UPP_E_BUSY: no memory, nothing was written; else what the sink gave: the
 * file is then to be thrown away. */
UPP_MUST_USE int warc_write(warc_writer *w, const warc_record *record, warc_place *ret_place);

/* The fields of a warcinfo block (section 6.2 of the standard), to be its body. */
typedef struct warc_info_fields {
    const char *software;
    const char *operator_name;
    const char *user_agent;
} warc_info_fields;
/* Appends them to `out`. 0, UPP_E_INPUT (a line break), UPP_E_BUSY. */
UPP_MUST_USE int warc_info(const warc_info_fields *fields, buf *out);
