/* port_find.c - the page to search. */
#include "civil.h"
#include "visit.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 25, ROUNDS = 5 };

/* Midnight before that day, or after it, on the wall; 0: the field is empty, or a complaint. */
static upp_ms day_at(visit *v, const char *name, const char *complaint, int days)
{
    const char *text = form_value(&v->fields, name);
    civil_day day = 0;
    upp_ms at = 0;
    if (!text[0])
        return 0;
    if (civil_parse_day(text, &day) < 0) {
        visit_complain(v, complaint);
        return 0;
    }
    zone_instant(v->house->tz, (civil_ms)(day + days) * UPP_DAY, ZONE_FIRST, &at);
    return at;
}

/* Rounds of one query each: it looks at so many versions at a time, and the worker has other
 * visitors. */
static bool collect(visit *v, Uppsikt__Find *q, view_finds *ret_finds, ProtobufCMessage *rows[PAGE],
                    ProtobufCMessage *contents[PAGE])
{
    view_finds *f = ret_finds;
    f->rows.rows = rows;
    f->rows.contents = contents;
    for (int round = 0; round < ROUNDS && f->rows.n < PAGE; round++) {
        q->limit = (uint32_t)(PAGE - f->rows.n);
        const visit_rows *found = visit_ask(v, "console", &q->base, &uppsikt__found_row__descriptor,
                                            &uppsikt__found_row_content__descriptor);
        if (!found)
            return false;
        f->so_far = NULL;
        for (size_t i = 0; i < found->n; i++) {
            const Uppsikt__FoundRow *row = (const Uppsikt__FoundRow *)found->rows[i];
            if (row->so_far) {
                f->so_far = row;
            } else if (f->rows.n < PAGE) {
                rows[f->rows.n] = found->rows[i];
                contents[f->rows.n++] = found->contents[i];
            }
        }
        if (!f->so_far)
            break;
        q->before_ms = f->so_far->at_ms;
        q->before = f->so_far->item;
        q->before_version = f->so_far->version;
    }
    return true;
}

void visit_read_find(visit *v, Uppsikt__Find *ret_query)
{
    Uppsikt__Find *q = ret_query;
    uppsikt__find__init(q);
    q->person = v->view.who->person;
    q->words = upp_lend(form_value(&v->fields, "words"));
    q->account = upp_lend(form_value(&v->fields, "account"));
    q->from_ms = day_at(v, "from", "from:find.need-day", 0);
    q->to_ms = day_at(v, "to", "to:find.need-day", 1);
    if (v->view.n_complaints > 0)
        v->status = 422;
}

void visit_show_find(visit *v, const view_finds *finds)
{
    view_rows accounts;
    v->view.given = &v->fields;
    view_find(&v->view, finds, visit_view(visit_accounts(v), &accounts));
}

void visit_find(visit *v)
{
    ProtobufCMessage *rows[PAGE], *contents[PAGE];
    view_finds finds = { .asked = strcmp(v->method, "POST") == 0 };
    Uppsikt__Find q;
    visit_read_find(v, &q);
    q.before_ms = strtoll(form_value(&v->fields, "before_ms"), NULL, 10);
    q.before = upp_lend(form_value(&v->fields, "before"));
    q.before_version = (uint32_t)strtoul(form_value(&v->fields, "before_version"), NULL, 10);
    finds.asked = finds.asked && v->view.n_complaints == 0;
    if (finds.asked && !collect(v, &q, &finds, rows, contents))
        visit_words(v, 503, "down.title", "down.words");
    else
        visit_show_find(v, &finds);
}

bool visit_post_find(visit *v)
{
    const char *act = v->route.id;
    if (!act[0])
        visit_find(v);
    else if (strcmp(act, "underlag") == 0)
        visit_request(v);
    else if (strcmp(act, "maskning") == 0) /* one form, so that what is chosen in it goes along */
        (form_has(&v->fields, "make") ? visit_request : visit_mask)(v);
    else
        return false;
    return true;
}
