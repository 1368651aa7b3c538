/* fixity.c - SHA-256 of what is packed, as text. */
#include "fixity.h"

#include <nettle/sha2.h>
#include <string.h>

void fixity_hex(const uint8_t *bytes, size_t n, char *ret_hex)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret_hex[2 * i] = digit[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digit[bytes[i] & 15];
    }
    ret_hex[2 * n] = 0;
}

static int into_sum(void *ctx, const void *bytes, size_t n)
{
    sha256_update(ctx, n, bytes);
    return 0;
}

static void finish(struct sha256_ctx *sum, char ret_hex[FIXITY_HEX])
{
    uint8_t hash[SHA256_DIGEST_SIZE];
    sha256_digest(sum, sizeof hash, hash);
    fixity_hex(hash, sizeof hash, ret_hex);
}

void fixity_of(upp_bytes head, upp_bytes body, char ret_hex[FIXITY_HEX])
{
    struct sha256_ctx sum;
    sha256_init(&sum);
    if (head.len > 0)
        sha256_update(&sum, head.len, head.at);
    if (body.len > 0)
        sha256_update(&sum, body.len, body.at);
    finish(&sum, ret_hex);
}

int fixity_of_source(const source *in, char ret_hex[FIXITY_HEX])
{
    struct sha256_ctx sum;
    sha256_init(&sum);
    const sink to = { into_sum, &sum };
    UPP_TRY(source_copy(in, &to));
    finish(&sum, ret_hex);
    return 0;
}

bool fixity_well_formed(const char *text)
{
    return strlen(text) == FIXITY_HEX - 1 && strspn(text, "0123456789abcdef") == FIXITY_HEX - 1;
}
