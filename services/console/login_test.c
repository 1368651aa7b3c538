/* login_test.c - who may sign in, for how long, how often (reliability.md B5). */
#include "console_fixture.h"

static void a_session_is_a_hash_and_ends(void **state)
{
    bench *b = *state;
    login_of(b, "a", "anna " MARKER);
    bench_saw(b, "AccessLogged");
    assert_string_equal(sign_in(b, "anna", true, 1, NULL), ""); /* another name */
    assert_string_not_equal(sign_in(b, "anna " MARKER, true, 1, NULL), "");
    bench_saw(b, "AccessLogged AccessLogged");
    assert_int_equal(visitors(b, 1), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__visitor_row__descriptor);
    assert_string_equal(((Uppsikt__VisitorRow *)row)->person, "a");
    upp_msg_freep(&row);
    assert_int_equal(visitors(b, 2), 0);
    b->now += 29 * UPP_MINUTE;
    Uppsikt__KeepSession keep = UPPSIKT__KEEP_SESSION__INIT;
    char text[65];
    keep.token_sha256 = upp_lend(token_of(1, text));
    bench_did(b, NULL, &keep.base);
    b->now += 29 * UPP_MINUTE;
    assert_int_equal(visitors(b, 1), 1);
    b->now += 2 * UPP_MINUTE;
    assert_int_equal(visitors(b, 1), 0); /* idle */
    assert_string_not_equal(sign_in(b, "anna " MARKER, true, 3, NULL), "");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM session"), 1); /* old ones are swept */
    for (int i = 0; i < 30; i++) {
        b->now += 20 * UPP_MINUTE;
        keep.token_sha256 = upp_lend(token_of(3, text));
        bench_did(b, NULL, &keep.base);
    }
    assert_int_equal(visitors(b, 3), 0); /* ten hours in all */
}

/* I28: no session outlives her leaving, and the log says so of each. */
static void signing_out_ends_it_and_so_does_leaving(void **state)
{
    bench *b = *state;
    char text[65];
    Uppsikt__SignOut out = UPPSIKT__SIGN_OUT__INIT;
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    login_of(b, "a", "anna");
    sign_in(b, "anna", true, 1, NULL);
    sign_in(b, "anna", true, 2, NULL);
    out.token_sha256 = upp_lend(token_of(1, text));
    bench_did(b, NULL, &out.base);
    assert_int_equal(visitors(b, 1), 0);
    assert_int_equal(visitors(b, 2), 1);
    sign_in(b, "anna", true, 4, NULL);
    bench_saw(b, "AccessLogged AccessLogged AccessLogged AccessLogged AccessLogged");
    left.person = upp_lend("a");
    hear(b, "registry", "a", &left.base, NULL);
    bench_saw(b, "AccessLogged AccessLogged");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_log WHERE type ="
                                     " 'uppsikt.AccessLogged' AND instr(envelope, CAST('ended' AS"
                                     " BLOB)) > 0"),
                     2); /* each that was open */
    assert_int_equal(bench_number(b, "SELECT count(*) FROM session"), 0);
    assert_int_equal(visitors(b, 2), 0);
    assert_string_equal(sign_in(b, "anna", true, 3, NULL), "");
    Uppsikt__SetLogin c = UPPSIKT__SET_LOGIN__INIT;
    c.person = upp_lend("a");
    c.name = upp_lend("anna");
    c.password_hash = upp_lend(HASH);
    bench_refused(b, "a", &c.base, "person-left");
}

static void failures_are_slowed_in_the_store(void **state)
{
    bench *b = *state;
    upp_ms span = 0;
    login_of(b, "a", "anna");
    for (int i = 0; i < 4; i++) {
        assert_string_equal(sign_in(b, "anna", false, 1, &span), "");
        assert_int_equal(span, 0);
    }
    assert_string_equal(sign_in(b, "anna", false, 1, &span), "");
    assert_int_equal(span, UPP_SECOND);
    bench_restart(b);
    assert_string_equal(sign_in(b, "anna", true, 1, &span), ""); /* right, and too early */
    assert_int_equal(span, UPP_SECOND);
    b->now += UPP_SECOND;
    assert_string_not_equal(sign_in(b, "anna", true, 1, &span), "");
    assert_string_equal(sign_in(b, "anna", false, 2, &span), ""); /* counted from the beginning */
    assert_int_equal(span, 0);
}

static void a_login_is_set_by_the_operators_or_herself(void **state)
{
    bench *b = *state;
    Uppsikt__SetLogin c = UPPSIKT__SET_LOGIN__INIT;
    c.person = upp_lend("a");
    c.name = upp_lend("anna");
    c.password_hash = upp_lend(HASH);
    bench_refused(b, "c", &c.base, "not-allowed");
    bench_refused(b, NULL, &c.base, "not-allowed");
    c.password_hash = upp_lend("a word in clear");
    bench_refused(b, "a", &c.base, "login-malformed");
    c.password_hash = upp_lend(HASH);
    c.name = upp_lend("");
    bench_refused(b, "a", &c.base, "name-missing");
    login_of(b, "a", "anna");
    bench_did(b, "a", &c.base); /* a new password, the same name */
    c.person = upp_lend("c");
    c.name = upp_lend("anna");
    bench_refused(b, "c", &c.base, "name-taken");
    c.person = upp_lend("nobody");
    bench_refused(b, "nobody", &c.base, "no-such-person");
    c.person = upp_lend("a");
    c.password_hash = upp_lend("");
    bench_did(b, "a", &c.base);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM login"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(a_session_is_a_hash_and_ends),
        STEP(signing_out_ends_it_and_so_does_leaving),
        STEP(failures_are_slowed_in_the_store),
        STEP(a_login_is_set_by_the_operators_or_herself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
