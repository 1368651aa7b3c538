/* issuer_test.c - what the directory says of itself, what is said to it, and who is there just now
 * (R24, R25; RFC 6749, 7636, 8414). */
#include "issuer.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME "https://login.kommunen.example/r/k"
#define REST                                                                                       \
    "\"authorization_endpoint\":\"https://login.kommunen.example/a?x=1\","                         \
    "\"token_endpoint\":\"https://login.kommunen.example/t\","                                     \
    "\"jwks_uri\":\"https://keys.kommunen.example/j\""
#define RIGHT "{\"issuer\":\"" NAME "\"," REST "}"
static const uint8_t secret[GUARD_TOKEN] = { 9, 8, 7 };

static void R25_the_directory_is_who_it_was_said_to_be(void **state)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"issuer\":\"" NAME "/\"," REST "}",
        "{\"issuer\":7," REST "}",
        "{\"issuer\":\"" NAME "\",\"issuer\":\"" NAME "\"," REST "}",
        "{\"issuer\":\"" NAME "\",\"authorization_endpoint\":\"https://a.example/a\","
        "\"token_endpoint\":\"https://a.example/t\"}",
        "{\"issuer\":\"" NAME "\",\"authorization_endpoint\":\"http://a.example/a\","
        "\"token_endpoint\":\"https://a.example/t\",\"jwks_uri\":\"https://a.example/j\"}",
        "{\"issuer\":\"" NAME "\",\"authorization_endpoint\":\"https://a.example/a\","
        "\"token_endpoint\":\"http://127.0.0.1:8080/t\",\"jwks_uri\":\"https://a.example/j\"}",
        "{\"issuer\":\"" NAME "\",\"authorization_endpoint\":\"https://a.example/a\\r\\nX: y\","
        "\"token_endpoint\":\"https://a.example/t\",\"jwks_uri\":\"https://a.example/j\"}",
        "{\"issuer\":\"" NAME "\",\"code_challenge_methods_supported\":[\"plain\"]," REST "}",
    };
    (void)state;
    issuer i;
    for (size_t n = 0; n < UPP_LEN(wrong); n++)
        assert_non_null(issuer_read(wrong[n], NAME, &i));
    assert_null(issuer_read(RIGHT, NAME, &i));
    assert_string_equal(i.keys, "https://keys.kommunen.example/j");
    assert_false(i.secret_in_body || i.says_itself);
    assert_null(
        issuer_read("{\"issuer\":\"" NAME "\",\"token_endpoint_auth_methods_supported\":"
                    "[\"client_secret_post\"],\"code_challenge_methods_supported\":"
                    "[\"plain\",\"S256\"],\"authorization_response_iss_parameter_supported\""
                    ":true," REST "}",
                    NAME, &i));
    assert_true(i.secret_in_body && i.says_itself);
    char *url = issuer_description(NAME "/");
    assert_string_equal(url, NAME "/.well-known/openid-configuration");
    free(url);
}

/* One on this machine, as in a trial, does not send us, or her, away from it. */
static void R25_a_directory_on_this_machine_stays_there(void **state)
{
    (void)state;
    issuer i;
    assert_null(issuer_read("{\"issuer\":\"http://127.0.0.1:9\",\"authorization_endpoint\":"
                            "\"http://127.0.0.1:9/a\",\"token_endpoint\":\"http://127.0.0.1:9/t\","
                            "\"jwks_uri\":\"http://localhost:9/j\"}",
                            "http://127.0.0.1:9", &i));
    assert_non_null(
        issuer_read("{\"issuer\":\"http://127.0.0.1:9\"," REST "}", "http://127.0.0.1:9", &i));
}

static void R25_an_address_is_https_and_plain(void **state)
{
    static const char *const fine[] = { "https://a.example", "https://a.example:8443/x?y=z",
                                        "http://127.0.0.1:1/x", "http://[::1]:1",
                                        "http://localhost" };
    static const char *const wrong[] = { "",
                                         "https://",
                                         "https:///x",
                                         "http://a.example",
                                         "http://127.0.0.1.a.example/",
                                         "https://user@a.example",
                                         "https://a.example/#x",
                                         "https://a.example/ x",
                                         "https://\xc3\xa5.example",
                                         "ftp://a.example",
                                         "javascript:alert(1)",
                                         "file:///etc/passwd" };
    (void)state;
    for (size_t n = 0; n < UPP_LEN(fine); n++)
        assert_true(issuer_url_is_fine(fine[n]));
    for (size_t n = 0; n < UPP_LEN(wrong); n++)
        assert_false(issuer_url_is_fine(wrong[n]));
    char longest[ISSUER_URL + 1];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "https://", 8);
    longest[ISSUER_URL] = '\0';
    assert_false(issuer_url_is_fine(longest));
}

