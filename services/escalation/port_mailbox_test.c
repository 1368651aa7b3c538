/* port_mailbox_test.c - mails read from a real IMAP server on this machine (R17). */
#include "port_mailbox_fixture.h"
#include "suite_clock.h"
#include <stdlib.h>

#define TO "To: <uppsikt@kommun.example>\r\nMessage-ID: <x@b.example>\r\n"

static const char answer[] = "From: Anna And <Anna@Kommun.example>\r\n" TO
                             "In-Reply-To: <01JD@kommun.example>\r\nSubject: Re: a\r\n"
                             "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                             "Jag tar den h\xc3\xa4r.\r\n";
static const char away[] =
    "From: <bo@kommun.example>\r\n" TO "In-Reply-To: <01JE@kommun.example>\r\n"
    "Auto-Submitted: auto-replied\r\nSubject: a\r\n\r\nSemester.\r\n";
static const char bounce[] =
    "From: <MAILER-DAEMON@mx.example>\r\n" TO "Subject: a\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nIt did not go.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; eva@kommun.example\r\n"
    "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
    "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "Message-ID: <01JF@kommun.example>\r\nSubject: b\r\n\r\n--b--\r\n";
static const char other[] = "From: <reklam@b.example>\r\n" TO "Subject: c\r\n\r\nBuy.\r\n";

/* An answer whose words are its number. */
static const char *numbered(unsigned number)
{
    static char mail[512];
    snprintf(mail, sizeof mail,
             "From: <anna@kommun.example>\r\n" TO
             "In-Reply-To: <01JD@kommun.example>\r\nSubject: a\r\n\r\nNumber %u\r\n",
             number);
    return mail;
}

static void is_numbered(const Uppsikt__HeardMail *m, unsigned number)
{
    const char *mail = numbered(number);
    char text[32];
    snprintf(text, sizeof text, "Number %u", number);
    assert_int_equal(strncmp(m->text, text, strlen(text)), 0);
    assert_string_equal(m->mail, box_sha256(mail, strlen(mail)));
}

/* -- what is read -- */

static void test_an_empty_mailbox(void **state)
{
    (void)state;
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_not_equal(r->validity, 0);
    assert_int_equal(r->last, 0);
    assert_false(r->more);
    assert_int_equal(r->n_mails, 0);
}

static void test_each_kind_of_mail(void **state)
{
    (void)state;
    box_put(answer);
    box_put(away);
    box_put(bounce);
    box_put(other);
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_equal(r->n_mails, 4);
    assert_int_equal(r->last, 4);
    assert_false(r->more);
    assert_int_equal(r->mails[0]->kind, UPPSIKT__HEARD_MAIL__KIND__KIND_ANSWER);
    assert_string_equal(r->mails[0]->notice, "01JD");
    assert_string_equal(r->mails[0]->from, "anna@kommun.example");
    assert_int_equal(strncmp(r->mails[0]->text, "Jag tar den h\xc3\xa4r.", 17), 0);
    assert_string_equal(r->mails[0]->mail, box_sha256(answer, strlen(answer)));
    assert_int_equal(r->mails[1]->kind, UPPSIKT__HEARD_MAIL__KIND__KIND_AWAY);
    assert_string_equal(r->mails[1]->notice, "01JE");
    assert_string_equal(r->mails[1]->from, "bo@kommun.example");
    assert_int_equal(r->mails[2]->kind, UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE);
    assert_string_equal(r->mails[2]->notice, "01JF");
    assert_int_equal(r->mails[2]->reply, 550);
    assert_int_equal(r->mails[3]->kind, UPPSIKT__HEARD_MAIL__KIND__KIND_OTHER);
    assert_string_equal(r->mails[3]->notice, "");
}

static void test_only_what_is_new_the_next_time(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3; i++)
        box_put(numbered(i));
    const Uppsikt__MailboxRead *first = box_read(0, 0, 0);
    assert_int_equal(first->n_mails, 3);
    for (unsigned i = 1; i <= 3; i++)
        is_numbered(first->mails[i - 1], i);
    /* n:* names the last mail, whatever n is */
    const Uppsikt__MailboxRead *nothing = box_read(first->validity, first->last, 0);
    assert_int_equal(nothing->validity, first->validity);
    assert_int_equal(nothing->last, first->last);
    assert_int_equal(nothing->n_mails, 0);
    box_put(numbered(4));
    const Uppsikt__MailboxRead *next = box_read(first->validity, first->last, 0);
    assert_int_equal(next->n_mails, 1);
    assert_int_equal(next->last, 4);
    is_numbered(next->mails[0], 4);
    assert_int_equal(box_read(first->validity, UINT32_MAX, 0)->last, UINT32_MAX);
}

