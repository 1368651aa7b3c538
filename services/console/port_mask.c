/* port_mask.c - the proposed masks of what is to be handed out, gone through by a person (R28):
 * each page is made of what the search finds anew and of the changes that its form carries, so
 * that nothing of it is kept here. */
#include "port_mask.h"
#include "fixity.h"
#include "view_mask.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- what the form says -- */
bool visit_read_review(visit *v, request_review **ret_review)
{
    const char *ground = form_value(&v->fields, "all");
    *ret_review = NULL;
    if (!form_has(&v->fields, "changes"))
        return true;
    request_review *r = calloc(1, sizeof *r);
    upp_check(r);
    *ret_review = r;
    r->by = v->view.who->person;
    r->ground = (uint32_t)strtoul(ground, NULL, 10);
    return r->ground <= REQUEST_GROUNDS &&
           request_review_read(form_value(&v->fields, "changes"), r);
}

void visit_review_done(request_review **review)
{
    free(*review);
}

/* Which versions were found: a text does not change, but others may come. */
static void seen_of(const visit_found *f, char ret_hex[FIXITY_HEX])
{
    UPP_AUTO(buf_done) buf all = { 0 };
    for (size_t i = 0; i < f->all->n; i++) {
        const Uppsikt__FoundRow *row = visit_found_row(f, i);
        const int rc = buf_printf(&all, "%s %u\n", row->item, row->version);
        upp_check(rc == 0);
    }
    fixity_of(buf_bytes(&all), (upp_bytes){ 0 }, ret_hex);
}

bool visit_is_seen(const visit *v, const visit_found *f)
{
    char hex[FIXITY_HEX];
    seen_of(f, hex);
    return strcmp(hex, form_value(&v->fields, "seen")) == 0;
}

/* -- what is proposed, and what she has made of it -- */
typedef struct masking {
    visit *v;
    const visit_found *found;
    request_review *review;
    classifier *judge;
    classifier_room *room;
} masking;

static void say_nothing(void *ctx, const char *line)
{
    (void)ctx;
    (void)line; /* what was built in has no complaint: the classifier's tests look at it */
}

static bool masking_begin(masking *ret_masking)
{
    ret_masking->judge = classifier_new_embedded(say_nothing, NULL);
    ret_masking->room = classifier_room_new();
    return ret_masking->judge && ret_masking->room;
}

static void masking_done(masking *m)
{
    classifier_free(m->judge);
    classifier_room_free(m->room);
}

static request_text text_of(const masking *m, size_t i)
{
    const Uppsikt__FoundRow *row = visit_found_row(m->found, i);
    return (request_text){ row->item, visit_found_content(m->found, i)->text, row->version };
}

static int read_one(const masking *m, size_t i, view_masked *ret_text)
{
    const request_text text = text_of(m, i);
    *ret_text = (view_masked){ .row = visit_found_row(m->found, i),
                               .content = visit_found_content(m->found, i) };
    request_propose(m->judge, m->room, text.text, ret_text->masks, &ret_text->n, &ret_text->secret);
    ret_text->nameless = request_author(m->review, &text, &ret_text->author_ground);
    ret_text->own_ground = request_author_own(m->review, &text);
    return request_review_apply(m->review, &text, ret_text->masks, &ret_text->n);
}

/* R29: the words of a message are shown when it is noted who looks, as on its own page. */
static int read_shown(const masking *m, size_t i, view_masked *ret_text)
{
    view_masked *t = ret_text;
    UPP_TRY(read_one(m, i, t));
    t->locked = t->row->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE &&
                visit_note(m->v, t->row->item, "viewed") != VISIT_DONE;
    return t->locked ? 0 : request_cover(t->content->text, t->masks, t->n, &t->covered);
}

