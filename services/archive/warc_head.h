/* warc_head.h - the head of a WARC record: its types and fields, for writer and checker
 * (ISO 28500:2017, WARC 1.1, sections 4 to 6). */
#pragma once
#include "upp/base.h"

enum warc_type {
    WARC_INFO,
    WARC_REQUEST,
    WARC_RESPONSE,
    WARC_RESOURCE,
    WARC_METADATA,
    WARC_REVISIT,
    WARC_CONVERSION,
    WARC_CONTINUATION,
    WARC_OTHER, /* a type that the standard does not name; it is read over */
};
#define WARC_TYPES ((size_t)WARC_OTHER + 1)

/* The word of a type, "" for WARC_OTHER. */
const char *warc_type_word(enum warc_type type);

/* A head that was read; texts are lent from the bytes it was read from, NULL where a field is not
 * there. `fault` is the first rule that the head breaks, NULL when none. */
typedef struct warc_head {
    enum warc_type type;
    const char *type_word;
    const char *target_uri;
    const char *date;
    const char *record_id;
    const char *concurrent_to;
    const char *payload_digest;
    const char *block_digest;
    const char *content_type;
    uint64_t content_length;
    const char *fault;
} warc_head;

/* Reads the head in `text`, `n` bytes up to and with its empty line; the bytes are changed
 * (fields end in a zero byte). Faults come in ret_head->fault; the reading goes on as far as
 * there is sense. */
void warc_head_read(char *text, size_t n, warc_head *ret_head);
/* `YYYY-MM-DDThh:mm:ss(.1-9 digits)Z`, and every number in its range. */
bool warc_date_ok(const char *date);
/* Whether the type's payload begins after the first empty line of its block (RFC 9112). */
bool warc_http_payload(const warc_head *head);
