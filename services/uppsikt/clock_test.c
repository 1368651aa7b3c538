/* clock_test.c - `uppsikt clock` (R13, R14, R16, R20): X1-X10 through the program, and what it
 * refuses. */
#include "../escalation/clock_fixture.h"
#include "clock_verb.h"
#include <jansson.h>
#include <unistd.h>

typedef struct outcome {
    int rc;
    char out[8192], err[4096];
} outcome;

static void drain(FILE *from, char *ret_text, size_t size)
{
    rewind(from);
    const size_t n = fread(ret_text, 1, size - 1, from);
    ret_text[n] = '\0';
    fclose(from);
}

static outcome run_(const char *input, char **argv, int argc)
{
    outcome o = { 0 };
    FILE *in = tmpfile();
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    upp_check(in && out && err);
    fputs(input, in);
    rewind(in);
    o.rc = clock_verb_run(argc, argv, in, out, err);
    fclose(in);
    drain(out, o.out, sizeof o.out);
    drain(err, o.err, sizeof o.err);
    return o;
}

#define ARGS(...)       ((char *[]){ upp_lend("clock"), __VA_ARGS__, NULL })
#define RUN(input, ...) run_(input, ARGS(__VA_ARGS__), (int)UPP_LEN(ARGS(__VA_ARGS__)) - 1)

static char *arg(const char *text)
{
    return upp_lend(text);
}

/* A file for --policy, gone when the test ends. */
static char policy_path[] = "/tmp/uppsikt-clock-XXXXXX";

static int setup(void **state)
{
    (void)state;
    const int fd = mkstemp(policy_path);
    return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
    (void)state;
    return remove(policy_path);
}

static char *policy_with(const char *text)
{
    FILE *file = fopen(policy_path, "w");
    upp_check(file != NULL);
    fputs(text, file);
    fclose(file);
    return policy_path;
}

/* One line in, one object out; the caller releases it. */
static json_t *ask(const char *line, const char *policy_text)
{
    const outcome o = RUN(line, arg("--ndjson"), arg("--policy"), policy_with(policy_text));
    if (o.rc != 0)
        fail_msg("%s", o.err);
    json_t *got = json_loads(o.out, 0, NULL);
    assert_non_null(got);
    return got;
}

static void expect_text(const json_t *got, const char *key, const char *wanted)
{
    const json_t *value = json_object_get(got, key);
    assert_non_null(value);
    if (!wanted)
        assert_true(json_is_null(value));
    else
        assert_string_equal(json_string_value(value), wanted);
}

static void test_X1_to_X10_through_the_program(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *received, *more, *overrides, *due, *due_local;
    } x[] = {
        { "Q", "2026-11-27T18:40:00+01:00", "", "", "2026-11-30T15:00:00Z",
          "2026-11-30T16:00:00+01:00" },
        { "Q", "2026-12-23T14:00:00Z", "", "", "2026-12-28T13:30:00Z",
          "2026-12-28T14:30:00+01:00" },
        { "Q", "2027-03-25T16:00:00Z", "", "", "2027-03-30T14:00:00Z",
          "2027-03-30T16:00:00+02:00" },
        { "A", "2026-11-27T17:40:00Z", "", "", "2026-12-04T15:30:00Z",
          "2026-12-04T16:30:00+01:00" },
        { "Q", "2026-11-27T17:40:00Z", "", "2026-11-30: closed", "2026-12-01T15:00:00Z",
          "2026-12-01T16:00:00+01:00" },
        { "Q", "2026-11-24T11:00:00Z", ",\"target_minutes\":240",
          "2026-11-24: [\"08:00-11:30\", \"13:00-16:30\"]", "2026-11-25T07:30:00Z",
          "2026-11-25T08:30:00+01:00" },
        { "Q", "2027-03-27T23:00:00Z", ",\"target_minutes\":60", "2027-03-28: [\"02:30-04:00\"]",
          "2027-03-28T02:00:00Z", "2027-03-28T04:00:00+02:00" },
        { "M", "2026-11-27T08:00:00Z", "", "", "2026-11-28T08:00:00Z",
          "2026-11-28T09:00:00+01:00" },
        { "M", "2026-11-27T17:40:00Z", "", "", "2026-11-28T17:40:00Z",
          "2026-11-28T18:40:00+01:00" },
        { "M", "2026-10-24T22:00:00+02:00", "", "", "2026-10-25T20:00:00Z",
          "2026-10-25T21:00:00+01:00" },
    };
    for (size_t i = 0; i < UPP_LEN(x); i++) {
        char line[256];
        char policy_text[256];
        snprintf(line, sizeof line, "{\"id\":\"X%zu\",\"kind\":\"%s\",\"received_at\":\"%s\"%s}\n",
                 i + 1, x[i].kind, x[i].received, x[i].more);
        snprintf(policy_text, sizeof policy_text,
                 "version: 4\ncalendars:\n  duty:\n    version: 9\n    overrides: {%s}\n",
                 x[i].overrides);
        json_t *got = ask(line, policy_text);
        expect_text(got, "due", x[i].due);
        expect_text(got, "due_local", x[i].due_local);
        assert_int_equal(json_integer_value(json_object_get(got, "policy_version")), 4);
        assert_int_equal(json_integer_value(json_object_get(got, "calendar_version")), 9);
        assert_int_equal(json_object_get(got, "attended_due") != NULL, x[i].kind[0] == 'M');
        json_decref(got);
    }
}

