/* fixity.c - SHA-256 of what is packed, as text. */
#include "fixity.h"

#include <openssl/evp.h>
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

static void md_done(EVP_MD_CTX **md)
{
    EVP_MD_CTX_free(*md);
}

static int into_md(void *ctx, const void *bytes, size_t n)
{
    return EVP_DigestUpdate(ctx, bytes, n) == 1 ? 0 : UPP_E_BUSY;
}

static int finish(EVP_MD_CTX *md, char ret_hex[FIXITY_HEX])
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(md, hash, &n) != 1)
        return UPP_E_BUSY;
    fixity_hex(hash, n, ret_hex);
    return 0;
}

int fixity_of(upp_bytes head, upp_bytes body, char ret_hex[FIXITY_HEX])
{
    UPP_AUTO(md_done) EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        return UPP_E_BUSY;
    UPP_TRY(head.len > 0 ? into_md(md, head.at, head.len) : 0);
    UPP_TRY(body.len > 0 ? into_md(md, body.at, body.len) : 0);
    return finish(md, ret_hex);
}

int fixity_of_source(const source *in, char ret_hex[FIXITY_HEX])
{
    UPP_AUTO(md_done) EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        return UPP_E_BUSY;
    const sink to = { into_md, md };
    UPP_TRY(source_copy(in, &to));
    return finish(md, ret_hex);
}

bool fixity_well_formed(const char *text)
{
    return strlen(text) == FIXITY_HEX - 1 && strspn(text, "0123456789abcdef") == FIXITY_HEX - 1;
}
