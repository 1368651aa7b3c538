/* view_handed.c - what a leaver hands over, row by row, and who confirms it (R03, R05, R06). */
#include "view.h"
#include <stdio.h>
#include <string.h>

enum { CLOSED = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_CLOSED };

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

/* Her name; her id when it is forgotten. */
static const char *named(const char *name, const char *id)
{
    return name && name[0] ? name : id;
}

static void counted(view *v, const char *key, unsigned a, unsigned b)
{
    char first[16], second[16];
    snprintf(first, sizeof first, "%u", a);
    snprintf(second, sizeof second, "%u", b);
    html_fill(&v->h, key, first, second);
}

static void leaves(view *v, const Uppsikt__LeaverListRow *l)
{
    html_add(&v->h, "<p class=\"meta\">%s ",
             say(v, l->leaves_ms > v->clock.now ? "handed.leaves" : "handed.left"));
    view_time(v, l->leaves_ms);
    html_add(&v->h, " · ");
    counted(v, "handed.rows", l->open_rows, l->accounts);
    html_add(&v->h, "</p>\n");
    if (l->due_ms > 0)
        view_due(v, l->due_ms, false, false);
}

void view_handed_lists(view *v, const view_rows *rows)
{
    v->list = "/konton";
    view_begin(v, say(v, "handed.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "handed.lead"));
    if (rows->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "handed.none"));
    html_add(&v->h, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < rows->n; i++) {
        const Uppsikt__LeaverListRow *l = (const Uppsikt__LeaverListRow *)rows->rows[i];
        const char *name =
            named(((const Uppsikt__LeaverListRowContent *)rows->contents[i])->name, l->person);
        html_add(&v->h, "<li class=\"card\"><h2>%s</h2>\n", name);
        leaves(v, l);
        html_add(&v->h,
                 "<p><a class=\"go\" href=\"/overlamning/%s\">%s<span class=\"sr\"> (%s)</span></a>"
                 "</p></li>\n",
                 l->person, say(v, "handed.show"), name);
    }
    html_add(&v->h, "</ul>\n<p><a href=\"/konton\">%s</a></p>\n", say(v, "errand.accounts"));
    view_end(v);
}

/* -- one account -- */
typedef struct handing {
    const view_handing *h;
    const Uppsikt__LeaverAccountRow *a;
    const Uppsikt__LeaverAccountRowContent *c;
} handing;

/* "<form ...>" of /overlamning/<who leaves>/<account>~<what>. */
static void begin_form(view *v, const handing *g, const char *what)
{
    char path[200];
    snprintf(path, sizeof path, "/overlamning/%.40s/%.40s~%.20s", g->h->list->person, g->a->account,
             what);
    view_form(v, path);
}

/* What was typed in this very row, when it comes back with a complaint. */
static const char *typed(const view *v, const handing *g, const char *step, const char *name)
{
    char act[80];
    snprintf(act, sizeof act, "%.40s~%.20s", g->a->account, step);
    return strcmp(g->h->act, act) == 0 ? view_given(v, name, "") : "";
}

/* Many forms have the same words: who hears the page is told which this is of. */
static void button(view *v, const char *key, const char *name, const char *class_name,
                   const char *of)
{
    html_add(
        &v->h,
        "<button type=\"submit\" class=\"%s\" name=\"%s\" value=\"1\">%s<span class=\"sr\"> (%s)"
        "</span></button>\n",
        class_name, name, say(v, key), of);
}

static const char *step_words(const view *v, const Uppsikt__LeaverRow *r)
{
    return view_numbered(v, "handed.step-", (int)r->step);
}

static void choose_successor(view *v, const handing *g, const char *step)
{
    const char *chosen = typed(v, g, step, "successor");
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-successor-%s\">%s</label><select"
             " id=\"f-successor-%s\" name=\"successor\"><option value=\"\">%s</option>",
             g->a->account, say(v, "handed.successor"), g->a->account, say(v, "hand.choose"));
    for (size_t i = 0; i < g->h->persons.n; i++) {
        const Uppsikt__PersonRow *p = (const Uppsikt__PersonRow *)g->h->persons.rows[i];
        const Uppsikt__PersonRowContent *c =
            (const Uppsikt__PersonRowContent *)g->h->persons.contents[i];
        if (p->left || p->leaves_ms > 0 || !c || !c->who)
            continue;
        html_add(&v->h, "<option value=\"%s\"%s>%s %s, %s</option>", p->person,
                 strcmp(chosen, p->person) == 0 ? " selected" : "", c->who->first_name,
                 c->who->last_name, c->who->title);
    }
    html_add(&v->h,
             "</select></div>\n<div class=\"field\"><label for=\"f-day-%s\">%s</label><input"
             " id=\"f-day-%s\" name=\"day\" type=\"date\" value=\"%s\"></div>\n"
             "<input type=\"hidden\" name=\"head\" value=\"%s\"><p class=\"hint\">",
             g->a->account, say(v, "handed.day"), g->a->account, typed(v, g, step, "day"),
             g->a->head);
    html_fill(&v->h, g->a->head[0] ? "handed.head" : "handed.no-head",
              named(g->c->head, g->a->head), NULL);
    html_add(&v->h, "</p>\n");
}

