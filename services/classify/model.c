/* model.c - reads the model file and weighs features with it. */
#include "model.h"
#include <math.h>
#include <string.h>

static const uint8_t magic[8] = { 'U', 'P', 'P', 'C', 'L', 'S', 0, 2 };

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static float read_float(const uint8_t *at)
{
    const uint32_t bits = read_u32(at);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* CRC-32 as in ISO 3309 and zlib, four bits at a time. */
uint32_t model_crc(const uint8_t *bytes, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ bytes[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (bytes[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

size_t model_length(const uint8_t *bytes, size_t len)
{
    if (len < MODEL_HEADER_BYTES || memcmp(bytes, magic, sizeof magic) != 0)
        return 0;
    return read_u32(bytes + 8);
}

static int refuse(const char *words, const char **ret_why)
{
    *ret_why = words;
    return UPP_E_INPUT;
}

static bool read_label(const uint8_t *at, struct model_label *ret)
{
    float f[MODEL_LABEL_FLOATS];
    for (size_t i = 0; i < MODEL_LABEL_FLOATS; i++) {
        f[i] = read_float(at + 4 * i);
        if (!isfinite(f[i]))
            return false;
    }
    ret->scale = f[0];
    ret->bias = f[1];
    ret->review = f[2];
    ret->decide = f[3];
    ret->likely = f[4];
    return ret->review <= ret->decide && ret->decide <= ret->likely;
}

static bool read_floats(const uint8_t **at, size_t n, float *ret)
{
    for (size_t i = 0; i < n; i++, *at += 4) {
        ret[i] = read_float(*at);
        if (!isfinite(ret[i]))
            return false;
    }
    return true;
}

static bool read_net(const uint8_t *at, struct model_net *ret)
{
    bool fine = read_floats(&at, (MODEL_INPUTS + 1) * (size_t)MODEL_HIDDEN, ret->hidden[0]);
    for (size_t h = 0; fine && h <= MODEL_HIDDEN; h++)
        fine = read_floats(&at, CLASSIFY_LABELS, ret->out[h]);
    return fine;
}

int model_trust(const uint8_t *bytes, size_t len, struct classify_model *ret_model,
                const char **ret_why)
{
    if (model_length(bytes, len) == 0)
        return refuse("this is not a model file of version 2", ret_why);
    const unsigned bits = read_u32(bytes + 16);
    if (read_u32(bytes + 12) != MODEL_HASH || bits < 8 || bits > MODEL_KNOWN_BITS ||
        read_u32(bytes + 20) != CLASSIFY_LABELS)
        return refuse("the model was made for other features", ret_why);
    const size_t buckets = (size_t)1 << bits;
    const size_t nets = MODEL_HEADER_BYTES + 4 * MODEL_LABEL_FLOATS * CLASSIFY_LABELS;
    const size_t weights = nets + 4 * MODEL_NETS * MODEL_NET_FLOATS;
    const size_t wanted = weights + buckets * CLASSIFY_LABELS + MODEL_KNOWN_BYTES + 4;
    if (model_length(bytes, len) != wanted || len < wanted)
        return refuse("the model file is cut short", ret_why);
    struct classify_model model = { .bits = bits, .version = read_u32(bytes + wanted - 4) };
    memcpy(model.training, bytes + 24, sizeof model.training);
    model.lexicons = (uint64_t)read_u32(bytes + 56) | (uint64_t)read_u32(bytes + 60) << 32;
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        if (!read_label(bytes + MODEL_HEADER_BYTES + 4 * MODEL_LABEL_FLOATS * l, &model.label[l]))
            return refuse("a label of the model has impossible numbers", ret_why);
    }
    for (size_t k = 0; k < MODEL_NETS; k++) {
        if (!read_net(bytes + nets + 4 * MODEL_NET_FLOATS * k, &model.net[k]))
            return refuse("the model's second stage has impossible numbers", ret_why);
    }
    model.weight = bytes + weights;
    model.known = bytes + wanted - 4 - MODEL_KNOWN_BYTES;
    *ret_model = model;
    return 0;
}

int model_read(const uint8_t *bytes, size_t len, struct classify_model *ret_model,
               const char **ret_why)
{
    struct classify_model model;
    UPP_TRY(model_trust(bytes, len, &model, ret_why));
    const size_t summed = model_length(bytes, len) - 4;
    if (model_crc(bytes, summed) != model.version)
        return refuse("the model file is damaged: its check sum does not hold", ret_why);
    *ret_model = model;
    return 0;
}

/* A weight of each label side by side: gcc and clang compute with all of them at once. */
typedef int8_t lanes8 __attribute__((vector_size(MODEL_LANES)));
typedef int16_t lanes16 __attribute__((vector_size(2 * MODEL_LANES)));
typedef int32_t lanes32 __attribute__((vector_size(4 * MODEL_LANES)));

enum { KNOWN_AHEAD = 24, WEIGHT_AHEAD = 12 }; /* features; measured */

struct sums {
    lanes32 view[FEATURE_VIEWS];
    uint32_t n[FEATURE_VIEWS];
};

static void weigh(const struct classify_model *model, const struct sums *sums,
                  float ret[CLASSIFY_LABELS])
{
    float value[FEATURE_VIEWS];
    for (unsigned v = 0; v < FEATURE_VIEWS; v++)
        value[v] = feature_value((enum feature_view)v, sums->n[v]);
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        float sum = 0;
        for (unsigned v = 0; v < FEATURE_VIEWS; v++)
            sum += value[v] * (float)sums->view[v][l];
        ret[l] = sum * model->label[l].scale + model->label[l].bias;
    }
}

static void add_sums(struct sums *to, const struct sums *from)
{
    for (unsigned v = 0; v < FEATURE_VIEWS; v++) {
        to->n[v] += from->n[v];
        to->view[v] += from->view[v];
    }
}

void model_inputs(const float doc[CLASSIFY_LABELS], const float top[CLASSIFY_LABELS], uint32_t cues,
                  float ret[MODEL_INPUTS])
{
    memcpy(ret, doc, CLASSIFY_LABELS * sizeof ret[0]);
    memcpy(ret + CLASSIFY_LABELS, top, CLASSIFY_LABELS * sizeof ret[0]);
    for (size_t k = 0; k < CONTEXT_CUE_COUNT; k++)
        ret[2 * CLASSIFY_LABELS + k] = (float)((cues >> k) & 1u);
}

/* A cheap stand-in for tanh: exact at 0 and +-3, where its slope is 0 too. */
static inline float squash(float x)
{
    const float y = fminf(3, fmaxf(-3, x));
    const float square = y * y;
    return y * (27 + square) / (27 + 9 * square);
}

void model_net_run(const struct model_net *net, const float input[MODEL_INPUTS],
                   float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES])
{
    float unit[MODEL_HIDDEN];
    float sum[MODEL_LANES];
    memcpy(unit, net->hidden[MODEL_INPUTS], sizeof unit);
    for (size_t i = 0; i < MODEL_INPUTS; i++) {
        for (size_t h = 0; input[i] != 0 && h < MODEL_HIDDEN; h++)
            unit[h] += net->hidden[i][h] * input[i];
    }
    memcpy(sum, net->out[MODEL_HIDDEN], sizeof sum);
    for (size_t h = 0; h < MODEL_HIDDEN; h++)
        unit[h] = squash(unit[h]);
    for (size_t h = 0; h < MODEL_HIDDEN; h++) {
        for (size_t l = 0; l < MODEL_LANES; l++)
            sum[l] += net->out[h][l] * unit[h];
    }
    memcpy(ret_unit, unit, sizeof unit);
    memcpy(ret, sum, sizeof sum);
}

void model_probability(const struct model_net net[MODEL_NETS], const float input[MODEL_INPUTS],
                       float ret[CLASSIFY_LABELS])
{
    float odds[CLASSIFY_LABELS] = { 0 };
    for (size_t k = 0; k < MODEL_NETS; k++) {
        float unit[MODEL_HIDDEN];
        float one[MODEL_LANES];
        model_net_run(&net[k], input, unit, one);
        for (size_t l = 0; l < CLASSIFY_LABELS; l++)
            odds[l] += one[l] / MODEL_NETS;
    }
    for (size_t l = 0; l < CLASSIFY_LABELS; l++)
        ret[l] = 1.0f / (1.0f + expf(-odds[l]));
}

/* Features lie far apart in memory: what is needed soon is fetched meanwhile. */
static void fetch(const struct classify_model *model, const struct feature_list *features, size_t i)
{
    if (i + KNOWN_AHEAD < features->n)
        __builtin_prefetch(
            &model->known[model_bucket(features->at[i + KNOWN_AHEAD].hash, MODEL_KNOWN_BITS) / 8]);
    if (i + WEIGHT_AHEAD < features->n)
        __builtin_prefetch(model->weight +
                           CLASSIFY_LABELS * (size_t)model_bucket(
                                                 features->at[i + WEIGHT_AHEAD].hash, model->bits));
}

static void sum_features(const struct classify_model *model, const struct feature_list *features,
                         struct sums by_sentence[FEATURE_SENTENCES_MAX])
{
    for (size_t i = 0; i < features->n; i++) {
        const struct feature *f = &features->at[i];
        fetch(model, features, i);
        struct sums *s = &by_sentence[f->sentence];
        s->n[f->view]++;
        const int8_t *weight = model_weights(model, f->hash);
        if (!weight)
            continue;
        lanes8 stored;
        memcpy(&stored, weight, sizeof stored);
        const lanes16 wide = __builtin_convertvector(stored, lanes16);
        const lanes16 sign = wide >> 15; /* all ones below zero */
        const lanes16 steps = wide * ((wide ^ sign) - sign);
        s->view[f->view] += __builtin_convertvector(steps, lanes32);
    }
}

void model_judge(const struct classify_model *model, const struct feature_list *features,
                 struct model_score *ret)
{
    struct sums by_sentence[FEATURE_SENTENCES_MAX];
    const size_t n = features->n_sentences;
    memset(by_sentence, 0, n * sizeof by_sentence[0]);
    sum_features(model, features, by_sentence);
    struct sums whole = { .n = { 0 } };
    for (size_t s = 0; s < n; s++)
        add_sums(&whole, &by_sentence[s]);
    weigh(model, &whole, ret->doc);
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        ret->top[l] = ret->doc[l];
        ret->top_sentence[l] = 0;
    }
    for (size_t s = 0; n > 1 && s < n; s++) {
        float score[CLASSIFY_LABELS];
        weigh(model, &by_sentence[s], score);
        for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
            if (s == 0 || score[l] > ret->top[l]) {
                ret->top[l] = score[l];
                ret->top_sentence[l] = (uint8_t)s;
            }
        }
    }
    float input[MODEL_INPUTS];
    model_inputs(ret->doc, ret->top, features->cues, input);
    model_probability(model->net, input, ret->p);
}
