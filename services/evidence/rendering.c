/* rendering.c - our own picture of a comment in its context, as a page. */
#include "rendering.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_evidence_words_sv[];

const char *rendering_phrase(const char *key, char ret_text[RENDERING_PHRASE])
{
    const size_t n = strlen(key);
    for (const char *line = upp_evidence_words_sv; *line;) {
        const size_t len = strcspn(line, "\n");
        if (len > n && line[n] == '=' && strncmp(line, key, n) == 0) {
            snprintf(ret_text, RENDERING_PHRASE, "%.*s", (int)(len - n - 1), line + n + 1);
            return ret_text;
        }
        line += len + (line[len] == '\n');
    }
    snprintf(ret_text, RENDERING_PHRASE, "%s", key);
    return ret_text;
}

static const char *word(const char *key, int i, char ret_text[RENDERING_PHRASE])
{
    char *at = upp_lend(rendering_phrase(key, ret_text));
    for (; i > 0 && strchr(at, ' '); i--)
        at = strchr(at, ' ') + 1;
    at[strcspn(at, " ")] = '\0';
    return at;
}

void rendering_time(const zone *tz, upp_ms at, char ret_text[RENDERING_TIME])
{
    char weekday[RENDERING_PHRASE], month[RENDERING_PHRASE];
    const civil_ms reading = tz ? zone_local(tz, at) : at;
    const civil_day day = civil_day_at(reading);
    const civil_date date = civil_date_of(day);
    const int64_t second = (reading - (int64_t)day * UPP_DAY) / UPP_SECOND;
    snprintf(ret_text, RENDERING_TIME, "%.12s %d %.12s %d kl. %02d.%02d.%02d%s",
             word("page.weekdays", civil_weekday(day), weekday), (int)date.day,
             word("page.months", date.month - 1, month), (int)date.year, (int)(second / 3600),
             (int)(second / 60 % 60), (int)(second % 60), tz ? "" : " UTC");
}

/* -- HTML -- */
static void escape(FILE *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char c = text[i];
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\'')
            fputs("&#39;", out);
        else if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
            fputc(c, out);
        else
            fputs("&#xfffd;", out);
    }
}

static void say(FILE *out, const char *key)
{
    char text[RENDERING_PHRASE];
    rendering_phrase(key, text);
    escape(out, text, strlen(text));
}

static void label(FILE *out, const char *key, const char *value)
{
    if (!value[0])
        return;
    fputs("<dt>", out);
    say(out, key);
    fputs("</dt><dd>", out);
    escape(out, value, strlen(value));
    fputs("</dd>\n", out);
}

static void time_label(FILE *out, const dossier *d, const char *key, upp_ms at)
{
    char text[RENDERING_TIME];
    if (at <= 0)
        return;
    rendering_time(d->tz, at, text);
    label(out, key, text);
}

/* How many bytes a character takes on the page (escape above). */
static size_t cost(char c)
{
    if (c == '&' || c == '\'')
        return 5;
    if (c == '<' || c == '>')
        return 4;
    if (c == '"')
        return 6;
    return (unsigned char)c >= 0x20 || c == '\n' || c == '\t' ? 1 : 8;
}

