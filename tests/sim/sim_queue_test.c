/* The queue gives what is due first, and what was put in first among equals. */
#include "sim_queue.h"
#include "sim_rand.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void nothing(void *ctx, void *what)
{
    (void)ctx, (void)what;
}

static void ordered_by_time_and_arrival(void **state)
{
    (void)state;
    sim_queue q = { 0 };
    sim_rand r = sim_rand_new(7, 0);
    sim_due due, last = { .at = INT64_MIN };
    assert_false(sim_queue_take(&q, &due));
    assert_true(sim_queue_next(&q) == INT64_MAX);
    for (int i = 0; i < 5000; i++) {
        sim_queue_put(&q, (upp_ms)sim_below(&r, 100), nothing, NULL, NULL);
        if (i % 3 == 2)
            assert_true(sim_queue_take(&q, &due));
    }
    int n = 0;
    while (sim_queue_take(&q, &due)) {
        assert_true(due.at > last.at || (due.at == last.at && due.order > last.order));
        last = due;
        n++;
    }
    assert_int_equal(n, 5000 - 1666);
    sim_queue_done(&q);
}

static void chance_is_the_seeds(void **state)
{
    (void)state;
    sim_rand a = sim_rand_new(1, 2), b = sim_rand_new(1, 2), c = sim_rand_new(1, 3);
    int same = 0, heads = 0;
    for (int i = 0; i < 1000; i++) {
        const uint64_t x = sim_draw(&a);
        assert_true(x == sim_draw(&b));
        same += x == sim_draw(&c);
        heads += sim_chance(&a, 50);
        (void)sim_chance(&b, 50);
    }
    assert_int_equal(same, 0);
    assert_in_range(heads, 400, 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordered_by_time_and_arrival),
        cmocka_unit_test(chance_is_the_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
