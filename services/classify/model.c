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
