/* suite_clock_test.c - suite time, and the jumps of sla.md T10. */
#include "suite_clock.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char place[64], said[1024];

static void say(const char *line)
{
    snprintf(said, sizeof said, "%s", line);
}

static int begin(void **state)
{
    (void)state;
    said[0] = '\0';
    snprintf(place, sizeof place, "/tmp/upp-clock-XXXXXX");
    return mkdtemp(place) ? 0 : -1;
}

static void clock_path(char path[128])
{
    snprintf(path, 128, "%s/clock", place);
}

static int end(void **state)
{
    (void)state;
    char path[128];
    clock_path(path);
    unlink(path);
    return rmdir(place); /* fails when a half-made file was left behind */
}

static void write_clock(const char *text)
{
    char path[128];
    clock_path(path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_first_start_makes_it_and_the_next_reads_it(void **state)
{
    (void)state;
    upp_suite_clock a = { 0 }, b = { 0 };
    assert_int_equal(upp_suite_clock_open(place, 60, false, 1000000, say, &a), 0);
    assert_int_equal(a.t0, 1000000);
    assert_int_equal(a.speed, 60);
    assert_int_equal(upp_suite_clock_open(place, 60, true, 2000000, say, &b), 0);
    assert_int_equal(b.t0, 1000000);
    assert_int_equal(upp_suite_clock_at(&b, 1000000), 1000000);
    assert_int_equal(upp_suite_clock_at(&b, 1001000), 1060000);
    assert_string_equal(said, "");
}

static void test_another_speed_is_refused(void **state)
{
    (void)state;
    upp_suite_clock a = { 0 }, b = { .t0 = 4711 };
    assert_int_equal(upp_suite_clock_open(place, 1, false, 1000, say, &a), 0);
    assert_int_equal(upp_suite_clock_open(place, 60, false, 2000, say, &b), UPP_E_INPUT);
    assert_non_null(strstr(said, "made with 1"));
    assert_int_equal(b.t0, 4711);
}

static void test_data_without_a_clock_runs_at_speed_one_only(void **state)
{
    (void)state;
    upp_suite_clock a = { 0 };
    assert_int_equal(upp_suite_clock_open(place, 2, true, 1000, say, &a), UPP_E_INPUT);
    assert_non_null(strstr(said, "not made with it"));
    assert_int_equal(upp_suite_clock_open(place, 1, true, 1000, say, &a), 0);
}

static void test_impossible_speeds_and_places(void **state)
{
    (void)state;
    upp_suite_clock a = { 0 };
    assert_int_equal(upp_suite_clock_open(place, 0, false, 1000, say, &a), UPP_E_INPUT);
    assert_int_equal(upp_suite_clock_open(place, -1, false, 1000, say, &a), UPP_E_INPUT);
    assert_int_equal(upp_suite_clock_open(place, UPP_SPEED_MAX + 1, false, 1000, say, &a),
                     UPP_E_INPUT);
    assert_int_equal(upp_suite_clock_open("/nonexistent/place", 1, false, 1000, say, &a),
                     UPP_E_INPUT);
    assert_non_null(strstr(said, "/nonexistent/place"));
}

static void test_a_broken_file_is_refused(void **state)
{
    static const char *const broken[] = {
        "",
        "t0_ms 1\n",
        "t0_ms 1\nspeed 1",
        "t0_ms 1\nspeed 0\n",
        "t0_ms x\nspeed 1\n",
        "t0_ms -1\nspeed 1\n",
        "t0_ms 99999999999999999999\nspeed 1\n",
        "t0_ms 1\nspeed 1\nmore\n",
        "speed 1\nt0_ms 1\n",
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(broken); i++) {
        upp_suite_clock a = { 0 };
        write_clock(broken[i]);
        assert_int_equal(upp_suite_clock_open(place, 1, false, 1000, say, &a), UPP_E_INPUT);
        assert_non_null(strstr(said, "is no suite clock"));
    }
}

/* Services of one deployment start at once: all must have the same t0. */
static void test_many_at_once_agree(void **state)
{
    enum { MANY = 12 };
    (void)state;
    pid_t children[MANY];
    int to_us[2];
    assert_int_equal(pipe(to_us), 0);
    for (int i = 0; i < MANY; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            upp_suite_clock a = { 0 };
            const int rc = upp_suite_clock_open(place, 7, false, 1000 + i, say, &a);
            const ssize_t n = write(to_us[1], &a.t0, sizeof a.t0);
            _exit(rc == 0 && n == sizeof a.t0 ? 0 : 1);
        }
    }
    upp_ms first = 0;
    for (int i = 0; i < MANY; i++) {
        int status = -1;
        upp_ms t0 = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        assert_int_equal(read(to_us[0], &t0, sizeof t0), sizeof t0);
        if (i == 0)
            first = t0;
        assert_int_equal(t0, first);
    }
    close(to_us[0]);
    close(to_us[1]);
}

/* Never early, and never a whole real millisecond too late. */
static void test_until(void **state)
{
    (void)state;
    for (int64_t speed = 1; speed <= 97; speed++) {
        const upp_suite_clock c = { .t0 = 5000, .speed = speed };
        for (upp_ms due = 4000; due < 9000; due += 13) {
            const upp_ms wait = upp_suite_clock_until(&c, 5100, due);
            assert_true(wait >= 0);
            assert_true(upp_suite_clock_at(&c, 5100 + wait) >= due);
            if (wait > 0)
                assert_true(upp_suite_clock_at(&c, 5100 + wait - 1) < due);
        }
        assert_true(upp_suite_clock_until(&c, 5100, INT64_MAX) == INT64_MAX);
    }
}

/* T10: more than 60 s back or 300 s forward; drift that is slewed is no jump. */
static void test_jumps_T10(void **state)
{
    static const struct {
        upp_ms moved;
        bool jump;
    } rows[] = {
        { 0, false },          { 999, false },    { -60000, false },  { -60001, true },
        { 300000, false },     { 300001, true },  { -3600000, true }, { 28800000, true },
        { INT64_C(1), false }, { -59999, false },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        upp_suite_clock c = { .speed = 1 };
        upp_ms by = 4711;
        assert_false(upp_suite_clock_jumped(&c, 1000000, 500, &by)); /* the first look: no base */
        assert_false(upp_suite_clock_jumped(&c, 1001000, 1500, &by));
        assert_int_equal(upp_suite_clock_jumped(&c, 1002000 + rows[i].moved, 2500, &by),
                         rows[i].jump);
        assert_int_equal(by, rows[i].jump ? rows[i].moved : 4711);
        by = 4711;
        assert_false(
            upp_suite_clock_jumped(&c, 1003000 + rows[i].moved, 3500, &by)); /* said once */
    }
    upp_suite_clock c = { .speed = 1 };
    upp_ms by = 0;
    for (upp_ms t = 0; t < 100000; t++) /* 10 % off for a day and more, looked at each second */
        assert_false(upp_suite_clock_jumped(&c, t * 1100, t * 1000, &by));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_start_makes_it_and_the_next_reads_it, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_another_speed_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_data_without_a_clock_runs_at_speed_one_only, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_impossible_speeds_and_places, begin, end),
        cmocka_unit_test_setup_teardown(test_a_broken_file_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_many_at_once_agree, begin, end),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_jumps_T10),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
