/* renewal_test.c - tokens that are made anew (R01, R13; RFC 6749 §6). */
#include "renewal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_plain_token_is_itself(void **state)
{
    (void)state;
    static const char *const plain[] = { "EAAG-x", "ya29.a0", "[1]", "", " x{" };
    for (size_t i = 0; i < UPP_LEN(plain); i++) {
        renewal r;
        assert_int_equal(renewal_read(plain[i], "", &r), 1);
        assert_null(r.url);
    }
}

static void an_object_says_what_to_ask_for_it_with(void **state)
{
    (void)state;
    renewal r;
    assert_int_equal(renewal_read("{\"type\":\"authorized_user\",\"client_id\":\"a&b\","
                                  "\"client_secret\":\"ö\",\"refresh_token\":\"1//x\"}",
                                  "", &r),
                     0);
    assert_string_equal(r.url, "https://oauth2.googleapis.com/token");
    assert_string_equal(r.body, "grant_type=refresh_token&client_id=a%26b&client_secret=%C3%B6"
                                "&refresh_token=1%2F%2Fx");
    renewal_done(&r);
    assert_null(r.body);
    assert_int_equal(
        renewal_read(" {\"token_uri\":\"http://127.0.0.1:1/token\",\"client_id\":\"a\","
                     "\"client_secret\":\"b\",\"refresh_token\":\"c\"}",
                     "", &r),
        0);
    assert_string_equal(r.url, "http://127.0.0.1:1/token");
    renewal_done(&r);
    static const char *const bad[] = {
        "{",
        "{}",
        "{\"client_id\":\"a\",\"client_secret\":\"b\"}",
        "{\"client_id\":\"a\",\"client_secret\":\"\",\"refresh_token\":\"c\"}",
        "{\"client_id\":\"a\",\"client_secret\":7,\"refresh_token\":\"c\"}",
        "{\"token_uri\":\"http://evil.example/\",\"client_id\":\"a\",\"client_secret\":\"b\","
        "\"refresh_token\":\"c\"}",
        "{\"token_uri\":\"file:///etc/passwd\",\"client_id\":\"a\",\"client_secret\":\"b\","
        "\"refresh_token\":\"c\"}",
    };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        assert_int_equal(renewal_read(bad[i], "", &r), UPP_E_INPUT);
        assert_null(r.url);
        assert_null(r.body);
    }
}

static void a_name_and_a_password_ask_for_a_session(void **state)
{
    static const char where[] = "https://x.example/xrpc/s";
    static const char *const tokens[] = { "eyJhbGciOi.eyJzY29.x", "", " abcd", "kommun ", "a b c" };
    renewal r;
    (void)state;
    assert_int_equal(renewal_read("kommun.test \"åbc\\", where, &r), 0);
    assert_string_equal(r.url, where);
    assert_string_equal(r.type, "application/json");
    assert_string_equal(r.body, "{\"identifier\":\"kommun.test\",\"password\":\"\\\"åbc\\\\\"}");
    renewal_done(&r);
    assert_int_equal(renewal_read("kommun.test abcd", "", &r), 1); /* no sessions there */
    assert_int_equal(renewal_read("kommun \xff", where, &r), UPP_E_INPUT);
    for (size_t i = 0; i < UPP_LEN(tokens); i++)
        assert_int_equal(renewal_read(tokens[i], where, &r), 1);
}

static void its_end_is_told_by_status_and_name(void **state)
{
    static const struct {
        long status;
        const char *body;
        bool ended;
    } rows[] = {
        { 400, "{\"error\":\"ExpiredToken\"}", true },
        { 401, "", true },
        { 400, "{\"error\":\"InvalidRequest\",\"message\":\"ExpiredToken\"}", false },
        { 200, "{\"error\":\"ExpiredToken\"}", false },
        { 403, "{\"error\":\"ExpiredToken\"}", false },
        { 400, "<html>", false },
        { 400, "", false },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(
            renewal_ended(rows[i].status, (const uint8_t *)rows[i].body, strlen(rows[i].body)),
            rows[i].ended);
}

static char *token_in(const char *body, upp_ms *ret_life)
{
    return renewal_token((const uint8_t *)body, strlen(body), ret_life);
}

static void the_answer_holds_a_token_and_its_life(void **state)
{
    (void)state;
    upp_ms life = 0;
    char *token = token_in("{\"access_token\":\"ya29.x\",\"expires_in\":3599}", &life);
    assert_string_equal(token, "ya29.x");
    assert_int_equal(life, 3539 * UPP_SECOND);
    free(token);
    token = token_in("{\"accessJwt\":\"t1\",\"refreshJwt\":\"r\"}", &life);
    assert_string_equal(token, "t1");
    assert_int_equal(life, UPP_HOUR);
    free(token);
    static const char *const odd[] = { "-1", "0", "\"3599\"", "99999999999", "60" };
    for (size_t i = 0; i < UPP_LEN(odd); i++) {
        char body[96] = "{\"access_token\":\"t\",\"expires_in\":";
        strncat(body, odd[i], 20);
        strncat(body, "}", 2);
        token = token_in(body, &life);
        assert_string_equal(token, "t");
        assert_int_equal(life, UPP_MINUTE); /* not said in a way that can be believed */
        free(token);
    }
    assert_null(token_in("{\"error\":\"invalid_grant\"}", &life));
    assert_null(token_in("{\"access_token\":\"a\\r\\nX: y\"}", &life));
    assert_null(token_in("{\"access_token\":\"\"}", &life));
    assert_null(token_in("<html>", &life));
    assert_null(token_in("", &life));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_token_is_itself),
        cmocka_unit_test(an_object_says_what_to_ask_for_it_with),
        cmocka_unit_test(a_name_and_a_password_ask_for_a_session),
        cmocka_unit_test(its_end_is_told_by_status_and_name),
        cmocka_unit_test(the_answer_holds_a_token_and_its_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
