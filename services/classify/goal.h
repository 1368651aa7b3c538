/* goal.h - what we hold the classifier to: classification.md section 4 (R18). */
#pragma once
#include "tally.h"

/* Says each goal of a label that has rows in `t`, then those of the whole, each with what was
 * reached and "met" or "not met". Gives how many are not met. */
unsigned goal_each(const struct tally *t, void (*say)(void *ctx, const char *line), void *ctx);
