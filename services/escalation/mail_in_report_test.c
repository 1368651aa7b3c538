/* mail_in_report_test.c - what machines send back: bounces, delays, automatic answers (R17, P5;
 * sla.md §7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
#include "mail_in_fixture.h"
// clang-format on

#define REPORT_HEAD                                                                                \
    "Return-Path: <>\n"                                                                            \
    "Date: Thu, 3 Dec 2026 10:12:07 +0100\n"                                                       \
    "Auto-Submitted: auto-replied\n"                                                               \
    "MIME-Version: 1.0\n"

/* Exchange Online: a page to read, the status, the whole head of what was sent. */
#define EXCHANGE(action, status, diagnostic)                                                       \
    "From: <postmaster@sjoberga.example>\nTo: <uppsikt@sjoberga.example>\n" REPORT_HEAD            \
    "Content-Type: multipart/report; report-type=delivery-status;\n"                               \
    "\tboundary=\"00b2ac9e-0d1b-4a08-9ab4-21d25c3e0d5c\"\n"                                        \
    "Content-Language: sv-SE\n"                                                                    \
    "Message-ID: <7d0a@GVXP280MB0001.SWEP280.PROD.OUTLOOK.COM>\n"                                  \
    "In-Reply-To: " OUR_ID "\nReferences: " OUR_ID "\n"                                            \
    "Subject: =?utf-8?B?S3VuZGUgaW50ZSBsZXZlcmVyYXM6IEVuIGZyw6VnYSB2w6RudGFy?=\n\n"                \
    "--00b2ac9e-0d1b-4a08-9ab4-21d25c3e0d5c\n"                                                     \
    "Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary=\"b7c0\"\n\n"      \
    "--b7c0\nContent-Type: text/plain; charset=\"utf-8\"\n"                                        \
    "Content-Transfer-Encoding: quoted-printable\n\nDitt meddelande kunde inte levereras.\n"       \
    "--b7c0\nContent-Type: text/html; charset=\"utf-8\"\n\n<p>Kunde inte levereras</p>\n"          \
    "--b7c0--\n\n"                                                                                 \
    "--00b2ac9e-0d1b-4a08-9ab4-21d25c3e0d5c\nContent-Type: message/delivery-status\n\n"            \
    "Reporting-MTA: dns;GVXP280MB0001.SWEP280.PROD.OUTLOOK.COM\n"                                  \
    "Received-From-MTA: dns;mail.sjoberga.example\n"                                               \
    "Arrival-Date: Thu, 3 Dec 2026 09:12:05 +0000\n\n"                                             \
    "Final-Recipient: rfc822;asa.oberg@sjoberga.example\n"                                         \
    "Action: " action "\nStatus: " status "\n" diagnostic "\n"                                     \
    "--00b2ac9e-0d1b-4a08-9ab4-21d25c3e0d5c\nContent-Type: message/rfc822\n\n"                     \
    "Received: from mail.sjoberga.example (10.0.0.2) by x.outlook.com\n"                           \
    "From: \"Uppsikt\"\n <uppsikt@sjoberga.example>\nTo: <asa.oberg@sjoberga.example>\n"           \
    "Message-ID: " OUR_ID "\nSubject: Fraga\n\nText\n"                                             \
    "--00b2ac9e-0d1b-4a08-9ab4-21d25c3e0d5c--\n"

/* Postfix: the head alone, or all of it. */
#define POSTFIX(group, type, returned)                                                             \
    "From: MAILER-DAEMON@mail.sjoberga.example (Mail Delivery System)\n"                           \
    "Subject: Undelivered Mail Returned to Sender\n"                                               \
    "To: uppsikt@sjoberga.example\n" REPORT_HEAD                                                   \
    "Content-Type: multipart/report; report-type=delivery-status;\n"                               \
    "\tboundary=\"4F1A22C3D.1796294407/mail.sjoberga.example\"\n\n"                                \
    "This is a MIME-encapsulated message.\n\n"                                                     \
    "--4F1A22C3D.1796294407/mail.sjoberga.example\nContent-Description: Notification\n"            \
    "Content-Type: text/plain; charset=us-ascii\n\nThis is the mail system at host mail.\n\n"      \
    "--4F1A22C3D.1796294407/mail.sjoberga.example\nContent-Description: Delivery report\n"         \
    "Content-Type: message/delivery-status\n\n"                                                    \
    "Reporting-MTA: dns; mail.sjoberga.example\nX-Postfix-Queue-ID: 4F1A22C3D\n"                   \
    "X-Postfix-Sender: rfc822; uppsikt@sjoberga.example\n\n" group                                 \
    "\n--4F1A22C3D.1796294407/mail.sjoberga.example\nContent-Description: Undelivered Message\n"   \
    "Content-Type: " type "\n\n" returned "\n--4F1A22C3D.1796294407/mail.sjoberga.example--\n"

