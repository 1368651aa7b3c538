/* mail_in_test.c - answers of people, from the programs that they write with; and what is no
 * proper mail at all (R17; sla.md §7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
#include "mail_in_fixture.h"
// clang-format on
#include <unistr.h>

#define FROM "From: =?iso-8859-1?Q?=C5sa_=D6berg?= <Asa.Oberg@sjoberga.example>\n"
#define ASA  "asa.oberg@sjoberga.example"
#define HEAD                                                                                       \
    FROM "To: Uppsikt <uppsikt@sjoberga.example>\nIn-Reply-To: " OUR_ID "\nMIME-Version: 1.0\n"
#define TEXT HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
#define HTML HEAD "Content-Type: text/html; charset=utf-8\n\n"

/* "Hej!\r\n\r\nBiblioteket har öppet till kl. 19 på lördag.\r\n\r\nMed vänlig hälsning\r\nÅsa\r\n
 * \r\n________________________________\r\nFrån: Uppsikt <uppsikt@sjoberga.example>\r\nSkickat: den
 * 3 december 2026 10:12\r\nTill: Åsa Öberg\r\nÄmne: En fråga väntar\r\n\r\nEn fråga väntar på
 * svar.\r\n" */
#define OUTLOOK_BASE64                                                                             \
    "SGVqIQ0KDQpCaWJsaW90ZWtldCBoYXIgw7ZwcGV0IHRpbGwga2wuIDE5IHDDpSBsw7ZyZGFnLg0K\n"               \
    "DQpNZWQgdsOkbmxpZyBow6Rsc25pbmcNCsOFc2ENCg0KX19fX19fX19fX19fX19fX19fX19fX19f\n"               \
    "X19fX19fX18NCkZyw6VuOiBVcHBzaWt0IDx1cHBzaWt0QHNqb2JlcmdhLmV4YW1wbGU+DQpTa2lj\n"               \
    "a2F0OiBkZW4gMyBkZWNlbWJlciAyMDI2IDEwOjEyDQpUaWxsOiDDhXNhIMOWYmVyZw0Kw4RtbmU6\n"               \
    "IEVuIGZyw6VnYSB2w6RudGFyDQoNCkVuIGZyw6VnYSB2w6RudGFyIHDDpSBzdmFyLg0K\n"

static void R17_answer_from_outlook(void **state)
{
    (void)state;
    expect_answer(HEAD "References: <x@annan.example>\n " OUR_ID "\n"
                       "Thread-Topic: =?utf-8?B?RW4gZnLDpWdh?=\nX-Auto-Response-Suppress: DR, OOF\n"
                       "Content-Type: multipart/alternative;\n\tboundary=\"_000_GVXP280MB_\"\n\n"
                       "--_000_GVXP280MB_\nContent-Type: text/plain; charset=\"utf-8\"\n"
                       "Content-Transfer-Encoding: base64\n\n" OUTLOOK_BASE64
                       "\n--_000_GVXP280MB_\nContent-Type: text/html; charset=\"utf-8\"\n\n"
                       "<p>not this</p>\n--_000_GVXP280MB_--\n",
                  ASA,
                  "Hej!\n\nBiblioteket har \xC3\xB6ppet till kl. 19 p\xC3\xA5 l\xC3\xB6rdag.\n\n"
                  "Med v\xC3\xA4nlig h\xC3\xA4lsning\n\xC3\x85sa");
}

static void R17_answer_from_gmail(void **state)
{
    (void)state;
    expect_answer(HEAD
                  "Content-Type: multipart/alternative; boundary=\"000000000000b1c2\"\n\n"
                  "--000000000000b1c2\nContent-Type: text/plain; charset=\"UTF-8\"\n"
                  "Content-Transfer-Encoding: quoted-printable\n\n"
                  "Ja, p=C3=A5 l=C3=B6rdag.\n\nDen tors 3 dec. 2026 kl 10:12 skrev Uppsikt <\n"
                  "uppsikt@sjoberga.example>:\n\n> En fr=C3=A5ga v=C3=A4ntar\n>\n> Sjoberga\n\n"
                  "--000000000000b1c2\nContent-Type: text/html; charset=\"UTF-8\"\n\n<p>x</p>\n"
                  "--000000000000b1c2--\n",
                  ASA, "Ja, p\xC3\xA5 l\xC3\xB6rdag.");
    expect_answer(TEXT "On Thu, Dec 3, 2026 at 10:12\xE2\x80\xAF"
                       "AM Uppsikt <u@sjoberga.example> wrote:\n\n> Fr\xC3\xA5ga\n\nYes.\n",
                  ASA, "Yes.");
}

