/* view_frame.c - what every page has: head, navigation, notices, forms. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

bool view_has_role(const view *v, const char *role)
{
    for (size_t i = 0; v->who && i < v->who->n_roles; i++)
        if (strcmp(v->who->roles[i], role) == 0)
            return true;
    return false;
}

const char *view_joined(const view *v, const char *head, const char *tail)
{
    char key[96];
    snprintf(key, sizeof key, "%.40s%.48s", head, tail);
    const char *text = phrase_of(v->h.phrases, key);
    return text ? text : tail;
}

const char *view_numbered(const view *v, const char *head, int number)
{
    char key[64];
    snprintf(key, sizeof key, "%.40s%d", head, number);
    return phrase(v->h.phrases, key);
}

const char *view_platform(const view *v, const char *platform)
{
    return view_joined(v, "platform.", platform);
}

static void tab(view *v, const char *path, const char *key, int64_t n, bool always)
{
    if (n == 0 && !always)
        return;
    const bool here = v->list && strcmp(v->list, path) == 0;
    html_add(&v->h, "<li><a href=\"%s\" aria-current=\"%s\">%s", path, here ? "page" : "false",
             say(v, key));
    if (n > 0)
        html_add(&v->h, " <span class=\"count\">%lld</span>", (long long)n);
    html_add(&v->h, "</a></li>\n");
}

static void navigation(view *v)
{
    html_add(&v->h, "<nav aria-label=\"%s\"><ul class=\"tabs\">\n", say(v, "nav.label"));
    tab(v, "/atgarda", "list.act", v->who->to_act, true);
    tab(v, "/svara", "list.answer", v->who->to_answer, true);
    tab(v, "/titta", "list.see", v->who->to_see, true);
    tab(v, "/godkann", "list.approve", v->who->to_approve, false);
    html_add(&v->h, "</ul><ul class=\"tabs more\">\n");
    tab(v, "/sok", "nav.find", 0, true);
    tab(v, "/konton", "nav.accounts", v->who->findings, true);
    tab(v, "/franvaro", "nav.away", 0, true);
    tab(v, "/status", "nav.status", 0, true);
    tab(v, "/rapport", "nav.report", 0, true);
    tab(v, "/gallring", "nav.disposal", 0, true);
    tab(v, "/hjalp", "nav.help", 0, true);
    html_add(&v->h, "</ul></nav>\n");
}

static void top(view *v)
{
    html_add(&v->h, "<header class=\"top\"><div class=\"bar\">\n<a class=\"brand\" href=\"/\">"
                    "<span class=\"mark\" aria-hidden=\"true\"></span>Uppsikt</a>\n");
    if (v->who) {
        html_add(&v->h, "<div class=\"me\"><a href=\"/losenord\">%s %s</a>\n", v->name->first_name,
                 v->name->last_name);
        view_form(v, "/logga-ut");
        view_button(v, "sign.out", NULL, "plain");
        html_add(&v->h, "</form></div>\n");
    }
    html_add(&v->h, "</div>\n");
    if (v->who)
        navigation(v);
    html_add(&v->h, "</header>\n");
}

/* "text:key" is about the field `text`; what has no catalogue's key is shown as it is. */
static const char *field_of(const char *complaint, char ret_field[32])
{
    const size_t n = strcspn(complaint, ":");
    ret_field[0] = '\0';
    if (complaint[n] != ':' || n >= 32)
        return complaint;
    snprintf(ret_field, 32, "%.*s", (int)n, complaint);
    return complaint + n + 1;
}

static void complaints(view *v)
{
    if (v->n_complaints == 0)
        return;
    html_add(&v->h,
             "<div class=\"errors\" role=\"alert\" tabindex=\"-1\" id=\"fel\"><h2>%s</h2><ul>\n",
             say(v, "error.title"));
    for (size_t i = 0; i < v->n_complaints; i++) {
        char field[32];
        const char *key = field_of(v->complaints[i], field);
        if (field[0])
            html_add(&v->h, "<li><a href=\"#f-%s\">%s</a></li>\n", field, say(v, key));
        else
            html_add(&v->h, "<li>%s</li>\n", say(v, key));
    }
    html_add(&v->h, "</ul></div>\n");
}

