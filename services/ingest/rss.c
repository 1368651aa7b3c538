/* rss.c - a feed of comments: what its entries mean. A feed is a window on the newest, so what has
 * left it is not looked at again, and never said to be gone (platforms.md §14). Nothing can be done
 * by it: hiding, deleting and answering are work by hand. */
#include "rss.h"
#include "civil.h"
#include "rss_date.h"
#include "syndication_xml.h"
#include <libxml/uri.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ID_BYTES = 1024, /* as an imported line's */
    NAME_BYTES = 1024,
    LINK_BYTES = 4096,
    TEXT_BYTES = 60 * 1024, /* more fits into no event */
    VALIDATOR_BYTES = 160   /* of an ETag, of a date; two of them fit into a mark */
};

/* -- the call: only what has changed since (RFC 9110 §13.1) -- */
/* The mark is the two validators of the newest answer, each on a line of its own. */
static char *mark_line(const char *mark, int line)
{
    for (; line > 0 && mark; line--) {
        mark = strchr(mark, '\n');
        mark = mark ? mark + 1 : NULL;
    }
    const size_t n = mark ? strcspn(mark, "\n") : 0;
    char *said = n > 0 ? strndup(mark, n) : NULL;
    upp_check(said || n == 0);
    return said;
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    static const char *const names[] = { "If-None-Match", "If-Modified-Since" };
    *ret_request = (request){ .method = "GET" };
    if (look != LOOK_NEWS)
        return false;
    ret_request->url = connector_text("%s", where->base_url);
    for (int i = 0; i < 2; i++) {
        ret_request->kept[i] = mark_line(where->mark, i);
        ret_request->headers[i] = (request_header){ names[i], ret_request->kept[i] };
    }
    return true;
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const char *after = answer_header(a, "retry-after");
    const long s = after ? strtol(after, NULL, 10) : 0;
    *ret_wait = s > 0 && s < 86400 ? s * UPP_SECOND : 0;
    if (a->status == 200)
        return VERDICT_OK;
    if (a->status == 304)
        return VERDICT_SAME;
    if (a->status == 401 || a->status == 403)
        return VERDICT_AUTH;
    if (a->status == 429)
        return VERDICT_THROTTLE;
    if (a->status == 0 || a->status >= 500)
        return VERDICT_TRANSIENT;
    return VERDICT_PERMANENT; /* a feed that has moved, too: nobody is sent elsewhere unasked */
}