#define FAILED_GROUP                                                                               \
    "Final-Recipient: rfc822; bo.ek@skola.example\nOriginal-Recipient: rfc822;bo.ek@skola.example" \
    "\nAction: failed\nStatus: 5.2.2\nRemote-MTA: dns; mx.skola.example\n"                         \
    "Diagnostic-Code: smtp; 552 5.2.2 <bo.ek@skola.example>: Recipient address\n"                  \
    "    rejected: Mailbox full\n"
#define OUR_HEAD "Return-Path: <uppsikt@sjoberga.example>\nMessage-ID: " OUR_ID "\nSubject: x\n"

/* Exim since 4.8x: says at once who failed, then the report. */
#define EXIM(diagnostic)                                                                           \
    "X-Failed-Recipients: bo.ek@skola.example\n"                                                   \
    "From: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: uppsikt@sjoberga.example\n"        \
    "References: " OUR_ID "\n" REPORT_HEAD                                                         \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=1796294407-eximdsn-1\n" \
    "Subject: Mail delivery failed: returning message to sender\n\n"                               \
    "--1796294407-eximdsn-1\nContent-type: text/plain; charset=us-ascii\n\n"                       \
    "This message was created automatically by mail delivery software.\n\n"                        \
    "--1796294407-eximdsn-1\nContent-type: message/delivery-status\n\n"                            \
    "Reporting-MTA: dns; mx.example\n\nAction: failed\n"                                           \
    "Final-Recipient: rfc822;bo.ek@skola.example\nStatus: 5.0.0\n" diagnostic                      \
    "\n--1796294407-eximdsn-1\nContent-type: message/rfc822\n\n"                                   \
    "Return-path: <uppsikt@sjoberga.example>\n"                                                    \
    "Message-Id: " OUR_ID "\n\nText\n\n--1796294407-eximdsn-1--\n"

static void expect_bounce(const char *text, uint32_t reply, const char *from)
{
    mail_in mail = read_mail(text);
    assert_int_equal(mail.kind, MAIL_IN_BOUNCE);
    assert_int_equal(mail.reply, reply);
    assert_string_equal(mail.notice, OUR_KEY);
    assert_string_equal(mail.from, from);
    assert_string_equal(mail.text, "");
    mail_in_done(&mail);
}

static void R17_bounce_of_exchange(void **state)
{
    (void)state;
    expect_bounce(EXCHANGE("failed", "5.1.10",
                           "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\n"),
                  550, "postmaster@sjoberga.example");
    expect_bounce(EXCHANGE("Failed", "5.7.1 (refused)", "Diagnostic-Code: SMTP;554 5.7.1 No\n"),
                  554, "postmaster@sjoberga.example");
}

static void R17_bounce_of_postfix(void **state)
{
    (void)state;
    const char *from = "mailer-daemon@mail.sjoberga.example";
    expect_bounce(POSTFIX(FAILED_GROUP, "text/rfc822-headers", OUR_HEAD), 552, from);
    expect_bounce(POSTFIX(FAILED_GROUP, "message/rfc822", OUR_HEAD "\nText\n"), 552, from);
    /* one of several recipients is enough */
    expect_bounce(
        POSTFIX("Action: relayed\nStatus: 2.0.0\n\n" FAILED_GROUP, "text/rfc822-headers", OUR_HEAD),
        552, from);
}

