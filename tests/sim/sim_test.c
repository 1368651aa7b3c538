/* The simulator itself, with two toy services: what it promises to those who tell stories with it,
 * and that its checks have teeth (R42, R43; I1-I8, I15, I17, I18). */
#include "toy.h"
#include "toy.pb-c.h"
#include "uppsikt/bus.pb-c.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const upp_service *const toys[] = { &toy_maker, &toy_taker };

static size_t make(sim *s, const char *item, const char *text, upp_ms due_span)
{
    Uppsikt__Toy__Make m = UPPSIKT__TOY__MAKE__INIT;
    m.item = upp_lend(item);
    m.text = upp_lend(text);
    m.due_ms = sim_now(s) + due_span;
    return sim_command(s, "maker", NULL, &m.base);
}

static void runs_of_a_seed_are_one_run(void **state)
{
    (void)state;
    sim_tally tally = { 0 };
    uint64_t before = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        sim_play one = { .seed = seed }, two = { .seed = seed };
        assert_true(toy_play(&one, &tally));
        assert_true(toy_play(&two, &tally));
        assert_true(one.hash == two.hash);
        assert_true(one.hash != before);
        before = one.hash;
    }
}

/* Every invariant is checked at least once, and none is broken. */
static void swarm(uint64_t from, uint64_t n, bool power)
{
    sim_tally tally = { 0 };
    for (uint64_t seed = from; seed < from + n; seed++) {
        sim_play run = { .seed = seed, .power = power };
        if (!toy_play(&run, &tally))
            fail_msg("seed %llu: %s", (unsigned long long)seed, run.why);
    }
    for (unsigned i = 0; i < SIM_INVARIANTS; i++) {
        if (tally.checked[i] == 0)
            fail_msg("%s: nothing was checked", sim_invariant_name((enum sim_invariant)i));
        assert_int_equal(tally.broken[i], 0);
    }
    assert_true(tally.crashes > n);
    assert_true(!power || tally.powers > n / 2);
}

static void exactly_once_whatever_crashes(void **state)
{
    (void)state;
    swarm(1000, 25, false);
}

static void exactly_once_when_the_power_goes(void **state)
{
    (void)state;
    swarm(2000, 15, true);
}

/* The story does not feel the crashes: 30 % before COMMIT, 30 % after it. */
static void one_story_for_all_seeds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        sim *s = sim_new(seed, toys, UPP_LEN(toys));
        sim_tally tally = { 0 };
        char mark[SIM_MARK];
        sim_chaos(s, seed == 1 ? 0 : 30);
        sim_mark(s, "t1", mark);
        make(s, "t1", mark, 26 * UPP_HOUR + UPP_HOUR / 2);
        sim_run(s, 90 * UPP_MINUTE);
        sim_mark(s, "t2", mark);
        make(s, "t2", mark, 26 * UPP_HOUR + UPP_HOUR / 2);
        sim_run(s, 25 * UPP_HOUR + UPP_HOUR / 2);
        assert_true(sim_saw(s, "    0h maker: Made t1\n"
                               "    0h taker: Counted t1\n"
                               "    0h taker: Tolled t1\n"
                               "    1h maker: Made t2\n"
                               "    1h taker: Counted t2\n"
                               "    1h taker: Tolled t2\n"
                               "   26h taker: Rang t1\n"));
        sim_run(s, UPP_HOUR / 2);
        sim_forget(s, "t2");
        sim_run(s, 10 * UPP_HOUR);
        assert_true(sim_saw(s, "   27h evidence: ContentForgotten disposal-1\n"
                               "   27h evidence: DisposalApproved t2\n"
                               "   27h maker: ContentForgotten disposal-1\n"
                               "   27h taker: ContentForgotten disposal-1\n"
                               "   28h taker: Rang t2\n"));
        assert_true(sim_settle(s, UPP_DAY));
        assert_true(sim_check(s, &tally));
        assert_true(tally.checked[SIM_I15] == 1);
        sim_free(s);
    }
}

/* R23: what was said comes again days after it was forgotten, on a wire that remembers it. */
static void forgotten_content_stays_forgotten(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        sim *s = sim_new(seed, toys, UPP_LEN(toys));
        sim_tally tally = { 0 };
        char mark[SIM_MARK];
        sim_fault(s, SIM_LATE, 100);
        sim_fault(s, SIM_DELAY, 80);
        sim_chaos(s, 20);
        sim_mark(s, "t1", mark);
        make(s, "t1", mark, UPP_HOUR);
        sim_run(s, (upp_ms)(seed - 1) * 30 * UPP_SECOND); /* before, while and after it arrives */
        sim_forget(s, "t1");
        sim_run(s, 5 * UPP_DAY);
        make(s, "t1", mark, UPP_HOUR); /* the same thing once more: refused or forgotten */
        sim_run(s, UPP_DAY);
        assert_true(sim_settle(s, UPP_DAY));
        if (!sim_check(s, &tally))
            fail_msg("seed %llu: %s", (unsigned long long)seed, sim_why(s));
        assert_true(tally.checked[SIM_I15] > 0);
        sim_free(s);
    }
}