/* A validator as it may stand in a header and in a column; else "". */
static const char *validator(const platform_answer *a, const char *name)
{
    const char *value = answer_header(a, name);
    if (!value || strlen(value) > VALIDATOR_BYTES)
        return "";
    for (const char *c = value; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            return "";
    return value;
}

static json_t *parse(upp_bytes body, const platform_answer *a, const char *base_url,
                     char ret_why[ITEM_WHY])
{
    json_t *feed = syndication_xml_read(body, base_url, ret_why);
    if (!feed)
        return NULL;
    char *mark = connector_text("%s\n%s", validator(a, "etag"), validator(a, "last-modified"));
    json_object_set_new(feed, "mark", json_string(mark[1] ? mark : ""));
    free(mark);
    return feed;
}

/* -- fields -- */
/* The entry's first field of that name; NULL: there is none. */
static const json_t *field_of(const json_t *entry, const char *name)
{
    size_t i;
    const json_t *field;
    json_array_foreach((json_t *)(uintptr_t)json_object_get(entry, "fields"), i, field)
    {
        const char *its = json_string_value(json_object_get(field, "name"));
        if (its && strcmp(its, name) == 0)
            return field;
    }
    return NULL;
}

static const char *attribute(const json_t *field, const char *name)
{
    return json_string_value(json_object_get(json_object_get(field, "attributes"), name));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Its text without the blanks around it, kept by the page; NULL: there is none, or it is longer. */
static const char *text_of(page *p, const json_t *field, size_t most)
{
    const char *from = json_string_value(json_object_get(field, "text"));
    while (from && is_blank(*from))
        from++;
    size_t n = from ? strlen(from) : 0;
    while (n > 0 && is_blank(from[n - 1]))
        n--;
    if (n == 0 || n > most)
        return NULL;
    json_t *kept = json_stringn(from, n);
    upp_check(kept);
    listing_keep(p, kept);
    return json_string_value(kept);
}

/* A link that a browser may follow, from where the feed stands; NULL: it is none. */
static const char *link_of(page *p, const json_t *entry, const char *said)
{
    const char *base = json_string_value(json_object_get(entry, "base"));
    xmlChar *whole = said ? xmlBuildURI((const xmlChar *)said, (const xmlChar *)base) : NULL;
    const char *link = (const char *)whole;
    json_t *kept =
        link && strlen(link) <= LINK_BYTES &&
                (strncasecmp(link, "https://", 8) == 0 || strncasecmp(link, "http://", 7) == 0)
            ? json_string(link)
            : NULL;
    xmlFree(whole);
    if (!kept)
        return NULL;
    listing_keep(p, kept);
    return json_string_value(kept);
}

/* RFC 4287 §4.2.7: without a rel it is the entry itself. */
static const char *atom_link(const json_t *entry)
{
    size_t i;
    const json_t *field;
    json_array_foreach((json_t *)(uintptr_t)json_object_get(entry, "fields"), i, field)
    {
        const char *name = json_string_value(json_object_get(field, "name"));
        const char *rel = attribute(field, "rel");
        if (strcmp(name, "link") == 0 && (!rel || strcmp(rel, "alternate") == 0))
            return attribute(field, "href");
    }
    return NULL;
}

/* -- when -- */
static upp_ms time_of(page *p, const json_t *entry, const char *name)
{
    upp_ms at = 0;
    const char *text = text_of(p, field_of(entry, name), NAME_BYTES);
    if (text && (civil_parse(text, &at) == 0 || rss_date_read(text, &at) == 0) && at > 0)
        return at;
    return 0; /* as if it were not said: the clock begins when we saw it */
}

static void read_times(page *p, const json_t *entry, bool atom, reading *it)
{
    it->created_ms = time_of(p, entry, atom ? "published" : "pubDate");
    it->edited_ms = time_of(p, entry, atom ? "updated" : "atom:updated");
    if (it->created_ms == 0)
        it->created_ms = atom ? it->edited_ms : time_of(p, entry, "dc:date");
    if (it->edited_ms <= it->created_ms)
        it->edited_ms = 0;
}

/* -- who: what she typed, so it is nobody's proof, and no key -- */
static void read_author(page *p, const json_t *entry, bool atom, reading *it)
{
    const json_t *person = field_of(entry, atom ? "author" : "atom:author");
    it->author_name = text_of(p, field_of(person, atom ? "name" : "atom:name"), NAME_BYTES);
    it->author_url =
        link_of(p, entry, text_of(p, field_of(person, atom ? "uri" : "atom:uri"), LINK_BYTES));
    if (!it->author_name)
        it->author_name = text_of(p, field_of(entry, "dc:creator"), NAME_BYTES);
    if (!it->author_name)
        it->author_name = text_of(p, field_of(entry, "author"), NAME_BYTES);
}

/* -- what: RFC 4287 §3.1, §4.1.3; in RSS it is HTML -- */
/* False: it holds no words. */
static bool read_field(const json_t *field, bool atom, reading *it)
{
    const char *text = json_string_value(json_object_get(field, "text"));
    const char *markup = json_string_value(json_object_get(field, "markup"));
    const char *type = atom ? attribute(field, "type") : "html";
    const char *words = markup ? markup : text;
    if (!words || words[strspn(words, " \t\r\n")] == '\0')
        return false;
    if (markup || (type && (strcmp(type, "html") == 0 || strcmp(type, "text/html") == 0)))
        it->html = words;
    else if (!type || strncmp(type, "text", 4) == 0)
        it->text = text;
    return it->html || it->text;
}

static int read_words(const json_t *entry, bool atom, reading *it, const char **ret_why)
{
    static const char *const names[2][3] = { { "content:encoded", "description", "title" },
                                             { "content", "summary", "title" } };
    for (size_t i = 0; i < UPP_LEN(names[atom]) && !it->html && !it->text; i++)
        (void)read_field(field_of(entry, names[atom][i]), atom, it);
    const char *words = it->html ? it->html : it->text;
    *ret_why = words ? "entry: its text is too long" : "entry: has no text";
    if (!words || strlen(words) > TEXT_BYTES)
        return UPP_E_INPUT;
    if (it->html)
        it->text = it->owned = item_plain_text(it->html);
    return 0;
}

/* -- which -- */
/* An entry without an id of its own has one of its link and date (platforms.md §14). */
static const char *made_key(page *p, const char *link, const char *date)
{
    static const char head[] = "sha256:";
    char key[sizeof head + 2 * crypto_hash_sha256_BYTES];
    uint8_t hash[crypto_hash_sha256_BYTES];
    char *both = connector_text("%s\n%s", link, date ? date : "");
    crypto_hash_sha256(hash, (const uint8_t *)both, strlen(both));
    free(both);
    memcpy(key, head, sizeof head - 1);
    sodium_bin2hex(key + sizeof head - 1, 2 * sizeof hash + 1, hash, sizeof hash);
    json_t *kept = json_string(key);
    upp_check(kept);
    listing_keep(p, kept);
    return json_string_value(kept);
}

static int read_key(page *p, const json_t *entry, bool atom, reading *it, const char **ret_why)
{
    const json_t *id = field_of(entry, atom ? "id" : "guid");
    const char *link = atom ? atom_link(entry) : text_of(p, field_of(entry, "link"), LINK_BYTES);
    const char *whole = json_string_value(json_object_get(id, "text"));
    it->external_id = text_of(p, id, ID_BYTES);
    it->permalink = link_of(p, entry, link);
    if (!it->external_id && whole && strlen(whole) > ID_BYTES) {
        *ret_why = atom ? "entry: its id is too long" : "entry: its guid is too long";
        return UPP_E_INPUT;
    }
    if (!it->external_id && !link) {
        *ret_why = "entry: has neither an id nor a link";
        return UPP_E_INPUT;
    }
    const char *permanent = attribute(id, "isPermaLink");
    if (!it->permalink && !atom && (!permanent || strcmp(permanent, "false") != 0) &&
        it->external_id && strstr(it->external_id, "://"))
        it->permalink = link_of(p, entry, it->external_id);
    if (!it->external_id) {
        it->unnamed = true;
        it->external_id = made_key(
            p, link, text_of(p, field_of(entry, atom ? "published" : "pubDate"), NAME_BYTES));
    }
    return 0;
}

static int read_entry(page *p, const json_t *entry, reading *it, const char **ret_why)
{
    const char *format = json_string_value(json_object_get(entry, "format"));
    const bool atom = format && strcmp(format, "atom") == 0;
    *it = (reading){ .json = entry, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    UPP_TRY(read_key(p, entry, atom, it, ret_why));
    UPP_TRY(read_words(entry, atom, it, ret_why));
    read_times(p, entry, atom, it);
    read_author(p, entry, atom, it);
    it->parent_id = attribute(field_of(entry, "thr:in-reply-to"), "ref");
    return 0;
}

/* The same id twice on one page: of two texts that took turns each look would make two versions.
 * The one edited last stays, the other is set aside (RFC 4287 §4.1.1). */
static void take(page *p, const reading *it)
{
    static const char why[] = "entry: another has the same id";
    for (size_t i = 0; i < p->n; i++) {
        reading *old = &p->items[i];
        if (strcmp(old->external_id, it->external_id) != 0)
            continue;
        reading lesser = *it;
        if (it->edited_ms > old->edited_ms) {
            lesser = *old;
            *old = *it;
        }
        listing_bad(p, lesser.json, why);
        item_done(&lesser);
        return;
    }
    *listing_add(p) = *it;
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    size_t i;
    json_t *entry;
    const json_t *list = json_object_get(json, "entries");
    (void)own_id; /* a feed does not tell which are ours */
    if (look != LOOK_NEWS || !json_is_array(list))
        return UPP_E_INPUT;
    json_array_foreach((json_t *)(uintptr_t)list, i, entry)
    {
        reading it;
        const char *why = NULL;
        if (read_entry(ret_page, entry, &it, &why) == 0)
            take(ret_page, &it);
        else
            listing_bad(ret_page, entry, why);
    }
    listing_sort(ret_page, 0);
    ret_page->mark = json_string_value(json_object_get(json, "mark"));
    return 0;
}

const connector rss_connector = {
    .name = "rss",
    .looks = 1U << LOOK_NEWS,
    .poll_span = 5 * UPP_MINUTE,
    .forward = true,
    .open = true,
    .look = look,
    .parse = parse,
    .judge = judge,
    .read = read,
};
