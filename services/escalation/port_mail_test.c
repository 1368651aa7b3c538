/* port_mail_test.c - mails to an SMTP server on this machine (R17; reliability.md P5, B6). */
#include "port_mail_fixture.h"
#include "suite_clock.h"
#include <stdlib.h>

enum { SOON = 5 * 20 }; /* the loop's 20 ms; sanitizers and a busy machine: five times that */

/* -- what arrives -- */

/* RFC 2045 §6.7, in place, from the start of the body to `end`. */
static void decode_quoted(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (strncmp(at, "=\r\n", 3) == 0) {
            at += 2;
        } else if (*at == '=') {
            const char hex[3] = { at[1], at[2], '\0' };
            *to++ = (char)strtol(hex, NULL, 16);
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

static void test_a_mail_arrives_whole(void **state)
{
    (void)state;
    Uppsikt__SendMail m = mail_to("anna@kommun.example");
    m.reply_to = upp_lend("svar+01JD@kommun.example");
    m.text =
        upp_lend("Hej \xc3\xa5sa!\n.\n..two dots\nFrom here\n=3D and a line that is longer than "
                 "the seventy-six characters that quoted-printable gives to one line\ntrail  \n");
    sent(outcome("01JD/2/anna", &m));
    assert_int_equal(n_mails(), 1);
    const char *mail = mail_number(1);
    has(mail, "X-Envelope-From: <uppsikt@kommun.example>\r\n");
    has(mail, "X-Envelope-To: <anna@kommun.example>\r\n");
    has(mail, "\r\nFrom: =?UTF-8?B?VXBwc2lrdCBWw6R4asO2?=\r\n <uppsikt@kommun.example>\r\n");
    has(mail, "\r\nTo: <anna@kommun.example>\r\n");
    has(mail, "\r\nReply-To: <svar+01JD@kommun.example>\r\n");
    has(mail, "\r\nSubject: =?UTF-8?B?RnLDpWdhIHbDpG50YXI=?=\r\n");
    has(mail, "\r\nMessage-ID: <01JD/2/anna@kommun.example>\r\n");
    has(mail, "\r\nX-Uppsikt-Notice: 01JD\r\n");
    has(mail, "\r\nAuto-Submitted: auto-generated\r\n");
    has(mail, "\r\nDate: ");
    has(mail, "\r\nMime-Version: 1.0\r\n");
    has(mail, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    has(mail, "\r\nContent-Transfer-Encoding: quoted-printable\r\n");
    for (const char *at = mail; *at; at++)
        assert_true((unsigned char)*at < 0x80);

    char *body = strstr(upp_lend(mail), "quoted-printable\r\n\r\n");
    assert_non_null(body);
    body += strlen("quoted-printable\r\n\r\n");
    char *last = strstr(body, "\r\n--");
    assert_non_null(last);
    *last = '\0';
    decode_quoted(body);
    assert_string_equal(body,
                        "Hej \xc3\xa5sa!\r\n.\r\n..two dots\r\nFrom here\r\n=3D and a line that is "
                        "longer than the seventy-six characters that quoted-printable gives to "
                        "one line\r\ntrail  \r\n");
}

static void test_signing_in(void **state)
{
    (void)state;
    world.config.user = "uppsikt";
    world.config.password = "l\xc3\xb6sen";
    reopen_port();
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    sent(outcome("k", &m));
    has(mail_number(1), "X-Auth: AHVwcHNpa3QAbMO2c2Vu\r\n"); /* base64 of \0uppsikt\0lösen */
    control("1 auth 535 5.7.8 no\n");
    reopen_port();            /* a new connection signs in anew */
    later(outcome("k2", &m)); /* ours to mend, not this mail's fault */
    assert_int_equal(n_mails(), 1);
}

/* -- what fails -- */

static void test_busy_servers_are_tried_later(void **state)
{
    static const char *const rules[] = {
        "1 greet 421 4.3.2 closing\n",     "1 greet 450 4.3.2 busy\n",
        "1 mail 450 4.2.1 busy\n",         "1 mail 421 4.3.2 closing\n",
        "1 rcpt 450 4.2.1 busy\n",         "1 rcpt 452 4.2.2 full\n",
        "1 data 451 4.3.0 trouble\n",      "1 end 450 4.7.1 greylisted\n",
        "1 end 421 4.3.2 shutting down\n",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rules); i++)
        later(outcome_under(rules[i]));
    assert_int_equal(n_mails(), 0);
    sent(outcome_under("")); /* and then it goes */
}

static void test_a_server_that_refuses_us_is_tried_later(void **state)
{
    static const char *const rules[] = {
        "1 greet 554 5.3.2 no service\n",
        "* ehlo 550 5.7.1 go away\n",
        "1 mail 530 5.7.0 sign in first\n",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rules); i++)
        later(outcome_under(rules[i]));
    assert_int_equal(n_mails(), 0);
}

static void test_a_refused_mail_is_never_tried_again(void **state)
{
    (void)state;
    never(outcome_under("1 mail 550 5.7.1 sender\n"), 550);
    never(outcome_under("1 rcpt 550 5.1.1 no such user\n"), 550);
    never(outcome_under("1 rcpt 553 5.1.3 no such name\n"), 553);
    never(outcome_under("1 data 554 5.5.1 no\n"), 554);
    never(outcome_under("1 end 552 5.2.3 too large\n"), 552);
    assert_int_equal(n_mails(), 0);
    assert_null(strstr(hand_loop_said(world.loop), "anna")); /* ids only */
    assert_non_null(strstr(hand_loop_said(world.loop), "mail key: "));
}

static void test_cut_connections_are_tried_later(void **state)
{
    static const char *const rules[] = { "1 greet cut\n", "* ehlo cut\n", "1 mail cut\n",
                                         "1 rcpt cut\n",  "1 data cut\n", "1 end cut\n" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rules); i++)
        later(outcome_under(rules[i]));
    assert_int_equal(n_mails(), 0);
    sent(outcome_under("1 end ok-cut\n")); /* it said 250 first */
    sent(outcome_under(""));               /* and the dead connection is not used */
}

