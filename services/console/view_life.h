/* view_life.h - the page of an account's life: how far it has come, what is missing, what comes
 * next. */
#pragma once
#include "view_people.h"

typedef struct view_life {
    const people *people;
    const Uppsikt__AccountRow *row;
    const Uppsikt__AccountChangedContent *facts;
} view_life;
/* May that person see it: who keeps the register, leads its unit or is of it, or has access. */
bool view_life_may_see(const view_life *l, const char *person);
/* May she take the next step? The registry decides; this is what the page offers. */
bool view_life_may_act(const view_life *l, const char *person);
void view_life_page(view *v, const view_life *l);
/* The form of a proposal. */
void view_life_new(view *v, const people *p);
