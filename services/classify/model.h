/* model.h - the weights: a small versioned file, read without any library. */
#pragma once
#include "feature.h"
#include <string.h>

/* Two stages. The first is linear: what each feature speaks for, summed over the whole comment and
 * over each sentence. The second, small nets whose answers are averaged, hears the sums of all
 * labels and the cues at once: a threat that is quoted, a question that is only rhetoric.
 *
 * The file, all numbers little-endian:
 *   0  8 bytes   "UPPCLS" 0 2            the format and its version
 *   8  u32       length of the whole file
 *  12  u32       features and their hash: 2 = those of feature.c
 *  16  u32       bits of a bucket number
 *  20  u32       labels (11)
 *  24  32 bytes  SHA-256 of the training rows (sorted files, as read)
 *  56  u64       version of the lexicons it was trained with
 * 64 per label: float32 scale, bias, and the thresholds review, decide, likely (5 numbers)
 * .. per net:   float32, for each input and then for 1 (the shift): MODEL_HIDDEN weights; for each
 *                hidden unit and then for 1: a weight a label
 * .. int8 weights, bucket by bucket, 11 a bucket: c stands for c * |c| steps of `scale`, fine
 *                where most weights are, wide enough for the heavy ones
 *  ..  bits      2^20, one for each place that a feature known from the training hashes to; other
 *                features weigh nothing, so that strange words do not borrow the weights of others
 *  end u32       CRC-32 (IEEE) of everything before it
 */
#define MODEL_HEADER_BYTES 64u
#define MODEL_LABEL_FLOATS 5u
#define MODEL_HASH         2u
#define MODEL_KNOWN_BITS   20u
#define MODEL_KNOWN_BYTES  ((size_t)1 << (MODEL_KNOWN_BITS - 3))
#define MODEL_LANES        16 /* labels side by side, padded */

/* What the second stage hears: the whole's score of each label, the strongest sentence's, cues. */
#define MODEL_INPUTS (2 * CLASSIFY_LABELS + CONTEXT_CUE_COUNT)
#define MODEL_HIDDEN 24
#define MODEL_NETS   3
#define MODEL_NET_FLOATS                                                                           \
    ((MODEL_INPUTS + 1) * MODEL_HIDDEN + (MODEL_HIDDEN + 1) * (size_t)CLASSIFY_LABELS)

struct model_label {
    float scale;                  /* one step of a weight */
    float bias;                   /* of the sum of weights */
    float review, decide, likely; /* thresholds of the probability */
};

struct model_net {
    float hidden[MODEL_INPUTS + 1][MODEL_HIDDEN]; /* the last row is the shift */
    float out[MODEL_HIDDEN + 1][MODEL_LANES];
};

struct classify_model {
    unsigned bits;
    uint8_t training[32];
    uint64_t lexicons;
    struct model_label label[CLASSIFY_LABELS];
    struct model_net net[MODEL_NETS];
    const uint8_t *weight; /* in the file, lent: CLASSIFY_LABELS a bucket (model_weights) */
    const uint8_t *known;  /* in the file, lent: MODEL_KNOWN_BITS bits */
    uint32_t version;      /* the file's CRC */
};

/* Reads a model from memory, which is lent for the model's life: the weights stay where they are,
 * so that those built in cost no memory of their own. 0; UPP_E_INPUT with *ret_why a static English
 * sentence: not a model, another version, cut short, damaged. */
UPP_MUST_USE int model_read(const uint8_t *bytes, size_t len, struct classify_model *ret_model,
                            const char **ret_why);

/* The same for a model that is part of the program, as its code is: its check sum is not summed, so
 * that its 1.6 MB are read when a comment needs them, not at the start. */
UPP_MUST_USE int model_trust(const uint8_t *bytes, size_t len, struct classify_model *ret_model,
                             const char **ret_why);

/* The length that the header of a model says it has; 0: not a header. */
size_t model_length(const uint8_t *bytes, size_t len);

static inline uint32_t model_bucket(uint32_t hash, unsigned bits)
{
    return (hash * 2654435769u) >> (32 - bits);
}

/* A stored weight in steps of its label's scale. */
static inline int32_t model_steps(int8_t stored)
{
    return stored < 0 ? -(int32_t)stored * stored : (int32_t)stored * stored;
}

/* What a loop over features needs of the model. */
struct model_table {
    const uint8_t *known;
    const int8_t *weight;
    unsigned shift; /* from a place of `known` to a bucket */
};

static inline struct model_table model_table(const struct classify_model *model)
{
    return (struct model_table){ .known = model->known,
                                 .weight = (const int8_t *)model->weight,
                                 .shift = MODEL_KNOWN_BITS - model->bits };
}

/* `place` is the model_bucket of MODEL_KNOWN_BITS. */
static inline bool model_knows(const struct model_table *table, uint32_t place)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t bits; /* the same bit of four bytes: no more than a load and a test */
    memcpy(&bits, table->known + place / 32 * 4, sizeof bits);
    return (bits >> place % 32 & 1) != 0;
#else
    return (table->known[place / 8] & (1u << (place % 8))) != 0;
#endif
}

/* The weights of a feature by label, for model_steps. Twice MODEL_LANES of them can be read: what
 * follows the last bucket in the file is longer than the padding. */
static inline const int8_t *model_row(const struct model_table *table, uint32_t place)
{
    return table->weight + (size_t)(place >> table->shift) * CLASSIFY_LABELS;
}

/* The same by the feature's hash; NULL: the training did not know it. */
static inline const int8_t *model_weights(const struct classify_model *model, uint32_t hash)
{
    const struct model_table table = model_table(model);
    const uint32_t place = model_bucket(hash, MODEL_KNOWN_BITS);
    return model_knows(&table, place) ? model_row(&table, place) : NULL;
}

uint32_t model_crc(const uint8_t *bytes, size_t len);

struct model_score {
    float doc[CLASSIFY_LABELS]; /* of the whole */
    float top[CLASSIFY_LABELS]; /* of the strongest sentence */
    uint8_t top_sentence[CLASSIFY_LABELS];
    float p[CLASSIFY_LABELS];   /* probability */
    float value[FEATURE_VIEWS]; /* of a feature of each view, in the whole */
};

/* What the second stage hears of one comment. */
void model_inputs(const float doc[CLASSIFY_LABELS], const float top[CLASSIFY_LABELS], uint32_t cues,
                  float ret[MODEL_INPUTS]);

/* A net's answer: `ret_unit`, MODEL_HIDDEN long, is what its hidden units say (for the training);
 * `ret` the log-odds of each label. */
void model_net_run(const struct model_net *net, const float input[MODEL_INPUTS],
                   float ret_unit[MODEL_HIDDEN], float ret[MODEL_LANES]);

/* The probability of each label: the nets' log-odds averaged. */
void model_probability(const struct model_net net[MODEL_NETS], const float input[MODEL_INPUTS],
                       float ret[CLASSIFY_LABELS]);

void model_judge(const struct classify_model *model, const struct feature_list *features,
                 struct model_score *ret);
