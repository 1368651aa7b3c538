/* decide.h - a decision as its form says it, and what became of it. Pure. */
#pragma once
#include "form.h"
#include "uppsikt/escalation.pb-c.h"

/* What is to happen, why and by which ground; all texts are the form's. The matter and its version
 * are the caller's to fill in. What is wrong, as a complaint ("field:key"); NULL: nothing. */
const char *decide_read(const form *f, Uppsikt__Decide *ret_decide);
/* Is it one of the reasons why something may stay? */
bool decide_is_stay(const char *reason);
/* What was done, as a key of the catalogue. */
const char *decide_done(const Uppsikt__Decided *said);
