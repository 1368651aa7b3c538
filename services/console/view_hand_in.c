/* view_hand_in.c - Arkivera för hand: what a person must save herself, step by step, what has been
 * handed in and by whom (R26). */
#include "view_hand_in.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void why(view *v, const Uppsikt__ArchiveRun *run)
{
    html_add(&v->h, "<p class=\"meta\">%s · ", run->campaign);
    if (run->due_ms > 0) {
        html_add(&v->h, "%s ", say(v, "due.by"));
        view_time(v, run->due_ms);
    }
    html_add(&v->h, "</p>\n");
    if (run->why[0])
        html_add(&v->h, "<p>%s</p>\n", say(v, run->why));
}

void view_waits(view *v, const view_waiting *w)
{
    v->list = "/konton";
    view_begin(v, say(v, "hand-in.title"));
    html_add(&v->h, "<p class=\"lead\">%s</p>\n", say(v, "hand-in.lead"));
    if (w->n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "hand-in.none"));
    html_add(&v->h, "<ul class=\"cards two\">\n");
    for (size_t i = 0; i < w->n; i++) {
        const view_hand *h = &w->runs[i];
        html_add(&v->h, "<li class=\"card\"><h2>%s</h2>\n", h->name->name);
        why(v, h->run);
        html_add(&v->h,
                 "<p><a class=\"go\" href=\"/arkiv/%s\">%s<span class=\"sr\"> (%s)</span></a></p>"
                 "</li>\n",
                 h->run->run, say(v, "hand-in.open"), h->name->name);
    }
    html_add(&v->h, "</ul>\n");
    view_end(v);
}

/* -- one account -- */
static void steps(view *v, const view_hand *h)
{
    const char *url = html_url(h->name->url);
    html_add(&v->h, "<ol><li>%s", say(v, "hand-in.step-open"));
    if (url[0])
        html_add(&v->h, " <a href=\"%s\" rel=\"noreferrer noopener\">%s</a>", url,
                 say(v, "account.open"));
    html_add(&v->h, "</li>\n<li>%s</li>\n<li>%s</li>\n<li>%s</li></ol>\n",
             say(v, "hand-in.step-save"), say(v, "hand-in.step-send"), say(v, "hand-in.step-done"));
}

static void one_file(view *v, const Uppsikt__HandInRow *row, const Uppsikt__HandInRowContent *c)
{
    char hex[65] = "", state[40];
    const Uppsikt__HandInFile *f = c ? c->file : NULL;
    if (f && f->sha256.len == 32)
        guard_hex(f->sha256.data, 32, hex);
    snprintf(state, sizeof state, "hand-in.is-%.20s", row->state);
    html_add(&v->h, "<li class=\"card\"><h3>%s</h3><p class=\"meta\">%s · %lld %s · ",
             f ? f->name : row->hand_in, row->mime[0] ? row->mime : "-", (long long)row->bytes,
             say(v, "hand-in.bytes"));
    view_time(v, row->received_ms);
    html_add(&v->h, " · %s</p><p>%s", row->person, say(v, state));
    if (row->why[0])
        html_add(&v->h, ": %s", say(v, row->why));
    html_add(&v->h, "</p><p class=\"meta\">SHA-256 <code>%s</code></p></li>\n", hex);
}

static void send_form(view *v, const view_hand *h)
{
    static const char *const sources[] = { "browser", "export" };
    char path[160], most[32];
    snprintf(path, sizeof path, "/arkiv/%.100s/fil", h->run->run);
    snprintf(most, sizeof most, "%lld", (long long)(h->most / (1024 * 1024)));
    view_form(v, path);
    html_add(&v->h, "<fieldset><legend>%s</legend>\n", say(v, "hand-in.source"));
    for (size_t i = 0; i < UPP_LEN(sources); i++) {
        html_add(&v->h,
                 "<div class=\"choice\"><input type=\"radio\" id=\"f-%s\" name=\"source\""
                 " value=\"%s\"",
                 sources[i], sources[i]);
        if (strcmp(view_given(v, "source", "browser"), sources[i]) == 0)
            html_add(&v->h, " checked");
        html_add(&v->h, "><label for=\"f-%s\">%s</label></div>\n", sources[i],
                 view_joined(v, "hand-in.from-", sources[i]));
    }
    html_add(
        &v->h,
        "</fieldset>\n<div class=\"field\"><label for=\"f-note\">%s</label>"
        "<input id=\"f-note\" name=\"note\" type=\"text\" maxlength=\"400\" autocomplete=\"off\""
        " value=\"%s\"></div>\n",
        say(v, "hand-in.note"), view_given(v, "note", ""));
    html_add(&v->h,
             "<div class=\"field\"><label for=\"f-file\">%s</label>"
             "<p class=\"hint\" id=\"h-file\">",
             say(v, "hand-in.file"));
    html_fill(&v->h, "hand-in.file-hint", most, NULL);
    html_add(&v->h, "</p>");
    view_field_words(v, "file");
    html_add(&v->h, "<input id=\"f-file\" name=\"file\" type=\"file\""
                    " accept=\".pdf,.mhtml,.mht,.html,.png,.jpg,.jpeg,.zip,.warc,.gz,.wacz\"");
    if (view_complains(v, "file"))
        view_field_state(v, "file");
    else
        html_add(&v->h, " aria-describedby=\"h-file\"");
    html_add(&v->h,
             "></div>\n<button type=\"submit\" class=\"main\""
             " formenctype=\"multipart/form-data\">%s</button>\n</form>\n",
             say(v, "hand-in.send"));
}

static size_t taken_of(const view_hand *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->files.n; i++)
        n += strcmp(((const Uppsikt__HandInRow *)h->files.rows[i])->state, "taken") == 0;
    return n;
}

void view_hand_in(view *v, const view_hand *h)
{
    char path[160];
    v->list = "/konton";
    view_begin(v, h->name->name);
    html_add(&v->h, "<div class=\"narrow\"><p class=\"lead\">%s</p>\n", say(v, "hand-in.lead"));
    why(v, h->run);
    const bool waits = strcmp(h->run->state, "manual") == 0;
    if (waits) {
        steps(v, h);
        html_add(&v->h, "<h2>%s</h2>\n", say(v, "hand-in.send-title"));
        send_form(v, h);
    } else {
        html_add(&v->h, "<p>%s</p>\n", say(v, "hand-in.over"));
    }
    html_add(&v->h, "</div>\n<h2>%s</h2>\n", say(v, "hand-in.files"));
    if (h->files.n == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "hand-in.no-files"));
    html_add(&v->h, "<ul class=\"cards\">\n");
    for (size_t i = 0; i < h->files.n; i++)
        one_file(v, (const Uppsikt__HandInRow *)h->files.rows[i],
                 (const Uppsikt__HandInRowContent *)h->files.contents[i]);
    html_add(&v->h, "</ul>\n");
    if (waits && taken_of(h) > 0) {
        snprintf(path, sizeof path, "/arkiv/%.100s/klar", h->run->run);
        html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "hand-in.done-hint"));
        view_form(v, path);
        view_button(v, "hand-in.done", NULL, "main");
        html_add(&v->h, "</form>\n");
    }
    view_end(v);
}
