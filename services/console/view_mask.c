/* view_mask.c - Maskning: what is covered of what will be handed out, and why; to be changed, and
 * seen as it will be (R28). */
#include "view_mask.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void hidden(view *v, const char *name, const char *value)
{
    html_add(&v->h, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

/* What goes from page to page: the search, and what was changed. `ground`: of all, where the form
 * has no field for it. */
static void carried(view *v, const view_masking *m, bool ground)
{
    char number[16];
    view_same_search(v);
    hidden(v, "changes", m->changes);
    hidden(v, "seen", m->seen);
    snprintf(number, sizeof number, "%u", m->review->ground);
    if (ground)
        hidden(v, "all", number);
}

static void ground_field(view *v, const char *name, const char *label_key, const char *none_key,
                         uint32_t chosen)
{
    char key[24];
    html_add(&v->h, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, say(v, label_key));
    view_field_words(v, name);
    html_add(&v->h, "<select id=\"f-%s\" name=\"%s\"", name, name);
    view_field_state(v, name);
    html_add(&v->h, "><option value=\"0\">%s</option>", say(v, none_key));
    for (uint32_t i = 1; i <= REQUEST_GROUNDS; i++) {
        snprintf(key, sizeof key, "osl.%u", i);
        html_add(&v->h, "<option value=\"%u\"", i);
        if (i == chosen)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s</option>", say(v, key));
    }
    html_add(&v->h, "</select></div>\n");
}

static void number_words(view *v, const char *key, size_t a, size_t b)
{
    char one[24], two[24];
    snprintf(one, sizeof one, "%zu", a);
    snprintf(two, sizeof two, "%zu", b);
    html_fill(&v->h, key, one, two);
}

/* -- one text -- */
static size_t covered_of(const view_masked *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += !t->masks[i].taken;
    return n + t->nameless;
}

static size_t bare_of(const request_review *r, const view_masked *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += !t->masks[i].taken && request_ground(r, &t->masks[i]) == 0;
    return n + (t->nameless && t->author_ground == 0);
}

/* The end of the heading that is open, and what stands below it. */
static void head(view *v, const view_masked *t, const char *tag)
{
    char number[16], of[16];
    html_add(&v->h, "%s", view_kind(v, t->row->kind));
    if (t->content->author[0])
        html_add(&v->h, " · %s", t->nameless ? REQUEST_NAMELESS : t->content->author);
    html_add(&v->h, "</%s><p class=\"meta\">%s · ", tag, t->content->account);
    view_time(v, t->row->at_ms);
    snprintf(number, sizeof number, "%u", t->row->version);
    snprintf(of, sizeof of, "%u", t->row->versions);
    if (t->row->versions > 1) {
        html_add(&v->h, " · ");
        html_fill(&v->h, "find.version", number, of);
    }
    html_add(&v->h, "</p>\n");
}

/* What was written, with a mark around what is covered. */
static void marked_text(view *v, const view_masked *t)
{
    const char *text = t->content->text;
    const size_t len = strlen(text);
    bool in = false;
    size_t from = 0;
    html_add(&v->h, "<blockquote class=\"said\">");
    for (size_t at = 0; at <= len; at++) {
        bool covered = false;
        for (size_t i = 0; i < t->n && !covered; i++)
            covered = !t->masks[i].taken && t->masks[i].start <= at && at < t->masks[i].end;
        if (at < len && covered == in)
            continue;
        char *part = strndup(text + from, at - from);
        upp_check(part);
        html_lines(&v->h, part);
        free(part);
        from = at;
        if (in)
            html_add(&v->h, "</mark>");
        if (at < len && covered)
            html_add(&v->h, "<mark>");
        in = covered;
    }
    html_add(&v->h, "</blockquote>\n");
}

static void finished_text(view *v, const view_masked *t)
{
    html_add(&v->h, "<blockquote class=\"said\">");
    html_lines(&v->h, buf_text(&t->covered));
    html_add(&v->h, "</blockquote>\n");
}

static void one_card(view *v, const view_masking *m, const view_masked *t)
{
    html_add(&v->h, "<li class=\"card\"><h3>");
    head(v, t, "h3");
    if (t->locked) {
        html_add(&v->h, "<p class=\"quiet\">%s</p></li>\n", say(v, "mask.locked"));
        return;
    }
    finished_text(v, t);
    html_add(&v->h, "<p class=\"meta\">");
    number_words(v, "mask.count", covered_of(t), bare_of(m->review, t));
    html_add(&v->h, "</p>\n");
    if (t->secret)
        html_add(&v->h, "<p class=\"tag strong\">%s</p>\n", say(v, "request.review"));
    html_add(&v->h,
             "<p><button type=\"submit\" class=\"go\" name=\"edit\" value=\"%u:%s\">%s"
             "<span class=\"sr\"> (%s)</span></button></p></li>\n",
             t->row->version, t->row->item, say(v, "mask.edit"), t->row->item);
}

static void pages(view *v, const view_masking *m)
{
    const size_t page = m->first / VIEW_MASKS;
    html_add(&v->h, "<p class=\"links\">");
    if (page > 0)
        html_add(&v->h,
                 "<button type=\"submit\" class=\"go\" name=\"page\" value=\"%u\">%s</button> ",
                 (unsigned)(page - 1), say(v, "mask.earlier"));
    if (m->first + m->n < m->all)
        html_add(&v->h,
                 "<button type=\"submit\" class=\"go\" name=\"page\" value=\"%u\">%s</button>",
                 (unsigned)(page + 1), say(v, "mask.later"));
    html_add(&v->h, "</p>\n");
}

void view_masks(view *v, const view_masking *m)
{
    v->list = "/sok";
    view_begin(v, say(v, "mask.title"));
    html_add(&v->h, "<div class=\"narrow\"><p class=\"lead\">%s</p>\n<p>", say(v, "mask.lead"));
    number_words(v, "mask.all", m->all, m->n_masks);
    html_add(&v->h, "</p>\n<p>");
    number_words(v, "mask.left", m->n_bare, m->n_secret);
    html_add(&v->h, "</p>\n");
    html_add(&v->h, "</div>\n");
    view_form(v, "/sok/maskning");
    carried(v, m, false);
    html_add(&v->h, "<div class=\"narrow\">\n");
    ground_field(v, "all", "mask.ground-all", "mask.ground-none", m->review->ground);
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "mask.save", "save", "go");
    view_button(v, "mask.make", "make", "main");
    html_add(&v->h, "</div></div>\n<h2 class=\"group\">%s</h2>\n<ul class=\"cards\">\n",
             say(v, "mask.texts"));
    for (size_t i = 0; i < m->n; i++)
        one_card(v, m, &m->texts[i]);
    html_add(&v->h, "</ul>\n");
    pages(v, m);
    html_add(&v->h, "</form>\n");
    view_end(v);
}

/* -- one text, to be changed -- */
/* The words that are covered, why, and what a person may say of that. */
static void place(view *v, const view_masked *t, const request_mask *m)
{
    char name[48];
    size_t len = 0;
    const char *why =
        m->reason ? classifier_reason(m->reason, phrases_language(v->h.phrases), &len) : "";
    char *words = strndup(t->content->text + m->start, m->end - m->start);
    char *reason = m->reason ? strndup(why, len) : strdup(say(v, "mask.by-you"));
    upp_check(words && reason);
    html_add(&v->h, "<fieldset><legend>%s</legend><p class=\"meta\">%s</p>\n", words, reason);
    free(words);
    free(reason);
    snprintf(name, sizeof name, "t-%u-%u", m->start, m->end);
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"checkbox\" id=\"f-%s\" name=\"%s\""
             " value=\"1\"",
             name, name);
    if (m->taken)
        html_add(&v->h, " checked");
    html_add(&v->h, "><label for=\"f-%s\">%s</label></div>\n", name, say(v, "mask.take"));
    snprintf(name, sizeof name, "g-%u-%u", m->start, m->end);
    ground_field(v, name, "mask.ground", "mask.ground-own", m->ground);
    html_add(&v->h, "</fieldset>\n");
}

