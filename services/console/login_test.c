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

/* -- the organisation's own directory -- */
static void called(bench *b, const char *who, const char *name)
{
    Uppsikt__SetDirectoryName c = UPPSIKT__SET_DIRECTORY_NAME__INIT;
    c.person = upp_lend(who);
    c.name = upp_lend(name);
    b->peer = "uppsikt";
    bench_did(b, NULL, &c.base);
    b->peer = NULL;
}

/* Whose session it is; "" none. */
static const char *comes_as(bench *b, const char *name, int token)
{
    static char who[64];
    char text[65];
    Uppsikt__SignInByDirectory c = UPPSIKT__SIGN_IN_BY_DIRECTORY__INIT;
    c.name = upp_lend(name);
    c.address = upp_lend("192.0.2.1");
    c.token_sha256 = upp_lend(token_of(token, text));
    bench_did(b, NULL, &c.base);
    Uppsikt__SignedIn *out = uppsikt__signed_in__unpack(NULL, b->outcome.len, b->outcome.at);
    assert_non_null(out);
    assert_true((out->session[0] != '\0') == (out->person[0] != '\0'));
    snprintf(who, sizeof who, "%s", out->person);
    uppsikt__signed_in__free_unpacked(out, NULL);
    return who;
}

/* How many lines of the log say both. */
static int64_t said_how(bench *b, const char *what, const char *how)
{
    char sql[300];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.AccessLogged' AND"
             " instr(envelope, CAST('%s' AS BLOB)) > 0 AND instr(envelope, CAST('%s' AS BLOB)) > 0",
             what, how);
    return bench_number(b, sql);
}

/* R25: the directory says who somebody is, the register whether she is anybody here. */
static void R25_the_directory_signs_in_whom_the_register_knows(void **state)
{
    bench *b = *state;
    assert_string_equal(comes_as(b, "Anna@kommunen.example", 1), "");
    called(b, "a", "anna@Kommunen.example");
    called(b, "c", "carl@kommunen.example");
    assert_string_equal(comes_as(b, "ANNA@kommunen.example", 1), "a");
    assert_string_equal(comes_as(b, "carl@kommunen.example", 2), "c");
    assert_int_equal(visitors(b, 1), 1);
    assert_int_equal(said_how(b, "signed-in", "directory"), 2);
    static const char *const strangers[] = { "",
                                             "anna",
                                             "anna@kommunen.example ",
                                             "anna@kommunen.example.evil",
                                             "\xc3\xa5nna@kommunen.example",
                                             "anna@\xe2\x84\xaaommunen.example" }; /* Kelvin's K */
    for (size_t i = 0; i < UPP_LEN(strangers); i++)
        assert_string_equal(comes_as(b, strangers[i], 3), "");
    assert_int_equal(said_how(b, "refused", "directory"), 1 + UPP_LEN(strangers));
    assert_int_equal(bench_number(b, "SELECT count(*) FROM failed_try"), 0);
    assert_int_equal(visitors(b, 3), 0);
    b->now += 31 * UPP_MINUTE;
    assert_int_equal(visitors(b, 1), 0); /* idle, as any other */
}

static void R25_what_the_directory_calls_her_is_the_operators_word(void **state)
{
    bench *b = *state;
    char longest[202];
    Uppsikt__SetDirectoryName c = UPPSIKT__SET_DIRECTORY_NAME__INIT;
    c.person = upp_lend("a");
    c.name = upp_lend("anna");
    bench_refused(b, NULL, &c.base, "not-allowed"); /* the web pages do not say it */
    bench_refused(b, "a", &c.base, "not-allowed");
    called(b, "a", "anna");
    b->peer = "uppsikt";
    c.person = upp_lend("c");
    c.name = upp_lend("ANNA");
    bench_refused(b, NULL, &c.base, "name-taken");
    c.person = upp_lend("nobody");
    bench_refused(b, NULL, &c.base, "no-such-person");
    memset(longest, 'x', sizeof longest);
    longest[201] = '\0';
    c.person = upp_lend("c");
    c.name = longest;
    bench_refused(b, NULL, &c.base, "login-malformed");
    b->peer = NULL;
    assert_string_equal(comes_as(b, "anna", 1), "a");
    called(b, "a", "anna2"); /* who was in as her is out */
    assert_int_equal(visitors(b, 1), 0);
    assert_string_equal(comes_as(b, "anna", 2), "");
    assert_string_equal(comes_as(b, "anna2", 2), "a");
    called(b, "a", "");
    assert_int_equal(visitors(b, 2), 0);
    assert_string_equal(comes_as(b, "anna2", 3), "");
    called(b, "c", "anna2");
    assert_string_equal(comes_as(b, "anna2", 3), "c");
}

