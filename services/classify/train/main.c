/* main.c - uppsikt-train: corpus and lexicons in, model.bin and its figures out.
 *
 * Deterministic: the same files and options give the same bytes. Folds go by theme, so that no
 * theme (and hardly an author) is on both sides. Themes in SPLIT are frozen: no threshold and no
 * choice is made on them; dev.tsv is never trained on. */
#include "train.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *corpus, *lexicons, *dev, *out;
    struct train_options options;
    bool groups, wrong;
};

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "%s\n", line);
}

static int usage(FILE *to, int code)
{
    fputs(
        "usage: uppsikt-train --corpus DIR --lexicons DIR [--dev FILE.tsv] [--out model.bin]\n"
        "                     [--bits N] [--c X] [--positive X] [--ratio X] [--hold X] [--folds "
        "N]\n"
        "                     [--groups] [--wrong]\n"
        "Trains on DIR/*.tsv, chooses thresholds by cross-validation over themes, reports on the\n"
        "themes in DIR/SPLIT and on FILE.tsv, and writes the model trained on all themes, with\n"
        "model.sha256 and model.txt (its figures) beside it. A model that is worse on the frozen\n"
        "themes than the one that model.txt tells of, or finds fewer personal numbers, is not\n"
        "written (exit 1).\n",
        to);
    return code;
}

static bool read_arguments(int argc, char **argv, struct arguments *ret)
{
    *ret = (struct arguments){
        .options = { .bits = 17, .folds = 6, .c = 16, .positive = 1.5, .ratio = 0.5, .hold = 100 }
    };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--groups") == 0) {
            ret->groups = true;
            continue;
        }
        if (strcmp(argv[i], "--wrong") == 0) {
            ret->wrong = true;
            continue;
        }
        if (i + 1 >= argc)
            return false;
        const char *value = argv[++i];
        if (strcmp(argv[i - 1], "--corpus") == 0)
            ret->corpus = value;
        else if (strcmp(argv[i - 1], "--lexicons") == 0)
            ret->lexicons = value;
        else if (strcmp(argv[i - 1], "--dev") == 0)
            ret->dev = value;
        else if (strcmp(argv[i - 1], "--out") == 0)
            ret->out = value;
        else if (strcmp(argv[i - 1], "--bits") == 0)
            ret->options.bits = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--folds") == 0)
            ret->options.folds = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--c") == 0)
            ret->options.c = strtod(value, NULL);
        else if (strcmp(argv[i - 1], "--positive") == 0)
            ret->options.positive = strtod(value, NULL);
        else if (strcmp(argv[i - 1], "--hold") == 0)
            ret->options.hold = strtod(value, NULL);
        else if (strcmp(argv[i - 1], "--ratio") == 0)
            ret->options.ratio = strtod(value, NULL);
        else
            return false;
    }
    return ret->corpus && ret->lexicons && ret->options.bits >= 8 && ret->options.bits <= 20 &&
           ret->options.folds >= 2;
}

/* Scores every unfrozen row by weights that have not seen its theme. */
static bool cross_validate(const struct train_set *set, const struct train_options *options,
                           struct train_score *ret)
{
    for (unsigned fold = 0; fold < options->folds; fold++) {
        bool use[THEMES_MAX] = { false };
        unsigned place = 0;
        bool held[THEMES_MAX] = { false };
        for (size_t t = 0; t < set->n_themes; t++) {
            if (set->frozen[t])
                continue;
            held[t] = place++ % options->folds == fold;
            use[t] = !held[t];
        }
        struct train_weights weights = { 0 };
        if (!weigh_train(set, use, options, &weights))
            return false;
        for (size_t i = 0; i < set->n; i++) {
            if (held[set->row[i].theme])
                weigh_score(&weights, &set->row[i], &ret[i]);
        }
        weigh_done(&weights);
    }
    return true;
}

