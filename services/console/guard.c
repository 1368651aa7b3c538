/* guard.c - the rules of sign-in. */
#include "guard.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

upp_ms guard_wait(int64_t n, bool address)
{
    const int64_t over = n - (address ? 20 : 4);
    if (over <= 0)
        return 0;
    return over > 10 ? 15 * UPP_MINUTE : UPP_SECOND << (over - 1);
}

bool guard_session_holds(upp_ms begun, upp_ms seen, upp_ms now, upp_ms idle_span, upp_ms whole_span)
{
    return now - seen < idle_span && now - begun < whole_span;
}

void guard_hex(const uint8_t *bytes, size_t n, char *ret_hex)
{
    sodium_bin2hex(ret_hex, 2 * n + 1, bytes, n);
}

bool guard_unhex(const char *hex, size_t n, uint8_t *ret_bytes)
{
    size_t got = 0;
    return strlen(hex) == 2 * n &&
           sodium_hex2bin(ret_bytes, n, hex, 2 * n, NULL, &got, NULL) == 0 && got == n;
}

void guard_digest(const uint8_t token[GUARD_TOKEN], char ret_hex[GUARD_HEX])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, token, GUARD_TOKEN);
    guard_hex(digest, sizeof digest, ret_hex);
}

void guard_seal(const uint8_t token[GUARD_TOKEN], const char *action, const char *id,
                char ret_hex[GUARD_HEX])
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, token, GUARD_TOKEN);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)action, strlen(action) + 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)id, strlen(id) + 1);
    crypto_auth_hmacsha256_final(&state, mac);
    guard_hex(mac, sizeof mac, ret_hex);
}

bool guard_same(const char *a, const char *b)
{
    const size_t n = strlen(a);
    return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}

void guard_nth_id(const uint8_t id[16], const char *what, uint8_t ret_id[16])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, id, 16);
    crypto_hash_sha256_update(&state, (const uint8_t *)what, strlen(what));
    crypto_hash_sha256_final(&state, digest);
    memcpy(ret_id, digest, 16);
}

bool guard_site(const char *fetch_site, const char *origin, const char *own)
{
    if (fetch_site) /* with no-referrer the browser says "Origin: null" even to ourselves */
        return strcmp(fetch_site, "same-origin") == 0;
    return !origin || strcmp(origin, own) == 0;
}

const char *guard_nobody(void)
{
    return "$argon2id$v=19$m=65536,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIQ$"
           "Zm9yIGVxdWFsIHRpbWUsIG5vdGhpbmcgZWxzZS4uLi4";
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* One short piece again and again, or the keys in their order: long, and guessed at once. */
static bool repeats(const char *password)
{
    static const char *const runs[] = { "abcdefghijklmnopqrstuvwxyz", "12345678901234567890",
                                        "qwertyuiop", "asdfghjkl" };
    const size_t n = strlen(password);
    for (size_t piece = 1; piece <= 6 && piece <= n / 2; piece++)
        if (memcmp(password, password + piece, n - piece) == 0)
            return true;
    for (size_t i = 0; i < UPP_LEN(runs); i++)
        if (strncmp(password, runs[i], n < 8 ? n : 8) == 0)
            return true;
    return false;
}

enum guard_flaw guard_password(const char *password, const char *name)
{
    if (strlen(password) > GUARD_PASSWORD_MAX)
        return GUARD_LONG;
    if (characters(password) < GUARD_PASSWORD_MIN)
        return GUARD_SHORT;
    if (repeats(password))
        return GUARD_COMMON;
    return name[0] && strstr(password, name) ? GUARD_NAME : GUARD_FINE;
}
