/* view_sheet.c - a matter's page: what was written, why it is here, what has happened. */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void section(view *v, const char *id, const char *key)
{
    html_add(&v->h, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id,
             say(v, key));
}

static void end_section(view *v)
{
    html_add(&v->h, "</section>\n");
}

static void name_of(view *v, const view_matter *m, const char *person)
{
    for (size_t i = 0; i < m->content->n_persons; i++) {
        const Uppsikt__NamedPerson *p = m->content->persons[i];
        if (strcmp(p->person, person) == 0 && p->first_name[0]) {
            html_add(&v->h, "%s %s", p->first_name, p->last_name);
            return;
        }
    }
    html_add(&v->h, "%s", person[0] ? say(v, "person.forgotten") : "");
}

/* -- what was written -- */
static void attachments(view *v, const view_matter *m)
{
    if (m->content->n_attachments == 0)
        return;
    html_add(&v->h, "<p class=\"quiet\">%s</p><ul>\n", say(v, "sheet.attachments"));
    for (size_t i = 0; i < m->content->n_attachments; i++) {
        const Uppsikt__ItemAttachment *a = m->content->attachments[i];
        html_add(&v->h, "<li>%s %s</li>\n", a->type, a->name);
    }
    html_add(&v->h, "</ul>\n");
}

static void older(view *v, const view_matter *m)
{
    const Uppsikt__SheetRow *r = m->row;
    if (r->n_versions < 2)
        return;
    html_add(&v->h, "<details><summary>%s</summary>\n", say(v, "sheet.older"));
    for (size_t i = 1; i < r->n_versions && i < m->content->n_texts; i++) {
        html_add(&v->h, "<p class=\"quiet\">");
        view_time(v, r->versions[i]->at_ms);
        html_add(&v->h, "</p><blockquote class=\"said\">");
        html_lines(&v->h, m->content->texts[i]);
        html_add(&v->h, "</blockquote>\n");
    }
    html_add(&v->h, "</details>\n");
}

static void by_line(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    const char *author = m->content->desk->author;
    const char *url = html_url(m->content->permalink);
    html_add(&v->h, "<p class=\"meta\">");
    if (author[0])
        html_add(&v->h, "%s · ", author);
    html_add(&v->h, "%s · %s ", view_platform(v, d->platform), say(v, "sheet.received"));
    view_time(v, d->opened->received_ms);
    if (url[0])
        html_add(&v->h, " · <a href=\"%s\" rel=\"noreferrer noopener\">%s</a>", url,
                 say(v, "sheet.open-there"));
    html_add(&v->h, "</p>\n");
}

static void written(view *v, const view_matter *m)
{
    section(v, "skrevs", "sheet.written");
    if (m->locked) {
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "sheet.locked"));
        end_section(v);
        return;
    }
    if (m->content->desk->context[0]) {
        html_add(&v->h, "<p class=\"context\">");
        html_fill(&v->h, "list.under", m->content->desk->context, NULL);
        html_add(&v->h, "</p>\n");
    }
    if (m->content->n_texts > 0 && m->content->texts[0][0]) {
        html_add(&v->h, "<blockquote class=\"said big\">");
        html_lines(&v->h, m->content->texts[0]);
        html_add(&v->h, "</blockquote>\n");
    } else {
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "text.none"));
    }
    by_line(v, m);
    if (m->row->is_gone)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", view_numbered(v, "gone.", (int)m->row->gone));
    else if (m->row->desk->hidden)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "sheet.hidden"));
    attachments(v, m);
    older(v, m);
    end_section(v);
}

/* -- why it is here -- */
/* Which words it was: they lie in the newest text. */
static void words_of(view *v, const view_matter *m, const Uppsikt__Reason *r)
{
    const char *text = m->content->n_texts > 0 ? m->content->texts[0] : "";
    char words[120];
    if (m->locked)
        return;
    if (r->words[0])
        html_add(&v->h, ": <mark>%s</mark>", r->words);
    else if (r->end > r->start && r->end <= strlen(text) && r->end - r->start < sizeof words) {
        snprintf(words, sizeof words, "%.*s", (int)(r->end - r->start), text + r->start);
        html_add(&v->h, ": <mark>%s</mark>", words);
    }
}

/* The same word found twice is one line. */
static bool said_before(const view_matter *m, size_t i)
{
    const Uppsikt__Reason *r = m->content->reasons[i];
    for (size_t j = 0; j < i; j++) {
        const Uppsikt__Reason *other = m->content->reasons[j];
        if (strcmp(other->why, r->why) == 0 && other->start == r->start && other->end == r->end)
            return true;
    }
    return false;
}