static void judge_rows(const char *title, const struct train_set *set, const bool use[THEMES_MAX],
                       const struct train_score *scores,
                       const struct model_label label[CLASSIFY_LABELS],
                       const struct arguments *arguments, struct tally *ret)
{
    tally_start(ret);
    for (size_t i = 0; i < set->n; i++) {
        const struct train_row *row = &set->row[i];
        if (!use[row->theme])
            continue;
        const unsigned said = decided(row, &scores[i], label);
        tally_add(ret, &row->is, said);
        if (arguments->wrong && said != row->is.labels) {
            printf("  %.*s", (int)row->is.id_len, row->is.id);
            for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
                const unsigned bit = CLASSIFY_BIT(l);
                if ((said ^ row->is.labels) & bit)
                    printf(" %c%s(%.2f)", (said & bit) ? '+' : '-',
                           classify_label_name((enum classify_label)l),
                           (double)calibrated(&label[l], &scores[i]));
            }
            printf(" | %.*s\n", (int)row->is.text_len, row->is.text);
        }
    }
    if (ret->rows == 0)
        return;
    report_table(title, ret);
    if (arguments->groups)
        report_groups(ret);
}

static bool write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    const bool written = fwrite(bytes, 1, len, file) == len;
    return fclose(file) == 0 && written;
}

static bool run(const struct arguments *arguments, const classifier *reader)
{
    struct train_set set = { .bits = arguments->options.bits };
    struct train_set dev = { .bits = arguments->options.bits };
    if (!rows_read_corpus(&set, arguments->corpus, "SPLIT") || !rows_extract(&set, reader))
        return false;
    if (arguments->dev && (!rows_read_file(&dev, arguments->dev, "dev") ||
                           !rows_extract(&dev, reader) || !rows_bucket(&dev, &set)))
        return false;
    if (!rows_bucket(&set, &set))
        return false;
    struct train_score *scores = calloc(set.n + 1, sizeof *scores);
    struct train_score *dev_scores = calloc(dev.n + 1, sizeof *dev_scores);
    if (!scores || !dev_scores || !cross_validate(&set, &arguments->options, scores))
        return false;
    bool open[THEMES_MAX];
    bool all[THEMES_MAX];
    for (size_t t = 0; t < THEMES_MAX; t++) {
        open[t] = !set.frozen[t];
        all[t] = true;
    }
    struct model_label label[CLASSIFY_LABELS] = { 0 };
    calibrate(&set, open, scores, arguments->options.hold, label);
    struct tally tally;
    judge_rows("cross-validation", &set, open, scores, label, arguments, &tally);
    struct train_weights weights = { 0 };
    if (!weigh_train(&set, open, &arguments->options, &weights))
        return false;
    for (size_t i = 0; i < set.n; i++) {
        if (set.frozen[set.row[i].theme])
            weigh_score(&weights, &set.row[i], &scores[i]);
    }
    judge_rows("frozen themes", &set, set.frozen, scores, label, arguments, &tally);
    weigh_done(&weights);
    if (!weigh_train(&set, all, &arguments->options, &weights))
        return false;
    for (size_t i = 0; i < dev.n; i++)
        weigh_score(&weights, &dev.row[i], &dev_scores[i]);
    judge_rows("dev", &dev, all, dev_scores, label, arguments, &tally);
    bool fine = true;
    if (arguments->out) {
        size_t len = 0;
        uint8_t *bytes =
            write_model(&set, &weights, label, classifier_lexicon_version(reader), &len);
        fine = bytes && write_file(arguments->out, bytes, len);
        free(bytes);
    }
    weigh_done(&weights);
    free(scores);
    free(dev_scores);
    rows_done(&set);
    rows_done(&dev);
    return fine;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (!read_arguments(argc, argv, &arguments))
        return usage(stderr, 2);
    struct lexicon_directory directory;
    if (directory_read(arguments.lexicons, &directory, say, NULL) < 0)
        return 78;
    UPP_AUTO(classifier_freep)
    classifier *reader = classifier_new(NULL, 0, directory.file, directory.n, say, NULL);
    directory_done(&directory);
    if (!reader)
        return 78;
    return run(&arguments, reader) ? 0 : 1;
}
