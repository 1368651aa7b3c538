/* log_test.c - one JSON line an event (reliability.md B2: hostile text in logs). */
#include "upp/log.h"
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BUFFER = 64 * 1024 };

/* Standard output becomes a datagram socket: one datagram is one write(2). */
static int capture[2], old_stdout;
static char got[BUFFER];

static int begin(void **state)
{
    (void)state;
    fflush(stdout);
    old_stdout = dup(STDOUT_FILENO);
    return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, capture);
}

static int end(void **state)
{
    (void)state;
    close(capture[0]);
    close(capture[1]);
    close(old_stdout);
    unsetenv("UPPSIKT_LOG");
    return 0;
}

/* What `say` did with one line; asserts that it was exactly one write, one line. */
static const char *one_line(enum upp_level level, const char *about, const char *message)
{
    dup2(capture[1], STDOUT_FILENO);
    upp_log(level, about, "%s", message);
    dup2(old_stdout, STDOUT_FILENO);
    const ssize_t n = recv(capture[0], got, sizeof got - 1, 0);
    assert_true(n > 0);
    got[n] = '\0';
    assert_int_equal(strlen(got), n);
    char more[1];
    assert_int_equal(recv(capture[0], more, sizeof more, 0), -1);
    assert_ptr_equal(strchr(got, '\n'), got + n - 1);
    assert_true(n <= 4096); /* PIPE_BUF: whole in a pipe */
    return got;
}

static json_t *parse(const char *line)
{
    json_error_t why;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &why);
    assert_non_null(object);
    return object;
}

static const char *field(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void test_fields(void **state)
{
    (void)state;
    upp_log_open("escalation");
    json_t *o = parse(one_line(UPP_WARN, "ingest/17", "parked: no such account"));
    assert_int_equal(json_object_size(o), 5);
    assert_string_equal(field(o, "level"), "warn");
    assert_string_equal(field(o, "service"), "escalation");
    assert_string_equal(field(o, "about"), "ingest/17");
    assert_string_equal(field(o, "msg"), "parked: no such account");
    const char *ts = field(o, "ts"); /* 2026-11-23T20:21:12.034Z */
    assert_int_equal(strlen(ts), 24);
    assert_int_equal(ts[10], 'T');
    assert_int_equal(ts[19], '.');
    assert_int_equal(ts[23], 'Z');
    json_decref(o);

    o = parse(one_line(UPP_ERROR, NULL, "x"));
    assert_int_equal(json_object_size(o), 4);
    json_decref(o);
}

static void test_hostile_text_stays_one_line_and_reads_back(void **state)
{
    static const char *const hostile[] = {
        "two\nlines\r\n",
        "\x1b[31mred\x1b]0;title\x07",
        "del\x7f c1 \xc2\x9b",
        "\xe2\x80\xa8 and \xe2\x80\xa9",
        "bidi \xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f",
        "quote \" backslash \\ \\\"",
        "sm\xc3\xb6rg\xc3\xa5s \xf0\x9f\x98\x80",
        "\",\"level\":\"info",
    };
    (void)state;
    upp_log_open("t");
    for (size_t i = 0; i < UPP_LEN(hostile); i++) {
        const char *line = one_line(UPP_INFO, hostile[i], hostile[i]);
        assert_null(strstr(line, "\xe2\x80")); /* U+2028/9, U+202E, U+200F: only escaped */
        assert_null(strstr(line, "\xe2\x81"));
        assert_null(strchr(line, 0x1b));
        assert_null(strchr(line, 0x7f));
        assert_null(strstr(line, "\xc2\x9b"));
        json_t *o = parse(line);
        assert_string_equal(field(o, "msg"), hostile[i]);
        assert_string_equal(field(o, "about"), hostile[i]);
        assert_string_equal(field(o, "level"), "info");
        json_decref(o);
    }
}

/* Property: any bytes give one line of JSON, at most PIPE_BUF long. */
static void test_any_bytes(void **state)
{
    (void)state;
    upp_log_open("t");
    uint64_t x = 7;
    for (int i = 0; i < 4000; i++) {
        char text[5000];
        x = x * 6364136223846793005u + 1442695040888963407u;
        const size_t n = (size_t)(x >> 33) % (i % 10 == 0 ? sizeof text : 200);
        for (size_t k = 0; k < n; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            text[k] = (char)(1 + (x >> 40) % 255);
        }
        text[n] = '\0';
        json_decref(parse(one_line(UPP_INFO, i % 2 ? text : NULL, text)));
    }
}

static void test_a_long_message_is_cut_and_says_so(void **state)
{
    (void)state;
    char text[9000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    upp_log_open("t");
    json_t *o = parse(one_line(UPP_INFO, NULL, text));
    const char *msg = field(o, "msg");
    assert_string_equal(msg + strlen(msg) - 4, "a...");
    json_decref(o);
    memset(text, '\n', sizeof text - 1); /* two bytes each when escaped */
    o = parse(one_line(UPP_INFO, NULL, text));
    msg = field(o, "msg");
    assert_string_equal(msg + strlen(msg) - 4, "\n...");
    json_decref(o);
}

static void test_plain_lines_for_people(void **state)
{
    (void)state;
    setenv("UPPSIKT_LOG", "text", 1);
    upp_log_open("ingest");
    const char *line = one_line(UPP_INFO, "17", "said \"hi\"\n2026-01-01 error ingest: feigned");
    assert_non_null(strstr(line, "Z info ingest [17]: said \"hi\"\\u000a2026-01-01"));
    assert_int_equal(line[0], '2');
}

static void test_a_closed_output_does_no_harm(void **state)
{
    (void)state;
    upp_log_open("t");
    close(capture[0]);
    dup2(capture[1], STDOUT_FILENO);
    upp_log_say("nobody hears this");
    dup2(old_stdout, STDOUT_FILENO);
    capture[0] = dup(STDERR_FILENO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields, begin, end),
        cmocka_unit_test_setup_teardown(test_hostile_text_stays_one_line_and_reads_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_any_bytes, begin, end),
        cmocka_unit_test_setup_teardown(test_a_long_message_is_cut_and_says_so, begin, end),
        cmocka_unit_test_setup_teardown(test_plain_lines_for_people, begin, end),
        cmocka_unit_test_setup_teardown(test_a_closed_output_does_no_harm, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
