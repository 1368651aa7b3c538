/* node_outside_test.c - work outside, alarms, and what is forgotten for ever (P5, P8; R23). */
#include "node_bench.h"
#include "store.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t started_id;
static uint32_t started_attempt;
static void started(void *ctx, const char *port, const upp_asked *ask)
{
    (void)ctx;
    assert_string_equal(port, "mail");
    started_id = ask->id;
    started_attempt = ask->attempt;
}

static void answer(bench *b, upp_ms now, enum upp_fate fate)
{
    Uppsikt__MailDone done = UPPSIKT__MAIL_DONE__INIT;
    bench_begin(b, b->to, now);
    assert_int_equal(
        upp_node_answer(b->to, started_id, fate, fate == UPP_DONE ? &done.base : NULL, 0), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
}

/* P5: intent, attempts, outcome; a dead letter is an input too. */
static void an_ask_is_tried_until_patience_ends(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 80, "a0", &h);
    bench_say(b, 81, "a1", &h);
    bench_deliver(b, 64);
    assert_int_equal(upp_node_asks(b->to, 2000, 1, started, NULL), 1);
    assert_int_equal(started_attempt, 1);
    answer(b, 2000, UPP_DONE);
    assert_int_equal(bench_number(b->to, "SELECT mailed FROM heard WHERE item = 'a0'"), 1);
    bench_begin(b, b->to, 2000); /* the same answer again: no such ask is open */
    assert_int_equal(upp_node_answer(b->to, started_id, UPP_LATER, NULL, 0), 1);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);

    upp_ms now = 2000;
    for (uint32_t attempt = 1; attempt <= 3; attempt++) {
        assert_int_equal(upp_node_asks(b->to, now, 9, started, NULL), 1);
        assert_int_equal(started_attempt, attempt);
        assert_int_equal(upp_node_asks(b->to, now, 9, started, NULL), 0); /* under way */
        answer(b, now, UPP_LATER);
        assert_int_equal(upp_node_asks(b->to, now + 59999, 9, started, NULL), 0);
        now += 66 * UPP_SECOND;
    }
    assert_int_equal(bench_number(b->to, "SELECT dead FROM heard WHERE item = 'a1'"), 1);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM upp_ask WHERE state = 2"), 1);

    Uppsikt__DriveAgain again = UPPSIKT__DRIVE_AGAIN__INIT;
    again.id = upp_lend("a2");
    assert_int_equal(bench_command(b, b->to, 82, &again.base, &h), 0);
    assert_int_equal(upp_node_asks(b->to, now, 9, started, NULL), 1);
}

static void alarms_ring_once_and_not_early(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 90, "a0", &h);
    bench_deliver(b, 64);
    assert_int_equal(bench_number(b->to, "SELECT due FROM upp_alarm"), 5000);
    bench_begin(b, b->to, 4999);
    assert_int_equal(upp_node_alarm(b->to), 1);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    bench_begin(b, b->to, 5000);
    assert_int_equal(upp_node_alarm(b->to), 0);
    assert_int_equal(upp_node_alarm(b->to), 1);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(bench_number(b->to, "SELECT rung FROM heard"), 1);
}

/* -- disposal -- */
static bool raw_bytes_hold(const char *path, const char *marker)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    static char all[4 << 20];
    const size_t n = fread(all, 1, sizeof all, f);
    fclose(f);
    const size_t m = strlen(marker);
    for (size_t i = 0; i + m <= n; i++)
        if (memcmp(all + i, marker, m) == 0)
            return true;
    return false;
}

static const upp_service evidence = { .name = "evidence", .schema = "" };

static int approve_disposal(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__PlaceHold *c = msg;
    Uppsikt__DisposalApproved out = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { c->matter };
    out.disposal = upp_lend("d1");
    out.subjects = subjects;
    out.n_subjects = 1;
    return upp_emit(txn, "d1", &out.base, NULL);
}
static const upp_route evidence_routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__place_hold__descriptor, approve_disposal, NULL },
};

