/* disposal_test.c - which items a list is about, who may say yes, who is waited for, what the
 * protocol says (R21, R23; E30, P4). */
#include "evidence_fixture.h"

#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    vault_row(&v, "mall", "", 0);
    vault_row(&v, "rad", "KS 1", 24);
    vault_row(&v, "strax", "KS 2", 0);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* Written, judged, decided, closed. */
static void over(vault *v, const char *item, Uppsikt__ItemAction action, const char *row)
{
    char matter[64];
    snprintf(matter, sizeof matter, "%s.m1", item);
    vault_says(v, &(vault_words){ .item = item, .text = "MÄRKE ord" });
    vault_matter(v, item, matter, UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    vault_decides(v, item, 1, action, row, "");
    vault_met(v, item, matter);
    (void)vault_work(v);
}

typedef struct taken {
    char id[64];
    uint8_t hash[32];
    int64_t count, held, open;
} taken;

static taken outcome_of(vault *v)
{
    taken out = { .count = 0 };
    Uppsikt__DisposalTaken *t = (void *)bench_unpack(&uppsikt__disposal_taken__descriptor,
                                                     v->b->outcome.at, v->b->outcome.len);
    snprintf(out.id, sizeof out.id, "%s", t->disposal);
    if (t->list_sha256.len == 32)
        memcpy(out.hash, t->list_sha256.data, 32);
    out.count = t->count;
    out.held = t->held;
    out.open = t->open;
    uppsikt__disposal_taken__free_unpacked(t, NULL);
    return out;
}

static taken propose(vault *v, const char *row, upp_ms before, bool dry)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = before;
    p.dry_run = dry;
    bench_did(v->b, "ops", &p.base);
    return outcome_of(v);
}

static void approve_it(vault *v, const taken *t, const char *by, bool clock_is_right,
                       const char *words)
{
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.clock_is_right = clock_is_right;
    a.disposal = upp_lend(t->id);
    a.list_sha256 = (ProtobufCBinaryData){ 32, (uint8_t *)upp_lend((const char *)t->hash) };
    if (words)
        bench_refused(v->b, by, &a.base, words);
    else
        bench_did(v->b, by, &a.base);
    bench_wait(v->b, 1);
    (void)vault_work(v);
}

static void approve(vault *v, const taken *t, const char *by, const char *words)
{
    approve_it(v, t, by, false, words);
}

static void approve_surely(vault *v, const taken *t, const char *by, const char *words)
{
    approve_it(v, t, by, true, words);
}

static void forgot(vault *v, const char *service, const char *disposal)
{
    Uppsikt__ContentForgotten c = UPPSIKT__CONTENT_FORGOTTEN__INIT;
    c.disposal = upp_lend(disposal);
    c.service = upp_lend(service);
    c.contents = 2;
    assert_int_equal(bench_hear(v->b, service, disposal, &c.base, NULL), 0);
    bench_wait(v->b, 1);
}

/* No row means keep; a template has no force; the law wants each comment named. */
static void without_a_ground_nothing_goes(void **state)
{
    vault *v = *state;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend("i1") };
    over(v, "i1", KEEP, "");
    bench_refused(v->b, "ops", &p.base, "row-or-law");
    p.plan_row = upp_lend("mall");
    bench_refused(v->b, "ops", &p.base, "row-not-adopted");
    p.plan_row = upp_lend("ingen");
    bench_refused(v->b, "ops", &p.base, "row-unknown");
    p.plan_row = upp_lend("strax");
    bench_refused(v->b, "ops", &p.base, "period-needs-a-day");
    bench_refused(v->b, "eva", &p.base, "not-allowed");
    bench_refused(v->b, NULL, &p.base, "person-needed");
    p.law = upp_lend("gdpr17");
    bench_refused(v->b, "ops", &p.base, "row-or-law");
    p.plan_row = upp_lend("");
    bench_refused(v->b, "ops", &p.base, "law-needs-items");
    p.items = items;
    p.n_items = 1;
    items[0] = upp_lend("okänd");
    bench_refused(v->b, "ops", &p.base, "no-such-item");
    items[0] = upp_lend("i1");
    bench_did(v->b, "ops", &p.base);
}

