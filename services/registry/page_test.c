/* page_test.c - the public register's page, JSON and CSV (R09, R30). */
#include "page.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static Uppsikt__RegisterRow nasty(void)
{
    Uppsikt__RegisterRow r = UPPSIKT__REGISTER_ROW__INIT;
    r.account = upp_lend("acc");
    r.platform = upp_lend("x");
    r.authority = upp_lend("Nämnden <b>");
    r.org_number = upp_lend("212000-1234");
    r.unit = upp_lend("=1+1");
    r.name = upp_lend("<script>alert('x')</script> \"&\"");
    r.handle = upp_lend("@handle");
    r.url = upp_lend("javascript:alert(1)");
    r.purpose = upp_lend("rad 1\n+rad 2;=HYPERLINK(\"http://x\")");
    r.open_since_ms = 1790000000000;
    return r;
}

static page page_with(const Uppsikt__RegisterRow **rows, size_t n)
{
    return (page){ .publisher = "Provköping",
                   .attended = "vardagar",
                   .at_seq = 7,
                   .at_ms = 1790000000000,
                   .rows = rows,
                   .n_rows = n };
}

static void R30_the_page_reads_without_script_and_escapes_what_people_wrote(void **state)
{
    (void)state;
    Uppsikt__RegisterRow bad = nasty(), good = nasty();
    const Uppsikt__RegisterRow *rows[] = { &bad, &good };
    size_t len = 0;
    good.name = upp_lend("Biblioteket");
    good.url = upp_lend("https://x.example/a?b=1&c=2");
    page p = page_with(rows, 2);
    char *html = page_html(&p, &len);
    assert_int_equal(len, strlen(html));
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "javascript:"));
    assert_null(strstr(html, "<img"));
    assert_non_null(
        strstr(html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;&amp;&quot;"));
    assert_non_null(strstr(html, "<a href=\"https://x.example/a?b=1&amp;c=2\">Biblioteket</a>"));
    /* WCAG 2.2 AA: language, title, one h1, a skip link, a table with caption and headings, a
     * region that the keyboard can scroll; nothing that another site serves */
    assert_non_null(strstr(html, "<html lang=\"sv\">"));
    assert_int_equal(count(html, "<title>"), 1);
    assert_int_equal(count(html, "<h1>"), 1);
    assert_non_null(strstr(html, "href=\"#main\""));
    assert_non_null(strstr(html, "<main id=\"main\">"));
    assert_int_equal(count(html, "<caption"), 1);
    assert_int_equal(count(html, "scope=\"col\""), 7);
    assert_int_equal(count(html, "scope=\"row\""), 2);
    assert_int_equal(count(html, "tabindex=\"0\""), 1);
    assert_int_equal(count(html, "src="), 0);
    assert_int_equal(count(html, "@import"), 0);
    assert_int_equal(count(html, "<tr>"), count(html, "</tr>"));
    assert_int_equal(count(html, "<td>"), 12);
    assert_int_equal(count(html, "<td>"), count(html, "</td>"));
    /* BBS act 3 §: who provides it, and that messages are public */
    assert_non_null(strstr(html, "Ansvarig för kontona är Provköping."));
    assert_non_null(strstr(html, "allmänt tillgängligt"));
    assert_non_null(strstr(html, "<time datetime=\"2026-09-21\">21 september 2026</time>"));
    assert_non_null(strstr(html, "Uppdaterat <time datetime=\"2026-09-21T"));
    free(html);
}

/* FL 7 §: when somebody is there; hours only where they were given: the policy is elsewhere. */
static void R13_the_page_says_when_somebody_is_there(void **state)
{
    (void)state;
    size_t len = 0;
    page p = page_with(NULL, 0);
    char *html = page_html(&p, &len);
    assert_non_null(strstr(html, "<p>Någon ser efter kontona: vardagar.</p>"));
    free(html);
    p.attended = NULL;
    html = page_html(&p, &len);
    assert_non_null(strstr(html, "<p>Någon ser efter kontona varje arbetsdag, på kontorstid.</p>"));
    free(html);
}

static void R09_a_spreadsheet_finds_no_formula(void **state)
{
    (void)state;
    static const char starts[] = "=+-@\t\r";
    size_t len = 0;
    for (size_t i = 0; i < sizeof starts - 1; i++) {
        char text[8] = { starts[i], '1', ';', starts[i], '2', 0 }, want[32];
        Uppsikt__RegisterRow r = nasty();
        const Uppsikt__RegisterRow *rows[] = { &r };
        r.name = text;
        page p = page_with(rows, 1);
        char *csv = page_csv(&p, &len);
        snprintf(want, sizeof want, "\"'%c1;'%c2\"", starts[i], starts[i]);
        assert_non_null(strstr(csv, want));
        assert_int_equal(len, strlen(csv));
        free(csv);
    }
    Uppsikt__RegisterRow r = nasty();
    const Uppsikt__RegisterRow *rows[] = { &r };
    page p = page_with(rows, 1);
    char *csv = page_csv(&p, &len);
    assert_non_null(strstr(csv, "\"'=1+1\""));
    assert_non_null(strstr(csv, "\"'@handle\""));
    assert_non_null(strstr(csv, "\"rad 1\n'+rad 2;'=HYPERLINK(\"\"http://x\"\")\""));
    assert_non_null(strstr(csv, "\"2026-09-21\""));
    assert_int_equal(count(csv, "\r\n"), 2);
    assert_ptr_equal(strstr(csv, "\"Myndighet\",\"Organisationsnummer\",\"Enhet\""), csv);
    free(csv);
}

static void R09_rows_are_by_authority_unit_platform_and_name(void **state)
{
    (void)state;
    Uppsikt__RegisterRow r[4] = { nasty(), nasty(), nasty(), nasty() };
    const Uppsikt__RegisterRow *rows[] = { &r[3], &r[1], &r[2], &r[0] };
    r[0].authority = upp_lend("A");
    r[1].authority = r[2].authority = r[3].authority = upp_lend("B");
    r[1].unit = upp_lend("a");
    r[2].unit = r[3].unit = upp_lend("b");
    r[2].platform = upp_lend("facebook");
    r[3].platform = upp_lend("x");
    page p = page_with(rows, 4);
    page_sort(&p);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(rows[i], &r[i]);
    size_t len = 0;
    char *html = page_html(&p, &len);
    assert_int_equal(count(html, "<table>"), 2); /* one an authority */
    assert_int_equal(count(html, "</table>"), 2);
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R30_the_page_reads_without_script_and_escapes_what_people_wrote),
        cmocka_unit_test(R13_the_page_says_when_somebody_is_there),
        cmocka_unit_test(R09_a_spreadsheet_finds_no_formula),
        cmocka_unit_test(R09_rows_are_by_authority_unit_platform_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
