/* sim_main.c - runs seeds: `--seeds N [--from S]`, or one of them again: `--seed S [--trace]`. */
#include "sim_buf.h"
#include "sim_jobs.h"
#include "swarm.h"
#include "toy.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct options {
    uint64_t from, seeds, most, jobs;
    const char *list;
    bool one, trace, power, twice, hashes, toys, first;
    unsigned skip, with;
} options;

static const char usage[] =
    "usage: uppsikt-sim [--toys] --seeds N [--from S] [--jobs N] [--power] [--twice] [--hashes]\n"
    "       uppsikt-sim [--toys] --list FILE [--jobs N] [--power] [--twice] [--hashes]\n"
    "       uppsikt-sim [--toys] --seed S [--trace] [--power] [--with FAULT]... [--without "
    "FAULT]...\n"
    "Any week of a municipality, the whole suite in one thread, under a swarm of faults.\n"
    "  --toys           the runtime alone, with two toy services: many more seeds a second\n"
    "  --seeds N        N seeds; prints what each invariant checked, zero is a failure\n"
    "  --list FILE      the seeds that stand first in its lines; # begins a remark\n"
    "  --jobs N         in N processes (1)\n"
    "  --seed S         one seed, and its run hash\n"
    "  --trace          every step of it\n"
    "  --power          every crash is a power loss\n"
    "  --twice          each seed twice: both must be the same to the byte\n"
    "  --hashes         the run hash of each seed\n"
    "  --first          ends with the first seed that fails, and does not look for a shorter way\n"
    "  --most N         N comments (or toys) at most\n"
    "  --without FAULT  switches a kind of fault off (to see which one a failure needs)\n"
    "  --with FAULT     switches one on, at its worst\n";

enum { JOBS_MAX = 256 };

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
    *o = (options){ .from = 1, .jobs = 1 };
    bool ok = argc > 1;
    for (int i = 1; i < argc && ok; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--seeds") == 0)
            ok = number(next, &o->seeds), i++;
        else if (strcmp(argv[i], "--from") == 0)
            ok = number(next, &o->from), i++;
        else if (strcmp(argv[i], "--jobs") == 0)
            ok = number(next, &o->jobs) && o->jobs > 0 && o->jobs <= JOBS_MAX, i++;
        else if (strcmp(argv[i], "--list") == 0)
            ok = (o->list = next) != NULL, i++;
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
        else if (strcmp(argv[i], "--first") == 0)
            o->first = true;
        else
            ok = false;
    }
    return ok && (o->seeds > 0) != (o->list != NULL);
}

/* From malloc; the caller's. NULL: the list cannot be read, or holds none. */
static uint64_t *seeds_of(const options *o, size_t *ret_n)
{
    uint64_t *seeds = NULL;
    size_t n = 0;
    for (uint64_t i = 0; !o->list && i < o->seeds; i++) {
        SIM_MORE(seeds, n);
        seeds[n++] = o->from + i;
    }
    FILE *in = o->list ? fopen(o->list, "r") : NULL;
    for (char line[400]; in && fgets(line, sizeof line, in);) {
        uint64_t seed;
        line[strcspn(line, " \t\n#")] = '\0';
        if (number(line, &seed)) {
            SIM_MORE(seeds, n);
            seeds[n++] = seed;
        }
    }
    if (in)
        fclose(in);
    *ret_n = n;
    return seeds;
}

/* What one process has counted. */
typedef struct counted {
    sim_tally tally;
    town_count rows[TOWN_COUNTS + 1];
} counted;

/* Whose runs they are: `cast` NULL is the toys'. */
typedef struct stage {
    const options *o;
    town_cast *cast;
    sim_tally toys;
    /* of all processes */
    counted all;
    uint64_t bad, hashes, first_bad; /* first_bad: that did not die */
} stage;

static bool fails(void *ctx, sim_play *run)
{
    stage *st = ctx;
    seed_now = (sig_atomic_t)run->seed;
    return st->cast ? !swarm_play(st->cast, run) : !toy_play(run, &st->toys);
}

static sim_play chosen(const options *o, uint64_t seed)
{
    return (sim_play){ .seed = seed,
                       .power = o->power,
                       .skip = o->skip,
                       .with = o->with,
                       .most = (unsigned)o->most,
                       .trace = o->trace ? stdout : NULL };
}

static void print_replay(const options *o, const char *how, const sim_play *run)
{
    printf("  %s: tests/sim/run%s", how, o->toys ? " --toys" : "");
    sim_play_print(run, stdout);
    printf(" --trace\n");
}

/* The shortest way to the same failure, and the end of its story. */
static void explain(const options *o, uint64_t seed)
{
    stage apart = { .cast = o->toys ? NULL : town_cast_new(TOWN_ALL) };
    sim_play run = chosen(o, seed);
    char *told = NULL;
    size_t n = 0;
    sim_play_shrink(&run, fails, &apart);
    run.trace = open_memstream(&told, &n);
    upp_check(run.trace);
    (void)fails(&apart, &run);
    fclose(run.trace);
    const char *at = told + n;
    for (int lines = 0; at > told && lines <= 30; at--)
        lines += at[-1] == '\n';
    printf("%s%s\n", at, run.why);
    print_replay(o, "shortest", &run);
    free(told);
    if (apart.cast)
        town_cast_free(apart.cast);
}