/* 24 calendar months after the last thing that happened to what was removed by that row. */
static void a_period_runs_from_the_last_thing(void **state)
{
    vault *v = *state;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend("i1") };
    over(v, "i1", HIDE, "rad");
    over(v, "i2", HIDE, "strax");
    over(v, "i3", KEEP, "");
    assert_int_equal(propose(v, "rad", 0, true).count, 0);
    p.plan_row = upp_lend("rad");
    bench_refused(v->b, "ops", &p.base, "nothing-due");
    p.items = items;
    p.n_items = 1;
    bench_refused(v->b, "ops", &p.base, "not-due-yet");
    items[0] = upp_lend("i2");
    bench_refused(v->b, "ops", &p.base, "of-another-row");
    v->b->now += 720 * UPP_DAY;
    assert_int_equal(propose(v, "rad", 0, true).count, 0);
    v->b->now += 11 * UPP_DAY;
    assert_int_equal(propose(v, "rad", 0, true).count, 1);         /* what was removed by it */
    assert_int_equal(propose(v, "rad", v->b->now, true).count, 2); /* and what nobody removed */
    vault_plan other = {
        .row = "annan", .authority = "bun", .decision = "BUN 1", .covers = { "comment" }
    };
    vault_adopts(v, &other);
    vault_unit(v, "kontor", "bun");
    vault_person_of(v, "siv", "kontor", "archivist");
    p.plan_row = upp_lend("annan");
    items[0] = upp_lend("i3");
    bench_refused(v->b, "siv", &p.base, "row-of-another-authority");
    p.n_items = 0;
    p.before_ms = v->b->now;
    bench_refused(v->b, "siv", &p.base, "nothing-due");
    other.keeps = true;
    vault_adopts(v, &other);
    bench_refused(v->b, "siv", &p.base, "row-keeps");
}

static void own_post(vault *v, const char *item)
{
    uint8_t sum[32];
    Uppsikt__OwnPostSeen c = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent said = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    said.text = upp_lend("MÄRKE 19481203-9800");
    bench_commit_to(&said.base, sum);
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = 1;
    c.at_ms = v->b->now;
    c.commitment = (ProtobufCBinaryData){ sizeof sum, sum };
    assert_int_equal(bench_hear(v->b, "ingest", item, &c.base, &said.base), 0);
    (void)vault_work(v);
}

/* Our own post is saved when a matter is about it, whichever is heard first; the row that it was
 * removed by lets it go. Those that nobody removed are other documents (R21, R22). */