static void a_command_has_one_outcome(void **state)
{
    (void)state;
    sim *s = sim_new(1, toys, UPP_LEN(toys));
    sim_chaos(s, 40);
    upp_frames first, second;
    const size_t one = make(s, "t1", "x", UPP_HOUR);
    assert_false(sim_outcome(s, one, &first));
    sim_run(s, UPP_HOUR);
    const size_t two = make(s, "t1", "x", UPP_HOUR);
    sim_run(s, UPP_HOUR);
    assert_true(sim_outcome(s, one, &first));
    assert_true(sim_outcome(s, two, &second));
    assert_memory_equal(first.type.at, "uppsikt.toy.Done", first.type.len);
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, second.chain.len, second.chain.at);
    assert_non_null(head);
    assert_string_equal(head->refused, "already-made");
    uppsikt__answer_head__free_unpacked(head, NULL);
    assert_true(sim_effects(s, "taker", "bell", "t1") >= 1);
    sim_free(s);
}

/* What found no room in a small batch is not busy: as in a real process the next one takes it at
 * once, or an answer would lie behind a backlog for minutes in which its page changes. */
static void a_backlog_does_not_rest(void **state)
{
    (void)state;
    enum { THINGS = 40 };
    sim *s = sim_new(1, toys, UPP_LEN(toys));
    size_t all[THINGS];
    upp_frames outcome;
    sim_fault(s, SIM_SMALL, 100);
    for (size_t i = 0; i < THINGS; i++) {
        char item[8];
        snprintf(item, sizeof item, "t%02zu", i);
        all[i] = make(s, item, "x", UPP_HOUR);
    }
    sim_run(s, UPP_SECOND);
    for (size_t i = 0; i < THINGS; i++)
        assert_true(sim_outcome(s, all[i], &outcome));
    sim_free(s);
}

typedef struct bell {
    unsigned attempts;
} bell;

static void refuse_twice(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    bell *b = ctx;
    (void)s;
    b->attempts++;
    assert_int_equal(attempt->asked.attempt, b->attempts);
    assert_string_equal(attempt->asked.key, "t1");
    reply->fate = b->attempts < 3 ? UPP_LATER : UPP_NEVER;
    reply->after_span = UPP_HOUR;
}

static void the_world_may_refuse(void **state)
{
    (void)state;
    sim *s = sim_new(1, toys, UPP_LEN(toys));
    bell b = { 0 };
    sim_port(s, "bell", refuse_twice, &b);
    make(s, "t1", "x", 9 * UPP_HOUR);
    sim_run(s, 5 * UPP_HOUR);
    assert_int_equal(b.attempts, 3);
    assert_int_equal(sim_effects(s, "taker", "bell", "t1"), 0);
    assert_true(sim_saw(s, "    0h maker: Made t1\n"
                           "    0h taker: Counted t1\n"
                           "    2h taker: DeadLetterKept t1\n"
                           "    2h taker: Tolled t1\n"));
    sim_free(s);
}

/* -- teeth: somebody meddles with a store, and the checks tell -- */
static void meddle(sqlite3 *db, const char *sql, const char *mark)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    (void)sqlite3_bind_text(stmt, 1, mark, -1, SQLITE_STATIC); /* most have no place for it */
    while (sqlite3_step(stmt) == SQLITE_ROW)
        ;
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

/* SIM_INVARIANTS: nothing is wrong. */
static enum sim_invariant broken_by(const char *service, const char *sql,
                                    enum sim_invariant expected)
{
    sim *s = sim_new(7, toys, UPP_LEN(toys));
    sim_tally tally = { 0 };
    char mark[SIM_MARK];
    sim_mark(s, "t1", mark);
    make(s, "t1", mark, UPP_HOUR);
    sim_mark(s, "t2", mark);
    make(s, "t2", mark, UPP_HOUR);
    sim_run(s, 2 * UPP_HOUR);
    sim_forget(s, "t2");
    sim_run(s, UPP_MINUTE);
    meddle(upp_node_db(sim_node(s, service)), sql, mark);
    make(s, "t3", "x", UPP_HOUR);
    sim_run(s, 2 * UPP_HOUR);
    (void)sim_settle(s, UPP_HOUR);
    const bool well = sim_check(s, &tally);
    sim_free(s);
    if (well)
        return SIM_INVARIANTS;
    return tally.broken[expected] > 0 ? expected : SIM_I4;
}

static void meddling_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *service, *sql;
        enum sim_invariant broken;
    } rows[] = {
        { "taker", "SELECT ?1", SIM_INVARIANTS },
        { "maker", "UPDATE upp_log SET envelope = zeroblob(9)", SIM_I2 },
        { "maker", "UPDATE upp_log SET hash = zeroblob(32) WHERE seq = 1", SIM_I1 },
        { "maker", "DELETE FROM upp_log WHERE seq = 1", SIM_I1 },
        { "taker", "INSERT INTO upp_content(salt, body) VALUES(x'00', CAST(?1 AS BLOB))", SIM_I15 },
        { "maker", "UPDATE upp_log SET envelope = CAST(?1 AS BLOB) WHERE seq = 1", SIM_I25 },
        { "taker", "UPDATE thing SET counts = 2", SIM_I7 },
        { "taker", "DELETE FROM upp_tombstone", SIM_I7 },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const enum sim_invariant broken = broken_by(rows[i].service, rows[i].sql, rows[i].broken);
        if (broken != rows[i].broken)
            fail_msg("%s: not noticed, or as something else", rows[i].sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_a_seed_are_one_run),
        cmocka_unit_test(exactly_once_whatever_crashes),
        cmocka_unit_test(exactly_once_when_the_power_goes),
        cmocka_unit_test(one_story_for_all_seeds),
        cmocka_unit_test(forgotten_content_stays_forgotten),
        cmocka_unit_test(a_backlog_does_not_rest),
        cmocka_unit_test(a_command_has_one_outcome),
        cmocka_unit_test(the_world_may_refuse),
        cmocka_unit_test(meddling_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
