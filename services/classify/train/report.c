/* report.c - prints how well it went. */
#include "goal.h"
#include "train.h"
#include <stdio.h>

void report_table(const char *title, const struct tally *t)
{
    printf("%s: %u rows, micro-F1 %.3f, macro-F1 %.3f, all labels right %.3f, false alarms on fine "
           "rows %.3f\n",
           title, t->rows, tally_micro(t), tally_macro(t), t->rows ? (double)t->exact / t->rows : 0,
           tally_alarms(t));
    for (unsigned l = 0; l <= CLASSIFY_LABELS; l++) {
        const struct tally_cell *c = &t->label[l];
        printf("  %-14s P %.3f R %.3f F1 %.3f  (%u rows)\n",
               l < CLASSIFY_LABELS ? classify_label_name((enum classify_label)l) : "ok",
               tally_precision(c), tally_recall(c), tally_f1(c), c->hit + c->missed);
    }
}

static void print_line(void *ctx, const char *line)
{
    (void)ctx;
    printf("  goal: %s\n", line);
}

void report_goals(const struct tally *t)
{
    (void)goal_each(t, print_line, NULL);
}

void report_groups(const struct tally *t)
{
    for (size_t g = 0; g < t->n_groups; g++) {
        const struct tally_group *group = &t->group[g];
        printf("  %-40s rows %4u  all right %.2f  F1 %.2f\n", group->name, group->rows,
               group->rows ? (double)group->exact / group->rows : 0, tally_f1(&group->all));
    }
}
