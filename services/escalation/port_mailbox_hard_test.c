/* port_mailbox_hard_test.c - the port `mailbox` against servers that are silent, slow or wrong, and
 * with options that will not do. */
#include "port_mailbox_fixture.h"
#include "suite_clock.h"
#include "upp/port.h"

static const char *const verbs[] = { "", "CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH" };

static bool has_heard(void *verb)
{
    return scripted_heard(box.scripted, verb);
}

static void test_the_scripted_server_is_read(void **state)
{
    (void)state;
    box_script(NULL);
    const Uppsikt__MailboxRead *r = box_read(7, 0, 0);
    assert_int_equal(r->validity, 7);
    assert_int_equal(r->last, 1);
    assert_int_equal(r->n_mails, 1);
    assert_string_equal(r->mails[0]->mail, box_sha256("A: b\r\n\r\n", 8));
    assert_false(scripted_heard(box.scripted, "SELECT"));
    assert_true(box_until(has_heard, upp_lend("LOGOUT")));
}

/* -- silence -- */

static void test_silent_servers_cost_the_patience_and_no_more(void **state)
{
    (void)state;
    box.config.mail.patience_span = UPP_SECOND / 4;
    for (size_t i = 0; i < UPP_LEN(verbs); i++) {
        const script_row rows[] = { { verbs[i], NULL }, { NULL, NULL } };
        const upp_ms before = upp_steady_now();
        box_script(rows);
        box_later("");
        assert_true(upp_steady_now() - before <= UPP_SECOND / 4 + 2 * BOX_SOON);
        box.n_asked = box.n_ended = 0;
        box.ended[0].over = false;
    }
    const script_row no_answer[] = { { "LOGOUT", NULL }, { NULL, NULL } };
    const upp_ms before = upp_steady_now();
    box_script(no_answer);
    box_read(0, 0, 0);
    assert_true(upp_steady_now() - before <= BOX_SOON);
    assert_true(hand_loop_longest(box.loop) <= BOX_SOON);
}

/* Nor is there an end to waiting for who refuses us and then falls silent. */
static void test_a_refusal_and_then_silence(void **state)
{
    static const script_row rows[] = { { "LOGIN", "%T NO no\r\n" },
                                       { "LOGOUT", NULL },
                                       { NULL, NULL } };
    (void)state;
    const upp_ms before = upp_steady_now();
    box_script(rows);
    box_later("does not let us sign in");
    assert_true(upp_steady_now() - before <= BOX_SOON);
}

static void test_closing_while_a_server_is_silent(void **state)
{
    (void)state;
    for (size_t i = 1; i < UPP_LEN(verbs); i++) {
        const script_row rows[] = { { verbs[i], NULL }, { NULL, NULL } };
        box_script(rows);
        box_ask(0, 0, 0);
        box_ask(0, 0, 0); /* and one that waits */
        assert_true(box_until(has_heard, upp_lend(verbs[i])));
        const upp_ms before = upp_steady_now();
        upp_mailbox_port.close(box.port);
        box.port = NULL;
        assert_true(upp_steady_now() - before <= BOX_SOON);
        assert_int_equal(box.n_ended, 0); /* nothing is said: open asks start anew */
        assert_int_equal(hand_loop_watched(box.loop), 0);
        box.n_asked = 0;
    }
}

static void test_closing_before_the_greeting(void **state)
{
    static const script_row rows[] = { { "", NULL }, { NULL, NULL } };
    (void)state;
    box_script(rows);
    box_ask(0, 0, 0);
    hand_loop_turn(box.loop);
    const upp_ms before = upp_steady_now();
    upp_mailbox_port.close(box.port);
    box.port = NULL;
    assert_true(upp_steady_now() - before <= BOX_SOON);
}

/* -- wrong answers -- */

static void test_hung_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPP_LEN(verbs); i++) {
        const script_row rows[] = { { verbs[i], "" }, { NULL, NULL } };
        box_script(rows);
        box_later("");
    }
}

