/* diary_html.c - a package's handling.html: what came in, what we said, and why it is to be
 * registered, for a registrar to read. It loads nothing and runs nothing; all that anybody else
 * wrote is escaped (console/html.h). */
#include "diary_package.h"
#include "html.h"
#include "words.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

typedef struct page {
    html h;
    const diary_case *c;
} page;

static void page_done(page *p)
{
    html_done(&p->h);
}

static const char style[] =
    "body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "th{text-align:left;vertical-align:top;padding-right:1rem;font-weight:600}"
    "blockquote{margin:.25rem 0 1rem;padding:.25rem 1rem;border-left:4px solid #667;"
    "overflow-wrap:anywhere}.ours blockquote{border-color:#174}td{overflow-wrap:anywhere}"
    "code{overflow-wrap:anywhere}";

enum { WORDS = 300, WHEN = 48 };

static const char *say(const page *p, const char *key, char ret_text[WORDS])
{
    return words_get(p->c->language, key, ret_text, WORDS);
}

static const char *when(const page *p, upp_ms at, char ret_text[WHEN])
{
    const civil_ms reading = p->c->tz ? zone_local(p->c->tz, at) : at;
    const civil_day day = civil_day_at(reading);
    const civil_date date = civil_date_of(day);
    const int64_t minute = (reading - (int64_t)day * UPP_DAY) / UPP_MINUTE;
    snprintf(ret_text, WHEN, "%04d-%02d-%02d %02d:%02d%s", (int)date.year, (int)date.month,
             (int)date.day, (int)(minute / 60), (int)(minute % 60), p->c->tz ? "" : " UTC");
    return ret_text;
}

static void row(page *p, const char *key, const char *value)
{
    char words[WORDS];
    if (value && value[0])
        html_add(&p->h, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", say(p, key, words),
                 value);
}

static void link_row(page *p, const char *key, const char *url)
{
    char words[WORDS];
    const char *safe = html_url(url ? url : "");
    if (safe[0])
        html_add(&p->h,
                 "<tr><th scope=\"row\">%s</th><td><a rel=\"noreferrer\" href=\"%s\">%s</a></td>"
                 "</tr>\n",
                 say(p, key, words), safe, safe);
    else
        row(p, key, url);
}

static const diary_line *subject_of(const diary_case *c)
{
    const diary_line *newest = NULL;
    for (size_t i = 0; i < c->n_lines; i++)
        if (c->lines[i].role == UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT && c->lines[i].what)
            newest = &c->lines[i];
    return newest;
}

static void author(char *ret_text, size_t size, const Uppsikt__CommentReceivedContent *what)
{
    ret_text[0] = '\0';
    if (!what->author)
        return;
    const bool both = what->author->name[0] && what->author->handle[0];
    snprintf(ret_text, size, "%s%s%s%s", what->author->name, both ? " (" : "", what->author->handle,
             both ? ")" : "");
}

static void facts(page *p)
{
    char text[WHEN], who[WORDS], words[WORDS];
    const diary_case *c = p->c;
    const diary_line *subject = subject_of(c);
    html_add(&p->h, "<table>\n");
    row(p, "doc.why", say(p, c->ask->why, words));
    row(p, "doc.received", when(p, c->ask->n_items ? c->ask->items[0]->at_ms : 0, text));
    if (subject) {
        author(who, sizeof who, subject->what);
        row(p, "doc.author", who);
        if (subject->what->author)
            link_row(p, "doc.profile", subject->what->author->url);
        link_row(p, "doc.link", subject->what->permalink);
    }
    row(p, "doc.account", c->facts && c->facts->name[0] ? c->facts->name : c->ask->account);
    row(p, "doc.platform", c->account ? c->account->platform : "");
    link_row(p, "doc.account-link", c->facts ? c->facts->url : "");
    row(p, "doc.unit", c->unit ? c->unit->unit->name : "");
    row(p, "doc.authority", c->unit ? c->unit->authority_name : "");
    row(p, "doc.matter", c->ask->matter);
    row(p, "doc.package", c->ask->package);
    row(p, "doc.asked", when(p, c->ask->asked_ms, text));
    html_add(&p->h, "</table>\n");
}

