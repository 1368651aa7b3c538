/* session_test.c - a name and a password become a token, which soon ends (R01; platforms.md
 * §13). */
#include "session.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool keeps(sessions *all, const char *secret, const char *body)
{
    return session_keep(all, secret, body, strlen(body));
}

static void only_a_name_and_a_password_ask_for_one(void **state)
{
    (void)state;
    assert_true(session_wanted("kommun.bsky.social abcd-efgh-ijkl-mnop"));
    assert_false(session_wanted("eyJhbGciOi.eyJzY29.x"));
    assert_false(session_wanted(""));
    assert_false(session_wanted(" abcd"));
    assert_false(session_wanted("kommun "));
    assert_false(session_wanted("a b c"));
    char *question = session_question("kommun.test \"åbc\\");
    assert_string_equal(question, "{\"identifier\":\"kommun.test\",\"password\":\"\\\"åbc\\\\\"}");
    free(question);
    assert_null(session_question("kommun \xff"));
}

static void each_has_its_own_token_until_it_ends(void **state)
{
    (void)state;
    sessions *all = sessions_new();
    assert_null(session_token(all, "a b"));
    assert_true(keeps(all, "a b", "{\"accessJwt\":\"t1\",\"refreshJwt\":\"r\"}"));
    assert_true(keeps(all, "a c", "{\"accessJwt\":\"t2\"}"));
    assert_string_equal(session_token(all, "a b"), "t1");
    assert_string_equal(session_token(all, "a c"), "t2");
    assert_true(keeps(all, "a b", "{\"accessJwt\":\"t3\"}"));
    assert_string_equal(session_token(all, "a b"), "t3");
    session_drop(all, "a b");
    session_drop(all, "a b");
    assert_null(session_token(all, "a b"));
    assert_string_equal(session_token(all, "a c"), "t2");
    static const char *const none[] = { "",
                                        "{}",
                                        "[",
                                        "{\"accessJwt\":7}",
                                        "{\"accessJwt\":\"\"}",
                                        "{\"accessJwt\":\"a\\r\\nHost: x\"}" };
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        assert_false(keeps(all, "a c", none[i]));
        assert_null(session_token(all, "a c"));
    }
    sessions_free(all);
    sessions_free(NULL);
}

static void there_is_room_for_the_newest(void **state)
{
    (void)state;
    sessions *all = sessions_new();
    char secret[16], body[48];
    for (int i = 0; i < 200; i++) {
        snprintf(secret, sizeof secret, "a %d", i);
        snprintf(body, sizeof body, "{\"accessJwt\":\"t%d\"}", i);
        assert_true(keeps(all, secret, body));
        assert_non_null(session_token(all, secret));
    }
    assert_string_equal(session_token(all, "a 199"), "t199");
    sessions_free(all);
}

static void its_end_is_told_by_status_and_name(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        bool ended;
    } rows[] = {
        { 400, "{\"error\":\"ExpiredToken\"}", true },
        { 401, "{\"error\":\"InvalidToken\"}", true },
        { 400, "{\"error\":\"InvalidRequest\",\"message\":\"ExpiredToken\"}", false },
        { 200, "{\"error\":\"ExpiredToken\"}", false },
        { 401, "{\"error\":\"AuthenticationRequired\"}", false },
        { 401, "<html>", false },
        { 400, "", false },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(session_ended(rows[i].status, rows[i].body, strlen(rows[i].body)),
                         rows[i].ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_name_and_a_password_ask_for_one),
        cmocka_unit_test(each_has_its_own_token_until_it_ends),
        cmocka_unit_test(there_is_room_for_the_newest),
        cmocka_unit_test(its_end_is_told_by_status_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
