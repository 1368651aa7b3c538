/* mail_header_test.c - header lines are refused rather than bent (reliability.md B2, B6; R24). */
#include "mail_header.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_addresses(void **state)
{
    static const struct {
        const char *address;
        bool ok;
    } rows[] = {
        { "anna@kommun.example", true },
        { "anna.b+uppsikt@skola.kommun.example", true },
        { "o'neill@x.se", true },
        { "root@localhost", true },
        { "", false },
        { "anna", false },
        { "@kommun.example", false },
        { "anna@", false },
        { "anna@@kommun.example", false },
        { "anna@b@kommun.example", false },
        { "anna b@kommun.example", false },
        { "anna@kommun.example>", false },
        { "<anna@kommun.example>", false },
        { "anna@kommun.example\r\nBcc: x@y.se", false },
        { "anna@kommun.example\n", false },
        { "anna\t@kommun.example", false },
        { "anna@kommun.example,x@y.se", false },
        { "anna@kommun.example x@y.se", false },
        { "\"anna b\"@kommun.example", false },
        { "anna@[127.0.0.1]", false },
        { ".anna@x.se", false },
        { "anna.@x.se", false },
        { "an..na@x.se", false },
        { "anna@x..se", false },
        { "anna@.se", false },
        { "anna@x.se.", false },
        { "anna(c)@x.se", false },
        { "\xc3\xa5sa@x.se", false },
        { "anna@malm\xc3\xb6.se", false },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(mail_address_ok(rows[i].address), rows[i].ok);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 64, "@x.se", 6);
    assert_true(mail_address_ok(longest));
    memset(longest, 'a', 65);
    memcpy(longest + 65, "@x.se", 6);
    assert_false(mail_address_ok(longest));
}

/* No byte but those of an address gets through, wherever it stands. */
static void test_no_foreign_byte_in_an_address(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        for (size_t place = 0; place < 6; place++) {
            char address[] = "aab@xxy.se";
            static const size_t at[] = { 0, 1, 2, 4, 5, 6 };
            address[at[place]] = (char)c;
            const bool ok = mail_address_ok(address);
            if (c <= 0x20 || c >= 0x7f || strchr("<>()[]\\,;:\"@", c))
                assert_false(ok);
        }
    }
}

static void test_words(void **state)
{
    (void)state;
    assert_true(mail_words_ok("F\xc3\xb6rsenad 1 dag \xf0\x9f\x98\x80"));
    static const char *const wrong[] = {
        "a\nb",         "a\rb", "a\tb", "a\x7f",    "\xc2\x85", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xff", "\xc3", "\xc0\x8a", "\x1b[31m", "\xed\xa0\x80"
    };
    for (size_t i = 0; i < UPP_LEN(wrong); i++)
        assert_false(mail_words_ok(wrong[i]));
    assert_true(mail_body_ok("a\nb\r\n\tc"));
    assert_false(mail_body_ok("a\x01"));
    assert_false(mail_body_ok("\xff"));
}

/* The text that a reader sees: encoded words are put together, their folding dropped. */
static void decode(const char *value, char ret_text[MAIL_LINE])
{
    size_t used = 0;
    ret_text[0] = '\0';
    while (*value) {
        if (strncmp(value, "=?UTF-8?B?", 10) == 0) {
            const char *end = strstr(value + 10, "?=");
            assert_non_null(end);
            assert_true(end + 2 - value <= 75); /* RFC 2047 §2 */
            size_t n = 0;
            const int ok = sodium_base642bin((unsigned char *)ret_text + used, MAIL_LINE - used - 1,
                                             value + 10, (size_t)(end - value - 10), NULL, &n, NULL,
                                             sodium_base64_VARIANT_ORIGINAL);
            assert_int_equal(ok, 0);
            ret_text[used + n] = '\0';
            assert_true(mail_words_ok(ret_text + used)); /* whole characters only, §5 */
            used += n;
            value = end + 2;
            if (strncmp(value, "\r\n ", 3) == 0)
                value += 3;
        } else {
            ret_text[used++] = *value++;
            ret_text[used] = '\0';
        }
    }
}

static void short_lines(const char *line)
{
    for (const char *at = line; at; at = strstr(at, "\r\n") ? strstr(at, "\r\n") + 2 : NULL) {
        const char *end = strstr(at, "\r\n");
        assert_true((end ? (size_t)(end - at) : strlen(at)) <= 76);
    }
}

static void test_subject(void **state)
{
    static const char *const subjects[] = {
        "Plain",
        "Fr\xc3\xa5ga: svara senast tis 15.30",
        "=?UTF-8?B?ZmVpZ25lZA==?=",
        " leading",
        "trailing ",
        "",
        "A plain subject that is so long that it would not fit on one line of seventy-six",
        "\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3\xa4"
        "\xc3"
        "\xb6\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3\xa4\xc3\xb6\xc3\xa5\xc3"
        "\xa4",
        "a\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f"
        "\x98"
        "\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(subjects); i++) {
        char line[MAIL_LINE], back[MAIL_LINE];
        assert_true(mail_words_header("Subject", subjects[i], line));
        assert_int_equal(strncmp(line, "Subject: ", 9), 0);
        short_lines(line);
        for (const char *at = line; *at; at++)
            assert_true((unsigned char)*at < 0x80);
        decode(line + 9, back);
        assert_string_equal(back, subjects[i]);
    }
    char line[MAIL_LINE], longest[MAIL_LINE];
    assert_false(mail_words_header("Subject", "a\r\nBcc: x@y.se", line));
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(mail_words_header("Subject", longest, line));
}

/* Property: any UTF-8 words read back the same. */
static void test_any_subject(void **state)
{
    static const char *const pieces[] = { "a", " ", "\xc3\xa5", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                          "=", "?", "\"" };
    (void)state;
    uint64_t x = 3;
    for (int i = 0; i < 20000; i++) {
        char words[400] = "", line[MAIL_LINE], back[MAIL_LINE];
        size_t used = 0;
        x = x * 6364136223846793005u + 1442695040888963407u;
        for (size_t k = (x >> 40) % 90; k > 0; k--) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(x >> 33) % UPP_LEN(pieces)];
            used += (size_t)snprintf(words + used, sizeof words - used, "%s", piece);
        }
        assert_true(mail_words_header("Subject", words, line));
        short_lines(line);
        decode(line + 9, back);
        assert_string_equal(back, words);
    }
}

