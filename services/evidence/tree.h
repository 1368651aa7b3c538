/* tree.h - the Merkle tree over all sealed records: RFC 6962 §2.1 and RFC 9162 §2.1. Pure; the
 * complete subtrees lie wherever the caller keeps them. */
#pragma once
#include "upp/base.h"

enum { TREE_HASH = 32, TREE_PATH = 64 };
typedef struct tree_hash {
    uint8_t at[TREE_HASH];
} tree_hash;

/* Where the complete subtrees are: `get` gives the one with 2^level leaves that begins at leaf
 * index << level. 0, or a negative answer that the call passes on. `put` is needed by tree_append
 * alone. */
typedef struct tree_store {
    int (*get)(void *ctx, unsigned level, int64_t index, tree_hash *ret_hash);
    int (*put)(void *ctx, unsigned level, int64_t index, const tree_hash *hash);
    void *ctx;
} tree_store;

/* SHA-256(0x00 || record). */
void tree_leaf(upp_bytes record, tree_hash *ret_leaf);
/* Puts the leaf that comes after `size` others, and each subtree that is complete with it. */
UPP_MUST_USE int tree_append(const tree_store *store, int64_t size, const tree_hash *leaf);
/* The root of the first `size` leaves; of none it is SHA-256 of nothing. */
UPP_MUST_USE int tree_root(const tree_store *store, int64_t size, tree_hash *ret_root);
/* The proof that leaf `index` is in the tree of `size` leaves: *ret_n hashes, from the leaf up.
 * UPP_E_BUG: there is no such leaf. */
UPP_MUST_USE int tree_inclusion(const tree_store *store, int64_t index, int64_t size,
                                tree_hash ret_path[TREE_PATH], size_t *ret_n);
/* The proof that the tree of `size` leaves begins with that of `old` (0 < old <= size). */
UPP_MUST_USE int tree_consistency(const tree_store *store, int64_t old, int64_t size,
                                  tree_hash ret_path[TREE_PATH], size_t *ret_n);
/* Does the proof lead from the leaf to the root? RFC 9162 §2.1.3.2. */
bool tree_included(const tree_hash *leaf, int64_t index, int64_t size, const tree_hash *path,
                   size_t n, const tree_hash *root);
/* The same for two heads. RFC 9162 §2.1.4.2. */
bool tree_consistent(int64_t old, const tree_hash *old_root, int64_t size, const tree_hash *root,
                     const tree_hash *path, size_t n);
