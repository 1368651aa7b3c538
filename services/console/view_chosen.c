/* view_chosen.c - one decision on many matters: what is chosen, what is about to happen, what
 * became of each (R25, R30). */
#include "view_chosen.h"
#include <stdio.h>
#include <string.h>

enum { WORDS = 280 };

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void fill_count(view *v, const char *key, size_t n)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", n);
    html_fill(&v->h, key, number, NULL);
}

/* -- what is chosen -- */
/* The beginning of what was written; the whole stands on its page. */
static void words(view *v, const chosen_one *one)
{
    const char *text = one->content->text;
    size_t n = strlen(text);
    char start[WORDS + 8];
    if (one->row->desk->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        text = say(v, "list.message");
    else if (n > WORDS) {
        n = WORDS;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
        snprintf(start, sizeof start, "%.*s…", (int)n, text);
        text = start;
    }
    html_add(&v->h, "<blockquote class=\"said\">");
    html_lines(&v->h, text[0] ? text : say(v, "text.none"));
    html_add(&v->h, "</blockquote>\n");
}

static void item(view *v, const chosen_one *one, const char *why)
{
    const Uppsikt__DeskRow *d = one->row->desk;
    html_add(&v->h, "<li class=\"card\"><p><a href=\"/sak/%s\">%s</a> %s %s", d->opened->matter,
             view_what(v, d), say(v, "list.on"), one->content->account);
    if (one->content->author[0])
        html_add(&v->h, " · %s", one->content->author);
    html_add(&v->h, " · ");
    view_time(v, d->opened->received_ms);
    html_add(&v->h, "</p>\n");
    words(v, one);
    if (why)
        html_add(&v->h, "<p><strong>%s</strong></p>", why);
    html_add(&v->h, "</li>\n");
}

static void open_list(view *v, const char *id, const char *key, size_t n)
{
    html_add(&v->h, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">", id, id);
    fill_count(v, key, n);
    html_add(&v->h, "</h2>\n<ol class=\"cards\">\n");
}

/* Those that can be decided, or those that cannot, each with why. */
static void list(view *v, const chosen *c, bool flawed)
{
    const size_t n = chosen_count(c, flawed);
    if (n == 0)
        return;
    open_list(v, flawed ? "inte" : "valda", flawed ? "chosen.not" : "chosen.these", n);
    for (size_t i = 0; i < c->n; i++)
        if ((c->ones[i].flaw != NULL) == flawed)
            item(v, &c->ones[i], flawed ? say(v, c->ones[i].flaw) : NULL);
    html_add(&v->h, "</ol></section>\n");
}

static void unknown(view *v, const chosen *c)
{
    if (c->unknown == 0)
        return;
    html_add(&v->h, "<p class=\"note\">");
    fill_count(v, "chosen.unknown", c->unknown);
    html_add(&v->h, "</p>\n");
}

/* -- what goes from page to page -- */
static void hidden(view *v, const char *name, const char *value)
{
    html_add(&v->h, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", name, value);
}

static void picks(view *v, const chosen *c, bool unanswered_only)
{
    for (size_t i = 0; i < c->n; i++) {
        const chosen_one *one = &c->ones[i];
        if (one->flaw || (unanswered_only && one->end != CHOSEN_NO_ANSWER))
            continue;
        html_add(&v->h, "<input type=\"hidden\" name=\"m\" value=\"%s~%u\">\n",
                 one->row->desk->opened->matter, one->version);
    }
}

static void decision(view *v)
{
    static const char *const fields[] = { "action", "reason", "ground", "note" };
    for (size_t i = 0; i < UPP_LEN(fields); i++)
        hidden(v, fields[i], view_given(v, fields[i], ""));
}

static void back(view *v)
{
    html_add(&v->h, "<p><a href=\"/atgarda\">%s</a></p>\n", say(v, "chosen.back"));
}

/* -- first: what is to happen -- */
/* Of one platform alone it is known who still sees it there. */
static const char *platform_of(const chosen *c)
{
    const char *one = NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (c->ones[i].flaw)
            continue;
        if (one && strcmp(one, c->ones[i].row->desk->platform) != 0)
            return "";
        one = c->ones[i].row->desk->platform;
    }
    return one ? one : "";
}

static void ground(view *v, const chosen *c)
{
    enum { ROWS = 60 };
    Uppsikt__PlanRow row[ROWS], *rows[ROWS];
    size_t n = 0;
    for (const Uppsikt__PlanRow *r; n < ROWS && (r = chosen_plan(c, n)); n++) {
        row[n] = *r;
        rows[n] = &row[n];
    }
    view_ground(v, rows, n, false);
}

static void choice_form(view *v, const chosen *c)
{
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"besluta\"><h2 id=\"besluta\">%s</h2>\n",
             say(v, "chosen.decide"));
    view_form(v, "/flera/granska");
    picks(v, c, false);
    view_actions(v, platform_of(c));
    view_reasons(v, NULL);
    ground(v, c);
    view_note(v);
    html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "chosen.two-hint"));
    view_button(v, "chosen.look", NULL, "main");
    html_add(&v->h, "</form></section>\n");
}

