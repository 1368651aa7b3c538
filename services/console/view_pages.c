/* view_pages.c - status, accounts, disposal, gallringsstopp: tables that people read and act on. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

/* A table in a region of its own that the keyboard can scroll at 320 pixels. */
static void table(view *v, const char *caption_key, const char *const *columns, size_t n)
{
    html_add(&v->h,
             "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>"
             "<caption>%s</caption><thead><tr>",
             say(v, caption_key), say(v, caption_key));
    for (size_t i = 0; i < n; i++)
        html_add(&v->h, "<th scope=\"col\">%s</th>", say(v, columns[i]));
    html_add(&v->h, "</tr></thead><tbody>\n");
}

static void end_table(view *v)
{
    html_add(&v->h, "</tbody></table></div>\n");
}

/* -- status -- */
static int64_t behind(const Uppsikt__ServiceState *s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s->n_sources; i++)
        if (s->sources[i]->head > s->sources[i]->cursor)
            n += s->sources[i]->head - s->sources[i]->cursor;
    return n;
}

static void service(view *v, const view_service *s)
{
    html_add(&v->h, "<tr><th scope=\"row\">%s", view_joined(v, "service.", s->name));
    if (s->part > 1)
        html_add(&v->h, ", %s %lld", say(v, "status.part"), (long long)s->part);
    html_add(&v->h, "<br><span class=\"quiet\">%s</span></th>",
             view_joined(v, "service-does.", s->name));
    if (!s->state) {
        html_add(&v->h, "<td><strong class=\"bad\">%s</strong></td><td>–</td><td>–</td></tr>\n",
                 say(v, "status.down"));
        return;
    }
    const int64_t late = behind(s->state), aside = s->state->parked + s->state->dead_letters;
    html_add(&v->h, "<td>%s", say(v, s->state->disk_low ? "status.disk" : "status.up"));
    html_add(&v->h, "</td><td>");
    if (late > 0)
        html_add(&v->h, "%lld", (long long)late);
    else
        html_add(&v->h, "%s", say(v, "status.none"));
    html_add(&v->h, "</td><td>");
    if (aside > 0)
        html_add(&v->h, "<strong>%lld</strong>", (long long)aside);
    else
        html_add(&v->h, "%s", say(v, "status.none"));
    html_add(&v->h, "</td></tr>\n");
}

static void gate_table(view *v, const view_rows *gate)
{
    static const char *const columns[] = { "col.account", "col.what", "col.since", "col.waits" };
    if (gate->n == 0) {
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "gate.none"));
        return;
    }
    table(v, "gate.title", columns, UPP_LEN(columns));
    for (size_t i = 0; i < gate->n; i++) {
        const Uppsikt__GateLine *g = (const Uppsikt__GateLine *)gate->rows[i];
        const Uppsikt__GateLineContent *c = (const Uppsikt__GateLineContent *)gate->contents[i];
        html_add(&v->h, "<tr><td><a href=\"/sak/%s\">%s</a></td><td>%s</td><td>", g->matter,
                 c->account, view_numbered(v, "act.", (int)g->action->what));
        view_time(v, g->action->at_ms);
        html_add(
            &v->h, "</td><td>%s</td></tr>\n",
            view_joined(v, "missing.", g->action->missing[0] ? g->action->missing : "nothing"));
    }
    end_table(v);
}

static void parked_table(view *v, const view_rows *parked, const char *const *by)
{
    static const char *const columns[] = { "col.service", "col.event", "col.why", "col.since" };
    if (parked->n == 0)
        return;
    html_add(&v->h, "<h2>%s</h2><p>%s</p>\n", say(v, "parked.title"), say(v, "parked.lead"));
    table(v, "parked.title", columns, UPP_LEN(columns));
    for (size_t i = 0; i < parked->n; i++) {
        const Uppsikt__ParkedThing *p = (const Uppsikt__ParkedThing *)parked->rows[i];
        html_add(&v->h, "<tr><td>%s</td><td>%s</td><td>%s</td><td>",
                 view_joined(v, "service.", by[i]), p->type, p->why);
        view_time(v, p->at_ms);
        html_add(&v->h, "</td></tr>\n");
    }
    end_table(v);
}

