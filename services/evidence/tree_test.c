/* tree_test.c - the tree against RFC 6962's own recursion, its published vectors, and itself with
 * one bit changed (R22, R27; P6). */
#include "leaf.h"
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 70, LEVELS = 8 };
typedef struct wood {
    tree_hash leaves[LEAVES], nodes[LEVELS][LEAVES];
    bool there[LEVELS][LEAVES];
} wood;

static int get(void *ctx, unsigned level, int64_t index, tree_hash *ret_hash)
{
    const wood *w = ctx;
    assert_true(level < LEVELS && index < LEAVES && w->there[level][index]);
    *ret_hash = w->nodes[level][index];
    return 0;
}

static int put(void *ctx, unsigned level, int64_t index, const tree_hash *hash)
{
    wood *w = ctx;
    assert_true(level < LEVELS && index < LEAVES && !w->there[level][index]);
    w->there[level][index] = true;
    w->nodes[level][index] = *hash;
    return 0;
}

/* RFC 6962 §2.1, word for word. */
static tree_hash brute(const tree_hash *leaves, size_t n)
{
    tree_hash out;
    uint8_t both[65] = { 1 };
    if (n == 1)
        return leaves[0];
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    const tree_hash left = brute(leaves, k), right = brute(leaves + k, n - k);
    memcpy(both + 1, left.at, 32);
    memcpy(both + 33, right.at, 32);
    SHA256(both, sizeof both, out.at);
    return out;
}

static tree_store plant(wood *w)
{
    const tree_store store = { get, put, w };
    memset(w, 0, sizeof *w);
    for (int64_t i = 0; i < LEAVES; i++) {
        const uint8_t text[2] = { (uint8_t)i, 7 };
        tree_leaf((upp_bytes){ text, 2 }, &w->leaves[i]);
        assert_int_equal(tree_append(&store, i, &w->leaves[i]), 0);
    }
    return store;
}

