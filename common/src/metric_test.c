/* metric_test.c - Prometheus' text format 0.0.4. */
#include "metric.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char said[4096];

static void write(void *ctx, const char *line)
{
    (void)ctx;
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_true(strlen(said) + strlen(line) < sizeof said);
    strncat(said, line, sizeof said - strlen(said) - 1);
}

static void test_head_and_rows(void **state)
{
    (void)state;
    said[0] = '\0';
    upp_metric_head(write, NULL, "uppsikt_bus_replay_lag_events", "gauge", "Events not yet heard.");
    upp_metric_row(write, NULL, "uppsikt_bus_replay_lag_events", "source", "ingest", 12);
    upp_metric_row(write, NULL, "uppsikt_bus_replay_lag_events", "source", "a\"b\\c\nd", INT64_MIN);
    upp_metric_row(write, NULL, "uppsikt_db_size_bytes", NULL, NULL, 4096);
    assert_string_equal(said, "# HELP uppsikt_bus_replay_lag_events Events not yet heard.\n"
                              "# TYPE uppsikt_bus_replay_lag_events gauge\n"
                              "uppsikt_bus_replay_lag_events{source=\"ingest\"} 12\n"
                              "uppsikt_bus_replay_lag_events{source=\"a\\\"b\\\\c\\nd\"} "
                              "-9223372036854775808\n"
                              "uppsikt_db_size_bytes 4096\n");
}

static void test_a_long_value_is_cut_and_the_line_stays_whole(void **state)
{
    (void)state;
    char value[2000];
    memset(value, '"', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    said[0] = '\0';
    upp_metric_row(write, NULL, "x", "label", value, 1);
    const size_t n = strlen(said);
    assert_true(n < 300);
    assert_string_equal(said + n - 5, "\"} 1\n");
    assert_int_equal(said[n - 7], '\\'); /* no half of an escape at the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_and_rows),
        cmocka_unit_test(test_a_long_value_is_cut_and_the_line_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