static void R17_answer_from_apple_mail(void **state)
{
    (void)state;
    expect_answer(HEAD "Content-Type: text/plain;\n\tcharset=utf-8\n"
                       "Content-Transfer-Encoding: quoted-printable\n"
                       "Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3776.700.51\\))\n\n"
                       "Jag svarar i tr=C3=A5den.\n\n"
                       "Skickat fr=C3=A5n min iPhone\n\n"
                       "> 3 dec. 2026 kl. 10:12 skrev Uppsikt <uppsikt@sjoberga.example>:\n"
                       "> =EF=BB=BFEn fr=C3=A5ga v=C3=A4ntar\n",
                  ASA,
                  "Jag svarar i tr\xC3\xA5"
                  "den.\n\nSkickat fr\xC3\xA5n min iPhone");
    expect_answer(TEXT "Ja.\n\n3 dec. 2026 kl. 10:12 skrev Uppsikt <u@sjoberga.example>:\n\n> x\n",
                  ASA, "Ja.");
}

static void R17_latin1_and_windows(void **state)
{
    (void)state;
    expect_answer(HEAD "Content-Type: text/plain; charset=ISO-8859-1\n"
                       "Content-Transfer-Encoding: quoted-printable\n\n"
                       "R=E4ksm=F6rg=E5s =\nf=F6r =C5ke =80 50\n",
                  ASA, "R\xC3\xA4ksm\xC3\xB6rg\xC3\xA5s f\xC3\xB6r \xC3\x85ke \xE2\x82\xAC 50");
    expect_answer(HEAD "Content-Type: text/plain; charset=\"windows-1252\"\n\n\x93\xC5ke\x94\n",
                  ASA, "\xE2\x80\x9C\xC3\x85ke\xE2\x80\x9D");
    /* what is no UTF-8 afterwards */
    expect_answer(HEAD "Content-Type: text/plain\n\n\xC5ke \xE5r\n", ASA,
                  "\xEF\xBF\xBDke \xEF\xBF\xBDr");
    expect_answer(HEAD "Content-Type: text/plain; charset=x-nobodys\n\n\xC3\x85ke\n", ASA,
                  "\xC3\x85ke");
}

