/* quarantine.c - a bad line is set aside with its number; the rest goes in. It is an item of its
 * own for disposal (R23): a fact without a word of it says that it is there. */
#include "ingest.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same line comes again with each load of its file, the same object with each poll. */
static void key_of(const upp_txn *txn, const char *account, upp_bytes bytes, char ret_key[UPP_HEX])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256(hash, bytes.at, bytes.len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    upp_keyed(txn, (const char *const[]){ "quarantine", account, hex, NULL }, ret_key);
}

/* 1: it lies there already, or did until it was disposed of. */
static int known(upp_txn *txn, const char *key)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM quarantine WHERE key = ?1", BIND(V(key)));
    return upp_next(&row) ? 1 : row.rc;
}

static int say(upp_txn *txn, const quarantined *q, const char *item)
{
    Uppsikt__LineQuarantined out = UPPSIKT__LINE_QUARANTINED__INIT;
    out.item = upp_lend(item);
    out.account = upp_lend(q->account);
    out.import = upp_lend(q->import);
    out.line = q->line;
    out.at_ms = upp_now(txn);
    out.by = upp_lend(q->by ? q->by : "");
    return upp_emit(txn, item, &out.base, NULL);
}

int quarantine_put(upp_txn *txn, const quarantined *q, upp_bytes bytes)
{
    enum { KEPT = 48 * 1024 }; /* content is below 64 KiB; the rest of a monster is cut */
    char item[UPP_ID], key[UPP_HEX];
    key_of(txn, q->account, bytes, key);
    const int there = known(txn, key);
    if (there)
        return there < 0 ? there : 0;
    upp_id(txn, item);
    Uppsikt__QuarantineRowContent content = UPPSIKT__QUARANTINE_ROW_CONTENT__INIT;
    content.line = (ProtobufCBinaryData){ bytes.len < KEPT ? bytes.len : KEPT,
                                          (uint8_t *)upp_lend((const char *)bytes.at) };
    upp_content kept;
    const int gone = upp_keep(txn, UPP_ABOUT(item), &content.base, &kept);
    UPP_TRY(gone);
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO quarantine(item, key, account, import, line, why, at_ms, line_ref)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 BIND(V(item), V(key), V(q->account), V(q->import), V(q->line), V(q->why),
                      V(upp_now(txn)), V(kept.ref))));
    return say(txn, q, item);
}

int quarantine_json(upp_txn *txn, const char *account, const char *why, const json_t *json)
{
    const quarantined q = { .account = account, .import = account, .why = why };
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    upp_check(text);
    const int rc = quarantine_put(txn, &q, (upp_bytes){ (const uint8_t *)text, strlen(text) });
    free(text);
    return rc;
}

int quarantine_forget(upp_txn *txn, const char *item)
{
    return upp_exec(txn, "UPDATE quarantine SET line_ref = 0 WHERE item = ?1", BIND(V(item)));
}

static int reply_row(upp_txn *txn, const upp_rows *row)
{
    char id[32];
    uint8_t commitment[32] = { 0 };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *content = NULL;
    const int missing = upp_recall(txn, upp_col_int(row, 5),
                                   &uppsikt__quarantine_row_content__descriptor, &content);
    UPP_TRY(missing);
    snprintf(id, sizeof id, "%lld", (long long)upp_col_int(row, 0));
    Uppsikt__QuarantineRow out = UPPSIKT__QUARANTINE_ROW__INIT;
    out.id = id;
    out.import = upp_lend(upp_col_text(row, 1));
    out.line = upp_col_int(row, 2);
    out.why = upp_lend(upp_col_text(row, 3));
    out.at_ms = upp_col_int(row, 4);
    out.commitment = (ProtobufCBinaryData){ 0, commitment };
    out.item = upp_lend(upp_col_text(row, 6));
    out.account = upp_lend(upp_col_text(row, 7));
    return upp_reply_content(txn, &out.base, content);
}

int quarantine_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Quarantine *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT id, import, line, why, at_ms, line_ref, item, account FROM quarantine"
        " WHERE id > ?1 ORDER BY id LIMIT ?2",
        BIND(V(strtoll(q->after, NULL, 10)), V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row))
        UPP_TRY(reply_row(txn, &row));
    return row.rc;
}
