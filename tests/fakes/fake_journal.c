/* fake_journal.c - the fake page's memory, and its face. */
#include "fake_journal.h"
#include "facebook_state.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *text_in(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static bool replay(const char *line, fake_journal_again *again, void *ctx)
{
    json_t *json = json_loads(line, 0, NULL);
    const fakebook_request q = { .method = text_in(json, "method"),
                                 .path = text_in(json, "path"),
                                 .query = text_in(json, "query"),
                                 .body = text_in(json, "body"),
                                 .type = text_in(json, "type"),
                                 .bearer = text_in(json, "bearer"),
                                 .host = text_in(json, "host"),
                                 .now_s = json_integer_value(json_object_get(json, "at")) };
    const bool whole = q.method && q.path && q.host;
    if (whole)
        again(ctx, &q);
    json_decref(json);
    return whole;
}

FILE *fake_journal_open(const char *path, fake_journal_again *again, void *ctx)
{
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    const int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    FILE *journal = fd < 0 ? NULL : fdopen(fd, "a+");
    if (!journal)
        return NULL;
    rewind(journal);
    off_t kept = 0;
    ssize_t n = 0;
    while (good && (n = getline(&line, &size, journal)) > 0 && line[n - 1] == '\n') {
        good = replay(line, again, ctx);
        kept += n;
    }
    if (good && n > 0) /* cut off in the middle: it was never answered */
        good = ftruncate(fd, kept) == 0;
    free(line);
    if (good)
        return journal;
    fclose(journal);
    return NULL;
}

void fake_journal_add(FILE *journal, const fakebook_request *q)
{
    json_t *json =
        json_pack("{s:I, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s}", "at", (json_int_t)q->now_s,
                  "method", q->method, "path", q->path, "query", q->query, "body", q->body, "type",
                  q->type, "bearer", q->bearer, "host", q->host);
    upp_check(json && json_dumpf(json, journal, JSON_COMPACT) == 0 && fputc('\n', journal) > 0 &&
              fflush(journal) == 0);
    json_decref(json);
}

/* -- its face -- */
static void put_text(FILE *out, const char *text)
{
    for (const char *at = text ? text : ""; *at; at++) {
        if (strchr("<>&\"", *at))
            fprintf(out, "&#%d;", *at);
        else
            fputc(*at, out);
    }
}

static void put_node(FILE *out, const fakebook *f, const fakebook_node *n)
{
    const bool post = n->post == n;
    fprintf(out, "<article class=\"%s%s\"><strong>", post ? "post" : "comment",
            n->hidden ? " hidden" : "");
    put_text(out, n->name ? n->name : f->name);
    fprintf(out, "</strong>%s<p>", n->hidden ? " <em>dold</em>" : "");
    put_text(out, n->text);
    fprintf(out, "</p></article>\n");
}

char *fake_page_html(const fakebook *f)
{
    char *html = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&html, &len);
    upp_check(out);
    fprintf(out,
            "<!doctype html><html lang=\"sv\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width\"><title>Låtsassida</title><style>body{font:1rem/1.5 "
            "sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}article{border:1px solid "
            "#999;border-radius:.5rem;padding:.5rem 1rem;margin:.5rem 0}.comment{margin-left:2rem}"
            ".hidden{opacity:.7;border-style:dashed}</style><h1>");
    put_text(out, f->name);
    fprintf(out, "</h1><p>En låtsassida på den här datorn (upp-fake-facebook).</p>\n");
    for (size_t i = 0; i < f->n_nodes; i++)
        if (!f->nodes[i]->removed)
            put_node(out, f, f->nodes[i]);
    fclose(out);
    return html;
}
