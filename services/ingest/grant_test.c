/* grant_test.c - tokens that each renewal makes anew (R01, R13; RFC 6749 §6), and how they lie
 * sealed. */
#include "grant.h"
#include "token_box.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define URL     "https://api.x.example/2/oauth2/token"
#define TWO_IDS "{\"client_id\":\"a\",\"client_id\":\"b\",\"refresh_token\":\"r\"}"

static char *renewed(const char *secret, const char *body, upp_ms *ret_life)
{
    return grant_renewed(secret, (const uint8_t *)body, strlen(body), ret_life);
}

static void only_an_object_is_a_grant(void **state)
{
    (void)state;
    assert_true(grant_is(" {\"client_id\":\"a\"}"));
    assert_false(grant_is("AAAA-token"));
    assert_true(grant_is_whole("{\"client_id\":\"a\",\"refresh_token\":\"r\"}"));
    static const char *const bad[] = { "",
                                       "{",
                                       "[]",
                                       "{}",
                                       "{\"client_id\":\"a\"}",
                                       "{\"client_id\":\"\",\"refresh_token\":\"r\"}",
                                       "{\"client_id\":\"a\",\"refresh_token\":7}",
                                       TWO_IDS };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_false(grant_is_whole(bad[i]));
    renewal r;
    assert_int_equal(grant_ask("{}", URL, &r), UPP_E_INPUT);
    assert_null(r.url);
    assert_null(grant_access("{\"client_id\":\"a\",\"refresh_token\":\"r\"}"));
    assert_null(grant_access("{\"access_token\":\"a\\nX: y\"}"));
}

static void a_confidential_client_says_who_it_is_in_a_header(void **state)
{
    (void)state;
    renewal r;
    assert_int_equal(grant_ask("{\"client_id\":\"a&b\",\"client_secret\":\"s\","
                               "\"refresh_token\":\"r=1\"}",
                               URL, &r),
                     0);
    assert_string_equal(r.url, URL);
    assert_string_equal(r.type, "application/x-www-form-urlencoded");
    assert_string_equal(r.body, "grant_type=refresh_token&refresh_token=r%3D1&client_id=a%26b");
    assert_string_equal(r.basic, "Authorization: Basic YSUyNmI6cw=="); /* a%26b:s */
    renewal_done(&r);
    assert_null(r.basic);
    assert_int_equal(grant_ask("{\"client_id\":\"a\",\"refresh_token\":\"r\"}", URL, &r), 0);
    assert_null(r.basic);
    renewal_done(&r);
}

static void r13_what_is_renewed_takes_the_place_of_what_was(void **state)
{
    (void)state;
    static const char old[] = "{\"client_id\":\"a\",\"client_secret\":\"s\","
                              "\"refresh_token\":\"r1\",\"access_token\":\"t1\"}";
    upp_ms life = 0;
    char *new = renewed(old,
                        "{\"token_type\":\"bearer\",\"expires_in\":7200,\"access_token\":\"t2\","
                        "\"refresh_token\":\"r2\"}",
                        &life);
    assert_string_equal(new, "{\"client_id\":\"a\",\"client_secret\":\"s\","
                             "\"refresh_token\":\"r2\",\"access_token\":\"t2\"}");
    assert_int_equal(life, 7140 * UPP_SECOND);
    char *token = grant_access(new);
    assert_string_equal(token, "t2");
    token_wipe(token);
    token_wipe(new);
    /* who gives no other refresh token lets the old one be used again (RFC 6749 §6) */
    new = renewed(old, "{\"expires_in\":7200,\"access_token\":\"t3\"}", &life);
    assert_non_null(strstr(new, "\"refresh_token\":\"r1\""));
    token_wipe(new);
    static const char *const bad[] = { "",
                                       "{}",
                                       "[]",
                                       "{\"access_token\":7}",
                                       "{\"error\":\"invalid_grant\"}",
                                       "{\"access_token\":\"a\\r\\nb\"}" };
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        assert_null(renewed(old, bad[i], &life));
    assert_null(renewed("{}", "{\"access_token\":\"t\"}", &life));
}

static void a_box_opens_with_its_own_key_alone(void **state)
{
    (void)state;
    uint8_t key[TOKEN_BOX_KEY], other[TOKEN_BOX_KEY];
    const uint8_t nonce[TOKEN_BOX_NONCE] = { 7 };
    size_t len = 0;
    char hex[2 * TOKEN_BOX_KEY + 1];
    memset(hex, 'a', sizeof hex - 1);
    hex[sizeof hex - 1] = 0;
    assert_int_equal(token_box_key(hex, key), 0);
    assert_int_equal(token_box_key("aa", other), UPP_E_INPUT);
    assert_int_equal(token_box_key(NULL, other), UPP_E_INPUT);
    hex[0] = 'x';
    assert_int_equal(token_box_key(hex, other), UPP_E_INPUT);
    memset(other, 1, sizeof other);
    uint8_t *sealed = token_box_seal(key, nonce, "secret", &len);
    char *open = token_box_open(key, sealed, len);
    assert_string_equal(open, "secret");
    token_wipe(open);
    assert_null(token_box_open(other, sealed, len));
    assert_null(token_box_open(key, sealed, len - 1));
    assert_null(token_box_open(key, sealed, 3));
    sealed[len - 1] ^= 1;
    assert_null(token_box_open(key, sealed, len));
    free(sealed);
    sealed = token_box_seal(key, nonce, "two\nlines", &len);
    open = token_box_open(key, sealed, len);
    assert_string_equal(open, "two\nlines");
    token_wipe(open);
    assert_null(token_box_open_line(key, sealed, len));
    free(sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_object_is_a_grant),
        cmocka_unit_test(a_confidential_client_says_who_it_is_in_a_header),
        cmocka_unit_test(r13_what_is_renewed_takes_the_place_of_what_was),
        cmocka_unit_test(a_box_opens_with_its_own_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
