/* node_test.c - what stays of a batch, and what never happens twice (P1, P2, P6; R42). */
#include "node_bench.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_command_is_done_once_however_often_it_comes(void **state)
{
    bench *b = *state;
    heard h;
    assert_int_equal(bench_say(b, 1, "a1", &h), 0);
    assert_string_equal(h.type, "uppsikt.MatterTouched");
    assert_int_equal(bench_say(b, 1, "a1", &h), 1);
    assert_int_equal(h.n, 1);
    assert_string_equal(h.type, "uppsikt.MatterTouched");
    assert_int_equal(upp_node_head(b->from).seq, 1);

    assert_int_equal(bench_say(b, 2, "refuse", &h), 2);
    assert_string_equal(h.refused, "no-such-matter");
    assert_int_equal(bench_say(b, 2, "refuse", &h), 1);
    assert_string_equal(h.refused, "no-such-matter");
    assert_int_equal(
        bench_number(b->from, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"), 1);

    Uppsikt__HandOver unknown = UPPSIKT__HAND_OVER__INIT;
    assert_int_equal(bench_command(b, b->from, 3, &unknown.base, &h), 2);
    assert_string_equal(h.refused, "unknown-command");
}

static void events_are_handled_once_in_order_and_survive_a_restart(void **state)
{
    bench *b = *state;
    heard h;
    for (uint8_t i = 0; i < 5; i++)
        bench_say(b, (uint8_t)(10 + i), (char[]){ 'a', (char)('0' + i), 0 }, &h);
    assert_int_equal(bench_deliver(b, 2).n, 2);
    upp_node_free(b->to);
    b->to = bench_open(&bench_escalation, b->to_path);
    assert_int_equal(bench_deliver(b, 64).n, 3);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard WHERE text_ref > 0"), 5);

    /* the whole log again: seen before */
    pump again = { .to = b->to, .source = "ingest", .limit = 64 };
    bench_begin(b, b->to, 3000);
    assert_int_equal(upp_node_log(b->from, 0, bench_pump, &again), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(again.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(again.rc[i], 1);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 5);
    assert_int_equal(upp_node_verify(b->from), 0);
    assert_int_equal(upp_node_verify(b->to), 0);
}

/* For every n: the n-th input of a batch fails; what is left equals the batch without it. */
static void a_failed_input_leaves_its_neighbours_alone(void **state)
{
    bench *b = *state;
    heard h;
    static const char *const items[] = { "a0", "i1", "a2", "i3", "i4", "a5" };
    for (size_t i = 0; i < UPP_LEN(items); i++)
        bench_say(b, (uint8_t)(20 + i), items[i], &h);
    const pump p = bench_deliver(b, 64);
    assert_int_equal(p.n, 6);
    for (size_t i = 0; i < UPP_LEN(items); i++)
        assert_int_equal(p.rc[i], items[i][0] == 'i' ? 2 : 0);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 3);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM upp_parked"), 3);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM upp_alarm"), 3);
    assert_int_equal(
        bench_number(b->to, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.EventParked'"), 3);
    assert_int_equal(upp_node_head(b->to).seq, 6);
    assert_int_equal(upp_node_verify(b->to), 0);
}

static void busy_moves_nothing_and_comes_again(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 30, "a0", &h);
    bench_say(b, 31, "b1", &h);
    bench_say(b, 32, "a2", &h);
    const pump p = bench_deliver(b, 64);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.rc[1], UPP_E_BUSY);
    upp_point cursor;
    assert_int_equal(upp_node_cursor(b->to, "ingest", &cursor), 0);
    assert_int_equal(cursor.seq, 1);
    assert_int_equal(upp_node_head(b->to).seq, 1);
    assert_int_equal(upp_node_verify(b->to), 0);
}

/* What was lost on the way is asked for again: nothing after it is taken before it has come. */
static void a_gap_moves_nothing(void **state)
{
    bench *b = *state;
    heard h;
    for (uint8_t i = 0; i < 3; i++)
        bench_say(b, (uint8_t)(35 + i), (char[]){ 'a', (char)('0' + i), 0 }, &h);
    bench_deliver(b, 1);
    pump late = { .to = b->to, .source = "ingest", .limit = 1 };
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, 2, bench_pump, &late),
                     0); /* the third, not the second */
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(late.n, 1);
    assert_int_equal(late.rc[0], UPP_E_BUSY);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 1);
    assert_int_equal(bench_deliver(b, 64).n, 2);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 3);
}

