/* onlooker_test.c - console and feed hear everything that the others say, in any week of the
 * municipality and under every fault: they show what the owners hold, and nothing comes twice
 * (R28, R32, R42, R45; P2, I1-I8). `--calm`: one week in which nothing fails. */
#include "swarm.h"
#include <stdio.h>
#include <string.h>

enum { WEEKS = 4 };

static unsigned skipped; /* faults */

static void r42_r45_who_looks_on_sees_what_is(void **state)
{
    (void)state;
    uint64_t bad = 0;
    town_cast *cast = town_cast_new(TOWN_ALL | TOWN_FEED | TOWN_CONSOLE);
    for (uint64_t seed = 1; seed <= (skipped ? 1 : WEEKS); seed++) {
        sim_play run = { .seed = seed, .skip = skipped };
        if (!swarm_play(cast, &run)) {
            printf("seed %llu: %s\n", (unsigned long long)seed, run.why);
            bad++;
        }
    }
    const sim_tally *tally = town_tally(cast);
    for (unsigned i = 0; i < SIM_INVARIANTS; i++)
        printf("onlooker: %-28s %10llu checked %6llu broken\n",
               sim_invariant_name((enum sim_invariant)i), (unsigned long long)tally->checked[i],
               (unsigned long long)tally->broken[i]);
    for (const town_count *c = town_counts(cast); c->what; c++)
        printf("onlooker: %-28s %10llu checked\n", c->what, (unsigned long long)c->n);
    printf("%d seeds, %llu bad; %llu transactions, %llu inputs, %llu crashes (%llu of power)\n",
           skipped ? 1 : WEEKS, (unsigned long long)bad, (unsigned long long)tally->batches,
           (unsigned long long)tally->inputs, (unsigned long long)tally->crashes,
           (unsigned long long)tally->powers);
    town_cast_free(cast);
    assert_int_equal(bad, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r42_r45_who_looks_on_sees_what_is),
    };
    if (argc > 1 && strcmp(argv[1], "--calm") == 0)
        skipped = (1u << SIM_FAULTS) - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
