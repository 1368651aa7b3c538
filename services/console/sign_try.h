/* sign_try.h - who has gone to the directory and not come back yet: each try is bound to a secret
 * in the visitor's cookie, holds ten minutes and is used once. Pure. */
#pragma once
#include "guard.h"

#define SIGN_TRY_SPAN (10 * UPP_MINUTE)

/* What goes to the directory, made of the cookie's secret: whoever does not have that can make none
 * of them, and none of them tells another. */
enum { SIGN_TRY_VERIFIER = 44 };
typedef struct sign_words {
    char state[GUARD_HEX], nonce[GUARD_HEX];
    char verifier[SIGN_TRY_VERIFIER], challenge[SIGN_TRY_VERIFIER]; /* RFC 7636 §4, S256 */
} sign_words;
void sign_try_words(const uint8_t secret[GUARD_TOKEN], sign_words *ret_words);

enum { SIGN_TRIES = 1024 };
typedef struct sign_tries {
    struct {
        char digest[GUARD_HEX]; /* of the secret; "": free */
        upp_ms begun;
        char *to; /* own: where she wanted to go */
    } all[SIGN_TRIES];
    size_t next; /* the oldest: it goes when there is no room */
} sign_tries;

void sign_try_begin(sign_tries *tries, const uint8_t secret[GUARD_TOKEN], const char *to,
                    upp_ms now);
/* Ends it: where she wanted to go, the caller's (free). NULL: there is no such try, not any more,
 * or its time is out. */
char *sign_try_end(sign_tries *tries, const uint8_t secret[GUARD_TOKEN], upp_ms now);
void sign_tries_done(sign_tries *tries);
