/* view_copy.c - a saved copy: when it was saved, of what, and its files (R22). */
#include "view.h"
#include <stdio.h>
#include <string.h>

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

const char *view_copy_name(const char *object, const char *record)
{
    const char *at = strstr(object, record);
    at = at ? at + strlen(record) : NULL;
    return at && *at == '/' ? at + 1 : NULL;
}

static const char *picture(const uint8_t *at, size_t n)
{
    static const struct {
        const char *mark;
        size_t n;
        const char *type;
    } kinds[] = {
        { "\x89PNG\r\n\x1a\n", 8, "image/png" },
        { "\xff\xd8\xff", 3, "image/jpeg" },
        { "GIF8", 4, "image/gif" },
    };
    for (size_t i = 0; i < UPP_LEN(kinds); i++)
        if (n >= kinds[i].n && memcmp(at, kinds[i].mark, kinds[i].n) == 0)
            return kinds[i].type;
    if (n >= 12 && memcmp(at, "RIFF", 4) == 0 && memcmp(at + 8, "WEBP", 4) == 0)
        return "image/webp";
    return NULL;
}

static bool ends(const char *name, const char *tail)
{
    const size_t n = strlen(name), of = strlen(tail);
    return n >= of && strcmp(name + n - of, tail) == 0;
}

const char *view_copy_type(const char *name, const uint8_t *bytes, size_t n)
{
    const char *shown = picture(bytes, n);
    const bool text =
        strncmp(name, "media/", 6) != 0 && (ends(name, ".json") || ends(name, ".txt"));
    return shown ? shown : text ? "text/plain; charset=utf-8" : NULL;
}

/* What a file is, for who has never seen one: "copy.page.png", "copy.media". */
static void file_words(view *v, const char *name)
{
    char key[80];
    const bool media = strncmp(name, "media/", 6) == 0;
    snprintf(key, sizeof key, "copy.%.60s", media ? "media" : name);
    if (phrase_of(v->h.phrases, key))
        html_fill(&v->h, key, media ? name + 6 : NULL, NULL);
    else
        html_add(&v->h, "%s", name);
}

/* Blurred and without colour until she asks for it (features.md con.9): what is removed is often
 * nothing to be met unasked. Without a script: the box changes it (console.css). */
static void veiled(view *v, const char *record, unsigned number)
{
    html_add(&v->h,
             "<div class=\"veil\"><input type=\"checkbox\" id=\"f-unveil\">"
             "<label for=\"f-unveil\">%s</label>\n<p><img class=\"copy\" src=\"/kopia/%s/%u\""
             " alt=\"%s\"></p></div>\n",
             say(v, "copy.unveil"), record, number, say(v, "copy.alt"));
}

static void files(view *v, const Uppsikt__RecordRow *row, const Uppsikt__RecordRowContent *content)
{
    for (size_t i = 0; i < content->n_objects; i++) {
        const char *name = view_copy_name(content->objects[i], row->record);
        if (name && strcmp(name, "page.png") == 0)
            veiled(v, row->record, (unsigned)i);
    }
    html_add(&v->h, "<ul>\n");
    for (size_t i = 0; i < content->n_objects; i++) {
        const char *name = view_copy_name(content->objects[i], row->record);
        if (!name)
            continue;
        html_add(&v->h, "<li><a href=\"/kopia/%s/%u\">", row->record, (unsigned)i);
        file_words(v, name);
        html_add(&v->h, "</a></li>\n");
    }
    html_add(&v->h, "</ul>\n");
}

void view_copy(view *v, const Uppsikt__RecordRow *row, const Uppsikt__RecordRowContent *content,
               const char *matter)
{
    char version[16];
    snprintf(version, sizeof version, "%u", row->version);
    view_begin(v, say(v, "copy.title"));
    html_add(&v->h, "<p>");
    html_fill(&v->h,
              row->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_WHOLE ? "seal.whole" : "seal.raw",
              version, NULL);
    html_add(&v->h, ", ");
    view_time(v, row->at_ms);
    html_add(&v->h, "</p>\n");
    if (row->held)
        html_add(&v->h, "<p class=\"note\">%s</p>\n", say(v, "sheet.held"));
    if (content && content->n_objects > 0) {
        html_add(&v->h, "<p class=\"hint\">%s</p>\n", say(v, "copy.noted"));
        files(v, row, content);
    } else {
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "copy.none"));
    }
    if (matter[0])
        html_add(&v->h, "<p><a class=\"go\" href=\"/sak/%s\">%s</a></p>\n", matter,
                 say(v, "copy.back"));
    view_end(v);
}