void view_status(view *v, const view_service *services, size_t n, const view_in_force_list *rules,
                 const view_rows *gate, const view_rows *parked, const char *const *parked_by)
{
    static const char *const columns[] = { "col.service", "col.state", "col.behind", "col.parked" };
    size_t down = 0;
    v->list = "/status";
    for (size_t i = 0; i < n; i++)
        down += !services[i].state;
    view_begin(v, say(v, "status.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n",
             say(v, down ? "status.some-down" : "status.all-up"));
    table(v, "status.services", columns, UPP_LEN(columns));
    for (size_t i = 0; i < n; i++)
        service(v, &services[i]);
    end_table(v);
    html_add(&v->h, "<h2>%s</h2><p>%s</p>\n", say(v, "gate.title"), say(v, "gate.lead"));
    gate_table(v, gate);
    parked_table(v, parked, parked_by);
    view_rules(v, rules->at, rules->n);
    view_end(v);
}

/* -- accounts -- */
/* The page where such a finding is put right; NULL: it has none of its own. */
static const char *cure(const char *kind)
{
    return strcmp(kind, "leaver") == 0        ? "/overlamning"
           : strcmp(kind, "attestation") == 0 ? "/tillgang"
                                              : NULL;
}

static void finding(view *v, const char *kind)
{
    const char *path = cure(kind), *words = view_joined(v, "brist.", kind);
    if (path)
        html_add(&v->h, "<li><a href=\"%s\">%s</a>", path, words);
    else
        html_add(&v->h, "<li>%s", words);
}

static void findings(view *v, const Uppsikt__AccountLine *a)
{
    html_add(&v->h, "<ul class=\"reasons\">");
    if (a->n_findings == 0)
        html_add(&v->h, "<li class=\"quiet\">%s</li>", say(v, "account.fine"));
    for (size_t i = 0; i < a->n_findings; i++) {
        finding(v, a->findings[i]->kind);
        if (a->findings[i]->fact[0])
            html_add(&v->h, ": %s", view_joined(v, "fact.", a->findings[i]->fact));
        html_add(&v->h, ", %s ", say(v, "due.by"));
        view_time(v, a->findings[i]->due_ms);
        html_add(&v->h, "</li>");
    }
    html_add(&v->h, "</ul>\n");
}

static void connection(view *v, const Uppsikt__AccountLine *a)
{
    if (a->blind_since_ms > 0) {
        html_add(&v->h, "<p class=\"note alarm\">%s ", say(v, "account.blind"));
        view_time(v, a->blind_since_ms);
        html_add(&v->h, "</p>\n");
    } else if (a->health == 3) {
        html_add(&v->h, "<p class=\"note alarm\">%s</p>\n", say(v, "account.locked"));
    } else if (a->token_expires_ms > 0 && a->token_expires_ms < v->clock.now + 7 * UPP_DAY) {
        html_add(&v->h, "<p class=\"note\">%s ", say(v, "account.token"));
        view_time(v, a->token_expires_ms);
        html_add(&v->h, "</p>\n");
    }
}

static void numbers(view *v, const Uppsikt__AccountLine *a)
{
    html_add(&v->h, "<p class=\"meta\">%s · ", view_platform(v, a->platform));
    html_add(&v->h, "%s · ", view_numbered(v, "state.", a->state));
    if (a->persons == 1)
        html_add(&v->h, "%s", say(v, "account.person"));
    else {
        char text[16];
        snprintf(text, sizeof text, "%u", a->persons);
        html_fill(&v->h, "account.persons", text, NULL);
    }
    if (a->manual)
        html_add(&v->h, " · %s", say(v, "account.manual"));
    if (a->waiting > 0) {
        char waiting[24];
        snprintf(waiting, sizeof waiting, "%lld", (long long)a->waiting);
        html_add(&v->h, " · ");
        html_fill(&v->h, "account.waiting", waiting, NULL);
    }
    if (a->late > 0) {
        char late[24];
        snprintf(late, sizeof late, "%lld", (long long)a->late);
        html_add(&v->h, " · <strong>");
        html_fill(&v->h, "account.late", late, NULL);
        html_add(&v->h, "</strong>");
    }
    html_add(&v->h, "</p>\n");
}

void view_accounts(view *v, const view_rows *rows)
{
    v->list = "/konton";
    view_begin(v, say(v, "accounts.title"));
    html_add(&v->h,
             "<p class=\"lead\">%s</p><p class=\"row\"><a class=\"go\" href=\"/rapportera\">%s</a>"
             "<a class=\"go\" href=\"/nytt-konto\">%s</a><a class=\"go\" href=\"/tillgang\">%s</a>"
             "<a class=\"go\" href=\"/overlamning\">%s</a>"
             "<a class=\"go\" href=\"/arkiv\">%s</a></p>\n",
             say(v, "accounts.lead"), say(v, "accounts.report"), say(v, "life.new"),
             say(v, "still.title"), say(v, "handed.title"), say(v, "hand-in.title"));
    if (rows->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "accounts.none"));
    html_add(&v->h, "<ul class=\"cards two\">\n");
    for (size_t i = 0; i < rows->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)rows->rows[i];
        const Uppsikt__AccountLineContent *c =
            (const Uppsikt__AccountLineContent *)rows->contents[i];
        const char *url = html_url(c->url);
        html_add(&v->h, "<li class=\"card\"><h2>%s</h2>\n", c->name);
        numbers(v, a);
        connection(v, a);
        findings(v, a);
        html_add(&v->h, "<p class=\"links\">");
        if (url[0])
            html_add(
                &v->h,
                "<a href=\"%s\" rel=\"noreferrer noopener\">%s<span class=\"sr\"> (%s)</span></a> ",
                url, say(v, "account.open"), c->name);
        html_add(&v->h, "<a href=\"/konton/%s\">%s<span class=\"sr\"> (%s)</span></a> ", a->account,
                 say(v, "account.review"), c->name);
        html_add(&v->h, "<a href=\"/konto/%s\">%s<span class=\"sr\"> (%s)</span></a></p></li>\n",
                 a->account, say(v, "account.life"), c->name);
    }
    html_add(&v->h, "</ul>\n");
    view_end(v);
}

