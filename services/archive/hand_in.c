/* hand_in.c - what an administrator saved from her own browser, or the platform's own export: taken
 * in by parts, stored, never opened (capture.md §6.1). */
#include "archive.h"
#include <stdio.h>
#include <string.h>

enum { FILE_NAME = 200, GIVE_UP_HOURS = 24 };

typedef struct hand_row {
    char hand_in[UPP_ID], run[UPP_ID], account[64], person[64];
    enum hand_state state;
    int64_t bytes, taken, stored, file_ref;
} hand_row;

/* 1: no such thing. */
static int read_hand(upp_txn *txn, const char *hand_in, hand_row *ret_row)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT run, account, person, state, bytes, taken, stored, file_ref"
                             " FROM hand_in WHERE hand_in = ?1",
                             BIND(V(hand_in)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_row->hand_in, sizeof ret_row->hand_in, "%s", hand_in);
    snprintf(ret_row->run, sizeof ret_row->run, "%s", upp_col_text(&row, 0));
    snprintf(ret_row->account, sizeof ret_row->account, "%s", upp_col_text(&row, 1));
    snprintf(ret_row->person, sizeof ret_row->person, "%s", upp_col_text(&row, 2));
    ret_row->state = (enum hand_state)upp_col_int(&row, 3);
    ret_row->bytes = upp_col_int(&row, 4);
    ret_row->taken = upp_col_int(&row, 5);
    ret_row->stored = upp_col_int(&row, 6);
    ret_row->file_ref = upp_col_int(&row, 7);
    return 0;
}

void hand_in_folder(const archive *self, const char *run, char ret_path[ARCHIVE_PATH])
{
    snprintf(ret_path, ARCHIVE_PATH, "%s/hand/%s", self->config->folder, run);
}

int hand_in_count(upp_txn *txn, const char *run, int64_t *ret_n)
{
    UPP_ROWS row = upp_query(txn, "SELECT count(*) FROM hand_in WHERE run = ?1 AND state = ?2",
                             BIND(V(run), V(HAND_TAKEN)));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

static int all_of(upp_txn *txn, const char *run, int64_t *ret_n)
{
    UPP_ROWS row = upp_query(txn, "SELECT count(*) FROM hand_in WHERE run = ?1", BIND(V(run)));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

/* -- one part to disk -- */
static int ask(upp_txn *txn, const archive *self, const hand_row *h, const Uppsikt__StorePart *part)
{
    char subject[48], folder[ARCHIVE_PATH], key[96];
    Uppsikt__StorePart out = *part;
    snprintf(subject, sizeof subject, "hand/%s", h->hand_in);
    snprintf(key, sizeof key, "%s/%lld%s", subject, (long long)part->offset,
             part->last ? "/last" : "");
    hand_in_folder(self, h->run, folder);
    out.folder = folder;
    out.file = upp_lend(h->hand_in);
    return upp_ask(txn, "intake", UPP_ABOUT(subject, h->account, h->person), key, &out.base);
}

static void hex(const uint8_t bytes[32], char ret_text[UPP_HEX])
{
    for (size_t i = 0; i < 32; i++)
        snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
}

static bool source_known(const char *source)
{
    return strcmp(source, "browser") == 0 || strcmp(source, "export") == 0;
}

static int check_begin(upp_txn *txn, const archive *self, const Uppsikt__HandIn *c)
{
    int64_t n = 0;
    if (!self->config->folder)
        return upp_refuse(txn, "no-folder");
    if (!c->file || !c->file->name[0] || strlen(c->file->name) > FILE_NAME)
        return upp_refuse(txn, "file-name-malformed");
    if (!source_known(c->file->source))
        return upp_refuse(txn, "source-unknown");
    if (c->file->sha256.len != 32)
        return upp_refuse(txn, "sum-missing");
    if (c->bytes < 1)
        return upp_refuse(txn, "file-empty");
    if (c->bytes > self->config->hand_in_bytes)
        return upp_refuse(txn, "file-too-large");
    UPP_TRY(all_of(txn, c->run, &n));
    return n < ARCHIVE_HAND_INS ? 0 : upp_refuse(txn, "too-many-files");
}

static int say_taken(upp_txn *txn, const char *hand_in, int64_t offset)
{
    Uppsikt__HandInTaken out = UPPSIKT__HAND_IN_TAKEN__INIT;
    out.hand_in = upp_lend(hand_in);
    out.offset = offset;
    return upp_reply(txn, &out.base);
}

int hand_in_begin(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HandIn *c = msg;
    char id[UPP_ID], commitment[UPP_HEX], key[64];
    run_row r;
    upp_content kept;
    Uppsikt__HandInKept body = UPPSIKT__HAND_IN_KEPT__INIT;
    const int none = run_read(txn, c->run, &r);
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "run-unknown");
    UPP_TRY(archive_may(txn, in, r.account));
    UPP_TRY(check_begin(txn, self, c));
    upp_id(txn, id);
    body.file = c->file;
    const int gone = upp_keep(txn, UPP_ABOUT(r.account, in->by), &body.base, &kept);
    UPP_TRY(gone);
    if (gone)
        return upp_refuse(txn, "account-forgotten");
    hex(kept.commitment, commitment);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO hand_in(hand_in, run, account, person, state, bytes, received_ms,"
                     " file_commitment, file_ref) VALUES(?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8)",
                     BIND(V(id), V(r.run), V(r.account), V(in->by), V(c->bytes), V(upp_now(txn)),
                          V(commitment), V(kept.ref))));
    snprintf(key, sizeof key, "hand/%s", id);
    UPP_TRY(upp_alarm(txn, key, upp_now(txn) + GIVE_UP_HOURS * UPP_HOUR));
    return say_taken(txn, id, 0);
}

