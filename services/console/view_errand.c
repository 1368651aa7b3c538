/* view_errand.c - what somebody must do that is no decision: errands, an answer to a hand-over, an
 * answer that is proposed. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

void view_act_form(view *v, const view_matter *m, const char *act)
{
    char path[160];
    snprintf(path, sizeof path, "/sak/%.100s/%.40s", m->row->desk->opened->matter, act);
    view_form(v, path);
}

static void panel(view *v, const char *id, const char *key)
{
    html_add(&v->h, "<section class=\"panel\" aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id,
             id, say(v, key));
}

static void end_panel(view *v)
{
    html_add(&v->h, "</section>\n");
}

static void note(view *v, const char *key)
{
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-note\">%s</label><textarea id=\"f-note\""
             " name=\"note\" rows=\"3\">%s</textarea></div>\n",
             say(v, key), view_given(v, "note", ""));
}

static void close_form(view *v, const view_matter *m)
{
    view_act_form(v, m, "klart");
    note(v, "errand.note");
    view_button(v, "errand.close", NULL, "main");
    html_add(&v->h, "</form>\n");
}

static void review_form(view *v, const view_matter *m)
{
    view_act_form(v, m, "granska");
    note(v, "errand.review-note");
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "errand.agree", "yes", "main");
    view_button(v, "errand.disagree", "no", "plain");
    html_add(&v->h, "</div></form>\n");
}

/* What became of the package; NULL: nothing is known of one. */
static const Uppsikt__Happening *package_of(const view_matter *m)
{
    const Uppsikt__Happening *last = NULL;
    for (size_t i = 0; i < m->row->n_happened; i++)
        if (strcmp(m->row->happened[i]->what, "log.diary-sent") == 0 ||
            strcmp(m->row->happened[i]->what, "log.diary-failed") == 0)
            last = m->row->happened[i];
    return last;
}

static void package(view *v, const view_matter *m)
{
    const Uppsikt__Happening *h = package_of(m);
    if (!h) {
        html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "errand.package-none"));
        return;
    }
    const char *why = phrase_of(v->h.phrases, h->detail);
    html_add(&v->h, "<p>%s: %s, ", say(v, h->what), why ? why : h->detail);
    view_time(v, h->at_ms);
    html_add(&v->h, "</p>\n");
    if (strcmp(h->detail, "diary-late") == 0) /* it is on its way still */
        return;
    view_act_form(v, m, "diariefor");
    view_button(v, "errand.package-again", "again", "plain");
    html_add(&v->h, "</form>\n");
}

static void diary_form(view *v, const view_matter *m)
{
    package(v, m);
    view_act_form(v, m, "diarienummer");
    html_add(&v->h, "<div class=\"field\"><label for=\"f-number\">%s</label>",
             say(v, "errand.number"));
    view_field_words(v, "number");
    html_add(&v->h,
             "<input id=\"f-number\" name=\"number\" type=\"text\" autocomplete=\"off\""
             " value=\"%s\"",
             view_given(v, "number", ""));
    view_field_state(v, "number");
    html_add(&v->h, "></div>\n");
    view_button(v, "errand.number-send", NULL, "main");
    html_add(&v->h, "</form>\n");
}

/* By hand, by a form of its own, or by a fact: as escalation's table has it (errand.c there). */
void view_errand(view *v, const view_matter *m)
{
    static const char *const by_hand[] = {
        "sample",      "approval-expired", "records-request", "unsigned",    "danger",
        "not-watched", "seems-away",       "spike",           "hold-review", "channel"
    };
    const char *errand = m->row->desk->opened->errand;
    bool closes = false;
    panel(v, "gora", "errand.title");
    html_add(&v->h, "<p>%s</p>\n", view_what(v, m->row->desk));
    if (strcmp(errand, "hold-review") == 0)
        html_add(&v->h, "<p><a class=\"go\" href=\"/gallringsstopp\">%s</a></p>\n",
                 say(v, "errand.holds"));
    for (size_t i = 0; i < UPP_LEN(by_hand); i++)
        closes = closes || strcmp(by_hand[i], errand) == 0;
    if (closes)
        close_form(v, m);
    else if (strcmp(errand, "review") == 0)
        review_form(v, m);
    else if (strcmp(errand, "diary") == 0)
        diary_form(v, m);
    else if (strcmp(errand, "capture") == 0)
        html_add(&v->h,
                 "<p class=\"hint\">%s</p><p><a class=\"go\" href=\"/arkiv?konto=%s\">%s</a></p>\n",
                 say(v, "errand.ends-itself"), m->row->desk->opened->account,
                 say(v, "hand-in.open"));
    else if (strcmp(errand, "appeal") == 0)
        view_appeal(v, m);
    else if (m->row->n_versions == 0)
        html_add(&v->h, "<p class=\"hint\">%s</p><p><a class=\"go\" href=\"/konton\">%s</a></p>\n",
                 say(v, "errand.ends-itself"), say(v, "errand.accounts"));
    end_panel(v);
}

static void proposed(view *v, const view_matter *m)
{
    panel(v, "besvarad", "proposed.title");
    html_add(&v->h, "<p>%s</p>\n", say(v, "proposed.lead"));
    view_act_form(v, m, "besvarad");
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "proposed.yes", "yes", "main");
    view_button(v, "proposed.no", "no", "plain");
    html_add(&v->h, "</div></form>\n");
    end_panel(v);
}

/* Ta över: yes or no. Fråga: her words, which become a draft in her name. */
static void offered(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    panel(v, "till-dig", d->asked ? "offer.asked" : "offer.title");
    html_add(&v->h, "<p>");
    html_fill(&v->h, d->asked ? "offer.asked-lead" : "offer.lead", m->content->desk->handed_by,
              NULL);
    html_add(&v->h, "</p>\n");
    view_act_form(v, m, "overlamnad");
    if (d->asked) {
        html_add(&v->h, "<div class=\"field\"><label for=\"f-words\">%s</label>",
                 say(v, "offer.words"));
        view_field_words(v, "words");
        html_add(&v->h, "<textarea id=\"f-words\" name=\"words\" rows=\"5\"");
        view_field_state(v, "words");
        html_add(&v->h, ">%s</textarea></div>\n", view_given(v, "words", ""));
    }
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, d->asked ? "offer.send" : "offer.yes", "yes", "main");
    view_button(v, "offer.no", "no", "plain");
    html_add(&v->h, "</div></form>\n");
    end_panel(v);
}

void view_offers(view *v, const view_matter *m)
{
    if (m->row->desk->answer_proposed)
        proposed(v, m);
    if (m->row->desk->handed_to[0] && strcmp(m->row->desk->handed_to, v->who->person) == 0)
        offered(v, m);
}
