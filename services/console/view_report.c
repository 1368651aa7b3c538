/* view_report.c - the auditor's page (R32). */
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

static const Uppsikt__ReportRow none = UPPSIKT__REPORT_ROW__INIT;

static const Uppsikt__ReportRow *clock_of(Uppsikt__ReportRow *const *clocks, size_t n,
                                          const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(clocks[i]->clock, name) == 0)
            return clocks[i];
    return &none;
}

static void begin_table(view *v, const char *title_key, const char *const *columns, size_t n)
{
    html_add(&v->h,
             "<h2>%s</h2>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">"
             "<table><thead><tr>",
             say(v, title_key), say(v, title_key));
    for (size_t i = 0; i < n; i++)
        html_add(&v->h, "<th scope=\"col\">%s</th>", say(v, columns[i]));
    html_add(&v->h, "</tr></thead><tbody>\n");
}

static void percent(view *v, int64_t n)
{
    if (n < 0)
        html_add(&v->h, "<td>–</td>");
    else
        html_add(&v->h, "<td>%lld %%</td>", (long long)n);
}

/* The same numbers as `uppsikt report` gives. */
static void by_clock(view *v, const Uppsikt__AuditRow *r)
{
    static const char *const columns[] = { "report.clock",     "report.in",        "report.met",
                                           "report.late",      "report.open-late", "report.open",
                                           "report.withdrawn", "report.percent" };
    begin_table(v, "report.by-clock", columns, UPP_LEN(columns));
    for (size_t i = 0; i < r->n_clocks; i++) {
        const Uppsikt__ReportRow *c = r->clocks[i];
        html_add(&v->h,
                 "<tr><th scope=\"row\">%s</th><td>%lld</td><td>%lld</td><td>%lld</td>"
                 "<td>%lld</td><td>%lld</td><td>%lld</td>",
                 view_joined(v, "report.clock-", c->clock), (long long)c->n_in, (long long)c->met,
                 (long long)c->late, (long long)c->open_late, (long long)c->open,
                 (long long)c->withdrawn);
        percent(v, c->percent);
        html_add(&v->h, "</tr>\n");
    }
    html_add(&v->h, "</tbody></table></div>\n<p class=\"hint\">%s</p>\n",
             say(v, "report.definition"));
}

/* In time, of how many; and how many more are open past their due. */
static void pair(view *v, const Uppsikt__ReportRow *c, const Uppsikt__ReportRow *other)
{
    const int64_t met = c->met + other->met, open = c->open_late + other->open_late;
    const int64_t all = met + c->late + other->late + open;
    if (all == 0)
        html_add(&v->h, "<td>–</td>");
    else
        html_add(&v->h, "<td>%lld %s %lld (%lld %%)</td>", (long long)met, say(v, "report.of"),
                 (long long)all, (long long)(100 * met / all));
    if (open > 0)
        html_add(&v->h, "<td><strong class=\"bad\">%lld</strong></td>", (long long)open);
    else
        html_add(&v->h, "<td>0</td>");
}

static void by_account(view *v, const view_audit *a)
{
    static const char *const columns[] = { "report.account", "report.col-moderation",
                                           "report.open-late", "report.col-questions",
                                           "report.open-late" };
    begin_table(v, "report.by-account", columns, UPP_LEN(columns));
    for (size_t i = 0; i < a->accounts.n; i++) {
        const Uppsikt__AuditAccountRow *r = (const Uppsikt__AuditAccountRow *)a->accounts.rows[i];
        const Uppsikt__AuditAccountRowContent *c =
            (const Uppsikt__AuditAccountRowContent *)a->accounts.contents[i];
        html_add(&v->h, "<tr><th scope=\"row\">%s <span class=\"quiet\">%s</span></th>", c->account,
                 view_platform(v, r->platform));
        pair(v, clock_of(r->clocks, r->n_clocks, "moderation"),
             clock_of(r->clocks, r->n_clocks, "akut"));
        pair(v, clock_of(r->clocks, r->n_clocks, "question"),
             clock_of(r->clocks, r->n_clocks, "answer"));
        html_add(&v->h, "</tr>\n");
    }
    html_add(&v->h, "</tbody></table></div>\n");
    if (a->accounts.n == 0)
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "report.nothing"));
    if (a->more)
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "report.more-accounts"));
    html_add(&v->h, "<p><a class=\"go\" href=\"/rapport/konton.csv?manader=%d\">%s</a></p>\n",
             a->months, say(v, "report.csv"));
}

static int64_t open_late(const Uppsikt__AuditRow *r, const char *one, const char *other)
{
    return clock_of(r->clocks, r->n_clocks, one)->open_late +
           clock_of(r->clocks, r->n_clocks, other)->open_late;
}

void view_report(view *v, const view_audit *a)
{
    const Uppsikt__AuditRow *row = a->row;
    char first[MOMENT], last[MOMENT];
    v->list = "/rapport";
    moment_when(&v->clock, a->from, first);
    moment_when(&v->clock, a->to, last);
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
    line(v, "report.open-late", open_late(row, "moderation", "akut"));
    line(v, "report.late-now", row->late_now);
    share(v, "report.watched", row->watched_days, row->watch_days);
    end_group(v);
    group(v, "report.questions");
    share(v, "report.answered-within", row->answered_within, row->questions);
    line(v, "report.open-late", open_late(row, "question", "answer"));
    line(v, "report.unanswered", row->unanswered);
    line(v, "report.needs-none", row->needs_no_answer);
    end_group(v);
    const Uppsikt__ReportRow *appeals = clock_of(row->clocks, row->n_clocks, "appeal");
    group(v, "report.clock-appeal");
    share(v, "report.appeals-within", appeals->met,
          appeals->met + appeals->late + appeals->open_late);
    line(v, "report.appeals-changed", appeals->changed);
    line(v, "report.open-late", appeals->open_late);
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
    by_clock(v, row);
    by_account(v, a);
    view_end(v);
}
