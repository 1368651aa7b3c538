/* syndication_xml_test.c - R01: a feed's bytes as JSON, and what is refused before anything is made
 * of it (RFC 4287; XML 1.0; platforms.md §14). */
#include "syndication_scan.h"
#include "syndication_xml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define URL "https://blogg.kommun.example/comments/feed/"
#define ATOM                                                                                       \
    "<feed xmlns=\"http://www.w3.org/2005/Atom\" "                                                 \
    "xmlns:thr=\"http://purl.org/syndication/thread/1.0\">"

static json_t *reads(const char *text)
{
    char why[ITEM_WHY] = "";
    json_t *feed =
        syndication_xml_read((upp_bytes){ (const uint8_t *)text, strlen(text) }, URL, why);
    if (!feed)
        fail_msg("%s: %.60s", why, text);
    return feed;
}

static void refuses_bytes(const char *text, size_t n, const char *wanted)
{
    char why[ITEM_WHY] = "";
    json_t *feed = syndication_xml_read((upp_bytes){ (const uint8_t *)text, n }, URL, why);
    if (feed || strcmp(why, wanted) != 0)
        fail_msg("said \"%s\", not \"%s\"", why, wanted);
}

static void refuses(const char *text, const char *wanted)
{
    refuses_bytes(text, strlen(text), wanted);
}

/* The value at a path of names and places: "entries.0.fields.1.text"; NULL: there is none. */
static const char *at(const json_t *json, const char *path)
{
    char name[64];
    while (json && *path) {
        const size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        json = json_is_array(json) ? json_array_get(json, strtoul(name, NULL, 10))
                                   : json_object_get(json, name);
        path += n + (path[n] == '.');
    }
    return json_string_value(json);
}

