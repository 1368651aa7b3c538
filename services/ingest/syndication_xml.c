/* syndication_xml.c - a document's elements as they come by (SAX2 of libxml2): no tree is built but
 * the JSON, so what it takes is bounded by what may come. */
#include "syndication_xml.h"
#include "syndication_scan.h"
#include <libxml/parser.h>
#include <libxml/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char atom_space[] = "http://www.w3.org/2005/Atom";

typedef struct words {
    char *at;
    size_t len, size;
} words;

typedef struct reader {
    xmlParserCtxtPtr parser;
    const char *why; /* what was wrong first; NULL: nothing */
    bool atom, in_channel;
    size_t depth, nodes, inner; /* `inner`: elements in the field that is open */
    char *base;                 /* of what stands around the entries */
    json_t *entries, *entry, *field, *part;
    words text, markup;
} reader;

static void words_add(words *w, const char *s, size_t n)
{
    if (w->len + n + 1 > w->size) {
        w->size = (w->len + n + 1) * 2;
        w->at = realloc(w->at, w->size);
        upp_check(w->at);
    }
    memcpy(w->at + w->len, s, n);
    w->len += n;
    w->at[w->len] = '\0';
}

static void words_say(words *w, const char *s)
{
    words_add(w, s, strlen(s));
}

/* As it may stand in HTML, in an attribute's value, too. */
static void words_escape(words *w, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == '&')
            words_say(w, "&amp;");
        else if (s[i] == '<')
            words_say(w, "&lt;");
        else if (s[i] == '"')
            words_say(w, "&quot;");
        else
            words_add(w, s + i, 1);
}

static void words_empty(words *w)
{
    w->len = 0;
    words_say(w, "");
}

/* Frees what the parser was reading: who stopped it looks at no attribute any more. */
static void stop(reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    xmlStopParser(r->parser);
}

/* -- names -- */
/* An element's or attribute's name as syndication_xml.h says; from malloc. */
static char *name_of(const reader *r, const char *space, const char *prefix, const char *local)
{
    static const struct {
        const char *space, *prefix;
    } known[] = { { atom_space, "atom:" },
                  { "http://purl.org/dc/elements/1.1/", "dc:" },
                  { "http://purl.org/rss/1.0/modules/content/", "content:" },
                  { "http://purl.org/syndication/thread/1.0", "thr:" },
                  { "http://www.w3.org/XML/1998/namespace", "xml:" } };
    words name = { 0 };
    const char *said = NULL;
    if (r->atom ? space && strcmp(space, atom_space) == 0 : !space && !prefix)
        said = "";
    for (size_t i = 0; !said && space && i < UPP_LEN(known); i++)
        if (strcmp(known[i].space, space) == 0)
            said = known[i].prefix;
    words_say(&name, said ? said : "?");
    if (!said && prefix) {
        words_say(&name, prefix);
        words_say(&name, ":");
    }
    words_say(&name, local);
    return name.at;
}

typedef struct element {
    const char *space, *prefix, *local;
    const xmlChar **attributes; /* name, prefix, space, value, its end: five for each */
    int n;
} element;

static void set_text(json_t *object, const char *name, const char *text, size_t n)
{
    json_t *value = json_stringn(text, n);
    upp_check(value); /* libxml2 gives UTF-8 alone */
    json_object_set_new(object, name, value);
}

static bool is_named(const reader *r, const element *e, const char *wanted)
{
    char *name = name_of(r, e->space, e->prefix, e->local);
    const bool same = strcmp(name, wanted) == 0;
    free(name);
    return same;
}

/* -- where links begin (XML Base, RFC 3986 §5.1) -- */
/* The base inside the element; from malloc. */
static char *base_inside(const element *e, const char *around)
{
    for (int i = 0; i < e->n; i++) {
        const xmlChar **a = e->attributes + 5 * i;
        const size_t n = (size_t)(a[4] - a[3]);
        if (!a[1] || strcmp((const char *)a[1], "xml") != 0 ||
            strcmp((const char *)a[0], "base") != 0 || n > SYNDICATION_BASE)
            continue;
        char *said = strndup((const char *)a[3], n);
        upp_check(said);
        xmlChar *whole = xmlBuildURI((const xmlChar *)said, (const xmlChar *)around);
        free(said);
        if (whole && strlen((const char *)whole) <= SYNDICATION_BASE)
            return (char *)whole;
        xmlFree(whole);
    }
    char *same = strdup(around);
    upp_check(same);
    return same;
}

