/* view_propose.c - Föreslå gallring: what each adopted row lets go now, and the list for another
 * person to approve (R21, R23). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

bool view_proposes(const view *v)
{
    return view_has_role(v, "archivist");
}

static void counted(view *v, const char *key, const char *what, int64_t n)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)n);
    html_fill(&v->h, key, what ? what : number, what ? number : NULL);
}

static void head(view *v, const view_proposal *p)
{
    html_add(&v->h, "<p class=\"meta\">%s · %s · %s</p>\n<p>", p->row->process, p->row->row,
             p->row->decision);
    if (p->row->months > 0)
        counted(v, "propose.months", NULL, p->row->months);
    else
        html_add(&v->h, "%s", say(v, "propose.no-period"));
    html_add(&v->h, "</p>\n");
}

static void numbers(view *v, const view_proposal *p)
{
    const Uppsikt__DisposalTaken *t = p->taken;
    if (!t) {
        if (p->why)
            html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, p->why));
        return;
    }
    html_add(&v->h, "<p><strong>");
    if (t->count > 0)
        counted(v, "propose.count", NULL, t->count);
    else
        html_add(&v->h, "%s", say(v, "propose.nothing"));
    html_add(&v->h, "</strong>");
    if (t->held > 0) {
        html_add(&v->h, " · ");
        counted(v, "disposal.held", NULL, t->held);
    }
    if (t->open > 0) {
        html_add(&v->h, " · ");
        counted(v, "listed.open", NULL, t->open);
    }
    html_add(&v->h, "</p>\n");
}

void view_propose(view *v, const view_proposal *rows, size_t n)
{
    v->list = "/gallring";
    view_begin(v, say(v, "propose.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "propose.lead"));
    if (n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "propose.none"));
    html_add(&v->h, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < n; i++) {
        html_add(&v->h, "<li class=\"card\"><h2>%s</h2>", rows[i].row->kind);
        head(v, &rows[i]);
        numbers(v, &rows[i]);
        html_add(&v->h,
                 "<p><a class=\"go\" href=\"/gallring/foresla?rad=%s\">%s<span class=\"sr\"> (%s)"
                 "</span></a></p></li>\n",
                 rows[i].row->row, say(v, "propose.show"), rows[i].row->row);
    }
    html_add(&v->h, "</ul>\n<p><a href=\"/gallring\">%s</a></p>\n", say(v, "listed.back"));
    view_end(v);
}

/* -- one row -- */
static void kinds(view *v, const Uppsikt__DisposalTaken *t)
{
    if (t->n_kinds == 0)
        return;
    html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < t->n_kinds; i++) {
        const Uppsikt__DisposalKind *k = t->kinds[i];
        const char *word = view_joined(v, "cover.", k->kind);
        html_add(&v->h, "<li>");
        if (k->taken > 0)
            counted(v, "propose.left", word, k->taken);
        if (k->left > 0)
            counted(v, "propose.kept", word, k->left);
        html_add(&v->h, "</li>\n");
    }
    html_add(&v->h, "</ul>\n");
}

/* Looked at again for another day; nothing is changed by it. */
static void day_form(view *v, const view_proposal *p)
{
    html_add(&v->h,
             "<form method=\"get\" action=\"/gallring/foresla\"><input type=\"hidden\""
             " name=\"rad\" value=\"%s\">\n<div class=\"field\"><label for=\"f-dag\">%s</label>"
             "<p class=\"hint\" id=\"h-dag\">%s</p>",
             p->row->row, say(v, "propose.day"), say(v, "propose.day-hint"));
    view_field_words(v, "dag");
    html_add(&v->h, "<input id=\"f-dag\" name=\"dag\" type=\"date\" value=\"%s\"",
             view_given(v, "dag", ""));
    if (view_complains(v, "dag"))
        view_field_state(v, "dag");
    else
        html_add(&v->h, " aria-describedby=\"h-dag\"");
    html_add(&v->h, "></div>\n");
    view_button(v, "propose.look", NULL, "go");
    html_add(&v->h, "</form>\n");
}

static void propose_form(view *v, const view_proposal *p)
{
    char hex[65] = "";
    if (p->taken->list_sha256.len == 32)
        guard_hex(p->taken->list_sha256.data, 32, hex);
    html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "propose.hint"));
    view_form(v, "/gallring/foresla");
    html_add(&v->h,
             "<input type=\"hidden\" name=\"rad\" value=\"%s\"><input type=\"hidden\""
             " name=\"fore\" value=\"%lld\"><input type=\"hidden\" name=\"list\" value=\"%s\">\n",
             p->row->row, (long long)p->before_ms, hex);
    view_button(v, "propose.send", NULL, "main");
    html_add(&v->h, "</form>\n");
}

void view_propose_one(view *v, const view_proposal *p, const view_listing *items)
{
    v->list = "/gallring";
    view_begin(v, p->row->kind);
    html_add(&v->h, "<div class=\"narrow\">\n");
    head(v, p);
    day_form(v, p);
    numbers(v, p);
    if (p->taken)
        kinds(v, p->taken);
    if (p->taken && p->taken->count > 0)
        propose_form(v, p);
    html_add(&v->h, "</div>\n");
    if (items->items.n > 0) {
        char shown[24], all[24];
        snprintf(shown, sizeof shown, "%zu", items->items.n);
        snprintf(all, sizeof all, "%lld", (long long)p->taken->count);
        html_add(&v->h, "<h2>%s</h2><p class=\"hint\">", say(v, "propose.first"));
        html_fill(&v->h, "propose.more", shown, all);
        html_add(&v->h, "</p>\n");
        view_listed_items(v, items);
    }
    html_add(&v->h, "<p><a href=\"/gallring/foresla\">%s</a></p>\n", say(v, "propose.back"));
    view_end(v);
}
