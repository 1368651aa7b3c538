/* goal.h - what we hold the classifier to: classification.md section 4 (R18). */
#pragma once
#include "tally.h"

/* Says each goal of a label that has rows in `t`, then those of the whole, each with what was
 * reached and "met" or "not met"; a line is lent for the call. Gives how many are not met. Cannot
 * fail. */
unsigned goal_each(const struct tally *t, void (*say)(void *ctx, const char *line), void *ctx);
