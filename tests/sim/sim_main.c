/* sim_main.c - runs seeds: `--seeds N [--from S]`, or one of them again: `--seed S [--trace]`. */
#include "swarm.h"
#include "toy.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct options {
    uint64_t from, seeds;
    bool one, trace, power, twice, hashes, toys;
    unsigned skip, with;
    uint64_t most;
} options;

static const char usage[] =
    "usage: uppsikt-sim [--toys] --seeds N [--from S] [--power] [--twice] [--hashes]\n"
    "       uppsikt-sim [--toys] --seed S [--trace] [--power] [--with FAULT]... [--without "
    "FAULT]...\n"
    "Any week of a municipality, the whole suite in one thread, under a swarm of faults.\n"
    "  --toys           the runtime alone, with two toy services: many more seeds a second\n"
    "  --seeds N        N seeds; prints what each invariant checked, zero is a failure\n"
    "  --seed S         one seed, and its run hash\n"
    "  --trace          every step of it\n"
    "  --power          every crash is a power loss\n"
    "  --twice          each seed twice: both must be the same to the byte\n"
    "  --hashes         the run hash of each seed\n"
    "  --most N         N comments (or toys) at most\n"
    "  --without FAULT  switches a kind of fault off (to see which one a failure needs)\n"
    "  --with FAULT     switches one on, at its worst\n";

/* A broken contract aborts: say in which seed. */
static volatile sig_atomic_t seed_now;

static void on_abort(int sig)
{
    (void)sig;
    char text[] = "seed            \n";
    unsigned long n = (unsigned long)seed_now;
    for (size_t i = sizeof text - 3; i > 4; i--, n /= 10) {
        text[i] = (char)('0' + n % 10);
        if (n < 10)
            break;
    }
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
}

static bool number(const char *text, uint64_t *ret_n)
{
    char *end = NULL;
    const unsigned long long n = text ? strtoull(text, &end, 10) : 0;
    if (!text || *text == '\0' || *end != '\0')
        return false;
    *ret_n = n;
    return true;
}

static bool fault(const char *name, unsigned *faults)
{
    for (unsigned f = 0; name && f < SIM_FAULTS; f++)
        if (strcmp(name, sim_fault_name((enum sim_fault)f)) == 0) {
            *faults |= 1u << f;
            return true;
        }
    return false;
}

static bool read_options(int argc, char **argv, options *o)
{
    *o = (options){ .from = 1 };
    bool ok = argc > 1;
    for (int i = 1; i < argc && ok; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--seeds") == 0)
            ok = number(next, &o->seeds), i++;
        else if (strcmp(argv[i], "--from") == 0)
            ok = number(next, &o->from), i++;
        else if (strcmp(argv[i], "--seed") == 0)
            ok = o->one = number(next, &o->from), o->seeds = 1, i++;
        else if (strcmp(argv[i], "--without") == 0)
            ok = fault(next, &o->skip), i++;
        else if (strcmp(argv[i], "--with") == 0)
            ok = fault(next, &o->with), i++;
        else if (strcmp(argv[i], "--most") == 0)
            ok = number(next, &o->most), i++;
        else if (strcmp(argv[i], "--toys") == 0)
            o->toys = true;
        else if (strcmp(argv[i], "--trace") == 0)
            o->trace = true;
        else if (strcmp(argv[i], "--power") == 0)
            o->power = true;
        else if (strcmp(argv[i], "--twice") == 0)
            o->twice = true;
        else if (strcmp(argv[i], "--hashes") == 0)
            o->hashes = true;
        else
            ok = false;
    }
    return ok && o->seeds > 0;
}

/* Whose runs they are: `cast` NULL is the toys'. */
typedef struct stage {
    town_cast *cast;
    sim_tally toys;
} stage;

static bool fails(void *ctx, sim_play *run)
{
    stage *st = ctx;
    seed_now = (sig_atomic_t)run->seed;
    return st->cast ? !swarm_play(st->cast, run) : !toy_play(run, &st->toys);
}