static void R24_our_own_post_is_saved_and_goes_by_its_row(void **state)
{
    vault *v = *state;
    vault_matter(v, "p1", "p1.m1", UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    own_post(v, "p1");
    own_post(v, "p2");
    assert_int_equal(bench_number(v->b, "SELECT count(*) FROM record WHERE state = 2 AND level = 1"
                                        " AND item = 'p1'"),
                     1);
    assert_int_equal(bench_number(v->b, "SELECT count(*) FROM record WHERE item = 'p2'"), 0);
    vault_decides(v, "p1", 1, HIDE, "rad", "");
    vault_met(v, "p1", "p1.m1");
    (void)vault_work(v);
    v->b->now += 731 * UPP_DAY;
    assert_int_equal(propose(v, "rad", 0, true).count, 1);
    assert_int_equal(propose(v, "rad", v->b->now, true).count, 1);
}

/* E30: what is held is left out and counted, also when the hold came after the list. */
static void a_hold_beats_every_row(void **state)
{
    vault *v = *state;
    Uppsikt__PlaceHold h = UPPSIKT__PLACE_HOLD__INIT;
    Uppsikt__ReleaseHold r = UPPSIKT__RELEASE_HOLD__INIT;
    over(v, "i1", KEEP, "");
    over(v, "i2", KEEP, "");
    vault_says(v, &(vault_words){ .item = "i3", .text = "ord" });
    vault_matter(v, "i3", "i3.q1", UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION);
    bench_refused(v->b, "bo", &h.base, "hold-of-what");
    h.matter = upp_lend("i9.m1");
    bench_refused(v->b, "bo", &h.base, "no-such-matter");
    h.matter = upp_lend("i1.m1");
    bench_refused(v->b, "eva", &h.base, "not-your-account");
    h.reason = upp_lend("lust");
    bench_refused(v->b, "anna", &h.base, "hold-reason");
    h.reason = upp_lend("dispute");
    h.review_ms = v->b->now;
    bench_refused(v->b, "anna", &h.base, "hold-review");
    h.review_ms = v->b->now + 90 * UPP_DAY;
    bench_did(v->b, "anna", &h.base);
    h.reason = upp_lend(""); /* who says neither is asked again in a year */
    h.review_ms = 0;
    v->b->now += UPP_DAY;
    const taken t = propose(v, "strax", v->b->now, false);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.held, 1);
    assert_int_equal(t.open, 1);
    h.matter = upp_lend("");
    h.account = upp_lend("acc"); /* all of the account's: the list has nothing left */
    bench_did(v->b, "bo", &h.base);
    approve(v, &t, "bo", "nothing-due");
    Uppsikt__Holds q = UPPSIKT__HOLDS__INIT;
    assert_int_equal(bench_query(v->b, "bo", &q.base), 2);
    Uppsikt__HoldRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__hold_row__descriptor);
    assert_string_equal(row->reason, "dispute");
    assert_int_equal(row->review_ms - row->at_ms, 90 * UPP_DAY);
    uppsikt__hold_row__free_unpacked(row, NULL);
    row = (void *)bench_row_at(v->b, 1, &uppsikt__hold_row__descriptor);
    assert_int_equal(row->review_ms - row->at_ms, 365 * UPP_DAY);
    r.hold = row->hold;
    bench_did(v->b, "bo", &r.base);
    bench_refused(v->b, "bo", &r.base, "second-person");
    bench_refused(v->b, "eva", &r.base, "not-allowed");
    bench_did(v->b, "ops", &r.base);
    bench_refused(v->b, "ops", &r.base, "hold-released");
    uppsikt__hold_row__free_unpacked(row, NULL);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    q.released_too = true;
    assert_int_equal(bench_query(v->b, "bo", &q.base), 2);
    approve(v, &t, "bo", NULL);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_tombstone WHERE subject = 'i2'"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_tombstone WHERE subject = 'i1'"), 0);
}

static Uppsikt__DisposalRow *row_of(vault *v)
{
    Uppsikt__Disposals q = UPPSIKT__DISPOSALS__INIT;
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    return (void *)bench_row_at(v->b, 0, &uppsikt__disposal_row__descriptor);
}

static void pending(vault *v, const char *state, const char *names)
{
    char all[200] = "";
    Uppsikt__DisposalRow *row = row_of(v);
    for (size_t i = 0; i < row->n_pending; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "",
                 row->pending[i]);
    assert_string_equal(row->state, state);
    assert_string_equal(all, names);
    uppsikt__disposal_row__free_unpacked(row, NULL);
}

static void clock_jumps(vault *v, const char *source, upp_ms by)
{
    Uppsikt__ClockJumped j = UPPSIKT__CLOCK_JUMPED__INIT;
    j.by_ms = by;
    v->b->now += by;
    assert_int_equal(bench_hear(v->b, source, "clock", &j.base, NULL), 0);
}

