/* late_cjose_test.c - libcjose is looked for at the start and neither it nor OpenSSL there before
 * its first use. What is called of it is tried where it is used: the console's tokens. */
#include "late_cjose.h"
#include <cjose/cjose.h>
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
    cjose_err err;
    assert_false(late_is_mapped("libcjose"));
    assert_false(late_is_mapped("libcrypto"));
    assert_null(upp_cjose_lacks());
    assert_false(late_is_mapped("libcjose")); /* it was another process that tried */
    assert_null(cjose_jws_import("no token", 8, &err));
    assert_true(late_is_mapped("libcjose"));
    assert_true(late_is_mapped("libcrypto"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_is_loaded_at_its_first_use) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
