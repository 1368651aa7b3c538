/* calibrate.c - the thresholds of the bands. */
#include "train.h"
#include <stdlib.h>

struct point {
    float p;
    bool truth;
};

static int by_falling_p(const void *a, const void *b)
{
    const struct point *x = a;
    const struct point *y = b;
    return x->p > y->p ? -1 : x->p < y->p;
}

/* classification.md section 3: likely at precision 0.9, review at recall 0.9 (0.95 where a miss
 * hurts most), decided where F1 is highest; for a question recall counts more, since a
 * missed one breaks the rules and a false one costs a click. */
static void set_thresholds(struct point *points, size_t n, unsigned label, struct model_label *ret)
{
    qsort(points, n, sizeof *points, by_falling_p);
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += points[i].truth;
    const bool careful = label == CLASSIFY_PERSONAL_DATA || label == CLASSIFY_INCITEMENT;
    const double review_recall = careful ? 0.95 : label == CLASSIFY_QUESTION ? 0.97 : 0.9;
    ret->likely = 0.99f;
    ret->review = 0.01f;
    ret->decide = 0.5f;
    double best = -1;
    bool reviewed = false;
    size_t hits = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        hits += points[i].truth;
        const float between = (points[i].p + points[i + 1].p) / 2;
        const double precision = (double)hits / (double)(i + 1);
        const double recall = all ? (double)hits / (double)all : 0;
        double good = 2 * precision * recall / (precision + recall + 1e-9);
        if (label == CLASSIFY_QUESTION) /* recall counts more: F with beta 1.7 */
            good = 3.89 * precision * recall / (2.89 * precision + recall + 1e-9);
        if (good > best) {
            best = good;
            ret->decide = between;
        }
        if (precision >= 0.9 && hits > 4)
            ret->likely = between;
        if (!reviewed && recall >= review_recall) {
            reviewed = true;
            ret->review = between;
        }
    }
    if (ret->review > ret->decide)
        ret->review = ret->decide;
    if (ret->likely < ret->decide)
        ret->likely = ret->decide;
}

bool calibrate(const struct train_set *set, const bool use[THEMES_MAX],
               const struct train_chance *chance, struct model_label ret[CLASSIFY_LABELS])
{
    struct point *points = malloc((set->n + 1) * sizeof *points);
    for (unsigned l = 0; points && l < CLASSIFY_LABELS; l++) {
        size_t n = 0;
        for (size_t i = 0; i < set->n; i++) {
            if (use[set->row[i].theme])
                points[n++] = (struct point){ chance[i].p[l], (set->row[i].is.labels >> l) & 1u };
        }
        set_thresholds(points, n, l, &ret[l]);
    }
    free(points);
    return points != NULL;
}

unsigned decided(const struct train_row *row, const struct train_chance *chance,
                 const struct model_label label[CLASSIFY_LABELS])
{
    unsigned labels = row->sure;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (chance->p[l] >= label[l].decide)
            labels |= CLASSIFY_BIT(l);
    }
    return labels;
}
