/* people.c - who leads which unit, and whose task the register is. */
#include "people.h"
#include <string.h>

enum { LINKS = 64 }; /* as the registry has it */

const Uppsikt__PersonRow *people_find(const people *p, const char *person)
{
    for (size_t i = 0; person[0] && i < p->n; i++)
        if (strcmp(p->persons[i]->person, person) == 0)
            return p->persons[i];
    return NULL;
}

const Uppsikt__PersonRegisteredContent *people_who(const people *p, const char *person)
{
    for (size_t i = 0; person[0] && i < p->n; i++)
        if (strcmp(p->persons[i]->person, person) == 0)
            return p->whos[i];
    return NULL;
}

const Uppsikt__UnitRow *people_unit(const people *p, const char *unit)
{
    for (size_t i = 0; unit[0] && i < p->n_units; i++)
        if (strcmp(p->units[i]->unit->unit, unit) == 0)
            return p->units[i];
    return NULL;
}

bool people_has_role(const Uppsikt__PersonRow *row, const char *role)
{
    for (size_t i = 0; row && i < row->n_roles; i++)
        if (strcmp(row->roles[i], role) == 0)
            return true;
    return false;
}

const char *people_head(const people *p, const char *unit)
{
    const Uppsikt__UnitRow *row = people_unit(p, unit);
    for (int link = 0; row && link < LINKS; link++) {
        if (row->unit->head[0])
            return row->unit->head;
        row = people_unit(p, row->unit->parent);
    }
    return "";
}

bool people_leads(const people *p, const char *person, const char *unit)
{
    const Uppsikt__UnitRow *row = people_unit(p, unit);
    return row && person[0] &&
           (strcmp(row->unit->manager, person) == 0 || strcmp(people_head(p, unit), person) == 0);
}

bool people_keeps(const people *p, const char *person)
{
    const Uppsikt__PersonRow *row = people_find(p, person);
    return people_has_role(row, "operations") || people_has_role(row, "communications");
}
