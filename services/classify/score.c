/* score.c - the first stage: what the features of a comment weigh, whole and by sentence. */
#include "model.h"
#include "wide.h"
#include <string.h>

_Static_assert(MODEL_LANES == WIDE_SHORTS, "the labels of a weight are one vector");

typedef int8_t stored_weights __attribute__((vector_size(2 * MODEL_LANES), aligned(1), may_alias));
typedef uint16_t shorts __attribute__((vector_size(2 * MODEL_LANES)));
typedef int16_t two_shorts __attribute__((vector_size(4 * MODEL_LANES)));
typedef uint16_t shorts_at __attribute__((vector_size(2 * MODEL_LANES), aligned(2), may_alias));

/* After so many the sums of 16 bits are widened. */
enum { NARROW = 256 };

/* The steps of the features of one view, by label. `low` is their sum without its upper bits,
 * `high` the sum of their upper eight bits: together they tell the whole sum of 256 steps, and
 * nothing need be widened for every feature. */
struct narrow {
    uint16_t low[MODEL_LANES];
    int16_t high[MODEL_LANES];
};

struct sums {
    int32_t view[FEATURE_VIEWS][MODEL_LANES];
    uint32_t n[FEATURE_VIEWS]; /* features in all, also those that weigh nothing */
};

struct sentence {
    struct narrow view[FEATURE_VIEWS];
    uint32_t n[FEATURE_VIEWS]; /* features in `view` */
    struct sums wide;
};

WIDE_BODY void weigh(const struct classify_model *model, const struct sums *sums,
                     float ret[CLASSIFY_LABELS], float ret_value[FEATURE_VIEWS])
{
    float sum[MODEL_LANES] = { 0 };
    for (unsigned v = 0; v < FEATURE_VIEWS; v++) {
        const float value = feature_value((enum feature_view)v, sums->n[v]);
        for (size_t l = 0; l < MODEL_LANES; l++)
            sum[l] += value * (float)sums->view[v][l];
        ret_value[v] = value;
    }
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        ret[l] = sum[l] * model->label[l].scale + model->label[l].bias;
}

WIDE_BODY void widen(struct sentence *s, unsigned view)
{
    struct narrow *narrow = &s->view[view];
    for (size_t l = 0; l < MODEL_LANES; l++) {
        const int32_t high = narrow->high[l] * 256;
        s->wide.view[view][l] += high + (uint16_t)(narrow->low[l] - (uint32_t)high);
    }
    memset(narrow, 0, sizeof *narrow);
    s->wide.n[view] += s->n[view];
    s->n[view] = 0;
}

/* Adds the features from `at` on that are of the same view and sentence; gives back how many. */
WIDE_BODY size_t add_run(const struct classify_model *model, const struct feature *at, size_t n,
                         struct narrow *sum)
{
    const struct model_table table = model_table(model);
    const uint16_t group = at->group;
    shorts low = *(shorts_at *)sum->low;
    wide_shorts high = *(wide_shorts_at *)sum->high;
    size_t i = 0;
    for (; i < n && at[i].group == group; i++) {
        const uint32_t place = model_bucket(at[i].hash, MODEL_KNOWN_BITS);
        /* All ones where it is known: one in ten is not, which no branch foresees. */
        const int16_t known = model_knows(&table, place) ? -1 : 0;
        const stored_weights stored = *(const stored_weights *)model_row(&table, place);
        const two_shorts both = __builtin_convertvector(stored, two_shorts);
        const wide_shorts w = __builtin_shufflevector(both, both, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                                                      11, 12, 13, 14, 15);
        const wide_shorts sign = w >> 15; /* all ones below zero */
        const wide_shorts steps = (w & known) * ((w ^ sign) - sign);
        low += (shorts)steps;
        high += steps >> 8;
    }
    *(shorts_at *)sum->low = low;
    *(wide_shorts_at *)sum->high = high;
    return i;
}

/* Features of one view in one sentence stand together, a few at least. */
WIDE_BODY void sum_features(const struct classify_model *model, const struct feature_list *features,
                            struct sentence sentences[FEATURE_SENTENCES_MAX])
{
    for (size_t i = 0; i < features->n;) {
        const struct feature *at = &features->at[i];
        const unsigned view = at->view;
        struct sentence *s = &sentences[at->sentence];
        const size_t left = features->n - i;
        if (s->n[view] == NARROW)
            widen(s, view);
        const size_t room = NARROW - s->n[view];
        const size_t n = add_run(model, at, left < room ? left : room, &s->view[view]);
        s->n[view] += (uint32_t)n;
        i += n;
    }
}

/* Ends the sums of a sentence and adds them to those of the whole. */
WIDE_BODY void add_sums(struct sums *whole, struct sentence *s)
{
    for (unsigned v = 0; v < FEATURE_VIEWS; v++) {
        widen(s, v);
        for (size_t l = 0; l < MODEL_LANES; l++)
            whole->view[v][l] += s->wide.view[v][l];
        whole->n[v] += s->wide.n[v];
    }
}

WIDE_BODY void judge(const struct classify_model *model, const struct feature_list *features,
                     struct model_score *ret)
{
    struct sentence sentences[FEATURE_SENTENCES_MAX];
    const size_t n = features->n_sentences;
    memset(sentences, 0, n * sizeof sentences[0]);
    sum_features(model, features, sentences);
    struct sums whole = { .n = { 0 } };
    for (size_t s = 0; s < n; s++)
        add_sums(&whole, &sentences[s]);
    weigh(model, &whole, ret->doc, ret->value);
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        ret->top[l] = ret->doc[l];
        ret->top_sentence[l] = 0;
    }
    for (size_t s = 0; n > 1 && s < n; s++) {
        float score[CLASSIFY_LABELS];
        float value[FEATURE_VIEWS];
        weigh(model, &sentences[s].wide, score, value);
        for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
            if (s == 0 || score[l] > ret->top[l]) {
                ret->top[l] = score[l];
                ret->top_sentence[l] = (uint8_t)s;
            }
        }
    }
}

WIDE_TARGET static void judge_wide(const struct classify_model *model,
                                   const struct feature_list *features, struct model_score *ret)
{
    judge(model, features, ret);
}

static void judge_plain(const struct classify_model *model, const struct feature_list *features,
                        struct model_score *ret)
{
    judge(model, features, ret);
}

void model_judge(const struct classify_model *model, const struct feature_list *features,
                 struct model_score *ret)
{
    float input[MODEL_INPUTS];
    (wide_here() ? judge_wide : judge_plain)(model, features, ret);
    model_inputs(ret->doc, ret->top, features->cues, input);
    model_probability(model->net, input, ret->p);
}
