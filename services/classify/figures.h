/* figures.h - what a training measured, and whether a model may take another's place. Pure. */
#pragma once
#include "upp/base.h"

/* Ten-thousandths; `known` false: nothing was said. */
struct model_figures {
    bool known;
    uint32_t frozen_micro_f1;  /* on the frozen themes, by weights that saw none of them */
    uint32_t personal_numbers; /* the share of the rows with one that was found */
};

/* Reads them from the text that uppsikt-train writes beside a model (model.txt). Not known when a
 * line is missing or is no share of one. */
struct model_figures figures_read(const char *text);

/* False: the new model's training found fewer personal numbers, or judged the frozen themes worse
 * than by chance (half a point). True too when one of them is not known: then nobody can say. */
bool figures_may_follow(struct model_figures now, struct model_figures next);
