/* port_report.c - how it went, as a page and as a table to be saved (R32). */
#include "report_csv.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100, ROUNDS = 50 };

static visit_rows *accounts_after(visit *v, const Uppsikt__Audit *of, const char *after)
{
    Uppsikt__AuditAccounts q = UPPSIKT__AUDIT_ACCOUNTS__INIT;
    q.from_ms = of->from_ms;
    q.to_ms = of->to_ms;
    q.after = upp_lend(after);
    q.limit = PAGE;
    return visit_ask(v, "console", &q.base, &uppsikt__audit_account_row__descriptor,
                     &uppsikt__audit_account_row_content__descriptor);
}

static void show(visit *v, const Uppsikt__Audit *q, const Uppsikt__AuditRow *row, int months)
{
    view_audit a = { .row = row, .from = q->from_ms, .to = q->to_ms, .months = months };
    const visit_rows *accounts = accounts_after(v, q, "");
    if (!accounts) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    visit_view(accounts, &a.accounts);
    a.more = accounts->n == PAGE;
    view_report(&v->view, &a);
}

/* 1: the console's own store does not answer, or there is no end of them. */
static int write_accounts(visit *v, const Uppsikt__Audit *q, buf *out)
{
    char after[ROUTE_PART] = "";
    for (int round = 0; round < ROUNDS; round++) {
        int rc = 0;
        visit_rows *rows = accounts_after(v, q, after);
        if (!rows)
            return 1;
        for (size_t i = 0; i < rows->n && rc == 0; i++) {
            const Uppsikt__AuditAccountRow *row = (const Uppsikt__AuditAccountRow *)rows->rows[i];
            const Uppsikt__AuditAccountRowContent *c =
                (const Uppsikt__AuditAccountRowContent *)rows->contents[i];
            rc = report_csv_rows(out, v->house->phrases, row->clocks, row->n_clocks, c->account);
            snprintf(after, sizeof after, "%s", row->account);
        }
        const bool last = rows->n < PAGE;
        v->n_lists--; /* ours from here: a visit keeps only a few lists */
        visit_free_rows(rows);
        if (rc < 0 || last)
            return rc;
    }
    return 1;
}

static int write_all(visit *v, const Uppsikt__Audit *q, const Uppsikt__AuditRow *row, buf *out)
{
    UPP_TRY(report_csv_head(out, v->house->phrases));
    UPP_TRY(report_csv_rows(out, v->house->phrases, row->clocks, row->n_clocks, NULL));
    return write_accounts(v, q, out);
}

static void give(visit *v, const Uppsikt__Audit *q, const Uppsikt__AuditRow *row)
{
    char from[MOMENT], to[MOMENT];
    UPP_AUTO(buf_done) buf out = { 0 };
    if (write_all(v, q, row, &out) != 0) {
        visit_words(v, 503, "down.title", "down.words"); /* never a part that looks whole */
        return;
    }
    moment_machine(&v->view.clock, q->from_ms, from);
    moment_machine(&v->view.clock, q->to_ms, to);
    v->type = "text/csv; charset=utf-8";
    visit_give(v, &out);
    snprintf(v->file_name, sizeof v->file_name, "uppfoljning-%.10s--%.10s.csv", from, to);
}

void visit_report(visit *v)
{
    Uppsikt__Audit q = UPPSIKT__AUDIT__INIT;
    const long long given = strtoll(form_value(&v->params, "manader"), NULL, 10);
    const int months = given >= 1 && given <= 60 ? (int)given : 1;
    const bool file = strcmp(v->route.id, "konton.csv") == 0;
    q.from_ms = moment_month(&v->view.clock, v->now, 1 - months);
    q.to_ms = v->now;
    if ((v->route.id[0] && !file) || v->route.act[0]) {
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    const visit_rows *found =
        visit_ask(v, "console", &q.base, &uppsikt__audit_row__descriptor, NULL);
    if (!found || found->n == 0)
        visit_words(v, 503, "down.title", "down.words");
    else if (file)
        give(v, &q, (const Uppsikt__AuditRow *)found->rows[0]);
    else
        show(v, &q, (const Uppsikt__AuditRow *)found->rows[0], months);
}
