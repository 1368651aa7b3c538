/* removed_test.c - what counts as removed by a row of the plan, and what a newer decision lets stay
 * (R21, R23, R25). */
#include "evidence_fixture.h"

#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    vault_row(&v, "rad", "KS 1", 24);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}

/* Written, hidden by the row, closed. */
static void hidden(vault *v, const char *item)
{
    char matter[64];
    snprintf(matter, sizeof matter, "%s.m1", item);
    vault_says(v, &(vault_words){ .item = item, .text = "MÄRKE ord" });
    vault_matter(v, item, matter, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    vault_decides(v, item, 1, HIDE, "rad", "");
    vault_met(v, item, matter);
    (void)vault_work(v);
}

/* How many the row covers; `before`: those that nobody removed, too. */
static int64_t covered(vault *v, upp_ms before)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend("rad");
    p.before_ms = before;
    p.dry_run = true;
    bench_did(v->b, "ops", &p.base);
    Uppsikt__DisposalTaken *t = (void *)bench_unpack(&uppsikt__disposal_taken__descriptor,
                                                     v->b->outcome.at, v->b->outcome.len);
    const int64_t n = t->count;
    uppsikt__disposal_taken__free_unpacked(t, NULL);
    return n;
}

static void r25_what_is_shown_again_was_not_removed(void **state)
{
    vault *v = *state;
    hidden(v, "i1");
    hidden(v, "i2");
    v->b->now += 731 * UPP_DAY;
    assert_int_equal(covered(v, 0), 2);
    vault_decides(v, "i1", 1, UNHIDE, "", "");
    assert_int_equal(covered(v, 0), 1);
    vault_decides(v, "i2", 1, KEEP, "", "");
    assert_int_equal(covered(v, 0), 0);
    assert_int_equal(covered(v, v->b->now), 2); /* as any other */
    v->b->now += UPP_DAY;
    vault_decides(v, "i1", 1, HIDE, "rad", ""); /* and hidden once more it is */
    assert_int_equal(covered(v, 0), 1);
}

/* What was said too late takes nothing back: once it is deleted it was removed by that row. */
static void r25_what_is_deleted_was_removed(void **state)
{
    vault *v = *state;
    Uppsikt__ActionDone done = UPPSIKT__ACTION_DONE__INIT;
    char id[32];
    hidden(v, "i1");
    v->b->now += 731 * UPP_DAY;
    snprintf(id, sizeof id, "%s", vault_decides(v, "i1", 1, DELETE, "rad", ""));
    v->b->now += UPP_DAY;
    vault_decides(v, "i1", 1, KEEP, "", "");
    assert_int_equal(covered(v, 0), 0);
    done.action = id;
    done.item = upp_lend("i1");
    done.version = 1;
    done.what = DELETE;
    assert_int_equal(bench_hear(v->b, "ingest", "i1", &done.base, NULL), 0);
    assert_int_equal(covered(v, 0), 1);
}

/* What is decided anew is open again: it stays until that is done; its time counts from then. */
static void r25_what_is_open_again_stays(void **state)
{
    vault *v = *state;
    hidden(v, "i1");
    v->b->now += 731 * UPP_DAY;
    assert_int_equal(covered(v, 0), 1);
    vault_matter(v, "i1", "i1.m1", UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    assert_int_equal(covered(v, 0), 0);
    v->b->now += UPP_DAY;
    vault_met(v, "i1", "i1.m1");
    assert_int_equal(covered(v, 0), 0);
    v->b->now += 731 * UPP_DAY;
    assert_int_equal(covered(v, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(r25_what_is_shown_again_was_not_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(r25_what_is_deleted_was_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(r25_what_is_open_again_stays, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
