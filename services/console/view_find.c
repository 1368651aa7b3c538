/* view_find.c - Sök: what was written, by its words, its account and its time (R28). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void day_field(view *v, const char *name, const char *label_key)
{
    html_add(&v->h, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, say(v, label_key));
    view_field_words(v, name);
    html_add(&v->h, "<input id=\"f-%s\" name=\"%s\" type=\"date\" value=\"%s\"", name, name,
             view_given(v, name, ""));
    view_field_state(v, name);
    html_add(&v->h, "></div>\n");
}

static void account_field(view *v, const view_rows *accounts)
{
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-account\">%s</label>"
             "<select id=\"f-account\" name=\"account\"><option value=\"\">%s</option>",
             say(v, "find.account"), say(v, "find.all-accounts"));
    for (size_t i = 0; i < accounts->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)accounts->rows[i];
        const Uppsikt__AccountLineContent *c =
            (const Uppsikt__AccountLineContent *)accounts->contents[i];
        html_add(&v->h, "<option value=\"%s\"", a->account);
        if (strcmp(view_given(v, "account", ""), a->account) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s, %s</option>", c->name, view_platform(v, a->platform));
    }
    html_add(&v->h, "</select></div>\n");
}

static void search_form(view *v, const view_rows *accounts)
{
    view_form(v, "/sok");
    html_add(
        &v->h,
        "<div class=\"field\"><label for=\"f-words\">%s</label><p class=\"hint\" id=\"h-words\">"
        "%s</p>",
        say(v, "find.words"), say(v, "find.words-hint"));
    view_field_words(v, "words");
    html_add(&v->h,
             "<input id=\"f-words\" name=\"words\" type=\"search\" autocomplete=\"off\""
             " maxlength=\"200\" aria-describedby=\"h-words\" value=\"%s\"></div>\n",
             view_given(v, "words", ""));
    account_field(v, accounts);
    html_add(&v->h, "<div class=\"row\">\n");
    day_field(v, "from", "find.from");
    day_field(v, "to", "find.to");
    html_add(&v->h, "</div>\n");
    view_button(v, "find.send", NULL, "main");
    html_add(&v->h, "</form>\n");
}

const char *view_kind(const view *v, Uppsikt__ItemKind kind)
{
    return say(v, kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE     ? "what.message"
                  : kind == UPPSIKT__ITEM_KIND__ITEM_KIND_REVIEW    ? "what.review"
                  : kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST  ? "what.own"
                  : kind == UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY ? "what.own-reply"
                                                                    : "what.comment");
}

static void found(view *v, const Uppsikt__FoundRow *row, const Uppsikt__FoundRowContent *c)
{
    const char *url = html_url(c->permalink);
    html_add(&v->h, "<li class=\"card\"><h3>%s", view_kind(v, row->kind));
    if (c->author[0])
        html_add(&v->h, " · %s", c->author);
    html_add(&v->h, "</h3><p class=\"meta\">%s · ", c->account);
    view_time(v, row->at_ms);
    if (row->versions > 1) {
        char number[16], of[16];
        snprintf(number, sizeof number, "%u", row->version);
        snprintf(of, sizeof of, "%u", row->versions);
        html_add(&v->h, " · ");
        html_fill(&v->h, "find.version", number, of);
    }
    if (row->attachments > 0)
        html_add(&v->h, " · %s", say(v, "find.attachments"));
    if (row->is_gone || row->hidden)
        html_add(&v->h, " · %s", say(v, row->is_gone ? "find.gone" : "find.hidden"));
    html_add(&v->h, "</p>\n");
    if (row->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE)
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "find.message"));
    else if (c->text[0]) {
        html_add(&v->h, "<blockquote class=\"said\">");
        html_lines(&v->h, c->text);
        html_add(&v->h, "</blockquote>\n");
    } else
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "text.none"));
    html_add(&v->h, "<p class=\"links\">");
    if (row->matter[0])
        html_add(&v->h, "<a href=\"/sak/%s\">%s<span class=\"sr\"> (%s)</span></a> ", row->matter,
                 say(v, "find.open"), row->item);
    if (url[0])
        html_add(&v->h,
                 "<a href=\"%s\" rel=\"noreferrer noopener\">%s<span class=\"sr\"> (%s)</span></a>",
                 url, say(v, "find.platform"), row->item);
    html_add(&v->h, "</p></li>\n");
}

void view_same_search(view *v)
{
    static const char *const names[] = { "words", "account", "from", "to" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        html_add(&v->h, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", names[i],
                 view_given(v, names[i], ""));
}

/* The same search, from where the last one ended. */
static void go_on(view *v, const Uppsikt__FoundRow *place)
{
    html_add(&v->h, "<p>%s ", say(v, "find.so-far"));
    view_time(v, place->at_ms);
    html_add(&v->h, "</p>\n");
    view_form(v, "/sok");
    view_same_search(v);
    html_add(&v->h,
             "<input type=\"hidden\" name=\"before_ms\" value=\"%lld\">"
             "<input type=\"hidden\" name=\"before\" value=\"%s\">"
             "<input type=\"hidden\" name=\"before_version\" value=\"%u\">\n",
             (long long)place->at_ms, place->item, place->version);
    view_button(v, "find.more", NULL, "go");
    html_add(&v->h, "</form>\n");
}

bool view_hands_out(const view *v)
{
    return view_has_role(v, "registrar") || view_has_role(v, "archivist");
}

/* The whole of the search, not the page of it that is shown. */
static void take_out(view *v)
{
    html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "find.take-hint"));
    html_add(&v->h, "<div class=\"row\">\n");
    view_form(v, "/sok/maskning");
    view_same_search(v);
    view_button(v, "mask.begin", NULL, "go");
    html_add(&v->h, "</form>\n");
    view_form(v, "/sok/underlag");
    view_same_search(v);
    view_button(v, "find.take", NULL, "go");
    html_add(&v->h, "</form></div>\n");
}

void view_find(view *v, const view_finds *finds, const view_rows *accounts)
{
    v->list = "/sok";
    view_begin(v, say(v, "find.title"));
    html_add(&v->h, "<div class=\"narrow\"><p class=\"lead\">%s</p>\n", say(v, "find.lead"));
    search_form(v, accounts);
    html_add(&v->h, "</div>\n");
    if (finds->asked) {
        html_add(&v->h,
                 "<section aria-labelledby=\"traffar\"><h2 id=\"traffar\" tabindex=\"-1\">%s"
                 "</h2>\n",
                 say(v, "find.finds"));
        if (finds->rows.n == 0)
            html_add(&v->h, "<p class=\"empty\" role=\"status\">%s</p>\n",
                     say(v, finds->so_far ? "find.none-yet" : "find.none"));
        if (finds->rows.n > 0 && view_hands_out(v))
            take_out(v);
        html_add(&v->h, "<ul class=\"cards\">\n");
        for (size_t i = 0; i < finds->rows.n; i++)
            found(v, (const Uppsikt__FoundRow *)finds->rows.rows[i],
                  (const Uppsikt__FoundRowContent *)finds->rows.contents[i]);
        html_add(&v->h, "</ul>\n");
        if (finds->so_far)
            go_on(v, finds->so_far);
        html_add(&v->h, "</section>\n");
    }
    view_end(v);
}