static void an_aborted_batch_never_happened(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 40, "a0", &h);
    pump p = { .to = b->to, .source = "ingest", .limit = 64 };
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, 0, bench_pump, &p), 0);
    upp_node_abort(b->to);
    assert_int_equal(upp_node_head(b->to).seq, 0);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 0);
    assert_int_equal(bench_deliver(b, 64).rc[0], 0);
}

static void a_parked_event_is_driven_again(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 50, "i1", &h);
    assert_int_equal(bench_deliver(b, 64).rc[0], 2);
    Uppsikt__DriveAgain again = UPPSIKT__DRIVE_AGAIN__INIT;
    again.id = upp_lend("p1");
    assert_int_equal(bench_command(b, b->to, 51, &again.base, &h), 0);
    assert_int_equal(bench_number(b->to, "SELECT tries FROM upp_parked"), 2); /* it failed again */
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM heard"), 0);
    again.id = upp_lend("p9");
    assert_int_equal(bench_command(b, b->to, 52, &again.base, &h), 2);
    assert_string_equal(h.refused, "nothing-parked");
}

static void another_past_stops_the_source(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 60, "a0", &h);
    bench_deliver(b, 64);
    upp_node_free(b->from);
    assert_int_equal(unlink(b->from_path), 0);
    b->from = bench_open(&bench_ingest, b->from_path);
    bench_say(b, 61, "a1", &h);
    bench_say(b, 62, "a2", &h);
    pump p = { .to = b->to, .source = "ingest", .limit = 64 };
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, 0, bench_pump, &p), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(p.rc[0], 3);
    assert_int_equal(p.rc[1], 3);
    assert_int_equal(
        bench_number(b->to, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ForkDetected'"), 1);
    upp_point cursor;
    assert_int_equal(upp_node_cursor(b->to, "ingest", &cursor), 1);
}

static bool flip(void *ctx, const upp_frames *frames)
{
    pump *p = ctx;
    const size_t parts[] = { frames->envelope.len, frames->chain.len };
    for (size_t part = 0; part < 2; part++)
        for (size_t i = 0; i < parts[part]; i++) {
            upp_frames f = *frames;
            uint8_t *copy = malloc(parts[part]);
            memcpy(copy, part ? f.chain.at : f.envelope.at, parts[part]);
            copy[i] ^= 1;
            *(part ? &f.chain : &f.envelope) = (upp_bytes){ copy, parts[part] };
            assert_int_not_equal(upp_node_deliver(p->to, p->source, &f), 0);
            free(copy);
        }
    return false;
}

/* P6: one changed bit anywhere in an event is refused, and moves nothing. */
static void a_changed_bit_is_refused(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 70, "a0", &h);
    pump p = { .to = b->to, .source = "ingest", .limit = 64 };
    bench_begin(b, b->to, 2000);
    assert_int_equal(upp_node_log(b->from, 0, flip, &p), 0);
    assert_int_equal(upp_node_commit(b->to, NULL, NULL), 0);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM upp_cursor"), 0);
    assert_int_equal(bench_deliver(b, 64).rc[0], 0);

    assert_int_equal(sqlite3_exec(upp_node_db(b->to),
                                  "UPDATE upp_log SET envelope = zeroblob(length(envelope))", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(upp_node_verify(b->to), 1);
}

/* G6: a node at rest holds no statement, and goes on with the next input as if it had not. */
static void at_rest_it_holds_no_statement(void **state)
{
    bench *b = *state;
    heard h;
    bench_say(b, 72, "a0", &h);
    assert_non_null(sqlite3_next_stmt(upp_node_db(b->from), NULL));
    upp_node_rest(b->from);
    assert_null(sqlite3_next_stmt(upp_node_db(b->from), NULL));
    bench_say(b, 73, "a1", &h);
    assert_int_equal(bench_deliver(b, 64).rc[0], 0);
    assert_int_equal(bench_number(b->to, "SELECT seq FROM upp_cursor"),
                     bench_number(b->from, "SELECT max(seq) FROM upp_log"));
}

static bool count_rows(void *ctx, const upp_frames *frames)
{
    heard *h = ctx;
    if (frames->type.len > 0)
        h->n++;
    else
        bench_hear(h, NULL, frames), h->n--;
    return true;
}

static void a_query_reads_and_leaves_no_trace(void **state)
{
    bench *b = *state;
    heard h = { 0 };
    bench_say(b, 110, "a0", &h);
    bench_say(b, 111, "a1", &h);
    bench_deliver(b, 64);
    uint8_t id[16] = { 1 }, head[64];
    Uppsikt__RequestHead rh = UPPSIKT__REQUEST_HEAD__INIT;
    rh.id = (ProtobufCBinaryData){ 16, id };
    upp_frames q = { .type = { (const uint8_t *)"uppsikt.OpenMatters", 19 },
                     .envelope = { head, uppsikt__request_head__pack(&rh, head) } };
    h = (heard){ 0 };
    assert_int_equal(upp_node_query(b->to, 1, "console", &q, count_rows, &h), 0);
    assert_int_equal(h.n, 2);
    assert_string_equal(h.refused, "");
    q.type = (upp_bytes){ (const uint8_t *)"uppsikt.ServiceStatus", 21 };
    h = (heard){ 0 };
    assert_int_equal(upp_node_query(b->to, 1, "console", &q, count_rows, &h), 0);
    assert_int_equal(h.n, 1);
    q.type = (upp_bytes){ (const uint8_t *)"uppsikt.Nonsense", 16 };
    h = (heard){ 0 };
    assert_int_equal(upp_node_query(b->to, 1, "console", &q, count_rows, &h), 0);
    assert_string_equal(h.refused, "unknown-query");
}

/* A service whose self is how many items its store held when it last looked. */
static void *count_open(const void *config, void (*say)(const char *line))
{
    (void)config;
    (void)say;
    return calloc(1, sizeof(int64_t));
}

static int count_look(upp_txn *txn, void *self)
{
    UPP_ROWS row = upp_query(txn, "SELECT count(*) FROM heard", NO_BIND);
    if (upp_next(&row))
        *(int64_t *)self = upp_col_int(&row, 0);
    return row.rc;
}

/* R42: what was rolled back is in no self, and a query sees what the last COMMIT left. */
static void a_service_looks_at_its_store_before_each_input(void **state)
{
    bench *b = *state;
    heard h = { 0 };
    upp_service counting = bench_escalation;
    counting.open = count_open;
    counting.close = free;
    counting.on_input = count_look;
    upp_node_free(b->to);
    b->to = bench_open(&counting, b->to_path);
    static const char *const items[] = { "a0", "i1", "a2" };
    for (size_t i = 0; i < UPP_LEN(items); i++)
        bench_say(b, (uint8_t)(130 + i), items[i], &h);
    bench_deliver(b, 64);
    const int64_t *self = upp_node_self(b->to);
    assert_int_equal(*self, 1); /* before the last one; the second had failed */
    uint8_t id[16] = { 1 }, head[64];
    Uppsikt__RequestHead rh = UPPSIKT__REQUEST_HEAD__INIT;
    rh.id = (ProtobufCBinaryData){ 16, id };
    const upp_frames q = { .type = { (const uint8_t *)"uppsikt.OpenMatters", 19 },
                           .envelope = { head, uppsikt__request_head__pack(&rh, head) } };
    assert_int_equal(upp_node_query(b->to, 1, "console", &q, count_rows, &h), 0);
    assert_int_equal(*self, 2);
    upp_node_free(b->to);
    b->to = bench_open(&bench_escalation, b->to_path);
}

/* How many events of the log have this in their envelope. */
static int64_t envelopes_with(upp_node *node, const char *words)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM upp_log WHERE instr(envelope, CAST('%s' AS BLOB)) > 0", words);
    return bench_number(node, sql);
}

/* One command for a person in her session; what upp_node_command gave. */
static int say_in_session(bench *b, uint8_t id, const char *item, const char *session)
{
    uint8_t id16[16] = { id }, head[256], body[64];
    Uppsikt__RequestHead h = UPPSIKT__REQUEST_HEAD__INIT;
    Uppsikt__Claim c = UPPSIKT__CLAIM__INIT;
    h.id = (ProtobufCBinaryData){ sizeof id16, id16 };
    h.by = upp_lend("person-1");
    h.session = upp_lend(session);
    c.matter = upp_lend(item);
    const upp_frames frames = {
        .type = { (const uint8_t *)"uppsikt.Claim", 13 },
        .envelope = { head, uppsikt__request_head__pack(&h, head) },
        .content = { body, uppsikt__claim__pack(&c, body) },
    };
    bench_begin(b, b->from, 1000);
    const int rc = upp_node_command(b->from, "console", &frames);
    assert_int_equal(upp_node_commit(b->from, NULL, NULL), 0);
    return rc;
}

/* I28: in the chained log stands in whose session a command was given: an id and nothing else, and
 * only of what she did herself. */
static void a_session_is_in_the_log_with_what_was_done(void **state)
{
    static const char session[] = "01JZ0000000000000000000000";
    static const char *const no_ids[] = { "01JZ000000000000000000000000", "text med blanksteg",
                                          "01jz0000000000000000000000", "\"'<>", "åäö" };
    bench *b = *state;
    heard h;
    assert_int_equal(say_in_session(b, 1, "a1", session), 0);
    assert_int_equal(envelopes_with(b->from, session), 1);
    assert_int_equal(bench_say(b, 2, "a2", &h), 0);
    assert_int_equal(envelopes_with(b->from, "session"), 1);
    assert_int_equal(bench_deliver(b, 64).n, 2); /* what others do because of it */
    assert_int_equal(envelopes_with(b->to, "session"), 0);
    for (size_t i = 0; i < UPP_LEN(no_ids); i++)
        assert_int_equal(say_in_session(b, (uint8_t)(10 + i), "a3", no_ids[i]), UPP_E_INPUT);
    assert_int_equal(upp_node_head(b->from).seq, 2);
    assert_int_equal(upp_node_verify(b->from), 0);
    assert_int_equal(sqlite3_exec(upp_node_db(b->from),
                                  "UPDATE upp_log SET envelope = CAST(replace(CAST(envelope AS TEXT"
                                  "), '01JZ0', '01JZ1') AS BLOB) WHERE seq = 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(envelopes_with(b->from, session), 0);
    assert_int_equal(upp_node_verify(b->from), 1);
}

/* Prometheus' text format 0.0.4: a line ends with a newline, a name is introduced once (R44). */
static void hear_line(void *ctx, const char *line)
{
    heard *h = ctx;
    const size_t n = strlen(line);
    assert_true(n > 1 && line[n - 1] == '\n' && strchr(line, '\n') == line + n - 1);
    h->n += strncmp(line, "# HELP uppsikt_parked ", 22) == 0;
    if (strncmp(line, "uppsikt_log_head ", 17) == 0)
        snprintf(h->type, sizeof h->type, "%s", line);
}

static void metrics_are_whole_lines(void **state)
{
    bench *b = *state;
    heard h = { 0 };
    bench_say(b, 120, "a0", &h);
    h = (heard){ 0 };
    assert_int_equal(upp_node_metrics(b->from, 1, hear_line, &h), 0);
    assert_int_equal(h.n, 1);
    assert_string_equal(h.type, "uppsikt_log_head 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_command_is_done_once_however_often_it_comes),
        CASE(events_are_handled_once_in_order_and_survive_a_restart),
        CASE(a_failed_input_leaves_its_neighbours_alone),
        CASE(busy_moves_nothing_and_comes_again),
        CASE(a_gap_moves_nothing),
        CASE(an_aborted_batch_never_happened),
        CASE(a_parked_event_is_driven_again),
        CASE(another_past_stops_the_source),
        CASE(a_changed_bit_is_refused),
        CASE(a_session_is_in_the_log_with_what_was_done),
        CASE(at_rest_it_holds_no_statement),
        CASE(a_query_reads_and_leaves_no_trace),
        CASE(a_service_looks_at_its_store_before_each_input),
        CASE(metrics_are_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
