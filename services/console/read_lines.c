/* read_lines.c - accounts, disposals, holds, the gate, the report: what is shown as a table. */
#include "console.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS = 16 };

typedef struct found {
    Uppsikt__AccountFinding finding[FINDINGS], *list[FINDINGS];
    char kind[FINDINGS][32], fact[FINDINGS][64];
    size_t n;
} found;

static int read_findings(upp_txn *txn, const char *account, found *f)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT kind, fact, due_ms FROM finding WHERE account = ?1"
                             " AND cleared = 0 ORDER BY due_ms LIMIT ?2",
                             BIND(V(account), V(FINDINGS)));
    while (upp_next(&row)) {
        Uppsikt__AccountFinding *one = &f->finding[f->n];
        uppsikt__account_finding__init(one);
        snprintf(f->kind[f->n], sizeof f->kind[0], "%s", upp_col_text(&row, 0));
        snprintf(f->fact[f->n], sizeof f->fact[0], "%s", upp_col_text(&row, 1));
        one->kind = f->kind[f->n];
        one->fact = f->fact[f->n];
        one->due_ms = upp_col_int(&row, 2);
        f->list[f->n++] = one;
    }
    return row.rc;
}

static int reply_account(upp_txn *txn, const upp_rows *row)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__AccountLine out = UPPSIKT__ACCOUNT_LINE__INIT;
    Uppsikt__AccountLineContent content = UPPSIKT__ACCOUNT_LINE_CONTENT__INIT;
    found f = { .n = 0 };
    out.account = upp_lend(upp_col_text(row, 0));
    out.platform = upp_lend(upp_col_text(row, 1));
    out.unit = upp_lend(upp_col_text(row, 2));
    out.state = (int32_t)upp_col_int(row, 3);
    out.manual = upp_col_int(row, 4) == UPPSIKT__ACCOUNT_CHANGED__WATCH__WATCH_MANUAL;
    out.reviewed_ms = upp_col_int(row, 5);
    out.persons = (uint32_t)upp_col_int(row, 7);
    out.waiting = upp_col_int(row, 8);
    out.late = upp_col_int(row, 9);
    out.health = (int32_t)upp_col_int(row, 10);
    out.blind_since_ms = upp_col_int(row, 11);
    out.token_expires_ms = upp_col_int(row, 12);
    UPP_TRY(read_findings(txn, out.account, &f));
    out.findings = f.list;
    out.n_findings = f.n;
    const int forgotten =
        upp_recall(txn, upp_col_int(row, 6), &uppsikt__account_changed_content__descriptor, &kept);
    UPP_TRY(forgotten);
    const Uppsikt__AccountChangedContent *facts = (const Uppsikt__AccountChangedContent *)kept;
    content.name = forgotten ? out.account : facts->name;
    content.handle = forgotten ? content.handle : facts->handle;
    content.url = forgotten ? content.url : facts->url;
    return upp_reply_content(txn, &out.base, &content.base);
}

int console_account_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AccountLines *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT a.account, a.platform, a.unit, a.state, a.watch, a.reviewed_ms, a.name_ref,"
        " (SELECT count(*) FROM access x JOIN person p USING (person) WHERE x.account = a.account"
        " AND p.gone = 0), (SELECT count(*) FROM matter m WHERE m.account = a.account AND"
        " m.state = 0), (SELECT count(*) FROM matter m WHERE m.account = a.account AND m.state = 0"
        " AND m.breached = 1), coalesce(h.state, 0), coalesce(h.blind_since_ms, 0),"
        " coalesce(h.token_expires_ms, 0) FROM account a LEFT JOIN health h USING (account)"
        " WHERE a.account IN (SELECT account FROM may_see WHERE person = ?1)"
        " ORDER BY a.unit, a.account LIMIT 500",
        BIND(V(q->person)));
    while (upp_next(&row))
        UPP_TRY(reply_account(txn, &row));
    return row.rc;
}

static int reply_disposal(upp_txn *txn, const upp_rows *row)
{
    Uppsikt__DisposalLine out = UPPSIKT__DISPOSAL_LINE__INIT;
    Uppsikt__DisposalLineContent content = UPPSIKT__DISPOSAL_LINE_CONTENT__INIT;
    uint8_t sha256[32];
    char by[200], second[200];
    const char *hex = upp_col_text(row, 4);
    out.disposal = upp_lend(upp_col_text(row, 0));
    out.state = upp_lend(upp_col_text(row, 1));
    out.plan_row = upp_lend(upp_col_text(row, 2));
    out.count = upp_col_int(row, 3);
    for (size_t i = 0; i < 32 && strlen(hex) == 64; i++) {
        const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
        sha256[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    out.list_sha256 = (ProtobufCBinaryData){ strlen(hex) == 64 ? 32 : 0, sha256 };
    out.by = upp_lend(upp_col_text(row, 5));
    out.second = upp_lend(upp_col_text(row, 6));
    out.at_ms = upp_col_int(row, 7);
    out.held = upp_col_int(row, 8);
    out.decision = upp_lend(upp_col_text(row, 9));
    out.kind = upp_lend(upp_col_text(row, 10));
    UPP_TRY(console_name(txn, out.by, by, sizeof by));
    UPP_TRY(console_name(txn, out.second, second, sizeof second));
    content.by = by;
    content.second = second;
    return upp_reply_content(txn, &out.base, &content.base);
}

int console_disposal_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__DisposalLines *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT d.disposal, d.state, d.plan_row, d.n, d.sha256, d.person, d.second, d.at_ms,"
        " d.held, coalesce(p.decision, d.decision), coalesce(p.kind, '') FROM disposal d"
        " LEFT JOIN plan p USING (plan_row) WHERE ?2 = '' OR d.disposal = ?2"
        " ORDER BY d.at_ms DESC, d.disposal LIMIT ?1",
        BIND(V(q->limit > 0 && q->limit < 200 ? (int64_t)q->limit : 200), V(q->disposal)));
    while (upp_next(&row))
        UPP_TRY(reply_disposal(txn, &row));
    return row.rc;
}

