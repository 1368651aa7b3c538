/* late_crypto_test.c - libcrypto is looked for at the start and not there before its first use.
 * What is called of it is tried where it is used: evidence's tokens. */
#include "late_crypto.h"
#include <openssl/x509_vfy.h>
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
    assert_false(late_is_mapped("libcrypto"));
    assert_null(upp_crypto_lacks());
    assert_false(late_is_mapped("libcrypto")); /* it was another process that tried */
    X509_STORE *store = X509_STORE_new();
    assert_non_null(store);
    assert_true(late_is_mapped("libcrypto"));
    X509_STORE_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_is_loaded_at_its_first_use) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