/* -- pages -- */
static int count_all(const masking *m, view_masking *ret_all)
{
    view_masked *t = calloc(1, sizeof *t);
    int rc = 0;
    upp_check(t);
    ret_all->all = m->found->all->n;
    for (size_t i = 0; i < ret_all->all && rc == 0; i++) {
        rc = read_one(m, i, t);
        ret_all->n_secret += t->secret;
        ret_all->n_masks += t->nameless;
        ret_all->n_bare += t->nameless && t->author_ground == 0;
        for (size_t k = 0; k < t->n; k++) {
            ret_all->n_masks += !t->masks[k].taken;
            ret_all->n_bare += !t->masks[k].taken && request_ground(m->review, &t->masks[k]) == 0;
        }
    }
    free(t);
    return rc;
}

/* `n` texts from the `first`: by themselves one that is changed, else a page of all. */
static int show(const masking *m, size_t first, size_t n, bool one)
{
    char seen[FIXITY_HEX];
    UPP_AUTO(buf_done) buf changes = { 0 };
    view_masking page = { .review = m->review, .first = first, .seen = seen };
    view_masked *texts = calloc(n, sizeof *texts);
    upp_check(texts);
    seen_of(m->found, seen);
    int rc = request_review_write(m->review, &changes);
    if (rc == 0)
        rc = count_all(m, &page);
    for (; rc == 0 && page.n < n && first + page.n < page.all; page.n++)
        rc = read_shown(m, first + page.n, &texts[page.n]);
    page.texts = texts;
    page.changes = buf_text(&changes);
    m->v->view.given = &m->v->fields;
    if (rc == 0)
        (one && !texts[0].locked ? view_mask_one : view_masks)(&m->v->view, &page);
    for (size_t i = 0; i < n; i++)
        buf_done(&texts[i].covered);
    free(texts);
    return rc;
}

static int show_page(const masking *m)
{
    const size_t all = m->found->all->n;
    const size_t page = strtoul(form_value(&m->v->fields, "page"), NULL, 10);
    const size_t last = (all - 1) / VIEW_MASKS;
    return show(m, (page < last ? page : last) * VIEW_MASKS, VIEW_MASKS, false);
}

/* What cannot be told apart from what she meant to cover is not shown, and not handed out. */
static void ended(visit *v, int rc)
{
    if (rc == 0)
        return;
    html_done(&v->view.h);
    if (rc == UPP_E_INPUT)
        visit_words(v, 400, "form.title", "form.words");
    else
        visit_words(v, 500, "mask.title", "find.unpacked");
}

/* -- one text is changed -- */
/* "2:i1" of the form; false: it is not found any more. */
static bool find_text(const masking *m, const char *name, size_t *ret_i)
{
    char *end = NULL;
    const unsigned long version = strtoul(name, &end, 10);
    for (size_t i = 0; *end == ':' && i < m->found->all->n; i++) {
        const request_text text = text_of(m, i);
        *ret_i = i;
        if (text.version == version && strcmp(text.item, end + 1) == 0)
            return true;
    }
    return false;
}

static void change_places(const masking *m, const request_text *text, const view_masked *t)
{
    const form *f = &m->v->fields;
    bool room = true;
    for (size_t i = 0; i < t->n; i++) {
        char take[48], ground[48];
        const request_mask *p = &t->masks[i];
        snprintf(take, sizeof take, "t-%u-%u", p->start, p->end);
        snprintf(ground, sizeof ground, "g-%u-%u", p->start, p->end);
        if (!form_has(f, ground)) /* it was not on the page */
            continue;
        const uint32_t number = (uint32_t)strtoul(form_value(f, ground), NULL, 10);
        const bool taken = form_has(f, take);
        if (number != p->ground && number <= REQUEST_GROUNDS)
            room = request_review_ground(m->review, text, p, number) && room;
        if (taken != p->taken)
            room = request_review_take(m->review, text, p, taken) && room;
    }
    const uint32_t number = (uint32_t)strtoul(form_value(f, "author-ground"), NULL, 10);
    if (form_has(f, "author-ground") && number <= REQUEST_GROUNDS)
        room = request_review_author(m->review, text, form_has(f, "author"), number) && room;
    if (!room)
        visit_complain(m->v, "mask.full");
}

