/* view_chosen.h - the pages of one decision on many matters. */
#pragma once
#include "chosen.h"
#include "view.h"

/* What is chosen, what of it cannot be decided so, and what is to happen with the rest. */
void view_chosen(view *v, const chosen *c);
/* What is about to be decided, to be confirmed. */
void view_chosen_summary(view *v, const chosen *c, const Uppsikt__Decide *d);
/* What became of each; what had no answer can be sent again. */
void view_chosen_result(view *v, const chosen *c);