/* By a clock that is ten years ahead everything is due: somebody must say that it is right. */
static void i19_a_clock_that_jumped_disposes_of_nothing(void **state)
{
    vault *v = *state;
    over(v, "i1", HIDE, "rad");
    v->b->now += UPP_DAY;
    clock_jumps(v, "ingest", 1800 * UPP_SECOND); /* a small one is nothing */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM jump"), 0);
    clock_jumps(v, "registry", 3650 * UPP_DAY);
    taken t = propose(v, "rad", 0, false);
    assert_int_equal(t.count, 1);
    approve(v, &t, "bo", "clock-jumped");
    assert_true(bench_bytes_hold(v->b, "MÄRKE"));

    /* It was wrong, and is put right: the list was made by another time, whatever she says. */
    clock_jumps(v, "registry", -3650 * UPP_DAY);
    approve(v, &t, "bo", "clock-jumped");
    approve_surely(v, &t, "bo", "list-of-another-time");
    assert_true(bench_bytes_hold(v->b, "MÄRKE"));
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_tombstone"), 0);

    /* Or it was the one before that was wrong: then she says so, and that is the end of it. */
    v->b->now += 3650 * UPP_DAY;
    t = propose(v, "rad", 0, false);
    approve_surely(v, &t, "bo", NULL);
    assert_false(bench_bytes_hold(v->b, "MÄRKE"));
    assert_int_equal(vault_number(v, "SELECT count(*) FROM jump"), 0);
}

/* Two persons and one list; then everybody is waited for, by name. */
static void everybody_is_waited_for(void **state)
{
    vault *v = *state;
    over(v, "i1", HIDE, "strax");
    over(v, "i2", KEEP, "");
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record WHERE state = 2"), 4);
    v->b->now += UPP_DAY;
    taken t = propose(v, "strax", v->b->now, false);
    assert_int_equal(t.count, 2);
    pending(v, "proposed", "");
    approve(v, &t, "ops", "second-person");
    approve(v, &t, "eva", "not-allowed");
    t.hash[0] ^= 1;
    approve(v, &t, "bo", "another-list");
    t.hash[0] ^= 1;
    assert_true(bench_bytes_hold(v->b, "MÄRKE"));
    approve(v, &t, "bo", NULL);
    approve(v, &t, "anna", "not-allowed");
    approve(v, &t, "bo", "disposal-not-proposed");
    assert_false(bench_bytes_hold(v->b, "MÄRKE"));
    pending(v, "approved", "registry ingest classify escalation");
    forgot(v, "ingest", t.id);
    forgot(v, "registry", t.id);
    forgot(v, "escalation", t.id);
    forgot(v, "archive", t.id); /* nobody waits for it here: no harm */
    pending(v, "approved", "classify");
    bench_skip(v->b);
    forgot(v, "classify", t.id);
    bench_saw(v->b, "ContentDisposed");
    pending(v, "disposed", "");
    Uppsikt__ContentDisposed *d =
        (void *)bench_said(v->b, &uppsikt__content_disposed__descriptor, NULL, NULL);
    assert_int_equal(d->records, 4);
    assert_int_equal(d->contents, 10);
    assert_int_equal(d->backups_expire_ms, d->at_ms + 90 * UPP_DAY);
    uppsikt__content_disposed__free_unpacked(d, NULL);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record WHERE state = 3"), 4);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM node WHERE level = 0"), 4);
}

/* The protocol names each copy by leaf and seal, and where else its words stand. */
static void the_protocol_lists_other_copies(void **state)
{
    vault *v = *state;
    Uppsikt__DisposedItems q = UPPSIKT__DISPOSED_ITEMS__INIT;
    Uppsikt__CopyKept kept = UPPSIKT__COPY_KEPT__INIT;
    over(v, "i1", HIDE, "strax");
    vault_says(v, &(vault_words){ .item = "i2", .text = "svar", .parent = "i1" });
    vault_decides(v, "i2", 1, HIDE, "rad", "");
    (void)vault_work(v);
    kept.item = upp_lend("i1");
    kept.package = upp_lend("P1");
    kept.plan_row = upp_lend("arkiv");
    assert_int_equal(bench_hear(v->b, "archive", "i1", &kept.base, NULL), 0);
    v->b->now += UPP_DAY;
    const taken t = propose(v, "strax", 0 + v->b->now, false);
    approve(v, &t, "bo", NULL);
    q.disposal = upp_lend(t.id);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    Uppsikt__DisposedRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposed_row__descriptor);
    assert_string_equal(row->item, "i1");
    assert_int_equal(row->n_records, 2);
    assert_int_equal(row->leaves[1], 1);
    assert_int_equal(row->seals[0].len, 32);
    assert_int_equal(row->n_copies, 3);
    assert_string_equal(row->copies[0], "package P1, arkiv");
    uppsikt__disposed_row__free_unpacked(row, NULL);
}

