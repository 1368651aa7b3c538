/* net.c - the second stage: small nets that hear the sums of all labels and the cues at once. */
#include "model.h"
#include "wide.h"
#include <math.h>
#include <string.h>

void model_inputs(const float doc[CLASSIFY_LABELS], const float top[CLASSIFY_LABELS], uint32_t cues,
                  float ret[MODEL_INPUTS])
{
    memcpy(ret, doc, CLASSIFY_LABELS * sizeof ret[0]);
    memcpy(ret + CLASSIFY_LABELS, top, CLASSIFY_LABELS * sizeof ret[0]);
    memset(ret + 2 * CLASSIFY_LABELS, 0, CONTEXT_CUE_COUNT * sizeof ret[0]);
    for (; cues; cues &= cues - 1)
        ret[2 * CLASSIFY_LABELS + (unsigned)__builtin_ctz(cues)] = 1;
}

/* The inputs that say something: most cues do not. */
struct heard {
    size_t n;
    uint16_t at[MODEL_INPUTS]; /* which input: its row of `hidden` */
    float value[MODEL_INPUTS];
};

static void hear(const float input[MODEL_INPUTS], struct heard *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < MODEL_INPUTS; i++) {
        if (input[i] == 0)
            continue;
        ret->at[n] = (uint16_t)i;
        ret->value[n++] = input[i];
    }
    ret->n = n;
}

_Static_assert(MODEL_HIDDEN == 3 * WIDE_FLOATS && MODEL_LANES == 2 * WIDE_FLOATS,
               "run() names the vectors that these are");

/* A cheap stand-in for tanh: exact at 0 and +-3, where its slope is 0 too. */
WIDE_BODY void squash(const wide_floats *x, wide_floats_at *ret)
{
    const wide_floats three = { 3, 3, 3, 3, 3, 3, 3, 3 };
    const wide_ints above = *x > -three; /* all ones where it is so */
    const wide_floats low = (wide_floats)(((wide_ints)*x & above) | ((wide_ints)-three & ~above));
    const wide_ints below = low < three;
    const wide_floats y = (wide_floats)(((wide_ints)low & below) | ((wide_ints)three & ~below));
    const wide_floats square = y * y;
    *ret = y * (27 + square) / (27 + 9 * square);
}

/* Each lane, a hidden unit and then a label, adds in the order of the inputs. */
WIDE_BODY void run(const struct model_net *net, const struct heard *heard,
                   float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES])
{
    const wide_floats_at *row = (const wide_floats_at *)net->hidden[MODEL_INPUTS];
    wide_floats a = row[0];
    wide_floats b = row[1];
    wide_floats c = row[2];
    for (size_t i = 0; i < heard->n; i++) {
        const float value = heard->value[i];
        row = (const wide_floats_at *)net->hidden[heard->at[i]];
        a += row[0] * value;
        b += row[1] * value;
        c += row[2] * value;
    }
    wide_floats_at *unit = (wide_floats_at *)ret_unit;
    squash(&a, &unit[0]);
    squash(&b, &unit[1]);
    squash(&c, &unit[2]);
    row = (const wide_floats_at *)net->out[MODEL_HIDDEN];
    a = row[0];
    b = row[1];
    row = (const wide_floats_at *)net->out[0];
    for (size_t h = 0; h < MODEL_HIDDEN; h++, row += 2) {
        a += row[0] * ret_unit[h];
        b += row[1] * ret_unit[h];
    }
    wide_floats_at *sum = (wide_floats_at *)ret;
    sum[0] = a;
    sum[1] = b;
}

WIDE_TARGET static void run_wide(const struct model_net *net, const struct heard *heard,
                                 float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES])
{
    run(net, heard, ret_unit, ret);
}

static void run_plain(const struct model_net *net, const struct heard *heard,
                      float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES])
{
    run(net, heard, ret_unit, ret);
}

void model_net_run(const struct model_net *net, const float input[MODEL_INPUTS],
                   float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES])
{
    struct heard heard;
    hear(input, &heard);
    (wide_here() ? run_wide : run_plain)(net, &heard, ret_unit, ret);
}

void model_probability(const struct model_net net[MODEL_NETS], const float input[MODEL_INPUTS],
                       float ret[CLASSIFY_LABELS])
{
    struct heard heard;
    float odds[CLASSIFY_LABELS] = { 0 };
    hear(input, &heard);
    for (size_t k = 0; k < MODEL_NETS; k++) {
        float unit[MODEL_HIDDEN];
        float one[MODEL_LANES];
        (wide_here() ? run_wide : run_plain)(&net[k], &heard, unit, one);
        for (size_t l = 0; l < CLASSIFY_LABELS; l++)
            odds[l] += one[l] / MODEL_NETS;
    }
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        ret[l] = 1.0f / (1.0f + expf(-odds[l]));
}