/* -- one seed, in its process -- */
static void play(void *ctx, sim_told *told)
{
    stage *st = ctx;
    sim_play run = chosen(st->o, told->seed);
    told->well = !fails(st, &run);
    told->hash = run.hash;
    snprintf(told->why, sizeof told->why, "%s", run.why);
    if (!told->well || !st->o->twice)
        return;
    sim_play again = chosen(st->o, told->seed);
    told->well = !fails(st, &again) && again.hash == run.hash;
    snprintf(told->why, sizeof told->why, "%s", told->well ? "" : "two runs, two hashes");
}

static void sum(void *ctx, void *ret_sum)
{
    const stage *st = ctx;
    counted *c = ret_sum;
    c->tally = st->cast ? *town_tally(st->cast) : st->toys;
    if (st->cast)
        memcpy(c->rows, town_counts(st->cast), sizeof c->rows);
}

/* -- all of them, here -- */
static bool tell(void *ctx, const sim_told *told)
{
    stage *st = ctx;
    const sim_play run = chosen(st->o, told->seed);
    if (!told->well) {
        printf("seed %" PRIu64 ": %s\n", told->seed, told->why);
        if (!st->o->one)
            print_replay(st->o, "again", &run);
    }
    if (st->o->hashes || st->o->one)
        printf("seed %" PRIu64 " hash %016" PRIx64 "\n", told->seed, told->hash);
    if (!told->well && !told->died && st->bad == 0)
        st->first_bad = told->seed;
    st->bad += !told->well;
    st->hashes = st->hashes * 31 + told->hash;
    return told->well || !st->o->first;
}

static void add(void *ctx, const void *sum_of_one)
{
    stage *st = ctx;
    const counted *c = sum_of_one;
    sim_tally *t = &st->all.tally;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        t->checked[i] += c->tally.checked[i];
        t->broken[i] += c->tally.broken[i];
    }
    t->batches += c->tally.batches;
    t->inputs += c->tally.inputs;
    t->crashes += c->tally.crashes;
    t->powers += c->tally.powers;
    t->ops += c->tally.ops;
    t->bugs += c->tally.bugs;
    for (const town_count *row = c->rows; row->what; row++) {
        size_t i = 0;
        while (st->all.rows[i].what && strcmp(st->all.rows[i].what, row->what) != 0)
            i++;
        st->all.rows[i].what = row->what;
        st->all.rows[i].n += row->n;
    }
}

static double cpu_seconds(void)
{
    double s = 0;
    for (int who = 0; who < 2; who++) {
        struct rusage used = { 0 };
        (void)getrusage(who ? RUSAGE_CHILDREN : RUSAGE_SELF, &used);
        s += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    }
    return s;
}

/* Zero checks of an invariant over many seeds: the check itself is broken. */
static bool report(const stage *st, size_t n)
{
    const sim_tally *t = &st->all.tally;
    const double cpu_s = cpu_seconds();
    bool well = st->bad == 0;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        const bool idle = t->checked[i] == 0 && !st->o->one && !st->o->list;
        printf("%-28s %10" PRIu64 " checked %6" PRIu64 " broken%s\n",
               sim_invariant_name((enum sim_invariant)i), t->checked[i], t->broken[i],
               idle                          ? "  NOTHING WAS CHECKED"
               : i == SIM_I7 && !st->o->toys ? "  (one in three services a seed)"
                                             : "");
        well = well && !idle;
    }
    for (const town_count *row = st->all.rows; row->what; row++)
        printf("%-28s %10" PRIu64 " checked\n", row->what, row->n);
    printf("%zu seeds, %" PRIu64 " bad; %" PRIu64 " transactions, %" PRIu64 " inputs, %" PRIu64
           " crashes (%" PRIu64 " of power), %" PRIu64
           " disk operations; %.1f CPU s, %.1f seeds/s, %.0f transactions/s\n",
           n, st->bad, t->batches, t->inputs, t->crashes, t->powers, t->ops, cpu_s,
           (double)n / cpu_s, (double)t->batches / cpu_s);
    printf("all hashes %016" PRIx64 "\n", st->hashes);
    return well;
}

/* Here where it can be looked at step by step, else in processes of their own. */
static bool run(stage *st, const uint64_t *seeds, size_t n)
{
    const options *o = st->o;
    if (!o->one)
        return sim_jobs_run(&(sim_jobs){ .seeds = seeds,
                                         .n = n,
                                         .processes = (unsigned)(o->jobs < n ? o->jobs : n),
                                         .ctx = st,
                                         .play = play,
                                         .sum = sum,
                                         .sum_size = sizeof(counted),
                                         .tell = tell,
                                         .add = add });
    counted one = { 0 };
    sim_told told = { .seed = seeds[0] };
    play(st, &told);
    (void)tell(st, &told);
    sum(st, &one);
    add(st, &one);
    return true;
}

int main(int argc, char **argv)
{
    options o;
    size_t n = 0;
    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    uint64_t *seeds = seeds_of(&o, &n);
    if (n == 0) {
        fprintf(stderr, "no seeds in %s\n", o.list);
        return 64;
    }
    signal(SIGABRT, on_abort);
    setvbuf(stdout, NULL, _IOLBF, 0);
    stage st = { .o = &o, .cast = o.toys ? NULL : town_cast_new(TOWN_ALL) };
    bool well = run(&st, seeds, n);
    if (o.first && st.bad > 0)
        well = false;
    else
        well = report(&st, n) && well;
    if (st.first_bad && !o.trace && !o.first)
        explain(&o, st.first_bad);
    if (st.cast)
        town_cast_free(st.cast);
    free(seeds);
    return well ? 0 : 1;
}
