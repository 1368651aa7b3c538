/* view_away.h - the page of a person's absences. */
#pragma once
#include "view_people.h"

typedef struct view_absences {
    const people *people;
    const char *person; /* whose they are */
    view_rows rows;     /* AbsenceRow */
} view_absences;
void view_away(view *v, const view_absences *a);
/* May she write it in for that person? The registry decides; this is what the page offers. */
bool view_away_may(const people *p, const char *by, const char *person);
