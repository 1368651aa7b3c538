/* view_list.c - Åtgärda, Svara, Titta, Godkänn: what runs out first at the top. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static const char *path_of(Uppsikt__DeskList list)
{
    return list == UPPSIKT__DESK_LIST__DESK_LIST_ANSWER    ? "/svara"
           : list == UPPSIKT__DESK_LIST__DESK_LIST_SEE     ? "/titta"
           : list == UPPSIKT__DESK_LIST__DESK_LIST_APPROVE ? "/godkann"
                                                           : "/atgarda";
}

static const char *key_of(Uppsikt__DeskList list)
{
    return list == UPPSIKT__DESK_LIST__DESK_LIST_ANSWER    ? "list.answer"
           : list == UPPSIKT__DESK_LIST__DESK_LIST_SEE     ? "list.see"
           : list == UPPSIKT__DESK_LIST__DESK_LIST_APPROVE ? "list.approve"
                                                           : "list.act";
}

/* "Fråga", "Kommentar", "Meddelande" ... */
const char *view_what(const view *v, const Uppsikt__DeskRow *row)
{
    const Uppsikt__MatterOpened *m = row->opened;
    if (m->errand[0])
        return view_joined(v, "kind.", m->errand); /* escalation's own words */
    const char *key = m->records_request                                          ? "what.records"
                      : m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_FINDING      ? "what.finding"
                      : row->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE   ? "what.message"
                      : row->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_REVIEW    ? "what.review"
                      : row->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST  ? "what.own"
                      : row->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY ? "what.own-reply"
                      : m->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION     ? "what.question"
                                                                                  : "what.comment";
    return html_phrase(&v->h, key);
}

const char *view_way(const view *v, const Uppsikt__DeskRow *row)
{
    char key[48];
    snprintf(key, sizeof key, "way.%.10s-%d", row->way, (int)row->decided);
    return html_phrase(&v->h, key);
}

void view_findings(view *v, const Uppsikt__DeskRow *row)
{
    if (!row->judged) {
        html_add(&v->h, "<li class=\"tag\">%s</li>", say(v, "finding.unjudged"));
        return;
    }
    for (size_t i = 0; i < row->n_findings; i++) {
        const Uppsikt__Finding *f = row->findings[i];
        const bool likely = f->band == UPPSIKT__BAND__BAND_LIKELY;
        html_add(&v->h, "<li class=\"tag%s\">%s: %s</li>", likely ? " strong" : "",
                 say(v, likely ? "band.likely" : "band.review"),
                 view_numbered(v, "label.", (int)f->label));
    }
}

static void tags(view *v, const Uppsikt__DeskRow *row, const Uppsikt__DeskRowContent *c)
{
    html_add(&v->h, "<ul class=\"tags\">");
    if (row->decided)
        html_add(&v->h, "<li class=\"tag taken\">%s</li>", view_way(v, row));
    view_findings(v, row);
    if (row->opened->late_discovered)
        html_add(&v->h, "<li class=\"tag\">%s</li>", say(v, "tag.late"));
    if (row->versions > 1)
        html_add(&v->h, "<li class=\"tag\">%s</li>", say(v, "tag.edited"));
    if (row->hidden)
        html_add(&v->h, "<li class=\"tag\">%s</li>", say(v, "tag.hidden"));
    if (row->attachments > 0)
        html_add(&v->h, "<li class=\"tag\">%s</li>", say(v, "tag.attachments"));
    if (row->owner[0]) {
        html_add(&v->h, "<li class=\"tag taken\">");
        html_fill(&v->h, "tag.taken", c->owner, NULL);
        html_add(&v->h, "</li>");
    }
    html_add(&v->h, "</ul>\n");
}

static void said(view *v, const Uppsikt__DeskRow *row, const Uppsikt__DeskRowContent *c)
{
    if (row->item_kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE) {
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "list.message"));
        return;
    }
    if (c->context[0]) {
        html_add(&v->h, "<p class=\"context\">");
        html_fill(&v->h, "list.under", c->context, NULL);
        html_add(&v->h, "</p>\n");
    }
    if (c->text[0]) {
        html_add(&v->h, "<blockquote class=\"said\">");
        html_lines(&v->h, c->text);
        html_add(&v->h, "</blockquote>\n");
    } else if (row->opened->item[0]) {
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "text.none"));
    }
}

static void meta(view *v, const Uppsikt__DeskRow *row, const Uppsikt__DeskRowContent *c)
{
    html_add(&v->h, "<p class=\"meta\">");
    if (c->author[0])
        html_add(&v->h, "%s · ", c->author);
    html_add(&v->h, "%s · ", view_platform(v, row->platform));
    view_time(v, row->opened->received_ms);
    html_add(&v->h, "</p>\n");
}