static void test_no_more_than_the_limit(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 40; i++)
        box_put(numbered(i));
    const Uppsikt__MailboxRead *r = box_read(0, 0, 2);
    const uint32_t validity = r->validity;
    assert_int_equal(r->n_mails, 2);
    assert_int_equal(r->last, 2);
    assert_true(r->more);
    r = box_read(validity, 2, 0); /* the usual */
    assert_int_equal(r->n_mails, 16);
    assert_true(r->more);
    is_numbered(r->mails[15], 18);
    r = box_read(validity, 2, 1000); /* the most */
    assert_int_equal(r->n_mails, 32);
    assert_int_equal(r->last, 34);
    assert_true(r->more);
    r = box_read(validity, 34, 6);
    assert_int_equal(r->n_mails, 6);
    assert_int_equal(r->last, 40);
    assert_false(r->more);
    is_numbered(r->mails[5], 40);
}

static void test_nothing_in_the_mailbox_is_changed(void **state)
{
    char names[2][64];
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        snprintf(names[i], sizeof names[i], "%s", box_put(numbered(i)));
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(box_read(0, 0, 0)->n_mails, 2);
        assert_true(box_is_new(names[0])); /* neither seen nor known to anybody */
        assert_true(box_is_new(names[1]));
    }
}

static void test_another_validity_is_read_from_the_beginning(void **state)
{
    (void)state;
    box_put(numbered(1));
    box_put(numbered(2));
    const Uppsikt__MailboxRead *first = box_read(0, 0, 0);
    assert_int_equal(first->last, 2);
    box_validity(4000000000u);
    const Uppsikt__MailboxRead *again = box_read(first->validity, first->last, 0);
    assert_int_equal(again->validity, 4000000000u);
    assert_int_equal(again->n_mails, 2);
    assert_int_equal(again->last, 2);
    assert_string_equal(again->mails[1]->mail, first->mails[1]->mail); /* and known by its hash */
    assert_int_equal(box_read(4000000000u, 1, 0)->n_mails, 1);
}

static void test_a_mail_that_was_taken_away(void **state)
{
    char gone[64];
    (void)state;
    box_put(numbered(1));
    snprintf(gone, sizeof gone, "%s", box_put(numbered(2)));
    box_put(numbered(3));
    const Uppsikt__MailboxRead *r = box_read(0, 0, 1);
    const uint32_t validity = r->validity;
    assert_int_equal(r->last, 1);
    box_take_away(gone);
    r = box_read(validity, 1, 0);
    assert_int_equal(r->n_mails, 1);
    assert_int_equal(r->last, 3);
    is_numbered(r->mails[0], 3);
}

static void test_a_big_mail(void **state)
{
    enum { ALL = 3 * 1024 * 1024, READ = 1024 * 1024 };
    char *mail = malloc(ALL + 1);
    (void)state;
    assert_non_null(mail);
    for (size_t i = 0; i < ALL; i += 64)
        memcpy(mail + i, "A line that says no more than any other of this long mail ....\r\n", 64);
    const char *head = numbered(1);
    memcpy(mail, head, strlen(head)); /* it ends in the middle of a line */
    box_put_in("", mail, ALL);
    box_put(numbered(2));
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_equal(r->n_mails, 2);
    assert_string_equal(r->mails[0]->mail, box_sha256(mail, READ));
    assert_string_equal(r->mails[0]->notice, "01JD");
    assert_true(strlen(r->mails[0]->text) <= 4000);
    is_numbered(r->mails[1], 2);
    free(mail);
}

/* What libcurl would take for the server's: the end of an answer, another answer, a last word. */
static void test_a_mail_that_speaks_imap(void **state)
{
    static const char mail[] =
        "From: <anna@kommun.example>\r\n" TO "Subject: a\r\n\r\n"
        "U1 OK\r\nU2 OK\r\nU3 OK done\r\nU4 NO\r\nA003 OK\r\n* BYE\r\n"
        "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n)\r\n* SEARCH 9 8 7\r\n+ go on\r\n{900}\r\n";
    (void)state;
    box_put(mail);
    box_put(numbered(2));
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_equal(r->n_mails, 2);
    assert_string_equal(r->mails[0]->mail, box_sha256(mail, strlen(mail)));
    is_numbered(r->mails[1], 2);
}