void view_chosen(view *v, const chosen *c)
{
    v->list = "/atgarda";
    view_begin(v, say(v, "chosen.title"));
    if (chosen_count(c, false) == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "chosen.none"));
    else
        html_add(&v->h, "<p class=\"lead\">%s <a href=\"#besluta\">%s</a></p>\n",
                 say(v, "chosen.lead"), say(v, "chosen.to-form"));
    unknown(v, c);
    list(v, c, true);
    list(v, c, false);
    if (chosen_count(c, false) > 0)
        choice_form(v, c);
    back(v);
    view_end(v);
}

/* -- then: is it this? -- */
static void told(view *v, const char *key, const char *what)
{
    html_add(&v->h, "<dt>%s</dt><dd>%s</dd>\n", say(v, key), what[0] ? what : say(v, "chosen.no"));
}

/* "Offentlighets- och sekretesslagen"; a row of the plan by its kind and its decision. */
static void told_ground(view *v, const chosen *c, const Uppsikt__Decide *d)
{
    char text[400] = "";
    if (d->law[0])
        snprintf(text, sizeof text, "%s", view_law(v, d->law));
    for (size_t i = 0; d->plan_row[0] && chosen_plan(c, i); i++)
        if (strcmp(chosen_plan(c, i)->row, d->plan_row) == 0)
            snprintf(text, sizeof text, "%.200s (%.100s)", chosen_plan(c, i)->kind,
                     chosen_plan(c, i)->decision);
    told(v, "decide.ground", text);
}

static void counts(view *v, const chosen *c)
{
    size_t labels[CHOSEN_LABELS];
    chosen_labels(c, labels);
    html_add(&v->h, "<h3>%s</h3><dl class=\"numbers\" id=\"per-konto\">\n",
             say(v, "chosen.by-account"));
    for (size_t i = 0; i < c->n; i++)
        if (chosen_account(c, i) > 0)
            html_add(&v->h, "<div><dt>%s</dt><dd>%u</dd></div>\n", c->ones[i].content->account,
                     (unsigned)chosen_account(c, i));
    html_add(&v->h, "</dl><h3>%s</h3><dl class=\"numbers\" id=\"per-kategori\">\n",
             say(v, "chosen.by-label"));
    for (int i = 1; i < CHOSEN_LABELS; i++)
        if (labels[i] > 0)
            html_add(&v->h, "<div><dt>%s</dt><dd>%u</dd></div>\n", view_numbered(v, "label.", i),
                     (unsigned)labels[i]);
    if (labels[0] > 0)
        html_add(&v->h, "<div><dt>%s</dt><dd>%u</dd></div>\n", say(v, "chosen.no-label"),
                 (unsigned)labels[0]);
    html_add(&v->h, "</dl>\n");
}

