/* calibrate.c - from scores to probabilities, and the thresholds of the bands. */
#include "train.h"
#include <math.h>
#include <stdlib.h>

/* Newton's method on three numbers: how the whole counts, the strongest sentence, and a shift. */
static void fit(const struct train_set *set, const bool use[THEMES_MAX],
                const struct train_score *scores, unsigned label, struct model_label *ret)
{
    double b[3] = { 1, 0, 0 };
    for (int step = 0; step < 30; step++) {
        double g[3] = { 0 };
        double h[3][3] = { { 0 } };
        for (size_t i = 0; i < set->n; i++) {
            if (!use[set->row[i].theme])
                continue;
            const double x[3] = { scores[i].doc[label], scores[i].top[label], 1 };
            const double p = 1 / (1 + exp(-(b[0] * x[0] + b[1] * x[1] + b[2])));
            const double y = (set->row[i].is.labels >> label) & 1u;
            for (int r = 0; r < 3; r++) {
                g[r] += (y - p) * x[r];
                for (int c = 0; c < 3; c++)
                    h[r][c] += p * (1 - p) * x[r] * x[c];
            }
        }
        for (int r = 0; r < 3; r++) {
            g[r] -= 0.1 * (b[r] - (r == 0 ? 1 : 0));
            h[r][r] += 0.1;
        }
        for (int r = 0; r < 3; r++) { /* Gauss-Jordan; h is positive definite */
            const double pivot = h[r][r];
            for (int c = 0; c < 3; c++)
                h[r][c] /= pivot;
            g[r] /= pivot;
            for (int o = 0; o < 3; o++) {
                if (o == r)
                    continue;
                const double by = h[o][r];
                for (int c = 0; c < 3; c++)
                    h[o][c] -= by * h[r][c];
                g[o] -= by * g[r];
            }
        }
        for (int r = 0; r < 3; r++)
            b[r] += fmax(-2, fmin(2, g[r]));
    }
    ret->doc = (float)b[0];
    ret->top = (float)b[1];
    ret->shift = (float)b[2];
}

float calibrated(const struct model_label *label, float doc, float top)
{
    return 1.0f / (1.0f + expf(-(label->doc * doc + label->top * top + label->shift)));
}

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
 * hurts most), decided where F1 is highest; a question at recall 0.97 while precision holds 0.8. */
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
        if (label == CLASSIFY_QUESTION && recall >= 0.97 && precision >= 0.8)
            good += 1;
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

void calibrate(const struct train_set *set, const bool use[THEMES_MAX],
               const struct train_score *scores, struct model_label ret[CLASSIFY_LABELS])
{
    struct point *points = malloc((set->n + 1) * sizeof *points);
    for (unsigned l = 0; points && l < CLASSIFY_LABELS; l++) {
        fit(set, use, scores, l, &ret[l]);
        size_t n = 0;
        for (size_t i = 0; i < set->n; i++) {
            if (use[set->row[i].theme])
                points[n++] = (struct point){
                    calibrated(&ret[l], scores[i].doc[l], scores[i].top[l]),
                    (set->row[i].is.labels >> l) & 1u,
                };
        }
        set_thresholds(points, n, l, &ret[l]);
    }
    free(points);
}

unsigned decided(const struct train_row *row, const struct train_score *score,
                 const struct model_label label[CLASSIFY_LABELS])
{
    unsigned labels = row->sure ? CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA) : 0;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (calibrated(&label[l], score->doc[l], score->top[l]) >= label[l].decide)
            labels |= CLASSIFY_BIT(l);
    }
    return labels;
}
