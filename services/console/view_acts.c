/* view_acts.c - what a person can do with a matter: each a form that works without script. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *const no_answers[] = { "thanks", "rhetorical", "answered_in_thread",
                                          "referred" };

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

/* What the law may want gone is not done with when it is hidden, however little sure the machine is
 * (sla.md §3.3): to be said before somebody chooses. A message to us alone has no such duty (law.md
 * L4). */
static bool is_bound(const Uppsikt__DeskRow *d)
{
    const Uppsikt__Duty duty = d->opened->duty;
    return d->item_kind != UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE &&
           (duty == UPPSIKT__DUTY__DUTY_BBS5 || duty == UPPSIKT__DUTY__DUTY_DATA_PROTECTION ||
            duty == UPPSIKT__DUTY__DUTY_SECRECY);
}

static void beyond_hiding(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    if (is_bound(d))
        html_add(&v->h, "<p class=\"note\">%s</p>\n",
                 view_numbered(v, "decide.duty-", (int)d->opened->duty));
}

void view_decide_form(view *v, const view_matter *m)
{
    view_act_form(v, m, "beslut");
    html_add(&v->h, "<input type=\"hidden\" name=\"version\" value=\"%u\">\n", m->row->newest);
    view_actions(v, m->row->desk->platform);
    view_reasons(v, m->row->desk);
    view_ground(v, m->row->rows, m->row->n_rows, true);
    view_note(v);
    view_button(v, "decide.send", NULL, "main");
    html_add(&v->h, "</form>\n");
}

/* What is decided already is out of the way, and can be decided otherwise. */
static void decide(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"besluta\"><h2 id=\"besluta\">%s</h2>\n",
             say(v, "decide.title"));
    beyond_hiding(v, m);
    if (d->proposed) {
        html_add(&v->h, "<p class=\"note\">");
        html_fill(&v->h, "approve.proposed", view_numbered(v, "act.", (int)d->proposed),
                  view_joined(v, "reason.", d->proposed_reason));
        html_add(&v->h, "</p>\n");
    }
    if (d->decided) {
        html_add(&v->h, "<p class=\"note\">%s</p><details%s><summary>%s</summary>\n",
                 view_way(v, d), v->n_complaints > 0 ? " open" : "", say(v, "decide.again"));
        view_decide_form(v, m);
        html_add(&v->h, "</details>\n");
    } else {
        view_decide_form(v, m);
    }
    html_add(&v->h, "</section>\n");
}

/* R25: a hide can be undone, whatever has become of the matter. What the law may want gone is
 * shown by a person's decision alone, and that is said before she makes it. */
static void show_form(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    view_act_form(v, m, "visa");
    html_add(&v->h,
             "<input type=\"hidden\" name=\"version\" value=\"%u\">\n<p class=\"hint\">%s</p>\n",
             m->row->newest, say(v, view_can(d->platform, false) ? "show.hint" : "sees.by-hand"));
    view_open_group(v, "stays", "show.why");
    view_stay_reasons(v, "stays");
    html_add(&v->h,
             "</fieldset>\n<div class=\"field\"><label for=\"f-because\">%s</label>"
             "<p class=\"hint\" id=\"h-because\">%s</p>\n",
             say(v, "show.note"), say(v, "show.note-hint"));
    view_field_words(v, "because");
    html_add(&v->h, "<textarea id=\"f-because\" name=\"because\" rows=\"3\"");
    if (view_complains(v, "because"))
        view_field_state(v, "because");
    else
        html_add(&v->h, " aria-describedby=\"h-because\"");
    html_add(&v->h, ">%s</textarea></div>\n", view_given(v, "because", ""));
    view_button(v, "show.send", NULL, "plain");
    html_add(&v->h, "</form>\n");
}

