/* view_listed.c - one disposal's list, item by item, for whoever approves it (R23; sla.md P4). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void counted(view *v, const char *key, int64_t n)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)n);
    html_fill(&v->h, key, number, NULL);
}

/* What it is about, and how much of it is left out for what. */
static void head(view *v, const view_listing *l)
{
    const Uppsikt__DisposalRow *row = l->row;
    html_add(&v->h, "<p><strong>%s</strong> · ", view_joined(v, "disposal.", row->state));
    counted(v, "listed.count", row->count);
    if (row->held > 0) {
        html_add(&v->h, " · ");
        counted(v, "disposal.held", row->held);
    }
    if (row->open > 0) {
        html_add(&v->h, " · ");
        counted(v, "listed.open", row->open);
    }
    html_add(&v->h, "</p><p class=\"meta\">");
    html_fill(&v->h, "disposal.by", l->names->by, row->law[0] ? row->law : l->line->decision);
    html_add(&v->h, " · ");
    view_time(v, row->proposed_ms);
    if (l->names->second[0]) {
        html_add(&v->h, " · ");
        html_fill(&v->h, "disposal.second", l->names->second, NULL);
    }
    html_add(&v->h, "</p>\n<p><a class=\"go\" href=\"/gallring/%s/protokoll\">%s</a></p>\n",
             row->disposal,
             say(v, strcmp(row->state, "proposed") == 0 ? "listed.whole" : "listed.protocol"));
}

static const Uppsikt__ListedRow *known(const view_listing *l, const char *item,
                                       const Uppsikt__ListedRowContent **ret_content)
{
    for (size_t i = 0; i < l->known.n; i++) {
        const Uppsikt__ListedRow *k = (const Uppsikt__ListedRow *)l->known.rows[i];
        if (strcmp(k->item, item) == 0) {
            *ret_content = (const Uppsikt__ListedRowContent *)l->known.contents[i];
            return k;
        }
    }
    return NULL;
}

static void words(view *v, const Uppsikt__ListedRow *k, const Uppsikt__ListedRowContent *c)
{
    if (!k->may_see)
        html_add(&v->h, "<span class=\"quiet\">%s</span>", say(v, "listed.not-yours"));
    else if (k->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        html_add(&v->h, "<span class=\"quiet\">%s</span>", say(v, "listed.message"));
    else if (!c->text[0])
        html_add(&v->h, "<span class=\"quiet\">%s</span>", say(v, "text.none"));
    else
        html_add(&v->h, "%s", c->text);
}

/* Each leads to its page, where the look is noted (R29). */
static void copies(view *v, const Uppsikt__DisposedRow *d, bool may_see)
{
    for (size_t i = 0; i < d->n_records; i++)
        if (may_see)
            html_add(&v->h, "%s<a href=\"/kopia/%s\">%s<span class=\"sr\"> %s</span></a>",
                     i ? "<br>" : "", d->records[i], say(v, "listed.copy"), d->records[i]);
        else
            html_add(&v->h, "%s%s", i ? "<br>" : "", say(v, "listed.copy"));
}

const char *view_listed_what(const Uppsikt__DisposedRow *row)
{
    static const char *const kinds[] = { "staff", "absence", "look", "package" };
    for (size_t i = 0; i < UPP_LEN(kinds); i++)
        if (strcmp(row->what, kinds[i]) == 0)
            return kinds[i];
    return row->line ? "line" : NULL;
}

static void item(view *v, const view_listing *l, const Uppsikt__DisposedRow *d)
{
    const Uppsikt__ListedRowContent *c = NULL;
    const Uppsikt__ListedRow *k = known(l, d->item, &c);
    html_add(&v->h, "<tr><th scope=\"row\">%s</th>", view_joined(v, "certificate.is.", d->state));
    if (k) {
        html_add(&v->h, "<td>%s</td><td>%s</td><td>", c->account, view_kind(v, k->kind));
        view_time(v, k->at_ms);
        html_add(&v->h, "</td><td>%u</td><td>", k->versions);
        words(v, k, c);
    } else {
        const char *what = view_listed_what(d);
        html_add(&v->h, "<td></td><td>%s</td><td></td><td></td><td><code>%s</code>",
                 what ? view_joined(v, "certificate.", what) : say(v, "listed.unknown"), d->item);
    }
    html_add(&v->h, "</td><td>");
    copies(v, d, k && k->may_see);
    html_add(&v->h, "</td></tr>\n");
}

void view_listed_items(view *v, const view_listing *l)
{
    static const char *const columns[] = { "listed.state",   "item.account",    "listed.kind",
                                           "listed.written", "listed.versions", "listed.words",
                                           "listed.copies" };
    html_add(&v->h,
             "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table><thead>"
             "<tr>",
             say(v, "listed.title"));
    for (size_t i = 0; i < UPP_LEN(columns); i++)
        html_add(&v->h, "<th scope=\"col\">%s</th>", say(v, columns[i]));
    html_add(&v->h, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < l->items.n; i++)
        item(v, l, (const Uppsikt__DisposedRow *)l->items.rows[i]);
    html_add(&v->h, "</tbody></table></div>\n");
}

static void next(view *v, const view_listing *l)
{
    const Uppsikt__DisposedRow *last = (const Uppsikt__DisposedRow *)l->items.rows[l->items.n - 1];
    html_add(&v->h,
             "<form class=\"next\" method=\"get\" action=\"/gallring/%s\"><input type=\"hidden\""
             " name=\"efter\" value=\"%s\"><button type=\"submit\">%s</button></form>\n",
             l->row->disposal, last->item, say(v, "list.more"));
}

/* The sum is that of the list as its owner has it: another one is refused. */
static void approve(view *v, const view_listing *l)
{
    char path[160], hex[65] = "", count[24];
    const Uppsikt__DisposalRow *row = l->row;
    html_add(&v->h,
             "<section class=\"panel narrow\" aria-labelledby=\"godkann\"><h2 id=\"godkann\">%s"
             "</h2>\n",
             say(v, "disposal.approve"));
    if (strcmp(row->by, v->who->person) == 0) {
        html_add(&v->h, "<p class=\"note\">%s</p></section>\n", say(v, "disposal.own"));
        return;
    }
    if (row->list_sha256.len == 32)
        guard_hex(row->list_sha256.data, row->list_sha256.len, hex);
    snprintf(count, sizeof count, "%lld", (long long)row->count);
    snprintf(path, sizeof path, "/gallring/%.100s", row->disposal);
    html_add(&v->h, "<p>");
    html_fill(&v->h, "listed.all", count, NULL);
    html_add(&v->h, "</p><p class=\"meta\">%s <code>%s</code></p>\n", say(v, "listed.sum"), hex);
    view_form(v, path);
    html_add(&v->h,
             "<input type=\"hidden\" name=\"list\" value=\"%s\">\n<p class=\"hint\">%s</p>\n", hex,
             say(v, "disposal.hint"));
    view_button(v, "disposal.approve", NULL, "danger");
    html_add(&v->h, "</form></section>\n");
}

void view_listed(view *v, const view_listing *l)
{
    v->list = "/gallring";
    view_begin(v, l->line->kind[0] ? l->line->kind : say(v, "listed.title"));
    head(v, l);
    if (l->items.n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "listed.none"));
    else
        view_listed_items(v, l);
    if (l->more)
        next(v, l);
    if (strcmp(l->row->state, "proposed") == 0)
        approve(v, l);
    html_add(&v->h, "<p><a href=\"/gallring\">%s</a></p>\n", say(v, "listed.back"));
    view_end(v);
}
