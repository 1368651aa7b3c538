/* The store that makes room at a start (VACUUM, store.c) on a disk that fails meanwhile (P1, P7,
 * P8, R23, R42).
 *
 * It holds words that are kept and the rows of words that were disposed of, and its log says so. A
 * start dies at its n-th I/O; or the disk has room for so many bytes and no more. The next start
 * makes the room, and nothing that was kept has changed. */
#include "sim_buf.h"
#include "sim_disk.h"
#include "sim_memory.h"
#include "sim_parcel.h"
#include "toy.h"
#include "toy.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 4 };

/* What a store holds; every third thing is disposed of. */
typedef struct size {
    size_t things, bytes;
} size;
static const size small = { 24, 900 };
/* more than a cache of SQLite's holds, and than it lets a write-ahead log grow to */
static const size large = { 120, 60000 };
static const size middle = { 120, 6000 };

typedef struct machine {
    sim_disk *disk;
    upp_node *node;
    upp_ms now;
    size size;
    uint8_t batches;
    upp_service service;
    upp_route routes[2];
    sim_buf dump; /* as it is when nothing happens */
    upp_point head;
} machine;

static const uint8_t lookup_key[32] = { 1 };
static char why[256];

static void remember(const char *line)
{
    snprintf(why, sizeof why, "%s", line);
}

/* In the name of evidence, whose word a disposal is: that thing, or every third of so many. */
static int dispose(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self, (void)in;
    const Uppsikt__Toy__Things *all = msg;
    char names[256][16], *subjects[256];
    size_t n = all->after[0] ? 1 : 0;
    subjects[0] = all->after;
    for (unsigned i = 0; i < all->limit; i += 3) {
        snprintf(names[n], sizeof names[n], "t%u", i);
        subjects[n] = names[n];
        n++;
    }
    Uppsikt__DisposalApproved out = UPPSIKT__DISPOSAL_APPROVED__INIT;
    out.disposal = upp_lend("d1");
    out.subjects = subjects;
    out.n_subjects = n;
    return upp_emit(txn, "d1", &out.base, NULL);
}

static bool start(machine *m)
{
    const upp_store store = { "node.db", sim_disk_vfs(m->disk), lookup_key };
    why[0] = '\0';
    m->node = upp_node_new(&m->service, &store, NULL, remember);
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

static void begin(machine *m)
{
    const uint8_t seed[32] = { ++m->batches };
    assert_int_equal(upp_node_begin(m->node, m->now, seed), 0);
}

static void command(machine *m, size_t n, const ProtobufCMessage *msg)
{
    const uint8_t id[16] = { (uint8_t)n, (uint8_t)(n >> 8), m->batches };
    sim_parcel *p = sim_parcel_command(id, NULL, m->now, msg);
    const upp_frames frames = sim_parcel_frames(p);
    assert_int_equal(upp_node_command(m->node, "console", &frames), 0);
    sim_parcel_drop(p);
}

static int64_t number(machine *m, const char *sql)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(m->node), sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return n;
}

static void add_line(void *ctx, const char *text)
{
    sim_buf_add(ctx, text, strlen(text));
    sim_buf_add(ctx, "\n", 1);
}

