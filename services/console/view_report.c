/* view_report.c - the auditor's page (R32), and the help. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void line(view *v, const char *key, int64_t n)
{
    html_add(&v->h, "<div><dt>%s</dt><dd>%lld</dd></div>\n", say(v, key), (long long)n);
}

/* "12 av 14 (86 %)" */
static void share(view *v, const char *key, int64_t part, int64_t whole)
{
    html_add(&v->h, "<div><dt>%s</dt><dd>", say(v, key));
    if (whole == 0)
        html_add(&v->h, "%s", say(v, "report.nothing"));
    else
        html_add(&v->h, "%lld %s %lld <span class=\"quiet\">(%lld %%)</span>", (long long)part,
                 say(v, "report.of"), (long long)whole, (long long)(100 * part / whole));
    html_add(&v->h, "</dd></div>\n");
}

static void group(view *v, const char *key)
{
    html_add(&v->h, "<section class=\"panel\"><h2>%s</h2><dl class=\"numbers\">\n", say(v, key));
}

static void end_group(view *v)
{
    html_add(&v->h, "</dl></section>\n");
}

static void grounds(view *v, const Uppsikt__AuditRow *r)
{
    html_add(&v->h, "<section class=\"panel\"><h2>%s</h2>\n", say(v, "report.grounds"));
    if (r->n_reasons == 0) {
        html_add(&v->h, "<p class=\"quiet\">%s</p></section>\n", say(v, "report.nothing"));
        return;
    }
    html_add(
        &v->h,
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table><thead><tr>"
        "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
        "<th scope=\"col\">%s</th></tr></thead><tbody>\n",
        say(v, "report.grounds"), say(v, "decide.reason"), say(v, "act.2"), say(v, "act.3"),
        say(v, "act.1"));
    for (size_t i = 0; i < r->n_reasons; i++)
        html_add(&v->h,
                 "<tr><th scope=\"row\">%s</th><td>%lld</td><td>%lld</td><td>%lld</td></tr>\n",
                 view_joined(v, "reason.", r->reasons[i]->reason), (long long)r->reasons[i]->hidden,
                 (long long)r->reasons[i]->deleted, (long long)r->reasons[i]->kept);
    html_add(&v->h, "</tbody></table></div></section>\n");
}

void view_report(view *v, const Uppsikt__AuditRow *row, upp_ms from, upp_ms to)
{
    char first[MOMENT], last[MOMENT];
    v->list = "/rapport";
    moment_when(&v->clock, from, first);
    moment_when(&v->clock, to, last);
    view_begin(v, say(v, "report.title"));
    html_add(&v->h, "<p class=\"lead\">");
    html_fill(&v->h, "report.lead", first, last);
    html_add(&v->h,
             "</p><p><a href=\"/rapport?manader=1\">%s</a> · <a href=\"/rapport?manader=3\">%s</a>"
             " · <a href=\"/rapport?manader=12\">%s</a></p><div class=\"two\">\n",
             say(v, "report.month"), say(v, "report.quarter"), say(v, "report.year"));
    group(v, "report.moderation");
    share(v, "report.within-24", row->within_due, row->removals);
    share(v, "report.within-staffed", row->within_attended, row->removals);
    line(v, "report.late-now", row->late_now);
    share(v, "report.watched", row->watched_days, row->watch_days);
    end_group(v);
    group(v, "report.questions");
    share(v, "report.answered-within", row->answered_within, row->answered);
    line(v, "report.unanswered", row->unanswered);
    line(v, "report.needs-none", row->needs_no_answer);
    end_group(v);
    group(v, "report.ladder");
    for (size_t i = 0; i < row->n_steps; i++)
        html_add(&v->h, "<div><dt>%s</dt><dd>%lld</dd></div>\n",
                 view_joined(v, "step.", row->steps[i]->step), (long long)row->steps[i]->n);
    if (row->n_steps == 0)
        line(v, "report.no-steps", 0);
    end_group(v);
    group(v, "report.register");
    line(v, "report.accounts", row->accounts);
    share(v, "report.two-persons", row->accounts - row->understaffed, row->accounts);
    share(v, "report.archived", row->packages, row->accounts);
    share(v, "report.disposed", row->disposed_with_decision, row->disposed);
    end_group(v);
    grounds(v, row);
    html_add(&v->h, "</div>\n");
    view_end(v);
}

void view_help(view *v)
{
    static const char *const keys[] = { "help.lists", "help.decide", "help.answer",
                                        "help.late",  "help.keys",   "help.access" };
    char title[40], text[40];
    v->list = "/hjalp";
    view_begin(v, say(v, "help.title"));
    html_add(&v->h, "<div class=\"narrow\">\n");
    for (size_t i = 0; i < UPP_LEN(keys); i++) {
        snprintf(title, sizeof title, "%s-title", keys[i]);
        snprintf(text, sizeof text, "%s", keys[i]);
        html_add(&v->h, "<h2>%s</h2><p>%s</p>\n", say(v, title), say(v, text));
    }
    html_add(&v->h, "</div>\n");
    view_end(v);
}