static const char *role_key(Uppsikt__DiaryItem__Role role)
{
    static const char *const keys[] = { "doc.role-thread", "doc.role-subject",
                                        "doc.role-conversation", "doc.role-answer",
                                        "doc.role-thread" };
    return keys[(size_t)role % UPP_LEN(keys)];
}

static void attachments(page *p, const Uppsikt__CommentReceivedContent *what)
{
    char words[WORDS];
    for (size_t i = 0; i < what->n_attachments; i++)
        html_add(&p->h, "<p>%s: %s %s</p>\n", say(p, "doc.attachment", words),
                 what->attachments[i]->type, what->attachments[i]->url);
}

static void line(page *p, const diary_line *l)
{
    char text[WHEN], who[WORDS], words[WORDS];
    const bool ours = l->role == UPPSIKT__DIARY_ITEM__ROLE__ROLE_ANSWER;
    who[0] = '\0';
    if (l->what)
        author(who, sizeof who, l->what);
    html_add(&p->h, "<div class=\"%s\"><p><strong>%s</strong> %s%s%s", ours ? "ours" : "theirs",
             say(p, role_key(l->role), words), when(p, l->at, text), who[0] ? ", " : "", who);
    if (l->row && l->row->version > 1)
        html_add(&p->h, ", %s %u", say(p, "doc.version", words), (unsigned)l->row->version);
    html_add(&p->h, "</p>\n<blockquote>");
    if (l->what)
        html_lines(&p->h, l->what->text);
    else
        html_add(&p->h, "<em>%s</em>", say(p, l->row ? "doc.disposed" : "doc.unseen", words));
    html_add(&p->h, "</blockquote>\n");
    if (l->what)
        attachments(p, l->what);
    html_add(&p->h, "</div>\n");
}

static void lines(page *p, const char *title, bool subject)
{
    char words[WORDS];
    bool begun = false;
    for (size_t i = 0; i < p->c->n_lines; i++) {
        const diary_line *l = &p->c->lines[i];
        if ((l->role == UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT) != subject)
            continue;
        if (!begun)
            html_add(&p->h, "<h2>%s</h2>\n", say(p, title, words));
        begun = true;
        line(p, l);
    }
}

static void copies(page *p)
{
    char words[WORDS], text[WHEN], hex[129];
    if (p->c->n_copies == 0)
        return;
    html_add(&p->h, "<h2>%s</h2>\n<ul>\n", say(p, "doc.copies", words));
    for (size_t i = 0; i < p->c->n_copies; i++) {
        const Uppsikt__RecordRow *r = p->c->copies[i];
        hex[0] = '\0';
        if (r->commitment.len <= sizeof hex / 2)
            sodium_bin2hex(hex, sizeof hex, r->commitment.data, r->commitment.len);
        html_add(&p->h, "<li>%s, %s, <code>%s</code></li>\n", r->record, when(p, r->at_ms, text),
                 hex);
    }
    html_add(&p->h, "</ul>\n");
}

int diary_html(const diary_case *c, buf *out)
{
    char words[WORDS];
    UPP_AUTO(page_done) page p = { .c = c };
    html_add(&p.h,
             "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
             " style-src 'unsafe-inline'\">\n<title>%s</title>\n<style>",
             strcmp(c->language, "en") == 0 ? "en" : "sv", say(&p, "doc.title", words));
    html_add(&p.h, "%s", style);
    html_add(&p.h, "</style></head>\n<body>\n<h1>%s</h1>\n", say(&p, "doc.title", words));
    facts(&p);
    lines(&p, "doc.document", true);
    lines(&p, "doc.around", false);
    if (c->cut)
        html_add(&p.h, "<p><strong>%s</strong></p>\n", say(&p, "doc.cut", words));
    copies(&p);
    html_add(&p.h, "<p>%s</p>\n", say(&p, "doc.answer-with", words));
    html_add(&p.h, "</body></html>\n");
    return buf_put(out, p.h.at, p.h.len);
}
