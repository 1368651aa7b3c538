/* write.c - the model file, byte by byte. */
#include "train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_u32(uint8_t **at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *(*at)++ = (uint8_t)(value >> (8 * i));
}

static void put_float(uint8_t **at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_u32(at, bits);
}

#define STEPS (127.0f * 127.0f)

/* The step of a label's weights: the heaviest is STEPS of them. */
static float step_of(const float *w, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmaxf(most, fabsf(w[i]));
    return most > 0 ? most / STEPS : 1.0f;
}

/* The byte whose square, with its sign, is nearest. */
static uint8_t stored(float w, float step)
{
    const float root = sqrtf(fabsf(w) / step);
    return (uint8_t)(int8_t)lrintf(w < 0 ? -root : root);
}

static void put_net(uint8_t **at, const struct model_net *net)
{
    for (size_t i = 0; i <= MODEL_INPUTS; i++) {
        for (size_t h = 0; h < MODEL_HIDDEN; h++)
            put_float(at, net->hidden[i][h]);
    }
    for (size_t h = 0; h <= MODEL_HIDDEN; h++) {
        for (size_t l = 0; l < CLASSIFY_LABELS; l++)
            put_float(at, net->out[h][l]);
    }
}

uint8_t *write_model(const struct train_set *set, const struct train_weights *weights,
                     const struct model_label label[CLASSIFY_LABELS],
                     const struct model_net net[MODEL_NETS], uint64_t lexicons, size_t *ret_len)
{
    const size_t len = MODEL_HEADER_BYTES + 4 * MODEL_LABEL_FLOATS * CLASSIFY_LABELS +
                       4 * MODEL_NETS * MODEL_NET_FLOATS + weights->buckets * CLASSIFY_LABELS +
                       MODEL_KNOWN_BYTES + 4;
    uint8_t *bytes = calloc(len, 1);
    if (!bytes)
        return NULL;
    static const uint8_t magic[8] = { 'U', 'P', 'P', 'C', 'L', 'S', 0, 2 };
    memcpy(bytes, magic, sizeof magic);
    uint8_t *at = bytes + sizeof magic;
    put_u32(&at, (uint32_t)len);
    put_u32(&at, MODEL_HASH);
    put_u32(&at, set->bits);
    put_u32(&at, CLASSIFY_LABELS);
    memcpy(at, set->digest, sizeof set->digest);
    at += sizeof set->digest;
    put_u32(&at, (uint32_t)lexicons);
    put_u32(&at, (uint32_t)(lexicons >> 32));
    float step[CLASSIFY_LABELS];
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        step[l] = step_of(weights->w[l], weights->buckets);
        const struct model_label *m = &label[l];
        const float f[MODEL_LABEL_FLOATS] = { step[l], weights->bias[l], m->review, m->decide,
                                              m->likely };
        for (size_t i = 0; i < MODEL_LABEL_FLOATS; i++)
            put_float(&at, f[i]);
    }
    for (size_t k = 0; k < MODEL_NETS; k++)
        put_net(&at, &net[k]);
    for (size_t b = 0; b < weights->buckets; b++) {
        for (size_t l = 0; l < CLASSIFY_LABELS; l++)
            *at++ = stored(weights->w[l][b], step[l]);
    }
    memcpy(at, set->known, MODEL_KNOWN_BYTES);
    at += MODEL_KNOWN_BYTES;
    put_u32(&at, model_crc(bytes, len - 4));
    *ret_len = len;
    return bytes;
}
