/* duty.h - which law or rule stands behind a label, and the two signals beside the labels. */
#pragma once
#include "classifier.h"
#include "context.h"

/* Sets duty, bbs, urgent and signals of a verdict whose bands are set. */
void duty_decide(const struct classify_reading *reading, struct classifier_verdict *verdict);
