/* port_propose.c - a disposal proposed at the console: what the adopted rows let go now, as
 * evidence would list it, and the list itself for another person (R21, R23; sla.md P4). */
#include "civil.h"
#include "suite_clock.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 40, ITEMS = 50, ROUNDS = 3 };
/* Each row's list is made to be counted; those after that are opened one by one. */
static const upp_ms patience_span = 8 * UPP_SECOND;

/* -- the plan -- */
static bool lets_go(const visit *v, const Uppsikt__PlanLine *row)
{
    return strcmp(row->action, "dispose") == 0 && row->decision[0] && row->valid_from_ms <= v->now;
}

/* The adopted rows by which something goes; lent. False: evidence does not answer. */
static bool plan(visit *v, const Uppsikt__PlanLine *ret_rows[ROWS], size_t *ret_n)
{
    Uppsikt__PlanLines q = UPPSIKT__PLAN_LINES__INIT;
    q.limit = VISIT_ROWS;
    *ret_n = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const visit_rows *rows =
            visit_ask(v, "evidence", &q.base, &uppsikt__plan_line__descriptor, NULL);
        for (size_t i = 0; rows && i < rows->n; i++) {
            const Uppsikt__PlanLine *row = (const Uppsikt__PlanLine *)rows->rows[i];
            q.after = row->row;
            if (lets_go(v, row) && *ret_n < ROWS)
                ret_rows[(*ret_n)++] = row;
        }
        if (!rows || rows->n < VISIT_ROWS)
            return rows != NULL;
    }
    return true;
}

/* -- what a row would take -- */
static ProtobufCMessage *dry_run(visit *v, const view_proposal *p, const char **ret_why)
{
    char what[ROUTE_PART + 16];
    ProtobufCMessage *outcome = NULL;
    Uppsikt__ProposeDisposal c = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    const size_t before = v->view.n_complaints;
    const char *kept = v->view.kept_id;
    c.plan_row = p->row->row;
    c.before_ms = p->before_ms;
    c.dry_run = true;
    snprintf(what, sizeof what, "dry-run %.100s", p->row->row);
    const enum visit_end end = visit_tell(v, "evidence", v->view.who->person, what, &c.base,
                                          &uppsikt__disposal_taken__descriptor, &outcome);
    if (end != VISIT_DONE) /* it stands beside its row, not above the page */
        *ret_why = v->view.n_complaints > before
                       ? phrase(v->house->phrases, v->view.complaints[before])
                       : "propose.not-now";
    v->view.n_complaints = before;
    v->view.kept_id = kept;
    return end == VISIT_DONE ? outcome : NULL;
}

/* Before now, unless the row's period is a day that somebody says. */
static view_proposal proposal_of(const visit *v, const Uppsikt__PlanLine *row, upp_ms day)
{
    view_proposal p = { .row = row, .before_ms = day ? day : row->months > 0 ? v->now : 0 };
    if (p.before_ms == 0)
        p.why = "propose.no-period";
    return p;
}

static void show_rows(visit *v, const Uppsikt__PlanLine *const rows[ROWS], size_t n)
{
    view_proposal list[ROWS];
    const upp_ms until = upp_steady_now() + patience_span;
    for (size_t i = 0; i < n; i++) {
        list[i] = proposal_of(v, rows[i], 0);
        if (list[i].why)
            continue;
        list[i].why = "propose.not-now";
        if (upp_steady_now() < until)
            list[i].taken = (const Uppsikt__DisposalTaken *)dry_run(v, &list[i], &list[i].why);
    }
    view_propose(&v->view, list, n);
    for (size_t i = 0; i < n; i++)
        if (list[i].taken)
            protobuf_c_message_free_unpacked((ProtobufCMessage *)(uintptr_t)list[i].taken, NULL);
}