static void the_published_vectors(void **state)
{
    static const struct {
        const char *leaf;
        size_t len;
        const char *root;
    } rows[] = {
        { "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
        { "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
        { "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
        { "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
        { "\x40\x41\x42\x43", 4,
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
        { "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
        { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
    };
    wood *w = calloc(1, sizeof *w);
    const tree_store store = { get, put, w };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        tree_hash root;
        char hex[65];
        tree_leaf((upp_bytes){ (const uint8_t *)rows[i].leaf, rows[i].len }, &w->leaves[i]);
        assert_int_equal(tree_append(&store, (int64_t)i, &w->leaves[i]), 0);
        assert_int_equal(tree_root(&store, (int64_t)i + 1, &root), 0);
        for (size_t k = 0; k < 32; k++)
            snprintf(hex + 2 * k, 3, "%02x", root.at[k]);
        assert_string_equal(hex, rows[i].root);
    }
    free(w);
}

static void every_size_has_the_root_of_the_recursion(void **state)
{
    wood *w = calloc(1, sizeof *w);
    const tree_store store = plant(w);
    (void)state;
    for (int64_t n = 1; n <= LEAVES; n++) {
        tree_hash root;
        const tree_hash wanted = brute(w->leaves, (size_t)n);
        assert_int_equal(tree_root(&store, n, &root), 0);
        assert_memory_equal(root.at, wanted.at, 32);
    }
    free(w);
}

/* Each leaf of each tree is proved, and no other leaf, place, size or changed bit is. */
static void inclusion_proves_and_refuses(void **state)
{
    wood *w = calloc(1, sizeof *w);
    const tree_store store = plant(w);
    size_t proofs = 0, refused = 0;
    (void)state;
    for (int64_t n = 1; n <= LEAVES; n++) {
        const tree_hash root = brute(w->leaves, (size_t)n);
        for (int64_t i = 0; i < n; i++) {
            tree_hash path[TREE_PATH];
            size_t len = 0;
            assert_int_equal(tree_inclusion(&store, i, n, path, &len), 0);
            assert_true(tree_included(&w->leaves[i], i, n, path, len, &root));
            proofs++;
            assert_false(tree_included(&w->leaves[(i + 1) % LEAVES], i, n, path, len, &root));
            assert_false(tree_included(&w->leaves[i], i, n, path, len + 1, &root));
            assert_false(len && tree_included(&w->leaves[i], i, n, path, len - 1, &root));
            for (int64_t k = 0; k < n; k++)
                assert_false(k != i && tree_included(&w->leaves[i], k, n, path, len, &root));
            for (size_t k = 0; k < len; k++) {
                path[k].at[i % 32] ^= 1;
                assert_false(tree_included(&w->leaves[i], i, n, path, len, &root));
                path[k].at[i % 32] ^= 1;
                refused++;
            }
        }
    }
    assert_int_equal(proofs, LEAVES * (LEAVES + 1) / 2);
    assert_true(refused > 5000);
    free(w);
}

static void an_older_head_is_proved_to_be_the_beginning(void **state)
{
    wood *w = calloc(1, sizeof *w);
    const tree_store store = plant(w);
    (void)state;
    for (int64_t n = 1; n <= LEAVES; n++) {
        const tree_hash root = brute(w->leaves, (size_t)n);
        for (int64_t old = 1; old <= n; old++) {
            tree_hash path[TREE_PATH];
            size_t len = 0;
            tree_hash before = brute(w->leaves, (size_t)old);
            assert_int_equal(tree_consistency(&store, old, n, path, &len), 0);
            assert_true(tree_consistent(old, &before, n, &root, path, len));
            for (size_t k = 0; k < len; k++) {
                path[k].at[old % 32] ^= 0x80;
                assert_false(tree_consistent(old, &before, n, &root, path, len));
                path[k].at[old % 32] ^= 0x80;
            }
            before.at[3] ^= 1;
            assert_false(tree_consistent(old, &before, n, &root, path, len));
        }
    }
    free(w);
}

/* A head is a statement about size, time and root; each bit of it is under the signature. */
static void a_head_is_signed_whole(void **state)
{
    const uint8_t seed[LEAF_KEY] = { 9 };
    uint8_t signature[LEAF_SIGNATURE], key[LEAF_KEY];
    tree_hash root = { { 1, 2, 3 } };
    (void)state;
    leaf_sign(12, 1790000000000, &root, seed, signature, key);
    assert_true(leaf_signature_holds(12, 1790000000000, &root, signature, key));
    assert_false(leaf_signature_holds(13, 1790000000000, &root, signature, key));
    assert_false(leaf_signature_holds(12, 1790000000001, &root, signature, key));
    for (size_t i = 0; i < 8 * sizeof signature; i++) {
        signature[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_false(leaf_signature_holds(12, 1790000000000, &root, signature, key));
        signature[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    for (size_t i = 0; i < 8 * sizeof root.at; i++) {
        root.at[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_false(leaf_signature_holds(12, 1790000000000, &root, signature, key));
        root.at[i / 8] ^= (uint8_t)(1U << i % 8);
    }
}

static void each_field_of_a_record_changes_its_leaf(void **state)
{
    uint8_t salt[LEAF_SALT] = { 4 }, seal[TREE_HASH], other[TREE_HASH];
    tree_hash first, changed;
    (void)state;
    leaf_seal(salt, (upp_bytes){ (const uint8_t *)"m", 1 }, seal);
    salt[31] ^= 1;
    leaf_seal(salt, (upp_bytes){ (const uint8_t *)"m", 1 }, other);
    assert_memory_not_equal(seal, other, TREE_HASH);
    const leaf_record was = { "R1", "I1", 1, 2, 1790000000000, seal };
    const leaf_record rows[] = {
        { "R2", "I1", 1, 2, 1790000000000, seal }, { "R1", "I2", 1, 2, 1790000000000, seal },
        { "R1", "I1", 2, 2, 1790000000000, seal }, { "R1", "I1", 1, 1, 1790000000000, seal },
        { "R1", "I1", 1, 2, 1790000000001, seal }, { "R1", "I1", 1, 2, 1790000000000, other },
        { "R1I", "1", 1, 2, 1790000000000, seal },
    };
    leaf_hash(&was, &first);
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        leaf_hash(&rows[i], &changed);
        assert_memory_not_equal(first.at, changed.at, TREE_HASH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors),
        cmocka_unit_test(every_size_has_the_root_of_the_recursion),
        cmocka_unit_test(inclusion_proves_and_refuses),
        cmocka_unit_test(an_older_head_is_proved_to_be_the_beginning),
        cmocka_unit_test(a_head_is_signed_whole),
        cmocka_unit_test(each_field_of_a_record_changes_its_leaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
