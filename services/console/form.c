/* form.c - decoding what a browser sends; strict, since only our own pages have forms. */
#include "form.h"
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; false: a half escape, or a zero. */
static bool decode(char *at, size_t n)
{
    char *to = at;
    for (size_t i = 0; i < n; i++) {
        char c = at[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            const int high = i + 2 < n ? nibble(at[i + 1]) : -1;
            const int low = high >= 0 ? nibble(at[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return false;
        *to++ = c;
    }
    *to = '\0';
    return u8_check((const uint8_t *)at, (size_t)(to - at)) == NULL;
}

static bool add_pair(form *f, char *pair, size_t n)
{
    char *equals = memchr(pair, '=', n);
    char *value = equals ? equals + 1 : pair + n;
    const size_t name_len = equals ? (size_t)(equals - pair) : n;
    const size_t value_len = equals ? n - name_len - 1 : 0;
    if (f->n == FORM_FIELDS)
        return false;
    pair[n] = '\0';
    if (!decode(value, value_len))
        return false;
    pair[name_len] = '\0';
    if (!decode(pair, name_len))
        return false;
    f->fields[f->n].name = pair;
    f->fields[f->n++].value = value;
    return true;
}

bool form_read(const char *text, size_t len, form *ret_form)
{
    form f = { .text = malloc(len + 1) };
    upp_check(f.text);
    memcpy(f.text, text, len);
    f.text[len] = '\0';
    bool good = true;
    for (size_t at = 0; good && at < len;) {
        const char *and = memchr(f.text + at, '&', len - at);
        const size_t n = and? (size_t)(and-(f.text + at)) : len - at;
        if (n > 0)
            good = add_pair(&f, f.text + at, n);
        at += n + 1;
    }
    *ret_form = f;
    if (!good)
        form_done(ret_form);
    return good;
}

void form_done(form *f)
{
    free(f->text);
    *f = (form){ .n = 0 };
}

const char *form_value(const form *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->fields[i].name, name) == 0)
            return f->fields[i].value;
    return "";
}

bool form_has(const form *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->fields[i].name, name) == 0)
            return true;
    return false;
}

bool form_cookie(const char *header, const char *name, char *ret_value, size_t size)
{
    const size_t n = strlen(name);
    while (header && *header) {
        header += strspn(header, " ;");
        const size_t len = strcspn(header, ";");
        if (len > n && strncmp(header, name, n) == 0 && header[n] == '=') {
            const size_t value = len - n - 1;
            if (value >= size)
                return false;
            memcpy(ret_value, header + n + 1, value);
            ret_value[value] = '\0';
            return true;
        }
        header += len;
    }
    return false;
}

void form_trim(char *text)
{
    if (!text[0]) /* of a field that is not there: a text of ours, which nobody may write to */
        return;
    const size_t lead = strspn(text, " \t\r\n");
    size_t n = 0;
    for (const char *at = text + lead; *at; at++)
        if (*at != '\r')
            text[n++] = *at;
    while (n > 0 && strchr(" \t\n", text[n - 1]))
        n--;
    text[n] = '\0';
}
