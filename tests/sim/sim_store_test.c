/* The store's opening on a disk that fails while it opens (P1, R42; reliability.md F2, F3).
 *
 * A start dies at its n-th I/O, for every n; the next one goes through and says something; then the
 * power goes, with every draw of what the platter kept. What was said must be there. */
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_parcel.h"
#include "sim_rand.h"
#include "toy.h"
#include "toy.pb-c.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 8 };

typedef struct machine {
    sim_disk *disk;
    upp_node *node;
    upp_ms now;
    uint8_t made; /* things so far */
} machine;

static const uint8_t lookup_key[32] = { 1 };

static void say_nothing(const char *line)
{
    (void)line; /* that it does not open is what is looked for */
}

static bool start(machine *m)
{
    const upp_store store = { "node.db", sim_disk_vfs(m->disk), lookup_key };
    m->node = upp_node_new(&toy_maker, &store, NULL, say_nothing);
    return m->node != NULL;
}

static void end(machine *m, bool power)
{
    sim_disk_blow(m->disk);
    upp_node_free(m->node);
    m->node = NULL;
    if (power)
        sim_disk_power(m->disk);
    else
        sim_disk_kill(m->disk);
}

static void make_one(machine *m)
{
    const uint8_t seed[32] = { ++m->made };
    const uint8_t id[16] = { m->made };
    char item[16];
    snprintf(item, sizeof item, "t%u", m->made);
    Uppsikt__Toy__Make make = UPPSIKT__TOY__MAKE__INIT;
    make.item = item;
    make.text = upp_lend("text");
    sim_parcel *p = sim_parcel_command(id, NULL, m->now, &make.base);
    const upp_frames frames = sim_parcel_frames(p);
    assert_int_equal(upp_node_begin(m->node, m->now, seed), 0);
    assert_int_equal(upp_node_command(m->node, "console", &frames), 0);
    assert_int_equal(upp_node_commit(m->node, NULL, NULL), 0);
    sim_parcel_drop(p);
}

/* The start after the one that died at its n-th I/O (`first_power`: and the power went with it).
 * False: that many I/Os a start does not have. */
static bool trial(uint64_t draw, int64_t n, bool first_power, unsigned things)
{
    machine m = { .now = SIM_START };
    m.disk = sim_disk_new(draw, &m.now);
    for (unsigned i = 0; i < things; i++) { /* it has a past */
        assert_true(start(&m));
        make_one(&m);
        end(&m, false);
    }
    sim_disk_fuse(m.disk, n);
    const bool died = !start(&m);
    end(&m, first_power);
    assert_true(start(&m));
    assert_int_equal(upp_node_head(m.node).seq, things);
    make_one(&m);
    end(&m, true);
    assert_true(start(&m));
    if (upp_node_head(m.node).seq != things + 1)
        fail_msg("a start died at I/O %lld, draw %llu: the log ends at %lld, and %u was committed",
                 (long long)n, (unsigned long long)draw, (long long)upp_node_head(m.node).seq,
                 things + 1);
    assert_int_equal(upp_node_verify(m.node), 0);
    end(&m, false);
    sim_disk_free(m.disk);
    return died;
}

static void enumerate(bool first_power, unsigned things, const char *what)
{
    unsigned checked = 0;
    for (uint64_t draw = 1; draw <= DRAWS; draw++)
        for (int64_t n = 0; trial(draw, n, first_power, things); n++)
            checked++;
    printf("  %s: %u checked\n", what, checked);
    assert_true(checked > DRAWS * 10);
}

static void a_creation_that_died_anywhere_empties_no_later_log(void **state)
{
    (void)state;
    enumerate(false, 0, "I/Os of a creation at which it was killed");
    enumerate(true, 0, "I/Os of a creation at which the power went");
}

static void a_start_that_died_anywhere_loses_nothing(void **state)
{
    (void)state;
    enumerate(false, 2, "I/Os of a start at which it was killed");
    enumerate(true, 2, "I/Os of a start at which the power went");
}

static void take_bytes(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    sim_buf *all = ctx;
    sim_buf_add(all, name, strlen(name));
    sim_buf_add(all, at, n);
}

static void a_start_with_nothing_to_do_writes_nothing(void **state)
{
    (void)state;
    machine m = { .now = SIM_START };
    sim_buf before = { 0 }, after = { 0 };
    m.disk = sim_disk_new(1, &m.now);
    assert_true(start(&m));
    make_one(&m);
    end(&m, false);
    assert_true(start(&m)); /* copies what was said to its place */
    end(&m, false);
    sim_disk_each(m.disk, take_bytes, &before);
    assert_true(start(&m));
    end(&m, false);
    sim_disk_each(m.disk, take_bytes, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.at, after.at, after.len);
    sim_buf_done(&before);
    sim_buf_done(&after);
    sim_disk_free(m.disk);
}

static int64_t objects_named(upp_node *node, const char *name)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(node),
                                        "SELECT count(*) FROM sqlite_schema WHERE name = ?1", -1,
                                        &row, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return n;
}

/* The runtime's schema grows by what is missing, whichever part it is. */
static void a_start_makes_what_an_older_program_had_not(void **state)
{
    (void)state;
    static const char *const drops[][2] = { { "upp_ask_dead", "DROP INDEX upp_ask_dead" },
                                            { "upp_object_gone", "DROP INDEX upp_object_gone" },
                                            { "upp_parked", "DROP TABLE upp_parked" } };
    for (size_t i = 0; i < UPP_LEN(drops); i++) {
        machine m = { .now = SIM_START };
        m.disk = sim_disk_new(1, &m.now);
        assert_true(start(&m));
        make_one(&m);
        assert_int_equal(sqlite3_exec(upp_node_db(m.node), drops[i][1], NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(objects_named(m.node, drops[i][0]), 0);
        end(&m, false);
        assert_true(start(&m));
        assert_int_equal(objects_named(m.node, drops[i][0]), 1);
        assert_int_equal(upp_node_head(m.node).seq, 1);
        end(&m, false);
        sim_disk_free(m.disk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_creation_that_died_anywhere_empties_no_later_log),
        cmocka_unit_test(a_start_that_died_anywhere_loses_nothing),
        cmocka_unit_test(a_start_with_nothing_to_do_writes_nothing),
        cmocka_unit_test(a_start_makes_what_an_older_program_had_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
