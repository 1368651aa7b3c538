/* port_beside.c - beside what is decided: hard texts are counted in the browser that opens them,
 * the next of another category, what to write back (R12, R25). */
#include "exposure.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 50, ROUNDS = 4 };
static const char exposure_cookie[] = "uppsikt-exposed";

/* -- the day's count -- */
static bool is_hard(const Uppsikt__SheetRow *row)
{
    bool hard = row->danger != 0;
    for (size_t i = 0; i < row->desk->n_findings; i++)
        hard = hard || exposure_is_hard((int)row->desk->findings[i]->label);
    return hard;
}

void visit_count_exposure(visit *v, const visit_rows *sheet)
{
    const Uppsikt__SheetRow *row = (const Uppsikt__SheetRow *)sheet->rows[0];
    char value[EXPOSURE_TEXT] = "", now[MOMENT], today[EXPOSURE_DAY];
    exposure e;
    if (!is_hard(row) || strcmp(v->method, "GET") != 0)
        return;
    moment_machine(&v->view.clock, v->now, now);
    snprintf(today, sizeof today, "%.10s", now);
    if (!form_cookie(v->cookie, exposure_cookie, value, sizeof value))
        value[0] = '\0';
    exposure_read(value, today, &e);
    exposure_add(&e, row->desk->opened->matter);
    exposure_write(&e, value);
    visit_set_cookie(v, exposure_cookie, value);
    v->view.exposed = e.n;
}

void visit_forget_exposure(visit *v)
{
    visit_set_cookie(v, exposure_cookie, "");
}

/* -- another category -- */
static unsigned labels_of(const Uppsikt__DeskRow *row)
{
    unsigned set = 0;
    for (size_t i = 0; i < row->n_findings; i++)
        set |= 1U << (unsigned)row->findings[i]->label % 32;
    return set;
}

/* Nobody else has it, and nothing was found in it that was found in this one. */
static bool may_be_next(const visit *v, const Uppsikt__DeskRow *row, unsigned labels)
{
    return strcmp(row->opened->matter, v->route.id) != 0 && (labels_of(row) & labels) == 0 &&
           (!row->owner[0] || strcmp(row->owner, v->view.who->person) == 0);
}

/* 1: there is none. Negative: the console's own store does not answer. */
static int find_next(visit *v, unsigned labels, char ret_path[ROUTE_PART + 8])
{
    char after[ROUTE_PART] = "";
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    q.person = v->view.who->person;
    q.list = UPPSIKT__DESK_LIST__DESK_LIST_ACT;
    q.after = after;
    q.limit = PAGE;
    int found = 1;
    for (int round = 0, more = 1; round < ROUNDS && more && found == 1; round++) {
        visit_rows *rows = visit_ask(v, "console", &q.base, &uppsikt__desk_row__descriptor,
                                     &uppsikt__desk_row_content__descriptor);
        if (!rows)
            return UPP_E_BUSY;
        v->n_lists--; /* ours: a visit keeps only a few lists */
        more = rows->n == PAGE;
        for (size_t i = 0; i < rows->n && found == 1; i++) {
            const Uppsikt__DeskRow *row = (const Uppsikt__DeskRow *)rows->rows[i];
            q.after_ms = row->order_ms;
            snprintf(after, sizeof after, "%s", row->opened->matter);
            if (!may_be_next(v, row, labels))
                continue;
            snprintf(ret_path, ROUTE_PART + 8, "/sak/%s", row->opened->matter);
            found = 0;
        }
        visit_free_rows(rows);
    }
    return found;
}

void visit_next(visit *v)
{
    char path[ROUTE_PART + 8];
    const visit_rows *sheet = visit_sheet(v);
    if (!sheet)
        return;
    const int none =
        find_next(v, labels_of(((const Uppsikt__SheetRow *)sheet->rows[0])->desk), path);
    if (none < 0)
        visit_words(v, 503, "down.title", "down.words");
    else
        visit_redirect(v, none ? "/atgarda" : path, none ? "done.no-other" : NULL);
}

/* -- what is written back -- */
void visit_back(visit *v)
{
    char signature[400];
    const char *given = form_value(&v->params, "skal");
    const visit_rows *sheet = visit_sheet(v);
    if (!sheet)
        return;
    const Uppsikt__SheetRow *row = (const Uppsikt__SheetRow *)sheet->rows[0];
    view_back_text b = { .matter = v->route.id, .reason = "", .signature = signature };
    if (!row->may_act) {
        visit_words(v, 403, "back.title", "acts.only-look");
        return;
    }
    if (!view_taken_away(row, &b.reason, &b.deleted))
        b.reason = "";
    if (view_is_breach(given)) {
        b.reason = given;
        b.deleted = strcmp(form_value(&v->params, "som"), "borttagen") == 0;
    }
    snprintf(signature, sizeof signature, "%.150s, %.200s", v->view.name->first_name,
             v->view.name->title);
    view_back(&v->view, &b);
}
