/* late_curl_lacking_test.c - a libcurl that is not there, or is another library, is found at the
 * start. Built with each in libcurl's place, and the words that must be said of it. */
#include "late_curl.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_what_is_lacking_is_said(void **state)
{
    (void)state;
    const char *lacks = upp_curl_lacks();
    assert_non_null(lacks);
    assert_ptr_equal(strstr(lacks, "libcurl: "), lacks);
    assert_non_null(strstr(lacks, EXPECTED_WORDS));
    assert_string_equal(lacks, upp_curl_lacks()); /* as often as it is asked */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_is_lacking_is_said) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
