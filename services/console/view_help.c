/* view_help.c - the help, what this browser is kept to, the accessibility statement (R30). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void choice(view *v, const char *name, const char *value, bool chosen, const char *key)
{
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"%s\" id=\"f-%s-%s\" name=\"%s\" value=\"%s\"%s>"
             "<label for=\"f-%s-%s\">%s</label></div>\n",
             strcmp(name, "keys") == 0 ? "checkbox" : "radio", name, value, name, value,
             chosen ? " checked" : "", name, value, say(v, key));
}

/* Single keys are off until one asks for them: whoever speaks to her computer, or whose hand slips,
 * would do with a word what others do with a key (WCAG 2.2, 2.1.4). */
static void look(view *v)
{
    const char *colours = v->look.colours;
    html_add(&v->h,
             "<section class=\"panel\" aria-labelledby=\"installningar\">"
             "<h2 id=\"installningar\">%s</h2><p>%s</p>\n",
             say(v, "help.look-title"), say(v, "help.look"));
    view_form(v, "/hjalp");
    html_add(&v->h, "<fieldset><legend>%s</legend>\n", say(v, "help.keys-title"));
    choice(v, "keys", "on", v->look.keys, "help.keys-on");
    html_add(&v->h, "</fieldset>\n<fieldset><legend>%s</legend>\n", say(v, "help.colours"));
    choice(v, "colours", "machine", !colours, "help.colours-machine");
    choice(v, "colours", "light", colours && strcmp(colours, "light") == 0, "help.colours-light");
    choice(v, "colours", "dark", colours && strcmp(colours, "dark") == 0, "help.colours-dark");
    html_add(&v->h, "</fieldset>\n");
    view_button(v, "help.look-save", NULL, "main");
    html_add(&v->h, "</form></section>\n");
}

void view_help(view *v)
{
    static const char *const keys[] = { "help.lists", "help.decide", "help.answer",
                                        "help.late",  "help.keys",   "help.access" };
    char title[40];
    v->list = "/hjalp";
    view_begin(v, say(v, "help.title"));
    html_add(&v->h, "<div class=\"narrow\">\n");
    for (size_t i = 0; i < UPP_LEN(keys); i++) {
        snprintf(title, sizeof title, "%s-title", keys[i]);
        html_add(&v->h, "<h2>%s</h2><p>%s</p>\n", say(v, title), say(v, keys[i]));
    }
    look(v);
    html_add(&v->h, "</div>\n");
    view_end(v);
}

/* -- the statement -- */
/* When that was judged which the words below say: who changes pages looks again, and changes it. */
static const char assessed[] = "2026-11-28";

static void section(view *v, const char *title_key, const char *words_key)
{
    html_add(&v->h, "<h2>%s</h2>\n<p>%s</p>\n", say(v, title_key), say(v, words_key));
}

static void points(view *v, const char *const *keys, size_t n)
{
    html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < n; i++)
        html_add(&v->h, "<li>%s</li>\n", say(v, keys[i]));
    html_add(&v->h, "</ul>\n");
}

static bool is_mail(const char *text)
{
    const char *at = strchr(text, '@');
    return at && at > text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, " \t,;?&<>\"");
}

static void contact(view *v, const view_statement *s)
{
    html_add(&v->h, "<h2>%s</h2>\n<p>%s</p>\n<p>", say(v, "access.report-title"),
             say(v, "access.report"));
    if (is_mail(s->contact))
        html_add(&v->h, "<a href=\"mailto:%s\">%s</a>", s->contact, s->contact);
    else if (s->contact[0])
        html_add(&v->h, "%s", s->contact);
    else
        html_add(&v->h, "%s", say(v, "access.no-contact"));
    html_add(&v->h, "</p>\n");
}

/* What it must say: digg.se, "Skapa en tillgänglighetsredogörelse", after MDFFS 2019:2. */
void view_accessible(view *v, const view_statement *s)
{
    static const char *const lacks[] = { "access.lack-picture", "access.lack-pdf",
                                         "access.lack-language", "access.lack-time" };
    static const char *const tests[] = { "access.test-axe", "access.test-keys", "access.test-small",
                                         "access.test-none" };
    view_begin(v, say(v, "access.title"));
    html_add(&v->h, "<div class=\"narrow\">\n<p class=\"lead\">");
    html_fill(&v->h, "access.lead", s->by[0] ? s->by : say(v, "access.somebody"), NULL);
    html_add(&v->h, "</p>\n");
    section(v, "access.how-title", "access.how");
    section(v, "access.lacks-title", "access.lacks");
    points(v, lacks, UPP_LEN(lacks));
    section(v, "access.burden-title", "access.burden");
    section(v, "access.outside-title", "access.outside");
    contact(v, s);
    html_add(&v->h, "<h2>%s</h2>\n<p>%s <a href=\"https://www.digg.se/tdosanmalan\">%s</a></p>\n",
             say(v, "access.authority-title"), say(v, "access.authority"),
             say(v, "access.authority-link"));
    section(v, "access.tested-title", "access.tested");
    points(v, tests, UPP_LEN(tests));
    html_add(&v->h, "<p>");
    html_fill(&v->h, "access.dates", assessed, assessed);
    html_add(&v->h, "</p>\n</div>\n");
    view_end(v);
}
