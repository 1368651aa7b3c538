/* connector.c - the table of platforms, and what their files share. */
#include "connector.h"
#include "bluesky.h"
#include "facebook.h"
#include "instagram.h"
#include "linkedin.h"
#include "mastodon.h"
#include "push.h"
#include "rss.h"
#include "x_api.h"
#include "youtube.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const connector *const connectors[] = {
    &mastodon_connector, &facebook_connector, &instagram_connector,
    &youtube_connector,  &x_connector,        &bluesky_connector,
    &linkedin_connector, &rss_connector,      &push_connector,
};

const connector *connector_named(const char *name)
{
    for (size_t i = 0; i < UPP_LEN(connectors); i++)
        if (strcmp(connectors[i]->name, name) == 0)
            return connectors[i];
    return NULL;
}

bool connector_can(const connector *c, enum gate_what what)
{
    static const unsigned bits[GATE_WHATS] = { [GATE_HIDE] = CAN_HIDE,
                                               [GATE_DELETE] = CAN_DELETE,
                                               [GATE_UNHIDE] = CAN_UNHIDE,
                                               [GATE_REPLY] = CAN_REPLY };
    upp_check(what < GATE_WHATS);
    return (c->can & bits[what]) != 0;
}

static const char *const look_names[LOOKS] = {
    [LOOK_WHO] = "who",   [LOOK_NEWS] = "news",       [LOOK_BACK] = "look-back",
    [LOOK_OWN] = "own",   [LOOK_HELD] = "held",       [LOOK_THREAD] = "thread",
    [LOOK_ITEM] = "item", [LOOK_REPLIES] = "replies",
};

const char *look_name(enum look look)
{
    upp_check(look < LOOKS);
    return look_names[look];
}

int look_named(const char *name)
{
    for (int i = 0; i < LOOKS; i++)
        if (strcmp(look_names[i], name) == 0)
            return i;
    return -1;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICTS] = {
        [VERDICT_OK] = "ok",
        [VERDICT_SAME] = "ok",
        [VERDICT_AUTH] = "auth",
        [VERDICT_THROTTLE] = "throttle",
        [VERDICT_TRANSIENT] = "transient",
        [VERDICT_PERMANENT] = "permanent",
        [VERDICT_FIELD] = "permanent",
        [VERDICT_GONE] = "permanent",
        [VERDICT_EXISTS] = "permanent",
        [VERDICT_CURSOR] = "permanent",
        [VERDICT_VERSION] = "version",
    };
    upp_check(verdict < VERDICTS);
    return names[verdict];
}

const char *answer_header(const platform_answer *a, const char *name)
{
    for (size_t i = 0; i < a->n_headers; i++)
        if (strcmp(a->headers[i].name, name) == 0)
            return a->headers[i].value;
    return NULL;
}

void call_request_done(request *r)
{
    free(r->url);
    free(r->body);
    for (size_t i = 0; i < UPP_LEN(r->kept); i++)
        free(r->kept[i]);
    *r = (request){ 0 };
}

/* -- pages -- */
void listing_done(page *p)
{
    for (size_t i = 0; i < p->n; i++)
        item_done(&p->items[i]);
    for (size_t i = 0; i < p->n_kept; i++)
        json_decref(p->kept[i]);
    free(p->items);
    free(p->threads);
    free(p->kept);
    free(p->bads);
    *p = (page){ 0 };
}

reading *listing_add(page *p)
{
    if (p->n == p->size) {
        p->size = p->size ? p->size * 2 : 32;
        p->items = realloc(p->items, p->size * sizeof *p->items);
        upp_check(p->items);
    }
    p->items[p->n] = (reading){ 0 };
    return &p->items[p->n++];
}

page_thread *listing_thread(page *p)
{
    if (p->n_threads == p->size_threads) {
        p->size_threads = p->size_threads ? p->size_threads * 2 : 32;
        p->threads = realloc(p->threads, p->size_threads * sizeof *p->threads);
        upp_check(p->threads);
    }
    p->threads[p->n_threads] = (page_thread){ 0 };
    return &p->threads[p->n_threads++];
}

static int by_time(const void *a, const void *b)
{
    const reading *one = a, *other = b;
    if (one->created_ms != other->created_ms)
        return one->created_ms < other->created_ms ? -1 : 1;
    return strcmp(one->external_id, other->external_id);
}

void listing_sort(page *p, size_t from)
{
    if (p->n > from)
        qsort(p->items + from, p->n - from, sizeof *p->items, by_time);
}

void listing_keep(page *p, json_t *json)
{
    p->kept = realloc(p->kept, (p->n_kept + 1) * sizeof *p->kept);
    upp_check(p->kept);
    p->kept[p->n_kept++] = json;
}

void listing_bad(page *p, const json_t *json, const char *why)
{
    if (p->bad == p->size_bads) {
        p->size_bads = p->size_bads ? p->size_bads * 2 : 8;
        p->bads = realloc(p->bads, p->size_bads * sizeof *p->bads);
        upp_check(p->bads);
    }
    page_bad *one = &p->bads[p->bad++];
    one->json = json;
    snprintf(one->why, sizeof one->why, "%s", why);
}

/* -- texts -- */
char *connector_escape(const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = malloc(3 * strlen(text) + 1), *to = out;
    upp_check(out);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = '\0';
    return out;
}

char *connector_text(const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    upp_check(n >= 0);
    char *out = malloc((size_t)n + 1);
    upp_check(out);
    vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    return out;
}
