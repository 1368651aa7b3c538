/* port_still.c - who has access, as who leads the unit attests it (R05). */
#include "visit.h"
#include <string.h>

enum { PAGE = 25, NAMED = 100 };

void visit_still(visit *v)
{
    Uppsikt__AccessLists q = UPPSIKT__ACCESS_LISTS__INIT;
    view_rows rows;
    q.after = upp_lend(form_value(&v->params, "efter"));
    q.limit = PAGE + 1;
    const visit_rows *found =
        visit_ask(v, "registry", &q.base, &uppsikt__access_list_row__descriptor,
                  &uppsikt__access_list_row_content__descriptor);
    if (!found) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    visit_view(found, &rows);
    const bool more = rows.n > PAGE;
    rows.n = more ? PAGE : rows.n;
    view_still(&v->view, &rows, more);
}

/* The names are those that the page showed. */
void visit_attest(visit *v)
{
    Uppsikt__AttestAccess c = UPPSIKT__ATTEST_ACCESS__INIT;
    char *persons[NAMED];
    c.account = v->route.id;
    c.persons = persons;
    for (size_t i = 0; i < v->fields.n && c.n_persons < NAMED; i++)
        if (strcmp(v->fields.fields[i].name, "p") == 0)
            persons[c.n_persons++] = upp_lend(v->fields.fields[i].value);
    if (visit_tell(v, "registry", v->view.who->person, c.base.descriptor->name, &c.base,
                   &uppsikt__registered__descriptor, NULL) != VISIT_DONE) {
        v->status = v->view.kept_id ? 503 : 422;
        visit_still(v);
        return;
    }
    visit_catch_up(v, "registry");
    visit_redirect(v, "/tillgang", "done.still");
}
