/* protocol.c - what people see of disposals: who has approved, who has not answered yet, what went
 * and where else its words stand (R23; ISO 15489: pointers and backups, too). */
#include "candidate.h"
#include "uppsikt/archive.pb-c.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { NAMES = 16 };
typedef struct pending {
    upp_txn *txn;
    const char *disposal;
    char names[NAMES][32];
    char *list[NAMES];
    size_t n;
    int rc;
} pending;

static void note(pending *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->names[i], name) == 0)
            return;
    if (p->n == NAMES)
        return;
    snprintf(p->names[p->n], sizeof p->names[0], "%s", name);
    p->list[p->n] = p->names[p->n];
    p->n++;
}

static bool ask_one(void *ctx, const char *service)
{
    pending *p = ctx;
    const int waits = disposal_answered(p->txn, p->disposal, service);
    if (waits < 0)
        p->rc = waits;
    else if (waits)
        note(p, service);
    return p->rc == 0;
}

/* `left`: folders of ours that are there still; `packages`: of archive's. */
static int who_is_missing(upp_txn *txn, const char *id, const char *services, int64_t left,
                          int64_t packages, pending *ret_pending)
{
    *ret_pending = (pending){ .txn = txn, .disposal = id };
    (void)disposal_each_service(services, ask_one, ret_pending);
    if (packages > 0)
        note(ret_pending, "archive");
    if (left > 0)
        note(ret_pending, "evidence");
    return ret_pending->rc;
}

static int reply_disposal(upp_txn *txn, const upp_rows *row)
{
    static const char *const states[] = { "proposed", "approved", "disposed" };
    Uppsikt__DisposalRow out = UPPSIKT__DISPOSAL_ROW__INIT;
    pending p = { .rc = 0 };
    char *covers[COVER_KINDS];
    uint8_t hash[32];
    size_t n = 0;
    const char *hex = upp_col_text(row, 8);
    const int64_t state = upp_col_int(row, 1);
    out.disposal = upp_lend(upp_col_text(row, 0));
    out.state = upp_lend(state >= 0 && state < 3 ? states[state] : "?");
    out.plan_row = upp_lend(upp_col_text(row, 2));
    out.law = upp_lend(upp_col_text(row, 3));
    out.by = upp_lend(upp_col_text(row, 4));
    out.second = upp_lend(upp_col_text(row, 5));
    out.count = upp_col_int(row, 6);
    out.held = upp_col_int(row, 7);
    if (sodium_hex2bin(hash, sizeof hash, hex, strlen(hex), NULL, &n, NULL) == 0 && n == 32)
        out.list_sha256 = (ProtobufCBinaryData){ n, hash };
    out.proposed_ms = upp_col_int(row, 9);
    out.approved_ms = upp_col_int(row, 10);
    out.disposed_ms = upp_col_int(row, 11);
    out.backups_expire_ms = upp_col_int(row, 12);
    out.mandate = upp_lend(upp_col_text(row, 13));
    out.authority = upp_lend(upp_col_text(row, 14));
    out.contents = upp_col_int(row, 17);
    out.objects = upp_col_int(row, 18);
    out.open = upp_col_int(row, 19);
    out.process = upp_lend(upp_col_text(row, 20));
    out.kind = upp_lend(upp_col_text(row, 21));
    const unsigned set = cover_of_text(upp_col_text(row, 22));
    for (unsigned i = 0; i < COVER_KINDS; i++)
        if (set & 1U << i)
            covers[out.n_covers++] = upp_lend(cover_word((enum cover_kind)i));
    out.covers = covers;
    if (state == 1)
        UPP_TRY(who_is_missing(txn, out.disposal, upp_col_text(row, 15), upp_col_int(row, 16),
                               upp_col_int(row, 23), &p));
    out.pending = p.list;
    out.n_pending = p.n;
    return upp_reply(txn, &out.base);
}

int protocol_disposals(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Disposals *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT d.disposal, d.state, d.plan_row, d.law, d.person, d.second, d.count, d.held,"
        " d.list_hash, d.proposed_ms, d.approved_ms, d.disposed_ms, d.backups_ms, d.mandate,"
        " d.authority, d.services, (d.sent < d.parts) + (SELECT count(*) FROM removal r"
        "  WHERE r.disposal = d.disposal),"
        " (SELECT coalesce(sum(contents), 0) FROM answer a WHERE a.disposal = d.disposal),"
        " (SELECT coalesce(sum(objects), 0) FROM answer a WHERE a.disposal = d.disposal), d.open,"
        " d.process, d.kind, d.covers, (SELECT count(*) FROM listed l JOIN thing t"
        "  ON t.subject = l.item WHERE l.disposal = d.disposal AND l.what = 'package'"
        "  AND l.state = 3 AND t.removed = 0)"
        " FROM disposal d WHERE d.disposal > ?1 AND (?3 = '' OR d.disposal = ?3)"
        " ORDER BY d.disposal LIMIT ?2",
        BIND(V(q->after), V(q->limit > 0 && q->limit < EVIDENCE_PAGE ? q->limit : EVIDENCE_PAGE),
             V(q->disposal)));
    while (upp_next(&row)) {
        const int rc = reply_disposal(txn, &row);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    return row.rc;
}

