/* facebook_params.c - what a request to the fake page asks for: path, query, form or JSON. */
#include "facebook_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static char *decode(const char *at, size_t n)
{
    char *text = malloc(n + 1), *to = text;
    upp_check(text);
    for (size_t i = 0; i < n; i++) {
        const bool escaped =
            at[i] == '%' && i + 2 < n && hex_of(at[i + 1]) >= 0 && hex_of(at[i + 2]) >= 0;
        if (escaped) {
            *to++ = (char)(hex_of(at[i + 1]) * 16 + hex_of(at[i + 2]));
            i += 2;
        } else {
            *to++ = at[i] == '+' ? ' ' : at[i];
        }
    }
    *to = '\0';
    return text;
}

static void read_form(json_t *params, const char *form)
{
    while (form && *form) {
        const size_t n = strcspn(form, "&"), key = strcspn(form, "=&");
        char *name = decode(form, key);
        char *value = decode(form + key + (key < n), n - key - (key < n));
        json_object_set_new(params, name, json_string(value));
        free(name);
        free(value);
        form += n + (form[n] == '&');
    }
}

void fakebook_read_params(fakebook_asked *a)
{
    a->params = json_object();
    read_form(a->params, a->q->query);
    if (!a->q->body)
        return;
    json_t *body =
        a->q->type && strstr(a->q->type, "json") ? json_loads(a->q->body, 0, NULL) : NULL;
    if (body)
        json_object_update(a->params, body);
    else
        read_form(a->params, a->q->body);
    json_decref(body);
}

const char *fakebook_param(const fakebook_asked *a, const char *name)
{
    return json_string_value(json_object_get(a->params, name));
}

/* A flag may come as "true", or as JSON's own. */
int fakebook_flag(const fakebook_asked *a, const char *name)
{
    const json_t *value = json_object_get(a->params, name);
    if (!value)
        return -1;
    const char *text = json_string_value(value);
    return json_is_true(value) || (text && strcmp(text, "true") == 0);
}

/* "/v25.0/{id}[/{edge}]" */
void fakebook_read_path(fakebook_asked *a)
{
    const char *at = a->q->path;
    at += *at == '/';
    if (*at == 'v' && at[1] >= '0' && at[1] <= '9' && strchr(at, '/'))
        at = strchr(at, '/') + 1;
    const size_t n = strcspn(at, "/");
    snprintf(a->id, sizeof a->id, "%.*s", (int)n, at);
    snprintf(a->edge, sizeof a->edge, "%s", at[n] ? at + n + 1 : "");
    if (strcmp(a->id, "me") == 0)
        snprintf(a->id, sizeof a->id, "%s", a->f->page);
}
