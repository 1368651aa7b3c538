/* want.c - which versions must be sealed and how far, and what can be begun of it. RAW needs only
 * what ingest has said; WHOLE follows as a record of its own, so that no hide ever waits for a
 * browser. */
#include "evidence.h"
#include <stdio.h>
#include <string.h>

int want_level(upp_txn *txn, const keeper *k, const char *item, uint32_t version,
               Uppsikt__SealLevel level)
{
    const int gone = upp_forgotten(txn, item);
    UPP_TRY(gone);
    if (gone)
        return 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO wanted(item, version, level) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET level = max(level, ?3)",
                     BIND(V(item), V(version), V((int64_t)level))));
    return want_consider(txn, k, item);
}

/* The next record that is wanted and can be begun: its words are here, and RAW comes first.
 * 1: none. */
static int next(upp_txn *txn, const char *item, uint32_t *ret_version,
                Uppsikt__SealLevel *ret_level)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT w.version, CASE WHEN r.record IS NULL THEN 1 ELSE 2 END FROM wanted w"
                  " JOIN item i ON i.item = w.item AND i.kind > 0"
                  " JOIN version v ON v.item = w.item AND v.version = w.version AND v.text_ref > 0"
                  " LEFT JOIN record r ON r.item = w.item AND r.version = w.version AND r.level = 1"
                  "  AND r.state <> 3"
                  " LEFT JOIN record h ON h.item = w.item AND h.version = w.version AND h.level = 2"
                  "  AND h.state <> 3"
                  " WHERE w.item = ?1 AND (r.record IS NULL OR (w.level = 2 AND r.state = 2"
                  "  AND h.record IS NULL)) ORDER BY 2, 1 LIMIT 1",
                  BIND(V(item)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_version = (uint32_t)upp_col_int(&row, 0);
    *ret_level = upp_col_int(&row, 1) == 1 ? UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW
                                           : UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE;
    return 0;
}

int want_consider(upp_txn *txn, const keeper *k, const char *item)
{
    const int gone = upp_forgotten(txn, item);
    UPP_TRY(gone);
    for (int none = gone; none == 0;) {
        uint32_t version = 0;
        Uppsikt__SealLevel level = UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW;
        none = next(txn, item, &version, &level);
        UPP_TRY(none);
        if (none == 0)
            UPP_TRY(record_begin(txn, k, item, version, level));
    }
    return 0;
}
