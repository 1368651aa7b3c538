/* view_sign.c - pages without a sign-in, and the password: simple, since people come in a hurry. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void field(view *v, const char *name, const char *key, const char *type,
                  const char *complete, const char *hint)
{
    html_add(&v->h, "<div class=\"field\"><label for=\"f-%s\">%s</label>\n", name, say(v, key));
    if (hint)
        html_add(&v->h, "<p class=\"hint\" id=\"h-%s\">%s</p>", name, say(v, hint));
    view_field_words(v, name);
    html_add(&v->h, "<input id=\"f-%s\" name=\"%s\" type=\"%s\" autocomplete=\"%s\" required", name,
             name, type, complete);
    if (view_complains(v, name))
        view_field_state(v, name);
    else if (hint)
        html_add(&v->h, " aria-describedby=\"h-%s\"", name);
    if (strcmp(type, "password") != 0)
        html_add(&v->h, " value=\"%s\" autocapitalize=\"none\" spellcheck=\"false\"",
                 view_given(v, name, ""));
    html_add(&v->h, "></div>\n");
}

static void local_form(view *v)
{
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "sign.lead"));
    view_form(v, "/logga-in");
    html_add(&v->h, "<input type=\"hidden\" name=\"till\" value=\"%s\">\n",
             view_given(v, "till", ""));
    field(v, "name", "sign.name", "text", "username", NULL);
    field(v, "password", "sign.password", "password", "current-password", NULL);
    view_button(v, "sign.in", NULL, "main");
    html_add(&v->h, "</form><p class=\"hint\">%s</p>\n", say(v, "sign.help"));
}

/* The directory first; local accounts below it, folded until something went wrong. A link and no
 * form: what a form leads to elsewhere the page's own policy forbids (CSP form-action). */
void view_sign_in(view *v)
{
    view_begin(v, say(v, "sign.title"));
    html_add(&v->h, "<div class=\"narrow\">\n");
    if (v->directory)
        html_add(
            &v->h,
            "<p class=\"lead\">%s</p><p><a class=\"go main\" href=\"/logga-in/katalog?till=%s\">"
            "%s</a></p>\n<details%s><summary>%s</summary>\n",
            say(v, "directory.lead"), view_given(v, "till", ""), say(v, "directory.in"),
            v->n_complaints > 0 ? " open" : "", say(v, "directory.local"));
    local_form(v);
    if (v->directory)
        html_add(&v->h, "</details>");
    html_add(&v->h, "</div>\n");
    view_end(v);
}

void view_password(view *v)
{
    view_begin(v, say(v, "password.title"));
    html_add(&v->h, "<div class=\"narrow\">\n");
    view_form(v, "/losenord");
    field(v, "name", "sign.name", "text", "username", NULL);
    field(v, "old", "password.old", "password", "current-password", NULL);
    field(v, "password", "password.new", "password", "new-password", "password.hint");
    view_button(v, "password.send", NULL, "main");
    html_add(&v->h, "</form><p class=\"hint\">%s</p></div>\n", say(v, "password.ends"));
    view_end(v);
}

static const char *link_what(const view_link_target *t)
{
    return t->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION     ? "link.question"
           : t->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION ? "link.moderation"
           : t->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_FINDING    ? "link.finding"
                                                                     : "link.look";
}

static void link_path(const view_link_target *t, const char *act, char ret_path[320])
{
    snprintf(ret_path, 320, "/l/%.200s/%.40s", t->token, act);
}

static void link_button(view *v, const view_link_target *t, const char *act, const char *key,
                        const char *class_name)
{
    char path[320];
    link_path(t, act, path);
    view_form(v, path);
    view_button(v, key, NULL, class_name);
    html_add(&v->h, "</form>\n");
}

/* Fråga: her words; ta över: yes or no; else the two that only say who has it. */
static void link_buttons(view *v, const view_link_target *t)
{
    char path[320];
    if (t->offered || t->asked) {
        link_path(t, "svar", path);
        html_add(&v->h, "<p><strong>");
        html_fill(&v->h, t->asked ? "link.asked" : "link.offered", t->name, NULL);
        html_add(&v->h, "</strong></p>\n");
        view_form(v, path);
        if (t->asked) {
            html_add(
                &v->h,
                "<div class=\"field\"><label for=\"f-words\">%s</label><p class=\"hint\">%s</p>\n",
                say(v, "offer.words"), say(v, "link.ask-words"));
            view_field_words(v, "words");
            html_add(&v->h, "<textarea id=\"f-words\" name=\"words\" rows=\"6\"");
            view_field_state(v, "words");
            html_add(&v->h, ">%s</textarea></div>\n", view_given(v, "words", ""));
        }
        html_add(&v->h, "<div class=\"row\">");
        view_button(v, t->asked ? "offer.send" : "offer.yes", "yes", "main");
        view_button(v, "offer.no", "no", "plain");
        html_add(&v->h, "</div></form>\n");
        return;
    }
    html_add(&v->h, "<p>%s</p><div class=\"row\">\n", say(v, "link.ask"));
    link_button(v, t, "ta", "link.ack", "main");
    link_button(v, t, "ta-over", "link.claim", "plain");
    html_add(&v->h, "</div>\n");
}

/* Shows what a button will do and does nothing: scanners of mail open every link. */
void view_link(view *v, const view_link_target *target)
{
    if (!target) {
        view_words(v, "link.dead-title", "link.dead");
        return;
    }
    view_begin(v, say(v, link_what(target)));
    html_add(&v->h, "<div class=\"narrow\">\n<p class=\"lead\">");
    html_fill(&v->h, "link.lead", target->name, target->account);
    html_add(&v->h, "</p>\n");
    if (strcmp(target->state, "open") != 0) {
        html_add(&v->h, "<p class=\"due is-done\"><strong>%s</strong></p></div>\n",
                 say(v, "link.closed"));
        view_end(v);
        return;
    }
    view_due(v, target->due_ms, false, target->akut);
    if (target->danger)
        html_add(&v->h, "<p class=\"note alarm\">%s</p>\n", say(v, "sheet.danger"));
    if (!v->done)
        link_buttons(v, target);
    html_add(&v->h, "<p class=\"hint\">%s</p><p><a href=\"/sak/%s\">%s</a></p></div>\n",
             say(v, "link.hint"), target->matter, say(v, "link.open"));
    view_end(v);
}

void view_words(view *v, const char *title_key, const char *words_key)
{
    view_begin(v, say(v, title_key));
    html_add(&v->h,
             "<div class=\"narrow\"><p class=\"lead\">%s</p><p><a class=\"go\" "
             "href=\"/\">%s</a></p></div>\n",
             say(v, words_key), say(v, "nav.home"));
    view_end(v);
}
