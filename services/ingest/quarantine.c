/* quarantine.c - a bad line is set aside with its number; the rest goes in. */
#include "ingest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int quarantine_put(upp_txn *txn, const char *import, int64_t line, const char *why, upp_bytes bytes)
{
    enum { KEPT = 48 * 1024 }; /* content is below 64 KiB; the rest of a monster is cut */
    char subject[96];
    snprintf(subject, sizeof subject, "quarantine/%s/%lld", import, (long long)line);
    Uppsikt__QuarantineRowContent content = UPPSIKT__QUARANTINE_ROW_CONTENT__INIT;
    content.line = (ProtobufCBinaryData){ bytes.len < KEPT ? bytes.len : KEPT,
                                          (uint8_t *)upp_lend((const char *)bytes.at) };
    upp_content kept;
    const int gone = upp_keep(txn, UPP_ABOUT(subject), &content.base, &kept);
    UPP_TRY(gone);
    const int rc = upp_exec(txn,
                            "INSERT INTO quarantine(import, line, why, at_ms, line_ref)"
                            " VALUES(?1, ?2, ?3, ?4, ?5)",
                            BIND(V(import), V(line), V(why), V(upp_now(txn)), V(kept.ref)));
    return rc < 0 ? rc : 0;
}

int quarantine_json(upp_txn *txn, const char *account, const char *why, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    upp_check(text);
    const int rc =
        quarantine_put(txn, account, 0, why, (upp_bytes){ (const uint8_t *)text, strlen(text) });
    free(text);
    return rc;
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
    return upp_reply_content(txn, &out.base, content);
}

int quarantine_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Quarantine *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT id, import, line, why, at_ms, line_ref FROM quarantine"
        " WHERE id > ?1 ORDER BY id LIMIT ?2",
        BIND(V(strtoll(q->after, NULL, 10)), V(q->limit > 0 && q->limit < 200 ? q->limit : 200)));
    while (upp_next(&row))
        UPP_TRY(reply_row(txn, &row));
    return row.rc;
}
