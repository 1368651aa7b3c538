/* view_decide.c - what a decision's form asks for: what is to happen, why, by which ground; the
 * same for one matter and for many (R18, R19, R21, R25). */
#include "view.h"
#include <stdio.h>
#include <string.h>

/* The rules' own list (R18, R19, R31), and why something may stay. */
static const char *const breaches[] = { "violence_porn", "copyright",   "profanity", "attack",
                                        "hate",          "incitement",  "political", "advertising",
                                        "personal_data", "confidential" };
static const char *const keeps[] = { "opinion", "within_rules", "answered", "own_information" };
/* As escalation's list has them (law.h there); what each is stands in the catalogue. */
static const char *const laws[] = {
    "BBS 5 § 1 a", "BBS 5 § 1 b", "BBS 5 § 1 c", "BBS 5 § 1 d", "BBS 5 § 1 e",
    "BBS 5 § 1 f", "BBS 5 § 1 g", "BBS 5 § 2",   "OSL",         "skyddade personuppgifter",
    "GDPR",        "EU 2021/784",
};

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

void view_radio(view *v, const char *name, const char *value, const char *label, const char *hint,
                bool suggested)
{
    const bool on = strcmp(view_given(v, name, ""), value) == 0;
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"radio\" name=\"%s\" value=\"%s\" id=\"f-%s-%s\"",
             name, value, name, value);
    if (on)
        html_add(&v->h, " checked");
    if (hint)
        html_add(&v->h, " aria-describedby=\"h-%s-%s\"", name, value);
    html_add(&v->h, "><label for=\"f-%s-%s\">%s", name, value, label);
    if (suggested)
        html_add(&v->h, " <span class=\"tag\">%s</span>", say(v, "decide.suggested"));
    html_add(&v->h, "</label>");
    if (hint)
        html_add(&v->h, "<p class=\"hint\" id=\"h-%s-%s\">%s</p>", name, value, hint);
    html_add(&v->h, "</div>\n");
}

/* The group's anchor for the summary of errors is its first choice's. */
void view_open_group(view *v, const char *field, const char *key)
{
    html_add(&v->h, "<fieldset id=\"f-%s\" tabindex=\"-1\"", field);
    if (view_complains(v, field))
        html_add(&v->h, " class=\"bad\" aria-describedby=\"e-%s\"", field);
    html_add(&v->h, "><legend>%s</legend>\n", say(v, key));
    view_field_words(v, field);
}

/* Where the platform has no such call it is not offered (platforms.md §2.2). */
bool view_can(const char *platform, bool to_delete)
{
    static const char *const no_delete[] = { "x", "mastodon", "bluesky" };
    static const char *const no_hide[] = { "linkedin", "mastodon" };
    for (size_t i = 0; to_delete && i < UPP_LEN(no_delete); i++)
        if (strcmp(no_delete[i], platform) == 0)
            return false;
    for (size_t i = 0; !to_delete && i < UPP_LEN(no_hide); i++)
        if (strcmp(no_hide[i], platform) == 0)
            return false;
    return true;
}

/* Who still sees it there. */
static const char *sees(const view *v, const char *what, const char *platform)
{
    char key[64];
    snprintf(key, sizeof key, "sees.%.10s.%.30s", what, platform);
    const char *text = phrase_of(v->h.phrases, key);
    if (text)
        return text;
    snprintf(key, sizeof key, "sees.%.10s", what);
    return phrase(v->h.phrases, key);
}

void view_actions(view *v, const char *platform)
{
    view_open_group(v, "action", "decide.action");
    view_radio(v, "action", "keep", say(v, "act.keep"), say(v, "sees.keep"), false);
    view_radio(v, "action", "hide", say(v, "act.hide"),
               view_can(platform, false) ? sees(v, "hide", platform) : say(v, "sees.by-hand"),
               false);
    view_radio(v, "action", "delete", say(v, "act.delete"),
               view_can(platform, true) ? sees(v, "delete", platform) : say(v, "sees.by-hand"),
               false);
    html_add(&v->h, "</fieldset>\n");
}

static bool suggested(const Uppsikt__DeskRow *d, size_t label)
{
    for (size_t i = 0; d && i < d->n_findings; i++)
        if ((size_t)d->findings[i]->label == label)
            return true;
    return false;
}

