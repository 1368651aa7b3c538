/* weights.c - a model file in parts: taken, put together, forgotten. */
#include "weights.h"
#include "uppsikt/classify.pb-c.h"
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PART = 48 * 1024,
    FILE_BYTES = 16 * 1024 * 1024,
    PARTS = FILE_BYTES / PART + 1,
    FILES = 4, /* at the same time; one of them in force */
    PAGE = 8,  /* parts a query gives */
    SUBJECT = 80,
};

static void subject_of(const char *sha256, char ret_subject[SUBJECT])
{
    snprintf(ret_subject, SUBJECT, "weights/%s", sha256);
}

static bool is_sum(const char *text)
{
    return strlen(text) == UPP_HEX - 1 && strspn(text, "0123456789abcdef") == UPP_HEX - 1;
}

/* 1: there is no such file. */
static int read_file(upp_txn *txn, const char *sha256, int64_t *ret_total, int64_t *ret_taken)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT total, taken FROM model_file WHERE sha256 = ?1", BIND(V(sha256)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    *ret_total = upp_col_int(&row, 0);
    *ret_taken = upp_col_int(&row, 1);
    return 0;
}

/* -- in -- */
static int begin(upp_txn *txn, const char *sha256, int64_t total)
{
    char key[SUBJECT];
    int64_t n = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT count(*) FROM model_file", NO_BIND);
        n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
        UPP_TRY(row.rc);
    }
    if (n >= FILES)
        return upp_refuse(txn, "weights-too-many");
    UPP_TRY(upp_exec(txn, "INSERT INTO model_file(sha256, total, taken) VALUES(?1, ?2, 0)",
                     BIND(V(sha256), V(total))));
    subject_of(sha256, key);
    return upp_alarm(txn, key, upp_now(txn) + UPP_DAY);
}

static int say_taken(upp_txn *txn, const char *sha256, int64_t taken)
{
    Uppsikt__ModelPartTaken out = UPPSIKT__MODEL_PART_TAKEN__INIT;
    out.sha256 = upp_lend(sha256);
    out.taken = taken;
    return upp_reply(txn, &out.base);
}

static int keep_part(upp_txn *txn, const Uppsikt__PutModelPart *c)
{
    char subject[SUBJECT];
    upp_content kept;
    Uppsikt__ModelPartKept part = UPPSIKT__MODEL_PART_KEPT__INIT;
    part.bytes = c->bytes;
    subject_of(c->sha256, subject);
    const int gone = upp_keep(txn, UPP_ABOUT(subject), &part.base, &kept);
    UPP_TRY(gone);
    if (gone)
        return upp_refuse(txn, "weights-forgotten");
    UPP_TRY(upp_exec(txn, "INSERT INTO model_part(sha256, offset, part_ref) VALUES(?1, ?2, ?3)",
                     BIND(V(c->sha256), V(c->offset), V(kept.ref))));
    return upp_exec(txn, "UPDATE model_file SET taken = ?2 WHERE sha256 = ?1",
                    BIND(V(c->sha256), V(c->offset + (int64_t)c->bytes.len)));
}

int weights_put(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PutModelPart *c = msg;
    int64_t total = c->total;
    int64_t taken = 0;
    (void)self;
    if (!in->by)
        return upp_refuse(txn, "person-needed");
    if (!is_sum(c->sha256))
        return upp_refuse(txn, "weights-unknown");
    if (c->total < 1 || c->total > FILE_BYTES)
        return upp_refuse(txn, "weights-size");
    const int none = read_file(txn, c->sha256, &total, &taken);
    UPP_TRY(none);
    if (c->offset < 0 || c->offset > taken || c->offset >= total || total != c->total)
        return upp_refuse(txn, "weights-part");
    const int64_t left = total - c->offset;
    if (c->offset % PART != 0 || (int64_t)c->bytes.len != (left < PART ? left : PART))
        return upp_refuse(txn, "weights-part");
    if (none)
        UPP_TRY(begin(txn, c->sha256, total));
    if (c->offset < taken) /* again */
        return say_taken(txn, c->sha256, taken);
    UPP_TRY(keep_part(txn, c));
    return say_taken(txn, c->sha256, c->offset + (int64_t)c->bytes.len);
}

