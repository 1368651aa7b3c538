/* leaf.c - the bytes that tie a sealed record to the tree. */
#include "leaf.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void number(uint64_t value, uint8_t *ret_bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ret_bytes[i] = (uint8_t)(value >> 8 * (n - 1 - i));
}

void leaf_seal(const uint8_t salt[LEAF_SALT], upp_bytes manifest, uint8_t ret_seal[TREE_HASH])
{
    crypto_hash_sha256_state sha;
    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, salt, LEAF_SALT);
    crypto_hash_sha256_update(&sha, manifest.at, manifest.len);
    crypto_hash_sha256_final(&sha, ret_seal);
}

void leaf_hash(const leaf_record *r, tree_hash *ret_leaf)
{
    static const char head[] = "upp-leaf1";
    const size_t ids = strlen(r->record) + 1 + strlen(r->item) + 1;
    const size_t len = sizeof head - 1 + 16 + ids + TREE_HASH;
    uint8_t *bytes = malloc(len), *at = bytes;
    upp_check(bytes);
    memcpy(at, head, sizeof head - 1);
    at += sizeof head - 1;
    number((uint64_t)r->at, at, 8);
    number(r->level, at + 8, 4);
    number(r->version, at + 12, 4);
    at += 16;
    memcpy(at, r->record, strlen(r->record) + 1);
    at += strlen(r->record) + 1;
    memcpy(at, r->item, strlen(r->item) + 1);
    at += strlen(r->item) + 1;
    memcpy(at, r->seal, TREE_HASH);
    tree_leaf((upp_bytes){ bytes, len }, ret_leaf);
    free(bytes);
}

void leaf_signed(int64_t size, upp_ms at, const tree_hash *root, uint8_t ret_bytes[LEAF_SIGNED])
{
    memcpy(ret_bytes, "upp-tree1", 10);
    number((uint64_t)size, ret_bytes + 10, 8);
    number((uint64_t)at, ret_bytes + 18, 8);
    memcpy(ret_bytes + 26, root->at, TREE_HASH);
}

void leaf_stamped(int64_t size, upp_ms at, const tree_hash *root,
                  const uint8_t signature[LEAF_SIGNATURE], uint8_t ret_bytes[LEAF_STAMPED],
                  tree_hash *ret_imprint)
{
    leaf_signed(size, at, root, ret_bytes);
    memcpy(ret_bytes + LEAF_SIGNED, signature, LEAF_SIGNATURE);
    crypto_hash_sha256(ret_imprint->at, ret_bytes, LEAF_STAMPED);
}

bool leaf_signature_holds(int64_t size, upp_ms at, const tree_hash *root,
                          const uint8_t signature[LEAF_SIGNATURE], const uint8_t key[LEAF_KEY])
{
    uint8_t bytes[LEAF_SIGNED];
    leaf_signed(size, at, root, bytes);
    return crypto_sign_verify_detached(signature, bytes, sizeof bytes, key) == 0;
}

void leaf_sign(int64_t size, upp_ms at, const tree_hash *root, const uint8_t seed[LEAF_KEY],
               uint8_t ret_signature[LEAF_SIGNATURE], uint8_t ret_key[LEAF_KEY])
{
    uint8_t bytes[LEAF_SIGNED], secret[crypto_sign_SECRETKEYBYTES];
    leaf_signed(size, at, root, bytes);
    upp_check(crypto_sign_seed_keypair(ret_key, secret, seed) == 0);
    upp_check(crypto_sign_detached(ret_signature, NULL, bytes, sizeof bytes, secret) == 0);
    sodium_memzero(secret, sizeof secret);
}