/* P5: a crash between the server's 250 and us may repeat a mail, with the same Message-ID. */
static void test_repeated_attempts_have_one_identity_P5(void **state)
{
    (void)state;
    later(outcome_under("1 end kept-cut\n"));
    sent(outcome_under(""));
    assert_int_equal(n_mails(), 2);
    has(mail_number(1), "\r\nMessage-ID: <key@kommun.example>\r\n");
    has(mail_number(2), "\r\nMessage-ID: <key@kommun.example>\r\n");
}

static void test_nobody_listens(void **state)
{
    (void)state;
    stop_server();
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    later(outcome("k", &m));
    empty_folder();
    start_server();
    world.config.url = world.url;
    sent(outcome("k", &m));
}

/* A server that falls silent costs its own mail the patience, and the loop nothing: not even when
 * it does not answer QUIT, which libcurl would wait for. */
static void test_silent_servers_do_not_hold_the_loop(void **state)
{
    (void)state;
    world.config.patience_span = UPP_SECOND;
    reopen_port();
    static const char *const silent[] = { "* greet hang\n", "* rcpt hang\n", "* end hang\n" };
    for (size_t i = 0; i < UPP_LEN(silent); i++)
        later(outcome_under(silent[i]));
    const upp_ms before = upp_steady_now();
    never(outcome_under("1 rcpt 550 5.1.1 no\n* quit hang\n"), 550);
    sent(outcome_under("* quit hang\n"));
    assert_true(upp_steady_now() - before <= SOON);
    assert_true(hand_loop_longest(world.loop) <= SOON);
    const upp_ms closing = upp_steady_now();
    upp_mail_port.close(world.port);
    world.port = NULL;
    assert_true(upp_steady_now() - closing <= SOON);
}

/* -- what must not leave -- */

static void test_nothing_that_could_end_a_line(void **state)
{
    static const char *const addresses[] = {
        "",
        "anna",
        "anna@kommun.example\r\nRCPT TO:<x@y.se>",
        "anna@kommun.example>\r\nDATA",
        "anna@kommun.example\nBcc: x@y.se",
        "a b@kommun.example",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(addresses); i++) {
        const Uppsikt__SendMail m = mail_to(addresses[i]);
        never(outcome("k", &m), 553);
        Uppsikt__SendMail reply = mail_to("anna@kommun.example");
        reply.reply_to = upp_lend(addresses[i]);
        if (addresses[i][0])
            never(outcome("k", &reply), 553);
    }
    Uppsikt__SendMail m = mail_to("anna@kommun.example");
    m.subject = upp_lend("a\r\nBcc: x@y.se");
    never(outcome("k", &m), 554);
    m = mail_to("anna@kommun.example");
    m.notice = upp_lend("a\nBcc: x@y.se");
    never(outcome("k", &m), 554);
    m = mail_to("anna@kommun.example");
    m.text = upp_lend("\xff");
    never(outcome("k", &m), 554);
    assert_int_equal(n_mails(), 0);
    assert_false(talked("MAIL")); /* nothing was even begun */
}

