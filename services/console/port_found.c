/* port_found.c - all that a search finds, together in memory: what is handed out is whole or none
 * (R28). */
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The worker has other visitors, too. */
enum { ROUNDS = 50, BYTES_MAX = 8 * 1024 * 1024 };

void visit_found_done(visit_found *f)
{
    if (f->all)
        visit_free_rows(f->all);
}

/* Moves what a round found to the others. False: that was all. */
static bool take(visit_found *f, visit_rows *round, Uppsikt__Find *q)
{
    bool more = false;
    for (size_t i = 0; i < round->n && !f->many; i++) {
        const Uppsikt__FoundRow *row = (const Uppsikt__FoundRow *)round->rows[i];
        if (row->so_far) {
            more = true;
            snprintf(f->before, sizeof f->before, "%s", row->item);
            q->before_ms = row->at_ms;
            q->before = f->before;
            q->before_version = row->version;
            continue;
        }
        f->bytes += strlen(((const Uppsikt__FoundRowContent *)round->contents[i])->text);
        f->many = f->all->n == VISIT_ROWS || f->bytes > BYTES_MAX;
        if (f->many)
            break;
        f->all->rows[f->all->n] = round->rows[i];
        f->all->contents[f->all->n++] = round->contents[i];
        round->rows[i] = round->contents[i] = NULL;
    }
    return more && !f->many;
}

bool visit_collect(visit *v, Uppsikt__Find *q, visit_found *ret_found)
{
    visit_found *f = ret_found;
    bool more = true;
    *f = (visit_found){ .all = calloc(1, sizeof *f->all) };
    upp_check(f->all);
    for (int round = 0; round < ROUNDS && more; round++) {
        visit_rows *rows = visit_ask(v, "console", &q->base, &uppsikt__found_row__descriptor,
                                     &uppsikt__found_row_content__descriptor);
        if (!rows)
            return false;
        v->n_lists--; /* ours from here: a visit keeps only a few lists */
        more = take(f, rows, q);
        visit_free_rows(rows);
    }
    f->many = f->many || more;
    return true;
}

const Uppsikt__FoundRow *visit_found_row(const visit_found *f, size_t i)
{
    return (const Uppsikt__FoundRow *)f->all->rows[i];
}

const Uppsikt__FoundRowContent *visit_found_content(const visit_found *f, size_t i)
{
    return (const Uppsikt__FoundRowContent *)f->all->contents[i];
}
