/* A store is lost and comes out of a backup, while processes die around it (R42, R44, P1, P2, P6,
 * P8; I1-I8, I15): what was disposed of since stays gone, who had applied what was cut off says so
 * and waits for people, who had not goes on by itself. */
#include "toy.h"
#include "toy.pb-c.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 60, BEFORE = 3, AFTER = 3 };

static const upp_service *const toys[] = { &toy_maker, &toy_taker };

typedef struct story {
    sim *s;
    uint64_t seed;
    char marks[BEFORE + AFTER][SIM_MARK];
} story;

static void item_of(unsigned i, char ret_item[16])
{
    snprintf(ret_item, 16, "t%u", i);
}

static void make(story *w, unsigned i)
{
    char item[16];
    Uppsikt__Toy__Make m = UPPSIKT__TOY__MAKE__INIT;
    item_of(i, item);
    m.item = item;
    m.text = w->marks[i];
    m.due_ms = sim_now(w->s) + UPP_HOUR;
    (void)sim_command(w->s, "maker", NULL, &m.base);
}

static void mark_and_make(story *w, unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++) {
        char item[16];
        item_of(i, item);
        sim_mark(w->s, item, w->marks[i]);
        make(w, i);
    }
}

/* Until it works: the machine may be down at this very moment. */
static void until(story *w, bool (*act)(sim *s, const char *service), const char *service)
{
    for (unsigned i = 0; !act(w->s, service); i++) {
        assert_true(i < 100);
        sim_run(w->s, UPP_MINUTE);
    }
}

/* False: the subscriber goes on by itself. */
static bool stands_still(story *w, const char *service, const char *source)
{
    upp_point cursor;
    upp_node *node = sim_node(w->s, service);
    return node && upp_node_cursor(node, source, &cursor) == 1;
}

static void begin(story *w, uint64_t seed)
{
    *w = (story){ .s = sim_new(seed, toys, UPP_LEN(toys)), .seed = seed };
    sim_chaos(w->s, 15);
    sim_fault(w->s, SIM_FUSE, 5);
    sim_fault(w->s, SIM_DOUBLE, 20);
    sim_fault(w->s, SIM_LATE, 20);
    mark_and_make(w, 0, BEFORE);
    sim_run(w->s, UPP_HOUR);
}

static void end(story *w, sim_tally *tally)
{
    const bool rest = sim_settle(w->s, UPP_DAY);
    if (!sim_check(w->s, tally) || !rest)
        fail_msg("seed %llu: %s", (unsigned long long)w->seed,
                 sim_why(w->s)[0] ? sim_why(w->s) : "it does not come to rest");
    sim_free(w->s);
}

static void who_had_applied_it_waits_for_people(void **state)
{
    (void)state;
    sim_tally tally = { 0 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story w;
        begin(&w, seed);
        until(&w, sim_backup, "maker");
        mark_and_make(&w, BEFORE, AFTER);
        sim_forget(w.s, "t1"); /* its text is in the backup */
        sim_run(w.s, UPP_HOUR);
        until(&w, sim_restore, "maker");
        sim_run(w.s, UPP_HOUR);
        for (unsigned i = 0; !stands_still(&w, "taker", "maker") && i < 20; i++)
            sim_run(w.s, UPP_MINUTE);
        assert_true(stands_still(&w, "taker", "maker"));
        for (unsigned i = 0; sim_accept_cuts(w.s, "p1") == 0; i++) {
            assert_true(i < 20);
            sim_run(w.s, UPP_MINUTE);
        }
        for (unsigned i = BEFORE; i < BEFORE + AFTER; i++)
            make(&w, i); /* people do again what was cut off */
        sim_run(w.s, UPP_HOUR);
        end(&w, &tally);
    }
    printf("  restored: %llu checked of I15, %llu of I6, %llu crashes\n",
           (unsigned long long)tally.checked[SIM_I15], (unsigned long long)tally.checked[SIM_I6],
           (unsigned long long)tally.crashes);
    assert_true(tally.checked[SIM_I15] >= 2 * SEEDS);
}

static void who_was_down_goes_on_by_itself(void **state)
{
    (void)state;
    sim_tally tally = { 0 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story w;
        begin(&w, seed);
        sim_run(w.s, UPP_HOUR);
        until(&w, sim_backup, "maker");
        sim_down(w.s, "taker", 3 * UPP_HOUR);
        mark_and_make(&w, BEFORE, AFTER);
        sim_forget(w.s, "t1");
        sim_run(w.s, UPP_HOUR);
        const bool was_down = !sim_node(w.s, "taker");
        until(&w, sim_restore, "maker");
        for (unsigned i = BEFORE; i < BEFORE + AFTER; i++)
            make(&w, i);
        sim_run(w.s, 4 * UPP_HOUR);
        assert_false(was_down && stands_still(&w, "taker", "maker"));
        (void)sim_accept_cuts(w.s, "p1"); /* for the seeds in which it died before and came up */
        sim_run(w.s, UPP_HOUR);
        end(&w, &tally);
    }
    assert_true(tally.checked[SIM_I4] >= 2 * SEEDS);
}

/* Who hears is restored: its cursors go back with it, and it hears all of it again, once. */
static void a_subscriber_comes_back_too(void **state)
{
    (void)state;
    sim_tally tally = { 0 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story w;
        begin(&w, seed);
        until(&w, sim_backup, "taker");
        mark_and_make(&w, BEFORE, AFTER);
        sim_forget(w.s, "t1");
        sim_run(w.s, UPP_HOUR);
        until(&w, sim_restore, "taker");
        sim_run(w.s, UPP_HOUR);
        for (unsigned i = 0; i < 20; i++) {
            (void)sim_accept_cuts(w.s, "p1"); /* maker hears taker, and had heard more */
            sim_run(w.s, 10 * UPP_MINUTE);
        }
        end(&w, &tally);
    }
    assert_true(tally.checked[SIM_I6] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_had_applied_it_waits_for_people),
        cmocka_unit_test(who_was_down_goes_on_by_itself),
        cmocka_unit_test(a_subscriber_comes_back_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
