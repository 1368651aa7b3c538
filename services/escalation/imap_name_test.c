/* imap_name_test.c - names of mailboxes in URLs and in commands (RFC 3501 §5.1.3, RFC 5092). */
#include "imap_name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_names(void **state)
{
    static const char *const rows[][2] = {
        { "", "\"INBOX\"" },
        { "/", "\"INBOX\"" },
        { "/INBOX", "\"INBOX\"" },
        { "/Svar%20in", "\"Svar in\"" },
        { "/Svar in", "\"Svar in\"" },
        { "/INBOX/svar", "\"INBOX/svar\"" },
        { "/a&b", "\"a&-b\"" },
        { "/%22a%5c", "\"\\\"a\\\\\"" },
        { "/%C3%A5", "\"&AOU-\"" },
        { "/\xc3\xa5", "\"&AOU-\"" },
        { "/sm%C3%B6rg%C3%A5s", "\"sm&APY-rg&AOU-s\"" },
        { "/%C3%A5%C3%A4%C3%B6", "\"&AOUA5AD2-\"" }, /* three fill their digits */
        { "/%C3%A5%C3%A4", "\"&AOUA5A-\"" },
        { "/~peter/mail/%E5%8F%B0%E5%8C%97/%E6%97%A5%E6%9C%AC%E8%AA%9E",
          "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"" }, /* RFC 3501's own */
        { "/%F0%9F%98%80", "\"&2D3eAA-\"" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char name[IMAP_NAME];
        assert_true(imap_name(rows[i][0], name));
        assert_string_equal(name, rows[i][1]);
    }
}

static void test_what_is_no_name(void **state)
{
    static const char *const paths[] = {
        "/a%",   "/a%4",   "/a%zz",        "/a%00b", "/a%0d%0aA1 LOGOUT",
        "/%ff",  "/a\xff", "/INBOX;UID=1", "/a?b",   "/a#b",
        "/a%7f", "/%C3",   "/a\nb",
    };
    char name[IMAP_NAME], path[2 * IMAP_NAME];
    (void)state;
    for (size_t i = 0; i < UPP_LEN(paths); i++)
        assert_false(imap_name(paths[i], name));
    for (size_t n = 1; n < sizeof path; n++) { /* of any length, within its bounds */
        memset(path, n % 2 ? '&' : 'a', n);
        path[n] = '\0';
        assert_true(n >= IMAP_NAME / 2 - 16 || imap_name(path, name));
        assert_false(n >= IMAP_NAME && imap_name(path, name));
        if (n < IMAP_NAME && imap_name(path, name))
            assert_true(strlen(name) < IMAP_NAME);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_what_is_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