static void summary(view *v, const chosen *c, const Uppsikt__Decide *d)
{
    const bool removes = d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"samman\"><h2 id=\"samman\">%s</h2>\n"
             "<dl class=\"told\">\n",
             say(v, "chosen.summary"));
    told(v, "decide.action", view_numbered(v, "act.", (int)d->action));
    told(v, "decide.reason", view_joined(v, "reason.", d->reason));
    if (removes)
        told_ground(v, c, d);
    told(v, "decide.note", d->note);
    html_add(&v->h, "</dl>\n");
    counts(v, c);
    html_add(&v->h, "<p class=\"note\">%s</p>\n",
             say(v, removes                                               ? "chosen.two"
                    : d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE ? "chosen.saved-first"
                                                                          : "chosen.stays"));
    html_add(&v->h, "</section>\n");
}

static void confirm_form(view *v, const chosen *c, bool removes)
{
    html_add(&v->h, "<div class=\"row\">");
    view_form(v, "/flera/beslut");
    picks(v, c, false);
    decision(v);
    html_add(&v->h, "<button type=\"submit\" class=\"%s\">", removes ? "danger" : "main");
    fill_count(v, "chosen.send", chosen_count(c, false));
    html_add(&v->h, "</button></form>\n");
    view_form(v, "/flera");
    picks(v, c, false);
    decision(v);
    view_button(v, "chosen.change", NULL, "plain");
    html_add(&v->h, "</form></div>\n");
}

void view_chosen_summary(view *v, const chosen *c, const Uppsikt__Decide *d)
{
    v->list = "/atgarda";
    view_begin(v, say(v, "chosen.sure"));
    unknown(v, c);
    if (chosen_count(c, false) > 0) {
        summary(v, c, d);
        confirm_form(v, c, d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE);
    } else
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "chosen.none"));
    list(v, c, true);
    list(v, c, false);
    back(v);
    view_end(v);
}

/* -- last: what became of it -- */
static void ended(view *v, const chosen *c, enum chosen_end end, const char *id, const char *key)
{
    const size_t n = chosen_ended(c, end);
    if (n == 0)
        return;
    open_list(v, id, key, n);
    for (size_t i = 0; i < c->n; i++)
        if (!c->ones[i].flaw && c->ones[i].end == end)
            item(v, &c->ones[i], c->ones[i].words ? say(v, c->ones[i].words) : NULL);
    html_add(&v->h, "</ol></section>\n");
}

/* With the same id: what was done after all is not done twice. */
static void again(view *v, const chosen *c)
{
    html_add(&v->h, "<p class=\"note alarm\">%s</p>\n", say(v, "chosen.again-hint"));
    view_form(v, "/flera/beslut");
    picks(v, c, true);
    decision(v);
    view_button(v, "chosen.again", NULL, "main");
    html_add(&v->h, "</form>\n");
}

void view_chosen_result(view *v, const chosen *c)
{
    char done[24], all[24];
    const size_t n = chosen_ended(c, CHOSEN_DONE) + chosen_ended(c, CHOSEN_SECOND);
    snprintf(done, sizeof done, "%zu", n);
    snprintf(all, sizeof all, "%zu", c->n + c->unknown);
    v->list = "/atgarda";
    view_begin(v, say(v, "chosen.result"));
    html_add(&v->h, "<p class=\"done\" role=\"status\">");
    html_fill(&v->h, "chosen.result-lead", done, all);
    html_add(&v->h, "</p>\n");
    unknown(v, c);
    if (chosen_ended(c, CHOSEN_NO_ANSWER) > 0)
        again(v, c);
    ended(v, c, CHOSEN_REFUSED, "nekade", "chosen.refused");
    ended(v, c, CHOSEN_NO_ANSWER, "obesvarade", "chosen.unanswered");
    list(v, c, true);
    ended(v, c, CHOSEN_SECOND, "vantar", "chosen.second");
    ended(v, c, CHOSEN_DONE, "klara", "chosen.done");
    back(v);
    view_end(v);
}