/* As much of it as takes at most `limit` bytes on the page, never a part of a character. */
static size_t cut(const char *text, size_t limit)
{
    size_t n = 0;
    for (size_t used = 0; text[n]; n++) {
        used += cost(text[n]);
        if (used > limit)
            break;
    }
    while (text[n] && n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* What is cut is said. */
static void text_of(FILE *out, const char *text, size_t limit)
{
    const size_t n = cut(text, limit);
    fputs("<p class=\"text\" dir=\"auto\">", out);
    escape(out, text, n);
    fputs("</p>\n", out);
    if (text[n]) {
        fputs("<p class=\"cut\">", out);
        say(out, "page.cut");
        fputs("</p>\n", out);
    }
}

static void author(FILE *out, const Uppsikt__CommentReceivedContent *said)
{
    const Uppsikt__ItemAuthor *a = said->author;
    fputs("<p class=\"author\" dir=\"auto\">", out);
    if (a && a->name[0])
        escape(out, a->name, cut(a->name, 300));
    else
        say(out, "page.nameless");
    if (a && a->handle[0]) {
        fputs(" <span>@", out);
        escape(out, a->handle, cut(a->handle, 300));
        fputs("</span>", out);
    }
    fputs("</p>\n", out);
}

static void context(FILE *out, const dossier *d, const dossier_words *w)
{
    char key[48], time[RENDERING_TIME];
    snprintf(key, sizeof key, "page.role.%s", w->role);
    fputs("<section class=\"context\"><h2>", out);
    say(out, key);
    fputs("</h2>\n", out);
    if (!w->said) {
        fputs("<p class=\"cut\">", out);
        say(out, "page.not-kept");
        fputs("</p></section>\n", out);
        return;
    }
    author(out, w->said);
    if (w->at > 0) {
        rendering_time(d->tz, w->at, time);
        fputs("<p class=\"time\">", out);
        escape(out, time, strlen(time));
        fputs("</p>\n", out);
    }
    text_of(out, w->said->text, RENDERING_CONTEXT);
    fputs("</section>\n", out);
}

const Uppsikt__GatheredFile *rendering_picture(const dossier *d, size_t i)
{
    static const char *const kinds[] = { "image/png", "image/jpeg", "image/gif", "image/webp",
                                         "image/avif" };
    char path[32];
    snprintf(path, sizeof path, "media/%zu", i + 1);
    for (size_t k = 0; k < d->n_gathered; k++)
        for (size_t j = 0; j < UPP_LEN(kinds); j++)
            if (strcmp(d->gathered[k]->path, path) == 0 &&
                strcmp(d->gathered[k]->mime, kinds[j]) == 0)
                return d->gathered[k];
    return NULL;
}

static void picture(FILE *out, const dossier *d, size_t number)
{
    char text[120];
    const int n = snprintf(text, sizeof text, "<br><img src=\"%s%zu\" alt=\"%zu\">",
                           d->pictures ? d->pictures : "media/", number, number);
    upp_check(n > 0 && (size_t)n < sizeof text);
    fputs(text, out);
}

static void attachments(FILE *out, const dossier *d)
{
    const size_t n = d->said->n_attachments;
    if (n == 0)
        return;
    fputs("<h2>", out);
    say(out, "page.attachments");
    fputs("</h2>\n<ol>\n", out);
    for (size_t i = 0; i < n && i < 20; i++) {
        const Uppsikt__ItemAttachment *a = d->said->attachments[i];
        fputs("<li>", out);
        escape(out, a->type, cut(a->type, 60));
        fputs(" ", out);
        escape(out, a->name, cut(a->name, 120));
        for (size_t k = 0; k < d->n_media; k++) {
            char key[48];
            if (d->media[k].number != i + 1)
                continue;
            snprintf(key, sizeof key, "page.media.%s", d->media[k].state);
            fputs(": ", out);
            say(out, key);
        }
        if (rendering_picture(d, i))
            picture(out, d, i + 1);
        fputs("</li>\n", out);
    }
    fputs("</ol>\n", out);
}

static const char head[] =
    "<!doctype html>\n<html lang=\"sv\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; img-src 'self' file: https://media.invalid\">\n<title>";
static const char style[] =
    "</title>\n<style>\n"
    "body{margin:24px;max-width:900px;font:16px/1.5 'Liberation Sans','Noto Sans',"
    "'Noto Color Emoji',sans-serif;color:#111;background:#fff}\n"
    "h1{font-size:22px;margin:0 0 8px}h2{font-size:16px;margin:16px 0 4px}\n"
    "section{border:1px solid #777;border-radius:6px;padding:12px 16px;margin:12px 0}\n"
    "section.context{border-style:dashed}p{margin:4px 0}\n"
    ".author{font-weight:bold}.author span,.time,.cut{font-weight:normal;color:#555}\n"
    ".text{white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "img{max-width:100%;max-height:900px}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;font-size:14px}\n"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}\n"
    "</style></head><body>\n<h1>";

char *rendering_make(const dossier *d, size_t *ret_len)
{
    char *text = NULL;
    char version[16], time[RENDERING_TIME];
    FILE *out = open_memstream(&text, ret_len);
    upp_check(out);
    fputs(head, out);
    say(out, "page.title");
    fputs(style, out);
    say(out, "page.title");
    fputs("</h1>\n", out);
    for (size_t i = 0; i < d->n_context; i++)
        if (strcmp(d->context[i].role, "answer") != 0)
            context(out, d, &d->context[i]);
    fputs("<section id=\"comment\"><h2>", out);
    say(out, "page.comment");
    fputs("</h2>\n", out);
    author(out, d->said);
    rendering_time(d->tz, d->received, time);
    fputs("<p class=\"time\">", out);
    escape(out, time, strlen(time));
    fputs("</p>\n", out);
    text_of(out, d->said->text, RENDERING_TEXT);
    attachments(out, d);
    fputs("</section>\n", out);
    for (size_t i = 0; i < d->n_context; i++)
        if (strcmp(d->context[i].role, "answer") == 0)
            context(out, d, &d->context[i]);
    fputs("<dl>\n", out);
    label(out, "page.account", d->account_name);
    label(out, "page.platform", d->platform);
    snprintf(version, sizeof version, "%u", (unsigned)d->version);
    label(out, "page.version", version);
    time_label(out, d, "page.seen", d->seen);
    time_label(out, d, "page.captured", d->captured);
    label(out, "page.record", d->record);
    fputs("</dl>\n<p class=\"cut\">", out);
    say(out, "page.note");
    fputs("</p>\n</body></html>\n", out);
    upp_check(fclose(out) == 0);
    return text;
}