/* -- elements -- */
static size_t entry_depth(const reader *r)
{
    return r->atom ? 2 : 3; /* feed/entry, rss/channel/item */
}

static void open_root(reader *r, const element *e)
{
    r->atom = e->space && strcmp(e->space, atom_space) == 0 && strcmp(e->local, "feed") == 0;
    if (!r->atom && (e->space || strcmp(e->local, "rss") != 0))
        stop(r, "is neither RSS 2.0 nor Atom");
}

/* What stands around the entries; of it the base alone is kept. */
static void open_around(reader *r, const element *e)
{
    if (r->depth == 2)
        r->in_channel = is_named(r, e, "channel");
    if (r->depth > 1 && !r->in_channel)
        return;
    char *inside = base_inside(e, r->base);
    free(r->base);
    r->base = inside;
}

static void open_entry(reader *r, const element *e)
{
    if (json_array_size(r->entries) == SYNDICATION_ENTRIES) {
        stop(r, "has too many entries");
        return;
    }
    char *base = base_inside(e, r->base);
    r->entry =
        json_pack("{s:s, s:s*, s:[]}", "format", r->atom ? "atom" : "rss", "base", base, "fields");
    free(base);
    upp_check(r->entry);
    json_array_append_new(r->entries, r->entry);
}

/* A field, or a part of one, among `list`; lent. */
static json_t *open_field(reader *r, const element *e, json_t *list)
{
    json_t *field = json_object();
    char *name = name_of(r, e->space, e->prefix, e->local);
    set_text(field, "name", name, strlen(name));
    free(name);
    if (e->n > 0)
        json_object_set_new(field, "attributes", json_object());
    for (int i = 0; i < e->n; i++) {
        const xmlChar **a = e->attributes + 5 * i;
        char *key = a[2] ? name_of(r, (const char *)a[2], (const char *)a[1], (const char *)a[0])
                         : strdup((const char *)a[0]);
        upp_check(key);
        set_text(json_object_get(field, "attributes"), key, (const char *)a[3],
                 (size_t)(a[4] - a[3]));
        free(key);
    }
    json_array_append_new(list, field);
    words_empty(&r->text);
    words_empty(&r->markup);
    r->inner = 0;
    return field;
}

