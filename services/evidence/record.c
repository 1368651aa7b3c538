/* record.c - the life of a saved copy: gathered, written, sealed, gone. What is on the disk is read
 * back by the port before we hear of it; what we expect there is in our own store before it is
 * asked for; the two must be the same bytes before anything is called sealed (capture.md §2.1). */
#include "dossier.h"
#include "evidence.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const upp_ms slow_span = 10 * UPP_MINUTE;

int record_read(upp_txn *txn, const char *id, record *ret_record)
{
    record r = { 0 };
    UPP_ROWS row = upp_query(
        txn,
        "SELECT record, item, version, account, level, state, status, folder, began_ms, attempt,"
        " part, failures, captured, proof_ref FROM record WHERE record = ?1",
        BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(r.id, sizeof r.id, "%s", upp_col_text(&row, 0));
    snprintf(r.item, sizeof r.item, "%s", upp_col_text(&row, 1));
    r.version = (uint32_t)upp_col_int(&row, 2);
    snprintf(r.account, sizeof r.account, "%s", upp_col_text(&row, 3));
    r.level = upp_col_int(&row, 4) == 2 ? UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE
                                        : UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW;
    r.state = (enum record_state)upp_col_int(&row, 5);
    snprintf(r.status, sizeof r.status, "%s", upp_col_text(&row, 6));
    snprintf(r.folder, sizeof r.folder, "%s", upp_col_text(&row, 7));
    r.began = upp_col_int(&row, 8);
    r.attempt = (uint32_t)upp_col_int(&row, 9);
    r.part = (uint32_t)upp_col_int(&row, 10);
    r.failures = (uint32_t)upp_col_int(&row, 11);
    r.captured = upp_col_int(&row, 12) != 0;
    r.proof_ref = upp_col_int(&row, 13);
    *ret_record = r;
    return 0;
}

/* -- beginning -- */
static int note_copies(upp_txn *txn, const record *r)
{
    context_row rows[CONTEXT_MAX];
    size_t n = 0;
    UPP_TRY(dossier_context(txn, r->item, rows, &n));
    for (size_t i = 0; i < n; i++)
        UPP_TRY(upp_exec(txn,
                         "INSERT INTO copy(record, item) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                         BIND(V(r->id), V(rows[i].item))));
    return 0;
}

static int read_item(upp_txn *txn, const char *item, char ret_account[EVIDENCE_ID],
                     bool *ret_unshown)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT account, unshown FROM item WHERE item = ?1", BIND(V(item)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_fail(txn, UPP_E_BUG, "no item %s", item);
    snprintf(ret_account, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
    *ret_unshown = upp_col_int(&row, 1) != 0;
    return 0;
}

int record_alarm_at(upp_txn *txn, const char *prefix, const char *id, upp_ms due)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", prefix, id);
    return due > 0 ? upp_alarm(txn, key, due) : upp_alarm_off(txn, key);
}

int record_begin(upp_txn *txn, const keeper *k, const char *item, uint32_t version,
                 Uppsikt__SealLevel level)
{
    record r = { .version = version, .level = level, .began = upp_now(txn) };
    const bool whole = level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE;
    bool unshown = false;
    const civil_date day = civil_date_of(civil_day_at(r.began));
    upp_id(txn, r.id);
    snprintf(r.item, sizeof r.item, "%s", item);
    snprintf(r.folder, sizeof r.folder, "%04d/%02d/%s", (int)day.year, (int)day.month, r.id);
    UPP_TRY(read_item(txn, item, r.account, &unshown));
    snprintf(r.status, sizeof r.status, "%s", !whole ? "api-only" : unshown ? "withheld" : "ok");
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO record(record, item, version, account, level, state, status, folder, began_ms,"
        " attempt) VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, 0)",
        BIND(V(r.id), V(r.item), V(r.version), V(r.account), V((int64_t)level), V(r.status),
             V(r.folder), V(r.began))));
    UPP_TRY(note_copies(txn, &r));
    UPP_TRY(record_alarm_at(txn, "slow", r.id, r.began + slow_span));
    return whole && !unshown ? gather_begin(txn, k, &r) : record_write(txn, k, &r);
}

/* -- writing -- */
static int subjects_of(upp_txn *txn, const record *r, context_row rows[CONTEXT_MAX],
                       const char *ret_subjects[CONTEXT_MAX + 3])
{
    size_t n = 0, at = 0;
    ret_subjects[at++] = r->id;
    ret_subjects[at++] = r->item;
    UPP_TRY(dossier_context(txn, r->item, rows, &n));
    for (size_t i = 0; i < n; i++) {
        const int gone = upp_forgotten(txn, rows[i].item);
        UPP_TRY(gone);
        if (!gone) /* its words are not in the request */
            ret_subjects[at++] = rows[i].item;
    }
    ret_subjects[at] = NULL;
    return 0;
}

/* What the part writes; the last one names all the others, too. */
static size_t fill_part(const record *r, const dossier_files *files,
                        Uppsikt__RecordFile rows[DOSSIER_PIECES], bool *ret_last)
{
    dossier_piece pieces[DOSSIER_PIECES];
    size_t n = dossier_part(files, r->part, pieces, ret_last);
    for (size_t i = 0; i < n; i++) {
        uppsikt__record_file__init(&rows[i]);
        rows[i].path = upp_lend(pieces[i].file->path);
        rows[i].offset = (int64_t)pieces[i].offset;
        rows[i].bytes =
            (ProtobufCBinaryData){ pieces[i].len, pieces[i].file->bytes + pieces[i].offset };
    }
    const size_t written = n;
    for (size_t i = 0; *ret_last && i < files->n; i++) {
        bool have = false;
        for (size_t k = 0; k < written; k++)
            have = have || pieces[k].file == &files->rows[i];
        if (have)
            continue;
        upp_check(n < DOSSIER_PIECES);
        uppsikt__record_file__init(&rows[n]);
        rows[n].path = files->rows[i].path;
        rows[n++].offset = -1;
    }
    return n;
}

static int ask_part(upp_txn *txn, const record *r, const dossier_files *files)
{
    Uppsikt__RecordFile rows[DOSSIER_PIECES];
    Uppsikt__RecordFile *list[DOSSIER_PIECES];
    Uppsikt__StoreRecord ask = UPPSIKT__STORE_RECORD__INIT;
    context_row context[CONTEXT_MAX];
    const char *subjects[CONTEXT_MAX + 3];
    char key[96];
    bool last = true;
    const size_t n = fill_part(r, files, rows, &last);
    for (size_t i = 0; i < n; i++)
        list[i] = &rows[i];
    ask.record = upp_lend(r->id);
    ask.folder = upp_lend(r->folder);
    ask.files = list;
    ask.n_files = n;
    ask.last = last;
    snprintf(key, sizeof key, "%s/%u/%u", r->id, (unsigned)r->attempt, (unsigned)r->part);
    UPP_TRY(subjects_of(txn, r, context, subjects));
    const int there = upp_ask(txn, "records", subjects, key, &ask.base);
    return there < 0 ? there : 0;
}

/* What will have to lie there, with a fresh salt, before anybody is asked to write it. */
static int expect(upp_txn *txn, record *r, const char *manifest)
{
    uint8_t salt[LEAF_SALT];
    upp_content kept;
    Uppsikt__EvidenceSealedContent proof = UPPSIKT__EVIDENCE_SEALED_CONTENT__INIT;
    upp_random(txn, salt, sizeof salt);
    proof.manifest = (ProtobufCBinaryData){ strlen(manifest), (uint8_t *)upp_lend(manifest) };
    proof.salt = (ProtobufCBinaryData){ sizeof salt, salt };
    const int gone = upp_keep(txn, UPP_ABOUT(r->item), &proof.base, &kept);
    UPP_TRY(gone);
    UPP_TRY(upp_drop(txn, r->proof_ref));
    r->proof_ref = kept.ref;
    return 0;
}

static void free_text(char **text)
{
    free(*text);
}

int record_write(upp_txn *txn, const keeper *k, const record *from)
{
    record r = *from;
    UPP_AUTO(dossier_read_done) reading *g = NULL;
    const int missing = dossier_read(txn, k, &r, &g);
    UPP_TRY(missing);
    if (missing) /* forgotten: its record goes with it */
        return 0;
    UPP_AUTO(dossier_files_done) dossier_files files = { 0 };
    dossier_make(dossier_of(g), &files);
    UPP_AUTO(free_text) char *manifest = dossier_manifest(&files);
    r.attempt++;
    r.part = 0;
    UPP_TRY(expect(txn, &r, manifest));
    UPP_TRY(upp_exec(txn,
                     "UPDATE record SET state = 1, attempt = ?2, part = 0, proof_ref = ?3"
                     " WHERE record = ?1",
                     BIND(V(r.id), V(r.attempt), V(r.proof_ref))));
    return ask_part(txn, &r, &files);
}

int record_alarm(upp_txn *txn, const keeper *k, const char *id)
{
    record r;
    const int missing = record_read(txn, id, &r);
    UPP_TRY(missing);
    return missing || r.state != RECORD_WRITES ? 0 : record_write(txn, k, &r);
}

int record_failed(upp_txn *txn, const record *r, const char *again, const char *reason)
{
    static const upp_ms spans[] = { UPP_MINUTE, 5 * UPP_MINUTE, 30 * UPP_MINUTE, UPP_HOUR };
    const uint32_t n = r->failures < UPP_LEN(spans) ? r->failures : UPP_LEN(spans) - 1;
    Uppsikt__EvidenceFailed out = UPPSIKT__EVIDENCE_FAILED__INIT;
    UPP_TRY(upp_exec(txn, "UPDATE record SET failures = failures + 1 WHERE record = ?1",
                     BIND(V(r->id))));
    UPP_TRY(record_alarm_at(txn, again, r->id, upp_now(txn) + spans[n]));
    out.item = upp_lend(r->item);
    out.version = r->version;
    out.level = r->level;
    out.reason = upp_lend(reason);
    out.attempt = r->failures + 1;
    return upp_emit(txn, r->item, &out.base, NULL);
}

/* It has taken long: people see why a removal waits, and it is tried on. */
int record_slow(upp_txn *txn, const char *id)
{
    record r;
    Uppsikt__EvidenceFailed out = UPPSIKT__EVIDENCE_FAILED__INIT;
    const int missing = record_read(txn, id, &r);
    UPP_TRY(missing);
    if (missing || r.state == RECORD_SEALED || r.state == RECORD_GONE)
        return 0;
    out.item = r.item;
    out.version = r.version;
    out.level = r.level;
    out.reason = upp_lend(r.state == RECORD_WRITES ? "writing-slow"
                          : r.captured             ? "attachments-slow"
                                                   : "capture-slow");
    out.attempt = r.failures;
    UPP_TRY(record_alarm_at(txn, "slow", r.id, upp_now(txn) + 6 * UPP_HOUR));
    return upp_emit(txn, r.item, &out.base, NULL);
}

/* -- sealed -- */
static const Uppsikt__StoredFile *stored_at(const Uppsikt__RecordStored *said, const char *path)
{
    for (size_t i = 0; i < said->n_stored; i++)
        if (strcmp(said->stored[i]->path, path) == 0)
            return said->stored[i];
    return NULL;
}

/* The record's files are objects: read in parts under credit, gone with the item. What came from
 * outside has been kept since it came. */
static int keep_object(upp_txn *txn, const record *r, const char *path, int64_t bytes,
                       const uint8_t sha256[32])
{
    char id[128];
    snprintf(id, sizeof id, "%s/%s", r->folder, path);
    const int gone = upp_object_keep(txn, UPP_ABOUT(r->item), id, bytes, sha256);
    return gone < 0 ? gone : 0;
}

/* False: the disk does not hold what we sent. */
static bool all_stored(const dossier_files *files, const Uppsikt__RecordStored *said)
{
    for (size_t i = 0; i < files->n; i++) {
        const Uppsikt__StoredFile *s = stored_at(said, files->rows[i].path);
        char hex[DOSSIER_HEX];
        if (!s || s->sha256.len != 32)
            return false;
        sodium_bin2hex(hex, sizeof hex, s->sha256.data, 32);
        if (strcmp(hex, files->rows[i].sha256) != 0)
            return false;
    }
    return said->n_stored == files->n;
}

static int keep_objects(upp_txn *txn, const record *r, const dossier_files *files,
                        const Uppsikt__RecordStored *said)
{
    uint8_t hash[32];
    for (size_t i = 0; i < files->n; i++) {
        const Uppsikt__StoredFile *s = stored_at(said, files->rows[i].path);
        if (files->rows[i].bytes)
            UPP_TRY(keep_object(txn, r, s->path, s->bytes, s->sha256.data));
    }
    crypto_hash_sha256(hash, said->manifest.data, said->manifest.len);
    return keep_object(txn, r, DOSSIER_MANIFEST, (int64_t)said->manifest.len, hash);
}

static int media_gone(upp_txn *txn, const char *id, int64_t *ret_n)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT count(*) FROM media WHERE record = ?1 AND state = 2", BIND(V(id)));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

static int say_sealed(upp_txn *txn, const record *r, const Uppsikt__EvidenceSealedContent *proof,
                      const uint8_t seal[TREE_HASH], size_t files, int64_t gone_media)
{
    upp_content kept;
    Uppsikt__EvidenceSealed out = UPPSIKT__EVIDENCE_SEALED__INIT;
    const int gone = upp_keep(txn, UPP_ABOUT(r->item), &proof->base, &kept);
    UPP_TRY(gone);
    UPP_TRY(upp_drop(txn, r->proof_ref));
    UPP_TRY(upp_exec(txn, "UPDATE record SET proof_ref = ?2 WHERE record = ?1",
                     BIND(V(r->id), V(kept.ref))));
    out.item = upp_lend(r->item);
    out.version = r->version;
    out.record = upp_lend(r->id);
    out.level = r->level;
    out.account = upp_lend(r->account);
    out.at_ms = upp_now(txn);
    out.files = (uint32_t)files;
    out.media_gone = (uint32_t)gone_media;
    out.commitment = upp_commitment(&kept);
    out.seal = (ProtobufCBinaryData){ TREE_HASH, (uint8_t *)upp_lend((const char *)seal) };
    out.status = upp_lend(r->status);
    return upp_emit(txn, r->item, &out.base, &kept);
}

static int seal(upp_txn *txn, const keeper *k, const record *r, const dossier_files *files,
                const Uppsikt__EvidenceSealedContent *proof, const Uppsikt__RecordStored *said)
{
    uint8_t sealed[TREE_HASH];
    char hex[2 * TREE_HASH + 1];
    tree_hash leaf;
    int64_t place = 0, gone_media = 0;
    UPP_TRY(keep_objects(txn, r, files, said));
    UPP_TRY(media_gone(txn, r->id, &gone_media));
    leaf_seal(proof->salt.data, (upp_bytes){ proof->manifest.data, proof->manifest.len }, sealed);
    sodium_bin2hex(hex, sizeof hex, sealed, sizeof sealed);
    leaf_hash(&(leaf_record){ .record = r->id,
                              .item = r->item,
                              .version = r->version,
                              .level = (uint32_t)r->level,
                              .at = upp_now(txn),
                              .seal = sealed },
              &leaf);
    UPP_TRY(head_append(txn, &leaf, &place));
    UPP_TRY(upp_exec(
        txn,
        "UPDATE record SET state = 2, sealed_ms = ?2, files = ?3, media_gone = ?4,"
        " seal = ?5, leaf = ?6 WHERE record = ?1",
        BIND(V(r->id), V(upp_now(txn)), V((int64_t)files->n), V(gone_media), V(hex), V(place))));
    UPP_TRY(record_alarm_at(txn, "slow", r->id, 0));
    UPP_TRY(say_sealed(txn, r, proof, sealed, files->n, gone_media));
    return want_consider(txn, k, r->item);
}

static bool same_bytes(const ProtobufCBinaryData *a, const char *text)
{
    return a->len == strlen(text) && memcmp(a->data, text, a->len) == 0;
}

static int go_on(upp_txn *txn, const keeper *k, record *r, const Uppsikt__RecordStored *said)
{
    UPP_AUTO(dossier_read_done) reading *g = NULL;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *body = NULL;
    const int missing = dossier_read(txn, k, r, &g);
    UPP_TRY(missing);
    const int lost = missing ? 1
                             : upp_recall(txn, r->proof_ref,
                                          &uppsikt__evidence_sealed_content__descriptor, &body);
    UPP_TRY(lost);
    if (lost)
        return 0;
    const Uppsikt__EvidenceSealedContent *proof = (const Uppsikt__EvidenceSealedContent *)body;
    UPP_AUTO(dossier_files_done) dossier_files files = { 0 };
    dossier_make(dossier_of(g), &files);
    UPP_AUTO(free_text) char *manifest = dossier_manifest(&files);
    if (!same_bytes(&proof->manifest, manifest)) /* more is known by now: written anew */
        return record_write(txn, k, r);
    dossier_piece pieces[DOSSIER_PIECES];
    bool last = true;
    (void)dossier_part(&files, r->part, pieces, &last);
    if (!last) {
        r->part++;
        UPP_TRY(upp_exec(txn, "UPDATE record SET part = ?2 WHERE record = ?1",
                         BIND(V(r->id), V(r->part))));
        return ask_part(txn, r, &files);
    }
    if (!same_bytes(&said->manifest, manifest) || !all_stored(&files, said))
        return record_failed(txn, r, "seal", "written-differs");
    return seal(txn, k, r, &files, proof, said);
}

int record_stored(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__RecordStored *said = msg;
    record r;
    const int missing = record_read(txn, in->subject, &r);
    UPP_TRY(missing);
    if (missing || r.state != RECORD_WRITES)
        return 0;
    if (in->dead || !said)
        return record_failed(txn, &r, "seal", "writing-given-up");
    if (said->failed[0])
        return record_failed(txn, &r, "seal", said->failed);
    return go_on(txn, self, &r, said);
}
