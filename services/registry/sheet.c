/* sheet.c - a text that grows, and the catalogue's phrases. */
#include "sheet.h"
#include "page.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_registry_sv[];

void sheet_bytes(sheet *s, const char *at, size_t n)
{
    if (s->len + n + 1 > s->size) {
        s->size = (s->len + n + 1) * 2;
        s->at = realloc(s->at, s->size);
        upp_check(s->at);
    }
    memcpy(s->at + s->len, at, n);
    s->len += n;
    s->at[s->len] = '\0';
}

void sheet_add(sheet *s, const char *text)
{
    sheet_bytes(s, text, strlen(text));
}

void sheet_escape(sheet *s, const char *text)
{
    for (const char *at = text; *at; at++)
        switch (*at) {
        case '&':
            sheet_add(s, "&amp;");
            break;
        case '<':
            sheet_add(s, "&lt;");
            break;
        case '>':
            sheet_add(s, "&gt;");
            break;
        case '"':
            sheet_add(s, "&quot;");
            break;
        case '\'':
            sheet_add(s, "&#39;");
            break;
        default:
            sheet_bytes(s, at, 1);
        }
}

const char *page_phrase(const char *key, char ret_text[PAGE_PHRASE])
{
    const size_t n = strlen(key);
    snprintf(ret_text, PAGE_PHRASE, "%s", key);
    for (const char *line = upp_registry_sv; line && *line;) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, key, n) == 0 && strncmp(line + n, ": ", 2) == 0) {
            const char *text = line + n + 2;
            snprintf(ret_text, PAGE_PHRASE, "%.*s",
                     (int)(end ? (size_t)(end - text) : strlen(text)), text);
            break;
        }
        line = end ? end + 1 : NULL;
    }
    return ret_text;
}

void sheet_phrase(sheet *s, const char *key)
{
    char text[PAGE_PHRASE];
    sheet_escape(s, page_phrase(key, text));
}
