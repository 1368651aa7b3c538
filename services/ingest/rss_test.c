/* rss_test.c - R01: feeds of comments, as WordPress and others write them: which entry is which,
 * who wrote what and when, what is set aside, what is asked (platforms.md §14; RFC 4287,
 * RFC 4685). */
#include "rss.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const connector *const how = &rss_connector;
#define URL "https://blogg.kommun.example/comments/feed/"

typedef struct feed {
    json_t *json;
    page page;
} feed;

static void feed_done(feed *f)
{
    listing_done(&f->page);
    json_decref(f->json);
}

static json_t *parsed(const char *text, const platform_answer *a)
{
    char why[ITEM_WHY] = "";
    json_t *json = how->parse((upp_bytes){ (const uint8_t *)text, strlen(text) }, a, URL, why);
    if (!json)
        fail_msg("%s", why);
    return json;
}

static feed reads(const char *text)
{
    const platform_answer a = { .status = 200 };
    feed f = { .json = parsed(text, &a) };
    assert_int_equal(how->read(LOOK_NEWS, f.json, "", &f.page), 0);
    return f;
}

#define RSS(items)                                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\""                               \
    " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""                                  \
    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">"   \
    "<channel><title>Kommentarer till Bloggen</title><atom:link href=\"" URL "\" rel=\"self\"/>"   \
    "<link>https://blogg.kommun.example</link><lastBuildDate>Mon, 23 Nov 2026 10:00:00 +0000"      \
    "</lastBuildDate>" items "</channel></rss>"
#define ATOM(entries)                                                                              \
    "<feed xmlns=\"http://www.w3.org/2005/Atom\""                                                  \
    " xmlns:thr=\"http://purl.org/syndication/thread/1.0\" xml:lang=\"sv\"><title>K</title>"       \
    "<author><name>Kommunen</name></author>" entries "</feed>"

static const char wordpress[] = RSS(
    "<item><title>Av: Örjan</title><link>https://blogg.kommun.example/bad/#comment-18</link>"
    "<dc:creator><![CDATA[Örjan]]></dc:creator><pubDate>Mon, 23 Nov 2026 09:30:00 +0000</pubDate>"
    "<guid isPermaLink=\"false\">https://blogg.kommun.example/?p=3#comment-18</guid>"
    "<description>Tack! Och &#8230;</description>"
    "<content:encoded><![CDATA[<p>Tack! Och på <em>söndag</em>?</p>\n<p>/Ö &amp; co</p>\n]]>"
    "</content:encoded></item>"
    "<item><title>Av: Åsa</title><link>https://blogg.kommun.example/bad/#comment-17</link>"
    "<dc:creator>Åsa</dc:creator><pubDate>Mon, 23 Nov 2026 09:00:00 +0000</pubDate>"
    "<guid isPermaLink=\"false\">https://blogg.kommun.example/?p=3#comment-17</guid>"
    "<description>När öppnar badet?</description></item>");

