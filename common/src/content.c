/* content.c - all that is personal lies in one table and can be forgotten (ARCHITECTURE §5). */
#include "node_state.h"
#include <stdlib.h>
#include <string.h>

void upp_commit_to(upp_bytes salt, upp_bytes body, uint8_t ret_commitment[32])
{
    upp_sha256((upp_bytes[]){ salt, body }, 2, ret_commitment);
}

void upp_msg_freep(ProtobufCMessage **msg)
{
    protobuf_c_message_free_unpacked(*msg, NULL);
    *msg = NULL;
}

int upp_forgotten(upp_txn *txn, const char *subject)
{
    UPP_ROWS t = upp_query(txn, "SELECT 1 FROM upp_tombstone WHERE subject = ?1", BIND(V(subject)));
    if (upp_next(&t))
        return 1;
    return t.rc;
}

int upp_keep_bytes(upp_txn *txn, const char *const *subjects, upp_bytes body,
                   upp_content *ret_content)
{
    uint8_t salt[16];
    upp_content kept = { 0 };
    upp_check(subjects[0]);
    upp_random(txn, salt, sizeof salt);
    const upp_bytes salted = { salt, sizeof salt };
    upp_commit_to(salted, body, kept.commitment);

    for (size_t i = 0; subjects[i]; i++) {
        const int gone = upp_forgotten(txn, subjects[i]);
        UPP_TRY(gone);
        if (gone) {
            *ret_content = kept;
            return 1;
        }
    }
    UPP_TRY(upp_exec_blobs(txn, "INSERT INTO upp_content(salt, body) VALUES(?1, ?2)", NO_BIND,
                           (upp_blob[]){ { 1, salted }, { 2, body } }, 2));
    kept.ref = upp_last_id(txn);
    for (size_t i = 0; subjects[i]; i++)
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO upp_about(subject, content_id) VALUES(?1, ?2)"
                         " ON CONFLICT DO NOTHING",
                         BIND(V(subjects[i]), V(kept.ref))));
    *ret_content = kept;
    return 0;
}

int upp_keep(upp_txn *txn, const char *const *subjects, const ProtobufCMessage *body,
             upp_content *ret_content)
{
    const size_t len = protobuf_c_message_get_packed_size(body);
    if (len > UPP_CONTENT_BYTES)
        return upp_fail(txn, UPP_E_INPUT, "%s of %zu bytes: above 64 KiB content is an object",
                        body->descriptor->name, len);
    uint8_t *packed = malloc(len + 1);
    upp_check(packed);
    protobuf_c_message_pack(body, packed);
    const int rc = upp_keep_bytes(txn, subjects, (upp_bytes){ packed, len }, ret_content);
    free(packed);
    return rc;
}

int upp_content_row(upp_txn *txn, int64_t ref, upp_rows *rows, upp_bytes *ret_salt,
                    upp_bytes *ret_body)
{
    *rows = upp_query(txn, "SELECT salt, body FROM upp_content WHERE id = ?1 AND length(salt) > 0",
                      BIND(V(ref)));
    if (!upp_next(rows))
        return rows->rc < 0 ? rows->rc : 1;
    *ret_salt = upp_col_bytes(rows, 0);
    *ret_body = upp_col_bytes(rows, 1);
    return 0;
}

int upp_recall(upp_txn *txn, int64_t ref, const ProtobufCMessageDescriptor *type,
               ProtobufCMessage **ret_body)
{
    upp_bytes salt, body;
    if (ref == 0)
        return 1;
    UPP_ROWS row = { .txn = txn };
    const int missing = upp_content_row(txn, ref, &row, &salt, &body);
    if (missing)
        return missing;
    ProtobufCMessage *msg = protobuf_c_message_unpack(type, NULL, body.len, body.at);
    if (!msg)
        return upp_fail(txn, UPP_E_BUG, "content %lld is not a %s", (long long)ref, type->name);
    *ret_body = msg;
    return 0;
}

/* Wipes one content row, and what hangs on it. SECURE_DELETE zeroes the freed cell. The row stays,
 * empty: where a whole row goes, SQLite joins pages that have become thin, which moves the words of
 * its neighbours and leaves them on the old page, too, in a gap that nothing ever zeroes. */
