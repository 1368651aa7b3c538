/* weigh.c - one logistic regression a label, by liblinear. */
#include "train.h"
#include <linear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hush(const char *words)
{
    (void)words;
}

/* The log ratio of how much each bucket weighs in rows with the label and without it (Wang and
 * Manning 2012, "Baselines and Bigrams"), as factors for its values. */
static void ratios(const struct train_set *set, const bool use[THEMES_MAX], unsigned label,
                   double smoothing, size_t buckets, float *ret)
{
    double *side[2] = { calloc(buckets, sizeof(double)), calloc(buckets, sizeof(double)) };
    double sum[2] = { 0 };
    upp_check(side[0] && side[1]);
    for (size_t i = 0; i < set->n; i++) {
        const struct train_row *row = &set->row[i];
        if (!use[row->theme])
            continue;
        const unsigned s = (row->is.labels >> label) & 1u;
        for (size_t k = 0; k < row->n_cells[0]; k++)
            side[s][row->cell[0][k].bucket] += 1;
    }
    for (size_t b = 0; b < buckets; b++) {
        for (unsigned s = 0; s < 2; s++) {
            side[s][b] += smoothing;
            sum[s] += side[s][b];
        }
    }
    for (size_t b = 0; b < buckets; b++) {
        const double r = log(side[1][b] / sum[1]) - log(side[0][b] / sum[0]);
        ret[b] = (float)(0.25 + fmin(fabs(r), 3.0));
    }
    free(side[0]);
    free(side[1]);
}

static bool train_label(struct problem *problem, unsigned label, const struct train_set *set,
                        const size_t *rows, const struct train_options *options, float *w,
                        float *bias)
{
    size_t positive = 0;
    for (int i = 0; i < problem->l; i++) {
        const bool has = (set->row[rows[i]].is.labels >> label) & 1u;
        problem->y[i] = has ? 1 : -1;
        positive += has;
    }
    if (positive == 0)
        return true;
    int weight_label[] = { 1 };
    double weight[] = { options->positive };
    const struct parameter parameter = { .solver_type = L2R_LR,
                                         .eps = 0.01,
                                         .C = options->c,
                                         .nr_weight = 1,
                                         .weight_label = weight_label,
                                         .weight = weight };
    struct model *model = train(problem, &parameter);
    if (!model)
        return false;
    const double sign = model->label[0] == 1 ? 1 : -1;
    for (int b = 0; b < model->nr_feature; b++)
        w[b] = (float)(sign * model->w[b]);
    *bias = (float)(sign * model->w[model->nr_feature]);
    free_and_destroy_model(&model);
    return true;
}

bool weigh_train(const struct train_set *set, const bool use[THEMES_MAX],
                 const struct train_options *options, struct train_weights *ret)
{
    const size_t buckets = (size_t)1 << set->bits;
    set_print_string_function(hush);
    size_t l = 0;
    size_t nodes = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (use[set->row[i].theme]) {
            l++;
            nodes += set->row[i].n_cells[0] + 2;
        }
    }
    size_t *rows = malloc((l + 1) * sizeof *rows);
    struct feature_node *node = malloc((nodes + 1) * sizeof *node);
    struct feature_node **x = malloc((l + 1) * sizeof(struct feature_node *));
    double *y = malloc((l + 1) * sizeof *y);
    float *ratio = calloc(buckets, sizeof *ratio);
    bool fine = rows && node && x && y && ratio;
    ret->buckets = buckets;
    for (unsigned label = 0; label < CLASSIFY_LABELS; label++) {
        ret->w[label] = calloc(buckets, sizeof(float));
        ret->bias[label] = -8;
        fine = fine && ret->w[label];
        if (!fine)
            break;
        if (options->ratio > 0)
            ratios(set, use, label, options->ratio, buckets, ratio);
        size_t n = 0;
        size_t at = 0;
        for (size_t i = 0; i < set->n; i++) {
            const struct train_row *row = &set->row[i];
            if (!use[row->theme])
                continue;
            rows[n] = i;
            x[n++] = node + at;
            for (size_t k = 0; k < row->n_cells[0]; k++) {
                const struct train_cell *c = &row->cell[0][k];
                const float by = options->ratio > 0 ? ratio[c->bucket] : 1.0f;
                node[at++] = (struct feature_node){ (int)c->bucket + 1, c->value * by };
            }
            node[at++] = (struct feature_node){ (int)buckets + 1, 1 };
            node[at++] = (struct feature_node){ -1, 0 };
        }
        struct problem problem = { .l = (int)l, .n = (int)buckets + 1, .y = y, .x = x, .bias = 1 };
        fine = train_label(&problem, label, set, rows, options, ret->w[label], &ret->bias[label]);
        for (size_t b = 0; options->ratio > 0 && b < buckets; b++)
            ret->w[label][b] *= ratio[b];
    }
    free(rows);
    free(node);
    free(x);
    free(y);
    free(ratio);
    return fine;
}

void weigh_score(const struct train_weights *weights, const struct train_row *row,
                 struct train_score *ret)
{
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        for (size_t v = 0; v < row->n_vectors; v++) {
            float sum = weights->bias[l];
            for (size_t k = 0; k < row->n_cells[v]; k++)
                sum += weights->w[l][row->cell[v][k].bucket] * row->cell[v][k].value;
            if (v == 0)
                ret->doc[l] = ret->top[l] = sum;
            else if (v == 1 || sum > ret->top[l])
                ret->top[l] = sum;
        }
    }
}

void weigh_done(struct train_weights *weights)
{
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
        free(weights->w[l]);
    *weights = (struct train_weights){ .buckets = 0 };
}