/* The shortest way to the same failure, and the end of its story. */
static void explain(const options *o, sim_play *run)
{
    stage apart = { .cast = o->toys ? NULL : town_cast_new(TOWN_ALL) };
    char *told = NULL;
    size_t n = 0;
    sim_play_shrink(run, fails, &apart);
    run->trace = open_memstream(&told, &n);
    upp_check(run->trace);
    (void)fails(&apart, run);
    fclose(run->trace);
    const char *at = told + n;
    for (int lines = 0; at > told && lines <= 30; at--)
        lines += at[-1] == '\n';
    printf("%s%s\n  shortest: tests/sim/run%s", at, run->why, o->toys ? " --toys" : "");
    sim_play_print(run, stdout);
    printf(" --trace\n");
    free(told);
    if (apart.cast)
        town_cast_free(apart.cast);
}

static bool play(const options *o, uint64_t seed, stage *st, uint64_t *ret_hash)
{
    static bool explained; /* one failure is enough to look at */
    sim_play run = { .seed = seed,
                     .power = o->power,
                     .skip = o->skip,
                     .with = o->with,
                     .most = (unsigned)o->most,
                     .trace = o->trace ? stdout : NULL };
    const bool well = !fails(st, &run);
    *ret_hash = run.hash;
    if (!well)
        printf("seed %llu: %s\n", (unsigned long long)seed, run.why);
    if (o->hashes || o->one)
        printf("seed %llu hash %016llx\n", (unsigned long long)seed, (unsigned long long)run.hash);
    if (!well && !o->trace && !explained) {
        explained = true;
        explain(o, &run);
    }
    return well;
}

/* Zero checks of an invariant over many seeds: the check itself is broken. */
static bool report(const options *o, const sim_tally *t, const town_count *counts, uint64_t bad,
                   double cpu_s)
{
    bool well = bad == 0;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        const bool idle = t->checked[i] == 0 && !o->one;
        printf("%-28s %10llu checked %6llu broken%s\n", sim_invariant_name((enum sim_invariant)i),
               (unsigned long long)t->checked[i], (unsigned long long)t->broken[i],
               idle ? "  NOTHING WAS CHECKED" : "");
        well = well && !idle;
    }
    for (; counts && counts->what; counts++)
        printf("%-28s %10" PRIu64 " checked\n", counts->what, counts->n);
    printf("%llu seeds, %llu bad; %llu transactions, %llu inputs, %llu crashes (%llu of power), "
           "%llu disk operations; %.1f CPU s, %.0f seeds/s, %.0f transactions/s\n",
           (unsigned long long)o->seeds, (unsigned long long)bad, (unsigned long long)t->batches,
           (unsigned long long)t->inputs, (unsigned long long)t->crashes,
           (unsigned long long)t->powers, (unsigned long long)t->ops, cpu_s,
           (double)o->seeds / cpu_s, (double)t->batches / cpu_s);
    return well;
}

int main(int argc, char **argv)
{
    options o;
    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    signal(SIGABRT, on_abort);
    setvbuf(stdout, NULL, _IOLBF, 0);
    stage st = { .cast = o.toys ? NULL : town_cast_new(TOWN_ALL) };
    uint64_t bad = 0, all = 0;
    for (uint64_t seed = o.from; seed < o.from + o.seeds; seed++) {
        uint64_t hash = 0, again = 0;
        bool well = play(&o, seed, &st, &hash);
        if (o.twice && play(&o, seed, &st, &again) && again != hash) {
            printf("seed %llu: two runs, two hashes\n", (unsigned long long)seed);
            well = false;
        }
        bad += !well;
        all = all * 31 + hash;
    }
    const bool well =
        report(&o, st.cast ? town_tally(st.cast) : &st.toys, st.cast ? town_counts(st.cast) : NULL,
               bad, (double)clock() / CLOCKS_PER_SEC);
    if (st.cast)
        town_cast_free(st.cast);
    printf("all hashes %016llx\n", (unsigned long long)all);
    return well ? 0 : 1;
}
