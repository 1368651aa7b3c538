/* list.c - what people see of the saved copies; and that they looked, once per person, copy and day
 * (R29). What is personal is shown only to who has said so first. */
#include "dossier.h"
#include "thing.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char *const views[] = { "viewed", "exported", "verified" };

static int64_t day_of(const upp_txn *txn, const keeper *k)
{
    const upp_ms now = upp_now(txn);
    return k->tz ? zone_day(k->tz, now) : now / UPP_DAY;
}

static void view_key(const upp_txn *txn, const char *record_id, const char *person,
                     const char *what, int64_t day, char ret_key[UPP_HEX])
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)day);
    upp_keyed(txn, (const char *const[]){ "view", record_id, person, what, text, NULL }, ret_key);
}

/* The account of a copy, or of an item; "" of a person. 1: none of them. */
static int account_of(upp_txn *txn, const char *id, char ret_account[EVIDENCE_ID])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT account FROM record WHERE record = ?1 UNION ALL"
                             " SELECT account FROM item WHERE item = ?1 UNION ALL"
                             " SELECT '' FROM person WHERE person = ?1 LIMIT 1",
                             BIND(V(id)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_account, EVIDENCE_ID, "%s", upp_col_text(&row, 0));
    return 0;
}

/* What is seen of a person is nobody's account: it is her authority's. */
static int look_of(upp_txn *txn, const char *id, const char *account, int64_t day,
                   char ret_look[EVIDENCE_ID])
{
    char authority[EVIDENCE_ID] = "";
    thing_look(account, day, ret_look);
    if (!account[0]) {
        UPP_TRY(register_authority_of_person(txn, id, authority));
        snprintf(ret_look, EVIDENCE_ID, "seen.%.40s.%lld", authority, (long long)day);
    }
    return thing_looked(txn, ret_look, account, authority, day);
}

static int say_viewed(upp_txn *txn, const Uppsikt__NoteView *c, const char *account,
                      const char *person, int64_t day)
{
    char look[EVIDENCE_ID];
    upp_content kept;
    Uppsikt__RecordViewed out = UPPSIKT__RECORD_VIEWED__INIT;
    Uppsikt__RecordViewedContent who = UPPSIKT__RECORD_VIEWED_CONTENT__INIT;
    who.person = upp_lend(person);
    UPP_TRY(look_of(txn, c->record, account, day, look));
    const int gone = upp_keep(txn, UPP_ABOUT(person, look), &who.base, &kept);
    UPP_TRY(gone);
    out.record = c->record;
    out.what = c->what;
    out.day = day;
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, c->record, &out.base, &kept);
}

int list_note_view(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const keeper *k = self;
    const Uppsikt__NoteView *c = msg;
    const int64_t day = day_of(txn, k);
    char account[EVIDENCE_ID], key[UPP_HEX];
    bool known = false;
    for (size_t i = 0; i < UPP_LEN(views); i++)
        known = known || strcmp(views[i], c->what) == 0;
    if (!known)
        return upp_refuse(txn, "unknown-view");
    const int missing = account_of(txn, c->record, account);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-record");
    UPP_TRY(register_need(
        txn, in, ROLE_ARCHIVIST | ROLE_REGISTRAR | ROLE_COMMUNICATIONS | ROLE_OPERATIONS, account));
    view_key(txn, c->record, in->by, c->what, day, key);
    const int fresh =
        upp_exec(txn, "INSERT INTO view(key, day) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                 BIND(V(key), V(day)));
    UPP_TRY(fresh);
    if (fresh)
        UPP_TRY(say_viewed(txn, c, account, in->by, day));
    UPP_TRY(upp_exec(txn, "DELETE FROM view WHERE day < ?1", BIND(V(day - 7))));
    Uppsikt__ViewNoted out = UPPSIKT__VIEW_NOTED__INIT;
    out.record = c->record;
    return upp_reply(txn, &out.base);
}

/* 1: she has not said today that she looks. */
static int has_looked(upp_txn *txn, const keeper *k, const char *record_id, const char *person)
{
    const int64_t day = day_of(txn, k);
    for (size_t i = 0; person && i < UPP_LEN(views); i++) {
        char key[UPP_HEX];
        view_key(txn, record_id, person, views[i], day, key);
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM view WHERE key = ?1", BIND(V(key)));
        if (upp_next(&row))
            return 0;
        UPP_TRY(row.rc);
    }
    return 1;
}

/* Manifest, salt, and the name of each file as an object. */
static int reply_whole(upp_txn *txn, const Uppsikt__RecordRow *out, const char *folder,
                       int64_t proof_ref)
{
    enum { OBJECTS = 64 };
    char names[OBJECTS][128];
    char *list[OBJECTS];
    size_t n = 0;
    Uppsikt__RecordRowContent content = UPPSIKT__RECORD_ROW_CONTENT__INIT;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *body = NULL;
    const int missing =
        upp_recall(txn, proof_ref, &uppsikt__evidence_sealed_content__descriptor, &body);
    UPP_TRY(missing);
    if (missing)
        return upp_reply(txn, &out->base);
    const Uppsikt__EvidenceSealedContent *proof = (const Uppsikt__EvidenceSealedContent *)body;
    content.manifest = proof->manifest;
    content.salt = proof->salt;
    const char *at = (const char *)proof->manifest.data, *end = at + proof->manifest.len;
    while (at < end && n + 1 < OBJECTS) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((stop ? stop : end) - at);
        if (len > 66)
            snprintf(names[n], sizeof names[n], "%s/%.*s", folder, (int)(len - 66), at + 66);
        list[n] = names[n];
        n += len > 66;
        at += len + 1;
    }
    snprintf(names[n], sizeof names[n], "%s/" DOSSIER_MANIFEST, folder);
    list[n] = names[n];
    content.objects = list;
    content.n_objects = n + 1;
    return upp_reply_content(txn, &out->base, &content.base);
}

