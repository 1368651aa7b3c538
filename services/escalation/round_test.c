/* round_test.c - the rounds of a question, for every order of two texts and two answers (E7,
 * E8). */
#include "round.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const upp_ms nobody[ROUND_MAX];

static void nothing_asked_is_no_round(void **state)
{
    (void)state;
    round_span r[ROUND_MAX];
    const upp_ms answers[] = { 5 };
    assert_int_equal(round_list(NULL, 0, answers, 1, nobody, r), 0);
}

/* An answer cannot be older than the first text, only its clock can; a later text is another
 * matter. */
static void clocks_that_disagree(void **state)
{
    (void)state;
    round_span r[ROUND_MAX];
    const upp_ms answers[] = { 5 };
    const round_asked first = { .at = 10, .seen = 10, .first = true }, edit = { .at = 10 };
    assert_int_equal(round_list(&first, 1, answers, 1, nobody, r), 1);
    assert_true(r[0].ended && r[0].end == 5);
    assert_int_equal(round_list(&edit, 1, answers, 1, nobody, r), 1);
    assert_false(r[0].ended);
}

/* All times from 1 to 6 of two texts, two answers and a person's word. */
static void every_order(void **state)
{
    (void)state;
    for (int n = 0; n < 6 * 6 * 6 * 6 * 7; n++) {
        const upp_ms b = 1 + n % 6, x = 1 + n / 6 % 6, y = 1 + n / 36 % 6, z = n / 216 % 7;
        const round_asked asked[] = { { .at = 1, .first = true }, { .at = b } };
        const upp_ms answers[] = { x < y ? x : y, x < y ? y : x };
        const upp_ms closed[ROUND_MAX] = { z };
        round_span r[ROUND_MAX];
        const size_t rounds = round_list(asked, 2, answers, 2, closed, r);
        const upp_ms end = z > 0 && z < answers[0] ? z : answers[0];
        assert_true(r[0].start == 1 && r[0].ended && r[0].end == end);
        assert_int_equal(rounds, b > end ? 2 : 1); /* asked in an open round it belongs to it */
        if (rounds == 1)
            continue;
        const bool again = answers[0] >= b || answers[1] >= b;
        assert_int_equal(r[1].start, b);
        assert_int_equal(r[1].ended, again);
        if (again)
            assert_int_equal(r[1].end, answers[0] >= b ? answers[0] : answers[1]);
    }
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    enum { N = 40 };
    round_asked asked[N];
    upp_ms answers[N];
    round_span r[ROUND_MAX];
    for (int i = 0; i < N; i++) {
        asked[i] = (round_asked){ .at = 10 * i + 1, .first = i == 0 };
        answers[i] = 10 * i + 5;
    }
    assert_int_equal(round_list(asked, N, answers, N, nobody, r), ROUND_MAX);
    assert_int_equal(r[ROUND_MAX - 1].start, 10 * (ROUND_MAX - 1) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_no_round),
        cmocka_unit_test(clocks_that_disagree),
        cmocka_unit_test(every_order),
        cmocka_unit_test(no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