/* Whoever wrote may be known by name alone; the link leads to it. */
static void author(view *v, const view_masked *t)
{
    if (!t->content->author[0])
        return;
    html_add(&v->h,
             "<fieldset><legend>%s</legend><p class=\"meta\">%s</p>\n<div class=\"choice\">"
             "<input type=\"checkbox\" id=\"f-author\" name=\"author\" value=\"1\"%s>"
             "<label for=\"f-author\">%s</label></div>\n",
             say(v, "mask.author"), t->content->author, t->nameless ? " checked" : "",
             say(v, "mask.cover-author"));
    ground_field(v, "author-ground", "mask.ground", "mask.ground-own", t->own_ground);
    html_add(&v->h, "</fieldset>\n");
}

static void text_field(view *v, const char *name, const char *label_key, const char *hint_key,
                       const char *more)
{
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-%s\">%s</label>"
             "<p class=\"hint\" id=\"h-%s\">%s</p>",
             name, say(v, label_key), name, say(v, hint_key));
    view_field_words(v, name);
    html_add(&v->h,
             "<input id=\"f-%s\" name=\"%s\" type=\"text\" autocomplete=\"off\" maxlength=\"%s\"",
             name, name, more);
    if (view_complains(v, name))
        view_field_state(v, name);
    else
        html_add(&v->h, " aria-describedby=\"h-%s\"", name);
    html_add(&v->h, " value=\"%s\"></div>\n", v->n_complaints > 0 ? view_given(v, name, "") : "");
}

