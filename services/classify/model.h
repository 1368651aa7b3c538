/* model.h - the weights: a small versioned file, read without any library. */
#pragma once
#include "feature.h"

/* The file, all numbers little-endian:
 *   0  8 bytes   "UPPCLS" 0 1            the format and its version
 *   8  u32       length of the whole file
 *  12  u32       hash function: 1 = the one of feature.c
 *  16  u32       bits of a bucket number
 *  20  u32       labels (11)
 *  24  32 bytes  SHA-256 of the training rows (sorted files, as read)
 *  56  u64       version of the lexicons it was trained with
 * 64 per label: float32 scale, bias, 22 of mix (the whole's score of each label, then the strongest
 *                sentence's), shift, and the thresholds review, decide, likely (28 numbers)
 * .. int8 weights, bucket by bucket, 11 a bucket: c stands for c * |c| steps of `scale`, fine
 *                where most weights are, wide enough for the heavy ones
 *  ..  bits      2^20, one for each place that a feature known from the training hashes to; other
 *                features weigh nothing, so that strange words do not borrow the weights of others
 *  end u32       CRC-32 (IEEE) of everything before it
 */
#define MODEL_HEADER_BYTES 64u
#define MODEL_LABEL_FLOATS 28u
#define MODEL_HASH         1u
#define MODEL_KNOWN_BITS   20u
#define MODEL_KNOWN_BYTES  ((size_t)1 << (MODEL_KNOWN_BITS - 3))
#define MODEL_LANES        16 /* labels in memory, padded */

#define MODEL_MIX (2 * CLASSIFY_LABELS)

struct model_label {
    float scale; /* one step of a weight */
    float bias;  /* of the sum of weights */
    /* How this label's probability comes from the scores of all: those of the whole comment, then
     * those of each label's strongest sentence. */
    float mix[MODEL_MIX];
    float shift;
    float review, decide, likely; /* thresholds of the probability */
};

struct classify_model {
    unsigned bits;
    uint8_t training[32];
    uint64_t lexicons;
    struct model_label label[CLASSIFY_LABELS];
    int16_t (*weight)[MODEL_LANES]; /* by bucket, in steps of the label's scale */
    uint8_t *known;                 /* MODEL_KNOWN_BITS bits */
    uint32_t version;               /* the file's CRC */
};

/* Reads a model from memory, which may go afterwards. 0; UPP_E_INPUT with *ret_why a static English
 * sentence: not a model, another version, cut short, damaged; UPP_E_BUSY: out of memory. */
UPP_MUST_USE int model_read(const uint8_t *bytes, size_t len, struct classify_model *ret_model,
                            const char **ret_why);
void model_done(struct classify_model *model);

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

/* The weights of a feature by label; NULL: the training did not know it. */
static inline const int16_t *model_weights(const struct classify_model *model, uint32_t hash)
{
    const uint32_t place = model_bucket(hash, MODEL_KNOWN_BITS);
    if ((model->known[place / 8] & (1u << (place % 8))) == 0)
        return NULL;
    return model->weight[place >> (MODEL_KNOWN_BITS - model->bits)];
}

uint32_t model_crc(const uint8_t *bytes, size_t len);

struct model_score {
    float doc[CLASSIFY_LABELS]; /* of the whole */
    float top[CLASSIFY_LABELS]; /* of the strongest sentence */
    uint8_t top_sentence[CLASSIFY_LABELS];
    float p[CLASSIFY_LABELS]; /* probability */
};

/* The probability of a label from all labels' scores. */
float model_probability(const struct model_label *label, const float doc[CLASSIFY_LABELS],
                        const float top[CLASSIFY_LABELS]);

void model_judge(const struct classify_model *model, const struct feature_list *features,
                 struct model_score *ret);