static void set_aside(vault *v, const char *item, const char *account, const char *by)
{
    Uppsikt__LineQuarantined q = UPPSIKT__LINE_QUARANTINED__INIT;
    q.item = upp_lend(item);
    q.account = upp_lend(account);
    q.import = upp_lend("FILE-1");
    q.line = 7;
    q.at_ms = v->b->now;
    q.by = upp_lend(by);
    assert_int_equal(bench_hear(v->b, "ingest", item, &q.base, NULL), 0);
}

/* A line that could not be read is covered like what nobody removed: by the account's authority, or
 * by that of who loaded it; of neither nothing is known, and the law alone lets it go. */
static void a_line_that_could_not_be_read_goes_by_a_row(void **state)
{
    vault *v = *state;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    Uppsikt__DisposedItems q = UPPSIKT__DISPOSED_ITEMS__INIT;
    char *items[] = { upp_lend("l3") };
    set_aside(v, "l1", "acc", "");
    set_aside(v, "l2", "", "anna");
    set_aside(v, "l3", "", "");
    v->b->now += UPP_DAY;
    assert_int_equal(propose(v, "strax", v->b->now - 2 * UPP_DAY, true).count, 0);
    assert_int_equal(propose(v, "rad", v->b->now, true).count, 0); /* 24 months */
    p.plan_row = upp_lend("strax");
    p.items = items;
    p.n_items = 1;
    bench_refused(v->b, "ops", &p.base, "row-of-another-authority");
    p.plan_row = upp_lend("");
    p.law = upp_lend("gdpr17");
    bench_did(v->b, "ops", &p.base);
    const taken t = propose(v, "strax", v->b->now, false);
    assert_int_equal(t.count, 2);
    approve(v, &t, "bo", NULL);
    q.disposal = upp_lend(t.id);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 2);
    Uppsikt__DisposedRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposed_row__descriptor);
    assert_string_equal(row->item, "l1");
    assert_true(row->line);
    uppsikt__disposed_row__free_unpacked(row, NULL);
}

/* A long list goes out in parts, and is done when each service has answered each part. */
static void long_lists_go_in_parts(void **state)
{
    vault *v = *state;
    char item[16];
    for (int i = 0; i < 450; i++) {
        snprintf(item, sizeof item, "n%03d", i);
        vault_says(v, &(vault_words){ .item = item, .text = "ord" });
    }
    v->b->now += UPP_DAY;
    const taken t = propose(v, "strax", v->b->now, false);
    assert_int_equal(t.count, 450);
    approve(v, &t, "bo", NULL);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.DisposalApproved'"), 3);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_tombstone"), 450);
    static const char *const services[] = { "registry", "ingest", "classify", "escalation" };
    for (int part = 0; part < 3; part++)
        for (size_t i = 0; i < UPP_LEN(services); i++) {
            pending(v, "approved",
                    part < 2 || i == 0 ? "registry ingest classify escalation"
                    : i == 1           ? "ingest classify escalation"
                    : i == 2           ? "classify escalation"
                                       : "escalation");
            forgot(v, services[i], t.id);
        }
    pending(v, "disposed", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(without_a_ground_nothing_goes),
        VAULT(a_period_runs_from_the_last_thing),
        VAULT(a_hold_beats_every_row),
        VAULT(R24_our_own_post_is_saved_and_goes_by_its_row),
        VAULT(everybody_is_waited_for),
        VAULT(the_protocol_lists_other_copies),
        VAULT(a_line_that_could_not_be_read_goes_by_a_row),
        VAULT(long_lists_go_in_parts),
        VAULT(i19_a_clock_that_jumped_disposes_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
