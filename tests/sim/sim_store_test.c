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
    const upp_service *program; /* NULL: toy_maker */
    sim_disk *disk;
    upp_node *node;
    upp_ms now;
    uint8_t made; /* things so far */
} machine;

static const uint8_t lookup_key[32] = { 1 };

static char said[400]; /* the last complaint */
static void say(const char *line)
{
    snprintf(said, sizeof said, "%s", line);
}

static bool start(machine *m)
{
    const upp_store store = { "node.db", sim_disk_vfs(m->disk), lookup_key };
    m->node = upp_node_new(m->program ? m->program : &toy_maker, &store, NULL, say);
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

/* -- upgrades (R44) -- */
/* Toy programs of later days: the second adds a table that is filled from what was there, the third
 * a column; and one whose second step cannot be. */
#define STEP_2                                                                                     \
    "CREATE TABLE list(item TEXT PRIMARY KEY) STRICT;"                                             \
    "INSERT INTO list(item) SELECT item FROM thing;"
#define STEP_3 "ALTER TABLE list ADD COLUMN mark INTEGER NOT NULL DEFAULT 7;"
static const char *const to_2[] = { STEP_2, NULL };
static const char *const to_3[] = { STEP_2, STEP_3, NULL };
static const char *const broken[] = { STEP_2, "INSERT INTO nowhere VALUES(1);", NULL };

static upp_service later(const char *const *upgrades)
{
    upp_service s = toy_maker;
    s.upgrades = upgrades;
    return s;
}

static int64_t number(upp_node *node, const char *sql)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(node), sql, -1, &row, NULL), SQLITE_OK);
    const int64_t n = sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : -1;
    sqlite3_finalize(row);
    return n;
}

static void expect_version(machine *m, const upp_service *program, int64_t version, int64_t listed)
{
    m->program = program;
    assert_true(start(m));
    assert_int_equal(number(m->node, "PRAGMA user_version"), version);
    if (listed >= 0)
        assert_int_equal(number(m->node, "SELECT count(*) FROM list"), listed);
}

/* Each step once, in order, from whichever version; a fresh store gets them all. */
static void an_upgrade_keeps_what_was_there(void **state)
{
    (void)state;
    const upp_service second = later(to_2), third = later(to_3);
    machine m = { .now = SIM_START, .disk = NULL };
    m.disk = sim_disk_new(1, &m.now);
    assert_true(start(&m));
    make_one(&m);
    make_one(&m);
    end(&m, false);
    expect_version(&m, &second, 2, 2);
    make_one(&m); /* the toy knows nothing of the list */
    end(&m, true);
    expect_version(&m, &third, 3, 2);
    assert_int_equal(number(m.node, "SELECT sum(mark) FROM list"), 14);
    assert_int_equal(upp_node_head(m.node).seq, 3);
    assert_int_equal(upp_node_verify(m.node), 0);
    end(&m, false);
    expect_version(&m, &third, 3, 2); /* and no step twice */
    end(&m, false);
    sim_disk_free(m.disk);

    machine fresh = { .now = SIM_START, .disk = NULL };
    fresh.disk = sim_disk_new(2, &fresh.now);
    expect_version(&fresh, &third, 3, 0);
    end(&fresh, false);
    sim_disk_free(fresh.disk);
}

/* What is older does not touch it, and says what to do; what cannot be leaves it as it was. */
static void an_upgrade_that_cannot_be_changes_nothing(void **state)
{
    (void)state;
    const upp_service second = later(to_2), bad = later(broken);
    machine m = { .now = SIM_START, .disk = NULL };
    m.disk = sim_disk_new(1, &m.now);
    assert_true(start(&m));
    make_one(&m);
    end(&m, false);
    m.program = &bad;
    assert_false(start(&m));
    assert_non_null(strstr(said, "no such table: nowhere"));
    expect_version(&m, &toy_maker, 1, -1);
    assert_int_equal(objects_named(m.node, "list"), 0);
    end(&m, false);
    expect_version(&m, &second, 2, 1);
    end(&m, false);
    m.program = &toy_maker;
    assert_false(start(&m));
    assert_non_null(strstr(said, "a newer program made this database"));
    expect_version(&m, &second, 2, 1);
    assert_int_equal(upp_node_head(m.node).seq, 1);
    end(&m, false);
    sim_disk_free(m.disk);
}

/* An upgrade that dies at its n-th I/O, for every n, happens at the next start, whole. False: so
 * many it does not have. */
static bool upgrade_dies(uint64_t draw, int64_t n, bool power)
{
    const upp_service third = later(to_3);
    machine m = { .now = SIM_START, .disk = NULL };
    m.disk = sim_disk_new(draw, &m.now);
    assert_true(start(&m));
    make_one(&m);
    end(&m, false);
    m.program = &third;
    sim_disk_fuse(m.disk, n);
    const bool died = !start(&m);
    end(&m, power);
    expect_version(&m, &third, 3, 1);
    assert_int_equal(number(m.node, "SELECT sum(mark) FROM list"), 7);
    assert_int_equal(upp_node_head(m.node).seq, 1);
    end(&m, true);
    expect_version(&m, &third, 3, 1);
    assert_int_equal(upp_node_verify(m.node), 0);
    end(&m, false);
    sim_disk_free(m.disk);
    return died;
}

static void an_upgrade_that_died_anywhere_is_made_good(void **state)
{
    (void)state;
    for (int power = 0; power < 2; power++) {
        unsigned checked = 0;
        for (uint64_t draw = 1; draw <= DRAWS; draw++)
            for (int64_t n = 0; upgrade_dies(draw, n, power == 1); n++)
                checked++;
        printf("  I/Os of an upgrade at which %s: %u checked\n",
               power ? "the power went" : "it was killed", checked);
        assert_true(checked > DRAWS * 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_creation_that_died_anywhere_empties_no_later_log),
        cmocka_unit_test(a_start_that_died_anywhere_loses_nothing),
        cmocka_unit_test(a_start_with_nothing_to_do_writes_nothing),
        cmocka_unit_test(a_start_makes_what_an_older_program_had_not),
        cmocka_unit_test(an_upgrade_keeps_what_was_there),
        cmocka_unit_test(an_upgrade_that_cannot_be_changes_nothing),
        cmocka_unit_test(an_upgrade_that_died_anywhere_is_made_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