/* Oldest first; the whole text, not the excerpt; without markup. */
static void r01_wordpress_comments(void **state)
{
    (void)state;
    UPP_AUTO(feed_done) feed f = reads(wordpress);
    assert_int_equal(f.page.n, 2);
    assert_int_equal(f.page.bad, 0);
    assert_false(f.page.more);
    const reading *asa = &f.page.items[0], *orjan = &f.page.items[1];
    assert_string_equal(asa->external_id, "https://blogg.kommun.example/?p=3#comment-17");
    assert_string_equal(asa->text, "När öppnar badet?");
    assert_string_equal(asa->author_name, "Åsa");
    assert_null(asa->author_id); /* what she typed proves nothing */
    assert_int_equal(asa->created_ms, 1795424400000);
    assert_int_equal(asa->edited_ms, 0);
    assert_int_equal(asa->kind, UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    assert_false(asa->unnamed || asa->ours || asa->deleted);
    assert_string_equal(orjan->permalink, "https://blogg.kommun.example/bad/#comment-18");
    assert_string_equal(orjan->text, "Tack! Och på söndag?\n/Ö & co");
    assert_non_null(strstr(orjan->html, "<em>söndag</em>"));
    assert_ptr_equal(orjan->json, json_array_get(json_object_get(f.json, "entries"), 0));
}

/* RFC 4685: what it answers; RFC 4287: text constructs, dates, an edit that is told, links relative
 * to where the feed stands. */
static void r01_atom_comments(void **state)
{
    (void)state;
    UPP_AUTO(feed_done)
    feed f = reads(ATOM(
        "<entry><id>tag:kommun.example,2026:c1</id><title>Svar</title>"
        "<published>2026-11-23T10:00:00.5+01:00</published><updated>2026-11-23T09:00:00Z</updated>"
        "<author><name>Åsa</name><uri>/asa</uri></author><link rel=\"self\" href=\"/api/1\"/>"
        "<link href=\"../bad#c1\"/><content>1 &lt; 2 &amp; <![CDATA[<b>]]></content></entry>"
        "<entry><id> tag:kommun.example,2026:c2\n</id><updated>2026-11-23T09:10:00Z</updated>"
        "<published>2026-11-23T09:05:00Z</published><link href=\"javascript:alert(1)\"/>"
        "<thr:in-reply-to ref=\"tag:kommun.example,2026:c1\" type=\"text/html\"/>"
        "<content type=\"html\">&lt;p&gt;Hej&lt;br&gt;igen&lt;/p&gt;</content></entry>"
        "<entry><id>c3</id><updated>2026-11-23T09:20:00Z</updated><content type=\"xhtml\">"
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Ett</p><p>två &amp; tre</p></div></content>"
        "</entry><entry><id>c4</id><updated>2026-11-23T09:30:00Z</updated>"
        "<content type=\"image/png\" src=\"/b.png\"/><summary>En bild</summary></entry>"));
    assert_int_equal(f.page.n, 4);
    const reading *it = f.page.items;
    assert_string_equal(it[0].external_id, "tag:kommun.example,2026:c1");
    assert_string_equal(it[0].text, "1 < 2 & <b>");
    assert_null(it[0].html);
    assert_int_equal(it[0].created_ms, 1795424400500);
    assert_int_equal(it[0].edited_ms, 0);
    assert_string_equal(it[0].author_name, "Åsa");
    assert_string_equal(it[0].author_url, "https://blogg.kommun.example/asa");
    assert_string_equal(it[0].permalink, "https://blogg.kommun.example/comments/bad#c1");
    assert_null(it[0].parent_id);
    assert_string_equal(it[1].external_id, "tag:kommun.example,2026:c2");
    assert_string_equal(it[1].parent_id, "tag:kommun.example,2026:c1");
    assert_string_equal(it[1].text, "Hej\nigen");
    assert_int_equal(it[1].edited_ms, 1795425000000);
    assert_null(it[1].permalink);
    assert_null(it[1].author_name); /* whose the feed is, is not who commented */
    assert_string_equal(it[2].text, "Ett\ntvå & tre");
    assert_int_equal(it[2].created_ms, 1795425600000);
    assert_string_equal(it[3].text, "En bild");
}

/* platforms.md §14: without a guid the key is of link and date; the same each time, another for
 * another date; and our own word, not the platform's. */
static void r01_without_a_guid(void **state)
{
    (void)state;
    static const char items[] =
        RSS("<item><link> /bad </link><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>"
            "<description>A</description></item>"
            "<item><link>/bad</link><pubDate>Mon, 23 Nov 2026 09:01:00 GMT</pubDate>"
            "<description>B</description></item>"
            "<item><link>/bad</link><guid> </guid><description>C</description></item>");
    UPP_AUTO(feed_done) feed f = reads(items);
    UPP_AUTO(feed_done) feed again = reads(items);
    assert_int_equal(f.page.n, 3);
    for (size_t i = 0; i < 3; i++) {
        const reading *it = &f.page.items[i];
        assert_true(it->unnamed);
        assert_memory_equal(it->external_id, "sha256:", 7);
        assert_int_equal(strlen(it->external_id), 7 + 64);
        assert_string_equal(it->external_id, again.page.items[i].external_id);
        assert_string_not_equal(it->external_id, f.page.items[(i + 1) % 3].external_id);
        assert_string_equal(it->permalink, "https://blogg.kommun.example/bad");
    }
    /* printf '/bad\nMon, 23 Nov 2026 09:00:00 GMT' | sha256sum */
    assert_string_equal(f.page.items[1].external_id,
                        "sha256:017833078612abb51b010f0a793ddea66f5bbd5d834ac5cb08b28b48511bc76a");
}

static void r01_a_guid_is_a_link_unless_it_says_not(void **state)
{
    (void)state;
    UPP_AUTO(feed_done)
    feed f =
        reads(RSS("<item><guid>https://a.example/1</guid><title>A</title></item>"
                  "<item><guid isPermaLink=\"false\">https://a.example/2</guid><title>B</title>"
                  "</item><item><guid>tag-3</guid><title>C</title></item>"
                  "<item><guid>ftp://a.example/4</guid><title>D</title></item>"));
    assert_int_equal(f.page.n, 4);
    for (size_t i = 0; i < 4; i++) {
        const reading *it = &f.page.items[i];
        assert_int_equal(it->permalink != NULL,
                         strcmp(it->external_id, "https://a.example/1") == 0);
    }
}

/* A date that is none costs nobody her comment: it counts from when it was seen. */
static void r01_bad_dates(void **state)
{
    (void)state;
    static const char *const dates[] = { "",
                                         "<pubDate/>",
                                         "<pubDate>i förrgår</pubDate>",
                                         "<pubDate>Mon, 31 Feb 2026 09:00:00 GMT</pubDate>",
                                         "<pubDate>2026-11-23</pubDate>",
                                         "<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>" };
    for (size_t i = 0; i < UPP_LEN(dates); i++) {
        char *text = connector_text("<rss><channel><item><guid>1</guid>%s<title>A</title></item>"
                                    "</channel></rss>",
                                    dates[i]);
        UPP_AUTO(feed_done) feed f = reads(text);
        free(text);
        assert_int_equal(f.page.n, 1);
        assert_int_equal(f.page.items[0].created_ms, 0);
    }
    UPP_AUTO(feed_done)
    feed f = reads(RSS("<item><guid>1</guid><dc:date>2026-11-23T09:00:00Z</dc:date><title>A</title>"
                       "</item><item><guid>2</guid><pubDate>2026-11-23T10:00:00+01:00</pubDate>"
                       "<title>B</title></item>"));
    assert_int_equal(f.page.items[0].created_ms, 1795424400000);
    assert_int_equal(f.page.items[1].created_ms, 1795424400000);
}

/* R23: each bad entry is set aside with its own words; the rest goes in. */
static void r01_r23_bad_entries_are_set_aside_each(void **state)
{
    (void)state;
    char *id = calloc(1, 1026), *words = calloc(1, 61 * 1024);
    assert_true(id && words);
    memset(id, 'i', 1025);
    memset(words, 'w', 60 * 1024 + 1);
    char *text = connector_text("<rss><channel><item><title>utan allt</title></item>"
                                "<item><guid>2</guid><description> </description></item>"
                                "<item><guid>%s</guid><title>A</title></item>"
                                "<item><guid>4</guid><description>%s</description></item>"
                                "<item><guid>5</guid><title>bra</title></item></channel></rss>",
                                id, words);
    UPP_AUTO(feed_done) feed f = reads(text);
    free(text);
    free(id);
    free(words);
    static const char *const whys[] = { "entry: has neither an id nor a link", "entry: has no text",
                                        "entry: its guid is too long",
                                        "entry: its text is too long" };
    assert_int_equal(f.page.n, 1);
    assert_string_equal(f.page.items[0].external_id, "5");
    assert_int_equal(f.page.bad, UPP_LEN(whys));
    for (size_t i = 0; i < UPP_LEN(whys); i++) {
        assert_string_equal(f.page.bads[i].why, whys[i]);
        assert_ptr_equal(f.page.bads[i].json,
                         json_array_get(json_object_get(f.json, "entries"), i));
    }
}

#define ENTRY(hour, words)                                                                         \
    "<entry><id>a</id><published>2026-11-23T08:00:00Z</published><updated>2026-11-23T" hour        \
    ":00Z</updated><content type=\"html\">" words "</content></entry>"
/* Of two with one id the one edited last is the comment; else each look would make two versions. */
static void r01_r22_one_id_is_one_comment(void **state)
{
    (void)state;
    UPP_AUTO(feed_done)
    feed f = reads(ATOM(ENTRY("08:00", "först") ENTRY("09:00", "sedan") ENTRY("08:30", "emellan")));
    assert_int_equal(f.page.n, 1);
    assert_string_equal(f.page.items[0].text, "sedan");
    assert_int_equal(f.page.bad, 2);
    assert_string_equal(f.page.bads[0].why, "entry: another has the same id");
    UPP_AUTO(feed_done) feed same = reads(ATOM(ENTRY("08:00", "ett") ENTRY("08:00", "två")));
    assert_int_equal(same.page.n, 1);
    assert_string_equal(same.page.items[0].text, "ett");
    assert_int_equal(same.page.bad, 1);
}

static void asks(const char *mark, const char *match, const char *since)
{
    UPP_AUTO(call_request_done) request r = { 0 };
    const look_where where = { .base_url = URL, .mark = mark };
    assert_true(how->look(LOOK_NEWS, &where, &r));
    assert_string_equal(r.method, "GET");
    assert_string_equal(r.url, URL);
    assert_null(r.body);
    assert_int_equal(r.headers[0].value != NULL, match != NULL);
    assert_int_equal(r.headers[1].value != NULL, since != NULL);
    if (match)
        assert_string_equal(r.headers[0].value, match);
    if (since)
        assert_string_equal(r.headers[1].value, since);
}

/* The mark is what the newest answer said of itself, and is asked for again (RFC 9110 §13.1). */
static void r01_only_what_has_changed(void **state)
{
    (void)state;
    static const struct {
        const char *etag, *modified, *mark;
    } rows[] = {
        { "W/\"a-1\"", "Mon, 23 Nov 2026 10:00:00 GMT",
          "W/\"a-1\"\nMon, 23 Nov 2026 10:00:00 GMT" },
        { "\"b\"", NULL, "\"b\"\n" },
        { NULL, "Mon, 23 Nov 2026 10:00:00 GMT", "\nMon, 23 Nov 2026 10:00:00 GMT" },
        { NULL, NULL, "" },
        { "\"å\"", "a\tb", "" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        reply_header headers[2];
        platform_answer a = { .status = 200, .headers = headers };
        if (rows[i].etag)
            headers[a.n_headers++] = (reply_header){ "etag", rows[i].etag };
        if (rows[i].modified)
            headers[a.n_headers++] = (reply_header){ "last-modified", rows[i].modified };
        UPP_AUTO(feed_done) feed f = { .json = parsed(wordpress, &a) };
        assert_int_equal(how->read(LOOK_NEWS, f.json, "", &f.page), 0);
        assert_string_equal(f.page.mark, rows[i].mark);
    }
    char *long_tag = calloc(1, 500);
    assert_non_null(long_tag);
    memset(long_tag, 'x', 499);
    const reply_header one = { "etag", long_tag };
    const platform_answer a = { .status = 200, .headers = &one, .n_headers = 1 };
    json_t *json = parsed(wordpress, &a);
    assert_string_equal(json_string_value(json_object_get(json, "mark")), "");
    json_decref(json);
    free(long_tag);
    asks("", NULL, NULL);
    asks("\"b\"\n", "\"b\"", NULL);
    asks("\nMon, 23 Nov 2026 10:00:00 GMT", NULL, "Mon, 23 Nov 2026 10:00:00 GMT");
    asks("\"b\"\nMon, 23 Nov 2026 10:00:00 GMT", "\"b\"", "Mon, 23 Nov 2026 10:00:00 GMT");
}

static void r01_what_answers_mean(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum verdict verdict;
    } rows[] = { { 200, VERDICT_OK },        { 304, VERDICT_SAME },      { 204, VERDICT_PERMANENT },
                 { 301, VERDICT_PERMANENT }, { 302, VERDICT_PERMANENT }, { 401, VERDICT_AUTH },
                 { 403, VERDICT_AUTH },      { 404, VERDICT_PERMANENT }, { 410, VERDICT_PERMANENT },
                 { 429, VERDICT_THROTTLE },  { 500, VERDICT_TRANSIENT }, { 503, VERDICT_TRANSIENT },
                 { 0, VERDICT_TRANSIENT } };
    upp_ms wait = -1;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const platform_answer a = { .status = rows[i].status };
        assert_int_equal(how->judge(&a, &wait), rows[i].verdict);
        assert_int_equal(wait, 0);
    }
    const reply_header after = { "retry-after", "120" };
    const platform_answer a = { .status = 503, .headers = &after, .n_headers = 1 };
    assert_int_equal(how->judge(&a, &wait), VERDICT_TRANSIENT);
    assert_int_equal(wait, 120000);
}

