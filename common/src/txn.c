/* txn.c - what a handler may do with its own tables and its time. */
#include "node_state.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

upp_ms upp_now(const upp_txn *txn)
{
    return txn->node->now;
}

void upp_random(upp_txn *txn, void *ret_bytes, size_t n)
{
    upp_stream_draw(&txn->node->stream, ret_bytes, n);
}

void upp_id(upp_txn *txn, char ret_id[UPP_ID])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t tail[10];
    uint64_t time = (uint64_t)upp_now(txn);
    upp_random(txn, tail, sizeof tail);
    for (int i = 9; i >= 0; i--) {
        ret_id[i] = digits[time & 31];
        time >>= 5;
    }
    /* 80 random bits as 16 characters of 5 bits */
    unsigned pool = 0, bits = 0;
    size_t from = 0;
    for (int i = 10; i < 26; i++) {
        if (bits < 5) {
            pool = pool << 8 | tail[from++];
            bits += 8;
        }
        bits -= 5;
        ret_id[i] = digits[pool >> bits & 31];
    }
    ret_id[26] = '\0';
}

void upp_keyed(const upp_txn *txn, const char *const *parts, char ret_hex[UPP_HEX])
{
    upp_bytes all[16];
    uint8_t mac[32];
    size_t n = 0;
    for (; parts[n]; n++) {
        upp_check(n < UPP_LEN(all));
        all[n] = (upp_bytes){ (const uint8_t *)parts[n], strlen(parts[n]) };
    }
    upp_hmac(txn->node->lookup_key, all, n, mac);
    upp_hex(mac, sizeof mac, ret_hex);
}

int upp_fail(upp_txn *txn, enum upp_fail code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(txn->node->why, sizeof txn->node->why, fmt, args);
    va_end(args);
    return code;
}

int upp_refuse(upp_txn *txn, const char *words)
{
    snprintf(txn->refused, sizeof txn->refused, "%s", words);
    return upp_fail(txn, UPP_E_INPUT, "refused: %s", words);
}

/* Says what SQLite said, without the statement's values. */
static int sql_failed(upp_txn *txn, int rc, const char *sql)
{
    sqlite3 *db = txn->node->db.db;
    const int fate = (rc & 0xff) == SQLITE_ERROR ? UPP_E_BUG : upp_db_fate(rc);
    return upp_fail(txn, fate < 0 ? (enum upp_fail)fate : UPP_E_STORE, "%s [%.60s]",
                    fate == UPP_E_INPUT ? "constraint failed" : sqlite3_errmsg(db), sql);
}

/* NULL: *ret_rc is the failure. A statement that is wrong is our bug; a machine without memory is
 * none. */
static upp_statement *ready(upp_txn *txn, const char *sql, upp_bind bind, int *ret_rc)
{
    upp_statement *s = upp_db_prepare(&txn->node->db, sql);
    if (!s) {
        const int rc = sqlite3_extended_errcode(txn->node->db.db);
        *ret_rc = sql_failed(txn, rc == SQLITE_OK ? SQLITE_NOMEM : rc, sql);
        return NULL;
    }
    for (size_t i = 0; i < bind.n; i++) {
        const int at = (int)i + 1;
        const upp_val *v = &bind.vals[i];
        if (v->kind == UPP_INT)
            sqlite3_bind_int64(s->stmt, at, v->i);
        else if (v->kind == UPP_TEXT)
            sqlite3_bind_text(s->stmt, at, v->s, -1, SQLITE_STATIC);
    }
    return s;
}

int upp_exec_blobs(upp_txn *txn, const char *sql, upp_bind bind, const upp_blob *blobs,
                   size_t n_blobs)
{
    upp_check(!txn->read_only);
    int rc = SQLITE_ROW;
    upp_statement *s = ready(txn, sql, bind, &rc);
    if (!s)
        return rc;
    upp_check((size_t)sqlite3_bind_parameter_count(s->stmt) == bind.n + n_blobs);
    for (size_t i = 0; i < n_blobs; i++)
        sqlite3_bind_blob(s->stmt, blobs[i].at,
                          blobs[i].bytes.at ? (const void *)blobs[i].bytes.at : "",
                          (int)blobs[i].bytes.len, SQLITE_STATIC);
    while (rc == SQLITE_ROW)
        rc = sqlite3_step(s->stmt);
    upp_db_release(&txn->node->db, s);
    if (rc != SQLITE_DONE)
        return sql_failed(txn, rc, sql);
    return sqlite3_changes(txn->node->db.db);
}

