/* sign_try.c - tries at the directory: a ring in memory. A restart costs who was there a click. */
#include "sign_try.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void made_of(const uint8_t secret[GUARD_TOKEN], const char *what,
                    uint8_t ret_bytes[crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256(ret_bytes, (const unsigned char *)what, strlen(what), secret);
}

static void in_base64(const uint8_t bytes[32], char ret_text[SIGN_TRY_VERIFIER])
{
    sodium_bin2base64(ret_text, SIGN_TRY_VERIFIER, bytes, 32,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void sign_try_words(const uint8_t secret[GUARD_TOKEN], sign_words *ret_words)
{
    uint8_t bytes[32];
    made_of(secret, "state", bytes);
    guard_hex(bytes, sizeof bytes, ret_words->state);
    made_of(secret, "nonce", bytes);
    guard_hex(bytes, sizeof bytes, ret_words->nonce);
    made_of(secret, "verifier", bytes);
    in_base64(bytes, ret_words->verifier);
    crypto_hash_sha256(bytes, (const unsigned char *)ret_words->verifier,
                       strlen(ret_words->verifier));
    in_base64(bytes, ret_words->challenge);
}

void sign_try_begin(sign_tries *tries, const uint8_t secret[GUARD_TOKEN], const char *to,
                    upp_ms now)
{
    const size_t i = tries->next;
    tries->next = (i + 1) % SIGN_TRIES;
    free(tries->all[i].to);
    tries->all[i].to = strdup(to);
    upp_check(tries->all[i].to);
    tries->all[i].begun = now;
    guard_digest(secret, tries->all[i].digest);
}

char *sign_try_end(sign_tries *tries, const uint8_t secret[GUARD_TOKEN], upp_ms now)
{
    char digest[GUARD_HEX];
    guard_digest(secret, digest);
    for (size_t i = 0; i < SIGN_TRIES; i++) {
        if (!guard_same(digest, tries->all[i].digest))
            continue;
        char *to = tries->all[i].to;
        tries->all[i].to = NULL;
        tries->all[i].digest[0] = '\0';
        if (now - tries->all[i].begun < SIGN_TRY_SPAN)
            return to;
        free(to);
        return NULL;
    }
    return NULL;
}

void sign_tries_done(sign_tries *tries)
{
    for (size_t i = 0; i < SIGN_TRIES; i++)
        free(tries->all[i].to);
}