/* OpenID Connect Core 1.0 §2: `sub` is case sensitive. */
static void R25_of_sub_every_byte_counts(void **state)
{
    bench *b = *state;
    ((console_config *)b->config)->oidc_claim = "sub";
    bench_restart(b);
    called(b, "a", "AbC");
    called(b, "c", "abc");
    assert_string_equal(comes_as(b, "abc", 1), "c");
    assert_string_equal(comes_as(b, "AbC", 2), "a");
    assert_string_equal(comes_as(b, "ABC", 3), "");
}

/* I28: by the directory, too, nobody stays who has left; what it called her is forgotten. */
static void R25_who_has_left_does_not_come_by_the_directory(void **state)
{
    bench *b = *state;
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    called(b, "a", "anna");
    login_of(b, "a", "anna");
    assert_string_equal(comes_as(b, "anna", 1), "a");
    assert_int_equal(said_how(b, "signed-in", "directory"), 1);
    sign_in(b, "anna", true, 2, NULL);
    assert_int_equal(said_how(b, "signed-in", "password"), 1);
    left.person = upp_lend("a");
    hear(b, "registry", "a", &left.base, NULL);
    assert_int_equal(visitors(b, 1), 0);
    assert_string_equal(comes_as(b, "anna", 3), "");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM directory_name"), 0);
}

static void forget(bench *b, const char *subject)
{
    Uppsikt__DisposalApproved d = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend(subject) };
    d.disposal = upp_lend("d1");
    d.subjects = subjects;
    d.n_subjects = 1;
    hear(b, "evidence", "d1", &d.base, NULL);
}

static Uppsikt__AccessLogged *said_last(bench *b)
{
    return (void *)bench_said(b, &uppsikt__access_logged__descriptor, NULL, NULL);
}

/* Who signed in is content of the day, too: a row lets that go while she still works here, and what
 * was tried in nobody's name. */
static void R29_the_sign_ins_of_a_day_can_be_forgotten(void **state)
{
    bench *b = *state;
    login_of(b, "a", "anna");
    sign_in(b, "anna", true, 1, NULL);
    Uppsikt__AccessLogged *first = said_last(b);
    assert_string_equal(first->authority, "ks");
    assert_memory_equal(first->log, "login.ks.", 9);
    assert_int_equal(first->day, b->now / UPP_DAY);
    sign_in(b, "okänd", false, 2, NULL);
    Uppsikt__AccessLogged *nobody = said_last(b);
    assert_string_equal(nobody->authority, "");
    assert_string_not_equal(nobody->log, first->log);
    b->now += UPP_DAY;
    sign_in(b, "anna", true, 3, NULL);
    const int64_t all = bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'a'");
    forget(b, first->log);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'a'"),
                     all - 2); /* that her sign-in was made, and that she came */
    forget(b, nobody->log);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'nobody'"), 0);
    assert_int_equal(visitors(b, 3), 1); /* she is in still, and comes again */
    assert_string_not_equal(sign_in(b, "anna", true, 4, NULL), "");
    uppsikt__access_logged__free_unpacked(first, NULL);
    uppsikt__access_logged__free_unpacked(nobody, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(a_session_is_a_hash_and_ends),
        STEP(R29_the_sign_ins_of_a_day_can_be_forgotten),
        STEP(signing_out_ends_it_and_so_does_leaving),
        STEP(failures_are_slowed_in_the_store),
        STEP(a_login_is_set_by_the_operators_or_herself),
        STEP(R25_the_directory_signs_in_whom_the_register_knows),
        STEP(R25_what_the_directory_calls_her_is_the_operators_word),
        STEP(R25_of_sub_every_byte_counts),
        STEP(R25_who_has_left_does_not_come_by_the_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