static void test_garbled_answers(void **state)
{
    static const script_row rows[] = {
        { "", "220 mail.example ESMTP\r\n" },
        { "", "\x16\x03\x01\r\n" },
        { "LOGIN", "what\r\n" },
        { "EXAMINE", "%T OK done\r\n" }, /* no validity */
        { "EXAMINE", "* OK [UIDVALIDITY 0] x\r\n%T OK done\r\n" },
        { "EXAMINE", "* OK [UIDVALIDITY 99999999999] x\r\n%T OK done\r\n" },
        { "EXAMINE", "* OK [UIDVALIDITY 7\r\n%T PERHAPS\r\n" },
        { "EXAMINE", "+ go on\r\n" },
        { "EXAMINE", "\r\n" },
        { "EXAMINE", "%T BAD what\r\n" },
        { "SEARCH", "* SEARCH 1 x\r\n%T OK done\r\n" },
        { "SEARCH", "* SEARCH 99999999999999999999999\r\n%T OK done\r\n" },
        { "SEARCH", "* SEARCH -1\r\n%T OK done\r\n" },
        { "SEARCH", "%T NO later\r\n" },
        { "FETCH", "%T NO later\r\n" },
        { "FETCH", "* 1 FETCH (UID 1 BODY[]<0> {8}\r\nA: b\r\n\r\n)\r\nU9 OK\r\n" },
        { "FETCH", "* BYE\r\n" },
    };
    script_row one[] = { { NULL, NULL }, { NULL, NULL } };
    (void)state;
    box.config.mail.patience_span = UPP_SECOND / 2; /* for a last word that hangs */
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        one[0] = rows[i];
        box_script(one);
        box_later("");
        box.n_asked = box.n_ended = 0;
        box.ended[0].over = false;
    }
}

/* What the server will not give, time and again, does not stand before all that comes after it. */
static void test_mail_that_is_never_given(void **state)
{
    static const script_row rows[] = { { "FETCH", "%T NO damaged\r\n" }, { NULL, NULL } };
    (void)state;
    box_script(rows);
    for (box.attempts = 0; box.attempts < 2; box.attempts++) {
        box_later("does not give us");
        box.n_asked = box.n_ended = 0;
        box.ended[0].over = false;
    }
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_equal(r->n_mails, 0);
    assert_int_equal(r->last, 1);
    assert_non_null(strstr(hand_loop_said(box.loop), "UID 1; it is passed by"));
}

/* A literal that is not there, a body that is none, mails that nobody asked for: the mail is passed
 * by or empty, nothing is made up. */
static void test_odd_answers(void **state)
{
    static const struct {
        const char *answer;
        size_t n;
        const char *bytes;
    } rows[] = {
        { "%T OK done\r\n", 0, "" },
        { "* 1 FETCH (FLAGS (\\Seen))\r\n%T OK done\r\n", 0, "" },
        { "* 1 FETCH (UID 2 BODY[]<0> {1}\r\nx)\r\n%T OK done\r\n", 0, "" },
        { "* 1 FETCH (UID 1 BODY[]<0> NIL)\r\n%T OK done\r\n", 1, "" },
        { "* 1 FETCH (UID 1 BODY[]<0> \"\")\r\n%T OK done\r\n", 1, "" },
        { "* 1 FETCH (UID 1 BODY[]<0> {0}\r\n)\r\n%T OK done\r\n", 1, "" },
        { "* 1 fetch (body[]<0> {3}\r\na\r\n uid 1)\r\n%T ok\r\n", 1, "a\r\n" },
        { "* 1 EXISTS\r\n* 1 FETCH (UID 1 BODY[]<0> {1}\r\nx)\r\n* OK {1}\r\n)\r\n%T OK\r\n", 1,
          "x" },
        { "* 1 FETCH (UID 1 BODY[]<0> {1}\nx)\n%T OK\n", 1, "x" },
    };
    script_row one[] = { { NULL, NULL }, { NULL, NULL } };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        one[0] = (script_row){ "FETCH", rows[i].answer };
        box_script(one);
        const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
        assert_int_equal(r->last, 1);
        assert_int_equal(r->n_mails, rows[i].n);
        if (rows[i].n)
            assert_string_equal(r->mails[0]->mail,
                                box_sha256(rows[i].bytes, strlen(rows[i].bytes)));
    }
}

/* In any order, twice, below what is asked for; and what the server would then not give is no
 * reason to read the first ones again. */