static void R17_bounce_of_exim(void **state)
{
    (void)state;
    const char *from = "mailer-daemon@mx.example";
    expect_bounce(EXIM("Remote-MTA: dns; mx.skola.example\n"
                       "Diagnostic-Code: smtp; 550 5.1.1 <bo.ek@skola.example> unknown\n"),
                  550, from);
    expect_bounce(EXIM(""), 550, from);
}

/* A Diagnostic-Code of another kind, or without a code of class 5, gives no code. */
static void R17_code_of_a_bounce(void **state)
{
    static const struct {
        const char *report;
        uint32_t reply;
    } rows[] = {
        { EXIM("Diagnostic-Code: smtp;521 no mail here\n"), 521 },
        { EXIM("Diagnostic-Code: smtp; 550-5.1.1 first\n 550 5.1.1 last\n"), 550 },
        { EXIM("Diagnostic-Code: smtp;\n 553 folded\n"), 553 },
        { EXIM("Diagnostic-Code: smtp; 599\n"), 599 },
        { EXIM("Diagnostic-Code: smtp; 5991\n"), 550 },
        { EXIM("Diagnostic-Code: smtp; 451 later\n"), 550 },
        { EXIM("Diagnostic-Code: smtp; 55\n"), 550 },
        { EXIM("Diagnostic-Code: x-unix; 551 unknown user\n"), 550 },
        { EXIM("Diagnostic-Code: smtp;<mx.x.se #5.1.1 smtp; 551 5.1.1>\n"), 550 },
        { EXIM("Diagnostic-Code\n"), 550 },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        expect_bounce(rows[i].report, rows[i].reply, "mailer-daemon@mx.example");
}

/* A delay may still end well; a receipt is nobody's answer. */
static void R17_report_that_is_no_bounce(void **state)
{
    static const char *const reports[] = {
        EXCHANGE("delayed", "4.4.7", "Will-Retry-Until: Fri, 4 Dec 2026 10:12:07 +0100\n"),
        EXCHANGE("delayed", "5.4.7", ""),
        EXCHANGE("relayed", "2.0.0", ""),
        EXCHANGE("delivered", "2.1.5", "Diagnostic-Code: smtp;250 2.1.5 Recipient OK\n"),
        EXCHANGE("expanded", "2.0.0", ""),
        EXCHANGE("failedly", "5.0.0", ""),
        "In-Reply-To: " OUR_ID "\nFrom: <asa@x.se>\nContent-Type: multipart/report;\n"
        " report-type=disposition-notification; boundary=b\n\n--b\n\nDitt meddelande lastes\n"
        "--b\nContent-Type: message/disposition-notification\n\nAction: failed\nStatus: 5.0.0\n"
        "--b--\n",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(reports); i++)
        expect_kind(reports[i], MAIL_IN_OTHER, OUR_KEY);
}

/* RFC 3464 §2.3.3: who gave up after days says "failed", with the status of the delays. */
static void R17_given_up_in_the_end(void **state)
{
    (void)state;
    expect_bounce(EXCHANGE("failed", "4.4.7", "Diagnostic-Code: smtp;550 4.4.7 QUEUE.Expired\n"),
                  550, "postmaster@sjoberga.example");
    expect_bounce(EXCHANGE("failed", "4.0.0", "Diagnostic-Code: smtp;451 4.3.0 later\n"), 550,
                  "postmaster@sjoberga.example");
}

/* What comes back tells which mail; if it does not, the report's own head does. */
static void R17_mail_that_a_bounce_is_about(void **state)
{
    (void)state;
    char report[4000];
    expect_kind(POSTFIX(FAILED_GROUP, "text/rfc822-headers", "Subject: no id\n"), MAIL_IN_BOUNCE,
                "");
    expect_kind(POSTFIX(FAILED_GROUP, "text/rfc822-headers", "\n" OUR_HEAD), MAIL_IN_BOUNCE, "");
    expect_kind(POSTFIX(FAILED_GROUP, "message/rfc822", "\nMessage-ID: " OUR_ID "\n"),
                MAIL_IN_BOUNCE, "");
    expect_kind(POSTFIX(FAILED_GROUP, "text/rfc822-headers", "Message-ID:\n\t" OUR_ID "\n"),
                MAIL_IN_BOUNCE, OUR_KEY);
    snprintf(report, sizeof report, "In-Reply-To: <a-b@sjoberga.example>\n%s",
             POSTFIX(FAILED_GROUP, "message/rfc822", OUR_HEAD "\nText\n"));
    expect_kind(report, MAIL_IN_BOUNCE, OUR_KEY);
    snprintf(report, sizeof report, "References: <a@x.se> <a-b@sjoberga.example>\n%s",
             POSTFIX(FAILED_GROUP, "text/rfc822-headers", "Subject: none\n"));
    expect_kind(report, MAIL_IN_BOUNCE, "a-b");
    snprintf(report, sizeof report, "%s",
             POSTFIX(FAILED_GROUP, "message/rfc822",
                     "Message-ID: <" OUR_KEY "@annan.example>\n\nText\n"));
    expect_kind(report, MAIL_IN_BOUNCE, "");
}

#define AWAY(fields)                                                                               \
    "From: =?utf-8?B?w4VzYSDDlmJlcmc=?= <Asa.Oberg@sjoberga.example>\n"                            \
    "To: Uppsikt <uppsikt@sjoberga.example>\n"                                                     \
    "Subject: =?utf-8?Q?Autosvar:_Fr=C3=A5ga?=\nIn-Reply-To: " OUR_ID "\n" fields                  \
    "Content-Type: text/plain; charset=utf-8\n\nJag \xC3\xA4r ledig till den 7 december.\n"

static void R17_automatic_answer(void **state)
{
    static const char *const mails[] = {
        /* Exchange */
        AWAY("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
             "X-MS-Exchange-Inbox-Rules-Loop: asa.oberg@sjoberga.example\n"),
        AWAY("Auto-Submitted: auto-replied\n"),
        AWAY("auto-submitted: Auto-Replied; owner-email=\"asa@x.se\"\n"),
        AWAY("Auto-Submitted: noted\n"),
        AWAY("Auto-Submitted: no\nAuto-Submitted: auto-replied\n"),
        AWAY("X-Autoreply: yes\n"),
        AWAY("X-Autorespond: \n"),
        AWAY("Precedence: bulk\n"),
        AWAY("Precedence: Junk\n"),
        AWAY("Precedence: list\n"),
        AWAY("Precedence: auto_reply\n"),
        AWAY("Return-Path: <>\n"),
        AWAY("Return-Path:\n"),
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(mails); i++) {
        expect_kind(mails[i], MAIL_IN_AWAY, OUR_KEY);
        mail_in mail = read_mail(mails[i]);
        assert_string_equal(mail.from, "asa.oberg@sjoberga.example");
        mail_in_done(&mail);
    }
}

static void R17_answer_of_a_person(void **state)
{
    static const char *const mails[] = {
        AWAY("Auto-Submitted: no\n"),
        AWAY("Auto-Submitted: No (written by hand)\n"),
        AWAY("Precedence: normal\n"),
        AWAY("Precedence: bulky\n"),
        AWAY("Return-Path: <asa.oberg@sjoberga.example>\n"),
        AWAY("X-Auto-Response-Suppress: DR, OOF, AutoReply\n"), /* Outlook, of any mail */
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(mails); i++)
        expect_answer(mails[i], "asa.oberg@sjoberga.example",
                      "Jag \xC3\xA4r ledig till den 7 december.");
}

static void test_report_cut_anywhere(void **state)
{
    (void)state;
    cut_everywhere(EXCHANGE("failed", "5.1.10", "Diagnostic-Code: smtp;550 5.1.10 x\n"));
    cut_everywhere(POSTFIX(FAILED_GROUP, "text/rfc822-headers", OUR_HEAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R17_bounce_of_exchange),
        cmocka_unit_test(R17_bounce_of_postfix),
        cmocka_unit_test(R17_bounce_of_exim),
        cmocka_unit_test(R17_code_of_a_bounce),
        cmocka_unit_test(R17_report_that_is_no_bounce),
        cmocka_unit_test(R17_given_up_in_the_end),
        cmocka_unit_test(R17_mail_that_a_bounce_is_about),
        cmocka_unit_test(R17_automatic_answer),
        cmocka_unit_test(R17_answer_of_a_person),
        cmocka_unit_test(test_report_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