/* P8, R23: forgotten in every table, file and page; a late replay does not bring it back. */
static void what_is_disposed_of_is_in_no_byte(void **state)
{
    bench *b = *state;
    heard h;
    char path[96], wal[112];
    snprintf(path, sizeof path, "%s/ev.db", b->folder);
    upp_service service = evidence;
    service.routes = evidence_routes;
    service.n_routes = 1;
    upp_node *ev = bench_open(&service, path);

    bench_say(b, 100, "a0", &h);
    bench_say(b, 101, "i0", &h);
    bench_deliver(b, 64);
    assert_true(raw_bytes_hold(b->to_path, "MARKER") ||
                (snprintf(wal, sizeof wal, "%s-wal", b->to_path), raw_bytes_hold(wal, "MARKER")));
    Uppsikt__PlaceHold hold = UPPSIKT__PLACE_HOLD__INIT;
    hold.matter = upp_lend("a0");
    assert_int_equal(bench_command(b, ev, 102, &hold.base, &h), 0);
    hold.matter = upp_lend("i0");
    assert_int_equal(bench_command(b, ev, 103, &hold.base, &h), 0);
    assert_int_equal(
        bench_number(ev, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ContentForgotten'"),
        2);

    upp_node *const both[] = { b->from, b->to };
    const char *const paths[] = { b->from_path, b->to_path };
    for (size_t i = 0; i < 2; i++) {
        pump p = { .to = both[i], .source = "evidence", .limit = 64 };
        bench_begin(b, both[i], 9000);
        assert_int_equal(upp_node_log(ev, 0, bench_pump, &p), 0);
        assert_int_equal(upp_node_commit(both[i], NULL, NULL), 0);
        snprintf(wal, sizeof wal, "%s-wal", paths[i]);
        assert_false(raw_bytes_hold(paths[i], "MARKER"));
        assert_false(raw_bytes_hold(wal, "MARKER"));
        assert_int_equal(
            bench_number(both[i], "SELECT count(*) FROM upp_content WHERE length(salt) > 0"), 0);
        assert_int_equal(bench_number(both[i], "SELECT count(*) FROM upp_parked"), 0);
        assert_int_equal(bench_number(both[i], "SELECT count(*) FROM upp_ask WHERE state = 0"), 0);
        assert_int_equal(upp_node_verify(both[i]), 0);
    }
    /* said again under the same subject: only the fact */
    assert_int_equal(bench_say(b, 104, "a0", &h), 0);
    assert_int_equal(
        bench_number(b->from, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"), 0);

    upp_node_free(ev);
    assert_int_equal(unlink(path), 0);
    snprintf(wal, sizeof wal, "%s-wal", path);
    (void)unlink(wal);
    snprintf(wal, sizeof wal, "%s-shm", path);
    (void)unlink(wal);
}

static int keep_words(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Claim *c = msg;
    Uppsikt__CommentReceivedContent words = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    char text[1000];
    upp_content kept;
    snprintf(text, sizeof text, "MARKER-%s %*s", c->matter, (int)strtol(c->matter + 4, NULL, 10),
             "");
    words.text = text;
    return upp_keep(txn, UPP_ABOUT(c->matter), &words.base, &kept);
}
static const upp_route keeper_routes[] = {
    { UPP_COMMAND, NULL, &uppsikt__claim__descriptor, keep_words, NULL },
    { UPP_COMMAND, NULL, &uppsikt__place_hold__descriptor, approve_disposal, NULL },
};

enum { WORDS = 60, STRIDE = 29 };

/* "w07-455": the number, and how long its words are. */
static void name_of(size_t i, size_t more, char ret_name[16])
{
    snprintf(ret_name, 16, "w%02zu-%zu", i, 100 + i * more % 800);
}

static void keep_all(bench *b, upp_node *node, size_t more)
{
    heard h;
    char name[16];
    for (size_t i = 0; i < WORDS; i++) {
        Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
        name_of(i, more, name);
        claim.matter = name;
        assert_int_equal(bench_command(b, node, (uint8_t)i, &claim.base, &h), 0);
    }
}

static void none_is_left(const char *path, size_t more, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char name[16], marker[24];
        name_of(i * STRIDE % WORDS, more, name);
        snprintf(marker, sizeof marker, "MARKER-%s ", name);
        if (raw_bytes_hold(path, marker))
            fail_msg("%zu are forgotten, and the words of %s are still there", n, name);
    }
}

/* P8: nor do the words of one lie where SQLite moved them from when those beside it went before.
 * Sizes and an order in which it does. */
static void what_goes_leaves_nothing_of_its_neighbours(void **state)
{
    static const size_t mores[] = { 37, 311, 389, 523 };
    bench *b = *state;
    heard h;
    char path[96], name[16];
    snprintf(path, sizeof path, "%s/keeper.db", b->folder);
    upp_service service = evidence;
    service.routes = keeper_routes;
    service.n_routes = UPP_LEN(keeper_routes);
    for (size_t m = 0; m < UPP_LEN(mores); m++) {
        upp_node *node = bench_open(&service, path);
        keep_all(b, node, mores[m]);
        for (size_t i = 0; i < WORDS; i++) {
            Uppsikt__PlaceHold hold = UPPSIKT__PLACE_HOLD__INIT;
            name_of(i * STRIDE % WORDS, mores[m], name);
            hold.matter = name;
            assert_int_equal(bench_command(b, node, (uint8_t)(100 + i), &hold.base, &h), 0);
            none_is_left(path, mores[m], i + 1);
        }
        upp_node_free(node);
        assert_int_equal(unlink(path), 0);
    }
}

static sqlite3 *reader_of(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM upp_content", NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

/* Somebody who reads the store beside its service while it wipes does not end it: what he kept from
 * being cut off is cut off by the next batch (P7, P8). */
static void a_reader_beside_it_does_not_end_it(void **state)
{
    bench *b = *state;
    heard h;
    char path[96], wal[112], name[16], marker[24];
    snprintf(path, sizeof path, "%s/keeper.db", b->folder);
    snprintf(wal, sizeof wal, "%s-wal", path);
    upp_service service = evidence;
    service.routes = keeper_routes;
    service.n_routes = UPP_LEN(keeper_routes);
    upp_node *node = bench_open(&service, path);
    keep_all(b, node, 37);
    sqlite3 *reader = reader_of(path);
    Uppsikt__PlaceHold hold = UPPSIKT__PLACE_HOLD__INIT;
    name_of(1, 37, name);
    hold.matter = name;
    snprintf(marker, sizeof marker, "MARKER-%s ", name);
    assert_int_equal(bench_command(b, node, 100, &hold.base, &h), 0); /* and its commit */
    assert_true(raw_bytes_hold(path, marker) || raw_bytes_hold(wal, marker));
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    bench_begin(b, node, 9000); /* a batch of nothing */
    assert_int_equal(upp_node_commit(node, NULL, NULL), 0);
    assert_false(raw_bytes_hold(path, marker));
    assert_false(raw_bytes_hold(wal, marker));
    upp_node_free(node);
    assert_int_equal(unlink(path), 0);
}

static void hear_checkpoint(const char *line)
{
    assert_non_null(strstr(line, "first checkpoint"));
}

/* Nor is a store opened whose log cannot be cut: its supervisor tries again (P7). */
static void a_start_waits_for_a_reader(void **state)
{
    bench *b = *state;
    heard h;
    static const uint8_t lookup_key[32];
    const upp_store store = { .path = b->from_path, .lookup_key = lookup_key };
    sqlite3 *reader = reader_of(b->from_path);
    bench_say(b, 100, "a0", &h); /* the log goes on past what is read */
    upp_node_free(b->from);
    b->from = upp_node_new(&bench_ingest, &store, NULL, hear_checkpoint);
    assert_null(b->from);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    b->from = bench_open(&bench_ingest, b->from_path);
}

/* Rows that were emptied keep their room until a start has enough of them. */
static void a_start_makes_room(void **state)
{
    bench *b = *state;
    heard h;
    char path[96], name[16];
    snprintf(path, sizeof path, "%s/keeper.db", b->folder);
    upp_service service = evidence;
    service.routes = keeper_routes;
    service.n_routes = UPP_LEN(keeper_routes);
    upp_node *node = bench_open(&service, path);
    keep_all(b, node, 523);
    for (size_t i = 1; i < WORDS; i++) {
        Uppsikt__PlaceHold hold = UPPSIKT__PLACE_HOLD__INIT;
        name_of(i, 523, name);
        hold.matter = name;
        assert_int_equal(bench_command(b, node, (uint8_t)(100 + i), &hold.base, &h), 0);
    }
    assert_int_equal(bench_number(node, "SELECT emptied FROM upp_room"), WORDS - 1);
    const char *const few = "UPDATE upp_room SET emptied = 99999";
    const char *const many = "UPDATE upp_room SET emptied = 100000";
    const int64_t pages = bench_number(node, "PRAGMA page_count");
    for (int again = 0; again < 2; again++) {
        assert_int_equal(sqlite3_exec(upp_node_db(node), again ? many : few, NULL, NULL, NULL),
                         SQLITE_OK);
        upp_node_free(node);
        node = bench_open(&service, path);
        const int64_t now = bench_number(node, "PRAGMA page_count");
        assert_true(again ? now < pages : now == pages);
    }
    assert_int_equal(bench_number(node, "SELECT emptied FROM upp_room"), 0);
    assert_int_equal(bench_number(node, "SELECT instr(body, 'MARKER-w00') > 0 FROM upp_content"
                                        " WHERE length(salt) > 0"),
                     1);
    assert_int_equal(upp_node_verify(node), 0);
    upp_node_free(node);
    assert_int_equal(unlink(path), 0);
}

/* A store that is written anew is not held in memory meanwhile: under a limit the process would be
 * killed, and again at the next start. */
static void making_room_needs_little_memory(void **state)
{
    enum { MIB = 64, KIB_MAX = MIB * 1024 / 2 };
    bench *b = *state;
    char path[96];
    struct stat st;
    struct rusage before, after;
    snprintf(path, sizeof path, "%s/large.db", b->folder);
    upp_node *node = bench_open(&evidence, path);
    assert_int_equal(
        sqlite3_exec(upp_node_db(node),
                     "CREATE TABLE filler(body BLOB);"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                     " WHERE i < 4096) INSERT INTO filler SELECT randomblob(16000) FROM n;"
                     "DELETE FROM filler WHERE rowid % 64 = 0;"
                     "INSERT INTO upp_room(one, emptied) VALUES(1, 100000)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    upp_node_free(node);
    assert_int_equal(stat(path, &st), 0);
    const off_t large = st.st_size;
    assert_true(large > (MIB - 4) * (off_t)1024 * 1024);

    upp_store_beside(b->folder);
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    node = bench_open(&evidence, path);
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    assert_int_equal(bench_number(node, "SELECT emptied FROM upp_room"), 0);
    upp_node_free(node);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < large);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    if (after.ru_maxrss - before.ru_maxrss > KIB_MAX)
        fail_msg("%ld KiB more for a store of %d MiB", after.ru_maxrss - before.ru_maxrss, MIB);
#endif
    assert_int_equal(unlink(path), 0);
}

/* What a process that died may have started comes as a higher attempt: a port that looks first
 * must know (UPP_LOOK_FIRST; reliability.md P5). */
static void an_inherited_ask_is_told_apart(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 80, "a0", &h);
    bench_deliver(b, 64);
    assert_int_equal(upp_node_asks(b->to, 2000, 9, started, NULL), 1);
    assert_int_equal(started_attempt, 1);
    upp_node_free(b->to); /* it dies with the ask in hand */
    b->to = bench_open(&bench_escalation, b->to_path);
    bench_say(b, 81, "a1", &h);
    bench_deliver(b, 64);
    assert_int_equal(upp_node_asks(b->to, 2000, 1, started, NULL), 1);
    assert_int_equal(started_attempt, 2);
    answer(b, 2000, UPP_DONE);
    assert_int_equal(upp_node_asks(b->to, 2000, 1, started, NULL), 1);
    assert_int_equal(started_attempt, 1); /* asked in this life */
    answer(b, 2000, UPP_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_ask_is_tried_until_patience_ends),
        CASE(an_inherited_ask_is_told_apart),
        CASE(alarms_ring_once_and_not_early),
        CASE(what_is_disposed_of_is_in_no_byte),
        CASE(what_goes_leaves_nothing_of_its_neighbours),
        CASE(a_reader_beside_it_does_not_end_it),
        CASE(a_start_waits_for_a_reader),
        CASE(a_start_makes_room),
        CASE(making_room_needs_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