static void show_again(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    const Uppsikt__Duty duty = d->opened->duty;
    const char *errand = d->opened->errand;
    if (!d->hidden || m->row->is_gone || (errand[0] && strcmp(errand, "removed-outside") != 0))
        return;
    html_add(
        &v->h,
        "<section class=\"panel\" aria-labelledby=\"visa\"><h2 id=\"visa\">%s</h2>\n<p>%s</p>\n",
        say(v, "show.title"), say(v, "show.lead"));
    if (is_bound(d))
        html_add(&v->h, "<p class=\"note\">%s</p>\n", view_numbered(v, "show.duty-", (int)duty));
    if (d->decided == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", view_way(v, d));
    html_add(&v->h, "<details%s><summary>%s</summary>\n",
             view_complains(v, "stays") || view_complains(v, "because") ? " open" : "",
             say(v, "show.open"));
    show_form(v, m);
    html_add(&v->h, "</details></section>\n");
}

/* What the answer does to the question's clock (sla.md §3.4). */
static void answer_kind(view *v)
{
    static const char *const kinds[] = { "full", "interim", "counter", "referred" };
    const char *given = view_given(v, "kind", "full");
    html_add(
        &v->h,
        "<div class=\"field\"><label for=\"f-kind\">%s</label><select id=\"f-kind\" name=\"kind\">",
        say(v, "answer.kind"));
    for (size_t i = 0; i < UPP_LEN(kinds); i++) {
        html_add(&v->h, "<option value=\"%s\"", kinds[i]);
        if (strcmp(given, kinds[i]) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s</option>", view_joined(v, "answer.kind-", kinds[i]));
    }
    html_add(&v->h, "</select></div>\n");
}

/* R12: a light and personal tone, by example; advice, never a gate. */
static void templates(view *v)
{
    html_add(&v->h,
             "<details><summary>%s</summary><p class=\"hint\">%s</p><ul class=\"templates\">\n",
             say(v, "template.title"), say(v, "template.advice"));
    for (int i = 1; i <= 4; i++)
        html_add(
            &v->h,
            "<li><p>%s</p><button type=\"submit\" class=\"plain\" name=\"template\" value=\"%d\">%s"
            "<span class=\"sr\"> %d</span></button></li>\n",
            view_numbered(v, "template.", i), i, say(v, "template.use"), i);
    html_add(&v->h, "</ul></details>\n");
}

/* R11: the reply ends with first name and title; one button writes it there. */
static void answer(view *v, const view_matter *m)
{
    html_add(&v->h, "<section class=\"panel\" aria-labelledby=\"svara\"><h2 id=\"svara\">%s</h2>\n",
             say(v, "answer.title"));
    view_act_form(v, m, "svar");
    html_add(
        &v->h,
        "<div class=\"field\"><label for=\"f-text\">%s</label><p class=\"hint\" id=\"h-text\">",
        say(v, "answer.text"));
    html_fill(&v->h, "answer.hint", m->signature, NULL);
    html_add(&v->h, "</p>\n");
    view_field_words(v, "text");
    if (m->content->drafter) {
        html_add(&v->h, "<p class=\"note\">");
        html_fill(&v->h, "answer.draft", m->content->drafter->first_name, NULL);
        html_add(&v->h, "</p>\n");
    }
    html_add(&v->h, "<textarea id=\"f-text\" name=\"text\" rows=\"7\"");
    if (view_complains(v, "text"))
        view_field_state(v, "text");
    else
        html_add(&v->h, " aria-describedby=\"h-text\"");
    html_add(&v->h, ">%s</textarea></div>\n", view_given(v, "text", m->content->draft));
    answer_kind(v);
    html_add(&v->h, "<div class=\"row\">");
    view_button(v, "answer.send", "send", "main");
    view_button(v, "answer.sign", "sign", "plain");
    html_add(&v->h, "</div>\n");
    templates(v);
    html_add(&v->h, "</form>\n");
    view_act_form(v, m, "inget-svar");
    html_add(&v->h, "<details%s><summary>%s</summary>\n", view_complains(v, "why") ? " open" : "",
             say(v, "no-answer.title"));
    view_open_group(v, "why", "no-answer.why");
    for (size_t i = 0; i < UPP_LEN(no_answers); i++)
        view_radio(v, "why", no_answers[i], view_joined(v, "no-answer.", no_answers[i]), NULL,
                   false);
    html_add(&v->h, "</fieldset>");
    view_button(v, "no-answer.send", NULL, "plain");
    html_add(&v->h, "</details></form></section>\n");
}

static void approve(view *v, const view_matter *m)
{
    char path[160];
    const bool own = strcmp(m->row->desk->asked_by, v->who->person) == 0;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"godkann\"><h2 id=\"godkann\">%s</h2><p>",
             say(v, "approve.title"));
    html_fill(&v->h, "approve.asked", m->content->desk->asked_by,
              view_joined(v, "reason.", m->row->desk->reason));
    html_add(&v->h, "</p><p class=\"hint\">%s ", say(v, "approve.expires"));
    view_time(v, m->row->desk->expires_ms);
    html_add(&v->h, "</p>\n");
    if (own) {
        html_add(&v->h, "<p class=\"note\">%s</p></section>\n", say(v, "approve.own"));
        return;
    }
    snprintf(path, sizeof path, "/godkann/%.100s", m->row->desk->approval);
    view_form(v, path);
    html_add(&v->h, "<input type=\"hidden\" name=\"matter\" value=\"%s\"><div class=\"row\">",
             m->row->desk->opened->matter);
    view_button(v, "approve.yes", "yes", "main");
    view_button(v, "approve.no", "no", "plain");
    html_add(&v->h, "</div></form></section>\n");
}

static void small_form(view *v, const view_matter *m, const char *act, const char *key)
{
    view_act_form(v, m, act);
    view_button(v, key, NULL, "plain");
    html_add(&v->h, "</form>\n");
}

static void colleagues(view *v, const view_matter *m, bool with_access, const char *key)
{
    html_add(&v->h, "<optgroup label=\"%s\">", say(v, key));
    for (size_t i = 0; i < m->content->n_colleagues; i++) {
        const Uppsikt__NamedPerson *p = m->content->colleagues[i];
        if (!p->has_access == with_access)
            continue;
        html_add(&v->h, "<option value=\"%s\"", p->person);
        if (strcmp(view_given(v, "to", ""), p->person) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s %s, %s</option>", p->first_name, p->last_name, p->title);
    }
    html_add(&v->h, "</optgroup>");
}

static void hand_over(view *v, const view_matter *m)
{
    if (m->content->n_colleagues == 0)
        return;
    html_add(&v->h, "<details%s><summary>%s</summary>\n", view_complains(v, "to") ? " open" : "",
             say(v, "hand.title"));
    view_act_form(v, m, "lamna");
    html_add(&v->h, "<div class=\"field\"><label for=\"f-to\">%s</label>", say(v, "hand.to"));
    view_field_words(v, "to");
    html_add(&v->h, "<select id=\"f-to\" name=\"to\"");
    view_field_state(v, "to");
    html_add(&v->h, "><option value=\"\">%s</option>", say(v, "hand.choose"));
    colleagues(v, m, true, "hand.here");
    colleagues(v, m, false, "hand.others");
    html_add(&v->h, "</select></div><div class=\"row\">");
    view_button(v, "hand.over", "over", "plain");
    view_button(v, "hand.ask", "ask", "plain");
    html_add(&v->h, "</div><p class=\"hint\">%s</p></form></details>\n", say(v, "hand.hint"));
}

/* What is wrong about the machine's word, and the stop for disposal. */
static void more(view *v, const view_matter *m)
{
    const bool question = m->row->desk->opened->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"mer\"><h2 id=\"mer\">%s</h2>"
             "<div class=\"row\">",
             say(v, "more.title"));
    small_form(v, m, "ta", "more.claim");
    small_form(v, m, "kvittera", "more.ack");
    if (question)
        small_form(v, m, "diariefor", "more.diary");
    if (m->row->n_versions > 0 && !m->row->desk->opened->errand[0])
        small_form(v, m, question ? "ingen-fraga" : "fraga",
                   question ? "more.not-question" : "more.question");
    html_add(&v->h, "</div>\n");
    hand_over(v, m);
    if (!m->row->held) {
        html_add(&v->h, "<details><summary>%s</summary>", say(v, "more.hold"));
        view_act_form(v, m, "stopp");
        view_hold_why(v);
        view_button(v, "hold.place", NULL, "plain");
        html_add(&v->h, "</form></details>\n");
    }
    html_add(&v->h, "</section>\n");
}

static void attest(view *v, const view_matter *m)
{
    for (size_t i = 0; i < m->row->n_actions; i++) {
        const Uppsikt__SheetAction *a = m->row->actions[i];
        if (strcmp(a->state, "manual") != 0)
            continue;
        html_add(&v->h,
                 "<section class=\"panel\" aria-labelledby=\"hand-%s\"><h2 id=\"hand-%s\">%s</h2>"
                 "<p><strong>%s</strong>: %s</p>",
                 a->action, a->action, say(v, "attest.title"),
                 view_numbered(v, "action.manual-", (int)a->what),
                 view_joined(v, "outcome.", a->reason));
        view_act_form(v, m, "intyga");
        html_add(&v->h, "<input type=\"hidden\" name=\"action\" value=\"%s\">", a->action);
        view_button(v, "attest.send", NULL, "main");
        html_add(&v->h, "</form></section>\n");
    }
}

/* The registrar sees every matter, and acts on two kinds of errand (escalation's errand.c). */
static bool is_registrars(const view *v, const view_matter *m)
{
    const char *errand = m->row->desk->opened->errand;
    return view_has_role(v, "registrar") && strcmp(m->row->state, "open") == 0 &&
           (strcmp(errand, "diary") == 0 || strcmp(errand, "records-request") == 0);
}

void view_acts(view *v, const view_matter *m)
{
    const Uppsikt__MatterOpened *o = m->row->desk->opened;
    if (m->row->desk->approval[0])
        approve(v, m);
    if (!m->row->may_act && is_registrars(v, m)) {
        view_errand(v, m);
        return;
    }
    if (!m->row->may_act) {
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "acts.only-look"));
        return;
    }
    attest(v, m);
    if (strcmp(m->row->state, "open") != 0) {
        show_again(v, m);
        view_afterwards(v, m);
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "acts.closed"));
        return;
    }
    view_offers(v, m);
    if (o->errand[0] && strcmp(o->errand, "removed-outside") != 0)
        view_errand(v, m);
    else if (o->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION)
        answer(v, m);
    else if (o->item[0] && (!m->row->is_gone || o->errand[0]))
        decide(v, m);
    show_again(v, m);
    view_afterwards(v, m);
    more(v, m);
}
