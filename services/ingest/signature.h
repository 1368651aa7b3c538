/* signature.h - is a webhook's body from who it says (platforms.md §15.1), and the answers to the
 * handshakes. Over the raw bytes as received: the platforms escape non-ASCII in their own way, so
 * JSON that was read and written again has another signature. Pure. */
#pragma once
#include "upp/base.h"

enum signature_kind {
    SIGNATURE_META,     /* X-Hub-Signature-256: sha256=<hex> over the body */
    SIGNATURE_X,        /* x-twitter-webhooks-signature: sha256=<base64> over the body */
    SIGNATURE_LINKEDIN, /* X-LI-Signature: <hex> over "hmacsha256=" and the body */
    SIGNATURE_GENERIC,  /* X-Uppsikt-Signature: sha256=<hex> over timestamp, "." and the body */
    SIGNATURE_KINDS
};

enum { SIGNATURE_TEXT = 72 }; /* room for the longest header value or answer, NUL included */

/* Secrets that are valid now: more than one while they are being changed. Borrowed. */
typedef struct signature_secrets {
    const upp_bytes *at;
    size_t n;
} signature_secrets;

/* The header's value for a body, as the platform would write it. `timestamp`: the header's text for
 * SIGNATURE_GENERIC, not read for the others. An empty secret breaks the contract. */
void signature_make(enum signature_kind kind, upp_bytes secret, const char *timestamp,
                    upp_bytes body, char ret_value[SIGNATURE_TEXT]);

/* True when one of the secrets gives this value. Every secret is tried, each comparison takes the
 * same time whatever differs. An empty secret, and a NULL value, match nothing. For
 * SIGNATURE_GENERIC use signature_fresh too. */
bool signature_valid(enum signature_kind kind, const signature_secrets *secrets, const char *value,
                     const char *timestamp, upp_bytes body);

/* Whether a timestamp header (unix seconds, digits only) is within five minutes of `now`, both ends
 * included: real time, not suite time. */
bool signature_fresh(const char *timestamp, upp_ms now);

/* X's answer to `crc_token` (its `response_token`) and LinkedIn's to `challengeCode` (its
 * `challengeResponse`). False for the platforms that have no such handshake. */
bool signature_answer(enum signature_kind kind, upp_bytes secret, const char *challenge,
                      char ret_answer[SIGNATURE_TEXT]);
