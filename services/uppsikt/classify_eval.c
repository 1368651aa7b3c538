/* classify_eval.c - `uppsikt classify --eval`: how well the classifier does on labelled rows. */
#include "classify_out.h"
#include "goal.h"
#include "port_directory.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVAL_BYTES_MAX (64u << 20)
#define WORST          25

struct wrong_row {
    struct corpus_row row;
    unsigned said;
    float distance; /* how far the scores are from the labels, the sum */
};

struct evaluation {
    struct tally tally;
    struct wrong_row worst[WORST];
    size_t n_worst;
    unsigned bad_lines;
    double per_second;
};

static void free_text(char **text)
{
    free(*text);
}

static void free_evaluation(struct evaluation **e)
{
    free(*e);
}

static void keep_worst(struct evaluation *e, struct wrong_row row)
{
    for (size_t i = 0; i < WORST; i++) {
        if (i == e->n_worst) {
            e->worst[e->n_worst++] = row;
            return;
        }
        if (row.distance > e->worst[i].distance) {
            const struct wrong_row moved = e->worst[i];
            e->worst[i] = row;
            row = moved;
        }
    }
}

static void judge(const classifier *c, classifier_room *room,
                  const struct classifier_policy *policy, const struct corpus_row *row,
                  struct classifier_verdict *ret)
{
    classifier_judge(c, room, row->text, row->text_len, row->english ? "en" : "sv", policy, ret);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The rows again and again for a quarter of a second of processor time, caches warm: asking for the
 * time at each would take as long as half a judgement. */
static double per_second(const classifier *c, classifier_room *room,
                         const struct classifier_policy *policy, const char *text, size_t len,
                         size_t first)
{
    struct classifier_verdict verdict;
    const double begun = cpu_seconds();
    double took = 0;
    size_t judged = 0;
    while (took < 0.25) {
        for (size_t at = first; at < len;) {
            struct corpus_row row;
            const char *why = "";
            if (corpus_read(text, len, &at, &row, &why) != 0)
                continue;
            judge(c, room, policy, &row, &verdict);
            judged++;
        }
        took = cpu_seconds() - begun;
    }
    return (double)judged / took;
}

static void judge_row(const classifier *c, classifier_room *room,
                      const struct classifier_policy *policy, const struct corpus_row *row,
                      struct evaluation *e)
{
    struct classifier_verdict verdict;
    judge(c, room, policy, row, &verdict);
    tally_add(&e->tally, row, verdict.labels);
    if (verdict.labels == row->labels)
        return;
    struct wrong_row wrong = { .row = *row, .said = verdict.labels };
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const float truth = (row->labels & CLASSIFY_BIT(l)) ? 1.0f : 0.0f;
        if ((verdict.labels ^ row->labels) & CLASSIFY_BIT(l))
            wrong.distance += truth > 0 ? 1.0f - verdict.score[l] : verdict.score[l];
    }
    keep_worst(e, wrong);
}

static void print_line(void *ctx, const char *line)
{
    (void)ctx;
    puts(line);
}

static void print_cell(const char *name, const struct tally_cell *c)
{
    printf("%-14s %9.3f %6.3f %6.3f %6u\n", name, tally_precision(c), tally_recall(c), tally_f1(c),
           c->hit + c->missed);
}

static void print_labels(unsigned labels)
{
    if ((labels & CLASSIFY_VIOLATIONS) == 0)
        printf(" ok");
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        if (labels & CLASSIFY_BIT(l))
            printf(" %s", classify_label_name((enum classify_label)l));
    }
}

static void print_evaluation(const struct evaluation *e)
{
    const struct tally *t = &e->tally;
    printf("%-14s %9s %6s %6s %6s\n", "label", "precision", "recall", "F1", "rows");
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
        print_cell(classify_label_name((enum classify_label)l), &t->label[l]);
    print_cell("ok", &t->label[CLASSIFY_LABELS]);
    printf("\n%-34s %5s %9s %6s\n", "group", "rows", "all right", "F1");
    for (size_t g = 0; g < t->n_groups; g++) {
        const struct tally_group *group = &t->group[g];
        printf("%-34s %5u %9.2f %6.2f\n", group->name, group->rows,
               (double)group->exact / group->rows, tally_f1(&group->all));
    }
    puts("\ngoals (classification.md section 4)");
    (void)goal_each(t, print_line, NULL);
    printf("\nworst rows (said, meant)\n");
    for (size_t i = 0; i < e->n_worst; i++) {
        const struct wrong_row *w = &e->worst[i];
        printf("%.*s said", (int)w->row.id_len, w->row.id);
        print_labels(w->said);
        printf(", meant");
        print_labels(w->row.labels);
        printf(": %.*s\n", (int)w->row.text_len, w->row.text);
    }
    printf("\nrows %u, micro-F1 %.3f, macro-F1 %.3f, all labels right %.3f, false alarms on fine "
           "rows %.3f\n",
           t->rows, tally_micro(t), tally_macro(t), (double)t->exact / t->rows, tally_alarms(t));
    printf("%.0f comments a second on one core\n", e->per_second);
}

size_t classify_header(const char *text, size_t len)
{
    static const char header[] = "id\tlang\tlabels\ttext";
    const size_t n = sizeof header - 1;
    if (len < n || memcmp(text, header, n) != 0)
        return 0;
    const char *end = memchr(text, '\n', len);
    return end ? (size_t)(end - text) + 1 : len;
}

int classify_eval(const classifier *c, const struct classifier_policy *policy, const char *path)
{
    size_t len = 0;
    UPP_AUTO(free_text) char *text = directory_file(path, EVAL_BYTES_MAX, &len);
    UPP_AUTO(free_evaluation) struct evaluation *e = calloc(1, sizeof *e);
    UPP_AUTO(classifier_room_freep) classifier_room *room = classifier_room_new();
    if (!text || !e || !room) {
        fprintf(stderr, "uppsikt classify: %s: cannot be read\n", path);
        return 2;
    }
    tally_start(&e->tally);
    const size_t first = classify_header(text, len);
    size_t at = first;
    for (size_t line = at > 0 ? 2 : 1; at < len; line++) {
        struct corpus_row row;
        const char *why = "";
        if (corpus_read(text, len, &at, &row, &why) == 0) {
            judge_row(c, room, policy, &row, e);
        } else {
            fprintf(stderr, "%s:%zu: %s\n", path, line, why);
            e->bad_lines++;
        }
    }
    if (e->tally.rows == 0) {
        fprintf(stderr, "uppsikt classify: %s: no rows\n", path);
        return 1;
    }
    e->per_second = per_second(c, room, policy, text, len, first);
    print_evaluation(e);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "uppsikt classify: standard output: %s\n", strerror(errno));
        return 1;
    }
    return e->bad_lines > 0 ? 1 : 0;
}
