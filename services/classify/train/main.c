/* main.c - uppsikt-train: corpus and lexicons in, model.bin and its figures out.
 *
 * Deterministic: the same files and options give the same bytes. Folds go by theme, so that no
 * theme (and hardly an author) is on both sides. Themes in SPLIT are frozen: no threshold and no
 * choice is made on them; dev.tsv is never trained on. */
#include "train.h"
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *corpus, *lexicons, *dev, *more, *out;
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
        "                     [--bits N] [--c X] [--positive X] [--ratio X] [--decay X]\n"
        "                     [--rounds N] [--folds N] [--more FILE.tsv] [--groups] [--wrong]\n"
        "Trains on DIR/*.tsv, chooses thresholds by cross-validation over themes, reports on the\n"
        "themes in DIR/SPLIT and on FILE.tsv, and writes the model trained on all themes, with\n"
        "model.sha256 and model.txt (its figures) beside it. A model that is worse on the frozen\n"
        "themes than the one that model.txt tells of, or finds fewer personal numbers, is not\n"
        "written (exit 1). --more: further rows to train on, as from uppsikt rules decided; their\n"
        "digest is not in the model, which says of itself only what the corpus was.\n",
        to);
    return code;
}

static bool read_arguments(int argc, char **argv, struct arguments *ret)
{
    *ret = (struct arguments){ .options = { .bits = 17,
                                            .folds = 6,
                                            .c = 16,
                                            .positive = 1.5,
                                            .ratio = 0.5,
                                            .decay = 0.2,
                                            .rounds = 60 } };
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
        else if (strcmp(argv[i - 1], "--more") == 0)
            ret->more = value;
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
        else if (strcmp(argv[i - 1], "--decay") == 0)
            ret->options.decay = strtod(value, NULL);
        else if (strcmp(argv[i - 1], "--rounds") == 0)
            ret->options.rounds = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--ratio") == 0)
            ret->options.ratio = strtod(value, NULL);
        else
            return false;
    }
    return ret->corpus && ret->lexicons && ret->options.bits >= 8 && ret->options.bits <= 20 &&
           ret->options.folds >= 2;
}

static size_t fold_of(const struct train_set *set, size_t theme, unsigned folds)
{
    size_t place = 0;
    for (size_t t = 0; t < theme; t++)
        place += !set->frozen[t];
    return place % folds;
}

