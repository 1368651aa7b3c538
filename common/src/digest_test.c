/* digest_test.c - hashes against the standards' own vectors; the stream of a seed. */
#include "digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-4's example "abc", in one part and in three. */
static void sha256_gives_the_standard_s_answer(void **state)
{
    (void)state;
    uint8_t hash[32];
    char hex[65];
    const upp_bytes abc = { (const uint8_t *)"abc", 3 };
    upp_sha256(&abc, 1, hash);
    upp_hex(hash, 32, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    upp_sha256((upp_bytes[]){ { abc.at, 1 }, { NULL, 0 }, { abc.at + 1, 2 } }, 3, hash);
    upp_hex(hash, 32, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_mac_tells_its_parts_apart(void **state)
{
    (void)state;
    const uint8_t key[32] = { 1 }, other[32] = { 2 };
    uint8_t a[32], b[32];
    upp_hmac(key, (upp_bytes[]){ { (const uint8_t *)"ab", 2 }, { (const uint8_t *)"c", 1 } }, 2, a);
    upp_hmac(key, (upp_bytes[]){ { (const uint8_t *)"a", 1 }, { (const uint8_t *)"bc", 2 } }, 2, b);
    assert_memory_not_equal(a, b, 32);
    upp_hmac(key, (upp_bytes[]){ { (const uint8_t *)"ab", 2 }, { (const uint8_t *)"c", 1 } }, 2, b);
    assert_memory_equal(a, b, 32);
    upp_hmac(other, (upp_bytes[]){ { (const uint8_t *)"ab", 2 }, { (const uint8_t *)"c", 1 } }, 2,
             b);
    assert_memory_not_equal(a, b, 32);
}

static void a_seed_draws_the_same_bytes_in_any_parts(void **state)
{
    (void)state;
    uint8_t first[16], second[16];
    upp_stream a, c;
    uint8_t seed[32] = { 5 };
    upp_stream_init(&a, seed);
    upp_stream_init(&c, seed);
    upp_stream_draw(&a, first, 16);
    upp_stream_draw(&c, second, 7);
    upp_stream_draw(&c, second + 7, 9);
    assert_memory_equal(first, second, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_standard_s_answer),
        cmocka_unit_test(a_mac_tells_its_parts_apart),
        cmocka_unit_test(a_seed_draws_the_same_bytes_in_any_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