static bool is_person(const json_t *field)
{
    static const char *const names[] = { "author", "contributor", "atom:author",
                                         "atom:contributor" };
    const char *name = json_string_value(json_object_get(field, "name"));
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Elements of HTML that have no end; the others get one. */
static bool is_void(const char *local)
{
    static const char *const names[] = { "br", "hr", "img", "input", "wbr" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (strcmp(names[i], local) == 0)
            return true;
    return false;
}

static void open_inner(reader *r, const element *e)
{
    r->inner++;
    words_say(&r->markup, "<");
    words_say(&r->markup, e->local);
    for (int i = 0; i < e->n; i++) {
        const xmlChar **a = e->attributes + 5 * i;
        words_say(&r->markup, " ");
        words_say(&r->markup, (const char *)a[0]);
        words_say(&r->markup, "=\"");
        words_escape(&r->markup, (const char *)a[3], (size_t)(a[4] - a[3]));
        words_say(&r->markup, "\"");
    }
    words_say(&r->markup, ">");
}

static void open_element(reader *r, const element *e)
{
    const size_t at = entry_depth(r);
    if (r->depth == 1)
        open_root(r, e);
    if (r->why)
        return;
    if (r->depth == 1 || (!r->atom && r->depth == 2))
        open_around(r, e);
    else if (r->depth == at && (r->atom || r->in_channel) &&
             is_named(r, e, r->atom ? "entry" : "item"))
        open_entry(r, e);
    else if (r->entry && r->depth == at + 1)
        r->field = open_field(r, e, json_object_get(r->entry, "fields"));
    else if (r->field && r->depth == at + 2 && is_person(r->field)) {
        if (!json_object_get(r->field, "fields"))
            json_object_set_new(r->field, "fields", json_array());
        r->part = open_field(r, e, json_object_get(r->field, "fields"));
    } else if (r->field) {
        open_inner(r, e);
    }
}

static void on_open(void *self, const xmlChar *local, const xmlChar *prefix, const xmlChar *space,
                    int n_spaces, const xmlChar **spaces, int n, int n_preset,
                    const xmlChar **attributes)
{
    reader *r = self;
    (void)spaces;
    (void)n_preset;
    const element e = { (const char *)space, (const char *)prefix, (const char *)local, attributes,
                        n };
    if (r->why)
        return;
    r->depth++;
    r->nodes += 1 + (size_t)n + (size_t)n_spaces;
    if (r->depth > SYNDICATION_DEPTH)
        stop(r, "has too many elements in one another");
    else if (r->nodes > SYNDICATION_NODES)
        stop(r, "has too many elements");
    else
        open_element(r, &e);
}

/* What stood in a field or a part of one. */
static void close_field(const reader *r, json_t *field)
{
    if (json_object_get(field, "fields"))
        return;
    if (r->inner > 0)
        set_text(field, "markup", r->markup.at, r->markup.len);
    else
        set_text(field, "text", r->text.at, r->text.len);
}

static void on_close(void *self, const xmlChar *local, const xmlChar *prefix, const xmlChar *space)
{
    reader *r = self;
    (void)prefix;
    (void)space;
    const size_t at = entry_depth(r);
    if (r->why)
        return;
    if (r->depth == at) {
        r->entry = NULL;
    } else if (r->field && r->depth == at + 1) {
        close_field(r, r->field);
        r->field = NULL;
    } else if (r->part && r->depth == at + 2) {
        close_field(r, r->part);
        r->part = NULL;
    } else if (r->field && !is_void((const char *)local)) {
        words_say(&r->markup, "</");
        words_say(&r->markup, (const char *)local);
        words_say(&r->markup, ">");
    }
    r->depth--;
}

static void on_text(void *self, const xmlChar *text, int n)
{
    reader *r = self;
    if (!r->field || r->why)
        return;
    words_add(&r->text, (const char *)text, (size_t)n);
    words_escape(&r->markup, (const char *)text, (size_t)n);
}

/* False: r->why says what is wrong. */
static bool parse(reader *r, upp_bytes xml)
{
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_open,
                          .endElementNs = on_close,
                          .characters = on_text,
                          .cdataBlock = on_text };
    r->parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    upp_check(r->parser);
    /* NOENT: & is & in an attribute, too; there is no document type that could name others */
    xmlCtxtUseOptions(r->parser,
                      XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    /* a prefix that stands for nothing is an error that it gives back, and none of XML's own */
    (void)xmlParseChunk(r->parser, (const char *)xml.at, (int)xml.len, 1);
    if (!r->why && !r->parser->wellFormed)
        r->why = "is no XML, or ends too early";
    xmlFreeParserCtxt(r->parser);
    return r->why == NULL;
}

json_t *syndication_xml_read(upp_bytes body, const char *url, char ret_why[ITEM_WHY])
{
    upp_bytes xml = { 0 };
    if (syndication_scan(body, &xml, ret_why) < 0)
        return NULL;
    reader r = { .base = strdup(url), .entries = json_array() };
    upp_check(r.base && r.entries);
    const bool good = parse(&r, xml);
    free(r.base);
    free(r.text.at);
    free(r.markup.at);
    if (good)
        return json_pack("{s:o}", "entries", r.entries);
    snprintf(ret_why, ITEM_WHY, "feed: %s", r.why);
    json_decref(r.entries);
    return NULL;
}
