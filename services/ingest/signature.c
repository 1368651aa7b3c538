/* signature.c - HMAC-SHA256 (RFC 2104) in the four wrappings of platforms.md §15.1. */
#include "signature.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { MAC = crypto_auth_hmacsha256_BYTES };

static void mac_text(crypto_auth_hmacsha256_state *mac, const char *text)
{
    crypto_auth_hmacsha256_update(mac, (const uint8_t *)text, strlen(text));
}

static void mac_bytes(crypto_auth_hmacsha256_state *mac, upp_bytes bytes)
{
    if (bytes.len)
        crypto_auth_hmacsha256_update(mac, bytes.at, bytes.len);
}

/* `before` and `between` are what a platform puts in front of the body. */
static void mac_of(upp_bytes secret, const char *before, const char *between, upp_bytes body,
                   uint8_t ret_mac[MAC])
{
    crypto_auth_hmacsha256_state mac;
    crypto_auth_hmacsha256_init(&mac, secret.at, secret.len);
    mac_text(&mac, before);
    mac_text(&mac, between);
    mac_bytes(&mac, body);
    crypto_auth_hmacsha256_final(&mac, ret_mac);
    sodium_memzero(&mac, sizeof mac);
}

static void write_hex(const char *prefix, const uint8_t mac[MAC], char ret_value[SIGNATURE_TEXT])
{
    char hex[2 * MAC + 1];
    sodium_bin2hex(hex, sizeof hex, mac, MAC);
    snprintf(ret_value, SIGNATURE_TEXT, "%s%s", prefix, hex);
}

static void write_base64(const uint8_t mac[MAC], char ret_value[SIGNATURE_TEXT])
{
    char base64[sodium_base64_ENCODED_LEN(MAC, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(base64, sizeof base64, mac, MAC, sodium_base64_VARIANT_ORIGINAL);
    snprintf(ret_value, SIGNATURE_TEXT, "sha256=%s", base64);
}

void signature_make(enum signature_kind kind, upp_bytes secret, const char *timestamp,
                    upp_bytes body, char ret_value[SIGNATURE_TEXT])
{
    upp_check(secret.len > 0);
    upp_check(kind != SIGNATURE_GENERIC || timestamp);
    uint8_t mac[MAC];
    switch (kind) {
    case SIGNATURE_META:
        mac_of(secret, "", "", body, mac);
        write_hex("sha256=", mac, ret_value);
        return;
    case SIGNATURE_X:
        mac_of(secret, "", "", body, mac);
        write_base64(mac, ret_value);
        return;
    case SIGNATURE_LINKEDIN:
        mac_of(secret, "hmacsha256=", "", body, mac);
        write_hex("", mac, ret_value);
        return;
    case SIGNATURE_GENERIC:
        mac_of(secret, timestamp, ".", body, mac);
        write_hex("sha256=", mac, ret_value);
        return;
    case SIGNATURE_KINDS:
        break;
    }
    upp_check(kind < SIGNATURE_KINDS);
}

bool signature_valid(enum signature_kind kind, const signature_secrets *secrets, const char *value,
                     const char *timestamp, upp_bytes body)
{
    if (!value || (kind == SIGNATURE_GENERIC && !timestamp))
        return false;
    const size_t len = strlen(value);
    int found = 0;
    for (size_t i = 0; i < secrets->n; i++) {
        char right[SIGNATURE_TEXT] = "";
        if (secrets->at[i].len == 0)
            continue;
        signature_make(kind, secrets->at[i], timestamp, body, right);
        /* the length of a right value is no secret: the header's format says it */
        const int same = len == strlen(right) && sodium_memcmp(value, right, len) == 0;
        found |= same;
        sodium_memzero(right, sizeof right);
    }
    return found != 0;
}

bool signature_fresh(const char *timestamp, upp_ms now)
{
    enum { DIGITS = 12 };
    const size_t len = timestamp ? strlen(timestamp) : 0;
    if (len == 0 || len > DIGITS || strspn(timestamp, "0123456789") != len)
        return false;
    upp_ms seconds = 0;
    for (size_t i = 0; i < len; i++)
        seconds = seconds * 10 + (timestamp[i] - '0');
    const upp_ms apart_span = seconds * UPP_SECOND - now;
    return apart_span >= -5 * UPP_MINUTE && apart_span <= 5 * UPP_MINUTE;
}

bool signature_answer(enum signature_kind kind, upp_bytes secret, const char *challenge,
                      char ret_answer[SIGNATURE_TEXT])
{
    if (kind != SIGNATURE_X && kind != SIGNATURE_LINKEDIN)
        return false;
    upp_check(secret.len > 0);
    const upp_bytes over = { (const uint8_t *)challenge, strlen(challenge) };
    uint8_t mac[MAC];
    mac_of(secret, "", "", over, mac);
    if (kind == SIGNATURE_X)
        write_base64(mac, ret_answer);
    else
        write_hex("", mac, ret_answer);
    return true;
}
