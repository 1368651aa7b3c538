/* warc_sum.h - the digests that a WARC record states, computed again while its block goes by. */
#pragma once
#include "stream.h"
#include "warc_head.h"

#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

typedef struct warc_digest {
    const struct nettle_hash *by; /* NULL: none is to be computed */
    union {
        struct md5_ctx md5;
        struct sha1_ctx sha1;
        struct sha256_ctx sha256;
        struct sha512_ctx sha512;
    } at;
} warc_digest;

typedef struct warc_sum {
    warc_digest block;   /* as stated */
    warc_digest payload; /* the same; a revisit states that of a payload elsewhere (6.7.2) */
    bool unknown;        /* an algorithm is stated that is not known here */
    bool in_payload;
    unsigned ends; /* how much of CR LF CR LF has been seen before the payload */
} warc_sum;

void warc_sum_start(const warc_head *head, warc_sum *ret_sum);
void warc_sum_add(warc_sum *sum, const uint8_t *bytes, size_t n);
/* NULL when all that is stated is right, else what is wrong. Ends the sums. */
const char *warc_sum_fault(warc_sum *sum, const warc_head *head);
