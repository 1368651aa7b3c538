/* late_gmime_test.c - GMime is looked for at the start and neither it nor GLib there before its
 * first use. What is called of it is tried where it is used: escalation's mails that come in. */
#include "late_gmime.h"
#include <gmime/gmime.h>
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
    static const char mail[] = "Subject: =?iso-8859-1?Q?=C5r_&_dag?=\n\nHej";
    assert_false(late_is_mapped("libgmime"));
    assert_false(late_is_mapped("libglib"));
    assert_null(upp_gmime_lacks());
    assert_false(late_is_mapped("libgmime")); /* it was another process that tried */
    assert_false(late_is_mapped("libglib"));
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, strlen(mail));
    assert_true(late_is_mapped("libgmime"));
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    GMimeHeaderList *list = g_mime_object_get_header_list((GMimeObject *)message);
    assert_int_equal(g_mime_header_list_get_count(list), 1);
    GMimeHeader *header = g_mime_header_list_get_header_at(list, 0);
    assert_string_equal(g_mime_header_get_name(header), "Subject");
    assert_string_equal(g_mime_header_get_value(header), "\xC3\x85r & dag");
    assert_true(GMIME_IS_PART(g_mime_message_get_mime_part(message)));
    assert_false(GMIME_IS_MULTIPART(g_mime_message_get_mime_part(message)));
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_is_loaded_at_its_first_use) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
