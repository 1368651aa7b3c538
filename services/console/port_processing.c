/* port_processing.c - the register of processing, as a page and as a file (R29). */
#include "processing_csv.h"
#include "uppsikt/registry.pb-c.h"
#include "visit.h"
#include <stdio.h>
#include <string.h>

/* More than any municipality has; one with more gets no part that looks whole. */
enum { ROUNDS = 3, AUTHORITIES = 100 };

typedef struct gathered {
    processing_controller controllers[AUTHORITIES];
    const Uppsikt__PlanLine *plan[ROUNDS * VISIT_ROWS];
    processing p;
} gathered;

static bool knows(const gathered *g, const char *authority)
{
    for (size_t i = 0; i < g->p.n_controllers; i++)
        if (strcmp(g->controllers[i].authority, authority) == 0)
            return true;
    return false;
}

/* The register tells of authorities by their units; one without any has nothing here. */
static bool gather_authorities(visit *v, gathered *g)
{
    Uppsikt__Units q = UPPSIKT__UNITS__INIT;
    q.limit = VISIT_ROWS;
    for (int round = 0; round < ROUNDS; round++) {
        const visit_rows *rows =
            visit_ask(v, "registry", &q.base, &uppsikt__unit_row__descriptor, NULL);
        for (size_t i = 0; rows && i < rows->n; i++) {
            const Uppsikt__UnitRow *row = (const Uppsikt__UnitRow *)rows->rows[i];
            if (!row->unit)
                continue;
            q.after = row->unit->unit;
            if (knows(g, row->unit->authority))
                continue;
            if (g->p.n_controllers == AUTHORITIES)
                return false;
            g->controllers[g->p.n_controllers++] =
                (processing_controller){ row->unit->authority, row->authority_name,
                                         row->org_number };
        }
        if (!rows || rows->n < VISIT_ROWS)
            return rows != NULL;
    }
    return false;
}

static bool gather_plan(visit *v, gathered *g)
{
    Uppsikt__PlanLines q = UPPSIKT__PLAN_LINES__INIT;
    q.limit = VISIT_ROWS;
    for (int round = 0; round < ROUNDS; round++) {
        const visit_rows *rows =
            visit_ask(v, "evidence", &q.base, &uppsikt__plan_line__descriptor, NULL);
        for (size_t i = 0; rows && i < rows->n; i++) {
            const Uppsikt__PlanLine *row = (const Uppsikt__PlanLine *)rows->rows[i];
            g->plan[g->p.n_plan++] = row;
            q.after = row->row;
        }
        if (!rows || rows->n < VISIT_ROWS)
            return rows != NULL;
    }
    return false;
}

static void give(visit *v, const processing *p)
{
    char now[MOMENT];
    UPP_AUTO(buf_done) buf out = { 0 };
    if (processing_csv(&out, v->house->phrases, p) != 0) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    moment_machine(&v->view.clock, v->now, now);
    v->type = "text/csv; charset=utf-8";
    visit_give(v, &out);
    snprintf(v->file_name, sizeof v->file_name, "registerforteckning-%.10s.csv", now);
}

void visit_processing(visit *v)
{
    gathered g = { .p = { .note = v->house->config->processing_note, .now = v->now } };
    g.p.controllers = g.controllers;
    g.p.plan = g.plan;
    g.p.note = g.p.note ? g.p.note : "";
    if (!gather_authorities(v, &g) || !gather_plan(v, &g))
        visit_words(v, 503, "down.title", "down.words"); /* never a part that looks whole */
    else if (v->route.page == ROUTE_PROCESSING_FILE)
        give(v, &g.p);
    else
        view_processing(&v->view, &g.p);
}
