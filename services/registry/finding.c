/* finding.c - what in the register is not as the rules say, each with its clock. */
#include "registry.h"
#include "uppsikt/escalation.pb-c.h"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

int finding_raise(upp_txn *txn, const finding *f)
{
    char id[UPP_ID];
    upp_id(txn, id);
    const int fresh = upp_exec(
        txn,
        "INSERT INTO finding(finding, account, unit, kind, person, fact, raised_ms, due_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        BIND(V(id), V(or_empty(f->account)), V(or_empty(f->unit)), V(f->kind),
             V(or_empty(f->person)), V(or_empty(f->fact)), V(upp_now(txn)), V(f->due)));
    if (fresh <= 0)
        return fresh;
    Uppsikt__FindingRaised out = UPPSIKT__FINDING_RAISED__INIT;
    out.finding = id;
    out.kind = upp_lend(f->kind);
    out.account = upp_lend(or_empty(f->account));
    out.unit = upp_lend(or_empty(f->unit));
    out.person = upp_lend(or_empty(f->person));
    out.fact = upp_lend(or_empty(f->fact));
    out.raised_ms = upp_now(txn);
    out.due_ms = f->due;
    return upp_emit(txn, id, &out.base, NULL);
}

static int clear_one(upp_txn *txn, const char *id, const char *kind, const char *account)
{
    UPP_TRY(upp_exec(txn, "UPDATE finding SET cleared_ms = ?2 WHERE finding = ?1",
                     BIND(V(id), V(upp_now(txn)))));
    Uppsikt__FindingCleared out = UPPSIKT__FINDING_CLEARED__INIT;
    out.finding = upp_lend(id);
    out.kind = upp_lend(kind);
    out.account = upp_lend(account);
    out.at_ms = upp_now(txn);
    return upp_emit(txn, id, &out.base, NULL);
}

/* One at a time: the cursor must not walk over what is being changed. */
int finding_clear(upp_txn *txn, const finding *f)
{
    for (;;) {
        char id[REGISTRY_ID], kind[24], account[REGISTRY_ID];
        {
            UPP_ROWS row =
                upp_query(txn,
                          "SELECT finding, kind, account FROM finding WHERE cleared_ms = 0"
                          " AND (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR account = ?2)"
                          " AND (?3 IS NULL OR unit = ?3) AND (?4 IS NULL OR person = ?4)"
                          " AND (?5 IS NULL OR fact = ?5) ORDER BY finding LIMIT 1",
                          BIND(V(f->kind), V(f->account), V(f->unit), V(f->person), V(f->fact)));
            if (!upp_next(&row))
                return row.rc;
            text_copy(id, sizeof id, upp_col_text(&row, 0));
            text_copy(kind, sizeof kind, upp_col_text(&row, 1));
            text_copy(account, sizeof account, upp_col_text(&row, 2));
        }
        UPP_TRY(clear_one(txn, id, kind, account));
    }
}

int finding_clear_all(upp_txn *txn, const char *account)
{
    return finding_clear(txn, &(finding){ .account = account });
}

/* -- rungs that nobody stands on, as escalation finds them (sla.md V4) -- */
int finding_rung_empty(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)in;
    const registry_config *config = self;
    const Uppsikt__RungEmpty *e = msg;
    account_row row;
    const int missing = account_read(txn, e->account, &row);
    UPP_TRY(missing);
    if (missing || !life_active(row.state))
        return 0;
    return finding_raise(txn, &(finding){ .kind = "empty-rung",
                                          .account = row.account,
                                          .unit = row.unit,
                                          .fact = text_is_id(e->rung) ? e->rung : NULL,
                                          .due = upp_now(txn) + config->understaffed_span });
}

static int filled(upp_txn *txn, upp_rows *accounts)
{
    while (upp_next(accounts))
        UPP_TRY(finding_clear(
            txn, &(finding){ .kind = "empty-rung", .account = upp_col_text(accounts, 0) }));
    return accounts->rc;
}

int finding_rung_filled_by(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT account FROM access WHERE person = ?1 UNION"
                             " SELECT a.account FROM account a JOIN unit u ON u.unit = a.unit"
                             " WHERE u.manager = ?1 OR u.head = ?1 ORDER BY 1",
                             BIND(V(person)));
    return filled(txn, &row);
}

int finding_rung_filled_in(upp_txn *txn, const char *unit)
{
    UPP_ROWS row = upp_query(txn, "SELECT account FROM account WHERE unit = ?1 ORDER BY account",
                             BIND(V(unit)));
    return filled(txn, &row);
}

int finding_query(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Findings *q = msg;
    UPP_ROWS row = upp_query(txn,
                             "SELECT finding, kind, account, unit, person, fact, raised_ms, due_ms"
                             " FROM finding WHERE cleared_ms = 0 AND finding > ?1"
                             " AND (?2 = '' OR account = ?2) ORDER BY finding LIMIT ?3",
                             BIND(V(q->after), V(q->account), V(text_page(q->limit))));
    while (upp_next(&row)) {
        Uppsikt__FindingRow out = UPPSIKT__FINDING_ROW__INIT;
        Uppsikt__FindingRaised f = UPPSIKT__FINDING_RAISED__INIT;
        f.finding = upp_lend(upp_col_text(&row, 0));
        f.kind = upp_lend(upp_col_text(&row, 1));
        f.account = upp_lend(upp_col_text(&row, 2));
        f.unit = upp_lend(upp_col_text(&row, 3));
        f.person = upp_lend(upp_col_text(&row, 4));
        f.fact = upp_lend(upp_col_text(&row, 5));
        f.raised_ms = upp_col_int(&row, 6);
        f.due_ms = upp_col_int(&row, 7);
        out.finding = &f;
        UPP_TRY(upp_reply(txn, &out.base));
    }
    return row.rc;
}
