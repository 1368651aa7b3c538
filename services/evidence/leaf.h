/* leaf.h - the bytes that tie a sealed record to the tree, and what a head of it signs. Pure: the
 * service makes them, `uppsikt verify` makes them again. */
#pragma once
#include "tree.h"

enum {
    LEAF_SALT = 32,
    LEAF_SIGNED = 10 + 8 + 8 + TREE_HASH,
    LEAF_KEY = 32,
    LEAF_SIGNATURE = 64,
    LEAF_STAMPED = LEAF_SIGNED + LEAF_SIGNATURE,
};

/* SHA-256(salt || manifest): comments are short and guessable, and the leaf stays after disposal
 * (capture.md §3). */
void leaf_seal(const uint8_t salt[LEAF_SALT], upp_bytes manifest, uint8_t ret_seal[TREE_HASH]);

typedef struct leaf_record {
    const char *record, *item;
    uint32_t version, level;
    upp_ms at;
    const uint8_t *seal; /* TREE_HASH bytes */
} leaf_record;
/* The leaf of "upp-leaf1" || at || level || version || record 0x00 item 0x00 || seal; numbers big
 * endian, of 8, 4 and 4 bytes. */
void leaf_hash(const leaf_record *r, tree_hash *ret_leaf);

/* "upp-tree1" 0x00 || size || at || root: what TreeHeadSigned's Ed25519 signature is over. */
void leaf_signed(int64_t size, upp_ms at, const tree_hash *root, uint8_t ret_bytes[LEAF_SIGNED]);
/* The same bytes and the signature behind them: the head as a timestamp authority stamps it, so
 * that its word is also about when it was signed. Gives their SHA-256 in *ret_imprint. */
void leaf_stamped(int64_t size, upp_ms at, const tree_hash *root,
                  const uint8_t signature[LEAF_SIGNATURE], uint8_t ret_bytes[LEAF_STAMPED],
                  tree_hash *ret_imprint);
/* Whether `signature` is that of the public key `key` (RFC 8032). */
bool leaf_signature_holds(int64_t size, upp_ms at, const tree_hash *root,
                          const uint8_t signature[LEAF_SIGNATURE], const uint8_t key[LEAF_KEY]);
/* Signs with the key that `seed` (32 bytes) makes; gives its public half, too. */
void leaf_sign(int64_t size, upp_ms at, const tree_hash *root, const uint8_t seed[LEAF_KEY],
               uint8_t ret_signature[LEAF_SIGNATURE], uint8_t ret_key[LEAF_KEY]);
