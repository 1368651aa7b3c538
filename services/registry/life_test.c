/* life_test.c - every cell of an account's life, and every fact that a step needs (R04, R07). */
#include "life.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void R04_every_cell_of_the_table(void **state)
{
    (void)state;
    /* Written out a second time, as the rule says it: proposed, consulted, decided, open, closing,
     * archived, closed; a proposal that was never opened may be closed. */
    for (int s = 0; s < LIFE_STATES; s++)
        for (int i = 0; i < LIFE_STEPS; i++) {
            int want = -1;
            if (i == LIFE_TAKE_OVER)
                want = s == LIFE_NONE ? LIFE_OPEN : -1;
            else if (i == LIFE_END)
                want = s == LIFE_ARCHIVED || (s >= LIFE_PROPOSED && s <= LIFE_DECIDED) ? LIFE_CLOSED
                                                                                       : -1;
            else if (s == (i > LIFE_TAKE_OVER ? i - 1 : i))
                want = s + 1;
            assert_int_equal(life_next((enum life_state)s, (enum life_step)i), want);
        }
}

static void R04_every_state_but_the_first_has_its_step(void **state)
{
    (void)state;
    assert_int_equal(life_step_to(LIFE_NONE), -1);
    assert_int_equal(life_step_to(-1), -1);
    assert_int_equal(life_step_to(LIFE_STATES), -1);
    for (int s = LIFE_PROPOSED; s < LIFE_STATES; s++) {
        const int step = life_step_to(s);
        bool leads = false;
        assert_true(step >= 0 && step < LIFE_STEPS);
        for (int from = 0; from < LIFE_STATES; from++)
            leads = leads || life_next((enum life_state)from, (enum life_step)step) == s;
        assert_true(leads);
    }
    for (int s = 0; s < LIFE_STATES; s++)
        assert_int_equal(life_active((enum life_state)s), s == LIFE_OPEN || s == LIFE_CLOSING);
}

/* All 2^5 sets of facts at every step. */
static void R07_a_step_without_its_fact_is_named(void **state)
{
    (void)state;
    static const char *const words[LIFE_FACTS] = { "purpose-missing", "goals-missing",
                                                   "plan-missing", "consultation-missing",
                                                   "decision-missing" };
    for (unsigned set = 0; set < 1U << LIFE_FACTS; set++)
        for (int step = 0; step < LIFE_STEPS; step++) {
            Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
            const size_t needed = step >= LIFE_TAKE_OVER ? 0
                                  : step == LIFE_PROPOSE ? 3
                                  : step == LIFE_CONSULT ? 4
                                                         : 5;
            const char *want = NULL;
            f.name = upp_lend("name");
            if (set & 1U << LIFE_PURPOSE)
                f.purpose = upp_lend("purpose");
            if (set & 1U << LIFE_GOALS)
                f.goals = upp_lend("goals");
            if (set & 1U << LIFE_PLAN)
                f.plan = upp_lend("plan");
            if (set & 1U << LIFE_CONSULTATION)
                f.consulted_by = upp_lend("p1"), f.consulted_ms = 1;
            if (set & 1U << LIFE_DECISION)
                f.decided_by = upp_lend("p2"), f.decision = upp_lend("KS 1"), f.decided_ms = 1;
            for (size_t i = needed; i-- > 0;)
                if (!(set & 1U << i))
                    want = words[i];
            const char *got = life_missing((enum life_step)step, &f);
            assert_true(want ? got && strcmp(want, got) == 0 : got == NULL);
            for (unsigned i = 0; i < LIFE_FACTS; i++)
                assert_int_equal(life_has(&f, (enum life_fact)i), (set >> i & 1U) == 1);
            f.name = upp_lend("");
            got = life_missing((enum life_step)step, &f);
            assert_true(step > LIFE_TAKE_OVER ? got == NULL : strcmp(got, "name-missing") == 0);
        }
}

static void R03_half_a_decision_is_none(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 8; set++) {
        Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        if (set & 1)
            f.decided_by = upp_lend("p");
        if (set & 2)
            f.decision = upp_lend("KS 1");
        if (set & 4)
            f.decided_ms = 1;
        assert_int_equal(life_has(&f, LIFE_DECISION), set == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R04_every_cell_of_the_table),
        cmocka_unit_test(R04_every_state_but_the_first_has_its_step),
        cmocka_unit_test(R07_a_step_without_its_fact_is_named),
        cmocka_unit_test(R03_half_a_decision_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
