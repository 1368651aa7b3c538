/* tree.c - the Merkle tree over all sealed records. */
#include "tree.h"
#include <sodium.h>
#include <string.h>

void tree_leaf(upp_bytes record, tree_hash *ret_leaf)
{
    static const uint8_t zero;
    crypto_hash_sha256_state sha;
    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, &zero, 1);
    crypto_hash_sha256_update(&sha, record.at, record.len);
    crypto_hash_sha256_final(&sha, ret_leaf->at);
}

static void join(const tree_hash *left, const tree_hash *right, tree_hash *ret_hash)
{
    uint8_t bytes[1 + 2 * TREE_HASH] = { 1 };
    memcpy(bytes + 1, left->at, TREE_HASH);
    memcpy(bytes + 1 + TREE_HASH, right->at, TREE_HASH);
    crypto_hash_sha256(ret_hash->at, bytes, sizeof bytes);
}

/* The largest power of two below n (n > 1): how many leaves the left subtree has. */
static int64_t split(int64_t n)
{
    int64_t k = 1;
    while (k < n - k)
        k *= 2;
    return k;
}

static unsigned level_of(int64_t n)
{
    unsigned level = 0;
    while (n >> (level + 1))
        level++;
    return level;
}

/* The hash over the leaves [from, from + n), n > 0. `from` is a multiple of the complete part. */
static int range(const tree_store *store, int64_t from, int64_t n, tree_hash *ret_hash)
{
    if ((n & (n - 1)) == 0 && from % n == 0)
        return store->get(store->ctx, level_of(n), from / n, ret_hash);
    tree_hash left, right;
    const int64_t k = split(n);
    UPP_TRY(range(store, from, k, &left));
    UPP_TRY(range(store, from + k, n - k, &right));
    join(&left, &right, ret_hash);
    return 0;
}

int tree_append(const tree_store *store, int64_t size, const tree_hash *leaf)
{
    tree_hash hash = *leaf;
    int64_t index = size;
    UPP_TRY(store->put(store->ctx, 0, index, &hash));
    for (unsigned level = 0; index & 1; level++, index >>= 1) {
        tree_hash left;
        UPP_TRY(store->get(store->ctx, level, index - 1, &left));
        join(&left, &hash, &hash);
        UPP_TRY(store->put(store->ctx, level + 1, index >> 1, &hash));
    }
    return 0;
}

int tree_root(const tree_store *store, int64_t size, tree_hash *ret_root)
{
    if (size > 0)
        return range(store, 0, size, ret_root);
    crypto_hash_sha256(ret_root->at, (const uint8_t *)"", 0);
    return 0;
}

int tree_inclusion(const tree_store *store, int64_t index, int64_t size,
                   tree_hash ret_path[TREE_PATH], size_t *ret_n)
{
    int64_t from = 0;
    size_t n = 0;
    if (index < 0 || index >= size)
        return UPP_E_BUG;
    /* from the root down; each step's sibling goes in front of those below it */
    while (size > 1) {
        const int64_t k = split(size);
        const bool left = index < k;
        upp_check(n < TREE_PATH);
        UPP_TRY(range(store, left ? from + k : from, left ? size - k : k, &ret_path[n++]));
        from += left ? 0 : k;
        index -= left ? 0 : k;
        size = left ? k : size - k;
    }
    for (size_t i = 0; i < n / 2; i++) {
        const tree_hash other = ret_path[i];
        ret_path[i] = ret_path[n - 1 - i];
        ret_path[n - 1 - i] = other;
    }
    *ret_n = n;
    return 0;
}

int tree_consistency(const tree_store *store, int64_t old, int64_t size,
                     tree_hash ret_path[TREE_PATH], size_t *ret_n)
{
    int64_t from = 0;
    size_t n = 0;
    bool whole = true; /* the old tree itself is a subtree of ours: it need not be said */
    if (old < 1 || old > size)
        return UPP_E_BUG;
    while (old < size) {
        const int64_t k = split(size);
        const bool left = old <= k;
        upp_check(n + 1 < TREE_PATH);
        UPP_TRY(range(store, left ? from + k : from, left ? size - k : k, &ret_path[n++]));
        whole = whole && left;
        from += left ? 0 : k;
        old -= left ? 0 : k;
        size = left ? k : size - k;
    }
    if (!whole)
        UPP_TRY(range(store, from, size, &ret_path[n++]));
    for (size_t i = 0; i < n / 2; i++) {
        const tree_hash other = ret_path[i];
        ret_path[i] = ret_path[n - 1 - i];
        ret_path[n - 1 - i] = other;
    }
    *ret_n = n;
    return 0;
}

static bool same(const tree_hash *a, const tree_hash *b)
{
    return memcmp(a->at, b->at, TREE_HASH) == 0;
}

bool tree_included(const tree_hash *leaf, int64_t index, int64_t size, const tree_hash *path,
                   size_t n, const tree_hash *root)
{
    tree_hash hash = *leaf;
    int64_t last = size - 1;
    if (index < 0 || index >= size)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (last == 0)
            return false; /* a longer proof than the tree is high */
        if ((index & 1) || index == last) {
            join(&path[i], &hash, &hash);
            while (!(index & 1) && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            join(&hash, &path[i], &hash);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && same(&hash, root);
}

bool tree_consistent(int64_t old, const tree_hash *old_root, int64_t size, const tree_hash *root,
                     const tree_hash *path, size_t n)
{
    if (old < 1 || old > size)
        return false;
    if (old == size)
        return n == 0 && same(old_root, root);
    const bool whole = (old & (old - 1)) == 0;
    if (n == 0)
        return false;
    tree_hash first = whole ? *old_root : path[0], now = first;
    int64_t index = old - 1, last = size - 1;
    for (; index & 1; index >>= 1)
        last >>= 1;
    for (size_t i = whole ? 0 : 1; i < n; i++) {
        if (last == 0)
            return false;
        if ((index & 1) || index == last) {
            join(&path[i], &first, &first);
            join(&path[i], &now, &now);
            while (!(index & 1) && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            join(&now, &path[i], &now);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && same(&first, old_root) && same(&now, root);
}
