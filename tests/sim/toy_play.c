/* toy_play.c - what happens to the toys in one seed, and what must have come of it. */
#include "sim_buf.h"
#include "sim_parcel.h"
#include "sim_rand.h"
#include "toy.h"
#include "toy.pb-c.h"
#include <openssl/sha.h>

enum { ITEMS = 24, SPAN_DAYS = 3 };

typedef struct toy_item {
    char item[32], mark[SIM_MARK];
    unsigned fuss;
    bool forgotten;
    int64_t counted, counts, rings, tolls; /* of maker; of taker */
    bool kept[2];
} toy_item;

typedef struct toy_world {
    sim *s;
    sim_rand rand;
    toy_item items[ITEMS];
    size_t n, made;
    Uppsikt__Toy__Tolling tolling; /* the last answer of the bell */
    char object[64];
    uint8_t sha256[32];
    unsigned tolls;
    int side; /* who is asked: 0 maker, 1 taker */
} toy_world;

static void make(sim *s, void *ctx)
{
    toy_world *w = ctx;
    toy_item *t = &w->items[w->made++];
    Uppsikt__Toy__Make m = UPPSIKT__TOY__MAKE__INIT;
    m.item = t->item;
    m.text = t->mark;
    m.due_ms = sim_now(s) + (upp_ms)sim_below(&w->rand, (uint64_t)(2 * UPP_DAY));
    m.fuss = t->fuss;
    (void)sim_command(s, "maker", NULL, &m.base);
}

/* A person asks for one of the things to be forgotten, made already or not. */
static void forget(sim *s, void *ctx)
{
    toy_world *w = ctx;
    toy_item *t = &w->items[sim_below(&w->rand, w->n)];
    if (t->forgotten)
        return;
    t->forgotten = true;
    sim_forget(s, t->item);
}

static void bell(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    toy_world *w = ctx;
    const Uppsikt__Toy__Toll *request = (const Uppsikt__Toy__Toll *)attempt->asked.request;
    snprintf(w->object, sizeof w->object, "%s-%u", request->item, ++w->tolls);
    reply->takes_span = 1 + (upp_ms)sim_below(&w->rand, (uint64_t)UPP_MINUTE);
    if (!sim_object(s, attempt->service, w->object, request->text, strlen(request->text))) {
        reply->fate = UPP_LATER;
        return;
    }
    SHA256((const uint8_t *)request->text, strlen(request->text), w->sha256);
    uppsikt__toy__tolling__init(&w->tolling);
    w->tolling.times = attempt->asked.attempt;
    w->tolling.object = w->object;
    w->tolling.bytes = (int64_t)strlen(request->text);
    w->tolling.sha256 = (ProtobufCBinaryData){ sizeof w->sha256, w->sha256 };
    reply->answer = &w->tolling.base;
}

static void prepare(toy_world *w, unsigned most)
{
    const uint64_t span = (uint64_t)(SPAN_DAYS * UPP_DAY);
    w->n = 5 + sim_below(&w->rand, ITEMS - 4);
    if (most > 0 && w->n > most)
        w->n = most;
    for (size_t i = 0; i < w->n; i++) {
        toy_item *t = &w->items[i];
        snprintf(t->item, sizeof t->item, "t%02zu", i);
        sim_mark(w->s, t->item, t->mark);
        const uint64_t fuss = sim_below(&w->rand, 10);
        t->fuss = fuss == 0 ? 1 : fuss == 1 ? 2 : 0;
        sim_in(w->s, (upp_ms)sim_below(&w->rand, span), make, w);
        if (sim_chance(&w->rand, 40))
            sim_in(w->s, (upp_ms)sim_below(&w->rand, span), forget, w);
    }
    sim_port(w->s, "bell", bell, w);
}

/* -- what came of it -- */
static bool read_thing(void *ctx, const upp_frames *row)
{
    toy_world *w = ctx;
    Uppsikt__Toy__Thing *r = uppsikt__toy__thing__unpack(NULL, row->envelope.len, row->envelope.at);
    upp_check(r);
    for (size_t i = 0; i < w->n; i++) {
        toy_item *t = &w->items[i];
        if (strcmp(t->item, r->item) != 0)
            continue;
        t->kept[w->side] = r->kept;
        if (w->side == 0) {
            t->counted = r->counts;
        } else {
            t->counts = r->counts;
            t->rings = r->rings;
            t->tolls = r->tolls;
        }
    }
    uppsikt__toy__thing__free_unpacked(r, NULL);
    return true;
}

static bool ask_all(toy_world *w)
{
    static const char *const services[] = { "maker", "taker" };
    const uint8_t id[16] = { 0 };
    Uppsikt__Toy__Things q = UPPSIKT__TOY__THINGS__INIT;
    q.limit = ITEMS;
    sim_parcel *p = sim_parcel_command(id, NULL, sim_now(w->s), &q.base);
    const upp_frames frames = sim_parcel_frames(p);
    bool ok = true;
    for (w->side = 0; w->side < 2; w->side++)
        ok = ok && upp_node_query(sim_node(w->s, services[w->side]), sim_now(w->s), "console",
                                  &frames, read_thing, w) >= 0;
    sim_parcel_drop(p);
    return ok;
}

static bool right(const toy_world *w, const toy_item *t)
{
    if (t->fuss == 1) /* parked: nothing may have come of it */
        return t->counted == 0 && t->counts == 0 && t->rings == 0 && t->tolls == 0;
    if (t->counted != 1 || t->counts != 1 || t->rings != 1)
        return false;
    if (t->forgotten)
        return t->tolls <= 1 && !t->kept[0] && !t->kept[1];
    const size_t effects = sim_effects(w->s, "taker", "bell", t->item);
    return t->tolls == 1 && t->kept[0] && t->kept[1] && effects <= 100;
}

static bool all_right(toy_world *w, sim_play *run)
{
    if (!ask_all(w)) {
        snprintf(run->why, sizeof run->why, "a query failed");
        return false;
    }
    for (size_t i = 0; i < w->n; i++) {
        const toy_item *t = &w->items[i];
        if (right(w, t))
            continue;
        snprintf(run->why, sizeof run->why,
                 "%s (fuss %u%s): maker counted %lld kept %d; taker counts %lld rings %lld tolls "
                 "%lld kept %d",
                 t->item, t->fuss, t->forgotten ? ", forgotten" : "", (long long)t->counted,
                 t->kept[0], (long long)t->counts, (long long)t->rings, (long long)t->tolls,
                 t->kept[1]);
        return false;
    }
    return true;
}

bool toy_play(sim_play *run, sim_tally *tally)
{
    const upp_service *const services[] = { &toy_maker, &toy_taker };
    toy_world w = { .s = sim_new(run->seed, services, UPP_LEN(services)),
                    .rand = sim_rand_new(run->seed, 0x707) };
    sim_play_begin(w.s, run);
    prepare(&w, run->most);
    sim_run(w.s, SPAN_DAYS * UPP_DAY);
    bool well = sim_settle(w.s, UPP_DAY);
    sim_run(w.s, 2 * UPP_DAY); /* the last alarms */
    well = sim_settle(w.s, UPP_DAY) && well;
    if (!well)
        snprintf(run->why, sizeof run->why, "it does not come to rest");
    if (!sim_check(w.s, tally)) {
        snprintf(run->why, sizeof run->why, "%s", sim_why(w.s));
        well = false;
    }
    well = well && all_right(&w, run);
    run->hash = sim_hash(w.s);
    sim_free(w.s);
    return well;
}
