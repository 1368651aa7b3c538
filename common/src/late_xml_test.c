/* late_xml_test.c - libxml2 is looked for at the start and not there before its first use. What is
 * called of it is tried where it is used: ingest's pages, archive's packages. */
#include "late_xml.h"
#include <libxml/HTMLparser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
#include "late_fixture.h"
// clang-format on

static void test_it_is_loaded_at_its_first_use(void **state)
{
    (void)state;
    static const char page[] = "<p class=\"x\">&Aring;r &amp; dag</p>";
    assert_false(late_is_mapped("libxml2"));
    assert_null(upp_xml_lacks());
    assert_false(late_is_mapped("libxml2")); /* it was another process that tried */
    htmlDocPtr doc = htmlReadMemory(page, (int)strlen(page), NULL, "UTF-8", HTML_PARSE_NONET);
    assert_true(late_is_mapped("libxml2"));
    assert_non_null(doc);
    const xmlNode *p = xmlDocGetRootElement(doc)->children->children;
    assert_string_equal((const char *)p->name, "p");
    assert_string_equal((const char *)p->children->content, "\xC3\x85r & dag");
    xmlChar *class = xmlGetNsProp(p, (const xmlChar *)"class", NULL);
    assert_string_equal((const char *)class, "x");
    xmlFree(class);
    xmlFreeDoc(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_is_loaded_at_its_first_use) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
