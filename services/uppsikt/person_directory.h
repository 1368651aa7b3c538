/* person_directory.h - `uppsikt person directory`. */
#pragma once
#include "call.h"

/* Says what the organisation's own directory calls her, or that it does not sign her in. The exit
 * code. */
int person_directory(verb_call *call);
