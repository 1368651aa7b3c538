/* part_store_test.c - R42: a store becomes two, and what is heard from then on is handled once, by
 * the one whose account it is about; whoever opens it as another part than it is is refused. */
#include "node_bench.h"
#include "part.h"
#include "part_store.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ACCOUNTS = 5, BEFORE = 12, ALL = 40 };

static char heard_line[600];
static void hear(const char *line)
{
    snprintf(heard_line, sizeof heard_line, "%s", line);
}

static void complain(const char *line)
{
    fail_msg("%s", line);
}

static upp_service divided;

/* The toy of the bench, as that part. */
static void part_of(const char *which, upp_part *ret_part)
{
    divided = bench_escalation;
    divided.divides = true;
    assert_true(upp_part_take(&divided, which, NULL, complain, ret_part));
}

static void item_of(unsigned n, char ret_item[24])
{
    snprintf(ret_item, 24, "%c%u@konto%u", 'a', n, n * 7 % ACCOUNTS);
}

static void say(bench *b, unsigned from, unsigned to)
{
    heard h;
    for (unsigned n = from; n < to; n++) {
        char item[24];
        item_of(n, item);
        assert_int_equal(bench_say(b, (uint8_t)(n + 1), item, &h), 0);
    }
}

static void deliver_all(bench *b, upp_node *node)
{
    upp_node *other = b->to;
    b->to = node;
    (void)bench_deliver(b, 64);
    b->to = other;
}

/* Of the items from..to, how many has `node` heard; each must be an account of its part. */
static unsigned has(upp_node *node, unsigned from, unsigned to, unsigned part, unsigned of)
{
    unsigned n = 0;
    for (unsigned i = from; i < to; i++) {
        char item[24], sql[96];
        item_of(i, item);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM heard WHERE item = '%s'", item);
        if (bench_number(node, sql) == 0)
            continue;
        assert_int_equal(upp_part_for(strchr(item, '@') + 1, of), part);
        n++;
    }
    return n;
}

typedef struct two {
    upp_part one, other;
    char path[128];
    upp_node *second;
} two;

static void divide(bench *b, const char *one, const char *other, two *ret)
{
    unsigned part = 0, of = 0;
    *ret = (two){ 0 };
    part_of(one, &ret->one);
    part_of(other, &ret->other);
    snprintf(ret->path, sizeof ret->path, "%s/other.db", b->folder);
    upp_node_free(b->to);
    assert_true(upp_part_read(other, &part, &of));
    assert_true(upp_part_make(b->to_path, ret->path, part, of, complain));
    assert_true(upp_part_read(one, &part, &of));
    assert_true(upp_part_become(b->to_path, part, of, complain));
    b->to = bench_open(&ret->one.service, b->to_path);
    ret->second = bench_open(&ret->other.service, ret->path);
}

/* What the bench has open is a part of ours, too. */
static void end(bench *b, two *t)
{
    static const char *const ends[] = { "", "-wal", "-shm", ".new" };
    upp_node_free(b->to);
    b->to = NULL;
    upp_node_free(t->second);
    for (size_t i = 0; i < UPP_LEN(ends); i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", t->path, ends[i]);
        (void)unlink(path);
    }
}

static void r42_what_comes_after_is_one_parts(void **state)
{
    bench *b = *state;
    two t;
    say(b, 0, BEFORE + 6);
    (void)bench_deliver(b, BEFORE); /* it lags: the others were said, and not heard yet */
    const int64_t said = upp_node_head(b->to).seq;
    divide(b, "1/2", "2/2", &t);
    say(b, BEFORE + 6, ALL);
    deliver_all(b, b->to);
    deliver_all(b, t.second);
    const unsigned mine = has(b->to, BEFORE, ALL, 1, 2);
    const unsigned others = has(t.second, BEFORE, ALL, 2, 2);
    assert_int_equal(mine + others, ALL - BEFORE);
    assert_true(mine > 0 && others > 0);
    /* Each says what it did from then on, and what was said before is said once. */
    assert_int_equal(upp_node_head(b->to).seq, said + mine);
    assert_int_equal(upp_node_head(t.second).seq, others);
    /* The whole log once more, to both: seen before. */
    pump again = { .to = t.second, .source = "ingest", .limit = 64 };
    bench_begin(b, t.second, 9000);
    assert_int_equal(upp_node_log(b->from, 0, bench_pump, &again), 0);
    assert_int_equal(upp_node_commit(t.second, NULL, NULL), 0);
    for (size_t i = 0; i < again.n; i++)
        assert_int_equal(again.rc[i], 1);
    assert_int_equal(upp_node_head(t.second).seq, others);
    assert_int_equal(upp_node_verify(b->to), 0);
    assert_int_equal(upp_node_verify(t.second), 0);
    end(b, &t);
}