static void mark_more(view *v)
{
    const bool again = v->n_complaints > 0;
    html_add(&v->h, "<fieldset><legend>%s</legend>\n", say(v, "mask.mark"));
    text_field(v, "phrase", "mask.phrase", "mask.phrase-hint", "400");
    text_field(v, "nth", "mask.nth", "mask.nth-hint", "4");
    ground_field(v, "ground", "mask.ground", "mask.ground-own",
                 again ? (uint32_t)strtoul(view_given(v, "ground", "0"), NULL, 10) : 0);
    html_add(&v->h, "</fieldset>\n");
}

static void change_form(view *v, const view_masking *m, const view_masked *t)
{
    char number[24];
    view_form(v, "/sok/maskning");
    carried(v, m, true);
    html_add(&v->h, "<input type=\"hidden\" name=\"text\" value=\"%u:%s\">\n", t->row->version,
             t->row->item);
    snprintf(number, sizeof number, "%zu", m->first / VIEW_MASKS);
    hidden(v, "page", number);
    if (t->n == 0 && !t->nameless)
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "mask.none"));
    for (size_t i = 0; i < t->n; i++)
        place(v, t, &t->masks[i]);
    author(v, t);
    mark_more(v);
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "mask.save", "save", "main");
    view_button(v, "mask.list", "list", "go");
    html_add(&v->h, "</div></form>\n");
}

void view_mask_one(view *v, const view_masking *m)
{
    const view_masked *t = &m->texts[0];
    v->list = "/sok";
    view_begin(v, say(v, "mask.one"));
    html_add(&v->h, "<div class=\"narrow\"><h2>");
    head(v, t, "h2");
    if (t->secret)
        html_add(&v->h, "<p class=\"tag strong\">%s</p>\n", say(v, "request.review"));
    html_add(&v->h, "<h2>%s</h2>\n", say(v, "mask.written"));
    marked_text(v, t);
    html_add(&v->h, "<h2>%s</h2>\n", say(v, "mask.finished"));
    finished_text(v, t);
    change_form(v, m, t);
    html_add(&v->h, "</div>\n");
    view_end(v);
}
