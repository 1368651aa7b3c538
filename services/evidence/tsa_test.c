/* tsa_test.c - a stamp is believed when it is over what was sent, answers what was asked, and leads
 * to a root that is trusted, made by one who may make stamps (R22, R27; RFC 3161). */
#include "tsa_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const uint8_t imprint[TSA_IMPRINT] = { 1, 2, 3 };
static const uint64_t nonce = 0x8899aabbccddeeffULL;
static const authority_kind fine = { .name = "Tidsstämpel Sjöberga",
                                     .usage = "critical,timeStamping" };
static const upp_bytes nobody; /* no roots */

static const char *check(const uint8_t *reply, size_t n, const authority *a)
{
    tsa_found found;
    return tsa_check((upp_bytes){ reply, n }, imprint, &nonce, a ? authority_roots(a) : nobody,
                     &found);
}

/* The request is what libcrypto itself would write, whatever the nonce. */
static void the_request_is_der(void **state)
{
    static const uint64_t nonces[] = {
        0, 1, 0x7f, 0x80, 0xff, 0x8000, 0x123456789abcdef0ULL, ~0ULL
    };
    uint8_t request[TSA_REQUEST];
    (void)state;
    for (size_t i = 0; i <= UPP_LEN(nonces); i++) {
        const uint64_t *one = i < UPP_LEN(nonces) ? &nonces[i] : NULL;
        const size_t n = tsa_request(imprint, one, request);
        const unsigned char *in = request;
        unsigned char *again = NULL;
        uint64_t said = 0;
        TS_REQ *read = d2i_TS_REQ(NULL, &in, (long)n);
        assert_non_null(read);
        assert_ptr_equal(in, request + n);
        assert_int_equal(i2d_TS_REQ(read, &again), n);
        assert_memory_equal(again, request, n);
        assert_int_not_equal(TS_REQ_get_cert_req(read), 0);
        const ASN1_INTEGER *number = TS_REQ_get_nonce(read);
        assert_int_equal(number != NULL, one != NULL);
        if (one) {
            assert_int_equal(ASN1_INTEGER_get_uint64(&said, number), 1);
            assert_true(said == *one);
        }
        OPENSSL_free(again);
        TS_REQ_free(read);
    }
}

static void a_good_stamp_says_when_and_who(void **state)
{
    static uint8_t reply[TSA_REPLY];
    authority a;
    tsa_found found;
    (void)state;
    authority_open(&a, &fine);
    const size_t n = authority_reply(&a, imprint, &nonce, reply);
    assert_null(tsa_check((upp_bytes){ reply, n }, imprint, &nonce, authority_roots(&a), &found));
    assert_string_equal(found.signer, "Tidsstämpel Sjöberga");
    const upp_ms now = (upp_ms)time(NULL) * UPP_SECOND;
    assert_true(found.at <= now && now - found.at < UPP_MINUTE);
    assert_null(tsa_check((upp_bytes){ reply, n }, imprint, NULL, authority_roots(&a), &found));
    assert_null(tsa_check((upp_bytes){ reply, n }, imprint, NULL, nobody, &found));
    assert_true(found.at <= now);
    authority_close(&a);
}

static void what_it_is_over_and_what_it_answers(void **state)
{
    static uint8_t reply[TSA_REPLY];
    static const uint8_t other[TSA_IMPRINT] = { 9 };
    static const uint64_t another = 5;
    authority a, stranger;
    (void)state;
    authority_open(&a, &fine);
    authority_open(&stranger, &fine);
    size_t n = authority_reply(&a, other, &nonce, reply);
    assert_string_equal(check(reply, n, &a), "token-imprint");
    assert_string_equal(check(reply, n, NULL), "token-imprint");
    n = authority_reply(&a, imprint, &another, reply);
    assert_string_equal(check(reply, n, &a), "token-nonce");
    assert_string_equal(check(reply, n, NULL), "token-nonce");
    n = authority_reply(&a, imprint, NULL, reply);
    assert_string_equal(check(reply, n, &a), "token-nonce");
    n = authority_reply(&stranger, imprint, &nonce, reply);
    assert_string_equal(check(reply, n, &a), "token-chain");
    assert_null(check(reply, n, &stranger));
    authority_close(&stranger);
    authority_close(&a);
}

/* Only who may make stamps, and nothing else, as long as he may; then for ever. */
static void who_may_make_one(void **state)
{
    static const authority_kind bad[] = {
        { .name = "utan", .usage = NULL },
        { .name = "server", .usage = "critical,serverAuth" },
        { .name = "båda", .usage = "critical,timeStamping,serverAuth" },
        { .name = "lös", .usage = "timeStamping" },
    };
    static const authority_kind ended = {
        .name = "slut", .usage = "critical,timeStamping", .from = 1500000000, .to = 1600000000
    };
    static uint8_t reply[TSA_REPLY];
    authority honest, a;
    (void)state;
    authority_open(&honest, &fine);
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        authority_open(&a, &bad[i]);
        const size_t n = authority_forge(&a, &honest, imprint, &nonce, reply);
        assert_string_equal(check(reply, n, &a), "token-chain");
        authority_close(&a);
    }
    authority_open(&a, &fine); /* made in the same way by one who may */
    size_t n = authority_forge(&a, &honest, imprint, &nonce, reply);
    assert_null(check(reply, n, &a));
    authority_close(&a);
    authority_open(&a, &ended);
    n = authority_reply(&a, imprint, &nonce, reply);
    assert_string_equal(check(reply, n, &a), "token-chain");
    a.at = 1550000000; /* of 2019, when it was valid */
    n = authority_reply(&a, imprint, &nonce, reply);
    assert_null(check(reply, n, &a));
    a.at = 1400000000; /* not yet */
    n = authority_reply(&a, imprint, &nonce, reply);
    assert_string_equal(check(reply, n, &a), "token-chain");
    authority_close(&a);
    authority_close(&honest);
}

