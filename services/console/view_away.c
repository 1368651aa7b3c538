/* view_away.c - who is away, and who stands in: written in by herself, or by who leads her
 * (R15). */
#include "view_away.h"
#include <stdio.h>
#include <string.h>

enum { SUBSTITUTES = 3 };

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

bool view_away_may(const people *p, const char *by, const char *person)
{
    const Uppsikt__PersonRow *row = people_find(p, person);
    if (strcmp(by, person) == 0)
        return true;
    return row && !row->left && (people_keeps(p, by) || people_leads(p, by, row->unit));
}

static bool is_mine_to_write(const people *p, const Uppsikt__PersonRow *row, const void *ctx)
{
    return view_away_may(p, ctx, row->person);
}

static bool is_another(const people *p, const Uppsikt__PersonRow *row, const void *ctx)
{
    (void)p;
    return strcmp(row->person, ctx) != 0;
}

static bool is_own(const view *v, const view_absences *a)
{
    return strcmp(v->who->person, a->person) == 0;
}

/* -- what is written in -- */
/* Whole days, the last one among them; else the hours, too. */
static void period(view *v, const Uppsikt__AbsenceSetContent *when)
{
    char text[MOMENT];
    const bool days =
        moment_is_day(&v->clock, when->from_ms) && moment_is_day(&v->clock, when->to_ms);
    (days ? moment_day : moment_when)(&v->clock, when->from_ms, text);
    html_add(&v->h, "%s – ", text);
    (days ? moment_day : moment_when)(&v->clock, when->to_ms - (days ? 1 : 0), text);
    html_add(&v->h, "%s", text);
}

static void substitutes(view *v, const people *p, const Uppsikt__AbsenceSetContent *when)
{
    if (when->n_substitutes == 0) {
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "away.no-substitute"));
        return;
    }
    html_add(&v->h, "<p class=\"sub\">%s</p><ol>\n", say(v, "away.substitutes"));
    for (size_t i = 0; i < when->n_substitutes; i++) {
        html_add(&v->h, "<li>");
        view_person(v, p, when->substitutes[i]);
        html_add(&v->h, "</li>\n");
    }
    html_add(&v->h, "</ol>\n");
}

static void absence(view *v, const view_absences *a, const Uppsikt__AbsenceRow *row,
                    const Uppsikt__AbsenceSetContent *when)
{
    char path[160];
    html_add(&v->h, "<li class=\"card\"><h3>");
    period(v, when);
    html_add(&v->h, "</h3>\n");
    substitutes(v, a->people, when);
    snprintf(path, sizeof path, "/franvaro/%.100s/ta-bort", row->absence);
    view_form(v, path);
    html_add(&v->h,
             "<input type=\"hidden\" name=\"person\" value=\"%s\"><button type=\"submit\""
             " class=\"plain\">%s<span class=\"sr\">: ",
             a->person, say(v, "away.cancel"));
    period(v, when);
    html_add(&v->h, "</span></button></form></li>\n");
}

/* Those that are over are of no use here. */
static void absences(view *v, const view_absences *a)
{
    size_t n = 0;
    html_add(&v->h, "<h2>%s</h2>\n", say(v, "away.now"));
    for (size_t i = 0; i < a->rows.n; i++) {
        const Uppsikt__AbsenceRowContent *c =
            (const Uppsikt__AbsenceRowContent *)a->rows.contents[i];
        if (!c || !c->when || c->when->to_ms <= v->clock.now)
            continue;
        if (n++ == 0)
            html_add(&v->h, "<ul class=\"cards\">\n");
        absence(v, a, (const Uppsikt__AbsenceRow *)a->rows.rows[i], c->when);
    }
    if (n > 0)
        html_add(&v->h, "</ul>\n");
    else
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "away.none"));
}

/* -- the form -- */
static void form_of(view *v, const view_absences *a)
{
    html_add(&v->h,
             "<section class=\"panel narrow\" aria-labelledby=\"skriv\"><h2 id=\"skriv\">%s</h2>\n",
             say(v, "away.write"));
    view_form(v, "/franvaro");
    html_add(&v->h, "<input type=\"hidden\" name=\"person\" value=\"%s\">\n", a->person);
    view_text_field(v, "from", "date", "away.from", NULL, "");
    view_text_field(v, "to", "date", "away.to", "away.to-hint", "");
    for (int i = 1; i <= SUBSTITUTES; i++) {
        char field[8], label[24];
        snprintf(field, sizeof field, "s%d", i);
        snprintf(label, sizeof label, "away.substitute-%d", i);
        view_person_field(v, a->people, field, label, i == 1 ? "away.substitute-hint" : NULL, "",
                          is_another, a->person);
    }
    view_button(v, "away.send", NULL, "main");
    html_add(&v->h, "</form></section>\n");
}

/* Whoever leads somebody, or keeps the register, chooses whose page it is. */
static void others(view *v, const view_absences *a)
{
    const char *me = v->who->person;
    size_t n = 0;
    for (size_t i = 0; i < a->people->n; i++)
        n += view_away_may(a->people, me, a->people->persons[i]->person);
    if (n < 2)
        return;
    html_add(&v->h,
             "<form method=\"get\" action=\"/franvaro\" class=\"filter\"><label"
             " for=\"f-person\">%s</label><select id=\"f-person\" name=\"person\">\n",
             say(v, "away.whose"));
    view_person_options(v, a->people, "person", a->person, is_mine_to_write, me);
    html_add(&v->h, "</select><button type=\"submit\" class=\"plain\">%s</button></form>\n",
             say(v, "filter.show"));
}

void view_away(view *v, const view_absences *a)
{
    v->list = "/franvaro";
    view_begin(v, say(v, "away.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n",
             say(v, is_own(v, a) ? "away.lead" : "away.lead-other"));
    view_people_part(v, a->people);
    others(v, a);
    if (!is_own(v, a)) {
        html_add(&v->h, "<p class=\"note\">");
        view_person(v, a->people, a->person);
        html_add(&v->h, "</p>\n");
    }
    absences(v, a);
    form_of(v, a);
    view_end(v);
}
