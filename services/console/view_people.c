/* view_people.c - persons in lists to choose from, and fields of one line: a label, a hint, what is
 * wrong beside it (R30). */
#include "view_people.h"
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

void view_person(view *v, const people *p, const char *person)
{
    const Uppsikt__PersonRegisteredContent *who = people_who(p, person);
    if (who)
        html_add(&v->h, "%s %s, %s", who->first_name, who->last_name, who->title);
    else
        html_add(&v->h, "%s", say(v, "person.forgotten"));
}

void view_person_options(view *v, const people *p, const char *field, const char *preset,
                         view_wanted *wanted, const void *ctx)
{
    const char *chosen = view_given(v, field, preset);
    for (size_t i = 0; i < p->n; i++) {
        const Uppsikt__PersonRow *row = p->persons[i];
        if (row->left || !p->whos[i] || (wanted && !wanted(p, row, ctx)))
            continue;
        html_add(&v->h, "<option value=\"%s\"", row->person);
        if (strcmp(chosen, row->person) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">");
        view_person(v, p, row->person);
        html_add(&v->h, "</option>\n");
    }
}

static void open_field(view *v, const char *field, const char *label_key, const char *hint_key)
{
    html_add(&v->h, "<div class=\"field\"><label for=\"f-%s\">%s</label>", field,
             say(v, label_key));
    if (hint_key)
        html_add(&v->h, "<p class=\"hint\" id=\"h-%s\">%s</p>", field, say(v, hint_key));
    view_field_words(v, field);
}

/* What describes it: the complaint, else the hint. */
static void describe(view *v, const char *field, const char *hint_key)
{
    if (view_complains(v, field))
        view_field_state(v, field);
    else if (hint_key)
        html_add(&v->h, " aria-describedby=\"h-%s\"", field);
}

void view_person_field(view *v, const people *p, const char *field, const char *label_key,
                       const char *hint_key, const char *preset, view_wanted *wanted,
                       const void *ctx)
{
    open_field(v, field, label_key, hint_key);
    html_add(&v->h, "<select id=\"f-%s\" name=\"%s\"", field, field);
    describe(v, field, hint_key);
    html_add(&v->h, "><option value=\"\">%s</option>\n", say(v, "people.nobody"));
    view_person_options(v, p, field, preset, wanted, ctx);
    html_add(&v->h, "</select></div>\n");
}

void view_text_field(view *v, const char *field, const char *type, const char *label_key,
                     const char *hint_key, const char *preset)
{
    const char *value = view_given(v, field, preset);
    open_field(v, field, label_key, hint_key);
    if (strcmp(type, "textarea") == 0) {
        html_add(&v->h, "<textarea id=\"f-%s\" name=\"%s\" rows=\"4\"", field, field);
        describe(v, field, hint_key);
        html_add(&v->h, ">%s</textarea></div>\n", value);
        return;
    }
    html_add(&v->h, "<input id=\"f-%s\" name=\"%s\" type=\"%s\" value=\"%s\"", field, field, type,
             value);
    describe(v, field, hint_key);
    html_add(&v->h, "></div>\n");
}

void view_people_part(view *v, const people *p)
{
    if (p->part)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "people.part"));
}