static const char *mark(const masking *m, const request_text *text, const view_masked *t)
{
    const form *f = &m->v->fields;
    const char *nth = form_value(f, "nth");
    char *phrase = upp_lend(form_value(f, "phrase"));
    const uint32_t ground = (uint32_t)strtoul(form_value(f, "ground"), NULL, 10);
    form_trim(phrase);
    if (!phrase[0])
        return nth[0] ? "phrase:mask.need-phrase" : NULL;
    if (strspn(nth, "0123456789") != strlen(nth) || strlen(nth) > 4)
        return "nth:mask.need-nth";
    if (ground > REQUEST_GROUNDS || (ground == 0 && m->review->ground == 0))
        return "ground:mask.need-ground";
    switch (request_review_mark(m->review, text, t->masks, t->n, phrase,
                                (uint32_t)strtoul(nth, NULL, 10), ground)) {
    case REQUEST_MARK_DONE:
        return NULL;
    case REQUEST_MARK_NOT_THERE:
        return "phrase:mask.not-there";
    case REQUEST_MARK_COVERED:
        return "phrase:mask.covered";
    case REQUEST_MARK_FULL:
        break;
    }
    return "phrase:mask.full";
}

static int change(const masking *m, size_t i)
{
    const request_text text = text_of(m, i);
    view_masked *t = calloc(1, sizeof *t);
    upp_check(t);
    int rc = read_one(m, i, t);
    if (rc == 0) {
        change_places(m, &text, t);
        rc = read_one(m, i, t);
    }
    const char *flaw = rc == 0 ? mark(m, &text, t) : NULL;
    free(t);
    if (flaw)
        visit_complain(m->v, flaw);
    if (m->v->view.n_complaints > 0)
        m->v->status = 422;
    return rc;
}

static int turn(masking *m)
{
    const form *f = &m->v->fields;
    size_t i = 0;
    const char *text = form_value(f, "text");
    if (text[0] && !find_text(m, text, &i)) {
        visit_complain(m->v, "mask.gone");
        m->v->status = 409;
        return show_page(m);
    }
    if (text[0])
        UPP_TRY(change(m, i));
    if (text[0] && (!form_has(f, "list") || m->v->view.n_complaints > 0))
        return show(m, i, 1, true);
    if (form_has(f, "edit") && find_text(m, form_value(f, "edit"), &i))
        return show(m, i, 1, true);
    return show_page(m);
}

void visit_show_masks(visit *v, const visit_found *f, request_review *review)
{
    masking m = { .v = v, .found = f, .review = review };
    const bool well = masking_begin(&m);
    ended(v, well ? show_page(&m) : UPP_E_BUSY);
    masking_done(&m);
}

static void go_through(visit *v, const visit_found *f)
{
    UPP_AUTO(visit_review_done) request_review *review = NULL;
    if (!visit_read_review(v, &review)) {
        visit_words(v, 400, "form.title", "form.words");
        return;
    }
    if (!review) { /* the first page of them */
        review = calloc(1, sizeof *review);
        upp_check(review);
        review->by = v->view.who->person;
    }
    masking m = { .v = v, .found = f, .review = review };
    const bool well = masking_begin(&m);
    ended(v, well ? turn(&m) : UPP_E_BUSY);
    masking_done(&m);
}

void visit_mask(visit *v)
{
    const view_finds none = { .asked = false };
    UPP_AUTO(visit_found_done) visit_found f = { .all = NULL };
    Uppsikt__Find q;
    if (!view_hands_out(&v->view)) {
        visit_words(v, 403, "find.title", "find.whose");
        return;
    }
    visit_read_find(v, &q);
    q.whole = true;
    if (v->view.n_complaints == 0 && !visit_collect(v, &q, &f)) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    if (v->view.n_complaints == 0 && (f.many || f.all->n == 0)) {
        visit_complain(v, f.many ? "find.narrow" : "find.none");
        v->status = 422;
    }
    if (v->view.n_complaints > 0)
        visit_show_find(v, &none);
    else
        go_through(v, &f);
}