static void open_row(view *v, const handing *g, const Uppsikt__LeaverRow *r)
{
    char step[8];
    if (!g->a->may_tick || g->h->list->confirmed_ms > 0) {
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "handed.open"));
        return;
    }
    snprintf(step, sizeof step, "%d", (int)r->step);
    begin_form(v, g, step);
    if (r->step == UPPSIKT__LEAVER_STEP__LEAVER_STEP_APPOINTED)
        choose_successor(v, g, step);
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-note-%s-%s\">%s</label><input"
             " id=\"f-note-%s-%s\" name=\"note\" type=\"text\" autocomplete=\"off\" value=\"%s\">"
             "</div>\n<div class=\"row\">",
             g->a->account, step,
             say(v, r->step == UPPSIKT__LEAVER_STEP__LEAVER_STEP_ROTATED ? "handed.where"
                                                                         : "handed.note"),
             g->a->account, step, typed(v, g, step, "note"));
    button(v, "handed.done", "done", "main", step_words(v, r));
    button(v, "handed.not-needed", "not-needed", "plain", step_words(v, r));
    html_add(&v->h, "</div></form>\n");
}

/* Who did it, when, and what was written. */
static void ticked_row(view *v, const handing *g, const Uppsikt__LeaverRow *r, size_t i)
{
    char step[8];
    const char *note = i < g->c->n_notes ? g->c->notes[i] : "";
    const bool done = r->tick == UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE;
    html_add(&v->h, "<p class=\"is-done\"><strong>%s</strong> ",
             say(v, done ? "handed.is-done" : "handed.is-not-needed"));
    html_fill(&v->h, "handed.by", named(i < g->c->n_by ? g->c->by[i] : "", r->by), NULL);
    html_add(&v->h, " ");
    view_time(v, r->at_ms);
    html_add(&v->h, "</p>\n");
    if (r->successor[0]) {
        html_add(&v->h, "<p>");
        html_fill(&v->h, "handed.appointed",
                  named(i < g->c->n_successors ? g->c->successors[i] : "", r->successor), NULL);
        html_add(&v->h, " ");
        view_time(v, r->appointed_ms);
        html_add(&v->h, "</p>\n");
    }
    if (note[0])
        html_add(&v->h, "<p class=\"said\">%s</p>\n", note);
    if (!g->a->may_tick || g->h->list->confirmed_ms > 0)
        return;
    snprintf(step, sizeof step, "%d", (int)r->step);
    begin_form(v, g, step);
    button(v, "handed.undo", "undo", "plain", step_words(v, r));
    html_add(&v->h, "</form>\n");
}

