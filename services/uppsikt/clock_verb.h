/* clock_verb.h - `uppsikt clock` on streams that are handed in, for its test. */
#pragma once
#include <stdio.h>

/* As verb_clock, but reads `in`, answers on `out` and complains on `err`. The streams stay the
 * caller's. Gives 0; 1 when a line was bad or the output could not be written; 2 for wrong usage;
 * 78 (EX_CONFIG of sysexits.h) when the policy or its time zone is not usable. */
int clock_verb_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);