/* The first of the list, with what the console knows of them. */
static void show_one(visit *v, const view_proposal *p)
{
    Uppsikt__DisposedRow listed[ITEMS];
    ProtobufCMessage *rows[ITEMS];
    char *ids[ITEMS], state[] = "listed";
    Uppsikt__Listed q = UPPSIKT__LISTED__INIT;
    view_listing l = { .items = { .rows = rows } };
    for (size_t i = 0; p->taken && i < p->taken->n_items && i < ITEMS; i++) {
        uppsikt__disposed_row__init(&listed[i]);
        listed[i].item = ids[i] = p->taken->items[i];
        listed[i].state = state;
        rows[i] = &listed[i].base;
        l.items.n = i + 1;
    }
    q.person = v->view.who->person;
    q.items = ids;
    q.n_items = l.items.n;
    const visit_rows *known =
        l.items.n > 0 ? visit_ask(v, "console", &q.base, &uppsikt__listed_row__descriptor,
                                  &uppsikt__listed_row_content__descriptor)
                      : NULL;
    visit_view(known, &l.known);
    view_propose_one(&v->view, p, &l);
}

/* Midnight before the day that is given; 0: none, or a complaint. */
static upp_ms day_of(visit *v)
{
    const char *text = form_value(&v->params, "dag");
    civil_day day = 0;
    upp_ms at = 0;
    if (!text[0])
        return 0;
    if (civil_parse_day(text, &day) < 0) {
        visit_complain(v, "dag:find.need-day");
        v->status = 422;
        return 0;
    }
    zone_instant(v->house->tz, (civil_ms)day * UPP_DAY, ZONE_FIRST, &at);
    return at < v->now ? at : v->now; /* nothing was written later */
}

static void show_row(visit *v, const Uppsikt__PlanLine *row)
{
    view_proposal p = proposal_of(v, row, day_of(v));
    ProtobufCMessage *taken =
        v->view.n_complaints == 0 && p.before_ms ? dry_run(v, &p, &p.why) : NULL;
    p.taken = (const Uppsikt__DisposalTaken *)taken;
    v->view.given = &v->params;
    show_one(v, &p);
    if (taken)
        protobuf_c_message_free_unpacked(taken, NULL);
}

void visit_propose_page(visit *v)
{
    const char *wanted = form_value(&v->params, "rad");
    const Uppsikt__PlanLine *rows[ROWS];
    size_t n = 0;
    if (!view_proposes(&v->view)) {
        visit_words(v, 403, "propose.title", "propose.whose");
    } else if (!plan(v, rows, &n)) {
        visit_words(v, 503, "down.title", "down.words");
    } else if (!wanted[0]) {
        show_rows(v, rows, n);
    } else {
        size_t i = 0;
        while (i < n && strcmp(rows[i]->row, wanted) != 0)
            i++;
        if (i < n)
            show_row(v, rows[i]);
        else
            visit_words(v, 404, "none.title", "none.words");
    }
}

/* -- the list -- */
/* What became of it; she is shown the list that it is, whatever she saw before. */
static void ended(visit *v, const Uppsikt__DisposalTaken *taken)
{
    char path[ROUTE_PART + 16], hex[65] = "";
    if (taken->list_sha256.len == 32)
        guard_hex(taken->list_sha256.data, 32, hex);
    const bool same = strcmp(hex, form_value(&v->fields, "list")) == 0;
    visit_catch_up(v, "evidence");
    snprintf(path, sizeof path, "/gallring/%.100s", taken->disposal);
    visit_redirect(v, path, same ? "done.proposed" : "done.proposed-other");
}

void visit_propose(visit *v)
{
    ProtobufCMessage *outcome = NULL;
    Uppsikt__ProposeDisposal c = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    if (!view_proposes(&v->view)) {
        visit_words(v, 403, "propose.title", "propose.whose");
        return;
    }
    c.plan_row = upp_lend(form_value(&v->fields, "rad"));
    c.before_ms = strtoll(form_value(&v->fields, "fore"), NULL, 10);
    if (c.before_ms > v->now || c.before_ms <= 0) {
        visit_words(v, 400, "form.title", "form.words");
        return;
    }
    if (visit_tell(v, "evidence", v->view.who->person, "propose", &c.base,
                   &uppsikt__disposal_taken__descriptor, &outcome) == VISIT_DONE) {
        ended(v, (const Uppsikt__DisposalTaken *)outcome);
        protobuf_c_message_free_unpacked(outcome, NULL);
        return;
    }
    v->status = v->view.kept_id ? 503 : 422;
    visit_propose_page(v);
}
