/* print.c - rows for people (tables) and for programs (JSON). */
#include "ask.h"
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { COLUMNS = 16, CELL = 160 };

void json_freep(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

void print_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fputc('\n', stdout);
    fflush(stdout);
}

/* C0, DEL, C1, line separators and the marks of the bidirectional algorithm. */
static bool steers(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) || c == 0x061c ||
           c == 0x200e || c == 0x200f || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* What may be shown of `text`, cut at a whole character. */
static void make_safe(const char *text, char *ret_text, size_t size)
{
    size_t used = 0;
    for (size_t left = strlen(text); left > 0;) {
        ucs4_t c = 0;
        int n = u8_mbtoucr(&c, (const uint8_t *)text, left);
        const bool bad = n < 0 || steers(c);
        if (n < 0)
            n = 1;
        if (used + (bad ? 1 : (size_t)n) >= size)
            break;
        if (bad)
            ret_text[used++] = c == '\n' && n == 1 ? ' ' : '?';
        else
            for (int i = 0; i < n; i++)
                ret_text[used++] = text[i];
        text += n;
        left -= (size_t)n;
    }
    ret_text[used] = '\0';
}

void print_safe(const char *text, FILE *out)
{
    while (*text) {
        char line[1024];
        const size_t n = strcspn(text, "\n");
        char *own = strndup(text, n);
        upp_check(own != NULL);
        make_safe(own, line, sizeof line);
        free(own);
        fputs(line, out);
        text += n;
        if (*text) {
            fputc('\n', out);
            text++;
        }
    }
}

const json_t *print_path(const json_t *row, const char *path, size_t len)
{
    while (row && len > 0) {
        const char *dot = memchr(path, '.', len);
        const size_t n = dot ? (size_t)(dot - path) : len;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        row = json_object_get(row, name);
        path += n + (dot ? 1 : 0);
        len -= n + (dot ? 1 : 0);
    }
    return row;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* STATE_OPEN: open. Only for what is all capitals, as an enum's value is. */
static bool enum_word(const char *text, char *ret_text, size_t size)
{
    const char *cut = strchr(text, '_');
    if (!cut || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(text))
        return false;
    static const char *const two[] = { "MATTER_KIND_", "ITEM_KIND_",   "ITEM_ACTION_",
                                       "MET_HOW_",     "LEAVER_STEP_", "LEAVER_TICK_" };
    const char *rest = cut + 1;
    for (size_t i = 0; i < UPP_LEN(two); i++)
        if (strncmp(text, two[i], strlen(two[i])) == 0)
            rest = text + strlen(two[i]);
    size_t n = 0;
    for (; rest[n] && n + 1 < size; n++)
        ret_text[n] = (char)(rest[n] >= 'A' && rest[n] <= 'Z' ? rest[n] - 'A' + 'a' : rest[n]);
    ret_text[n] = '\0';
    if (strcmp(ret_text, "unspecified") == 0)
        ret_text[0] = '\0';
    return true;
}

static void join(const verb_home *home, const char *name, const json_t *list, char *ret_text,
                 size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list) && used < size; i++) {
        char one[CELL];
        print_value(home, name, json_array_get(list, i), one, sizeof one);
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s", i ? "," : "", one);
    }
}

void print_value(const verb_home *home, const char *name, const json_t *value, char *ret_text,
                 size_t size)
{
    ret_text[0] = '\0';
    if (json_is_string(value)) {
        if (!enum_word(json_string_value(value), ret_text, size))
            make_safe(json_string_value(value), ret_text, size);
    } else if (json_is_integer(value) && ends_with(name, "_ms")) {
        char when[WHEN_TEXT];
        when_text(home->tz, json_integer_value(value), when);
        snprintf(ret_text, size, "%s", when);
    } else if (json_is_integer(value)) {
        snprintf(ret_text, size, "%lld", (long long)json_integer_value(value));
    } else if (json_is_boolean(value)) {
        snprintf(ret_text, size, "%s", json_is_true(value) ? "yes" : "-");
    } else if (json_is_array(value)) {
        join(home, name, value, ret_text, size);
    } else if (json_is_object(value)) { /* a classifier's finding */
        print_value(home, "label", json_object_get(value, "label"), ret_text, size);
    }
}

typedef struct column {
    char title[32], path[64];
    size_t width;
} column;

static size_t read_columns(const char *text, column columns[COLUMNS])
{
    size_t n = 0;
    while (*text && n < COLUMNS) {
        const size_t title = strcspn(text, "=");
        const size_t path = strcspn(text + title + 1, " ");
        snprintf(columns[n].title, sizeof columns[n].title, "%.*s", (int)title, text);
        snprintf(columns[n].path, sizeof columns[n].path, "%.*s", (int)path, text + title + 1);
        columns[n].width = title;
        text += title + 1 + path;
        text += *text == ' ';
        n++;
    }
    return n;
}

static size_t width_of(const char *text)
{
    return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

static void put_cell(const char *text, size_t width, bool last)
{
    fputs(text, stdout);
    for (size_t i = width_of(text); !last && i < width + 2; i++)
        fputc(' ', stdout);
    if (last)
        fputc('\n', stdout);
}

void print_table(const verb_home *home, const json_t *rows, const char *columns)
{
    column list[COLUMNS];
    const size_t n = read_columns(columns, list);
    char cell[CELL];
    for (size_t r = 0; r < json_array_size(rows); r++)
        for (size_t i = 0; i < n; i++) {
            print_value(home, list[i].path,
                        print_path(json_array_get(rows, r), list[i].path, strlen(list[i].path)),
                        cell, sizeof cell);
            if (width_of(cell) > list[i].width)
                list[i].width = width_of(cell);
        }
    for (size_t i = 0; i < n; i++)
        put_cell(list[i].title, list[i].width, i + 1 == n);
    for (size_t r = 0; r < json_array_size(rows); r++)
        for (size_t i = 0; i < n; i++) {
            print_value(home, list[i].path,
                        print_path(json_array_get(rows, r), list[i].path, strlen(list[i].path)),
                        cell, sizeof cell);
            put_cell(cell, list[i].width, i + 1 == n);
        }
}