void view_stay_reasons(view *v, const char *field)
{
    for (size_t i = 0; i < UPP_LEN(keeps); i++)
        view_radio(v, field, keeps[i], view_joined(v, "reason.", keeps[i]), NULL, false);
}

void view_reasons(view *v, const Uppsikt__DeskRow *found)
{
    view_open_group(v, "reason", "decide.reason");
    html_add(&v->h, "<p class=\"sub\">%s</p>\n", say(v, "decide.breaks"));
    for (int pass = 0; pass < 2; pass++) /* what the machine has found comes first */
        for (size_t i = 0; i < UPP_LEN(breaches); i++)
            if (suggested(found, i + 1) == (pass == 0))
                view_radio(v, "reason", breaches[i], view_joined(v, "reason.", breaches[i]), NULL,
                           pass == 0);
    html_add(&v->h, "<p class=\"sub\">%s</p>\n", say(v, "decide.stays"));
    view_stay_reasons(v, "reason");
    html_add(&v->h, "</fieldset>\n");
}

const char *view_law(const view *v, const char *law)
{
    for (size_t i = 0; i < UPP_LEN(laws); i++)
        if (strcmp(laws[i], law) == 0)
            return view_numbered(v, "law.", (int)i + 1);
    return law;
}

static void ground_option(view *v, const char *value, const char *label)
{
    html_add(&v->h, "<option value=\"%s\"", value);
    if (strcmp(view_given(v, "ground", ""), value) == 0)
        html_add(&v->h, " selected");
    html_add(&v->h, ">%s</option>", label);
}

/* R21: a removal cites an adopted row or the law; what is missing is said. */
void view_ground(view *v, Uppsikt__PlanRow *const *rows, size_t n, bool alone)
{
    char value[96], label[400];
    html_add(&v->h,
             "<div class=\"field\" data-for=\"delete\"><label for=\"f-ground\">%s</label>"
             "<p class=\"hint\" id=\"h-ground\">%s</p>",
             say(v, "decide.ground"), say(v, "decide.ground-hint"));
    view_field_words(v, "ground");
    html_add(&v->h, "<select id=\"f-ground\" name=\"ground\"");
    view_field_state(v, "ground");
    html_add(&v->h, "><option value=\"\">%s</option><optgroup label=\"%s\">",
             say(v, "decide.ground-none"), say(v, "decide.laws"));
    for (size_t i = 0; i < UPP_LEN(laws); i++) {
        snprintf(value, sizeof value, "law:%s", laws[i]);
        ground_option(v, value, view_numbered(v, "law.", (int)i + 1));
    }
    html_add(&v->h, "</optgroup>");
    if (n > 0)
        html_add(&v->h, "<optgroup label=\"%s\">", say(v, "decide.rows"));
    for (size_t i = 0; i < n; i++) {
        const Uppsikt__PlanRow *r = rows[i];
        snprintf(value, sizeof value, "row:%.80s", r->row);
        snprintf(label, sizeof label, "%.200s (%.100s)", r->kind, r->decision);
        ground_option(v, value, label);
    }
    if (n > 0)
        html_add(&v->h, "</optgroup>");
    html_add(&v->h, "</select>\n");
    if (n == 0)
        html_add(&v->h, "<p class=\"note\">%s</p>", say(v, "decide.no-row"));
    if (alone)
        html_add(&v->h,
                 "<div class=\"choice\"><input type=\"checkbox\" id=\"f-alone\" name=\"alone\""
                 " value=\"1\"><label for=\"f-alone\">%s</label></div>",
                 say(v, "decide.alone"));
    html_add(&v->h, "</div>\n");
}

void view_note(view *v)
{
    html_add(
        &v->h,
        "<div class=\"field\"><label for=\"f-note\">%s</label><p class=\"hint\" id=\"h-note\">%s"
        "</p><textarea id=\"f-note\" name=\"note\" rows=\"3\" aria-describedby=\"h-note\">%s"
        "</textarea></div>\n",
        say(v, "decide.note"), say(v, "decide.note-hint"), view_given(v, "note", ""));
}