static void fill_decision(const upp_rows *row, Uppsikt__RecordRow *out)
{
    const int64_t action = upp_col_int(row, 16);
    out->decision = upp_lend(upp_col_text(row, 15));
    out->action = upp_lend(!out->decision[0] ? ""
                           : action == 3     ? "delete"
                           : action == 2     ? "hide"
                                             : "keep");
    out->reason = upp_lend(upp_col_text(row, 17));
    out->law = upp_lend(upp_col_text(row, 18));
    out->by = upp_lend(upp_col_text(row, 19));
    out->second = upp_lend(upp_col_text(row, 20));
    out->decided_ms = upp_col_int(row, 21);
    out->action_at_ms = upp_col_int(row, 22);
}

static int reply_record(upp_txn *txn, const keeper *k, const upp_input *in, const upp_rows *row)
{
    uint8_t seal[TREE_HASH];
    size_t n = 0;
    Uppsikt__RecordRow out = UPPSIKT__RECORD_ROW__INIT;
    const char *hex = upp_col_text(row, 9);
    out.record = upp_lend(upp_col_text(row, 0));
    out.item = upp_lend(upp_col_text(row, 1));
    out.version = (uint32_t)upp_col_int(row, 2);
    out.level = upp_col_int(row, 3) == 2 ? UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE
                                         : UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW;
    out.at_ms = upp_col_int(row, 4);
    out.status = upp_lend(upp_col_text(row, 5));
    out.account = upp_lend(upp_col_text(row, 6));
    out.files = (uint32_t)upp_col_int(row, 7);
    out.media_gone = (uint32_t)upp_col_int(row, 8);
    if (sodium_hex2bin(seal, sizeof seal, hex, strlen(hex), NULL, &n, NULL) == 0 && n == TREE_HASH)
        out.commitment = (ProtobufCBinaryData){ n, seal };
    out.leaf = upp_col_int(row, 10);
    out.held = upp_col_int(row, 13) != 0;
    out.plan_row = upp_lend(upp_col_text(row, 14));
    fill_decision(row, &out);
    const int stranger = upp_col_int(row, 12) ? has_looked(txn, k, out.record, in->by) : 1;
    UPP_TRY(stranger);
    return stranger ? upp_reply(txn, &out.base)
                    : reply_whole(txn, &out, upp_col_text(row, 11), upp_col_int(row, 12));
}

int list_records(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Records *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT r.record, r.item, r.version, r.level,"
        " CASE r.sealed_ms WHEN 0 THEN r.began_ms ELSE r.sealed_ms END,"
        " CASE r.state WHEN 0 THEN 'gathers' WHEN 1 THEN 'writes' WHEN 2 THEN r.status"
        "  ELSE 'gone' END, r.account, r.files, r.media_gone, r.seal, r.leaf, r.folder,"
        " CASE r.state WHEN 2 THEN r.proof_ref ELSE 0 END,"
        " EXISTS(SELECT 1 FROM hold h WHERE h.released_ms = 0"
        "  AND (h.account = r.account OR h.item = r.item)),"
        " coalesce((SELECT d.plan_row FROM decision d WHERE d.item = r.item"
        "  AND d.action IN (2, 3) ORDER BY d.at_ms DESC LIMIT 1), ''),"
        " coalesce(l.decision, ''), coalesce(l.action, 0), coalesce(l.reason, ''),"
        " coalesce(l.law, ''), coalesce(l.person, ''), coalesce(l.second, ''),"
        " coalesce(l.at_ms, 0), coalesce((SELECT max(a.at_ms) FROM action a"
        "  WHERE a.item = r.item AND a.version = r.version), 0)"
        " FROM record r LEFT JOIN decision l ON l.decision = (SELECT d.decision FROM decision d"
        "  WHERE d.item = r.item AND d.version = r.version"
        "  ORDER BY d.at_ms DESC, d.decision DESC LIMIT 1) WHERE r.record > ?3 AND (?1 = '' "
        "OR r.item = ?1)"
        " AND (?2 = '' OR r.account = ?2) AND (?5 = '' OR "
        "r.record = ?5)"
        " ORDER BY r.record LIMIT ?4",
        BIND(V(q->item), V(q->account), V(q->after),
             V(q->limit > 0 && q->limit < EVIDENCE_PAGE ? q->limit : EVIDENCE_PAGE), V(q->record)));
    while (upp_next(&row)) {
        const int rc = reply_record(txn, self, in, &row);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    return row.rc;
}