/* What one can decide on, together with others. */
static bool can_choose(const view_desk_page *p, const Uppsikt__DeskRow *row)
{
    const bool listed = p->list == UPPSIKT__DESK_LIST__DESK_LIST_ACT ||
                        (p->list == UPPSIKT__DESK_LIST__DESK_LIST_APPROVE && row->proposed);
    const char *errand = row->opened->errand;
    return listed && row->opened->item[0] && (!errand[0] || strcmp(errand, "removed-outside") == 0);
}

/* At the version that is on the screen: what was changed since is not decided on. */
static void box(view *v, const view_desk_page *p, const Uppsikt__DeskRow *row,
                const Uppsikt__DeskRowContent *c)
{
    const char *matter = row->opened->matter;
    html_add(&v->h,
             "<div class=\"choice pick\"><input type=\"checkbox\" name=\"m\" id=\"m-%s\""
             " value=\"%s~%u\"",
             matter, matter, row->versions);
    if (p->all_chosen)
        html_add(&v->h, " checked");
    html_add(&v->h, "><label for=\"m-%s\">%s<span class=\"sr\">: %s %s %s, %s ", matter,
             say(v, "chosen.pick"), view_what(v, row), say(v, "list.on"), c->account, c->author);
    view_time(v, row->opened->received_ms);
    html_add(&v->h, "</span></label></div>\n");
}

/* A second person is asked, or what was decided on the same words before holds here, too. */
static void asked(view *v, const Uppsikt__DeskRow *row, const Uppsikt__DeskRowContent *c)
{
    html_add(&v->h, "<p>");
    if (row->proposed)
        html_fill(&v->h, "approve.proposed", view_numbered(v, "act.", (int)row->proposed),
                  view_joined(v, "reason.", row->proposed_reason));
    else
        html_fill(&v->h, "approve.asked", c->asked_by, view_joined(v, "reason.", row->reason));
    html_add(&v->h, "</p>\n");
}

static void card(view *v, const view_desk_page *p, const Uppsikt__DeskRow *row,
                 const Uppsikt__DeskRowContent *c)
{
    const bool see = p->list == UPPSIKT__DESK_LIST__DESK_LIST_SEE;
    html_add(&v->h, "<li class=\"card%s\"><div class=\"head\"><h3><a href=\"/sak/%s\">",
             row->opened->akut ? " is-akut" : "", row->opened->matter);
    html_add(&v->h, "%s</a> <span>%s %s</span></h3>\n", view_what(v, row), say(v, "list.on"),
             c->account);
    if (!see)
        view_due(v, row->opened->due_ms, row->breached, row->opened->akut);
    html_add(&v->h, "</div>\n");
    said(v, row, c);
    if (p->list == UPPSIKT__DESK_LIST__DESK_LIST_APPROVE)
        asked(v, row, c);
    if (can_choose(p, row))
        box(v, p, row, c);
    html_add(&v->h, "<div class=\"foot\">");
    meta(v, row, c);
    tags(v, row, c);
    html_add(&v->h, "</div></li>\n");
}

/* Late, today, later: one heading each, so that a screen reader can leap. */
static int group_of(const view *v, const Uppsikt__DeskRow *row)
{
    char due[MOMENT], today[MOMENT];
    if (row->opened->due_ms <= 0)
        return 3;
    if (row->breached || row->opened->due_ms < v->clock.now)
        return 0;
    moment_machine(&v->clock, row->opened->due_ms, due);
    moment_machine(&v->clock, v->clock.now, today);
    return strncmp(due, today, 10) == 0 ? 1 : 2;
}

static void cards(view *v, const view_desk_page *p)
{
    const view_rows *rows = &p->rows;
    const Uppsikt__DeskList list = p->list;
    static const char *const groups[] = { "group.late", "group.today", "group.later",
                                          "group.none" };
    int before = -1;
    for (size_t i = 0; i < rows->n; i++) {
        const Uppsikt__DeskRow *row = (const Uppsikt__DeskRow *)rows->rows[i];
        const int group = list == UPPSIKT__DESK_LIST__DESK_LIST_SEE ? 3 : group_of(v, row);
        if (group != before) {
            html_add(&v->h, "<h2 class=\"group\">");
            html_say(&v->h,
                     list == UPPSIKT__DESK_LIST__DESK_LIST_SEE ? "group.see" : groups[group]);
            html_add(&v->h, "</h2>\n<ol class=\"cards\">\n");
        }
        card(v, p, row, (const Uppsikt__DeskRowContent *)rows->contents[i]);
        const bool last = i + 1 == rows->n;
        before = group;
        if (last || (list != UPPSIKT__DESK_LIST__DESK_LIST_SEE &&
                     group_of(v, (const Uppsikt__DeskRow *)rows->rows[i + 1]) != group))
            html_add(&v->h, "</ol>\n");
    }
}

