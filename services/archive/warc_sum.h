/* warc_sum.h - the digests that a WARC record states, computed again while its block goes by. */
#pragma once
#include "stream.h"
#include "warc_head.h"

#include <openssl/evp.h>

typedef struct warc_sum {
    EVP_MD_CTX *block;   /* NULL: none is stated */
    EVP_MD_CTX *payload; /* NULL: none is stated, or it is not to be computed (revisit) */
    bool unknown;        /* an algorithm is stated that is not known here */
    bool in_payload;
    unsigned ends; /* how much of CR LF CR LF has been seen before the payload */
} warc_sum;

/* 0, or UPP_E_BUSY. The owner releases with warc_sum_done(), also after a failure. */
UPP_MUST_USE int warc_sum_start(const warc_head *head, warc_sum *ret_sum);
UPP_MUST_USE int warc_sum_add(warc_sum *sum, const uint8_t *bytes, size_t n);
/* NULL when all that is stated is right, else what is wrong. Ends the sums. */
const char *warc_sum_fault(warc_sum *sum, const warc_head *head);
void warc_sum_done(warc_sum *sum);