/* Scores every unfrozen row by weights that have not seen its theme. */
static bool cross_validate(const struct train_set *set, const struct train_options *options,
                           struct train_score *ret)
{
    for (unsigned fold = 0; fold < options->folds; fold++) {
        bool use[THEMES_MAX] = { false };
        bool held[THEMES_MAX] = { false };
        for (size_t t = 0; t < set->n_themes; t++) {
            if (set->frozen[t])
                continue;
            held[t] = fold_of(set, t, options->folds) == fold;
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

/* The probabilities of every unfrozen row, by nets that have not seen its theme either. */
static bool cross_second(const struct train_set *set, const struct train_options *options,
                         const struct train_score *scores, struct train_chance *ret)
{
    bool *use = calloc(set->n + 1, sizeof *use);
    bool fine = use != NULL;
    for (unsigned fold = 0; fine && fold < options->folds; fold++) {
        struct model_net net[MODEL_NETS];
        for (size_t i = 0; i < set->n; i++)
            use[i] = !set->frozen[set->row[i].theme] &&
                     fold_of(set, set->row[i].theme, options->folds) != fold;
        fine = second_train(set, use, scores, options, net);
        for (size_t i = 0; fine && i < set->n; i++) {
            if (!set->frozen[set->row[i].theme] && !use[i])
                second_judge(net, &set->row[i], &scores[i], &ret[i]);
        }
    }
    free(use);
    return fine;
}

/* The nets that are kept: they heard all unfrozen rows. */
static bool last_second(const struct train_set *set, const struct train_options *options,
                        const struct train_score *scores, struct model_net ret[MODEL_NETS])
{
    bool *use = calloc(set->n + 1, sizeof *use);
    for (size_t i = 0; use && i < set->n; i++)
        use[i] = !set->frozen[set->row[i].theme];
    const bool fine = use && second_train(set, use, scores, options, ret);
    free(use);
    return fine;
}

static void judge_rows(const char *title, const struct train_set *set, const bool use[THEMES_MAX],
                       const struct train_chance *chance,
                       const struct model_label label[CLASSIFY_LABELS],
                       const struct arguments *arguments, struct tally *ret)
{
    tally_start(ret);
    for (size_t i = 0; i < set->n; i++) {
        const struct train_row *row = &set->row[i];
        if (!use[row->theme])
            continue;
        const unsigned said = decided(row, &chance[i], label);
        tally_add(ret, &row->is, said);
        if (arguments->wrong && said != row->is.labels) {
            printf("  %.*s", (int)row->is.id_len, row->is.id);
            for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
                const unsigned bit = CLASSIFY_BIT(l);
                if ((said ^ row->is.labels) & bit)
                    printf(" %c%s(%.2f)", (said & bit) ? '+' : '-',
                           classify_label_name((enum classify_label)l), (double)chance[i].p[l]);
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

/* The figures that a kept model must not fall behind: one line each in model.txt. */
struct figures {
    double frozen_micro, personal_numbers;
};

/* False: there is no such file, or it tells of nothing. */
static bool read_figures(const char *path, struct figures *ret)
{
    size_t len = 0;
    char *text = directory_file(path, 65536, &len);
    const char *micro = text ? strstr(text, "frozen-micro-f1 ") : NULL;
    const char *numbers = text ? strstr(text, "personal-number-recall ") : NULL;
    if (micro && numbers)
        *ret = (struct figures){ strtod(micro + 16, NULL), strtod(numbers + 23, NULL) };
    free(text);
    return micro && numbers;
}

/* Of the rows whose group says that they hold a personal number, the share seen as personal data:
 * frozen themes and dev together. */
static double number_recall(const struct train_set *set, const bool use[THEMES_MAX],
                            const struct train_chance *chance,
                            const struct model_label label[CLASSIFY_LABELS], unsigned *all,
                            unsigned *seen)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct train_row *row = &set->row[i];
        char id[64];
        snprintf(id, sizeof id, "%.*s", (int)row->is.id_len, row->is.id);
        if (!use[row->theme] || !strstr(id, "pnr") ||
            !(row->is.labels & CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA)))
            continue;
        ++*all;
        *seen += (decided(row, &chance[i], label) & CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA)) != 0;
    }
    return *all ? (double)*seen / *all : 1;
}

/* Allows half a point of chance: the frozen themes are some fifteen hundred rows. */
static bool is_no_worse(const struct figures *now, const char *path)
{
    struct figures kept;
    if (!read_figures(path, &kept))
        return true;
    if (now->frozen_micro + 0.005 >= kept.frozen_micro &&
        now->personal_numbers >= kept.personal_numbers)
        return true;
    fprintf(stderr,
            "not written: frozen micro-F1 %.3f, personal numbers %.3f; the kept model has %.3f and "
            "%.3f\n",
            now->frozen_micro, now->personal_numbers, kept.frozen_micro, kept.personal_numbers);
    return false;
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

/* The name of a file in the same directory as `path`. */
static void beside(const char *path, const char *file, char *ret, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(ret, size, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, file);
}

/* model.bin, its SHA-256 and its figures beside it. */
static bool write_all(const char *path, const uint8_t *bytes, size_t len,
                      const struct figures *figures, const struct train_options *options,
                      size_t rows)
{
    char name[4096];
    char line[512];
    uint8_t sha[32];
    if (EVP_Digest(bytes, len, sha, NULL, EVP_sha256(), NULL) != 1)
        return false;
    int n = 0;
    for (size_t i = 0; i < sizeof sha; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, "%02x", sha[i]);
    n += snprintf(line + n, sizeof line - (size_t)n, "  model.bin\n");
    beside(path, "model.sha256", name, sizeof name);
    if (!write_file(path, bytes, len) || !write_file(name, line, (size_t)n))
        return false;
    n = snprintf(line, sizeof line,
                 "rows %zu\nbits %u\nc %g\npositive %g\nratio %g\ndecay %g\nrounds %u\nfolds %u\n"
                 "frozen-micro-f1 %.4f\npersonal-number-recall %.4f\n",
                 rows, options->bits, options->c, options->positive, options->ratio, options->decay,
                 options->rounds, options->folds, figures->frozen_micro, figures->personal_numbers);
    beside(path, "model.txt", name, sizeof name);
    return write_file(name, line, (size_t)n);
}

struct work {
    struct train_set set, dev;
    struct train_score *scores, *dev_scores;
    struct train_chance *chance, *dev_chance;
    struct model_net net[MODEL_NETS];
    struct train_weights weights;
    struct model_label label[CLASSIFY_LABELS];
    bool open[THEMES_MAX], all[THEMES_MAX];
};

static bool prepare(const struct arguments *arguments, const classifier *reader, struct work *w)
{
    w->set.bits = w->dev.bits = arguments->options.bits;
    if (!rows_read_corpus(&w->set, arguments->corpus, "SPLIT") ||
        (arguments->more && !rows_read_file(&w->set, arguments->more, "decided")) ||
        !rows_extract(&w->set, reader))
        return false;
    if (arguments->dev && (!rows_read_file(&w->dev, arguments->dev, "dev") ||
                           !rows_extract(&w->dev, reader) || !rows_bucket(&w->dev, &w->set)))
        return false;
    if (!rows_bucket(&w->set, &w->set))
        return false;
    for (size_t t = 0; t < THEMES_MAX; t++) {
        w->open[t] = !w->set.frozen[t];
        w->all[t] = true;
    }
    w->scores = calloc(w->set.n + 1, sizeof *w->scores);
    w->dev_scores = calloc(w->dev.n + 1, sizeof *w->dev_scores);
    w->chance = calloc(w->set.n + 1, sizeof *w->chance);
    w->dev_chance = calloc(w->dev.n + 1, sizeof *w->dev_chance);
    return w->scores && w->dev_scores && w->chance && w->dev_chance;
}

/* Judges the frozen themes, together and one by one, by weights that saw none of them. */
static bool judge_frozen(const struct arguments *arguments, struct work *w,
                         struct figures *ret_figures)
{
    struct tally tally;
    if (!weigh_train(&w->set, w->open, &arguments->options, &w->weights))
        return false;
    for (size_t i = 0; i < w->set.n; i++) {
        if (!w->set.frozen[w->set.row[i].theme])
            continue;
        weigh_score(&w->weights, &w->set.row[i], &w->scores[i]);
        second_judge(w->net, &w->set.row[i], &w->scores[i], &w->chance[i]);
    }
    weigh_done(&w->weights);
    judge_rows("frozen themes", &w->set, w->set.frozen, w->chance, w->label, arguments, &tally);
    report_goals(&tally);
    ret_figures->frozen_micro = tally_micro(&tally);
    for (size_t t = 0; t < w->set.n_themes; t++) {
        bool one[THEMES_MAX] = { false };
        one[t] = w->set.frozen[t];
        const struct arguments quiet = { .options = arguments->options };
        if (one[t])
            judge_rows(w->set.theme[t], &w->set, one, w->chance, w->label, &quiet, &tally);
    }
    return true;
}

static bool run(const struct arguments *arguments, const classifier *reader, struct work *w)
{
    const struct train_options *options = &arguments->options;
    if (!prepare(arguments, reader, w) || !cross_validate(&w->set, options, w->scores) ||
        !cross_second(&w->set, options, w->scores, w->chance) ||
        !last_second(&w->set, options, w->scores, w->net) ||
        !calibrate(&w->set, w->open, w->chance, w->label))
        return false;
    struct tally tally;
    struct figures figures;
    judge_rows("cross-validation", &w->set, w->open, w->chance, w->label, arguments, &tally);
    if (!judge_frozen(arguments, w, &figures))
        return false;
    unsigned all = 0;
    unsigned seen = 0;
    figures.personal_numbers =
        number_recall(&w->set, w->set.frozen, w->chance, w->label, &all, &seen);
    if (!weigh_train(&w->set, w->all, options, &w->weights))
        return false;
    for (size_t i = 0; i < w->dev.n; i++) {
        weigh_score(&w->weights, &w->dev.row[i], &w->dev_scores[i]);
        second_judge(w->net, &w->dev.row[i], &w->dev_scores[i], &w->dev_chance[i]);
    }
    judge_rows("dev", &w->dev, w->all, w->dev_chance, w->label, arguments, &tally);
    if (w->dev.n > 0) {
        report_goals(&tally);
        figures.personal_numbers =
            number_recall(&w->dev, w->all, w->dev_chance, w->label, &all, &seen);
    }
    printf("personal numbers, frozen themes and dev: %u of %u rows\n", seen, all);
    if (!arguments->out)
        return true;
    char name[4096];
    beside(arguments->out, "model.txt", name, sizeof name);
    if (!is_no_worse(&figures, name))
        return false;
    size_t len = 0;
    uint8_t *bytes = write_model(&w->set, &w->weights, w->label, w->net,
                                 classifier_lexicon_version(reader), &len);
    const bool fine = bytes && write_all(arguments->out, bytes, len, &figures, options, w->set.n);
    free(bytes);
    return fine;
}

static void work_freep(struct work **work)
{
    struct work *w = *work;
    if (!w)
        return;
    weigh_done(&w->weights);
    free(w->scores);
    free(w->dev_scores);
    free(w->chance);
    free(w->dev_chance);
    rows_done(&w->set);
    rows_done(&w->dev);
    free(w);
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
    UPP_AUTO(work_freep) struct work *work = calloc(1, sizeof *work);
    return work && run(&arguments, reader, work) ? 0 : 1;
}
