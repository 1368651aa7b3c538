/* secret.c - a webhook's secret and signature (standardwebhooks.com, 1.0). */
#include "secret.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 32 };

static bool derive(const char *key, const char *subscriber, uint8_t ret_secret[KEY])
{
    uint8_t master[KEY];
    size_t n = 0;
    if (!key || sodium_hex2bin(master, sizeof master, key, strlen(key), NULL, &n, NULL) != 0 ||
        n != sizeof master)
        return false;
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, master, sizeof master);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)"uppsikt-webhook/", 16);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)subscriber, strlen(subscriber));
    crypto_auth_hmacsha256_final(&st, ret_secret);
    sodium_memzero(master, sizeof master);
    sodium_memzero(&st, sizeof st);
    return true;
}

bool secret_text(const char *key, const char *subscriber, char ret_text[SECRET_TEXT])
{
    uint8_t secret[KEY];
    char base64[SECRET_TEXT];
    if (!derive(key, subscriber, secret))
        return false;
    sodium_bin2base64(base64, sizeof base64, secret, sizeof secret, sodium_base64_VARIANT_ORIGINAL);
    snprintf(ret_text, SECRET_TEXT, "whsec_%.50s", base64);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(base64, sizeof base64);
    return true;
}

bool secret_sign(const char *key, const char *subscriber, const char *id, int64_t timestamp,
                 const char *body, char ret_signature[SECRET_SIGNATURE])
{
    uint8_t secret[KEY], sum[KEY];
    char head[256], base64[SECRET_SIGNATURE];
    if (!derive(key, subscriber, secret))
        return false;
    const int n = snprintf(head, sizeof head, "%s.%lld.", id, (long long)timestamp);
    upp_check(n > 0 && (size_t)n < sizeof head);
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, secret, sizeof secret);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)head, (unsigned long long)n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)body, strlen(body));
    crypto_auth_hmacsha256_final(&st, sum);
    sodium_bin2base64(base64, sizeof base64, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL);
    snprintf(ret_signature, SECRET_SIGNATURE, "v1,%.50s", base64);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(&st, sizeof st);
    return true;
}