/* B6: where STARTTLS is demanded and not offered, neither password nor mail goes out. */
static void test_no_mail_in_clear_where_tls_is_demanded(void **state)
{
    (void)state;
    world.config.ca = "/etc/ssl/certs/ca-certificates.crt";
    world.config.user = "uppsikt";
    world.config.password = "secret";
    reopen_port();
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    later(outcome("k", &m));
    assert_true(talked("EHLO"));
    assert_false(talked("AUTH"));
    assert_false(talked("MAIL"));
    assert_int_equal(n_mails(), 0);
    assert_null(strstr(hand_loop_said(world.loop), "secret"));
}

/* -- many -- */

static void test_one_connection_for_many(void **state)
{
    (void)state;
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    for (int i = 0; i < 20; i++)
        sent(outcome("k", &m));
    assert_int_equal(n_mails(), 20);
    has(mail_number(20), "X-Connection: 1\r\n");
}

static void test_a_burst_over_few_connections(void **state)
{
    (void)state;
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    for (int i = 0; i < ASKS; i++)
        mail_ask("k", &m);
    assert_true(hand_loop_watched(world.loop) <= 4);
    assert_true(hand_loop_until(world.loop, PATIENCE, all_over, NULL));
    for (size_t i = 0; i < ASKS; i++)
        sent(&world.ended[i]);
    assert_int_equal(n_mails(), ASKS);
    assert_true(hand_loop_longest(world.loop) <= SOON);
    for (unsigned i = 1; i <= ASKS; i++) {
        const char *at = strstr(mail_number(i), "X-Connection: ");
        assert_non_null(at);
        assert_in_range(strtol(at + strlen("X-Connection: "), NULL, 10), 1, 4);
    }
}

static void test_closing_while_mails_are_under_way(void **state)
{
    (void)state;
    const Uppsikt__SendMail m = mail_to("anna@kommun.example");
    control("* greet hang\n");
    for (int i = 0; i < 10; i++)
        mail_ask("k", &m);
    hand_loop_turn(world.loop);
    const upp_ms before = upp_steady_now();
    upp_mail_port.close(world.port); /* nothing is said: open asks start anew */
    world.port = NULL;
    assert_true(upp_steady_now() - before <= SOON);
    assert_int_equal(world.n_ended, 0);
    assert_int_equal(hand_loop_watched(world.loop), 0);
}

static void test_wrong_options_are_refused(void **state)
{
    (void)state;
    const mail_config good = world.config;
    static const struct {
        const char *url, *from, *name, *user;
        int64_t parallel;
        const char *why;
    } rows[] = {
        { NULL, "a@b.se", NULL, NULL, 1, "mail_url is missing" },
        { "http://127.0.0.1", "a@b.se", NULL, NULL, 1, "no smtp://" },
        { "smtp://u:p@127.0.0.1", "a@b.se", NULL, NULL, 1, "mail_url holds more" },
        { "smtp://127.0.0.1/a\r\nb", "a@b.se", NULL, NULL, 1, "mail_url holds more" },
        { "smtp://127.0.0.1", NULL, NULL, NULL, 1, "mail_from" },
        { "smtp://127.0.0.1", "nobody", NULL, NULL, 1, "mail_from" },
        { "smtp://127.0.0.1", "a@b.se", "a\nb", NULL, 1, "mail_name" },
        { "smtp://127.0.0.1", "a@b.se", NULL, "u", 1, "mail_user and mail_password" },
        { "smtp://127.0.0.1", "a@b.se", NULL, NULL, 0, "mail_parallel" },
        { "smtp://127.0.0.1", "a@b.se", NULL, NULL, 17, "mail_parallel" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const mail_config wrong = { .url = rows[i].url,
                                    .from = rows[i].from,
                                    .name = rows[i].name,
                                    .user = rows[i].user,
                                    .parallel = rows[i].parallel,
                                    .patience_span = good.patience_span };
        assert_null(upp_mail_port.open(world.loop, &wrong));
        assert_non_null(strstr(hand_loop_said(world.loop), rows[i].why));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, mail_begin, mail_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_mail_arrives_whole),
        TEST(test_signing_in),
        TEST(test_busy_servers_are_tried_later),
        TEST(test_a_server_that_refuses_us_is_tried_later),
        TEST(test_a_refused_mail_is_never_tried_again),
        TEST(test_cut_connections_are_tried_later),
        TEST(test_repeated_attempts_have_one_identity_P5),
        TEST(test_nobody_listens),
        TEST(test_silent_servers_do_not_hold_the_loop),
        TEST(test_nothing_that_could_end_a_line),
        TEST(test_no_mail_in_clear_where_tls_is_demanded),
        TEST(test_one_connection_for_many),
        TEST(test_a_burst_over_few_connections),
        TEST(test_closing_while_mails_are_under_way),
        TEST(test_wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