/* Access in the register is a fact of its own: what is so there is taken and given here, too. */
static void register_row(view *v, const handing *g)
{
    html_add(&v->h, "<p>");
    counted(v, "handed.others", g->a->others, 0);
    html_add(&v->h, " %s</p>\n", say(v, g->a->access ? "handed.has-access" : "handed.no-access"));
    if (!g->a->may_give || g->h->list->confirmed_ms > 0)
        return;
    if (g->a->access) {
        begin_form(v, g, "ta");
        button(v, "handed.take", "take", "plain", named(g->c->name, g->a->account));
        html_add(&v->h, "</form>\n");
    }
    const char *successor = g->a->n_rows > 0 ? g->a->rows[0]->successor : "";
    if (successor[0] && !g->a->successor_access) {
        begin_form(v, g, "ge");
        html_add(&v->h, "<input type=\"hidden\" name=\"person\" value=\"%s\">\n", successor);
        button(v, "handed.give", "give", "plain", named(g->c->name, g->a->account));
        html_add(&v->h, "</form>\n");
    }
}

static void account(view *v, const handing *g)
{
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"k-%s\"><h2 id=\"k-%s\">%s, %s</h2>\n",
             g->a->account, g->a->account, named(g->c->name, g->a->account),
             view_platform(v, g->a->platform));
    if ((int)g->a->state == CLOSED) {
        html_add(&v->h, "<p>%s</p></section>\n", say(v, "handed.closed"));
        return;
    }
    if (g->c->vault[0]) {
        html_add(&v->h, "<p class=\"meta\">");
        html_fill(&v->h, "handed.vault", g->c->vault, NULL);
        html_add(&v->h, "</p>\n");
    }
    register_row(v, g);
    html_add(&v->h, "<ol>\n");
    for (size_t i = 0; i < g->a->n_rows; i++) {
        const Uppsikt__LeaverRow *r = g->a->rows[i];
        html_add(&v->h, "<li><h3>%s</h3>\n", step_words(v, r));
        if (r->tick == UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN)
            open_row(v, g, r);
        else
            ticked_row(v, g, r, i);
        html_add(&v->h, "</li>\n");
    }
    html_add(&v->h, "</ol></section>\n");
}

static void confirm(view *v, const view_handing *h)
{
    char path[160];
    html_add(&v->h,
             "<section class=\"panel narrow\" aria-labelledby=\"bekrafta\"><h2 id=\"bekrafta\">%s"
             "</h2>\n",
             say(v, "handed.confirm-title"));
    if (h->list->confirmed_ms > 0) {
        html_add(&v->h, "<p class=\"is-done\"><strong>");
        html_fill(&v->h, "handed.confirmed", named(h->names->confirmed_name, h->list->confirmed_by),
                  NULL);
        html_add(&v->h, "</strong> ");
        view_time(v, h->list->confirmed_ms);
        html_add(&v->h, "</p></section>\n");
        return;
    }
    if (h->list->lacks[0]) {
        html_add(&v->h, "<p class=\"note\">%s</p></section>\n", say(v, h->list->lacks));
        return;
    }
    html_add(&v->h, "<p>%s</p>\n", say(v, "handed.confirm-lead"));
    snprintf(path, sizeof path, "/overlamning/%.100s/bekrafta", h->list->person);
    view_form(v, path);
    view_button(v, "handed.confirm", NULL, "main");
    html_add(&v->h, "</form></section>\n");
}

static void next(view *v, const view_handing *h)
{
    const Uppsikt__LeaverAccountRow *last =
        (const Uppsikt__LeaverAccountRow *)h->accounts.rows[h->accounts.n - 1];
    html_add(&v->h,
             "<form class=\"next\" method=\"get\" action=\"/overlamning/%s\"><input type=\"hidden\""
             " name=\"efter\" value=\"%s\"><button type=\"submit\">%s</button></form>\n",
             h->list->person, last->account, say(v, "list.more"));
}

void view_handed(view *v, const view_handing *h)
{
    char title[260];
    v->list = "/konton";
    snprintf(title, sizeof title, "%.40s: %.200s", say(v, "handed.one"),
             named(h->names->name, h->list->person));
    view_begin(v, title);
    leaves(v, h->list);
    for (size_t i = 0; i < h->accounts.n; i++)
        account(v, &(handing){ h, (const Uppsikt__LeaverAccountRow *)h->accounts.rows[i],
                               (const Uppsikt__LeaverAccountRowContent *)h->accounts.contents[i] });
    if (h->more)
        next(v, h);
    confirm(v, h);
    html_add(&v->h, "<p><a href=\"/overlamning\">%s</a></p>\n", say(v, "handed.back"));
    view_end(v);
}