/* Somebody has to look, or only to see it (R13): which of them, and why the machine does not do. */
static const char *look(const view *v, const Uppsikt__DeskRow *d)
{
    if (d->opened->errand[0])
        return NULL;
    if (d->opened->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE)
        return say(v, "sheet.only-see");
    if (d->opened->kind != UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK)
        return NULL;
    return say(v, d->judged ? "sheet.look" : "sheet.look-unjudged");
}

static void why(view *v, const view_matter *m)
{
    const Uppsikt__DeskRow *d = m->row->desk;
    const char *looks = look(v, d);
    section(v, "varfor", "sheet.why");
    if (looks)
        html_add(&v->h, "<p>%s</p>\n", looks);
    if (m->row->danger)
        html_add(&v->h, "<p class=\"note alarm\">%s</p>\n", say(v, "sheet.danger"));
    if (d->opened->records_request)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "sheet.records"));
    html_add(&v->h, "<ul class=\"tags\">");
    view_findings(v, d);
    html_add(&v->h, "</ul>\n");
    if (m->content->n_reasons > 0)
        html_add(&v->h, "<ul class=\"reasons\">\n");
    for (size_t i = 0; i < m->content->n_reasons; i++) {
        const Uppsikt__Reason *r = m->content->reasons[i];
        if (said_before(m, i))
            continue;
        html_add(&v->h, "<li>%s", say(v, r->why));
        words_of(v, m, r);
        html_add(&v->h, "</li>\n");
    }
    if (m->content->n_reasons > 0)
        html_add(&v->h, "</ul>\n");
    html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "sheet.machine"));
    end_section(v);
}

/* -- our replies -- */
static void replies(view *v, const view_matter *m)
{
    if (m->row->n_replies == 0)
        return;
    section(v, "svar", "sheet.replies");
    for (size_t i = 0; i < m->row->n_replies && i < m->content->n_replies; i++) {
        html_add(&v->h, "<blockquote class=\"said ours\">");
        html_lines(&v->h, m->locked ? "" : m->content->replies[i]);
        html_add(&v->h, "</blockquote><p class=\"meta\">");
        view_time(v, m->row->replies[i]->at_ms);
        if (!m->row->replies[i]->signed_)
            html_add(&v->h, " · %s", say(v, "sheet.unsigned"));
        html_add(&v->h, "</p>\n");
    }
    end_section(v);
}

/* -- saved copies, and what is on its way -- */
static void seals(view *v, const view_matter *m)
{
    const Uppsikt__SheetRow *r = m->row;
    section(v, "kopior", "sheet.copies");
    if (r->n_seals == 0)
        html_add(&v->h, "<p class=\"quiet\">%s</p>\n", say(v, "seal.none"));
    else
        html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < r->n_seals; i++) {
        const Uppsikt__SheetSeal *s = r->seals[i];
        char version[16];
        snprintf(version, sizeof version, "%u", s->version);
        html_add(&v->h, "<li><a href=\"/kopia/%s?sak=%s\">", s->record, r->desk->opened->matter);
        html_fill(&v->h,
                  s->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE ? "seal.whole" : "seal.raw",
                  version, NULL);
        html_add(&v->h, "</a>, ");
        view_time(v, s->at_ms);
        if (s->media_gone > 0)
            html_add(&v->h, " · %s", say(v, "seal.media-gone"));
        html_add(&v->h, "</li>\n");
    }
    if (r->n_seals > 0)
        html_add(&v->h, "</ul>\n");
    if (r->held)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "sheet.held"));
    end_section(v);
}

static void way(view *v, const view_matter *m)
{
    const Uppsikt__SheetRow *r = m->row;
    if (r->n_actions == 0)
        return;
    section(v, "gallande", "sheet.actions");
    html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < r->n_actions; i++) {
        const Uppsikt__SheetAction *a = r->actions[i];
        char key[48];
        snprintf(key, sizeof key, "action.%.10s-%d", a->state, (int)a->what);
        html_add(&v->h, "<li>%s, ", say(v, key));
        view_time(v, a->at_ms);
        if (strcmp(a->state, "waiting") == 0)
            html_add(&v->h, "<br><span class=\"quiet\">%s</span>",
                     view_joined(v, "missing.", a->missing[0] ? a->missing : "nothing"));
        else if (a->reason[0])
            html_add(&v->h, "<br><span class=\"quiet\">%s</span>",
                     view_joined(v, "outcome.", a->reason));
        html_add(&v->h, "</li>\n");
    }
    html_add(&v->h, "</ul>\n");
    end_section(v);
}