/* What lies between is taken from the file of roots where the answer leaves it out; alone it is
 * none. */
static void what_lies_between(void **state)
{
    static const authority_kind kind = { .name = "under mellan",
                                         .usage = "critical,timeStamping",
                                         .middle = true };
    static uint8_t reply[TSA_REPLY];
    char both[8192];
    tsa_found found;
    authority a;
    (void)state;
    authority_open(&a, &kind);
    const size_t n = authority_reply(&a, imprint, &nonce, reply);
    char *middle = authority_pem(a.middle);
    const upp_bytes alone = { (const uint8_t *)middle, strlen(middle) };
    snprintf(both, sizeof both, "%s%s", a.roots, middle);
    const upp_bytes all = { (const uint8_t *)both, strlen(both) };
    assert_string_equal(check(reply, n, &a), "token-chain");
    assert_string_equal(tsa_check((upp_bytes){ reply, n }, imprint, &nonce, alone, &found),
                        "token-chain");
    assert_null(tsa_check((upp_bytes){ reply, n }, imprint, &nonce, all, &found));
    free(middle);
    authority_close(&a);
}

static void what_is_no_stamp(void **state)
{
    static uint8_t reply[TSA_REPLY + 1];
    authority a;
    (void)state;
    authority_open(&a, &fine);
    assert_string_equal(check(reply, 0, &a), "token-malformed");
    assert_string_equal(check((const uint8_t *)"<html>", 6, &a), "token-malformed");
    TS_RESP *refusal = authority_answer(&a, (const uint8_t *)"what", 4);
    uint8_t *at = reply;
    size_t n = (size_t)i2d_TS_RESP(refusal, &at);
    TS_RESP_free(refusal);
    assert_string_equal(check(reply, n, &a), "token-refused");
    n = authority_reply(&a, imprint, &nonce, reply);
    reply[n] = 0;
    assert_string_equal(check(reply, n + 1, &a), "token-malformed");
    assert_string_equal(check(reply, sizeof reply, &a), "token-malformed");
    for (size_t i = 0; i < n; i++)
        assert_string_equal(check(reply, i, &a), "token-malformed");
    authority_close(&a);
}

/* A changed bit is found, or it is one that nobody asked about: the root that came along, words. */
static void one_bit(void **state)
{
    static uint8_t reply[TSA_REPLY];
    authority a;
    tsa_found good, found;
    size_t taken = 0;
    (void)state;
    authority_open(&a, &fine);
    const size_t n = authority_reply(&a, imprint, &nonce, reply);
    assert_null(tsa_check((upp_bytes){ reply, n }, imprint, &nonce, authority_roots(&a), &good));
    for (size_t i = 0; i < 8 * n; i++) {
        reply[i / 8] ^= (uint8_t)(1U << i % 8);
        if (!tsa_check((upp_bytes){ reply, n }, imprint, &nonce, authority_roots(&a), &found)) {
            assert_true(found.at == good.at);
            assert_string_equal(found.signer, good.signer);
            taken++;
        }
        reply[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    print_message("%zu bits of %zu in what nobody asked about\n", taken, 8 * n);
    assert_true(taken < 8 * n / 2);
    authority_close(&a);
}

static void roots_are_certificates(void **state)
{
    char text[8192];
    authority a;
    (void)state;
    authority_open(&a, &fine);
    assert_true(tsa_roots_good(authority_roots(&a)));
    assert_false(tsa_roots_good(nobody));
    assert_false(tsa_roots_good((upp_bytes){ (const uint8_t *)"x", 1 }));
    snprintf(text, sizeof text, "# two\n%s\n%s", a.roots, a.roots);
    assert_true(tsa_roots_good((upp_bytes){ (const uint8_t *)text, strlen(text) }));
    text[strlen(text) - 60] = '*';
    assert_false(tsa_roots_good((upp_bytes){ (const uint8_t *)text, strlen(text) }));
    snprintf(text, sizeof text, "%.100s", a.roots);
    assert_false(tsa_roots_good((upp_bytes){ (const uint8_t *)text, strlen(text) }));
    authority_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_der),
        cmocka_unit_test(a_good_stamp_says_when_and_who),
        cmocka_unit_test(what_it_is_over_and_what_it_answers),
        cmocka_unit_test(who_may_make_one),
        cmocka_unit_test(what_lies_between),
        cmocka_unit_test(what_is_no_stamp),
        cmocka_unit_test(one_bit),
        cmocka_unit_test(roots_are_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