static void set_emptied(machine *m, const char *sql)
{
    assert_int_equal(sqlite3_exec(upp_node_db(m->node), sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A store with a past, of which the next start will make room. */
static machine *make(uint64_t draw, size of)
{
    machine *m = sim_alloc(sizeof *m);
    *m = (machine){ .now = SIM_START, .size = of, .service = toy_maker };
    m->routes[0] = toy_maker.routes[0];
    m->routes[1] =
        (upp_route){ UPP_COMMAND, NULL, &uppsikt__toy__things__descriptor, dispose, NULL };
    m->service.name = "evidence";
    m->service.routes = m->routes;
    m->service.n_routes = UPP_LEN(m->routes);
    m->disk = sim_disk_new(draw, &m->now);
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)draw, (sqlite3 *)NULL);
    assert_true(start(m));

    char *text = sim_alloc(of.bytes + 1), item[24];
    begin(m);
    for (size_t i = 0; i < of.things; i++) {
        memset(text, 'x', of.bytes);
        const int n = snprintf(text, of.bytes, "%s-%zu", i % 3 ? "KEPT" : "GONE", i);
        text[n] = ' ';
        snprintf(item, sizeof item, "t%zu", i);
        Uppsikt__Toy__Make one = UPPSIKT__TOY__MAKE__INIT;
        one.item = item;
        one.text = text;
        command(m, i, &one.base);
    }
    assert_int_equal(upp_node_commit(m->node, NULL, NULL), 0);
    free(text);
    begin(m);
    Uppsikt__Toy__Things all = UPPSIKT__TOY__THINGS__INIT;
    all.limit = (uint32_t)of.things;
    command(m, 0, &all.base);
    assert_int_equal(upp_node_commit(m->node, NULL, NULL), 0);
    assert_true(number(m, "SELECT emptied FROM upp_room") >= (int64_t)of.things / 3);

    set_emptied(m, "UPDATE upp_room SET emptied = 0");
    assert_int_equal(upp_node_dump(m->node, add_line, &m->dump), 0);
    m->head = upp_node_head(m->node);
    set_emptied(m, "UPDATE upp_room SET emptied = 100000");
    end(m, false);
    return m;
}

static void unmake(machine *m)
{
    sim_disk_free(m->disk);
    sim_buf_done(&m->dump);
    free(m);
}

typedef struct search {
    const char *words;
    size_t found;
} search;

static void look(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    search *s = ctx;
    const size_t len = strlen(s->words);
    const uint8_t *const end = at + n;
    (void)name;
    while ((at = memchr(at, s->words[0], (size_t)(end - at))) != NULL) {
        s->found += (size_t)(end - at) >= len && memcmp(at, s->words, len) == 0;
        at++;
    }
}

/* How often the bytes of the disk's files say so. */
static size_t times(const sim_disk *disk, const char *words)
{
    search s = { words, 0 };
    sim_disk_each(disk, look, &s);
    return s.found;
}

/* It runs: all that it had is there, and nothing of what it had forgotten. */
static void all_is_as_it_was(machine *m, const char *when, int64_t n, uint64_t draw)
{
    sim_buf dump = { 0 };
    const upp_point head = upp_node_head(m->node);
    assert_int_equal(upp_node_verify(m->node), 0);
    assert_int_equal(number(m, "SELECT count(*) FROM pragma_integrity_check"
                               " WHERE integrity_check <> 'ok'"),
                     0);
    assert_int_equal(upp_node_dump(m->node, add_line, &dump), 0);
    if (head.seq != m->head.seq || memcmp(head.hash, m->head.hash, sizeof head.hash) != 0 ||
        memcmp(head.epoch, m->head.epoch, sizeof head.epoch) != 0)
        fail_msg("%s %lld, draw %llu: the log has another head", when, (long long)n,
                 (unsigned long long)draw);
    if (dump.len != m->dump.len || memcmp(dump.at, m->dump.at, dump.len) != 0)
        fail_msg("%s %lld, draw %llu: something of it is lost or changed", when, (long long)n,
                 (unsigned long long)draw);
    const size_t gone = times(m->disk, "GONE-");
    if (gone > 0)
        fail_msg("%s %lld, draw %llu: %zu times words that were disposed of", when, (long long)n,
                 (unsigned long long)draw, gone);
    sim_buf_done(&dump);
}

/* False: that many I/Os such a start does not have. */
static bool dies(size of, uint64_t draw, int64_t n, bool power)
{
    machine *m = make(draw, of);
    sim_disk_fuse(m->disk, n);
    const bool died = !start(m);
    end(m, power);
    for (int again = 0; again < 2; again++) { /* also when the power goes just after it */
        if (!start(m))
            fail_msg("died at I/O %lld, draw %llu: %s", (long long)n, (unsigned long long)draw,
                     why);
        all_is_as_it_was(m, "died at I/O", n, draw);
        end(m, true);
    }
    unmake(m);
    return died;
}

static void a_start_that_dies_while_it_makes_room(void **state)
{
    (void)state;
    for (int power = 0; power < 2; power++) {
        unsigned checked = 0;
        for (uint64_t draw = 1; draw <= DRAWS; draw++)
            for (int64_t n = 0; dies(small, draw, n, power != 0); n++)
                checked++;
        printf("  I/Os of a start that makes room at which %s: %u checked\n",
               power ? "the power went" : "it was killed", checked);
        assert_true(checked > DRAWS * 30);
    }
}

static void and_so_does_one_with_more_than_a_cache_holds(void **state)
{
    (void)state;
    enum { STRIDE = 151 };
    unsigned checked = 0;
    for (int64_t n = 0; dies(large, (uint64_t)n + 1, n, n % 2 == 0); n += STRIDE)
        checked++;
    printf("  I/Os of a start that makes room, larger than a cache: %u checked\n", checked);
    assert_true(checked > 30);
}

static void add_size(void *ctx, const char *name, const uint8_t *at, size_t n)
{
    int64_t *all = ctx;
    (void)name, (void)at;
    *all += (int64_t)n;
}

/* P7: it runs without the room; a later start, with space on the disk, makes it. */
static void a_full_disk_lets_it_start(void **state)
{
    (void)state;
    enum { STEP = 500 };
    unsigned checked = 0;
    for (int64_t more = 0, made = 0; !made; more += STEP) {
        machine *m = make((uint64_t)more + 1, small);
        int64_t bytes = 0;
        sim_disk_each(m->disk, add_size, &bytes);
        sim_disk_full(m->disk, bytes + more);
        if (!start(m))
            fail_msg("%lld bytes are free, and it does not start: %s", (long long)more, why);
        made = number(m, "SELECT emptied FROM upp_room") == 0;
        set_emptied(m, "UPDATE upp_room SET emptied = 0"); /* for the dump */
        all_is_as_it_was(m, "so many bytes were free:", more, 1);
        set_emptied(m, "UPDATE upp_room SET emptied = 100000");
        end(m, more % 1000 == 0);
        sim_disk_full(m->disk, -1);
        assert_true(start(m));
        all_is_as_it_was(m, "so many bytes were free:", more, 1);
        end(m, false);
        unmake(m);
        checked++;
    }
    printf("  sizes of what is free on a disk: %u checked\n", checked);
    assert_true(checked > 30);
}

static bool starts_within(machine *m, int64_t bytes)
{
    sim_memory_room(bytes);
    const bool started = start(m);
    sim_memory_room(-1);
    return started;
}

/* P1: with less memory than the room takes to make it starts as well, and makes it another time. */
static void a_machine_without_memory_lets_it_start(void **state)
{
    (void)state;
    enum { STEP = 16 * 1024, START = 256 * 1024 }; /* twice what any start takes */
    unsigned checked = 0;
    for (int64_t bytes = START, made = 0; !made; bytes += STEP) {
        machine *m = make((uint64_t)bytes, middle);
        if (!starts_within(m, bytes))
            fail_msg("with %lld bytes of memory it does not start: %s", (long long)bytes, why);
        made = number(m, "SELECT emptied FROM upp_room") == 0;
        set_emptied(m, "UPDATE upp_room SET emptied = 0"); /* for the dump */
        all_is_as_it_was(m, "so many bytes of memory:", bytes, 1);
        end(m, false);
        unmake(m);
        checked++;
    }
    printf("  sizes of a machine's memory: %u checked\n", checked);
    assert_true(checked > 20);
}

/* P8: the words that were moved to make room leave nothing where they lay, nor beside them. */
static void what_was_moved_can_be_forgotten(void **state)
{
    (void)state;
    unsigned checked = 0;
    for (size_t bytes = 60; bytes < 9000; bytes += bytes / 2) {
        machine *m = make(bytes, (size){ 90, bytes });
        assert_true(start(m));
        assert_int_equal(number(m, "SELECT emptied FROM upp_room"), 0);
        for (unsigned i = 0; i < 90; i++) {
            const unsigned thing = i * 29 % 90;
            if (thing % 3 == 0)
                continue;
            char item[16], words[16];
            snprintf(item, sizeof item, "t%u", thing);
            snprintf(words, sizeof words, "KEPT-%u ", thing);
            assert_true(times(m->disk, words) > 0);
            Uppsikt__Toy__Things one = UPPSIKT__TOY__THINGS__INIT;
            one.after = item;
            begin(m);
            command(m, i, &one.base);
            assert_int_equal(upp_node_commit(m->node, NULL, NULL), 0);
            if (times(m->disk, words) > 0)
                fail_msg("%zu bytes each: the words of %s are still there", bytes, item);
            checked++;
        }
        assert_int_equal(upp_node_verify(m->node), 0);
        end(m, false);
        unmake(m);
    }
    printf("  words that were moved, then disposed of: %u checked\n", checked);
    assert_true(checked > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_that_dies_while_it_makes_room),
        cmocka_unit_test(and_so_does_one_with_more_than_a_cache_holds),
        cmocka_unit_test(a_full_disk_lets_it_start),
        cmocka_unit_test(a_machine_without_memory_lets_it_start),
        cmocka_unit_test(what_was_moved_can_be_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
