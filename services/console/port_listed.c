/* port_listed.c - a disposal's list, read before it is approved; its protocol as a file (R23). */
#include "protocol_text.h"
#include "suite_clock.h"
#include "visit.h"
#include <stdio.h>

enum { PAGE = 50, ROUNDS = 500, BYTES_MAX = 16 * 1024 * 1024 };
static const upp_ms patience_span = 30 * UPP_SECOND;

/* The disposal of the route, as its owner has it; NULL: the answer is given. */
static const Uppsikt__DisposalRow *disposal(visit *v)
{
    Uppsikt__Disposals q = UPPSIKT__DISPOSALS__INIT;
    q.disposal = v->route.id;
    const visit_rows *rows =
        visit_ask(v, "evidence", &q.base, &uppsikt__disposal_row__descriptor, NULL);
    if (!rows)
        visit_words(v, 503, "down.title", "down.words");
    else if (rows->n == 0)
        visit_words(v, 404, "none.title", "none.words");
    return rows && rows->n > 0 ? (const Uppsikt__DisposalRow *)rows->rows[0] : NULL;
}

static visit_rows *items_after(visit *v, const char *after, uint32_t limit)
{
    Uppsikt__DisposedItems q = UPPSIKT__DISPOSED_ITEMS__INIT;
    q.disposal = v->route.id;
    q.after = upp_lend(after);
    q.limit = limit;
    return visit_ask(v, "evidence", &q.base, &uppsikt__disposed_row__descriptor, NULL);
}

static const visit_rows *lines(visit *v)
{
    Uppsikt__DisposalLines q = UPPSIKT__DISPOSAL_LINES__INIT;
    q.limit = 1;
    q.disposal = v->route.id;
    return visit_ask(v, "console", &q.base, &uppsikt__disposal_line__descriptor,
                     &uppsikt__disposal_line_content__descriptor);
}

static const visit_rows *known(visit *v, const view_rows *items)
{
    Uppsikt__Listed q = UPPSIKT__LISTED__INIT;
    char *ids[PAGE];
    for (size_t i = 0; i < items->n; i++)
        ids[i] = ((const Uppsikt__DisposedRow *)items->rows[i])->item;
    q.person = v->view.who->person;
    q.items = ids;
    q.n_items = items->n;
    return visit_ask(v, "console", &q.base, &uppsikt__listed_row__descriptor,
                     &uppsikt__listed_row_content__descriptor);
}

void visit_listed(visit *v)
{
    view_listing l = { .row = disposal(v) };
    if (!l.row)
        return;
    const visit_rows *line = lines(v);
    const visit_rows *items = items_after(v, form_value(&v->params, "efter"), PAGE + 1);
    visit_view(items, &l.items);
    l.more = l.items.n > PAGE;
    l.items.n = l.more ? PAGE : l.items.n;
    const visit_rows *what = items ? known(v, &l.items) : NULL;
    if (!line || !what) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    if (line->n == 0) { /* it was proposed this very moment */
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    l.line = (const Uppsikt__DisposalLine *)line->rows[0];
    l.names = (const Uppsikt__DisposalLineContent *)line->contents[0];
    visit_view(what, &l.known);
    view_listed(&v->view, &l);
}

/* Each item of the list. 1: evidence does not answer, or it is more than a page's file holds. */
static int write_items(visit *v, buf *out)
{
    char after[ROUTE_PART] = "";
    const upp_ms until = upp_steady_now() + patience_span;
    for (int round = 0; round < ROUNDS && upp_steady_now() < until; round++) {
        int rc = 0;
        visit_rows *rows = items_after(v, after, VISIT_ROWS);
        if (!rows)
            return 1;
        for (size_t i = 0; i < rows->n && rc == 0; i++) {
            const Uppsikt__DisposedRow *row = (const Uppsikt__DisposedRow *)rows->rows[i];
            rc = protocol_item(out, v->house->phrases, row);
            snprintf(after, sizeof after, "%s", row->item);
        }
        const bool last = rows->n < VISIT_ROWS;
        v->n_lists--; /* ours from here: a visit keeps only a few lists */
        visit_free_rows(rows);
        if (rc < 0 || last)
            return rc;
        if (out->len > BYTES_MAX)
            return 1;
    }
    return 1;
}

void visit_protocol(visit *v)
{
    UPP_AUTO(buf_done) buf out = { 0 };
    const Uppsikt__DisposalRow *row = disposal(v);
    if (!row)
        return;
    if (protocol_head(&out, &v->view.clock, row) < 0 || write_items(v, &out) != 0) {
        visit_words(v, 503, "down.title", "listed.not-now"); /* never a part that looks whole */
        return;
    }
    v->type = "text/plain; charset=utf-8";
    visit_give(v, &out);
    snprintf(v->file_name, sizeof v->file_name, "gallringsprotokoll-%.40s.txt", v->route.id);
}