static int wipe(upp_txn *txn, int64_t ref)
{
    UPP_TRY(upp_exec(txn, "UPDATE upp_object SET gone = 1 WHERE hash_ref = ?1", BIND(V(ref))));
    UPP_TRY(upp_exec(txn, "DELETE FROM upp_about WHERE content_id = ?1", BIND(V(ref))));
    UPP_TRY(
        upp_exec(txn, "UPDATE upp_content SET salt = x'', body = x'' WHERE id = ?1", BIND(V(ref))));
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO upp_room(one, emptied) VALUES(1, 1)"
                     " ON CONFLICT(one) DO UPDATE SET emptied = emptied + 1",
                     NO_BIND));
    txn->node->forgot = true;
    return 0;
}

int upp_drop(upp_txn *txn, int64_t ref)
{
    return ref == 0 ? 0 : wipe(txn, ref);
}

int upp_object_keep(upp_txn *txn, const char *const *subjects, const char *id, int64_t bytes,
                    const uint8_t sha256[32])
{
    upp_content hash;
    const int gone = upp_keep_bytes(txn, subjects, (upp_bytes){ sha256, 32 }, &hash);
    UPP_TRY(gone);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO upp_object(id, bytes, gone, hash_ref) VALUES(?1, ?2, ?3, ?4)",
                     BIND(V(id), V(bytes), V(gone), V(hash.ref))));
    return gone;
}

/* -- the disposal protocol's runtime half -- */
static int64_t changed(int rc, int *ret_rc)
{
    if (rc < 0)
        *ret_rc = rc;
    return rc < 0 ? 0 : rc;
}

/* Asks and parked inputs about the subject go with its content; so do those that only mention
 * it. */
static int forget_one(upp_txn *txn, const char *subject, const char *disposal,
                      Uppsikt__ContentForgotten *counts)
{
    const upp_service *service = txn->node->service;
    int rc = 0;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO upp_tombstone(subject, disposal, at_ms) VALUES(?1, ?2, ?3)"
                     " ON CONFLICT DO NOTHING",
                     BIND(V(subject), V(disposal), V(upp_now(txn)))));
    if (service->on_forget)
        UPP_TRY(service->on_forget(txn, upp_node_self(txn->node), subject));

    counts->asks +=
        changed(upp_exec(txn,
                         "DELETE FROM upp_ask WHERE state <> 1 AND (subject = ?1 OR request_ref IN"
                         " (SELECT content_id FROM upp_about WHERE subject = ?1))",
                         BIND(V(subject))),
                &rc);
    counts->parked += changed(upp_exec(txn,
                                       "DELETE FROM upp_parked WHERE subject = ?1 OR body_ref IN"
                                       " (SELECT content_id FROM upp_about WHERE subject = ?1)",
                                       BIND(V(subject))),
                              &rc);
    UPP_TRY(rc);

    for (;;) {
        int64_t ref = 0;
        UPP_TRY(upp_ask_int(txn, "SELECT content_id FROM upp_about WHERE subject = ?1 LIMIT 1",
                            BIND(V(subject)), 0, &ref));
        if (ref == 0)
            return 0;
        int64_t objects = 0;
        UPP_TRY(upp_ask_int(txn, "SELECT count(*) FROM upp_object WHERE hash_ref = ?1",
                            BIND(V(ref)), 0, &objects));
        counts->objects += objects;
        counts->contents++;
        UPP_TRY(wipe(txn, ref));
    }
}

int upp_forget(upp_txn *txn, const Uppsikt__DisposalApproved *approved)
{
    Uppsikt__ContentForgotten out = UPPSIKT__CONTENT_FORGOTTEN__INIT;
    out.disposal = approved->disposal;
    out.service = upp_lend(txn->node->service->name);
    for (size_t i = 0; i < approved->n_subjects; i++)
        UPP_TRY(forget_one(txn, approved->subjects[i], approved->disposal, &out));
    txn->node->forgot = true;
    return upp_emit(txn, approved->disposal, &out.base, NULL);
}
