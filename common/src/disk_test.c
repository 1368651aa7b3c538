/* disk_test.c - ballast and low-water mark (reliability.md F10). */
#include "disk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { BALLAST = 1024 * 1024 };

static char folder[64], path[128], said[1024];

static void say(const char *line)
{
    snprintf(said, sizeof said, "%s", line);
}

static int begin(void **state)
{
    (void)state;
    said[0] = '\0';
    snprintf(folder, sizeof folder, "/tmp/upp-disk-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/ballast", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int64_t taken_bytes(void)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_blocks * 512 : -1;
}

static void test_ballast_takes_real_blocks_and_gives_them_back(void **state)
{
    (void)state;
    const upp_disk_marks marks = { .ballast_bytes = BALLAST, .low_bytes = 0 };
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0);
    assert_true(taken_bytes() >= BALLAST);
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0); /* again: nothing to do */
    assert_int_equal(upp_disk_release(folder), 0);
    assert_int_equal(taken_bytes(), -1);
    assert_int_equal(upp_disk_release(folder), 1);
    assert_string_equal(said, "");
}

static void test_holes_are_no_ballast(void **state)
{
    (void)state;
    const upp_disk_marks marks = { .ballast_bytes = BALLAST, .low_bytes = 0 };
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), BALLAST), 0);
    fclose(f);
    assert_true(taken_bytes() < BALLAST);
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0);
    assert_true(taken_bytes() >= BALLAST);
}

static void test_another_size(void **state)
{
    (void)state;
    upp_disk_marks marks = { .ballast_bytes = 2 * BALLAST };
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0);
    marks.ballast_bytes = BALLAST;
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0);
    assert_true(taken_bytes() >= BALLAST && taken_bytes() < 2 * BALLAST);
    marks.ballast_bytes = 0;
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 0);
    assert_int_equal(taken_bytes(), -1);
}

static void test_no_room_beside_the_mark_makes_none(void **state)
{
    (void)state;
    upp_disk_marks marks = { .ballast_bytes = BALLAST, .low_bytes = INT64_MAX };
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 1);
    assert_int_equal(taken_bytes(), -1);
    marks = (upp_disk_marks){ .ballast_bytes = INT64_MAX, .low_bytes = 0 };
    assert_int_equal(upp_disk_ballast(folder, &marks, say), 1);
    assert_int_equal(taken_bytes(), -1);
    assert_string_equal(said, "");
}

static void test_low_water(void **state)
{
    (void)state;
    int64_t left = -1;
    upp_disk_marks marks = { .low_bytes = 0 };
    assert_int_equal(upp_disk_low(folder, &marks, &left), 0);
    assert_true(left > 0);
    marks.low_bytes = INT64_MAX;
    assert_int_equal(upp_disk_low(folder, &marks, &left), 1);
    left = 4711;
    assert_int_equal(upp_disk_low("/nonexistent", &marks, &left), UPP_E_STORE);
    assert_int_equal(left, 4711);
}

static void test_a_folder_that_is_not_there(void **state)
{
    (void)state;
    const upp_disk_marks marks = { .ballast_bytes = BALLAST };
    assert_int_equal(upp_disk_ballast("/nonexistent", &marks, say), UPP_E_STORE);
    assert_non_null(strstr(said, "/nonexistent/ballast"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ballast_takes_real_blocks_and_gives_them_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_holes_are_no_ballast, begin, end),
        cmocka_unit_test_setup_teardown(test_another_size, begin, end),
        cmocka_unit_test_setup_teardown(test_no_room_beside_the_mark_makes_none, begin, end),
        cmocka_unit_test_setup_teardown(test_low_water, begin, end),
        cmocka_unit_test(test_a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
