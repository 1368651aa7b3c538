/* processing.c - the kinds of data, and what the plan says of each. */
#include "processing.h"
#include <stdio.h>
#include <string.h>

/* `covers`: words of services/registry/cover.h, a blank around each. A saved copy goes with what it
 * is a copy of, and so do the decisions' words. */
#define ITEMS                                                                                      \
    " comment mention review removed-comment removed-mention removed-review "                      \
    "message removed-message own removed-own "
static const struct {
    const char *kind, *covers;
} kinds[PROCESSING_KINDS] = {
    { "comments", " comment mention review removed-comment removed-mention removed-review " },
    { "messages", " message removed-message " },
    { "own", " own removed-own " },
    { "matters", ITEMS },
    { "copies", ITEMS },
    { "staff", " staff absence " },
    { "looks", " look " },
    { "packages", " package " },
    { "lines", " line " },
};

static const char *const fields[] = { "purpose", "whose", "kept", "access", "receivers" };

const char *processing_kind(size_t kind)
{
    return kind < PROCESSING_KINDS ? kinds[kind].kind : NULL;
}

const char *processing_field(size_t field)
{
    return field < UPP_LEN(fields) ? fields[field] : NULL;
}

const char *processing_text(const phrases *words, size_t kind, const char *field)
{
    char key[64];
    if (kind >= PROCESSING_KINDS)
        return field ? "" : phrase(words, "processing.others-title");
    snprintf(key, sizeof key, "processing.%s%s%s", kinds[kind].kind, field ? "-" : "",
             field ? field : "");
    return phrase(words, key);
}

static bool covers(const Uppsikt__PlanLine *row, const char *words)
{
    char word[40];
    for (size_t i = 0; i < row->n_covers; i++) {
        snprintf(word, sizeof word, " %.36s ", row->covers[i]);
        if (strstr(words, word))
            return true;
    }
    return false;
}

static bool covers_kind(const Uppsikt__PlanLine *row, size_t kind)
{
    if (kind < PROCESSING_KINDS)
        return covers(row, kinds[kind].covers);
    for (size_t i = 0; i < PROCESSING_KINDS; i++)
        if (covers(row, kinds[i].covers))
            return false;
    return true;
}

/* One without a decision is a template, and one of later is none yet (R21). */
static bool in_force(const processing *p, const processing_controller *c,
                     const Uppsikt__PlanLine *row)
{
    return row->decision[0] && row->valid_from_ms <= p->now &&
           (!row->authority[0] || strcmp(row->authority, c->authority) == 0);
}

const Uppsikt__PlanLine *processing_row(const processing *p, const processing_controller *c,
                                        size_t kind, size_t *at)
{
    while (*at < p->n_plan) {
        const Uppsikt__PlanLine *row = p->plan[(*at)++];
        if (in_force(p, c, row) && covers_kind(row, kind))
            return row;
    }
    return NULL;
}

void processing_term(const phrases *words, const Uppsikt__PlanLine *row,
                     char ret_term[PROCESSING_TERM])
{
    if (strcmp(row->action, "dispose") != 0)
        snprintf(ret_term, PROCESSING_TERM, "%s",
                 phrase(words, strcmp(row->action, "review") == 0 ? "processing.reviewed"
                                                                  : "processing.keeps"));
    else if (row->months == 0)
        snprintf(ret_term, PROCESSING_TERM, "%s", phrase(words, "processing.no-months"));
    else
        snprintf(ret_term, PROCESSING_TERM, "%s %d %s", phrase(words, "processing.after"),
                 (int)row->months,
                 phrase(words, row->months == 1 ? "processing.month" : "processing.months"));
}