/* X9's row of the M table; pauses never stop M. */
static void test_X9_R20_all_fields_of_moderation(void **state)
{
    (void)state;
    json_t *got = ask("{\"id\":9,\"kind\":\"M\",\"received_at\":\"2026-11-27T18:40:00.5+01:00\","
                      "\"pauses\":[[\"2026-11-27T18:50:00+01:00\",null]]}",
                      "version: 1");
    assert_int_equal(json_integer_value(json_object_get(got, "id")), 9);
    expect_text(got, "due", "2026-11-28T17:40:00.500Z");
    expect_text(got, "attended_due", "2026-11-30T11:00:00Z");
    expect_text(got, "first_duty", "2026-11-30T07:00:00Z");
    expect_text(got, "last_duty", NULL);
    assert_int_equal(json_integer_value(json_object_get(got, "office_minutes")), 0);
    assert_true(json_is_true(json_object_get(got, "pauses_ignored")));
    assert_null(json_object_get(got, "paused"));
    json_decref(got);
}

static void test_R14_pauses_through_the_program(void **state)
{
    (void)state;
    json_t *open = ask("{\"id\":\"a\",\"kind\":\"A\",\"received_at\":\"2026-11-23T07:00:00Z\","
                       "\"pauses\":[[\"2026-11-24T09:00:00Z\",null]]}",
                       "version: 1");
    expect_text(open, "due", NULL);
    expect_text(open, "due_local", NULL);
    expect_text(open, "first_duty", "2026-11-23T07:00:00Z");
    assert_true(json_is_true(json_object_get(open, "paused")));
    json_decref(open);
    json_t *closed = ask("{\"id\":\"a\",\"kind\":\"A\",\"received_at\":\"2026-11-23T07:00:00Z\","
                         "\"pauses\":[[\"2026-11-24T09:00:00Z\",\"2026-11-26T08:00:00Z\"]]}",
                         "version: 1");
    expect_text(closed, "due", "2026-12-01T14:30:00Z");
    assert_int_equal(json_integer_value(json_object_get(closed, "paused_minutes")), 960);
    json_decref(closed);
    json_t *never = ask("{\"id\":\"q\",\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\","
                        "\"pauses\":[[\"2026-11-30T09:00:00Z\",null]]}",
                        "version: 1");
    expect_text(never, "due", "2026-11-30T15:00:00Z");
    assert_true(json_is_true(json_object_get(never, "pauses_ignored")));
    json_decref(never);
}

/* A bad line has its error in its place; the others go on; nothing of its content is repeated. */
static void test_R16_bad_lines(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "secret",
        "[]",
        "{\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\"}",
        "{\"id\":1,\"kind\":\"X\",\"received_at\":\"2026-11-27T17:40:00Z\"}",
        "{\"id\":1,\"kind\":\"Q\"}",
        "{\"id\":1,\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00\"}",
        "{\"id\":1,\"kind\":\"Q\",\"received_at\":\"2026-11-31T17:40:00Z\"}",
        "{\"id\":1,\"id\":2,\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\"}",
        "{\"id\":1,\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\",\"target_minutes\":0}",
        "{\"id\":1,\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\",\"target_minutes\":"
        "\"9\"}",
        "{\"id\":1,\"kind\":\"Q\",\"received_at\":\"2026-11-27T17:40:00Z\",\"target_minutes\":1e9}",
        "{\"id\":1,\"kind\":\"A\",\"received_at\":\"2026-11-27T17:40:00Z\",\"pauses\":{}}",
        "{\"id\":1,\"kind\":\"A\",\"received_at\":\"2026-11-27T17:40:00Z\",\"pauses\":[[]]}",
        "{\"id\":1,\"kind\":\"A\",\"received_at\":\"2026-11-27T17:40:00Z\","
        "\"pauses\":[[\"2026-11-28T17:40:00Z\",\"2026-11-27T17:40:00Z\"]]}",
    };
    char input[4096] = "";
    size_t used = 0;
    for (size_t i = 0; i < UPP_LEN(bad); i++)
        used += (size_t)snprintf(input + used, sizeof input - used,
                                 "%s\n{\"id\":\"ok\",\"kind\":\"Q\",\"received_at\":"
                                 "\"2026-11-27T17:40:00Z\"}\n",
                                 bad[i]);
    const outcome o = RUN(input, arg("--ndjson"));
    assert_int_equal(o.rc, 1);
    const char *at_line = o.out;
    for (size_t i = 0; i < 2 * UPP_LEN(bad); i++) {
        json_error_t error;
        json_t *got = json_loads(at_line, JSON_DISABLE_EOF_CHECK, &error);
        assert_non_null(got);
        if (i % 2) {
            expect_text(got, "due", "2026-11-30T15:00:00Z");
        } else {
            char wanted[64];
            assert_int_equal(json_integer_value(json_object_get(got, "line")), i + 1);
            assert_true(json_is_string(json_object_get(got, "error")));
            snprintf(wanted, sizeof wanted, "uppsikt clock: line %zu: ", i + 1);
            assert_non_null(strstr(o.err, wanted));
        }
        json_decref(got);
        at_line = strchr(at_line, '\n') + 1;
    }
    assert_int_equal(*at_line, '\0');
    assert_null(strstr(o.out, "secret"));
    assert_null(strstr(o.err, "secret"));
    const outcome blank = RUN("\n  \n", arg("--ndjson"));
    assert_int_equal(blank.rc, 0);
    assert_string_equal(blank.out, "");
}

