/* goal_test.c - a goal is met from its figure on, and a label without rows has none (R18). */
#include "cmocka_all.h"
#include "goal.h"
#include <string.h>

typedef struct heard {
    unsigned lines, not_met;
} heard;

static void hear(void *ctx, const char *line)
{
    heard *h = ctx;
    h->lines++;
    for (const char *at = line; (at = strstr(at, "not met")) != NULL; at++)
        h->not_met++;
}

static struct corpus_row row_of(unsigned labels)
{
    return (struct corpus_row){ .id = "c-x-0001", .id_len = 8, .group_len = 3, .labels = labels };
}

static void test_R18_goals_are_met_or_not(void **state)
{
    static struct tally t;
    heard h = { 0 };
    unsigned missed;
    (void)state;
    tally_start(&t);
    struct corpus_row insult = row_of(CLASSIFY_BIT(CLASSIFY_ATTACK)), fine = row_of(0);
    for (int i = 0; i < 82; i++)
        tally_add(&t, &insult, insult.labels);
    tally_add(&t, &fine, 0);
    missed = goal_each(&t, hear, &h);
    assert_int_equal(missed, h.not_met);
    assert_int_equal(h.lines, 2);   /* of the labels one has rows; and the whole */
    assert_int_equal(h.not_met, 1); /* macro-F1, of eleven labels */
    for (int i = 0; i < 40; i++)
        tally_add(&t, &insult, 0);
    h = (heard){ 0 };
    missed = goal_each(&t, hear, &h);
    assert_int_equal(missed, h.not_met);
    assert_int_equal(h.not_met, 3); /* attack 0.80, micro 0.80, macro */
    tally_add(&t, &fine, insult.labels);
    h = (heard){ 0 };
    missed = goal_each(&t, hear, &h);
    assert_int_equal(missed, h.not_met);
    assert_int_equal(h.not_met, 4); /* and one of two fine rows */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_R18_goals_are_met_or_not) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
