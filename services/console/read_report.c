/* read_report.c - the numbers that an auditor asks for (R32): facts alone, no name, no text. */
#include "console.h"
#include <stdio.h>
#include <string.h>

enum { STEPS = 12, REASONS = 32, ACCOUNTS = 100, ACCOUNT_ID = 48 };

/* How many the share is of: what ended, and what ought to have. */
static int64_t judged(const Uppsikt__ReportRow *c)
{
    return c->met + c->late + c->open_late;
}

static int count_matters(upp_txn *txn, const clock_counts *counts, Uppsikt__AuditRow *out)
{
    for (size_t i = 0; i < CLOCKS; i++) {
        const Uppsikt__ReportRow *c = &counts->row[i];
        if (strcmp(c->clock, "moderation") == 0 || strcmp(c->clock, "akut") == 0) {
            out->removals += judged(c);
            out->within_due += c->met;
            out->within_attended += c->within_attended;
        } else if (strcmp(c->clock, "question") == 0 || strcmp(c->clock, "answer") == 0) {
            out->questions += judged(c);
            out->answered += c->met + c->late;
            out->answered_within += c->met;
            out->needs_no_answer += c->needs_no_answer;
        }
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT coalesce(sum(kind = 3), 0), coalesce(sum(due_ms > 0"
                             " AND due_ms < ?1), 0) FROM matter WHERE state = 0 AND errand = ''",
                             BIND(V(upp_now(txn))));
    if (upp_next(&row)) {
        out->unanswered = upp_col_int(&row, 0);
        out->late_now = upp_col_int(&row, 1);
    }
    return row.rc;
}

/* Days of accounts, by local date; the edges are days of UTC, a difference of hours. */
static int count_watch(upp_txn *txn, const Uppsikt__Audit *q, Uppsikt__AuditRow *out)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*), coalesce(sum(watched), 0) FROM watch"
                             " WHERE day >= ?1 AND day <= ?2",
                             BIND(V(q->from_ms / UPP_DAY), V(q->to_ms / UPP_DAY)));
    if (upp_next(&row)) {
        out->watch_days = upp_col_int(&row, 0);
        out->watched_days = upp_col_int(&row, 1);
    }
    return row.rc;
}

static int count_register(upp_txn *txn, const Uppsikt__Audit *q, Uppsikt__AuditRow *out)
{
    UPP_ROWS row = upp_query(
        txn,
        "SELECT (SELECT count(*) FROM account WHERE state IN (4, 5)),"
        " (SELECT count(*) FROM account a WHERE a.state IN (4, 5) AND (SELECT count(*) FROM access"
        " x JOIN person p USING (person) WHERE x.account = a.account AND p.gone = 0) < 2),"
        " (SELECT coalesce(sum(n), 0) FROM disposal WHERE state = 'disposed' AND at_ms >= ?1"
        " AND at_ms < ?2), (SELECT coalesce(sum(d.n), 0) FROM disposal d JOIN plan p"
        " USING (plan_row) WHERE d.state = 'disposed' AND p.decision <> '' AND d.at_ms >= ?1"
        " AND d.at_ms < ?2), (SELECT count(DISTINCT account) FROM package WHERE at_ms >= ?1"
        " AND at_ms < ?2)",
        BIND(V(q->from_ms), V(q->to_ms)));
    if (upp_next(&row)) {
        out->accounts = upp_col_int(&row, 0);
        out->understaffed = upp_col_int(&row, 1);
        out->disposed = upp_col_int(&row, 2);
        out->disposed_with_decision = upp_col_int(&row, 3);
        out->packages = upp_col_int(&row, 4);
    }
    return row.rc;
}

typedef struct tables {
    Uppsikt__AuditStep step[STEPS], *steps[STEPS];
    Uppsikt__AuditReason reason[REASONS], *reasons[REASONS];
    char step_names[STEPS][16], reason_names[REASONS][64];
} tables;

static int count_steps(upp_txn *txn, const Uppsikt__Audit *q, tables *t, Uppsikt__AuditRow *out)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT step, sum(n) FROM step WHERE day >= ?1 AND day <= ?2"
                             " GROUP BY step ORDER BY step LIMIT ?3",
                             BIND(V(q->from_ms / UPP_DAY), V(q->to_ms / UPP_DAY), V(STEPS)));
    out->steps = t->steps;
    while (upp_next(&row)) {
        const size_t n = out->n_steps++;
        uppsikt__audit_step__init(&t->step[n]);
        snprintf(t->step_names[n], sizeof t->step_names[n], "%s", upp_col_text(&row, 0));
        t->step[n].step = t->step_names[n];
        t->step[n].n = upp_col_int(&row, 1);
        t->steps[n] = &t->step[n];
    }
    return row.rc;
}