/* RFC 7636 §4.2: the challenge is the verifier's SHA-256; §4.1: 43 characters of the plain ones. */
static void R25_what_goes_there_is_made_of_the_cookies_secret(void **state)
{
    (void)state;
    sign_words a, b;
    uint8_t other[GUARD_TOKEN] = { 9, 8, 6 }, digest[crypto_hash_sha256_BYTES];
    char text[SIGN_TRY_VERIFIER];
    sign_try_words(secret, &a);
    sign_try_words(other, &b);
    assert_int_equal(strlen(a.verifier), 43);
    crypto_hash_sha256(digest, (const unsigned char *)a.verifier, 43);
    sodium_bin2base64(text, sizeof text, digest, sizeof digest,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    assert_string_equal(a.challenge, text);
    assert_string_not_equal(a.state, a.nonce);
    assert_string_not_equal(a.state, b.state);
    assert_string_not_equal(a.nonce, b.nonce);
    assert_string_not_equal(a.verifier, b.verifier);

    issuer i;
    char *login = NULL;
    assert_null(issuer_read(RIGHT, NAME, &i));
    issuer_client c = { .issuer = NAME,
                        .id = "uppsikt & co",
                        .secret = "a:b c",
                        .scopes = "openid email",
                        .back = "https://uppsikt.kommunen.example/logga-in/katalog/svar" };
    char *question = issuer_question(&i, &c, &a), wanted[1024];
    snprintf(
        wanted, sizeof wanted,
        "https://login.kommunen.example/a?x=1&response_type=code&client_id=uppsikt%%20%%26%%20co"
        "&redirect_uri=https%%3A%%2F%%2Fuppsikt.kommunen.example%%2Flogga-in%%2Fkatalog%%2Fsvar"
        "&scope=openid%%20email&state=%s&nonce=%s&code_challenge=%s&code_challenge_method=S256",
        a.state, a.nonce, a.challenge);
    assert_string_equal(question, wanted);
    assert_null(strstr(question, a.verifier)); /* that goes to the directory alone, later */
    free(question);

    char *form = issuer_exchange(&i, &c, "c&d", &a, &login);
    assert_string_equal(login, "uppsikt%20%26%20co:a%3Ab%20c");
    assert_non_null(strstr(form, "&code=c%26d&"));
    assert_non_null(strstr(form, a.verifier));
    assert_null(strstr(form, "client_"));
    free(form);
    free(login);
    i.secret_in_body = true;
    form = issuer_exchange(&i, &c, "c", &a, &login);
    assert_null(login);
    assert_non_null(strstr(form, "&client_id=uppsikt%20%26%20co&client_secret=a%3Ab%20c"));
    free(form);
    c.secret = NULL;
    form = issuer_exchange(&i, &c, "c", &a, &login);
    assert_null(login);
    assert_null(strstr(form, "client_secret"));
    free(form);
}

static void R25_a_try_is_used_once_and_not_for_long(void **state)
{
    static sign_tries tries;
    (void)state;
    uint8_t other[GUARD_TOKEN] = { 1 };
    sign_try_begin(&tries, secret, "/sak/1", 1000);
    assert_null(sign_try_end(&tries, other, 1001));
    char *to = sign_try_end(&tries, secret, 1000 + SIGN_TRY_SPAN - 1);
    assert_string_equal(to, "/sak/1");
    free(to);
    assert_null(sign_try_end(&tries, secret, 1001)); /* again */
    sign_try_begin(&tries, secret, "/", 1000);
    assert_null(sign_try_end(&tries, secret, 1000 + SIGN_TRY_SPAN));
    assert_null(sign_try_end(&tries, secret, 1001));
    sign_try_begin(&tries, secret, "/first", 1000);
    for (int i = 0; i < SIGN_TRIES; i++) { /* whoever asks for many of them pushes out the oldest */
        memcpy(other, &i, sizeof i);
        other[GUARD_TOKEN - 1] = 1;
        sign_try_begin(&tries, other, "/", 1000);
    }
    assert_null(sign_try_end(&tries, secret, 1001));
    to = sign_try_end(&tries, other, 1001);
    assert_string_equal(to, "/");
    free(to);
    sign_tries_done(&tries);
}

static void R24_its_errors_are_words_that_a_log_may_hold(void **state)
{
    (void)state;
    char word[ISSUER_CODE];
    issuer_error("{\"error\":\"invalid_client\",\"error_description\":\"Frida\"}", word);
    assert_string_equal(word, "invalid_client");
    issuer_error("{\"error\":\"Frida@kommunen.example\"}", word);
    assert_string_equal(word, "");
    issuer_error("{\"error\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", word);
    assert_string_equal(word, "");
    issuer_error("no JSON", word);
    assert_string_equal(word, "");
    assert_null(issuer_token("{\"id_token\":7}"));
    char *token = issuer_token("{\"access_token\":\"x\",\"id_token\":\"a.b.c\"}");
    assert_string_equal(token, "a.b.c");
    free(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R25_the_directory_is_who_it_was_said_to_be),
        cmocka_unit_test(R25_a_directory_on_this_machine_stays_there),
        cmocka_unit_test(R25_an_address_is_https_and_plain),
        cmocka_unit_test(R25_what_goes_there_is_made_of_the_cookies_secret),
        cmocka_unit_test(R25_a_try_is_used_once_and_not_for_long),
        cmocka_unit_test(R24_its_errors_are_words_that_a_log_may_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
