/* node_fuzz.c - T15: a node under any sequence of inputs, on a disk that fails where the input
 * says.
 *
 * Whatever happens: nothing that was committed is lost, the chain holds, a store that opened
 * once opens again, and an event is handled once. */
#include "fuzz.h"
#include "sim_disk.h"
#include "sim_parcel.h"
#include "toy.h"
#include "toy.pb-c.h"

typedef struct machine {
    bool ended; /* the process must end */
    sim_disk *disk;
    upp_node *maker, *taker;
    upp_ms now;
    uint64_t batches;
    int64_t committed[2]; /* of maker, of taker: what COMMIT said OK to */
} machine;

static const uint8_t lookup_key[32] = { 1 };

static void quiet(const char *line)
{
    (void)line; /* a disk that has blown lets no store open */
}

static upp_node *open_one(machine *m, const upp_service *service, const char *path)
{
    const upp_store store = { path, sim_disk_vfs(m->disk), lookup_key };
    return upp_node_new(service, &store, NULL, quiet);
}

static void check_head(upp_node *node, int64_t *committed)
{
    upp_check(upp_node_head(node).seq >= *committed);
    *committed = upp_node_head(node).seq;
}

/* The process ends, with the power or without; both stores open again. */
static void restart(machine *m, bool power)
{
    m->ended = false;
    sim_disk_blow(m->disk);
    upp_node_free(m->maker);
    upp_node_free(m->taker);
    if (power)
        sim_disk_power(m->disk);
    else
        sim_disk_kill(m->disk);
    m->maker = open_one(m, &toy_maker, "maker.db");
    m->taker = open_one(m, &toy_taker, "taker.db");
    upp_check(m->maker && m->taker);
    check_head(m->maker, &m->committed[0]);
    check_head(m->taker, &m->committed[1]);
}

static int begin(machine *m, upp_node *node)
{
    uint8_t seed[32] = { 0 };
    memcpy(seed, &m->batches, sizeof m->batches);
    m->batches++;
    return upp_node_begin(node, m->now, seed);
}

static bool deliver_one(void *ctx, const upp_frames *event)
{
    machine *m = ctx;
    const int rc = upp_node_deliver(m->taker, "maker", event);
    m->ended = rc == UPP_E_STORE || rc == UPP_E_BUG;
    return !m->ended;
}

static int say(machine *m, fuzz_in *in)
{
    char item[16];
    const uint8_t id[16] = { (uint8_t)fuzz_take(in, 1) };
    snprintf(item, sizeof item, "t%u", (unsigned)(fuzz_take(in, 1) % 8));
    Uppsikt__Toy__Make make = UPPSIKT__TOY__MAKE__INIT;
    make.item = item;
    make.text = upp_lend("text");
    make.due_ms = m->now + (upp_ms)fuzz_take(in, 2);
    make.fuss = (uint32_t)(fuzz_take(in, 1) % 3);
    sim_parcel *p = sim_parcel_command(id, NULL, m->now, &make.base);
    const upp_frames frames = sim_parcel_frames(p);
    const int rc = upp_node_command(m->maker, "console", &frames);
    sim_parcel_drop(p);
    return rc;
}

/* Any frames at all, to both. */
static void noise(machine *m, fuzz_in *in)
{
    static const char *const types[] = { "uppsikt.toy.Make", "uppsikt.toy.Made", "uppsikt.Stub",
                                         "uppsikt.DisposalApproved" };
    const char *type = types[fuzz_take(in, 1) % UPP_LEN(types)];
    const upp_bytes a = fuzz_part(in, fuzz_take(in, 1)), b = fuzz_part(in, fuzz_take(in, 1)),
                    c = fuzz_part(in, fuzz_take(in, 1));
    const upp_frames frames = { { (const uint8_t *)type, strlen(type) }, a, b, c };
    const int rc = upp_node_command(m->maker, "console", &frames);
    m->ended = rc == UPP_E_STORE || rc == UPP_E_BUG;
    if (!m->ended)
        (void)deliver_one(m, &frames);
}

/* One operation; negative: the process must end. */
static int operate(machine *m, fuzz_in *in)
{
    const uint64_t what = fuzz_take(in, 1);
    int rc = 0;
    switch (what % 8) {
    case 0:
    case 1:
        rc = say(m, in);
        break;
    case 2: {
        upp_point cursor;
        rc = upp_node_cursor(m->taker, "maker", &cursor);
        const int64_t back = (int64_t)(fuzz_take(in, 1) % 3);
        const int64_t from = cursor.seq > back ? cursor.seq - back : 0;
        if (rc >= 0)
            rc = upp_node_log(m->maker, from, deliver_one, m);
        break;
    }
    case 3:
        m->now += (upp_ms)fuzz_take(in, 3);
        break;
    case 4:
        rc = upp_node_alarm(m->taker);
        break;
    case 5:
        rc = upp_node_answer(m->taker, (int64_t)(fuzz_take(in, 1) % 8),
                             fuzz_take(in, 1) & 1 ? UPP_LATER : UPP_NEVER, NULL, 1);
        break;
    case 6:
        noise(m, in);
        break;
    default:
        sim_disk_fuse(m->disk, (int64_t)fuzz_take(in, 1));
        break;
    }
    return rc == UPP_E_STORE || rc == UPP_E_BUG || m->ended ? UPP_E_STORE : 0;
}

/* A batch of each; false: the process ends. */
static bool batch(machine *m, fuzz_in *in)
{
    if (begin(m, m->maker) < 0 || begin(m, m->taker) < 0)
        return false;
    for (uint64_t n = 1 + fuzz_take(in, 1) % 12; n > 0 && in->len > 0; n--)
        if (operate(m, in) < 0)
            return false;
    if (upp_node_commit(m->maker, NULL, NULL) < 0)
        return false;
    m->committed[0] = upp_node_head(m->maker).seq;
    if (upp_node_commit(m->taker, NULL, NULL) < 0)
        return false;
    m->committed[1] = upp_node_head(m->taker).seq;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in in = { data, size < 2048 ? size : 2048 };
    machine m = { .now = SIM_START };
    m.disk = sim_disk_new(fuzz_take(&in, 2), &m.now);
    restart(&m, false);
    while (in.len > 0)
        if (!batch(&m, &in) || fuzz_take(&in, 1) % 8 == 0)
            restart(&m, fuzz_take(&in, 1) & 1);
    restart(&m, true);
    upp_check(upp_node_verify(m.maker) == 0 && upp_node_verify(m.taker) == 0);
    sim_disk_blow(m.disk);
    upp_node_free(m.maker);
    upp_node_free(m.taker);
    sim_disk_kill(m.disk);
    sim_disk_free(m.disk);
    return 0;
}