int console_hold_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__HoldLines *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT h.hold, h.matter, h.account, h.person, h.at_ms, h.reason, h.review_ms FROM hold h"
        " LEFT JOIN matter m USING (matter) WHERE h.released = 0"
        " AND coalesce(m.account, h.account) IN (SELECT account FROM may_see WHERE person = ?1)"
        " ORDER BY h.at_ms DESC LIMIT 200",
        BIND(V(q->person)));
    while (upp_next(&row)) {
        Uppsikt__HoldLine out = UPPSIKT__HOLD_LINE__INIT;
        Uppsikt__HoldLineContent content = UPPSIKT__HOLD_LINE_CONTENT__INIT;
        char account[200], by[200];
        out.hold = upp_lend(upp_col_text(&row, 0));
        out.matter = upp_lend(upp_col_text(&row, 1));
        out.account = upp_lend(upp_col_text(&row, 2));
        out.by = upp_lend(upp_col_text(&row, 3));
        out.at_ms = upp_col_int(&row, 4);
        out.reason = upp_lend(upp_col_text(&row, 5));
        out.review_ms = upp_col_int(&row, 6);
        UPP_TRY(console_account_name(txn, out.account, account, sizeof account));
        UPP_TRY(console_name(txn, out.by, by, sizeof by));
        content.account = account;
        content.by = by;
        UPP_TRY(upp_reply_content(txn, &out.base, &content.base));
    }
    return row.rc;
}

int console_gate_lines(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__GateLines *q = msg;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT d.matter, d.account, d.decision, d.action, d.reason, d.at_ms,"
        " CASE WHEN d.action = 4 OR EXISTS (SELECT 1 FROM seal e WHERE e.item = d.item AND "
        "e.version = d.version AND"
        " e.level >= d.action - 1) THEN '' WHEN d.action = 3 THEN 'WHOLE' ELSE 'RAW' END"
        " FROM decision d WHERE d.action IN (2, 3, 4) AND NOT EXISTS (SELECT 1 FROM action x"
        " WHERE x.action = d.decision)"
        " AND d.account IN (SELECT account FROM may_see WHERE person = ?1)"
        " ORDER BY d.at_ms LIMIT 100",
        BIND(V(q->person)));
    while (upp_next(&row)) {
        Uppsikt__GateLine out = UPPSIKT__GATE_LINE__INIT;
        Uppsikt__GateLineContent content = UPPSIKT__GATE_LINE_CONTENT__INIT;
        Uppsikt__SheetAction action = UPPSIKT__SHEET_ACTION__INIT;
        char account[200];
        out.matter = upp_lend(upp_col_text(&row, 0));
        out.account = upp_lend(upp_col_text(&row, 1));
        action.action = upp_lend(upp_col_text(&row, 2));
        action.what = (Uppsikt__ItemAction)upp_col_int(&row, 3);
        action.reason = upp_lend(upp_col_text(&row, 4));
        action.at_ms = upp_col_int(&row, 5);
        action.missing = upp_lend(upp_col_text(&row, 6));
        action.state = upp_lend("waiting");
        out.action = &action;
        UPP_TRY(console_account_name(txn, out.account, account, sizeof account));
        content.account = account;
        UPP_TRY(upp_reply_content(txn, &out.base, &content.base));
    }
    return row.rc;
}

int console_greeting(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Greeting *q = msg;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__GreetingRow out = UPPSIKT__GREETING_ROW__INIT;
    Uppsikt__GreetingRowContent content = UPPSIKT__GREETING_ROW_CONTENT__INIT;
    char account[200];
    int64_t ref = 0;
    UPP_TRY(console_account_name(txn, q->account, account, sizeof account));
    {
        UPP_ROWS row = upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1 AND gone = 0",
                                 BIND(V(q->person)));
        if (upp_next(&row))
            ref = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__person_registered_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (!forgotten)
        content.first_name = ((Uppsikt__PersonRegisteredContent *)kept)->first_name;
    out.person = q->person;
    content.account = account;
    return upp_reply_content(txn, &out.base, &content.base);
}