static void R17_answer_in_html_alone(void **state)
{
    (void)state;
    expect_answer(
        HTML
        "<!DOCTYPE html><html><head><meta charset=iso-8859-1><title>x</title>\n"
        "<style>p > a { color: red }</style></head>\n<body><!-- <p>no</p> -->\n"
        "<div>Hej &Aring;sa &amp; Bj&#246;rn,<br>\n  det   &auml;r <b>s&#xE5;</b>&nbsp;h&auml;r"
        "</div><script>if (a < b) document.write(\"</p>\")</script>"
        "<p title=\"a > b\">1 &lt; 2 &unknown; &</p><ul><li>ett</li><li>tv\xC3\xA5</li></ul>\n"
        "<div class=gmail_attr>Den tors 3 dec. 2026 kl 10:12 skrev Uppsikt &lt;<a href='m'>"
        "u@x.se</a>&gt;:<br></div><blockquote>Fr\xC3\xA5ga <blockquote>mer</blockquote> x"
        "</blockquote></body></html>\n",
        ASA,
        "Hej \xC3\x85sa & Bj\xC3\xB6rn,\ndet \xC3\xA4r s\xC3\xA5 h\xC3\xA4r\n\n"
        "1 < 2 &unknown; &\n\nett\ntv\xC3\xA5");
    /* Outlook's head of a quoted mail, below a rule */
    expect_answer(HTML "<div>Ja.</div><hr tabindex=\"-1\"><div id=\"divRplyFwdMsg\"><b>Fr&aring;n:"
                       "</b> Uppsikt &lt;u@x.se&gt;<br><b>Skickat:</b> den 3 december 2026<br>"
                       "<b>Till:</b> &Aring;sa<br><b>&Auml;mne:</b> x</div><div>Fr\xC3\xA5ga</div>",
                  ASA, "Ja.");
    /* an answer below what is quoted; tags that nobody closes */
    expect_answer(HTML "<blockquote>Fr\xC3\xA5ga</blockquote><p>Nej.<p><b", ASA, "Nej.");
    expect_answer(HTML "<pre>a\n  b</pre>&#0;&#7;&#xD800;&#99999999;", ASA,
                  "a\n  b\n\n\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    /* a text part without a word gives way */
    expect_answer(HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n\n"
                       "--b\nContent-Type: text/html\n\n<p>Ja\n--b--\n",
                  ASA, "Ja");
}

static void R17_what_is_quoted_is_cut(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        { "", "" },
        { "Ja\n", "Ja" },
        { "> quoted\n\nJa\n>more\nNej\n", "Ja\n\nNej" },
        { "Den 3 dec. 2026 kl. 10:12 skrev Uppsikt <u@x.se>:\n> q\n> q\n\nJa.\n-- \n\xC3\x85sa\n",
          "Ja." },
        { "Den 3 dec. 2026 kl. 10:12 skrev Uppsikt <u@x.se>:\nq without marks\n", "" },
        { "Ja\n\nDen 2026-12-03 kl. 10:12, skrev Uppsikt:\n\n\n> q\n", "Ja" },
        { "Ja\n\nOn 3 Dec 2026, at 10:12, Uppsikt <u@x.se> wrote:\n\nq\n", "Ja" },
        { "Ja\n-----Ursprungligt meddelande-----\nq\n", "Ja" },
        { "Ja\n\n-----Original Message-----\nFrom: x\n", "Ja" },
        { "Ja\n-------- Originalmeddelande --------\nq\n", "Ja" },
        { "Ja\n________________________________\nq\n", "Ja" },
        { "Ja\n\nFr\xC3\xA5n: Uppsikt\nSkickat: den 3 december 2026\nTill: \xC3\x85sa\n"
          "\xC3\x84mne: q\n\nq\n",
          "Ja" },
        { "Ja\n\n*From:* Uppsikt\n*Sent:* Thursday\n*To:* a\n*Subject:* q\n\nq\n", "Ja" },
        { "Fr\xC3\xA5n: x\nSkickat: y\n\xC3\x84mne: z\n", "" },
        /* a person's own words */
        { "Fr\xC3\xA5n: 10\nTill: 12\n\nhelger\n", "Fr\xC3\xA5n: 10\nTill: 12\n\nhelger" },
        { "Hej\nFrom: a\nTo: b\nSubject: c\n", "Hej\nFrom: a\nTo: b\nSubject: c" },
        { "Den 3 december skrev vi:\nja\n", "Den 3 december skrev vi:\nja" },
        { "On we go:\n-----\n____\n--\nslut", "On we go:\n-----\n____\n--\nslut" },
        { "a  \n\n\n\n b\t\n", "a\n\n b" },
        { "a\x01\x1b[31m\x7f\xC2\x85 b\xE2\x80\xA8"
          "c\xEF\xBB\xBF",
          "a[31m b\nc" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char text[1000];
        snprintf(text, sizeof text, "%s%s", TEXT, rows[i].text);
        expect_answer(text, ASA, rows[i].words);
    }
}

static void R17_mail_that_an_answer_is_about(void **state)
{
    static const struct {
        const char *head, *key;
    } rows[] = {
        { "In-Reply-To: " OUR_ID "\n", OUR_KEY },
        { "In-Reply-To: <a-1@SJOBERGA.Example>\n", "a-1" },
        { "In-Reply-To: Your mail of today " OUR_ID " (was: x)\n", OUR_KEY },
        { "References: <a-1@sjoberga.example> <b@annan.example>\n\t" OUR_ID
          "\n <c@annan.example>\n",
          OUR_KEY },
        { "In-Reply-To: <x@annan.example>\nReferences: " OUR_ID " <x@annan.example>\n", OUR_KEY },
        { "In-Reply-To: " OUR_ID "\nReferences: <a-1@sjoberga.example>\n", OUR_KEY },
        { "In-Reply-To: =?utf-8?q?=3C01J7Q2-notice-3=40sjoberga=2Eexample=3E?=\n", OUR_KEY },
        { "In-Reply-To: <" OUR_KEY "@annan.example>\n", "" },
        { "In-Reply-To: <" OUR_KEY "@x.sjoberga.example>\n", "" },
        { "In-Reply-To: <" OUR_KEY "@sjoberga.example.x>\n", "" },
        { "In-Reply-To: " OUR_KEY "@sjoberga.example\n", "" },
        { "In-Reply-To: <@sjoberga.example>\n", "" },
        { "In-Reply-To: <a=20b@sjoberga.example>\n", "" },
        { "In-Reply-To: <a/b@sjoberga.example>\n", "" },
        { "In-Reply-To: <" OUR_KEY "@sjoberga.example\n", "" },
        { "In-Reply-To: <x <" OUR_ID ">\n", OUR_KEY },
        { "In-Reply-To: <123456789012345678901234567890123456789012345678901234567890123@"
          "sjoberga.example>\n",
          "123456789012345678901234567890123456789012345678901234567890123" },
        { "In-Reply-To: <1234567890123456789012345678901234567890123456789012345678901234@"
          "sjoberga.example>\n",
          "" },
        { "Subject: x\n", "" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char text[1000];
        snprintf(text, sizeof text, FROM "%s\nJa\n", rows[i].head);
        expect_kind(text, rows[i].key[0] ? MAIL_IN_ANSWER : MAIL_IN_OTHER, rows[i].key);
    }
}

static void R17_who_it_is_from(void **state)
{
    static const struct {
        const char *from, *address;
    } rows[] = {
        { "From: Asa@X.se\n", "asa@x.se" },
        { "From: \"\xC3\x96"
          "berg, \xC3\x85sa (HR)\" <asa@x.se>\n",
          "asa@x.se" },
        { "From:\n =?utf-8?B?w4VzYQ==?=\n <asa@x.se>\n", "asa@x.se" },
        { "From: =?utf-8?Q?boss=40x.se=2C_=3Cboss=40x.se=3E?= <asa@x.se>\n", "asa@x.se" },
        { "From: \"boss@x.se\" <asa@x.se>\n", "asa@x.se" },
        /* nobody can say whose it is */
        { "From: asa@x.se, bo@x.se\n", "" },
        { "From: asa@x.se\nFrom: bo@x.se\n", "" },
        { "From: Gruppen: asa@x.se;\n", "" },
        { "From: undisclosed-recipients:;\n", "" },
        { "From: \"asa b\"@x.se\n", "" },
        { "From: asa@[127.0.0.1]\n", "" },
        { "From: asa\n", "" },
        { "From:\n", "" },
        { "From: <>\n", "" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char text[1000];
        snprintf(text, sizeof text, "%sIn-Reply-To: " OUR_ID "\n\nJa\n", rows[i].from);
        expect_answer(text, rows[i].address, "Ja");
    }
}

/* The first text that is the mail's own. */
static void R17_part_that_is_read(void **state)
{
    (void)state;
    expect_answer(HEAD "Content-Type: multipart/mixed; boundary=a\n\npreamble\n--a\n"
                       "Content-Type: text/plain\nContent-Disposition: attachment; "
                       "filename=x.txt\n\nattached\n"
                       "--a\nContent-Type: message/rfc822\n\nSubject: x\n\nforwarded\n"
                       "--a\nContent-Type: multipart/related; boundary=b\n\n"
                       "--b\nContent-Type: text/html\n\n<p>html\n"
                       "--b\n\nown\n--b--\n--a\n\nlater\n--a--\n",
                  ASA, "own");
    expect_answer(HEAD "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0K\n",
                  ASA, "");
    expect_answer(HEAD "Content-Type: message/rfc822\n\nSubject: x\n\nforwarded\n", ASA, "");
}

static void R17_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t more = 0; more < 4; more++) {
        char text[sizeof TEXT + 3 * (MAIL_IN_TEXT + 8)] = TEXT;
        memset(text + strlen(text), 'a', more);
        for (int i = 0; i < MAIL_IN_TEXT / 3 + 8; i++)
            memcpy(text + strlen(text), "\xE2\x82\xAC", 4);
        mail_in mail = read_bytes(text, strlen(text));
        const size_t n = strlen(mail.text);
        assert_in_range(n, MAIL_IN_TEXT - 2, MAIL_IN_TEXT);
        assert_int_equal((n - more) % 3, 0);
        assert_null(u8_check((const uint8_t *)mail.text, n));
        mail_in_done(&mail);
    }
}

static void test_mail_cut_anywhere(void **state)
{
    (void)state;
    cut_everywhere(HEAD
                   "Content-Type: multipart/alternative; boundary=\"b\"\n\n--b\n"
                   "Content-Type: text/plain; charset=iso-8859-1\n"
                   "Content-Transfer-Encoding: quoted-printable\n\n"
                   "F=F6rst\n\nDen 3 dec. 2026 kl. 10:12 skrev Uppsikt <u@x.se>:\n> q\n\n"
                   "--b\nContent-Type: text/html; charset=utf-8\n\n<p>F&ouml;rst</p>\n--b--\n");
    cut_everywhere(HTML
                   "<html><head><style>p {}</style></head><body title='a'><!-- c -->&Aring;&#7;"
                   "<blockquote><pre>q</pre></blockquote>\xC3\x85</body>");
    cut_everywhere(HEAD "Content-Type: text/plain; charset=utf-8\n"
                        "Content-Transfer-Encoding: base64\n\n" OUTLOOK_BASE64);
}

/* A mail of `n` times `piece`, between a head and nothing. */
static mail_in read_many(const char *head, const char *piece, size_t n)
{
    const size_t len = strlen(head), each = strlen(piece);
    char *text = malloc(len + n * each + 1);
    assert_non_null(text);
    memcpy(text, head, len + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + len + i * each, piece, each);
    mail_in mail = read_bytes(text, len + n * each);
    free(text);
    return mail;
}

static void test_mails_that_want_to_cost(void **state)
{
    static const struct {
        const char *head, *piece;
    } rows[] = {
        { HEAD, "Content-Type: multipart/mixed; boundary=a\n\n--a\n" },
        { HEAD "Content-Type: multipart/mixed; boundary=a\n\n", "--a\n\n" },
        { HEAD, "Content-Type: message/rfc822\n\n" },
        { TEXT, "a" },
        { TEXT, "\n" },
        { TEXT, "> " },
        { TEXT, "On 2026 10:12 wrote:\n" },
        { TEXT, "From: a\n\n" },
        { HTML, "<b>" },
        { HTML, "<b></i>" },
        { HTML, "<blockquote>" },
        { HTML, "<style>" },
        { HTML, "<!--" },
        { HTML, "&" },
        { HTML, "&amp" },
        { HTML, "<a b='" },
        { "In-Reply-To: ", OUR_ID " " },
        { "From: ", "a: <" },
        { "From: ", "(" },
        { "To: ", "a:" },
        { "To: a\n", " a:" },
        { "To: a\n", " a:\n" },
        { "Content-Type: text/plain; ", "a=b;" },
        { HEAD "Content-Type: message/rfc822\n\nCC\t: ", "a:" },
        { "Subject: ", "=?utf-8?q?a?= " },
        { "", "To: a\n" },
        { "", "a" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        mail_in mail = read_many(rows[i].head, rows[i].piece, (1 << 20) / strlen(rows[i].piece));
        assert_in_range(strlen(mail.text), 0, MAIL_IN_TEXT);
        mail_in_done(&mail);
    }
}

static void test_hundred_levels(void **state)
{
    (void)state;
    char text[12000] = HEAD;
    for (int i = 0; i < 100; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "Content-Type: multipart/mixed; boundary=b%d-\n\n--b%d-\n", i, i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "\ndeep\n");
    expect_answer(text, ASA, ""); /* deeper than anybody looks */
}

static void test_no_mail_at_all(void **state)
{
    static const char bytes[] = TEXT "a\0b\0\xff\n";
    static const char head[] = "In-Reply-To: \0" OUR_ID "\n\0\n\nJa";
    (void)state;
    mail_in mail = read_bytes(bytes, sizeof bytes - 1);
    assert_string_equal(mail.text, "ab\xEF\xBF\xBD");
    mail_in_done(&mail);
    mail = read_bytes(head, sizeof head - 1);
    mail_in_done(&mail);
    mail_in_done(&mail); /* twice is once */
    mail_in_read(NULL, 0, OUR_DOMAIN, &mail);
    assert_int_equal(mail.kind, MAIL_IN_OTHER);
    assert_string_equal(mail.text, "");
    mail_in_done(&mail);
    expect_kind("\n\n\n", MAIL_IN_OTHER, "");
    expect_kind("no head\nat all", MAIL_IN_OTHER, "");
    expect_kind(": x\n : y\n\nIn-Reply-To: " OUR_ID "\n", MAIL_IN_OTHER, "");
    /* a field below the head is text, one that a CR hides is its field's value */
    expect_kind(FROM "Subject: x\rIn-Reply-To: " OUR_ID "\n\nJa\n", MAIL_IN_OTHER, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R17_answer_from_outlook),
        cmocka_unit_test(R17_answer_from_gmail),
        cmocka_unit_test(R17_answer_from_apple_mail),
        cmocka_unit_test(R17_latin1_and_windows),
        cmocka_unit_test(R17_answer_in_html_alone),
        cmocka_unit_test(R17_what_is_quoted_is_cut),
        cmocka_unit_test(R17_mail_that_an_answer_is_about),
        cmocka_unit_test(R17_who_it_is_from),
        cmocka_unit_test(R17_part_that_is_read),
        cmocka_unit_test(R17_text_is_cut_between_characters),
        cmocka_unit_test(test_mail_cut_anywhere),
        cmocka_unit_test(test_mails_that_want_to_cost),
        cmocka_unit_test(test_hundred_levels),
        cmocka_unit_test(test_no_mail_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
