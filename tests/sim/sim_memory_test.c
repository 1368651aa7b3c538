/* A machine without memory: for each n, the n-th allocation of an input's transaction fails, and
 * all after it (reliability.md §10; P1, P2, R42). Nothing of the input stays, or all of it;
 * nothing is set aside for it; the store opens again and the same input goes through. */
#include "sim_disk.h"
#include "sim_memory.h"
#include "sim_parcel.h"
#include "toy.h"
#include "toy.pb-c.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct machine {
    sim_disk *disk;
    upp_node *maker, *taker;
    upp_ms now;
} machine;

static const uint8_t lookup_key[32] = { 1 };

static void say(const char *line)
{
    fail_msg("%s", line);
}

static upp_node *open_one(const machine *m, const upp_service *service, const char *path)
{
    upp_node *node =
        upp_node_new(service, &(upp_store){ path, sim_disk_vfs(m->disk), lookup_key }, NULL, say);
    assert_non_null(node);
    return node;
}

static int begin(const machine *m, upp_node *node, uint8_t n)
{
    const uint8_t seed[32] = { n };
    return upp_node_begin(node, m->now, seed);
}

static int make(machine *m)
{
    const uint8_t id[16] = { 7 };
    Uppsikt__Toy__Make make = UPPSIKT__TOY__MAKE__INIT;
    make.item = upp_lend("t1");
    make.text = upp_lend("text");
    sim_parcel *p = sim_parcel_command(id, NULL, m->now, &make.base);
    const upp_frames frames = sim_parcel_frames(p);
    int rc = begin(m, m->maker, 1);
    if (rc >= 0)
        rc = upp_node_command(m->maker, "console", &frames);
    if (rc >= 0)
        rc = upp_node_commit(m->maker, NULL, NULL);
    sim_parcel_drop(p);
    return rc;
}

typedef struct pump {
    upp_node *to;
    int rc;
} pump;

static bool deliver_one(void *ctx, const upp_frames *event)
{
    pump *p = ctx;
    p->rc = upp_node_deliver(p->to, "maker", event);
    return p->rc >= 0;
}

static int hear(machine *m)
{
    pump p = { .to = m->taker };
    int rc = begin(m, m->taker, 2);
    if (rc >= 0 && upp_node_log(m->maker, 0, deliver_one, &p) < 0)
        return UPP_E_STORE;
    if (rc >= 0)
        rc = p.rc;
    return rc >= 0 ? upp_node_commit(m->taker, NULL, NULL) : rc;
}

static int ring(machine *m)
{
    int rc = begin(m, m->taker, 3);
    if (rc >= 0)
        rc = upp_node_alarm(m->taker);
    return rc >= 0 ? upp_node_commit(m->taker, NULL, NULL) : rc;
}

static int64_t parked(upp_node *node)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(upp_node_db(node), "SELECT count(*) FROM upp_parked", -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return n;
}

static void reopen(machine *m)
{
    upp_node_free(m->maker);
    upp_node_free(m->taker);
    sim_disk_kill(m->disk);
    m->maker = open_one(m, &toy_maker, "maker.db");
    m->taker = open_one(m, &toy_taker, "taker.db");
}

/* False: the input needs fewer allocations than n. */
static bool trial(int (*const *inputs)(machine *m), size_t last, uint64_t n)
{
    machine m = { .now = SIM_START };
    m.disk = sim_disk_new(1, &m.now);
    reopen(&m);
    for (size_t i = 0; i < last; i++)
        assert_true(inputs[i](&m) >= 0);
    upp_node *node = last == 0 ? m.maker : m.taker;
    const int64_t before = upp_node_head(node).seq;
    sim_memory_fails(n);
    const int rc = inputs[last](&m);
    const bool failed = sim_memory_failed();
    sim_memory_fails(0);
    if (rc < 0 && rc != UPP_E_STORE)
        fail_msg("allocation %llu: %d: %s", (unsigned long long)n, rc, upp_node_why(node));
    reopen(&m);
    node = last == 0 ? m.maker : m.taker;
    const int64_t after = upp_node_head(node).seq;
    assert_true(after == before || after == before + 1);
    assert_true(rc < 0 || after == before + 1);
    assert_true(inputs[last](&m) >= 0);
    node = last == 0 ? m.maker : m.taker;
    assert_int_equal(upp_node_head(node).seq, before + 1);
    assert_int_equal(parked(node), 0);
    assert_int_equal(upp_node_verify(node), 0);
    upp_node_free(m.maker);
    upp_node_free(m.taker);
    sim_disk_kill(m.disk);
    sim_disk_free(m.disk);
    return failed;
}

static void no_allocation_that_fails_breaks_an_input(void **state)
{
    (void)state;
    static int (*const inputs[])(machine * m) = { make, hear, ring };
    for (size_t last = 0; last < UPP_LEN(inputs); last++) {
        uint64_t n = 1;
        while (trial(inputs, last, n))
            n++;
        printf("  allocations of input %zu that fail  %llu checked\n", last,
               (unsigned long long)n - 1);
        assert_true(n > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_that_fails_breaks_an_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