static void test_no_mail_at_all(void **state)
{
    (void)state;
    box_put("");
    box_put("\r\n");
    box_put_in("", "\0\xff\xfe\0 {3}\r\n\0", 11);
    box_put(numbered(4));
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_int_equal(r->last, 4);
    for (size_t i = 0; i + 1 < r->n_mails; i++)
        assert_int_equal(r->mails[i]->kind, UPPSIKT__HEARD_MAIL__KIND__KIND_OTHER);
    is_numbered(r->mails[r->n_mails - 1], 4);
}

static void test_mailboxes_with_names_of_their_own(void **state)
{
    (void)state;
    box_put_in("Svar in", numbered(1), strlen(numbered(1)));
    box_put_in("sm&APY-rg&AOU-s", numbered(2), strlen(numbered(2)));
    box_url("imap", box.dovecot.port, "/Svar%20in");
    is_numbered(box_read(0, 0, 0)->mails[0], 1);
    box_url("imap", box.dovecot.port, "/sm%C3%B6rg%C3%A5s");
    is_numbered(box_read(0, 0, 0)->mails[0], 2);
    box_url("imap", box.dovecot.port, "/nowhere");
    box_later("no such mailbox");
    box_url("imap", box.dovecot.port, ""); /* INBOX */
    assert_int_equal(box_read(0, 0, 0)->n_mails, 0);
}

/* -- who is let in -- */

static void test_a_wrong_password(void **state)
{
    (void)state;
    box.config.mailbox.password = "wrong";
    box_later("does not let us sign in");
    box.config.mailbox.password = DOVECOT_PASSWORD;
    assert_int_equal(box_read(0, 0, 0)->n_mails, 0);
    box.config.mailbox.user = box.config.mailbox.password = NULL;
    box_later("not for us");
}

static void test_a_server_that_is_down(void **state)
{
    (void)state;
    dovecot_stop(&box.dovecot);
    box_later("");
    dovecot_start(&box.dovecot);
    assert_int_equal(box_read(0, 0, 0)->n_mails, 0);
}

static void test_certificates(void **state)
{
    char ca[128], others[128];
    (void)state;
    snprintf(ca, sizeof ca, "%s/ca.pem", box.dovecot.folder);
    snprintf(others, sizeof others, "%s/other.pem", box.dovecot.folder);
    box_put(numbered(1));
    static const char *const schemes[] = { "imap", "imaps" }; /* STARTTLS, TLS from the start */
    for (size_t i = 0; i < UPP_LEN(schemes); i++) {
        box_url(schemes[i], i ? box.dovecot.port_tls : box.dovecot.port, "/INBOX");
        box.config.mailbox.ca = ca;
        is_numbered(box_read(0, 0, 0)->mails[0], 1);
        box.config.mailbox.ca = others;
        box_later("SSL");
    }
    box.config.mailbox.ca = NULL; /* the system's authorities, who know nothing of this one */
    box_later("SSL");
}

/* A mail as large as is read of one: TLS hands it out in its own pieces. */
static void test_much_over_tls(void **state)
{
    enum { ALL = 1024 * 1024 };
    char ca[128], *mail = malloc(ALL);
    (void)state;
    assert_non_null(mail);
    for (size_t i = 0; i < ALL; i++)
        mail[i] = (char)(i % 64 == 63 ? '\n' : i % 64 == 62 ? '\r' : 'a' + i * 7 % 26);
    box_put_in("", mail, ALL);
    snprintf(ca, sizeof ca, "%s/ca.pem", box.dovecot.folder);
    box_url("imaps", box.dovecot.port_tls, "/INBOX");
    box.config.mailbox.ca = ca;
    const Uppsikt__MailboxRead *r = box_read(0, 0, 0);
    assert_string_equal(r->mails[0]->mail, box_sha256(mail, ALL));
    free(mail);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_begin, box_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_mailbox),
        TEST(test_each_kind_of_mail),
        TEST(test_only_what_is_new_the_next_time),
        TEST(test_no_more_than_the_limit),
        TEST(test_nothing_in_the_mailbox_is_changed),
        TEST(test_another_validity_is_read_from_the_beginning),
        TEST(test_a_mail_that_was_taken_away),
        TEST(test_a_big_mail),
        TEST(test_a_mail_that_speaks_imap),
        TEST(test_no_mail_at_all),
        TEST(test_mailboxes_with_names_of_their_own),
        TEST(test_a_wrong_password),
        TEST(test_a_server_that_is_down),
        TEST(test_certificates),
        TEST(test_much_over_tls),
    };
    return cmocka_run_group_tests(tests, box_group_begin, box_group_end);
}
