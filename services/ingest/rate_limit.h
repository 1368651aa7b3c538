/* rate_limit.h - how long a platform wants to be let be, where it says so by its own clock. Pure.
 */
#pragma once
#include "connector.h"

/* The answer's own word for it: `retry-after` in seconds, else the unix second in the header
 * `reset` less the answer's `date` (both are the platform's, so our clock may be wrong). Between a
 * second and a day; a quarter of an hour, the usual window, when it does not say. */
upp_ms rate_limit_wait(const platform_answer *a, const char *reset);
