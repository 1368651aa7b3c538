/* tsa.h - a time stamp of an authority (TSA, RFC 3161): what is asked, and whether the answer is
 * a stamp of just that. Bytes in, a verdict out: for the port, for `uppsikt verify` and the fuzzer.
 */
#pragma once
#include "upp/base.h"

enum {
    TSA_IMPRINT = 32,
    TSA_REQUEST = 80,
    TSA_REPLY = 32 * 1024, /* more is none: with a chain of certificates a reply has some 6,000 */
    TSA_SIGNER = 65,
};

/* A TimeStampReq in DER (RFC 3161 §2.4.1) for a SHA-256 imprint; the certificates are to come
 * along. `nonce` NULL: none, which is for checking an answer alone. Gives its length. */
size_t tsa_request(const uint8_t imprint[TSA_IMPRINT], const uint64_t *nonce,
                   uint8_t ret_request[TSA_REQUEST]);

typedef struct tsa_found {
    upp_ms at;               /* genTime, whole seconds */
    char signer[TSA_SIGNER]; /* the common name in who signed's certificate; control marks are ? */
} tsa_found;

/* Is `reply` a TimeStampResp whose token is over `imprint`, has `nonce` (NULL: any), is signed by
 * the certificate in it, and leads from there to one of `roots` (PEM; `at` NULL: the way is not
 * looked at) as a chain that was valid when the token says, for time stamps alone (extended key
 * usage; RFC 3161 §2.3)? NULL: it is. Else why not, static: token-malformed token-refused
 * token-imprint token-nonce token-signature token-chain token-roots. *ret_found is filled when that
 * could be read; else it is 0 and "". */
const char *tsa_check(upp_bytes reply, const uint8_t imprint[TSA_IMPRINT], const uint64_t *nonce,
                      upp_bytes roots, tsa_found *ret_found);

/* Whether the text holds certificates, at most 512, and nothing that is none between its PEM marks.
 */
bool tsa_roots_good(upp_bytes roots);
