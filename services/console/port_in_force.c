/* port_in_force.c - which policy the clocks run on, asked of escalation; the authorities' names are
 * the register's (R02). */
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include "visit.h"
#include <stdio.h>
#include <string.h>

/* A visit keeps only a few lists: this one is ours from here. */
static visit_rows *own(visit *v, visit_rows *rows)
{
    v->n_lists -= rows ? 1 : 0;
    return rows;
}

static void name_one(const Uppsikt__UnitRow *row, view_in_force *list, size_t n)
{
    for (size_t i = 1; row->unit && row->authority_name[0] && i < n; i++)
        if (strcmp(list[i].authority, row->unit->authority) == 0)
            snprintf(list[i].name, sizeof list[i].name, "%s", row->authority_name);
}

/* One that the register does not tell of now keeps its id. */
static void name_all(visit *v, view_in_force *list, size_t n)
{
    enum { ROUNDS = 50 };
    char after[sizeof list[0].authority] = "";
    for (int round = 0; round < ROUNDS; round++) {
        Uppsikt__Units q = UPPSIKT__UNITS__INIT;
        q.after = after;
        q.limit = VISIT_ROWS;
        visit_rows *rows =
            own(v, visit_ask(v, "registry", &q.base, &uppsikt__unit_row__descriptor, NULL));
        if (!rows)
            return;
        for (size_t i = 0; i < rows->n; i++) {
            const Uppsikt__UnitRow *row = (const Uppsikt__UnitRow *)rows->rows[i];
            name_one(row, list, n);
            if (row->unit)
                snprintf(after, sizeof after, "%s", row->unit->unit);
        }
        const bool last = rows->n < VISIT_ROWS;
        visit_free_rows(rows);
        if (last)
            return;
    }
}

size_t visit_in_force(visit *v, view_in_force *ret_list, size_t size)
{
    const Uppsikt__PolicyInForce q = UPPSIKT__POLICY_IN_FORCE__INIT;
    size_t n = 0;
    visit_rows *rows = own(
        v, visit_ask(v, "escalation", &q.base, &uppsikt__policy_in_force_row__descriptor, NULL));
    if (!rows)
        return 0;
    for (; n < rows->n && n < size; n++) {
        const Uppsikt__PolicyInForceRow *row = (const Uppsikt__PolicyInForceRow *)rows->rows[n];
        ret_list[n].version = row->version;
        snprintf(ret_list[n].authority, sizeof ret_list[n].authority, "%s", row->authority);
        snprintf(ret_list[n].name, sizeof ret_list[n].name, "%s", row->authority);
    }
    visit_free_rows(rows);
    if (n > 1)
        name_all(v, ret_list, n);
    return n;
}
