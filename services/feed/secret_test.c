/* secret_test.c - signatures as Standard Webhooks has them (R45). */
#include "secret.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* What a receiver does with the secret that it was given: base64 away, HMAC over the three. */
static void R45_a_receiver_finds_the_signature_right(void **state)
{
    char secret[SECRET_TEXT], signature[SECRET_SIGNATURE], wanted[SECRET_SIGNATURE];
    uint8_t key[32], sum[32];
    size_t n = 0;
    (void)state;
    assert_true(secret_text(KEY, "diary", secret));
    assert_memory_equal(secret, "whsec_", 6);
    assert_int_equal(sodium_base642bin(key, sizeof key, secret + 6, strlen(secret + 6), NULL, &n,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(n, 32);
    static const char message[] = "id-1.1790000000.[{}]";
    crypto_auth_hmacsha256(sum, (const uint8_t *)message, sizeof message - 1, key);
    sodium_bin2base64(wanted, sizeof wanted, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL);
    assert_true(secret_sign(KEY, "diary", "id-1", 1790000000, "[{}]", signature));
    assert_memory_equal(signature, "v1,", 3);
    assert_string_equal(signature + 3, wanted);
}

static void R45_each_subscriber_has_a_secret_of_its_own(void **state)
{
    char a[SECRET_TEXT], b[SECRET_TEXT];
    (void)state;
    assert_true(secret_text(KEY, "a", a) && secret_text(KEY, "b", b));
    assert_string_not_equal(a, b);
    assert_false(secret_text("00", "a", a));
    assert_false(secret_text(NULL, "a", a));
    assert_false(secret_text("zz" KEY, "a", a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R45_a_receiver_finds_the_signature_right),
        cmocka_unit_test(R45_each_subscriber_has_a_secret_of_its_own),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
