/* classify_out.h - what `uppsikt classify` prints of a verdict. */
#pragma once
#include "classifier.h"
#include <jansson.h>
#include <stdio.h>

/* A new object {"id", "labels", "question", "findings"}; `id` is lent and may be NULL. `full` adds
 * scores, bands, duties, signals and versions. NULL: out of memory. */
json_t *verdict_json(const classifier *c, json_t *id, const struct classifier_verdict *verdict,
                     bool full);

/* For people: a line a label, then its findings with the words of `text`; with `parts` what weighed
 * most. */
void verdict_print(FILE *to, const char *text, const struct classifier_verdict *verdict,
                   bool parts);

/* Reads a corpus file and prints how the classifier does on it. The exit code. */
int classify_eval(const classifier *c, const struct classifier_policy *policy, const char *path);

/* How long the header of a corpus file is; 0: it has none, and its first line is a row. */
size_t classify_header(const char *text, size_t len);
