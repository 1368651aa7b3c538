/* finding.h - where in the comment a label was seen, and why. */
#pragma once
#include "classifier.h"
#include "context.h"
#include "model.h"

/* The lexicons of a classifier: for the training tool, which reads without judging. */
const classify_lexicon *classifier_lexicon(const classifier *c);

/* Fills the findings of every label that has a band: what scanners and lexicons saw; where they saw
 * nothing, the words that weighed most. */
void finding_collect(const struct classify_model *model, const struct classify_reading *reading,
                     const struct feature_list *features, const struct model_score *score,
                     struct classifier_verdict *verdict);

/* Fills the five heaviest parts of every label. */
void finding_explain(const struct classify_model *model, const struct classify_reading *reading,
                     const struct feature_list *features, const struct model_score *score,
                     struct classifier_verdict *verdict);
