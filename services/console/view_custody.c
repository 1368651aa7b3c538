/* view_custody.c - disposal lists and gallringsstopp: what may go, what must stay (R21, R23). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void disposal(view *v, const Uppsikt__DisposalLine *d, const Uppsikt__DisposalLineContent *c)
{
    char count[24], held[24];
    snprintf(count, sizeof count, "%lld", (long long)d->count);
    snprintf(held, sizeof held, "%lld", (long long)d->held);
    html_add(&v->h, "<li class=\"card\"><h2>%s</h2><p><strong>%s</strong> · ",
             d->kind[0] ? d->kind : d->plan_row, view_joined(v, "disposal.", d->state));
    html_fill(&v->h, strcmp(d->state, "disposed") == 0 ? "disposal.count" : "listed.count", count,
              NULL);
    if (d->held > 0) {
        html_add(&v->h, " · ");
        html_fill(&v->h, "disposal.held", held, NULL);
    }
    html_add(&v->h, "</p><p class=\"meta\">");
    html_fill(&v->h, "disposal.by", c->by, d->decision);
    html_add(&v->h, " · ");
    view_time(v, d->at_ms);
    if (c->second[0]) {
        html_add(&v->h, " · ");
        html_fill(&v->h, "disposal.second", c->second, NULL);
    }
    html_add(&v->h, "</p>\n");
    html_add(
        &v->h,
        "<p><a class=\"go\" href=\"/gallring/%s\">%s<span class=\"sr\"> (%s)</span></a></p></li>\n",
        d->disposal, say(v, "disposal.show"), d->disposal);
}

void view_disposals(view *v, const view_rows *rows)
{
    v->list = "/gallring";
    view_begin(v, say(v, "disposal.title"));
    html_add(
        &v->h,
        "<p class=\"lead\">%s</p><p class=\"links\"><a class=\"go\" href=\"/gallringsstopp\">%s"
        "</a>",
        say(v, "disposal.lead"), say(v, "hold.title"));
    if (view_proposes(v))
        html_add(&v->h, " <a class=\"go\" href=\"/gallring/foresla\">%s</a>",
                 say(v, "propose.title"));
    html_add(&v->h, "</p>\n");
    if (rows->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "disposal.none"));
    html_add(&v->h, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < rows->n; i++)
        disposal(v, (const Uppsikt__DisposalLine *)rows->rows[i],
                 (const Uppsikt__DisposalLineContent *)rows->contents[i]);
    html_add(&v->h, "</ul>\n");
    view_end(v);
}

static void hold(view *v, const Uppsikt__HoldLine *h, const Uppsikt__HoldLineContent *c)
{
    char path[160];
    html_add(&v->h, "<li class=\"card\"><p>");
    if (h->matter[0])
        html_add(&v->h, "<a href=\"/sak/%s\">%s</a>", h->matter, say(v, "hold.matter"));
    else
        html_fill(&v->h, "hold.account", c->account, NULL);
    html_add(&v->h, "</p><p class=\"meta\">%s · ", c->by);
    view_time(v, h->at_ms);
    html_add(&v->h, "</p><p>%s</p>\n", view_joined(v, "hold.why-", h->reason));
    if (h->review_ms > 0) {
        const bool late = h->review_ms <= v->clock.now;
        html_add(&v->h, "<p%s>%s ", late ? " class=\"late\"" : "",
                 say(v, late ? "hold.review-late" : "hold.review"));
        view_time(v, h->review_ms);
        html_add(&v->h, "</p>\n");
    }
    snprintf(path, sizeof path, "/gallringsstopp/%.100s", h->hold);
    view_form(v, path);
    view_button(v, "hold.release", NULL, "plain");
    html_add(&v->h, "</form></li>\n");
}

static void option(view *v, const char *field, const char *value, const char *label)
{
    html_add(&v->h, "<option value=\"%s\"%s>%s</option>", value,
             strcmp(view_given(v, field, ""), value) == 0 ? " selected" : "", label);
}

void view_hold_why(view *v)
{
    static const char *const reasons[] = { "records-request", "dispute",         "police",
                                           "audit",           "reconsideration", "other" };
    static const char *const days[] = { "365", "180", "90" };
    html_add(&v->h, "<div class=\"field\"><label for=\"f-reason\">%s</label>", say(v, "hold.why"));
    view_field_words(v, "reason");
    html_add(&v->h, "<select id=\"f-reason\" name=\"reason\"");
    view_field_state(v, "reason");
    html_add(&v->h, ">");
    option(v, "reason", "", say(v, "hand.choose"));
    for (size_t i = 0; i < UPP_LEN(reasons); i++)
        option(v, "reason", reasons[i], view_joined(v, "hold.why-", reasons[i]));
    html_add(&v->h,
             "</select></div><div class=\"field\"><label for=\"f-days\">%s</label>"
             "<select id=\"f-days\" name=\"days\">",
             say(v, "hold.review-in"));
    for (size_t i = 0; i < UPP_LEN(days); i++)
        option(v, "days", days[i], view_joined(v, "hold.days-", days[i]));
    html_add(&v->h, "</select></div>\n");
}

void view_holds(view *v, const view_rows *rows, const view_rows *accounts)
{
    v->list = "/gallring";
    view_begin(v, say(v, "hold.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "hold.lead"));
    if (rows->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "hold.none"));
    html_add(&v->h, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < rows->n; i++)
        hold(v, (const Uppsikt__HoldLine *)rows->rows[i],
             (const Uppsikt__HoldLineContent *)rows->contents[i]);
    html_add(&v->h,
             "</ul>\n<section class=\"panel narrow\" aria-labelledby=\"nytt\">"
             "<h2 id=\"nytt\">%s</h2>\n",
             say(v, "hold.new"));
    view_form(v, "/gallringsstopp");
    html_add(&v->h, "<div class=\"field\"><label for=\"f-account\">%s</label>",
             say(v, "item.account"));
    view_field_words(v, "account");
    html_add(&v->h, "<select id=\"f-account\" name=\"account\"");
    view_field_state(v, "account");
    html_add(&v->h, "><option value=\"\">%s</option>", say(v, "hand.choose"));
    for (size_t i = 0; i < accounts->n; i++)
        html_add(&v->h, "<option value=\"%s\">%s</option>",
                 ((const Uppsikt__AccountLine *)accounts->rows[i])->account,
                 ((const Uppsikt__AccountLineContent *)accounts->contents[i])->name);
    html_add(&v->h, "</select></div>\n");
    view_hold_why(v);
    view_button(v, "hold.place", NULL, "main");
    html_add(&v->h, "</form></section>\n");
    view_end(v);
}
