/* town_tell.c - one story told for many seeds, and what is checked after each of them. */
#include "part.h"
#include "town.h"
#include "town_part.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_registry_service;

const town_part town_registry = { .service = &upp_registry_service };

static const town_part *const parts[] = { &town_registry, &town_escalation, &town_ingest,
                                          &town_classify, &town_evidence,   &town_archive,
                                          &town_feed,     &town_console,    &town_classify_2 };

struct town_cast {
    unsigned services;
    void *shared[UPP_LEN(parts)];
    sim_tally tally;
    town_count counts[TOWN_COUNTS + 1];
};

static bool takes_part(const town_cast *w, size_t i)
{
    return parts[i]->flag == 0 || (w->services & parts[i]->flag);
}

town_cast *town_cast_new(unsigned services)
{
    town_cast *w = calloc(1, sizeof *w);
    upp_check(w);
    w->services = services;
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (takes_part(w, i) && parts[i]->begin)
            w->shared[i] = parts[i]->begin();
    return w;
}

void town_cast_free(town_cast *cast)
{
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (takes_part(cast, i) && parts[i]->end)
            parts[i]->end(cast->shared[i]);
    free(cast);
}

const sim_tally *town_tally(const town_cast *cast)
{
    return &cast->tally;
}

const town_count *town_counts(const town_cast *cast)
{
    return cast->counts;
}

void town_counted(town *t, const char *what, uint64_t n)
{
    size_t i = 0;
    while (i < TOWN_COUNTS && t->counts[i].what && strcmp(t->counts[i].what, what) != 0)
        i++;
    upp_check(i < TOWN_COUNTS);
    t->counts[i].what = what;
    t->counts[i].n += n;
}

static void complain(const char *line)
{
    printf("%s\n", line);
}

/* The service as it is in this town: where classify's work is divided, all know it. */
static const upp_service *cast_as(const town_cast *w, const town_part *part, upp_part *ret_part)
{
    const bool parted = (w->services & TOWN_PARTS) && (part->flag & (TOWN_CLASSIFY | TOWN_PARTS));
    const char *which = !parted ? NULL : part->flag == TOWN_PARTS ? "2/2" : "1/2";
    upp_check(upp_part_take(part->service, which, w->services & TOWN_PARTS ? "classify=2" : NULL,
                            complain, ret_part));
    return &ret_part->service;
}

uint64_t town_play(town_cast *cast, uint64_t seed, town_story *story, sim_play *run,
                   char ret_why[400])
{
    upp_part as[UPP_LEN(parts)];
    const upp_service *list[UPP_LEN(parts)];
    void *own[UPP_LEN(parts)] = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (takes_part(cast, i))
            list[n++] = cast_as(cast, parts[i], &as[i]);
    town t = { .s = sim_new(seed, list, n),
               .seed = seed,
               .services = cast->services,
               .rand = sim_rand_new(seed, 0x70),
               .play = run,
               .counts = cast->counts };
    if (run)
        sim_shadow_every(t.s, 3);
    t.mails = calloc(TOWN_MAILS, sizeof *t.mails);
    upp_check(t.mails);
    for (size_t i = 0; i < UPP_LEN(parts); i++)
        if (takes_part(cast, i) && parts[i]->open)
            own[i] = parts[i]->open(&t, cast->shared[i]);
    town_found(&t);
    story(&t);
    if (!sim_settle(t.s, 2 * UPP_DAY))
        town_wrong(&t, "it does not come to rest: %s", sim_why(t.s));
    if (t.rest)
        t.rest(&t);
    if (!sim_check(t.s, &cast->tally))
        town_wrong(&t, "%s", sim_why(t.s));
    for (size_t i = 0; i < UPP_LEN(parts); i++) {
        if (takes_part(cast, i) && parts[i]->check)
            parts[i]->check(&t, own[i]);
        if (takes_part(cast, i) && parts[i]->close)
            parts[i]->close(own[i]);
    }
    snprintf(ret_why, 400, "%s", t.why);
    const uint64_t hash = sim_hash(t.s);
    sim_free(t.s);
    for (size_t i = 0; i < t.n_mails; i++)
        free(t.mails[i].text);
    free(t.mails);
    return hash;
}

static void report(const char *name, const town_cast *w, uint64_t seeds, uint64_t bad)
{
    const sim_tally *tally = &w->tally;
    for (unsigned i = 0; i < SIM_INVARIANTS; i++)
        if (i != SIM_I15 || tally->checked[i] > 0) /* not every story forgets */
            printf("%s: %-28s %10" PRIu64 " checked %6" PRIu64 " broken\n", name,
                   sim_invariant_name((enum sim_invariant)i), tally->checked[i], tally->broken[i]);
    for (size_t i = 0; i < TOWN_COUNTS && w->counts[i].what; i++)
        printf("%s: %-28s %10" PRIu64 " checked\n", name, w->counts[i].what, w->counts[i].n);
    printf("%" PRIu64 " seeds, %" PRIu64 " bad; %" PRIu64 " transactions, %" PRIu64
           " inputs, %" PRIu64 " crashes (%" PRIu64 " of power)\n",
           seeds, bad, tally->batches, tally->inputs, tally->crashes, tally->powers);
}

/* 0: not set. */
static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

void town_tell(const char *name, town_story *story, unsigned services, uint64_t seeds)
{
    const uint64_t one = number_of("UPP_SEED"), times = number_of("UPP_SEEDS");
    const uint64_t part = number_of("UPP_SEEDS_PART"); /* sanitizers: a part, but some */
    const uint64_t from = one ? one : 1;
    const uint64_t all = part ? (seeds / part > 3 ? seeds / part : 3) : seeds;
    const uint64_t to = one ? one : all * (times ? times : 1);
    uint64_t bad = 0;
    town_cast *cast = town_cast_new(services);
    for (uint64_t seed = from; seed <= to; seed++) {
        char why[400], again[400];
        const uint64_t hash = town_play(cast, seed, story, NULL, why);
        if (seed < 5 && town_play(cast, seed, story, NULL, again) != hash)
            snprintf(why, sizeof why, "two runs of one seed, two hashes");
        if (why[0])
            printf("%s: seed %" PRIu64 ": %s\n", name, seed, why);
        bad += why[0] != '\0';
    }
    report(name, cast, to - from + 1, bad);
    town_cast_free(cast);
    assert_int_equal(bad, 0);
}