/* A feed is a window: no look could say that one comment is gone; and nothing is done by it. */
static void r01_it_looks_at_news_and_does_nothing(void **state)
{
    (void)state;
    request r = { 0 };
    page p = { 0 };
    const look_where where = { .base_url = URL, .mark = "" };
    assert_ptr_equal(connector_named("rss"), how);
    for (int look = 0; look < LOOKS; look++)
        if (look != LOOK_NEWS) {
            assert_int_equal(how->looks >> look & 1, 0);
            assert_false(how->look((enum look)look, &where, &r));
        }
    for (int what = 0; what < GATE_WHATS; what++)
        assert_false(connector_can(how, (enum gate_what)what));
    json_t *other = json_pack("{s:[]}", "data");
    assert_int_equal(how->read(LOOK_NEWS, other, "", &p), UPP_E_INPUT);
    json_decref(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r01_wordpress_comments),
        cmocka_unit_test(r01_atom_comments),
        cmocka_unit_test(r01_without_a_guid),
        cmocka_unit_test(r01_a_guid_is_a_link_unless_it_says_not),
        cmocka_unit_test(r01_bad_dates),
        cmocka_unit_test(r01_r23_bad_entries_are_set_aside_each),
        cmocka_unit_test(r01_r22_one_id_is_one_comment),
        cmocka_unit_test(r01_only_what_has_changed),
        cmocka_unit_test(r01_what_answers_mean),
        cmocka_unit_test(r01_it_looks_at_news_and_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
