/* host_test.c - what lies on this machine (ARCHITECTURE §4: trials never leave it). */
#include "upp/host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_hosts(void **state)
{
    static const struct {
        const char *host;
        bool here;
    } rows[] = {
        { "localhost", true },
        { "LocalHost", true },
        { "127.0.0.1", true },
        { "127.255.255.254", true },
        { "::1", true },
        { "[::1]", true },
        { "0:0:0:0:0:0:0:1", true },
        { "/run/mail.sock", true },
        { "", false },
        { "0.0.0.0", false },
        { "128.0.0.1", false },
        { "127.0.0.1.example.org", false },
        { "localhost.example.org", false },
        { "mail.kommun.example", false },
        { "::", false },
        { "::2", false },
        { "::ffff:127.0.0.1", false }, /* careful: not the loopback address itself */
        { "[::1", false },
        { "127.1", false }, /* inet_aton's short forms are not read */
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(upp_host_is_here(rows[i].host), rows[i].here);
}

static void test_urls(void **state)
{
    static const struct {
        const char *url;
        bool here;
    } rows[] = {
        { "smtp://localhost:2525", true },
        { "smtp://127.0.0.1", true },
        { "smtp://[::1]:25/helo.example", true },
        { "https://127.0.0.1:8080/a?b#c", true },
        { "http://user:secret@localhost/", true },
        { "ipc:///run/uppsikt/ingest", true },
        { "file:///etc/passwd", true },
        { "smtp://mail.kommun.example", false },
        { "http://localhost@evil.example/", false },
        { "http://evil.example/@localhost", false },
        { "http://evil.example?@localhost", false },
        { "http://evil.example#@localhost", false },
        { "http://evil.example\\@localhost", false },
        { "http://localhost.evil.example", false },
        { "http:///localhost", false },
        { "localhost", false },
        { "://localhost", false },
        { "", false },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        assert_int_equal(upp_url_is_here(rows[i].url), rows[i].here);
}

typedef struct config {
    const char *mail, *chat, *word;
    int64_t n;
} config;

static void test_names_the_option_that_points_elsewhere(void **state)
{
    static const upp_option options[] = {
        { "n", UPP_OPT_COUNT, offsetof(config, n), "1", "A number." },
        { "word", UPP_OPT_TEXT, offsetof(config, word), "", "No address." },
        { "mail", UPP_OPT_TEXT, offsetof(config, mail), "", "Mail server." },
        { "chat", UPP_OPT_TEXT, offsetof(config, chat), "", "Chat server." },
    };
    const upp_service service = { .name = "t", .options = options, .n_options = UPP_LEN(options) };
    (void)state;
    config c = { .word = "kommun.example", .mail = "smtp://localhost:25", .chat = NULL };
    assert_null(upp_option_elsewhere(&service, &c));
    c.chat = "https://chat.kommun.example/hook";
    assert_string_equal(upp_option_elsewhere(&service, &c), "chat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_names_the_option_that_points_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