static void filter(view *v, Uppsikt__DeskList list, const view_rows *accounts, const char *account)
{
    if (accounts->n < 2)
        return;
    html_add(
        &v->h,
        "<form method=\"get\" action=\"%s\" class=\"filter\"><label for=\"f-account\">%s</label>"
        "<select id=\"f-account\" name=\"konto\"><option value=\"\">%s</option>",
        path_of(list), say(v, "filter.account"), say(v, "filter.all"));
    for (size_t i = 0; i < accounts->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)accounts->rows[i];
        const Uppsikt__AccountLineContent *c =
            (const Uppsikt__AccountLineContent *)accounts->contents[i];
        html_add(&v->h, "<option value=\"%s\"", a->account);
        if (strcmp(a->account, account) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s, %s</option>", c->name, view_platform(v, a->platform));
    }
    html_add(&v->h, "</select><button type=\"submit\" class=\"plain\">%s</button></form>\n",
             say(v, "filter.show"));
}

static void all_seen(view *v, const view_rows *rows)
{
    view_form(v, "/titta");
    for (size_t i = 0; i < rows->n; i++)
        html_add(&v->h, "<input type=\"hidden\" name=\"m\" value=\"%s\">",
                 ((const Uppsikt__DeskRow *)rows->rows[i])->opened->matter);
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "see.all", NULL, "main");
    html_add(&v->h, "<p class=\"hint\">%s</p></div></form>\n", say(v, "see.hint"));
}

/* -- many at once (R25) -- */
static size_t choosable(const view_desk_page *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->rows.n; i++)
        n += can_choose(p, (const Uppsikt__DeskRow *)p->rows.rows[i]);
    return n;
}

/* This page again, otherwise. Without script, so that ticking all is a link. */
static void turn(view *v, const view_desk_page *p, bool wide, bool all, const char *key)
{
    html_add(&v->h, "<a href=\"%s?konto=%s", path_of(p->list), p->account);
    if (p->after[0])
        html_add(&v->h, "&amp;efter=%lld&amp;sak=%s", (long long)p->after_ms, p->after);
    html_add(&v->h, "%s%s\">%s</a>\n", wide ? "&antal=200" : "", all ? "&valda=alla" : "",
             say(v, key));
}

static void open_choice(view *v, const view_desk_page *p)
{
    html_add(&v->h, "<p class=\"links\">");
    turn(v, p, p->wide, !p->all_chosen, p->all_chosen ? "chosen.pick-none" : "chosen.pick-all");
    if (p->list == UPPSIKT__DESK_LIST__DESK_LIST_ACT && (p->wide || p->more))
        turn(v, p, !p->wide, false, p->wide ? "chosen.fewer" : "chosen.wide");
    html_add(&v->h, "</p>\n");
    view_form(v, "/flera");
}

static void close_choice(view *v)
{
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "chosen.start", NULL, "main");
    html_add(&v->h, "<p class=\"hint\">%s</p></div></form>\n", say(v, "chosen.start-hint"));
}

static void next(view *v, const view_desk_page *p)
{
    const Uppsikt__DeskRow *last = (const Uppsikt__DeskRow *)p->rows.rows[p->rows.n - 1];
    html_add(&v->h,
             "<p class=\"next\"><a class=\"go\" "
             "href=\"%s?konto=%s&amp;efter=%lld&amp;sak=%s%s\">%s</a></p>\n",
             path_of(p->list), p->account, (long long)last->order_ms, last->opened->matter,
             p->wide ? "&antal=200" : "", say(v, "list.more"));
}

void view_desk(view *v, const view_desk_page *p)
{
    const bool many = choosable(p) > 0;
    v->list = path_of(p->list);
    view_begin(v, say(v, key_of(p->list)));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", view_numbered(v, "list.lead-", (int)p->list));
    filter(v, p->list, &p->accounts, p->account);
    if (p->rows.n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n",
                 view_numbered(v, "list.empty-", (int)p->list));
    if (many)
        open_choice(v, p);
    cards(v, p);
    if (many)
        close_choice(v);
    if (p->list == UPPSIKT__DESK_LIST__DESK_LIST_SEE && p->rows.n > 0)
        all_seen(v, &p->rows);
    if (p->more && p->rows.n > 0)
        next(v, p);
    view_end(v);
}
