/* view_still.c - who has access to which account, and that it is so still (R05). */
#include "view.h"
#include <stdio.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void attested(view *v, const Uppsikt__AccessListRow *a,
                     const Uppsikt__AccessListRowContent *c)
{
    html_add(&v->h, "<p class=\"meta\">");
    if (a->attested_ms > 0) {
        html_fill(&v->h, "still.last", c->attested_name[0] ? c->attested_name : a->attested_by,
                  NULL);
        html_add(&v->h, " ");
        view_time(v, a->attested_ms);
    } else
        html_add(&v->h, "%s", say(v, "still.never"));
    if (a->due_ms == 0) {
        html_add(&v->h, " · %s ", say(v, "still.again"));
        view_time(v, a->next_ms);
    }
    html_add(&v->h, "</p>\n");
    if (a->due_ms > 0)
        view_due(v, a->due_ms, false, false);
}

static void persons(view *v, const Uppsikt__AccessListRow *a,
                    const Uppsikt__AccessListRowContent *c)
{
    if (a->n_persons == 0)
        html_add(&v->h, "<p>%s</p>\n", say(v, "still.nobody"));
    html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < a->n_persons; i++)
        html_add(&v->h, "<li>%s</li>\n",
                 i < c->n_names && c->names[i][0] ? c->names[i] : a->persons[i]);
    html_add(&v->h, "</ul>\n");
    if (a->left > 0)
        html_add(&v->h, "<p class=\"note alarm\">%s <a href=\"/overlamning\">%s</a></p>\n",
                 say(v, "still.left"), say(v, "handed.title"));
}

/* Exactly those who stand above: who came or went since is what the register then says no for. */
static void form_of(view *v, const Uppsikt__AccessListRow *a, const char *name)
{
    char path[160], n[16];
    if (!a->may_attest || a->left > 0)
        return;
    snprintf(path, sizeof path, "/tillgang/%.100s", a->account);
    snprintf(n, sizeof n, "%zu", a->n_persons);
    view_form(v, path);
    for (size_t i = 0; i < a->n_persons; i++)
        html_add(&v->h, "<input type=\"hidden\" name=\"p\" value=\"%s\">\n", a->persons[i]);
    html_add(&v->h, "<p>");
    html_fill(&v->h, a->n_persons == 1 ? "still.one" : "still.these", n, NULL);
    html_add(&v->h, "</p>\n");
    html_add(&v->h,
             "<button type=\"submit\" class=\"%s\">%s<span class=\"sr\"> (%s)</span></button>\n"
             "</form>\n",
             a->due_ms > 0 ? "main" : "plain", say(v, "still.send"), name);
}

void view_still(view *v, const view_rows *rows, bool more)
{
    v->list = "/konton";
    view_begin(v, say(v, "still.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "still.lead"));
    if (rows->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "still.none"));
    html_add(&v->h, "<ul class=\"cards two\">\n");
    for (size_t i = 0; i < rows->n; i++) {
        const Uppsikt__AccessListRow *a = (const Uppsikt__AccessListRow *)rows->rows[i];
        const Uppsikt__AccessListRowContent *c =
            (const Uppsikt__AccessListRowContent *)rows->contents[i];
        const char *name = c->name[0] ? c->name : a->account;
        html_add(&v->h, "<li class=\"card\"><h2>%s, %s</h2>\n", name,
                 view_platform(v, a->platform));
        attested(v, a, c);
        persons(v, a, c);
        form_of(v, a, name);
        html_add(&v->h, "</li>\n");
    }
    html_add(&v->h, "</ul>\n");
    if (more)
        html_add(&v->h,
                 "<form class=\"next\" method=\"get\" action=\"/tillgang\"><input type=\"hidden\""
                 " name=\"efter\" value=\"%s\"><button type=\"submit\">%s</button></form>\n",
                 ((const Uppsikt__AccessListRow *)rows->rows[rows->n - 1])->account,
                 say(v, "list.more"));
    html_add(&v->h, "<p><a href=\"/konton\">%s</a></p>\n", say(v, "errand.accounts"));
    view_end(v);
}
