/* port_away.c - absences: a person's page of them, written in and taken back at the register
 * (R15). */
#include "port_people.h"
#include "view_away.h"
#include <stdio.h>

enum { SUBSTITUTES = 3 };

/* Whose page it is; nobody named: her own. */
static const char *whose(const visit *v)
{
    const char *person = form_value(&v->fields, "person");
    if (!person[0])
        person = form_value(&v->params, "person");
    return person[0] ? person : v->view.who->person;
}

void visit_away(visit *v)
{
    people p;
    Uppsikt__Absences q = UPPSIKT__ABSENCES__INIT;
    view_absences a = { .people = &p, .person = whose(v) };
    if (!visit_people(v, &p))
        return;
    if (!view_away_may(&p, v->view.who->person, a.person)) {
        visit_words(v, 404, "none.title", "none.words");
        return;
    }
    q.person = upp_lend(a.person);
    q.limit = VISIT_ROWS;
    const visit_rows *rows = visit_ask(v, "registry", &q.base, &uppsikt__absence_row__descriptor,
                                       &uppsikt__absence_row_content__descriptor);
    if (!rows) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    visit_view(rows, &a.rows);
    view_away(&v->view, &a);
}

/* The page again, with what the register said beside the field that it is about. */
static void show_again(visit *v, const char *const *beside, size_t n)
{
    visit_beside(v, beside, n);
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    visit_away(v);
}

static void ended(visit *v, const char *person, const char *key)
{
    char path[ROUTE_PART + 24] = "/franvaro";
    visit_catch_up(v, "registry");
    if (strcmp(person, v->view.who->person) != 0 && strlen(person) < ROUTE_PART)
        snprintf(path, sizeof path, "/franvaro?person=%s", person);
    visit_redirect(v, path, key);
}

/* Which field a substitute that cannot be one stands in. */
static const char *wrong_substitute(char *const *named, size_t n, const size_t *field,
                                    const char *person, const char *texts[SUBSTITUTES])
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(named[i], person) == 0)
            return texts[field[i]];
        for (size_t before = 0; before < i; before++)
            if (strcmp(named[i], named[before]) == 0)
                return texts[field[i]];
    }
    return texts[0];
}

static void write_in(visit *v)
{
    static const char *fields[SUBSTITUTES] = { "s1", "s2", "s3" };
    static const char *twice[SUBSTITUTES] = { "s1:substitute-named-twice",
                                              "s2:substitute-named-twice",
                                              "s3:substitute-named-twice" };
    static const char *herself[SUBSTITUTES] = { "s1:substitute-for-herself",
                                                "s2:substitute-for-herself",
                                                "s3:substitute-for-herself" };
    Uppsikt__SetAbsence c = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    char *substitutes[SUBSTITUTES];
    size_t field[SUBSTITUTES];
    c.person = upp_lend(whose(v));
    c.when = &when;
    when.from_ms = visit_day(v, "from", 0);
    when.to_ms = visit_day(v, "to", 1); /* the last day is a whole one */
    when.substitutes = substitutes;
    for (size_t i = 0; i < SUBSTITUTES; i++) {
        const char *person = form_value(&v->fields, fields[i]);
        if (!person[0])
            continue;
        field[when.n_substitutes] = i;
        substitutes[when.n_substitutes++] = upp_lend(person);
    }
    if (visit_tell(v, "registry", v->view.who->person, c.base.descriptor->name, &c.base,
                   &uppsikt__registered__descriptor, NULL) == VISIT_DONE) {
        ended(v, c.person, "done.away");
        return;
    }
    const char *const beside[] = {
        when.from_ms ? "to:absence-without-time" : "from:absence-without-time",
        wrong_substitute(substitutes, when.n_substitutes, field, c.person, twice),
        wrong_substitute(substitutes, when.n_substitutes, field, c.person, herself),
        "s1:person-unknown",
        "s1:too-many-persons",
    };
    show_again(v, beside, UPP_LEN(beside));
}

static void take_back(visit *v)
{
    Uppsikt__CancelAbsence c = UPPSIKT__CANCEL_ABSENCE__INIT;
    c.absence = v->route.id;
    if (visit_tell(v, "registry", v->view.who->person, c.base.descriptor->name, &c.base,
                   &uppsikt__registered__descriptor, NULL) == VISIT_DONE)
        ended(v, whose(v), "done.away-cancelled");
    else
        show_again(v, NULL, 0);
}

void visit_away_act(visit *v)
{
    if (!v->route.id[0])
        write_in(v);
    else if (strcmp(v->route.act, "ta-bort") == 0)
        take_back(v);
    else
        visit_words(v, 404, "none.title", "none.words");
}
