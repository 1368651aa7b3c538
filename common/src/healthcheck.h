/* healthcheck.h - asks a service's own /readyz, for containers without a shell. */
#pragma once
#include "upp/base.h"
#include <stdio.h>

/* `where` as from upp_ops_where. Blocks for 3 s at most. 0: ready; 1: not, or no answer; the answer
 * or the reason goes to `out` as one line. Its value is the sub-command's exit code. */
int upp_healthcheck(const char *where, FILE *out);