static void test_R16_one_on_the_command_line(void **state)
{
    (void)state;
    const outcome text = RUN("", arg("Q"), arg("2026-11-27T18:40:00+01:00"));
    assert_int_equal(text.rc, 0);
    assert_non_null(strstr(text.out, "2026-11-30T16:00:00+01:00  2026-11-30T15:00:00Z"));
    const outcome json = RUN("", arg("M"), arg("2026-11-27T18:40:00+01:00"), arg("--json"),
                             arg("--target"), arg("60"));
    assert_int_equal(json.rc, 0);
    assert_string_equal(
        json.out,
        "{\"kind\":\"M\",\"received_at\":\"2026-11-27T17:40:00Z\","
        "\"due\":\"2026-11-27T18:40:00Z\",\"due_local\":\"2026-11-27T19:40:00+01:00\","
        "\"attended_due\":\"2026-11-30T11:00:00Z\",\"first_duty\":\"2026-11-30T07:00:00Z\","
        "\"last_duty\":null,\"office_minutes\":0,\"policy_version\":1,"
        "\"calendar_version\":1}\n");
    const outcome help = RUN("", arg("--help"));
    assert_int_equal(help.rc, 0);
    assert_non_null(strstr(help.out, "usage: uppsikt clock"));
}

static void test_R16_exit_codes(void **state)
{
    (void)state;
    char *received = arg("2026-11-27T18:40:00+01:00");
    assert_int_equal(RUN("", arg("--nonsense")).rc, 2);
    assert_int_equal(RUN("", arg("Q")).rc, 2);
    assert_int_equal(RUN("", arg("X"), received).rc, 2);
    assert_int_equal(RUN("", arg("Q"), arg("yesterday")).rc, 2);
    assert_int_equal(RUN("", arg("Q"), received, arg("--target"), arg("0")).rc, 2);
    assert_int_equal(RUN("", arg("Q"), received, arg("--target"), arg("null")).rc, 2);
    assert_int_equal(RUN("", arg("--ndjson"), arg("Q"), received).rc, 2);
    assert_int_equal(RUN("", arg("Q"), received, arg("--calendar"), arg("none")).rc, 2);
    assert_int_equal(RUN("", arg("Q"), received, arg("--policy"), arg("/nonexistent")).rc, 78);
    const outcome bad = RUN("", arg("Q"), received, arg("--policy"), policy_with("\nfoo: 1\n"));
    assert_int_equal(bad.rc, 78);
    assert_non_null(strstr(bad.err, ":2:1: unknown key 'foo'"));
}

/* T1: no zone file, no answer. */
static void test_T1_missing_zone_is_refused(void **state)
{
    (void)state;
    const outcome o = RUN("", arg("Q"), arg("2026-11-27T18:40:00Z"), arg("--policy"),
                          policy_with("tz: Europe/Nowhere\n"));
    assert_int_equal(o.rc, 78);
    assert_string_equal(o.out, "");
    assert_non_null(strstr(o.err, "time zone Europe/Nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_X1_to_X10_through_the_program),
        cmocka_unit_test(test_X9_R20_all_fields_of_moderation),
        cmocka_unit_test(test_R14_pauses_through_the_program),
        cmocka_unit_test(test_R16_bad_lines),
        cmocka_unit_test(test_R16_one_on_the_command_line),
        cmocka_unit_test(test_R16_exit_codes),
        cmocka_unit_test(test_T1_missing_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
