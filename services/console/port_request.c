/* port_request.c - what a search finds as a package of public records, to be saved (R28): for the
 * registrar and the archivist, each item noted as exported before the first byte goes out (R29). */
#include "port_mask.h"
#include "request_package.h"
#include "suite_clock.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const upp_ms patience_span = 30 * UPP_SECOND; /* with all the notes together */

/* Once an item, whatever its versions. A note may come to stand of what she did not get, since a
 * later one failed; never the other way round. */
static enum visit_end note_all(visit *v, const visit_found *f)
{
    const upp_ms until = upp_steady_now() + patience_span;
    for (size_t i = 0; i < f->all->n; i++) {
        bool noted = false;
        for (size_t j = 0; j < i && !noted; j++)
            noted = strcmp(visit_found_row(f, i)->item, visit_found_row(f, j)->item) == 0;
        const enum visit_end end =
            noted ? VISIT_DONE : visit_note(v, visit_found_row(f, i)->item, "exported");
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

static int add(const visit *v, request_package *p, const visit_found *f, size_t i)
{
    char received[MOMENT];
    const Uppsikt__FoundRow *row = visit_found_row(f, i);
    const Uppsikt__FoundRowContent *c = visit_found_content(f, i);
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

static int pack(const visit *v, const Uppsikt__Find *q, const visit_found *f,
                const request_review *review, const char *folder, buf *out)
{
    UPP_AUTO(request_done) request_package p = { .n_rows = 0 };
    const request_asked asked = { .folder = folder,
                                  .made_by = q->person,
                                  .account = said(q->account),
                                  .search = said(q->words),
                                  .from = q->from_ms,
                                  .before = q->to_ms };
    UPP_TRY(request_begin(&p, v->house->phrases));
    p.review = review;
    for (size_t i = 0; i < f->all->n; i++)
        UPP_TRY(add(v, &p, f, i));
    UPP_TRY(request_end(&p, &asked));
    return request_zip(&p, folder, out);
}

/* The file's name tells the day alone: it stays in lists of what was saved. */
static void hand_out(visit *v, const Uppsikt__Find *q, const visit_found *f,
                     const request_review *review)
{
    char today[MOMENT], folder[40];
    buf zip = { 0 };
    moment_machine(&v->view.clock, v->now, today);
    snprintf(folder, sizeof folder, "utlamnande-%.10s", today);
    if (pack(v, q, f, review, folder, &zip) < 0) {
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
    UPP_AUTO(visit_found_done) visit_found f;
    UPP_AUTO(visit_review_done) request_review *review = NULL;
    const bool well = visit_read_review(v, &review);
    if (!visit_collect(v, q, &f)) {
        visit_words(v, 503, "down.title", "down.words");
    } else if (f.many) {
        wrong(v, 422, "find.narrow");
    } else if (f.all->n == 0) {
        wrong(v, 422, "find.none");
    } else if (!well) {
        visit_words(v, 400, "form.title", "form.words");
    } else if (review && !visit_is_seen(v, &f)) {
        visit_complain(v, "mask.more");
        v->status = 409;
        visit_show_masks(v, &f, review);
    } else {
        const enum visit_end end = note_all(v, &f);
        if (end == VISIT_DONE)
            hand_out(v, q, &f, review);
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
