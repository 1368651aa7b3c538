/* head.c - the tree over all seals, and the head that is signed once a day (capture.md §3). */
#include "evidence.h"
#include <sodium.h>
#include <string.h>

static int get(void *ctx, unsigned level, int64_t place, tree_hash *ret_hash)
{
    upp_txn *txn = ctx;
    size_t n = 0;
    UPP_ROWS row = upp_query(txn, "SELECT hash FROM node WHERE level = ?1 AND place = ?2",
                             BIND(V(level), V(place)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_fail(txn, UPP_E_BUG, "the tree has a hole");
    const char *hex = upp_col_text(&row, 0);
    if (sodium_hex2bin(ret_hash->at, TREE_HASH, hex, strlen(hex), NULL, &n, NULL) != 0 ||
        n != TREE_HASH)
        return upp_fail(txn, UPP_E_STORE, "damaged node %u/%lld", level, (long long)place);
    return 0;
}

static int put(void *ctx, unsigned level, int64_t place, const tree_hash *hash)
{
    char hex[2 * TREE_HASH + 1];
    sodium_bin2hex(hex, sizeof hex, hash->at, TREE_HASH);
    const int rc =
        upp_exec((upp_txn *)ctx, "INSERT INTO node(level, place, hash) VALUES(?1, ?2, ?3)",
                 BIND(V(level), V(place), V(hex)));
    return rc < 0 ? rc : 0;
}

static int size_of(upp_txn *txn, int64_t *ret_size)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT coalesce(max(place) + 1, 0) FROM node WHERE level = 0", NO_BIND);
    *ret_size = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

int head_append(upp_txn *txn, const tree_hash *leaf, int64_t *ret_place)
{
    const tree_store store = { get, put, txn };
    UPP_TRY(size_of(txn, ret_place));
    return tree_append(&store, *ret_place, leaf);
}

static int sign(upp_txn *txn, const keeper *k, int64_t day)
{
    const tree_store store = { get, put, txn };
    uint8_t signature[LEAF_SIGNATURE], key[LEAF_KEY];
    int64_t size = 0;
    tree_hash root;
    Uppsikt__TreeHeadSigned out = UPPSIKT__TREE_HEAD_SIGNED__INIT;
    UPP_TRY(size_of(txn, &size));
    if (size == 0)
        return 0;
    UPP_TRY(tree_root(&store, size, &root));
    leaf_sign(size, upp_now(txn), &root, k->seed, signature, key);
    const int fresh = upp_exec(
        txn, "INSERT INTO head(day, size, at_ms) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
        BIND(V(day), V(size), V(upp_now(txn))));
    UPP_TRY(fresh);
    if (fresh == 0)
        return 0;
    out.tree_size = size;
    out.root = (ProtobufCBinaryData){ TREE_HASH, root.at };
    out.at_ms = upp_now(txn);
    out.signature = (ProtobufCBinaryData){ sizeof signature, signature };
    out.key = (ProtobufCBinaryData){ sizeof key, key };
    UPP_TRY(upp_emit(txn, HEAD_SUBJECT, &out.base, NULL));
    tree_hash imprint;
    uint8_t stamped[LEAF_STAMPED];
    leaf_stamped(size, upp_now(txn), &root, signature, stamped, &imprint);
    return stamp_begin(txn, k, day, &imprint);
}

/* At the end of each day; a day that began while the service was down is signed when it is back. */
int head_alarm(upp_txn *txn, const keeper *k)
{
    const int64_t day = upp_now(txn) / UPP_DAY;
    if (!k->signs)
        return 0;
    UPP_TRY(sign(txn, k, day));
    return upp_alarm(txn, "head", (day + 1) * UPP_DAY);
}

int head_start(upp_txn *txn, const keeper *k)
{
    if (!k->signs)
        return upp_alarm_off(txn, "head");
    const int64_t day = upp_now(txn) / UPP_DAY;
    /* a copy of an earlier day, and no head of today: the alarm had not rung yet when we died */
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT 1 WHERE EXISTS(SELECT 1 FROM record WHERE sealed_ms > 0"
                  " AND sealed_ms < ?1) AND NOT EXISTS(SELECT 1 FROM head WHERE day >= ?2)",
                  BIND(V(day * UPP_DAY), V(day)));
    const bool behind = upp_next(&row);
    UPP_TRY(row.rc);
    upp_rows_done(&row);
    return upp_alarm(txn, "head", behind ? upp_now(txn) : (day + 1) * UPP_DAY);
}
