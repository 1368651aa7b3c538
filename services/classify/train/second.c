/* second.c - the second stage: small nets from all labels' scores and the cues to probabilities.
 *
 * One hidden layer, trained by Adam (Kingma and Ba 2015) on cross-entropy. Every net starts from
 * numbers of its own but fixed ones, so the same rows give the same nets. */
#include "train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 200
#define RATE  0.005

/* Weights as the training sees them: one row of doubles. */
#define HIDDEN_N ((MODEL_INPUTS + 1) * (size_t)MODEL_HIDDEN)
#define OUT_N    ((MODEL_HIDDEN + 1) * (size_t)MODEL_LANES)

struct trainer {
    struct model_net net, gradient, mean, square;
    double step; /* how many batches so far */
    uint64_t dice;
};

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t roll(uint64_t *dice)
{
    uint64_t z = (*dice += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static float uniform(uint64_t *dice, double bound)
{
    return (float)(((double)(roll(dice) >> 11) / 9007199254740992.0 * 2 - 1) * bound);
}

/* Glorot and Bengio 2010. */
static void start(struct trainer *t, unsigned number)
{
    memset(t, 0, sizeof *t);
    t->dice = number;
    const double in = sqrt(6.0 / (MODEL_INPUTS + MODEL_HIDDEN));
    const double out = sqrt(6.0 / (MODEL_HIDDEN + CLASSIFY_LABELS));
    for (size_t i = 0; i <= MODEL_INPUTS; i++) {
        for (size_t h = 0; h < MODEL_HIDDEN; h++)
            t->net.hidden[i][h] = uniform(&t->dice, in);
    }
    for (size_t h = 0; h <= MODEL_HIDDEN; h++) {
        for (size_t l = 0; l < CLASSIFY_LABELS; l++)
            t->net.out[h][l] = uniform(&t->dice, out);
    }
}

/* What this row would have the weights do. */
static void add_gradient(struct trainer *t, const float input[MODEL_INPUTS], unsigned labels)
{
    float unit[MODEL_HIDDEN];
    float odds[MODEL_LANES];
    float miss[MODEL_LANES] = { 0 };
    model_net_run(&t->net, input, unit, odds);
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        miss[l] = 1.0f / (1.0f + expf(-odds[l])) - (float)((labels >> l) & 1u);
    float back[MODEL_HIDDEN];
    for (size_t h = 0; h < MODEL_HIDDEN; h++) {
        float sum = 0;
        for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
            t->gradient.out[h][l] += unit[h] * miss[l];
            sum += t->net.out[h][l] * miss[l];
        }
        /* The slope of the stand-in for tanh, near enough that of tanh itself. */
        back[h] = sum * (1 - unit[h] * unit[h]);
    }
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        t->gradient.out[MODEL_HIDDEN][l] += miss[l];
    for (size_t i = 0; i < MODEL_INPUTS; i++) {
        for (size_t h = 0; input[i] != 0 && h < MODEL_HIDDEN; h++)
            t->gradient.hidden[i][h] += input[i] * back[h];
    }
    for (size_t h = 0; h < MODEL_HIDDEN; h++)
        t->gradient.hidden[MODEL_INPUTS][h] += back[h];
}

static void adam(const struct trainer *t, float *w, const float *gradient, float *mean,
                 float *square, size_t n)
{
    const float rate = (float)(RATE * sqrt(1 - pow(0.999, t->step)) / (1 - pow(0.9, t->step)));
    for (size_t i = 0; i < n; i++) {
        mean[i] = 0.9f * mean[i] + 0.1f * gradient[i];
        square[i] = 0.999f * square[i] + 0.001f * gradient[i] * gradient[i];
        w[i] -= rate * mean[i] / (sqrtf(square[i]) + 1e-8f);
    }
}

static void take_step(struct trainer *t, size_t rows, double decay)
{
    const float share = 1.0f / (float)rows;
    const float back = (float)decay * share;
    float *g = t->gradient.hidden[0];
    const float *w = t->net.hidden[0];
    for (size_t i = 0; i < HIDDEN_N; i++)
        g[i] = g[i] * share + (i < HIDDEN_N - MODEL_HIDDEN ? back * w[i] : 0);
    g = t->gradient.out[0];
    w = t->net.out[0];
    for (size_t i = 0; i < OUT_N; i++)
        g[i] = g[i] * share + (i < OUT_N - MODEL_LANES ? back * w[i] : 0);
    t->step++;
    adam(t, t->net.hidden[0], t->gradient.hidden[0], t->mean.hidden[0], t->square.hidden[0],
         HIDDEN_N);
    adam(t, t->net.out[0], t->gradient.out[0], t->mean.out[0], t->square.out[0], OUT_N);
    memset(&t->gradient, 0, sizeof t->gradient);
}

/* What the nets hear of one row. */
struct hearing {
    float x[MODEL_INPUTS];
};

struct scaling {
    double mean[MODEL_INPUTS], spread[MODEL_INPUTS];
};

static void measure(const struct hearing *input, size_t n, struct scaling *ret)
{
    for (size_t k = 0; k < MODEL_INPUTS; k++) {
        double sum = 0;
        double square = 0;
        for (size_t i = 0; i < n; i++) {
            sum += input[i].x[k];
            square += (double)input[i].x[k] * input[i].x[k];
        }
        ret->mean[k] = sum / (double)n;
        ret->spread[k] = sqrt(fmax(1e-6, square / (double)n - ret->mean[k] * ret->mean[k]));
    }
}

/* Trained on inputs made alike in size; the net takes them as they come. */
static void unscale(const struct scaling *scaling, struct model_net *net)
{
    for (size_t h = 0; h < MODEL_HIDDEN; h++) {
        double shift = net->hidden[MODEL_INPUTS][h];
        for (size_t k = 0; k < MODEL_INPUTS; k++) {
            const double w = net->hidden[k][h] / scaling->spread[k];
            net->hidden[k][h] = (float)w;
            shift -= w * scaling->mean[k];
        }
        net->hidden[MODEL_INPUTS][h] = (float)shift;
    }
}

static void train_net(const struct hearing *input, const unsigned *labels, uint32_t *order,
                      size_t n, const struct train_options *options, struct trainer *t)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (unsigned round = 0; round < options->rounds; round++) {
        for (size_t i = n; i > 1; i--) {
            const size_t k = roll(&t->dice) % i;
            const uint32_t moved = order[i - 1];
            order[i - 1] = order[k];
            order[k] = moved;
        }
        for (size_t i = 0; i < n; i++) {
            add_gradient(t, input[order[i]].x, labels[order[i]]);
            if ((i + 1) % BATCH == 0 || i + 1 == n)
                take_step(t, i % BATCH + 1, options->decay);
        }
    }
}