int upp_exec_(upp_txn *txn, const char *sql, upp_bind bind)
{
    return upp_exec_blobs(txn, sql, bind, NULL, 0);
}

upp_rows upp_query_(upp_txn *txn, const char *sql, upp_bind bind)
{
    int rc = 0;
    upp_statement *s = ready(txn, sql, bind, &rc);
    if (!s)
        return (upp_rows){ txn, NULL, rc };
    upp_check((size_t)sqlite3_bind_parameter_count(s->stmt) == bind.n);
    upp_check(!txn->read_only || sqlite3_stmt_readonly(s->stmt));
    return (upp_rows){ txn, s, 0 };
}

bool upp_next(upp_rows *rows)
{
    upp_statement *s = rows->stmt;
    if (!s)
        return false;
    const int rc = sqlite3_step(s->stmt);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        rows->rc = sql_failed(rows->txn, rc, s->sql);
    upp_rows_done(rows);
    return false;
}

int64_t upp_col_int(const upp_rows *rows, int col)
{
    const upp_statement *s = rows->stmt;
    return sqlite3_column_int64(s->stmt, col);
}

const char *upp_col_text(const upp_rows *rows, int col)
{
    const upp_statement *s = rows->stmt;
    const bool null = sqlite3_column_type(s->stmt, col) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(s->stmt, col);
    if (!text && !null) /* no memory for its last zero: nothing of this input may stay */
        rows->txn->node->starved = true;
    return text ? (const char *)text : "";
}

upp_bytes upp_col_bytes(const upp_rows *rows, int col)
{
    const upp_statement *s = rows->stmt;
    const void *at = sqlite3_column_blob(s->stmt, col);
    return (upp_bytes){ at, (size_t)sqlite3_column_bytes(s->stmt, col) };
}

void upp_rows_done(upp_rows *rows)
{
    upp_db_release(&rows->txn->node->db, rows->stmt);
    rows->stmt = NULL;
}

int64_t upp_last_id(const upp_txn *txn)
{
    return sqlite3_last_insert_rowid(txn->node->db.db);
}

int upp_ask_int(upp_txn *txn, const char *sql, upp_bind bind, int64_t otherwise, int64_t *ret_value)
{
    UPP_ROWS rows = upp_query_(txn, sql, bind);
    if (upp_next(&rows)) {
        *ret_value = upp_col_int(&rows, 0);
        return 0;
    }
    if (rows.rc < 0)
        return rows.rc;
    *ret_value = otherwise;
    return 0;
}

int upp_alarm(upp_txn *txn, const char *key, upp_ms due)
{
    const int rc = upp_exec(txn,
                            "INSERT INTO upp_alarm(key, due) VALUES(?1, ?2)"
                            " ON CONFLICT(key) DO UPDATE SET due = excluded.due",
                            BIND(V(key), V(due)));
    return rc < 0 ? rc : 0;
}

int upp_alarm_off(upp_txn *txn, const char *key)
{
    const int rc = upp_exec(txn, "DELETE FROM upp_alarm WHERE key = ?1", BIND(V(key)));
    return rc < 0 ? rc : 0;
}

/* -- what a command or a query answers -- */
int upp_reply_content(upp_txn *txn, const ProtobufCMessage *msg, const ProtobufCMessage *content)
{
    const size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *body = malloc(len + 1);
    upp_check(body);
    protobuf_c_message_pack(msg, body);
    if (txn->outcome) {
        upp_check(!content);
        free(txn->outcome->body);
        txn->outcome->body = body;
        txn->outcome->len = len;
        snprintf(txn->outcome->type, sizeof txn->outcome->type, "%s", msg->descriptor->name);
        return 0;
    }
    upp_check(txn->each);
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    if (content) {
        packed_len = protobuf_c_message_get_packed_size(content);
        packed = malloc(packed_len + 1);
        upp_check(packed);
        protobuf_c_message_pack(content, packed);
    }
    const char *type = msg->descriptor->name;
    const upp_frames row = { .type = { (const uint8_t *)type, strlen(type) },
                             .envelope = { body, len },
                             .content = { packed, packed_len } };
    if (!txn->stopped)
        txn->stopped = !txn->each(txn->each_ctx, &row);
    free(packed);
    free(body);
    return txn->stopped ? 1 : 0;
}

int upp_reply(upp_txn *txn, const ProtobufCMessage *msg)
{
    return upp_reply_content(txn, msg, NULL);
}