/* All is here: the sum is counted over what lies on disk, and held against the sender's. */
static int ask_whole(upp_txn *txn, const archive *self, const hand_row *h)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__StorePart part = UPPSIKT__STORE_PART__INIT;
    const int gone = upp_recall(txn, h->file_ref, &uppsikt__hand_in_kept__descriptor, &kept);
    if (gone)
        return gone < 0 ? gone : 0;
    part.offset = h->bytes;
    part.last = true;
    part.check = true;
    part.sha256 = ((const Uppsikt__HandInKept *)kept)->file->sha256;
    UPP_TRY(upp_exec(txn, "UPDATE hand_in SET state = ?2 WHERE hand_in = ?1",
                     BIND(V(h->hand_in), V(HAND_CHECKING))));
    return ask(txn, self, h, &part);
}

int hand_in_part(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HandInPart *c = msg;
    hand_row h;
    Uppsikt__StorePart part = UPPSIKT__STORE_PART__INIT;
    const int none = read_hand(txn, c->hand_in, &h);
    UPP_TRY(none);
    if (none || !in->by || strcmp(in->by, h.person) != 0)
        return upp_refuse(txn, "hand-in-unknown");
    const int64_t end = c->offset + (int64_t)c->bytes.len;
    if (h.state != HAND_RECEIVING)
        return upp_refuse(txn, "hand-in-ended");
    if (c->bytes.len > ARCHIVE_PART || c->offset < 0 || c->offset > h.taken || end > h.bytes)
        return upp_refuse(txn, "part-out-of-place");
    if (end <= h.taken) /* again */
        return say_taken(txn, h.hand_in, h.taken);
    if (c->offset != h.taken)
        return upp_refuse(txn, "part-out-of-place");
    part.offset = c->offset;
    part.bytes = c->bytes;
    const int asked = ask(txn, self, &h, &part);
    UPP_TRY(asked);
    if (asked)
        return upp_refuse(txn, "account-forgotten");
    UPP_TRY(upp_exec(txn, "UPDATE hand_in SET taken = ?2 WHERE hand_in = ?1",
                     BIND(V(h.hand_in), V(end))));
    return say_taken(txn, h.hand_in, end);
}

static int end_with(upp_txn *txn, const hand_row *h, enum hand_state state, const char *why,
                    const char *mime)
{
    char key[64];
    snprintf(key, sizeof key, "hand/%s", h->hand_in);
    UPP_TRY(upp_alarm_off(txn, key));
    return upp_exec(txn, "UPDATE hand_in SET state = ?2, why = ?3, mime = ?4 WHERE hand_in = ?1",
                    BIND(V(h->hand_in), V((int64_t)state), V(why), V(mime)));
}

static int remove_file(upp_txn *txn, const archive *self, const hand_row *h)
{
    char path[ARCHIVE_PATH + UPP_ID + 1], folder[ARCHIVE_PATH];
    hand_in_folder(self, h->run, folder);
    snprintf(path, sizeof path, "%s/%s", folder, h->hand_in);
    return run_remove(txn, path);
}