/* -- out -- */
int weights_parts(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ModelParts *q = msg;
    int64_t total = 0;
    int64_t taken = 0;
    (void)self;
    (void)in;
    const int none = read_file(txn, q->sha256, &total, &taken);
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "weights-unknown");
    UPP_ROWS row = upp_query(txn,
                             "SELECT offset, part_ref FROM model_part WHERE sha256 = ?1"
                             " AND offset >= ?2 ORDER BY offset LIMIT ?3",
                             BIND(V(q->sha256), V(q->from), V(PAGE)));
    while (upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
        Uppsikt__ModelPartRow out = UPPSIKT__MODEL_PART_ROW__INIT;
        const int gone =
            upp_recall(txn, upp_col_int(&row, 1), &uppsikt__model_part_kept__descriptor, &kept);
        UPP_TRY(gone);
        if (gone)
            return upp_refuse(txn, "weights-unknown");
        out.offset = upp_col_int(&row, 0);
        out.total = total;
        out.bytes = ((const Uppsikt__ModelPartKept *)kept)->bytes;
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}

/* 1: a part is not there, or lies where it should not. */
static int put_together(upp_txn *txn, const char *sha256, uint8_t *bytes, size_t len)
{
    size_t at = 0;
    UPP_ROWS row =
        upp_query(txn, "SELECT offset, part_ref FROM model_part WHERE sha256 = ?1 ORDER BY offset",
                  BIND(V(sha256)));
    while (upp_next(&row)) {
        UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
        const int gone =
            upp_recall(txn, upp_col_int(&row, 1), &uppsikt__model_part_kept__descriptor, &kept);
        if (gone)
            return gone;
        const ProtobufCBinaryData part = ((const Uppsikt__ModelPartKept *)kept)->bytes;
        if (upp_col_int(&row, 0) != (int64_t)at || part.len > len - at)
            return 1;
        memcpy(bytes + at, part.data, part.len);
        at += part.len;
    }
    UPP_TRY(row.rc);
    return at == len ? 0 : 1;
}

static bool has_sum(const uint8_t *bytes, size_t len, const char *sha256)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, len, bytes);
    sha256_digest(&ctx, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++) {
        if (sha256[2 * i] != digits[sum[i] >> 4] || sha256[2 * i + 1] != digits[sum[i] & 15])
            return false;
    }
    return true;
}

static void free_bytes(uint8_t **bytes)
{
    free(*bytes);
}

int weights_read(upp_txn *txn, const char *sha256, uint8_t **ret_bytes, size_t *ret_len)
{
    int64_t total = 0;
    int64_t taken = 0;
    const int none = read_file(txn, sha256, &total, &taken);
    if (none || taken != total)
        return none < 0 ? none : 1;
    const size_t len = (size_t)total;
    UPP_AUTO(free_bytes) uint8_t *bytes = malloc(len);
    if (!bytes)
        return upp_fail(txn, UPP_E_BUSY, "out of memory for weights of %zu bytes", len);
    const int wrong = put_together(txn, sha256, bytes, len);
    if (wrong || !has_sum(bytes, len, sha256))
        return wrong < 0 ? wrong : 1;
    *ret_bytes = bytes;
    *ret_len = len;
    bytes = NULL;
    return 0;
}

/* -- away -- */
static int forget(upp_txn *txn, const char *sha256)
{
    int64_t ref[PARTS];
    size_t n = 0;
    char key[SUBJECT];
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT part_ref FROM model_part WHERE sha256 = ?1", BIND(V(sha256)));
        while (n < PARTS && upp_next(&row))
            ref[n++] = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(upp_drop(txn, ref[i]));
    UPP_TRY(upp_exec(txn, "DELETE FROM model_part WHERE sha256 = ?1", BIND(V(sha256))));
    UPP_TRY(upp_exec(txn, "DELETE FROM model_file WHERE sha256 = ?1", BIND(V(sha256))));
    subject_of(sha256, key);
    return upp_alarm_off(txn, key);
}

int weights_keep_only(upp_txn *txn, const char *sha256)
{
    char other[FILES][UPP_HEX];
    size_t n = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT sha256 FROM model_file WHERE sha256 <> ?1", BIND(V(sha256)));
        while (n < FILES && upp_next(&row))
            snprintf(other[n++], UPP_HEX, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++)
        UPP_TRY(forget(txn, other[i]));
    return 0;
}

int weights_alarm(upp_txn *txn, const char *key, const char *in_force)
{
    static const char before[] = "weights/";
    if (strncmp(key, before, sizeof before - 1) != 0)
        return 0;
    const char *sha256 = key + sizeof before - 1;
    return strcmp(sha256, in_force) == 0 ? 0 : forget(txn, sha256);
}
