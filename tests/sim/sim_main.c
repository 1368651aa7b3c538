/* sim_main.c - runs seeds: `--seeds N [--from S]`, or one of them again: `--seed S [--trace]`. */
#include "toy.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct options {
    uint64_t from, seeds;
    bool one, trace, power, twice, hashes;
    unsigned skip, with;
} options;

static const char usage[] =
    "usage: uppsikt-sim --seeds N [--from S] [--power] [--twice] [--hashes]\n"
    "       uppsikt-sim --seed S [--trace] [--power] [--with FAULT]... [--without FAULT]...\n"
    "  --seeds N        N seeds; prints what each invariant checked, zero is a failure\n"
    "  --seed S         one seed, and its run hash\n"
    "  --trace          every step of it\n"
    "  --power          every crash is a power loss\n"
    "  --twice          each seed twice: both must be the same to the byte\n"
    "  --hashes         the run hash of each seed\n"
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

static bool play(const options *o, uint64_t seed, sim_tally *tally, uint64_t *ret_hash)
{
    toy_run run = { .seed = seed,
                    .power = o->power,
                    .skip = o->skip,
                    .with = o->with,
                    .trace = o->trace ? stdout : NULL };
    seed_now = (sig_atomic_t)seed;
    const bool well = toy_play(&run, tally);
    *ret_hash = run.hash;
    if (!well)
        printf("seed %llu: %s\n", (unsigned long long)seed, run.why);
    if (o->hashes || o->one)
        printf("seed %llu hash %016llx\n", (unsigned long long)seed, (unsigned long long)run.hash);
    return well;
}

/* Zero checks of an invariant over many seeds: the check itself is broken. */
static bool report(const options *o, const sim_tally *t, uint64_t bad, double cpu_s)
{
    bool well = bad == 0;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        const bool idle = t->checked[i] == 0 && !o->one;
        printf("%-28s %10llu checked %6llu broken%s\n", sim_invariant_name((enum sim_invariant)i),
               (unsigned long long)t->checked[i], (unsigned long long)t->broken[i],
               idle ? "  NOTHING WAS CHECKED" : "");
        well = well && !idle;
    }
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
    sim_tally tally = { 0 };
    uint64_t bad = 0, all = 0;
    for (uint64_t seed = o.from; seed < o.from + o.seeds; seed++) {
        uint64_t hash = 0, again = 0;
        bool well = play(&o, seed, &tally, &hash);
        if (o.twice && play(&o, seed, &tally, &again) && again != hash) {
            printf("seed %llu: two runs, two hashes\n", (unsigned long long)seed);
            well = false;
        }
        bad += !well;
        all = all * 31 + hash;
    }
    const bool well = report(&o, &tally, bad, (double)clock() / CLOCKS_PER_SEC);
    printf("all hashes %016llx\n", (unsigned long long)all);
    return well ? 0 : 1;
}
