/* rule_trial.h - two rule sets on the same labelled rows. */
#pragma once
#include "classifier.h"

/* Judges the rows of the corpus file at `path` by both and prints what each got right. CALL_DONE;
 * CALL_WRONG: `then` is worse by more than chance, or finds fewer personal numbers, or a row is
 * wrong, said to stderr; CALL_CONFIG: the file cannot be read. */
int rule_trial(const char *path, const classifier *now, const classifier *then);
