/* port_people.c - who there is, asked of the register for a page of hers. */
#include "port_people.h"

enum { UNIT_ROUNDS = PEOPLE_UNITS / VISIT_ROWS, ROUNDS = PEOPLE_MAX / VISIT_ROWS };

static bool add_units(visit *v, people *p)
{
    Uppsikt__Units q = UPPSIKT__UNITS__INIT;
    q.limit = VISIT_ROWS;
    for (int round = 0; round < UNIT_ROUNDS; round++) {
        const visit_rows *rows =
            visit_ask(v, "registry", &q.base, &uppsikt__unit_row__descriptor, NULL);
        for (size_t i = 0; rows && i < rows->n; i++) {
            const Uppsikt__UnitRow *row = (const Uppsikt__UnitRow *)rows->rows[i];
            if (!row->unit)
                continue;
            p->units[p->n_units++] = row;
            q.after = row->unit->unit;
        }
        if (!rows || rows->n < VISIT_ROWS)
            return rows != NULL;
    }
    p->part = true;
    return true;
}

static bool add_persons(visit *v, people *p)
{
    Uppsikt__Persons q = UPPSIKT__PERSONS__INIT;
    q.limit = VISIT_ROWS;
    for (int round = 0; round < ROUNDS; round++) {
        const visit_rows *rows = visit_ask(v, "registry", &q.base, &uppsikt__person_row__descriptor,
                                           &uppsikt__person_row_content__descriptor);
        for (size_t i = 0; rows && i < rows->n; i++) {
            p->persons[p->n] = (const Uppsikt__PersonRow *)rows->rows[i];
            p->whos[p->n++] = ((const Uppsikt__PersonRowContent *)rows->contents[i])->who;
            q.after = ((const Uppsikt__PersonRow *)rows->rows[i])->person;
        }
        if (!rows || rows->n < VISIT_ROWS)
            return rows != NULL;
    }
    p->part = true;
    return true;
}

bool visit_people(visit *v, people *ret_people)
{
    *ret_people = (people){ .n = 0 };
    if (add_units(v, ret_people) && add_persons(v, ret_people))
        return true;
    visit_words(v, 503, "down.title", "down.words");
    return false;
}

upp_ms visit_day(const visit *v, const char *field, int days)
{
    civil_day day = 0;
    upp_ms at = 0;
    if (civil_parse_day(form_value(&v->fields, field), &day) < 0)
        return 0;
    zone_instant(v->house->tz, (civil_ms)(day + days) * UPP_DAY, ZONE_FIRST, &at);
    return at;
}

void visit_beside(visit *v, const char *const *beside, size_t n)
{
    for (size_t c = 0; c < v->view.n_complaints; c++)
        for (size_t i = 0; i < n; i++)
            if (strcmp(strchr(beside[i], ':') + 1, v->view.complaints[c]) == 0) {
                v->view.complaints[c] = beside[i];
                break;
            }
}
