/* view_appeal.c - what is decided and done is not the end of it: a person decides anew, somebody
 * objects, and another person tries that (R25). Each a form that works without script. */
#include "view.h"
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void field(view *v, const char *name, const char *label_key, const char *hint_key)
{
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-%s\">%s</label><p class=\"hint\" id=\"h-%s\">%s"
             "</p>\n",
             name, say(v, label_key), name, say(v, hint_key));
    view_field_words(v, name);
    html_add(&v->h, "<textarea id=\"f-%s\" name=\"%s\" rows=\"5\"", name, name);
    if (view_complains(v, name))
        view_field_state(v, name);
    else
        html_add(&v->h, " aria-describedby=\"h-%s\"", name);
    html_add(&v->h, ">%s</textarea></div>\n", view_given(v, name, ""));
}

/* A panel whose form is out of the way until somebody wants it. */
static void begin(view *v, const char *id, const char *title_key, const char *lead_key)
{
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n<p>%s</p>\n",
             id, id, say(v, title_key), say(v, lead_key));
}

static bool is_open(const view_matter *m)
{
    return strcmp(m->row->state, "open") == 0;
}

static bool is_decided(const view_matter *m)
{
    for (size_t i = 0; i < m->row->n_happened; i++)
        if (strncmp(m->row->happened[i]->what, "log.decided-", strlen("log.decided-")) == 0)
            return true;
    return false;
}

/* What was looked at, removed or let be; a question's end, and an errand's, is no decision. */
static void anew(view *v, const view_matter *m)
{
    const Uppsikt__MatterOpened *o = m->row->desk->opened;
    if (is_open(m) || o->errand[0] || m->row->is_gone || m->row->n_versions == 0 ||
        o->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        return;
    /* what escalation says of it names no field */
    const bool back = v->n_complaints > 0 && !view_complains(v, "stays") &&
                      !view_complains(v, "because") && !view_complains(v, "objection");
    begin(v, "pa-nytt", "anew.title", "anew.lead");
    html_add(&v->h, "<details%s><summary>%s</summary>\n", back ? " open" : "", say(v, "anew.open"));
    view_decide_form(v, m);
    html_add(&v->h, "</details></section>\n");
}

static void lodge(view *v, const view_matter *m)
{
    if (m->row->desk->opened->errand[0] || !is_decided(m))
        return;
    begin(v, "invandning", "appeal.title", "appeal.lead");
    const bool back = view_complains(v, "objection") || view_given(v, "objection", "")[0];
    html_add(&v->h, "<details%s><summary>%s</summary>\n", back ? " open" : "",
             say(v, "appeal.open"));
    view_act_form(v, m, "invandning");
    field(v, "objection", "appeal.words", "appeal.words-hint");
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"checkbox\" id=\"f-author\" name=\"author\""
             " value=\"1\"%s><label for=\"f-author\">%s</label></div>\n",
             view_given(v, "author", "")[0] ? " checked" : "", say(v, "appeal.author"));
    view_button(v, "appeal.send", NULL, "plain");
    html_add(&v->h, "</form></details></section>\n");
}

void view_afterwards(view *v, const view_matter *m)
{
    anew(v, m);
    lodge(v, m);
}

void view_appeal(view *v, const view_matter *m)
{
    html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "appeal.try-lead"));
    view_act_form(v, m, "provning");
    html_add(&v->h, "<input type=\"hidden\" name=\"version\" value=\"%u\">\n", m->row->newest);
    field(v, "why", "appeal.why", "decide.note-hint");
    html_add(&v->h, "<details%s><summary>%s</summary>\n",
             view_complains(v, "reason") ? " open" : "", say(v, "appeal.reason"));
    view_reasons(v, m->row->desk);
    html_add(&v->h, "</details>\n<div class=\"row\">");
    view_button(v, "appeal.stands", "stands", "main");
    view_button(v, "appeal.change", "change", "plain");
    html_add(&v->h, "</div></form>\n");
}