static void r42_a_part_takes_state_and_no_work(void **state)
{
    bench *b = *state;
    two t;
    say(b, 0, BEFORE);
    (void)bench_deliver(b, BEFORE);
    divide(b, "1/2", "2/2", &t);
    /* What is known of each comment lies in both, with its words; what is to be mailed in one. */
    static const char state_rows[] =
        "SELECT count(*) FROM heard h JOIN upp_content c ON c.id = h.text_ref"
        " WHERE length(c.body) > 0";
    assert_int_equal(bench_number(b->to, state_rows), BEFORE);
    assert_int_equal(bench_number(t.second, state_rows), BEFORE);
    static const char asks[] = "SELECT count(*) FROM upp_ask";
    assert_int_equal(bench_number(b->to, asks), BEFORE);
    assert_int_equal(bench_number(t.second, asks), 0);
    /* Nothing else that is personal has gone along: one row of content for each comment. */
    assert_int_equal(bench_number(t.second, "SELECT count(*) FROM upp_content"), BEFORE);
    assert_int_equal(bench_number(b->to, "SELECT count(*) FROM upp_content"), 2 * BEFORE);
    assert_int_equal(bench_number(t.second, "SELECT count(DISTINCT content_id) FROM upp_about"),
                     BEFORE);
    assert_memory_not_equal(upp_node_head(b->to).epoch, upp_node_head(t.second).epoch, 16);
    assert_int_equal(upp_node_head(t.second).seq, 0);
    end(b, &t);
}

static void r42_parts_are_divided_once_more(void **state)
{
    bench *b = *state;
    two t, finer;
    say(b, 0, BEFORE);
    (void)bench_deliver(b, BEFORE);
    divide(b, "1/2", "2/2", &t);
    say(b, BEFORE, 2 * BEFORE);
    deliver_all(b, t.second); /* the first part lags when it is divided */
    upp_node *second = t.second;
    t.second = NULL;
    char kept[128];
    snprintf(kept, sizeof kept, "%s", t.path);
    snprintf(t.path, sizeof t.path, "%s/second.db", b->folder);
    upp_node_free(second);
    assert_int_equal(rename(kept, t.path), 0);
    divide(b, "1/4", "3/4", &finer);
    t.second = bench_open(&t.other.service, t.path); /* still 2 of 2: 2 and 4 of 4 */
    say(b, 2 * BEFORE, ALL);
    deliver_all(b, b->to);
    deliver_all(b, t.second);
    deliver_all(b, finer.second);
    const unsigned n = has(b->to, BEFORE, ALL, 1, 4) + has(finer.second, BEFORE, ALL, 3, 4) +
                       has(t.second, BEFORE, ALL, 2, 2);
    assert_int_equal(n, ALL - BEFORE);
    end(b, &finer);
    end(b, &t);
}

static void r42_another_part_does_not_open_it(void **state)
{
    bench *b = *state;
    const upp_store store = { .path = b->to_path, .lookup_key = (const uint8_t[32]){ 7 } };
    two t;
    divide(b, "1/2", "2/2", &t);
    upp_node_free(b->to);
    b->to = NULL;
    heard_line[0] = '\0';
    assert_null(upp_node_new(&bench_escalation, &store, NULL, hear));
    assert_non_null(strstr(heard_line, "partition: 1/2"));
    upp_part wrong;
    part_of("2/2", &wrong);
    heard_line[0] = '\0';
    assert_null(upp_node_new(&wrong.service, &store, NULL, hear));
    assert_non_null(strstr(heard_line, "partition: 1/2"));
    b->to = bench_open(&t.one.service, b->to_path);
    end(b, &t);
}

static void r42_a_store_that_is_not_there_is_not_divided(void **state)
{
    bench *b = *state;
    char from[128], to[128];
    snprintf(from, sizeof from, "%s/nothing.db", b->folder);
    snprintf(to, sizeof to, "%s/other.db", b->folder);
    heard_line[0] = '\0';
    assert_false(upp_part_make(from, to, 2, 2, hear));
    assert_non_null(strstr(heard_line, "nothing.db"));
    assert_int_not_equal(access(to, F_OK), 0);
    assert_false(upp_part_become(from, 1, 2, hear));
    assert_int_not_equal(access(from, F_OK), 0);
}

static void r42_a_fresh_part_says_so(void **state)
{
    bench *b = *state;
    unsigned part = 0, of = 0;
    two t = { 0 };
    part_of("2/3", &t.other);
    snprintf(t.path, sizeof t.path, "%s/other.db", b->folder);
    t.second = bench_open(&t.other.service, t.path);
    assert_true(upp_part_stored(t.path, &part, &of, complain));
    assert_int_equal(part, 2);
    assert_int_equal(of, 3);
    end(b, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(r42_what_comes_after_is_one_parts),
        CASE(r42_a_part_takes_state_and_no_work),
        CASE(r42_parts_are_divided_once_more),
        CASE(r42_another_part_does_not_open_it),
        CASE(r42_a_store_that_is_not_there_is_not_divided),
        CASE(r42_a_fresh_part_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