static void test_address_header(void **state)
{
    char line[MAIL_LINE];
    (void)state;
    assert_true(mail_address_header("From", "Uppsikt", "u@x.se", line));
    assert_string_equal(line, "From: \"Uppsikt\"\r\n <u@x.se>");
    assert_true(mail_address_header("From", "a \"b\" \\c", "u@x.se", line));
    assert_string_equal(line, "From: \"a \\\"b\\\" \\\\c\"\r\n <u@x.se>");
    assert_true(mail_address_header("From", "V\xc3\xa4xj\xc3\xb6", "u@x.se", line));
    assert_string_equal(line, "From: =?UTF-8?B?VsOkeGrDtg==?=\r\n <u@x.se>");
    assert_true(mail_address_header("To", NULL, "u@x.se", line));
    assert_string_equal(line, "To: <u@x.se>");
    assert_false(mail_address_header("To", NULL, "u@x.se\r\n", line));
    assert_false(mail_address_header("From", "a\r\nb", "u@x.se", line));
}

static void test_message_id(void **state)
{
    char line[MAIL_LINE], other[MAIL_LINE];
    (void)state;
    assert_true(mail_id_header("01J/2/anna", "u@kommun.example", line));
    assert_string_equal(line, "Message-ID: <01J/2/anna@kommun.example>");
    assert_true(mail_id_header("a b>\r\n=@.\xc3\xa5", "u@x.se", line));
    assert_string_equal(line, "Message-ID: <a=20b=3E=0D=0A=3D=40=2E=C3=A5@x.se>");
    assert_true(mail_id_header("a=20b", "u@x.se", line));
    assert_true(mail_id_header("a b", "u@x.se", other));
    assert_string_not_equal(line, other);
    assert_false(mail_id_header("", "u@x.se", line));
    assert_false(mail_id_header("a", "nobody", line));
}

static void test_date(void **state)
{
    char line[MAIL_LINE];
    (void)state;
    mail_date_header(0, line);
    assert_string_equal(line, "Date: Thu, 01 Jan 1970 00:00:00 +0000");
    mail_date_header(1795465272999, line);
    assert_string_equal(line, "Date: Mon, 23 Nov 2026 20:21:12 +0000");
    mail_date_header(1709210096000, line);
    assert_string_equal(line, "Date: Thu, 29 Feb 2024 12:34:56 +0000");
}

static void test_body_lines(void **state)
{
    static const struct {
        const char *text, *lines;
    } rows[] = {
        { "", "\r\n" },       { "a", "a\r\n" },         { "a\n", "a\r\n" },
        { "a\r\n", "a\r\n" }, { "a\rb", "a\r\nb\r\n" }, { "a\n\nb\r\r\n", "a\r\n\r\nb\r\n\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char *lines = mail_body_lines(rows[i].text);
        assert_string_equal(lines, rows[i].lines);
        free(lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),   cmocka_unit_test(test_no_foreign_byte_in_an_address),
        cmocka_unit_test(test_words),       cmocka_unit_test(test_subject),
        cmocka_unit_test(test_any_subject), cmocka_unit_test(test_address_header),
        cmocka_unit_test(test_message_id),  cmocka_unit_test(test_date),
        cmocka_unit_test(test_body_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