/* -- history -- */
/* What lies behind it: a row of the rules' list, a step of the ladder, or an owner's own words. */
static void detail(view *v, const Uppsikt__Happening *h)
{
    static const struct {
        const char *what, *head;
    } heads[] = { { "log.step", "step." },
                  { "log.decided-", "reason." },
                  { "log.opinion", "reason." },
                  { "log.late", "cause." } };
    const char *own = phrase_of(v->h.phrases, h->detail);
    const char *head = "outcome.";
    for (size_t i = 0; i < UPP_LEN(heads); i++)
        if (strncmp(h->what, heads[i].what, strlen(heads[i].what)) == 0)
            head = heads[i].head;
    if (!h->detail[0])
        return;
    if (strcmp(h->what, "log.diary-sent") == 0) { /* a file's name and its sum: no key */
        html_add(&v->h, ": %s", h->detail);
        return;
    }
    const bool repeated = strcmp(head, "step.") == 0 && h->detail[0] == 'r';
    html_add(&v->h, ": %s", own ? own : view_joined(v, head, repeated ? "r" : h->detail));
}

static void history(view *v, const view_matter *m)
{
    const Uppsikt__SheetRow *r = m->row;
    section(v, "historik", "sheet.history");
    html_add(&v->h, "<ol class=\"history\">\n");
    for (size_t i = 0; i < r->n_happened; i++) {
        const Uppsikt__Happening *h = r->happened[i];
        html_add(&v->h, "<li>");
        view_time(v, h->at_ms);
        html_add(&v->h, " <span>%s", say(v, h->what));
        if (h->person[0]) {
            html_add(&v->h, " (");
            name_of(v, m, h->person);
            html_add(&v->h, ")");
        }
        detail(v, h);
        if (i < m->content->n_notes && m->content->notes[i][0]) {
            html_add(&v->h, "<br><q>");
            html_lines(&v->h, m->content->notes[i]);
            html_add(&v->h, "</q>");
        }
        html_add(&v->h, "</span></li>\n");
    }
    html_add(&v->h, "</ol>\n");
    if (r->next_step_ms > 0) {
        html_add(&v->h, "<p class=\"hint\">%s ", say(v, "sheet.next-step"));
        view_time(v, r->next_step_ms);
        html_add(&v->h, "</p>\n");
    }
    end_section(v);
}

static void state(view *v, const view_matter *m)
{
    const Uppsikt__SheetRow *r = m->row;
    const Uppsikt__MatterOpened *o = r->desk->opened;
    if (strcmp(r->state, "open") == 0) {
        view_due(v, o->due_ms, r->desk->breached, o->akut);
        if (o->anew)
            html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "sheet.anew"));
        if (o->attended_due_ms > o->due_ms) {
            html_add(&v->h, "<p class=\"hint\">%s ", say(v, "sheet.attended"));
            view_time(v, o->attended_due_ms);
            html_add(&v->h, "</p>\n");
        }
    } else {
        html_add(&v->h, "<p class=\"due is-done\"><strong>%s</strong> ",
                 r->met_how ? view_numbered(v, "met.", (int)r->met_how)
                            : view_numbered(v, "withdrawn.", (int)r->withdrawn_how));
        view_time(v, r->ended_ms);
        html_add(&v->h, "</p>\n");
    }
    if (r->desk->owner[0]) {
        html_add(&v->h, "<p class=\"tag taken\">");
        html_fill(&v->h, "tag.taken", m->content->desk->owner, NULL);
        html_add(&v->h, "</p>\n");
    }
    for (size_t i = 0; i < r->n_matters; i++)
        html_add(&v->h, "<p><a href=\"/sak/%s\">%s</a></p>\n", r->matters[i],
                 say(v, "sheet.other"));
}

static const char *list_of(const Uppsikt__MatterOpened *o)
{
    return o->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION ? "/svara"
           : o->kind == UPPSIKT__MATTER_KIND__MATTER_KIND_SEE    ? "/titta"
                                                                 : "/atgarda";
}

void view_sheet(view *v, const view_matter *m)
{
    char title[320];
    const Uppsikt__MatterOpened *o = m->row->desk->opened;
    snprintf(title, sizeof title, "%s %s %s", view_what(v, m->row->desk), say(v, "list.on"),
             m->content->desk->account);
    v->list = list_of(o);
    view_begin(v, title);
    state(v, m);
    html_add(&v->h, "<div class=\"sheet\">\n<div>\n");
    const bool comment = m->row->n_versions > 0 || !o->errand[0];
    if (comment) {
        written(v, m);
        why(v, m);
    }
    replies(v, m);
    way(v, m);
    if (comment)
        seals(v, m);
    history(v, m);
    html_add(&v->h, "</div>\n<div class=\"acts\">\n");
    view_acts(v, m);
    view_beside(v, m);
    html_add(&v->h, "</div>\n</div>\n");
    view_end(v);
}