void view_review(view *v, const Uppsikt__AccountLine *line, const Uppsikt__AccountLineContent *c)
{
    static const char *const checks[] = { "logo", "name", "sender", "captions", "alt_text" };
    char path[160];
    v->list = "/konton";
    view_begin(v, c->name);
    numbers(v, line);
    connection(v, line);
    findings(v, line);
    html_add(
        &v->h,
        "<section class=\"panel narrow\" aria-labelledby=\"se\"><h2 id=\"se\">%s</h2><p>%s</p>\n",
        say(v, "review.title"), say(v, "review.lead"));
    snprintf(path, sizeof path, "/konton/%.100s/granskning", line->account);
    view_form(v, path);
    html_add(&v->h, "<fieldset><legend>%s</legend>\n", say(v, "review.legend"));
    for (size_t i = 0; i < UPP_LEN(checks); i++)
        html_add(
            &v->h,
            "<div class=\"choice\"><input type=\"checkbox\" id=\"f-%s\" name=\"%s\" value=\"1\">"
            "<label for=\"f-%s\">%s</label></div>\n",
            checks[i], checks[i], checks[i], view_joined(v, "review.", checks[i]));
    html_add(&v->h, "</fieldset>\n");
    view_button(v, "review.send", NULL, "main");
    html_add(&v->h, "</form></section>\n");
    view_end(v);
}

static void account_options(view *v, const view_rows *accounts)
{
    for (size_t i = 0; i < accounts->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)accounts->rows[i];
        const Uppsikt__AccountLineContent *c =
            (const Uppsikt__AccountLineContent *)accounts->contents[i];
        html_add(&v->h, "<option value=\"%s\"", a->account);
        if (strcmp(view_given(v, "account", ""), a->account) == 0)
            html_add(&v->h, " selected");
        html_add(&v->h, ">%s, %s</option>", c->name, view_platform(v, a->platform));
    }
}

void view_report_item(view *v, const view_rows *accounts)
{
    v->list = "/konton";
    view_begin(v, say(v, "item.title"));
    html_add(&v->h, "<div class=\"narrow\"><p class=\"lead\">%s</p>\n", say(v, "item.lead"));
    view_form(v, "/rapportera");
    html_add(&v->h, "<div class=\"field\"><label for=\"f-account\">%s</label>",
             say(v, "item.account"));
    view_field_words(v, "account");
    html_add(&v->h, "<select id=\"f-account\" name=\"account\"");
    view_field_state(v, "account");
    html_add(&v->h, "><option value=\"\">%s</option>", say(v, "hand.choose"));
    account_options(v, accounts);
    html_add(&v->h, "</select></div><div class=\"field\"><label for=\"f-text\">%s</label>",
             say(v, "item.text"));
    view_field_words(v, "text");
    html_add(&v->h, "<textarea id=\"f-text\" name=\"text\" rows=\"6\"");
    view_field_state(v, "text");
    html_add(
        &v->h,
        ">%s</textarea></div><div class=\"field\"><label for=\"f-author\">%s</label>"
        "<input id=\"f-author\" name=\"author\" type=\"text\" autocomplete=\"off\" value=\"%s\">"
        "</div><div class=\"field\"><label for=\"f-link\">%s</label><input id=\"f-link\""
        " name=\"link\" type=\"url\" autocomplete=\"off\" value=\"%s\"></div>\n",
        view_given(v, "text", ""), say(v, "item.author"), view_given(v, "author", ""),
        say(v, "item.link"), view_given(v, "link", ""));
    html_add(&v->h,
             "<div class=\"choice\"><input type=\"checkbox\" id=\"f-message\" name=\"message\""
             " value=\"1\"><label for=\"f-message\">%s</label></div>\n",
             say(v, "item.message"));
    view_button(v, "item.send", NULL, "main");
    html_add(&v->h, "</form></div>\n");
    view_end(v);
}