static void test_a_search_in_disorder(void **state)
{
    static const script_row disorder[] = {
        { "SEARCH", "* SEARCH 9 1 5 3\r\n* SEARCH 4294967295 3 4  \r\n* SEARCH\r\n%T OK\r\n" },
        { "FETCH", "%T OK\r\n" },
        { NULL, NULL },
    };
    (void)state;
    box_script(disorder);
    const Uppsikt__MailboxRead *r = box_read(7, 1, 3);
    assert_int_equal(r->last, 5);
    assert_true(r->more);
    r = box_read(7, 5, 3);
    assert_int_equal(r->last, UINT32_MAX);
    assert_false(r->more);
    static const script_row first_alone[] = {
        { "SEARCH", "* SEARCH 1 2\r\n%T OK\r\n" },
        { "FETCH", "* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n%T OK\r\n* BYE\r\nwhat\r\n" },
        { NULL, NULL },
    };
    box_script(first_alone);
    r = box_read(7, 0, 0);
    assert_int_equal(r->n_mails, 1);
    assert_int_equal(r->last, 1);
    assert_true(r->more);
}

/* -- what must not leave -- */

/* B6: where STARTTLS is demanded and not offered, no password goes out. */
static void test_no_password_in_clear_where_tls_is_demanded(void **state)
{
    (void)state;
    box.config.mailbox.ca = "/etc/ssl/certs/ca-certificates.crt";
    box_script(NULL);
    box_later("SSL");
    assert_true(scripted_heard(box.scripted, "CAPABILITY"));
    assert_false(scripted_heard(box.scripted, "LOGIN"));
    assert_false(scripted_heard(box.scripted, "AUTHENTICATE"));
}

static void test_without_a_mailbox_nobody_reads(void **state)
{
    static const char *const none[] = { NULL, "" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(none); i++) {
        box.config = (post_config){ .mailbox = { .url = none[i] } };
        box_reopen();
        box_ask(0, 0, 0);
        assert_true(box.ended[i].over);
        assert_int_equal(box.ended[i].fate, UPP_NEVER);
    }
}

static void test_wrong_options_are_refused(void **state)
{
    static const struct {
        const char *url, *user, *password, *from, *why;
    } rows[] = {
        { "http://127.0.0.1", NULL, NULL, "a@b.se", "no imap:// or imaps://" },
        { "127.0.0.1", NULL, NULL, "a@b.se", "no imap:// or imaps://" },
        { "imap://u:p@127.0.0.1/INBOX", NULL, NULL, "a@b.se", "mailbox_url holds more" },
        { "imap://u@127.0.0.1", NULL, NULL, "a@b.se", "mailbox_url holds more" },
        { "imap://127.0.0.1/a\r\nb", NULL, NULL, "a@b.se", "mailbox_url cannot be used" },
        { "imap:///INBOX", NULL, NULL, "a@b.se", "mailbox_url cannot be used" },
        { "imap://127.0.0.1?x", NULL, NULL, "a@b.se", "mailbox_url cannot be used" },
        { "imap://127.0.0.1/INBOX;UID=1", NULL, NULL, "a@b.se", "no mailbox's name" },
        { "imap://127.0.0.1/%0d%0a", NULL, NULL, "a@b.se", "no mailbox's name" },
        { "imap://127.0.0.1", "u", NULL, "a@b.se", "belong together" },
        { "imap://127.0.0.1", NULL, "p", "a@b.se", "belong together" },
        { "imap://127.0.0.1", "u\r\n", "p", "a@b.se", "control characters" },
        { "imap://127.0.0.1", "u", "p\n", "a@b.se", "control characters" },
        { "imap://127.0.0.1", "u", "p", NULL, "mail_from" },
        { "imap://127.0.0.1", "u", "p", "nobody", "mail_from" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const post_config wrong = {
            .mail = { .from = rows[i].from, .patience_span = UPP_SECOND },
            .mailbox = { .url = rows[i].url, .user = rows[i].user, .password = rows[i].password },
        };
        assert_null(upp_mailbox_port.open(box.loop, &wrong));
        if (!strstr(hand_loop_said(box.loop), rows[i].why))
            fail_msg("no '%s' in '%s'", rows[i].why, hand_loop_said(box.loop));
    }
    box_url("imaps", 993, "/post@kommun.example"); /* a name may have one */
    box_reopen();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_begin, box_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_scripted_server_is_read),
        TEST(test_silent_servers_cost_the_patience_and_no_more),
        TEST(test_a_refusal_and_then_silence),
        TEST(test_closing_while_a_server_is_silent),
        TEST(test_closing_before_the_greeting),
        TEST(test_hung_up),
        TEST(test_garbled_answers),
        TEST(test_mail_that_is_never_given),
        TEST(test_odd_answers),
        TEST(test_a_search_in_disorder),
        TEST(test_no_password_in_clear_where_tls_is_demanded),
        TEST(test_without_a_mailbox_nobody_reads),
        TEST(test_wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