bool second_train(const struct train_set *set, const bool *use, const struct train_score *scores,
                  const struct train_options *options, struct model_net ret[MODEL_NETS])
{
    struct hearing *input = malloc((set->n + 1) * sizeof *input);
    unsigned *labels = malloc((set->n + 1) * sizeof *labels);
    uint32_t *order = malloc((set->n + 1) * sizeof *order);
    struct trainer *t = malloc(sizeof *t);
    const bool fine = input && labels && order && t;
    size_t n = 0;
    for (size_t i = 0; fine && i < set->n; i++) {
        if (!use[i])
            continue;
        model_inputs(scores[i].doc, scores[i].top, set->row[i].cues, input[n].x);
        labels[n++] = set->row[i].is.labels;
    }
    struct scaling scaling;
    if (fine)
        measure(input, n, &scaling);
    for (size_t i = 0; fine && i < n; i++) {
        for (size_t k = 0; k < MODEL_INPUTS; k++)
            input[i].x[k] = (float)((input[i].x[k] - scaling.mean[k]) / scaling.spread[k]);
    }
    for (unsigned k = 0; fine && k < MODEL_NETS; k++) {
        start(t, k);
        train_net(input, labels, order, n, options, t);
        unscale(&scaling, &t->net);
        ret[k] = t->net;
    }
    free(input);
    free(labels);
    free(order);
    free(t);
    return fine;
}

void second_judge(const struct model_net net[MODEL_NETS], const struct train_row *row,
                  const struct train_score *score, struct train_chance *ret)
{
    float input[MODEL_INPUTS];
    model_inputs(score->doc, score->top, row->cues, input);
    model_probability(net, input, ret->p);
}
