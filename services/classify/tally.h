/* tally.h - rows of a corpus file, and how well a judge did on them. */
#pragma once
#include "label.h"

/* One row, pointing into the file's text. */
struct corpus_row {
    const char *id, *text;
    size_t id_len, text_len;
    size_t group_len; /* of the id: all but the running number */
    unsigned labels;  /* CLASSIFY_BIT */
    bool english;
};

/* Reads the line at *at (offset into text of `len` bytes), which moves to the next one. 1: the end,
 * or the header was skipped as the only line; UPP_E_INPUT with *ret_why: the line is wrong, *at has
 * moved on. Line numbers are the caller's to count: one a call. */
UPP_MUST_USE int corpus_read(const char *text, size_t len, size_t *at, struct corpus_row *ret_row,
                             const char **ret_why);

struct tally_cell {
    unsigned hit, false_alarm, missed;
};

#define TALLY_GROUPS 256

struct tally_group {
    char name[48];
    unsigned rows, exact;
    struct tally_cell all;
};

struct tally {
    unsigned rows, exact;
    struct tally_cell label[CLASSIFY_LABELS + 1]; /* the last is "ok" */
    unsigned fine_rows, fine_alarms;              /* rows without violation; those called so */
    size_t n_groups;
    struct tally_group group[TALLY_GROUPS];
};

void tally_start(struct tally *t);
/* `said` is what the judge said. */
void tally_add(struct tally *t, const struct corpus_row *row, unsigned said);

double tally_precision(const struct tally_cell *c);
double tally_recall(const struct tally_cell *c);
double tally_f1(const struct tally_cell *c);
/* Over the eleven labels. */
double tally_micro(const struct tally *t);
double tally_macro(const struct tally *t);
double tally_alarms(const struct tally *t); /* share of fine rows with a false alarm */
