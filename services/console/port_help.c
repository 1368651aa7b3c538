/* port_help.c - what a browser is kept to, by its cookies; the accessibility statement (R30). */
#include "uppsikt/registry.pb-c.h"
#include "visit.h"
#include <string.h>

/* No sign-in, no person: only how the pages behave in this browser. */
static const char keys_cookie[] = "uppsikt-keys", colours_cookie[] = "uppsikt-colours";

static const char *colours_of(const char *word)
{
    return strcmp(word, "light") == 0 ? "light" : strcmp(word, "dark") == 0 ? "dark" : NULL;
}

void visit_read_look(visit *v)
{
    char value[8];
    v->view.look.keys =
        form_cookie(v->cookie, keys_cookie, value, sizeof value) && strcmp(value, "on") == 0;
    if (form_cookie(v->cookie, colours_cookie, value, sizeof value))
        v->view.look.colours = colours_of(value);
}

void visit_keep_look(visit *v)
{
    const char *colours = colours_of(form_value(&v->fields, "colours"));
    visit_keep_cookie(v, keys_cookie, form_has(&v->fields, "keys") ? "on" : "");
    visit_keep_cookie(v, colours_cookie, colours ? colours : "");
    visit_redirect(v, "/hjalp", "done.look");
}

static const char *said(const char *option)
{
    return option ? option : "";
}

/* The communications unit's official address, when nobody has named another. */
static const char *unit_mail(visit *v)
{
    Uppsikt__Units q = UPPSIKT__UNITS__INIT;
    q.limit = VISIT_ROWS;
    const visit_rows *rows =
        visit_ask(v, "registry", &q.base, &uppsikt__unit_row__descriptor, NULL);
    for (size_t i = 0; rows && i < rows->n; i++) {
        const Uppsikt__UnitRow *row = (const Uppsikt__UnitRow *)rows->rows[i];
        if (row->unit && row->unit->communications && row->unit->function_mail[0])
            return row->unit->function_mail;
    }
    return "";
}

void visit_accessible(visit *v)
{
    const char *contact = said(v->house->config->statement_contact);
    view_accessible(&v->view, &(view_statement){ .by = said(v->house->config->statement_by),
                                                 .contact = contact[0] ? contact : unit_mail(v) });
}