static void says(const json_t *json, const char *path, const char *wanted)
{
    const char *found = at(json, path);
    if (!found || strcmp(found, wanted) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", path, found ? found : "(none)", wanted);
}

/* CDATA, the five entities, characters by number; names as everybody writes them, whatever the
 * document calls their spaces. */
static void r01_an_item_of_rss(void **state)
{
    (void)state;
    json_t *feed =
        reads("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<rss version=\"2.0\" xmlns:innehall=\"http://purl.org/rss/1.0/modules/content/\""
              " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:slash=\"urn:slash\">\n"
              "<channel><title>Kommentarer</title><link>https://blogg.kommun.example</link>\n"
              "<item><title>Av: &#197;sa &amp; Bo</title><guid isPermaLink=\"false\"> 17 </guid>"
              "<dc:creator><![CDATA[Åsa <b>]]></dc:creator><slash:comments>0</slash:comments>"
              "<innehall:encoded><![CDATA[<p>Hej &amp; ]]>h&lt;å<!-- tyst --></innehall:encoded>"
              "<description/></item><item/></channel></rss>");
    says(feed, "entries.0.format", "rss");
    says(feed, "entries.0.base", URL);
    says(feed, "entries.0.fields.0.name", "title");
    says(feed, "entries.0.fields.0.text", "Av: Åsa & Bo");
    says(feed, "entries.0.fields.1.attributes.isPermaLink", "false");
    says(feed, "entries.0.fields.1.text", " 17 ");
    says(feed, "entries.0.fields.2.name", "dc:creator");
    says(feed, "entries.0.fields.2.text", "Åsa <b>");
    says(feed, "entries.0.fields.3.name", "?slash:comments");
    says(feed, "entries.0.fields.4.name", "content:encoded");
    says(feed, "entries.0.fields.4.text", "<p>Hej &amp; h<å");
    says(feed, "entries.0.fields.5.text", "");
    assert_int_equal(json_array_size(json_object_get(feed, "entries")), 2);
    json_decref(feed);
}

/* A person's parts, XHTML in a content, a base that is inherited, a prefix that is Atom's own. */
static void r01_an_entry_of_atom(void **state)
{
    (void)state;
    json_t *feed = reads(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\" xml:base=\"/blogg/\""
        " xmlns:t=\"http://purl.org/syndication/thread/1.0\">"
        "<a:author><a:name>Kommunen</a:name></a:author>"
        "<a:entry xml:base=\"2026/\"><a:author><a:name>Örjan</a:name><a:uri>/o</a:uri></a:author>"
        "<t:in-reply-to ref=\"tag:kommun.example,2026:1\" href=\"x\"/>"
        "<a:content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">Ett &lt; två<br/>"
        "<a href=\"?a=1&amp;b=&quot;\">länk</a></div></a:content></a:entry></a:feed>");
    says(feed, "entries.0.format", "atom");
    says(feed, "entries.0.base", "https://blogg.kommun.example/blogg/2026/");
    says(feed, "entries.0.fields.0.fields.0.name", "name");
    says(feed, "entries.0.fields.0.fields.0.text", "Örjan");
    says(feed, "entries.0.fields.0.fields.1.text", "/o");
    says(feed, "entries.0.fields.1.name", "thr:in-reply-to");
    says(feed, "entries.0.fields.1.attributes.ref", "tag:kommun.example,2026:1");
    says(feed, "entries.0.fields.2.markup",
         "<div>Ett &lt; två<br><a href=\"?a=1&amp;b=&quot;\">länk</a></div>");
    assert_null(at(feed, "entries.0.fields.2.text"));
    assert_int_equal(json_array_size(json_object_get(feed, "entries")), 1);
    json_decref(feed);
}

/* What some servers do: a mark and blank lines before the declaration, Latin letters of one byte, a
 * prefix that nobody declared; no feed at all within the right root. */
static void r01_what_servers_do(void **state)
{
    (void)state;
    json_t *feed = reads("\xEF\xBB\xBF\r\n <?xml version='1.0'?><rss><channel><item>"
                         "<dc:creator>A</dc:creator></item></channel><item/></rss>");
    says(feed, "entries.0.fields.0.name", "?dc:creator");
    assert_int_equal(json_array_size(json_object_get(feed, "entries")), 1);
    json_decref(feed);
    feed = reads("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel><item><title>"
                 "\xC5sa sl\xE4pper \xF6"
                 "del</title></item></channel></rss>");
    says(feed, "entries.0.fields.0.text", "Åsa släpper ödel");
    json_decref(feed);
    feed = reads("<?xml version=\"1.0\" encoding='windows-1252'?><rss><channel><item><title>"
                 "\x80</title></item></channel></rss>");
    says(feed, "entries.0.fields.0.text", "€");
    json_decref(feed);
    feed = reads(ATOM "</feed>");
    assert_int_equal(json_array_size(json_object_get(feed, "entries")), 0);
    json_decref(feed);
}

static void r01_no_document_type_and_no_entity_of_its_own(void **state)
{
    (void)state;
    static const char doctype[] = "feed: has a document type (DOCTYPE)";
    refuses("<!DOCTYPE html><html><body>Logga in</body></html>", doctype);
    refuses("<?xml version=\"1.0\"?>\n<!-- x --><!DOCTYPE rss [<!ENTITY a \"lol\"><!ENTITY b"
            " \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
            "<rss><channel><item><title>&c;</title></item></channel></rss>",
            doctype);
    refuses("<!DOCTYPE rss SYSTEM \"file:///etc/passwd\"><rss/>", doctype);
    refuses("<rss><channel><!ENTITY x \"y\"></channel></rss>", doctype);
    refuses("<rss><channel><item><title>a&nbsp;b</title></item></channel></rss>",
            "feed: is no XML, or ends too early");
    json_t *feed = reads("<rss><channel><item><title><![CDATA[<!DOCTYPE html>]]></title>"
                         "<!-- <!DOCTYPE x> --></item></channel></rss>");
    says(feed, "entries.0.fields.0.text", "<!DOCTYPE html>");
    json_decref(feed);
}

static void r01_what_is_no_feed(void **state)
{
    (void)state;
    static const char broken[] = "feed: is no XML, or ends too early";
    static const char foreign[] = "feed: is no XML in UTF-8, ISO 8859-1 or Windows-1252";
    static const char coded[] = "feed: is in another encoding than UTF-8, ISO 8859-1, Windows-1252";
    static const char neither[] = "feed: is neither RSS 2.0 nor Atom";
    refuses("", "feed: is empty");
    refuses("{\"version\":\"https://jsonfeed.org/version/1\"}", foreign);
    refuses_bytes("\xFF\xFE<\0r\0s\0s\0", 10, foreign);
    refuses("  \n", foreign);
    refuses("<?xml version=\"1.0\" encoding=\"UTF-7\"?><rss/>", coded);
    refuses("<?xml version=\"1.0\" encoding=\"utf-16\"?><rss/>", coded);
    refuses("<?xml version=\"1.0\" encoding", "feed: ends too early");
    refuses("<?xml encoding?><rss/>", coded);
    refuses("<html><body>Underhåll</body></html>", neither);
    refuses("<rdf:RDF xmlns:rdf=\"urn:r\"><item/></rdf:RDF>", neither);
    refuses("<feed xmlns=\"http://purl.org/atom/ns#\"/>", neither);
    refuses("<rss><channel><item><title>Hej", broken);
    refuses("<rss><channel><item><title>Hej</title></item><item",
            "feed: ends in the middle of a tag");
    refuses("<rss><channel><item><title><![CDATA[Hej</title>", "feed: ends too early");
    refuses("<rss><channel><item></channel></rss>", broken);
    refuses("<rss><channel/></rss><rss/>", broken);
    refuses("<rss><channel><item><title>\x0B</title></item></channel></rss>", broken);
    refuses("<rss><channel><item><title>\xC3(</title></item></channel></rss>", broken);
}

typedef struct long_text {
    char *at;
    size_t n;
} long_text;

static long_text repeated(const char *head, const char *part, size_t times, const char *tail)
{
    const size_t n = strlen(head) + times * strlen(part) + strlen(tail);
    long_text t = { malloc(n + 1), n };
    assert_non_null(t.at);
    char *to = stpcpy(t.at, head);
    for (size_t i = 0; i < times; i++)
        to = stpcpy(to, part);
    stpcpy(to, tail);
    return t;
}

static void refuses_long(const char *head, const char *part, size_t times, const char *tail,
                         const char *wanted)
{
    const long_text t = repeated(head, part, times, tail);
    refuses_bytes(t.at, t.n, wanted);
    free(t.at);
}

#define RSS_HEAD "<rss><channel><item><title>"
#define RSS_TAIL "</title></item></channel></rss>"
static void r01_limits_on_everything(void **state)
{
    (void)state;
    refuses_long(RSS_HEAD, "0123456789", 5 * 1024 * 1024 / 10, RSS_TAIL, "feed: is too large");
    refuses_long("<rss><channel>", "<item/>", SYNDICATION_ENTRIES + 1, "</channel></rss>",
                 "feed: has too many entries");
    refuses_long(RSS_HEAD, "<b>", 100000, RSS_TAIL, "feed: has too many elements in one another");
    refuses_long(RSS_HEAD, "<b/>", SYNDICATION_NODES, RSS_TAIL, "feed: has too many elements");
    refuses_long(RSS_HEAD, "<b a='1' b='2' c='3'/>", SYNDICATION_NODES / 4, RSS_TAIL,
                 "feed: has too many elements");
    refuses_long("<rss ", "a='>' ", SYNDICATION_ATTRIBUTES + 1, "/>",
                 "feed: a tag has too many attributes");
    const long_text most =
        repeated("<rss><channel>", "<item/>", SYNDICATION_ENTRIES, "</channel></rss>");
    json_t *feed = reads(most.at);
    assert_int_equal(json_array_size(json_object_get(feed, "entries")), SYNDICATION_ENTRIES);
    json_decref(feed);
    free(most.at);
    const long_text wide =
        repeated("<rss><channel><item xml:base='/", "x", SYNDICATION_BASE, "'/></channel></rss>");
    feed = reads(wide.at);
    says(feed, "entries.0.base", URL); /* a base of any length would stand in each entry */
    json_decref(feed);
    free(wide.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r01_an_item_of_rss),
        cmocka_unit_test(r01_an_entry_of_atom),
        cmocka_unit_test(r01_what_servers_do),
        cmocka_unit_test(r01_no_document_type_and_no_entity_of_its_own),
        cmocka_unit_test(r01_what_is_no_feed),
        cmocka_unit_test(r01_limits_on_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
