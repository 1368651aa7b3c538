/* processing.h - what is processed, as GDPR art. 30 asks for it (R29): a table of the kinds of data
 * that uppsikt keeps, and which rows of the plan cover each. No words of anybody's. Pure. */
#pragma once
#include "phrase.h"
#include "uppsikt/evidence.pb-c.h"

/* An authority: the controller of what its accounts and people leave here. All lent. */
typedef struct processing_controller {
    const char *authority, *name, *org_number;
} processing_controller;

typedef struct processing {
    const processing_controller *controllers;
    size_t n_controllers;
    const Uppsikt__PlanLine *const *plan;
    size_t n_plan;
    const char *note; /* where it all is processed; "": nobody has said it */
    upp_ms now;
} processing;

/* A kind's texts are "processing.<kind>" and that with what is said of it behind: see fields. */
enum { PROCESSING_KINDS = 9, PROCESSING_TERM = 160 };
/* "comments"; NULL: no such kind. */
const char *processing_kind(size_t kind);
/* What is said of each kind: "purpose", "whose", "kept", "access", "receivers"; NULL: no more. */
const char *processing_field(size_t field);
/* The catalogue's text of a kind's field; of its name with `field` NULL. Nothing is said of
 * PROCESSING_KINDS but its name: the other rows of the plan. */
const char *processing_text(const phrases *words, size_t kind, const char *field);
/* The next row in force of that controller's plan which covers the kind, from *at, which is moved
 * past it (0 to begin). NULL: no more; when there was none at all, it is kept. With `kind`
 * PROCESSING_KINDS: the rows that cover none of them. */
const Uppsikt__PlanLine *processing_row(const processing *p, const processing_controller *c,
                                        size_t kind, size_t *at);
/* "gallras efter 24 månader", "bevaras". */
void processing_term(const phrases *words, const Uppsikt__PlanLine *row,
                     char ret_term[PROCESSING_TERM]);
