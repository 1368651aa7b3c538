/* port_request.c - what a search finds as a package of public records, to be saved (R28): for the
 * registrar and the archivist, each item noted as exported before the first byte goes out (R29). */
#include "request_package.h"
#include "suite_clock.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Held in memory while it is made; the worker has other visitors, too. */
enum { MOST = VISIT_ROWS, ROUNDS = 50, BYTES_MAX = 8 * 1024 * 1024 };
static const upp_ms patience_span = 30 * UPP_SECOND; /* with all the notes together */

typedef struct finds {
    visit_rows *all; /* own */
    size_t bytes;    /* of text */
    bool many;       /* more than a package holds */
    char before[ROUTE_PART];
} finds;

static void finds_done(finds *f)
{
    visit_free_rows(f->all);
}

/* Moves what a round found to the others. False: that was all. */
static bool take(finds *f, visit_rows *round, Uppsikt__Find *q)
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
        f->many = f->all->n == MOST || f->bytes > BYTES_MAX;
        if (f->many)
            break;
        f->all->rows[f->all->n] = round->rows[i];
        f->all->contents[f->all->n++] = round->contents[i];
        round->rows[i] = round->contents[i] = NULL;
    }
    return more && !f->many;
}

/* All that the search finds. False: the console's own store does not answer. */
static bool collect(visit *v, Uppsikt__Find *q, finds *f)
{
    bool more = true;
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

static const Uppsikt__FoundRow *row_of(const finds *f, size_t i)
{
    return (const Uppsikt__FoundRow *)f->all->rows[i];
}

/* Once an item, whatever its versions. A note may come to stand of what she did not get, since a
 * later one failed; never the other way round. */
static enum visit_end note_all(visit *v, const finds *f)
{
    const upp_ms until = upp_steady_now() + patience_span;
    for (size_t i = 0; i < f->all->n; i++) {
        bool noted = false;
        for (size_t j = 0; j < i && !noted; j++)
            noted = strcmp(row_of(f, i)->item, row_of(f, j)->item) == 0;
        const enum visit_end end =
            noted ? VISIT_DONE : visit_note(v, row_of(f, i)->item, "exported");
        if (end != VISIT_DONE)
            return end;
        if (upp_steady_now() > until)
            return VISIT_NO_ANSWER;
    }
    return VISIT_DONE;
}

static const char *said(const char *text)
{
    return text[0] ? text : NULL;
}

static int add(const visit *v, request_package *p, const finds *f, size_t i)
{
    char received[MOMENT];
    const Uppsikt__FoundRow *row = row_of(f, i);
    const Uppsikt__FoundRowContent *c = (const Uppsikt__FoundRowContent *)f->all->contents[i];
    moment_when(&v->view.clock, row->at_ms, received);
    return request_add(p, &(request_row){ .item = row->item,
                                          .account = row->account,
                                          .author = c->author,
                                          .permalink = c->permalink,
                                          .text = c->text,
                                          .received = received,
                                          .version = row->version,
                                          .received_ms = row->at_ms,
                                          .gone = row->is_gone });
}

static int pack(const visit *v, const Uppsikt__Find *q, const finds *f, const char *folder,
                buf *out)
{
    UPP_AUTO(request_done) request_package p = { .n_rows = 0 };
    const request_asked asked = { .folder = folder,
                                  .made_by = q->person,
                                  .account = said(q->account),
                                  .search = said(q->words),
                                  .from = q->from_ms,
                                  .before = q->to_ms };
    UPP_TRY(request_begin(&p, v->house->phrases));
    for (size_t i = 0; i < f->all->n; i++)
        UPP_TRY(add(v, &p, f, i));
    UPP_TRY(request_end(&p, &asked));
    return request_zip(&p, folder, out);
}

/* The file's name tells the day alone: it stays in lists of what was saved. */
static void hand_out(visit *v, const Uppsikt__Find *q, const finds *f)
{
    char today[MOMENT], folder[40];
    buf zip = { 0 };
    moment_machine(&v->view.clock, v->now, today);
    snprintf(folder, sizeof folder, "utlamnande-%.10s", today);
    if (pack(v, q, f, folder, &zip) < 0) {
        buf_done(&zip);
        v->status = 500;
        visit_complain(v, "find.unpacked");
        return;
    }
    v->type = "application/zip";
    snprintf(v->file_name, sizeof v->file_name, "%s.zip", folder);
    v->file = (char *)zip.at;
    v->file_len = zip.len;
}

static void wrong(visit *v, unsigned status, const char *complaint)
{
    v->status = status;
    visit_complain(v, complaint);
}

static void make(visit *v, Uppsikt__Find *q)
{
    UPP_AUTO(finds_done) finds f = { .all = calloc(1, sizeof *f.all) };
    upp_check(f.all);
    if (!collect(v, q, &f)) {
        visit_words(v, 503, "down.title", "down.words");
    } else if (f.many) {
        wrong(v, 422, "find.narrow");
    } else if (f.all->n == 0) {
        wrong(v, 422, "find.none");
    } else {
        const enum visit_end end = note_all(v, &f);
        if (end == VISIT_DONE)
            hand_out(v, q, &f);
        else if (end == VISIT_REFUSED)
            wrong(v, 409, "find.unnoted");
        else
            wrong(v, 503, "down.evidence");
    }
}

void visit_request(visit *v)
{
    const view_finds none = { .asked = false };
    Uppsikt__Find q;
    if (!view_hands_out(&v->view)) {
        visit_words(v, 403, "find.title", "find.whose");
        return;
    }
    visit_read_find(v, &q);
    q.whole = true;
    if (v->view.n_complaints == 0)
        make(v, &q);
    if (!v->file && v->view.h.len == 0)
        visit_show_find(v, &none);
}
