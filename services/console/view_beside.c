/* view_beside.c - beside what is decided: how many hard texts it has been today, something else to
 * take, and what to write back to whoever wrote (R12, R25). */
#include "exposure.h"
#include "view.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const breaches[] = { "violence_porn", "copyright",   "profanity", "attack",
                                        "hate",          "incitement",  "political", "advertising",
                                        "personal_data", "confidential" };

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

bool view_is_breach(const char *reason)
{
    for (size_t i = 0; i < UPP_LEN(breaches); i++)
        if (strcmp(breaches[i], reason) == 0)
            return true;
    return false;
}

bool view_taken_away(const Uppsikt__SheetRow *row, const char **ret_reason, bool *ret_deleted)
{
    static const char decided[] = "log.decided-";
    for (size_t i = row->n_happened; i > 0; i--) {
        const Uppsikt__Happening *h = row->happened[i - 1];
        if (strncmp(h->what, decided, sizeof decided - 1) != 0)
            continue;
        const int action = (int)strtol(h->what + sizeof decided - 1, NULL, 10);
        *ret_deleted = action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
        *ret_reason = h->detail;
        return (*ret_deleted || action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE) &&
               view_is_breach(h->detail);
    }
    return false;
}

static void exposed(view *v)
{
    char number[16];
    if (v->exposed == 0)
        return;
    snprintf(number, sizeof number, "%u", v->exposed);
    html_add(&v->h, "<p>");
    html_fill(&v->h, v->exposed == 1 ? "beside.one" : "beside.many", number, NULL);
    html_add(&v->h, "</p><p class=\"hint\">%s</p>\n", say(v, "beside.where"));
    if (v->exposed >= EXPOSURE_MUCH)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "beside.pause"));
}

void view_beside(view *v, const view_matter *m)
{
    const char *reason = "", *matter = m->row->desk->opened->matter;
    bool deleted = false;
    const bool other = m->row->desk->n_findings > 0;
    const bool back = m->row->may_act && view_taken_away(m->row, &reason, &deleted);
    if (!other && !back && v->exposed == 0)
        return;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"bredvid\"><h2 id=\"bredvid\">%s</h2>\n",
             say(v, "beside.title"));
    if (back)
        html_add(&v->h, "<p><a class=\"go\" href=\"/sak/%s/text\">%s</a></p>\n", matter,
                 say(v, "back.title"));
    exposed(v);
    if (other)
        html_add(&v->h, "<p><a class=\"go\" href=\"/sak/%s/nasta\">%s</a></p>\n", matter,
                 say(v, "beside.next"));
    html_add(&v->h, "</section>\n");
}

/* -- what is written back -- */
static void option(view *v, const char *value, const char *label, bool chosen)
{
    html_add(&v->h, "<option value=\"%s\"%s>%s</option>", value, chosen ? " selected" : "", label);
}

static void choose(view *v, const view_back_text *b)
{
    html_add(&v->h,
             "<form method=\"get\" action=\"/sak/%s/text\">\n<div class=\"field\">"
             "<label for=\"f-skal\">%s</label><select id=\"f-skal\" name=\"skal\">",
             b->matter, say(v, "decide.reason"));
    for (size_t i = 0; i < UPP_LEN(breaches); i++)
        option(v, breaches[i], view_joined(v, "reason.", breaches[i]),
               strcmp(breaches[i], b->reason) == 0);
    html_add(&v->h,
             "</select></div>\n<div class=\"field\"><label for=\"f-som\">%s</label>"
             "<select id=\"f-som\" name=\"som\">",
             say(v, "back.what"));
    option(v, "dold", say(v, "back.hidden"), !b->deleted);
    option(v, "borttagen", say(v, "back.deleted"), b->deleted);
    html_add(&v->h, "</select></div>\n");
    view_button(v, "back.show", NULL, "go");
    html_add(&v->h, "</form>\n");
}

static const char *part(const view *v, const char *way, const char *what)
{
    char key[64];
    snprintf(key, sizeof key, "back.%.8s-%.30s", way, what);
    return phrase(v->h.phrases, key);
}

static void one(view *v, const view_back_text *b, const char *way, const char *language)
{
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-%s\">%s</label>"
             "<textarea id=\"f-%s\" lang=\"%s\" rows=\"7\" readonly>%s\n%s\n%s\n\n%s</textarea>"
             "</div>\n",
             way, part(v, way, "name"), way, language, part(v, way, b->deleted ? "delete" : "hide"),
             part(v, way, b->reason), part(v, way, "end"), b->signature);
}

void view_back(view *v, const view_back_text *b)
{
    v->list = "/atgarda";
    view_begin(v, say(v, "back.title"));
    html_add(&v->h, "<div class=\"narrow\"><p class=\"lead\">%s</p>\n", say(v, "back.lead"));
    choose(v, b);
    if (b->reason[0]) {
        one(v, b, "sv", "sv");
        one(v, b, "easy", "sv");
        one(v, b, "en", "en");
    }
    html_add(&v->h, "<p><a href=\"/sak/%s\">%s</a></p></div>\n", b->matter, say(v, "back.back"));
    view_end(v);
}