void view_begin(view *v, const char *title)
{
    html_add(&v->h,
             "<!DOCTYPE html>\n<html lang=\"%s\" data-keys=\"%s\" data-colours=\"%s\">\n<head>\n"
             "<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>%s%s – Uppsikt</title>\n"
             "<link rel=\"stylesheet\" href=\"/s/console.css\">\n"
             "<link rel=\"icon\" href=\"/s/mark.svg\" type=\"image/svg+xml\">\n"
             "<script type=\"module\" src=\"/s/console.js\"></script>\n</head>\n<body>\n"
             "<a class=\"skip\" href=\"#main\">%s</a>\n",
             phrases_language(v->h.phrases), v->look.keys ? "on" : "off",
             v->look.colours ? v->look.colours : "machine",
             v->n_complaints ? say(v, "error.prefix") : "", title, say(v, "nav.skip"));
    top(v);
    html_add(&v->h, "<main id=\"main\" tabindex=\"-1\">\n");
    complaints(v);
    if (v->done)
        html_add(&v->h, "<p class=\"done\" role=\"status\">%s</p>\n", say(v, v->done));
    html_add(&v->h, "<h1>%s</h1>\n", title);
}

void view_end(view *v)
{
    html_add(&v->h, "</main>\n<footer class=\"bottom\"><a href=\"/tillganglighet\">%s</a>",
             say(v, "access.title"));
    if (v->who)
        html_add(&v->h, " · <a href=\"/behandlingar\">%s</a>", say(v, "processing.title"));
    html_add(&v->h, "</footer>\n</body>\n</html>\n");
}

void view_form(view *v, const char *action)
{
    char id[GUARD_ID_HEX], seal[GUARD_HEX];
    uint8_t bytes[16];
    guard_nth_id(v->seed, action, bytes);
    guard_hex(bytes, sizeof bytes, id);
    const char *shown = v->kept_id ? v->kept_id : id;
    guard_seal(v->token, action, shown, seal);
    html_add(
        &v->h,
        "<form method=\"post\" action=\"%s\">\n<input type=\"hidden\" name=\"id\" value=\"%s\">"
        "<input type=\"hidden\" name=\"seal\" value=\"%s\">\n",
        action, shown, seal);
}

void view_button(view *v, const char *label_key, const char *name, const char *class_name)
{
    html_add(&v->h, "<button type=\"submit\" class=\"%s\"", class_name);
    if (name)
        html_add(&v->h, " name=\"%s\" value=\"1\"", name);
    html_add(&v->h, ">%s</button>\n", say(v, label_key));
}

void view_time(view *v, upp_ms at)
{
    char machine[MOMENT], near[MOMENT];
    moment_machine(&v->clock, at, machine);
    moment_near(&v->clock, at, near);
    html_add(&v->h, "<time datetime=\"%s\">%s</time>", machine, near);
}

void view_due(view *v, upp_ms due, bool breached, bool akut)
{
    char left[MOMENT];
    if (due <= 0) {
        html_add(&v->h, "<p class=\"due\">%s</p>\n", say(v, "due.none"));
        return;
    }
    const bool late = breached || due < v->clock.now;
    const char *class_name = late                                ? "due is-late"
                             : due - v->clock.now < 2 * UPP_HOUR ? "due is-soon"
                                                                 : "due";
    moment_left(&v->clock, due, left);
    html_add(&v->h, "<p class=\"%s\">", class_name);
    if (akut)
        html_add(&v->h, "<strong class=\"akut\">%s</strong> ", say(v, "due.akut"));
    html_add(&v->h, "<strong>%s</strong> <span>%s ", left, say(v, "due.by"));
    view_time(v, due);
    html_add(&v->h, "</span></p>\n");
}

const char *view_given(const view *v, const char *name, const char *preset)
{
    return v->given && form_has(v->given, name) ? form_value(v->given, name) : preset;
}

static const char *complaint_about(const view *v, const char *field)
{
    for (size_t i = 0; i < v->n_complaints; i++) {
        char about[32];
        const char *key = field_of(v->complaints[i], about);
        if (strcmp(about, field) == 0)
            return key;
    }
    return NULL;
}

bool view_complains(const view *v, const char *field)
{
    return complaint_about(v, field) != NULL;
}

void view_field_state(view *v, const char *field)
{
    if (view_complains(v, field))
        html_add(&v->h, " aria-invalid=\"true\" aria-describedby=\"e-%s\"", field);
}

void view_field_words(view *v, const char *field)
{
    const char *key = complaint_about(v, field);
    if (key)
        html_add(&v->h, "<p class=\"wrong\" id=\"e-%s\">%s</p>\n", field, say(v, key));
}
