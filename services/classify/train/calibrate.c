/* calibrate.c - from scores to probabilities, and the thresholds of the bands. */
#include "train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TERMS (MODEL_MIX + 1) /* all scores, and a shift */

/* Solves h x = g in place (Gauss-Jordan; h is positive definite): x is in g. */
static void solve(double h[TERMS][TERMS], double g[TERMS])
{
    for (int r = 0; r < TERMS; r++) {
        const double pivot = h[r][r];
        for (int c = 0; c < TERMS; c++)
            h[r][c] /= pivot;
        g[r] /= pivot;
        for (int o = 0; o < TERMS; o++) {
            if (o == r)
                continue;
            const double by = h[o][r];
            for (int c = 0; c < TERMS; c++)
                h[o][c] -= by * h[r][c];
            g[o] -= by * g[r];
        }
    }
}

static void terms(const struct train_score *score, double ret[TERMS])
{
    for (int l = 0; l < CLASSIFY_LABELS; l++) {
        ret[l] = score->doc[l];
        ret[CLASSIFY_LABELS + l] = score->top[l];
    }
    ret[MODEL_MIX] = 1;
}

struct fitting {
    const struct train_set *set;
    const bool *use;
    const struct train_score *scores;
    unsigned label;
    double hold;
};

/* How badly b explains the rows, the hold included: what Newton's method brings down. */
static double badness(const struct fitting *f, const double b[TERMS])
{
    double sum = 0;
    for (int r = 0; r < MODEL_MIX; r++) {
        const double off = b[r] - (r == (int)f->label ? 1 : 0);
        sum += 0.5 * f->hold * off * off;
    }
    for (size_t i = 0; i < f->set->n; i++) {
        if (!f->use[f->set->row[i].theme])
            continue;
        double x[TERMS];
        terms(&f->scores[i], x);
        double z = 0;
        for (int r = 0; r < TERMS; r++)
            z += b[r] * x[r];
        const double wrong = ((f->set->row[i].is.labels >> f->label) & 1u) ? -z : z;
        sum += wrong > 0 ? wrong + log1p(exp(-wrong)) : log1p(exp(wrong));
    }
    return sum;
}

/* The step of Newton's method from b. */
static void newton(const struct fitting *f, const double b[TERMS], double ret_step[TERMS])
{
    double h[TERMS][TERMS];
    for (int r = 0; r < TERMS; r++) {
        ret_step[r] = r == MODEL_MIX ? 0 : -f->hold * (b[r] - (r == (int)f->label ? 1 : 0));
        for (int c = 0; c < TERMS; c++)
            h[r][c] = r != c ? 0 : r == MODEL_MIX ? 1e-6 : f->hold;
    }
    for (size_t i = 0; i < f->set->n; i++) {
        if (!f->use[f->set->row[i].theme])
            continue;
        double x[TERMS];
        terms(&f->scores[i], x);
        double z = 0;
        for (int r = 0; r < TERMS; r++)
            z += b[r] * x[r];
        const double p = 1 / (1 + exp(-z));
        const double y = (f->set->row[i].is.labels >> f->label) & 1u;
        for (int r = 0; r < TERMS; r++) {
            ret_step[r] += (y - p) * x[r];
            for (int c = 0; c < TERMS; c++)
                h[r][c] += p * (1 - p) * x[r] * x[c];
        }
    }
    solve(h, ret_step);
}

/* How the scores of all labels make one label's probability. Held near "its own score of the
 * whole, as it is" where the rows do not say otherwise. A step that would make it worse is halved:
 * far from the best place Newton's own step leads away from it. */
static void fit(const struct train_set *set, const bool use[THEMES_MAX],
                const struct train_score *scores, unsigned label, double hold,
                struct model_label *ret)
{
    const struct fitting f = { set, use, scores, label, hold };
    double b[TERMS] = { 0 };
    b[label] = 1;
    double best = badness(&f, b);
    for (int round = 0; round < 30; round++) {
        double step[TERMS];
        newton(&f, b, step);
        double size = 1;
        double next[TERMS];
        double now = INFINITY;
        for (; size > 1e-4 && !(now < best); size /= 2) {
            for (int r = 0; r < TERMS; r++)
                next[r] = b[r] + size * step[r];
            now = badness(&f, next);
        }
        if (!(now < best))
            break;
        const bool done = best - now < 1e-6 * best;
        memcpy(b, next, sizeof b);
        best = now;
        if (done)
            break;
    }
    for (int r = 0; r < MODEL_MIX; r++)
        ret->mix[r] = (float)b[r];
    ret->shift = (float)b[MODEL_MIX];
}

float calibrated(const struct model_label *label, const struct train_score *score)
{
    return model_probability(label, score->doc, score->top);
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
        if (label == CLASSIFY_QUESTION) /* recall counts more: F with beta 1.25 */
            good = 2.5625 * precision * recall / (1.5625 * precision + recall + 1e-9);
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
               const struct train_score *scores, double hold,
               struct model_label ret[CLASSIFY_LABELS])
{
    struct point *points = malloc((set->n + 1) * sizeof *points);
    for (unsigned l = 0; points && l < CLASSIFY_LABELS; l++) {
        fit(set, use, scores, l, hold, &ret[l]);
        size_t n = 0;
        for (size_t i = 0; i < set->n; i++) {
            if (use[set->row[i].theme])
                points[n++] = (struct point){
                    calibrated(&ret[l], &scores[i]),
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
    unsigned labels = row->sure;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (calibrated(&label[l], score) >= label[l].decide)
            labels |= CLASSIFY_BIT(l);
    }
    return labels;
}
