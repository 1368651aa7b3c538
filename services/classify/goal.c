/* goal.c - how far the figures are from what we hold ourselves to. */
#include "goal.h"
#include <stdio.h>

/* 0: no goal. */
struct goal {
    double precision, recall, f1;
};

static const struct goal goals[CLASSIFY_LABELS] = {
    [CLASSIFY_QUESTION] = { .precision = 0.80, .recall = 0.96 },
    [CLASSIFY_PERSONAL_DATA] = { .precision = 0.93, .recall = 0.97 },
    [CLASSIFY_PROFANITY] = { .f1 = 0.96 },
    [CLASSIFY_ATTACK] = { .f1 = 0.82 },
    [CLASSIFY_INCITEMENT] = { .f1 = 0.78 },
    [CLASSIFY_CONFIDENTIAL] = { .f1 = 0.78 },
};

static const char *met(bool good)
{
    return good ? "met" : "not met";
}

/* One label's line. */
static bool label_meets(unsigned label, const struct tally_cell *c, char *line, size_t size)
{
    const struct goal *goal = &goals[label];
    const char *name = classify_label_name((enum classify_label)label);
    const double precision = tally_precision(c), recall = tally_recall(c), f1 = tally_f1(c);
    const bool good =
        goal->f1 > 0 ? f1 >= goal->f1 : precision >= goal->precision && recall >= goal->recall;
    if (goal->f1 > 0)
        snprintf(line, size, "%-14s F1 %.3f of %.2f: %s", name, f1, goal->f1, met(good));
    else
        snprintf(line, size, "%-14s precision %.3f of %.2f, recall %.3f of %.2f: %s", name,
                 precision, goal->precision, recall, goal->recall, met(good));
    return good;
}

unsigned goal_each(const struct tally *t, void (*say)(void *ctx, const char *line), void *ctx)
{
    char line[160];
    unsigned missed = 0;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const struct tally_cell *c = &t->label[l];
        if (c->hit + c->missed == 0 || (goals[l].f1 <= 0 && goals[l].recall <= 0))
            continue;
        missed += !label_meets(l, c, line, sizeof line);
        say(ctx, line);
    }
    const double micro = tally_micro(t), macro = tally_macro(t), alarms = tally_alarms(t);
    snprintf(line, sizeof line,
             "micro-F1 %.3f of 0.90: %s; macro-F1 %.3f of 0.87: %s; false alarms %.3f of at most "
             "0.06: %s",
             micro, met(micro >= 0.90), macro, met(macro >= 0.87), alarms, met(alarms <= 0.06));
    say(ctx, line);
    return missed + (micro < 0.90) + (macro < 0.87) + (alarms > 0.06);
}
