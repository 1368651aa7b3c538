/* tally.c - reads corpus rows and counts hits and misses by label and group. */
#include "tally.h"
#include <string.h>

static int wrong(const char *words, const char **ret_why)
{
    *ret_why = words;
    return UPP_E_INPUT;
}

/* Ids end in "-NNNN"; what stands before is the group. */
static size_t group_length(const char *id, size_t len)
{
    size_t n = len;
    while (n > 0 && id[n - 1] >= '0' && id[n - 1] <= '9')
        n--;
    return n > 0 && id[n - 1] == '-' ? n - 1 : len;
}

int corpus_read(const char *text, size_t len, size_t *at, struct corpus_row *ret_row,
                const char **ret_why)
{
    if (*at >= len)
        return 1;
    const char *line = text + *at;
    const char *end = memchr(line, '\n', len - *at);
    const size_t n = end ? (size_t)(end - line) : len - *at;
    *at += n + 1;
    const char *field[4];
    size_t size[4];
    size_t from = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *tab = i < 3 ? memchr(line + from, '\t', n - from) : NULL;
        if (i < 3 && !tab)
            return wrong("a row has four columns: id, lang, labels, text", ret_why);
        field[i] = line + from;
        size[i] = tab ? (size_t)(tab - field[i]) : n - from;
        from += size[i] + 1;
    }
    if (memchr(field[3], '\t', size[3]))
        return wrong("no tab in the text", ret_why);
    if (size[3] == 0 || size[0] == 0)
        return wrong("an empty id or text", ret_why);
    const bool english = size[1] == 2 && memcmp(field[1], "en", 2) == 0;
    if (!english && !(size[1] == 2 && memcmp(field[1], "sv", 2) == 0))
        return wrong("the language is sv or en", ret_why);
    unsigned labels = 0;
    UPP_TRY(classify_labels_parse(field[2], size[2], &labels, ret_why));
    *ret_row = (struct corpus_row){ .id = field[0],
                                    .text = field[3],
                                    .id_len = size[0],
                                    .text_len = size[3],
                                    .group_len = group_length(field[0], size[0]),
                                    .labels = labels,
                                    .english = english };
    return 0;
}

void tally_start(struct tally *t)
{
    memset(t, 0, sizeof *t);
}

static void count(struct tally_cell *c, bool truth, bool said)
{
    c->hit += truth && said;
    c->false_alarm += !truth && said;
    c->missed += truth && !said;
}

static struct tally_group *find_group(struct tally *t, const struct corpus_row *row)
{
    /* "c-ok-praise-skola-0001" has its theme before the number, "d-ok-praise-0001" has none. */
    const size_t skip = row->group_len > 2 && row->id[1] == '-' ? 2 : 0;
    size_t n = row->group_len - skip;
    if (skip > 0 && row->id[0] == 'c') {
        size_t theme = n;
        while (theme > 0 && row->id[skip + theme - 1] != '-')
            theme--;
        n = theme > 1 ? theme - 1 : n;
    }
    if (n >= sizeof t->group[0].name)
        n = sizeof t->group[0].name - 1;
    for (size_t i = 0; i < t->n_groups; i++) {
        if (strlen(t->group[i].name) == n && memcmp(t->group[i].name, row->id + skip, n) == 0)
            return &t->group[i];
    }
    if (t->n_groups == TALLY_GROUPS)
        return NULL;
    struct tally_group *g = &t->group[t->n_groups++];
    memcpy(g->name, row->id + skip, n);
    g->name[n] = '\0';
    return g;
}

void tally_add(struct tally *t, const struct corpus_row *row, unsigned said)
{
    struct tally_group *g = find_group(t, row);
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const bool truth = (row->labels & CLASSIFY_BIT(l)) != 0;
        const bool seen = (said & CLASSIFY_BIT(l)) != 0;
        count(&t->label[l], truth, seen);
        if (g)
            count(&g->all, truth, seen);
    }
    const bool fine = (row->labels & CLASSIFY_VIOLATIONS) == 0;
    const bool called_fine = (said & CLASSIFY_VIOLATIONS) == 0;
    count(&t->label[CLASSIFY_LABELS], fine, called_fine);
    t->rows++;
    t->exact += row->labels == said;
    t->fine_rows += fine;
    t->fine_alarms += fine && !called_fine;
    if (g) {
        g->rows++;
        g->exact += row->labels == said;
    }
}

double tally_precision(const struct tally_cell *c)
{
    const unsigned said = c->hit + c->false_alarm;
    return said ? (double)c->hit / said : 0;
}

double tally_recall(const struct tally_cell *c)
{
    const unsigned there = c->hit + c->missed;
    return there ? (double)c->hit / there : 0;
}

double tally_f1(const struct tally_cell *c)
{
    const unsigned sum = 2 * c->hit + c->false_alarm + c->missed;
    return sum ? 2.0 * c->hit / sum : 0;
}

double tally_micro(const struct tally *t)
{
    struct tally_cell sum = { 0 };
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        sum.hit += t->label[l].hit;
        sum.false_alarm += t->label[l].false_alarm;
        sum.missed += t->label[l].missed;
    }
    return tally_f1(&sum);
}

double tally_macro(const struct tally *t)
{
    double sum = 0;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++)
        sum += tally_f1(&t->label[l]);
    return sum / CLASSIFY_LABELS;
}

double tally_alarms(const struct tally *t)
{
    return t->fine_rows ? (double)t->fine_alarms / t->fine_rows : 0;
}
