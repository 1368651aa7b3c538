/* round_test.c - the rounds of a conversation, for every order of two texts and two replies (E7,
 * E8, E13, E25; sla.md §3.4; R14, R16). */
#include "round.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const upp_ms nobody[ROUND_MAX];

static round_text asked(upp_ms at, bool first)
{
    return (round_text){ .at = at, .seen = at, .first = first, .asks = true };
}

static void nothing_asked_is_no_round(void **state)
{
    (void)state;
    round_span r[ROUND_MAX];
    const round_reply replies[] = { { .at = 5 } };
    const round_text thanks = { .at = 3, .first = true };
    assert_int_equal(round_list(NULL, 0, replies, 1, nobody, r), 0);
    assert_int_equal(round_list(&thanks, 1, replies, 1, nobody, r), 0); /* E8 */
}

/* An answer cannot be older than the first text, only its clock can; a later text is another
 * matter. */
static void clocks_that_disagree(void **state)
{
    (void)state;
    round_span r[ROUND_MAX];
    const round_reply replies[] = { { .at = 5 } };
    const round_text first = asked(10, true), edit = asked(10, false);
    assert_int_equal(round_list(&first, 1, replies, 1, nobody, r), 1);
    assert_true(r[0].end == ROUND_ANSWERED && r[0].end_at == 5);
    assert_int_equal(round_list(&edit, 1, replies, 1, nobody, r), 1);
    assert_int_equal(r[0].end, ROUND_OPEN);
}

/* All times from 1 to 6 of two texts, two answers and a person's word. */
static void every_order(void **state)
{
    (void)state;
    for (int n = 0; n < 6 * 6 * 6 * 6 * 7; n++) {
        const upp_ms b = 1 + n % 6, x = 1 + n / 6 % 6, y = 1 + n / 36 % 6, z = n / 216 % 7;
        const round_text texts[] = { asked(1, true), asked(b, false) };
        const round_reply replies[] = { { .at = x < y ? x : y }, { .at = x < y ? y : x } };
        const upp_ms closed[ROUND_MAX] = { z };
        round_span r[ROUND_MAX];
        const size_t rounds = round_list(texts, 2, replies, 2, closed, r);
        const upp_ms end = z > 0 && z < replies[0].at ? z : replies[0].at;
        assert_true(r[0].start == 1 && r[0].end != ROUND_OPEN && r[0].end_at == end);
        assert_int_equal(rounds, b > end ? 2 : 1); /* asked in an open round it belongs to it */
        if (rounds == 1)
            continue;
        const bool again = replies[0].at >= b || replies[1].at >= b;
        assert_int_equal(r[1].start, b);
        assert_int_equal(r[1].end != ROUND_OPEN, again);
        if (again)
            assert_int_equal(r[1].end_at, replies[0].at >= b ? replies[0].at : replies[1].at);
    }
}

/* §3.4: an interim reply meets the first response and starts the answer clock; a full answer ends
 * the round; a counter-question stops the clock until the citizen writes again. Every order. */
static void interim_counter_and_pauses(void **state)
{
    (void)state;
    for (int n = 0; n < 6 * 6 * 7; n++) {
        const upp_ms interim = 2 + n % 6, counter = 2 + n / 6 % 6, text = 1 + n / 36;
        round_reply replies[] = { { .at = interim, .kind = ROUND_INTERIM },
                                  { .at = counter, .kind = ROUND_COUNTER },
                                  { .at = 20, .kind = ROUND_FULL, .ours = true } };
        if (counter < interim) {
            const round_reply swap = replies[0];
            replies[0] = replies[1];
            replies[1] = swap;
        }
        const round_text texts[] = { asked(1, true), { .at = text, .seen = text } };
        round_span r[ROUND_MAX];
        assert_int_equal(round_list(texts, 2, replies, 2, nobody, r), 1);
        assert_true(r[0].interim && r[0].end == ROUND_OPEN);
        assert_int_equal(r[0].interim_at, interim < counter ? interim : counter);
        assert_int_equal(r[0].n_pauses, 1);
        assert_int_equal(r[0].pauses[0].from, counter);
        assert_int_equal(r[0].pauses[0].to, text > counter ? text : INT64_MAX);
        assert_int_equal(round_list(texts, 2, replies, 3, nobody, r), 1);
        assert_true(r[0].end == ROUND_ANSWERED && r[0].end_at == 20 && r[0].ours);
        assert_int_equal(r[0].pauses[0].to, text > counter ? text : 20); /* never past the end */
    }
}

/* E25: "hänvisad" ends it. E13: so does the author who takes all of it away, not a part of it. */
static void sent_on_and_gone(void **state)
{
    (void)state;
    round_span r[ROUND_MAX];
    const round_reply on[] = { { .at = 5, .kind = ROUND_REFERRED } };
    round_text texts[] = { asked(1, true), asked(2, false) };
    assert_int_equal(round_list(texts, 2, on, 1, nobody, r), 1);
    assert_true(r[0].end == ROUND_SENT_ON && r[0].end_at == 5);
    texts[0].gone_at = 3;
    assert_int_equal(round_list(texts, 2, NULL, 0, nobody, r), 1);
    assert_int_equal(r[0].end, ROUND_OPEN);
    texts[1].gone_at = 4;
    assert_int_equal(round_list(texts, 2, NULL, 0, nobody, r), 1);
    assert_true(r[0].end == ROUND_GONE && r[0].end_at == 4);
    assert_int_equal(round_list(texts, 2, on, 1, nobody, r), 1); /* gone before the answer */
    assert_true(r[0].end == ROUND_GONE && r[0].end_at == 4);
    texts[1].gone_at = 9; /* answered before it went */
    assert_int_equal(round_list(texts, 2, on, 1, nobody, r), 1);
    assert_true(r[0].end == ROUND_SENT_ON && r[0].end_at == 5);
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    enum { N = 40 };
    round_text texts[N];
    round_reply replies[N];
    round_span r[ROUND_MAX];
    for (int i = 0; i < N; i++) {
        texts[i] = asked(10 * i + 1, i == 0);
        replies[i] = (round_reply){ .at = 10 * i + 5 };
    }
    assert_int_equal(round_list(texts, N, replies, N, nobody, r), ROUND_MAX);
    assert_int_equal(r[ROUND_MAX - 1].start, 10 * (ROUND_MAX - 1) + 1);
    for (int i = 0; i < N; i++)
        replies[i].kind = ROUND_COUNTER;
    assert_int_equal(round_list(texts, N, replies, N, nobody, r), 1);
    assert_int_equal(r[0].n_pauses, ROUND_PAUSES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_no_round),
        cmocka_unit_test(clocks_that_disagree),
        cmocka_unit_test(every_order),
        cmocka_unit_test(interim_counter_and_pauses),
        cmocka_unit_test(sent_on_and_gone),
        cmocka_unit_test(no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
