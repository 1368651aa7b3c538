/* chosen.c - what can be decided together, and what has to be decided by itself (R22, R25). */
#include "chosen.h"
#include <stdlib.h>
#include <string.h>

static bool is_among(const chosen_pick *picks, size_t n, const char *matter)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(picks[i].matter, matter) == 0)
            return true;
    return false;
}

/* "<matter>~<version>" */
static bool read_pick(const char *text, chosen_pick *ret_pick)
{
    const size_t n = strcspn(text, "~");
    char *end = NULL;
    if (n == 0 || n >= sizeof ret_pick->matter || text[n] != '~')
        return false;
    if (text[n + 1] < '0' || text[n + 1] > '9')
        return false;
    memcpy(ret_pick->matter, text, n);
    ret_pick->matter[n] = '\0';
    const unsigned long version = strtoul(text + n + 1, &end, 10);
    ret_pick->version = (uint32_t)version;
    return *end == '\0' && version <= UINT32_MAX;
}

int chosen_read(const form *f, chosen_pick ret_picks[CHOSEN_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        chosen_pick one;
        if (strcmp(f->fields[i].name, "m") != 0)
            continue;
        if (!read_pick(f->fields[i].value, &one))
            return -1;
        if (is_among(ret_picks, n < CHOSEN_MAX ? n : CHOSEN_MAX, one.matter))
            continue;
        if (n < CHOSEN_MAX)
            ret_picks[n] = one;
        n++;
    }
    return (int)n;
}

void chosen_pair(const chosen_pick *picks, size_t n_picks, ProtobufCMessage *const *rows,
                 ProtobufCMessage *const *contents, size_t n, chosen *ret_chosen)
{
    *ret_chosen = (chosen){ .unknown = n_picks };
    for (size_t r = 0; r < n && ret_chosen->n < CHOSEN_MAX; r++) {
        const Uppsikt__ChosenRow *row = (const Uppsikt__ChosenRow *)rows[r];
        for (size_t p = 0; p < n_picks; p++) {
            if (strcmp(picks[p].matter, row->desk->opened->matter) != 0)
                continue;
            ret_chosen->ones[ret_chosen->n++] = (chosen_one){
                .row = row,
                .content = ((const Uppsikt__ChosenRowContent *)contents[r])->desk,
                .version = picks[p].version,
            };
            ret_chosen->unknown--;
        }
    }
}

/* What a decision does not change. */
static const char *lasting_flaw(const chosen *c, size_t i)
{
    const Uppsikt__ChosenRow *row = c->ones[i].row;
    const Uppsikt__MatterOpened *o = row->desk->opened;
    if (!o->item[0] || (o->errand[0] && strcmp(o->errand, "removed-outside") != 0))
        return "chosen.why-errand";
    if (o->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return "chosen.why-question";
    if (row->desk->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        return "chosen.why-message"; /* she has not read it: its page notes who looks (R29) */
    if (!row->may_act)
        return "chosen.why-not-yours";
    for (size_t other = 0; other < i; other++)
        if (!c->ones[other].flaw && strcmp(c->ones[other].row->desk->opened->item, o->item) == 0)
            return "chosen.why-same";
    return NULL;
}

static const char *passing_flaw(const chosen_one *one)
{
    const Uppsikt__ChosenRow *row = one->row;
    if (strcmp(row->state, "open") != 0)
        return "chosen.why-closed";
    if (row->is_gone)
        return "chosen.why-gone";
    if (row->desk->versions != one->version)
        return "chosen.why-changed";
    return row->desk->decided ? "chosen.why-decided" : NULL;
}

/* R21: a row lets go what is its own authority's. */
static bool is_in_plan(const chosen *c, const char *authority, const char *plan_row)
{
    for (size_t i = 0; i < c->n; i++) {
        const Uppsikt__ChosenRow *row = c->ones[i].row;
        for (size_t n = 0; strcmp(row->authority, authority) == 0 && n < row->n_rows; n++)
            if (strcmp(row->rows[n]->row, plan_row) == 0)
                return true;
    }
    return false;
}

void chosen_judge(chosen *c, const Uppsikt__Decide *d, bool sent)
{
    for (size_t i = 0; i < c->n; i++) {
        chosen_one *one = &c->ones[i];
        one->flaw = lasting_flaw(c, i);
        if (!one->flaw && !sent)
            one->flaw = passing_flaw(one);
        if (!one->flaw && d && d->plan_row[0] && !is_in_plan(c, one->row->authority, d->plan_row))
            one->flaw = "chosen.why-row";
    }
}

size_t chosen_count(const chosen *c, bool flawed)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += (c->ones[i].flaw != NULL) == flawed;
    return n;
}

size_t chosen_ended(const chosen *c, enum chosen_end end)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += !c->ones[i].flaw && c->ones[i].end == end;
    return n;
}

void chosen_labels(const chosen *c, size_t ret_counts[CHOSEN_LABELS])
{
    memset(ret_counts, 0, CHOSEN_LABELS * sizeof ret_counts[0]);
    for (size_t i = 0; i < c->n; i++) {
        const Uppsikt__DeskRow *d = c->ones[i].row->desk;
        bool any = false;
        for (size_t f = 0; !c->ones[i].flaw && f < d->n_findings; f++) {
            const size_t label = (size_t)d->findings[f]->label;
            if (label == 0 || label >= CHOSEN_LABELS)
                continue;
            ret_counts[label]++;
            any = true;
        }
        ret_counts[0] += !c->ones[i].flaw && !any;
    }
}

size_t chosen_account(const chosen *c, size_t i)
{
    const char *account = c->ones[i].row->desk->opened->account;
    size_t n = 0;
    for (size_t other = 0; other < c->n; other++) {
        if (c->ones[other].flaw || strcmp(c->ones[other].row->desk->opened->account, account) != 0)
            continue;
        if (other < i)
            return 0;
        n++;
    }
    return c->ones[i].flaw ? 0 : n;
}

const Uppsikt__PlanRow *chosen_plan(const chosen *c, size_t nth)
{
    for (size_t i = 0; i < c->n; i++) {
        if (nth < c->ones[i].row->n_rows)
            return c->ones[i].row->rows[nth];
        nth -= c->ones[i].row->n_rows;
    }
    return NULL;
}
