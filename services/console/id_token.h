/* id_token.h - the token by which an organisation's directory says who somebody is (OpenID Connect
 * Core 1.0 §2, §3.1.3.7; RFC 7515, 7517, 7519): whose it is, whether it is for us, for now, and for
 * the sign-in that asked for it. Pure; the cryptography is libcjose's. */
#pragma once
#include "upp/base.h"

enum { ID_TOKEN_BYTES = 16 * 1024, ID_TOKEN_VALUE = 201, ID_TOKEN_KEYS = 32 };
/* How far the directory's clock and ours may be apart. */
#define ID_TOKEN_LEEWAY (60 * UPP_SECOND)

typedef struct id_token_wanted {
    const char *issuer, *client; /* exactly these, byte for byte */
    const char *nonce;           /* that of the sign-in that asked */
    const char *claim;           /* which one names the person: email, preferred_username, sub */
    upp_ms now;                  /* real time */
} id_token_wanted;

enum id_token_flaw {
    ID_TOKEN_FINE,
    ID_TOKEN_MALFORMED, /* no signed token at all, too long, or with `crit` */
    ID_TOKEN_ALGORITHM, /* another than RS256 and ES256: none, HS256 ... */
    ID_TOKEN_KEYS_BAD,  /* the directory's keys cannot be read */
    ID_TOKEN_KEY,       /* signed with a key that is not, or not alone, among them: fetch anew */
    ID_TOKEN_SIGNATURE,
    ID_TOKEN_ISSUER,
    ID_TOKEN_AUDIENCE,
    ID_TOKEN_EXPIRED,
    ID_TOKEN_EARLY, /* of a time to come: a clock is wrong */
    ID_TOKEN_NONCE,
    ID_TOKEN_NO_CLAIM,   /* it does not say what it was asked: sub, or the claim */
    ID_TOKEN_UNVERIFIED, /* the claim is an e-mail address that the directory has not looked at */
    ID_TOKEN_FLAWS
};

/* Is `token` (a compact JWS) one that `wanted` lets in, by the directory's `keys` (a JWKS)? What it
 * says is read of the bytes that were signed, and after that alone. ID_TOKEN_FINE: the claim's
 * value stands in `ret_value`; else that is "". */
enum id_token_flaw id_token_check(const char *token, const char *keys,
                                  const id_token_wanted *wanted, char ret_value[ID_TOKEN_VALUE]);
/* For the operators' log: what is wrong and where to look; nothing of the token. */
const char *id_token_words(enum id_token_flaw flaw);
