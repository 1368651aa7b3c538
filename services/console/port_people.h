/* port_people.h - what the pages of the register share: who there is, days, an owner's words beside
 * the field that they are about. Private to port_*.c. */
#pragma once
#include "civil.h"
#include "people.h"
#include "visit.h"
#include <string.h>

/* Who there is, lent until the visit ends; false: the register does not answer, and the page says
 * so. */
bool visit_people(visit *v, people *ret_people);
/* Midnight before the field's day on the wall, `days` later; 0: it is no day. */
upp_ms visit_day(const visit *v, const char *field, int days);
/* Puts a complaint beside its field: `beside` are "field:key". */
void visit_beside(visit *v, const char *const *beside, size_t n);