/* -- one item of a list -- */
enum { RECORDS = 16, COPIES = 32 };
typedef struct item_row {
    char records[RECORDS][UPP_ID], copies[COPIES][UPP_ID + 80];
    char *record_list[RECORDS], *copy_list[COPIES];
    int64_t leaves[RECORDS];
    uint8_t seals[RECORDS][32];
    ProtobufCBinaryData seal_list[RECORDS];
    size_t n_records, n_copies;
} item_row;

static int read_records(upp_txn *txn, const char *item, item_row *r)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT record, leaf, seal FROM record WHERE item = ?1 AND leaf >= 0"
                             " ORDER BY leaf",
                             BIND(V(item)));
    while (r->n_records < RECORDS && upp_next(&row)) {
        const size_t i = r->n_records++;
        size_t n = 0;
        const char *hex = upp_col_text(&row, 2);
        snprintf(r->records[i], UPP_ID, "%s", upp_col_text(&row, 0));
        r->record_list[i] = r->records[i];
        r->leaves[i] = upp_col_int(&row, 1);
        upp_check(sodium_hex2bin(r->seals[i], 32, hex, strlen(hex), NULL, &n, NULL) == 0);
        r->seal_list[i] = (ProtobufCBinaryData){ n, r->seals[i] };
    }
    return row.rc;
}

/* Other copies of the same words, with what keeps them: they stay as long as their own row says. */
static int read_copies(upp_txn *txn, const char *item, item_row *r)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT 'record ' || c.record FROM copy c JOIN record r ON r.record = c.record"
        " WHERE c.item = ?1 AND r.state = 2 UNION ALL"
        " SELECT 'package ' || package || CASE plan_row WHEN '' THEN '' ELSE ', ' || plan_row END"
        " FROM package_copy c WHERE item = ?1 AND NOT EXISTS(SELECT 1 FROM upp_tombstone t"
        " WHERE t.subject = c.package) ORDER BY 1",
        BIND(V(item)));
    while (r->n_copies < COPIES && upp_next(&row)) {
        snprintf(r->copies[r->n_copies], sizeof r->copies[0], "%s", upp_col_text(&row, 0));
        r->copy_list[r->n_copies] = r->copies[r->n_copies];
        r->n_copies++;
    }
    return row.rc;
}

static int reply_item(upp_txn *txn, const char *item, int64_t state, bool disposed, bool line,
                      const char *what)
{
    static const char *const states[] = { "listed", "held", "open", "approved", "gone" };
    item_row r = { .n_records = 0 };
    Uppsikt__DisposedRow out = UPPSIKT__DISPOSED_ROW__INIT;
    UPP_TRY(read_records(txn, item, &r));
    UPP_TRY(read_copies(txn, item, &r));
    out.item = upp_lend(item);
    out.state = upp_lend(disposed && state == LISTED_APPROVED ? "gone"
                         : state >= 0 && state < 5            ? states[state]
                                                              : "?");
    out.records = r.record_list;
    out.leaves = r.leaves;
    out.seals = r.seal_list;
    out.n_records = out.n_leaves = out.n_seals = r.n_records;
    out.line = line;
    out.what = upp_lend(what);
    out.copies = r.copy_list;
    out.n_copies = r.n_copies;
    return upp_reply(txn, &out.base);
}

int protocol_items(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__DisposedItems *q = msg;
    (void)self;
    (void)in;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT l.item, l.state, d.state = 2, coalesce(i.kind, 0), l.what FROM listed l"
                  " JOIN disposal d ON d.disposal = l.disposal LEFT JOIN item i ON i.item = l.item"
                  " WHERE l.disposal = ?1 AND l.item > ?2 ORDER BY l.item LIMIT ?3",
                  BIND(V(q->disposal), V(q->after),
                       V(q->limit > 0 && q->limit < EVIDENCE_PAGE ? q->limit : EVIDENCE_PAGE)));
    while (upp_next(&row)) {
        const int rc =
            reply_item(txn, upp_col_text(&row, 0), upp_col_int(&row, 1), upp_col_int(&row, 2) != 0,
                       upp_col_int(&row, 3) == ITEM_LINE, upp_col_text(&row, 4));
        if (rc)
            return rc < 0 ? rc : 0;
    }
    return row.rc;
}

int protocol_copy_kept(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CopyKept *c = msg;
    (void)self;
    (void)in;
    return upp_exec(txn,
                    "INSERT INTO package_copy(item, package, plan_row) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET plan_row = ?3",
                    BIND(V(c->item), V(c->package), V(c->plan_row)));
}
