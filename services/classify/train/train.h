/* train.h - what the training tool's parts share. It is run by hand; nothing of it is in a
 * service. */
#pragma once
#include "../finding.h"
#include "../model.h"
#include "../port_directory.h"
#include "../tally.h"

#define THEMES_MAX 128
/* A feature that fewer rows have is dropped: it cannot generalise, and could leak a name. */
#define FEATURE_ROWS_MIN 2

struct train_cell {
    uint32_t bucket;
    float value;
};

/* A row as sparse vectors: the whole, then each sentence where there are several. */
struct train_row {
    struct corpus_row is;
    unsigned theme;
    unsigned sure; /* labels that need no weighing */
    uint32_t cues;
    size_t n_features;
    struct feature *feature; /* until they are put into buckets */
    size_t n_sentences;
    size_t n_vectors; /* 1, or 1 + sentences */
    struct train_cell **cell;
    size_t *n_cells;
};

struct train_set {
    size_t n, room;
    struct train_row *row;
    size_t n_themes;
    char theme[THEMES_MAX][64];
    bool frozen[THEMES_MAX];
    size_t n_texts;
    char *text[THEMES_MAX];
    uint8_t digest[32]; /* SHA-256 of the files, in order of their names */
    unsigned bits;
    uint8_t known[MODEL_KNOWN_BYTES];
};

struct train_options {
    unsigned bits, folds;
    double c;        /* liblinear's C */
    double positive; /* weight of the rarer side */
    double decay;    /* how firmly the second stage is held back */
    unsigned rounds; /* how often it sees every row */
    double ratio;    /* 0: plain; else the smoothing of naive-Bayes ratios */
};

struct train_weights {
    size_t buckets;
    float *w[CLASSIFY_LABELS];
    float bias[CLASSIFY_LABELS];
};

/* What the weights say of one row: the whole and the strongest sentence. */
struct train_score {
    float doc[CLASSIFY_LABELS], top[CLASSIFY_LABELS];
};

/* The probability of each label. */
struct train_chance {
    float p[CLASSIFY_LABELS];
};

/* rows.c: all fail by saying why on stderr and false. */
bool rows_read_file(struct train_set *set, const char *path, const char *theme);
bool rows_read_corpus(struct train_set *set, const char *dir, const char *split);
bool rows_extract(struct train_set *set, const classifier *c);
/* Puts features into buckets; those that fewer than FEATURE_ROWS_MIN of the rows in
 * `counted` have are dropped. */
bool rows_bucket(struct train_set *set, const struct train_set *counted);
void rows_done(struct train_set *set);

/* weigh.c: trains on the rows whose theme is in `use`. */
bool weigh_train(const struct train_set *set, const bool use[THEMES_MAX],
                 const struct train_options *options, struct train_weights *ret);
void weigh_score(const struct train_weights *weights, const struct train_row *row,
                 struct train_score *ret);
void weigh_done(struct train_weights *weights);

/* second.c: trains the nets on the scores of rows that the first stage had not seen, those where
 * `use` (by row) says so. Rows that the nets are to judge unseen are for the caller to leave
 * out. */
bool second_train(const struct train_set *set, const bool *use, const struct train_score *scores,
                  const struct train_options *options, struct model_net ret[MODEL_NETS]);
/* The probabilities of one row. */
void second_judge(const struct model_net net[MODEL_NETS], const struct train_row *row,
                  const struct train_score *score, struct train_chance *ret);

/* calibrate.c: the bands' thresholds from probabilities of rows that no stage had seen. */
bool calibrate(const struct train_set *set, const bool use[THEMES_MAX],
               const struct train_chance *chance, struct model_label ret[CLASSIFY_LABELS]);
unsigned decided(const struct train_row *row, const struct train_chance *chance,
                 const struct model_label label[CLASSIFY_LABELS]);

/* report.c */
void report_table(const char *title, const struct tally *t);
void report_goals(const struct tally *t); /* against classification.md section 4 */
void report_groups(const struct tally *t);

/* write.c: the model file's bytes; the caller frees. */
uint8_t *write_model(const struct train_set *set, const struct train_weights *weights,
                     const struct model_label label[CLASSIFY_LABELS],
                     const struct model_net net[MODEL_NETS], uint64_t lexicons, size_t *ret_len);
