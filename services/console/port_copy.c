/* port_copy.c - a saved copy, for whom its owner shows it: what is in it, each file (R22, R29). */
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer ones are taken out by `uppsikt evidence export`: a visitor's file is held in memory. */
enum { FILE_MAX = 32 * 1024 * 1024 };

enum visit_end visit_note(visit *v, const char *record, const char *what)
{
    char name[ROUTE_PART + 32]; /* each record's command has an id of its own */
    Uppsikt__NoteView c = UPPSIKT__NOTE_VIEW__INIT;
    c.record = upp_lend(record);
    c.what = upp_lend(what);
    snprintf(name, sizeof name, "note-view %s %s", what, record);
    const size_t before = v->view.n_complaints;
    const char *kept = v->view.kept_id;
    const enum visit_end end = visit_tell(v, "evidence", v->view.who->person, name, &c.base,
                                          &uppsikt__view_noted__descriptor, NULL);
    v->view.n_complaints = before;
    v->view.kept_id = kept;
    return end;
}

/* The record of the route, what is personal of it too; NULL: the answer is given. */
static const visit_rows *record(visit *v)
{
    Uppsikt__Records q = UPPSIKT__RECORDS__INIT;
    const enum visit_end end = visit_note(v, v->route.id, "viewed");
    q.record = v->route.id;
    const visit_rows *rows = NULL;
    if (end == VISIT_DONE)
        rows = visit_ask(v, "evidence", &q.base, &uppsikt__record_row__descriptor,
                         &uppsikt__record_row_content__descriptor);
    if (end == VISIT_REFUSED || (rows && rows->n == 0))
        visit_words(v, 404, "none.title", "none.words");
    else if (!rows)
        visit_words(v, 503, "down.title", "down.words");
    return rows && rows->n > 0 ? rows : NULL;
}

/* -- one file -- */
static void give(visit *v, const char *name, uint8_t *bytes, size_t n)
{
    const char *shown = view_copy_type(name, bytes, n);
    v->type = shown ? shown : "application/octet-stream";
    if (!shown) {
        snprintf(v->file_name, sizeof v->file_name, "%.40s-%.36s", v->route.id, name);
        for (char *at = v->file_name; (at = strchr(at, '/'));)
            *at = '-';
    }
    v->file = (char *)bytes;
    v->file_len = n;
}

/* The number in the path; -1: it is none. */
static long number_of(const char *text)
{
    return strlen(text) <= 3 && strspn(text, "0123456789") == strlen(text) ? strtol(text, NULL, 10)
                                                                           : -1;
}

static void give_file(visit *v, const Uppsikt__RecordRowContent *content)
{
    const long i = number_of(v->route.act);
    const char *object = i >= 0 && (size_t)i < content->n_objects ? content->objects[i] : NULL;
    const char *name = object ? view_copy_name(object, v->route.id) : NULL;
    if (!name) {
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    size_t n = 0;
    uint8_t *bytes = visit_object(v, "evidence", object, FILE_MAX, &n);
    if (bytes)
        give(v, name, bytes, n);
    else if (n > 0)
        visit_words(v, 413, "copy.long-title", "copy.long-words");
    else
        visit_words(v, 503, "down.title", "down.words");
}

/* Back to the matter's page, when it is an address of ours that she gives. */
static const char *came_from(const visit *v)
{
    char path[ROUTE_PART + 8];
    route r;
    const char *matter = form_value(&v->params, "sak");
    snprintf(path, sizeof path, "/sak/%.*s", ROUTE_PART, matter);
    return route_find(path, &r) && !r.act[0] ? matter : "";
}

void visit_copy(visit *v)
{
    const visit_rows *rows = record(v);
    if (!rows)
        return;
    const Uppsikt__RecordRow *row = (const Uppsikt__RecordRow *)rows->rows[0];
    const Uppsikt__RecordRowContent *content = (const Uppsikt__RecordRowContent *)rows->contents[0];
    if (v->route.act[0])
        give_file(v, content);
    else
        view_copy(&v->view, row, content, came_from(v));
}