static int count_reasons(upp_txn *txn, const Uppsikt__Audit *q, tables *t, Uppsikt__AuditRow *out)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT reason, sum(action = 2), sum(action = 3), sum(action = 1)"
                             " FROM decision WHERE at_ms >= ?1 AND at_ms < ?2"
                             " GROUP BY reason ORDER BY count(*) DESC, reason LIMIT ?3",
                             BIND(V(q->from_ms), V(q->to_ms), V(REASONS)));
    out->reasons = t->reasons;
    while (upp_next(&row)) {
        const size_t n = out->n_reasons++;
        uppsikt__audit_reason__init(&t->reason[n]);
        snprintf(t->reason_names[n], sizeof t->reason_names[n], "%s", upp_col_text(&row, 0));
        t->reason[n].reason = t->reason_names[n];
        t->reason[n].hidden = upp_col_int(&row, 1);
        t->reason[n].deleted = upp_col_int(&row, 2);
        t->reason[n].kept = upp_col_int(&row, 3);
        t->reasons[n] = &t->reason[n];
    }
    return row.rc;
}

int console_audit(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Audit *q = msg;
    Uppsikt__AuditRow out = UPPSIKT__AUDIT_ROW__INIT;
    tables t;
    clock_counts counts;
    const clock_period period = { q->from_ms, q->to_ms };
    UPP_TRY(clocks_count(txn, "", &period, &counts));
    out.clocks = counts.list;
    out.n_clocks = counts.n;
    UPP_TRY(count_matters(txn, &counts, &out));
    UPP_TRY(count_register(txn, q, &out));
    UPP_TRY(count_watch(txn, q, &out));
    UPP_TRY(count_steps(txn, q, &t, &out));
    UPP_TRY(count_reasons(txn, q, &t, &out));
    return upp_reply(txn, &out.base);
}

/* -- by account -- */
typedef struct account_ids {
    char id[ACCOUNTS][ACCOUNT_ID], platform[ACCOUNTS][32], unit[ACCOUNTS][ACCOUNT_ID];
    size_t n;
} account_ids;

static int read_accounts(upp_txn *txn, const Uppsikt__AuditAccounts *q, account_ids *ret_ids)
{
    account_ids *ids = ret_ids;
    const int64_t limit = q->limit > 0 && q->limit < ACCOUNTS ? q->limit : ACCOUNTS;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT m.account, coalesce(a.platform, ''), coalesce(a.unit, '') FROM"
        " (SELECT DISTINCT account FROM matter WHERE received_ms >= ?1 AND received_ms < ?2"
        " AND errand IN ('', 'appeal') AND kind IN (1, 2, 3) AND account > ?3 ORDER BY account "
        "LIMIT ?4) m"
        " LEFT JOIN account a USING (account) ORDER BY m.account",
        BIND(V(q->from_ms), V(q->to_ms), V(q->after), V(limit)));
    ids->n = 0;
    while (ids->n < ACCOUNTS && upp_next(&row)) {
        snprintf(ids->id[ids->n], ACCOUNT_ID, "%s", upp_col_text(&row, 0));
        snprintf(ids->platform[ids->n], sizeof ids->platform[0], "%s", upp_col_text(&row, 1));
        snprintf(ids->unit[ids->n++], ACCOUNT_ID, "%s", upp_col_text(&row, 2));
    }
    return row.rc;
}

int console_audit_accounts(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__AuditAccounts *q = msg;
    const clock_period period = { q->from_ms, q->to_ms };
    account_ids ids;
    UPP_TRY(read_accounts(txn, q, &ids));
    for (size_t i = 0; i < ids.n; i++) {
        char name[200];
        clock_counts counts;
        Uppsikt__AuditAccountRow out = UPPSIKT__AUDIT_ACCOUNT_ROW__INIT;
        Uppsikt__AuditAccountRowContent content = UPPSIKT__AUDIT_ACCOUNT_ROW_CONTENT__INIT;
        UPP_TRY(clocks_count(txn, ids.id[i], &period, &counts));
        UPP_TRY(console_account_name(txn, ids.id[i], name, sizeof name));
        out.account = ids.id[i];
        out.platform = ids.platform[i];
        out.unit = ids.unit[i];
        out.clocks = counts.list;
        out.n_clocks = counts.n;
        content.account = name;
        UPP_TRY(upp_reply_content(txn, &out.base, &content.base));
    }
    return 0;
}
