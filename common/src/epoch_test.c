/* epoch_test.c - a log that was cut by a restore: who may go on, who stands still, what people say
 * (P2, P6, P8; R42, R44; I1-I3). */
#include "node_bench.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void copy_store(upp_node *node, const char *to)
{
    sqlite3 *copy = NULL;
    assert_int_equal(sqlite3_open(to, &copy), SQLITE_OK);
    sqlite3_backup *b = sqlite3_backup_init(copy, "main", upp_node_db(node), "main");
    assert_int_equal(sqlite3_backup_step(b, -1), SQLITE_DONE);
    assert_int_equal(sqlite3_backup_finish(b), SQLITE_OK);
    assert_int_equal(sqlite3_close(copy), SQLITE_OK);
}

static void backup_of(const bench *b, char ret_path[128])
{
    snprintf(ret_path, 128, "%s/from.backup", b->folder);
}

static void say(bench *b, uint8_t first, const char *const *items, size_t n)
{
    heard h;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(bench_say(b, (uint8_t)(first + i), items[i], &h), 0);
}

/* `from` as it was when it was copied; the ledger is what was disposed of since. */
static void restore(bench *b, const upp_disposed *ledger, size_t n)
{
    char backup[128];
    backup_of(b, backup);
    upp_node_free(b->from);
    assert_int_equal(remove(b->from_path), 0);
    assert_int_equal(rename(backup, b->from_path), 0);
    b->from = bench_open(&bench_ingest, b->from_path);
    bench_begin(b, b->from, 4000);
    assert_int_equal(upp_node_restored(b->from, ledger, n), 0);
    assert_int_equal(upp_node_commit(b->from, NULL, NULL), 0);
}

/* Two events, a copy of the store, then `n` more that the restore cuts off. */
static void cut_after_two(bench *b, int64_t delivered, const upp_disposed *ledger, size_t n)
{
    char backup[128];
    backup_of(b, backup);
    say(b, 1, (const char *const[]){ "a0", "a1" }, 2);
    copy_store(b->from, backup);
    say(b, 3, (const char *const[]){ "a2", "a3" }, 2);
    pump p = { .to = b->to, .source = "ingest", .limit = (size_t)delivered };
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, 0, bench_pump, &p), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    restore(b, ledger, n);
}

static int64_t cursor(bench *b, upp_point *ret_point, bool *ret_forked)
{
    const int rc = upp_node_cursor(b->to, "ingest", ret_point);
    assert_true(rc >= 0);
    *ret_forked = rc == 1;
    return ret_point->seq;
}

static void the_new_epoch_goes_on_where_the_old_was_cut(void **state)
{
    bench *b = *state;
    upp_point was = upp_node_head(b->from);
    cut_after_two(b, 1, NULL, 0);
    const upp_point head = upp_node_head(b->from);
    assert_int_equal(head.seq, 3);
    assert_memory_not_equal(head.epoch, was.epoch, sizeof head.epoch);
    assert_int_equal(bench_number(b->from, "SELECT count(*) FROM upp_log"
                                           " WHERE type = 'uppsikt.EpochBegan' AND seq = 3"),
                     1);
    assert_int_equal(upp_node_verify(b->from), 0);

    /* who had not come to the cut goes on over it, and misses nothing */
    upp_point at;
    bool forked;
    assert_int_equal(cursor(b, &at, &forked), 1);
    assert_int_equal(upp_node_holds(b->from, &at), 0);
    say(b, 5, (const char *const[]){ "a4" }, 1);
    const pump p = bench_deliver(b, 64);
    assert_int_equal(p.n, 3);
    assert_int_equal(cursor(b, &at, &forked), 4);
    assert_false(forked);
    assert_memory_equal(at.epoch, head.epoch, sizeof at.epoch);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 3);

    /* the same after both were opened again */
    upp_node_free(b->from);
    b->from = bench_open(&bench_ingest, b->from_path);
    assert_int_equal(upp_node_verify(b->from), 0);
    assert_int_equal(upp_node_holds(b->from, &at), 0);
    assert_int_equal(upp_node_holds(b->from, &was), 0); /* before the first */
}

