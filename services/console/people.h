/* people.h - who there is, who leads which unit and whose task the register is, as the registry's
 * rules have it (right.c there): what the pages offer; the registry refuses by itself. Pure. */
#pragma once
#include "upp/base.h"
#include "uppsikt/registry.pb-c.h"

enum { PEOPLE_UNITS = 400, PEOPLE_MAX = 800 };

/* All lent. */
typedef struct people {
    const Uppsikt__UnitRow *units[PEOPLE_UNITS];
    const Uppsikt__PersonRow *persons[PEOPLE_MAX];
    const Uppsikt__PersonRegisteredContent *whos[PEOPLE_MAX]; /* NULL: forgotten */
    size_t n_units, n;
    bool part; /* there are more of them */
} people;

/* NULL: there is none, or she is not among these. */
const Uppsikt__PersonRow *people_find(const people *p, const char *person);
const Uppsikt__PersonRegisteredContent *people_who(const people *p, const char *person);
const Uppsikt__UnitRow *people_unit(const people *p, const char *unit);
bool people_has_role(const Uppsikt__PersonRow *row, const char *role);
/* The sector head: the unit's own, else the nearest above; "" nobody. */
const char *people_head(const people *p, const char *unit);
/* Its manager, or its sector head. */
bool people_leads(const people *p, const char *person, const char *unit);
/* Operations and communications keep the register, of every unit. */
bool people_keeps(const people *p, const char *person);