int hand_in_stored(upp_txn *txn, const archive *self, const upp_input *in,
                   const Uppsikt__PartStored *s)
{
    hand_row h;
    const int none = read_hand(txn, in->subject + strlen("hand/"), &h);
    if (none || h.state == HAND_TAKEN || h.state == HAND_REFUSED)
        return none < 0 ? none : 0;
    if (in->dead || s->failed[0]) {
        UPP_TRY(end_with(txn, &h, HAND_REFUSED, in->dead ? "disk" : s->failed, ""));
        return remove_file(txn, self, &h);
    }
    if (s->last)
        return end_with(txn, &h, HAND_TAKEN, "", s->mime);
    h.stored += s->bytes;
    UPP_TRY(upp_exec(txn, "UPDATE hand_in SET stored = ?2 WHERE hand_in = ?1",
                     BIND(V(h.hand_in), V(h.stored))));
    return h.stored == h.bytes ? ask_whole(txn, self, &h) : 0;
}

/* It was begun and never came whole. */
int hand_in_alarm(upp_txn *txn, const archive *self, const char *hand_in)
{
    hand_row h;
    const int none = read_hand(txn, hand_in, &h);
    if (none || h.state != HAND_RECEIVING)
        return none < 0 ? none : 0;
    UPP_TRY(end_with(txn, &h, HAND_REFUSED, "left", ""));
    return remove_file(txn, self, &h);
}

int hand_in_done(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HandInDone *c = msg;
    Uppsikt__ArchiveTaken out = UPPSIKT__ARCHIVE_TAKEN__INIT;
    run_row r;
    const int none = run_read(txn, c->run, &r);
    (void)self;
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "run-unknown");
    UPP_TRY(archive_may(txn, in, r.account));
    if (c->n_hand_ins == 0)
        return upp_refuse(txn, "hand-in-unknown");
    for (size_t i = 0; i < c->n_hand_ins; i++) {
        hand_row h;
        const int unknown = read_hand(txn, c->hand_ins[i], &h);
        UPP_TRY(unknown);
        if (unknown || strcmp(h.run, r.run) != 0)
            return upp_refuse(txn, "hand-in-unknown");
        if (h.state != HAND_TAKEN)
            return upp_refuse(txn, "hand-in-not-whole");
    }
    UPP_TRY(run_restart(txn, r.run));
    out.run = r.run;
    return upp_reply(txn, &out.base);
}

/* -- what was handed in -- */
static int reply_row(upp_txn *txn, const upp_rows *row)
{
    static const char *const states[] = { "receiving", "checking", "taken", "refused" };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    uint8_t commitment[32];
    Uppsikt__HandInRow out = UPPSIKT__HAND_IN_ROW__INIT;
    Uppsikt__HandInRowContent content = UPPSIKT__HAND_IN_ROW_CONTENT__INIT;
    const char *text = upp_col_text(row, 9);
    const int gone =
        upp_recall(txn, upp_col_int(row, 10), &uppsikt__hand_in_kept__descriptor, &kept);
    UPP_TRY(gone);
    out.hand_in = upp_lend(upp_col_text(row, 0));
    out.run = upp_lend(upp_col_text(row, 1));
    out.person = upp_lend(upp_col_text(row, 2));
    out.state = upp_lend(states[upp_col_int(row, 3)]);
    out.bytes = upp_col_int(row, 4);
    out.stored = upp_col_int(row, 5);
    out.why = upp_lend(upp_col_text(row, 6));
    out.mime = upp_lend(upp_col_text(row, 7));
    out.received_ms = upp_col_int(row, 8);
    if (kept) {
        for (size_t i = 0; i < 32; i++) {
            const char *const digits = "0123456789abcdef";
            commitment[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) * 16 +
                                      (strchr(digits, text[2 * i + 1]) - digits));
        }
        out.commitment = (ProtobufCBinaryData){ sizeof commitment, commitment };
        content.file = ((Uppsikt__HandInKept *)kept)->file;
    }
    return upp_reply_content(txn, &out.base, kept ? &content.base : NULL);
}

int hand_in_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__HandIns *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row = upp_query(txn,
                             "SELECT hand_in, run, person, state, bytes, stored, why, mime,"
                             " received_ms, file_commitment, file_ref FROM hand_in WHERE run = ?1"
                             " ORDER BY hand_in",
                             BIND(V(q->run)));
    while (upp_next(&row))
        UPP_TRY(reply_row(txn, &row));
    return row.rc;
}