static void who_had_applied_more_waits_for_a_person(void **state)
{
    bench *b = *state;
    heard h;
    upp_point at;
    bool forked;
    cut_after_two(b, 4, NULL, 0);
    say(b, 5, (const char *const[]){ "a4", "a5" }, 2);
    assert_int_equal(cursor(b, &at, &forked), 4);
    assert_int_equal(upp_node_holds(b->from, &at), 1);
    pump p = { .to = b->to, .source = "ingest", .limit = 64 };
    bench_begin(b, b->to, 5000);
    assert_int_equal(upp_node_log(b->from, 3, bench_pump, &p), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(p.rc[0], 3);
    assert_int_equal(cursor(b, &at, &forked), 4);
    assert_true(forked);

    /* a wrong cut changes nothing; the right one is accepted once, by somebody, in the log */
    Uppsikt__AcceptCut accept = UPPSIKT__ACCEPT_CUT__INIT;
    upp_point cut = { .seq = 2 };
    assert_int_equal(bench_number(b->from, "SELECT first FROM upp_epoch ORDER BY n DESC"), 3);
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(b->from),
                                        "SELECT l.hash, e.epoch FROM upp_log l, upp_epoch e"
                                        " WHERE l.seq = 2 AND e.n = 1",
                                        -1, &row, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    memcpy(cut.hash, sqlite3_column_blob(row, 0), 32);
    memcpy(cut.epoch, sqlite3_column_blob(row, 1), 16);
    sqlite3_finalize(row);
    accept.source = upp_lend("ingest");
    accept.epoch = (ProtobufCBinaryData){ 16, cut.epoch };
    accept.hash = (ProtobufCBinaryData){ 32, cut.hash };
    accept.seq = 5;
    assert_int_equal(bench_command(b, b->to, 90, &accept.base, &h), 2);
    assert_string_equal(h.refused, "no-such-cut");
    accept.source = upp_lend("nobody");
    assert_int_equal(bench_command(b, b->to, 91, &accept.base, &h), 2);
    assert_string_equal(h.refused, "no-such-source");
    accept.source = upp_lend("ingest");
    accept.seq = 2;
    assert_int_equal(bench_command(b, b->to, 92, &accept.base, &h), 0);
    assert_string_equal(h.type, "uppsikt.CutTaken");
    assert_int_equal(bench_command(b, b->to, 93, &accept.base, &h), 2);
    assert_string_equal(h.refused, "not-forked");
    assert_int_equal(
        bench_number(b->to, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.CutAccepted'"), 1);

    /* the store says so too, and what is heard from there on is all that there is */
    upp_node_free(b->to);
    b->to = bench_open(&bench_escalation, b->to_path);
    assert_int_equal(cursor(b, &at, &forked), 2);
    assert_false(forked);
    assert_int_equal(upp_node_holds(b->from, &at), 0);
    bench_deliver(b, 64);
    assert_int_equal(cursor(b, &at, &forked), 5);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 6);
    assert_int_equal(upp_node_verify(b->to), 0);
}

typedef struct effects {
    size_t n;
    int64_t first_source, last_source;
} effects;

static bool count_effect(void *ctx, const upp_frames *row)
{
    effects *e = ctx;
    if (row->type.len == 0)
        return true;
    Uppsikt__AppliedEffect *r =
        uppsikt__applied_effect__unpack(NULL, row->envelope.len, row->envelope.at);
    assert_non_null(r);
    e->first_source = e->n++ == 0 ? r->source_seq : e->first_source;
    e->last_source = r->source_seq;
    uppsikt__applied_effect__free_unpacked(r, NULL);
    return true;
}

static void a_subscriber_lists_what_it_had_applied_past_the_cut(void **state)
{
    bench *b = *state;
    effects e = { 0 };
    cut_after_two(b, 4, NULL, 0);
    uint8_t id[16] = { 1 };
    uint8_t head[64], body[64];
    Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
    h.id = (ProtobufCBinaryData){ sizeof id, id };
    Uppsikt__AppliedPast q = UPPSIKT__APPLIED_PAST__INIT;
    q.source = upp_lend("ingest");
    q.seq = 2;
    const char *type = "uppsikt.AppliedPast";
    const upp_frames ask = { .type = { (const uint8_t *)type, strlen(type) },
                             .envelope = { head, protobuf_c_message_pack(&h.base, head) },
                             .content = { body, protobuf_c_message_pack(&q.base, body) } };
    assert_int_equal(upp_node_query(b->to, 6000, "uppsikt", &ask, count_effect, &e), 0);
    assert_int_equal(e.n, 2); /* each comment that it heard made it say one thing */
    assert_int_equal(e.first_source, 3);
    assert_int_equal(e.last_source, 4);
}

static void what_was_disposed_of_since_goes_again(void **state)
{
    bench *b = *state;
    const upp_disposed ledger[] = { { "d1", "a1" }, { "d1", "nobody" }, { "d2", "a0" } };
    cut_after_two(b, 0, ledger, UPP_LEN(ledger));
    assert_int_equal(
        bench_number(b->from, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"), 0);
    assert_int_equal(bench_number(b->from, "SELECT count(*) FROM upp_tombstone"), 3);
    assert_int_equal(bench_number(b->from, "SELECT count(*) FROM upp_log"
                                           " WHERE type = 'uppsikt.ContentForgotten'"),
                     2);
    assert_int_equal(upp_node_verify(b->from), 0);
    /* a ledger that says it twice says nothing new */
    const int64_t head = upp_node_head(b->from).seq;
    bench_begin(b, b->from, 7000);
    assert_int_equal(upp_node_restored(b->from, ledger, UPP_LEN(ledger)), 0);
    assert_int_equal(upp_node_commit(b->from, NULL, NULL), 0);
    assert_int_equal(upp_node_head(b->from).seq, head + 1);
}

/* A backup of the first hour: there was nothing yet. */
static void an_empty_log_is_cut_too(void **state)
{
    bench *b = *state;
    const upp_point was = upp_node_head(b->from);
    char backup[128];
    backup_of(b, backup);
    copy_store(b->from, backup);
    say(b, 1, (const char *const[]){ "a0" }, 1);
    bench_deliver(b, 64);
    restore(b, NULL, 0);
    const upp_point head = upp_node_head(b->from);
    assert_int_equal(head.seq, 1);
    assert_memory_not_equal(head.epoch, was.epoch, sizeof head.epoch);
    assert_int_equal(upp_node_verify(b->from), 0);
    upp_node_free(b->from);
    b->from = bench_open(&bench_ingest, b->from_path);
    assert_int_equal(upp_node_verify(b->from), 0);
    upp_point at;
    bool forked;
    assert_int_equal(cursor(b, &at, &forked), 1);
    assert_int_equal(upp_node_holds(b->from, &at), 1);
}

static void a_restore_that_was_killed_never_began(void **state)
{
    bench *b = *state;
    const upp_disposed ledger[] = { { "d1", "a1" } };
    say(b, 1, (const char *const[]){ "a0", "a1" }, 2);
    const upp_point before = upp_node_head(b->from);
    bench_begin(b, b->from, 4000);
    assert_int_equal(upp_node_restored(b->from, ledger, 1), 0);
    upp_node_abort(b->from);
    const upp_point after = upp_node_head(b->from);
    assert_memory_equal(&before, &after, sizeof before);
    say(b, 3, (const char *const[]){ "a2" }, 1);
    assert_int_equal(upp_node_verify(b->from), 0);
    assert_int_equal(
        bench_number(b->from, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"), 3);
}

/* sla.md T10: the machine's clock is an event, not a guess. */
static void a_jump_of_the_clock_is_said(void **state)
{
    bench *b = *state;
    bench_begin(b, b->from, 4000);
    assert_int_equal(upp_node_clock_jumped(b->from, -90000), 0);
    assert_int_equal(upp_node_commit(b->from, NULL, NULL), 0);
    assert_int_equal(
        bench_number(b->from, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ClockJumped'"),
        1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_new_epoch_goes_on_where_the_old_was_cut),
        CASE(who_had_applied_more_waits_for_a_person),
        CASE(a_subscriber_lists_what_it_had_applied_past_the_cut),
        CASE(what_was_disposed_of_since_goes_again),
        CASE(an_empty_log_is_cut_too),
        CASE(a_restore_that_was_killed_never_began),
        CASE(a_jump_of_the_clock_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
