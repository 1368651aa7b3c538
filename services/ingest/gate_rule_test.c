/* gate_rule_test.c - the gate's rule over every combination of what can be known (R21, R22, R25;
 * I11, I12, I13; sla.md P6). */
#include "gate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Every combination: 13 facts, some of them with three values. */
static void each(void (*look)(const gate_facts *f, enum gate_answer answer))
{
    uint64_t n = 0;
    for (unsigned bits = 0; bits < 1U << 10; bits++)
        for (enum gate_what what = GATE_HIDE; what < GATE_WHATS; what++)
            for (enum gate_seal sealed = GATE_SEAL_NONE; sealed <= GATE_SEAL_WHOLE; sealed++)
                for (uint32_t newest = 0; newest <= 3; newest++) {
                    const gate_facts f = { .what = what,
                                           .sealed = sealed,
                                           .version = 2,
                                           .newest = newest,
                                           .forgotten = bits & 1,
                                           .known = bits & 2,
                                           .plan = bits & 4,
                                           .gone = bits & 8,
                                           .tried = bits & 16,
                                           .held = bits & 32,
                                           .busy = bits & 64,
                                           .able = bits & 128,
                                           .locked = bits & 256,
                                           .recalled = bits & 512 };
                    look(&f, gate_judge(&f));
                    n++;
                }
    assert_int_equal(n, 1024 * 4 * 3 * 4);
}

/* Nothing passes, and nobody is told to do it by hand, before its copy is sealed; whatever else. */
static void look_sealed(const gate_facts *f, enum gate_answer answer)
{
    if (answer != GATE_GO && answer != GATE_MANUAL)
        return;
    if (f->what == GATE_HIDE)
        assert_true(f->sealed >= GATE_SEAL_RAW);
    if (f->what == GATE_DELETE)
        assert_true(f->sealed == GATE_SEAL_WHOLE && f->plan);
    assert_true(f->known && !f->forgotten && !f->busy);
    /* a first attempt is made on the newest version of what is there, with the brake off */
    if (f->tried)
        return;
    assert_false(f->gone);
    assert_false(f->recalled);
    if (f->what != GATE_REPLY)
        assert_int_equal(f->version, f->newest);
    if (f->what == GATE_HIDE || f->what == GATE_DELETE)
        assert_false(f->held);
}

static void nothing_leaves_before_its_copy_I11(void **state)
{
    (void)state;
    each(look_sealed);
}

static void look_refused(const gate_facts *f, enum gate_answer answer)
{
    const Uppsikt__ActionRefused__Reason reason = gate_reason(answer);
    if (reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_STALE_VERSION)
        assert_int_not_equal(f->version, f->newest);
    if (f->what == GATE_DELETE && f->known && !f->forgotten && !f->plan)
        assert_int_equal(reason, UPPSIKT__ACTION_REFUSED__REASON__REASON_NO_ROW);
    if (reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_NO_ROW)
        assert_true(f->what == GATE_DELETE && !f->plan);
    if (f->forgotten)
        assert_int_equal(reason, UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN);
    /* an outcome that nobody knows is looked into, never dropped */
    if (f->tried && f->known && !f->forgotten && (f->plan || f->what != GATE_DELETE))
        assert_int_equal(reason, UPPSIKT__ACTION_REFUSED__REASON__REASON_UNSPECIFIED);
    if (reason == UPPSIKT__ACTION_REFUSED__REASON__REASON_ACCOUNT_LOCKED)
        assert_true(f->what == GATE_REPLY && f->locked && !f->tried);
}

static void refusals_say_why_R21(void **state)
{
    (void)state;
    each(look_refused);
}

/* R25: what was taken back and cannot have been done does not leave, wait, or come to anybody's
 * hand; what may have been done is looked into. */
static void look_recalled(const gate_facts *f, enum gate_answer answer)
{
    if (answer == GATE_RECALLED)
        assert_true(f->recalled && !f->tried);
    if (!f->recalled || f->tried)
        return;
    assert_int_not_equal(gate_reason(answer), UPPSIKT__ACTION_REFUSED__REASON__REASON_UNSPECIFIED);
}

static void r25_a_newer_decision_holds(void **state)
{
    enum { KEEP = 1, HIDE, DELETE, UNHIDE, REPLY };
    static const bool rows[][GATE_WHATS] = {
        /* what is decided now; older: hide, delete, unhide, reply */
        [KEEP] = { true, true, false, false },    [HIDE] = { false, true, true, false },
        [DELETE] = { false, false, true, false }, [UNHIDE] = { true, true, false, false },
        [REPLY] = { false, false, false, false },
    };
    (void)state;
    each(look_recalled);
    for (int newer = KEEP; newer <= REPLY; newer++)
        for (enum gate_what older = GATE_HIDE; older < GATE_WHATS; older++)
            assert_int_equal(gate_recalls((Uppsikt__ItemAction)newer, older), rows[newer][older]);
    assert_false(gate_recalls((Uppsikt__ItemAction)99, GATE_HIDE)); /* newer than this program */
}

static void look_waits(const gate_facts *f, enum gate_answer answer)
{
    const char *missing = gate_missing(answer);
    assert_int_equal(strcmp(missing, "RAW") == 0, answer == GATE_WAIT_RAW);
    assert_int_equal(strcmp(missing, "WHOLE") == 0, answer == GATE_WAIT_WHOLE);
    if (answer == GATE_WAIT_RAW)
        assert_true(f->what == GATE_HIDE && f->sealed == GATE_SEAL_NONE);
    if (answer == GATE_WAIT_WHOLE)
        assert_true(f->what == GATE_DELETE && f->sealed < GATE_SEAL_WHOLE);
    if (answer == GATE_WAIT_HELD)
        assert_true(f->held && !f->tried);
    if (answer == GATE_WAIT_ACCOUNT)
        assert_true(f->locked && f->able);
    /* showing again, and answering, wait for no copy and no brake */
    if (f->what == GATE_UNHIDE || f->what == GATE_REPLY)
        assert_true(answer != GATE_WAIT_RAW && answer != GATE_WAIT_WHOLE &&
                    answer != GATE_WAIT_HELD);
}

static void waiting_says_for_what(void **state)
{
    (void)state;
    each(look_waits);
}

static void words_of_the_wire(void **state)
{
    (void)state;
    for (enum gate_what what = GATE_HIDE; what < GATE_WHATS; what++)
        assert_int_equal(gate_what_of(gate_action_of(what)), what);
    assert_int_equal(gate_what_of(UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP), -1);
    assert_int_equal(gate_what_of(UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNSPECIFIED), -1);
    assert_int_equal(gate_what_of((Uppsikt__ItemAction)99), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_before_its_copy_I11),
        cmocka_unit_test(refusals_say_why_R21),
        cmocka_unit_test(r25_a_newer_decision_holds),
        cmocka_unit_test(waiting_says_for_what),
        cmocka_unit_test(words_of_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
